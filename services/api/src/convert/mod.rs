//! Where wire types end.
//!
//! What comes in is destructured field by field, so that a new field of the contract fails to compile
//! here and nowhere else; every fault is gathered before any is told. What goes out is made from the
//! domain's types and the names of what they refer to.

pub(crate) mod calendar;
pub(crate) mod committee;
pub(crate) mod indicator;
pub(crate) mod joint;
pub(crate) mod news;
pub(crate) mod returns;
pub(crate) mod wording;

use chrono::{DateTime, NaiveDate};
use csp_domain::{
    act::Request,
    clock::Instant,
    id::Slug,
    text::{Fault, Line, Refused},
};
use csp_store::{Listing, Page};
use prost::Message;
use sha2::{Digest as _, Sha256};
use tonic::Status;
use uuid::Uuid;

use crate::status;

/// Faults of one message, gathered.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, field: impl Into<String>, reason: impl std::fmt::Display) {
        // Two hundred are enough to be told at once; a hostile message could have a million.
        if self.0.len() < 200 {
            self.0.push(Fault::new(field, reason));
        }
    }

    pub(crate) fn extend(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            self.add(fault.field, fault.reason);
        }
    }

    /// Keeps the value, or the fault under the name of its field.
    pub(crate) fn take<T>(&mut self, field: &str, parsed: Result<T, Refused>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(refused) => {
                self.add(field, refused);
                None
            }
        }
    }

    pub(crate) fn line(&mut self, field: &str, text: &str, max: usize) -> Option<Line> {
        self.take(field, Line::parse(text, max))
    }

    /// None and no fault when there is nothing.
    pub(crate) fn optional_line(&mut self, field: &str, text: &str, max: usize) -> Option<Line> {
        if text.is_empty() { None } else { self.line(field, text, max) }
    }

    pub(crate) fn slug(&mut self, field: &str, text: &str) -> Option<Slug> {
        self.take(field, text.parse())
    }

    pub(crate) fn date(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        self.take(field, date(text))
    }

    /// None and no fault when there is nothing.
    pub(crate) fn optional_date(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        if text.is_empty() { None } else { self.date(field, text) }
    }

    pub(crate) fn required<T>(&mut self, field: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.add(field, "must be set");
        }
        value
    }

    pub(crate) fn instant(&mut self, field: &str, stamp: Option<prost_types::Timestamp>) -> Option<Instant> {
        let stamp = self.required(field, stamp)?;
        self.take(field, instant(stamp))
    }

    pub(crate) fn request_id(&mut self, text: &str) -> Option<Uuid> {
        if text.is_empty() {
            return None;
        }
        match Uuid::parse_str(text) {
            Ok(id) if !id.is_nil() => Some(id),
            _ => {
                self.add("request_id", "must be a UUID, such as 9f0c1b1e-6f3a-4c52-9a0e-0a4d6a1f7f10");
                None
            }
        }
    }

    /// An etag is the revision that was read, in digits.
    pub(crate) fn etag(&mut self, field: &str, text: &str) -> Option<i64> {
        if text.is_empty() {
            return None;
        }
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.add(field, "must be an etag as it was answered, or empty");
        }
        parsed
    }

    /// Refuses if there is any fault.
    pub(crate) fn check(&self) -> Result<(), Status> {
        if self.0.is_empty() { Ok(()) } else { Err(status::invalid(&self.0)) }
    }

    /// Everything that was gathered.
    #[cfg(feature = "outside")]
    pub(crate) fn told(self) -> Vec<Fault> {
        self.0
    }

    /// Ends the gathering: a value is missing only where there is a fault.
    pub(crate) fn all<T>(&self, values: Option<T>) -> Result<T, Status> {
        self.check()?;
        values.ok_or_else(|| status::invalid(&[Fault::new("request", "is incomplete")]))
    }
}

/// `2022-01-12`, in a year people plan for.
pub(crate) fn date(text: &str) -> Result<NaiveDate, Refused> {
    let refused = || Refused::new("must be a date such as 2022-01-12, between 1990 and 2200");
    let exact = text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    let day: NaiveDate = exact.then(|| text.parse().ok()).flatten().ok_or_else(refused)?;
    let known = NaiveDate::from_ymd_opt(1990, 1, 1)..=NaiveDate::from_ymd_opt(2200, 12, 31);
    if known.contains(&Some(day)) { Ok(day) } else { Err(refused()) }
}

fn instant(stamp: prost_types::Timestamp) -> Result<Instant, Refused> {
    let refused = || Refused::new("must be a moment between the years 1990 and 2200");
    let at = u32::try_from(stamp.nanos).ok().and_then(|nanos| DateTime::from_timestamp(stamp.seconds, nanos)).ok_or_else(refused)?;
    let at = csp_domain::clock::whole_microseconds(at);
    let years = 631_152_000..=7_289_654_400;
    if years.contains(&at.timestamp()) { Ok(at) } else { Err(refused()) }
}

pub(crate) fn timestamp(at: Instant) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
}

/// A create's identifier with the fingerprint of what it asks for. `message` must have its `request_id`
/// taken out.
pub(crate) fn request<M: Message>(id: Option<Uuid>, method: &str, message: &M) -> Option<Request> {
    id.map(|id| {
        let fingerprint = Sha256::new().chain_update(method).chain_update([0]).chain_update(message.encode_to_vec()).finalize();
        Request { id, fingerprint: fingerprint.into() }
    })
}

/// Which page is asked for.
pub(crate) fn page(size: i32, token: &str) -> Result<Page, Status> {
    let mut faults = Faults::default();
    let size = match size {
        0 => 50,
        1..=500 => u32::try_from(size).unwrap_or(50),
        501.. => 500,
        _ => {
            faults.add("page_size", "must not be negative");
            50
        }
    };
    let after = if token.is_empty() { Some(Uuid::nil()) } else { Uuid::parse_str(token).ok().filter(|_| token.len() == 32) };
    if after.is_none() {
        faults.add("page_token", "must be the next_page_token of the page before, or empty");
    }
    faults.check()?;
    Ok(Page { size, after: after.unwrap_or_default() })
}

/// A page of a list that is made for the moment: its pages are counted, in the token's own form.
pub(crate) fn counted<T>(mut all: Vec<T>, page: Page) -> (Vec<T>, String) {
    let start = usize::try_from(page.after.as_u128()).unwrap_or(usize::MAX).min(all.len());
    let end = (start + page.size as usize).min(all.len());
    let next = if end < all.len() { Uuid::from_u128(end as u128).simple().to_string() } else { String::new() };
    (all.drain(start..end).collect(), next)
}

/// The token of the next page.
pub(crate) fn next_page_token<T>(listing: &Listing<T>) -> String {
    listing.next.map(|id| id.simple().to_string()).unwrap_or_default()
}

/// Which of the fields that can be changed are to be: all when no mask is given. Each once, or a mask that
/// repeats a field a million times would have its value parsed as often.
pub(crate) fn mask(mask: Option<prost_types::FieldMask>, changeable: &[&str]) -> Result<Vec<String>, Status> {
    let paths = mask.map(|mask| mask.paths).unwrap_or_default();
    if paths.is_empty() || paths == ["*"] {
        return Ok(changeable.iter().map(ToString::to_string).collect());
    }
    let mut faults = Faults::default();
    if paths.len() > changeable.len() {
        faults.add("update_mask", format!("must name each field once; those that can be changed are {}", changeable.join(", ")));
    }
    for (i, path) in paths.iter().enumerate().take(changeable.len() + 1) {
        if paths[..i].contains(path) {
            faults.add("update_mask", format!("names `{}` twice", path.chars().take(40).collect::<String>()));
        }
        if !changeable.contains(&path.as_str()) {
            faults.add(
                "update_mask",
                format!("`{}` cannot be changed; what can is {}", path.chars().take(40).collect::<String>(), changeable.join(", ")),
            );
        }
    }
    faults.check()?;
    Ok(paths)
}
