//! What a check says about a return.

use std::{fmt, str::FromStr};

use super::rule::{Rule, Strength};
use crate::{
    document::Hash,
    id::{IndicatorId, Slug},
    observation::{Figure, QuotedFigure},
    period::Period,
    returns::Content,
    text::Refused,
};

/// Names a finding within its return: the rule, and of which indicator. Written `outside-limits.burglary`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId {
    /// Which rule.
    pub rule: Rule,
    /// Of which indicator; none: of the return as a whole.
    pub indicator: Option<Slug>,
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.indicator {
            Some(indicator) => write!(f, "{}.{indicator}", self.rule.id()),
            None => f.write_str(self.rule.id()),
        }
    }
}

impl FromStr for FindingId {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        let refused = || Refused::new("must be a finding such as outside-limits.burglary");
        let (rule, indicator) = text.split_once('.').map_or((text, None), |(rule, indicator)| (rule, Some(indicator)));
        Ok(Self {
            rule: Rule::from_id(rule).ok_or_else(refused)?,
            indicator: indicator.map(Slug::plain_or_within).transpose().map_err(|_| refused())?,
        })
    }
}

/// The part of a return that a finding points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The figure at this place in what was sent.
    Figure(usize),
    /// The quoted figure at this place.
    Quoted(usize),
}

/// One thing that a rule says of a return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule, of what.
    pub id: FindingId,
    /// How it is meant here.
    pub strength: Strength,
    /// Where in the return: the first of what it is about.
    pub part: Part,
    /// In words, with the figures: a sentence.
    pub text: String,
    /// Whether the reason given for it is printed beside the exception.
    pub exception: bool,
    /// What exactly is asked.
    pub about: Hash,
}

/// What a rule asks about, as a fingerprint: of those figures of the return that it looks at, and of nothing else. So it can be
/// told from the return alone whether a note still answers what stands.
/// `of`: the indicator it is about, and what that is a share of; empty: the return as a whole.
pub fn about(rule: Rule, of: &[IndicatorId], reported: Period, content: &Content) -> Hash {
    let wanted = |figure: &&Figure| {
        let in_period = figure.period.end() <= reported.end() && figure.period.start() >= reported.start();
        let looked_at = match rule {
            Rule::Revision | Rule::OlderPeriod => !in_period,
            Rule::TypedPercentage | Rule::DenominatorZero | Rule::PartExceedsWhole | Rule::PartsExceedTotal | Rule::MonthsDiffer => true,
            _ => in_period,
        };
        looked_at && (of.is_empty() || of.contains(&figure.indicator))
    };
    let mut figures: Vec<&Figure> = content.figures().iter().filter(wanted).collect();
    figures.sort_by_key(|figure| (figure.indicator, figure.period));
    let mut text = rule.id().to_owned();
    for figure in figures {
        let amount = figure.answer.amount().map(|amount| amount.normalize().to_string());
        let answer = amount.unwrap_or_else(|| figure.answer.word().to_owned());
        text.push_str(&format!("\n{} {} {answer}", figure.indicator, figure.period));
        if let (Rule::TypedPercentage, Some(note)) = (rule, &figure.note) {
            text.push_str(&format!(" ({note})"));
        }
    }
    if rule == Rule::TypedPercentage {
        for QuotedFigure { subject, value, period, .. } in content.quoted() {
            text.push_str(&format!("\n{subject} {period} {value}"));
        }
    }
    Hash::of(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_back_as_it_is_written() {
        for rule in Rule::ALL {
            for indicator in [None, Some("anti-social-behaviour"), Some("gateshead.dog-fouling")] {
                let indicator = indicator.map(|slug| Slug::plain_or_within(slug).unwrap());
                let id = FindingId { rule, indicator };
                assert_eq!(id.to_string().parse::<FindingId>(), Ok(id));
            }
        }
        for bad in ["", "outside", "outside-limits.", "outside-limits.Burglary", ".burglary", "outside-limits.burglary.x"] {
            assert!(bad.parse::<FindingId>().is_err(), "{bad:?} should be refused");
        }
    }
}
