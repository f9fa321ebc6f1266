//! A chart says in pictures, in sentences and in a table the same, and stays inside its frame whatever the figures.

#![expect(clippy::unwrap_used, reason = "a test that cannot build its story should stop")]

mod northumbria;

use csp_domain::{
    document::{Table, chart::Span},
    indicator::{Polarity, Unit},
    measure::{
        refusal::Refusal,
        target::{Aim, Milestone, Trajectory},
        xmr::{Chart, Plan, Point},
    },
    period::Period,
};
use csp_render::chart::{Bar, Comparison, Context, ControlChart, Drawing, Measure, Multiples, Panel, Progress, Reference, Width};
use proptest::{collection::vec, option, prelude::*};
use rust_decimal::Decimal;

const WIDTHS: [Width; 2] = [Width::Phone, Width::Page];

#[test]
fn what_is_said_of_a_control_chart() {
    insta::assert_snapshot!(northumbria::control(Width::Phone).alternative);
    insta::assert_snapshot!(northumbria::rebased(Width::Phone).alternative);
}

#[test]
fn what_is_said_of_partnerships_side_by_side() {
    insta::assert_snapshot!(northumbria::comparison(Width::Phone).alternative);
    insta::assert_snapshot!(northumbria::multiples(Width::Phone).alternative);
    let group = northumbria::group();
    assert_eq!((group.name.as_str(), group.coverage.as_str()), ("The group's average", "all 3 partnerships"));
    // (206/201,950 + 164/151,133 + 457/277,846) × 1,000 ÷ 3
    assert_eq!(group.value.round_dp(3).to_string(), "1.250");
}

#[test]
fn what_is_said_of_progress() {
    insta::assert_snapshot!(northumbria::progress(Width::Phone).alternative);
}

fn cells(table: &Table) -> String {
    let rows = table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" | "));
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_table_holds_the_figures_of_the_picture() {
    insta::assert_snapshot!(cells(&northumbria::progress(Width::Phone).table));
    insta::assert_snapshot!(cells(&northumbria::multiples(Width::Phone).table));
}

/// So that a change of the drawing is seen; look at it with `cargo run -p csp-render --example charts`.
#[test]
fn the_picture_for_a_telephone() {
    insta::assert_snapshot!(northumbria::comparison(Width::Phone).svg);
}

#[test]
fn a_chart_without_figures_is_no_chart() {
    let empty = Chart::new(Vec::new(), Plan::default()).unwrap();
    let measure = Measure::Amount(Unit::Count);
    let control =
        ControlChart { title: "Nothing", measure, polarity: Polarity::Neither, chart: &empty, target: None, context: Context::default() };
    assert_eq!(control.draw(Width::Phone), None);
    let panels = [
        Panel { name: "Gateshead", chart: Err(Refusal::SmallNumbers.to_string()), context: &[] },
        Panel { name: "Sunderland", chart: Ok(&empty), context: &[] },
    ];
    assert_eq!(
        Multiples { title: "Nothing", measure, polarity: Polarity::Neither, panels: &panels, context: Context::default() }
            .draw(Width::Phone),
        None
    );
}

#[test]
fn with_too_few_points_it_says_so_and_draws_no_limits() {
    let points = (1..=9).map(|at| Point::new(month(at), Decimal::from(at * 7 % 5))).collect();
    let chart = Chart::new(points, Plan::default()).unwrap();
    let measure = Measure::Amount(Unit::Count);
    let drawing =
        ControlChart { title: "Few", measure, polarity: Polarity::LowerIsBetter, chart: &chart, target: None, context: Context::default() }
            .draw(Width::Phone)
            .unwrap();
    assert!(drawing.alternative.contains("Too few points to tell: 9 of the 12 figures in a row that a judgement needs."));
    assert!(!drawing.alternative.contains("verage") && !drawing.svg.contains("limit"));
}

#[test]
fn what_people_wrote_stays_text() {
    let evil = "</text><script>alert(1)</script> & \"quoted\" \u{0}";
    let bars = [Bar { name: evil.to_owned(), value: Err(evil.to_owned()), own: true }];
    let reference = Reference { name: evil.to_owned(), value: Decimal::ONE, coverage: evil.to_owned() };
    let drawing = Comparison { title: evil, measure: Measure::Rate, bars: &bars, reference: Some(&reference) }.draw(Width::Page);
    assert!(!drawing.svg.contains("<script") && !drawing.svg.contains('\0'));
    assert!(drawing.svg.contains("&lt;script&gt;"));
    check(&drawing, Width::Page, false);
}

fn month(at: i64) -> Period {
    format!("{}-{:02}", 2015 + (at - 1) / 12, (at - 1) % 12 + 1).parse().unwrap()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// What holds of every picture.
fn check(drawing: &Drawing, width: Width, bounded: bool) {
    let svg = &drawing.svg;
    let (head, body) = svg.split_once("</desc>").unwrap();
    assert!(head.contains("role=\"img\"") && head.contains("<title>"));
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    let escaped =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\0', "\u{FFFD}");
    assert!(head.ends_with(&escaped(&drawing.alternative)), "the description is the alternative");
    let frame: f64 = attribute(head, "width").unwrap().parse().unwrap();
    let height: f64 = attribute(head, "height").unwrap().parse().unwrap();
    assert_eq!(frame.total_cmp(&if width == Width::Phone { 360.0 } else { 720.0 }), std::cmp::Ordering::Equal);
    for tag in body.split('<').filter(|tag| !tag.starts_with('/') && !tag.trim().is_empty()) {
        // Black, white and greys only.
        for colour in tag.split('#').skip(1).filter(|_| tag.contains("=\"#")) {
            let digits: Vec<char> = colour.chars().take_while(char::is_ascii_hexdigit).collect();
            assert!(
                digits.len() == 3 && digits.iter().all(|digit| *digit == digits[0]) || digits.iter().collect::<String>() == "e9e9e9",
                "{tag}"
            );
        }
        if !tag.starts_with("text ") {
            continue;
        }
        let size: f64 = attribute(tag, "font-size").unwrap().parse().unwrap();
        assert!(size >= 9.0, "too small to read: {tag}");
        let (_, words) = tag.split_once('>').unwrap();
        let long = f64::from(u32::try_from(words.trim_end().chars().count()).unwrap()) * size * 0.42;
        let x: f64 = attribute(tag, "x").unwrap().parse().unwrap();
        let y: f64 = attribute(tag, "y").unwrap().parse().unwrap();
        let (from, to) = match attribute(tag, "text-anchor") {
            Some("end") => (x - long, x),
            Some("middle") => (x - long / 2.0, x + long / 2.0),
            _ => (x, x + long),
        };
        if bounded {
            assert!(from >= -1.0 && to <= frame + 1.0 && y > 0.0 && y <= height, "outside the frame of {frame} by {height}: {tag}");
        }
    }
    for row in &drawing.table.rows {
        assert_eq!(row.cells.len(), drawing.table.columns.len());
    }
}

fn values() -> impl Strategy<Value = Vec<Option<u64>>> {
    let scale = prop_oneof![Just(3u64), Just(100), Just(20_000), Just(999_999_999)];
    scale
        .prop_flat_map(|scale| vec(option::weighted(0.95, 0..=scale), 1..60))
        .prop_filter("a figure", |values| values.iter().any(Option::is_some))
}

fn points(values: &[Option<u64>]) -> Vec<Point> {
    (1..).zip(values).filter_map(|(at, value)| Some(Point::new(month(at), Decimal::from((*value)?)))).collect()
}

fn measures() -> impl Strategy<Value = Measure> {
    prop_oneof![Just(Measure::Amount(Unit::Count)), Just(Measure::Amount(Unit::Pounds)), Just(Measure::Rate), Just(Measure::Percent)]
}

fn polarities() -> impl Strategy<Value = Polarity> {
    prop_oneof![Just(Polarity::LowerIsBetter), Just(Polarity::HigherIsBetter), Just(Polarity::Neither)]
}

/// Long form: `CSP_TEST_LONG=1`.
fn config() -> ProptestConfig {
    let cases = if std::env::var_os("CSP_TEST_LONG").is_some() { 5_000 } else { 40 };
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_figures_leave_the_frame(values in values(), measure in measures(), polarity in polarities(), wanted in 0u64..2_000) {
        let points = points(&values);
        let chart = Chart::new(points.clone(), Plan::default()).unwrap();
        let on = |period, value| Milestone { period, value: Decimal::from(value) };
        let target = Trajectory::straight(Aim::AtMost, on(month(2), 500), on(month(48), wanted)).unwrap();
        let panels = [Panel { name: "Newcastle upon Tyne", chart: Ok(&chart), context: &[] }, Panel { name: "Gateshead", chart: Err(Refusal::SmallNumbers.to_string()), context: &[] }];
        for width in WIDTHS {
            let title = "Violence against the person, without injury, by month";
            let control = ControlChart { title, measure, polarity, chart: &chart, target: Some(&target), context: Context::default() }.draw(width).unwrap();
            check(&control, width, true);
            prop_assert_eq!(control.table.rows.len(), points.len());
            let multiples = Multiples { title, measure, polarity, panels: &panels, context: Context::default() }.draw(width).unwrap();
            check(&multiples, width, true);
            let progress = Progress { title, measure, points: &points, target: &target, context: Context::default() }.draw(width).unwrap();
            check(&progress, width, true);
        }
    }

    #[test]
    fn bars_stay_inside_and_all_of_them_are_told(values in values(), measure in measures()) {
        let bars: Vec<Bar> = values
            .iter()
            .enumerate()
            .map(|(at, value)| Bar {
                name: format!("Partnership {at}"),
                value: value.map(Decimal::from).ok_or_else(|| "no return received".to_owned()),
                own: at == 0,
            })
            .collect();
        let reference = Reference { name: "Northumbria".to_owned(), value: Decimal::from(50), coverage: "5 of 6 partnerships".to_owned() };
        for width in WIDTHS {
            let drawing = Comparison { title: "Burglary", measure, bars: &bars, reference: Some(&reference) }.draw(width);
            check(&drawing, width, true);
            for bar in &bars {
                prop_assert!(drawing.alternative.contains(&bar.name) && drawing.svg.contains(&bar.name));
            }
        }
    }
}

#[test]
fn days_of_which_something_must_be_known_are_shaded_and_told() {
    let points = (1..=14).map(|at| Point::new(month(at), Decimal::from(100 + at * 7 % 5))).collect();
    let chart = Chart::new(points, Plan::default()).unwrap();
    let span = |days: Period, text: &str| Span { days, text: text.to_owned() };
    let context = [
        span(month(90), "Long after."),
        span(month(3), "5 November 2020 to 2 December 2020: restrictions were in force."),
        span(month(7), "A flood <closed> the station."),
    ];
    let (measure, polarity) = (Measure::Amount(Unit::Count), Polarity::LowerIsBetter);
    let draw = |spans, width| {
        let context = Context { spans, unsaid: 0 };
        ControlChart { title: "T", measure, polarity, chart: &chart, target: None, context }.draw(width).unwrap()
    };
    for width in WIDTHS {
        let drawing = draw(&context, width);
        assert!(drawing.alternative.contains("A: 5 November 2020 to 2 December 2020: restrictions were in force. B: A flood"));
        assert!(!drawing.alternative.contains("Long after"), "{}", drawing.alternative);
        assert_eq!(drawing.svg.matches("fill-opacity").count(), 2);
        assert!(drawing.svg.contains(">A</text>") && drawing.svg.contains(">B</text>") && !drawing.svg.contains("<closed>"));
        assert_eq!(draw(&[], width).svg.matches("fill-opacity").count(), 0);
    }
}

#[test]
fn labels_have_the_digits_that_the_tables_have() {
    let bars: Vec<Bar> = [("Gateshead", "61.349"), ("Sunderland", "40.05")]
        .map(|(name, value)| Bar { name: name.to_owned(), value: Ok(value.parse().unwrap()), own: false })
        .into();
    let draw = |measure| Comparison { title: "T", measure, bars: &bars, reference: None }.draw(Width::Page);
    for (measure, read) in [
        (Measure::PercentTo(0), ["61%", "40%"]),
        (Measure::PercentTo(2), ["61.35%", "40.05%"]),
        (Measure::RateTo(3), ["61.349", "40.050"]),
        (Measure::RateTo(u32::MAX), ["61.349", "40.050"]),
    ] {
        let drawing = draw(measure);
        for read in read {
            assert!(
                drawing.svg.contains(&format!(">{read}<")) && cells(&drawing.table).contains(read),
                "{measure:?}: {read}\n{}",
                drawing.svg
            );
        }
    }
}

#[test]
fn what_was_so_in_some_days_is_shaded_in_each_panel_it_is_about() {
    let chart = |from: i64| {
        let points = (from..from + 14).map(|at| Point::new(month(at), Decimal::from(100 + at * 7 % 5))).collect();
        Chart::new(points, Plan::default()).unwrap()
    };
    let (early, late) = (chart(1), chart(6));
    let span = |days: Period, text: &str| Span { days, text: text.to_owned() };
    let spans = [span(month(90), "Long after."), span(month(8), "Restrictions."), span(month(9), "A flood."), span(month(3), "A strike.")];
    let panels = [
        Panel { name: "Gateshead", chart: Ok(&early), context: &[0, 1, 3] },
        Panel { name: "Sunderland", chart: Ok(&late), context: &[0, 1, 2, 3] },
        Panel { name: "Newcastle", chart: Err("no return received".to_owned()), context: &[1, 99] },
    ];
    for width in WIDTHS {
        let (measure, polarity) = (Measure::Amount(Unit::Count), Polarity::LowerIsBetter);
        let draw = |unsaid| {
            Multiples { title: "T", measure, polarity, panels: &panels, context: Context { spans: &spans, unsaid } }.draw(width).unwrap()
        };
        let drawing = draw(0);
        check(&drawing, width, true);
        // The strike was before Sunderland's figures begin, and the flood was there alone.
        let said = "A: Restrictions. B (Sunderland): A flood. C (Gateshead): A strike.";
        assert!(drawing.alternative.ends_with(said), "{}", drawing.alternative);
        assert_eq!(drawing.svg.matches("fill-opacity").count(), 4);
        for letter in ["A", "B", "C"] {
            let shown = if letter == "A" { 2 } else { 1 };
            assert_eq!(drawing.svg.matches(&format!(">{letter}</text>")).count(), shown, "{letter}");
        }
        assert!(draw(1).alternative.ends_with("Not printed here for want of room: 1 earlier note about these figures."));
        assert!(draw(7).svg.contains("7 earlier"));
    }
}

#[test]
fn on_the_way_to_a_target_they_are_shaded_where_something_was_reported() {
    let points: Vec<Point> = (1..=6).map(|at| Point::new(month(at), Decimal::from(100 - at))).collect();
    let target = Trajectory::standing(Aim::AtMost, Milestone { period: month(12), value: Decimal::from(80) });
    let span = |days: Period, text: &str| Span { days, text: text.to_owned() };
    let spans = [span(month(4), "Restrictions."), span(month(10), "Still to come.")];
    for width in WIDTHS {
        let context = Context { spans: &spans, unsaid: 2 };
        let drawing =
            Progress { title: "T", measure: Measure::Amount(Unit::Count), points: &points, target: &target, context }.draw(width).unwrap();
        check(&drawing, width, true);
        assert!(drawing.alternative.ends_with("A: Restrictions. Not printed here for want of room: 2 earlier notes about these figures."));
        assert_eq!(drawing.svg.matches("fill-opacity").count(), 1);
    }
}

/// A letter that a figure lies on cannot be read.
#[test]
fn the_letter_of_a_span_gives_way_to_a_figure_at_the_top() {
    let level = |highest: i64| {
        let points: Vec<Point> = (1..=6).map(|at| Point::new(month(at), Decimal::from(if at == highest { 100 } else { 40 }))).collect();
        let target = Trajectory::standing(Aim::AtMost, Milestone { period: month(1), value: Decimal::from(80) });
        let spans = [Span { days: month(3), text: "Restrictions.".to_owned() }];
        let context = Context { spans: &spans, unsaid: 0 };
        let drawing = Progress { title: "T", measure: Measure::Amount(Unit::Count), points: &points, target: &target, context }
            .draw(Width::Page)
            .unwrap();
        check(&drawing, Width::Page, true);
        let letter = drawing.svg.lines().find(|line| line.ends_with(">A</text>")).unwrap();
        attribute(letter, "y").unwrap().parse::<f64>().unwrap()
    };
    assert!(level(3) > level(6) + 100.0, "{} {}", level(3), level(6));
}
