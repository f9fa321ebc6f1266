//! How a region means the rules.

use std::collections::BTreeMap;

use super::rule::{Rule, Strength};
use crate::{
    clock::Instant,
    id::PersonId,
    text::{Line, Refused},
};

/// What a region decided about one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Which rule.
    pub rule: Rule,
    /// How it is meant there.
    pub strength: Strength,
    /// Why.
    pub reason: Line,
    /// Who decided it; none for the service.
    pub by: Option<PersonId>,
    /// When.
    pub at: Instant,
}

/// How each rule is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strengths(BTreeMap<Rule, Strength>);

impl Strengths {
    /// As a region decided.
    pub fn of_settings<'s>(settings: impl IntoIterator<Item = &'s Setting>) -> Self {
        Self(settings.into_iter().map(|setting| (setting.rule, setting.strength)).collect())
    }

    /// How `rule` is meant. What arithmetic needs stays an error, whatever is written somewhere.
    pub fn of(&self, rule: Rule) -> Strength {
        if rule.is_fixed() { rule.strength() } else { self.0.get(&rule).copied().unwrap_or(rule.strength()) }
    }

    /// Whether anything that looks back is an error here, so that it has to be judged before a return is taken.
    pub fn blocks_by_history(&self) -> bool {
        Rule::ALL.into_iter().any(|rule| rule.looks_back() && self.of(rule) == Strength::Error)
    }
}

impl Strength {
    /// Whether `rule` may be meant like this.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn allowed(self, rule: Rule) -> Result<Self, Refused> {
        if rule.is_fixed() && self != rule.strength() {
            return Err(Refused::new(format!(
                "must stay {}: without the rule {} nothing could be added up",
                rule.strength().word(),
                rule.id()
            )));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arithmetic_needs_stays_an_error() {
        let setting = |rule| Setting {
            rule,
            strength: Strength::Off,
            reason: Line::parse("We know.", Line::SENTENCE).unwrap(),
            by: None,
            at: Instant::UNIX_EPOCH,
        };
        let all: Vec<Setting> = Rule::ALL.into_iter().map(setting).collect();
        let strengths = Strengths::of_settings(&all);
        for rule in Rule::ALL {
            let wanted = if rule.is_fixed() { Strength::Error } else { Strength::Off };
            assert_eq!(strengths.of(rule), wanted, "{}", rule.id());
            assert_eq!(Strength::Off.allowed(rule).is_err(), rule.is_fixed());
        }
        assert_eq!(
            Strength::Query.allowed(Rule::NotANumber).unwrap_err().to_string(),
            "must stay error: without the rule not-a-number nothing could be added up"
        );
        assert!(!strengths.blocks_by_history() && !Strengths::default().blocks_by_history());
    }
}
