//! Rules, closed days, plans, and what became of meetings.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, day, instant},
    names::short,
    output::{Page, Show, count},
    words::Coded,
};

use super::{cycle::CycleView, given};

#[derive(Debug, Serialize)]
pub(crate) struct CalendarView {
    committee: String,
    rules: Option<RulesView>,
    pub(crate) closed_days: Vec<ClosedDayView>,
    region_closed_days: Vec<ClosedDayView>,
}

#[derive(Debug, Serialize)]
struct RulesView {
    nation: Coded<v1::Nation>,
    clear_days: i32,
    saturdays: bool,
    meeting_time: String,
    release_time: String,
    cooling_off_days: Option<i32>,
    freeze: Option<BeforeView>,
    closed_to_new: Option<BeforeView>,
    deadline: Option<BeforeView>,
    opening: Option<BeforeView>,
    reminder_days: Vec<i32>,
    reports_on: Coded<v1::ReportingCalendar>,
    board: Option<BoardView>,
}

#[derive(Debug, Serialize)]
struct BeforeView {
    days: i32,
    time: String,
}

#[derive(Debug, Serialize)]
struct BoardView {
    display_name: String,
    last_report_date: String,
    dates: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ClosedDayView {
    date: String,
    reason: String,
}

impl From<v1::ClosedDay> for ClosedDayView {
    fn from(v1::ClosedDay { date, reason }: v1::ClosedDay) -> Self {
        Self { date, reason }
    }
}

impl From<v1::Calendar> for CalendarView {
    fn from(calendar: v1::Calendar) -> Self {
        let v1::Calendar { committee, rules, closed_days, region_closed_days } = calendar;
        let list = |days: Vec<v1::ClosedDay>| days.into_iter().map(Into::into).collect();
        Self { committee, rules: rules.map(Into::into), closed_days: list(closed_days), region_closed_days: list(region_closed_days) }
    }
}

impl From<v1::MeetingRules> for RulesView {
    fn from(rules: v1::MeetingRules) -> Self {
        let v1::MeetingRules {
            nation,
            clear_days,
            saturdays,
            meeting_time,
            release_time,
            cooling_off_days,
            freeze,
            closed_to_new,
            deadline,
            opening,
            reminder_days,
            reports_on,
            board,
        } = rules;
        let before = |before: Option<v1::WorkingDaysBefore>| before.map(|v1::WorkingDaysBefore { days, time }| BeforeView { days, time });
        let board = board.map(|v1::Board { display_name, last_report_date, dates }| BoardView { display_name, last_report_date, dates });
        Self {
            nation: Coded::of(nation),
            clear_days,
            saturdays,
            meeting_time,
            release_time,
            cooling_off_days,
            freeze: before(freeze),
            closed_to_new: before(closed_to_new),
            deadline: before(deadline),
            opening: before(opening),
            reminder_days,
            reports_on: Coded::of(reports_on),
            board,
        }
    }
}

fn working_days(number: i32, before: &str) -> String {
    match number {
        0 => format!("on the day of {before}"),
        number => format!("{} before {before}", count(usize::try_from(number).unwrap_or(0), "working day", "working days")),
    }
}

fn closed(days: &[ClosedDayView]) -> String {
    days.iter().map(|closed| format!("{}: {}", day(&closed.date), closed.reason)).collect::<Vec<_>>().join("\n")
}

impl Show for CalendarView {
    fn draw(&self, page: &mut Page) {
        page.title(short(&self.committee));
        match &self.rules {
            None => page.line("It has no rules: its cycles are planned by its recurrence, or by hand."),
            Some(rules) => rules.draw(page),
        }
        page.facts([("Offices shut", closed(&self.closed_days)), ("In the whole region", closed(&self.region_closed_days))]);
    }
}

impl RulesView {
    fn draw(&self, page: &mut Page) {
        let before = |of: &Option<BeforeView>, what: &str| {
            of.as_ref().map(|of| format!("{}, at {}", working_days(of.days, what), of.time)).unwrap_or_default()
        };
        let saturdays = if self.saturdays { ", Saturdays among them" } else { "" };
        let clear = count(usize::try_from(self.clear_days).unwrap_or(0), "clear day", "clear days");
        let reports_on = match &self.board {
            Some(board) => {
                let dates: Vec<String> = board.dates.iter().map(|text| day(text)).collect();
                format!("what the {} did since {}\nIt meets on {}", board.display_name, day(&board.last_report_date), dates.join(", "))
            }
            None => self.reports_on.words(),
        };
        let reminders: Vec<String> = self.reminder_days.iter().map(ToString::to_string).collect();
        page.facts([
            ("Nation", self.nation.words()),
            ("Meeting", format!("at {}, where only the day is known", self.meeting_time)),
            ("Paper released", format!("{clear} before the meeting{saturdays}, at {}", self.release_time)),
            ("Approved by", self.cooling_off_days.map(|days| working_days(days, "release")).unwrap_or_default()),
            ("Paper frozen", before(&self.freeze, "approval")),
            ("Closed to new", before(&self.closed_to_new, "the freeze")),
            ("Returns due", before(&self.deadline, "closing to new returns")),
            ("Reminders", format!("{} working days before the deadline", reminders.join(", "))),
            ("Opens", before(&self.opening, "the deadline")),
            ("Reports on", reports_on),
        ]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct PlanView {
    cycle: String,
    by_rules: bool,
    reports_on: String,
    dates: Vec<DateView>,
    notes: Vec<String>,
    changes: Vec<ChangeView>,
}

#[derive(Debug, Serialize)]
struct DateView {
    step: String,
    title: String,
    time: Option<Instant>,
    reason: Option<String>,
    provisional: bool,
}

#[derive(Debug, Serialize)]
struct MoveView {
    step: String,
    title: String,
    from_time: Option<Instant>,
    to_time: Option<Instant>,
}

#[derive(Debug, Serialize)]
struct ChangeView {
    reason: String,
    change_time: Option<Instant>,
    moves: Vec<MoveView>,
    period_move: Option<PeriodMoveView>,
}

#[derive(Debug, Serialize)]
struct PeriodMoveView {
    from_period: String,
    to_period: String,
    from_title: String,
    to_title: String,
}

impl From<v1::PeriodMove> for PeriodMoveView {
    fn from(v1::PeriodMove { from_period, to_period, from_title, to_title }: v1::PeriodMove) -> Self {
        Self { from_period, to_period, from_title, to_title }
    }
}

fn moves_of(moves: Vec<v1::DateMove>) -> Vec<MoveView> {
    let view = |v1::DateMove { step, title, from_time, to_time }: v1::DateMove| MoveView {
        step,
        title,
        from_time: instant(from_time),
        to_time: instant(to_time),
    };
    moves.into_iter().map(view).collect()
}

impl From<v1::CyclePlan> for PlanView {
    fn from(plan: v1::CyclePlan) -> Self {
        let v1::CyclePlan { cycle, by_rules, reports_on, dates, notes, changes } = plan;
        let date = |v1::PlannedDate { step, title, time, reason, provisional }: v1::PlannedDate| DateView {
            step,
            title,
            time: instant(time),
            reason: given(reason),
            provisional,
        };
        let change = |v1::PlanChange { reason, change_time, moves, period_move }: v1::PlanChange| ChangeView {
            reason,
            change_time: instant(change_time),
            moves: moves_of(moves),
            period_move: period_move.map(Into::into),
        };
        Self {
            cycle,
            by_rules,
            reports_on,
            dates: dates.into_iter().map(date).collect(),
            notes,
            changes: changes.into_iter().map(change).collect(),
        }
    }
}

impl PlanView {
    fn table(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .dates
            .iter()
            .map(|date| {
                let provisional = if date.provisional { " (provisional)" } else { "" };
                [date.title.clone(), format!("{}{provisional}", page.when(date.time)), date.reason.clone().unwrap_or_default()]
            })
            .collect();
        page.table(["Step", "When", "Why"], rows, "There are no dates.");
        for note in &self.notes {
            page.line(format!("Note: {note}"));
        }
    }
}

fn draw_moves(page: &mut Page, moves: &[MoveView], period: Option<&PeriodMoveView>) {
    if let Some(moved) = period {
        page.line(format!("  Reports on: {}, was {}", moved.to_title, moved.from_title));
    }
    for moved in moves {
        let (from, to) = (page.when(moved.from_time), page.when(moved.to_time));
        page.line(format!("  {}: {to}, was {from}", moved.title));
    }
}

impl Show for PlanView {
    fn draw(&self, page: &mut Page) {
        page.title(format!("{}, reports on {}", short(&self.cycle), self.reports_on));
        self.table(page);
        if !self.by_rules {
            page.line("These dates were set by hand, or by the committee's recurrence.");
        }
        for change in &self.changes {
            page.blank();
            page.line(format!("{}: {}", page.when(change.change_time), change.reason));
            draw_moves(page, &change.moves, change.period_move.as_ref());
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct ReplannedView {
    meeting_date: String,
    uid: Option<String>,
    outcome: Coded<v1::PlanningOutcome>,
    pub(crate) reason: Option<String>,
    cycle: Option<CycleView>,
    plan: Option<PlanView>,
    moves: Vec<MoveView>,
    period_move: Option<PeriodMoveView>,
}

impl From<v1::Replanned> for ReplannedView {
    fn from(found: v1::Replanned) -> Self {
        let v1::Replanned { meeting_date, uid, outcome, reason, cycle, plan, moves, period_move } = found;
        Self {
            meeting_date,
            uid: given(uid),
            outcome: Coded::of(outcome),
            reason: given(reason),
            cycle: cycle.map(Into::into),
            plan: plan.map(Into::into),
            moves: moves_of(moves),
            period_move: period_move.map(Into::into),
        }
    }
}

impl ReplannedView {
    /// Only what moved, or why it could not.
    pub(crate) fn draw_change(&self, page: &mut Page) {
        let what = self.plan.as_ref().map_or_else(|| format!("Meeting of {}", day(&self.meeting_date)), |plan| short(&plan.cycle));
        let why = self.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        page.line(format!("{what}: {}{why}", self.outcome.words()));
        draw_moves(page, &self.moves, self.period_move.as_ref());
        // Another period leaves other days for collecting.
        if let (Some(_), Some(plan)) = (&self.period_move, &self.plan) {
            for note in &plan.notes {
                page.line(format!("  Note: {note}"));
            }
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct ScheduleView {
    pub(crate) meetings: Vec<ReplannedView>,
}

impl Show for ScheduleView {
    fn draw(&self, page: &mut Page) {
        for (index, found) in self.meetings.iter().enumerate() {
            if index > 0 {
                page.blank();
            }
            found.draw_change(page);
            if let Some(plan) = found.plan.as_ref().filter(|_| found.reason.is_none()) {
                page.line(format!("  Reports on {}", plan.reports_on));
                plan.table(page);
            }
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct RulesSetView {
    pub(crate) calendar: Option<CalendarView>,
    pub(crate) replanned: Vec<ReplannedView>,
}

impl Show for RulesSetView {
    fn draw(&self, page: &mut Page) {
        if let Some(calendar) = &self.calendar {
            calendar.draw(page);
        }
        for found in &self.replanned {
            page.blank();
            found.draw_change(page);
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct ClosedDaysView {
    pub(crate) closed_days: Vec<ClosedDayView>,
    pub(crate) replanned: Vec<ReplannedView>,
}

impl Show for ClosedDaysView {
    fn draw(&self, page: &mut Page) {
        let rows = self.closed_days.iter().map(|closed| [day(&closed.date), closed.reason.clone()]);
        page.table(["Closed", "Why"], rows, "There are no closed days.");
        for found in &self.replanned {
            page.blank();
            found.draw_change(page);
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct ExtensionView {
    cycle: String,
    partnership: String,
    until_time: Option<Instant>,
    reason: String,
    create_time: Option<Instant>,
}

impl From<v1::Extension> for ExtensionView {
    fn from(extension: v1::Extension) -> Self {
        let v1::Extension { cycle, partnership, until_time, reason, create_time } = extension;
        Self { cycle, partnership, until_time: instant(until_time), reason, create_time: instant(create_time) }
    }
}

impl Show for ExtensionView {
    fn draw(&self, page: &mut Page) {
        let until = page.when_and_how_far(self.until_time);
        page.facts([
            ("Cycle", short(&self.cycle)),
            ("Partnership", short(&self.partnership)),
            ("Returns due", until),
            ("Why", self.reason.clone()),
        ]);
    }
}
