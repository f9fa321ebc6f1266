//! What figures are set beside: estimates of residents, comparison groups, what a committee asks for.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

use csp_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Server},
    world::{REGION, northumbria, role},
};

/// Enters all that is sent; what was sent before says nothing new.
async fn keeping() -> Server {
    let server = northumbria(vec![role(v1::Role::Administrator, "")], vec![]).await;
    server.on("IndicatorService/ImportPopulations", |q: v1::ImportPopulationsRequest| {
        let added = q.populations.iter().filter(|known| known.mid_year == 2020).count();
        Ok(v1::ImportPopulationsResponse { added: i32::try_from(added).unwrap(), changed: 0, populations: q.populations })
    });
    server
}

#[tokio::test]
async fn the_estimates_that_come_with_the_service_are_taken_whole_and_in_one_go() {
    let server = keeping().await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/populations.csv");
    let said = Desk::at(&server).run(["admin", "population", "import", file]).await.ok();
    assert_eq!(said, "Entered: 291 new estimates; 0 changed; 291 as they were.\n");
    let sent: v1::ImportPopulationsRequest = server.only("IndicatorService/ImportPopulations");
    let gateshead = sent.populations.iter().find(|p| p.ons_code == "E22000244" && p.mid_year == 2020).unwrap();
    assert_eq!((sent.parent.as_str(), gateshead.people, sent.validate_only), (REGION, 201_950, false));
    assert!(sent.populations.iter().all(|p| p.source.contains("Open Government Licence v3.0")));
}

#[tokio::test]
async fn every_slip_in_a_file_of_estimates_is_named_with_its_line() {
    let server = keeping().await;
    let desk = Desk::at(&server);
    let file = desk.file("p.csv", "ons_code,mid_year,population\nE22000244,twenty,\"201,950\"\nE22000245,2020,many\n");
    let said = desk.run(["admin", "population", "import", &file]).await.failed(3);
    for fault in [
        "2: mid_year: “twenty” is not a year, such as 2020",
        "2: source: says nobody: who says so? Fill the column source, or give --source",
        "3: population: “many” is not a whole number of residents, such as 201950",
    ] {
        assert!(said.contains(&format!("{file}:{fault}")), "{fault}: {said}");
    }
    assert!(server.asked("IndicatorService/ImportPopulations").is_empty());

    // What only the server can know comes back with the lines of the file.
    server.on("IndicatorService/ImportPopulations", |_: v1::ImportPopulationsRequest| {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("populations[1].people", "must be a number of residents");
        details.add_bad_request_violation("populations[0].ons_code", "must be the partnership's ONS code, such as E22000244");
        Err::<v1::ImportPopulationsResponse, _>(Status::with_error_details(Code::InvalidArgument, "the request is not valid", details))
    });
    let file = desk.file("p.csv", "ons_code,mid_year,population\n\nE08000037,2020,201950\nE22000245,2020,0\n");
    let said = desk.run(["admin", "population", "import", &file, "--source", "ONS", "--dry-run"]).await.failed(3);
    assert!(said.contains(&format!("{file}:4: population: must be a number of residents")), "{said}");
    assert!(said.contains(&format!("{file}:3: ons_code: must be the partnership's ONS code")), "{said}");
}

#[tokio::test]
async fn estimates_are_listed_by_area_and_year() {
    let server = keeping().await;
    server.on("IndicatorService/ListPopulations", |_: v1::ListPopulationsRequest| {
        let of = |code: &str, mid_year, people| v1::Population {
            ons_code: code.into(),
            mid_year,
            people,
            source: "ONS".into(),
            create_time: None,
        };
        let populations = vec![of("E22000245", 2020, 306_824), of("E22000244", 2020, 201_950), of("E22000244", 2019, 202_055)];
        Ok(v1::ListPopulationsResponse { populations, next_page_token: String::new() })
    });
    let desk = Desk::at(&server);
    let page = desk.run(["admin", "population", "list"]).await.ok();
    let rows: Vec<&str> = page.lines().filter(|line| line.contains("mid-")).collect();
    assert!(rows[0].contains("E22000244") && rows[0].contains("mid-2019") && rows[0].contains("202,055"), "{page}");
    assert!(rows[2].contains("E22000245"), "{page}");
    let json = desk.run(["admin", "population", "list", "--output", "json"]).await.ok();
    assert!(json.contains("\"people\": 202055") || json.contains("\"people\":202055"), "{json}");
}

#[tokio::test]
async fn a_comparison_group_is_named_with_its_codes_and_taken_away_again() {
    let server = keeping().await;
    server.on("PartnershipService/GetPartnership", |q: v1::GetPartnershipRequest| {
        Ok(v1::Partnership { name: q.name, display_name: "Gateshead".into(), ons_code: "E22000244".into(), ..Default::default() })
    });
    server.on("PartnershipService/UpdatePartnership", |q: v1::UpdatePartnershipRequest| Ok(q.partnership.unwrap_or_default()));
    let desk = Desk::at(&server);
    let members = ["--group-member", "E22000245", "--group-member", "E22000263"];
    let [a, one, b, other] = members;
    let page = desk.run(["admin", "partnership", "update", "gateshead", "--group", "Most similar group", a, one, b, other]).await.ok();
    assert!(page.contains("Most similar group: E22000245, E22000263"), "{page}");
    let said = desk.run(["admin", "partnership", "update", "gateshead", "--group", "Most similar group"]).await.failed(2);
    assert!(said.contains("--group-member"), "{said}");
    desk.run(["admin", "partnership", "update", "gateshead", "--no-group"]).await.ok();
    let sent: Vec<v1::UpdatePartnershipRequest> =
        server.asked("PartnershipService/UpdatePartnership").into_iter().map(|asked| asked.message()).collect();
    assert!(sent.iter().all(|sent| sent.update_mask.as_ref().unwrap().paths == ["comparison_group"]));
    assert_eq!(sent[1].partnership.as_ref().unwrap().comparison_group, None);
}

#[tokio::test]
async fn what_a_paper_sets_figures_beside_is_in_its_template() {
    let server = keeping().await;
    server.on("CommitteeService/UpdateCommittee", |q: v1::UpdateCommitteeRequest| Ok(q.committee.unwrap_or_default()));
    let desk = Desk::at(&server);
    let text = desk.run(["admin", "committee", "template", "citizen-focus"]).await.ok();
    assert!(text.contains("\"same-period-last-year\"") && text.contains("\"year-to-date\"") && text.contains("least_base = 50"), "{text}");
    let changed = text.replace("\"year-to-date\"", "\"region\"").replace("least_base = 50", "least_base = 20");
    let file = desk.file("paper.toml", &changed);
    let page = desk.run(["admin", "committee", "update", "citizen-focus", "--template", &file]).await.ok();
    assert!(page.contains("the same period last year, the region; percentages of 20 at least"), "{page}");
    let file = desk.file("paper.toml", &text.replace("\"year-to-date\"", "\"last-week\""));
    let said = desk.run(["admin", "committee", "update", "citizen-focus", "--template", &file]).await.failed(3);
    assert!(said.contains("“last-week” is no comparator"), "{said}");
}

#[tokio::test]
async fn a_target_is_set_in_words_and_ended_with_a_reason() {
    let server = keeping().await;
    let named = |target: v1::Target| v1::Target { name: format!("{REGION}/targets/7"), etag: "1".into(), ..target };
    server.on("IndicatorService/CreateTarget", move |q: v1::CreateTargetRequest| Ok(named(q.target.unwrap_or_default())));
    server.on("IndicatorService/GetTarget", |q: v1::GetTargetRequest| {
        Ok(v1::Target { name: q.name, etag: "1".into(), indicator: format!("{REGION}/indicators/burglary"), ..Default::default() })
    });
    server.on("IndicatorService/EndTarget", |q: v1::EndTargetRequest| {
        Ok(v1::Target { name: q.name, end_date: q.end_date, end_reason: q.reason, ..Default::default() })
    });
    let desk = Desk::at(&server);
    let (first, last) = ("2020-q3=293", "2022-q3=1,205");
    let what = ["admin", "target", "set", "burglary", "--partnership", "gateshead", "--at-most", "--straight", "--until", "2023-03-31"];
    let how = ["--milestone", first, "--milestone", last, "--reason", "The plan"];
    let line: [&str; 16] = std::array::from_fn(|at| if at < what.len() { what[at] } else { how[at - what.len()] });
    let page = desk.run(line).await.ok();
    assert!(page.starts_with("burglary, gateshead"), "{page}");
    assert!(page.contains("at most 293 (2020-q3), 1205 (2022-q3), in equal steps between"), "{page}");
    let sent = server.only::<v1::CreateTargetRequest>("IndicatorService/CreateTarget").target.unwrap();
    assert_eq!((sent.aim(), sent.way(), sent.end_date.as_str()), (v1::Aim::AtMost, v1::Way::Straight, "2023-03-31"));

    let neither = ["admin", "target", "set", "burglary", "--milestone", first, "--reason", "x"];
    let both = ["admin", "target", "set", "burglary", "--at-most", "--at-least", "--milestone", first, "--reason", "x"];
    assert!(desk.run(neither).await.failed(2).contains("--at-"));
    assert!(desk.run(both).await.failed(2).contains("--at-"));
    let said = desk.run(["admin", "target", "set", "burglary", "--at-most", "--reason", "x"]).await.failed(2);
    assert!(said.contains("--milestone 2022-q4=180"), "{said}");

    let page = desk.run(["admin", "target", "end", "7", "--on", "2022-03-31", "--reason", "A new plan"]).await.ok();
    assert!(page.contains("31 Mar 2022") && page.contains("A new plan"), "{page}");
    let sent: v1::EndTargetRequest = server.only("IndicatorService/EndTarget");
    assert_eq!((sent.name.as_str(), sent.etag.as_str()), ("regions/northumbria/targets/7", "1"));
}

#[tokio::test]
async fn a_context_note_is_entered_listed_and_taken_back() {
    let server = keeping().await;
    let named = |note: v1::ContextNote| v1::ContextNote { name: format!("{REGION}/contextNotes/7"), etag: "1".into(), ..note };
    server.on("IndicatorService/CreateContextNote", move |q: v1::CreateContextNoteRequest| Ok(named(q.context_note.unwrap_or_default())));
    let kept = v1::ContextNote {
        name: format!("{REGION}/contextNotes/7"),
        indicator: format!("{REGION}/indicators/burglary"),
        start_date: "2020-11-05".into(),
        end_date: "2020-12-02".into(),
        sentence: "Restrictions were in force".into(),
        ..Default::default()
    };
    let listed = kept.clone();
    server.on("IndicatorService/ListContextNotes", move |_: v1::ListContextNotesRequest| {
        Ok(v1::ListContextNotesResponse { context_notes: vec![listed.clone()], next_page_token: String::new() })
    });
    server.on("IndicatorService/RemoveContextNote", move |q: v1::RemoveContextNoteRequest| {
        let remove_time = Some(prost_types::Timestamp { seconds: 1_641_376_800, nanos: 0 });
        Ok(v1::ContextNote { name: q.name, remove_reason: q.reason, remove_time, ..kept.clone() })
    });
    let desk = Desk::at(&server);
    let days = ["--from", "2020-11-05", "--to", "2020-12-02"];
    let what = ["admin", "note", "add", "Restrictions were in force", "--partnership", "gateshead"];
    let line: [&str; 10] = std::array::from_fn(|at| if at < what.len() { what[at] } else { days[at - what.len()] });
    let page = desk.run(line).await.ok();
    assert!(page.starts_with("Restrictions were in force") && page.contains("5 Nov 2020") && page.contains("every measure"), "{page}");
    let sent = server.only::<v1::CreateContextNoteRequest>("IndicatorService/CreateContextNote").context_note.unwrap();
    assert_eq!((sent.partnership.as_str(), sent.indicator.as_str()), ("regions/northumbria/partnerships/gateshead", ""));

    let page = desk.run(["admin", "note", "list"]).await.ok();
    assert!(page.contains("burglary") && page.contains("the whole region") && page.contains("printed"), "{page}");
    let json = desk.run(["admin", "note", "list", "--output", "json"]).await.ok();
    assert!(json.contains("\"end_date\": \"2020-12-02\""), "{json}");

    let page = desk.run(["admin", "note", "remove", "7", "--reason", "Wrong dates"]).await.ok();
    assert!(page.contains("Wrong dates") && page.contains("5 Jan 2022"), "{page}");
    let sent: v1::RemoveContextNoteRequest = server.only("IndicatorService/RemoveContextNote");
    assert_eq!(sent.name, "regions/northumbria/contextNotes/7");
    assert!(desk.run(["admin", "note", "add", "x", "--from", "2020-11-05"]).await.failed(2).contains("--to"));
}

#[tokio::test]
async fn a_partnership_enters_a_measure_of_its_own_and_ends_it() {
    let server = northumbria(vec![role(v1::Role::Officer, &format!("{REGION}/partnerships/gateshead"))], vec![]).await;
    server.on("IndicatorService/CreateOwnIndicator", |q: v1::CreateOwnIndicatorRequest| {
        let name = format!("{REGION}/indicators/gateshead.{}", q.indicator_id);
        Ok(v1::Indicator { name, partnership: q.parent, ..q.indicator.unwrap_or_default() })
    });
    server.on("IndicatorService/GetIndicator", |q: v1::GetIndicatorRequest| {
        Ok(v1::Indicator { name: q.name, display_name: "Dog fouling".into(), etag: "1".into(), ..Default::default() })
    });
    server.on("IndicatorService/UpdateOwnIndicator", |q: v1::UpdateOwnIndicatorRequest| Ok(q.indicator.unwrap_or_default()));
    let desk = Desk::at(&server);
    let how = ["--unit", "count", "--polarity", "lower-is-better", "--source", "Wardens"];
    let what = ["indicator", "create", "dog-fouling", "--name", "Dog fouling"];
    let line: [&str; 11] = std::array::from_fn(|at| if at < what.len() { what[at] } else { how[at - what.len()] });
    let page = desk.run(line).await.ok();
    assert!(page.starts_with("Dog fouling") && page.contains("gateshead alone") && page.contains("gateshead.dog-fouling"), "{page}");
    let sent: v1::CreateOwnIndicatorRequest = server.only("IndicatorService/CreateOwnIndicator");
    assert_eq!((sent.parent.as_str(), sent.indicator_id.as_str()), ("regions/northumbria/partnerships/gateshead", "dog-fouling"));

    let page = desk.run(["indicator", "update", "gateshead.dog-fouling", "--until", "2022-03-31"]).await.ok();
    assert!(page.contains("31 Mar 2022"), "{page}");
    let sent: v1::UpdateOwnIndicatorRequest = server.only("IndicatorService/UpdateOwnIndicator");
    assert_eq!(sent.update_mask.unwrap().paths, ["end_date"]);
    assert_eq!(sent.indicator.unwrap().name, "regions/northumbria/indicators/gateshead.dog-fouling");
    assert!(desk.run(["indicator", "update", "gateshead.dog-fouling"]).await.failed(2).contains("--until"));
}
