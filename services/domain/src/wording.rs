//! Another wording: what a committee's editor proposes for a partnership's words, and what becomes of it.
//!
//! What was sent in stands, and is printed, until the lead or a deputy has accepted other words. [`WordingState`] is the one list of
//! states and [`after`] the one judgement; [`drawing`] is the machine as a picture, which `docs/wording.md` holds. Figures have no
//! wording: [`Words`] has no place for one.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    id::{CycleId, NewsItemId, PartnershipId, PersonId, ReturnId, WordingId},
    narrative::Narrative,
    news::NewsItem,
    returns::{Content, Return},
    signoff::Hand,
    text::Line,
};

/// Where a proposed wording stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordingState {
    /// Waits for the lead; what was sent in is printed.
    Proposed,
    /// The lead or a deputy has taken it for the partnership's own: it is printed.
    Accepted,
    /// The lead or a deputy has refused it, with a reason.
    Refused,
    /// The editor has taken it back.
    Withdrawn,
    /// A later wording took its place.
    Replaced,
    /// The partnership has changed or withdrawn the text it was a wording of.
    Lapsed,
    /// Nobody answered while an answer counted.
    Unanswered,
}

impl WordingState {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Proposed, Self::Accepted, Self::Refused, Self::Withdrawn, Self::Replaced, Self::Lapsed, Self::Unanswered];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Replaced => "replaced",
            Self::Lapsed => "lapsed",
            Self::Unanswered => "unanswered",
        }
    }

    /// For people, after "this wording".
    pub fn title(self) -> &'static str {
        match self {
            Self::Proposed => "waits for the lead",
            Self::Accepted => "was accepted",
            Self::Refused => "was refused",
            Self::Withdrawn => "was taken back by the editor",
            Self::Replaced => "was replaced by a later one",
            Self::Lapsed => "lapsed, because the partnership changed the text",
            Self::Unanswered => "was not answered in time",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether anything can still become of it.
    pub fn lives(self) -> bool {
        matches!(self, Self::Proposed | Self::Accepted)
    }
}

/// What is done about a proposed wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WordingDeed {
    /// The lead or a deputy takes it for the partnership's own.
    Accept,
    /// The lead or a deputy refuses it, with a reason; also one that was accepted.
    Refuse,
    /// The editor takes it back.
    Withdraw,
    /// The editor proposes another instead, or the lead accepts a later one.
    Replace,
    /// The text it is a wording of is changed or withdrawn.
    Lapse,
    /// No answer counts any more: the paper is frozen, or the cycle is over.
    Expire,
}

impl WordingDeed {
    /// Every deed.
    pub const ALL: [Self; 6] = [Self::Accept, Self::Refuse, Self::Withdraw, Self::Replace, Self::Lapse, Self::Expire];

    /// What the record calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refuse => "refuse",
            Self::Withdraw => "withdraw",
            Self::Replace => "replace",
            Self::Lapse => "lapse",
            Self::Expire => "expire",
        }
    }

    /// Whose it can ever be.
    pub fn hands(self) -> &'static [Hand] {
        match self {
            Self::Accept | Self::Refuse => &[Hand::Lead],
            Self::Withdraw => &[Hand::Editor],
            Self::Replace => &[Hand::Lead, Hand::Editor],
            // An editor enters what came by e-mail, and so changes the partnership's text too.
            Self::Lapse => &[Hand::Officer, Hand::Lead, Hand::Editor],
            Self::Expire => &[Hand::Editor, Hand::Schedule],
        }
    }
}

/// Who answers, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answerer {
    /// As what: all that this person may act as here.
    pub hands: Vec<Hand>,
    /// Whether they proposed it.
    pub proposer: bool,
    /// Whether the words are in a frozen paper.
    pub frozen: bool,
}

impl Answerer {
    /// Somebody who did not propose it, before the freeze.
    pub fn apart(hand: Hand) -> Self {
        Self { hands: vec![hand], proposer: false, frozen: false }
    }
}

/// Why a deed is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhyNot {
    /// Nobody with these roles ever may.
    Role(&'static [Hand]),
    /// Whoever proposed it does not answer it too.
    Proposer,
    /// The words are in a frozen paper.
    Frozen,
    /// From where it stands there is no such step.
    State,
}

/// A refusal: why, what would lift it, and who can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct WordingRefused {
    /// What was to be done.
    pub deed: WordingDeed,
    /// Where the wording stands.
    pub state: WordingState,
    /// Why not.
    pub why: WhyNot,
}

impl WordingRefused {
    /// For programs.
    pub fn reason(&self) -> &'static str {
        match self.why {
            WhyNot::Role(_) => "WORDING_ROLE",
            WhyNot::Proposer => "PROPOSER_CANNOT_ANSWER",
            WhyNot::Frozen => "WORDING_FROZEN",
            WhyNot::State => "WORDING_STATE",
        }
    }

    /// For people.
    fn sentence(&self) -> String {
        match self.why {
            WhyNot::Role(_) => "this is not for you to do with a proposed wording".to_owned(),
            WhyNot::Proposer => "whoever proposed a wording cannot answer it for the partnership".to_owned(),
            WhyNot::Frozen => "these words are in a frozen paper, and no answer counts for it any more".to_owned(),
            WhyNot::State => format!("this wording {}", self.state.title()),
        }
    }

    /// What would lift it, in a sentence.
    pub fn lifted_by(&self) -> &'static str {
        match (self.why, self.state) {
            (WhyNot::Role(_), _) => "Somebody who holds the role has to do it.",
            (WhyNot::Proposer, _) => "Another lead or a deputy of the partnership answers it; whoever proposed it can take it back.",
            (WhyNot::Frozen, _) => "Nothing lifts this for the frozen paper; the next return may say it otherwise.",
            (WhyNot::State, WordingState::Accepted) => "It counts already; the lead can still refuse it, and the editor take it back.",
            (WhyNot::State, _) => "The editor proposes a wording of what stands now.",
        }
    }

    /// Who can.
    pub fn who_can(&self) -> &'static [Hand] {
        match (self.why, self.state) {
            (WhyNot::Role(hands), _) => hands,
            (WhyNot::Proposer, _) => &[Hand::Lead],
            (WhyNot::Frozen, _) => &[],
            (WhyNot::State, WordingState::Accepted) => &[Hand::Lead, Hand::Editor],
            (WhyNot::State, _) => &[Hand::Editor],
        }
    }
}

/// Where a wording stands after `deed`.
///
/// # Errors
/// Says why not, what would lift it and who can.
pub fn after(state: WordingState, deed: WordingDeed, who: &Answerer) -> Result<WordingState, WordingRefused> {
    use WordingState::{Accepted, Lapsed, Proposed, Refused, Replaced, Unanswered, Withdrawn};
    let refuse = |why| Err(WordingRefused { deed, state, why });
    if !who.hands.iter().any(|hand| deed.hands().contains(hand)) {
        return refuse(WhyNot::Role(deed.hands()));
    }
    let answers = matches!(deed, WordingDeed::Accept | WordingDeed::Refuse);
    if who.frozen && deed != WordingDeed::Expire {
        return refuse(WhyNot::Frozen);
    }
    if answers && who.proposer && state.lives() {
        return refuse(WhyNot::Proposer);
    }
    match (deed, state) {
        (WordingDeed::Accept, Proposed) => Ok(Accepted),
        (WordingDeed::Refuse, Proposed | Accepted) => Ok(Refused),
        (WordingDeed::Withdraw, Proposed | Accepted) => Ok(Withdrawn),
        (WordingDeed::Replace, Proposed | Accepted) => Ok(Replaced),
        (WordingDeed::Lapse, Proposed | Accepted) => Ok(Lapsed),
        (WordingDeed::Expire, Proposed) => Ok(Unanswered),
        _ => refuse(WhyNot::State),
    }
}

/// The machine as a Mermaid drawing, made by asking [`after`] about every step.
pub fn drawing() -> String {
    let mut out = "stateDiagram-v2\n    direction LR\n    [*] --> proposed : propose (editor)\n".to_owned();
    for state in WordingState::ALL {
        for to in WordingState::ALL {
            let reaches = |deed: WordingDeed| {
                let hands = deed.hands().iter().filter(|hand| after(state, deed, &Answerer::apart(**hand)) == Ok(to));
                let hands: Vec<&str> = hands.map(|hand| hand.word()).collect();
                (!hands.is_empty()).then(|| format!("{} ({})", deed.word(), hands.join(", ")))
            };
            let deeds: Vec<String> = WordingDeed::ALL.into_iter().filter_map(reaches).collect();
            if !deeds.is_empty() {
                out.push_str(&format!("    {} --> {} : {}\n", state.word(), to.word(), deeds.join("; ")));
            }
        }
    }
    for state in WordingState::ALL.into_iter().filter(|state| *state != WordingState::Proposed) {
        out.push_str(&format!("    {} --> [*]\n", state.word()));
    }
    out
}

/// What is worded: the words a partnership sent in, in the version that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An item of its news.
    News(NewsItemId),
    /// The statement of its nil return.
    Return(ReturnId),
}

/// A partnership's words: as it sent them in, or as the editor would put them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Words {
    /// Of an item of news.
    News {
        /// What it is about, in a line.
        headline: Line,
        /// The text.
        body: Narrative,
    },
    /// Of a nil return.
    Nil {
        /// The statement.
        statement: Line,
    },
}

impl Words {
    /// The words of a news item.
    pub fn of_news(item: &NewsItem) -> Self {
        Self::News { headline: item.headline.clone(), body: item.body.clone() }
    }

    /// The words of a return; none where it has figures, which are no words.
    pub fn of_return(answer: &Return) -> Option<Self> {
        match &answer.content {
            Content::Nil { statement } => Some(Self::Nil { statement: statement.clone() }),
            Content::Full { .. } => None,
        }
    }
}

/// One proposed wording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// Identifier; in order of proposal.
    pub id: WordingId,
    /// Whose words.
    pub partnership: PartnershipId,
    /// For which cycle.
    pub cycle: CycleId,
    /// Which of them.
    pub subject: Subject,
    /// The version of the text that was read.
    pub of_revision: i64,
    /// The text as the partnership sent it in.
    pub original: Words,
    /// The text as the editor would put it.
    pub proposed: Words,
    /// Why, for the lead.
    pub note: Option<Line>,
    /// Where it stands.
    pub state: WordingState,
    /// Who proposed it.
    pub by: PersonId,
    /// When.
    pub at: Instant,
    /// What became of it.
    pub ended: Option<Ended>,
    /// 1, and one more with every step.
    pub revision: i64,
}

/// The last step of a wording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Who; none for the schedule.
    pub by: Option<PersonId>,
    /// When.
    pub at: Instant,
    /// Why it was refused.
    pub reason: Option<Line>,
}

/// A wording being proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWording {
    /// Identifier.
    pub id: WordingId,
    /// Whose words.
    pub partnership: PartnershipId,
    /// For which cycle.
    pub cycle: CycleId,
    /// Which of them.
    pub subject: Subject,
    /// The text as the editor would put it.
    pub proposed: Words,
    /// Why.
    pub note: Option<Line>,
    /// The revision of the news item or of the return that was read, if the caller minds.
    pub etag: Option<i64>,
}

/// How many wordings of one partnership's words stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WordingTally {
    /// Wait for the lead.
    pub proposed: u32,
    /// Are printed.
    pub accepted: u32,
    /// Were refused.
    pub refused: u32,
    /// Lapsed with a change of the text.
    pub lapsed: u32,
    /// Came to no answer before the freeze.
    pub unanswered: u32,
}

impl WordingTally {
    /// Counts `count` more in `state`. What the editor took back or replaced is nobody's to follow up.
    pub fn add(&mut self, state: WordingState, count: u32) {
        match state {
            WordingState::Proposed => self.proposed += count,
            WordingState::Accepted => self.accepted += count,
            WordingState::Refused => self.refused += count,
            WordingState::Lapsed => self.lapsed += count,
            WordingState::Unanswered => self.unanswered += count,
            WordingState::Withdrawn | WordingState::Replaced => {}
        }
    }
}
