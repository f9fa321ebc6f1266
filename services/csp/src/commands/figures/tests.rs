//! What cells of figures become.

use super::*;

const REGION: &str = "regions/northumbria";

fn grid(text: &str) -> Grid {
    Grid::Csv(csp_sheet::csv::read(text).unwrap().table)
}

fn from(text: &str) -> Result<FromFiles, Vec<String>> {
    read(Some(("figures.csv", grid(text))), None, REGION)
        .map_err(|error| error.violations.iter().map(|v| format!("{}: {}", v.place, v.fault)).collect())
}

fn book(rows: &[&[Value]]) -> Grid {
    let cell = |(column, value): (u32, &Value)| Cell { column, value: value.clone(), computed: false };
    let rows = (1..).zip(rows).map(|(number, values)| Row { number, hidden: false, cells: (0..).zip(*values).map(cell).collect() });
    Grid::Workbook(vec![csp_sheet::Table { name: "F".into(), rows: rows.collect(), ..Default::default() }])
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

#[test]
fn a_number_of_a_workbook_is_its_digits() {
    let number = |digits: &str, shown: &str| Value::Number { digits: digits.into(), shown: shown.into() };
    let head = [text("indicator"), text("value")];
    let rows = [[text("burglary"), number("1.125", "1.125")], [text("robbery"), number("-1.125", "-£1.125")]];
    let read = read(Some(("f.xlsx", book(&[&head, &rows[0], &rows[1]]))), None, REGION).unwrap();
    let answers: Vec<_> = read.figures.figures.iter().map(|figure| figure.answer.clone().unwrap()).collect();
    assert_eq!(answers, [Answer::Value("1.125".into()), Answer::Value("-1.125".into())]);
    assert_eq!(read.pounds, BTreeSet::from([1]));
    for (value, fault) in [(number("0.61", "61%"), "is a percentage"), (number("5", "€5"), "another currency"), (text("1.125"), "can be")]
    {
        let row = [text("burglary"), value];
        let error = super::read(Some(("f.xlsx", book(&[&head, &row]))), None, REGION).unwrap_err();
        assert!(error.violations[0].fault.contains(fault), "{:?}", error.violations);
    }
}

#[test]
fn no_column_is_empty_because_nobody_worked_it_out() {
    let columns = ["indicator", "value", "period", "note", "status", "reason"];
    let head = columns.map(text);
    for (index, column) in (0_usize..).zip(["indicator", "value", "period", "note", "status", "reason"]) {
        let place = format!("f.xlsx:F!{}2", ["A", "B", "C", "D", "E", "F"][index]);
        for (value, fault) in [(Value::Unknown, "was not saved with the file"), (Value::Error("#REF!".into()), "holds #REF!")] {
            let mut row = ["burglary", "1", "2021-q3", "why", "reported", "why"].map(text);
            row[index] = value;
            let (read, violations) = read_what_is_good(Some(("f.xlsx", book(&[&head, &row]))), None, REGION).unwrap();
            let told = violations.iter().filter(|v| v.place == place);
            assert!(told.clone().count() == 1 && told.clone().all(|v| v.fault.contains(fault)), "{column}: {violations:?}");
            assert!(read.figures.figures.is_empty());
        }
    }
}

#[test]
fn a_quoted_figure_with_a_fault_is_left_out_and_the_others_keep_their_places() {
    let head = ["subject", "value", "source"].map(text);
    let bad = [text("Fear"), Value::Error("#DIV/0!".into()), text("MORI")];
    let worse = [text("Fear"), text("1%"), Value::Unknown];
    let good = ["Trust", "61%", "MORI"].map(text);
    let (read, violations) = read_what_is_good(None, Some(("q.xlsx", book(&[&head, &bad, &worse, &good]))), REGION).unwrap();
    assert_eq!(violations.iter().map(|v| v.place.as_str()).collect::<Vec<_>>(), ["q.xlsx:F!B2", "q.xlsx:F!C3"]);
    assert_eq!(read.figures.quoted_figures.iter().map(|quoted| quoted.subject.as_str()).collect::<Vec<_>>(), ["Trust"]);
    assert_eq!(read.place("answer.figures.quoted_figures[0].value"), "q.xlsx:F!B4");
}

#[test]
fn every_status_becomes_its_own_answer() {
    let text = "indicator,value,status,expected_date,reason,provisional,note\n\
                burglary,12,,,,yes,restrictions\n\
                robbery,0,reported,,,,\n\
                hate,,nil,,,,\n\
                theft,,late,2022-01-31,,,\n\
                weapons,,Withheld,,\"a case, in court\",no,\n\
                arson,,not applicable,,,,\n";
    let figures = from(text).unwrap().figures.figures;
    let answers: Vec<_> = figures.iter().map(|f| f.answer.clone().unwrap()).collect();
    assert_eq!(
        answers,
        [
            Answer::Value("12".into()),
            Answer::Value("0".into()),
            Answer::Nil(v1::Nil {}),
            Answer::Late(v1::Late { expected_date: "2022-01-31".into() }),
            Answer::Withheld(v1::Withheld { reason: "a case, in court".into() }),
            Answer::NotApplicable(v1::NotApplicable {}),
        ]
    );
    assert_eq!(figures[0].indicator, "regions/northumbria/indicators/burglary");
    assert!(figures[0].provisional && !figures[1].provisional);
    assert_eq!(figures[0].note, "restrictions");
}

#[test]
fn missing_never_becomes_an_answer_and_nothing_written_is_dropped() {
    let text = "indicator,value,status,expected_date,reason,provisional\n\
                burglary,,,,,\n\
                robbery,0,nil,,,\n\
                hate,1,,2022-01-31,,\n\
                theft,,late,2022-01-31,why,\n\
                arson,,gone,,,perhaps\n\
                ,5,,,,\n";
    assert_eq!(
        from(text).unwrap_err(),
        [
            "figures.csv:2: value: is empty, which is no answer. Write a number here, or nil, late, withheld or not_applicable under status",
            "figures.csv:3: value: “0” cannot stand beside the status nil: one or the other",
            "figures.csv:4: expected_date: stands only beside the status late",
            "figures.csv:5: reason: stands only beside the status withheld; anything else to say is a note",
            "figures.csv:6: provisional: “perhaps” is neither yes nor no",
            "figures.csv:6: status: “gone” is not known. Known are: reported, nil, late, withheld, not_applicable",
            "figures.csv:7: indicator: is empty: which indicator is this?",
        ]
    );
}

#[test]
fn a_fault_the_server_finds_is_shown_at_its_line() {
    let figures = ("figures.csv", grid("indicator,value\n\nburglary,1\nrobbery,1.5\n"));
    let quoted = ("quoted.csv", grid("subject,value,source\nSatisfaction,61%,MORI\n"));
    let read = read(Some(figures), Some(quoted), REGION).unwrap();
    assert_eq!(read.place("answer.figures[1].value"), "figures.csv:4: value");
    assert_eq!(read.place("answer.figures.figures[0].late.expected_date"), "figures.csv:3: expected_date");
    assert_eq!(read.place("answer.figures.figures[0].answer"), "figures.csv:3: value");
    assert_eq!(read.place("answer.figures.figures[0]"), "figures.csv:3");
    assert_eq!(read.in_lines("answers a second time; figures[1] does already"), "answers a second time; line 4 does already");
    assert_eq!(read.place("answer.figures.quoted_figures[0].source"), "quoted.csv:2: source");
    assert_eq!(read.place("answer.nil.statement"), "--nil");
    assert_eq!(read.place("answer.figures"), "answer.figures".to_owned());
}

#[test]
fn numbers_are_taken_as_people_write_them_and_asked_about_where_they_can_be_two() {
    let text = "indicator;value;status;expected_date\n\
                burglary;1,234;;\n\
                grant;£96,466;;\n\
                hate;none;;\n\
                arson;n/a;;\n\
                theft;;late;31/01/2022\n";
    let read = from(text).unwrap();
    let answers: Vec<_> = read.figures.figures.iter().map(|f| f.answer.clone().unwrap()).collect();
    let late = Answer::Late(v1::Late { expected_date: "2022-01-31".into() });
    assert_eq!(
        answers,
        [
            Answer::Value("1234".into()),
            Answer::Value("96466".into()),
            Answer::Nil(v1::Nil {}),
            Answer::NotApplicable(v1::NotApplicable {}),
            late
        ]
    );
    let catalogue = |unit: v1::Unit| v1::Indicator {
        name: format!("{REGION}/indicators/grant"),
        display_name: "Grants".into(),
        unit: unit as i32,
        ..Default::default()
    };
    assert!(read.has_money() && read.faults_of_money(&[catalogue(v1::Unit::Pounds)]).is_empty());
    assert_eq!(read.faults_of_money(&[catalogue(v1::Unit::Count)])[0].1.place, "figures.csv:3: value");
    let faults = from("indicator;value\nburglary;1.234\nrobbery;61 %\nhate;12 of 34\ntheft;3-4\n").unwrap_err();
    let says = ["1.234” can be 1234", "is a percentage", "Report 12 and 34 each", "is two numbers"];
    assert_eq!(faults.len(), says.len());
    assert!(faults.iter().zip(says).all(|(fault, says)| fault.contains(says)), "{faults:#?}");
}

#[test]
fn a_line_of_the_template_that_may_stay_empty_does() {
    let text = "indicator,needed,last_year,value\nburglary,yes,9,1\nburglary,if you have it,,\nrobbery,yes,,\n";
    let faults = from(text).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("figures.csv:4: value: is empty"), "{faults:?}");
    let text = "indicator,needed,value\nburglary,if you have it,\nrobbery,yes,x2\nhate,yes,3\n";
    let (read, faults) = read_what_is_good(Some(("figures.csv", grid(text))), None, REGION).unwrap();
    assert_eq!((read.figures.figures.len(), faults.len()), (1, 1));
    // Places go by rows of the file, however many were left out before.
    assert_eq!(read.place("answer.figures.figures[0].value"), "figures.csv:4: value");
}

#[test]
fn lines_without_a_period_get_the_cycles_own() {
    let mut read = from("indicator,period,value\nburglary,,1\nburglary,2020-q3,2\n").unwrap();
    assert!(read.lacks_a_period());
    read.fill_period("2021-q3");
    let periods: Vec<_> = read.figures.figures.iter().map(|f| f.period.as_str()).collect();
    assert_eq!(periods, ["2021-q3", "2020-q3"]);
    assert!(!read.lacks_a_period());
}
