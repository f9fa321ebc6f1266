//! From values to places.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};

/// Values on a line, between two round ends.
#[derive(Clone)]
pub(super) struct Scale {
    ticks: Vec<Decimal>,
}

impl Scale {
    /// One that holds all `values`, with four to seven ticks at round numbers. It begins at zero, unless that would
    /// press everything into the upper third, or values are below zero. Of `whole` things there is no tick at a half.
    pub(super) fn holding(values: impl IntoIterator<Item = Decimal>, whole: bool) -> Self {
        let (mut low, mut high) = (None::<Decimal>, None::<Decimal>);
        for value in values {
            low = Some(low.map_or(value, |low| low.min(value)));
            high = Some(high.map_or(value, |high| high.max(value)));
        }
        let (low, high) = (low.unwrap_or_default(), high.unwrap_or_default());
        let bottom = if low >= Decimal::ZERO && low * Decimal::from(3) <= high * Decimal::TWO { Decimal::ZERO } else { low };
        let least = if whole { Decimal::ONE } else { Decimal::ZERO };
        let step = round_step(((high - bottom) / Decimal::from(4)).max(least));
        let mut tick = (bottom / step).floor() * step;
        let mut ticks = vec![tick];
        while tick < high || ticks.len() < 2 {
            tick += step;
            ticks.push(tick.normalize());
        }
        Self { ticks }
    }

    /// One from zero that ends at the largest of `values`, for bars.
    pub(super) fn from_zero(values: impl IntoIterator<Item = Decimal>) -> Self {
        let high = values.into_iter().max().unwrap_or_default();
        Self { ticks: vec![Decimal::ZERO, if high > Decimal::ZERO { high } else { Decimal::ONE }] }
    }

    pub(super) fn ticks(&self) -> &[Decimal] {
        &self.ticks
    }

    /// Where `value` is: 0 at the low end, 1 at the high end, and at an end what lies beyond it.
    pub(super) fn place(&self, value: Decimal) -> f64 {
        let (low, high) = (self.ticks[0], self.ticks[self.ticks.len() - 1]);
        ((value.clamp(low, high) - low) / (high - low)).to_f64().unwrap_or(0.0)
    }
}

/// The smallest of 1, 2, 5, 10, 20 … that is not less than `least`; for smaller values tenths and hundredths.
fn round_step(least: Decimal) -> Decimal {
    let mut step = Decimal::new(1, 2);
    for factor in [2, 5, 10].into_iter().cycle() {
        if step >= least {
            break;
        }
        step = match factor {
            5 => step / Decimal::TWO * Decimal::from(5),
            _ => step * Decimal::TWO,
        };
    }
    step.normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(values: &[&str]) -> Vec<String> {
        Scale::holding(values.iter().map(|value| value.parse().unwrap()), false).ticks().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ticks_are_round_and_hold_everything() {
        assert_eq!(ticks(&["50", "110"]), ["0", "50", "100", "150"]);
        assert_eq!(ticks(&["900", "1000"]), ["900", "950", "1000"]);
        assert_eq!(ticks(&["0"]), ["0", "0.01"]);
        assert_eq!(ticks(&["1.02", "1.68"]), ["0", "0.5", "1", "1.5", "2"]);
        assert_eq!(ticks(&["0", "1"]), ["0", "0.5", "1"]);
        assert_eq!(ticks(&["-3", "5"]), ["-4", "-2", "0", "2", "4", "6"]);
        let whole = Scale::holding([Decimal::ZERO, Decimal::TWO], true);
        assert_eq!(whole.ticks().iter().map(ToString::to_string).collect::<Vec<_>>(), ["0", "1", "2"]);
    }

    #[test]
    fn steps_are_one_two_or_five() {
        let step = |least: &str| round_step(least.parse().unwrap()).to_string();
        assert_eq!(
            ["0.01", "0.011", "0.03", "0.06", "1.1", "3", "5.1", "21", "499"].map(step),
            ["0.01", "0.02", "0.05", "0.1", "2", "5", "10", "50", "500"]
        );
    }
}
