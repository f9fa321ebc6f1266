//! Setting things up.

use csp_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Server},
    world::{self, CYCLE, REGION, northumbria, role, time},
};

async fn administrator() -> Server {
    northumbria(vec![role(v1::Role::Administrator, "")], vec![]).await
}

#[tokio::test]
async fn who_runs_the_service_says_which_region_is_meant() {
    let server = administrator().await;
    server.on("IdentityService/WhoAmI", |_: v1::WhoAmIRequest| {
        let region = v1::Region { name: "regions/system".into(), display_name: "System".into(), ..Default::default() };
        let me = crate::world::jo(vec![role(v1::Role::SystemAdministrator, "")]);
        Ok(v1::WhoAmIResponse { region: Some(region), ..me })
    });
    let desk = Desk::at(&server);
    for line in
        [["admin", "partnership", "list"], ["admin", "note", "list"], ["indicator", "show", "burglary"], ["wording", "show", "gateshead/7"]]
    {
        let said = desk.run(line).await.failed(2);
        assert!(said.contains("Say which region you mean: --region northumbria"), "{line:?}: {said}");
    }
    assert!(server.asked("PartnershipService/ListPartnerships").is_empty());
    server.on("PartnershipService/ListPartnerships", |q: v1::ListPartnershipsRequest| {
        assert_eq!(q.parent, REGION);
        Ok(v1::ListPartnershipsResponse::default())
    });
    desk.run(["admin", "partnership", "list", "--region", "northumbria"]).await.ok();
}

#[tokio::test]
async fn a_new_tokens_secret_stands_alone_on_the_standard_output() {
    let server = administrator().await;
    server.on("PersonService/CreateToken", |q: v1::CreateTokenRequest| {
        assert_eq!(q.parent, format!("{REGION}/persons/sam-hill"));
        let token = v1::Token { name: format!("{}/tokens/4", q.parent), ..q.token.unwrap() };
        Ok(v1::CreateTokenResponse { token: Some(token), secret: "csp_the_secret".into() })
    });
    let desk = Desk::at(&server);
    let outcome = desk.run(["admin", "token", "create", "sam-hill", "--label", "laptop", "--expires", "2022-06-30"]).await;
    assert!(outcome.stderr.contains("cannot be shown again") && !outcome.stderr.contains("csp_the_secret"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("Thu 30 Jun 2022, 23:59"), "{}", outcome.stderr);
    assert_eq!(outcome.ok(), "csp_the_secret\n");
    let sent: v1::CreateTokenRequest = server.only("PersonService/CreateToken");
    assert_eq!(sent.token.unwrap().expire_time, time("2022-06-30T22:59:00Z"));

    let text = desk.run(["admin", "token", "create", "sam-hill", "--label", "x", "--output", "json"]).await.ok();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["secret"], "csp_the_secret");
}

#[tokio::test]
async fn a_token_whose_answer_was_lost_is_explained() {
    let server = administrator().await;
    server.on("PersonService/CreateToken", |_: v1::CreateTokenRequest| {
        Err::<v1::CreateTokenResponse, _>(Status::already_exists("this token was made"))
    });
    let said = Desk::at(&server).run(["admin", "token", "create", "sam-hill", "--label", "x"]).await.failed(6);
    assert!(said.contains("its secret is lost") && said.contains("csp admin token list sam-hill"), "{said}");
}

#[tokio::test]
async fn every_bad_line_of_members_is_named_in_the_file() {
    let server = administrator().await;
    server.on("CommitteeService/ImportMembers", |q: v1::ImportMembersRequest| {
        assert!(q.validate_only);
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("csv line 3", "email: must be an address");
        details.add_bad_request_violation("csv line 7", "is there twice");
        Err::<v1::ImportMembersResponse, _>(Status::with_error_details(Code::InvalidArgument, "the file was refused", details))
    });
    let desk = Desk::at(&server);
    let file = desk.file("members.csv", "name,email\n");
    let said = desk.run(["admin", "member", "import", &file, "--committee", "citizen-focus", "--dry-run"]).await.failed(3);
    assert!(said.contains(&format!("{file}:3: email: must be an address\n")), "{said}");
    assert!(said.contains(&format!("{file}:7: is there twice\n")), "{said}");
}

#[tokio::test]
async fn a_committee_is_set_up_with_its_year_and_its_template() {
    let server = administrator().await;
    server.on("CommitteeService/CreateCommittee", |q: v1::CreateCommitteeRequest| {
        let name = format!("{}/committees/{}", q.parent, q.committee_id);
        Ok(v1::Committee { name, ..q.committee.unwrap() })
    });
    let desk = Desk::at(&server);
    // What is printed of one committee serves for another.
    let template = desk.run(["admin", "committee", "template", "citizen-focus"]).await.ok();
    let template = desk.file("paper.toml", &template);
    desk.run([
        "admin",
        "committee",
        "create",
        "cabinet",
        "--name=Cabinet",
        "--partnership=gateshead",
        "--partnership=newcastle",
        "--indicator=robbery",
        "--quarterly-from=2021-q3",
        "--meeting-days=30",
        "--template",
        &template,
    ])
    .await
    .ok();

    let committee = server.only::<v1::CreateCommitteeRequest>("CommitteeService/CreateCommittee").committee.unwrap();
    assert_eq!(committee.partnerships, [format!("{REGION}/partnerships/gateshead"), format!("{REGION}/partnerships/newcastle")]);
    assert_eq!(committee.template, world::committee().template);
    let year = committee.recurrence.unwrap();
    assert_eq!(year.meeting, Some(v1::Offset { days: 30, time: "10:00".into() }));
    assert_eq!(year.deadline, Some(v1::Offset { days: 14, time: "17:00".into() }));
}

#[tokio::test]
async fn a_template_with_a_slip_is_named_with_its_line() {
    let server = administrator().await;
    let desk = Desk::at(&server);
    let file = desk.file("paper.toml", "report_of = \"x\"\ntitel = \"y\"\n");
    let said = desk.run(["admin", "committee", "update", "citizen-focus", "--template", &file]).await.failed(3);
    assert!(said.contains(&format!("{file}:2: ")) && said.contains("titel"), "{said}");
}

#[tokio::test]
async fn moving_a_meeting_sends_only_that_and_notices_other_hands() {
    let server = administrator().await;
    server.on("CommitteeService/UpdateCycle", |q: v1::UpdateCycleRequest| Ok(q.cycle.unwrap()));
    let desk = Desk::at(&server);
    desk.run(["admin", "cycle", "update", "citizen-focus/2021-q3", "--meeting", "2022-06-01 10:00"]).await.ok();
    let sent: v1::UpdateCycleRequest = server.only("CommitteeService/UpdateCycle");
    assert_eq!(sent.update_mask.unwrap().paths, ["meeting_time"]);
    let cycle = sent.cycle.unwrap();
    assert_eq!((cycle.name.as_str(), cycle.etag.as_str()), (CYCLE, "c1"));
    assert_eq!(cycle.meeting_time, time("2022-06-01T09:00:00Z"));
}

/// Takes every indicator but the one that is refused and the one that is there.
fn accepting_indicators(server: &Server) {
    server.on("IndicatorService/CreateIndicator", |q: v1::CreateIndicatorRequest| match q.indicator_id.as_str() {
        "Bad" => {
            let details = ErrorDetails::with_bad_request_violation("indicator_id", "must be lower-case letters");
            Err(Status::with_error_details(Code::InvalidArgument, "the indicator was refused", details))
        }
        "known" => Err(Status::already_exists("there is an indicator known")),
        _ => Ok(v1::Indicator { name: format!("{}/indicators/{}", q.parent, q.indicator_id), ..q.indicator.unwrap_or_default() }),
    });
}

#[tokio::test]
async fn an_import_goes_on_past_bad_lines_and_names_them_all() {
    let server = administrator().await;
    accepting_indicators(&server);
    let desk = Desk::at(&server);
    let text = "id,name,unit,polarity,source\nBad,Bad,count,neither,x\nknown,Known,count,neither,x\nnew,New,days,Lower is better,x\n";
    let file = desk.file("indicators.csv", text);
    let said = desk.run(["admin", "indicator", "import", &file]).await.failed(3);
    assert!(said.contains(&format!("{file}:2: id: must be lower-case letters\n")), "{said}");
    assert!(said.contains(&format!("{file}:3: There is an indicator known.\n")), "{said}");
    assert!(said.contains("1 of 3 lines set up, and stay."), "{said}");
    assert_eq!(server.asked("IndicatorService/CreateIndicator").len(), 3);

    let said = desk.run(["admin", "indicator", "import", &file, "--stop"]).await.failed(3);
    assert!(said.contains("0 of 3 lines"), "{said}");
    assert_eq!(server.asked("IndicatorService/CreateIndicator").len(), 4);

    let file = desk.file("indicators.csv", &text.replace("Bad,", "good,"));
    let page = desk.run(["admin", "indicator", "import", &file, "--skip-existing"]).await.ok();
    assert_eq!(page, "2 set up, 1 there already.\n");
}

#[tokio::test]
async fn the_catalogue_that_comes_with_the_service_is_taken_whole() {
    let server = administrator().await;
    accepting_indicators(&server);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/indicators.csv");
    Desk::at(&server).run(["admin", "indicator", "import", file]).await.ok();
    let asked: Vec<v1::CreateIndicatorRequest> =
        server.asked("IndicatorService/CreateIndicator").into_iter().map(|asked| asked.message()).collect();
    let find = |id: &str| asked.iter().find(|asked| asked.indicator_id == id).unwrap().indicator.clone().unwrap();
    let defined = |id: &str| find(id).definition.unwrap();
    // Anti-social behaviour is no crime, and of what is reported more with more trust neither direction is good.
    assert!(!defined("anti-social-behaviour").crime && defined("burglary").crime);
    for id in ["domestic-abuse", "sexual-offences", "hate-crime", "helpline-calls"] {
        assert!(find(id).polarity == v1::Polarity::Neither as i32 && defined(id).sensitive, "{id}");
    }
    let share = defined("town-centre-violence");
    assert_eq!((share.per, share.decimals, &*share.denominator), (100, 1, "regions/northumbria/indicators/town-centre-crime"));
    // Of what a share is stands above it, or the file could not be imported from top to bottom.
    for (at, asked_for) in asked.iter().enumerate() {
        let whole = asked_for.indicator.as_ref().and_then(|found| found.definition.clone()).unwrap_or_default().denominator;
        let above = asked[..at].iter().any(|earlier| whole.ends_with(&format!("/{}", earlier.indicator_id)));
        assert!(whole.is_empty() || whole == "residents" || above, "{}", asked_for.indicator_id);
    }
}

#[tokio::test]
async fn what_an_indicator_means_is_read_from_a_file_and_every_slip_is_named() {
    let server = administrator().await;
    let desk = Desk::at(&server);
    let text = "id,name,unit,polarity,source,per,of,frequency,sensitive,breaks\n\
        a,A,count,neither,x,ten,A b,weekly,perhaps,2014-04-01\n";
    let file = desk.file("indicators.csv", text);
    let said = desk.run(["admin", "indicator", "import", &file]).await.failed(3);
    for fault in [
        "2: per: “ten” is not a whole number",
        "2: of: “A b” must be the id of an indicator, or residents",
        "2: frequency: “weekly” is not known. Known are: month, quarter, year",
        "2: sensitive: “perhaps” must be yes or no",
        "2: breaks: “2014-04-01” must be a date and what changed on it",
    ] {
        assert!(said.contains(&format!("{file}:{fault}")), "{fault}: {said}");
    }
    assert!(server.asked("IndicatorService/CreateIndicator").is_empty());
}

/// Two lines, with what was so in certain days.
const NOTED: &str = "id,name,unit,polarity,source,notes\n\
    burglary,Burglary,count,lower-is-better,x,2020-11-05..2020-12-02 Restrictions were in force | 2021-10-04 The station was closed\n\
    known,Known,count,neither,x,2021-01-05..2021-03-29 Restrictions were in force\n";

#[tokio::test]
async fn what_must_be_known_beside_figures_comes_with_the_catalogue_and_is_not_entered_twice() {
    let server = administrator().await;
    accepting_indicators(&server);
    server.on("IndicatorService/CreateContextNote", |q: v1::CreateContextNoteRequest| Ok(q.context_note.unwrap_or_default()));
    server.on("IndicatorService/ListContextNotes", |q: v1::ListContextNotesRequest| {
        let closed = v1::ContextNote {
            indicator: format!("{}/indicators/burglary", q.parent),
            start_date: "2021-10-04".into(),
            end_date: "2021-10-04".into(),
            sentence: "The station was closed".into(),
            remove_reason: "It was not".into(),
            ..Default::default()
        };
        Ok(v1::ListContextNotesResponse { context_notes: vec![closed], next_page_token: String::new() })
    });
    let desk = Desk::at(&server);
    let file = desk.file("indicators.csv", NOTED);
    let page = desk.run(["admin", "indicator", "import", &file, "--skip-existing"]).await.ok();
    assert_eq!(page, "1 set up, 1 there already.\n2 context notes entered.\n", "what was removed stays so");
    let sent: Vec<v1::ContextNote> = server
        .asked("IndicatorService/CreateContextNote")
        .into_iter()
        .filter_map(|asked| asked.message::<v1::CreateContextNoteRequest>().context_note)
        .collect();
    let told: Vec<_> = sent.iter().map(|note| (&*note.indicator, &*note.start_date, &*note.end_date, &*note.sentence)).collect();
    assert_eq!(
        told,
        [
            ("regions/northumbria/indicators/burglary", "2020-11-05", "2020-12-02", "Restrictions were in force"),
            ("regions/northumbria/indicators/known", "2021-01-05", "2021-03-29", "Restrictions were in force"),
        ]
    );
    let told = desk.run(["admin", "indicator", "import", &file, "--skip-existing", "--output", "json"]).await.ok();
    assert!(told.contains("\"created\": 1") && told.contains("\"context_notes\": 2"), "{told}");
    // Without it, what is there is refused, and so nothing is said of it.
    let said = desk.run(["admin", "indicator", "import", &file]).await.failed(3);
    assert!(said.contains(&format!("{file}:3: There is an indicator known.")), "{said}");
}

#[tokio::test]
async fn a_slip_in_a_note_of_the_catalogue_is_named_with_its_line() {
    let server = administrator().await;
    accepting_indicators(&server);
    let desk = Desk::at(&server);
    let file = desk.file("indicators.csv", &NOTED.replace("2020-11-05..", "5 November to ").replace("2021-01-05..", "2022-01-05.."));
    let said = desk.run(["admin", "indicator", "import", &file]).await.failed(3);
    for fault in [
        "2: notes: “5 November to 2020-12-02 Restrictions were in force” must be days and what was so, such as 2020-11-05..2020-12-02 ",
        "3: notes: “2022-01-05..2021-03-29 Restrictions were in force” must not end before it begins",
    ] {
        assert!(said.contains(&format!("{file}:{fault}")), "{fault}: {said}");
    }
    assert!(server.asked("IndicatorService/CreateIndicator").is_empty());

    // What only the server can know comes back with the line, too.
    server.on("IndicatorService/ListContextNotes", |_: v1::ListContextNotesRequest| Ok(v1::ListContextNotesResponse::default()));
    server.on("IndicatorService/CreateContextNote", |_: v1::CreateContextNoteRequest| {
        let details = ErrorDetails::with_bad_request_violation("context_note.sentence", "must have a letter or a digit");
        Err::<v1::ContextNote, _>(Status::with_error_details(Code::InvalidArgument, "the request is not valid", details))
    });
    let file = desk.file("indicators.csv", &NOTED.replace("known,", "new,"));
    let said = desk.run(["admin", "indicator", "import", &file]).await.failed(3);
    let fault = "notes: “Restrictions were in force” was not entered, and its indicator is there: must have a letter or a digit";
    assert!(said.contains(&format!("{file}:3: {fault}")) && said.contains("2 of 2 lines set up, and stay."), "{said}");
}

#[tokio::test]
async fn an_import_with_a_word_that_is_no_unit_sends_nothing() {
    let server = administrator().await;
    let desk = Desk::at(&server);
    let file = desk.file("indicators.csv", "id,name,unit,polarity,source\na,A,percent,up,x\n");
    let said = desk.run(["admin", "indicator", "import", &file]).await.failed(3);
    assert!(said.contains("unit: “percent” is not known") && said.contains("polarity: “up” is not known"), "{said}");
    assert!(server.asked("IndicatorService/CreateIndicator").is_empty());
}

#[tokio::test]
async fn a_rule_is_set_with_its_reason_and_a_slip_is_told_by_its_option() {
    let server = administrator().await;
    server.on("CheckService/UpdateCheckRule", |q: v1::UpdateCheckRuleRequest| match q.name.rsplit('/').next() {
        Some("not-a-number") => {
            let details = ErrorDetails::with_bad_request_violation("strength", "must stay error");
            Err(Status::with_error_details(Code::InvalidArgument, "the rule was refused", details))
        }
        Some("unchanged") => Ok(v1::CheckRule {
            name: q.name,
            says: "is unchanged to the digit".into(),
            how: "It may have been copied.".into(),
            default_strength: v1::CheckStrength::Query.into(),
            strength: q.strength,
            fixed: false,
            reason: q.reason,
            setter: "regions/northumbria/persons/sam-hill".into(),
            set_time: time("2022-01-05T10:00:00Z"),
        }),
        _ => Err(Status::not_found("there is no such rule")),
    });
    let desk = Desk::at(&server);
    let page = desk.run(["admin", "rule", "set", "unchanged", "--strength", "off", "--reason", "Our survey is yearly."]).await.ok();
    assert!(page.starts_with("unchanged  off\n") && page.contains("… is unchanged to the digit."), "{page}");
    assert!(page.contains("Otherwise query. Set by sam-hill, Wed 5 Jan 2022, 10:00: Our survey is yearly."), "{page}");
    let sent: v1::UpdateCheckRuleRequest = server.only("CheckService/UpdateCheckRule");
    assert_eq!((sent.name.as_str(), sent.strength()), ("regions/northumbria/checkRules/unchanged", v1::CheckStrength::Off));
    let told = desk.run(["admin", "rule", "set", "unchanged", "--strength", "error", "--reason", "x", "--output", "json"]).await.ok();
    assert!(told.contains("\"strength\": \"CHECK_STRENGTH_ERROR\""), "{told}");

    let said = desk.run(["admin", "rule", "set", "not-a-number", "--strength", "off", "--reason", "x"]).await.failed(3);
    assert!(said.contains("--strength: must stay error"), "{said}");
    let said = desk.run(["admin", "rule", "set", "unheard-of", "--strength", "off", "--reason", "x"]).await.failed(5);
    assert!(said.contains("The rules: csp checks list"), "{said}");
    assert!(desk.run(["admin", "rule", "set", "unchanged", "--strength", "off"]).await.failed(2).contains("--reason"));
    assert!(
        desk.run(["admin", "rule", "set", "unchanged", "--strength", "loud", "--reason", "x"])
            .await
            .failed(2)
            .contains("error, query, off")
    );
}

#[tokio::test]
async fn a_role_names_what_it_is_for_in_full() {
    let server = administrator().await;
    server.on("PersonService/CreateRoleGrant", |q: v1::CreateRoleGrantRequest| Ok(q.role_grant.unwrap()));
    let page = Desk::at(&server).run(["admin", "role", "grant", "sam-hill", "lead", "--partnership", "gateshead", "--deputy"]).await.ok();
    assert!(page.starts_with("lead of gateshead (deputy)"), "{page}");
    let grant = server.only::<v1::CreateRoleGrantRequest>("PersonService/CreateRoleGrant").role_grant.unwrap();
    assert_eq!((grant.role, grant.partnership.as_str()), (v1::Role::Lead as i32, world::GATESHEAD));
}

#[tokio::test]
async fn a_line_with_too_many_cells_hides_no_other_fault() {
    let server = administrator().await;
    let desk = Desk::at(&server);
    let file = desk.file("populations.csv", "ons_code,mid_year,population,source\nE1,2020,1,ONS,x\nE2,last,2,ONS\nE3,2020,many,ONS\n");
    let said = desk.run(["admin", "population", "import", &file]).await.failed(3);
    for fault in ["2: has 5 cells", "3: mid_year: “last” is not a year", "4: population: “many” is not a whole number"] {
        assert!(said.contains(&format!("{file}:{fault}")), "{fault}: {said}");
    }
}

#[tokio::test]
async fn an_indicator_stands_though_its_note_is_refused_and_every_fault_is_told_once() {
    let server = administrator().await;
    accepting_indicators(&server);
    server.on("IndicatorService/CreateContextNote", |_: v1::CreateContextNoteRequest| {
        let details = ErrorDetails::with_bad_request_violation("context_note.start_date", "must be after 2013-01-01");
        Err::<v1::ContextNote, _>(Status::with_error_details(Code::InvalidArgument, "the note was refused", details))
    });
    server.on("IndicatorService/ListContextNotes", |_: v1::ListContextNotesRequest| Ok(v1::ListContextNotesResponse::default()));
    let desk = Desk::at(&server);
    let file = desk.file("indicators.csv", NOTED);
    let said = desk.run(["admin", "indicator", "import", &file, "--skip-existing"]).await.failed(3);
    let fault =
        format!("{file}:2: notes: “Restrictions were in force” was not entered, and its indicator is there: must be after 2013-01-01");
    assert!(said.contains(&fault), "{said}");
    assert!(said.contains("“The station was closed” was not entered") && said.contains("--skip-existing"), "{said}");
    assert_eq!(server.asked("IndicatorService/CreateIndicator").len(), 2, "what is good in the file is entered");

    // An id that is no id is told once, with however many notes; a second line of one id before anything is sent.
    let file = desk.file("indicators.csv", &NOTED.replace("burglary,", "Bad,"));
    let said = desk.run(["admin", "indicator", "import", &file, "--skip-existing"]).await.failed(3);
    assert_eq!(said.matches(&format!("{file}:2:")).count(), 1, "{said}");
    let before = server.asked("IndicatorService/CreateIndicator").len();
    let file = desk.file("indicators.csv", &NOTED.replace("known,", "burglary,"));
    let said = desk.run(["admin", "indicator", "import", &file, "--skip-existing"]).await.failed(3);
    assert!(said.contains(&format!("{file}:3: id: “burglary” stands in line 2 already")), "{said}");
    assert_eq!(server.asked("IndicatorService/CreateIndicator").len(), before);
}

#[tokio::test]
async fn a_committee_says_who_owes_what() {
    let server = administrator().await;
    server.on("CommitteeService/UpdateCommittee", |q: v1::UpdateCommitteeRequest| {
        assert_eq!(q.update_mask.unwrap().paths, ["exemptions"]);
        Ok(v1::Committee { partnerships: vec![format!("{REGION}/partnerships/sunderland")], ..q.committee.unwrap() })
    });
    let desk = Desk::at(&server);
    let run = async |what: &str| desk.run(["admin", "committee", "update", "citizen-focus", "--exempt", what]).await;
    let both = ["--exempt=sunderland=robbery", "--exempt=gateshead=all"];
    let shown = desk.run(["admin", "committee", "update", "citizen-focus", both[0], both[1]]).await.ok();
    assert!(shown.contains("sunderland: robbery\n") && shown.contains("gateshead: burglary, robbery (owes no return)"), "{shown}");
    let asked =
        |nth: usize| server.asked("CommitteeService/UpdateCommittee")[nth].message::<v1::UpdateCommitteeRequest>().committee.unwrap();
    let exemption = |partnership: &str, of: &[&str]| v1::Exemption {
        partnership: format!("{REGION}/partnerships/{partnership}"),
        indicators: of.iter().map(|slug| format!("{REGION}/indicators/{slug}")).collect(),
    };
    assert_eq!(asked(0).exemptions, [exemption("sunderland", &["robbery"]), exemption("gateshead", &["burglary", "robbery"])]);
    run("none").await.ok();
    assert_eq!(asked(1).exemptions, []);
    let said = run("sunderland").await.failed(2);
    assert!(said.contains("like sunderland=robbery,arson or sunderland=all"), "{said}");
}
