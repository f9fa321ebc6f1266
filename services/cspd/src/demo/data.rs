//! What the demonstration is made of, compiled in. `demo/README.md` says where each piece comes from and what is invented.

use std::sync::LazyLock;

use csp_proto::v1::{Figure, Late, NewsKind, Polarity, Population, Unit, figure::Answer};
use serde::{Deserialize, de::DeserializeOwned};

/// The region everything happens in.
pub(super) const REGION: &str = "northumbria";
/// The committee the paper is for.
pub(super) const COMMITTEE: &str = "citizen-focus";
/// The quarter reported on, and the one it is compared with.
pub(super) const QUARTER: &str = "2021-q3";
pub(super) const YEAR_BEFORE: &str = "2020-q3";
/// How many live where, for all of England and Wales.
pub(super) const POPULATIONS: &str = include_str!("../../../../deploy/populations.csv");
/// Printed at the head of the paper and of every mail.
pub(super) const NOTICE: &str = "DEMONSTRATION: the figures are real, the news is real but of 2009 and 2010; the gaps, the people, the target and one joint item are invented.";

/// Members of the committee, as its clerk would import them.
pub(super) static MEMBERS_CSV: LazyLock<String> = LazyLock::new(|| {
    let lines = people("member").into_iter().map(|person| format!("{},{}\n", person.name, person.email));
    std::iter::once("name,email\n".to_owned()).chain(lines).collect()
});

/// A partnership.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Partnership {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) ons_code: String,
}

/// A kind of incident or offence.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Indicator {
    pub(super) slug: String,
    pub(super) name: String,
    unit: String,
    polarity: String,
    pub(super) source: String,
}

impl Indicator {
    pub(super) fn unit(&self) -> Unit {
        Unit::from_str_name(&format!("UNIT_{}", self.unit.to_uppercase())).unwrap_or_default()
    }

    /// Anti-social behaviour is recorded as incidents and is no crime.
    pub(super) fn is_crime(&self) -> bool {
        self.source.starts_with("Police-recorded crime")
    }

    pub(super) fn polarity(&self) -> Polarity {
        Polarity::from_str_name(&format!("POLARITY_{}", self.polarity.to_uppercase())).unwrap_or_default()
    }
}

/// How many lived in an area.
#[derive(Debug, Deserialize)]
struct Residents {
    ons_code: String,
    mid_year: i32,
    population: i64,
    source: String,
}

/// The estimates of residents that come with the service.
pub(super) fn populations() -> Vec<Population> {
    let estimate = |Residents { ons_code, mid_year, population, source }| Population {
        ons_code,
        mid_year,
        people: population,
        source,
        create_time: None,
    };
    rows(POPULATIONS).into_iter().map(estimate).collect()
}

/// Somebody with a role.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Person {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) email: String,
    role: String,
    /// The partnership or committee it is for.
    pub(super) of: String,
}

/// What a partnership answers.
#[derive(Debug, Clone, Deserialize)]
struct Chapter {
    partnership: String,
    answer: String,
    expected_on: String,
    statement: String,
}

/// A piece of news.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct News {
    pub(super) file: String,
    owner: String,
    kind: String,
    pub(super) headline: String,
    pub(super) happened_on: String,
}

impl News {
    pub(super) fn kind(&self) -> NewsKind {
        NewsKind::from_str_name(&format!("NEWS_KIND_{}", self.kind.to_uppercase())).unwrap_or_default()
    }

    /// As `csp news submit --kind` knows it.
    pub(super) fn kind_word(&self) -> String {
        self.kind.replace('_', "-")
    }

    pub(super) fn body(&self) -> &'static str {
        BODIES.iter().find(|(file, _)| *file == self.file).map_or("", |(_, body)| body)
    }
}

#[derive(Debug, Deserialize)]
struct Count {
    partnership: String,
    indicator: String,
    period: String,
    #[serde(rename = "count")]
    number: u32,
}

/// One month's count.
#[derive(Debug, Deserialize)]
struct Month {
    partnership: String,
    indicator: String,
    #[serde(rename = "month")]
    period: String,
    count: u32,
}

#[derive(Debug, Deserialize)]
struct Asked {
    indicator: String,
}

/// What an officer says when something is asked about a return.
#[derive(Debug, Deserialize)]
struct Explanation {
    partnership: String,
    finding: String,
    note: String,
}

#[derive(Debug, Deserialize)]
struct Note {
    period: String,
    note: String,
}

macro_rules! bodies {
    ($($file:literal)*) => {
        const BODIES: &[(&str, &str)] = &[$(($file, include_str!(concat!("../../demo/news/", $file)))),*];
    };
}
bodies! {
    "gateshead-award.md"
    "gateshead-confidence.md"
    "national-balance.md"
    "national-bcu-fund.md"
    "national-hallmarks.md"
    "national-probation.md"
    "newcastle-review.md"
    "north-tyneside-development-day.md"
    "northumberland-berwick.md"
}

fn rows<T: DeserializeOwned>(text: &str) -> Vec<T> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().expect("the compiled-in data reads")
}

pub(super) const PARTNERSHIPS: &str = include_str!("../../demo/partnerships.csv");
pub(super) const INDICATORS: &str = include_str!("../../demo/indicators.csv");

/// The partnerships, in the order the paper prints them.
pub(super) fn partnerships() -> Vec<Partnership> {
    rows(PARTNERSHIPS)
}

/// The region's catalogue.
pub(super) fn indicators() -> Vec<Indicator> {
    rows(INDICATORS)
}

/// The indicators the committee asks for, in the order the paper prints them.
pub(super) fn asked_for() -> Vec<String> {
    rows::<Asked>(include_str!("../../demo/committee.csv")).into_iter().map(|asked| asked.indicator).collect()
}

/// Everybody with a role.
pub(super) fn people(role: &str) -> Vec<Person> {
    rows::<Person>(include_str!("../../demo/people.csv")).into_iter().filter(|person| person.role == role).collect()
}

/// The only one with a role.
pub(super) fn person(role: &str) -> Person {
    people(role).remove(0)
}

/// The news of a partnership, or of the nation.
pub(super) fn news(owner: &str) -> Vec<News> {
    rows::<News>(include_str!("../../demo/news/news.csv")).into_iter().filter(|news| news.owner == owner).collect()
}

/// The months of the quarter reported on, of which nobody who is late can speak.
const MONTHS_OF_QUARTER: [&str; 3] = ["2021-10", "2021-11", "2021-12"];

/// The figures a partnership sends: what the committee asks for, this quarter's, the year before's, and those of every month
/// since May 2020.
pub(super) fn figures(partnership: &str) -> Vec<Figure> {
    let counts: Vec<Count> = rows(include_str!("../../demo/figures.csv"));
    let notes: Vec<Note> = rows(include_str!("../../demo/notes.csv"));
    let chapter = chapter(partnership);
    let mut figures = Vec::new();
    for period in [QUARTER, YEAR_BEFORE] {
        for indicator in asked_for() {
            let found = counts.iter().find(|c| c.partnership == partnership && c.indicator == indicator && c.period == period);
            let Some(count) = found else { continue };
            let late = period == QUARTER && chapter.answer == "late";
            let answer = if late {
                Answer::Late(Late { expected_date: chapter.expected_on.clone() })
            } else {
                Answer::Value(count.number.to_string())
            };
            let note = notes.iter().find(|note| note.period == period).map(|note| note.note.clone()).unwrap_or_default();
            figures.push(Figure {
                indicator: indicator_name(&indicator),
                period: period.to_owned(),
                answer: Some(answer),
                provisional: false,
                note,
            });
        }
    }
    let known =
        |month: &Month| month.partnership == partnership && !(chapter.answer == "late" && MONTHS_OF_QUARTER.contains(&&*month.period));
    figures.extend(rows::<Month>(include_str!("../../demo/months.csv")).into_iter().filter(known).map(|month| Figure {
        indicator: indicator_name(&month.indicator),
        period: month.period,
        answer: Some(Answer::Value(month.count.to_string())),
        provisional: false,
        note: String::new(),
    }));
    figures
}

/// What a partnership answers when something is asked about its return.
pub(super) fn explanation(partnership: &str, finding: &str) -> Option<String> {
    let explanations: Vec<Explanation> = rows(include_str!("../../demo/explanations.csv"));
    explanations.into_iter().find(|known| known.partnership == partnership && known.finding == finding).map(|known| known.note)
}

/// What a partnership that has nothing to report says.
pub(super) fn nil_statement(partnership: &str) -> String {
    chapter(partnership).statement
}

fn chapter(partnership: &str) -> Chapter {
    let mut story: Vec<Chapter> = rows(include_str!("../../demo/story.csv"));
    let at = story.iter().position(|chapter| chapter.partnership == partnership).expect("every partnership has its part in the story");
    story.swap_remove(at)
}

/// `regions/northumbria`
pub(super) fn region_name() -> String {
    format!("regions/{REGION}")
}

pub(super) fn partnership_name(slug: &str) -> String {
    format!("regions/{REGION}/partnerships/{slug}")
}

pub(super) fn indicator_name(slug: &str) -> String {
    format!("regions/{REGION}/indicators/{slug}")
}

pub(super) fn committee_name() -> String {
    format!("regions/{REGION}/committees/{COMMITTEE}")
}

pub(super) fn cycle_name() -> String {
    format!("regions/{REGION}/committees/{COMMITTEE}/cycles/{QUARTER}")
}

/// Figures as a file that `csp return submit` reads.
pub(super) fn as_csv(figures: &[Figure]) -> String {
    let mut out = String::from("indicator,period,value,status,expected_date,note\n");
    for Figure { indicator, period, answer, note, .. } in figures {
        let indicator = indicator.rsplit('/').next().unwrap_or_default();
        let answered = match answer {
            Some(Answer::Value(value)) => format!("{value},,"),
            Some(Answer::Late(late)) => format!(",late,{}", late.expected_date),
            _ => ",,".to_owned(),
        };
        out.push_str(&format!("{indicator},{period},{answered},{note}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_reads_and_fits_together() {
        assert_eq!((partnerships().len(), indicators().len(), asked_for().len()), (6, 14, 5));
        assert!(indicators().iter().all(|i| i.unit() != Unit::Unspecified && i.polarity() != Polarity::Unspecified));
        assert_eq!((people("officer").len(), people("member").len()), (6, 10));
        assert_eq!(MEMBERS_CSV.lines().count(), 11);
        for owner in partnerships().iter().map(|p| p.slug.as_str()).chain(["national"]) {
            for news in news(owner) {
                assert!(news.kind() != NewsKind::Unspecified && !news.body().is_empty(), "{}", news.file);
            }
        }
        assert_eq!(news("national").len(), 4);
    }

    #[test]
    fn each_partnership_answers_for_both_years_and_the_late_one_says_so() {
        for partnership in partnerships() {
            let figures = figures(&partnership.slug);
            let months = figures.iter().filter(|f| !f.period.contains('q')).count();
            // Five measures in twenty months; who is late has not the last three.
            let expected = if partnership.slug == "northumberland" { 85 } else { 100 };
            assert_eq!((figures.len() - months, months), (10, expected), "{}", partnership.slug);
            let noted: Vec<_> = figures.iter().filter(|f| f.note == "Restrictions in force (Covid-19)").map(|f| &f.period).collect();
            assert_eq!(noted, [YEAR_BEFORE; 5]);
        }
        let late = figures("northumberland").iter().filter(|f| matches!(f.answer, Some(Answer::Late(_)))).count();
        assert_eq!(late, 5);
        assert_eq!(nil_statement("south-tyneside"), "Nothing to report for this quarter.");
    }
}
