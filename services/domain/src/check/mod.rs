//! Checks of a return, of two strengths: an *error* blocks, a *query* is fixed or explained by a note that stays with the return.
//!
//! The rules are data ([`Rule`]): each has an identifier, a strength, and one text that the check, the help and the documentation
//! say. A region may make a rule stronger, weaker or silent ([`Strengths`]), but for those that arithmetic needs.
//!
//! A finding is about one indicator, or about the return as a whole, and never about one line of many: whoever sends twenty months
//! answers one question, not twenty. [`about`](Finding::about) says what exactly was asked: a note answers that and nothing else, so
//! that a new value asks anew.
//!
//! Where to start: [`rule`] has the list, [`case`] what a return is judged by, [`sums`] the errors and [`queries`] the rest.
//! What no text that arrives can be made into, such as a word where a number belongs, is refused where it is read, in the words of
//! the same list.

pub mod case;
pub mod explanation;
mod few;
pub mod finding;
mod queries;
pub mod rule;
pub mod strength;
mod sums;
mod typed;

pub use case::{Case, Told};
pub use explanation::{Explanation, Unexplained};
pub use finding::{Finding, FindingId, Part, about};
pub use rule::{Rule, Strength};
pub use strength::{Setting, Strengths};

/// Everything that the rules say of a return: errors before queries, otherwise in the order of the rules and of what was sent.
pub fn findings(case: &Case<'_>, strengths: &Strengths) -> Vec<Finding> {
    let mut found = sums::findings(case);
    found.extend(queries::findings(case));
    meant(found, strengths)
}

/// What the rules that do not look back say of a return: of the return alone.
pub fn within(case: &Case<'_>, strengths: &Strengths) -> Vec<Finding> {
    meant(sums::findings(case), strengths)
}

/// As the region means them.
fn meant(mut found: Vec<Finding>, strengths: &Strengths) -> Vec<Finding> {
    for finding in &mut found {
        finding.strength = strengths.of(finding.id.rule);
    }
    found.retain(|finding| finding.strength != Strength::Off);
    found.sort_by_key(|finding| (finding.strength, finding.id.rule, finding.part));
    found
}
