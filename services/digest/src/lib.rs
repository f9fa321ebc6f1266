//! Gathered material and a committee's template become the digest document. Pure: the same material
//! always gives the same document, and nothing here asks for the time, a file or a row.
//!
//! The paper has the shape of the quarterly report a police authority's committee received in April
//! 2010 over its six partnerships: purpose, national developments, local news, the implication
//! headings that standing orders require, recommendations. Two things are added to it: a summary
//! before everything, and the figures as tables. Every percentage in it is computed from two counts
//! that stand beside it; none is taken from anybody.
//!
//! Where to start: [`Material`] is what must be gathered first, [`assemble`] makes the document.
//! Inside, `ledger` puts in order what was told, `comparison` decides what may be compared with what, `guard` what of it may be read, `judge` what is a
//! change: they hold no words; `waves` judges surveys; `sheet` keeps what is one partnership's own apart. `figures`, `beside`, `targets`, `charts`, `news` and `summary` turn that into the parts of the paper; `words` is
//! how a change is said.

mod assemble;
mod beside;
mod change;
mod charts;
mod comparison;
mod figures;
mod guard;
mod judge;
mod ledger;
mod material;
mod news;
mod notes;
mod reasons;
mod sheet;
mod summary;
mod targets;
mod waves;
mod words;

pub use assemble::{assemble, subject};
pub use material::{Contribution, Earlier, HeldOut, Joint, Material, Reason, Shared};
