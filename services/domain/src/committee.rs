//! Committees: the audience, its members, and what its paper always says.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Recurrence,
    clock::Instant,
    id::{CommitteeId, IndicatorId, MemberId, PartnershipId, PersonId, Slug},
    measure::comparator::{Comparator, Rules},
    text::Line,
};

/// A committee that receives a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committee {
    /// Identifier.
    pub id: CommitteeId,
    /// Short name, unique in the region.
    pub slug: Slug,
    /// `Citizen Focus Committee`.
    pub name: Line,
    /// Which partnerships report to it, in the order the paper prints them.
    pub partnerships: Vec<PartnershipId>,
    /// Which indicators it asks for, in the order the paper prints them.
    pub indicators: Vec<IndicatorId>,
    /// What of it is not asked of whom, in the order of both lists.
    pub exemptions: Vec<Exemption>,
    /// How its year runs; none where cycles are set by hand.
    pub recurrence: Option<Recurrence>,
    /// What its paper always says.
    pub template: Template,
    /// Whether a return must be signed before it is printed.
    pub sign_off: SignOff,
    /// When it was set up.
    pub created_at: Instant,
    /// Counts changes.
    pub revision: i64,
}

/// A committee to be set up.
#[derive(Debug, Clone)]
pub struct NewCommittee {
    /// Identifier.
    pub id: CommitteeId,
    /// Short name.
    pub slug: Slug,
    /// Full name.
    pub name: Line,
    /// Partnerships in printing order.
    pub partnerships: Vec<PartnershipId>,
    /// Indicators in printing order.
    pub indicators: Vec<IndicatorId>,
    /// What of it is not asked of whom.
    pub exemptions: Vec<Exemption>,
    /// How its year runs.
    pub recurrence: Option<Recurrence>,
    /// What its paper always says.
    pub template: Template,
    /// Whether a return must be signed before it is printed.
    pub sign_off: SignOff,
}

/// One of a committee's indicators that one of its partnerships does not owe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    /// Which partnership.
    pub partnership: PartnershipId,
    /// Which indicator.
    pub indicator: IndicatorId,
}

impl Committee {
    /// Whether it does not ask a partnership for one of its indicators.
    pub fn exempts(&self, partnership: PartnershipId, indicator: IndicatorId) -> bool {
        self.exemptions.contains(&Exemption { partnership, indicator })
    }

    /// Whether a partnership owes it a return at all: not one that is exempt from everything it asks for.
    pub fn expects_return(&self, partnership: PartnershipId) -> bool {
        self.indicators.is_empty() || self.indicators.iter().any(|indicator| !self.exempts(partnership, *indicator))
    }
}

/// Whether a partnership's lead must have signed a return before a committee's paper prints it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignOff {
    /// Always; what no lead has signed is not printed.
    Required,
    /// From partnerships that have a lead or deputy on the day of the deadline.
    #[default]
    WhereLed,
    /// Never: what is sent in is printed.
    NotRequired,
}

impl SignOff {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::Required, Self::WhereLed, Self::NotRequired];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::WhereLed => "where_led",
            Self::NotRequired => "not_required",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.word() == word)
    }
}

/// What a committee's paper sets a figure beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beside {
    /// The period of the same length just before.
    PreviousPeriod,
    /// The same period a year earlier.
    SamePeriodLastYear,
    /// 1 April to the end of the period, beside the same months a year earlier.
    YearToDate,
    /// The twelve months that end with the period, beside the twelve before.
    RollingTwelveMonths,
    /// All who report to the committee, by share or for each thousand residents.
    Region,
    /// The comparison group of each partnership.
    Group,
}

impl Beside {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::PreviousPeriod, Self::SamePeriodLastYear, Self::YearToDate, Self::RollingTwelveMonths, Self::Region, Self::Group];

    /// What a paper has unless its committee says otherwise: last year, which knows of the season, and the year so far, which one
    /// quarter does not sway.
    pub fn usual() -> Vec<Self> {
        vec![Self::SamePeriodLastYear, Self::YearToDate]
    }

    /// Another time; none: others at the same time.
    pub fn comparator(self) -> Option<Comparator> {
        match self {
            Self::PreviousPeriod => Some(Comparator::PreviousPeriod),
            Self::SamePeriodLastYear => Some(Comparator::SamePeriodLastYear),
            Self::YearToDate => Some(Comparator::YearToDate),
            Self::RollingTwelveMonths => Some(Comparator::RollingTwelveMonths),
            Self::Region | Self::Group => None,
        }
    }
}

/// The standing text of a committee's paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The body or officer the report is from: `Report of the Chief Executive`.
    pub report_of: Line,
    /// The paper's title.
    pub title: Line,
    /// What the paper is for.
    pub purpose: Line,
    /// What members are asked to do; decisions first.
    pub recommendations: Vec<Line>,
    /// The headings the committee's standing orders require, and what is said under each.
    pub implications: Vec<Implication>,
    /// Printed at the head of every page and mail: a demonstration or a rehearsal says so here.
    pub notice: Option<Line>,
    /// What figures are set beside, in the order of the paper. Papers of before this could be said have what is usual.
    #[serde(default = "Beside::usual")]
    pub beside: Vec<Beside>,
    /// The least figure of which a percentage is printed.
    #[serde(default = "Template::usual_least_base")]
    pub least_base: u32,
}

/// One implication heading. An empty one is not published, so "none" is said, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Implication {
    /// `Equal opportunities implications`.
    pub heading: Line,
    /// What there is to say.
    pub statement: Line,
}

impl Template {
    /// The most recommendations or implications a template may have.
    pub const MAX_ITEMS: usize = 20;
    /// The largest base that may be asked of a percentage.
    pub const MAX_LEAST_BASE: u32 = 1_000_000;

    /// The least base unless a committee says otherwise.
    pub fn usual_least_base() -> u32 {
        Rules::default().least_base
    }

    /// What heads its tables: of what it asks for the first that is another period as long as the one reported on.
    pub fn heading(&self) -> Comparator {
        let asked = self.beside.iter().filter_map(|beside| beside.comparator());
        asked.into_iter().find(|comparator| !comparator.adds_up()).unwrap_or(Comparator::SamePeriodLastYear)
    }

    /// What a comparison of this committee keeps to.
    pub fn rules(&self) -> Rules {
        Rules { least_base: self.least_base }
    }

    /// The shape of a police authority's committee paper over several partnerships.
    pub fn over_partnerships(committee: &Line) -> Self {
        let line = |text: &str| Line::parse(text, Line::SENTENCE).expect("the built-in text is a line");
        let none = |heading: &str, subject: &str| Implication {
            heading: line(heading),
            statement: line(&format!(
                "No {subject} arise from noting this report; what a partnership proposes is assessed by that partnership."
            )),
        };
        Self {
            report_of: line("Report of the Chief Executive"),
            title: line("Community Safety Partnerships update"),
            purpose: line(&format!(
                "This report gives the {committee} an overview of the Community Safety Partnerships: national developments, news from each partnership and its figures for the quarter."
            )),
            recommendations: vec![line("Members are asked to note the contents of this report.")],
            implications: vec![
                none("Equal opportunities implications", "equal opportunities implications"),
                none("Human rights implications", "human rights implications"),
                none("Risk management implications", "risk management implications"),
                none("Financial implications", "financial implications"),
            ],
            notice: None,
            beside: Beside::usual(),
            least_base: Self::usual_least_base(),
        }
    }
}

/// A person's term on a committee. The same person may have several with gaps between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Identifier.
    pub id: MemberId,
    /// Who.
    pub person: PersonId,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day, if it ends.
    pub ends_on: Option<NaiveDate>,
    /// Counts changes.
    pub revision: i64,
}

impl Member {
    /// Whether the term covers `day`.
    pub fn in_term(&self, day: NaiveDate) -> bool {
        self.starts_on <= day && self.ends_on.is_none_or(|end| day <= end)
    }
}
