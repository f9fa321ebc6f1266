//! `csp admin committee rules`.

use clap::Args;
use csp_proto::v1;

use super::options;
use crate::{
    error::Error,
    names::Names,
    session::Session,
    views::calendar::{CalendarView, RulesSetView},
    words::{NationOption, ReportingOption},
};

const WORDS: &[(&str, &str)] = &[
    ("parent", "COMMITTEE"),
    ("nation", "--nation"),
    ("clear_days", "--clear-days"),
    ("meeting_time", "--meeting-time"),
    ("release_time", "--release-time"),
    ("cooling_off_days", "--cooling-off-days"),
    ("freeze", "--freeze-days"),
    ("freeze.days", "--freeze-days"),
    ("freeze.time", "--freeze-time"),
    ("closed_to_new", "--closed-to-new-days"),
    ("closed_to_new.days", "--closed-to-new-days"),
    ("closed_to_new.time", "--closed-to-new-time"),
    ("deadline", "--deadline-days"),
    ("deadline.days", "--deadline-days"),
    ("deadline.time", "--deadline-time"),
    ("opening", "--opening-days"),
    ("opening.days", "--opening-days"),
    ("opening.time", "--opening-time"),
    ("reminder_days", "--reminders"),
    ("reports_on", "--reports-on"),
    ("board", "--board"),
    ("board.display_name", "--board"),
    ("board.last_report_date", "--last-report"),
    ("board.dates", "--board-meets"),
];

/// Show or set what a committee's meetings are planned by; what is not named stays as it is
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp admin committee rules citizen-focus
  csp admin committee rules citizen-focus --nation england --meeting-time 14:00
  csp admin committee rules citizen-focus --clear-days 6 \\
      --reminders 15,5,1 --dry-run
  csp admin committee rules cabinet --nation england \\
      --reports-on board-meetings --board \"Strategic Board\" \\
      --last-report 2014-06-18 \\
      --board-meets 2014-09-24 --board-meets 2014-12-03
  csp admin committee rules citizen-focus --none

Everything that has not happened yet is counted anew, and those concerned are
told.")]
pub(crate) struct Rules {
    /// Its short name
    #[arg(value_name = "COMMITTEE")]
    id: String,
    /// Whose law and whose bank holidays; another nation brings its own number of clear days
    #[arg(long, value_enum)]
    nation: Option<NationOption>,
    /// Clear days between release and meeting; 0: the law's number [five in England, three in Wales]
    #[arg(long, value_name = "NUMBER")]
    clear_days: Option<i32>,
    /// Count Saturdays as clear days, which is disputed: true or false
    #[arg(long, value_name = "TRUE OR FALSE")]
    saturdays: Option<bool>,
    /// When a meeting begins of which only the day is known [10:00]
    #[arg(long, value_name = "TIME")]
    meeting_time: Option<String>,
    /// When the paper goes out [09:00]
    #[arg(long, value_name = "TIME")]
    release_time: Option<String>,
    /// An approved paper rests so many working days before release [1]
    #[arg(long, value_name = "DAYS")]
    cooling_off_days: Option<i32>,
    /// The paper is frozen so many working days before approval is due [1]
    #[arg(long, value_name = "DAYS")]
    freeze_days: Option<i32>,
    /// At what time [12:00]
    #[arg(long, value_name = "TIME")]
    freeze_time: Option<String>,
    /// Only corrections are taken from so many working days before the freeze [1]
    #[arg(long, value_name = "DAYS")]
    closed_to_new_days: Option<i32>,
    /// At what time [17:00]
    #[arg(long, value_name = "TIME")]
    closed_to_new_time: Option<String>,
    /// Returns are due so many working days before that [1]
    #[arg(long, value_name = "DAYS")]
    deadline_days: Option<i32>,
    /// At what time [17:00]
    #[arg(long, value_name = "TIME")]
    deadline_time: Option<String>,
    /// Collecting opens so many working days before the deadline [20]
    #[arg(long, value_name = "DAYS")]
    opening_days: Option<i32>,
    /// At what time [09:00]
    #[arg(long, value_name = "TIME")]
    opening_time: Option<String>,
    /// Who owes a return is reminded so many working days before the deadline, at nine [10,5,1]
    #[arg(long, value_name = "DAYS", value_delimiter = ',')]
    reminders: Vec<i32>,
    /// What a meeting reports on [financial-quarter]
    #[arg(long, value_enum, value_name = "CALENDAR")]
    reports_on: Option<ReportingOption>,
    /// What the board is called whose meetings are reported on
    #[arg(long, value_name = "NAME")]
    board: Option<String>,
    /// The last day that the last report told of
    #[arg(long, value_name = "DAY")]
    last_report: Option<String>,
    /// A day on which the board meets; once for each, all of them anew
    #[arg(long, value_name = "DAY")]
    board_meets: Vec<String>,
    /// Take the rules away: it plans by its recurrence again
    #[arg(long)]
    none: bool,
    /// Show what would move, and change nothing
    #[arg(long)]
    dry_run: bool,
}

fn set<T>(field: &mut T, typed: Option<T>, changed: &mut bool) {
    if let Some(typed) = typed {
        *field = typed;
        *changed = true;
    }
}

/// Days and a time of day, either of which may be left as it is.
fn set_before(field: &mut Option<v1::WorkingDaysBefore>, days: Option<i32>, time: Option<String>, usual: i32, changed: &mut bool) {
    if days.is_none() && time.is_none() {
        return;
    }
    let was = field.take().unwrap_or(v1::WorkingDaysBefore { days: usual, time: String::new() });
    *field = Some(v1::WorkingDaysBefore { days: days.unwrap_or(was.days), time: time.unwrap_or(was.time) });
    *changed = true;
}

impl Rules {
    /// What is typed over what was; none where nothing was typed.
    fn over(self, was: Option<v1::MeetingRules>) -> Option<v1::MeetingRules> {
        let mut rules = was.unwrap_or_default();
        let mut changed = false;
        let nation = rules.nation;
        set(&mut rules.nation, self.nation.map(NationOption::code), &mut changed);
        if rules.nation != nation {
            // Another law has another number, or none.
            rules.clear_days = 0;
        }
        set(&mut rules.clear_days, self.clear_days, &mut changed);
        set(&mut rules.saturdays, self.saturdays, &mut changed);
        set(&mut rules.meeting_time, self.meeting_time, &mut changed);
        set(&mut rules.release_time, self.release_time, &mut changed);
        set(&mut rules.cooling_off_days, self.cooling_off_days.map(Some), &mut changed);
        set_before(&mut rules.freeze, self.freeze_days, self.freeze_time, 1, &mut changed);
        set_before(&mut rules.closed_to_new, self.closed_to_new_days, self.closed_to_new_time, 1, &mut changed);
        set_before(&mut rules.deadline, self.deadline_days, self.deadline_time, 1, &mut changed);
        set_before(&mut rules.opening, self.opening_days, self.opening_time, 20, &mut changed);
        set(&mut rules.reminder_days, Some(self.reminders).filter(|days| !days.is_empty()), &mut changed);
        set(&mut rules.reports_on, self.reports_on.map(ReportingOption::code), &mut changed);
        let follows = rules.reports_on == v1::ReportingCalendar::BoardMeetings as i32;
        let mut board = rules.board.take().filter(|_| follows || self.board.is_some()).unwrap_or_default();
        set(&mut board.display_name, self.board, &mut changed);
        set(&mut board.last_report_date, self.last_report, &mut changed);
        set(&mut board.dates, Some(self.board_meets).filter(|days| !days.is_empty()), &mut changed);
        rules.board = Some(board).filter(|board| follows || *board != v1::Board::default());
        changed.then_some(rules)
    }

    pub(super) async fn run(self, names: &Names, session: &mut Session<'_>) -> Result<(), Error> {
        let parent = names.committee(&self.id)?;
        let calendar = session.get_calendar(v1::GetCalendarRequest { parent: parent.clone() }).await?;
        let (none, dry_run) = (self.none, self.dry_run);
        let rules = match (none, self.over(calendar.rules.clone())) {
            (true, Some(_)) => return Err(Error::usage("--none takes the rules away: nothing else can be said with it.")),
            (false, None) => return session.show(&CalendarView::from(calendar)).await,
            (_, rules) => rules,
        };
        let question = v1::SetRulesRequest { parent, rules, validate_only: dry_run };
        let answer = session.set_rules(question).await.map_err(explained)?;
        let v1::SetRulesResponse { calendar, replanned } = answer;
        let set = RulesSetView { calendar: calendar.map(Into::into), replanned: replanned.into_iter().map(Into::into).collect() };
        session.terminal.announce(match (dry_run, none) {
            (true, _) => "Checked. Nothing was changed.",
            (false, true) => "The rules are taken away. Cycles that are planned keep their dates.",
            (false, false) => "The rules are set.",
        });
        session.show(&set).await
    }
}

/// `rules.board.dates[2]` is the third `--board-meets`.
fn explained(error: Error) -> Error {
    options(error.places(|field| field.split_once('[').map_or(field, |(list, _)| list).to_owned()), WORDS)
}
