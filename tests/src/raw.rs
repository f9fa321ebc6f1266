//! The database behind the store's back, for tests that look at what is really there.

use csp_domain::id::RegionId;
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

/// One connection that sees everything.
#[derive(Debug, Clone)]
pub enum Raw {
    /// SQLite's file.
    Sqlite(SqlitePool),
    /// PostgreSQL, as a superuser.
    Postgres(PgPool),
}

impl Raw {
    /// Runs a statement; answers how many rows it touched.
    pub async fn execute(&self, statement: &str) -> u64 {
        let text = AssertSqlSafe(statement.to_owned());
        let done = match self {
            Self::Sqlite(pool) => sqlx::query(text).execute(pool).await.map(|done| done.rows_affected()),
            Self::Postgres(pool) => sqlx::query(text).execute(pool).await.map(|done| done.rows_affected()),
        };
        done.unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    /// The one number a query answers.
    pub async fn number(&self, query: &str) -> i64 {
        let text = AssertSqlSafe(query.to_owned());
        let found = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(text).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(text).fetch_one(pool).await,
        };
        found.unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// The column of text a query answers.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let text = AssertSqlSafe(query.to_owned());
        let found = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(text).fetch_all(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(text).fetch_all(pool).await,
        };
        found.unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// Every table but the migrations' own, by what the engine says of itself.
    pub async fn tables(&self) -> Vec<String> {
        let query = match self {
            Self::Sqlite(_) => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
            Self::Postgres(_) => "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name",
        };
        self.texts(query).await.into_iter().filter(|table| table != "_sqlx_migrations").collect()
    }

    /// The columns of a table.
    pub async fn columns(&self, table: &str) -> Vec<String> {
        let query = match self {
            Self::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
            Self::Postgres(_) => format!(
                "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        self.texts(&query).await
    }

    /// How a region's identifier is written in a statement.
    pub fn literal(&self, region: RegionId) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", region.0.simple()),
            Self::Postgres(_) => format!("'{region}'"),
        }
    }

    /// How many rows of a table belong to a region.
    pub async fn rows(&self, table: &str, region: RegionId) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM {table} WHERE region_id = {}", self.literal(region))).await
    }

    /// Every row of every table, as text: two of these are equal when nothing has changed.
    pub async fn everything(&self) -> Vec<String> {
        self.dump("1 = 1").await
    }

    /// Every row that belongs to a region.
    pub async fn everything_of(&self, region: RegionId) -> Vec<String> {
        self.dump(&format!("region_id = {}", self.literal(region))).await
    }

    async fn dump(&self, condition: &str) -> Vec<String> {
        let mut rows = Vec::new();
        for table in self.tables().await {
            let row = match self {
                Self::Sqlite(_) => {
                    let quoted: Vec<String> = self.columns(&table).await.iter().map(|column| format!("quote({column})")).collect();
                    quoted.join(" || ', ' || ")
                }
                Self::Postgres(_) => format!("{table}::text"),
            };
            let query = format!("SELECT {row} AS line FROM {table} WHERE {condition} ORDER BY line");
            rows.extend(self.texts(&query).await.into_iter().map(|line| format!("{table}: {line}")));
        }
        rows
    }
}
