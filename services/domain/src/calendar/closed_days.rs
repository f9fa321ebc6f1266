//! Days on which one council's offices are shut though nobody else's are.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::text::{Line, Refused};

/// Local closed days, each with its reason: the days between Christmas and New Year, a day of mourning, the
/// breaks of section 243 of the Local Government Act 1972 where a committee keeps them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClosedDays(BTreeMap<NaiveDate, Line>);

impl ClosedDays {
    /// The most there can be: three years without a working day, which bounds every count.
    pub const MAX: usize = 1_000;

    /// Takes the days, each once.
    pub fn new(days: impl IntoIterator<Item = (NaiveDate, Line)>) -> Result<Self, Refused> {
        let mut closed = BTreeMap::new();
        for (day, reason) in days {
            if closed.insert(day, reason).is_some() {
                return Err(Refused::new(format!("must not name a day twice: {day}")));
            }
            if closed.len() > Self::MAX {
                return Err(Refused::new(format!("must be at most {} days", Self::MAX)));
            }
        }
        Ok(Self(closed))
    }

    /// These and `others`. Where both close a day the reason of these is given.
    #[must_use]
    pub fn and(&self, others: &Self) -> Self {
        let mut all = others.0.clone();
        all.extend(self.0.iter().map(|(day, reason)| (*day, reason.clone())));
        Self(all)
    }

    /// Each with its reason, in order.
    pub fn iter(&self) -> impl Iterator<Item = (NaiveDate, &Line)> {
        self.0.iter().map(|(day, reason)| (*day, reason))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Why `day` is closed, if it is.
    pub fn reason(&self, day: NaiveDate) -> Option<&str> {
        self.0.get(&day).map(Line::as_str)
    }
}
