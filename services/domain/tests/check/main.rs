//! Checks of returns: each rule where it speaks and where it is silent, what notes answer, and which errors of published papers
//! are caught from the figures alone.

#![expect(clippy::unwrap_used, reason = "a finding that is not there should stop the test")]

mod docs;
mod papers;
mod rules;

use std::collections::HashMap;

use csp_domain::{
    check::{self, Case, Finding, Rule, Strengths, Told},
    clock::Instant,
    id::{IndicatorId, PartnershipId, TargetId},
    indicator::{Definition, Denominator, Indicator, Polarity, Ratio, Unit},
    measure::{
        comparator::{Comparator, Rules},
        population::Populations,
        target::{Aim, Milestone, Trajectory},
    },
    observation::{Answer, Figure, QuotedFigure},
    partnership::OnsCode,
    period::Period,
    returns::Content,
    target::{Target, Terms},
    text::Line,
};
use uuid::Uuid;

/// A partnership's return for a quarter, and all that was told before.
pub(crate) struct Desk {
    pub(crate) catalogue: HashMap<IndicatorId, Indicator>,
    reported: Period,
    figures: Vec<Figure>,
    quoted: Vec<QuotedFigure>,
    told: Vec<Told>,
    targets: Vec<Target>,
    populations: Populations,
    strengths: Strengths,
    beside: Comparator,
    rules: Rules,
}

pub(crate) fn line(text: &str) -> Line {
    Line::parse(text, Line::SENTENCE).unwrap()
}

pub(crate) fn of(text: &str) -> Period {
    text.parse().unwrap()
}

fn id(slug: &str) -> IndicatorId {
    IndicatorId(Uuid::from_u128(slug.bytes().fold(0, |sum, byte| sum * 131 + u128::from(byte))))
}

pub(crate) fn figure(indicator: &str, period: &str, answer: Answer) -> Figure {
    Figure { indicator: id(indicator), period: of(period), answer, provisional: false, note: None }
}

impl Desk {
    /// For October to December 2021.
    pub(crate) fn new() -> Self {
        Self::reporting("2021-q3")
    }

    pub(crate) fn reporting(period: &str) -> Self {
        Self {
            catalogue: HashMap::new(),
            reported: of(period),
            figures: Vec::new(),
            quoted: Vec::new(),
            told: Vec::new(),
            targets: Vec::new(),
            populations: Populations::default(),
            strengths: Strengths::default(),
            beside: Comparator::SamePeriodLastYear,
            rules: Rules::default(),
        }
    }

    /// With an indicator of which fewer is better; `share_of` another makes it a percentage.
    pub(crate) fn counting(mut self, slug: &str, name: &str, share_of: Option<&str>) -> Self {
        let ratio = share_of.map(|of| Ratio { per: 100, of: of.parse().unwrap(), decimals: 1 });
        let indicator = Indicator {
            id: id(slug),
            owner: None,
            ends_on: None,
            slug: slug.parse().unwrap(),
            name: line(name),
            unit: Unit::Count,
            polarity: Polarity::LowerIsBetter,
            source: line("Police-recorded crime"),
            definition: Definition { ratio, ..Definition::default() },
            created_at: Instant::UNIX_EPOCH,
            revision: 1,
        };
        self.catalogue.insert(indicator.id, indicator);
        self
    }

    /// As a rate among those who live there, of whom there were so many at the middle of each year.
    pub(crate) fn by_residents(mut self, people: &[(i32, u64)]) -> Self {
        let area: OnsCode = "E22000244".parse().unwrap();
        self.populations = Populations::new(people.iter().map(|(year, people)| (area.clone(), *year, *people)));
        let ratio = Some(Ratio { per: 1_000, of: Denominator::Residents, decimals: 2 });
        self.catalogue.values_mut().for_each(|indicator| indicator.definition.ratio.clone_from(&ratio));
        self
    }

    pub(crate) fn burglary() -> Self {
        Self::new().counting("burglary", "Burglary", None)
    }

    /// With a target of the partnership's: no more than so many from a period on.
    pub(crate) fn promising(mut self, indicator: &str, from: &str, at_most: u32) -> Self {
        let trajectory = Trajectory::standing(Aim::AtMost, Milestone { period: of(from), value: at_most.into() });
        let terms = Terms {
            indicator: id(indicator),
            partnership: Some(PartnershipId(Uuid::nil())),
            trajectory: Some(trajectory),
            baseline: None,
            reason: line("Safer Gateshead plan"),
        };
        let id = TargetId(Uuid::nil());
        self.targets.push(Target { id, terms, ends_on: None, end_reason: None, created_at: Instant::UNIX_EPOCH, revision: 1 });
        self
    }

    pub(crate) fn polarity(mut self, polarity: Polarity) -> Self {
        self.catalogue.values_mut().for_each(|indicator| indicator.polarity = polarity);
        self
    }

    /// As measures of few people, of whom small numbers are hidden.
    pub(crate) fn of_few(mut self) -> Self {
        self.catalogue.values_mut().for_each(|indicator| indicator.definition.sensitive = true);
        self
    }

    /// For a committee that heads its tables with something else, or prints percentages of others.
    pub(crate) fn for_committee(mut self, beside: Comparator, least_base: u32) -> Self {
        (self.beside, self.rules) = (beside, Rules { least_base });
        self
    }

    pub(crate) fn meaning(mut self, strengths: Strengths) -> Self {
        self.strengths = strengths;
        self
    }

    /// Sends a count.
    pub(crate) fn sends(self, indicator: &str, period: &str, value: u32) -> Self {
        self.answers(indicator, period, Answer::Reported { value: value.into() })
    }

    pub(crate) fn answers(mut self, indicator: &str, period: &str, answer: Answer) -> Self {
        self.figures.push(figure(indicator, period, answer));
        self
    }

    /// With a note beside the figure sent last.
    pub(crate) fn noting(mut self, note: &str) -> Self {
        self.figures.last_mut().unwrap().note = Some(line(note));
        self
    }

    pub(crate) fn quotes(mut self, subject: &str, value: &str) -> Self {
        let period = self.reported;
        self.quoted.push(QuotedFigure { subject: line(subject), value: line(value), source: line("Police"), period });
        self
    }

    /// An earlier return, not printed in a paper that is out.
    pub(crate) fn told(self, indicator: &str, period: &str, value: u32) -> Self {
        self.told_before(indicator, period, value, false)
    }

    /// An earlier return, printed in a paper that is out.
    pub(crate) fn published(self, indicator: &str, period: &str, value: u32) -> Self {
        self.told_before(indicator, period, value, true)
    }

    fn told_before(mut self, indicator: &str, period: &str, value: u32, published: bool) -> Self {
        self.told.push(Told { figure: figure(indicator, period, Answer::Reported { value: value.into() }), published, imported: false });
        self
    }

    /// Months from `first` on, one for each value.
    pub(crate) fn sends_months(mut self, indicator: &str, first: &str, values: &[u32]) -> Self {
        let mut month = of(first);
        for value in values {
            self = self.sends(indicator, &month.to_string(), *value);
            let next = month.end().succ_opt().unwrap();
            month = next.format("%Y-%m").to_string().parse().unwrap();
        }
        self
    }

    fn content(&self) -> Content {
        Content::Full { figures: self.figures.clone(), quoted: self.quoted.clone() }
    }

    /// Everything that is found.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let content = self.content();
        let asked: Vec<IndicatorId> = self.catalogue.keys().copied().collect();
        let area: OnsCode = "E22000244".parse().unwrap();
        let case = Case {
            catalogue: &self.catalogue,
            asked: &asked,
            reported: self.reported,
            content: &content,
            told: &self.told,
            targets: &self.targets,
            beside: self.beside,
            rules: self.rules,
            residents: Some((&area, &self.populations)),
        };
        check::findings(&case, &self.strengths)
    }

    /// What one rule says.
    pub(crate) fn says(&self, rule: Rule) -> Option<String> {
        self.findings().into_iter().find(|finding| finding.id.rule == rule).map(|finding| finding.text)
    }

    #[track_caller]
    pub(crate) fn is_silent(&self) {
        let found: Vec<String> = self.findings().into_iter().map(|finding| format!("{}: {}", finding.id, finding.text)).collect();
        assert_eq!(found, Vec::<String>::new());
    }
}
