//! A PostgreSQL server of the benchmark's own, with the settings it comes with.

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{Outcome, process::output};

/// Its standard input keeps it alive.
#[derive(Debug)]
pub(crate) struct Postgres {
    programs: PathBuf,
    socket: String,
    child: Child,
}

/// One database, for those who serve and for the owner of its tables.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) serving: String,
    pub(crate) owner: String,
}

impl Postgres {
    /// Starts one; none where there is none to be had.
    pub(crate) fn start(data: &Path) -> Outcome<Option<Self>> {
        let Some(programs) = programs() else { return Ok(None) };
        let script = include_str!("../ceilings/postgres.sh");
        let id = |arguments: &[&str]| output(Command::new("id").args(arguments)).unwrap_or_default();
        // PostgreSQL refuses to run as root.
        let mut command = if id(&["-u"]).trim() == "0" {
            let other = ["postgres", "nobody"].into_iter().find(|name| !id(&["-u", name]).is_empty());
            let mut command = Command::new("runuser");
            command.args(["-u", other.ok_or("there is nobody but root to run PostgreSQL")?, "--", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        let mut child = command
            .args(["-c", script, "sh"])
            .arg(&programs)
            .arg(data)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut first = String::new();
        said.read_line(&mut first)?;
        let Some(socket) = first.trim_end().strip_prefix("ready ") else {
            let mut rest = String::new();
            said.read_to_string(&mut rest)?;
            return Err(format!("PostgreSQL does not start: {first}{rest}").into());
        };
        let postgres = Self { programs, socket: socket.to_owned(), child };
        postgres.psql("postgres", &["-c", "CREATE ROLE csp_owner LOGIN", "-c", "CREATE ROLE csp_app LOGIN"])?;
        Ok(Some(postgres))
    }

    /// Makes a database, owned by the role that migrates.
    pub(crate) fn database(&self, name: &str) -> Outcome<Address> {
        self.psql("postgres", &["-c", &format!("CREATE DATABASE {name} OWNER csp_owner")])?;
        let address = |role: &str| format!("postgres:///{name}?host={}&user={role}", self.socket);
        Ok(Address { serving: address("csp_app"), owner: address("csp_owner") })
    }

    pub(crate) fn psql(&self, database: &str, arguments: &[&str]) -> Outcome<String> {
        let mut command = self.program("psql");
        output(command.args(["--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "--dbname", database]).args(arguments))
    }

    /// One of its programs, told where the server is.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.args(["--host", &self.socket, "--username", "csp_super"]).current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The folder of the server's programs: the first on the PATH, else the newest of Debian's.
fn programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| ["initdb", "pg_ctl", "postgres", "pgbench", "psql"].iter().all(|name| folder.join(name).is_file());
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> =
        installed.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).chain(versions.into_iter().map(|(_, folder)| folder)).find(complete)
}
