//! The digest, from material to document.

#![expect(clippy::unwrap_used, reason = "a test that cannot build its story should stop")]

mod beside;
mod context;
mod judged;
mod northumbria;
mod own;
mod property;
mod signoff;
mod stories;
mod targets;
mod waves;
mod world;
