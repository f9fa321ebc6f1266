//! Which answer people mean by what they write in a column of figures. What can be meant in two ways is not guessed:
//! it comes back as a question that says what to write instead.

/// What a cell of figures says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Nothing: no answer.
    Blank,
    /// One number, in plain digits.
    Number(Number),
    /// Two numbers, `12 of 34`: a part and its whole.
    PartOf(Number, Number),
    /// A reported nothing: `nil`, `none`.
    Nil,
    /// `n/a`.
    NotApplicable,
    /// Not to be understood, or in more than one way: what is wrong and what would be right.
    Unclear(String),
}

/// A number and the signs that stood with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// `-1234.50`: nothing but digits, a point and a minus.
    pub digits: String,
    /// Whether a £ stood before it.
    pub pounds: bool,
    /// Whether a % stood behind it.
    pub percent: bool,
}

/// The longest cell that could be a number.
const LONGEST: usize = 60;

/// Reads what somebody wrote.
pub fn read(written: &str) -> Reading {
    let text = plain(written);
    let word = text.to_lowercase();
    match word.strip_suffix('.').unwrap_or(&word) {
        "" if text.is_empty() => return Reading::Blank,
        "nil" | "none" => return Reading::Nil,
        "n/a" | "na" | "n.a" | "not applicable" => return Reading::NotApplicable,
        _ => {}
    }
    if let Some(question) = of_words(&text, &word) {
        return Reading::Unclear(question);
    }
    if let Some((part, whole)) = split_in_two(&word) {
        return match (number(part), number(whole)) {
            (Ok(part), Ok(whole)) => Reading::PartOf(part, whole),
            (Err(question), _) | (_, Err(question)) => Reading::Unclear(question),
        };
    }
    match number(&text) {
        Ok(number) => Reading::Number(number),
        Err(question) => Reading::Unclear(question),
    }
}

/// Without the space around it; every kind of space and minus as one kind.
fn plain(written: &str) -> String {
    let space = |c: char| if c.is_whitespace() || c == '\u{2007}' || c == '\u{202f}' { ' ' } else { c };
    let text: String = written.chars().map(space).map(|c| if c == '\u{2212}' { '-' } else { c }).collect();
    text.trim().to_owned()
}

/// `12 of 34`, `12 out of 34`.
fn split_in_two(word: &str) -> Option<(&str, &str)> {
    word.split_once(" out of ").or_else(|| word.split_once(" of ")).map(|(part, whole)| (part.trim(), whole.trim()))
}

fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("“{short}”")
}

/// What is written in words or signs, and means more than one thing.
fn of_words(text: &str, word: &str) -> Option<String> {
    let shown = shown(text);
    if text.chars().count() > LONGEST {
        return Some(format!("{shown} is too long for a number. Write the number here, and the words under note"));
    }
    if text.starts_with('#') {
        return Some(format!("{shown} is an error of the spreadsheet. Mend its formula, or type the number"));
    }
    if text.chars().all(|c| matches!(c, '-' | '–' | '—' | '.' | '?' | '*' | '/' | ' ')) {
        return Some(format!(
            "{shown} can mean nothing at all, not known, or not applicable. Write 0 or nil, or put late, withheld or not_applicable under status"
        ));
    }
    if ["tbc", "tba", "tbd", "awaited", "pending", "to follow", "not known", "unknown", "not available"].contains(&word) {
        return Some(format!(
            "{shown} is no answer. Write late under status and the day you expect it under expected_date, or withheld and why"
        ));
    }
    if word == "zero" || word == "o" {
        return Some(format!("{shown} is not a number in digits. Write 0"));
    }
    if word == "true" || word == "false" || word == "yes" || word == "no" {
        return Some(format!("{shown} is not a number. Write how many"));
    }
    let about =
        ["<", ">", "~", "c.", "ca.", "circa ", "about ", "approx", "around ", "under ", "over ", "fewer than ", "less than ", "more than "];
    if about.iter().any(|start| word.starts_with(start)) || text.ends_with('+') {
        return Some(format!(
            "{shown} is not an exact number. Write the number itself; if it must not be known, put withheld under status and why"
        ));
    }
    if is_a_date(word) {
        return Some(format!(
            "{shown} looks like a day. If two numbers were meant, a spreadsheet has made a day of them: write one number here"
        ));
    }
    None
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `3/4/2021`, `2021-04-03`, `03-Apr`, `Apr-21`.
fn is_a_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['/', '-', ' ']).filter(|part| !part.is_empty()).collect();
    let digits = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
    let month = |part: &&str| MONTHS.iter().any(|month| part.starts_with(month)) && part.bytes().all(|b| b.is_ascii_alphabetic());
    match parts.len() {
        2 => parts.iter().any(month) && parts.iter().any(digits),
        3 => {
            parts.iter().all(|part| digits(part) || month(part))
                && !word.starts_with('-')
                && (word.contains(['/', '-']) || parts.iter().any(month))
        }
        _ => false,
    }
}

/// One number with its signs.
fn number(written: &str) -> Result<Number, String> {
    let shown = shown(written);
    let mut text = written.trim();
    let mut negative = false;
    let (mut pounds, mut percent) = (false, false);
    loop {
        let before = text;
        for (sign, set) in [("-", &mut negative), ("£", &mut pounds)] {
            if let Some(rest) = text.strip_prefix(sign).filter(|_| !*set) {
                *set = true;
                text = rest.trim_start();
            }
        }
        if before == text {
            break;
        }
    }
    if let Some(rest) = text.strip_suffix('%') {
        percent = true;
        text = rest.trim_end();
    } else if let Some(rest) = ["per cent", "percent"].iter().find_map(|word| text.strip_suffix(word)) {
        percent = true;
        text = rest.trim_end();
    }
    if pounds && percent {
        return Err(format!("{shown} has both £ and %. Which is it?"));
    }
    if text.starts_with('(') && text.ends_with(')') {
        return Err(format!("{shown} is in brackets, which can mean a number below zero. Write it without them"));
    }
    if let Some(sign) = text.chars().find(|c| matches!(c, '$' | '€')) {
        return Err(format!("{shown} is in another currency ({sign}). Write pounds"));
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' '));
    if !unit.is_empty() && unit.len() < text.len() {
        return Err(of_a_unit(&shown, text, unit));
    }
    let digits = grouped(text).ok_or_else(|| of_separators(&shown, text))?;
    Ok(Number { digits: format!("{}{digits}", if negative { "-" } else { "" }), pounds, percent })
}

/// The plain digits of `1,234,567.50`: commas only where they divide thousands, one point at most.
fn grouped(text: &str) -> Option<String> {
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (text, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let sound = all_digits(first) && rest.iter().all(|group| group.len() == 3 && all_digits(group));
    // "1,234" has a first group of one to three digits that does not begin with a nought.
    let led = rest.is_empty() || (first.len() <= 3 && !first.starts_with('0'));
    if !sound || !led || part.is_some_and(|part| !all_digits(part)) {
        return None;
    }
    // Elsewhere in Europe "1.234" is a thousand and more.
    let thousand_by_point = rest.is_empty() && first.len() <= 3 && !first.starts_with('0') && part.is_some_and(|part| part.len() == 3);
    if thousand_by_point {
        return None;
    }
    let whole: String = std::iter::once(first).chain(rest).collect();
    Some(match part {
        Some(part) => format!("{whole}.{part}"),
        None => whole,
    })
}

/// Why digits, points and commas do not make one number.
fn of_separators(shown: &str, text: &str) -> String {
    let only_marks =
        text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b' ')) && text.bytes().any(|b| b.is_ascii_digit());
    if !only_marks {
        if text.split(['-', '–', '/', ':']).count() == 2 && text.bytes().filter(u8::is_ascii_digit).count() >= 2 {
            return format!("{shown} is two numbers, or from one to another. Write one number here");
        }
        return format!("{shown} is not a number. Write it in digits, such as 1234 or 1,234");
    }
    let joined: String = text.chars().filter(char::is_ascii_digit).collect();
    let decimal = |mark: char| {
        text.rsplit_once(mark).map(|(whole, part)| format!("{}.{part}", whole.chars().filter(char::is_ascii_digit).collect::<String>()))
    };
    match (text.contains(','), text.contains('.'), text.contains(' ')) {
        (_, _, true) => format!("{shown} has spaces in it. If it is one number, write {joined}"),
        (true, false, _) if text.matches(',').count() == 1 => {
            format!(
                "{shown} can be {} or a number with a digit missing. Write {} or {joined}",
                decimal(',').unwrap_or_default(),
                decimal(',').unwrap_or_default()
            )
        }
        (false, true, _) if text.matches('.').count() == 1 && !text.starts_with('.') && !text.ends_with('.') => {
            format!("{shown} can be {joined} or a number with three decimals. Write {joined}, or {text}0 if decimals are meant")
        }
        _ => format!("{shown} has its points and commas where no number has them. Write {joined}, or with a point before the decimals"),
    }
}

fn of_a_unit(shown: &str, text: &str, unit: &str) -> String {
    let number = text.strip_suffix(unit).unwrap_or_default().trim();
    let short = unit.trim().to_lowercase();
    if ["k", "m", "bn", "million", "thousand"].contains(&short.as_str()) {
        return format!("{shown} is shortened. Write every digit of it");
    }
    if short.strip_prefix('e').is_some_and(|power| power.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit())) {
        return format!("{shown} is what a spreadsheet makes of a long number in a narrow column. Widen the column and write every digit");
    }
    if unit.starts_with(['-', '–', '/', ':']) && unit.bytes().any(|b| b.is_ascii_digit()) {
        return format!("{shown} is two numbers, or from one to another. Write one number here");
    }
    format!("{shown} is more than a number. Write {number} here, and the rest under note")
}

/// A day as people write it, as `2022-01-31`; what is wrong and what would be right otherwise. What is not a day at all
/// stays as it is written, for the server to say.
pub fn day(written: &str) -> Result<String, String> {
    let text = plain(written);
    let lower = text.to_lowercase().replace(',', " ");
    let parts: Vec<&str> = lower.split(['/', '.', '-', ' ']).filter(|part| !part.is_empty()).collect();
    let [day, month, year] = parts[..] else { return Ok(text) };
    let number = |part: &str| part.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>().ok();
    let (Some(first), Some(year)) = (number(day), number(year).filter(|_| year.len() == 4)) else { return Ok(text) };
    let (day, month) = match MONTHS.iter().position(|short| month.starts_with(short)) {
        Some(place) => (first, u32::try_from(place).unwrap_or(0) + 1),
        None => match number(month) {
            Some(second) if first <= 12 && second <= 12 && first != second => {
                return Err(format!(
                    "{} can be day {first} of month {second}, or day {second} of month {first}. Write {year:04}-{second:02}-{first:02} if the day comes first",
                    shown(&text)
                ));
            }
            Some(second) if second <= 12 => (first, second),
            _ => return Ok(text),
        },
    };
    Ok(chrono::NaiveDate::from_ymd_opt(i32::try_from(year).unwrap_or(0), month, day).map_or(text, |day| day.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digits(text: &str) -> String {
        match read(text) {
            Reading::Number(Number { digits, pounds, percent }) => {
                format!("{}{digits}{}", if pounds { "£" } else { "" }, if percent { "%" } else { "" })
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_word_with_a_full_stop_is_the_word_and_with_many_it_is_not() {
        assert_eq!([read("nil."), read("None."), read("n.a.")], [Reading::Nil, Reading::Nil, Reading::NotApplicable]);
        for written in ["nil..", "n/a...", &format!("nil{}", ".".repeat(60))] {
            assert!(matches!(read(written), Reading::Unclear(_)), "{written}");
        }
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (written, meant) in [
            ("1234", "1234"),
            (" 1,234 ", "1234"),
            ("1,234,567", "1234567"),
            ("£96,466", "£96466"),
            ("£ 96,466.50", "£96466.50"),
            ("-3", "-3"),
            ("\u{2212}£3", "£-3"),
            ("61%", "61%"),
            ("61 %", "61%"),
            ("61.5 per cent", "61.5%"),
            ("0", "0"),
            ("0.5", "0.5"),
            ("0.125", "0.125"),
            ("1234.567", "1234.567"),
            ("1,234.567", "1234.567"),
            ("\u{a0}12\u{a0}", "12"),
        ] {
            assert_eq!(digits(written), meant, "{written}");
        }
    }

    /// As a council's paper of 2014 has it.
    #[test]
    fn a_stray_space_in_an_amount_is_asked_about() {
        for written in ["£96, 466", "£96 ,466", "96, 466"] {
            assert!(matches!(read(written), Reading::Unclear(_)), "{written}");
        }
    }

    #[test]
    fn words_that_are_answers() {
        assert_eq!(read("  "), Reading::Blank);
        for word in ["nil", "None", "NIL."] {
            assert_eq!(read(word), Reading::Nil);
        }
        for word in ["n/a", "N/A", "na", "n.a.", "Not applicable"] {
            assert_eq!(read(word), Reading::NotApplicable);
        }
        assert!(matches!(read("12 of 34"), Reading::PartOf(part, whole) if part.digits == "12" && whole.digits == "34"));
        assert!(matches!(read("1,200 out of 3,400"), Reading::PartOf(part, _) if part.digits == "1200"));
    }

    #[test]
    fn what_can_be_meant_in_two_ways_is_asked_about() {
        for (written, says) in [
            ("1.234", "can be 1234"),
            ("1,23", "can be 1.23"),
            ("1,2345", "can be 1.2345"),
            ("12,34,567", "points and commas"),
            ("0,123", "can be 0.123"),
            ("1.234.567", "points and commas"),
            ("1.234,50", "points and commas"),
            ("1 234", "write 1234"),
            ("3-4", "two numbers"),
            ("3–4", "two numbers"),
            ("3/4", "two numbers"),
            ("3/4/2021", "looks like a day"),
            ("2021-04-03", "looks like a day"),
            ("03-Apr", "looks like a day"),
            ("Apr-21", "looks like a day"),
            ("-", "nothing at all"),
            ("–", "nothing at all"),
            ("?", "nothing at all"),
            ("tbc", "late under status"),
            ("<5", "not an exact number"),
            ("c. 40", "not an exact number"),
            ("fewer than 5", "not an exact number"),
            ("40+", "not an exact number"),
            ("(12)", "in brackets"),
            ("£1.2m", "Write every digit"),
            ("1.23E+05", "Widen the column"),
            ("12 incidents", "Write 12 here"),
            ("12*", "Write 12 here"),
            ("#N/A", "error of the spreadsheet"),
            ("#REF!", "error of the spreadsheet"),
            ("$5", "another currency"),
            ("£5%", "both £ and %"),
            ("zero", "Write 0"),
            ("TRUE", "Write how many"),
            ("many", "not a number"),
            ("١٢", "not a number"),
            (".", "nothing at all"),
            (".5", "points and commas"),
            ("5.", "points and commas"),
            ("", ""),
        ] {
            match read(written) {
                Reading::Unclear(question) => assert!(question.contains(says) && !says.is_empty(), "{written}: {question}"),
                Reading::Blank => assert!(says.is_empty()),
                other => panic!("{written} was taken for {other:?}"),
            }
        }
    }

    #[test]
    fn days_as_people_write_them() {
        for (written, meant) in [
            ("2022-01-31", "2022-01-31"),
            ("31/01/2022", "2022-01-31"),
            ("31.1.2022", "2022-01-31"),
            ("31 January 2022", "2022-01-31"),
            ("3rd Apr 2022", "2022-04-03"),
            ("4/4/2022", "2022-04-04"),
            ("soon", "soon"),
            ("31/02/2022", "31/02/2022"),
        ] {
            assert_eq!(day(written).as_deref(), Ok(meant), "{written}");
        }
        assert!(day("03/04/2022").unwrap_err().contains("Write 2022-04-03 if the day comes first"));
    }

    proptest! {
        #[test]
        fn a_number_with_its_thousands_divided_is_that_number(value in 0_u64..10_u64.pow(15), pence in prop::option::of(0_u8..100)) {
            let mut divided = String::new();
            for (place, digit) in value.to_string().chars().enumerate() {
                if place > 0 && (value.to_string().len() - place) % 3 == 0 {
                    divided.push(',');
                }
                divided.push(digit);
            }
            let part = pence.map(|pence| format!(".{pence:02}")).unwrap_or_default();
            let meant = Reading::Number(Number { digits: format!("{value}{part}"), pounds: true, percent: false });
            prop_assert_eq!(read(&format!("£{divided}{part}")), meant);
        }

        #[test]
        fn whatever_is_taken_for_a_number_holds_its_digits_in_order_and_no_others(text in "[-£0-9.,% /()a-z]{0,12}") {
            if let Reading::Number(Number { digits, .. }) = read(&text) {
                let only = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
                prop_assert_eq!(only(&digits), only(&text));
                prop_assert!(digits.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit() || b == b'.'));
            }
        }
    }
}
