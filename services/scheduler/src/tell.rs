//! What happened to a return, told to whoever has to act on it: once, and without waiting for the morning.
//!
//! An officer hears that their return was sent back, with the reasons; an editor that a return was signed when the paper was frozen
//! without it.

use chrono::TimeDelta;
use csp_domain::{Scope, id::PersonId, person::Role, returns::ReturnState};
use csp_render::letter::Letter;
use csp_store::{Tidings, Untold};
use tracing::Instrument as _;

use crate::{ScheduleError, Scheduler};

/// What is older is no news.
const NEWS_FOR: TimeDelta = TimeDelta::days(7);

impl Scheduler {
    /// Tells whoever is to be told. Answers how many letters were queued, and of how many returns it failed.
    pub(crate) async fn tell(&self) -> Result<(usize, usize), ScheduleError> {
        let (mut told, mut failed) = (0, 0);
        for untold in self.store.list_untold(self.clock.now() - NEWS_FOR).await? {
            let span = tracing::info_span!("job", job = "tell", answer = %untold.answer);
            match self.tell_of(&untold).instrument(span.clone()).await {
                Ok(letters) => told += letters,
                Err(error) => {
                    failed += 1;
                    span.in_scope(|| tracing::error!(%error, "telling of a return failed and stays due"));
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
        let (typed, period) = (format!("{}/{}", committee.slug, cycle.slug), cycle.period.short_label());
        let whose = format!(" --partnership {}", partnership.slug);
        let persons = match &untold.tidings {
            Tidings::SentBack(_) => {
                let officers = self.holders(scope, Role::Officer(partnership.id), &region, &[]).await?;
                // Whoever sent it in is told in any case: it may have been a lead, where there is no officer.
                let answer = self.store.find_return(scope, partnership.id, cycle.id).await?;
                let sender = answer.filter(|answer| answer.state == ReturnState::SentBack).map(|answer| answer.submitted_by);
                let mut persons: Vec<PersonId> = officers.into_iter().chain(sender).collect();
                persons.sort_unstable();
                persons.dedup();
                persons
            }
            Tidings::SignedLate => self.holders(scope, Role::Editor(committee.id), &region, &[]).await?,
        };
        let step = i32::try_from(untold.revision).unwrap_or(i32::MAX);
        for person in &persons {
            let person = self.store.get_person(scope, *person).await?;
            let letter = match &untold.tidings {
                Tidings::SentBack(reasons) => Letter {
                    title: format!("{}: the return for {period} was sent back", partnership.name),
                    greeting: format!("Dear {},", person.name),
                    paragraphs: vec![
                        format!("Your return to the {} was read and given back with these reasons:", committee.name),
                        reasons.clone(),
                        "Until it is sent in again, nothing of it is printed. That is possible until the paper is out, after the deadline too."
                            .to_owned(),
                    ],
                    facts: Vec::new(),
                    commands: vec![
                        ("To see what was sent in:".to_owned(), format!("csp return show --cycle {typed}{whose}")),
                        ("To send it in again:".to_owned(), format!("csp return correct figures.csv --cycle {typed}{whose}")),
                    ],
                    why: format!("You get this once, because you report for {}.", partnership.name),
                },
                Tidings::SignedLate => Letter {
                    title: format!("{}: {}’s return for {period} was signed after the freeze", committee.name, partnership.name),
                    greeting: format!("Dear {},", person.name),
                    paragraphs: vec![
                        "The paper was frozen without it, because nobody had signed it by then. It is printed only if you freeze a new \
                         version; that takes away an approval which the frozen one may have."
                            .to_owned(),
                    ],
                    facts: Vec::new(),
                    commands: vec![
                        ("To see where everything stands:".to_owned(), format!("csp cycle status {typed}")),
                        ("To make the paper anew, with it:".to_owned(), format!("csp digest freeze {typed}")),
                    ],
                    why: format!("You get this once, because you edit the paper of the {}.", committee.name),
                },
            };
            self.send_notice(scope, untold.answer.0, &person, step, &letter).await?;
        }
        Ok(persons.len())
    }
}
