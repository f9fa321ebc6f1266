//! What a partnership still owes for a cycle.

use csp_domain::{
    id::PartnershipId,
    news::NewsOwner,
    returns::{Content, ReturnState},
    signoff::Hand,
    text::Line,
};
use csp_store::Gathered;

/// So many figures are named; of the others their number.
const SHOWN: usize = 6;

/// How much of what a partnership owes is in. All of it is nothing to speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing at all.
    Nothing,
    /// News, and no return.
    NewsOnly,
    /// A return that was given back with reasons.
    SentBack,
    /// A return that whoever sent it in has taken back to mend it.
    Recalled,
    /// A return that nobody has answered for yet, where somebody must.
    Unsigned,
    /// A return that says nothing of some indicators.
    Partly {
        /// Their names, in the committee's order.
        missing: Vec<Line>,
        /// How many the committee asks for.
        of: usize,
        /// Nobody has answered for what is there, where somebody must.
        unsigned: bool,
    },
}

/// What is still to come from a partnership; nothing when all is in. A nil return is an answer, and so is "late" or "not applicable"
/// of a figure. `recalled`: whose returns were taken back to be mended.
pub(crate) fn standing(gathered: &Gathered, recalled: &[PartnershipId], partnership: PartnershipId) -> Option<Standing> {
    let Some(answer) = gathered.returns.iter().find(|answer| answer.partnership == partnership) else {
        if recalled.contains(&partnership) {
            return Some(Standing::Recalled);
        }
        // Who is asked for nothing owes nothing.
        if !gathered.committee.expects_return(partnership) {
            return None;
        }
        let wrote = gathered.news.iter().any(|item| item.owner == NewsOwner::Partnership(partnership));
        return Some(if wrote { Standing::NewsOnly } else { Standing::Nothing });
    };
    if answer.state == ReturnState::SentBack {
        return Some(Standing::SentBack);
    }
    let signing = gathered.signing.contains(&partnership);
    let unsigned = answer.state.awaits(signing) == Some(Hand::Lead);
    let whole = unsigned.then_some(Standing::Unsigned);
    if matches!(answer.content, Content::Nil { .. }) {
        return whole;
    }
    let answered = |indicator| {
        answer.content.figures().iter().any(|figure| figure.indicator == indicator && gathered.cycle.period.overlaps(figure.period))
    };
    let asked = gathered.asked_of(partnership);
    let missing: Vec<Line> = asked.filter(|indicator| !answered(indicator.id)).map(|indicator| indicator.name.clone()).collect();
    if missing.is_empty() { whole } else { Some(Standing::Partly { missing, of: gathered.asked_of(partnership).count(), unsigned }) }
}

impl Standing {
    /// Whether every figure is still to be sent in, so that the whole form is of use.
    pub(crate) fn asks_for_all(&self) -> bool {
        matches!(self, Self::Nothing | Self::NewsOnly)
    }

    /// Whether what was received waits for the lead's signature.
    pub(crate) fn unsigned(&self) -> bool {
        matches!(self, Self::Unsigned | Self::Partly { unsigned: true, .. })
    }

    /// Whether there is still something for the officer to send in.
    pub(crate) fn is_the_officers(&self) -> bool {
        *self != Self::Unsigned
    }

    /// In words, after a full stop or in a cell.
    pub(crate) fn said(&self) -> String {
        match self {
            Self::Nothing => "nothing received yet".to_owned(),
            Self::NewsOnly => "news received, no figures yet".to_owned(),
            Self::SentBack => "sent back with reasons, not sent in again yet".to_owned(),
            Self::Recalled => "recalled to be mended, not sent in again yet".to_owned(),
            Self::Unsigned => "received, not signed yet".to_owned(),
            Self::Partly { missing, of, unsigned } => {
                let signed = if *unsigned { "; not signed yet" } else { "" };
                let names: Vec<&str> = missing.iter().take(SHOWN).map(Line::as_str).collect();
                let more = missing.len().saturating_sub(SHOWN);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("received, {} of {of} figures still to come: {}{more}{signed}", missing.len(), names.join(", "))
            }
        }
    }

    /// The same when nothing can come any more.
    pub(crate) fn said_after_the_deadline(&self) -> String {
        match self {
            Self::Nothing => "nothing was received".to_owned(),
            Self::NewsOnly => "news was received, no figures".to_owned(),
            Self::SentBack => "sent back with reasons, and not sent in again".to_owned(),
            Self::Recalled => "recalled to be mended, and not sent in again".to_owned(),
            Self::Unsigned => "received, not signed off, and so not printed".to_owned(),
            Self::Partly { unsigned, .. } => {
                let said = self.said().replacen("still to come", "were not answered", 1);
                match said.strip_suffix("; not signed yet") {
                    Some(said) if *unsigned => format!("{said}; not signed off, and so not printed"),
                    _ => said,
                }
            }
        }
    }
}
