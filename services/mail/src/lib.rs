//! Mail: building a message, and carrying it to somebody who takes responsibility for it.
//!
//! This is the one crate that names lettre. Everybody else says what is to be written ([`compose`])
//! and through which [`carrier`] it goes, and is told in six words how it ended ([`sent::Sent`]).
//!
//! Where to start: [`compose::Letter`] and [`compose::body`] make the part that all recipients of a
//! digest share, [`compose::head`] the three lines that differ. [`carrier::Carrier::open`] opens a
//! connection, [`carrier::Connection::send`] sends one message down it. [`sent`] holds the table
//! that turns a server's reply into what the courier does next, [`retry`] says when.
//!
//! What holds everywhere:
//!
//! * **One message and one envelope for each person.** Nobody sees who else was written to.
//! * **The same input gives the same bytes**, boundaries included, so every attempt sends the same
//!   message and a mailbox that gets it twice can tell.
//! * **A connection that saw any trouble is closed**, not repaired. lettre's pool puts a connection
//!   back whose last answer was never read, and then the next message is told the answer of the one
//!   before; that is why the pool is not used.
//! * **Every wait has an end.** lettre's own timeout covers only the connecting.
//! * **What a server says is kept short and without addresses**, since it is stored and logged.

pub mod carrier;
pub mod compose;
mod folder;
mod header;
mod mime;
#[cfg(feature = "outside")]
pub mod outside;
mod reply;
pub mod retry;
pub mod sent;
pub mod settings;
#[cfg(feature = "sink")]
pub mod sink;
mod smtp;
mod wire;
