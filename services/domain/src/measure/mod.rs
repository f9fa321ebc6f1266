//! The arithmetic of figures: what may be compared with what, and what is a change.
//!
//! Two figures that differ are the rule, not news. So nothing here says "rise" because one number is
//! larger than another: [`xmr`] asks a chart of at least twelve points, [`survey`] asks an interval,
//! and [`verdict`] puts the answer into words and a shape. What cannot be compared is refused, and
//! every refusal is a sentence for the reader of the paper ([`refusal`]).
//!
//! Where to start: [`series`] holds one indicator of one partnership over time, [`comparator`] sets a
//! period beside another, [`aggregate`] sets a partnership beside its region or its comparison group,
//! [`target`] beside what was promised. [`suppression`] decides what of all this may be printed.
//!
//! Amounts are decimals and are compared by multiplication, so that a point that lies exactly on a
//! limit lies on it; results are divided and rounded only to be printed, in one place
//! ([`percent::rounded`]). Only [`survey`] needs a square root; it works in `f64` and says how closely.

pub mod aggregate;
pub mod comparator;
pub mod percent;
pub mod population;
pub mod refusal;
pub mod series;
pub mod suppression;
pub mod survey;
pub mod target;
pub mod verdict;
pub mod xmr;
