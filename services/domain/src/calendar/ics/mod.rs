//! iCalendar files (RFC 5545): meetings are read from what a council's committee system exports, dates are written for
//! anybody's diary.
//!
//! The format has more corners than a committee has meetings, so [`read`] takes what a list of meetings needs
//! and says of the rest, by its line, that it was not understood; nothing is skipped that would move a meeting. The reader is
//! ours and not a library's because the libraries answer with a tree that has lost its line numbers, or repair what they
//! cannot read; a test reads what [`Feed::write`] wrote with one of them.

mod dates;
mod feed;
mod lines;
mod read;
mod when;

pub use dates::entries;
pub use feed::{Entry, Feed, Status, key_of};
pub use read::{MAX_BYTES, MAX_EVENTS, Sitting, read};
