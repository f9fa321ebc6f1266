//! How to reach the server that takes our mail.

use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

/// A setting that will not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {reason}")]
pub struct SettingsError {
    /// The field of [`SmtpSettings`].
    pub field: &'static str,
    /// What is wrong and what would be right; reads after the name of the field.
    pub reason: String,
}

impl SettingsError {
    pub(crate) fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}

/// How the connection is kept private. There is no STARTTLS: its way in has been broken too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the first byte, port 465 (RFC 8314).
    Implicit,
    /// None, and only to a relay on this very machine.
    LoopbackPlain,
}

/// A name and a secret to sign in with.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Who.
    pub username: String,
    /// The secret; it never prints.
    pub secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// How long to wait for what. Short while giving up is free, long when it costs a second copy
/// (RFC 5321 §4.5.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// For the connection and, again, for its encryption.
    pub connect: Duration,
    /// For each reply before the content.
    pub command: Duration,
    /// For sending the content, final dot not included.
    pub content: Duration,
    /// For the reply to the final dot. Patience here is what prevents duplicates.
    pub answer: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_secs(30),
            content: Duration::from_mins(1),
            answer: Duration::from_mins(10),
        }
    }
}

/// Everything needed to hand mail to one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Name or address of the server. Its certificate must be for this.
    pub host: String,
    /// Port; 465 with TLS.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: Tls,
    /// A file of certificates (PEM) to trust besides the well-known authorities: for a relay with a
    /// certificate of one's own.
    pub ca_file: Option<PathBuf>,
    /// To sign in with, if the server asks for it.
    pub credentials: Option<Credentials>,
    /// How we introduce ourselves: the machine's full name.
    pub helo_name: String,
    /// How long to wait.
    pub deadlines: Deadlines,
}

impl SmtpSettings {
    /// Says which field will not do, and why.
    pub(crate) fn validate(&self) -> Result<(), SettingsError> {
        if !is_host(&self.host) {
            return Err(SettingsError::new("host", "must be a host name or an IP address, such as mail.example.org"));
        }
        if self.port == 0 {
            return Err(SettingsError::new("port", "must not be 0; mail with TLS is usually at 465"));
        }
        if self.tls == Tls::LoopbackPlain {
            if !is_loopback(&self.host) {
                return Err(SettingsError::new(
                    "tls",
                    "must be implicit: a connection without encryption is only for a relay on this machine \
                     (host localhost, 127.0.0.1 or ::1)",
                ));
            }
            if self.ca_file.is_some() {
                return Err(SettingsError::new("ca_file", "has no meaning without TLS"));
            }
        }
        if !is_host(&self.helo_name) {
            return Err(SettingsError::new("helo_name", "must be this machine's name in mail, such as digest.example.org"));
        }
        if let Some(credentials) = &self.credentials {
            if credentials.username.is_empty() || credentials.username.chars().any(char::is_control) {
                return Err(SettingsError::new("credentials.username", "must not be empty or contain control characters"));
            }
            if credentials.secret.is_empty() || credentials.secret.chars().any(char::is_control) {
                return Err(SettingsError::new(
                    "credentials.secret",
                    "must not be empty or contain control characters; a line end at the end of a secret file is a common cause",
                ));
            }
        }
        let Deadlines { connect, command, content, answer } = self.deadlines;
        for (field, deadline) in
            [("deadlines.connect", connect), ("deadlines.command", command), ("deadlines.content", content), ("deadlines.answer", answer)]
        {
            if deadline.is_zero() || deadline > Duration::from_hours(1) {
                return Err(SettingsError::new(field, "must be more than nothing and at most an hour"));
            }
        }
        Ok(())
    }
}

/// A host name or an address. Nothing else may reach the `EHLO` line.
fn is_host(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
        || ((1..=253).contains(&text.len())
            && text.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            }))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay() -> SmtpSettings {
        SmtpSettings {
            host: "127.0.0.1".into(),
            port: 25,
            tls: Tls::LoopbackPlain,
            ca_file: None,
            credentials: Some(Credentials { username: "digest".into(), secret: "hunter2".into() }),
            helo_name: "digest.example.org".into(),
            deadlines: Deadlines::default(),
        }
    }

    #[test]
    fn a_relay_on_this_machine_needs_no_encryption() {
        for host in ["127.0.0.1", "::1", "localhost", "127.8.8.8"] {
            assert_eq!(SmtpSettings { host: host.into(), ..relay() }.validate(), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_server_elsewhere_is_never_spoken_to_in_the_clear() {
        for host in ["mail.example.org", "10.0.0.1", "0.0.0.0", "::ffff:10.0.0.1", "localhost.example.org"] {
            let error = SmtpSettings { host: host.into(), ..relay() }.validate().unwrap_err();
            assert_eq!(error.field, "tls", "{host}");
            assert!(error.to_string().starts_with("`tls` must be implicit"), "{error}");
        }
    }

    #[test]
    fn a_fault_names_its_field() {
        let secret = |secret: &str| Some(Credentials { username: "u".into(), secret: secret.into() });
        for (field, settings) in [
            ("host", SmtpSettings { host: "mail example".into(), ..relay() }),
            ("host", SmtpSettings { host: String::new(), ..relay() }),
            ("port", SmtpSettings { port: 0, ..relay() }),
            ("helo_name", SmtpSettings { helo_name: "a\r\nMAIL FROM:<>".into(), ..relay() }),
            ("credentials.secret", SmtpSettings { credentials: secret("hunter2\n"), ..relay() }),
            ("deadlines.answer", SmtpSettings { deadlines: Deadlines { answer: Duration::ZERO, ..Deadlines::default() }, ..relay() }),
        ] {
            assert_eq!(settings.validate().unwrap_err().field, field);
        }
    }

    #[test]
    fn the_secret_never_prints() {
        let printed = format!("{:?} {:#?}", relay(), relay());
        assert!(!printed.contains("hunter2") && !printed.contains("digest\""), "{printed}");
    }
}
