//! Whole files, as people send them and as nobody should.

#![expect(clippy::unwrap_used, reason = "a file that cannot be read has failed the test")]

mod hostile;
mod word;
mod workbooks;
mod zipped;
