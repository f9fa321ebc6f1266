//! Who did what, and who may.

use csp_proto::v1;

use crate::{
    support::Desk,
    world::{REGION, northumbria, role, time},
};

#[tokio::test]
async fn the_record_is_a_table_for_people_and_whole_for_programs() {
    let server = northumbria(vec![role(v1::Role::Administrator, "")], vec![]).await;
    server.on("AuditService/ListAuditEntries", |q: v1::ListAuditEntriesRequest| {
        assert_eq!(q.parent, REGION);
        let entry = v1::AuditEntry {
            name: format!("{REGION}/auditEntries/1"),
            time: time("2022-01-10T09:00:00Z"),
            person: format!("{REGION}/persons/jo-brown"),
            person_display_name: "Jo Brown".into(),
            token: format!("{REGION}/persons/jo-brown/tokens/0190b0a2-7c1e-7000-8000-000000000001"),
            origin: "192.0.2.1".into(),
            action: "update".into(),
            subject: "role_grant".into(),
            subject_id: "0190b0a2-7c1e-7000-8000-000000000002".into(),
            old_value: r#"{"deputy":false,"role":"lead","person":"0190b0a2-7c1e-7000-8000-000000000003"}"#.into(),
            new_value: r#"{"deputy":true,"role":"lead","person":"0190b0a2-7c1e-7000-8000-000000000003"}"#.into(),
        };
        let schedule = v1::AuditEntry {
            time: time("2022-01-12T17:00:01Z"),
            person_display_name: "the schedule".into(),
            action: "close".into(),
            subject: "cycle".into(),
            old_value: r#"{"state":"open"}"#.into(),
            new_value: r#"{"state":"closed"}"#.into(),
            ..Default::default()
        };
        Ok(v1::ListAuditEntriesResponse { audit_entries: vec![entry, schedule], next_page_token: String::new() })
    });
    let desk = Desk::at(&server);
    let table = desk.run(["audit", "list", "--by", "jo-brown", "--from", "2022-01-01"]).await.ok();
    for said in
        ["Mon 10 Jan 2022, 09:00", "Jo Brown (0190b0a2)", "update role grant", "deputy: false → true", "192.0.2.1", "state: open → closed"]
    {
        assert!(table.contains(said), "{said}:\n{table}");
    }
    assert!(!table.contains("000000000003"), "identifiers say nothing to a reader:\n{table}");
    let asked: v1::ListAuditEntriesRequest = server.only("AuditService/ListAuditEntries");
    assert_eq!((asked.person, asked.start_time), (format!("{REGION}/persons/jo-brown"), time("2022-01-01T00:00:00Z")));

    let text = desk.run(["audit", "list", "--output", "json"]).await.ok();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["audit_entries"][0]["new_value"]["deputy"], true);
}

#[tokio::test]
async fn what_changed_is_told_of_rules_lists_and_what_is_gone() {
    let server = northumbria(vec![role(v1::Role::Administrator, "")], vec![]).await;
    server.on("AuditService/ListAuditEntries", |_: v1::ListAuditEntriesRequest| {
        let entry = |action: &str, old: &str, new: &str| v1::AuditEntry {
            time: time("2022-01-12T17:00:01Z"),
            person_display_name: "Jo Brown".into(),
            action: action.into(),
            old_value: old.into(),
            new_value: new.into(),
            ..Default::default()
        };
        let audit_entries = vec![
            entry(
                "set_rules",
                r#"{"rules":{"rules":{"nation":"england","clear_days":5}}}"#,
                r#"{"rules":{"rules":{"nation":"wales","clear_days":5}}}"#,
            ),
            entry(
                "set_rules",
                r#"{"rules":{"rules":{"deadline":{"days":1,"at":"17:00"},"opening":{"days":15,"at":"09:00"},"last":"2026-12-31"}}}"#,
                r#"{"rules":{"rules":{"deadline":{"days":3,"at":"17:00"},"opening":{"days":15,"at":"09:00"},"last":null}}}"#,
            ),
            entry(
                "create",
                "",
                r#"{"headline":"Patrols","kind":"news","body":[{"block":"paragraph","text":"A long text that is read where it is printed."}]}"#,
            ),
            entry(
                "propose",
                "",
                r#"{"subject":"news_item","of_revision":1,"state":"proposed","original":{"headline":"What the partnership sent in"},"proposed":{"headline":"What the editor proposes"},"note":"Shorter."}"#,
            ),
            entry("close_days", "", r#"{"closed":[{"day":"2026-12-29","reason":"offices shut"}],"open_again":[]}"#),
            entry("open_days", "", r#"{"closed":[],"open_again":["2026-12-29","2026-12-30","2026-12-31","2027-01-02"]}"#),
            entry(
                "import",
                r#"{"estimates":[{"mid_year":2020,"ons_code":"E22000244","people":201950}]}"#,
                r#"{"estimates":[{"mid_year":2020,"ons_code":"E22000244","people":201951}]}"#,
            ),
            entry("forget_rules", r#"{"rules":{"nation":"wales"}}"#, ""),
        ];
        Ok(v1::ListAuditEntriesResponse { audit_entries, next_page_token: String::new() })
    });
    let table = Desk::at(&server).run(["audit", "list"]).await.ok();
    for said in [
        "nation: england → wales",
        "closed: 29 Dec 2026 offices shut",
        "open again: 29 Dec 2026, 30 Dec 2026, 31 Dec 2026 and 1 more",
        "estimates: 2020 E22000244 201950 → 2020 E22000244 201951",
        "nation: wales → –",
        "deadline days: 1 → 3; last: 31 Dec 2026 → –",
        "headline: Patrols; kind: news",
        "note: Shorter.; of revision: 1; state: proposed; subject: n…",
    ] {
        assert!(table.contains(said), "{said}:\n{table}");
    }
    for long in ["A long text", "What the partnership sent in", "What the editor proposes"] {
        assert!(!table.contains(long), "{long} is read where it is printed:\n{table}");
    }
    assert!(!table.contains("clear days"), "what stays is not told:\n{table}");
}

#[tokio::test]
async fn who_may_do_what_is_one_table() {
    let server = northumbria(vec![role(v1::Role::Administrator, "")], vec![]).await;
    server.on("IdentityService/ListPermissions", |_: v1::ListPermissionsRequest| {
        let freeze = v1::Permission {
            method: "csp.v1.DigestService/FreezeDigest".into(),
            roles: vec![v1::Role::Editor.into()],
            oneself: false,
            reading: false,
        };
        Ok(v1::ListPermissionsResponse { permissions: vec![freeze] })
    });
    let desk = Desk::at(&server);
    let table = desk.run(["admin", "roles"]).await.ok();
    let line = table.lines().find(|line| line.contains("freeze digest")).unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["freeze", "digest", "changes", "–", "–", "yes", "–", "–", "–", "–"]);
    let text = desk.run(["admin", "roles", "--output", "json"]).await.ok();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["permissions"][0]["roles"][0], "ROLE_EDITOR");
}
