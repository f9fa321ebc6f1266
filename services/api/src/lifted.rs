//! What would lift a refusal, and who can: beside its reason, for whoever is refused and for their programs.

use csp_domain::{check::Unexplained, digest::DigestState, schedule::JobState, signoff::Hand};
use csp_store::Refusal;

use crate::authorise::{Call, Kind};

/// Said where no person and no time changes it.
const NOTHING: &str = "Nothing lifts this";

/// What would lift something, and who can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lift {
    /// In a sentence; that nothing does, where nothing does.
    pub(crate) by: String,
    /// `officer`, `lead`, `editor`, `approver`, `administrator`, `system_administrator`; `caller`: whoever asked. Empty: nobody.
    pub(crate) who: String,
}

impl Lift {
    pub(crate) fn new(by: impl Into<String>, who: impl Into<String>) -> Self {
        Self { by: by.into(), who: who.into() }
    }

    fn never(why: &str) -> Self {
        Self::new(format!("{NOTHING}: {why}"), "")
    }

    fn hands(by: &str, hands: &[Hand]) -> Self {
        let hands: Vec<&str> = hands.iter().map(|hand| hand.word()).collect();
        Self::new(by, hands.join(","))
    }

    /// Somebody who may make the call makes it.
    pub(crate) fn role(call: Call) -> Self {
        let who: Vec<String> = call.who().iter().filter_map(|kind| word(*kind)).collect();
        match &*who {
            [] => Self::never("nobody does this for somebody else."),
            _ => Self::new("Somebody who holds such a role does it, or an administrator gives you one.", who.join(",")),
        }
    }

    /// Whoever asked does so otherwise.
    pub(crate) fn caller(by: &str) -> Self {
        Self::new(by, "caller")
    }
}

/// `ROLE_EDITOR` as the other refusals write it.
fn word(kind: Kind) -> Option<String> {
    kind.role().map(|role| role.as_str_name().trim_start_matches("ROLE_").to_ascii_lowercase())
}

impl From<&Refusal> for Lift {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::CycleNotOpen { .. } => {
                Self::new("It opens by itself at open_time; to open it sooner, an administrator moves the cycle's dates.", "administrator")
            }
            Refusal::ClosedToNew { .. } => Self::new("The committee's editor gives the partnership more time.", "editor"),
            Refusal::CycleClosed { .. } => Self::never("the paper is frozen; a change goes into the next return."),
            Refusal::NoMoreTime { .. } => Self::new("An administrator moves the cycle's dates.", "administrator"),
            Refusal::NoRules => Self::new("An administrator gives the committee rules.", "administrator"),
            Refusal::CycleCancelled => {
                Self::new("Nothing lifts this for a cancelled cycle; an administrator plans another.", "administrator")
            }
            Refusal::CycleStillOpen { .. } => Self::new(
                "It closes by itself at freeze_time; to close it sooner, an administrator moves the cycle's dates.",
                "administrator",
            ),
            Refusal::NotOwed => Self::new("An administrator adds the partnership to the committee.", "administrator"),
            Refusal::TooMuchNews => {
                Self::new("Somebody withdraws or shortens news of the same partnership and cycle.", "officer,lead,editor")
            }
            Refusal::TooManyPopulations => Self::caller("Leave out areas or years that no paper needs."),
            Refusal::TargetStands(_) => {
                Self::new("An administrator ends the target that stands, with a day before the new one begins.", "administrator")
            }
            Refusal::TooManyTargets | Refusal::TooManyOwnIndicators => Self::never("what was set stays on record."),
            Refusal::OwnIndicator => Self::new("An administrator enters an indicator of the whole region.", "administrator"),
            Refusal::TooManyContextNotes => Self::new("An administrator removes notes that are no longer needed.", "administrator"),
            Refusal::AlreadyRemoved | Refusal::AlreadyWithdrawn => Self::never("it is done already."),
            Refusal::AlreadyPassed(_) => Self::never("leave what has passed as it is, and change what is still to come."),
            Refusal::AuthorCannotApprove => Self::new("Another approver, who wrote none of it, approves it.", "approver"),
            Refusal::HashesDiffer => Self::new("An approver reads the version as it is stored, and names its hashes.", "approver"),
            Refusal::DigestState(state) => of_digest(*state),
            Refusal::AlreadyReleased => Self::never("the paper is out; a change goes into the next return or paper."),
            Refusal::MessageState(_) => Self::never("only what failed, was held or is in doubt waits for somebody's word."),
            Refusal::SignOff(refused) => Self::hands(refused.lifted_by(), refused.who_can()),
            Refusal::Unexplained(_) => Self::hands(Unexplained::LIFTED_BY, &[Hand::Officer, Hand::Lead]),
            Refusal::Wording(refused) => Self::hands(refused.lifted_by(), refused.who_can()),
            Refusal::FiguresStand => {
                Self::hands("The editor sends the return back with reasons, and the officer corrects it.", &[Hand::Editor, Hand::Officer])
            }
            Refusal::ProposeWording => {
                let by = "Propose it with csp wording propose; the lead accepts it or says why not.";
                Self::hands(by, &[Hand::Officer, Hand::Lead])
            }
            Refusal::SameWords => Self::new("Nothing needs to be done: it is printed as it was sent in.", ""),
            Refusal::TooManyWordings => Self::never("what was proposed stays on record; the editor sends the return back with reasons."),
            Refusal::Joint(refused) => Self::hands(refused.lifted_by(), refused.who_can()),
            Refusal::FirstOwnerSigns => Self::hands("The lead or a deputy of the first owner signs its return.", &[Hand::Lead]),
            Refusal::NobodySigns(_) => {
                let by = "An administrator enters a lead or a deputy for it, other than whoever sends it in.";
                Self::new(by, "administrator")
            }
            Refusal::CoolingOffOver => Self::never("nothing needs to be done, it goes out at its publication."),
            Refusal::EndsBeforeStart => Self::caller("Give a last day that is not before the first."),
            Refusal::TokenEnded => Self::new("A new token is made.", "administrator"),
            Refusal::TooManyLinks => Self::caller("Take a diary link away that is no longer used."),
            Refusal::StaleReminder => Self::never("the next round says what is true then."),
            Refusal::JobState(state) => of_job(*state),
            Refusal::JobNotDue { .. } => {
                Self::new("Its time comes at due_time; to do it sooner, an administrator moves the cycle's dates.", "administrator")
            }
            Refusal::LastOne => Self::new("Give the role to somebody else first.", "administrator"),
        }
    }
}

fn of_digest(state: DigestState) -> Lift {
    match state {
        DigestState::Frozen => Lift::new("A second person approves it.", "approver"),
        DigestState::Approved => Lift::new("It is approved already; to take that away, the editor freezes a new version.", "editor"),
        DigestState::Released => Lift::never("the paper is out; a change goes into the next return or paper."),
        DigestState::Superseded => Lift::new("A newer version took its place: read and approve that one.", "approver"),
    }
}

fn of_job(state: JobState) -> Lift {
    if state.is_over() {
        return Lift::never("there is nothing left of it to do or to hold back.");
    }
    match state {
        JobState::Held => Lift::new("It is held back already: resume it, run it or skip it.", "administrator"),
        JobState::Missed => Lift::new("Run it or skip it.", "administrator"),
        _ => Lift::new("Nothing holds it back: it is done by itself when its time has come.", "administrator"),
    }
}

#[cfg(test)]
mod tests {
    use csp_domain::{
        joint::{JointDeed, JointRefused, JointState, JointWhy},
        message::MessageState,
        returns::ReturnState,
        signoff::{Deed, Refused, Why},
        text::Line,
        wording::{WhyNot, WordingDeed, WordingRefused, WordingState},
    };

    use tonic_types::StatusExt as _;

    use super::*;

    /// The number of a kind of refusal. A new kind does not compile here before it has one, and its example below.
    fn number(refusal: &Refusal) -> usize {
        match refusal {
            Refusal::CycleNotOpen { .. } => 0,
            Refusal::ClosedToNew { .. } => 1,
            Refusal::CycleClosed { .. } => 2,
            Refusal::NoMoreTime { .. } => 3,
            Refusal::NoRules => 4,
            Refusal::CycleCancelled => 5,
            Refusal::CycleStillOpen { .. } => 6,
            Refusal::NotOwed => 7,
            Refusal::TooMuchNews => 8,
            Refusal::TooManyPopulations => 9,
            Refusal::TargetStands(_) => 10,
            Refusal::TooManyTargets => 11,
            Refusal::TooManyOwnIndicators => 12,
            Refusal::OwnIndicator => 13,
            Refusal::TooManyContextNotes => 14,
            Refusal::AlreadyRemoved => 15,
            Refusal::AlreadyPassed(_) => 16,
            Refusal::AuthorCannotApprove => 17,
            Refusal::HashesDiffer => 18,
            Refusal::DigestState(_) => 19,
            Refusal::AlreadyReleased => 20,
            Refusal::MessageState(_) => 21,
            Refusal::SignOff(_) => 22,
            Refusal::Unexplained(_) => 23,
            Refusal::Wording(_) => 24,
            Refusal::FiguresStand => 25,
            Refusal::ProposeWording => 26,
            Refusal::SameWords => 27,
            Refusal::TooManyWordings => 28,
            Refusal::Joint(_) => 29,
            Refusal::FirstOwnerSigns => 30,
            Refusal::NobodySigns(_) => 31,
            Refusal::CoolingOffOver => 32,
            Refusal::AlreadyWithdrawn => 33,
            Refusal::EndsBeforeStart => 34,
            Refusal::TokenEnded => 35,
            Refusal::TooManyLinks => 36,
            Refusal::StaleReminder => 37,
            Refusal::JobState(_) => 38,
            Refusal::JobNotDue { .. } => 39,
            Refusal::LastOne => 40,
        }
    }

    /// An example of each kind at least, and of what depends on a state one for each state.
    fn examples() -> Vec<Refusal> {
        let (at, line) = (chrono::DateTime::UNIX_EPOCH, Line::parse("Burglary", Line::NAME).unwrap());
        let mut all = vec![
            Refusal::CycleNotOpen { opens_at: at },
            Refusal::ClosedToNew { since: at, freeze_at: at },
            Refusal::CycleClosed { deadline_at: at, frozen_at: at },
            Refusal::NoMoreTime { deadline_at: at, freeze_at: at },
            Refusal::NoRules,
            Refusal::CycleCancelled,
            Refusal::CycleStillOpen { freeze_at: at },
            Refusal::NotOwed,
            Refusal::TooMuchNews,
            Refusal::TooManyPopulations,
            Refusal::TargetStands(line.clone()),
            Refusal::TooManyTargets,
            Refusal::TooManyOwnIndicators,
            Refusal::OwnIndicator,
            Refusal::TooManyContextNotes,
            Refusal::AlreadyRemoved,
            Refusal::AlreadyPassed("deadline_time"),
            Refusal::AuthorCannotApprove,
            Refusal::HashesDiffer,
            Refusal::AlreadyReleased,
            Refusal::Unexplained(Unexplained(Vec::new())),
            Refusal::FiguresStand,
            Refusal::ProposeWording,
            Refusal::SameWords,
            Refusal::TooManyWordings,
            Refusal::FirstOwnerSigns,
            Refusal::NobodySigns(vec![line]),
            Refusal::CoolingOffOver,
            Refusal::AlreadyWithdrawn,
            Refusal::EndsBeforeStart,
            Refusal::TokenEnded,
            Refusal::TooManyLinks,
            Refusal::StaleReminder,
            Refusal::JobNotDue { due_at: at },
            Refusal::LastOne,
        ];
        all.extend(DigestState::ALL.map(Refusal::DigestState));
        all.extend(MessageState::ALL.map(Refusal::MessageState));
        let jobs =
            [JobState::Waiting, JobState::Blocked, JobState::Due, JobState::Missed, JobState::Held, JobState::Done, JobState::Skipped];
        all.extend(jobs.map(Refusal::JobState));
        all.push(Refusal::JobState(JobState::Lapsed));
        for state in ReturnState::ALL {
            for why in [Why::Role(&[Hand::Editor]), Why::Frozen, Why::Author, Why::NotSubmitter, Why::NotSigned, Why::State] {
                all.push(Refusal::SignOff(Refused { deed: Deed::Sign, state, why }));
            }
        }
        for why in [WhyNot::Role(&[Hand::Lead]), WhyNot::Proposer, WhyNot::Frozen, WhyNot::State] {
            all.push(Refusal::Wording(WordingRefused { deed: WordingDeed::Accept, state: WordingState::Proposed, why }));
        }
        for why in [JointWhy::Role(&[Hand::Lead]), JointWhy::Author, JointWhy::Frozen, JointWhy::State] {
            all.push(Refusal::Joint(JointRefused { deed: JointDeed::Sign, state: JointState::Waiting, why }));
        }
        all
    }

    #[test]
    fn every_refusal_says_why_what_would_lift_it_and_who_can() {
        let examples = examples();
        for kind in 0..=number(&Refusal::LastOne) {
            assert!(examples.iter().any(|refusal| number(refusal) == kind), "kind {kind} has no example");
        }
        let known = ["officer", "lead", "editor", "approver", "administrator", "system_administrator", "schedule", "caller"];
        for refusal in examples {
            let status = crate::status::refused(&refusal);
            let details = status.get_error_details();
            let info = details.error_info().unwrap_or_else(|| panic!("{refusal:?}"));
            let said = |key: &str| info.metadata.get(key).unwrap_or_else(|| panic!("{refusal:?} has no {key}")).as_str();
            assert!(!info.reason.is_empty() && info.reason.bytes().all(|c| c.is_ascii_uppercase() || c == b'_'), "{refusal:?}");
            let (by, who) = (said("lifted_by"), said("who"));
            assert!(by.ends_with('.') && by.len() > 12, "{refusal:?}: {by}");
            assert!(who.is_empty() || who.split(',').all(|one| known.contains(&one)), "{refusal:?}: {who}");
            // Who can do something about it is named, and nobody where nothing helps.
            let nothing = by.starts_with("Nothing lifts") || by.starts_with("Nothing needs");
            assert!(!who.is_empty() || nothing, "{refusal:?}: {by}");
        }
    }

    #[test]
    fn whose_roles_do_not_do_is_told_whose_would() {
        let status = crate::status::forbidden(Call::SignReturn);
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.metadata["who"].as_str()), ("ROLE_MISSING", "lead"));
        for call in Call::ALL {
            let lift = Lift::role(*call);
            assert!(!lift.who.is_empty() || lift.by.starts_with(NOTHING), "{call:?}");
        }
    }
}
