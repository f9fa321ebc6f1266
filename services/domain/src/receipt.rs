//! What a submitter is told was received: item by item, with a number and a hash.
//!
//! The hash is of a text that anybody can make again from what is stored: one line for each item, each ended by a line feed.
//! What a return gains in later releases is written only where it is there, so that an old receipt stays true.

use crate::{
    check::Explanation,
    document::Hash,
    id::NewsItemId,
    observation::{Answer, Figure, QuotedFigure},
    returns::{Content, Return},
};

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
