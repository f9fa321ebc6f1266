//! Two texts side by side: paragraph by paragraph, and within a paragraph word by word.
//!
//! What goes is marked `[-so-]` on the left, what comes in `[+so+]` on the right, so that it can be read without colour and
//! copied into a mail.

/// A row of the two texts: a paragraph of the one beside the paragraph of the other that stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Of the first text; empty where the second has something new.
    pub(crate) left: String,
    /// Of the second text; empty where something went.
    pub(crate) right: String,
    /// Whether they differ.
    pub(crate) changed: bool,
}

/// Of longer runs of words nobody follows a difference; they are shown whole.
const MOST_CELLS: usize = 4_000_000;

/// The rows of two texts.
pub(crate) fn rows(left: &str, right: &str) -> Vec<Row> {
    let (left, right) = (paragraphs(left), paragraphs(right));
    let mut rows = Vec::new();
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for step in steps(&left, &right) {
        match step {
            Step::Both(text) => {
                settle(&mut gone, &mut come, &mut rows);
                rows.push(Row { left: text.clone(), right: text.clone(), changed: false });
            }
            Step::Gone(text) => gone.push(text.as_str()),
            Step::Come(text) => come.push(text.as_str()),
        }
    }
    settle(&mut gone, &mut come, &mut rows);
    rows
}

/// What went and what came between two paragraphs that stayed, in pairs.
fn settle(gone: &mut Vec<&str>, come: &mut Vec<&str>, rows: &mut Vec<Row>) {
    for at in 0..gone.len().max(come.len()) {
        let (left, right) = match (gone.get(at), come.get(at)) {
            (Some(left), Some(right)) => words(left, right),
            (Some(left), None) => (format!("[-{left}-]"), String::new()),
            (None, Some(right)) => (String::new(), format!("[+{right}+]")),
            (None, None) => continue,
        };
        rows.push(Row { left, right, changed: true });
    }
    gone.clear();
    come.clear();
}

/// Two paragraphs with the words marked that went and came.
fn words(left: &str, right: &str) -> (String, String) {
    let (before, after): (Vec<&str>, Vec<&str>) = (left.split_whitespace().collect(), right.split_whitespace().collect());
    let (mut one, mut other) = (Marked::new("[-", "-]"), Marked::new("[+", "+]"));
    for step in steps(&before, &after) {
        match step {
            Step::Both(word) => {
                one.add(word, false);
                other.add(word, false);
            }
            Step::Gone(word) => one.add(word, true),
            Step::Come(word) => other.add(word, true),
        }
    }
    (one.done(), other.done())
}

/// Words one after another, with marks around each run of them that is to be seen.
struct Marked {
    text: String,
    marks: (&'static str, &'static str),
    open: bool,
}

impl Marked {
    fn new(begin: &'static str, end: &'static str) -> Self {
        Self { text: String::new(), marks: (begin, end), open: false }
    }

    fn add(&mut self, word: &str, marked: bool) {
        if self.open && !marked {
            self.text.push_str(self.marks.1);
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        if marked && !self.open {
            self.text.push_str(self.marks.0);
        }
        self.text.push_str(word);
        self.open = marked;
    }

    fn done(mut self) -> String {
        if self.open {
            self.text.push_str(self.marks.1);
        }
        self.text
    }
}

/// Paragraphs, each on one line; an entry of a list is one of its own.
fn paragraphs(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut running = false;
    for line in text.lines().map(str::trim) {
        let entry = ["- ", "* ", "> ", "#"].iter().any(|mark| line.starts_with(mark)) || line.starts_with(|c: char| c.is_ascii_digit());
        match found.last_mut() {
            _ if line.is_empty() => running = false,
            Some(last) if running && !entry => {
                last.push(' ');
                last.push_str(line);
            }
            _ => {
                found.push(line.to_owned());
                running = true;
            }
        }
    }
    found
}

/// What leads from one list to the other.
enum Step<'t, T> {
    Both(&'t T),
    Gone(&'t T),
    Come(&'t T),
}

/// The shortest way from one list to the other, by their longest common part. Of lists that are too long for that, all goes and all
/// comes, but for what both begin and end with.
fn steps<'t, T: PartialEq>(left: &'t [T], right: &'t [T]) -> Vec<Step<'t, T>> {
    let start = left.iter().zip(right).take_while(|(one, other)| one == other).count();
    let (left_rest, right_rest) = (&left[start..], &right[start..]);
    let end = left_rest.iter().rev().zip(right_rest.iter().rev()).take_while(|(one, other)| one == other).count();
    let (one, other) = (&left_rest[..left_rest.len() - end], &right_rest[..right_rest.len() - end]);
    let mut steps: Vec<Step<'t, T>> = left[..start].iter().map(Step::Both).collect();
    if one.len().saturating_mul(other.len()) > MOST_CELLS {
        steps.extend(one.iter().map(Step::Gone));
        steps.extend(other.iter().map(Step::Come));
    } else {
        steps.extend(shortest(one, other));
    }
    steps.extend(left_rest[left_rest.len() - end..].iter().map(Step::Both));
    steps
}

fn shortest<'t, T: PartialEq>(one: &'t [T], other: &'t [T]) -> Vec<Step<'t, T>> {
    let width = other.len() + 1;
    // How many are common from here on, for each pair of places.
    let mut common = vec![0_u32; (one.len() + 1) * width];
    for i in (0..one.len()).rev() {
        for j in (0..other.len()).rev() {
            common[i * width + j] = if one[i] == other[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut steps = Vec::with_capacity(one.len() + other.len());
    while i < one.len() && j < other.len() {
        if one[i] == other[j] {
            steps.push(Step::Both(&one[i]));
            (i, j) = (i + 1, j + 1);
        } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
            steps.push(Step::Gone(&one[i]));
            i += 1;
        } else {
            steps.push(Step::Come(&other[j]));
            j += 1;
        }
    }
    steps.extend(one[i..].iter().map(Step::Gone));
    steps.extend(other[j..].iter().map(Step::Come));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(left: &str, right: &str) -> Vec<(String, String)> {
        rows(left, right).into_iter().map(|row| (row.left, row.right)).collect()
    }

    #[test]
    fn words_that_go_and_come_are_marked_where_they_stand() {
        let rows = shown("The wardens done a great job in Bensham.\n\nMore soon.", "The wardens did good work in Bensham.\n\nMore soon.");
        assert_eq!(rows[0].0, "The wardens [-done a great job-] in Bensham.");
        assert_eq!(rows[0].1, "The wardens [+did good work+] in Bensham.");
        assert_eq!(rows[1], ("More soon.".to_owned(), "More soon.".to_owned()));
    }

    #[test]
    fn a_paragraph_that_is_new_or_gone_stands_alone() {
        let rows = rows("One.\n\nTwo.", "One.\n\nTwo.\n\nThree.");
        assert_eq!((rows[2].left.as_str(), rows[2].right.as_str(), rows[2].changed), ("", "[+Three.+]", true));
        let rows = super::rows("One.\n\nTwo.", "Two.");
        assert_eq!((rows[0].left.as_str(), rows[0].right.as_str()), ("[-One.-]", ""));
        assert!(!rows[1].changed);
    }

    #[test]
    fn entries_of_a_list_are_compared_one_by_one() {
        let rows = rows("The aims:\n\n- sport\n- arts\n", "The aims:\n\n- sport\n- the arts\n");
        assert_eq!(rows.iter().filter(|row| row.changed).count(), 1);
        assert_eq!(rows[2].right, "- [+the+] arts");
    }

    #[test]
    fn without_its_marks_each_side_is_its_text() {
        let (left, right) = ("a b c d e f", "b x c y f g");
        let row = &rows(left, right)[0];
        assert_eq!(row.left.replace("[-", "").replace("-]", ""), left);
        assert_eq!(row.right.replace("[+", "").replace("+]", ""), right);
    }

    #[test]
    fn the_largest_texts_there_may_be_are_compared_at_once() {
        let many = |word: &str| (0..16_000).map(|n| format!("{word}{n}")).collect::<Vec<_>>().join(" ");
        let rows = rows(&many("a"), &many("b"));
        assert_eq!(rows.len(), 1);
        assert!(rows[0].left.starts_with("[-a0 ") && rows[0].right.ends_with("b15999+]"));
    }
}
