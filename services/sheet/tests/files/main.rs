//! Whole files, as people send them and as nobody should.

mod hostile;
mod word;
mod workbooks;
mod zipped;
