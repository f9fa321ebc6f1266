//! How a cycle stands as a whole, for its editor: the same counts and rates that `csp cycle status` shows.

use csp_domain::completeness::{Counts, Rate, Standing, Tally, complete, on_time};

/// The counts of one cycle, and the rates over the last.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    counts: Counts,
    complete: Rate,
    on_time: Rate,
}

impl Summary {
    /// Of what the store says about a cycle whose returns are due at `deadline`.
    pub(crate) fn of(standings: &[Standing], tallies: &[Tally], deadline: csp_domain::Instant) -> Self {
        Self { counts: Counts::of(standings, deadline), complete: complete(tallies), on_time: on_time(tallies) }
    }

    /// How many partnerships owe a return.
    pub(crate) fn expected(&self) -> usize {
        self.counts.expected
    }

    /// In two lines of a letter; one where no cycle has closed yet.
    pub(crate) fn facts(&self) -> Vec<(String, String)> {
        let Counts { expected, received, signed, accepted, nil, late, extended, unsigned: _ } = self.counts;
        let counts =
            [("signed", signed), ("accepted", accepted), ("nil", nil), ("late", late)].map(|(what, count)| format!("{count} {what}"));
        let extended = match extended {
            0 => "nobody was given more time".to_owned(),
            1 => "1 partnership was given more time".to_owned(),
            many => format!("{many} partnerships were given more time"),
        };
        let mut facts = vec![("Received".to_owned(), format!("{received} of {expected}: {}; {extended}", counts.join(", ")))];
        if self.complete.whole > 0 {
            let over = match self.complete.cycles {
                1 => "Over the last closed cycle".to_owned(),
                many => format!("Over the last {many} closed cycles"),
            };
            facts.push((over, format!("{} came, {} in time", said(self.complete), said(self.on_time))));
        }
        facts
    }
}

/// `17 of 18`, `45 of 48 (94%)`.
fn said(rate: Rate) -> String {
    let percent = rate.percent().map(|percent| format!(" ({percent}%)")).unwrap_or_default();
    format!("{} of {}{percent}", rate.part, rate.whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_reads_the_counts_of_a_status_page_in_two_lines() {
        let counts = Counts { expected: 6, received: 4, signed: 3, accepted: 1, nil: 1, late: 0, extended: 1, unsigned: 1 };
        let rate = |part, cycles| Rate { part, whole: 48, cycles };
        let eight = Summary { counts, complete: rate(45, 8), on_time: rate(40, 8) };
        let line = |label: &str, text: &str| (label.to_owned(), text.to_owned());
        let received = line("Received", "4 of 6: 3 signed, 1 accepted, 1 nil, 0 late; 1 partnership was given more time");
        let over = line("Over the last 8 closed cycles", "45 of 48 (94%) came, 40 of 48 (83%) in time");
        assert_eq!(eight.facts(), [received, over]);
        let fewer = Summary { complete: rate(45, 7), on_time: rate(40, 7), ..eight };
        assert_eq!(fewer.facts()[1], line("Over the last 7 closed cycles", "45 of 48 came, 40 of 48 in time"));
        let none = Rate { part: 0, whole: 0, cycles: 0 };
        assert_eq!(Summary { complete: none, on_time: none, ..fewer }.facts().len(), 1, "there is nothing to tell of yet");
    }
}
