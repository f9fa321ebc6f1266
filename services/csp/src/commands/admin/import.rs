//! Importing many by a file: a create for each line, every bad line named.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    error::{Error, Kind, Violation},
    output::{Page, Show, count},
    session::Session,
    sheet::Sheet,
};

/// What came of an import.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Imported {
    created: usize,
    already_there: usize,
}

impl Show for Imported {
    fn draw(&self, page: &mut Page) {
        let there = if self.already_there == 0 { String::new() } else { format!(", {} there already", self.already_there) };
        page.line(format!("{} set up{there}.", self.created));
    }
}

/// How an import behaves at a line that is refused.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Manner {
    /// Stop at the first line that is refused; otherwise the others are tried, and all refused ones listed
    #[arg(long)]
    stop: bool,
    /// Pass over what is there already, so that a file may be imported again
    #[arg(long)]
    pub(super) skip_existing: bool,
}

/// Makes `create` of each line, with a progress bar where somebody watches. `words` names the column of a field.
pub(crate) async fn each<Q>(
    sheet: &Sheet,
    questions: Vec<Q>,
    words: &[(&str, &str)],
    manner: Manner,
    session: &mut Session<'_>,
    create: impl AsyncFn(&Session<'_>, Q) -> Result<(), Error>,
) -> Result<Imported, Error> {
    let bar = ProgressBar::new(questions.len() as u64);
    bar.set_draw_target(if session.terminal.talk_is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos} of {len}").unwrap_or_else(|_| ProgressStyle::default_bar()));

    let total = questions.len();
    let mut done = Imported { created: 0, already_there: 0 };
    let mut violations = Vec::new();
    let mut stopped = None;
    for (index, question) in questions.into_iter().enumerate() {
        match create(session, question).await {
            Ok(()) => done.created += 1,
            Err(error) if error.kind == Kind::Conflict && manner.skip_existing => done.already_there += 1,
            Err(error) if matches!(error.kind, Kind::Refused | Kind::Conflict | Kind::NotFound) => {
                violations.extend(of_line(sheet, index, &error, words));
                if manner.stop {
                    break;
                }
            }
            // The line itself is not to blame, and the next would fare no better.
            Err(error) => {
                stopped = Some(error);
                break;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Some(mut error) = stopped {
        error.violations.splice(0..0, violations);
        return Err(error.hint(so_far(&done, total)).hint("Import the file again with --skip-existing."));
    }
    if violations.is_empty() {
        return Ok(done);
    }
    Err(Error::refused(format!("Some of {} was refused.", sheet.file), violations)
        .hint(so_far(&done, total))
        .hint("Mend the lines named, and import the file again with --skip-existing."))
}

pub(super) fn so_far(done: &Imported, total: usize) -> String {
    format!("{} of {} set up, and stay.", done.created, count(total, "line", "lines"))
}

fn of_line(sheet: &Sheet, index: usize, error: &Error, words: &[(&str, &str)]) -> Vec<Violation> {
    if error.violations.is_empty() {
        return vec![Violation { place: sheet.place(index, ""), fault: error.sentence.clone() }];
    }
    let column = |field: &str| {
        let field = field.rsplit('.').next().unwrap_or(field);
        words.iter().find(|(path, _)| *path == field).map_or(field.to_owned(), |(_, column)| (*column).to_owned())
    };
    error.violations.iter().map(|v| Violation { place: sheet.place(index, &column(&v.place)), fault: v.fault.clone() }).collect()
}
