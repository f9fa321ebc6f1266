//! The program of yesterday on the schema of tomorrow.

use std::process::{Command, Output, Stdio};

use csp_store::Store;
use csp_tests::Ground;

use crate::fixture::Fixture;

fn cspd(ground: &Ground, command: &str) -> Output {
    let settings = ground.settings();
    Command::new(env!("CARGO_BIN_EXE_cspd-under-test"))
        .arg(command)
        .env_clear()
        .env("CSPD_DATABASE__URL", &settings.url)
        .env("CSPD_DATABASE__MIGRATE_URL", settings.migrate_url.as_deref().unwrap_or_default())
        .env("CSPD_LISTEN__API", "127.0.0.1:0")
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .output()
        .expect("the server just built starts")
}

pub(crate) async fn an_older_program_refuses_a_newer_schema_in_words(fixture: &Fixture, ground: Ground) {
    fixture.lay_out(&ground).await;
    Store::migrate(ground.settings()).await.unwrap();
    let raw = ground.raw();
    let known = raw.number("SELECT MAX(version) FROM _sqlx_migrations").await;
    raw.execute(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) \
         SELECT 9999, 'of tomorrow', installed_on, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1",
    )
    .await;
    let before = raw.everything().await;
    let sentence = format!("database schema is at version 9999, which this program (version {known}) does not know: use a newer program");
    for (command, place) in [("serve", "The "), ("migrate", "The "), ("check", "problem  database  the ")] {
        let ended = cspd(&ground, command);
        let said = [ended.stdout, ended.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(ended.status.code(), Some(1), "cspd {command}: {said}");
        assert!(said.contains(&format!("{place}{sentence}")), "cspd {command}: {said}");
    }
    assert_eq!(raw.everything().await, before, "and nothing was touched");
}
