//! What is shown of each noun: field by field as the contract names it, for programs, and as a table, for people.
//! Generated types are taken apart without `..`, so that a new field of the contract breaks the build in one place.

pub(crate) mod audit;
pub(crate) mod calendar;
pub(crate) mod check;
pub(crate) mod committee;
pub(crate) mod context_note;
pub(crate) mod cycle;
pub(crate) mod diary;
pub(crate) mod digest;
pub(crate) mod history;
pub(crate) mod identity;
pub(crate) mod indicator;
pub(crate) mod joint;
pub(crate) mod member;
pub(crate) mod message;
pub(crate) mod news;
pub(crate) mod partnership;
pub(crate) mod permission;
pub(crate) mod person;
pub(crate) mod population;
pub(crate) mod region;
pub(crate) mod returns;
pub(crate) mod schedule;
pub(crate) mod signoff;
pub(crate) mod target;
pub(crate) mod wording;

/// The contract's empty string is an absent value.
fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// `1 Apr 2021 to 31 Mar 2022`, `from 1 Apr 2021`.
fn term(start: Option<&str>, end: Option<&str>) -> String {
    use crate::dates::day;
    match (start, end) {
        (Some(start), Some(end)) => format!("{} to {}", day(start), day(end)),
        (Some(start), None) => format!("from {}", day(start)),
        (None, Some(end)) => format!("until {}", day(end)),
        (None, None) => String::new(),
    }
}
