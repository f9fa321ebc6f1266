//! Notes that answer queries.

use super::finding::{Finding, FindingId};
use crate::{clock::Instant, document::Hash, id::PersonId, text::Line};

/// A note that answers a query. It stays with the return, also when what it answered is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What it answers, spelled as it was asked: a rule that is no longer there keeps its notes.
    pub finding: String,
    /// What exactly was asked.
    pub about: Hash,
    /// In the partnership's words.
    pub note: Line,
    /// Who wrote it.
    pub by: PersonId,
    /// When.
    pub at: Instant,
}

impl Explanation {
    /// Whether it answers what is asked now.
    pub fn answers(&self, finding: &Finding) -> bool {
        self.about == finding.about && self.finding == finding.id.to_string()
    }

    /// What it answers, if there is such a question still.
    pub fn id(&self) -> Option<FindingId> {
        self.finding.parse().ok()
    }
}

/// Queries that stand between a return and its signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Unexplained(
    /// What is asked, in the order of the findings; never empty.
    pub Vec<FindingId>,
);

impl Unexplained {
    /// Of all that was found and explained, what keeps a return from being signed.
    ///
    /// # Errors
    /// Names everything that nobody has answered: queries, and what has become an error since it was sent in.
    pub fn none_of<'f>(found: impl IntoIterator<Item = &'f (Finding, Option<Explanation>)>) -> Result<(), Self> {
        let open = |(_, note): &&(Finding, Option<Explanation>)| note.is_none();
        let open: Vec<FindingId> = found.into_iter().filter(open).map(|(finding, _)| finding.id.clone()).collect();
        if open.is_empty() { Ok(()) } else { Err(Self(open)) }
    }

    fn sentence(&self) -> String {
        match &*self.0 {
            [one] => format!("a query about this return is not explained: {one}"),
            many => format!("{} queries about this return are not explained", many.len()),
        }
    }

    /// What would lift it, in a sentence.
    pub const LIFTED_BY: &'static str =
        "The officer explains each with csp return explain, or corrects the figures; whoever explains cannot sign.";
}
