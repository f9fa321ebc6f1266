//! Results of surveys in the paper: with how many were asked and how sure that is, and called a change only where it is one.
//!
//! The intervals of single results are checked against Newcombe (1998), table I, method 3, and those of differences against his
//! table II, method 10, in `services/domain/tests/measure/published.rs`; here stand their words.

use csp_digest::{Material, assemble};
use csp_domain::{
    committee::Beside,
    document::Block,
    indicator::{Definition, Indicator, Polarity, Ratio, Unit},
    measure::target::{Aim, Milestone, Trajectory},
};

use crate::world::{answered, figure, full, indicator, lines, period, reads, region, reported, table_of};

const ASKED: u128 = 701;
const SAFE: u128 = 702;

fn safe(months: u32) -> Indicator {
    let ratio = Some(Ratio { per: 100, of: "asked".parse().unwrap(), decimals: 0 });
    let definition = Definition { ratio, survey: Some(months), ..Definition::default() };
    Indicator { definition, polarity: Polarity::HigherIsBetter, ..indicator(SAFE, "Feel safe after dark", Unit::Count) }
}

/// What each partnership heard: of the earlier period and of this one so many of so many.
fn told(months: u32, earlier: &str, answers: &[(&str, [[i64; 2]; 2])]) -> Material {
    let mut material = region(&answers.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    material.indicators = vec![safe(months), indicator(ASKED, "Asked", Unit::Count)];
    material.committee.indicators = vec![material.indicators[0].id];
    for (at, (_, [then, now])) in answers.iter().enumerate() {
        let figures = [(earlier, then), ("2021-q3", now)]
            .map(|(period, [said, asked])| [figure(SAFE, period, reported(*said)), figure(ASKED, period, reported(*asked))]);
        material.contributions[at].answer = Some(answered(at, full(figures.concat())));
    }
    material
}

fn rows(material: &Material) -> Vec<String> {
    table_of(&assemble(material).sections[2].items[0]).rows.iter().map(reads).collect()
}

#[test]
fn a_result_is_printed_with_its_base_and_interval_and_a_change_within_the_noise_is_none() {
    // 81 of 263 is Newcombe's example: 0.2553 to 0.3662.
    let told = told(3, "2020-q3", &[("Gateshead", [[251, 412], [270, 430]]), ("Sunderland", [[81, 263], [160, 400]])]);
    assert_eq!(
        rows(&told),
        [
            "Gateshead | 61% of 412 asked, between 56% and 66% | 63% of 430 asked, between 58% and 67% | no real change [1] | ○\u{a0}no real change",
            "Sunderland | 31% of 263 asked, between 26% and 37% | 40% of 400 asked, between 35% and 45% | +9 points | ●\u{a0}improving",
            "All 2 partnerships | not added up | not added up | – | not judged",
        ]
    );
    let document = assemble(&told);
    let summary = lines(&document.summary);
    assert_eq!(
        summary[1],
        "• Feel safe after dark, by quarter: ●\u{a0}improving in Sunderland: the rise is more than two samples differ by anyway."
    );
    let overview = document.summary.iter().find_map(|block| if let Block::Table(table) = block { Some(table) } else { None }).unwrap();
    let row = reads(&overview.rows[0]);
    assert!(row.contains("each by itself") && !row.contains("830"), "{row}");
    // Nowhere is a difference within the noise given as a number.
    let all = String::from_utf8(document.to_bytes()).unwrap();
    assert!(!all.contains("+2 points") && !all.contains("+1.9") && !all.contains("fell") && !all.contains("rose"), "{all}");
    assert!(
        !document.sections[2].items[0]
            .blocks
            .iter()
            .any(|block| matches!(block, Block::Chart(csp_domain::document::Chart::Control { .. })))
    );
}

/// In either place nothing moved; but that who were asked were others would make a rise of 24 points of the two together.
#[test]
fn samples_of_several_partnerships_are_no_larger_sample() {
    let told = told(3, "2020-q3", &[("Gateshead", [[80, 100], [320, 400]]), ("Sunderland", [[160, 400], [40, 100]])]);
    let paper = String::from_utf8(assemble(&told).to_bytes()).unwrap();
    assert!(!paper.contains("improving") && !paper.contains("+24") && !paper.contains("72%"), "{paper}");
    assert!(
        !assemble(&told).sections[2].items[0].blocks.iter().any(|block| matches!(block, Block::Chart(_))),
        "nor are they drawn side by side"
    );
}

/// 63% of 430 asked, between 58% and 67%: 65% may be so, 75% cannot.
#[test]
fn a_target_is_missed_only_where_the_sample_is_sure_and_is_nobodys_who_are_asked_apart() {
    let mut material = told(3, "2020-q3", &[("Gateshead", [[251, 412], [270, 430]]), ("Sunderland", [[81, 263], [160, 400]])]);
    let at_least = |whose: Option<u128>, percent: i64| {
        let milestone = Milestone { period: period("2021-q1"), value: percent.into() };
        let mut target = crate::targets::target(whose, Trajectory::standing(Aim::AtLeast, milestone));
        target.terms.indicator = safe(3).id;
        target
    };
    let missed = |material: &Material| lines(&assemble(material).summary).iter().any(|line| line.ends_with("is missed:"));
    for (wanted, said) in [(65, false), (75, true)] {
        material.targets = vec![at_least(Some(0), wanted)];
        assert_eq!(missed(&material), said, "{wanted}");
    }
    material.targets = vec![at_least(None, 75)];
    assert!(!missed(&material), "of two samples together nothing is judged");
}

#[test]
fn a_fall_beyond_the_noise_is_told_first_and_the_other_way_round() {
    let told = told(3, "2020-q3", &[("Gateshead", [[300, 400], [240, 400]])]);
    let summary = lines(&assemble(&told).summary);
    assert_eq!(
        summary[1],
        "• Feel safe after dark, by quarter: ▲\u{a0}worsening in Gateshead: the fall is more than two samples differ by anyway."
    );
    assert_eq!(rows(&told)[0].split(" | ").nth(3), Some("−15 points"));
}

#[test]
fn a_rolling_year_told_each_quarter_shares_respondents_with_the_quarter_before_and_says_so() {
    let mut told = told(12, "2021-q2", &[("Gateshead", [[251, 412], [330, 430]])]);
    told.committee.template.beside = vec![Beside::PreviousPeriod];
    let document = assemble(&told);
    let blocks = lines(&document.sections[2].items[0].blocks);
    let why = "Not compared: the samples of Q3 2021/22 and Q2 2021/22 overlap: their fieldwork has days in common. A difference between them is \
               smaller than it seems and is not judged.";
    let other = why.replace("Q3 2021/22 and Q2 2021/22", "Q2 2021/22 and Q3 2021/22");
    assert!(blocks.iter().any(|line| line == why || *line == other), "{blocks:?}");
    assert_eq!(rows(&told)[0].split(" | ").nth(3), Some("–"));
    assert!(!String::from_utf8(document.to_bytes()).unwrap().contains("improving"));
}

#[test]
fn a_first_wave_is_a_figure_and_no_change() {
    let mut told = told(3, "2020-q3", &[("Gateshead", [[251, 412], [330, 430]])]);
    let answer = told.contributions[0].answer.as_mut().unwrap();
    let csp_domain::returns::Content::Full { figures, .. } = &mut answer.content else { panic!("a full return") };
    figures.drain(..2);
    let row = &rows(&told)[0];
    assert!(row.contains("no earlier figure") && row.contains("77% of 430 asked"), "{row}");
    let summary = lines(&assemble(&told).summary);
    assert!(summary[0].contains("1 of surveys without an earlier result from other people"), "{summary:?}");
}

#[test]
fn results_are_not_added_up_over_a_year() {
    let mut told = told(3, "2020-q3", &[("Gateshead", [[251, 412], [270, 430]])]);
    told.committee.template.beside = vec![Beside::SamePeriodLastYear, Beside::YearToDate];
    let blocks = lines(&assemble(&told).sections[2].items[0].blocks);
    assert!(blocks.iter().any(|line| line.contains("results of a survey are not added up over April to December 2021")), "{blocks:?}");
}
