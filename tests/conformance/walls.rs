//! PostgreSQL's own walls: row-level security keeps tenants apart even where a statement forgets to.

use csp_domain::{
    Scope,
    id::RegionId,
    observation::QuotedFigure,
    returns::{Content, NewReturn},
};
use csp_store::{OpenError, Store};
use csp_tests::{Bed, County, line, quarter};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

use crate::verdict::Verdict as _;

/// One role's connection, which says for whom it works as the store does.
struct Session(PgPool);

impl Session {
    fn of(pool: Option<PgPool>) -> Self {
        Self(pool.expect("this case is for PostgreSQL"))
    }

    /// Runs a statement in a transaction of its own that is rolled back. How many rows it touched or answered, or the
    /// code of the refusal.
    async fn try_in(&self, scope: Option<Scope>, statement: &str) -> Result<u64, String> {
        let mut transaction = self.0.begin().await.expect("a transaction begins");
        if let Some(scope) = scope {
            set_scope(&mut transaction, scope).await;
        }
        let done = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut *transaction).await;
        transaction.rollback().await.expect("a transaction ends");
        match done {
            Ok(done) => Ok(done.rows_affected()),
            Err(error) => {
                let error = error.into_database_error().expect("the database says no");
                Err(error.code().expect("it gives a code").into_owned())
            }
        }
    }
}

async fn set_scope(conn: &mut PgConnection, scope: Scope) {
    let (word, region, partnership) = match scope {
        Scope::System => ("system", String::new(), String::new()),
        Scope::Region(region) => ("region", region.to_string(), String::new()),
        Scope::Partnership(region, partnership) => ("partnership", region.to_string(), partnership.to_string()),
    };
    sqlx::query("SELECT set_config('csp.scope', $1, TRUE), set_config('csp.region', $2, TRUE), set_config('csp.partnership', $3, TRUE)")
        .bind(word)
        .bind(region)
        .bind(partnership)
        .execute(conn)
        .await
        .expect("the scope can be set");
}

/// Insufficient privilege: what a policy answers to a row it does not allow.
const REFUSED: &str = "42501";

/// Two regions with a row in every table.
async fn two_counties(bed: &Bed) -> (County, County) {
    let north = crate::records::a_full_county(bed, "north").await;
    let south = crate::records::a_full_county(bed, "south").await;
    (north, south)
}

/// A copy of one row of `table`, said to be of another region.
fn forged(table: &str, from: RegionId, to: RegionId) -> String {
    format!(
        "INSERT INTO {table} SELECT (jsonb_populate_record(r, jsonb_build_object('region_id', '{to}'))).* FROM \
         (SELECT * FROM {table} WHERE region_id = '{from}' LIMIT 1) AS r"
    )
    .replace("jsonb_populate_record(r,", &format!("jsonb_populate_record(r::{table},"))
}

pub(crate) async fn row_level_security_alone_keeps_regions_apart(bed: &Bed) {
    let (north, south) = two_counties(bed).await;
    let (ours, theirs, within) = (north.region.id, south.region.id, Some(north.scope()));
    let before = bed.raw().everything().await;
    for session in [Session::of(bed.as_serving_role()), Session::of(bed.as_owner())] {
        for table in bed.raw().tables().await {
            let seen = session.try_in(within, &format!("SELECT 1 FROM {table}")).await;
            assert_eq!(
                seen,
                Ok(u64::try_from(bed.raw().rows(&table, ours).await).expect("not negative")),
                "{table}: all of ours and no more"
            );
            for statement in [
                format!("SELECT 1 FROM {table} WHERE region_id = '{theirs}'"),
                format!("SELECT 1 FROM {table} WHERE region_id = '{theirs}' FOR UPDATE"),
                format!("UPDATE {table} SET region_id = region_id WHERE region_id = '{theirs}'"),
                format!("UPDATE {table} SET region_id = '{ours}' WHERE region_id <> '{ours}'"),
                format!("DELETE FROM {table} WHERE region_id = '{theirs}'"),
            ] {
                assert_eq!(session.try_in(within, &statement).await, Ok(0), "{statement}");
            }
            for statement in [forged(&table, ours, theirs), format!("UPDATE {table} SET region_id = '{theirs}' WHERE region_id = '{ours}'")]
            {
                assert_eq!(session.try_in(within, &statement).await, Err(REFUSED.to_owned()), "{statement}");
            }
        }
    }
    assert_eq!(bed.raw().everything().await, before);
}

pub(crate) async fn with_nothing_said_nothing_is_seen(bed: &Bed) {
    let (north, south) = two_counties(bed).await;
    for session in [Session::of(bed.as_serving_role()), Session::of(bed.as_owner())] {
        for table in bed.raw().tables().await {
            for statement in [
                format!("SELECT 1 FROM {table}"),
                format!("UPDATE {table} SET region_id = '{}'", north.region.id),
                format!("DELETE FROM {table}"),
            ] {
                assert_eq!(session.try_in(None, &statement).await, Ok(0), "{statement}");
            }
        }
        let statement = format!(
            "INSERT INTO partnerships (region_id, partnership_id, slug, ons_code, name, created_at, revision) VALUES \
             ('{}', '{}', 'newcastle', 'E22000001', 'Newcastle', '2022-01-05T10:00:00Z', 1)",
            south.region.id,
            bed.id::<uuid::Uuid>(),
        );
        assert_eq!(session.try_in(None, &statement).await, Err(REFUSED.to_owned()));
        assert_eq!(session.try_in(Some(north.scope()), &statement).await, Err(REFUSED.to_owned()));
        assert_eq!(session.try_in(Some(south.scope()), &statement).await, Ok(1), "the statement itself is sound");
        // What one transaction said, the next does not remember.
        assert_eq!(session.try_in(None, "SELECT 1 FROM partnerships").await, Ok(0));
    }
}

pub(crate) async fn a_partnerships_scope_hides_what_the_neighbour_sent_in(bed: &Bed) {
    let county = bed.county("north").await;
    for n in [0, 1] {
        let quoted = QuotedFigure { subject: line("S"), value: line("30%"), source: line("S"), period: quarter("2021-q2") };
        let older = csp_domain::observation::Figure { period: quarter("2019-q1"), ..county.burglary(1) };
        let content = Content::Full { figures: vec![older], quoted: vec![quoted] };
        let new = NewReturn { content, ..bed.new_return(&county, n, Vec::new()) };
        let officer = &county.officers[n];
        let manner = csp_domain::returns::Manner { mail_receipt: true, ..Default::default() };
        bed.store.submit_return(county.scope_of(n), &bed.by(officer), officer.id, new, manner).await.done();
        let note = crate::checks::note(&county, n, "older-period", "It was never told.");
        bed.store.explain(county.scope_of(n), &bed.by(officer), officer.id, note).await.done();
        let item = bed.tell(&county, n, "News").await;
        crate::wordings::propose(bed, &county, crate::wordings::of_news(bed, &county, n, &item, "Otherwise")).await.done();
    }
    let national = bed.new_news(&county, csp_domain::news::NewsOwner::Committee(county.committee.id), "In the making");
    bed.store.create_news_item(county.scope(), &bed.by(&county.editor), county.editor.id, national).await.done();

    let session = Session::of(bed.as_serving_role());
    let (within, ours, theirs) = (Some(county.scope_of(0)), county.partnerships[0].id, county.partnerships[1].id);
    let (_, planned) = bed.planned_committee(&county).await;
    for n in [0, 1] {
        let (until, reason, id) = (planned.timetable.closed_to_new_at, line("their system was down"), county.partnerships[n].id);
        bed.store.extend(county.scope(), &bed.by(&county.editor), county.editor.id, (planned.id, id), until, reason).await.done();
    }

    let history = crate::history::told(bed, &county, &[(0, &[("2020-q3", 717)]), (1, &[("2020-q3", 420)])]);
    bed.store.import_history(county.scope(), &bed.by(&county.administrator), county.administrator.id, history).await.done();

    for table in [
        "returns",
        "return_revisions",
        "observations",
        "quoted_figures",
        "news_items",
        "extensions",
        "explanations",
        "receipt_wishes",
        "history",
        "wordings",
    ] {
        assert_eq!(session.try_in(within, &format!("SELECT 1 FROM {table}")).await, Ok(1), "{table}: one's own");
        for statement in [
            format!("UPDATE {table} SET partnership_id = partnership_id WHERE partnership_id = '{theirs}'"),
            format!("DELETE FROM {table} WHERE partnership_id = '{theirs}' OR partnership_id IS NULL"),
        ] {
            assert_eq!(session.try_in(within, &statement).await, Ok(0), "{statement}");
        }
        let statement = format!("UPDATE {table} SET partnership_id = '{theirs}' WHERE partnership_id = '{ours}'");
        assert_eq!(session.try_in(within, &statement).await, Err(REFUSED.to_owned()), "{statement}");
    }
}

pub(crate) async fn whose_a_joint_item_is_only_its_owners_see(bed: &Bed) {
    let (county, _) = crate::joint::led_county(bed, "north").await;
    crate::joint::tell(bed, &county, &[1], "Patrols").await;
    let session = Session::of(bed.as_serving_role());
    for (n, seen) in [(0, 1), (1, 1), (2, 0)] {
        let within = Some(county.scope_of(n));
        for statement in ["SELECT 1 FROM joint_owners", "UPDATE joint_owners SET place = 7"] {
            assert_eq!(session.try_in(within, statement).await, Ok(seen), "{statement} for {n}");
        }
        // Nor does anybody make it a third's.
        let theirs = county.partnerships[2].id;
        let statement = format!("UPDATE joint_owners SET partnership_id = '{theirs}', first_id = '{theirs}'");
        let given_away = session.try_in(within, &statement).await;
        assert_eq!(given_away, if seen == 1 { Err(REFUSED.to_owned()) } else { Ok(0) }, "{statement} for {n}");
    }
}

pub(crate) async fn every_table_is_walled_for_owner_and_server_alike(bed: &Bed) {
    let raw = bed.raw();
    for table in raw.tables().await {
        let forced = format!("SELECT COUNT(*) FROM pg_class WHERE oid = '{table}'::regclass AND relrowsecurity AND relforcerowsecurity");
        assert_eq!(raw.number(&forced).await, 1, "{table} has row-level security that binds its owner too");
        let policies = raw
            .texts(&format!(
                "SELECT permissive || ' ' || cmd || ' ' || roles::text || ' ' || (qual IS NOT NULL)::text || ' ' || (with_check IS NOT NULL)::text || ' ' || \
                 (qual = with_check)::text FROM pg_policies WHERE schemaname = 'public' AND tablename = '{table}'"
            ))
            .await;
        assert_eq!(policies, ["PERMISSIVE ALL {public} true true true"], "{table}: one policy, for everybody and everything, with a check");
    }
}

pub(crate) async fn the_serving_role_owns_nothing_and_may_nothing_more(bed: &Bed) {
    let raw = bed.raw();
    let role = "(SELECT oid FROM pg_roles WHERE rolname = 'csp_app')";
    for (catalogue, column) in [
        ("pg_class", "relowner"),
        ("pg_proc", "proowner"),
        ("pg_namespace", "nspowner"),
        ("pg_type", "typowner"),
        ("pg_database", "datdba"),
    ] {
        assert_eq!(raw.number(&format!("SELECT COUNT(*) FROM {catalogue} WHERE {column} = {role}")).await, 0, "{catalogue}");
    }
    let rights = "SELECT COUNT(*) FROM pg_roles WHERE rolname = 'csp_app' \
        AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)";
    assert_eq!(raw.number(rights).await, 0);
    assert_eq!(raw.number(&format!("SELECT COUNT(*) FROM pg_auth_members WHERE member = {role}")).await, 0);

    let session = Session::of(bed.as_serving_role());
    for statement in [
        "CREATE TABLE mine (x INT)",
        "ALTER TABLE returns DISABLE ROW LEVEL SECURITY",
        "DROP POLICY returns_scope ON returns",
        "TRUNCATE returns",
        "SET ROLE csp_owner",
        "UPDATE _sqlx_migrations SET version = 2",
    ] {
        let refused = session.try_in(Some(Scope::System), statement).await;
        assert_eq!(refused, Err(REFUSED.to_owned()), "{statement}");
    }
}

/// Each hole in the wall, made by hand, with the words in which it is found.
const HOLES: [(&str, &str); 9] = [
    ("ALTER TABLE returns NO FORCE ROW LEVEL SECURITY", "row-level security of the table returns is not forced"),
    ("ALTER TABLE returns DISABLE ROW LEVEL SECURITY", "row-level security of the table returns is not forced"),
    ("DROP POLICY returns_scope ON returns", "the table returns does not have exactly one policy"),
    ("CREATE POLICY more ON returns USING (TRUE)", "the table returns does not have exactly one policy"),
    ("ALTER POLICY returns_scope ON returns WITH CHECK (TRUE)", "the table returns does not have exactly one policy"),
    (
        "ALTER POLICY history_scope ON history USING (EXISTS (SELECT 1 FROM regions x WHERE x.region_id = (SELECT csp_own_region())))",
        "the table history does not have exactly one policy",
    ),
    ("CREATE TABLE forgotten (x INT)", "the table forgotten has no region_id"),
    ("CREATE UNIQUE INDEX across ON persons (email)", "the key persons.across does not begin with the region"),
    ("ALTER TABLE returns OWNER TO csp_app", "the role csp_app owns the tables"),
];

pub(crate) async fn a_hole_in_the_wall_keeps_the_server_from_starting(bed: &Bed) {
    let chance = || std::sync::Arc::new(csp_domain::chance::SeededChance::new(3));
    Store::open(bed.settings(), chance()).await.expect("there is no hole yet").close().await;
    for (hole, words) in HOLES {
        let raw = bed.raw();
        raw.execute(hole).await;
        match Store::open(bed.settings(), chance()).await {
            Err(OpenError::Walls(faults)) => assert!(faults.iter().any(|fault| fault.starts_with(words)), "{hole}: {faults:?}"),
            other => panic!("{hole}: {:?}", other.map(|_| "opened")),
        }
        for mend in mends(hole) {
            raw.execute(mend).await;
        }
        Store::open(bed.settings(), chance()).await.unwrap_or_else(|error| panic!("mended after {hole}: {error}")).close().await;
    }
}

fn mends(hole: &str) -> &'static [&'static str] {
    const POLICY: &str = "CREATE POLICY returns_scope ON returns USING (csp_sees_region(region_id) AND csp_sees_partnership(partnership_id)) \
        WITH CHECK (csp_sees_region(region_id) AND csp_sees_partnership(partnership_id))";
    const IN_BULK: &str = "CREATE POLICY history_scope ON history USING (((SELECT csp_sees_every_region()) OR region_id = (SELECT csp_own_region())) \
        AND ((SELECT csp_sees_every_partnership()) OR partnership_id = (SELECT csp_own_partnership()))) \
        WITH CHECK (((SELECT csp_sees_every_region()) OR region_id = (SELECT csp_own_region())) \
        AND ((SELECT csp_sees_every_partnership()) OR partnership_id = (SELECT csp_own_partnership())))";
    match hole.split(' ').take(2).collect::<Vec<_>>()[..] {
        ["ALTER", "TABLE"] if hole.contains("OWNER") => &["ALTER TABLE returns OWNER TO csp_owner"],
        ["ALTER", "TABLE"] => &["ALTER TABLE returns ENABLE ROW LEVEL SECURITY", "ALTER TABLE returns FORCE ROW LEVEL SECURITY"],
        ["DROP", "POLICY"] => &[POLICY],
        ["CREATE", "POLICY"] => &["DROP POLICY more ON returns"],
        ["ALTER", "POLICY"] if hole.contains("history") => &["DROP POLICY history_scope ON history", IN_BULK],
        ["ALTER", "POLICY"] => &["DROP POLICY returns_scope ON returns", POLICY],
        ["CREATE", "TABLE"] => &["DROP TABLE forgotten"],
        _ => &["DROP INDEX across"],
    }
}

pub(crate) async fn the_owner_of_the_tables_does_not_serve(bed: &Bed) {
    let url = bed.settings().migrate_url.clone().expect("the bed keeps the two roles apart");
    let settings = csp_store::Settings { url, ..bed.settings().clone() };
    match Store::open(&settings, std::sync::Arc::new(csp_domain::chance::SeededChance::new(3))).await {
        Err(OpenError::Walls(faults)) => {
            assert!(faults.len() == 1 && faults[0].starts_with("the role csp_owner owns the tables"), "{faults:?}");
            assert!(faults[0].contains("database.migrate_url"), "it says what to do: {faults:?}");
        }
        other => panic!("{:?}", other.map(|_| "opened")),
    }
}
