//! `csp start`: a folder for a cycle, with all that is needed to answer it.

use std::{collections::BTreeMap, fs, io, path::Path};

use clap::Args;
use csp_proto::v1;
use serde::Serialize;

use super::return_template::Asked;
use crate::{
    dates::{Instant, instant},
    defaults::Part,
    error::Error,
    folder::{
        About, FILE, READ_ME,
        sent::{hash, write_whole},
    },
    names::{last, short},
    output::{Page, Show},
    session::{Session, all_pages},
};

/// Make a folder for a cycle, with the files to fill in and last quarter's text
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp start
  csp start --cycle citizen-focus/2021-q3 --to autumn

Then fill in figures.xlsx, put your news beside it (Word, Markdown or text), and
type csp submit with the folder's name.")]
pub(crate) struct Start {
    /// For which meeting: committee/cycle. Need not be said when only one is open for you
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// For whom. Need not be said when you report for one partnership only
    #[arg(long, value_name = "PARTNERSHIP")]
    partnership: Option<String>,
    /// Call the folder this; otherwise it is called after the partnership and the cycle
    #[arg(long, value_name = "FOLDER")]
    to: Option<String>,
}

/// What was made.
#[derive(Debug, Serialize)]
struct Started {
    folder: String,
    partnership: String,
    cycle: String,
    deadline: Option<Instant>,
    files: Vec<String>,
}

/// Where last quarter's text lies.
const BEFORE: &str = "last quarter";

impl Start {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let partnership = session.partnership(self.partnership.as_deref()).await?;
        let cycle = session.cycle(self.cycle.as_deref(), Part::Partnership(&partnership), "--cycle").await?;
        let asked = Asked::gather(Some(&partnership), &cycle, session).await?;
        let folder = self.to.unwrap_or_else(|| format!("{}-{}", last(&partnership), short(&cycle).replace('/', "-")));
        let texts = texts_before(&asked, &partnership, session).await?;
        make(&folder)?;
        let path = Path::new(&folder);
        let figures = asked.write("figures.xlsx")?;
        let templates = BTreeMap::from([("figures.xlsx".to_owned(), hash(&figures))]);
        write_whole(path, "figures.xlsx", &figures)?;
        let mut files = vec!["figures.xlsx".to_owned()];
        if !texts.is_empty() {
            fs::create_dir_all(path.join(BEFORE)).map_err(|fault| Error::usage(format!("{folder} cannot be written: {fault}.")))?;
            for (name, text) in &texts {
                write_whole(&path.join(BEFORE), name, text.as_bytes())?;
                files.push(format!("{BEFORE}/{name}"));
            }
        }
        let deadline = instant(asked.cycle.deadline_time);
        let due = deadline.map(|deadline| deadline.in_zone(crate::dates::zone(None))).unwrap_or_default();
        write_whole(path, READ_ME, read_me(&asked, &folder, &due).replace('\n', "\r\n").as_bytes())?;
        // Last: a folder that is not whole is none of ours.
        let server = session.settings.server.clone().unwrap_or_default();
        let about = About { format: 1, server, partnership: partnership.clone(), cycle: cycle.clone(), templates };
        let text =
            serde_json::to_string_pretty(&about).map_err(|fault| Error::unexpected(format!("{FILE} cannot be written: {fault}.")))?;
        write_whole(path, FILE, text.as_bytes())?;
        files.push(READ_ME.to_owned());
        session.terminal.announce(&format!("The folder {folder} is ready."));
        session.terminal.say("Fill in figures.xlsx, put your news beside it (Word, Markdown or text), then:");
        session.terminal.say(format!("  csp submit {}", typed(&folder)));
        session.show(&Started { folder, partnership, cycle, deadline, files }).await
    }
}

impl Show for Started {
    fn draw(&self, page: &mut Page) {
        page.title(format!("{} for {}", short(&self.partnership), short(&self.cycle)));
        let due = page.when_and_how_far(self.deadline);
        page.facts([("Folder", self.folder.clone()), ("Due", due), ("Holds", self.files.join("\n"))]);
    }
}

/// Makes the folder; one that is there must be empty.
fn make(folder: &str) -> Result<(), Error> {
    match fs::create_dir(folder) {
        Ok(()) => Ok(()),
        Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {
            let empty = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
            if empty {
                return Ok(());
            }
            let error = Error::usage(format!("{folder} is there already. Nothing in it was touched."));
            Err(error
                .hint(format!("Send what is in it: csp submit {}", typed(folder)))
                .hint("Or make another: csp start --to another-name"))
        }
        Err(fault) => Err(Error::usage(format!("{folder} cannot be made: {fault}."))),
    }
}

/// The partnership's news of the cycle before, a file for each, with names that can stand in any folder.
async fn texts_before(asked: &Asked, partnership: &str, session: &Session<'_>) -> Result<Vec<(String, String)>, Error> {
    let cycles = all_pages(async |page_token| {
        let parent = asked.committee.name.clone();
        let answer = session.list_cycles(v1::ListCyclesRequest { parent, page_size: 100, page_token }).await?;
        Ok((answer.cycles, answer.next_page_token))
    })
    .await?;
    let deadline = |cycle: &v1::Cycle| cycle.deadline_time.map(|time| (time.seconds, time.nanos));
    let before = cycles
        .into_iter()
        .filter(|cycle| cycle.name != asked.cycle.name && cycle.state != v1::CycleState::Cancelled as i32)
        .filter(|cycle| deadline(cycle) < deadline(&asked.cycle))
        .max_by_key(deadline);
    let Some(before) = before else { return Ok(Vec::new()) };
    let items = all_pages(async |page_token| {
        let (parent, cycle) = (partnership.to_owned(), before.name.clone());
        let answer = session.list_news_items(v1::ListNewsItemsRequest { parent, cycle, page_size: 100, page_token }).await?;
        Ok((answer.news_items, answer.next_page_token))
    })
    .await?;
    let standing = items.into_iter().filter(|item| item.state == v1::NewsState::Submitted as i32);
    Ok((1..)
        .zip(standing)
        .map(|(number, item): (usize, _)| {
            let safe: String = item.headline.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }).take(60).collect();
            let name = safe.split_whitespace().collect::<Vec<_>>().join(" ");
            (format!("{number:02} {name}.md"), format!("# {}\n\n{}\n", item.headline, item.body.trim_end()))
        })
        .collect())
}

/// A folder as it is typed.
fn typed(folder: &str) -> String {
    if folder.contains(' ') { format!("\"{folder}\"") } else { folder.to_owned() }
}

fn read_me(asked: &Asked, folder: &str, due: &str) -> String {
    let folder = typed(folder);
    format!(
        "{committee}, {period}\nDue by {due}\n\n\
         1. Figures: open figures.xlsx and fill in the white cells. Its second sheet explains them.\n\
         2. News: put each piece into this folder as a file of its own (.docx, .md or .txt), with a heading at its head.\n   \
            The name of the file may say what it is and of which day: award 2022-03-23 wardens.docx\n   \
            (case study, campaign, award, decision, event; anything else is news).\n\
         3. Figures that somebody else stated, if any: quoted.csv with the columns subject, value, source, period.\n\
         4. Nothing to report at all? Put a sentence that says so into nil.txt, and leave figures.xlsx as it is.\n\n\
         Then type:\n\n  csp submit {folder} --dry-run     looks at everything and sends nothing\n  \
         csp submit {folder}               looks at everything, asks, and sends\n\n\
         What you change afterwards is sent as a correction by the same command, until the paper is frozen.\n\
         What you sent last quarter is in the folder \"{BEFORE}\"; it is not sent. Other files are left alone.\n",
        committee = asked.committee.display_name,
        period = asked.cycle.period_label,
    )
}
