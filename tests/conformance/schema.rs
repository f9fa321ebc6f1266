//! The schema: every statement fits it, both engines have the same one, and a database that this program does
//! not fit is said so before anything is served.

use csp_domain::chance::{SeededChance, SharedChance};
use csp_store::{Engine, OpenError, Settings, Store};
use csp_tests::{Bed, Raw};

use crate::verdict::Verdict as _;

fn chance() -> SharedChance {
    std::sync::Arc::new(SeededChance::new(2))
}

pub(crate) async fn every_statement_is_prepared(bed: &Bed) {
    let prepared = bed.store.prepare_all().await.expect("the engine understands every statement");
    assert_eq!(prepared, csp_store::every_statement(bed.engine()).len());
    assert!(prepared > 120, "{prepared}");
}

pub(crate) async fn migrating_again_does_nothing(bed: &Bed) {
    let county = bed.county("north").await;
    assert_eq!(Store::migrate(bed.settings()).await.expect("there is nothing to do"), 0);
    let again = bed.second_store(chance()).await;
    assert_eq!(again.get_region(county.scope()).await.done(), county.region);
    again.close().await;
}

pub(crate) async fn a_schema_from_the_future_is_refused(bed: &Bed) {
    let raw = bed.raw();
    let known = raw.number("SELECT MAX(version) FROM _sqlx_migrations").await;
    raw.execute(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) \
         SELECT 9999, 'from the future', installed_on, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1",
    )
    .await;
    for refused in [Store::open(bed.settings(), chance()).await.map(|_| ()), Store::migrate(bed.settings()).await.map(|_| ())] {
        match refused {
            Err(OpenError::Ahead { found: 9999, known: newest }) => assert_eq!(newest, known),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) async fn an_unmigrated_database_is_refused(bed: &Bed) {
    let raw = bed.raw();
    let newest = raw.number("SELECT MAX(version) FROM _sqlx_migrations").await;
    for statement in ["DELETE FROM _sqlx_migrations", "DROP TABLE _sqlx_migrations"] {
        raw.execute(statement).await;
        match Store::open(bed.settings(), chance()).await {
            Err(OpenError::Behind { found: 0, needed }) => assert_eq!(needed, newest),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) async fn a_closed_store_says_so(bed: &Bed) {
    let county = bed.county("north").await;
    bed.store.close().await;
    let asked = bed.store.get_region(county.scope()).await;
    assert!(matches!(asked, Err(csp_store::StoreError::Unavailable(_))), "{asked:?}");
    let probed = bed.store.probe(csp_tests::at("2022-01-05T10:00:00Z")).await;
    assert!(matches!(probed, Err(csp_store::StoreError::Unavailable(_))), "{probed:?}");
    bed.store.close().await;
}

/// `table column` of whatever enforces a key, with the first column it names.
async fn first_columns(raw: &Raw) -> Vec<String> {
    let query = match raw {
        Raw::Sqlite(_) => {
            "SELECT t.name || ' ' || c.name FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c \
             WHERE t.type = 'table' AND i.\"unique\" = 1 AND c.seqno = 0 AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
             UNION ALL SELECT t.name || ' ' || f.\"from\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table' AND f.seq = 0 \
             UNION ALL SELECT t.name || ' ' || f.\"to\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table' AND f.seq = 0"
        }
        Raw::Postgres(_) => {
            "SELECT t.relname || ' ' || a.attname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] \
             WHERE i.indisunique AND t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_sqlx%' \
             UNION ALL SELECT t.relname || ' ' || a.attname FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid \
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1] WHERE k.contype IN ('p', 'u', 'f', 'x') \
             AND t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_sqlx%' \
             UNION ALL SELECT t.relname || ' ' || a.attname FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid \
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.confkey[1] WHERE k.contype = 'f'"
        }
    };
    raw.texts(query).await
}

pub(crate) async fn every_key_begins_with_the_region(bed: &Bed) {
    let columns = first_columns(&bed.raw()).await;
    assert!(columns.len() > 70, "{columns:?}");
    let mut otherwise: Vec<String> = columns.into_iter().filter(|column| !column.ends_with(" region_id")).collect();
    otherwise.dedup();
    // The one exception: a region's short name is the first part of every resource name, so it is unique in the
    // whole service, and whoever sets up a region is told when it is taken.
    assert_eq!(otherwise, ["regions slug"]);
}

pub(crate) async fn both_engines_have_the_same_tables_and_columns(bed: &Bed) {
    let reference = Bed::sqlite().await;
    assert_eq!((reference.engine(), bed.engine()), (Engine::Sqlite, Engine::Postgres));
    let (one, other) = (reference.raw(), bed.raw());
    let tables = one.tables().await;
    assert_eq!(other.tables().await, tables);
    for table in tables {
        assert_eq!(other.columns(&table).await, one.columns(&table).await, "{table}");
    }
}

pub(crate) async fn a_damaged_file_is_refused(_: &Bed) {
    let folder = tempfile::TempDir::new().expect("there is room for a temporary folder");
    let path = folder.path().join("csp.db");
    let settings = Settings { url: format!("sqlite://{}", path.display()), migrate_url: None, connections: 1 };
    Store::migrate(&settings).await.expect("the schema can be set up");
    let sound = std::fs::read(&path).expect("there is a file");
    let page = 4096;
    assert!(sound.len() > 40 * page);

    let mut scribbled = sound.clone();
    for page in scribbled.chunks_mut(page).skip(1).step_by(3) {
        page.fill(0xa5);
    }
    let mut headless = sound.clone();
    headless[..100].fill(0);
    let truncated = sound[..sound.len() / 2].to_vec();
    for (what, bytes) in
        [("scribbled over", scribbled), ("without its head", headless), ("cut off", truncated), ("text", b"not a database. ".repeat(1000))]
    {
        // A folder of its own for each: connections that are being closed still tidy up in the one before.
        let folder = tempfile::TempDir::new().expect("there is room for a temporary folder");
        let path = folder.path().join("csp.db");
        let settings = Settings { url: format!("sqlite://{}", path.display()), migrate_url: None, connections: 1 };
        std::fs::write(&path, bytes).expect("the file can be written");
        for refused in [Store::open(&settings, chance()).await.map(|_| ()), Store::migrate(&settings).await.map(|_| ())] {
            assert!(matches!(refused, Err(OpenError::Damaged(_))), "{what}: {refused:?}");
        }
    }

    let folder = tempfile::TempDir::new().expect("there is room for a temporary folder");
    let path = folder.path().join("csp.db");
    let settings = Settings { url: format!("sqlite://{}", path.display()), migrate_url: None, connections: 1 };
    std::fs::write(&path, sound).expect("the file can be written");
    Store::open(&settings, chance()).await.expect("the sound one opens").close().await;
}

pub(crate) async fn a_file_that_is_not_there_is_not_made_by_opening_it(_: &Bed) {
    let folder = tempfile::TempDir::new().expect("there is room for a temporary folder");
    let path = folder.path().join("csp.db");
    let settings = Settings { url: format!("sqlite://{}", path.display()), migrate_url: None, connections: 1 };
    assert!(matches!(Store::open(&settings, chance()).await, Err(OpenError::Connect(_))));
    assert!(!path.exists());
}

/// The ways SQLite takes through a statement.
async fn ways(bed: &Bed, name: &str) -> Vec<String> {
    let statements = csp_store::every_statement(bed.engine());
    let (_, text) = statements.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("there is no {name}"));
    let Raw::Sqlite(pool) = bed.raw() else { panic!("PostgreSQL plans by what the tables hold") };
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"))).fetch_all(&pool).await;
    rows.unwrap_or_else(|error| panic!("{name}: {error}")).iter().map(|row| sqlx::Row::get::<String, _>(row, "detail")).collect()
}

pub(crate) async fn what_a_cycle_or_an_item_has_is_found_without_reading_the_whole_region(bed: &Bed) {
    for (statement, index) in [
        ("LIST_ACCEPTED", "wordings_by_cycle"),
        ("LIST_ACCEPTED_IDS", "wordings_by_cycle"),
        ("LIST_PROPOSED", "wordings_by_cycle"),
        ("LIST_LIVING", "wordings_by_cycle"),
        ("LIST_WAITING", "wordings_waiting"),
        ("LIST_NEWS_OF_CYCLE", "news_items_by_cycle"),
        ("LIST_JOINT_OF_CYCLE", "joint_owners_by_cycle"),
        ("LIST_OPEN_JOINT", "joint_owners_open"),
        ("LIST_OPEN_WRITERS", "joint_owners_open"),
    ] {
        let ways = ways(bed, statement).await;
        assert!(ways.iter().any(|way| way.contains(&format!("USING INDEX {index}"))), "{statement}: {ways:?}");
        let whole = |way: &&String| way.starts_with("SCAN") || way.ends_with("(region_id=?)") && !way.contains(index);
        assert_eq!(ways.iter().find(whole), None, "{statement}: {ways:?}");
    }
}
