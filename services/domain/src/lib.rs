//! The words and the rules of community safety reporting.
//!
//! Everything here is pure: no input or output, no async, nothing of the wire and nothing of a
//! database. A value of a type in this crate is already valid: text that comes from outside is
//! parsed once, at the door, and what is wrong with it is said in plain words.
//!
//! Where to start: [`cycle`] is one round of collecting and reporting, [`returns`] and [`news`] are
//! what a partnership sends for it, [`wording`] what an editor would rather have it say, [`document`] is the paper that comes out, [`message`] is how it
//! travels. [`measure`] is the arithmetic of figures: what may be compared, and what is a change; [`check`] asks about what looks
//! wrong before it is signed. [`clock`] explains why nothing else asks for the time.

pub mod act;
pub mod calendar;
pub mod chance;
pub mod characters;
pub mod check;
pub mod clock;
pub mod committee;
pub mod completeness;
pub mod context_note;
pub mod cycle;
pub mod diary;
pub mod digest;
pub mod document;
pub mod history;
pub mod id;
pub mod indicator;
pub mod joint;
pub mod measure;
pub mod message;
pub mod narrative;
pub mod news;
pub mod observation;
pub mod partnership;
pub mod period;
pub mod person;
pub mod receipt;
pub mod region;
pub mod returns;
pub mod schedule;
pub mod scope;
pub mod signoff;
pub mod target;
pub mod text;
pub mod token;
pub mod wording;

pub use act::{Act, Actor};
pub use chance::Chance;
pub use clock::{Clock, Instant};
pub use scope::Scope;
