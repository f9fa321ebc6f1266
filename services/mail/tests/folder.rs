//! Mail that is put into a folder instead of being sent.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{fs, path::Path};

use csp_domain::{id::MessageId, person::EmailAddress};
use csp_mail::{
    carrier::{Carrier, Folder},
    compose::message_id,
    sent::Sent,
};

const NAME: &str = "00000000-0000-0000-0000-000000000007.eml";

fn message() -> Vec<u8> {
    let id = message_id(MessageId(uuid::Uuid::from_u128(7)), "mail.example.org");
    format!("To: Member <member@example.org>\r\nMessage-ID: {id}\r\n\r\nTheft rose.\r\n").into_bytes()
}

fn addresses() -> (EmailAddress, EmailAddress) {
    ("digest@mail.example.org".parse().unwrap(), "member@example.org".parse().unwrap())
}

fn names(dir: &Path) -> Vec<String> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn a_message_becomes_one_file_however_often_it_is_sent() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("mail/out");
    let (from, to) = addresses();
    let mut connection = Carrier::Folder(Folder::new(&dir)).open().await.unwrap();
    for _ in 0..3 {
        let sent = connection.send(&from, &to, &message(), async || true).await;
        assert_eq!(sent, Sent::Accepted { reply: format!("stored as {NAME}") });
    }
    assert_eq!(names(&dir), [NAME]);
    assert_eq!(fs::read(dir.join(NAME)).unwrap(), message());
}

#[tokio::test]
async fn a_message_called_off_leaves_no_file() {
    let home = tempfile::tempdir().unwrap();
    let (from, to) = addresses();
    let mut connection = Carrier::Folder(Folder::new(home.path())).open().await.unwrap();
    let sent = connection
        .send(&from, &to, &message(), async || {
            assert!(!home.path().join(NAME).exists(), "a message must not be there before doubt is on record");
            false
        })
        .await;
    assert!(matches!(sent, Sent::NotStarted { .. }));
    assert_eq!(names(home.path()), [] as [String; 0]);
}

#[tokio::test]
async fn an_abandoned_message_leaves_no_file() {
    let home = tempfile::tempdir().unwrap();
    let (from, to) = addresses();
    let mut connection = Carrier::Folder(Folder::new(home.path())).open().await.unwrap();
    let asked = tokio::sync::Notify::new();
    let bytes = message();
    tokio::select! {
        sent = connection.send(&from, &to, &bytes, async || { asked.notify_one(); std::future::pending().await }) => panic!("{sent:?}"),
        () = asked.notified() => {}
    }
    assert_eq!(names(home.path()), [] as [String; 0]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_to_is_tried_again_later() {
    let home = tempfile::tempdir().unwrap();
    let (from, to) = addresses();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let refusal = Carrier::Folder(Folder::new(file.join("mail"))).open().await.unwrap_err();
    assert!(refusal.reason.contains("cannot be written to") && !refusal.lasting, "{refusal}");

    let dir = home.path().join("mail");
    let mut connection = Carrier::Folder(Folder::new(&dir)).open().await.unwrap();
    fs::remove_dir(&dir).unwrap();
    let sent = connection.send(&from, &to, &message(), async || true).await;
    assert!(matches!(sent, Sent::RefusedForNow { .. }), "{sent:?}");
}

#[tokio::test]
async fn a_check_says_that_nobody_is_mailed() {
    let home = tempfile::tempdir().unwrap();
    let found = Carrier::Folder(Folder::new(home.path())).check().await.unwrap();
    assert!(found.ends_with("nobody is mailed"), "{found}");
    assert_eq!(names(home.path()), [] as [String; 0]);
}
