//! What happened, told to whoever has to act on it: once, and without waiting for the morning.
//!
//! An officer hears that their return was sent back, with the reasons; an editor that a return, or a joint item by the last of its
//! owners, was signed when the paper was frozen without it.

use chrono::TimeDelta;
use csp_domain::{
    Scope, committee::Committee, cycle::Cycle, id::PersonId, joint::JointState, partnership::Partnership, person::Role, region::Region,
    returns::ReturnState, text::Line,
};
use csp_render::letter::Letter;
use csp_store::{Tidings, Untold};
use tracing::Instrument as _;

use crate::{ScheduleError, Scheduler};

/// What is older is no news.
const NEWS_FOR: TimeDelta = TimeDelta::days(7);

impl Scheduler {
    /// Tells whoever is to be told. Answers how many letters were queued, and of how many matters it failed.
    pub(crate) async fn tell(&self) -> Result<(usize, usize), ScheduleError> {
        let (mut told, mut failed) = (0, 0);
        for untold in self.store.list_untold(self.clock.now() - NEWS_FOR).await? {
            let span = tracing::info_span!("job", job = "tell", matter = %untold.matter);
            match self.tell_of(&untold).instrument(span.clone()).await {
                Ok(letters) => told += letters,
                Err(error) => {
                    failed += 1;
                    span.in_scope(|| tracing::error!(%error, "telling of what happened failed and stays due"));
                }
            }
        }
        Ok((told, failed))
    }

    async fn tell_of(&self, untold: &Untold) -> Result<usize, ScheduleError> {
        let scope = Scope::Region(untold.region);
        let region = self.store.get_region(scope).await?;
        let partnership = self.store.get_partnership(scope, untold.partnership).await?;
        let cycle = self.store.get_cycle(scope, untold.cycle).await?;
        let committee = self.store.get_committee(scope, cycle.committee).await?;
        let place = Place { region: &region, partnership: &partnership, committee: &committee, cycle: &cycle };
        let (persons, letter) = match &untold.tidings {
            Tidings::SentBack(reasons) => (self.who_reports(scope, &place).await?, place.sent_back(reasons)),
            Tidings::SignedLate => (self.who_edits(scope, &place).await?, place.signed_late()),
            Tidings::JointSignedLate(item) => {
                let joint = self.store.get_joint_item(scope, partnership.id, *item).await?;
                // Until the first owner's return is signed too, a new version would hold it out as well; that signature is told by itself.
                if joint.first_state != JointState::Signed {
                    return Ok(0);
                }
                (self.who_edits(scope, &place).await?, place.joint_signed_late(&joint.item.headline))
            }
        };
        let step = i32::try_from(untold.step).unwrap_or(i32::MAX);
        for person in &persons {
            let person = self.store.get_person(scope, *person).await?;
            let letter = Letter { greeting: format!("Dear {},", person.name), ..letter.clone() };
            self.send_notice(scope, untold.matter, &person, step, &letter).await?;
        }
        Ok(persons.len())
    }

    async fn who_reports(&self, scope: Scope, place: &Place<'_>) -> Result<Vec<PersonId>, ScheduleError> {
        let officers = self.holders(scope, Role::Officer(place.partnership.id), place.region, &[]).await?;
        // Whoever sent it in is told in any case: it may have been a lead, where there is no officer.
        let answer = self.store.find_return(scope, place.partnership.id, place.cycle.id).await?;
        let sender = answer.filter(|answer| answer.state == ReturnState::SentBack).map(|answer| answer.submitted_by);
        let mut persons: Vec<PersonId> = officers.into_iter().chain(sender).collect();
        persons.sort_unstable();
        persons.dedup();
        Ok(persons)
    }

    async fn who_edits(&self, scope: Scope, place: &Place<'_>) -> Result<Vec<PersonId>, ScheduleError> {
        self.holders(scope, Role::Editor(place.committee.id), place.region, &[]).await
    }
}

/// What a letter is about. Whom it greets is not said yet.
struct Place<'a> {
    region: &'a Region,
    partnership: &'a Partnership,
    committee: &'a Committee,
    cycle: &'a Cycle,
}

impl Place<'_> {
    /// As `csp` wants it typed: `citizen-focus/2021-q3`.
    fn typed(&self) -> String {
        format!("{}/{}", self.committee.slug, self.cycle.slug)
    }

    fn sent_back(&self, reasons: &str) -> Letter {
        let (partnership, typed) = (self.partnership, self.typed());
        let whose = format!(" --partnership {}", partnership.slug);
        Letter {
            title: format!("{}: the return for {} was sent back", partnership.name, self.cycle.period.short_label()),
            greeting: String::new(),
            paragraphs: vec![
                format!("Your return to the {} was read and given back with these reasons:", self.committee.name),
                reasons.to_owned(),
                "Until it is sent in again, nothing of it is printed. That is possible until the paper is out, after the deadline too."
                    .to_owned(),
            ],
            facts: Vec::new(),
            commands: vec![
                ("To see what was sent in:".to_owned(), format!("csp return show --cycle {typed}{whose}")),
                ("To send it in again:".to_owned(), format!("csp return correct figures.csv --cycle {typed}{whose}")),
            ],
            why: format!("You get this once, because you report for {}.", partnership.name),
        }
    }

    fn signed_late(&self) -> Letter {
        self.late(
            format!("{}’s return for {} was signed after the freeze", self.partnership.name, self.cycle.period.short_label()),
            "The paper was frozen without it, because nobody had signed it by then.".to_owned(),
        )
    }

    fn joint_signed_late(&self, headline: &Line) -> Letter {
        self.late(
            format!("a joint item of {} was signed after the freeze", self.partnership.name),
            format!("Every owner has signed “{headline}” now. The paper was frozen without it, because not all of them had by then."),
        )
    }

    /// To an editor: what could be printed now that was left out.
    fn late(&self, what: String, why: String) -> Letter {
        let typed = self.typed();
        let anew = "It is printed only if you freeze a new version; that takes away an approval which the frozen one may have.";
        Letter {
            title: format!("{}: {what}", self.committee.name),
            greeting: String::new(),
            paragraphs: vec![format!("{why} {anew}")],
            facts: Vec::new(),
            commands: vec![
                ("To see where everything stands:".to_owned(), format!("csp cycle status {typed}")),
                ("To make the paper anew, with it:".to_owned(), format!("csp digest freeze {typed}")),
            ],
            why: format!("You get this once, because you edit the paper of the {}.", self.committee.name),
        }
    }
}
