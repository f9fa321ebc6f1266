//! What reads the replies of mail servers, opened for tests that say anything to it.

use std::str::FromStr as _;

use csp_domain::person::EmailAddress;
use lettre::transport::smtp::response::Response;

/// A reply made fit for keeping.
pub fn kept(said: &str, recipient: Option<&EmailAddress>) -> String {
    crate::reply::clean(said, recipient)
}

/// The code of a reply as it comes off the wire, and what would be kept of its words. None for what is
/// no reply.
pub fn reply(bytes: &[u8], recipient: Option<&EmailAddress>) -> Option<(u16, String)> {
    let text: String = bytes.iter().take(crate::wire::MOST_SAID).map(|&b| if b.is_ascii() { char::from(b) } else { '?' }).collect();
    let response = Response::from_str(&text).ok()?;
    let words: Vec<&str> = response.message().collect();
    Some((response.code().into(), kept(&words.join(" "), recipient)))
}
