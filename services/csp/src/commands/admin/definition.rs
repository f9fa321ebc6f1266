//! What an indicator means: its options, and its columns in a file.

use clap::ValueEnum as _;
use csp_proto::v1;
use csp_sheet::Row;

use super::change;
use crate::{
    error::{Error, Violation},
    names::{Names, echo},
    sheet::Sheet,
    words::{FrequencyOption, PolarityOption, UnitOption},
};

/// The columns a file of indicators may have besides the first five.
pub(super) const COLUMNS: [&str; 11] =
    ["meaning", "per", "of", "decimals", "frequency", "sensitive", "crime", "valid_from", "breaks", "stock", "survey"];

/// Everybody who lives there, in the place of an indicator.
const RESIDENTS: &str = "residents";

/// What an indicator means, on the command line
#[derive(Debug, clap::Args)]
struct Options {
    /// What is counted, in a sentence
    #[arg(long)]
    meaning: Option<String>,
    /// Print it as so many of each PER: 100 for a percentage, 1000 for a rate; 0 for a plain amount
    #[arg(long)]
    per: Option<i32>,
    /// Of what it is a share: the indicator that counts the whole, or residents
    #[arg(long)]
    of: Option<String>,
    /// Digits after the point of a percentage or rate, 3 at most
    #[arg(long)]
    decimals: Option<i32>,
    /// How often it is counted
    #[arg(long, value_enum)]
    frequency: Option<FrequencyOption>,
    /// One to four are printed “fewer than 5”, and nothing that would tell them
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "true|false")]
    sensitive: Option<bool>,
    /// Belongs into a total of crime
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "true|false")]
    crime: Option<bool>,
    /// A state at the end of a period, such as a case load, and never added up over months
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "true|false")]
    stock: Option<bool>,
    /// A survey's result: over how many months up to the end of each period people are asked, 12 of a rolling year; 0: no survey
    #[arg(long, value_name = "MONTHS")]
    survey: Option<i32>,
    /// The first day of the definition as it is now: 2014-04-01
    #[arg(long, value_name = "DATE")]
    valid_from: Option<String>,
    /// A day on which what is counted changed, and how: "2014-04-01 attempts are counted apart"
    #[arg(long = "break", value_name = "DATE WHAT")]
    breaks: Vec<String>,
}

/// An indicator to be entered, on the command line
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// What it is called
    #[arg(long)]
    name: String,
    /// In what it is measured; cannot be changed later
    #[arg(long, value_enum)]
    unit: UnitOption,
    /// Which direction is good; may be left unsaid of domestic abuse, sexual offences, hate crime and helplines
    #[arg(long, value_enum)]
    polarity: Option<PolarityOption>,
    /// Who counts it, and how
    #[arg(long)]
    source: String,
    #[command(flatten)]
    meaning: Options,
}

impl New {
    pub(crate) fn indicator(self, names: &Names) -> Result<v1::Indicator, Error> {
        let Self { name, unit, polarity, source, meaning } = self;
        let mut definition = v1::Definition::default();
        meaning.apply(&mut definition, names)?;
        let (unit, polarity) = (unit.code(), polarity.map_or(0, PolarityOption::code));
        Ok(v1::Indicator { display_name: name, unit, polarity, source, definition: Some(definition), ..Default::default() })
    }
}

/// What of an indicator is to be changed, on the command line
#[derive(Debug, clap::Args)]
pub(crate) struct Change {
    /// What it is called
    #[arg(long)]
    name: Option<String>,
    /// Which direction is good
    #[arg(long, value_enum)]
    polarity: Option<PolarityOption>,
    /// Who counts it, and how
    #[arg(long)]
    source: Option<String>,
    #[command(flatten)]
    meaning: Options,
}

impl Change {
    /// Sets what was typed, and adds what was set to `paths`.
    pub(crate) fn apply(self, indicator: &mut v1::Indicator, names: &Names, paths: &mut Vec<String>) -> Result<(), Error> {
        let Self { name, polarity, source, meaning } = self;
        change(&mut indicator.display_name, name, "display_name", paths);
        change(&mut indicator.polarity, polarity.map(PolarityOption::code), "polarity", paths);
        change(&mut indicator.source, source, "source", paths);
        if meaning.apply(indicator.definition.get_or_insert_default(), names)? {
            paths.push("definition".to_owned());
        }
        Ok(())
    }
}

impl Options {
    /// Sets what was typed; answers whether anything was.
    fn apply(self, definition: &mut v1::Definition, names: &Names) -> Result<bool, Error> {
        let before = definition.clone();
        let Self { meaning, per, of, decimals, frequency, sensitive, crime, stock, survey, valid_from, breaks } = self;
        set(&mut definition.meaning, meaning);
        set(&mut definition.per, per);
        set(&mut definition.denominator, of.map(|of| denominator(&of, names)).transpose()?);
        set(&mut definition.decimals, decimals);
        set(&mut definition.frequency, frequency.map(FrequencyOption::code));
        set(&mut definition.sensitive, sensitive);
        set(&mut definition.crime, crime);
        set(&mut definition.stock, stock);
        set(&mut definition.survey_months, survey);
        set(&mut definition.valid_from, valid_from);
        for typed in breaks {
            definition.breaks.push(break_of(&typed).ok_or_else(|| Error::usage(format!("--break: “{typed}” {BREAK}.")))?);
        }
        // A plain amount is a share of nothing.
        if per == Some(0) {
            definition.denominator.clear();
            definition.decimals = 0;
        }
        Ok(*definition != before)
    }
}

const BREAK: &str = "must be a date and what changed on it, such as 2014-04-01 attempts are counted apart";

fn set<T>(field: &mut T, typed: Option<T>) {
    if let Some(typed) = typed {
        *field = typed;
    }
}

fn denominator(typed: &str, names: &Names) -> Result<String, Error> {
    if typed == RESIDENTS { Ok(RESIDENTS.to_owned()) } else { names.indicator(typed) }
}

fn break_of(typed: &str) -> Option<v1::DefinitionBreak> {
    let (date, description) = typed.trim().split_once(char::is_whitespace)?;
    Some(v1::DefinitionBreak { date: date.to_owned(), description: description.trim().to_owned() })
}

/// What a line of a file says. What it says wrongly is added to `violations`.
pub(super) fn of_line(sheet: &Sheet, index: usize, row: &Row, names: &Names, violations: &mut Vec<Violation>) -> v1::Definition {
    let cell = |column: &'static str| sheet.cell(row, column);
    let mut wrong = |column: &str, fault: String| violations.push(Violation { place: sheet.place(index, column), fault });
    let mut number = |column: &'static str| match cell(column) {
        "" => 0,
        text => text.replace(',', "").parse().unwrap_or_else(|_| {
            wrong(column, format!("“{text}” is not a whole number"));
            0
        }),
    };
    let (per, decimals, survey_months) = (number("per"), number("decimals"), number("survey"));
    let mut yes = |column: &'static str| match cell(column).to_lowercase().as_str() {
        "yes" | "true" | "y" => true,
        "" | "no" | "false" | "n" => false,
        _ => {
            wrong(column, format!("“{}” must be yes or no", echo(cell(column))));
            false
        }
    };
    let (sensitive, crime, stock) = (yes("sensitive"), yes("crime"), yes("stock"));
    let frequency = match cell("frequency") {
        "" => 0,
        word => FrequencyOption::from_str(word, true).map_or_else(
            |_| {
                wrong("frequency", format!("“{word}” is not known. Known are: month, quarter, year"));
                0
            },
            FrequencyOption::code,
        ),
    };
    let denominator = match cell("of") {
        "" => String::new(),
        of => denominator(of, names).unwrap_or_else(|_| {
            wrong("of", format!("“{of}” must be the id of an indicator, or residents"));
            String::new()
        }),
    };
    let mut breaks = Vec::new();
    for typed in cell("breaks").split('|').map(str::trim).filter(|typed| !typed.is_empty()) {
        match break_of(typed) {
            Some(found) => breaks.push(found),
            None => wrong("breaks", format!("“{typed}” {BREAK}; several are divided by |")),
        }
    }
    let (meaning, valid_from) = (cell("meaning").to_owned(), cell("valid_from").to_owned());
    v1::Definition { meaning, per, denominator, decimals, frequency, sensitive, crime, valid_from, breaks, stock, survey_months }
}
