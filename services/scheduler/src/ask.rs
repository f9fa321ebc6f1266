//! What was missed: administrators are asked, once, what is to become of it.
//!
//! A job that is too late is not done, however it came to be late: nobody is sent a stale paper by surprise. Nothing is written
//! down about it either: should it have been the clock that was wrong, the job is due again once that is right.

use csp_domain::{
    Scope,
    calendar::{self, civil_day},
    id::PersonId,
    message::MessageKind,
    person::Role,
    region::Region,
    schedule::{Entry, Job},
};
use csp_render::letter::Letter;
use csp_store::{CycleRef, MessageFilter, Page};

use crate::{ScheduleError, Scheduler, tick::Missed};

impl Scheduler {
    /// Writes to the administrators of each region in which something was missed. Answers how many letters were queued.
    pub(crate) async fn ask(&self, missed: &[Missed]) -> Result<usize, ScheduleError> {
        let mut asked = 0;
        for (cycle, late) in missed {
            asked += self.ask_about(cycle, late).await?;
        }
        Ok(asked)
    }

    async fn ask_about(&self, found: &CycleRef, late: &[Entry]) -> Result<usize, ScheduleError> {
        let scope = Scope::Region(found.region);
        let step = step(late);
        let filter = MessageFilter { matter: Some(found.cycle.0), state: None };
        let before = self.store.list_messages(scope, filter, Page::all()).await?.items;
        if before.iter().any(|message| message.kind == MessageKind::Notice && message.step == step) {
            return Ok(0);
        }
        let region = self.store.get_region(scope).await?;
        let committee = self.store.get_committee(scope, found.committee).await?;
        let cycle = self.store.get_cycle(scope, found.cycle).await?;
        let typed = format!("{}/{}", committee.slug, cycle.slug);
        let administrators = self.administrators(&region).await?;
        if administrators.is_empty() {
            tracing::warn!(cycle = %typed, "jobs were missed, and there is no administrator to be asked");
        }
        for person in &administrators {
            let person = self.store.get_person(scope, *person).await?;
            let letter = Letter {
                title: format!("{}: the schedule for {} was missed, and waits for you", committee.name, cycle.period.short_label()),
                greeting: format!("Dear {},", person.name),
                paragraphs: vec![
                    "What is listed here was not done in time: the server was down, its clock was wrong, or a paper was approved after \
                     members had met. It is no longer done by itself, because it might be stale or come as a surprise."
                        .to_owned(),
                    "For each of them, say whether it is still to be done. Nothing is sent to anybody else before you do.".to_owned(),
                ],
                facts: late
                    .iter()
                    .map(|entry| (said(entry.job).to_owned(), format!("was due {}", calendar::full(entry.due_at, region.zone))))
                    .collect(),
                commands: commands(&typed, late),
                why: "You get this once for each such list, because you administer the region.".to_owned(),
            };
            self.send_notice(scope, found.cycle.0, &person, step, &letter).await?;
        }
        tracing::warn!(cycle = %typed, jobs = late.len(), "jobs were missed; administrators are asked");
        Ok(administrators.len())
    }

    /// The administrators of a region today.
    pub(crate) async fn administrators(&self, region: &Region) -> Result<Vec<PersonId>, ScheduleError> {
        let today = civil_day(self.clock.now(), region.zone);
        let held = self.store.list_holders(Scope::Region(region.id), Role::Administrator).await?;
        let mut found: Vec<_> = held.iter().filter(|grant| grant.holds_on(today)).map(|grant| grant.person).collect();
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

fn said(job: Job) -> &'static str {
    match job {
        Job::Open => "Open for returns",
        Job::Remind => "Remind",
        Job::Close => "Close collecting",
        Job::Freeze => "Freeze the paper",
        Job::Release => "Send the paper to members",
        Job::Rehearse => "Rehearse the release",
    }
}

fn commands(typed: &str, late: &[Entry]) -> Vec<(String, String)> {
    let mut commands = vec![("To see how everything stands:".to_owned(), format!("csp admin schedule list {typed}"))];
    if let Some(first) = late.first() {
        let job = first.job.word();
        let line = |purpose: &str, what: &str| (purpose.to_owned(), format!("csp admin schedule {what} {typed}/{job} --reason \"…\""));
        commands.push(line("To have it done now:", "run"));
        commands.push(line("To go on without it:", "skip"));
    }
    commands
}

/// Tells one list of what was missed from another: the day the last of it was due, and which jobs.
fn step(late: &[Entry]) -> i32 {
    let day = late.iter().map(|entry| entry.due_at.timestamp() / 86_400).max().unwrap_or(0);
    // At most six, and so within 64.
    let jobs = late.iter().fold(0, |bits, entry| bits | (1_i64 << Job::ALL.iter().position(|job| *job == entry.job).unwrap_or(0)));
    i32::try_from(day * 64 + jobs).unwrap_or(i32::MAX)
}
