//! A migration that is killed half way.
//!
//! Each migration is cut off after each of its statements in turn, with one behind it that fails: what was there before
//! must be there afterwards, to the last row, and the whole migration must then go through. By default some of the places
//! are tried, with `CSP_TEST_LONG=1` every one.

use std::path::Path;

use csp_store::{Engine, Store};
use csp_tests::{Ground, Raw};
use sqlx::{Connection as _, PgConnection, SqliteConnection, migrate::Migrator};

use crate::fixture::Fixture;

/// Places tried in one migration, unless all are.
const SOME: usize = 8;

pub(crate) async fn a_migration_that_stops_anywhere_leaves_the_old_schema_whole(fixture: &Fixture, ground: Ground) {
    let facts = fixture.facts();
    let empty = match ground.settings().engine().unwrap() {
        Engine::Sqlite => Some(Ground::sqlite()),
        Engine::Postgres => Ground::postgres().await,
    };
    // The first one has no older schema than none at all.
    if facts.schema == 1 {
        cut_off_everywhere(&empty.expect("there was a server a moment ago"), 0).await;
    }
    fixture.lay_out(&ground).await;
    cut_off_everywhere(&ground, facts.schema).await;
}

async fn cut_off_everywhere(ground: &Ground, applied: i64) {
    // On SQLite there is no file yet to look into.
    ground.load("SELECT 1;").await;
    let raw = ground.raw();
    for (version, name, text) in migrations(ground.settings().engine().unwrap()) {
        if version <= applied {
            continue;
        }
        let statements = statements(&text);
        assert!(!statements.is_empty(), "{name} does something");
        let before = picture(&raw).await;
        for cut in places(statements.len()) {
            let mut half = statements[..cut].concat();
            half.push_str("\nSELECT * FROM the_machine_stopped_here;\n");
            let stopped = run(ground, &name, &half).await;
            assert!(stopped.is_err(), "{name} went on after statement {cut}");
            assert_eq!(picture(&raw).await, before, "{name}, stopped after statement {cut} of {}", statements.len());
        }
        run(ground, &name, &text).await.unwrap();
    }
    assert_eq!(Store::migrate(ground.settings()).await.unwrap(), 0, "everything went through as it is written");
}

/// After which statements to stop: spread evenly, the first and the last among them.
fn places(statements: usize) -> Vec<usize> {
    if std::env::var("CSP_TEST_LONG").is_ok_and(|value| value == "1") || statements < SOME {
        return (1..=statements).collect();
    }
    (0..SOME).map(|n| 1 + n * (statements - 1) / (SOME - 1)).collect()
}

async fn run(ground: &Ground, name: &str, text: &str) -> Result<(), sqlx::migrate::MigrateError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    let mut migrator = Migrator::new(folder.path()).await?;
    // Those before it are in another folder.
    migrator.set_ignore_missing(true);
    let settings = ground.settings();
    match settings.engine().unwrap() {
        Engine::Sqlite => {
            let mut conn = SqliteConnection::connect(&format!("{}?mode=rwc", settings.url)).await.unwrap();
            let done = migrator.run(&mut conn).await;
            conn.close().await.unwrap();
            done
        }
        Engine::Postgres => {
            let mut conn = PgConnection::connect(settings.migrate_url.as_deref().unwrap()).await.unwrap();
            let done = migrator.run(&mut conn).await;
            conn.close().await.unwrap();
            done
        }
    }
}

/// Version, file name and text of each migration, in order.
fn migrations(engine: Engine) -> Vec<(i64, String, String)> {
    let folder = match engine {
        Engine::Sqlite => "../migrations/sqlite",
        Engine::Postgres => "../migrations/postgres",
    };
    let mut files: Vec<(i64, String, String)> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let version = name.split('_').next().unwrap().parse().unwrap();
            (version, name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort_unstable();
    files
}

/// The statements of a script: cut at semicolons that are in no comment, no text and no body of a function or trigger.
fn statements(script: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut begun, mut at) = (0, 0);
    while let Some(rest) = script.get(at..).filter(|rest| !rest.is_empty()) {
        let skip = |open: &str, close: &str| rest[open.len()..].find(close).map_or(rest.len(), |n| n + open.len() + close.len());
        at += if rest.starts_with("--") {
            skip("--", "\n")
        } else if rest.starts_with('\'') {
            skip("'", "'")
        } else if rest.starts_with("$$") {
            skip("$$", "$$")
        } else if rest.starts_with("BEGIN\n") {
            skip("BEGIN\n", "\nEND")
        } else {
            if rest.starts_with(';') {
                found.push(&script[begun..=at]);
                begun = at + 1;
            }
            rest.chars().next().map_or(1, char::len_utf8)
        };
    }
    found
}

/// The schema and every row.
async fn picture(raw: &Raw) -> Vec<String> {
    let queries: &[&str] = match raw {
        Raw::Sqlite(_) => &["SELECT name || ': ' || COALESCE(sql, '') FROM sqlite_schema WHERE name <> '_sqlx_migrations' ORDER BY name"],
        Raw::Postgres(_) => &[
            "SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns \
             WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
            "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY conname",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
            "SELECT relname || ' ' || relrowsecurity || ' ' || relforcerowsecurity || ' ' || COALESCE(relacl::text, '') FROM pg_class \
             WHERE relnamespace = 'public'::regnamespace AND relname <> '_sqlx_migrations' ORDER BY relname",
            "SELECT tablename || ' ' || policyname || ' ' || COALESCE(qual, '') FROM pg_policies ORDER BY tablename, policyname",
            "SELECT proname || ' ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY proname",
        ],
    };
    let mut lines = Vec::new();
    for query in queries {
        lines.extend(raw.texts(query).await.into_iter().filter(|line| !line.contains("_sqlx_migrations")));
    }
    lines.extend(raw.everything().await);
    lines
}

#[test]
fn scripts_are_cut_where_statements_end() {
    let script =
        "-- one; still a comment\nSELECT ';';\nDO $$ BEGIN; END $$;\nCREATE TRIGGER a BEGIN\n    SELECT 1;\nEND;\nSELECT 'it''s; so';";
    let wanted = [
        "-- one; still a comment\nSELECT ';';",
        "\nDO $$ BEGIN; END $$;",
        "\nCREATE TRIGGER a BEGIN\n    SELECT 1;\nEND;",
        "\nSELECT 'it''s; so';",
    ];
    assert_eq!(statements(script), wanted);
}
