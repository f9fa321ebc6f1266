//! The bed that every test of the whole lies in.
//!
//! A [`Bed`] is a fresh database on one engine with a [`Store`](csp_store::Store) on it, a clock moved by
//! hand and chance that repeats itself. Nothing in it sleeps, and nothing listens on a port.
//!
//! Where to start: `bed.rs` opens one (`ground.rs` one with nothing in it), `county.rs` arranges what a test begins with in the domain's
//! words, `raw.rs` looks at the database behind the store's back, `postgres.rs` keeps a PostgreSQL
//! server for as long as the process lives, or says why there is none. [`properties`] lie in no bed: they
//! are what must hold of every parser, and fuzz targets call them too.

mod bed;
mod county;
mod ground;
mod own_postgres;
mod postgres;
pub mod properties;
mod raw;
mod words;

pub use bed::Bed;
pub use county::County;
pub use ground::Ground;
pub use own_postgres::OwnPostgres;
pub use postgres::{postgres_program, predicates_alone, rows_alone};
pub use raw::Raw;
pub use words::{at, day, line, number, quarter, slug};
