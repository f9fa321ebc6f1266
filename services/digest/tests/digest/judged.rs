//! What is a change, what may be compared, what may be read.

use csp_digest::{Material, assemble};
use csp_domain::{
    committee::Beside,
    document::{Block, Chart, PublicDocument},
    indicator::{Break, Definition, Denominator, Polarity, Ratio, Unit},
    measure::population::Populations,
    observation::Figure,
    partnership::Peers,
};
use proptest::prelude::*;

use crate::world::*;

/// Twenty months to the end of the quarter, `usual` each, a little up and down.
fn months(usual: i64) -> Vec<(String, i64)> {
    (0..20).map(|n| (format!("{}-{:02}", 2020 + (n + 4) / 12, (n + 4) % 12 + 1), usual + [3, -2, 1, -4, 2][n % 5])).collect()
}

fn burglaries(months: &[(String, i64)]) -> Vec<Figure> {
    months.iter().map(|(month, count)| burglary(month, *count)).collect()
}

fn charts(document: &PublicDocument) -> Vec<&Chart> {
    let blocks = document.items().into_iter().flat_map(|item| &item.blocks);
    blocks.filter_map(|block| if let Block::Chart(chart) = block { Some(chart) } else { None }).collect()
}

/// With everything that is printed of it.
fn paper(told: &Material) -> String {
    String::from_utf8(assemble(told).to_bytes()).unwrap()
}

fn notes(told: &Material) -> Vec<String> {
    table(&assemble(told)).notes.iter().map(|note| note.text.clone()).collect()
}

#[test]
fn a_jump_is_told_first_and_by_whom_and_among_how_many() {
    let mut high = months(100);
    high[19].1 = 190;
    let mut new = months(100);
    new.drain(..15);
    let told = told(&[
        ("Gateshead", Some(burglaries(&months(60)))),
        ("Newcastle", Some(burglaries(&high))),
        ("Sunderland", Some(burglaries(&new))),
        ("Durham", None),
    ]);
    let document = assemble(&told);
    let summary = lines(&document.summary);
    assert_eq!(
        summary[0],
        "What changed. 2 of 4 series of figures, one for each partnership and measure, could be judged; 1 of them changed. Not judged: 1 \
         without a figure for the period and 1 with too few figures in a row."
    );
    assert_eq!(
        summary[1],
        "• Burglary, by month: ▲\u{a0}worsening in 2 of 4 partnerships together and Newcastle: the latest figure is above the upper limit."
    );
    assert_eq!(
        rows(&told),
        [
            "Gateshead | 182 [1] | 179 [1] | −3 | −1.6% | ○\u{a0}no real change",
            "Newcastle | 302 [1] | 387 [1] | +85 | +28.1% | ▲\u{a0}worsening",
            "Sunderland | no earlier figure | 299 [1] | – | – | □\u{a0}too few points to tell",
            "Durham | no earlier figure | no return received | – | – | not judged",
            "Total of 2 of 4 partnerships [2] | 484 | 566 | +82 | +16.9% | ▲\u{a0}worsening",
        ]
    );
    let [Chart::Control { title, points, .. }, Chart::Multiples { panels, .. }] = charts(&document)[..] else { panic!("two charts") };
    assert_eq!((title.as_str(), points.len()), ("Burglary by month: Gateshead and Newcastle", 20));
    assert_eq!(panels[3].note.as_deref(), Some("no figure for Q3 2021/22"));
}

#[test]
fn the_reason_for_an_exception_stands_beside_it_before_its_note() {
    let mut high = months(100);
    high[19].1 = 190;
    let mut figures = burglaries(&high);
    figures.push(noted(burglary("2021-q3", 387), "Counted anew."));
    let mut told = told(&[("Newcastle", Some(figures)), ("Gateshead", Some(burglaries(&months(60))))]);
    let reason = |indicator: u128, text: &str| csp_digest::Reason {
        indicator: figure(indicator, "2021-q3", reported(0)).indicator,
        of_target: false,
        text: line(text),
    };
    told.contributions[0].reasons = vec![reason(BURGLARY, "One gang of four"), reason(BURGLARY + 1, "Of something else")];
    told.contributions[1].reasons = vec![reason(BURGLARY, "Nothing happened here")];
    let summary = lines(&assemble(&told).summary);
    assert!(
        summary[1].contains("Newcastle (its reason: One gang of four.) (its note: Counted anew.): the latest figure is above"),
        "{summary:?}"
    );
    let all = paper(&told);
    assert!(!all.contains("Nothing happened here") && !all.contains("Of something else"), "a reason without an exception is not printed");
}

#[test]
fn of_many_partnerships_those_that_changed_are_drawn() {
    let names: Vec<String> = (0..60).map(|n| format!("District {n}")).collect();
    let mut high = months(100);
    high[19].1 = 190;
    let answer = |n: usize| Some(burglaries(&if n == 59 { high.clone() } else { months(60) }));
    let told = told(&names.iter().enumerate().map(|(n, name)| (name.as_str(), answer(n))).collect::<Vec<_>>());
    let document = assemble(&told);
    let Some(Chart::Multiples { title, panels, .. }) = charts(&document).into_iter().nth(1) else { panic!("small multiples") };
    assert_eq!(title, "Burglary by month, 24 of 60 partnerships, those that changed first");
    assert_eq!((panels.len(), panels[23].name.as_str()), (24, "District 59"));
}

#[test]
fn where_nothing_changed_it_is_said_among_how_many() {
    let told = told(&[("Gateshead", Some(burglaries(&months(60)))), ("Newcastle", None)]);
    assert_eq!(
        lines(&assemble(&told).summary)[0],
        "What changed. No real change in any of the 1 of 2 series of figures, one for each partnership and measure, that could be judged. \
         Not judged: 1 without a figure for the period."
    );
}

#[test]
fn a_quarter_is_the_sum_of_its_months_and_an_incomplete_one_is_no_figure() {
    let mut gap = months(100);
    gap.retain(|(month, _)| month != "2021-11");
    let told = told(&[("Gateshead", Some(burglaries(&gap)))]);
    assert_eq!(rows(&told), ["Gateshead | 302 [1] | incomplete [2] | – | –"]);
    assert_eq!(notes(&told), ["The sum of the figures for its months.", "Q3 2021/22 is incomplete: there is no figure for November 2021."]);
    // A gap ends a series: one month after it is not judged with those before.
    assert!(charts(&assemble(&told)).is_empty());
}

#[test]
fn quarters_are_not_mixed_with_months_and_two_of_them_are_too_few() {
    let told = told(&[("Gateshead", Some(vec![burglary("2021-q3", 206), burglary("2020-q3", 293), burglary("2021-12", 70)]))]);
    let document = assemble(&told);
    assert!(charts(&document).is_empty());
    let item = &document.sections[2].items[0];
    assert_eq!(lines(&item.blocks)[1], "No verdict: there are 2 of the 12 figures in a row that a judgement needs.");
    assert_eq!(lines(&document.summary)[2], "Burglary | 206 | 293 | −87 (−29.7%) | □\u{a0}too few points to tell");
}

#[test]
fn of_few_both_counts_are_printed_and_no_percentage() {
    let told = told(&[("Gateshead", Some(vec![burglary("2021-q3", 26), burglary("2020-q3", 13)]))]);
    assert_eq!(rows(&told), ["Gateshead | 13 | 26 | +13 | not calculated [1]"]);
    assert_eq!(notes(&told), ["Not calculated: a percentage of fewer than 50 says more than is known."]);
    assert!(lines(&assemble(&told).summary)[2].starts_with("Burglary | 26 | 13 | +13 (from 13 to 26) |"));
}

#[test]
fn nothing_is_compared_across_a_change_of_what_is_counted() {
    let mut told = told(&[("Gateshead", Some(vec![burglary("2021-q3", 206), burglary("2020-q3", 293)]))]);
    told.indicators[0].definition.breaks = vec![Break { on: day("2021-04-01"), what: line("attempts are counted apart") }];
    assert_eq!(rows(&told), ["Gateshead | 293 | 206 | – | –"]);
    let document = assemble(&told);
    let why = "Not compared: what is counted changed on 1 April 2021: attempts are counted apart.";
    assert!(lines(&document.sections[2].items[0].blocks).contains(&why.to_owned()));
    assert!(lines(&document.summary)[2].starts_with("Burglary | 206 | 293 | not compared [1] |"));
}

#[test]
fn what_was_printed_otherwise_before_says_so() {
    let mut told = told(&[("Gateshead", Some(vec![burglary("2021-q3", 206), burglary("2020-q3", 293)])), ("Newcastle", None)]);
    told.contributions[0].earlier = vec![earlier(210, burglary("2020-q3", 288))];
    assert_eq!(rows(&told)[0], "Gateshead | 293 [1] | 206 | −87 | −29.7%");
    assert_eq!(notes(&told)[..1], ["Revised from 288."]);
}

/// 45 referred and 28 completed, then 60 and 50; and more elsewhere.
fn shares(sensitive: bool) -> Material {
    let two = |now: i64, of: i64, then: i64, of_then: i64| {
        let both = |id, now, then| [figure(id, "2021-q3", reported(now)), figure(id, "2020-q3", reported(then))];
        Some([both(1, now, then), both(2, of, of_then)].concat())
    };
    let mut told = told(&[("Gateshead", two(50, 60, 35, 70)), ("Newcastle", two(90, 120, 84, 120)), ("Sunderland", two(38, 40, 30, 40))]);
    let mut completed = indicator(1, "Completed", Unit::Count);
    let ratio = Ratio { per: 100, of: Denominator::Indicator("referred".parse().unwrap()), decimals: 1 };
    completed.definition = Definition { ratio: Some(ratio), sensitive, ..Definition::default() };
    completed.polarity = Polarity::HigherIsBetter;
    told.committee.indicators = vec![completed.id];
    told.indicators = vec![completed, indicator(2, "Referred", Unit::Count)];
    told
}

#[test]
fn a_share_stands_beside_its_counts_and_changes_by_points() {
    assert_eq!(
        rows(&shares(false)),
        [
            "Gateshead | 50.0% (35 of 70) | 83.3% (50 of 60) | +33.3 points",
            "Newcastle | 70.0% (84 of 120) | 75.0% (90 of 120) | +5.0 points",
            "Sunderland | 30 of 40 [1] | 38 of 40 [1] | –",
            "Total of all 3 partnerships | 64.8% (149 of 230) | 80.9% (178 of 220) | +16.1 points",
        ]
    );
    let document = assemble(&shares(false));
    let [Chart::Comparison { bars, reference, .. }] = charts(&document)[..] else { panic!("side by side") };
    assert_eq!(bars[2].note.as_deref(), Some("38 of 40"));
    assert_eq!(reference.as_ref().map(|reference| reference.coverage.as_str()), Some("all 3 partnerships"));
}

#[test]
fn a_sensitive_share_hides_the_few_who_are_left() {
    assert_eq!(
        rows(&shares(true)),
        [
            "Gateshead | 50.0% (35 of 70) | 83.3% (50 of 60) | +33.3 points",
            "Newcastle | 70.0% (84 of 120) | 75.0% (90 of 120) | +5.0 points",
            "Sunderland | 30 of 40 [1] | not shown [2] | not shown [2]",
            "Total of all 3 partnerships | 64.8% (149 of 230) | not shown [2] | not shown [2]",
        ]
    );
}

#[test]
fn a_share_does_not_tell_what_is_hidden_of_its_whole() {
    let mut told = shares(false);
    told.indicators[1].definition.sensitive = true;
    for (at, count) in [(0, 3), (1, 120), (2, 40)] {
        let figures = vec![figure(1, "2021-q3", reported(2)), figure(2, "2021-q3", reported(count))];
        told.contributions[at].answer = Some(answered(at, full(figures)));
    }
    // Sunderland or Newcastle is hidden besides Gateshead in the table of referrals.
    let shown: Vec<String> = rows(&told).iter().map(|row| row.split(" | ").nth(2).unwrap().to_owned()).collect();
    assert!(shown[0].starts_with("not shown") && shown[3].starts_with("not shown"), "{shown:?}");
    assert!(shown[1].starts_with("not shown") && shown[2].starts_with("not shown"), "two are few themselves: {shown:?}");
}

/// Hate crimes in three districts, then and now.
fn sensitive(counts: [[i64; 2]; 3]) -> Material {
    let both = |[then, now]: [i64; 2]| Some(vec![burglary("2021-q3", now), burglary("2020-q3", then)]);
    let mut told = told(&[("Gateshead", both(counts[0])), ("Newcastle", both(counts[1])), ("Sunderland", both(counts[2]))]);
    told.indicators[0].definition.sensitive = true;
    told.indicators[0].polarity = Polarity::Neither;
    // Everything that can be set beside: none of it may tell what the table hides.
    told.committee.template.beside = Beside::ALL.into_iter().collect();
    told.committee.template.beside.swap(0, 1);
    let code = |at: usize| told.contributions[at].partnership.ons_code.clone();
    let codes: Vec<_> = (0..3).map(code).collect();
    told.populations = Populations::new((0..3).map(|at| (codes[at].clone(), 2020, 1_000 + 7 * at as u64)));
    for contribution in &mut told.contributions {
        contribution.partnership.peers = Some(Peers { name: line("Alike"), codes: codes.iter().cloned().collect() });
    }
    told
}

#[test]
fn small_numbers_are_neither_printed_nor_to_be_worked_out() {
    let told = sensitive([[12, 3], [31, 40], [20, 9]]);
    let rows = rows(&told);
    assert_eq!(rows[0], "Gateshead | 12 | fewer than 5 | not shown [1] | –");
    assert_eq!(rows[3], "Total of all 3 partnerships | 63 | 52 | −11 | −17.5%");
    // Besides the small one, the cell of one more partnership is hidden; which one says nothing.
    let hidden = rows[1..3].iter().filter(|row| row.split(" | ").nth(2).unwrap().starts_with("not shown")).count();
    assert_eq!(hidden, 1);
    assert!(lines(&assemble(&told).summary)[0].contains("to protect small numbers"));
    assert!(charts(&assemble(&told)).is_empty());
}

#[test]
fn the_paper_of_a_year_later_tells_no_small_number_of_the_one_before() {
    let column = |told: &Material, at: usize| -> Vec<String> {
        rows(told)
            .iter()
            .map(|row| row.split(" | ").nth(at).unwrap().trim_end_matches(" [1]").trim_end_matches(" [2]").to_owned())
            .collect()
    };
    // In its own year Gateshead's 3 is hidden, and somebody's besides; the total of 24 is told.
    let mut first = sensitive([[20, 3], [20, 12], [20, 9]]);
    first.contributions.truncate(3);
    let printed = column(&first, 2);
    assert_eq!((printed[0].as_str(), printed[3].as_str()), ("fewer than 5", "24"));
    // A year later Gateshead sends nothing, so that the total covers two. It must not be 24 less the 3.
    let mut later = sensitive([[3, 3], [12, 15], [9, 11]]);
    later.contributions[0].answer = None;
    later.contributions[0].earlier = vec![earlier(210, burglary("2020-q3", 3))];
    let then = column(&later, 1);
    assert_eq!(then[..3], printed[..3], "the same column is hidden alike, whoever answers now");
    assert!(then[3].starts_with("not shown"), "{then:?}");
    let cells: Vec<String> = (1..5).flat_map(|at| column(&later, at)).collect();
    assert!(!cells.iter().any(|cell| cell == "21"), "12 and 9 together are 24 less the hidden 3: {cells:?}");
}

#[test]
fn what_changes_after_the_period_changes_nothing_of_it() {
    let mut told = told(&[("Gateshead", Some(burglaries(&months(100)))), ("Newcastle", Some(burglaries(&months(60))))]);
    let before = paper(&told);
    told.indicators[0].definition.valid_from = Some(day("2022-04-01"));
    assert_eq!(paper(&told), before);
    told.indicators[0].definition.valid_from = Some(day("2021-11-01"));
    assert_ne!(paper(&told), before, "within it does");
}

#[test]
fn a_share_has_the_breaks_of_its_whole_and_is_as_provisional() {
    let mut told = shares(false);
    told.indicators[1].definition.breaks = vec![Break::new(day("2021-06-01"), "counted anew").unwrap()];
    assert!(rows(&told).iter().all(|row| !row.contains("points")), "{:?}", rows(&told));
    let mut told = shares(false);
    for figure in told.contributions[0].answer.iter_mut().flat_map(|answer| match &mut answer.content {
        csp_domain::returns::Content::Full { figures, .. } => figures.iter_mut(),
        csp_domain::returns::Content::Nil { .. } => [].iter_mut(),
    }) {
        figure.provisional = figure.indicator == told.indicators[1].id;
    }
    assert!(notes(&told).contains(&"Provisional: may be revised.".to_owned()), "{:?}", notes(&told));
}

#[test]
fn what_is_withheld_now_is_not_told_as_what_it_was() {
    let mut told = told(&[("Gateshead", Some(vec![burglary("2021-q3", 206), figure(BURGLARY, "2020-q3", withheld("sub judice"))]))]);
    told.contributions[0].earlier = vec![earlier(210, burglary("2020-q3", 288)), earlier(220, burglary("2020-q3", 293))];
    assert!(!paper(&told).contains("288") && !paper(&told).contains("293"), "{:?}", rows(&told));
}

#[test]
fn months_that_are_late_are_a_quarter_that_is_late() {
    let late = |month: &str| figure(BURGLARY, month, late("2022-01-31"));
    let told = told(&[("Gateshead", Some(vec![late("2021-10"), late("2021-11"), late("2021-12"), burglary("2020-q3", 293)]))]);
    assert!(rows(&told)[0].contains("expected 31 January 2022"), "{:?}", rows(&told));
    assert!(lines(&assemble(&told).summary).iter().any(|line| line.starts_with("• Late from Gateshead")));
}

#[test]
fn what_was_told_elsewhere_is_no_verdict_on_who_told_nothing_here() {
    let mut high = months(100);
    high[19].1 = 190;
    let mut told = told(&[("Gateshead", Some(burglaries(&months(60)))), ("Newcastle", None)]);
    told.contributions[1].earlier = burglaries(&high).into_iter().map(|figure| earlier(210, figure)).collect();
    assert!(!lines(&assemble(&told).summary).iter().any(|line| line.contains("worsening")), "{:?}", lines(&assemble(&told).summary));
}

#[test]
fn a_change_that_rests_on_a_provisional_figure_says_so() {
    let mut high = months(100);
    high[19].1 = 190;
    let mut figures = burglaries(&high);
    figures[19] = provisional(figures[19].clone());
    let told = told(&[("Gateshead", Some(burglaries(&months(60)))), ("Newcastle", Some(figures))]);
    let said = lines(&assemble(&told).summary);
    assert!(said[1].contains("all 2 partnerships together (in part provisional) and Newcastle (provisional)"), "{said:?}");
}

#[test]
fn months_that_hold_small_numbers_are_not_drawn() {
    let mut few = months(6);
    for (_, count) in &mut few {
        *count = (*count).max(1);
    }
    let mut told = told(&[("Gateshead", Some(burglaries(&few))), ("Newcastle", Some(burglaries(&months(60))))]);
    told.indicators[0].definition.sensitive = true;
    let document = assemble(&told);
    assert!(charts(&document).is_empty());
    assert!(lines(&document.sections[2].items[0].blocks).iter().any(|line| line.starts_with("Not judged and not drawn")));
}

#[test]
fn a_revised_small_number_is_not_told_by_its_note() {
    let mut told = sensitive([[12, 9], [31, 40], [20, 9]]);
    told.contributions[0].earlier = vec![earlier(210, burglary("2020-q3", 3))];
    assert!(notes(&told).contains(&"Revised.".to_owned()) && !paper(&told).contains("Revised from"));
}

proptest! {
    /// With the same paper in hand, each small number stays possible: another one, made up for by the partnership hidden besides,
    /// gives the same bytes.
    #[test]
    fn another_small_number_gives_the_same_paper(small in 1_i64..5, other in 1_i64..5, counts in proptest::array::uniform5(5_i64..60)) {
        let of = |few: i64, made_up: [i64; 3]| {
            let [a, b, c, d, e] = counts;
            sensitive([[a, few], [b, d + made_up[1]], [c, e + made_up[2]]])
        };
        let before = of(small, [0; 3]);
        let hidden = (1..3).find(|at| rows(&before)[*at].split(" | ").nth(2).is_some_and(|cell| cell.starts_with("not shown"))).unwrap();
        let mut made_up = [0; 3];
        made_up[hidden] = small - other;
        let total_is_told = !rows(&before)[3].split(" | ").nth(2).unwrap().starts_with("not shown");
        let changed = counts[hidden + 2] + made_up[hidden];
        // Where even the total is hidden any number would do; where it is told the one that makes it up is no small one.
        prop_assume!(changed >= 5);
        let after = of(other, made_up);
        prop_assert_eq!(paper(&before), paper(&after), "total told: {}", total_is_told);
    }
}

#[test]
fn provisional_parts_make_a_provisional_sum() {
    let mut figures = burglaries(&months(100));
    figures[18] = provisional(figures[18].clone());
    let told = told(&[("Gateshead", Some(figures)), ("Newcastle", Some(vec![burglary("2021-q3", 5), burglary("2020-q3", 5)]))]);
    assert_eq!(rows(&told)[0].split(" | ").nth(2), Some("299 [1] [2]"));
    assert_eq!(rows(&told)[2].split(" | ").nth(2), Some("304 [2]"));
    assert!(notes(&told).contains(&"Provisional: may be revised.".to_owned()));
}
