//! Reminders: who owes something is written to in the morning, and only then.
//!
//! A region has one round a day at most ([`ladder`] says on which mornings and how far each cycle has come by then). A round gathers
//! what is outstanding, writes one letter to each person who can do something about it, and is put on record with its letters in
//! one unit: of two servers one makes it. Whatever was answered meanwhile takes back, at the next look, the letters that wait.

mod joint;
mod letter;
mod owed;
mod summary;
mod workbook;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use csp_domain::{
    Act, Instant, Scope,
    calendar::{
        Timetable, civil_day, day_number,
        ladder::{self, Rung},
    },
    cycle::{Cycle, CycleState, Extension},
    digest::DigestState,
    id::{CycleId, PartnershipId, PersonId, RegionId},
    message::{MessageKind, MessageState, NewMessage},
    person::{Person, Role},
    region::Region,
    returns::ReturnState,
    schedule::{Job, OrderKind},
};
use csp_store::{Decisions, Gathered, MessageFilter, OpenJoint, Page, ReturnFilter, WaitingWording};
use tracing::Instrument as _;

use crate::{ScheduleError, Scheduler, tick::AllDecisions};

use self::{
    letter::{Matter, Place, dates, letter, workbooks},
    owed::Standing,
    summary::Summary,
};

pub(crate) use self::owed::standing;

/// That a return is due or overdue is news for so long: a server that slept longer does not bring it up again.
const NEWS_FOR: TimeDelta = TimeDelta::days(7);

/// How far up the ladder the returns of a cycle are this morning.
#[derive(Debug, Clone)]
struct Reached {
    /// All but those that have a deadline of their own.
    general: Option<Rung>,
    /// Those, with the time that they were given.
    own: BTreeMap<PartnershipId, (Option<Rung>, Extension)>,
    /// This is the first letter since collecting opened: the workbook to fill in goes with it.
    first: bool,
}

impl Reached {
    fn any(&self) -> bool {
        self.general.is_some() || self.own.values().any(|(rung, _)| rung.is_some())
    }

    fn of(&self, partnership: PartnershipId) -> (Option<Rung>, Option<&Extension>) {
        self.own.get(&partnership).map_or((self.general, None), |(rung, more)| (*rung, Some(more)))
    }

    /// What of it is to be said: overdue of what is late or closed, all else of what is open, and nothing of a paper that has gone.
    fn said_of(&self, cycle: &Cycle, now: Instant) -> Self {
        let said = |rung: Option<Rung>, deadline: Instant| {
            rung.filter(|&rung| match cycle.state {
                CycleState::Open => rung < Rung::Overdue || now > deadline,
                CycleState::Closed => rung == Rung::Overdue,
                CycleState::Planned | CycleState::Published | CycleState::Cancelled => false,
            })
        };
        let own = self.own.iter().map(|(&partnership, (rung, more))| (partnership, (said(*rung, more.until), more.clone())));
        Self { general: said(self.general, cycle.timetable.deadline_at), own: own.collect(), first: self.first }
    }
}

/// What waits for somebody's word, whatever is due of returns.
#[derive(Debug)]
struct Waiting {
    /// For a lead's answer.
    wordings: Vec<WaitingWording>,
    /// For another owner's signature, or sent back.
    joint: Vec<OpenJoint>,
}

impl Waiting {
    /// Whether any of it came for a cycle before this round, and nobody was told. What comes while reminders are held is told when they go
    /// on.
    fn is_untold(&self, cycle: CycleId, round: Instant) -> bool {
        self.wordings.iter().any(|wording| wording.cycle == cycle && !wording.told && wording.at < round)
            || self.joint.iter().any(|joint| joint.cycle == cycle && !joint.told && joint.owner.at < round)
    }
}

/// What each person is written to about.
type Matters = BTreeMap<PersonId, Vec<Matter>>;

impl Scheduler {
    /// Makes the morning's round in each region that has not had it, and takes back letters that are no longer wanted. Answers how
    /// many letters were queued, and in how many regions it failed.
    pub(crate) async fn remind(&self, decisions: &AllDecisions) -> Result<(usize, usize), ScheduleError> {
        let mut regions: Vec<RegionId> = self.store.list_unfinished().await?.into_iter().map(|cycle| cycle.region).collect();
        regions.sort_unstable();
        regions.dedup();
        let (mut queued, mut failed) = (0, 0);
        for region in regions {
            let span = tracing::info_span!("job", job = "remind", %region);
            let decided = decisions.get(&region).cloned().unwrap_or_default();
            match self.remind_region(Scope::Region(region), &decided).instrument(span.clone()).await {
                Ok(letters) => queued += letters,
                Err(error) => {
                    failed += 1;
                    span.in_scope(|| tracing::error!(%error, "a round of reminders failed and stays due"));
                }
            }
        }
        Ok((queued, failed))
    }

    async fn remind_region(&self, scope: Scope, decided: &Decisions) -> Result<usize, ScheduleError> {
        let region = self.store.get_region(scope).await?;
        self.take_back(scope, &region).await?;
        let mut ordered = 0;
        for order in decided.orders.iter().filter(|order| order.job == Job::Remind && order.kind == OrderKind::Run) {
            ordered += self.remind_as_ordered(scope, &region, order.cycle).await?;
        }
        Ok(ordered + self.remind_this_morning(scope, &region, decided).await?)
    }

    /// The round of the morning, if there is one to be made.
    async fn remind_this_morning(&self, scope: Scope, region: &Region, decided: &Decisions) -> Result<usize, ScheduleError> {
        let now = self.clock.now();
        let Some(round) = ladder::this_morning(now, region.zone) else { return Ok(0) };
        // A region's first round comes the morning after it was set up: nobody is reminded of what was there before they were.
        let since = self.store.last_round(scope, round).await?.unwrap_or(region.created_at);
        if since >= round {
            return Ok(0);
        }
        let mut current = Vec::new();
        for cycle in self.store.list_current_cycles(scope).await? {
            let office = self.store.get_office(scope, cycle.committee).await?;
            current.push((cycle, office));
        }
        // The region's round is made where any of its committees works today.
        if ladder::round(now, current.iter().map(|(_, office)| office.days()), region.zone).is_none() {
            return Ok(0);
        }
        let waiting = self.waiting(scope).await?;
        let unheard = self.store.list_opened_untold(scope, round, region.created_at).await?;
        let (mut matters, mut spoken_of, mut told_open) = (Matters::new(), Vec::new(), Vec::new());
        let held = |cycle| {
            let mut orders = decided.orders.iter();
            orders.any(|order| order.cycle == cycle && order.job == Job::Remind && order.kind == OrderKind::Hold)
        };
        let skipped = |cycle, at| decided.runs.iter().any(|run| run.cycle == cycle && run.job == Job::Remind && run.due_at == at);
        for (cycle, office) in &current {
            if held(cycle.id) {
                continue;
            }
            let rungs = |timetable: &Timetable| {
                let mut rungs = office.rungs(timetable, region.zone);
                rungs.retain(|&(_, at)| !skipped(cycle.id, at));
                rungs
            };
            let opened = rungs(&cycle.timetable).into_iter().find(|&(rung, at)| rung == Rung::Opened && at <= round);
            // The round of that morning could not speak of what was planned later, or moved to before it, or held back.
            let unheard = opened.is_some() && unheard.contains(&cycle.id);
            let rung = |timetable: &Timetable| {
                let from = if unheard { Instant::MIN_UTC } else { since };
                let reached = ladder::reached(&rungs(timetable), from.max(round - NEWS_FOR), round).0;
                reached.or((unheard && round < timetable.deadline_at).then_some(Rung::Opened))
            };
            // A paper that waits, waits however long nobody looked.
            let (_, approval) = ladder::reached(&rungs(&cycle.timetable), since, round);
            let mut returns = self.ladders(scope, cycle, rung).await?;
            // However late, and whatever else is to be said by then.
            returns.first = unheard || opened.is_some_and(|(_, at)| since < at);
            if returns.first && cycle.state == CycleState::Open {
                told_open.push(cycle.id);
            }
            // What came since the last round is told the next morning, and again with whatever else is due.
            if returns.any() || approval.is_some() || waiting.is_untold(cycle.id, round) {
                spoken_of.push(cycle.id);
                self.gather_matters(scope, cycle, &returns, approval, &waiting, &mut matters).await?;
            }
        }
        let letters = self.letters(scope, region, matters).await?;
        let count = letters.len();
        if self.store.remind(scope, &Act::by_system(now), round, spoken_of, told_open, letters).await? {
            if count > 0 {
                tracing::info!(letters = count, "reminded who owes something");
            }
            return Ok(count);
        }
        Ok(0)
    }

    /// Writes now to everybody who owes something for one cycle, because somebody ordered it. What has been reached is said; before
    /// the first rung, that collecting is open.
    async fn remind_as_ordered(&self, scope: Scope, region: &Region, cycle: CycleId) -> Result<usize, ScheduleError> {
        let now = self.clock.now();
        let cycle = self.store.get_cycle(scope, cycle).await?;
        let office = self.store.get_office(scope, cycle.committee).await?;
        let rung = |timetable: &Timetable| match ladder::reached(&office.rungs(timetable, region.zone), Instant::MIN_UTC, now).0 {
            // Whether or not the morning after has come.
            _ if now > timetable.deadline_at => Some(Rung::Overdue),
            reached => reached.or(Some(Rung::Opened)),
        };
        let (_, approval) = ladder::reached(&office.rungs(&cycle.timetable, region.zone), Instant::MIN_UTC, now);
        let mut matters = Matters::new();
        let mut returns = self.ladders(scope, &cycle, rung).await?;
        // Who is written to because somebody asked for it may have lost what came before.
        returns.first = true;
        let waiting = self.waiting(scope).await?;
        self.gather_matters(scope, &cycle, &returns, approval, &waiting, &mut matters).await?;
        let letters = self.letters(scope, region, matters).await?;
        let count = letters.len();
        let done = self.store.remind_as_ordered(scope, &Act::by_system(now), cycle.id, letters).await?;
        tracing::info!(letters = count, done, "reminded about a cycle as ordered");
        Ok(if done { count } else { 0 })
    }

    async fn waiting(&self, scope: Scope) -> Result<Waiting, ScheduleError> {
        let wordings = self.store.list_waiting_wordings(scope).await?;
        Ok(Waiting { wordings, joint: self.store.list_open_joint(scope).await? })
    }

    /// How far up the ladder returns are: of all, and of whoever was given more time, who climbs one of their own.
    async fn ladders(&self, scope: Scope, cycle: &Cycle, rung: impl Fn(&Timetable) -> Option<Rung>) -> Result<Reached, ScheduleError> {
        let given = self.store.list_extensions(scope, cycle.id).await?.into_iter();
        let own = given.map(|(id, more)| (id, (rung(&Timetable { deadline_at: more.until, ..cycle.timetable }), more)));
        Ok(Reached { general: rung(&cycle.timetable), own: own.collect(), first: false })
    }

    /// One letter to each person about all that concerns them.
    async fn letters(&self, scope: Scope, region: &Region, matters: Matters) -> Result<Vec<(Vec<u8>, NewMessage)>, ScheduleError> {
        let mut letters = Vec::with_capacity(matters.len());
        for (person, matters) in matters {
            let person = self.store.get_person(scope, person).await?;
            letters.push(self.reminder(region, &person, &matters));
        }
        Ok(letters)
    }

    /// What a cycle that has reached a rung is to be said of, and to whom.
    async fn gather_matters(
        &self,
        scope: Scope,
        cycle: &Cycle,
        returns: &Reached,
        approval: Option<Rung>,
        waiting: &Waiting,
        matters: &mut Matters,
    ) -> Result<(), ScheduleError> {
        let returns = returns.said_of(cycle, self.clock.now());
        let approval = approval.filter(|_| cycle.state == CycleState::Closed);
        let gathered = self.store.gather(scope, cycle.id).await?;
        let place = Place::of(&gathered);
        if returns.any() {
            self.about_returns(scope, &gathered, &place, &returns, matters).await?;
        }
        self.about_wordings(scope, &gathered, &place, &waiting.wordings, matters).await?;
        self.about_joint(scope, &gathered, &place, &waiting.joint, matters).await?;
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
        returns: &Reached,
        matters: &mut Matters,
    ) -> Result<(), ScheduleError> {
        let recalled = ReturnFilter { partnership: None, cycle: Some(gathered.cycle.id) };
        let recalled = self.store.list_returns(scope, recalled, Page::all()).await?.items;
        let recalled: Vec<_> =
            recalled.iter().filter(|answer| answer.state == ReturnState::Draft).map(|answer| answer.partnership).collect();
        let (now, mut missing) = (self.clock.now(), Vec::new());
        for partnership in &gathered.partnerships {
            let Some(standing) = standing(gathered, &recalled, partnership.id) else { continue };
            missing.push((partnership.name.clone(), standing.clone()));
            let (rung, more) = returns.of(partnership.id);
            let Some(rung) = rung else { continue };
            let (place, deadline) = (place.due(more), more.map(|more| more.until));
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
            let wanted = returns.first && standing.asks_for_all() && now <= deadline.unwrap_or(gathered.cycle.timetable.deadline_at);
            let workbook = if wanted { self.workbook(scope, gathered, partnership, deadline).await? } else { None };
            let owe = |lead| Matter::Owe {
                place: place.clone(),
                partnership: partnership.name.clone(),
                slug: partnership.slug.clone(),
                standing: standing.clone(),
                rung,
                lead,
                workbook: workbook.clone(),
            };
            for &person in &officers {
                matters.entry(person).or_default().push(owe(false));
            }
            for person in leads.into_iter().filter(|person| standing.unsigned() || !officers.contains(person)) {
                matters.entry(person).or_default().push(owe(true));
            }
        }
        if let Some(rung) = returns.general.filter(|rung| !missing.is_empty() && rung.reaches_the_editor()) {
            let (standings, tallies) = self.store.cycle_standing(scope, gathered.cycle.id).await?;
            let summary = Summary::of(&standings, &tallies, gathered.cycle.timetable.deadline_at);
            for person in self.holders(scope, Role::Editor(gathered.committee.id), &gathered.region, &[]).await? {
                let (missing, summary) = (missing.clone(), summary.clone());
                matters.entry(person).or_default().push(Matter::Missing { place: place.clone(), missing, summary, rung });
            }
        }
        Ok(())
    }

    /// Wordings that wait for a lead's answer; whoever proposed one as an editor does not answer it as a lead.
    async fn about_wordings(
        &self,
        scope: Scope,
        gathered: &Gathered,
        place: &Place,
        waiting: &[WaitingWording],
        matters: &mut Matters,
    ) -> Result<(), ScheduleError> {
        for partnership in &gathered.partnerships {
            let own: Vec<&WaitingWording> =
                waiting.iter().filter(|wording| wording.cycle == gathered.cycle.id && wording.partnership == partnership.id).collect();
            if own.is_empty() {
                continue;
            }
            // Of each somebody else is asked than who proposed it.
            let mut counts: BTreeMap<PersonId, usize> = BTreeMap::new();
            for wording in &own {
                for person in self.holders(scope, Role::Lead(partnership.id), &gathered.region, &[wording.by]).await? {
                    *counts.entry(person).or_default() += 1;
                }
            }
            for (person, count) in counts {
                let (name, slug) = (partnership.name.clone(), partnership.slug.clone());
                matters.entry(person).or_default().push(Matter::Answer { place: place.clone(), partnership: name, slug, count });
            }
        }
        Ok(())
    }

    /// Who holds a role today and may act in it: not who is `apart`. A deputy stands in where there is nobody to stand in for.
    pub(crate) async fn holders(
        &self,
        scope: Scope,
        role: Role,
        region: &Region,
        apart: &[PersonId],
    ) -> Result<Vec<PersonId>, ScheduleError> {
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
        let files: Vec<_> = dates(matters, now).into_iter().chain(workbooks(matters).cloned()).collect();
        // With the day as its step: one letter a person and day, whatever else goes wrong.
        self.message(MessageKind::Reminder, region.id.0, person, day_number(now, region.zone), &letter, &files)
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
        let waits = self.waiting(scope).await?;
        let mut matters = Matters::new();
        for cycle in self.store.list_current_cycles(scope).await? {
            // By the widest rung, so that nobody's letter is taken back who might still be meant.
            let (returns, approval) = match cycle.state {
                CycleState::Open if now > cycle.timetable.deadline_at => (Some(Rung::Overdue), None),
                CycleState::Open => (Some(Rung::DueToday), None),
                CycleState::Closed => {
                    let overdue = cycle.timetable.freeze_at + NEWS_FOR > now;
                    (overdue.then_some(Rung::Overdue), Some(Rung::ApprovalOverdue))
                }
                CycleState::Planned | CycleState::Published | CycleState::Cancelled => continue,
            };
            // A partnership's own ladder is among the widest.
            let returns = Reached { general: returns, own: BTreeMap::new(), first: false };
            self.gather_matters(scope, &cycle, &returns, approval, &waits, &mut matters).await?;
        }
        let today = day_number(now, region.zone);
        for message in waiting {
            let (why, unsaid) = match () {
                // Not those of a day to come: the clock was put back, and they are still wanted.
                () if message.step < today => ("it was for another day", ladder::this_morning(message.created_at, region.zone)),
                () if !matters.contains_key(&message.recipient) => ("nothing is outstanding any more", None),
                () => continue,
            };
            if self.store.cancel_message(scope, &Act::by_system(now), message.id, why, unsaid).await? {
                tracing::info!(message = %message.id, why, "took a reminder back");
            }
        }
        Ok(())
    }
}
