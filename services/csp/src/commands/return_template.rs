//! `csp return template`: the file to fill in, with what is known beside what is asked.

use std::collections::HashMap;

use clap::Args;
use csp_proto::v1::{self, r#return::Content};
use csp_sheet::template::{Question, Told, heads};

use super::{
    return_check::{counts, told},
    returns::catalogue,
};
use crate::{
    defaults::Part,
    error::{Error, Kind},
    files,
    names::{last, short},
    periods,
    session::{Session, all_pages},
    words::Words as _,
};

/// Write the file of figures to fill in: what the committee asks for, with last quarter and last year beside it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp return template --to figures.xlsx
  csp return template --cycle citizen-focus/2021-q3 --to figures.csv

The name of the file says what it becomes: .xlsx is a workbook with lists and
limits in its cells and a sheet that explains them, anything else is CSV.

Fill in the column value, or choose nil, late, withheld or not_applicable under
status. A line that says “if you have it” may stay empty. What stands beside the
value is for you and is not sent. Then: csp return submit figures.xlsx")]
pub(crate) struct Template {
    /// For which meeting: committee/cycle. Need not be said when only one is open for you
    #[arg(long, value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
    /// Whose return. Need not be said when you report for one partnership only
    #[arg(long, value_name = "PARTNERSHIP")]
    partnership: Option<String>,
    /// Write it into this file instead of printing it
    #[arg(long, value_name = "FILE", default_value = "-")]
    to: String,
}

impl Template {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        // Without a partnership of their own, editors get the template without what was answered before.
        let partnership = match session.partnership(self.partnership.as_deref()).await {
            Err(error) if error.kind == Kind::Usage && self.cycle.is_some() && self.partnership.is_none() => None,
            partnership => Some(partnership?),
        };
        let part = partnership.as_deref().map_or(Part::Paper, Part::Partnership);
        let cycle = session.cycle(self.cycle.as_deref(), part, "--cycle").await?;
        let asked = Asked::gather(partnership.as_deref(), &cycle, session).await?;
        if self.to != "-" && std::path::Path::new(&self.to).exists() {
            session.confirm(&format!("{} is there already and would be written over.", self.to))?;
        }
        files::write(&self.to, &asked.write(&self.to)?, "The template", session.terminal)?;
        asked.explain(&self.to, session);
        Ok(())
    }
}

/// What a committee asks a partnership for, and what is known.
pub(super) struct Asked {
    pub(super) committee: v1::Committee,
    pub(super) cycle: v1::Cycle,
    partnership: String,
    /// As people call it.
    called: String,
    catalogue: Vec<v1::Indicator>,
    /// What was answered before, by indicator and period.
    known: HashMap<(String, String), Told>,
}

impl Asked {
    pub(super) async fn gather(partnership: Option<&str>, cycle: &str, session: &Session<'_>) -> Result<Self, Error> {
        let cycle = session.get_cycle(v1::GetCycleRequest { name: cycle.to_owned() }).await?;
        let committee = cycle.name.split("/cycles/").next().unwrap_or_default().to_owned();
        let committee = session.get_committee(v1::GetCommitteeRequest { name: committee }).await?;
        let region = committee.name.split("/committees/").next().unwrap_or_default();
        let catalogue = catalogue(region, session).await;
        let mut known = HashMap::new();
        let mut called = String::new();
        if let Some(partnership) = partnership {
            // The name as people say it; its short name serves where that cannot be learned.
            let found = session.get_partnership(v1::GetPartnershipRequest { name: partnership.to_owned() }).await;
            called = found.map_or_else(|_| last(partnership).to_owned(), |found| found.display_name);
            let returns = all_pages(async |page_token| {
                let question = v1::ListReturnsRequest { parent: partnership.to_owned(), page_size: 100, page_token, ..Default::default() };
                let answer = session.list_returns(question).await?;
                Ok((answer.returns, answer.next_page_token))
            })
            .await?;
            for answer in returns.into_iter().filter(counts) {
                let Some(Content::Figures(figures)) = answer.content else { continue };
                for figure in figures.figures {
                    if let Some(answer) = &figure.answer {
                        known.insert((figure.indicator, figure.period), told(answer));
                    }
                }
            }
        }
        Ok(Self { committee, cycle, partnership: partnership.unwrap_or_default().to_owned(), called, catalogue, known })
    }

    /// What is asked for: by the committee, in its order, and by the partnership itself.
    fn asked(&self) -> Vec<String> {
        // As the server judges it, whose letter brings the same workbook.
        let (ends, due) = (periods::end(&self.cycle.period), crate::dates::instant(self.cycle.deadline_time));
        let own = |known: &&v1::Indicator| {
            let from = known.definition.as_ref().map_or("", |definition| definition.valid_from.as_str());
            let begun = from.is_empty() || ends.as_deref().is_some_and(|ends| from <= ends);
            let over = !known.end_date.is_empty() && ends.as_deref().is_some_and(|ends| known.end_date.as_str() < ends);
            let in_time = crate::dates::instant(known.create_time).zip(due).is_none_or(|(made, due)| made.0 <= due.0);
            !known.partnership.is_empty() && known.partnership == self.partnership && begun && !over && in_time
        };
        let own = self.catalogue.iter().filter(own).map(|known| known.name.clone());
        let exempt = self.committee.exemptions.iter().filter(|exempt| exempt.partnership == self.partnership);
        let exempt: Vec<&String> = exempt.flat_map(|exempt| &exempt.indicators).collect();
        self.committee.indicators.iter().filter(|asked| !exempt.contains(asked)).cloned().chain(own).collect()
    }

    /// What is asked, as it stands in the file.
    fn template(&self) -> csp_sheet::template::Template {
        let (committee, cycle) = (&self.committee, &self.cycle);
        let (before, year_before) = (periods::before(&cycle.period), periods::year_before(&cycle.period));
        let question = |indicator: &String| {
            let known = |period: &Option<String>| self.known.get(&(indicator.clone(), period.clone()?)).cloned();
            let called = self.catalogue.iter().find(|known| known.name == *indicator);
            Question {
                indicator: last(indicator).to_owned(),
                measure: called.map(|known| known.display_name.clone()).unwrap_or_default(),
                unit: called.and_then(|known| v1::Unit::try_from(known.unit).ok()).map_or("", |unit| unit.words()).to_owned(),
                quarter_before: known(&before),
                year_before: known(&year_before),
            }
        };
        let civil = |time| crate::dates::instant(time).map(|time| time.0.with_timezone(&crate::dates::zone(None)).naive_local());
        csp_sheet::template::Template {
            committee: committee.display_name.clone(),
            partnership: self.called.clone(),
            period: cycle.period.clone(),
            period_label: cycle.period_label.clone(),
            asked: self.asked().iter().map(question).collect(),
            year_before,
            opens_on: civil(cycle.open_time).map(|opens| opens.date()).unwrap_or_default(),
            due: civil(cycle.deadline_time),
        }
    }

    /// The bytes of the file called `file`.
    pub(super) fn write(&self, file: &str) -> Result<Vec<u8>, Error> {
        let cannot = |fault: String| Error::unexpected(format!("The template cannot be written: {fault}."));
        let template = self.template();
        if file.to_lowercase().ends_with(".xlsx") {
            return template.form().write().map_err(cannot);
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(heads()).map_err(|fault| cannot(fault.to_string()))?;
        for line in template.lines() {
            writer.write_record(line).map_err(|fault| cannot(fault.to_string()))?;
        }
        writer.into_inner().map_err(|fault| cannot(fault.to_string()))
    }

    /// Says which indicator is which, as far as that can be learned.
    fn explain(&self, file: &str, session: &mut Session<'_>) {
        session.terminal.say(format!("{} asks, for {}:", self.committee.display_name, self.cycle.period_label));
        let asked = self.asked();
        let width = asked.iter().map(|name| last(name).len()).max().unwrap_or_default();
        for name in &asked {
            let called =
                self.catalogue.iter().find(|indicator| indicator.name == *name).map_or("", |indicator| indicator.display_name.as_str());
            session.terminal.say(format!("  {:width$}  {called}", last(name)).trim_end());
        }
        session.terminal.say("Fill in value, or write nil, late, withheld or not_applicable under status. Then send it in:");
        let file = if file == "-" { "figures.csv" } else { file };
        session.terminal.say(format!("  csp return submit {file} --cycle {}", short(&self.cycle.name)));
    }
}
