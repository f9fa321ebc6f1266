//! Sending figures in.

use csp_proto::v1::{self, figure::Answer, r#return::Content};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Server},
    world::{self, CYCLE, GATESHEAD},
};

const FILE: &str = "indicator,period,value,status,expected_date,reason,provisional,note\n\
                    burglary,,12,,,,yes,\n\
                    burglary,2020-q3,9,,,,,restrictions in force\n\
                    robbery,,,late,2022-01-31,,,\n";

/// Keeps what is sent, as the real server would answer it.
fn accepting(server: &Server) {
    let kept = |answer: Option<v1::Return>| {
        let mut answer = answer.expect("a return");
        answer.name = format!("{GATESHEAD}/returns/citizen-focus.2021-q3");
        answer.state = v1::ReturnState::Submitted as i32;
        answer.submitter = "regions/northumbria/persons/jo-brown".into();
        answer.submit_time = world::time("2022-01-10T09:00:00Z");
        answer.revision += 1;
        answer.etag = format!("v{}", answer.revision);
        answer
    };
    server.on("ReturnService/CreateReturn", move |q: v1::CreateReturnRequest| Ok(kept(q.answer)));
    server.on("ReturnService/UpdateReturn", move |q: v1::UpdateReturnRequest| Ok(kept(q.answer)));
}

fn figures(answer: v1::Return) -> v1::Figures {
    match answer.content {
        Some(Content::Figures(figures)) => figures,
        other => panic!("no figures: {other:?}"),
    }
}

#[tokio::test]
async fn an_officer_sends_figures_in_with_nothing_but_the_file() {
    let server = world::officer().await;
    accepting(&server);
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let outcome = desk.run(["return", "submit", &file, "--remark", "one is late"]).await;
    assert!(outcome.stderr.contains("Received: 3 figures."), "{}", outcome.stderr);
    let page = outcome.ok();
    assert!(page.contains("late, expected 31 Jan 2022") && page.contains("provisional"), "{page}");

    let sent: v1::CreateReturnRequest = server.only("ReturnService/CreateReturn");
    assert_eq!(sent.parent, GATESHEAD);
    assert!(!sent.validate_only);
    let answer = sent.answer.expect("a return");
    assert_eq!((answer.cycle.as_str(), answer.remark.as_str()), (CYCLE, "one is late"));
    let figures = figures(answer).figures;
    assert_eq!(figures[0].indicator, "regions/northumbria/indicators/burglary");
    assert_eq!(figures[0].answer, Some(Answer::Value("12".into())));
    // What names no period is about the cycle's own.
    let periods: Vec<_> = figures.iter().map(|figure| figure.period.as_str()).collect();
    assert_eq!(periods, ["2021-q3", "2020-q3", "2021-q3"]);
}

#[tokio::test]
async fn a_dry_run_says_that_nothing_was_sent_in() {
    let server = world::officer().await;
    accepting(&server);
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let outcome = desk.run(["return", "submit", &file, "--dry-run"]).await;
    assert!(outcome.stderr.contains("Nothing was sent in."), "{}", outcome.stderr);
    assert!(server.only::<v1::CreateReturnRequest>("ReturnService/CreateReturn").validate_only);
}

/// As the server asks about burglary.
fn far(name: &str, explanation: Option<&str>) -> v1::Finding {
    v1::Finding {
        name: if name.is_empty() { String::new() } else { format!("{name}/findings/far-from-last-year.burglary") },
        rule: "regions/northumbria/checkRules/far-from-last-year".into(),
        strength: v1::CheckStrength::Query as i32,
        indicator: "regions/northumbria/indicators/burglary".into(),
        field: "answer.figures.figures[0]".into(),
        text: "Burglary for Q3 2021/22 is far from the period it is set beside: 120, a year earlier 9.".into(),
        printed: false,
        explanation: explanation.map(|note| v1::Explanation {
            note: note.into(),
            person: "regions/northumbria/persons/jo-brown".into(),
            time: world::time("2022-01-10T09:00:00Z"),
        }),
    }
}

#[tokio::test]
async fn what_is_asked_about_is_said_at_its_line_before_anything_is_sent() {
    let server = world::officer().await;
    accepting(&server);
    server.on("ReturnService/GetReturn", |_: v1::GetReturnRequest| Err::<v1::Return, _>(Status::not_found("there is no such return")));
    server.on("CheckService/CheckReturn", |q: v1::CheckReturnRequest| {
        assert_eq!(figures(q.answer.unwrap()).figures.len(), 3);
        Ok(v1::CheckReturnResponse { findings: vec![far("", None)] })
    });
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let outcome = desk.run(["return", "check", &file, "--output", "json"]).await;
    assert!(
        outcome.stderr.contains("figures.csv:2: Burglary for Q3 2021/22 is far from the period it is set beside"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("1 query is open: mend the figure, or explain it"), "{}", outcome.stderr);
    let json: serde_json::Value = serde_json::from_str(&outcome.ok()).unwrap();
    assert_eq!(json["findings"][0]["strength"], "CHECK_STRENGTH_QUERY");
    assert_eq!(json["figures"]["figures"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_column_explanation_answers_what_is_asked_about_its_line() {
    let server = world::officer().await;
    accepting(&server);
    server.on("CheckService/ListFindings", |q: v1::ListFindingsRequest| {
        Ok(v1::ListFindingsResponse { findings: vec![far(&q.parent, None)] })
    });
    server.on("CheckService/ExplainFinding", |q: v1::ExplainFindingRequest| {
        Ok(far(q.name.split("/findings/").next().unwrap(), Some(&q.note)))
    });
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", "indicator,value,explanation\nrobbery,3,\nburglary,120,\"One gang, arrested.\"\n");
    let outcome = desk.run(["return", "submit", &file]).await;
    assert!(outcome.stderr.contains("Explained from the file: 1 query."), "{}", outcome.stderr);
    let sent: v1::ExplainFindingRequest = server.only("CheckService/ExplainFinding");
    assert_eq!(sent.note, "One gang, arrested.");
    assert!(sent.name.ends_with("/returns/citizen-focus.2021-q3/findings/far-from-last-year.burglary"), "{}", sent.name);
}

#[tokio::test]
async fn a_query_is_explained_by_its_short_name_and_shown_with_its_answer() {
    let server = world::officer().await;
    server.on("CheckService/ExplainFinding", |q: v1::ExplainFindingRequest| {
        Ok(far(q.name.split("/findings/").next().unwrap(), Some(&q.note)))
    });
    let desk = Desk::at(&server);
    let outcome = desk.run(["return", "explain", "far-from-last-year.burglary", "--note", "One gang."]).await;
    assert!(outcome.stderr.contains("Explained: 1 query."), "{}", outcome.stderr);
    assert!(outcome.ok().contains("Explained by jo-brown, Mon 10 Jan 2022"));
    let sent: v1::ExplainFindingRequest = server.only("CheckService/ExplainFinding");
    assert_eq!(sent.name, format!("{GATESHEAD}/returns/citizen-focus.2021-q3/findings/far-from-last-year.burglary"));
    server.on("CheckService/ExplainFinding", |_: v1::ExplainFindingRequest| {
        Err::<v1::Finding, _>(Status::not_found("there is no such finding"))
    });
    let said = desk.run(["return", "explain", "unchanged.burglary", "--note", "No."]).await.failed(5);
    assert!(said.contains("csp return findings"), "{said}");
}

#[tokio::test]
async fn rules_are_listed_with_what_they_say_and_who_changed_them() {
    let server = world::officer().await;
    server.on("CheckService/ListCheckRules", |q: v1::ListCheckRulesRequest| {
        let rule = v1::CheckRule {
            name: format!("{}/checkRules/unchanged", q.parent),
            says: "is unchanged to the digit".into(),
            how: "Of 50 or more.".into(),
            default_strength: v1::CheckStrength::Query as i32,
            strength: v1::CheckStrength::Off as i32,
            fixed: false,
            reason: "Our survey is yearly.".into(),
            setter: "regions/northumbria/persons/ann-ray".into(),
            set_time: world::time("2022-01-10T09:00:00Z"),
        };
        Ok(v1::ListCheckRulesResponse { rules: vec![rule] })
    });
    let page = Desk::at(&server).run(["checks", "list"]).await.ok();
    assert!(
        page.starts_with("unchanged  off\n  … is unchanged to the digit.\n  Of 50 or more.\n  Otherwise query. Set by ann-ray, "),
        "{page}"
    );
}

#[tokio::test]
async fn a_nil_return_is_a_statement() {
    let server = world::officer().await;
    accepting(&server);
    let outcome = Desk::at(&server).run(["return", "submit", "--nil", "No incidents were recorded."]).await;
    assert!(outcome.stderr.contains("Received: nil return."), "{}", outcome.stderr);
    let sent: v1::CreateReturnRequest = server.only("ReturnService/CreateReturn");
    let statement = "No incidents were recorded.".to_owned();
    assert_eq!(sent.answer.unwrap().content, Some(Content::Nil(v1::NilReturn { statement })));
}

#[tokio::test]
async fn figures_that_somebody_else_stated_come_from_a_second_file() {
    let server = world::officer().await;
    accepting(&server);
    let desk = Desk::at(&server);
    let quoted = desk.file("quoted.csv", "subject,value,source\nSatisfaction,61%,\"MORI, 2021\"\n");
    desk.run(["return", "submit", "--quoted", &quoted]).await.ok();
    let sent: v1::CreateReturnRequest = server.only("ReturnService/CreateReturn");
    let figures = figures(sent.answer.unwrap());
    let expected =
        v1::QuotedFigure { subject: "Satisfaction".into(), value: "61%".into(), source: "MORI, 2021".into(), period: "2021-q3".into() };
    assert_eq!(figures.quoted_figures, [expected]);
}

#[tokio::test]
async fn faults_the_server_finds_are_shown_at_their_lines() {
    let server = world::officer().await;
    server.on("ReturnService/CreateReturn", |_: v1::CreateReturnRequest| {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("answer.figures.figures[0].value", "must be a whole number");
        details.add_bad_request_violation("answer.figures.figures[2].late.expected_date", "must be a day to come");
        Err::<v1::Return, _>(Status::with_error_details(Code::InvalidArgument, "the return was refused", details))
    });
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let said = desk.run(["return", "submit", &file]).await.failed(3);
    assert!(said.contains("figures.csv:2: value: must be a whole number\n"), "{said}");
    assert!(said.contains("figures.csv:4: expected_date: must be a day to come\n"), "{said}");
}

#[tokio::test]
async fn a_file_that_cannot_be_understood_is_not_sent() {
    let server = world::officer().await;
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", "indicator,vlaue\nburglary,1\n");
    let said = desk.run(["return", "submit", &file]).await.failed(3);
    assert!(said.contains("the column “vlaue” is not known"), "{said}");
    let said = desk.run(["return", "submit", "nowhere.csv"]).await.failed(2);
    assert!(said.contains("There is no file nowhere.csv."), "{said}");
    assert!(server.asked("ReturnService/CreateReturn").is_empty());
}

/// Whoever mends a file mends it once.
#[tokio::test]
async fn what_csp_finds_and_what_the_server_would_find_is_told_together() {
    let server = world::officer().await;
    accepting(&server);
    server.on("CheckService/CheckReturn", |q: v1::CheckReturnRequest| {
        assert_eq!((q.parent.as_str(), figures(q.answer.unwrap()).figures.len()), (GATESHEAD, 2));
        let details = ErrorDetails::with_bad_request_violation("answer.figures.figures[1].indicator", "is not in the catalogue");
        Err::<v1::CheckReturnResponse, _>(Status::with_error_details(Code::InvalidArgument, "the return was refused", details))
    });
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", "indicator,value\nburglary,12\nrobbery,3-4\nunheard-of,5\n");
    for command in ["submit", "correct", "check"] {
        let said = desk.run(["return", command, &file]).await.failed(3);
        assert!(said.contains(&format!("{file}:3: value: “3-4” is two numbers")), "{said}");
        assert!(said.contains(&format!("{file}:4: indicator: is not in the catalogue")), "{said}");
    }
    assert!(server.asked("ReturnService/CreateReturn").is_empty() && server.asked("ReturnService/UpdateReturn").is_empty());
}

#[tokio::test]
async fn when_there_is_a_return_already_the_way_to_correct_it_is_shown() {
    let server = world::officer().await;
    server.on("ReturnService/CreateReturn", |_: v1::CreateReturnRequest| {
        Err::<v1::Return, _>(Status::already_exists("there is a return for this cycle"))
    });
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let said = desk.run(["return", "submit", &file]).await.failed(6);
    assert!(said.contains(&format!("csp return correct {file} --cycle citizen-focus/2021-q3")), "{said}");
}

#[tokio::test]
async fn a_correction_takes_the_place_of_what_was_and_notices_other_hands() {
    let server = world::officer().await;
    accepting(&server);
    server.on("ReturnService/GetReturn", |q: v1::GetReturnRequest| {
        assert_eq!(q.name, format!("{GATESHEAD}/returns/citizen-focus.2021-q3"));
        let name = q.name;
        Ok(v1::Return { name, cycle: CYCLE.into(), remark: "kept".into(), etag: "v7".into(), revision: 1, ..Default::default() })
    });
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", FILE);
    let outcome = desk.run(["return", "correct", &file]).await;
    assert!(outcome.stderr.contains("Corrected: 3 figures.") && outcome.stderr.contains("new      burglary for"), "{}", outcome.stderr);
    // A part of it would take back the answers of the lines that are left out.
    let said = desk.run(["return", "correct", &file, "--partial"]).await.failed(2);
    assert!(said.contains("would be taken back") && server.asked("ReturnService/UpdateReturn").len() == 1, "{said}");
    let sent: v1::UpdateReturnRequest = server.only("ReturnService/UpdateReturn");
    let answer = sent.answer.unwrap();
    assert_eq!((answer.etag.as_str(), answer.remark.as_str()), ("v7", "kept"));
    assert_eq!(figures(answer).figures.len(), 3);
}

#[tokio::test]
async fn taking_a_return_back_is_asked_about() {
    let server = world::officer().await;
    let get = |q: v1::GetReturnRequest| Ok(v1::Return { name: q.name, etag: "v1".into(), ..Default::default() });
    server.on("ReturnService/GetReturn", get);
    server.on("ReturnService/WithdrawReturn", |q: v1::WithdrawReturnRequest| {
        Ok(v1::Return { name: q.name, state: v1::ReturnState::Withdrawn as i32, ..Default::default() })
    });
    let mut desk = Desk::at(&server);
    let said = desk.run(["return", "withdraw"]).await.failed(2);
    assert!(said.contains("--yes"), "{said}");
    desk.typing("no\n").run(["return", "withdraw"]).await.failed(2);
    assert!(server.asked("ReturnService/WithdrawReturn").is_empty());
    desk.typing("yes\n").run(["return", "withdraw"]).await.ok();
    desk.run(["return", "withdraw", "--yes"]).await.ok();
    assert_eq!(server.asked("ReturnService/WithdrawReturn")[0].message::<v1::WithdrawReturnRequest>().etag, "v1");
}

/// What Gateshead answered a quarter ago, and one figure of a year ago.
fn with_a_past(server: &Server) {
    server.on("ReturnService/ListReturns", |q: v1::ListReturnsRequest| {
        assert_eq!(q.parent, GATESHEAD);
        let figure = |indicator: &str, period: &str, value: &str| v1::Figure {
            indicator: format!("regions/northumbria/indicators/{indicator}"),
            period: period.into(),
            answer: Some(Answer::Value(value.into())),
            ..Default::default()
        };
        let content = |figures| Some(Content::Figures(v1::Figures { figures, quoted_figures: Vec::new() }));
        let before = vec![figure("burglary", "2021-q2", "1234"), figure("burglary", "2020-q3", "9"), figure("robbery", "2021-q2", "7")];
        let withdrawn = vec![figure("robbery", "2020-q3", "999")];
        let returns = vec![
            // Of a quarter that is over, its paper has been printed.
            v1::Return { content: content(before), state: v1::ReturnState::Frozen as i32, ..Default::default() },
            v1::Return { content: content(withdrawn), state: v1::ReturnState::Withdrawn as i32, ..Default::default() },
        ];
        Ok(v1::ListReturnsResponse { returns, next_page_token: String::new() })
    });
}

#[tokio::test]
async fn the_template_sets_last_quarter_and_last_year_beside_what_it_asks_and_can_be_sent_back() {
    let server = world::officer().await;
    accepting(&server);
    with_a_past(&server);
    let desk = Desk::at(&server);
    let outcome = desk.run(["return", "template"]).await;
    assert!(outcome.stderr.contains("burglary") && outcome.stderr.contains("Burglary"), "{}", outcome.stderr);
    let template = outcome.ok();
    // Of robbery nobody has told last year's; what was withdrawn was not told.
    assert_eq!(
        template,
        "indicator,measure,unit,period,needed,last_quarter,last_year,value,status,expected_date,reason,provisional,note,explanation\n\
         burglary,Burglary,count,2021-q3,yes,1234,9,,,,,,,\n\
         robbery,,,2021-q3,yes,7,,,,,,,,\n\
         robbery,,,2020-q3,if you have it,,,,,,,,,\n"
    );
    // Left empty, each line that is needed is a fault; filled in, it goes, and what stands beside does not.
    let file = desk.file("figures.csv", &template);
    let said = desk.run(["return", "submit", &file]).await.failed(3);
    assert_eq!(said.matches("is empty, which is no answer").count(), 2, "{said}");
    let file = desk.file("figures.csv", &template.replace("9,,,,,,", "9,5,,,,,").replace("7,,,,,,,", "7,,n/a,,,,,"));
    desk.run(["return", "submit", &file]).await.ok();
    let sent: v1::CreateReturnRequest = server.only("ReturnService/CreateReturn");
    let sent = figures(sent.answer.unwrap()).figures;
    let answers: Vec<_> = sent.iter().map(|figure| (figure.period.as_str(), figure.answer.clone().unwrap())).collect();
    assert_eq!(answers, [("2021-q3", Answer::Value("5".into())), ("2021-q3", Answer::NotApplicable(v1::NotApplicable {}))]);
}

#[tokio::test]
async fn the_template_as_a_workbook_is_filled_in_checked_and_sent() {
    let server = world::officer().await;
    accepting(&server);
    with_a_past(&server);
    server.on("PartnershipService/GetPartnership", |q: v1::GetPartnershipRequest| {
        Ok(v1::Partnership { name: q.name, display_name: "Safer Gateshead".into(), ..Default::default() })
    });
    server.on("ReturnService/GetReturn", |_: v1::GetReturnRequest| Err::<v1::Return, _>(Status::not_found("there is no such return")));
    let desk = Desk::at(&server);
    let file = desk.folder.path().join("figures.xlsx").display().to_string();
    let outcome = desk.run(["return", "template", "--to", &file]).await;
    assert!(outcome.stderr.contains(&format!("csp return submit {file}")), "{}", outcome.stderr);
    outcome.ok();
    let said = desk.run(["return", "check", &file]).await.failed(3);
    assert!(said.contains("figures.xlsx:Figures!H5: is empty, which is no answer"), "{said}");
    assert!(said.contains("figures.xlsx:Figures!H6: is empty") && !said.contains("Figures!H7"), "{said}");
    // The workbook as somebody would fill it in.
    let book = csp_sheet::xlsx::read(&std::fs::read(&file).unwrap()).unwrap();
    let (given, explained) = (&book.sheets[0], &book.sheets[1]);
    assert_eq!((given.name.as_str(), explained.name.as_str()), ("Figures", "How to fill this in"));
    assert!(given.rows[0].cells[0].value.text().starts_with("Figures of Safer Gateshead for Citizen Focus Committee, Q3 2021/22"));
    let column = |head: &str| csp_sheet::form::Column { head: head.into(), width: 10, fill: csp_sheet::form::Fill::Words(300) };
    let filled = csp_sheet::form::Form {
        sheet: "Figures".into(),
        explanation_sheet: "Help".into(),
        columns: ["Indicator", "Period", "Value", "Status", "Expected date"].map(column).to_vec(),
        rows: vec![
            ["burglary", "", "1,234", "", ""].map(str::to_owned).to_vec(),
            ["robbery", "", "", "late", "31/01/2022"].map(str::to_owned).to_vec(),
        ],
        ..Default::default()
    };
    std::fs::write(&file, filled.write().unwrap()).unwrap();
    let outcome = desk.run(["return", "check", &file]).await;
    assert!(outcome.stderr.contains("Nothing was sent in."), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("new      burglary for 2021-q3: 1234"), "{}", outcome.stderr);
    outcome.ok();
    desk.run(["return", "submit", &file]).await.ok();
    let asked = server.asked("ReturnService/CreateReturn");
    let modes: Vec<bool> = asked.iter().map(|asked| asked.message::<v1::CreateReturnRequest>().validate_only).collect();
    assert_eq!(modes, [true, false]);
    let sent = figures(asked[1].message::<v1::CreateReturnRequest>().answer.unwrap()).figures;
    assert_eq!(sent[1].answer, Some(Answer::Late(v1::Late { expected_date: "2022-01-31".into() })));
}

#[tokio::test]
async fn of_a_file_with_bad_lines_the_good_ones_go_when_that_is_asked_for() {
    let server = world::officer().await;
    accepting(&server);
    let kept = |q: v1::CreateReturnRequest| {
        let figures = figures(q.answer.clone().unwrap());
        let mut details = ErrorDetails::new();
        for (index, figure) in figures.figures.iter().enumerate() {
            if figure.answer == Some(Answer::Value("1.5".into())) {
                details.add_bad_request_violation(format!("answer.figures.figures[{index}].value"), "must be a whole number");
            }
        }
        if details.bad_request().is_some() {
            return Err(Status::with_error_details(Code::InvalidArgument, "the return was refused", details));
        }
        Ok(q.answer.unwrap())
    };
    server.on("ReturnService/CreateReturn", kept);
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", "indicator,value\nburglary,3-4\nrobbery,1.5\nhate,7\n");
    let said = desk.run(["return", "submit", &file]).await.failed(3);
    assert!(said.contains("figures.csv:2: value: “3-4” is two numbers") && server.asked("ReturnService/CreateReturn").is_empty(), "{said}");
    let outcome = desk.run(["return", "submit", &file, "--partial"]).await;
    assert!(outcome.stdout.contains("hate") && !outcome.stdout.contains("robbery"), "{}", outcome.stdout);
    let said = outcome.failed(9);
    assert!(
        said.contains("A part was sent in.") && said.contains("figures.csv:2: value") && said.contains("figures.csv:3: value"),
        "{said}"
    );
    let asked = server.asked("ReturnService/CreateReturn");
    let last = asked.last().unwrap().message::<v1::CreateReturnRequest>();
    assert!(!last.validate_only);
    assert_eq!(figures(last.answer.unwrap()).figures.len(), 1);
    // A good line there must be.
    let file = desk.file("figures.csv", "indicator,value\nrobbery,1.5\n");
    let said = desk.run(["return", "submit", &file, "--partial"]).await.failed(3);
    assert!(said.contains("No line of the figures can be sent."), "{said}");
}

#[tokio::test]
async fn money_where_things_are_counted_is_asked_about() {
    let server = world::officer().await;
    accepting(&server);
    let desk = Desk::at(&server);
    let file = desk.file("figures.csv", "indicator;value\nburglary;£96,466\n");
    let said = desk.run(["return", "submit", &file]).await.failed(3);
    assert!(said.contains("figures.csv:2: value: is an amount of money (£), and “Burglary” is measured by counting"), "{said}");
}

#[tokio::test]
async fn files_that_are_no_files_of_figures_are_refused_in_a_sentence() {
    let server = world::officer().await;
    let desk = Desk::at(&server);
    let locked: Vec<u8> =
        [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    for (name, bytes, says) in [
        ("locked.xlsx", locked, "is locked with a password"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "is of an older kind"),
        ("cut.xlsx", b"PK\x03\x04\x14".to_vec(), "is damaged"),
        ("text.xlsx", b"indicator,value\n".to_vec(), "is not a file of Excel"),
        ("empty.xlsx", Vec::new(), "is empty"),
    ] {
        let file = desk.folder.path().join(name).display().to_string();
        std::fs::write(&file, bytes).unwrap();
        let said = desk.run(["return", "submit", &file]).await.failed(3);
        assert!(said.contains(&format!("{name}: {says}")), "{said}");
    }
    // What Windows wrote is read as Windows wrote it, and that is said.
    accepting(&server);
    let file = desk.folder.path().join("windows.csv").display().to_string();
    std::fs::write(&file, b"indicator,value,note\nburglary,12,Caf\xe9 \x96 closed\n").unwrap();
    let outcome = desk.run(["return", "submit", &file]).await;
    assert!(outcome.stderr.contains("read as Windows-1252"), "{}", outcome.stderr);
    assert!(outcome.ok().contains("Café – closed"));
}
