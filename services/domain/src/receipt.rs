//! What a submitter is told was received: item by item, with a number and a hash.
//!
//! The hash is of a text that anybody can make again from what is stored: one line for each item, each ended by a line feed.
//! What a return gains in later releases is written only where it is there, so that an old receipt stays true.

use chrono_tz::Tz;
use serde::Serialize;

use crate::{
    calendar,
    check::Explanation,
    clock::Instant,
    committee::Committee,
    cycle::Cycle,
    document::Hash,
    id::{IndicatorId, NewsItemId},
    indicator::Indicator,
    observation::{Answer, Figure, QuotedFigure, print_answer},
    partnership::Partnership,
    returns::{Content, Return},
    text::Line,
};

/// A receipt: for people as a text, for programs as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Names it: return and version, `gateshead/citizen-focus.2021-q3/1`.
    pub number: String,
    /// The partnership's name.
    pub partnership: Line,
    /// The committee's name.
    pub committee: Line,
    /// What is reported on, for people.
    pub period: String,
    /// When it was received.
    #[serde(rename = "submit_time")]
    pub received_at: Instant,
    /// Where the committee's editor entered it for the partnership: how it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf: Option<Line>,
    /// One for each figure, quoted figure or nil statement, in the order they were sent.
    pub items: Vec<Item>,
    /// Of [`Receipt::stored_text`].
    pub sha256: Hash,
    /// What is stored, a line for each item.
    pub stored_text: String,
}

/// One thing that was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// From 1.
    pub number: u32,
    /// `burglary`, or what a quoted figure is of; empty of a nil return.
    pub subject: String,
    /// `2021-q3`; empty of a nil return.
    pub period: String,
    /// What was answered: `139`, `none`, `expected 31 January 2022`.
    pub answer: String,
}

/// Of whom, and for which cycle.
#[derive(Debug, Clone, Copy)]
pub struct Place<'p> {
    /// Whose return.
    pub partnership: &'p Partnership,
    /// To which committee.
    pub committee: &'p Committee,
    /// For which of its cycles.
    pub cycle: &'p Cycle,
}

impl Receipt {
    /// The receipt of what a return says. `indicator` finds one of the catalogue.
    pub fn of<'i>(
        place: Place<'_>,
        answer: &Return,
        on_behalf: Option<Line>,
        indicator: impl Fn(IndicatorId) -> Option<&'i Indicator>,
    ) -> Self {
        let Place { partnership, committee, cycle } = place;
        Self {
            number: format!("{}/{}.{}/{}", partnership.slug, committee.slug, cycle.slug, answer.sent),
            partnership: partnership.name.clone(),
            committee: committee.name.clone(),
            period: cycle.period.label(),
            received_at: answer.submitted_at,
            on_behalf,
            items: items(answer, indicator),
            sha256: hash_of(answer),
            stored_text: stored_text(answer),
        }
    }

    /// For people: as `csp` prints it, and as it is mailed.
    pub fn text(&self, zone: Tz) -> String {
        let received = calendar::full(self.received_at, zone);
        let mut out =
            format!("Receipt {}\n{}, for {}, {}\nReceived {received}\n\n", self.number, self.partnership, self.committee, self.period);
        if let Some(how) = &self.on_behalf {
            out.push_str(&format!(
                "Entered by the committee's editor on the partnership's behalf: {how}\nThe lead signs it as any other.\n\n"
            ));
        }
        for item in &self.items {
            let about = item.about();
            let about = if about.is_empty() { about } else { format!("{about}: ") };
            out.push_str(&format!("{:>5}  {about}{}\n", item.number, item.answer));
        }
        out.push_str(&format!("\nSHA-256 of what is stored:\n{}\n", self.sha256));
        out
    }

    /// For programs.
    pub fn json(&self) -> Vec<u8> {
        // Texts, numbers and a time: there is nothing in it that JSON has no words for.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }
}

impl Item {
    /// `burglary, 2021-q3`; empty of a nil return.
    pub fn about(&self) -> String {
        [self.subject.as_str(), self.period.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

fn items<'i>(answer: &Return, indicator: impl Fn(IndicatorId) -> Option<&'i Indicator>) -> Vec<Item> {
    let (figures, quoted): (&[Figure], &[QuotedFigure]) = match &answer.content {
        Content::Nil { statement } => {
            let answer = format!("nil return: {statement}");
            return vec![Item { number: 1, subject: String::new(), period: String::new(), answer }];
        }
        Content::Full { figures, quoted } => (figures, quoted),
    };
    let figures = figures.iter().filter_map(|figure| {
        let indicator = indicator(figure.indicator)?;
        Some((indicator.slug.to_string(), figure.period, print_answer(&figure.answer, indicator)))
    });
    let quoted = quoted
        .iter()
        .map(|quoted| (quoted.subject.to_string(), quoted.period, format!("{}, as stated by {}", quoted.value, quoted.source)));
    (1..)
        .zip(figures.chain(quoted))
        .map(|(number, (subject, period, answer))| Item { number, subject, period: period.to_string(), answer })
        .collect()
}

/// The text that a receipt's hash is of.
pub fn stored_text(answer: &Return) -> String {
    let mut lines = vec![format!("return {} version {}", answer.id, answer.sent)];
    match &answer.content {
        Content::Nil { statement } => lines.push(format!("nil: {statement}")),
        Content::Full { figures, quoted } => {
            lines.extend(figures.iter().map(figure_line));
            lines.extend(quoted.iter().map(quoted_line));
        }
    }
    lines.extend(answer.remark.iter().map(|remark| format!("remark: {remark}")));
    lines.push(String::new());
    lines.join("\n")
}

/// SHA-256 of [`stored_text`].
pub fn hash_of(answer: &Return) -> Hash {
    Hash::of(stored_text(answer).as_bytes())
}

/// SHA-256 of what a lead signs: the return, each item of its partnership's news in the version that stands, and each note that
/// answers a query about it, in order.
pub fn signed_hash(answer: &Return, news: &[(NewsItemId, i64)], notes: &[Explanation]) -> Hash {
    let mut text = stored_text(answer);
    for (id, revision) in news {
        text.push_str(&format!("news {id} version {revision}\n"));
    }
    for note in notes {
        text.push_str(&format!("explained {}: {}\n", note.finding, note.note));
    }
    Hash::of(text.as_bytes())
}

fn figure_line(figure: &Figure) -> String {
    let answer = match &figure.answer {
        Answer::Reported { value } => format!("reported {value}"),
        Answer::Nil => "nil".to_owned(),
        Answer::Late { expected_on } => format!("late, expected {expected_on}"),
        Answer::Withheld { reason } => format!("withheld: {reason}"),
        Answer::NotApplicable => "not applicable".to_owned(),
    };
    let provisional = if figure.provisional { ", provisional" } else { "" };
    let note = figure.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    format!("figure {} {}: {answer}{provisional}{note}", figure.indicator, figure.period)
}

fn quoted_line(quoted: &QuotedFigure) -> String {
    format!("quoted {} {}: {}, as stated by {}", quoted.period, quoted.subject, quoted.value, quoted.source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Instant,
        id::{CycleId, IndicatorId, PartnershipId, PersonId, ReturnId},
        returns::ReturnState,
        text::Line,
    };
    use uuid::Uuid;

    fn answer() -> Return {
        let figure = |value: &str| Figure {
            indicator: IndicatorId(Uuid::from_u128(7)),
            period: "2021-q3".parse().unwrap(),
            answer: Answer::Reported { value: value.parse().unwrap() },
            provisional: true,
            note: None,
        };
        Return {
            id: ReturnId(Uuid::from_u128(1)),
            partnership: PartnershipId(Uuid::from_u128(2)),
            cycle: CycleId(Uuid::from_u128(3)),
            state: ReturnState::Submitted,
            content: Content::Full { figures: vec![figure("1234.50")], quoted: Vec::new() },
            remark: Some(Line::parse("Counted by hand.", Line::SENTENCE).unwrap()),
            submitted_by: PersonId(Uuid::from_u128(4)),
            submitted_at: Instant::UNIX_EPOCH,
            revision: 1,
            sent: 1,
        }
    }

    #[test]
    fn the_text_has_a_line_for_each_item() {
        let lines: Vec<String> = stored_text(&answer()).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].ends_with("2021-q3: reported 1234.50, provisional"), "{}", lines[1]);
        assert_eq!(lines[2], "remark: Counted by hand.");
    }

    #[test]
    fn a_signature_changes_no_receipt_and_a_correction_does() {
        let first = answer();
        let signed = Return { state: ReturnState::Signed, revision: 2, ..first.clone() };
        assert_eq!(hash_of(&first), hash_of(&signed));
        let corrected = Return { revision: 3, sent: 3, ..first.clone() };
        assert_ne!(hash_of(&first), hash_of(&corrected));
        assert_eq!(signed_hash(&first, &[], &[]), hash_of(&first));
    }
}
