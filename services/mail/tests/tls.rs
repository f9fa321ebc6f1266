//! Encryption and signing in: the secret and the paper go only to whom they are meant for.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{io::Write as _, time::Duration};

use csp_mail::{
    carrier::{Carrier, Smtp},
    sent::{Phase, Sent},
    settings::{Credentials, Deadlines, SmtpSettings, Tls},
    sink::{Act, Script, Sink, Step},
};
use tempfile::NamedTempFile;

const BYTES: &[u8] = b"Subject: Papers\r\n\r\nTheft rose.\r\n";

/// A file with the sink's own authority.
fn authority(sink: &Sink) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(sink.ca_pem().unwrap().as_bytes()).unwrap();
    file
}

fn digest(secret: &str) -> Credentials {
    Credentials { username: "digest".into(), secret: secret.into() }
}

fn carrier(settings: SmtpSettings) -> Carrier {
    Carrier::Smtp(Smtp::new(settings).unwrap())
}

async fn send(carrier: &Carrier) -> Sent {
    let (from, to) = ("digest@mail.example.org".parse().unwrap(), "member@example.org".parse().unwrap());
    carrier.open().await.unwrap().send(&from, &to, BYTES, async || true).await
}

#[tokio::test]
async fn a_digest_goes_encrypted_to_a_server_we_trust() {
    let sink = Sink::start_tls(Script::accepting().with_credentials("digest", "hunter2")).await;
    let file = authority(&sink);
    let settings = SmtpSettings { ca_file: Some(file.path().to_owned()), credentials: Some(digest("hunter2")), ..sink.settings() };
    let carrier = carrier(settings);
    assert!(matches!(send(&carrier).await, Sent::Accepted { .. }));
    assert_eq!(sink.messages().remove(0).bytes, BYTES);
    let found = carrier.check().await.unwrap();
    assert!(found.ends_with("answers over TLS 1.3 as sink.example.org, lets us sign in"), "{found}");
}

#[tokio::test]
async fn a_large_digest_goes_encrypted_and_whole() {
    let sink = Sink::start_tls(Script::accepting()).await;
    let file = authority(&sink);
    let carrier = carrier(SmtpSettings { ca_file: Some(file.path().to_owned()), ..sink.settings() });
    let bytes = [BYTES, &b"Theft rose by a fifth.\r\n".repeat(100_000)].concat();
    let (from, to) = ("digest@mail.example.org".parse().unwrap(), "member@example.org".parse().unwrap());
    let sent = carrier.open().await.unwrap().send(&from, &to, &bytes, async || true).await;
    assert!(matches!(sent, Sent::Accepted { .. }), "{sent:?}");
    assert!(sink.messages().remove(0).bytes == bytes, "the bytes differ");
}

#[tokio::test]
async fn a_server_with_the_wrong_certificate_is_told_nothing() {
    let unknown = Sink::start_tls(Script::accepting()).await;
    let another = Sink::start_tls_as(Script::accepting(), "mail.example.org").await;
    let file = authority(&another);
    for (sink, ca_file) in [(&unknown, None), (&unknown, Some(&file)), (&another, Some(&file))] {
        let ca_file = ca_file.map(|file| file.path().to_owned());
        let settings = SmtpSettings { ca_file, credentials: Some(digest("hunter2")), ..sink.settings() };
        let refusal = carrier(settings).open().await.unwrap_err();
        assert_eq!((refusal.phase, refusal.lasting), (Phase::Tls, true), "{refusal}");
        assert!(refusal.reason.contains("certificate"), "{refusal}");
    }
    for sink in [unknown, another] {
        // Not even the greeting, let alone the secret.
        sink.set_script(Script::accepting());
        assert!(sink.messages().is_empty());
        assert_eq!(sink.steps_seen(), [] as [Step; 0]);
    }
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_told_nothing() {
    let sink = Sink::start(Script::accepting()).await;
    let settings = SmtpSettings { tls: Tls::Implicit, ..sink.settings() };
    let refusal = carrier(settings).open().await.unwrap_err();
    assert_eq!(refusal.phase, Phase::Tls, "{refusal}");
    assert!(!sink.steps_seen().contains(&Step::Mail));
}

#[tokio::test]
async fn a_server_that_falls_silent_before_it_is_known_is_left_in_time() {
    let sink = Sink::start(Script::accepting().always(Step::Banner, Act::Silence)).await;
    let deadlines = Deadlines { connect: Duration::from_millis(300), ..Deadlines::default() };
    let settings = SmtpSettings { tls: Tls::Implicit, deadlines, ..sink.settings() };
    let refusal = carrier(settings).open().await.unwrap_err();
    assert_eq!((refusal.reason.as_str(), refusal.lasting), ("no answer within 300ms", false));
}

#[tokio::test]
async fn a_wrong_secret_raises_the_alarm() {
    let sink = Sink::start(Script::accepting().with_credentials("digest", "hunter2")).await;
    let refusal = carrier(SmtpSettings { credentials: Some(digest("guess")), ..sink.settings() }).open().await.unwrap_err();
    assert_eq!((refusal.phase, refusal.lasting), (Phase::SignIn, true));
    assert_eq!(refusal.reason, "535 5.7.8 wrong name or secret");
}

#[tokio::test]
async fn a_server_we_should_sign_in_to_but_do_not_blames_no_address() {
    let sink = Sink::start(Script::accepting().with_credentials("digest", "hunter2")).await;
    let sent = send(&carrier(sink.settings())).await;
    assert!(matches!(sent, Sent::PolicyRefused { phase: Phase::Sender, .. }), "{sent:?}");
}

#[tokio::test]
async fn a_server_that_offers_no_way_to_sign_in_raises_the_alarm() {
    let sink = Sink::start(Script::accepting()).await;
    let refusal = carrier(SmtpSettings { credentials: Some(digest("hunter2")), ..sink.settings() }).open().await.unwrap_err();
    assert_eq!((refusal.phase, refusal.lasting), (Phase::SignIn, true), "{refusal}");
}

#[tokio::test]
async fn a_certificate_file_that_will_not_do_is_named() {
    let mut file = NamedTempFile::new().unwrap();
    let sink = Sink::start_tls(Script::accepting()).await;
    let settings = SmtpSettings { ca_file: Some(file.path().to_owned()), ..sink.settings() };
    for content in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        file.write_all(content.as_bytes()).unwrap();
        let error = Smtp::new(settings.clone()).unwrap_err();
        assert_eq!(error.field, "ca_file");
        assert!(error.to_string().contains(&*file.path().to_string_lossy()), "{error}");
    }
    let missing = SmtpSettings { ca_file: Some("/nowhere/ca.pem".into()), ..settings };
    assert!(Smtp::new(missing).unwrap_err().to_string().starts_with("`ca_file` must name a file"));
}

#[test]
fn the_secret_never_prints() {
    let settings = SmtpSettings {
        host: "127.0.0.1".into(),
        port: 25,
        tls: Tls::LoopbackPlain,
        ca_file: None,
        credentials: Some(digest("hunter2")),
        helo_name: "digest.example.org".into(),
        deadlines: Deadlines::default(),
    };
    assert!(!format!("{:?}", carrier(settings)).contains("hunter2"));
}
