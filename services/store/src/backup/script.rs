//! The script that `pg_restore` makes of a dump, read piece by piece: statements, and tables of rows.
//!
//! It is written for PostgreSQL's shell. What only the shell understands is left out, and so are the settings of a session,
//! of which a newer program writes some that an older server does not know; none matters to a transaction of ours.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::Path,
};

/// Settings at the head of a script.
const SETTINGS: [&str; 12] = [
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "transaction_timeout",
    "client_encoding",
    "standard_conforming_strings",
    "check_function_bodies",
    "xmloption",
    "client_min_messages",
    "row_security",
    "default_tablespace",
    "default_table_access_method",
];

/// A piece of a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// One or more statements.
    Statements(String),
    /// `COPY … FROM stdin;`: rows follow, until [`Script::row`] says none.
    Copy(String),
}

/// A script, opened.
#[derive(Debug)]
pub(super) struct Script {
    lines: BufReader<File>,
    /// A table that was seen behind statements.
    waiting: Option<String>,
}

impl Script {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { lines: BufReader::with_capacity(1 << 16, File::open(path)?), waiting: None })
    }

    /// The next piece; none at the end.
    pub(super) fn piece(&mut self) -> io::Result<Option<Piece>> {
        if let Some(copy) = self.waiting.take() {
            return Ok(Some(Piece::Copy(copy)));
        }
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line)? == 0 {
                break;
            }
            if line.starts_with("COPY ") && line.trim_end().ends_with(" FROM stdin;") {
                let copy = line.trim_end().to_owned();
                if text.is_empty() {
                    return Ok(Some(Piece::Copy(copy)));
                }
                self.waiting = Some(copy);
                break;
            }
            if !is_for_the_shell(&line) {
                text.push_str(&line);
            }
        }
        Ok((!text.is_empty()).then_some(Piece::Statements(text)))
    }

    /// The next row of the table at hand, its line end included; none when there are no more.
    pub(super) fn row(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        match self.lines.read_until(b'\n', &mut line)? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the rows of a table have no end")),
            _ if line == b"\\.\n" || line == b"\\.\r\n" => Ok(None),
            _ => Ok(Some(line)),
        }
    }
}

/// The table that `COPY public.regions (region_id, …) FROM stdin;` fills.
pub(super) fn table_of(copy: &str) -> String {
    let name = copy.trim_start_matches("COPY ").split(" (").next().unwrap_or_default();
    name.trim_start_matches("public.").trim_matches('"').to_owned()
}

fn is_for_the_shell(line: &str) -> bool {
    let setting =
        |name: &str| line.strip_prefix("SET ").and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with(" = "));
    line.trim().is_empty()
        || line.starts_with("--")
        || line.starts_with('\\')
        || line.starts_with("SELECT pg_catalog.set_config('search_path'")
        || SETTINGS.into_iter().any(setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_statements_and_tables_of_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script.sql");
        let text = "--\n-- a dump\n--\n\\restrict abc\nSET transaction_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n\n\
                    CREATE TABLE public.regions (\n    region_id uuid\n);\nCOPY public.regions (region_id) FROM stdin;\n1\n\\\\.\n\\.\n\n\n\
                    COPY public.empty (a) FROM stdin;\n\\.\nALTER TABLE public.regions ENABLE ROW LEVEL SECURITY;\n";
        std::fs::write(&path, text).unwrap();
        let mut script = Script::open(&path).unwrap();
        let statements = |text: &str| Some(Piece::Statements(text.to_owned()));
        assert_eq!(script.piece().unwrap(), statements("CREATE TABLE public.regions (\n    region_id uuid\n);\n"));
        let copy = "COPY public.regions (region_id) FROM stdin;";
        assert_eq!(script.piece().unwrap(), Some(Piece::Copy(copy.to_owned())));
        assert_eq!(table_of(copy), "regions");
        assert_eq!(script.row().unwrap().as_deref(), Some(&b"1\n"[..]));
        assert_eq!(script.row().unwrap().as_deref(), Some(&b"\\\\.\n"[..]), "a row that holds a backslash and a dot");
        assert_eq!(script.row().unwrap(), None);
        assert_eq!(script.piece().unwrap(), Some(Piece::Copy("COPY public.empty (a) FROM stdin;".to_owned())));
        assert_eq!(script.row().unwrap(), None);
        assert_eq!(script.piece().unwrap(), statements("ALTER TABLE public.regions ENABLE ROW LEVEL SECURITY;\n"));
        assert_eq!(script.piece().unwrap(), None);
    }
}
