//! Figures in bulk: files of many years taken in, and a quarter read and computed. Within this process, on the store itself: what a
//! network costs is measured elsewhere.
//!
//! Where to start: [`import`] and [`quarter`] are the two comparisons; `setting.rs` makes the regions they are about.

pub(crate) mod import;
pub(crate) mod quarter;
mod setting;
