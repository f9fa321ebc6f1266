//! Wordings.

use csp_domain::{
    text::Line,
    wording::{Wording, WordingState, WordingTally, Words},
};
use csp_proto::v1;

use super::{Faults, news};

/// Which words are proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// Those of a news item.
    News,
    /// Those of a nil return.
    Return,
}

/// The words proposed, with everything that cannot be taken. What belongs to the other kind of text must be empty.
pub(crate) fn words(field: &str, given: Option<v1::WordedText>, of: Of, faults: &mut Faults) -> Option<Words> {
    let v1::WordedText { headline, body, body_format, statement } = faults.required(field, given)?;
    let at = |name: &str| format!("{field}.{name}");
    match of {
        Of::News => {
            if !statement.is_empty() {
                faults.add(at("statement"), "must be empty: a news item has a headline and a body");
            }
            let headline = faults.line(&at("headline"), &headline, Line::SENTENCE);
            let body = news::body(&at("body"), &body, body_format, faults);
            Some(Words::News { headline: headline?, body: body? })
        }
        Of::Return => {
            for (name, text) in [("headline", headline), ("body", body)] {
                if !text.is_empty() {
                    faults.add(at(name), "must be empty: a nil return has a statement");
                }
            }
            Some(Words::Nil { statement: faults.line(&at("statement"), &statement, Line::SENTENCE)? })
        }
    }
}

fn words_to(words: &Words) -> v1::WordedText {
    match words {
        Words::News { headline, body } => v1::WordedText {
            headline: headline.to_string(),
            body: body.to_markdown(),
            body_format: v1::BodyFormat::Markdown.into(),
            statement: String::new(),
        },
        Words::Nil { statement } => v1::WordedText { statement: statement.to_string(), ..Default::default() },
    }
}

fn state_to(state: WordingState) -> v1::WordingState {
    match state {
        WordingState::Proposed => v1::WordingState::Proposed,
        WordingState::Accepted => v1::WordingState::Accepted,
        WordingState::Refused => v1::WordingState::Refused,
        WordingState::Withdrawn => v1::WordingState::Withdrawn,
        WordingState::Replaced => v1::WordingState::Replaced,
        WordingState::Lapsed => v1::WordingState::Lapsed,
        WordingState::Unanswered => v1::WordingState::Unanswered,
    }
}

/// The names of what a wording refers to.
pub(crate) struct Named {
    pub(crate) partnership: String,
    pub(crate) subject: String,
    pub(crate) cycle: String,
    pub(crate) proposer: String,
    pub(crate) answerer: String,
}

pub(crate) fn to_proto(named: Named, wording: &Wording) -> v1::Wording {
    let Named { partnership, subject, cycle, proposer, answerer } = named;
    let ended = wording.ended.as_ref();
    v1::Wording {
        name: format!("{partnership}/wordings/{}", wording.id),
        subject,
        subject_etag: String::new(),
        proposed: Some(words_to(&wording.proposed)),
        original: Some(words_to(&wording.original)),
        note: wording.note.as_ref().map(ToString::to_string).unwrap_or_default(),
        cycle,
        state: state_to(wording.state).into(),
        proposer,
        propose_time: Some(super::timestamp(wording.at)),
        answerer,
        answer_time: ended.map(|ended| super::timestamp(ended.at)),
        reason: ended.and_then(|ended| ended.reason.as_ref()).map(ToString::to_string).unwrap_or_default(),
        etag: wording.revision.to_string(),
    }
}

pub(crate) fn tally_to(tally: WordingTally) -> v1::WordingTally {
    let narrow = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let WordingTally { proposed, accepted, refused, lapsed, unanswered } = tally;
    v1::WordingTally {
        proposed: narrow(proposed),
        accepted: narrow(accepted),
        refused: narrow(refused),
        lapsed: narrow(lapsed),
        unanswered: narrow(unanswered),
    }
}
