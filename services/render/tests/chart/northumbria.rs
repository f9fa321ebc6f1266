//! Charts of real figures: burglary and anti-social behaviour in Northumbria, May 2020 to March 2022.

use csp_domain::{
    indicator::{Polarity, Unit},
    measure::{
        aggregate::{self, ComparisonGroup, Member},
        percent::Rate,
        population::{Population, Populations},
        refusal::Refusal,
        series::Series,
        target::{Aim, Milestone, Trajectory},
        xmr::{Bridge, Chart, Plan, Point, Rebase},
    },
    partnership::OnsCode,
    period::{Length, Period},
};
use csp_render::chart::{Bar, Comparison, Context, ControlChart, Drawing, Measure, Multiples, Panel, Progress, Reference, Width};
use rust_decimal::Decimal;

const RECORDED: &[u8] = include_bytes!("../../../domain/tests/measure/data/recorded_crime.csv");
const PEOPLE: &[u8] = include_bytes!("../../../domain/tests/measure/data/population.csv");

pub(crate) const PARTNERSHIPS: [(&str, &str); 6] = [
    ("E22000244", "Gateshead"),
    ("E22000245", "Newcastle upon Tyne"),
    ("E22000246", "North Tyneside"),
    ("E22000358", "Northumberland"),
    ("E22000247", "South Tyneside"),
    ("E22000248", "Sunderland"),
];

pub(crate) fn of(text: &str) -> Period {
    text.parse().unwrap()
}

pub(crate) fn recorded(indicator: &str, code: &str) -> Series {
    let mut reader = csv::Reader::from_reader(RECORDED);
    let rows = reader.records().map(|row| row.unwrap()).filter(|row| &row[0] == indicator && &row[1] == code);
    Series::new(rows.map(|row| (of(&row[3]), row[4].parse().unwrap())).collect::<Vec<_>>())
}

fn people() -> Populations {
    let mut reader = csv::Reader::from_reader(PEOPLE);
    let row = |row: csv::StringRecord| (row[0].parse().unwrap(), row[1].parse().unwrap(), row[2].parse().unwrap());
    Populations::new(reader.records().map(|found| row(found.unwrap())))
}

fn resident(code: &OnsCode) -> Population {
    people().at(code, of("2021-q3")).unwrap()
}

pub(crate) fn bridged() -> Plan {
    Plan {
        bridges: vec![Bridge::new(of("2022-02"), "January 2022 is missing at the source; recording went on").unwrap()],
        ..Plan::default()
    }
}

pub(crate) fn monthly(indicator: &str, code: &str, plan: Plan) -> Chart {
    Chart::new(recorded(indicator, code).points(Length::Months(1)), plan).unwrap()
}

pub(crate) fn control(width: Width) -> Drawing {
    let chart = monthly("burglary", "E22000244", bridged());
    let target = Trajectory::standing(Aim::AtMost, Milestone { period: of("2020-05"), value: Decimal::from(75) });
    let title = "Burglary in Gateshead, by month";
    let (measure, polarity) = (Measure::Amount(Unit::Count), Polarity::LowerIsBetter);
    ControlChart { title, measure, polarity, chart: &chart, target: Some(&target), context: Context::default() }.draw(width).unwrap()
}

/// Anti-social behaviour: restrictions at first, then another process, falling in the end.
pub(crate) fn rebased(width: Width) -> Drawing {
    let points = recorded("anti-social behaviour", "E22000244").points(Length::Months(1));
    let until: Vec<Point> = points.into_iter().filter(|point| point.period < of("2022-01")).collect();
    let plan = Plan {
        rebases: vec![Rebase::new(of("2020-08"), "restrictions eased, and calls are logged in a new system").unwrap()],
        ..Plan::default()
    };
    let chart = Chart::new(until, plan).unwrap();
    let title = "Anti-social behaviour in Gateshead, by month";
    let (measure, polarity) = (Measure::Amount(Unit::Count), Polarity::LowerIsBetter);
    ControlChart { title, measure, polarity, chart: &chart, target: None, context: Context::default() }.draw(width).unwrap()
}

pub(crate) fn comparison(width: Width) -> Drawing {
    let quarter = of("2021-q3");
    let member = |code: &str| {
        let code: OnsCode = code.parse().unwrap();
        let amount = (code.as_str() != "E22000358").then(|| recorded("burglary", code.as_str()).over(quarter).unwrap().value);
        Member { population: Some(resident(&code)), amount, code }
    };
    let members: Vec<Member> = PARTNERSHIPS.iter().map(|(code, _)| member(code)).collect();
    let region = aggregate::rate(&members).unwrap();
    let bars: Vec<Bar> = PARTNERSHIPS
        .iter()
        .zip(&members)
        .map(|((code, name), member)| Bar {
            name: (*name).to_owned(),
            value: member.rate().map(Rate::per_thousand).ok_or_else(|| "expected 31 January 2022".to_owned()),
            own: *code == "E22000244",
        })
        .collect();
    let reference = Reference { name: "Northumbria".to_owned(), value: region.value.per_thousand(), coverage: region.coverage.to_string() };
    let title = "Burglary per 1,000 residents, October to December 2021";
    Comparison { title, measure: Measure::Rate, bars: &bars, reference: Some(&reference) }.draw(width)
}

/// What a partnership's own group looks like: three, itself included.
pub(crate) fn group() -> Reference {
    let code = |text: &str| text.parse::<OnsCode>().unwrap();
    let group = ComparisonGroup::of(code("E22000244"), [code("E22000247"), code("E22000248")]);
    let known: Vec<Member> = group
        .members()
        .iter()
        .map(|code| Member {
            population: Some(resident(code)),
            amount: Some(recorded("burglary", code.as_str()).over(of("2021-q3")).unwrap().value),
            code: code.clone(),
        })
        .collect();
    let average = group.average(&known, of("2021-q3")).unwrap().average;
    Reference { name: "The group's average".to_owned(), value: average.value, coverage: average.coverage.to_string() }
}

pub(crate) fn multiples(width: Width) -> Drawing {
    let rates = |code: &str| {
        let people = resident(&code.parse().unwrap()).people;
        let points = recorded("burglary", code).points(Length::Months(1));
        let rate = |point: &Point| Point::new(point.period, Rate::of(point.value(), people).unwrap().per_thousand());
        Chart::new(points.iter().map(rate).collect(), bridged()).unwrap()
    };
    let charts: Vec<Chart> = PARTNERSHIPS.iter().map(|(code, _)| rates(code)).collect();
    let mut panels: Vec<Panel<'_>> =
        PARTNERSHIPS.iter().zip(&charts).map(|((_, name), chart)| Panel { name, chart: Ok(chart), context: &[] }).collect();
    panels[4].chart = Err(Refusal::SmallNumbers.to_string());
    let title = "Burglary per 1,000 residents, by month";
    Multiples { title, measure: Measure::Rate, polarity: Polarity::LowerIsBetter, panels: &panels, context: Context::default() }
        .draw(width)
        .unwrap()
}

pub(crate) fn progress(width: Width) -> Drawing {
    let series = recorded("burglary", "E22000244");
    let quarters = ["2020-q2", "2020-q3", "2020-q4", "2021-q1", "2021-q2", "2021-q3"].map(of);
    let points: Vec<Point> = quarters.iter().map(|quarter| Point::new(*quarter, series.over(*quarter).unwrap().value)).collect();
    let on = |period: &str, value: i64| Milestone { period: of(period), value: Decimal::from(value) };
    let target = Trajectory::straight(Aim::AtMost, on("2020-q2", 234), on("2022-q2", 180)).unwrap();
    let title = "Burglary in Gateshead against the plan";
    Progress { title, measure: Measure::Amount(Unit::Count), points: &points, target: &target, context: Context::default() }
        .draw(width)
        .unwrap()
}
