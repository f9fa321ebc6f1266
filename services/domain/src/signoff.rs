//! Sign-off: what may be done to a return, by whom, and where it then stands.
//!
//! [`ReturnState`] is the one list of states and [`after`] the one judgement. It decides nothing by the clock: windows are the
//! cycle's. [`drawing`] is the machine as a picture; `docs/signoff.md` holds it and a test keeps the two the same.

use serde::{Deserialize, Serialize};

use crate::{committee::SignOff, returns::ReturnState};

/// As what somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hand {
    /// Sends in for the partnership.
    Officer,
    /// Answers for the partnership; deputies too.
    Lead,
    /// Edits the committee's paper.
    Editor,
    /// The service itself, when a paper is frozen.
    Schedule,
}

impl Hand {
    /// Every hand.
    pub const ALL: [Self; 4] = [Self::Officer, Self::Lead, Self::Editor, Self::Schedule];

    /// For programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Lead => "lead",
            Self::Editor => "editor",
            Self::Schedule => "schedule",
        }
    }
}

/// What is done to a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Sent in, for the first time or again.
    Submit,
    /// What was sent in is replaced as a whole.
    Correct,
    /// News of the same partnership and cycle was sent in, changed or withdrawn, or a query about the return was answered: what
    /// was signed is not what stands.
    Alter,
    /// The lead or a deputy answers for it.
    Sign,
    /// Given back to the officer, with reasons.
    SendBack,
    /// The editor takes it into the paper.
    Accept,
    /// Whoever sent it in takes it back to mend it.
    Recall,
    /// The partnership takes it back altogether.
    Withdraw,
    /// It is in a frozen paper.
    Freeze,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Self; 9] =
        [Self::Submit, Self::Correct, Self::Alter, Self::Sign, Self::SendBack, Self::Accept, Self::Recall, Self::Withdraw, Self::Freeze];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Correct => "correct",
            Self::Alter => "alter",
            Self::Sign => "sign",
            Self::SendBack => "send_back",
            Self::Accept => "accept",
            Self::Recall => "recall",
            Self::Withdraw => "withdraw",
            Self::Freeze => "freeze",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.word() == word)
    }

    /// Whose it can ever be.
    pub fn hands(self) -> &'static [Hand] {
        match self {
            Self::Submit | Self::Correct | Self::Recall | Self::Withdraw => &[Hand::Officer, Hand::Lead],
            Self::Alter => &[Hand::Officer, Hand::Lead, Hand::Editor],
            Self::Sign => &[Hand::Lead],
            Self::SendBack => &[Hand::Lead, Hand::Editor],
            Self::Accept => &[Hand::Editor],
            Self::Freeze => &[Hand::Editor, Hand::Schedule],
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// As what: all that this person may act as here.
    pub hands: Vec<Hand>,
    /// Whether they sent in the return as it stands.
    pub submitter: bool,
    /// Whether they wrote any of the news that goes with it.
    pub writer: bool,
}

impl Who {
    /// Somebody with no part in what was sent in.
    pub fn apart(hand: Hand) -> Self {
        Self { hands: vec![hand], submitter: false, writer: false }
    }
}

/// Why a deed is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// Nobody with these roles ever may, from this state.
    Role(&'static [Hand]),
    /// It is in a frozen paper.
    Frozen,
    /// Whoever sent in any of it cannot answer for it, nor take it into the paper.
    Author,
    /// Only whoever sent it in calls it back.
    NotSubmitter,
    /// The lead has not answered for it.
    NotSigned,
    /// From where it stands there is no such step.
    State,
}

/// A refusal: why, what would lift it, and who can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Refused {
    /// What was to be done.
    pub deed: Deed,
    /// Where the return stands.
    pub state: ReturnState,
    /// Why not.
    pub why: Why,
}

impl Refused {
    /// For programs.
    pub fn reason(&self) -> &'static str {
        match self.why {
            Why::Role(_) => "RETURN_ROLE",
            Why::Frozen => "RETURN_FROZEN",
            Why::Author => "AUTHOR_CANNOT_SIGN",
            Why::NotSubmitter => "ONLY_SUBMITTER_RECALLS",
            Why::NotSigned => "RETURN_NOT_SIGNED",
            Why::State => "RETURN_STATE",
        }
    }

    /// For people.
    fn sentence(&self) -> String {
        match self.why {
            Why::Role(_) => format!("this is not for you to do while the return is {}", self.state.title()),
            Why::Frozen => "this return is in a frozen paper and does not change any more".to_owned(),
            Why::Author if self.deed == Deed::Accept => "whoever sent in any part of a return cannot accept it".to_owned(),
            Why::Author => "whoever sent in any part of a return cannot sign it".to_owned(),
            Why::NotSubmitter => "only whoever sent a return in can recall it".to_owned(),
            Why::NotSigned => "the partnership’s lead has not signed this return".to_owned(),
            Why::State => format!("this return is {}", self.state.title()),
        }
    }

    /// What would lift it, in a sentence.
    pub fn lifted_by(&self) -> &'static str {
        match self.why {
            Why::Role(_) => "Somebody who holds the role has to do it.",
            Why::Frozen => "Nothing lifts this for the frozen paper; a change goes into the next return.",
            Why::Author if self.deed == Deed::Accept => "Another editor of the committee accepts it.",
            Why::Author => "The lead or a deputy who sent in none of it signs.",
            Why::NotSubmitter => "Whoever sent it in recalls it; or the lead or the editor sends it back.",
            Why::NotSigned => "The lead or a deputy signs it.",
            Why::State => match self.state {
                ReturnState::Draft | ReturnState::SentBack | ReturnState::Withdrawn => "The officer sends it in again.",
                ReturnState::Submitted | ReturnState::Signed | ReturnState::Accepted => {
                    "It counts already: correct it, recall it, or have it sent back."
                }
                ReturnState::Frozen => "Nothing lifts this for the frozen paper.",
            },
        }
    }

    /// Who can.
    pub fn who_can(&self) -> &'static [Hand] {
        match self.why {
            Why::Role(hands) => hands,
            Why::Frozen => &[],
            Why::Author if self.deed == Deed::Accept => &[Hand::Editor],
            Why::Author | Why::NotSigned => &[Hand::Lead],
            Why::NotSubmitter | Why::State => &[Hand::Officer],
        }
    }
}

/// Where a return stands after `deed` by `who`. `signing`: whether the lead must answer for it before it is printed.
pub fn after(state: ReturnState, deed: Deed, who: &Who, signing: bool) -> Result<ReturnState, Refused> {
    use ReturnState::{Accepted, Draft, Frozen, SentBack, Signed, Submitted, Withdrawn};
    let refuse = |why| Err(Refused { deed, state, why });
    let one_of = |hands: &[Hand]| who.hands.iter().any(|hand| hands.contains(hand));
    if !one_of(deed.hands()) {
        return refuse(Why::Role(deed.hands()));
    }
    if state == Frozen {
        return refuse(Why::Frozen);
    }
    match (deed, state) {
        (Deed::Submit, Draft | SentBack | Withdrawn) | (Deed::Correct, _) | (Deed::Alter, Signed | Accepted) => Ok(Submitted),
        (Deed::Alter, _) => Ok(state),
        (Deed::Sign, Submitted) if who.submitter || who.writer => refuse(Why::Author),
        (Deed::Sign, Submitted) => Ok(Signed),
        // What the editor has accepted is the editor's to give back.
        (Deed::SendBack, Accepted) if !one_of(&[Hand::Editor]) => refuse(Why::Role(&[Hand::Editor])),
        (Deed::SendBack, Submitted | Signed | Accepted) => Ok(SentBack),
        (Deed::Accept | Deed::Freeze, Submitted) if signing => refuse(Why::NotSigned),
        (Deed::Accept, Submitted | Signed) if who.submitter || who.writer => refuse(Why::Author),
        (Deed::Accept, Submitted | Signed) => Ok(Accepted),
        (Deed::Recall, Submitted | Signed | Accepted) if !who.submitter => refuse(Why::NotSubmitter),
        (Deed::Recall, Submitted | Signed | Accepted) => Ok(Draft),
        (Deed::Withdraw, Draft | Submitted | SentBack | Signed | Accepted) => Ok(Withdrawn),
        (Deed::Freeze, Submitted | Signed | Accepted) => Ok(Frozen),
        (Deed::Submit | Deed::Sign | Deed::SendBack | Deed::Accept | Deed::Recall | Deed::Withdraw | Deed::Freeze, _) => refuse(Why::State),
    }
}

impl SignOff {
    /// Whether a partnership's return must be signed, given whether the partnership has a lead.
    pub fn asks(self, has_lead: bool) -> bool {
        match self {
            Self::Required => true,
            Self::WhereLed => has_lead,
            Self::NotRequired => false,
        }
    }
}

impl ReturnState {
    /// Whether a paper frozen now prints it.
    pub fn prints(self, signing: bool) -> bool {
        match self {
            Self::Signed | Self::Accepted | Self::Frozen => true,
            Self::Submitted => !signing,
            Self::Draft | Self::SentBack | Self::Withdrawn => false,
        }
    }

    /// Whether something was sent in and not taken back.
    pub fn received(self) -> bool {
        match self {
            Self::Submitted | Self::SentBack | Self::Signed | Self::Accepted | Self::Frozen => true,
            Self::Draft | Self::Withdrawn => false,
        }
    }

    /// Whose turn it is.
    pub fn awaits(self, signing: bool) -> Option<Hand> {
        match self {
            Self::Draft | Self::SentBack | Self::Withdrawn => Some(Hand::Officer),
            Self::Submitted if signing => Some(Hand::Lead),
            Self::Submitted | Self::Signed => Some(Hand::Editor),
            Self::Accepted | Self::Frozen => None,
        }
    }
}

/// The machine as a Mermaid drawing, made by asking [`after`] about every step where the lead must sign.
pub fn drawing() -> String {
    let mut out = "stateDiagram-v2\n    direction LR\n    [*] --> draft\n".to_owned();
    for state in ReturnState::ALL {
        for to in ReturnState::ALL {
            let mut deeds = Vec::new();
            for deed in Deed::ALL {
                let hands: Vec<&str> =
                    deed.hands().iter().filter(|hand| reaches(state, deed, **hand, to)).map(|hand| hand.word()).collect();
                if !hands.is_empty() && (state != to || deed == Deed::Correct) {
                    deeds.push(format!("{} ({})", deed.word().replace('_', " "), hands.join(", ")));
                }
            }
            if !deeds.is_empty() {
                out.push_str(&format!("    {} --> {} : {}\n", state.word(), to.word(), deeds.join("; ")));
            }
        }
    }
    out.push_str("    frozen --> [*]\n");
    out
}

/// Whether this hand can take a return from one state to the other, where the lead must sign.
fn reaches(state: ReturnState, deed: Deed, hand: Hand, to: ReturnState) -> bool {
    [true, false].into_iter().any(|submitter| after(state, deed, &Who { hands: vec![hand], submitter, writer: false }, true) == Ok(to))
}
