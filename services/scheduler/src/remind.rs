//! Reminders: who owes something is written to in the morning, and only then.
//!
//! A region has one round a day at most ([`ladder`] says on which mornings and how far each cycle has come by then). A round gathers
//! what is outstanding, writes one letter to each person who can do something about it, and is put on record with its letters in
//! one unit: of two servers one makes it. Whatever was answered meanwhile takes back, at the next look, the letters that wait.

mod letter;
mod owed;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use csp_domain::{
    Act, Instant, Scope,
    calendar::{
        Nation, civil_day,
        ladder::{self, Rung},
    },
    cycle::{Cycle, CycleState},
    digest::DigestState,
    id::{PersonId, RegionId},
    message::{MessageKind, MessageState, NewMessage},
    person::{Person, Role},
    region::Region,
    returns::ReturnState,
};
use csp_store::{Gathered, MessageFilter, Page, ReturnFilter};
use tracing::Instrument as _;

use crate::{ScheduleError, Scheduler};

use self::{
    letter::{Matter, Place, letter},
    owed::{Standing, standing},
};

/// Regions do not say yet in which nation they are; all that report by this program's statutes are in England or Wales.
const NATION: Nation = Nation::England;

/// That a return is due or overdue is news for so long: a server that slept longer does not bring it up again.
const NEWS_FOR: TimeDelta = TimeDelta::days(7);

/// What each person is written to about.
type Matters = BTreeMap<PersonId, Vec<Matter>>;

impl Scheduler {
    /// Makes the morning's round in each region that has not had it, and takes back letters that are no longer wanted. Answers how
    /// many letters were queued, and in how many regions it failed.
    pub(crate) async fn remind(&self) -> Result<(usize, usize), ScheduleError> {
        let mut regions: Vec<RegionId> = self.store.list_unfinished().await?.into_iter().map(|cycle| cycle.region).collect();
        regions.sort_unstable();
        regions.dedup();
        let (mut queued, mut failed) = (0, 0);
        for region in regions {
            let span = tracing::info_span!("job", job = "remind", %region);
            match self.remind_region(Scope::Region(region)).instrument(span.clone()).await {
                Ok(letters) => queued += letters,
                Err(error) => {
                    failed += 1;
                    span.in_scope(|| tracing::error!(%error, "a round of reminders failed and stays due"));
                }
            }
        }
        Ok((queued, failed))
    }

    async fn remind_region(&self, scope: Scope) -> Result<usize, ScheduleError> {
        let now = self.clock.now();
        let region = self.store.get_region(scope).await?;
        self.take_back(scope, &region).await?;
        let Some(round) = ladder::round(now, NATION, region.zone) else { return Ok(0) };
        // A region's first round comes the morning after it was set up: nobody is reminded of what was there before they were.
        let since = self.store.last_round(scope, round).await?.unwrap_or(region.created_at);
        if since >= round {
            return Ok(0);
        }
        let mut matters = Matters::new();
        for cycle in self.store.list_current_cycles(scope).await? {
            let rungs = ladder::rungs(&cycle.timetable, NATION, region.zone);
            // A paper that waits, waits however long nobody looked.
            let (returns, _) = ladder::reached(&rungs, since.max(round - NEWS_FOR), round);
            let (_, approval) = ladder::reached(&rungs, since, round);
            if returns.is_some() || approval.is_some() {
                self.gather_matters(scope, &cycle, returns, approval, &mut matters).await?;
            }
        }
        let mut letters = Vec::with_capacity(matters.len());
        for (person, matters) in matters {
            let person = self.store.get_person(scope, person).await?;
            letters.push(self.reminder(&region, &person, &matters));
        }
        let count = letters.len();
        if self.store.remind(scope, &Act::by_system(now), round, letters).await? {
            if count > 0 {
                tracing::info!(letters = count, "reminded who owes something");
            }
            return Ok(count);
        }
        Ok(0)
    }

    /// What a cycle that has reached a rung is to be said of, and to whom.
    async fn gather_matters(
        &self,
        scope: Scope,
        cycle: &Cycle,
        returns: Option<Rung>,
        approval: Option<Rung>,
        matters: &mut Matters,
    ) -> Result<(), ScheduleError> {
        // Overdue is said of what is closed, all else of what is open, and nothing of a paper that has gone.
        let returns = returns.filter(|&rung| match cycle.state {
            CycleState::Open => rung < Rung::Overdue,
            CycleState::Closed => rung == Rung::Overdue,
            CycleState::Planned | CycleState::Published | CycleState::Cancelled => false,
        });
        let approval = approval.filter(|_| cycle.state == CycleState::Closed);
        let gathered = self.store.gather(scope, cycle.id).await?;
        let place = Place::of(&gathered);
        if let Some(rung) = returns {
            self.about_returns(scope, &gathered, &place, rung, matters).await?;
        }
        if let Some(rung) = approval
            && let Some(digest) = self.store.list_digests(scope, cycle.id).await?.items.last()
            && digest.state == DigestState::Frozen
        {
            let approver = Role::Approver(cycle.committee);
            // Who wrote a part of it may not approve it.
            for person in self.holders(scope, approver, &gathered.region, &digest.authors).await? {
                matters.entry(person).or_default().push(Matter::Approve { place: place.clone(), rung });
            }
            if rung >= Rung::ApprovalLast {
                for person in self.holders(scope, Role::Editor(cycle.committee), &gathered.region, &[]).await? {
                    matters.entry(person).or_default().push(Matter::Unapproved { place: place.clone(), rung });
                }
            }
        }
        Ok(())
    }

    async fn about_returns(
        &self,
        scope: Scope,
        gathered: &Gathered,
        place: &Place,
        rung: Rung,
        matters: &mut Matters,
    ) -> Result<(), ScheduleError> {
        let recalled = ReturnFilter { partnership: None, cycle: Some(gathered.cycle.id) };
        let recalled = self.store.list_returns(scope, recalled, Page::all()).await?.items;
        let recalled: Vec<_> =
            recalled.iter().filter(|answer| answer.state == ReturnState::Draft).map(|answer| answer.partnership).collect();
        let mut missing = Vec::new();
        for partnership in &gathered.partnerships {
            let Some(standing) = standing(gathered, &recalled, partnership.id) else { continue };
            missing.push((partnership.name.clone(), standing.clone()));
            // What only waits for the lead is no longer the officer's; where nobody is entered as officer, the lead is the one who
            // can do something about it.
            let officers = if standing.is_the_officers() {
                self.holders(scope, Role::Officer(partnership.id), &gathered.region, &[]).await?
            } else {
                Vec::new()
            };
            let leads = if rung.reaches_the_lead() || officers.is_empty() || standing.unsigned() {
                let mut apart = Vec::new();
                if standing.unsigned() {
                    apart = self.store.list_news_writers(scope, partnership.id, gathered.cycle.id).await?;
                    apart.extend(gathered.returns.iter().filter(|a| a.partnership == partnership.id).map(|a| a.submitted_by));
                }
                self.holders(scope, Role::Lead(partnership.id), &gathered.region, &apart).await?
            } else {
                Vec::new()
            };
            let owe = |lead| Matter::Owe {
                place: place.clone(),
                partnership: partnership.name.clone(),
                slug: partnership.slug.clone(),
                standing: standing.clone(),
                rung,
                lead,
            };
            for &person in &officers {
                matters.entry(person).or_default().push(owe(false));
            }
            for person in leads.into_iter().filter(|person| standing.unsigned() || !officers.contains(person)) {
                matters.entry(person).or_default().push(owe(true));
            }
        }
        if !missing.is_empty() && rung.reaches_the_editor() {
            for person in self.holders(scope, Role::Editor(gathered.committee.id), &gathered.region, &[]).await? {
                let (missing, of) = (missing.clone(), gathered.partnerships.len());
                matters.entry(person).or_default().push(Matter::Missing { place: place.clone(), missing, of, rung });
            }
        }
        Ok(())
    }

    /// Who holds a role today and may act in it: not who is `apart`. A deputy stands in where there is nobody to stand in for.
    async fn holders(&self, scope: Scope, role: Role, region: &Region, apart: &[PersonId]) -> Result<Vec<PersonId>, ScheduleError> {
        let today = civil_day(self.clock.now(), region.zone);
        let mut held = self.store.list_holders(scope, role).await?;
        held.retain(|grant| grant.holds_on(today) && !apart.contains(&grant.person));
        let own = held.iter().any(|grant| !grant.deputy);
        let mut persons: Vec<PersonId> = held.iter().filter(|grant| !own || !grant.deputy).map(|grant| grant.person).collect();
        persons.sort_unstable();
        persons.dedup();
        Ok(persons)
    }

    fn reminder(&self, region: &Region, person: &Person, matters: &[Matter]) -> (Vec<u8>, NewMessage) {
        let now = self.clock.now();
        let letter = letter(person, matters, now, region.zone);
        // With the day as its step: one letter a person and day, whatever else goes wrong.
        self.message(MessageKind::Reminder, region.id.0, person, day_number(now, region), &letter)
    }

    /// Takes back letters that have not set out and are no longer wanted: of another day, or to who owes nothing any more. There
    /// are some only while the mail server is away.
    async fn take_back(&self, scope: Scope, region: &Region) -> Result<(), ScheduleError> {
        let now = self.clock.now();
        let filter = MessageFilter { matter: Some(region.id.0), state: Some(MessageState::Queued) };
        let waiting = self.store.list_messages(scope, filter, Page::all()).await?.items;
        let waiting: Vec<_> = waiting.into_iter().filter(|message| message.kind == MessageKind::Reminder).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let mut matters = Matters::new();
        for cycle in self.store.list_current_cycles(scope).await? {
            // By the widest rung, so that nobody's letter is taken back who might still be meant.
            let (returns, approval) = match cycle.state {
                CycleState::Open => (Some(Rung::DueToday), None),
                CycleState::Closed => {
                    let overdue = cycle.timetable.deadline_at + NEWS_FOR > now;
                    (overdue.then_some(Rung::Overdue), Some(Rung::ApprovalOverdue))
                }
                CycleState::Planned | CycleState::Published | CycleState::Cancelled => continue,
            };
            self.gather_matters(scope, &cycle, returns, approval, &mut matters).await?;
        }
        let today = day_number(now, region);
        for message in waiting {
            let why = match () {
                // Not those of a day to come: the clock was put back, and they are still wanted.
                () if message.step < today => "it was for another day",
                () if !matters.contains_key(&message.recipient) => "nothing is outstanding any more",
                () => continue,
            };
            if self.store.cancel_message(scope, &Act::by_system(now), message.id, why).await? {
                tracing::info!(message = %message.id, why, "took a reminder back");
            }
        }
        Ok(())
    }

    /// When a cycle's next reminders go out.
    pub(crate) fn next_reminders(cycle: &Cycle, region: &Region, now: Instant) -> Option<(Rung, Instant)> {
        let rungs = ladder::rungs(&cycle.timetable, NATION, region.zone);
        rungs.into_iter().find(|&(rung, at)| match cycle.state {
            CycleState::Planned | CycleState::Open => at > now && !rung.is_about_approval(),
            CycleState::Closed => at > now,
            CycleState::Published | CycleState::Cancelled => false,
        })
    }
}

/// The civil day as a number: days since 1 January 1970.
fn day_number(at: Instant, region: &Region) -> i32 {
    let epoch = chrono::NaiveDate::default();
    i32::try_from((civil_day(at, region.zone) - epoch).num_days()).unwrap_or(i32::MAX)
}
