//! Dates that moved, and the one letter about them that each of those concerned gets.
//!
//! Whatever moves a date puts it on record with the reason; the next tick tells, once, everybody to whom the date matters: who owes
//! a return, who signs, edits and approves. Several moves are one letter, of the first date and the last. That a cycle was called off is
//! told in the same way, to all of them: also to who sent in what is not printed now.

use std::collections::BTreeMap;

use csp_domain::{
    Act, Scope,
    calendar::{Move, PeriodMove, Step, Timetable, full},
    clock::Instant,
    cycle::{Cycle, CycleState},
    id::{CycleId, PersonId, RegionId},
    message::MessageKind,
    person::{Person, Role},
    region::Region,
};
use csp_render::letter::Letter;
use csp_store::MoveRecord;
use tracing::Instrument as _;

use crate::{ScheduleError, Scheduler};

/// What moved of one cycle since anybody was told.
#[derive(Debug, Clone)]
struct Moved {
    /// `Citizen Focus Committee, Q3 2021/22 (October to December 2021)`.
    label: String,
    /// `Q3 2021/22`.
    short: String,
    /// As `csp` wants it typed: `citizen-focus/2021-q3`.
    typed: String,
    what: What,
}

/// From where people last knew it to where it is now, and nothing of what came back to where it was.
#[derive(Debug, Clone, Default)]
struct What {
    moves: Vec<Move>,
    period: Option<PeriodMove>,
    whys: Vec<String>,
    /// Deadlines of their own that partnerships were given, and that moved with the rest: whose, and from when to when.
    own: Vec<(String, Move)>,
    /// It was called off: when its meeting was to be.
    called_off: Option<Instant>,
}

impl What {
    fn of(cycle: CycleId, untold: &[MoveRecord]) -> Self {
        let Self { mut moves, mut period, mut whys, own, called_off } = Self::default();
        for found in untold.iter().filter(|found| found.cycle == cycle) {
            for moved in &found.moves {
                match moves.iter_mut().find(|known| known.step == moved.step) {
                    Some(known) => known.to = moved.to,
                    None => moves.push(*moved),
                }
            }
            period = match (period, found.period) {
                (Some(known), Some(moved)) => PeriodMove::between(known.from, moved.to),
                (known, moved) => known.or(moved),
            };
            if !whys.contains(&found.why) {
                whys.push(found.why.clone());
            }
        }
        moves.retain(|moved| moved.from != moved.to);
        moves.sort_by_key(|moved| moved.step);
        Self { moves, period, whys, own, called_off }
    }

    /// Of what was called off, nothing but that.
    fn called_off(cycle: &Cycle, untold: &[MoveRecord]) -> Self {
        let whys = untold.iter().filter(|found| found.cycle == cycle.id && found.is_call_off()).map(|found| found.why.clone()).collect();
        Self { whys, called_off: Some(cycle.timetable.meeting_at), ..Self::default() }
    }

    fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.period.is_none() && self.own.is_empty() && self.called_off.is_none()
    }

    /// The deadline that a partnership was `given` for its own, where it moved: nobody has less time than all, or more than until the
    /// freeze.
    fn own_deadline(&self, now: &Timetable, given: Instant) -> Option<Move> {
        let mut before = *now;
        for moved in &self.moves {
            match moved.step {
                Step::Deadline => before.deadline_at = moved.from,
                Step::Freeze => before.freeze_at = moved.from,
                _ => {}
            }
        }
        let (from, to) = (before.given(given), now.given(given));
        (from != to).then_some(Move { step: Step::Deadline, from, to })
    }

    /// When returns are due now, as whoever is told of it knows them.
    fn deadline(&self) -> Option<&Move> {
        self.moves.iter().find(|moved| moved.step == Step::Deadline).or_else(|| self.own.first().map(|(_, moved)| moved))
    }

    /// Who has two roles is told of everything that either is told of.
    fn join(&mut self, other: &Self) {
        for moved in &other.moves {
            if !self.moves.iter().any(|known| known.step == moved.step) {
                self.moves.push(*moved);
            }
        }
        self.moves.sort_by_key(|moved| moved.step);
        for own in &other.own {
            if !self.own.contains(own) {
                self.own.push(own.clone());
            }
        }
    }

    /// The part that concerns who sends in and signs for one partnership: a paper's release is not theirs to keep. Who was given more
    /// time keeps it where everybody else's deadline moves, and is told where it moved too.
    fn for_partnership(&self, given: Option<(&str, Option<Move>)>) -> Option<Self> {
        let theirs = |moved: &Move| match moved.step {
            Step::Release => false,
            Step::Deadline => given.is_none(),
            _ => true,
        };
        let moves: Vec<Move> = self.moves.iter().copied().filter(theirs).collect();
        let own = given.and_then(|(name, moved)| Some((name.to_owned(), moved?)));
        let part = Self { moves, own: own.into_iter().collect(), ..self.clone() };
        (!part.is_empty()).then_some(part)
    }
}

impl Scheduler {
    /// Counts cycles anew by the bank holidays this server knows: once for each committee since it started. Answers for how many it
    /// failed; they are tried again.
    pub(crate) async fn follow_holidays(&self) -> Result<usize, ScheduleError> {
        let mut failed = 0;
        for (region, committee) in self.store.list_ruled().await? {
            let known = self.followed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).contains(&committee);
            if known {
                continue;
            }
            let span = tracing::info_span!("job", job = "follow_holidays", %committee);
            let act = Act::by_system(self.clock.now());
            match self.store.replan_committee(Scope::Region(region), &act, committee).instrument(span.clone()).await {
                Ok(moved) => {
                    if !moved.is_empty() {
                        span.in_scope(|| tracing::info!(cycles = moved.len(), "the list of bank holidays moved dates"));
                    }
                    self.followed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(committee);
                }
                Err(error) => {
                    failed += 1;
                    span.in_scope(|| tracing::error!(%error, "counting dates anew failed"));
                }
            }
        }
        Ok(failed)
    }

    /// Tells of what moved, in each region where anything did. Answers how many letters were queued, and in how many regions it
    /// failed.
    pub(crate) async fn tell_moves(&self) -> Result<(usize, usize), ScheduleError> {
        let mut by_region: BTreeMap<RegionId, Vec<MoveRecord>> = BTreeMap::new();
        for found in self.store.list_untold_moves().await? {
            by_region.entry(found.region).or_default().push(found);
        }
        let (mut told, mut failed) = (0, 0);
        for (region, untold) in by_region {
            let span = tracing::info_span!("job", job = "tell_moves", %region);
            match self.tell_region(Scope::Region(region), &untold).instrument(span.clone()).await {
                Ok(letters) => told += letters,
                Err(error) => {
                    failed += 1;
                    span.in_scope(|| tracing::error!(%error, "telling of moved dates failed and stays due"));
                }
            }
        }
        Ok((told, failed))
    }

    async fn tell_region(&self, scope: Scope, untold: &[MoveRecord]) -> Result<usize, ScheduleError> {
        let region = self.store.get_region(scope).await?;
        let mut cycles: Vec<CycleId> = untold.iter().map(|found| found.cycle).collect();
        cycles.sort_unstable();
        cycles.dedup();
        let mut concerned: BTreeMap<PersonId, Vec<Moved>> = BTreeMap::new();
        for id in cycles {
            let cycle = self.store.get_cycle(scope, id).await?;
            let called_off = untold.iter().any(|found| found.cycle == id && found.is_call_off());
            let what = match cycle.state {
                CycleState::Cancelled if called_off => What::called_off(&cycle, untold),
                // Of what is over nothing is to be kept any more.
                CycleState::Published | CycleState::Cancelled => continue,
                CycleState::Planned | CycleState::Open | CycleState::Closed => What::of(id, untold),
            };
            if what.is_empty() {
                continue;
            }
            self.gather_concerned(scope, &region, &cycle, what, &mut concerned).await?;
        }
        // The last move names the letter: one a person for each time that something moved.
        let (matter, step) =
            untold.last().map_or((region.id.0, 0), |last| (last.cycle.0, i32::try_from(last.revision).unwrap_or(i32::MAX)));
        let mut letters = Vec::with_capacity(concerned.len());
        for (person, moved) in concerned {
            let person = self.store.get_person(scope, person).await?;
            letters.push(self.message(MessageKind::Notice, matter, &person, step, &letter(&person, &moved, &region), &[]));
        }
        let count = letters.len();
        let told = untold.iter().map(|found| (found.cycle, found.revision)).collect();
        let first = self.store.tell_moves(scope, &Act::by_system(self.clock.now()), told, letters).await?;
        if first && count > 0 {
            tracing::info!(letters = count, "told of dates that moved");
        }
        Ok(if first { count } else { 0 })
    }

    async fn gather_concerned(
        &self,
        scope: Scope,
        region: &Region,
        cycle: &Cycle,
        what: What,
        concerned: &mut BTreeMap<PersonId, Vec<Moved>>,
    ) -> Result<(), ScheduleError> {
        let committee = self.store.get_committee(scope, cycle.committee).await?;
        let label = format!("{}, {}", committee.name, cycle.period.label());
        let short = cycle.period.short_label();
        let moved = Moved { label, short, typed: format!("{}/{}", committee.slug, cycle.slug), what };
        let given = self.store.list_given(scope, cycle.id).await?;
        let (mut roles, mut own) = (Vec::new(), Vec::new());
        // Once the paper is frozen there is nothing left to send in, and nothing to sign; but that what came will not be printed is for
        // everybody to know.
        if cycle.state != CycleState::Closed {
            for &partnership in &committee.partnerships {
                let given = given.get(&partnership).map(|&until| moved.what.own_deadline(&cycle.timetable, until));
                let name = self.store.get_partnership(scope, partnership).await?.name.to_string();
                own.extend(given.flatten().map(|moved| (name.clone(), moved)));
                let part = moved.what.for_partnership(given.map(|own| (name.as_str(), own)));
                let part = part.map(|what| Moved { what, ..moved.clone() });
                roles.extend([(Role::Officer(partnership), part.clone()), (Role::Lead(partnership), part)]);
            }
        }
        // Who gave more time hears what became of it.
        let edited = Moved { what: What { own, ..moved.what.clone() }, ..moved.clone() };
        roles.extend([(Role::Editor(committee.id), Some(edited)), (Role::Approver(committee.id), Some(moved))]);
        for (role, moved) in roles {
            let Some(moved) = moved else { continue };
            for person in self.holders(scope, role, region, &[]).await? {
                let known = concerned.entry(person).or_default();
                match known.iter_mut().find(|known| known.typed == moved.typed) {
                    Some(known) => known.what.join(&moved.what),
                    None => known.push(moved.clone()),
                }
            }
        }
        Ok(())
    }
}

/// What begins each row about one of several cycles: its period alone, or where two report on the same, what is typed.
fn row_of(one: &Moved, moved: &[Moved]) -> String {
    match moved.iter().filter(|other| other.short == one.short).count() {
        _ if moved.len() < 2 => String::new(),
        1 => format!("{}: ", one.short),
        _ => format!("{}: ", one.typed),
    }
}

fn letter(person: &Person, moved: &[Moved], region: &Region) -> Letter {
    let title = match moved {
        [only] if only.what.called_off.is_some() => format!("{}: called off", only.label),
        [only] => match only.what.deadline() {
            Some(deadline) => format!("{}: returns are due on {} now", only.label, full(deadline.to, region.zone)),
            None if only.what.moves.is_empty() => format!("{}: this is what it reports on now", only.label),
            None => format!("{}: dates have moved", only.label),
        },
        many if many.iter().all(|one| one.what.called_off.is_some()) => format!("{} cycles were called off", many.len()),
        many => format!("Dates of {} cycles have moved", many.len()),
    };
    let mut paragraphs = Vec::new();
    if moved.iter().any(|one| one.what.called_off.is_some()) {
        paragraphs.push(
            "What is called off below will not take place. Nothing is to be sent in, signed or approved for it any more; what came stays on \
             record, and is not printed."
                .to_owned(),
        );
    }
    if moved.iter().any(|one| !one.what.moves.is_empty() || !one.what.own.is_empty()) {
        paragraphs.push("Dates have moved. These are the ones that hold now.".to_owned());
    }
    if moved.iter().any(|one| one.what.period.is_some()) {
        paragraphs.push(
            "What is reported on has moved too, before anything was collected. Please send figures of the days that are named below."
                .to_owned(),
        );
    }
    for one in moved {
        for why in &one.what.whys {
            let sentence = format!("{}: {why}.", one.label);
            if !paragraphs.contains(&sentence) {
                paragraphs.push(sentence);
            }
        }
    }
    let facts = moved.iter().flat_map(|one| {
        let whose = row_of(one, moved);
        let period =
            one.what.period.map(|period| (format!("{whose}Reports on"), format!("{}, was {}", period.to.label(), period.from.label())));
        let dates = one.what.moves.iter().map(|date| {
            let (from, to) = (full(date.from, region.zone), full(date.to, region.zone));
            (format!("{whose}{}", date.step.title()), format!("{to}, was {from}"))
        });
        let own = one.what.own.iter().map({
            let whose = whose.clone();
            move |(name, date)| {
                let (from, to) = (full(date.from, region.zone), full(date.to, region.zone));
                (format!("{whose}Returns due from {name}"), format!("{to}, was {from}"))
            }
        });
        let off = one.what.called_off.map(|meeting| (format!("{whose}Meeting"), format!("{}, called off", full(meeting, region.zone))));
        let facts: Vec<_> = period.into_iter().chain(own).chain(dates).chain(off).collect();
        facts
    });
    Letter {
        title,
        greeting: format!("Dear {},", person.name),
        paragraphs,
        facts: facts.collect(),
        commands: moved
            .iter()
            .map(|one| ("To see all dates, each with its reason:".to_owned(), format!("csp cycle dates {}", one.typed)))
            .collect(),
        why: "You get this because you send in, sign, edit or approve for this cycle. You are told once of each change.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_about_one_of_several_cycles_begins_with_a_few_words() {
        let of = |short: &str, typed: &str| Moved {
            label: format!("Scrutiny Committee, {short} (January to March 2022)"),
            short: short.to_owned(),
            typed: typed.to_owned(),
            what: What::default(),
        };
        let several = [of("Q4 2021/22", "scrutiny/2021-q4"), of("Q3 2021/22", "scrutiny/2021-q3"), of("Q4 2021/22", "cabinet/2021-q4")];
        let rows: Vec<_> = several.iter().map(|one| row_of(one, &several)).collect();
        assert_eq!(rows, ["scrutiny/2021-q4: ", "Q3 2021/22: ", "cabinet/2021-q4: "]);
        assert_eq!(row_of(&several[0], &several[..1]), "", "of one cycle the title says which");
    }
}
