//! What a backup says of itself.

use std::collections::BTreeMap;

use csp_domain::clock::Instant;
use futures::{Stream, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::BackupError;
use crate::Engine;

/// What is in a backup, and how to know that it is still the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the file and of this manifest.
    pub format: u32,
    /// Where it came from and goes back to.
    pub engine: Engine,
    /// Version of the program that made it.
    pub program: String,
    /// The newest migration that was applied.
    pub schema: i64,
    /// Everything that was answered before is in it.
    pub moment: Instant,
    /// Each table, by name.
    pub tables: Vec<TableState>,
}

/// One table as it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableState {
    /// Its name.
    pub name: String,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 over its rows, each written as text by its engine, in the order of their keys.
    pub sha256: String,
}

impl Manifest {
    /// What this program writes, and the newest it reads.
    pub const FORMAT: u32 = 1;

    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// Refuses tables that are not those of the manifest, and says which.
    pub(super) fn compare(&self, found: &[TableState]) -> Result<(), BackupError> {
        let rows: BTreeMap<String, u64> = found.iter().map(|table| (table.name.clone(), table.rows)).collect();
        self.compare_rows(&rows)?;
        let differs = |table: &&TableState| !found.contains(table);
        let faults: Vec<String> =
            self.tables.iter().filter(differs).map(|table| format!("the rows of {} are other rows", table.name)).collect();
        if faults.is_empty() { Ok(()) } else { Err(BackupError::Differs(faults)) }
    }

    /// Refuses other tables, or other numbers of rows.
    pub(super) fn compare_rows(&self, found: &BTreeMap<String, u64>) -> Result<(), BackupError> {
        let mut faults = Vec::new();
        for table in &self.tables {
            match found.get(&table.name) {
                Some(rows) if *rows == table.rows => {}
                Some(rows) => faults.push(format!("{} has {rows} rows where there were {}", table.name, table.rows)),
                None => faults.push(format!("{} is missing", table.name)),
            }
        }
        let known = |name: &&String| !self.tables.iter().any(|table| table.name == **name);
        faults.extend(found.keys().filter(known).map(|name| format!("{name} was not backed up")));
        if faults.is_empty() { Ok(()) } else { Err(BackupError::Differs(faults)) }
    }
}

impl TableState {
    /// Counts and hashes rows as they stream by.
    pub(super) async fn of(name: &str, mut rows: impl Stream<Item = Result<String, sqlx::Error>> + Unpin) -> Result<Self, sqlx::Error> {
        let (mut count, mut hash) = (0, Sha256::new());
        while let Some(row) = rows.try_next().await? {
            count += 1;
            // With its length, so that no two tables of rows read the same.
            hash.update((row.len() as u64).to_le_bytes());
            hash.update(row.as_bytes());
        }
        Ok(Self { name: name.to_owned(), rows: count, sha256: hex(&hash.finalize()) })
    }
}

/// In hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(tables: &[(&str, u64, &str)]) -> Manifest {
        let state = |&(name, rows, hash): &(&str, u64, &str)| TableState { name: name.into(), rows, sha256: hash.into() };
        Manifest {
            format: 1,
            engine: Engine::Sqlite,
            program: "0.1.0".into(),
            schema: 1,
            moment: chrono::DateTime::UNIX_EPOCH,
            tables: tables.iter().map(state).collect(),
        }
    }

    #[test]
    fn every_difference_is_told_at_once() {
        let (kept, found) =
            (manifest(&[("a", 1, "x"), ("b", 2, "y"), ("c", 3, "z")]), manifest(&[("a", 1, "x"), ("b", 1, "y"), ("d", 0, "")]));
        let Err(BackupError::Differs(faults)) = kept.compare(&found.tables) else { panic!("it differs") };
        assert_eq!(faults, ["b has 1 rows where there were 2", "c is missing", "d was not backed up"]);
        let Err(BackupError::Differs(faults)) = kept.compare(&manifest(&[("a", 1, "x"), ("b", 2, "!"), ("c", 3, "z")]).tables) else {
            panic!("it differs")
        };
        assert_eq!(faults, ["the rows of b are other rows"]);
        assert!(kept.compare(&kept.tables).is_ok());
    }

    #[tokio::test]
    async fn the_hash_tells_rows_apart_wherever_they_are_cut() {
        let of = async |rows: &[&str]| {
            let rows: Vec<Result<String, sqlx::Error>> = rows.iter().map(|row| Ok((*row).to_owned())).collect();
            TableState::of("t", futures::stream::iter(rows)).await.unwrap().sha256
        };
        assert_ne!(of(&["ab", "c"]).await, of(&["a", "bc"]).await);
        assert_ne!(of(&["a", "b"]).await, of(&["b", "a"]).await);
    }
}
