//! Why a figure is an exception, as its partnership says: first beside the exception, before anything else is said of it.

use csp_domain::indicator::Indicator;

use crate::{material::Contribution, words};

/// ` (its reason: …)`; nothing where none was given. Why a target was missed is said apart from why a figure is out of the ordinary.
pub(crate) fn beside(contribution: &Contribution, indicator: &Indicator, of_target: bool) -> String {
    let of = |reason: &&crate::material::Reason| reason.indicator == indicator.id && reason.of_target == of_target;
    let given = contribution.reasons.iter().rev().find(of);
    given.map_or_else(String::new, |reason| format!(" (its reason: {})", words::sentence(&reason.text.printed())))
}
