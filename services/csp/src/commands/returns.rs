//! `csp return`.

use clap::{Args, Subcommand};
use csp_proto::v1::{self, r#return::Content};

use super::{
    figures::{self, FromFiles, Named},
    return_check::{Check, changes},
    return_findings::{self, Explain, Findings},
    return_signoff::{Accept, Recall, Receipt, SendBack, Sign},
    return_template::Template,
};
use crate::{
    defaults::Part,
    error::{Error, Kind, Violation},
    files,
    names::{Names, short},
    output::count,
    session::{Session, all_pages},
    sheet,
    views::returns::{ReturnList, ReturnView},
};

/// Send in, correct and withdraw returns of figures
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  csp return template --to figures.xlsx
  csp return check figures.xlsx
  csp return submit figures.xlsx")]
pub(crate) enum Return {
    /// Send in a return: figures, or a statement that there is nothing to report
    #[command(after_help = SUBMIT_HELP)]
    Submit(Answer),
    Check(Check),
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
    Findings(Findings),
    Explain(Explain),
    Template(Template),
}

const SUBMIT_HELP: &str = "\
Examples:
  csp return submit figures.xlsx
  csp return submit figures.csv --quoted quoted.csv --dry-run
  csp return submit figures.csv --partial
  csp return submit figures.xlsx --receipt-by-mail
  csp return submit --nil \"No incidents were recorded in this quarter.\"

The file of figures is an Excel workbook (.xlsx), or CSV with commas, semicolons
or tabs. csp return template writes one to fill in. Its head names its columns:
  indicator      which one: burglary
  period         2021-q3, 2021-10, 2021-fy or 2021-10-01..2021-12-31;
                 the cycle's own when empty
  value          the number: 1234, 1,234 or £96,466; nil, none or n/a; or else
  status         reported, nil, late, withheld or not_applicable
  expected_date  beside late: when it is expected, 2022-01-31
  reason         beside withheld: why
  provisional    yes, when it will be revised
  note           printed beside the figure
  explanation    answers what csp return check asks about the line; stays with
                 the return
Only indicator, and value or status, are needed. An empty line is passed over;
an empty answer is not. What can be meant in two ways, such as 1.234 or 3-4, is
asked about.

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
    /// You edit the committee's paper and enter this for the partnership: how it came, such as "by e-mail from Jo Brown on 11 January"
    #[arg(long, value_name = "HOW")]
    on_behalf: Option<String>,
    /// Send in the good lines of the file of figures, and list the others; not of a correction, which is sent whole
    #[arg(long, conflicts_with = "nil")]
    partial: bool,
    /// Have the receipt mailed to you as well: item by item, with its number, hash and time
    #[arg(long)]
    receipt_by_mail: bool,
    /// Check everything, say what would change, and send nothing in
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
            Self::Check(check) => check.run(session).await,
            Self::Correct(answer) => answer.correct(session).await,
            Self::Show(which) => {
                let name = which.find(session).await?;
                let answer = session.get_return(v1::GetReturnRequest { name: name.clone() }).await?;
                session.show(&ReturnView::from(answer)).await?;
                return_findings::tell(&name, session).await;
                Ok(())
            }
            Self::List(list) => list.run(session).await,
            Self::Withdraw(Withdraw { which }) => {
                let name = which.find(session).await?;
                let answer = session.get_return(v1::GetReturnRequest { name }).await?;
                session.confirm(&format!("This takes back the return {}. Once returns are closed to new ones it cannot be sent in again; to mend it, correct it.", short(&answer.name)))?;
                let (name, etag) = (answer.name, answer.etag);
                let answer = session.withdraw_return(v1::WithdrawReturnRequest { name, etag }).await?;
                session.terminal.announce("The return is withdrawn. It may be sent in again until returns are closed to new ones.");
                session.show(&ReturnView::from(answer)).await
            }
            Self::Sign(sign) => sign.run(session).await,
            Self::SendBack(back) => back.run(session).await,
            Self::Accept(accept) => accept.run(session).await,
            Self::Recall(recall) => recall.run(session).await,
            Self::Receipt(receipt) => receipt.run(session).await,
            Self::Findings(findings) => findings.run(session).await,
            Self::Explain(explain) => explain.run(session).await,
            Self::Template(template) => template.run(session).await,
        }
    }
}

/// A return ready to be sent.
pub(super) struct Ready {
    pub(super) partnership: String,
    pub(super) cycle: String,
    pub(super) content: Content,
    pub(super) files: FromFiles,
    /// What is wrong with lines that are left out.
    pub(super) left_out: Vec<Violation>,
}

/// What a return is made of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sources<'a> {
    pub(super) figures: Option<&'a str>,
    pub(super) quoted: Option<&'a str>,
    pub(super) nil: Option<&'a str>,
    /// Whether bad lines are left out, or else a reason to stop.
    pub(super) partial: bool,
}

impl Sources<'_> {
    /// Reads the files, for a partnership and a cycle that are known.
    pub(super) async fn read(self, partnership: String, cycle: String, session: &mut Session<'_>) -> Result<Ready, Error> {
        let mut load = |file: Option<&'_ str>| -> Result<Option<sheet::Grid>, Error> {
            let Some(file) = file else { return Ok(None) };
            let loaded = sheet::load(file, files::read_bytes(file, session.terminal)?)?;
            loaded.remarks.iter().for_each(|remark| session.terminal.say(remark));
            Ok(Some(loaded.grid))
        };
        let figures: Option<Named<'_>> = self.figures.zip(load(self.figures)?);
        let quoted: Option<Named<'_>> = self.quoted.zip(load(self.quoted)?);
        let region = partnership.split("/partnerships/").next().unwrap_or_default().to_owned();
        let (mut files, mut left_out) = figures::read_what_is_good(figures, quoted, &region)?;
        if files.has_money() {
            let wrong = files.faults_of_money(&catalogue(&region, session).await);
            files.leave_out(&wrong.iter().map(|(index, _)| *index).collect());
            left_out.extend(wrong.into_iter().map(|(_, violation)| violation));
        }
        for remark in &files.remarks {
            session.terminal.say(remark);
        }
        if !left_out.is_empty() && (!self.partial || files.figures.figures.is_empty()) {
            left_out.extend(refused_besides(&mut files, &partnership, &cycle, session).await);
            return Err(Error::refused("The figures cannot be sent as they are. Nothing was sent.", left_out));
        }
        if files.lacks_a_period() {
            files.fill_period(&session.get_cycle(v1::GetCycleRequest { name: cycle.clone() }).await?.period);
        }
        let content = match self.nil {
            Some(statement) => Content::Nil(v1::NilReturn { statement: statement.to_owned() }),
            None => Content::Figures(files.figures.clone()),
        };
        Ok(Ready { partnership, cycle, content, files, left_out })
    }
}

/// What the server would refuse of the lines that can be read: whoever mends a file mends it once. Nothing where it cannot be asked.
async fn refused_besides(files: &mut FromFiles, partnership: &str, cycle: &str, session: &Session<'_>) -> Vec<Violation> {
    if files.figures.figures.is_empty() && files.figures.quoted_figures.is_empty() {
        return Vec::new();
    }
    if files.lacks_a_period() {
        let Ok(known) = session.get_cycle(v1::GetCycleRequest { name: cycle.to_owned() }).await else { return Vec::new() };
        files.fill_period(&known.period);
    }
    match return_findings::check(partnership, cycle, Content::Figures(files.figures.clone()), session).await {
        Err(error) if error.kind == Kind::Refused => files.explain(error).violations.clone(),
        _ => Vec::new(),
    }
}

/// The region's indicators, as far as they can be learned.
pub(super) async fn catalogue(region: &str, session: &Session<'_>) -> Vec<v1::Indicator> {
    all_pages(async |page_token| {
        let parent = region.to_owned();
        let answer = session.list_indicators(v1::ListIndicatorsRequest { parent, page_size: 500, page_token }).await?;
        Ok((answer.indicators, answer.next_page_token))
    })
    .await
    .unwrap_or_default()
}

impl Ready {
    /// Has the server check everything, by `check`, until what it refuses is left out as well. Anything it refuses that is no
    /// line of the file ends it.
    async fn leave_out_refused(&mut self, check: impl AsyncFn(Content) -> Result<(), Error>) -> Result<(), Error> {
        // Each time round at least one line fewer; what the server says of one depends on others only where they are doubles.
        for _ in 0..8 {
            let Err(error) = check(self.content.clone()).await else { return Ok(()) };
            let refused: Vec<Option<usize>> = error.violations.iter().map(|violation| FromFiles::figure_of(&violation.place)).collect();
            let bad = refused.iter().copied().collect::<Option<std::collections::BTreeSet<usize>>>();
            let Some(bad) = bad.filter(|bad| error.kind == Kind::Refused && !bad.is_empty()) else {
                return Err(self.files.explain(error));
            };
            let mut told = self.files.explain(error).violations.clone();
            self.files.leave_out(&bad);
            self.left_out.append(&mut told);
            if self.files.figures.figures.is_empty() {
                let all = std::mem::take(&mut self.left_out);
                return Err(Error::refused("No line of the figures can be sent. Nothing was sent.", all));
            }
            self.content = Content::Figures(self.files.figures.clone());
        }
        Err(Error::unexpected("The server finds new faults every time it is asked. Nothing was sent."))
    }
}

/// What is wrong with an option under its own name, and not under the contract's.
fn in_options(error: Error) -> Error {
    error.places(|field| if field == "on_behalf" { "--on-behalf".to_owned() } else { field.to_owned() })
}

impl Answer {
    /// Finds out for whom and for which cycle, and reads the files.
    async fn prepare(&self, session: &mut Session<'_>) -> Result<Ready, Error> {
        let partnership = session.partnership(self.partnership.as_deref()).await?;
        let cycle = session.cycle(self.cycle.as_deref(), Part::Partnership(&partnership), "--cycle").await?;
        let (figures, quoted, nil) = (self.file.as_deref(), self.quoted.as_deref(), self.nil.as_deref());
        Sources { figures, quoted, nil, partial: self.partial }.read(partnership, cycle, session).await
    }

    async fn submit(self, session: &mut Session<'_>) -> Result<(), Error> {
        let mut ready = self.prepare(session).await?;
        let cycle = ready.cycle.clone();
        let (remark, mail_receipt) = (self.remark.clone().unwrap_or_default(), self.receipt_by_mail);
        let on_behalf = self.on_behalf.clone().unwrap_or_default();
        let question = |content: Content, partnership: String, validate_only| {
            let answer = v1::Return { cycle: cycle.clone(), content: Some(content), remark: remark.clone(), ..Default::default() };
            v1::CreateReturnRequest {
                parent: partnership,
                answer: Some(answer),
                request_id: String::new(),
                validate_only,
                on_behalf: on_behalf.clone(),
                mail_receipt,
            }
        };
        let way_to_correct = |error: Error| match error.kind {
            Kind::Conflict => error.hint("There is a return already. Correct it:").hint(format!("  {}", self.as_correction(&cycle))),
            _ => error,
        };
        let partnership = ready.partnership.clone();
        if self.partial {
            let check = async |content| session.create_return(question(content, partnership.clone(), true)).await.map(|_| ());
            ready.leave_out_refused(check).await.map_err(way_to_correct)?;
        }
        let answer = session.create_return(question(ready.content.clone(), partnership, self.dry_run)).await;
        let answer = answer.map_err(|error| way_to_correct(in_options(ready.files.explain(error))))?;
        if self.dry_run {
            changes(None, answer.content.as_ref(), session);
        }
        self.receipt(answer, "Received", ready, session).await
    }

    async fn correct(self, session: &mut Session<'_>) -> Result<(), Error> {
        if self.partial {
            let sentence = "A correction takes the place of all that was sent: with --partial, the answers of lines that are left out would be taken back.";
            return Err(Error::usage(sentence).hint("Nothing was sent. See every fault with --dry-run, mend the file, and send it whole."));
        }
        let ready = self.prepare(session).await?;
        let cycle = ready.cycle.clone();
        let name = Names::return_of(&ready.partnership, &cycle);
        let mut before = session.get_return(v1::GetReturnRequest { name }).await.map_err(|error| match error.kind {
            Kind::NotFound => error.hint("There is nothing to correct yet. Send it in with: csp return submit"),
            _ => error,
        })?;
        if let Some(remark) = &self.remark {
            before.remark.clone_from(remark);
        }
        let question = |content: Content, validate_only| {
            let answer = v1::Return { content: Some(content), ..before.clone() };
            let on_behalf = self.on_behalf.clone().unwrap_or_default();
            v1::UpdateReturnRequest { answer: Some(answer), validate_only, on_behalf, mail_receipt: self.receipt_by_mail }
        };
        let answer = session
            .update_return(question(ready.content.clone(), self.dry_run))
            .await
            .map_err(|error| in_options(ready.files.explain(error)))?;
        changes(before.content.as_ref(), answer.content.as_ref(), session);
        self.receipt(answer, "Corrected", ready, session).await
    }

    async fn receipt(&self, answer: v1::Return, done: &str, ready: Ready, session: &mut Session<'_>) -> Result<(), Error> {
        let Ready { partnership, cycle, content, files, left_out } = ready;
        let cycle = &cycle;
        let view = ReturnView::from(answer);
        if self.dry_run {
            session.terminal.announce("Checked: it would be accepted. Nothing was sent in.");
            let asked = return_findings::check(&partnership, cycle, content, session).await?;
            return_findings::tell_of_file(&asked, &files, session);
        } else {
            session.terminal.announce(&format!("{done}: {}.", view.summary()));
            self.say_receipt(view.name.as_deref(), session).await;
            session.terminal.say(format!("See how it will print: csp digest preview {}", short(cycle)));
            if let Some(name) = &view.name {
                return_findings::answer(name, &files, session).await?;
            }
        }
        session.show(&view).await?;
        if left_out.is_empty() {
            return Ok(());
        }
        let lines = count(left_out.len(), "fault", "faults");
        let sentence = if self.dry_run {
            format!("Only a part would be sent in, because of {lines}:")
        } else {
            format!("A part was sent in. What follows was left out, because of {lines}:")
        };
        let mut error = Error::new(Kind::Partly, sentence);
        error.violations = left_out;
        Err(if self.dry_run { error } else { error.hint("Mend it, and send the whole file as a correction: csp return correct") })
    }

    /// The receipt's number and hash. What was sent in stays sent in, whether or not its receipt can be had just now.
    async fn say_receipt(&self, name: Option<&str>, session: &mut Session<'_>) {
        let Some(name) = name else { return };
        if let Ok(receipt) = session.get_receipt(v1::GetReceiptRequest { name: name.to_owned() }).await {
            session.terminal.say(format!("Receipt {}, SHA-256 {}", receipt.number, receipt.sha256));
        }
        if self.receipt_by_mail {
            session.terminal.say("It is mailed to you as well, within a minute.");
        }
        session.terminal.say(format!("Item by item: csp return receipt {}", short(name)));
    }

    /// The same, as a correction.
    fn as_correction(&self, cycle: &str) -> String {
        let quote = |text: &str| if text.contains([' ', '"']) { format!("'{text}'") } else { text.to_owned() };
        let mut command = "csp return correct".to_owned();
        let named = [
            ("--quoted ", &self.quoted),
            ("--nil ", &self.nil),
            ("--partnership ", &self.partnership),
            ("--remark ", &self.remark),
            ("--on-behalf ", &self.on_behalf),
        ];
        for (option, value) in std::iter::once(("", &self.file)).chain(named) {
            if let Some(value) = value {
                command.push_str(&format!(" {option}{}", quote(value)));
            }
        }
        let mail = if self.receipt_by_mail { " --receipt-by-mail" } else { "" };
        format!("{command} --cycle {}{mail}", short(cycle))
    }
}

impl Which {
    /// The same from options of other names.
    pub(super) fn of(name: Option<String>, cycle: Option<String>, partnership: Option<String>) -> Self {
        Self { name, cycle, partnership }
    }

    pub(super) async fn find(&self, session: &Session<'_>) -> Result<String, Error> {
        if let Some(typed) = &self.name {
            return session.names_within().await?.returned(typed);
        }
        let partnership = session.partnership(self.partnership.as_deref()).await?;
        let cycle = session.cycle(self.cycle.as_deref(), Part::Partnership(&partnership), "--cycle").await?;
        Ok(Names::return_of(&partnership, &cycle))
    }
}

impl List {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let (parent, cycle) = session.listed(self.partnership.as_deref(), self.cycle.as_deref()).await?;
        let returns = all_pages(async |page_token| {
            let (parent, cycle) = (parent.clone(), cycle.clone());
            let answer = session.list_returns(v1::ListReturnsRequest { parent, cycle, page_size: 100, page_token }).await?;
            Ok((answer.returns, answer.next_page_token))
        })
        .await?;
        session.show(&ReturnList { returns: returns.into_iter().map(Into::into).collect() }).await
    }
}
