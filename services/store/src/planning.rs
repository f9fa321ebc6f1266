//! Meetings become cycles, and cycles follow their meetings.
//!
//! Whatever dates depend on may change: the meeting, the committee's rules, the days on which offices are shut, the list of bank
//! holidays. Each time, all that has not happened yet is counted anew, in the same unit as the change, so that nobody ever reads
//! rules and dates that do not belong together. What moved is put on record with the reason; the scheduler tells people.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use csp_domain::{
    Act, Scope,
    calendar::{BankHolidays, ClosedDays, CommitteeRules, Move, PeriodMove, Reckoned, Reckoning, Reports, moves, onwards, weekday_and_day},
    clock::Instant,
    cycle::{Cycle, CycleState, NewCycle},
    id::{CommitteeId, CycleId, Slug},
    period::Period,
    text::{Fault, Line},
};

use crate::{Office, Refusal, Store, StoreError, calendar::unfinished, unit::Tx};

/// A meeting that is to become a cycle, or to move one.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// The day.
    pub day: NaiveDate,
    /// When it begins; none: as the committee's meetings do.
    pub time: Option<NaiveTime>,
    /// What is reported on; none: by the committee's rules.
    pub period: Option<Period>,
    /// What the calendar it comes from calls it.
    pub uid: Option<Line>,
    /// Which edition of that entry this is; none where nobody says.
    pub sequence: Option<u32>,
    /// It will not take place.
    pub cancelled: bool,
    /// The cycle whose meeting this is; none: that of the same calendar entry, of the same day, or a new one.
    pub cycle: Option<CycleId>,
}

/// What became of a meeting or a cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is a new cycle.
    Planned,
    /// Dates of it moved.
    Moved,
    /// All stays where it was.
    Unchanged,
    /// It was called off.
    CalledOff,
    /// Nothing could be done, for this reason; what was there keeps its dates.
    Kept(String),
}

/// A meeting or a cycle after planning.
#[derive(Debug, Clone)]
pub struct Replanned {
    /// The committee.
    pub committee: CommitteeId,
    /// The day of the meeting.
    pub day: NaiveDate,
    /// The cycle as it is now; none where there is none.
    pub cycle: Option<Cycle>,
    /// How its dates came about.
    pub plan: Option<Reckoning>,
    /// What became of it.
    pub outcome: Outcome,
    /// What moved.
    pub moves: Vec<Move>,
    /// What it reports on, where that moved.
    pub period: Option<PeriodMove>,
    /// What the calendar that the meeting comes from calls it.
    pub uid: Option<Line>,
}

/// What cycles of a committee are planned by.
struct Planner {
    committee: CommitteeId,
    rules: CommitteeRules,
    closed: ClosedDays,
    holidays: Arc<BankHolidays>,
    /// All its cycles, those without a plan too.
    cycles: Vec<(Cycle, Option<Reckoning>)>,
}

/// Faults as one sentence.
fn said(faults: &[Fault]) -> String {
    let told: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.field.replace('_', " "), fault.reason)).collect();
    told.join("; ")
}

impl Planner {
    /// To what day the last report before a meeting went.
    fn reported_before(&self, meeting: NaiveDateTime, but: Option<CycleId>) -> Option<NaiveDate> {
        let earlier = self.cycles.iter().filter(|(cycle, plan)| {
            let before = plan.as_ref().map_or_else(|| cycle.timetable.meeting_at.date_naive() < meeting.date(), |p| p.meeting < meeting);
            before && Some(cycle.id) != but && cycle.state != CycleState::Cancelled
        });
        earlier.map(|(cycle, _)| cycle.period.end()).max()
    }

    /// Counts a meeting back to its dates, and notes which other cycles than `but` report on the same.
    fn reckon(&self, meeting: NaiveDateTime, reports: Reports, uid: Option<Line>, but: Option<CycleId>) -> Result<Reckoned, String> {
        let mut found = self.rules.reckon(meeting, reports, uid, &self.closed, &self.holidays).map_err(|faults| said(&faults))?;
        let same = self
            .cycles
            .iter()
            .filter(|(cycle, _)| Some(cycle.id) != but && cycle.period == found.period && cycle.state != CycleState::Cancelled);
        for (cycle, plan) in same {
            let zone = self.rules.rules.nation.zone();
            let other = plan.as_ref().map_or_else(|| cycle.timetable.meeting_at.with_timezone(&zone).naive_local(), |plan| plan.meeting);
            let again = if other <= meeting { "already reported on" } else { "reported on again" };
            let day = weekday_and_day(other.date());
            found.reckoning.notes.push(format!("{} is {again} by {}, for the meeting on {day}.", found.period.label(), cycle.slug));
        }
        Ok(found)
    }

    /// An existing cycle counted anew. What it reports on follows the rules until the time has come to collect it, whether or not
    /// anybody has looked since; unless somebody said it.
    fn reckon_again(
        &self,
        cycle: &Cycle,
        plan: Option<&Reckoning>,
        meeting: NaiveDateTime,
        uid: Option<Line>,
        now: Instant,
    ) -> Result<Reckoned, String> {
        let named = plan.is_some_and(|plan| plan.given);
        let open = cycle.state != CycleState::Planned || cycle.timetable.opens_at <= now;
        let by_rule = self.reckon(meeting, Reports::ByRule(self.reported_before(meeting, Some(cycle.id))), uid.clone(), Some(cycle.id));
        match by_rule {
            Ok(found) if !named && (found.period == cycle.period || (plan.is_some() && !open)) => Ok(found),
            _ => self.reckon(meeting, Reports::Given(cycle.period), uid, Some(cycle.id)).map(|mut kept| {
                kept.reckoning.given = named || plan.is_none();
                kept
            }),
        }
    }

    /// The cycle that a meeting belongs to.
    fn cycle_of(&self, meeting: &Meeting) -> Option<usize> {
        let find = |fits: &dyn Fn(&Cycle, Option<&Reckoning>) -> bool| {
            self.cycles.iter().position(|(cycle, plan)| cycle.state != CycleState::Cancelled && fits(cycle, plan.as_ref()))
        };
        if let Some(id) = meeting.cycle {
            return find(&|cycle, _| cycle.id == id);
        }
        let by_uid = meeting.uid.as_ref().and_then(|uid| find(&|_, plan| plan.is_some_and(|plan| plan.uid.as_ref() == Some(uid))));
        by_uid.or_else(|| {
            // Another entry of the same calendar is another meeting, even on the same day.
            find(&|_, plan| plan.is_some_and(|plan| plan.meeting.date() == meeting.day && (plan.uid.is_none() || meeting.uid.is_none())))
        })
    }

    /// The edition that counts already, if it is a newer one of the same entry: of what takes place, or was called off.
    fn newer_edition(&self, meeting: &Meeting) -> Option<u32> {
        let (uid, given) = (meeting.uid.as_ref()?, meeting.sequence?);
        let known = self.cycles.iter().filter_map(|(_, plan)| plan.as_ref()).filter(|plan| plan.uid.as_ref() == Some(uid));
        known.map(|plan| plan.sequence).max().filter(|&sequence| sequence > given)
    }

    /// A cycle about the same period that was planned before there were rules, and so is the one this meeting is for.
    fn adopted(&self, period: Period) -> Option<usize> {
        self.cycles.iter().position(|(cycle, plan)| plan.is_none() && cycle.period == period && unfinished(cycle))
    }

    /// A name that no cycle has: of the period, if it has one, or of the day of the meeting.
    fn name(&self, period: Period, day: NaiveDate) -> Option<Slug> {
        let taken = |name: &Slug| self.cycles.iter().any(|(cycle, _)| cycle.slug == *name);
        let numbered = (2..100).map(|n| format!("{day}-{n}"));
        let names = [period.to_string(), day.to_string()].into_iter().chain(numbered);
        names.filter_map(|name| name.parse::<Slug>().ok()).find(|name| !taken(name))
    }
}

impl Tx {
    async fn planner(&mut self, committee: CommitteeId, office: Office, holidays: Arc<BankHolidays>) -> Result<Planner, StoreError> {
        let rules = office.rules.ok_or(Refusal::NoRules)?;
        let mut cycles = Vec::new();
        for cycle in self.cycles_of(committee).await? {
            let plan = self.plan_of(cycle.id).await?;
            cycles.push((cycle, plan));
        }
        Ok(Planner { committee, rules, closed: office.all_closed, holidays, cycles })
    }

    /// Counts one cycle anew.
    async fn replan(
        &mut self,
        act: &Act,
        planner: &mut Planner,
        place: usize,
        meeting: NaiveDateTime,
        uid: Option<Line>,
        why: &str,
    ) -> Result<Replanned, StoreError> {
        let (cycle, plan) = planner.cycles[place].clone();
        let uid = uid.or_else(|| plan.as_ref().and_then(|plan| plan.uid.clone()));
        let made = |cycle: Cycle, plan, outcome, moves, period| Replanned {
            committee: planner.committee,
            day: meeting.date(),
            cycle: Some(cycle),
            plan,
            outcome,
            moves,
            period,
            uid: uid.clone(),
        };
        let wanted = planner.reckon_again(&cycle, plan.as_ref(), meeting, uid.clone(), act.at).and_then(|wanted| {
            let after = onwards(&cycle.timetable, cycle.state, &wanted.timetable, act.at).map_err(|refused| format!("it {refused}"))?;
            Ok((wanted, after))
        });
        let (wanted, after) = match wanted {
            Ok(found) => found,
            Err(reason) => return Ok(made(cycle, plan, Outcome::Kept(reason), Vec::new(), None)),
        };
        let reckoning = wanted.reckoning.keeping(plan.as_ref(), &after, act.at);
        let moves = moves(&cycle.timetable, &after);
        let period = PeriodMove::between(cycle.period, wanted.period);
        if moves.is_empty() && period.is_none() {
            if plan.as_ref() != Some(&reckoning) {
                self.put_plan(cycle.id, &reckoning).await?;
                planner.cycles[place].1 = Some(reckoning.clone());
            }
            return Ok(made(cycle, Some(reckoning), Outcome::Unchanged, moves, None));
        }
        let new = self.set_timetable(act, &cycle, after, wanted.period).await?;
        self.put_plan(cycle.id, &reckoning).await?;
        self.note_moves(act, &new, &moves, period, why).await?;
        let answer = made(new.clone(), Some(reckoning.clone()), Outcome::Moved, moves, period);
        planner.cycles[place] = (new, Some(reckoning));
        Ok(answer)
    }

    /// Counts all cycles of a committee anew that were planned by its rules and are not at their end.
    async fn replan_all(&mut self, act: &Act, planner: &mut Planner, why: &str) -> Result<Vec<Replanned>, StoreError> {
        let mut answers = Vec::new();
        for place in 0..planner.cycles.len() {
            let (cycle, plan) = &planner.cycles[place];
            let Some(meeting) = plan.as_ref().filter(|_| unfinished(cycle)).map(|plan| plan.meeting) else { continue };
            let answer = self.replan(act, planner, place, meeting, None, why).await?;
            if answer.outcome != Outcome::Unchanged {
                answers.push(answer);
            }
        }
        Ok(answers)
    }

    async fn schedule(&mut self, act: &Act, planner: &mut Planner, meeting: Meeting) -> Result<Replanned, StoreError> {
        let edition = meeting.uid.as_ref().and(meeting.sequence);
        let mut answer = self.place_meeting(act, planner, meeting).await?;
        // What follows an edition says which, so that an older one that is read later moves nothing back.
        if let (Some(sequence), Some(cycle)) = (edition, &answer.cycle)
            && !matches!(answer.outcome, Outcome::Kept(_))
            && let Some((_, Some(plan))) = planner.cycles.iter_mut().find(|(known, _)| known.id == cycle.id)
            && plan.sequence < sequence
        {
            plan.sequence = sequence;
            self.put_plan(cycle.id, plan).await?;
            answer.plan = Some(plan.clone());
        }
        Ok(answer)
    }

    async fn place_meeting(&mut self, act: &Act, planner: &mut Planner, meeting: Meeting) -> Result<Replanned, StoreError> {
        let place = planner.cycle_of(&meeting);
        // Of whose hour nothing is said it begins when it did, or as the committee's meetings do.
        let before = place.and_then(|place| planner.cycles[place].1.as_ref()).map(|plan| plan.meeting.time());
        let civil = meeting.day.and_time(meeting.time.or(before).unwrap_or(planner.rules.meeting_at));
        let nothing = |reason: String| Replanned {
            committee: planner.committee,
            day: meeting.day,
            cycle: None,
            plan: None,
            outcome: Outcome::Kept(reason),
            moves: Vec::new(),
            period: None,
            uid: meeting.uid.clone(),
        };
        if let Some(sequence) = planner.newer_edition(&meeting) {
            let here = meeting.sequence.unwrap_or_default();
            return Ok(nothing(format!("a newer edition of this entry is known already: its SEQUENCE is {sequence}, here it is {here}")));
        }
        if meeting.cancelled {
            return self.call_off(act, planner, place, &meeting).await;
        }
        if meeting.cycle.is_some() && place.is_none() {
            return Err(StoreError::NotFound("cycle"));
        }
        if let Some(place) = place {
            let of = planner.cycles[place].0.period;
            if meeting.period.is_some_and(|period| period != of) {
                return Ok(nothing(format!("its cycle reports on {}, which stays", of.label())));
            }
            return self.move_meeting(act, planner, place, civil, meeting.uid).await;
        }
        let reports = meeting.period.map_or_else(|| Reports::ByRule(planner.reported_before(civil, None)), Reports::Given);
        let wanted = match planner.reckon(civil, reports, meeting.uid.clone(), None) {
            Ok(wanted) => wanted,
            Err(reason) => return Ok(nothing(reason)),
        };
        if let Some(place) = planner.adopted(wanted.period) {
            return self.move_meeting(act, planner, place, civil, meeting.uid).await;
        }
        if wanted.is_too_late(act.at) {
            let due = csp_domain::calendar::full(wanted.timetable.deadline_at, planner.rules.rules.nation.zone());
            return Ok(nothing(format!("its returns would have been due on {due}, which has passed")));
        }
        let Some(slug) = planner.name(wanted.period, meeting.day) else {
            return Ok(nothing("there are too many cycles of this name".to_owned()));
        };
        let id = CycleId(self.id(act.at));
        let Reckoned { period, timetable, reckoning } = wanted;
        let cycle = self.insert_cycle(act, &NewCycle { id, committee: planner.committee, slug, period, timetable }).await?;
        self.put_plan(id, &reckoning).await?;
        planner.cycles.push((cycle.clone(), Some(reckoning.clone())));
        Ok(Replanned {
            committee: planner.committee,
            day: meeting.day,
            cycle: Some(cycle),
            plan: Some(reckoning),
            outcome: Outcome::Planned,
            moves: Vec::new(),
            period: None,
            uid: meeting.uid,
        })
    }

    async fn move_meeting(
        &mut self,
        act: &Act,
        planner: &mut Planner,
        place: usize,
        civil: NaiveDateTime,
        uid: Option<Line>,
    ) -> Result<Replanned, StoreError> {
        let (cycle, plan) = &planner.cycles[place];
        let zone = planner.rules.rules.nation.zone();
        let before = plan.as_ref().map_or_else(|| cycle.timetable.meeting_at.with_timezone(&zone).naive_local(), |plan| plan.meeting);
        let time = |at: NaiveDateTime| at.format("%H:%M").to_string();
        let why = if plan.is_none() {
            "the committee's dates are counted back from its meetings now".to_owned()
        } else if before.date() == civil.date() {
            format!("the meeting on {} begins at {}, not at {}", weekday_and_day(civil.date()), time(civil), time(before))
        } else {
            format!("the meeting moved from {} to {}", weekday_and_day(before.date()), weekday_and_day(civil.date()))
        };
        if !unfinished(cycle) {
            return Ok(Replanned {
                committee: planner.committee,
                day: civil.date(),
                cycle: Some(cycle.clone()),
                plan: plan.clone(),
                outcome: if before == civil { Outcome::Unchanged } else { Outcome::Kept("its paper has gone to members".to_owned()) },
                moves: Vec::new(),
                period: None,
                uid,
            });
        }
        self.replan(act, planner, place, civil, uid, &why).await
    }

    async fn call_off(
        &mut self,
        act: &Act,
        planner: &mut Planner,
        place: Option<usize>,
        meeting: &Meeting,
    ) -> Result<Replanned, StoreError> {
        let mut answer = Replanned {
            committee: planner.committee,
            day: meeting.day,
            cycle: None,
            plan: None,
            outcome: Outcome::Unchanged,
            moves: Vec::new(),
            period: None,
            uid: meeting.uid.clone(),
        };
        let Some(place) = place else { return Ok(answer) };
        let (cycle, plan) = planner.cycles[place].clone();
        answer.plan = plan;
        if unfinished(&cycle) {
            let cancelled = self.call_off_cycle(act, &cycle, "the meeting was called off in the committee's calendar").await?;
            planner.cycles[place].0 = cancelled.clone();
            (answer.cycle, answer.outcome) = (Some(cancelled), Outcome::CalledOff);
        } else {
            (answer.cycle, answer.outcome) = (Some(cycle), Outcome::Kept("its paper has gone to members".to_owned()));
        }
        Ok(answer)
    }
}

impl Store {
    /// Gives a committee rules, or takes them away, and counts anew what was planned by them.
    pub async fn set_rules(
        &self,
        scope: Scope,
        act: &Act,
        committee: CommitteeId,
        rules: Option<CommitteeRules>,
    ) -> Result<(Office, Vec<Replanned>), StoreError> {
        let (act, holidays) = (act.clone(), self.holidays.clone());
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                tx.get_committee(committee).await?;
                let old = tx.rules_of(committee).await?;
                if old != rules {
                    tx.put_rules(&act, committee, old.as_ref(), rules.as_ref()).await?;
                }
                let office = tx.office_of(committee, &holidays).await?;
                if rules.is_none() {
                    return Ok((office, Vec::new()));
                }
                let mut planner = tx.planner(committee, office.clone(), holidays).await?;
                let answers = tx.replan_all(&act, &mut planner, "the committee's rules have changed").await?;
                Ok((office, answers))
            })
        })
        .await
    }

    /// Closes days, or opens them again: of one committee, or of all of the region. Counts anew whatever they move.
    pub async fn change_closed_days(
        &self,
        scope: Scope,
        act: &Act,
        committee: Option<CommitteeId>,
        add: ClosedDays,
        remove: Vec<NaiveDate>,
    ) -> Result<(ClosedDays, Vec<Replanned>), StoreError> {
        let (act, holidays) = (act.clone(), self.holidays.clone());
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(committee) = committee {
                    tx.get_committee(committee).await?;
                }
                tx.put_closed_days(&act, committee, &add, &remove).await?;
                let days = tx.closed_days_of(committee).await?;
                let why = why_of_days(&add, &remove);
                let mut answers = Vec::new();
                for ruled in tx.ruled().await?.into_iter().filter(|ruled| committee.is_none_or(|one| one == *ruled)) {
                    let office = tx.office_of(ruled, &holidays).await?;
                    let mut planner = tx.planner(ruled, office, holidays.clone()).await?;
                    answers.extend(tx.replan_all(&act, &mut planner, &why).await?);
                }
                Ok((days, answers))
            })
        })
        .await
    }

    /// Plans meetings into cycles by the committee's rules, in order of their days; moves and calls off cycles whose meetings did.
    pub async fn schedule_meetings(
        &self,
        scope: Scope,
        act: &Act,
        committee: CommitteeId,
        mut meetings: Vec<Meeting>,
    ) -> Result<Vec<Replanned>, StoreError> {
        let (act, holidays) = (act.clone(), self.holidays.clone());
        meetings.sort_by_key(|meeting| (meeting.day, meeting.time));
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let office = tx.office_of(committee, &holidays).await?;
                let mut planner = tx.planner(committee, office, holidays).await?;
                let mut answers = Vec::with_capacity(meetings.len());
                for meeting in meetings {
                    answers.push(tx.schedule(&act, &mut planner, meeting).await?);
                }
                Ok(answers)
            })
        })
        .await
    }

    /// Counts a committee's cycles anew by the bank holidays that this server knows.
    pub async fn replan_committee(&self, scope: Scope, act: &Act, committee: CommitteeId) -> Result<Vec<Replanned>, StoreError> {
        let (act, holidays) = (act.clone(), self.holidays.clone());
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let office = tx.office_of(committee, &holidays).await?;
                if office.rules.is_none() {
                    return Ok(Vec::new());
                }
                let mut planner = tx.planner(committee, office, holidays).await?;
                tx.replan_all(&act, &mut planner, "the list of bank holidays has changed").await
            })
        })
        .await
    }
}

/// `29 December 2026 is a closed day (offices shut)`, `29 December 2026 is a working day again`, or how many of each.
fn why_of_days(add: &ClosedDays, remove: &[NaiveDate]) -> String {
    let day = csp_domain::period::uk_date;
    let closed = match (add.len(), add.iter().next()) {
        (1, Some((only, reason))) => Some(format!("{} is a closed day ({reason})", day(only))),
        (0, _) | (_, None) => None,
        (many, _) => Some(format!("{many} days are closed days now")),
    };
    let open = match remove {
        [] => None,
        [only] => Some(format!("{} is a working day again", day(*only))),
        many => Some(format!("{} days are working days again", many.len())),
    };
    [closed, open].into_iter().flatten().collect::<Vec<_>>().join(", and ")
}
