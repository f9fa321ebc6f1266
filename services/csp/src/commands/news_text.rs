//! The text of a news item: its headline found in the text, and lines kept where they are, so that a fault the server
//! finds in line 7 is in line 7 of the file.

/// The first heading of a Markdown text, and the text with empty lines in its place.
pub(crate) fn take_heading(text: &str) -> Option<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut fence: Option<&str> = None;
    for (index, line) in lines.iter().enumerate() {
        let bare = line.trim_start();
        let indented = line.len() - bare.len() > 3;
        if let Some(mark) = fence {
            if bare.trim_end().chars().all(|c| mark.starts_with(c)) && bare.starts_with(mark) {
                fence = None;
            }
            continue;
        }
        if indented || bare.is_empty() {
            continue;
        }
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark)) {
            fence = Some(mark);
            continue;
        }
        if let Some(heading) = hashed(bare) {
            return Some((heading, without(&lines, index, 1)));
        }
        // A line with a rule of `=` or `-` under it, at the head of a paragraph.
        let at_head = index == 0 || lines[index - 1].trim().is_empty();
        let ruled = lines.get(index + 1).is_some_and(|below| is_rule(below));
        if at_head && ruled && !bare.starts_with(['-', '*', '+', '>', '|']) {
            return Some((bare.trim_end().to_owned(), without(&lines, index, 2)));
        }
    }
    None
}

/// The text of `## A heading ##`.
fn hashed(line: &str) -> Option<String> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    if !(1..=6).contains(&level) || !(text.is_empty() || text.starts_with([' ', '\t'])) {
        return None;
    }
    let text = text.trim();
    let open = text.trim_end_matches('#');
    let text = if open.is_empty() || open.ends_with([' ', '\t']) { open.trim() } else { text };
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 2 && (line.chars().all(|c| c == '=') || line.chars().all(|c| c == '-'))
}

fn without(lines: &[&str], first: usize, number: usize) -> String {
    let gone = first..first + number;
    lines.iter().enumerate().map(|(index, line)| format!("{}\n", if gone.contains(&index) { "" } else { line })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_heading_becomes_the_headline_and_no_line_moves() {
        let (headline, body) = take_heading("# Wardens win award\n\nThe wardens …\n").unwrap();
        assert_eq!(headline, "Wardens win award");
        assert_eq!(body, "\n\nThe wardens …\n");
        let (headline, body) = take_heading("Wardens\n=======\nText\n").unwrap();
        assert_eq!((headline.as_str(), body.as_str()), ("Wardens", "\n\nText\n"));
        assert_eq!(take_heading("## With marks ##\n").unwrap().0, "With marks");
    }

    #[test]
    fn what_only_looks_like_a_heading_is_none() {
        for text in ["#hashtag\n", "```\n# comment\n```\n", "    # code\n", "plain\n", "- item\n---\n", ""] {
            assert_eq!(take_heading(text), None, "{text:?}");
        }
        assert_eq!(take_heading("```\n# no\n```\n# Yes\n").unwrap().0, "Yes");
    }
}
