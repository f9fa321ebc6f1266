//! `csp return`.

use clap::{Args, Subcommand};
use csp_proto::v1::{self, r#return::Content};

use super::{
    figures::{self, FromFiles},
    return_signoff::{Accept, Recall, Receipt, SendBack, Sign},
    return_template::Template,
};
use crate::{
    defaults::Part,
    error::{Error, Kind},
    files,
    names::{Names, short},
    session::{Session, all_pages},
    views::returns::{ReturnList, ReturnView},
};

/// Send in, correct and withdraw returns of figures
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  csp return template --to figures.csv
  csp return submit figures.csv")]
pub(crate) enum Return {
    /// Send in a return: figures, or a statement that there is nothing to report
    #[command(after_help = SUBMIT_HELP)]
    Submit(Answer),
    /// Correct a return as a whole: what is sent takes the place of what was
    #[command(after_help = "\
Example:
  csp return correct figures.csv --cycle citizen-focus/2021-q3

The file is written as for csp return submit.")]
    Correct(Answer),
    Show(Which),
    List(List),
    Withdraw(Withdraw),
    Sign(Sign),
    SendBack(SendBack),
    Accept(Accept),
    Recall(Recall),
    Receipt(Receipt),
    Template(Template),
}

const SUBMIT_HELP: &str = "\
Examples:
  csp return submit figures.csv
  csp return submit figures.csv --quoted quoted.csv --dry-run
  csp return submit --nil \"No incidents were recorded in this quarter.\"

The file of figures is CSV in UTF-8. Its head line names its columns:
  indicator      which one: burglary
  period         2021-q3, 2021-10, 2021-fy or 2021-10-01..2021-12-31;
                 the cycle's own when empty
  value          the number, in digits; or else
  status         reported, nil, late, withheld or not_applicable
  expected_date  beside late: when it is expected, 2022-01-31
  reason         beside withheld: why
  provisional    yes, when it will be revised
  note           printed beside the figure
Only indicator, and value or status, are needed. An empty line is passed over;
an empty answer is not.

The file of quoted figures has the columns subject, value, source and, if it is
not the cycle's own, period.";

/// A return, as it is typed.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// The file of figures; - is what is piped in
    #[arg(required_unless_present_any = ["nil", "quoted"])]
    file: Option<String>,
    /// The file of figures that somebody else stated
    #[arg(long, value_name = "FILE")]
    quoted: Option<String>,
    /// There is nothing to report; in a sentence, which is printed
    #[arg(long, value_name = "STATEMENT", conflicts_with_all = ["file", "quoted"])]
    nil: Option<String>,
    /// For which meeting: committee/cycle. Need not be said when only one is open for you
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Whose return. Need not be said when you report for one partnership only
    #[arg(long, value_name = "PARTNERSHIP")]
    partnership: Option<String>,
    /// A remark to the editor; it is not printed
    #[arg(long)]
    remark: Option<String>,
    /// Check everything and send nothing in
    #[arg(long)]
    dry_run: bool,
}

/// Show a return
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp return show
  csp return show gateshead/citizen-focus.2021-q3")]
pub(crate) struct Which {
    /// The return, as `csp return list` lists it. Need not be said when only one is open for you
    #[arg(value_name = "RETURN", conflicts_with_all = ["cycle", "partnership"])]
    name: Option<String>,
    /// For which meeting: committee/cycle
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Whose return
    #[arg(long, value_name = "PARTNERSHIP")]
    partnership: Option<String>,
}

/// Take a return back, while the cycle is open
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  csp return withdraw gateshead/citizen-focus.2021-q3")]
pub(crate) struct Withdraw {
    #[command(flatten)]
    which: Which,
}

/// List returns: your partnership's, or for editors everybody's
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp return list
  csp return list --cycle citizen-focus/2021-q3 --partnership -")]
pub(crate) struct List {
    /// Of this cycle only
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Of this partnership; - is all of them, for editors and administrators
    #[arg(long, value_name = "PARTNERSHIP")]
    partnership: Option<String>,
}

impl Return {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Submit(answer) => answer.submit(session).await,
            Self::Correct(answer) => answer.correct(session).await,
            Self::Show(which) => {
                let name = which.find(session).await?;
                let answer = session.get_return(v1::GetReturnRequest { name }).await?;
                session.show(&ReturnView::from(answer)).await
            }
            Self::List(list) => list.run(session).await,
            Self::Withdraw(Withdraw { which }) => {
                let name = which.find(session).await?;
                let answer = session.get_return(v1::GetReturnRequest { name }).await?;
                session.confirm(&format!("This takes back the return {}.", short(&answer.name)))?;
                let (name, etag) = (answer.name, answer.etag);
                let answer = session.withdraw_return(v1::WithdrawReturnRequest { name, etag }).await?;
                session.terminal.announce("The return is withdrawn. It may be sent in again until the deadline.");
                session.show(&ReturnView::from(answer)).await
            }
            Self::Sign(sign) => sign.run(session).await,
            Self::SendBack(back) => back.run(session).await,
            Self::Accept(accept) => accept.run(session).await,
            Self::Recall(recall) => recall.run(session).await,
            Self::Receipt(receipt) => receipt.run(session).await,
            Self::Template(template) => template.run(session).await,
        }
    }
}

/// A file's name and text.
fn borrowed<'a>((file, text): &'a (&'a str, String)) -> (&'a str, &'a str) {
    (file, text)
}

/// A return ready to be sent.
struct Ready {
    partnership: String,
    cycle: String,
    content: Content,
    files: FromFiles,
}

impl Answer {
    /// Finds out for whom and for which cycle, and reads the files.
    async fn prepare(&self, session: &mut Session<'_>) -> Result<Ready, Error> {
        let figures = self.file.as_deref().map(|file| files::read_text(file, session.terminal).map(|text| (file, text))).transpose()?;
        let quoted = self.quoted.as_deref().map(|file| files::read_text(file, session.terminal).map(|text| (file, text))).transpose()?;
        let partnership = session.partnership(self.partnership.as_deref()).await?;
        let region = partnership.split("/partnerships/").next().unwrap_or_default();
        let mut files = figures::read(figures.as_ref().map(borrowed), quoted.as_ref().map(borrowed), region)?;
        let cycle = session.cycle(self.cycle.as_deref(), Part::Partnership(&partnership), "--cycle").await?;
        if files.lacks_a_period() {
            files.fill_period(&session.get_cycle(v1::GetCycleRequest { name: cycle.clone() }).await?.period);
        }
        let content = match &self.nil {
            Some(statement) => Content::Nil(v1::NilReturn { statement: statement.clone() }),
            None => Content::Figures(std::mem::take(&mut files.figures)),
        };
        Ok(Ready { partnership, cycle, content, files })
    }

    async fn submit(self, session: &mut Session<'_>) -> Result<(), Error> {
        let Ready { partnership, cycle, content, files } = self.prepare(session).await?;
        let remark = self.remark.clone().unwrap_or_default();
        let answer = v1::Return { cycle: cycle.clone(), content: Some(content), remark, ..Default::default() };
        let question =
            v1::CreateReturnRequest { parent: partnership, answer: Some(answer), request_id: String::new(), validate_only: self.dry_run };
        let answer = session.create_return(question).await.map_err(|error| match error.kind {
            Kind::Conflict => error.hint("There is a return already. Correct it:").hint(format!("  {}", self.as_correction(&cycle))),
            _ => files.explain(error),
        })?;
        self.receipt(answer, "Received", &cycle, session).await
    }

    async fn correct(self, session: &mut Session<'_>) -> Result<(), Error> {
        let Ready { partnership, cycle, content, files } = self.prepare(session).await?;
        let name = Names::return_of(&partnership, &cycle);
        let mut answer = session.get_return(v1::GetReturnRequest { name }).await.map_err(|error| match error.kind {
            Kind::NotFound => error.hint("There is nothing to correct yet. Send it in with: csp return submit"),
            _ => error,
        })?;
        answer.content = Some(content);
        if let Some(remark) = &self.remark {
            answer.remark.clone_from(remark);
        }
        let question = v1::UpdateReturnRequest { answer: Some(answer), validate_only: self.dry_run };
        let answer = session.update_return(question).await.map_err(|error| files.explain(error))?;
        self.receipt(answer, "Corrected", &cycle, session).await
    }

    async fn receipt(&self, answer: v1::Return, done: &str, cycle: &str, session: &mut Session<'_>) -> Result<(), Error> {
        let view = ReturnView::from(answer);
        if self.dry_run {
            session.terminal.announce("Checked: it would be accepted. Nothing was sent in.");
        } else {
            session.terminal.announce(&format!("{done}: {}.", view.summary()));
            self.say_receipt(view.name.as_deref(), session).await;
            session.terminal.say(format!("See how it will print: csp digest preview {}", short(cycle)));
        }
        session.show(&view).await
    }

    /// The receipt's number and hash. What was sent in stays sent in, whether or not its receipt can be had just now.
    async fn say_receipt(&self, name: Option<&str>, session: &mut Session<'_>) {
        let Some(name) = name else { return };
        if let Ok(receipt) = session.get_receipt(v1::GetReceiptRequest { name: name.to_owned() }).await {
            session.terminal.say(format!("Receipt {}, SHA-256 {}", receipt.number, receipt.sha256));
        }
        session.terminal.say(format!("Item by item: csp return receipt {}", short(name)));
    }

    /// The same, as a correction.
    fn as_correction(&self, cycle: &str) -> String {
        let quote = |text: &str| if text.contains([' ', '"']) { format!("'{text}'") } else { text.to_owned() };
        let mut command = "csp return correct".to_owned();
        let named =
            [("--quoted ", &self.quoted), ("--nil ", &self.nil), ("--partnership ", &self.partnership), ("--remark ", &self.remark)];
        for (option, value) in std::iter::once(("", &self.file)).chain(named) {
            if let Some(value) = value {
                command.push_str(&format!(" {option}{}", quote(value)));
            }
        }
        format!("{command} --cycle {}", short(cycle))
    }
}

impl Which {
    pub(super) async fn find(&self, session: &Session<'_>) -> Result<String, Error> {
        if let Some(typed) = &self.name {
            return session.names().await?.returned(typed);
        }
        let partnership = session.partnership(self.partnership.as_deref()).await?;
        let cycle = session.cycle(self.cycle.as_deref(), Part::Partnership(&partnership), "--cycle").await?;
        Ok(Names::return_of(&partnership, &cycle))
    }
}

impl List {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let parent = session.partnership_or_all(self.partnership.as_deref()).await?;
        let names = session.names().await?;
        let cycle = self.cycle.as_deref().map(|typed| names.cycle(typed)).transpose()?.unwrap_or_default();
        let returns = all_pages(async |page_token| {
            let (parent, cycle) = (parent.clone(), cycle.clone());
            let answer = session.list_returns(v1::ListReturnsRequest { parent, cycle, page_size: 100, page_token }).await?;
            Ok((answer.returns, answer.next_page_token))
        })
        .await?;
        session.show(&ReturnList { returns: returns.into_iter().map(Into::into).collect() }).await
    }
}
