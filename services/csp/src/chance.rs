//! The one place that draws randomness.

use uuid::Builder;

use crate::error::Error;

/// An identifier for one create (UUID version 4). Repeating the create with it makes nothing twice.
pub(crate) fn request_id() -> Result<String, Error> {
    let mut bytes = [0; 16];
    #[expect(clippy::disallowed_methods, reason = "the client's one source of chance; there is nothing to replay")]
    getrandom::fill(&mut bytes).map_err(|fault| Error::unexpected(format!("The operating system gives no random numbers: {fault}.")))?;
    Ok(Builder::from_random_bytes(bytes).into_uuid().to_string())
}
