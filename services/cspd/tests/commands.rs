//! The other commands, as whoever looks after the service meets them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use common::Screen;
use csp_proto::v1::{WhoAmIRequest, identity_service_client::IdentityServiceClient};
use serde_json::Value;
use tonic::{Request, transport::Channel};

/// Runs a command with its data in `folder`.
async fn run(folder: &Path, args: &[&str]) -> (u8, Screen) {
    run_with(folder, args, ("", "")).await
}

async fn run_with(folder: &Path, args: &[&str], variable: (&str, &str)) -> (u8, Screen) {
    let screen = Screen::default();
    let args = std::iter::once("cspd").chain(args.iter().copied()).map(Into::into);
    let variables = [("CSPD_DATA_DIRECTORY", folder.to_str().unwrap()), variable];
    let code = cspd::command(args, &mut screen.terminal(variables)).await;
    (code, screen)
}

const INIT: [&str; 5] = ["init", "--name", "Ada Lovelace", "--email", "ada@example.org"];

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let (code, screen) = run(folder.path(), &INIT).await;
    assert_eq!(code, 0, "{}", screen.talk());
    let token = screen.output();
    assert!(token.starts_with("csp_") && token.lines().count() == 1, "the token and nothing else");
    assert!(!screen.talk().contains(token.trim()), "and nowhere else");
    assert!(screen.talk().contains("csp login --server http://127.0.0.1:7443"), "{}", screen.talk());

    let (code, screen) = run(folder.path(), &INIT).await;
    assert_eq!((code, screen.output().as_str()), (1, ""));
    assert!(screen.talk().starts_with("There is an administrator already; nothing was changed.\n"), "{}", screen.talk());

    let (code, screen) = run(folder.path(), &["init", "--another", "--name", "Ada Lovelace", "--email", "other@example.org"]).await;
    assert_eq!(code, 1, "the same name with another address is a slip: {}", screen.talk());
    let (code, screen) = run(folder.path(), &["init", "--another", "--name", "Grace Hopper", "--email", "grace@example.org"]).await;
    assert_eq!(code, 0, "{}", screen.talk());
    assert_ne!(screen.output(), token);
}

#[tokio::test]
async fn a_name_or_address_that_will_not_do_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (code, screen) = run(folder.path(), &["init", "--name", "Ada", "--email", "ada"]).await;
    assert_eq!(code, 1);
    assert!(screen.talk().contains("--email must be an e-mail address"), "{}", screen.talk());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn check_says_what_is_well_and_what_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (code, screen) = run(folder.path(), &["check"]).await;
    assert_eq!(code, 1);
    assert!(screen.output().contains("problem  database  there is no "), "{}", screen.output());
    assert!(!folder.path().join("csp.db").exists(), "a check changes nothing");

    assert_eq!(run(folder.path(), &["migrate"]).await.0, 0);
    let (code, screen) = run(folder.path(), &["check"]).await;
    assert_eq!(code, 0, "{}", screen.output());
    let lines: Vec<_> = screen.output().lines().map(|line| line.chars().take(19).collect::<String>().trim_end().to_owned()).collect();
    assert_eq!(lines, ["ok       settings", "ok       database", "ok       mail", "ok       due"]);

    // Nobody listens there: the port was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let file = folder.path().join("cspd.toml");
    std::fs::write(&file, format!("[mail]\ntransport = 'smtp'\nhost = '127.0.0.1'\nport = {free}\ntls = 'loopback'\n")).unwrap();
    let (code, screen) = run(folder.path(), &["check", "--output", "json", "--config", file.to_str().unwrap()]).await;
    assert_eq!(code, 1);
    let report: Value = serde_json::from_str(&screen.output()).unwrap();
    let wrong: Vec<_> = report["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false).collect();
    assert_eq!((wrong.len(), &wrong[0]["check"], &report["ok"]), (1, &Value::from("mail"), &Value::from(false)), "{report}");
}

#[tokio::test]
async fn bad_settings_end_every_command_with_64_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let bad = ("CSPD_LISTEN__API", "here");
    for args in [&INIT[..], &["serve"], &["migrate"]] {
        let (code, screen) = run_with(folder.path(), args, bad).await;
        assert_eq!(code, 64, "{args:?}");
        assert!(screen.talk().contains("\n  listen.api must be an address and a port, such as 127.0.0.1:7443"), "{}", screen.talk());
    }
    let (code, screen) = run_with(folder.path(), &["check"], bad).await;
    assert_eq!(code, 1);
    assert!(screen.output().starts_with("problem  settings  listen.api must be"), "{}", screen.output());
    assert_eq!(run(folder.path(), &["fly"]).await.0, 64);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn config_prints_the_manual_or_what_holds() {
    let folder = tempfile::tempdir().unwrap();
    let (code, screen) = run(folder.path(), &["config"]).await;
    assert_eq!((code, screen.output().as_str()), (0, cspd::config::DEFAULT));
    let (code, screen) = run_with(folder.path(), &["config", "--effective"], ("CSPD_DATABASE__URL", "postgres://a:hunter2@h/d")).await;
    assert_eq!(code, 0);
    assert!(screen.output().contains("url = \"postgres://a:***@h/d\"  # the environment\n"), "{}", screen.output());
}

#[tokio::test]
async fn help_and_version_are_answers() {
    let folder = tempfile::tempdir().unwrap();
    for args in [&["--help"][..], &["--version"], &["init", "--help"]] {
        let (code, screen) = run(folder.path(), args).await;
        assert!(code == 0 && !screen.output().is_empty() && screen.talk().is_empty(), "{args:?}");
    }
}

/// A server in a process of its own; killed when dropped.
#[cfg(unix)]
struct Process(Child);

#[cfg(unix)]
impl Drop for Process {
    fn drop(&mut self) {
        // It is gone already where all went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn told_to_terminate_the_program_says_goodbye_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let (_, screen) = run(folder.path(), &INIT).await;
    let token = screen.output().trim().to_owned();
    let child = Command::new(env!("CARGO_BIN_EXE_cspd"))
        .arg("serve")
        .env_clear()
        .env("CSPD_DATA_DIRECTORY", folder.path())
        .env("CSPD_LISTEN__API", "127.0.0.1:0")
        .env("CSPD_LISTEN__WEB", "127.0.0.1:0")
        .env("CSPD_LOG__FORMAT", "json")
        .env("CSPD_LOG__FILTER", "debug")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut process = Process(child);
    let mut log = BufReader::new(process.0.stderr.take().unwrap()).lines().map(|line| {
        let line = line.unwrap();
        serde_json::from_str::<Value>(&line).unwrap_or_else(|_| panic!("not JSON: {line}"))
    });
    let ready = log.find(|line| line["message"].as_str().is_some_and(|text| text.starts_with("listening on "))).unwrap();
    let address = ready["listen.address"].as_str().unwrap();

    let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    let mut request = Request::new(WhoAmIRequest {});
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let me = IdentityServiceClient::new(channel).who_am_i(request).await.unwrap().into_inner();
    assert_eq!(me.person.unwrap().display_name, "Ada Lovelace");

    let told = Command::new("kill").args(["-TERM", &process.0.id().to_string()]).status().unwrap();
    assert!(told.success());
    let rest: Vec<Value> = log.collect();
    assert_eq!(process.0.wait().unwrap().code(), Some(0), "{rest:?}");
    assert_eq!(rest.last().unwrap()["message"], "stopped");
    let all = format!("{rest:?}");
    assert!(!all.contains(&token) && !all.contains("ada@") && all.contains("request answered"), "{all}");
}

#[tokio::test]
async fn a_backup_is_taken_looked_over_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &INIT).await.0, 0);
    let file = folder.path().join("csp.tar");
    let file = file.to_str().unwrap();
    let (code, screen) = run(folder.path(), &["backup", "--out", file]).await;
    assert_eq!(code, 0, "{}", screen.talk());
    assert!(screen.output().contains("  persons  ") && screen.output().starts_with("SQLite, schema "), "{}", screen.output());
    let noted = std::fs::read_to_string(folder.path().join("last-backup")).unwrap();
    assert!(noted.trim().parse::<csp_domain::Instant>().is_ok(), "{noted}");

    let (code, screen) = run(folder.path(), &["backup", "--out", file]).await;
    assert_eq!(code, 1);
    assert!(screen.talk().contains("Nothing is ever written over"), "{}", screen.talk());
    let (code, screen) = run(folder.path(), &["backup", "verify", file, "--output", "json"]).await;
    assert_eq!(code, 0, "{}", screen.talk());
    let told: Value = serde_json::from_str(&screen.output()).unwrap();
    assert_eq!((&told["engine"], &told["program"]), (&Value::from("sqlite"), &Value::from(env!("CARGO_PKG_VERSION"))), "{told}");
    assert!(told["tables"].as_array().unwrap().iter().any(|table| table["name"] == "persons" && table["rows"] == 1), "{told}");

    let (code, screen) = run(folder.path(), &["restore", file]).await;
    assert_eq!(code, 1);
    assert!(screen.talk().starts_with("The database is not empty.\n") && screen.talk().contains("--replace csp.db"), "{}", screen.talk());
    let (code, screen) = run(folder.path(), &["restore", file, "--replace", "csp.db"]).await;
    assert_eq!(code, 0, "{}", screen.talk());
    assert!(screen.talk().contains("is kept as ") && folder.path().join("csp.db.before-restore").exists(), "{}", screen.talk());
    let (code, screen) = run(folder.path(), &["init", "--name", "Ada Lovelace", "--email", "ada@example.org"]).await;
    assert_eq!(code, 1, "she is back: {}", screen.talk());

    assert_eq!(run(folder.path(), &["backup"]).await.0, 64, "where to?");
    let (code, screen) = run(folder.path(), &["backup", "verify", folder.path().join("csp.db").to_str().unwrap()]).await;
    assert_eq!(code, 1);
    assert!(screen.talk().starts_with("This backup is damaged or no backup at all"), "{}", screen.talk());
}
