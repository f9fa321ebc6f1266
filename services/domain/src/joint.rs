//! Joint items: news that several partnerships own, printed once, and only when every owner has signed.
//!
//! One partnership, the first owner, sends it in and names the others. The first owner answers for it as for all its news, by the
//! signature of its return; each of the others by a signature of its own. [`JointState`] is the one list of states of such a
//! signature and [`after`] the one judgement; [`drawing`] is the machine as a picture, which `docs/joint.md` holds.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    id::{NewsItemId, PartnershipId, PersonId},
    news::NewsItem,
    signoff::Hand,
    text::Line,
};

/// So many may own an item besides the first.
pub const MAX_OWNERS: usize = 20;

/// Where one owner's signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JointState {
    /// Nobody has answered for this owner; the item is held out.
    Waiting,
    /// The lead or a deputy answers for it.
    Signed,
    /// Given back to the first owner, with a reason; the item is held out.
    SentBack,
    /// It is no owner any more.
    Dropped,
    /// It is in a frozen paper.
    Frozen,
}

impl JointState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Signed, Self::SentBack, Self::Dropped, Self::Frozen];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Signed => "signed",
            Self::SentBack => "sent_back",
            Self::Dropped => "dropped",
            Self::Frozen => "frozen",
        }
    }

    /// For people, after "for this owner the joint item".
    pub fn title(self) -> &'static str {
        match self {
            Self::Waiting => "waits for its signature",
            Self::Signed => "is signed",
            Self::SentBack => "was sent back",
            Self::Dropped => "is not its own any more",
            Self::Frozen => "is in a frozen paper",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether this owner has answered for the item.
    pub fn stands(self) -> bool {
        matches!(self, Self::Signed | Self::Frozen)
    }
}

/// What is done about a joint item for one of its owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JointDeed {
    /// It is named as an owner.
    Name,
    /// The lead or a deputy answers for it.
    Sign,
    /// The lead or a deputy gives it back to the first owner, with a reason.
    SendBack,
    /// The item is changed or withdrawn by the first owner, or another wording of it comes into print or out of it: what was signed,
    /// or read, is not what stands.
    Alter,
    /// The first owner names other owners, and not this one.
    Drop,
    /// It is printed in a frozen paper.
    Freeze,
}

impl JointDeed {
    /// Every deed.
    pub const ALL: [Self; 6] = [Self::Name, Self::Sign, Self::SendBack, Self::Alter, Self::Drop, Self::Freeze];

    /// What the record calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Sign => "sign",
            Self::SendBack => "send_back",
            Self::Alter => "alter",
            Self::Drop => "drop",
            Self::Freeze => "freeze",
        }
    }

    /// Whose it can ever be.
    pub fn hands(self) -> &'static [Hand] {
        match self {
            Self::Sign | Self::SendBack => &[Hand::Lead],
            // An editor enters what came by e-mail, and says then who owns it.
            Self::Name | Self::Alter | Self::Drop => &[Hand::Officer, Hand::Lead, Hand::Editor],
            Self::Freeze => &[Hand::Editor, Hand::Schedule],
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatory {
    /// As what: all that this person may act as.
    pub hands: Vec<Hand>,
    /// Whether they wrote any of the item, or of the wording that is printed in its place.
    pub writer: bool,
}

impl Signatory {
    /// Somebody with no part in what was written.
    pub fn apart(hand: Hand) -> Self {
        Self { hands: vec![hand], writer: false }
    }
}

/// Why a deed is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JointWhy {
    /// Nobody with these roles ever may.
    Role(&'static [Hand]),
    /// Whoever wrote any of it does not sign it for another owner.
    Author,
    /// It is in a frozen paper.
    Frozen,
    /// From where it stands there is no such step.
    State,
}

/// A refusal: why, what would lift it, and who can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct JointRefused {
    /// What was to be done.
    pub deed: JointDeed,
    /// Where the signature stands.
    pub state: JointState,
    /// Why not.
    pub why: JointWhy,
}

impl JointRefused {
    /// For programs.
    pub fn reason(&self) -> &'static str {
        match self.why {
            JointWhy::Role(_) => "JOINT_ROLE",
            JointWhy::Author => "AUTHOR_CANNOT_SIGN",
            JointWhy::Frozen => "JOINT_FROZEN",
            JointWhy::State => "JOINT_STATE",
        }
    }

    /// For people.
    fn sentence(&self) -> String {
        match self.why {
            JointWhy::Role(_) => "this is not for you to do with a joint item".to_owned(),
            JointWhy::Author => "whoever wrote any part of a joint item cannot sign it".to_owned(),
            JointWhy::Frozen => "this joint item is in a frozen paper and does not change any more".to_owned(),
            JointWhy::State => format!("for this owner the joint item {}", self.state.title()),
        }
    }

    /// What would lift it, in a sentence.
    pub fn lifted_by(&self) -> &'static str {
        match (self.why, self.deed, self.state) {
            (JointWhy::Role(_), JointDeed::Sign | JointDeed::SendBack, _) => "The lead or a deputy of this owner does it.",
            (JointWhy::Role(_), ..) => "The first owner’s officer or lead does it, or whoever entered the item.",
            (JointWhy::Author, ..) => "Another lead or a deputy of this owner, who wrote none of it, signs.",
            (JointWhy::Frozen, ..) => "Nothing lifts this for the frozen paper.",
            (JointWhy::State, _, JointState::Dropped) => "The first owner names it as an owner again.",
            (JointWhy::State, _, JointState::SentBack) => {
                "The first owner changes or withdraws the item, or this owner’s lead signs it after all."
            }
            (JointWhy::State, _, JointState::Waiting) => "The lead or a deputy of this owner signs it.",
            (JointWhy::State, ..) => "It counts already; the lead or a deputy of this owner can still send it back.",
        }
    }

    /// Who can.
    pub fn who_can(&self) -> &'static [Hand] {
        match (self.why, self.state) {
            (JointWhy::Role(hands), _) => hands,
            (JointWhy::Author, _) | (JointWhy::State, JointState::Waiting | JointState::Signed) => &[Hand::Lead],
            (JointWhy::Frozen, _) => &[],
            (JointWhy::State, _) => &[Hand::Officer, Hand::Lead],
        }
    }
}

/// Where an owner's signature stands after `deed`.
///
/// # Errors
/// Says why not, what would lift it and who can.
pub fn after(state: JointState, deed: JointDeed, who: &Signatory) -> Result<JointState, JointRefused> {
    use JointState::{Dropped, Frozen, SentBack, Signed, Waiting};
    let refuse = |why| Err(JointRefused { deed, state, why });
    if !who.hands.iter().any(|hand| deed.hands().contains(hand)) {
        return refuse(JointWhy::Role(deed.hands()));
    }
    match (deed, state) {
        // What is printed in one version is printed in the next.
        (JointDeed::Freeze, Signed | Frozen) => Ok(Frozen),
        (_, Frozen) => refuse(JointWhy::Frozen),
        (JointDeed::Name, Dropped) | (JointDeed::Alter, Waiting | Signed | SentBack) => Ok(Waiting),
        (JointDeed::Sign, Waiting | SentBack) if who.writer => refuse(JointWhy::Author),
        (JointDeed::Sign, Waiting | SentBack) => Ok(Signed),
        (JointDeed::SendBack, Waiting | Signed) => Ok(SentBack),
        (JointDeed::Drop, Waiting | Signed | SentBack) => Ok(Dropped),
        (JointDeed::Name, Waiting | Signed | SentBack)
        | (JointDeed::Sign, Signed)
        | (JointDeed::SendBack, SentBack)
        | (JointDeed::Freeze, Waiting | SentBack)
        | (_, Dropped) => refuse(JointWhy::State),
    }
}

/// The machine as a Mermaid drawing, made by asking [`after`] about every step.
pub fn drawing() -> String {
    let told = |deed: JointDeed, hands: Vec<&str>| format!("{} ({})", deed.word().replace('_', " "), hands.join(", "));
    let named = told(JointDeed::Name, JointDeed::Name.hands().iter().map(|hand| hand.word()).collect());
    let mut out = format!("stateDiagram-v2\n    direction LR\n    [*] --> waiting : {named}\n");
    for state in JointState::ALL {
        for to in JointState::ALL.into_iter().filter(|to| *to != state) {
            let reaches = |deed: JointDeed| {
                let hands = deed.hands().iter().filter(|hand| after(state, deed, &Signatory::apart(**hand)) == Ok(to));
                let hands: Vec<&str> = hands.map(|hand| hand.word()).collect();
                (!hands.is_empty()).then(|| told(deed, hands))
            };
            let deeds: Vec<String> = JointDeed::ALL.into_iter().filter_map(reaches).collect();
            if !deeds.is_empty() {
                out.push_str(&format!("    {} --> {} : {}\n", state.word(), to.word(), deeds.join("; ")));
            }
        }
    }
    for state in [JointState::Dropped, JointState::Frozen] {
        out.push_str(&format!("    {} --> [*]\n", state.word()));
    }
    out
}

/// One owner of a joint item besides the first, and its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JointOwner {
    /// Of which item.
    pub item: NewsItemId,
    /// Which owner.
    pub partnership: PartnershipId,
    /// The first owner, in whose name the item was sent in.
    pub first: PartnershipId,
    /// Where its signature stands.
    pub state: JointState,
    /// Who brought it there; none for the schedule.
    pub by: Option<PersonId>,
    /// When.
    pub at: Instant,
    /// Why it was sent back.
    pub reason: Option<Line>,
    /// 1, and one more with every step; also with every change of the text, whether or not it was signed.
    pub revision: i64,
}

/// A joint item with all its owners but the first, in the order they were named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JointItem {
    /// The text as it would be printed, in the first owner's name.
    pub item: NewsItem,
    /// The first owner.
    pub first: PartnershipId,
    /// Where the first owner's own signature stands, which is that of its return.
    pub first_state: JointState,
    /// The others.
    pub owners: Vec<JointOwner>,
}

impl JointItem {
    /// Whether every owner has answered for it.
    pub fn stands(&self) -> bool {
        self.first_state.stands() && self.owners.iter().all(|owner| owner.state.stands())
    }
}

/// What of a cycle's joint items one partnership is concerned with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JointTally {
    /// Items of others that wait for its signature.
    pub waiting: u32,
    /// Items of others that it has sent back.
    pub sent_back: u32,
    /// Items that it sent in and another owner has not signed.
    pub held_out: u32,
}

/// What each partnership of a cycle is concerned with, of the signatures of its joint items; `owners` in the order of items.
pub fn tally_of(owners: &[JointOwner], partnership: PartnershipId) -> JointTally {
    let mut tally = JointTally::default();
    let mut counted = None;
    for owner in owners {
        if owner.partnership == partnership {
            match owner.state {
                JointState::Waiting => tally.waiting += 1,
                JointState::SentBack => tally.sent_back += 1,
                JointState::Signed | JointState::Dropped | JointState::Frozen => {}
            }
        }
        if owner.first == partnership && !owner.state.stands() && counted != Some(owner.item) {
            tally.held_out += 1;
            counted = Some(owner.item);
        }
    }
    tally
}
