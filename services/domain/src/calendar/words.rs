//! Numbers of days, as a sentence says them.

const NUMBERS: [&str; 21] = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// `five`, `21`.
pub fn number(of: usize) -> String {
    NUMBERS.get(of).map_or_else(|| of.to_string(), |&word| word.to_owned())
}

/// `one working day`, `five working days`.
pub(super) fn working_days(count: u8) -> String {
    counted(count, "working day")
}

/// `one clear day`, `five clear days`.
pub(super) fn clear_days(count: u8) -> String {
    counted(count, "clear day")
}

fn counted(count: u8, what: &str) -> String {
    format!("{} {what}{}", number(count.into()), if count == 1 { "" } else { "s" })
}
