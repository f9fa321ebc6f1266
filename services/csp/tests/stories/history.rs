//! Figures from before, taken in by file.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

use csp_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Server},
    world::{REGION, northumbria, role},
};

async fn administrator() -> Server {
    let server = northumbria(vec![role(v1::Role::Administrator, "")], vec![]).await;
    let place = |id: &str, called: &str, code: &str| v1::Partnership {
        name: format!("{REGION}/partnerships/{id}"),
        display_name: called.to_owned(),
        ons_code: code.to_owned(),
        ..Default::default()
    };
    let partnerships = vec![place("gateshead", "Gateshead", "E22000244"), place("newcastle", "Newcastle upon Tyne", "E22000245")];
    server
        .on("PartnershipService/ListPartnerships", move |_: v1::ListPartnershipsRequest| {
            Ok(v1::ListPartnershipsResponse { partnerships: partnerships.clone(), next_page_token: String::new() })
        })
        .on("HistoryService/ImportHistory", |q: v1::ImportHistoryRequest| {
            let points = q.series.iter().map(|series| series.values.len()).sum::<usize>();
            Ok(v1::HistoryImport {
                name: format!("{}/historyImports/7", q.parent),
                source: q.source,
                point_count: points.try_into().unwrap(),
                added_count: 1,
                ..Default::default()
            })
        });
    server
}

const FILE: &str = "month,financial_year,csp_name,csp24_code,crime_type,count\n\
    2013-06,2013/14,(no LSOA),,Burglary,3\n\
    2013-07,2013/14,Gateshead,E22000244,Burglary,58\n\
    2013-06,2013/14,Gateshead,E22000244,Burglary,61\n\
    2013-06,2013/14,Cannock Chase,E22000263,Burglary,9\n";

#[tokio::test]
async fn a_published_file_is_taken_in_and_what_is_left_out_is_told() {
    let server = administrator().await;
    let desk = Desk::at(&server);
    let file = desk.file("crime.csv", FILE);
    let page = desk.run(["admin", "history", "import", &file, "--source", "data.police.uk", "--known-only"]).await.ok();
    for text in ["Figures        2", "New            1", "There already  1", "data.police.uk", "(no LSOA)", "E22000263 (Cannock Chase)"] {
        assert!(page.contains(text), "{text:?} in {page}");
    }
    let sent: v1::ImportHistoryRequest = server.only("HistoryService/ImportHistory");
    let [series] = &sent.series[..] else { panic!("one series: {sent:?}") };
    assert_eq!(
        (series.partnership.as_str(), series.indicator.as_str()),
        ("regions/northumbria/partnerships/gateshead", "regions/northumbria/indicators/burglary")
    );
    assert_eq!((series.first_date.as_str(), &series.steps[..], &series.values[..]), ("2013-06-01", &[0, 1][..], &[61, 58][..]));
    assert!(!sent.validate_only);
}

#[tokio::test]
async fn what_the_region_does_not_know_is_named_before_anything_is_sent() {
    let server = administrator().await;
    let desk = Desk::at(&server);
    let file = desk.file("crime.csv", FILE);
    let said = desk.run(["admin", "history", "import", &file, "--source", "data.police.uk"]).await.failed(3);
    assert!(said.contains("the partnership E22000263 (Cannock Chase) is not known in this region (1 row)"), "{said}");
    assert!(said.contains("--known-only"), "{said}");
    let file = desk.file("none.csv", "month,csp24_code,crime_type,count\n2013-06,,Burglary,3\n");
    let said = desk.run(["admin", "history", "import", &file, "--source", "x"]).await.failed(3);
    assert!(said.contains("has no figure that could come in"), "{said}");
    assert!(server.asked("HistoryService/ImportHistory").is_empty());
}

#[tokio::test]
async fn programs_are_told_in_numbers_and_a_trial_changes_nothing() {
    let server = administrator().await;
    let desk = Desk::at(&server);
    let file = desk.file("crime.csv", FILE);
    let line = ["admin", "history", "import", &file, "--source", "x", "--known-only", "--dry-run", "--output", "json"];
    let told: serde_json::Value = serde_json::from_str(&desk.run(line).await.ok()).unwrap();
    assert_eq!((&told["points"], &told["already_there"], &told["dry_run"]), (&2.into(), &1.into(), &true.into()));
    assert_eq!(told["left_out"].as_array().unwrap().len(), 2);
    let sent: v1::ImportHistoryRequest = server.only("HistoryService/ImportHistory");
    assert!(sent.validate_only);
}

#[tokio::test]
async fn what_the_server_finds_wrong_is_told_with_the_line_of_the_file() {
    let server = administrator().await;
    server.on("HistoryService/ImportHistory", |_: v1::ImportHistoryRequest| {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("series[0].steps[1]", "July 2013 is not over yet");
        details.add_bad_request_violation("source", "must not be empty");
        Err::<v1::HistoryImport, _>(Status::with_error_details(Code::InvalidArgument, "the request is not valid", details))
    });
    let desk = Desk::at(&server);
    let file = desk.file("crime.csv", FILE);
    let said = desk.run(["admin", "history", "import", &file, "--source", "x", "--known-only"]).await.failed(3);
    assert!(said.contains(&format!("{file}:3: month: July 2013 is not over yet")), "{said}");
    assert!(said.contains("--source: must not be empty"), "{said}");
}
