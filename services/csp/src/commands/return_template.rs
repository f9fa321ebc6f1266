//! `csp return template`: the file to fill in.

use clap::Args;
use csp_proto::v1;

use super::figures::COLUMNS;
use crate::{
    defaults::Part,
    error::Error,
    files,
    names::{last, short},
    session::{Session, all_pages},
};

/// Print the file of figures to fill in: the committee's indicators, for this period and the one a year before
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  csp return template --cycle citizen-focus/2021-q3 --to figures.csv

Fill in the column value, or write nil, late, withheld or not_applicable under
status. Delete the lines you do not answer. Then: csp return submit figures.csv")]
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
        let name = if self.cycle.is_some() {
            session.cycle(self.cycle.as_deref(), Part::Paper, "--cycle").await?
        } else {
            let partnership = session.partnership(self.partnership.as_deref()).await?;
            session.cycle(None, Part::Partnership(&partnership), "--cycle").await?
        };
        let cycle = session.get_cycle(v1::GetCycleRequest { name: name.clone() }).await?;
        let committee = name.split("/cycles/").next().unwrap_or_default().to_owned();
        let committee = session.get_committee(v1::GetCommitteeRequest { name: committee }).await?;
        if self.to != "-" && std::path::Path::new(&self.to).exists() {
            session.confirm(&format!("{} is there already and would be written over.", self.to))?;
        }
        let periods = [Some(cycle.period.clone()), year_before(&cycle.period)];
        files::write(&self.to, template(&committee.indicators, &periods)?.as_bytes(), "The template", session.terminal)?;
        explain(&committee, &cycle, session).await;
        Ok(())
    }
}

fn template(indicators: &[String], periods: &[Option<String>]) -> Result<String, Error> {
    let cannot = |fault: String| Error::unexpected(format!("The template cannot be written: {fault}."));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(|fault| cannot(fault.to_string()))?;
    for indicator in indicators {
        for period in periods.iter().flatten() {
            let line = [last(indicator), period, "", "", "", "", "", ""];
            writer.write_record(line).map_err(|fault| cannot(fault.to_string()))?;
        }
    }
    let bytes = writer.into_inner().map_err(|fault| cannot(fault.to_string()))?;
    String::from_utf8(bytes).map_err(|fault| cannot(fault.to_string()))
}

/// Says which indicator is which, as far as that can be learned.
async fn explain(committee: &v1::Committee, cycle: &v1::Cycle, session: &mut Session<'_>) {
    let region = committee.name.split("/committees/").next().unwrap_or_default().to_owned();
    let known = all_pages(async |page_token| {
        let parent = region.clone();
        let answer = session.list_indicators(v1::ListIndicatorsRequest { parent, page_size: 500, page_token }).await?;
        Ok((answer.indicators, answer.next_page_token))
    })
    .await
    .unwrap_or_default();
    session.terminal.say(format!("{} asks, for {}:", committee.display_name, cycle.period_label));
    let width = committee.indicators.iter().map(|name| last(name).len()).max().unwrap_or_default();
    for name in &committee.indicators {
        let called = known.iter().find(|indicator| indicator.name == *name).map_or("", |indicator| indicator.display_name.as_str());
        session.terminal.say(format!("  {:width$}  {called}", last(name)).trim_end());
    }
    session.terminal.say("Fill in value, or write nil, late, withheld or not_applicable under status. Then send it in:");
    session.terminal.say(format!("  csp return submit figures.csv --cycle {}", short(&cycle.name)));
}

/// The same period a year before: `2020-q3` of `2021-q3`. None of what is not a period.
fn year_before(period: &str) -> Option<String> {
    if let Some((start, end)) = period.split_once("..") {
        return Some(format!("{}..{}", day_before(start)?, day_before(end)?));
    }
    let (year, rest) = period.split_at_checked(4)?;
    Some(format!("{:04}{rest}", year.parse::<u16>().ok()?.checked_sub(1)?)).filter(|_| rest.starts_with('-'))
}

fn day_before(day: &str) -> Option<String> {
    let day: chrono::NaiveDate = day.parse().ok()?;
    // The last day of February stays the last day.
    let next = day.succ_opt()?.checked_sub_months(chrono::Months::new(12))?;
    Some(next.pred_opt()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_before_is_the_same_period() {
        for (period, before) in [
            ("2021-q3", "2020-q3"),
            ("2021-10", "2020-10"),
            ("2021-fy", "2020-fy"),
            ("2021-10-01..2021-12-31", "2020-10-01..2020-12-31"),
            ("2021-02-01..2021-02-28", "2020-02-01..2020-02-29"),
            ("2020-02-01..2020-02-29", "2019-02-01..2019-02-28"),
        ] {
            assert_eq!(year_before(period).as_deref(), Some(before));
        }
        assert_eq!(year_before("soon"), None);
        assert_eq!(year_before(""), None);
    }
}
