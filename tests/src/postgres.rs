//! A PostgreSQL server for the tests of one process.
//!
//! * `CSP_TEST_POSTGRES_URL` names a server and a role on it that may make databases and roles. Meant for
//!   a server that is there for tests.
//! * Otherwise the first test that needs one starts one from the programs found on the PATH or where
//!   Debian keeps them; see `postgres.sh`. PostgreSQL refuses to run as root, so for root it runs as
//!   `postgres`.
//! * With neither, that half of the tests is left out, which each of them says. `CSP_TEST_NO_POSTGRES=1`
//!   leaves it out in any case; with `CSP_TEST_REQUIRE_POSTGRES=1` there being none is a failure.

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use csp_domain::{
    chance::{Chance as _, SystemChance},
    document::Hash,
};
use csp_store::{Settings, Store};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::sync::OnceCell;

/// Where roles need one. The server is for tests and so is the password.
const PASSWORD: &str = "csp_test";
/// Connections of one store: more than the twelve workers that the tests let loose on it.
const CONNECTIONS: u32 = 16;

/// One server with the two roles and a migrated database to copy.
#[derive(Debug)]
pub(crate) struct Server {
    superuser: PgConnectOptions,
    template: String,
    /// Its standard input is what keeps the server alive.
    child: Option<Child>,
    made: AtomicU32,
    /// Part of the names of databases: on a server that is shared, other processes make theirs.
    mark: String,
}

/// A database of its own, dropped with the test on a server that outlives it.
#[derive(Debug)]
pub(crate) struct Database {
    server: Arc<Server>,
    name: String,
}

/// The server of this process, or none where its half of the tests is to be left out.
pub(crate) async fn server() -> Option<Arc<Server>> {
    static SERVER: OnceCell<Option<Arc<Server>>> = OnceCell::const_new();
    SERVER.get_or_init(|| async { find().await.map(Arc::new) }).await.clone()
}

pub(crate) fn is_set(name: &str) -> bool {
    env::var(name).is_ok_and(|value| !value.is_empty() && value != "0")
}

async fn find() -> Option<Server> {
    let required = is_set("CSP_TEST_REQUIRE_POSTGRES");
    if is_set("CSP_TEST_NO_POSTGRES") {
        assert!(!required, "CSP_TEST_REQUIRE_POSTGRES and CSP_TEST_NO_POSTGRES contradict each other");
        return None;
    }
    if let Ok(url) = env::var("CSP_TEST_POSTGRES_URL") {
        let superuser = PgConnectOptions::from_str(&url).expect("CSP_TEST_POSTGRES_URL is an address of PostgreSQL");
        return Some(Server::prepare(superuser, None).await);
    }
    let Some(programs) = programs() else {
        assert!(!required, "CSP_TEST_REQUIRE_POSTGRES is set, and there is neither CSP_TEST_POSTGRES_URL nor a PostgreSQL server to start");
        return None;
    };
    let (child, home) = tokio::task::spawn_blocking(move || start(&programs, "")).await.expect("starting the server does not panic");
    let superuser = PgConnectOptions::new_without_pgpass().socket(home).username("csp_super").ssl_mode(PgSslMode::Disable);
    Some(Server::prepare(superuser, Some(child)).await)
}

/// The folders where programs of PostgreSQL may be: those on the PATH, then Debian's, the newest first.
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> =
        installed.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    env::split_paths(&path).chain(versions.into_iter().map(|(_, folder)| folder)).collect()
}

/// The folder of the server's programs.
pub(crate) fn programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file());
    folders().into_iter().find(complete)
}

/// A program that comes with PostgreSQL, such as `pg_dump`.
pub fn postgres_program(name: &str) -> Option<PathBuf> {
    folders().into_iter().map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// Starts a server with settings of its own and answers what keeps it alive, and the folder of its socket.
pub(crate) fn start(programs: &Path, settings: &str) -> (Child, String) {
    let script = include_str!("postgres.sh");
    let user = output("id", &["-u"]);
    let mut command = if user == "0" {
        let other = ["postgres", "nobody"].into_iter().find(|name| !output("id", &["-u", name]).is_empty());
        let mut command = Command::new("runuser");
        command.args(["-u", other.expect("there is a user other than root to run the server"), "--", "sh", "-c", script, "sh"]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        command
    };
    let mut child = command
        .arg(programs)
        .arg(settings)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // What stops the tests as a group must leave the script alive to stop the server.
        .process_group(0)
        .spawn()
        .expect("a shell starts");
    let mut said = BufReader::new(child.stdout.take().expect("standard output was asked for"));
    let mut first = String::new();
    said.read_line(&mut first).expect("the script speaks UTF-8");
    if let Some(home) = first.trim_end().strip_prefix("ready ") {
        return (child, home.to_owned());
    }
    let mut rest = String::new();
    let _ = said.read_to_string(&mut rest);
    let _ = child.wait();
    panic!("PostgreSQL from {} does not start: {first}{rest}", programs.display());
}

pub(crate) fn output(program: &str, arguments: &[&str]) -> String {
    let said = Command::new(program).args(arguments).stderr(Stdio::null()).output();
    said.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// Whether the predicates of the statements are to keep tenants apart alone (`services/store/src/walls.rs`).
pub fn predicates_alone() -> bool {
    env::var("CSP_TEST_ONE_WALL").is_ok_and(|wall| wall == "predicates")
}

/// Whether row-level security is.
pub fn rows_alone() -> bool {
    env::var("CSP_TEST_ONE_WALL").is_ok_and(|wall| wall == "rows")
}

/// Takes down what the migrations put up.
const WITHOUT_ROW_SECURITY: &str = "DO $$ DECLARE t TEXT; BEGIN \
    FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::REGNAMESPACE AND relrowsecurity LOOP \
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', t); \
    END LOOP; END $$";

/// Names the schema, so that a server that is shared keeps one copy for each.
fn schema_mark() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/postgres");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).expect("there are migrations").flatten().map(|entry| entry.path()).collect();
    files.sort_unstable();
    let texts: Vec<u8> = files.iter().flat_map(|file| std::fs::read(file).expect("migrations can be read")).collect();
    Hash::of(&texts).to_string()[..16].to_owned()
}

async fn run(conn: &mut PgConnection, statement: String) {
    if let Err(error) = conn.execute(AssertSqlSafe(statement.clone())).await {
        panic!("{statement}: {error}");
    }
}

impl Server {
    pub(crate) async fn prepare(superuser: PgConnectOptions, child: Option<Child>) -> Self {
        let mut random = [0; 6];
        SystemChance.fill(&mut random);
        let server = Self {
            superuser: superuser.database("postgres"),
            template: format!("csp_test_template_{}{}", schema_mark(), if predicates_alone() { "_open" } else { "" }),
            child,
            made: AtomicU32::new(0),
            mark: random.map(|byte| format!("{byte:02x}")).concat(),
        };
        let mut conn = server.superuser.connect().await.expect("the PostgreSQL server answers");
        // On a server that is shared, one process prepares it and the others wait.
        run(&mut conn, "SELECT pg_advisory_lock(635)".to_owned()).await;
        for role in ["csp_owner", "csp_app"] {
            let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
                .bind(role)
                .fetch_one(&mut conn)
                .await
                .expect("the server knows its roles");
            if !known {
                run(&mut conn, format!("CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{PASSWORD}'")).await;
            }
        }
        let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&server.template)
            .fetch_one(&mut conn)
            .await
            .expect("the server knows its databases");
        if !there {
            // Under another name until it is whole.
            let name = format!("csp_test_{}_new", server.mark);
            run(&mut conn, format!("CREATE DATABASE {name} OWNER csp_owner")).await;
            Store::migrate(&server.settings(&name)).await.expect("the schema can be set up");
            if predicates_alone() {
                let mut inside = server.superuser.clone().database(&name).connect().await.expect("the database answers");
                run(&mut inside, WITHOUT_ROW_SECURITY.to_owned()).await;
                inside.close().await.expect("the server takes leave");
            }
            run(&mut conn, format!("ALTER DATABASE {name} RENAME TO {}", server.template)).await;
        }
        conn.close().await.expect("the server takes leave");
        server
    }

    /// The address of a database for one of the roles.
    fn address(&self, role: &str, database: &str) -> PgConnectOptions {
        self.superuser.clone().username(role).password(PASSWORD).database(database)
    }

    fn settings(&self, database: &str) -> Settings {
        Settings {
            url: self.address("csp_app", database).to_url_lossy().to_string(),
            migrate_url: Some(self.address("csp_owner", database).to_url_lossy().to_string()),
            connections: CONNECTIONS,
        }
    }

    /// A migrated database that nobody else has.
    pub(crate) async fn database(self: &Arc<Self>) -> Database {
        self.make(&self.template).await
    }

    /// A database without a table that nobody else has.
    pub(crate) async fn empty_database(self: &Arc<Self>) -> Database {
        self.make("template0").await
    }

    async fn make(self: &Arc<Self>, template: &str) -> Database {
        let name = format!("csp_test_{}_{}", self.mark, self.made.fetch_add(1, Ordering::Relaxed));
        let mut conn = self.superuser.connect().await.expect("the PostgreSQL server answers");
        run(&mut conn, format!("CREATE DATABASE {name} OWNER csp_owner TEMPLATE {template}")).await;
        conn.close().await.expect("the server takes leave");
        Database { server: self.clone(), name }
    }
}

impl Database {
    pub(crate) fn settings(&self) -> Settings {
        self.server.settings(&self.name)
    }

    /// Past row-level security, to look and to break things.
    pub(crate) fn superuser(&self) -> PgConnectOptions {
        self.server.superuser.clone().database(&self.name)
    }

    /// As one of the two roles.
    pub(crate) fn role(&self, role: &str) -> PgConnectOptions {
        self.server.address(role, &self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.server.child.is_some() {
            return;
        }
        let (superuser, name) = (self.server.superuser.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut conn = superuser.connect().await.map_err(std::io::Error::other)?;
                let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                conn.execute(AssertSqlSafe(statement)).await.map_err(std::io::Error::other)
            })
        });
        // A database left behind is a nuisance, not a failure.
        let _ = dropped.join();
    }
}
