//! Of measures of few people: whether the paper will print an exception, and so its reason.
//!
//! It prints none where any figure of any partnership is small. Of one return it is known only what that partnership told.

use rust_decimal::prelude::ToPrimitive as _;

use super::{
    case::{Case, Known, amount},
    finding::Finding,
};
use crate::measure::{series::Series, suppression::Rule};

/// Whether an exception, and its reason, is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Few {
    /// As any other.
    No,
    /// Unless another partnership's figures are small.
    Perhaps,
    /// Nothing of it.
    Yes,
}

impl Few {
    pub(super) fn of(case: &Case<'_>, one: &Known<'_>, series: &Series, wholes: Option<&Series>) -> Self {
        let whole = case.whole_of(one.indicator);
        let of_few = whole.is_some_and(|whole| whole.definition.sensitive);
        if !one.indicator.definition.sensitive && !of_few {
            return Self::No;
        }
        // The table that all are in may hide just what such a share would tell.
        if one.indicator.owner.is_some() && whole.is_some_and(|whole| whole.owner.is_none()) && of_few {
            return Self::Yes;
        }
        let rule = Rule::default();
        let small = series.readings().any(|(period, reading)| {
            let part = reading.value.to_u64();
            match (&one.indicator.definition.ratio, wholes) {
                (None, _) => part.is_none_or(|part| rule.is_small(part)),
                (Some(_), Some(wholes)) => {
                    let whole = amount(wholes, period).and_then(|whole| whole.to_u64());
                    part.zip(whole).is_none_or(|(part, whole)| rule.share(part, whole).is_err())
                }
                // Of so many residents the few without are never few.
                (Some(_), None) => part.is_none_or(|part| rule.is_small(part)),
            }
        });
        let small_whole = of_few
            && wholes.is_some_and(|wholes| {
                wholes.readings().any(|(_, reading)| reading.value.to_u64().is_none_or(|count| rule.is_small(count)))
            });
        if small || small_whole { Self::Yes } else { Self::Perhaps }
    }

    /// The finding, as it says whether its reason is printed.
    pub(super) fn say(self, mut finding: Finding) -> Finding {
        match self {
            Self::Perhaps if finding.exception => {
                finding.text.push_str(" Where any partnership's figures are small, the paper prints neither this nor the reason.");
            }
            Self::Yes => finding.exception = false,
            Self::No | Self::Perhaps => {}
        }
        finding
    }
}
