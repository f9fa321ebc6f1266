//! `[mail]`

use std::path::Path;

use csp_domain::{person::EmailAddress, text::Line};
use csp_mail::{
    carrier::{Carrier, Folder, Smtp},
    settings::{Credentials, Deadlines, SmtpSettings, Tls},
};
use csp_scheduler::Post;

use super::{Environment, Reader};

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct Mail {
    /// By which way.
    pub carrier: Carrier,
    /// In whose name.
    pub post: Post,
}

#[derive(Clone, Copy)]
enum Transport {
    Folder,
    Smtp,
}

pub(super) fn read(reader: &mut Reader<'_>, environment: Environment, data: &Path) -> Mail {
    let transport = reader.word("mail.transport", &[("folder", Transport::Folder), ("smtp", Transport::Smtp)]);
    let from_name = Line::parse(&reader.text("mail.from_name"), Line::NAME).unwrap_or_else(|refused| {
        reader.fault("mail.from_name", refused);
        placeholder_name()
    });
    let from_address = reader.parse("mail.from_address", placeholder_address(), "an e-mail address, such as digest@csp.example.gov.uk");
    let reply_to =
        reader.path("mail.reply_to").map(|_| reader.parse("mail.reply_to", placeholder_address(), "empty, or an e-mail address"));
    let mut domain = reader.text("mail.message_id_domain");
    if domain.is_empty() {
        from_address.domain().clone_into(&mut domain);
    } else if format!("a@{domain}").parse::<EmailAddress>().is_err() {
        reader.fault("mail.message_id_domain", "must be a domain of yours, such as csp.example.gov.uk");
        from_address.domain().clone_into(&mut domain);
    }
    let folder = reader.path("mail.folder").unwrap_or_else(|| data.join("mail"));
    let carrier = match transport {
        Transport::Folder => Carrier::Folder(Folder::new(&folder)),
        Transport::Smtp => smtp(reader, &domain).map_or_else(|| Carrier::Folder(Folder::new(&folder)), Carrier::Smtp),
    };
    if environment == Environment::Production {
        if matches!(transport, Transport::Folder) {
            reader.fault("mail.transport", "must be \"smtp\" in production: a folder mails nobody");
        }
        if from_address.domain() == "example.org" {
            reader.fault("mail.from_address", "must be an address of yours in production: answers and bounces go there");
        }
    }
    let connections = reader.number("mail.connections", 1..=32) as usize;
    Mail { carrier, post: Post { from_name, from: from_address, reply_to, domain, connections } }
}

fn smtp(reader: &mut Reader<'_>, domain: &str) -> Option<Smtp> {
    let credentials = credentials(reader);
    let mut settings = SmtpSettings {
        host: reader.text("mail.host"),
        port: u16::try_from(reader.number("mail.port", 1..=65_535)).unwrap_or(465),
        tls: reader.word("mail.tls", &[("implicit", Tls::Implicit), ("loopback", Tls::LoopbackPlain)]),
        ca_file: reader.path("mail.ca_file"),
        credentials,
        helo_name: domain.to_owned(),
        deadlines: Deadlines::default(),
    };
    // It names one fault at a time: what it names is noted and put right, until it finds no more.
    let mut sound = true;
    loop {
        let error = match Smtp::new(settings.clone()) {
            Ok(smtp) => return sound.then_some(smtp),
            Err(error) => error,
        };
        sound = false;
        let (name, mended) = match error.field {
            "host" => ("mail.host", SmtpSettings { host: "localhost".to_owned(), ..settings }),
            "tls" => ("mail.tls", SmtpSettings { tls: Tls::Implicit, ..settings }),
            "ca_file" => ("mail.ca_file", SmtpSettings { ca_file: None, ..settings }),
            "credentials.username" => ("mail.username", SmtpSettings { credentials: None, ..settings }),
            "credentials.secret" => ("mail.password_file", SmtpSettings { credentials: None, ..settings }),
            // The others are not set by anybody.
            _ => {
                reader.fault("mail.transport", &error);
                return None;
            }
        };
        reader.fault(name, &error.reason);
        settings = mended;
    }
}

/// The name and the secret to sign in with, if a name is given. The secret comes from its file or from the environment.
fn credentials(reader: &mut Reader<'_>) -> Option<Credentials> {
    let username = reader.text("mail.username");
    let given = reader.verbatim("mail.password");
    let file = reader.path("mail.password_file");
    if username.is_empty() {
        if file.is_some() || !given.is_empty() {
            reader.fault("mail.username", "must not be empty when there is a password");
        }
        return None;
    }
    let secret = match (file, given.is_empty()) {
        (Some(_), false) => {
            reader.fault("mail.password_file", "must be empty when CSPD_MAIL__PASSWORD is set: which of the two holds?");
            return None;
        }
        (None, false) => given,
        (Some(_), true) => reader.secret("mail.password_file")?,
        (None, true) => {
            reader.fault("mail.password_file", "must name the file with the password of mail.username (or set CSPD_MAIL__PASSWORD)");
            return None;
        }
    };
    Some(Credentials { username, secret })
}

fn placeholder_name() -> Line {
    Line::parse("-", Line::NAME).expect("a hyphen is a line")
}

fn placeholder_address() -> EmailAddress {
    "nobody@example.org".parse().expect("this is an address")
}
