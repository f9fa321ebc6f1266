//! Why a figure is an exception, as its partnership says: first beside the exception, before anything else is said of it.

use csp_domain::indicator::Indicator;

use crate::{material::Contribution, words};

/// ` (its reason: …)`; nothing where none was given.
pub(crate) fn beside(contribution: &Contribution, indicator: &Indicator) -> String {
    let of = |reason: &&crate::material::Reason| reason.indicator == indicator.id;
    let given = contribution.reasons.iter().rev().find(of);
    given.map_or_else(String::new, |reason| format!(" (its reason: {})", words::sentence(&reason.text.printed())))
}
