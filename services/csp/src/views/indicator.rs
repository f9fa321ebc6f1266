//! Indicators.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, day, instant},
    names::short,
    output::{Page, Show},
    words::Coded,
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct IndicatorView {
    name: String,
    display_name: String,
    unit: Coded<v1::Unit>,
    polarity: Coded<v1::Polarity>,
    source: String,
    create_time: Option<Instant>,
    etag: Option<String>,
    definition: DefinitionView,
    partnership: Option<String>,
    end_date: Option<String>,
}

/// What an indicator means.
#[derive(Debug, Serialize)]
struct DefinitionView {
    meaning: Option<String>,
    per: Option<i32>,
    denominator: Option<String>,
    decimals: Option<i32>,
    frequency: Coded<v1::Frequency>,
    sensitive: bool,
    crime: bool,
    valid_from: Option<String>,
    breaks: Vec<BreakView>,
    stock: bool,
    survey_months: Option<i32>,
}

#[derive(Debug, Serialize)]
struct BreakView {
    date: String,
    description: String,
}

impl From<v1::Definition> for DefinitionView {
    fn from(definition: v1::Definition) -> Self {
        let v1::Definition { meaning, per, denominator, decimals, frequency, sensitive, crime, valid_from, breaks, stock, survey_months } =
            definition;
        Self {
            meaning: given(meaning),
            per: (per != 0).then_some(per),
            denominator: given(denominator),
            decimals: (per != 0).then_some(decimals),
            frequency: Coded::of(frequency),
            sensitive,
            crime,
            valid_from: given(valid_from),
            breaks: breaks.into_iter().map(|v1::DefinitionBreak { date, description }| BreakView { date, description }).collect(),
            stock,
            survey_months: (survey_months != 0).then_some(survey_months),
        }
    }
}

impl DefinitionView {
    /// `percentage of referrals, to 1 decimal`, `per 1,000 residents, to 2 decimals`.
    fn ratio(&self) -> Option<String> {
        let (per, of) = (self.per?, short(self.denominator.as_deref()?));
        let places = self.decimals.unwrap_or_default();
        let places = if places == 1 { "1 decimal".to_owned() } else { format!("{places} decimals") };
        Some(if per == 100 && of != "residents" {
            format!("percentage of {of}, to {places}")
        } else {
            format!("per {per} of {of}, to {places}")
        })
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        facts.extend(self.meaning.clone().map(|meaning| ("Meaning", meaning)));
        facts.extend(self.ratio().map(|ratio| ("Printed as", ratio)));
        facts.extend(given(self.frequency.words()).map(|words| ("Counted", words)));
        facts.extend(self.stock.then(|| ("Over time", "a state at the end of a period, never added up".to_owned())));
        let asked = |months: i32| format!("people are asked over {months} month{}", if months == 1 { "" } else { "s" });
        facts.extend(self.survey_months.map(|months| ("Survey", format!("{} up to the end of each period", asked(months)))));
        facts.extend(self.sensitive.then(|| ("Small numbers", "one to four are printed “fewer than 5”".to_owned())));
        facts.push(("In totals of crime", if self.crime { "yes" } else { "no" }.to_owned()));
        facts.extend(self.valid_from.clone().map(|day| ("Definition from", day)));
        facts.extend(self.breaks.iter().map(|found| ("Changed on", format!("{}: {}", found.date, found.description))));
        facts
    }
}

impl From<v1::Indicator> for IndicatorView {
    fn from(indicator: v1::Indicator) -> Self {
        let v1::Indicator { name, display_name, unit, polarity, source, create_time, etag, definition, partnership, end_date } = indicator;
        Self {
            name,
            display_name,
            unit: Coded::of(unit),
            polarity: Coded::of(polarity),
            source,
            create_time: instant(create_time),
            etag: given(etag),
            definition: definition.unwrap_or_default().into(),
            partnership: given(partnership),
            end_date: given(end_date),
        }
    }
}

impl Show for IndicatorView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.display_name);
        let mut facts = vec![
            ("Indicator", short(&self.name)),
            ("Unit", self.unit.words()),
            ("Direction", self.polarity.words()),
            ("Source", self.source.clone()),
        ];
        facts.extend(self.partnership.as_deref().map(|whose| ("Of", format!("{} alone", short(whose)))));
        facts.extend(self.end_date.as_deref().map(|end| ("Asked for until", day(end))));
        facts.extend(self.definition.facts());
        page.facts(facts);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct IndicatorList {
    pub(crate) indicators: Vec<IndicatorView>,
}

impl Show for IndicatorList {
    fn draw(&self, page: &mut Page) {
        let rows =
            self.indicators.iter().map(|i| [short(&i.name), i.display_name.clone(), i.unit.words(), i.polarity.words(), i.source.clone()]);
        page.table(["Indicator", "Called", "Unit", "Direction", "Source"], rows, "There are no indicators.");
    }
}
