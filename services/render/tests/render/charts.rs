//! Charts of a document: as pictures in the page, and in the same words for whoever does not see them.

use csp_domain::{
    document::{
        Block, PublicDocument,
        chart::{Bar, Chart, ChartPoint, Measure, Panel, Reference},
    },
    indicator::{Polarity, Unit},
    measure::target::{Aim, Milestone, Trajectory},
};
use csp_render::{html_mail, text};

use crate::empty;

/// Burglary in Northumbria's six districts, police-recorded, May 2020 to December 2021 without February 2021.
fn points(from: i64) -> Vec<ChartPoint> {
    (0..20_i32)
        .filter(|n| *n != 9)
        .map(|n| {
            let period = format!("{}-{:02}", 2020 + (n + 4) / 12, (n + 4) % 12 + 1).parse().unwrap();
            ChartPoint { period, value: (from + i64::from(n * 37 % 11)).into() }
        })
        .collect()
}

fn with(chart: Chart) -> PublicDocument {
    PublicDocument { summary: vec![Block::Chart(chart)], ..empty() }
}

fn control() -> Chart {
    let (measure, polarity) = (Measure::Amount(Unit::Count), Polarity::LowerIsBetter);
    Chart::Control {
        title: "Burglary by month: Gateshead".to_owned(),
        measure,
        polarity,
        points: points(60),
        context: Vec::new(),
        unsaid: 0,
    }
}

fn multiples() -> Chart {
    let panel = |name: &str, from| Panel { name: name.to_owned(), points: points(from), note: None, context: Vec::new() };
    let absent =
        Panel { name: "Sunderland".to_owned(), points: Vec::new(), note: Some("no figure for Q3 2021/22".to_owned()), context: Vec::new() };
    let panels = vec![panel("Gateshead", 60), panel("Newcastle <b>", 140), absent];
    let (measure, polarity) = (Measure::Amount(Unit::Count), Polarity::LowerIsBetter);
    Chart::Multiples { title: "Burglary by month, each partnership".to_owned(), measure, polarity, panels, context: Vec::new(), unsaid: 0 }
}

fn comparison() -> Chart {
    let bar = |name: &str, value: Option<i64>| Bar {
        name: name.to_owned(),
        value: value.map(Into::into),
        note: value.is_none().then(|| "38 of 40".to_owned()),
    };
    Chart::Comparison {
        title: "Feel safe after dark, October to December 2021".to_owned(),
        measure: Measure::Percent,
        bars: vec![bar("Gateshead", Some(71)), bar("Newcastle", Some(64)), bar("Sunderland", None)],
        reference: Some(Reference { name: "Northumbria".to_owned(), value: 67.into(), coverage: "2 of 3 partnerships".to_owned() }),
    }
}

fn progress() -> Chart {
    let on = |period: &str, value: i64| Milestone { period: period.parse().unwrap(), value: value.into() };
    let target = Trajectory::straight(Aim::AtMost, on("2020-q3", 293), on("2022-q3", 205)).unwrap();
    let quarters = [("2020-q3", 293), ("2020-q4", 168), ("2021-q1", 231), ("2021-q2", 232), ("2021-q3", 206)];
    let points = quarters.iter().map(|(period, value)| ChartPoint { period: period.parse().unwrap(), value: (*value).into() }).collect();
    Chart::Progress {
        title: "Burglary: Gateshead, progress against the target".to_owned(),
        measure: Measure::Amount(Unit::Count),
        points,
        target,
        context: Vec::new(),
        unsaid: 0,
    }
}

/// The alternative texts of the pictures in a page.
fn alternatives(html: &str) -> Vec<String> {
    let unescaped = |text: &str| text.replace("&lt;", "<").replace("&gt;", ">").replace("&#x2f;", "/").replace("&amp;", "&");
    html.split("alt=\"").skip(1).map(|rest| unescaped(&rest[..rest.find('"').unwrap()])).collect()
}

#[test]
fn a_chart_says_the_same_to_the_eye_to_the_ear_and_in_plain_text() {
    for (chart, said) in [
        (control(), "19 figures, May 2020 to December 2021"),
        (multiples(), "Sunderland: no figure for Q3 2021/22"),
        (progress(), "5 figures to Q3 2021/22. Met in Q3 2021/22: 206, expected at most 249. Target: at most 205 by Q3 2022/23."),
        (comparison(), "Northumbria (2 of 3 partnerships): 67%. Above it: Gateshead."),
    ] {
        let document = with(chart);
        let alternatives = alternatives(&html_mail(&document));
        assert_eq!(alternatives.len(), 2, "one for a page, one for a telephone");
        assert_eq!(alternatives[0], alternatives[1]);
        assert!(alternatives[0].contains(said), "{}", alternatives[0]);
        let plain = text(&document).lines().map(|line| line.trim_start_matches([' ', '|'])).collect::<Vec<_>>().join(" ");
        assert!(plain.contains(&format!("Chart. {}", alternatives[0])), "{plain}");
    }
}

#[test]
fn pictures_are_in_the_page_and_nothing_is_fetched() {
    for chart in [control(), multiples(), comparison(), progress()] {
        let html = html_mail(&with(chart));
        let sources: Vec<&str> = html.split("src=\"").skip(1).collect();
        assert_eq!(sources.len(), 2);
        for source in sources {
            let data = source.strip_prefix("data:image/png;base64,").expect("a picture is written into the page");
            let data = &data[..data.find('"').unwrap()];
            // PNG begins with eight bytes of its own, which are these in base64.
            assert!(data.starts_with("iVBORw0KGgo") && data.len() < 80_000, "{} letters", data.len());
        }
        assert!(!html.contains("<svg") && !html.contains("url(") && !html.contains("<script"));
    }
}

#[test]
fn the_same_figures_are_the_same_picture() {
    assert_eq!(html_mail(&with(multiples())), html_mail(&with(multiples())));
}

#[test]
fn figures_that_make_no_chart_are_said_and_not_drawn() {
    let Chart::Control { title, measure, polarity, mut points, context, unsaid } = control() else { panic!("a control chart") };
    let (mut huge, many) = (points.clone(), vec![points[0]; 500]);
    huge[0].value = rust_decimal::Decimal::MAX;
    points[3].period = "2020-q2".parse().unwrap();
    for points in [points, Vec::new(), huge, many] {
        let document = with(Chart::Control { title: title.clone(), measure, polarity, points, context: context.clone(), unsaid });
        let html = html_mail(&document);
        assert!(!html.contains("<img") && html.contains("cannot be drawn"), "{html}");
        assert!(text(&document).contains("cannot be drawn"));
    }
}

#[test]
fn a_way_without_an_end_is_said_and_not_drawn() {
    let Chart::Progress { title, measure, points, .. } = progress() else { panic!("a chart of progress") };
    let on = |period: &str| Milestone { period: period.parse().unwrap(), value: 1.into() };
    for (points, target) in [
        (points.clone(), Trajectory::standing(Aim::AtMost, on("2021-12"))),
        (points.clone(), Trajectory::straight(Aim::AtMost, on("2020-q3"), on("2199-q3")).unwrap()),
        (Vec::new(), Trajectory::standing(Aim::AtMost, on("2021-q1"))),
    ] {
        let document = with(Chart::Progress { title: title.clone(), measure, points, target, context: Vec::new(), unsaid: 0 });
        let html = html_mail(&document);
        assert!(!html.contains("<img") && html.contains("cannot be drawn"), "{html}");
    }
}

/// A paper that was stored before there were charts opens for ever, and reads as it did.
#[test]
fn a_paper_of_the_first_format_still_opens() {
    let stored = include_bytes!("../expected/format-1/northumbria.json");
    let document = PublicDocument::from_bytes(stored).unwrap();
    assert_eq!((document.format, PublicDocument::FORMAT), (1, 2));
    assert_eq!(text(&document), include_str!("../expected/format-1/northumbria.txt"));
    assert!(html_mail(&document).contains("Burglary"));
    let newer = String::from_utf8_lossy(stored).replacen("\"format\": 1", "\"format\": 3", 1);
    assert!(PublicDocument::from_bytes(newer.as_bytes()).unwrap_err().to_string().contains("format 3"));
}

#[test]
fn a_chart_is_stored_and_opens_as_it_was() {
    for chart in [control(), multiples(), comparison(), progress()] {
        let document = PublicDocument { format: PublicDocument::FORMAT, ..with(chart) };
        assert_eq!(PublicDocument::from_bytes(&document.to_bytes()).unwrap(), document);
    }
}
