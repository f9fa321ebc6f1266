//! What the paper says when partnerships answer, do not answer, and answer in the five ways.

use csp_digest::{assemble, subject};
use csp_domain::{
    cycle::CycleState,
    document::Origin,
    id::{IndicatorId, NewsItemId, ReturnId},
    indicator::Unit,
    news::{NewsKind, NewsOwner},
    observation::{Answer, QuotedFigure},
    returns::Content,
};
use uuid::Uuid;

use crate::world::*;

#[test]
fn the_counts_and_their_percentage_stand_side_by_side() {
    let told = told(&[
        ("Gateshead", Some(vec![burglary("2021-q3", 206), burglary("2020-q3", 293)])),
        ("Newcastle", Some(vec![burglary("2021-q3", 516), burglary("2020-q3", 433)])),
    ]);
    let document = assemble(&told);
    let table = table(&document);
    let heads: Vec<&str> = table.columns.iter().map(|column| column.heading.as_str()).collect();
    assert_eq!(heads, ["Partnership", "Q3 2020/21", "Q3 2021/22", "Change", "Change %"]);
    assert_eq!(
        rows(&told),
        [
            "Gateshead | 293 | 206 | −87 | −29.7%",
            "Newcastle | 433 | 516 | +83 | +19.2%",
            "Total of all 2 partnerships | 726 | 722 | −4 | −0.6%"
        ]
    );
    assert!(table.rows[2].total);
    assert_eq!(table.caption, "Burglary by partnership. Source: Police-recorded crime, data.police.uk.");
}

/// The paper of September 2012 printed −28.9% for these counts.
#[test]
fn a_percentage_is_the_one_the_counts_give() {
    let told = told(&[("Cannock Chase", Some(vec![burglary("2021-q3", 237), burglary("2020-q3", 333)]))]);
    assert_eq!(rows(&told), ["Cannock Chase | 333 | 237 | −96 | −28.8%"], "one partnership needs no total");
}

#[test]
fn five_answers_stay_five_and_none_of_them_becomes_zero() {
    let both = |now| Some(vec![figure(BURGLARY, "2021-q3", now), burglary("2020-q3", 100)]);
    let mut told = told(&[
        ("Gateshead", both(reported(90))),
        ("Newcastle", both(Answer::Nil)),
        ("North Tyneside", both(late("2022-01-31"))),
        ("Northumberland", both(withheld("one household could be recognised"))),
        ("South Tyneside", both(Answer::NotApplicable)),
        ("Sunderland", Some(vec![burglary("2020-q3", 100)])),
        ("Durham", None),
        ("Darlington", None),
    ]);
    told.contributions[7].answer = Some(answered(7, Content::Nil { statement: line("Nothing to report.") }));
    for at in [6, 7] {
        told.contributions[at].earlier = vec![earlier(250, burglary("2020-q3", 100))];
    }
    assert_eq!(
        rows(&told),
        [
            "Gateshead | 100 | 90 | −10 | −10.0%",
            "Newcastle | 100 | none | −100 | −100.0%",
            "North Tyneside | 100 | expected 31 January 2022 | – | –",
            "Northumberland | 100 | withheld [1] | – | –",
            "South Tyneside | 100 | not applicable | – | –",
            "Sunderland | 100 | not reported | – | –",
            "Durham | 100 | no return received | – | –",
            "Darlington | 100 | nil return | – | –",
            "Total of 2 of 8 partnerships [2] | 200 | 90 | −110 | −55.0%",
        ]
    );
    let document = assemble(&told);
    let notes: Vec<&str> = table(&document).notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(
        notes,
        [
            "Withheld by Northumberland: one household could be recognised",
            "Adds up only the partnerships that have a figure for both periods."
        ]
    );
    for row in &table(&document).rows[2..8] {
        assert!(row.cells[2].absent, "{} looks like a figure", row.cells[2].text);
    }
    assert!(!table(&document).rows[1].cells[2].absent, "a reported nothing is a figure");
}

#[test]
fn the_summary_says_who_answered_and_who_did_not() {
    let mut told = told(&[
        ("Gateshead", Some(vec![burglary("2021-q3", 206), burglary("2020-q3", 293)])),
        ("Newcastle", Some(vec![figure(BURGLARY, "2021-q3", late("2022-01-31"))])),
        ("North Tyneside", None),
        ("Northumberland", None),
        ("South Tyneside", Some(vec![figure(BURGLARY, "2021-q3", withheld("small numbers"))])),
        ("Sunderland", Some(vec![])),
        ("Durham", None),
    ]);
    told.contributions[3].answer = Some(answered(3, Content::Nil { statement: line("Nothing to report this quarter.") }));
    let document = assemble(&told);
    assert_eq!(
        lines(&document.summary),
        [
            "What changed. Cannot be said: none of the 7 series of figures, one for each partnership and measure, could be judged; a judgement \
             needs 12 figures in a row. Not judged: 6 without a figure for the period and 1 with too few figures in a row.",
            "Figures. October to December 2021 against October to December 2020.",
            "Burglary [1] | 206 | 293 | −87 (−29.7%) | □\u{a0}too few points to tell",
            "Returns. 5 of 7 partnerships have sent a return.",
            "• No return received by 17:00 on 12 January from North Tyneside and Durham.",
            "• Nil return, with nothing to report: Northumberland.",
            "• Late from Newcastle: 1 of 1 figure, expected 31 January 2022.",
            "• Withheld by South Tyneside: 1 of 1 figure; the reason is below the table.",
            "• Not reported by Sunderland: 1 of 1 figure.",
            "What is asked of you. Members are asked to note the contents of this report (section 9).",
        ]
    );
    let slots = &document.sections[3].items;
    assert_eq!(lines(&slots[2].blocks), ["No return received by 17:00 on 12 January."]);
    assert_eq!(lines(&slots[3].blocks), ["Nil return. “Nothing to report this quarter.”"]);
    assert_eq!(lines(&slots[0].blocks), ["No news was submitted for this report."]);
}

#[test]
fn a_preview_before_the_deadline_calls_nobody_late() {
    let mut told = told(&[("Gateshead", None), ("Newcastle", None)]);
    told.cycle.state = CycleState::Open;
    let document = assemble(&told);
    assert_eq!(lines(&document.summary)[3], "Returns. None of the 2 partnerships has sent a return.");
    assert_eq!(lines(&document.summary)[4], "• No return received yet from Gateshead and Newcastle; due by 17:00 on 12 January.");
    assert_eq!(lines(&document.sections[3].items[0].blocks), ["No return received yet; due by 17:00 on 12 January."]);
    assert_eq!(rows(&told)[2], "Total of 0 of 2 partnerships | – | no figures | – | –");
}

#[test]
fn a_year_earlier_is_looked_for_in_the_return_and_then_in_earlier_ones() {
    let mut told = told(&[
        ("Gateshead", Some(vec![burglary("2021-q3", 206), burglary("2020-q3", 293)])),
        ("Newcastle", Some(vec![burglary("2021-q3", 516)])),
        ("Sunderland", Some(vec![burglary("2021-q3", 457)])),
    ]);
    told.contributions[0].earlier = vec![earlier(210, burglary("2020-q3", 1))];
    told.contributions[1].earlier =
        vec![earlier(212, burglary("2020-q3", 433)), earlier(211, burglary("2020-q3", 400)), earlier(213, burglary("2020-q2", 7))];
    assert_eq!(
        rows(&told),
        [
            "Gateshead | 293 [1] | 206 | −87 | −29.7%",
            "Newcastle | 433 [2] | 516 | +83 | +19.2%",
            "Sunderland | no earlier figure | 457 | – | –",
            "Total of 2 of 3 partnerships [3] | 726 [4] | 722 | −4 | −0.6%",
        ]
    );
    let origin = |id, revision| Origin::Return { id: ReturnId(Uuid::from_u128(id)), revision };
    assert_eq!(assemble(&told).sections[2].items[0].origins, [origin(300, 2), origin(301, 2), origin(212, 1), origin(302, 2)]);
}

#[test]
fn without_any_earlier_figure_the_total_stands_alone() {
    let told = told(&[
        ("Gateshead", Some(vec![burglary("2021-q3", 206)])),
        ("Newcastle", Some(vec![burglary("2021-q3", 516)])),
        ("Sunderland", None),
    ]);
    assert_eq!(rows(&told)[3], "Total of 2 of 3 partnerships | no earlier figure | 722 | – | –");
    let document = assemble(&told);
    assert!(lines(&document.summary).contains(&"Burglary [1] | 722 | no earlier figure | – | □\u{a0}too few points to tell".to_owned()));
}

#[test]
fn two_sides_with_nobody_in_common_are_not_compared() {
    let told = told(&[("Gateshead", Some(vec![burglary("2021-q3", 206)])), ("Newcastle", Some(vec![burglary("2020-q3", 433)]))]);
    assert_eq!(rows(&told)[2], "Total of 1 of 2 partnerships | not comparable | 206 | – | –");
}

#[test]
fn from_none_there_is_a_change_but_no_percentage() {
    let told = told(&[
        ("Gateshead", Some(vec![burglary("2021-q3", 5), figure(BURGLARY, "2020-q3", Answer::Nil)])),
        ("Newcastle", Some(vec![burglary("2021-q3", 0), burglary("2020-q3", 0)])),
    ]);
    assert_eq!(
        rows(&told),
        [
            "Gateshead | none | 5 | +5 | not calculated [1]",
            "Newcastle | 0 | 0 | no change | not calculated [1]",
            "Total of all 2 partnerships | 0 | 5 | +5 | not calculated [1]",
        ]
    );
    assert_eq!(lines(&assemble(&told).summary)[2], "Burglary [1] | 5 | 0 | +5 (from 0 to 5) | □\u{a0}too few points to tell");
}

#[test]
fn notes_are_said_once_and_reach_the_summary_when_they_hold_for_all() {
    let q3 = |count| noted(burglary("2020-q3", count), "restrictions in force");
    let mut told = told(&[
        ("Gateshead", Some(vec![provisional(burglary("2021-q3", 206)), q3(293)])),
        ("Newcastle", Some(vec![burglary("2021-q3", 516), q3(433)])),
    ]);
    assert_eq!(
        rows(&told),
        [
            "Gateshead | 293 [1] | 206 [2] | −87 | −29.7%",
            "Newcastle | 433 [1] | 516 | +83 | +19.2%",
            "Total of all 2 partnerships | 726 [1] | 722 [2] | −4 | −0.6%",
        ]
    );
    let document = assemble(&told);
    let notes: Vec<(u32, &str)> = table(&document).notes.iter().map(|note| (note.mark, note.text.as_str())).collect();
    assert_eq!(notes, [(1, "restrictions in force"), (2, "Provisional: may be revised.")]);
    let summary = lines(&document.summary);
    assert!(summary.contains(&"About Q3 2020/21: restrictions in force.".to_owned()), "{summary:?}");
    assert!(summary[2].starts_with("Burglary [1] | 722 [2] | 726 [3] | −4 (−0.6%)"), "{summary:?}");
    // A note that only one of them carries says nothing about the sum.
    told.contributions[1].answer = Some(answered(1, full(vec![burglary("2021-q3", 516), burglary("2020-q3", 433)])));
    assert!(!lines(&assemble(&told).summary).iter().any(|line| line.starts_with("About")));
    assert_eq!(rows(&told)[2], "Total of all 2 partnerships | 726 | 722 [2] | −4 | −0.6%");
}

#[test]
fn pounds_and_days_are_printed_as_such() {
    let mut told = told(&[(
        "Gateshead",
        Some(vec![
            figure(1, "2021-q3", Answer::Reported { value: "96466.5".parse().unwrap() }),
            figure(1, "2020-q3", reported(100_000)),
            figure(2, "2021-q3", reported(1)),
            figure(2, "2020-q3", reported(1_412)),
        ]),
    )]);
    told.indicators = vec![indicator(2, "Days to answer", Unit::Days), indicator(1, "Grants paid", Unit::Pounds)];
    told.committee.indicators = [1, 2].map(|id| IndicatorId(Uuid::from_u128(id))).into();
    let document = assemble(&told);
    let row = |at: usize| reads(&table_of(&document.sections[2].items[at]).rows[0]);
    assert_eq!(row(0), "Gateshead | £100,000 | £96,466.50 | −£3,533.50 | −3.5%");
    assert_eq!(row(1), "Gateshead | 1,412 days | 1 day | −1,411 days | −99.9%");
}

#[test]
fn figures_of_other_periods_and_other_measures_are_printed_in_the_slot() {
    let mut told = told(&[(
        "Gateshead",
        Some(vec![
            burglary("2021-q3", 206),
            burglary("2020-fy", 70),
            burglary("2021-11", 71),
            noted(figure(7, "2021-q3", Answer::Nil), "counted for the first time"),
            figure(8, "2021-q3", reported(1_234)),
        ]),
    )]);
    told.indicators.push(indicator(7, "Hate crime", Unit::Count));
    let document = assemble(&told);
    let slot = &document.sections[3].items[0];
    assert_eq!(slot.items[0].heading.as_deref(), Some("Other figures"));
    assert_eq!(
        lines(&slot.items[0].blocks),
        ["Burglary | 2020/21 | 70", "Hate crime | Q3 2021/22 | none [1]", "A measure this committee does not ask for | Q3 2021/22 | 1,234",]
    );
}

#[test]
fn news_is_printed_in_order_with_its_date_and_where_it_came_from() {
    let mut told = told(&[("Gateshead", Some(vec![burglary("2021-q3", 206)])), ("Newcastle", None)]);
    let owner = NewsOwner::Partnership(told.contributions[0].partnership.id);
    told.contributions[0].news = vec![
        news(41, owner, NewsKind::Award, "An award for parents", Some("2021-12-03"), "Well deserved."),
        news(42, owner, NewsKind::News, "A new group", None, "It will:\n\n- listen\n- act"),
    ];
    told.contributions[0].answer = Some(answered(
        0,
        Content::Full {
            figures: vec![burglary("2021-q3", 206)],
            quoted: vec![QuotedFigure {
                subject: line("Criminal damage on the estate"),
                value: line("down 30%"),
                source: line("Gateshead Council"),
                period: period("2021-q3"),
            }],
        },
    ));
    told.contributions[1].news =
        vec![news(43, NewsOwner::Partnership(told.contributions[1].partnership.id), NewsKind::News, "A review", None, "Done.")];
    let document = assemble(&told);
    let [gateshead, newcastle] = &*document.sections[3].items else { panic!("a slot for each") };
    assert_eq!(gateshead.number, "4.1");
    assert!(gateshead.blocks.is_empty(), "{:?}", gateshead.blocks);
    let heads: Vec<_> = gateshead.items.iter().map(|item| (item.number.as_str(), item.heading.as_deref().unwrap())).collect();
    assert_eq!(heads, [("4.1.1", "An award for parents"), ("4.1.2", "A new group"), ("4.1.3", "Figures stated by others")]);
    assert_eq!(lines(&gateshead.items[0].blocks), ["Award, 3 December 2021", "Well deserved."]);
    assert_eq!(gateshead.items[0].origins, [Origin::News { id: NewsItemId(Uuid::from_u128(41)), revision: 1 }]);
    assert_eq!(
        lines(&gateshead.items[2].blocks),
        ["• Criminal damage on the estate: down 30%, as stated by Gateshead Council (Q3 2021/22)"]
    );
    assert_eq!(lines(&newcastle.blocks), ["No return received by 17:00 on 12 January."], "news does not stand in for the return");
    assert_eq!(newcastle.items.len(), 1);
    let printed = serde_json::to_string(&document).unwrap();
    assert_eq!(printed.matches("30%").count(), 1, "a quoted percentage enters no table and no summary");
}

#[test]
fn the_paper_keeps_its_order_and_leaves_no_heading_empty() {
    let mut told = told(&[("Gateshead", None)]);
    let headings = |document: &csp_domain::document::PublicDocument| -> Vec<String> {
        document.sections.iter().map(|section| format!("{} {}", section.number, section.heading)).collect()
    };
    let document = assemble(&told);
    assert_eq!(
        headings(&document),
        [
            "1 Purpose",
            "2 National developments",
            "3 Figures for Q3 2021/22",
            "4 Local community safety partnership news",
            "5 Equal opportunities implications",
            "6 Human rights implications",
            "7 Risk management implications",
            "8 Financial implications",
            "9 Recommendations",
        ]
    );
    assert_eq!(lines(&document.sections[1].items[0].blocks), ["There are no national developments to report."]);
    told.committee.template.recommendations.clear();
    told.committee.indicators.clear();
    told.contributions.clear();
    let bare = assemble(&told);
    for section in &bare.sections {
        assert!(!section.items.is_empty() && !section.items[0].blocks.is_empty(), "{} is empty", section.heading);
    }
    assert_eq!(
        lines(&bare.summary),
        ["Returns. No partnership reports to this committee.", "What is asked of you. Nothing beyond reading this report."]
    );
}

#[test]
fn the_head_says_who_reports_to_whom_about_when() {
    let mut told = told(&[("Gateshead", None)]);
    told.committee.template.notice = Some(line("DEMONSTRATION"));
    let document = assemble(&told);
    let head: Vec<String> = document.header.iter().map(|field| format!("{}: {}", field.label, field.value)).collect();
    assert_eq!(
        head,
        [
            "Report of: The Chief Executive",
            "Report to: Citizen Focus Committee",
            "Meeting: Wednesday 26 January 2022 at 10:00",
            "Period reported on: Q3 2021/22 (October to December 2021)",
            "Returns due by: Wednesday 12 January 2022 at 17:00",
            "Published: Tuesday 18 January 2022 at 09:00",
        ]
    );
    assert_eq!(document.subtitle, "Citizen Focus Committee, 26 January 2022");
    assert_eq!(document.notice.as_deref(), Some("DEMONSTRATION"));
    assert_eq!(subject(&told), "Community Safety Partnerships update: Citizen Focus Committee, 26 January 2022");
}

/// Figures that follow a name in Hebrew would be read on its other side.
#[test]
fn a_name_that_runs_from_right_to_left_moves_nothing_around_it() {
    let mut told = told(&[("Haifa", None), ("Newcastle", Some(vec![burglary("2021-q3", 516)]))]);
    told.contributions[0].partnership.name = line("עיריית חיפה");
    told.committee.name = line("עיריית חיפה");
    let document = String::from_utf8(assemble(&told).to_bytes()).unwrap();
    assert!(document.contains("\u{2068}עיריית חיפה\u{2069}"));
    let isolated = document.matches("\u{2068}עיריית חיפה\u{2069}").count();
    assert_eq!(document.matches("עיריית חיפה").count(), isolated, "nowhere without its isolates");
    assert!(subject(&told).contains("\u{2068}עיריית חיפה\u{2069}, 26 January 2022"));
}
