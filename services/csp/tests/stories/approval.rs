//! Reading and approving the exact bytes.

use csp_proto::v1;

use crate::{
    support::{Desk, Server},
    world::{self, CYCLE, duty, hash, northumbria, role},
};

async fn approver() -> Server {
    let roles = vec![role(v1::Role::Approver, "regions/northumbria/committees/citizen-focus")];
    let server = northumbria(roles, vec![duty(v1::DutyKind::Approve, v1::DutyState::Due)]).await;
    server.on("DigestService/ApproveDigest", |_: v1::ApproveDigestRequest| {
        Ok(v1::Digest { state: v1::DigestState::Approved as i32, ..world::digest() })
    });
    server
}

#[tokio::test]
async fn an_approver_reads_types_the_hash_and_names_every_hash() {
    let server = approver().await;
    let mut desk = Desk::at(&server);
    let begins = hash(b"document")[..8].to_owned();
    let outcome = desk.typing(&format!("{begins}\n")).run(["digest", "approve"]).await;
    assert!(outcome.stderr.contains("text\n"), "the paper is shown: {}", outcome.stderr);
    assert!(outcome.stderr.contains("Version 1 is approved."), "{}", outcome.stderr);
    outcome.ok();
    let sent: v1::ApproveDigestRequest = server.only("DigestService/ApproveDigest");
    assert_eq!(sent.name, format!("{CYCLE}/digests/1"));
    assert_eq!(sent.hashes, world::digest().hashes);
}

#[tokio::test]
async fn a_wrong_hash_approves_nothing() {
    let server = approver().await;
    let mut desk = Desk::at(&server);
    let said = desk.typing("00000000\n").run(["digest", "approve"]).await.failed(6);
    assert!(said.contains("Nothing was approved."), "{said}");
    desk.typing("\n").run(["digest", "approve"]).await.failed(2);
    desk.run(["digest", "approve", "--hash", "deadbeef"]).await.failed(6);
    assert!(server.asked("DigestService/ApproveDigest").is_empty());
}

#[tokio::test]
async fn without_a_terminal_the_hash_must_be_said_and_yes_is_not_enough() {
    let server = approver().await;
    let desk = Desk::at(&server);
    let said = desk.run(["digest", "approve", "--yes"]).await.failed(2);
    assert!(said.contains("--hash"), "{said}");
    assert!(server.asked("DigestService/ApproveDigest").is_empty());
    desk.run(["digest", "approve", "citizen-focus/2021-q3/1", "--hash", &hash(b"document")[..12]]).await.ok();
    assert_eq!(server.asked("DigestService/ApproveDigest").len(), 1);
}

#[tokio::test]
async fn bytes_that_are_not_those_of_the_hash_are_neither_shown_nor_approved() {
    let server = approver().await;
    server.on("DigestService/GetRendition", |q: v1::GetRenditionRequest| {
        Ok(v1::Rendition { data: b"something else".to_vec(), ..world::rendition(q.kind) })
    });
    let desk = Desk::at(&server);
    let outcome = desk.run(["digest", "approve", "--hash", &hash(b"document")]).await;
    assert!(outcome.failed(1).contains("its hash differs"));
    let outcome = desk.run(["digest", "show", "citizen-focus/2021-q3", "--text", "-"]).await;
    assert!(outcome.stdout.is_empty());
    outcome.failed(1);
    assert!(server.asked("DigestService/ApproveDigest").is_empty());
}

#[tokio::test]
async fn a_paper_that_is_approved_already_is_not_approved_again() {
    let server = approver().await;
    server.on("DigestService/GetDigest", |_: v1::GetDigestRequest| {
        Ok(v1::Digest { state: v1::DigestState::Superseded as i32, ..world::digest() })
    });
    let said = Desk::at(&server).run(["digest", "approve", "--hash", &hash(b"document")]).await.failed(7);
    assert!(said.contains("replaced by a newer version"), "{said}");
}

#[tokio::test]
async fn stored_bytes_are_written_exactly() {
    let server = approver().await;
    let desk = Desk::at(&server);
    let file = desk.folder.path().join("paper.html").display().to_string();
    let outcome = desk.run(["digest", "show", "--html", &file, "--text", "-"]).await;
    assert!(outcome.stderr.contains("paper.html"), "{}", outcome.stderr);
    assert_eq!(outcome.ok(), "text\n");
    assert_eq!(std::fs::read(&file).unwrap(), b"<p>text</p>");
}

#[cfg(unix)]
#[tokio::test]
async fn the_paper_is_opened_from_a_file_that_holds_the_exact_bytes() {
    let server = approver().await;
    let mut desk = Desk::at(&server);
    desk.environment.insert("CSP_BROWSER".into(), "true".into());
    let outcome = desk.run(["digest", "open", "citizen-focus/2021-q3/1"]).await;
    let said = outcome.stderr.clone();
    outcome.ok();
    let file = said.trim().trim_start_matches("The paper is in ").trim_end_matches('.').to_owned();
    assert_eq!(std::fs::read(&file).unwrap_or_else(|_| panic!("{said}")), b"<p>text</p>");
}

#[tokio::test]
async fn a_preview_is_the_plain_text() {
    let server = approver().await;
    server.on("DigestService/PreviewDigest", |q: v1::PreviewDigestRequest| {
        assert_eq!(q.parent, CYCLE);
        let renditions = [v1::RenditionKind::HtmlMail, v1::RenditionKind::Text].map(|kind| world::rendition(kind as i32));
        Ok(v1::PreviewDigestResponse { subject: "Community Safety".into(), renditions: renditions.to_vec() })
    });
    assert_eq!(Desk::at(&server).run(["digest", "preview"]).await.ok(), "text\n");
}

#[tokio::test]
async fn freezing_is_asked_about_and_says_who_comes_next() {
    let server = approver().await;
    server.on("DigestService/FreezeDigest", |_: v1::FreezeDigestRequest| Ok(world::digest()));
    let desk = Desk::at(&server);
    desk.run(["digest", "freeze"]).await.failed(2);
    let outcome = desk.run(["digest", "freeze", "--yes"]).await;
    assert!(outcome.stderr.contains("csp digest approve citizen-focus/2021-q3/1"), "{}", outcome.stderr);
    outcome.ok();
    assert!(!server.only::<v1::FreezeDigestRequest>("DigestService/FreezeDigest").request_id.is_empty());
}
