//! A PostgreSQL server of a test's own, to be restarted under its hands.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::{
    Bed, Ground,
    postgres::{Server, is_set, output, programs, start},
};

/// A server that keeps what it acknowledged when it is stopped without warning.
#[derive(Debug)]
pub struct OwnPostgres {
    server: Arc<Server>,
    programs: PathBuf,
    home: String,
}

impl OwnPostgres {
    /// Starts one. None, and said so, where there are no programs for it; a server elsewhere cannot be restarted.
    pub async fn start() -> Option<Self> {
        let found = if is_set("CSP_TEST_NO_POSTGRES") { None } else { programs() };
        let Some(programs) = found else {
            assert!(!is_set("CSP_TEST_REQUIRE_POSTGRES"), "CSP_TEST_REQUIRE_POSTGRES is set, and there is no PostgreSQL to start");
            println!("left out: there is no PostgreSQL here to start, or CSP_TEST_NO_POSTGRES is set");
            return None;
        };
        let from = programs.clone();
        // The one promise this test is about is left on.
        let starting = tokio::task::spawn_blocking(move || start(&from, "-c synchronous_commit=on"));
        let (child, home) = starting.await.expect("starting the server does not panic");
        let superuser = PgConnectOptions::new_without_pgpass().socket(&home).username("csp_super").ssl_mode(PgSslMode::Disable);
        Some(Self { server: Arc::new(Server::prepare(superuser, Some(child)).await), programs, home })
    }

    /// A fresh, migrated store on it.
    pub async fn bed(&self) -> Bed {
        Bed::on(Ground::of(self.server.database().await)).await
    }

    /// Stops the server as a power cut would, and starts it again. Returns when it answers.
    pub fn restart(&self) {
        let pg_ctl = self.programs.join("pg_ctl");
        let data = format!("{}/data", self.home);
        let arguments = ["--pgdata", &data, "--silent", "--wait", "--timeout", "60", "--mode", "immediate", "restart"];
        // It runs as whoever owns its folder.
        let owner = output("stat", &["-c", "%U", &data]);
        let mut command = if owner == output("id", &["-un"]) {
            Command::new(pg_ctl)
        } else {
            let mut command = Command::new("runuser");
            command.args(["-u", &owner, "--"]).arg(pg_ctl);
            command
        };
        let status = command.args(arguments).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.expect("pg_ctl can be run").success(), "the server starts again");
    }
}
