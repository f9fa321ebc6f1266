//! Reading one value after another and gathering what is wrong with them.

use std::{
    fmt::Display,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use config::{Value, ValueKind};
use csp_domain::text::Fault;

use super::{
    Faults,
    layers::{Layers, origin},
};

/// Asks for values by name. Where one will not do it notes why, and answers something harmless to go on with.
pub(super) struct Reader<'a> {
    layers: &'a Layers,
    credentials: Option<&'a Path>,
    faults: Vec<Fault>,
}

/// What stands before the name of a credential.
const CREDENTIAL: &str = "credential:";

/// One step of a path, and no other.
fn is_file_name(text: &str) -> bool {
    !text.contains(['/', '\\', '\0']) && !matches!(text, "" | "." | "..")
}

impl<'a> Reader<'a> {
    pub(super) fn new(layers: &'a Layers, credentials: Option<&'a Path>) -> Self {
        Self { layers, credentials, faults: layers.faults.clone() }
    }

    /// `value`, if there was no fault.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Faults> {
        if self.faults.is_empty() { Ok(value) } else { Err(Faults(self.faults)) }
    }

    /// Notes what is wrong with a setting. Reads after its name: "`mail.host` must be …".
    pub(super) fn fault(&mut self, name: &str, reason: impl Display) {
        let place = self.layers.get(name).map(origin).unwrap_or_default();
        self.faults.push(Fault::new(name, format!("{reason}{place}")));
    }

    /// A text, without the white space around it.
    pub(super) fn text(&mut self, name: &str) -> String {
        match self.kind(name) {
            Some(ValueKind::String(text)) => text.trim().to_owned(),
            None => String::new(),
            Some(_) => {
                self.fault(name, "must be a text in quotes");
                String::new()
            }
        }
    }

    /// A text, exactly as it is given.
    pub(super) fn verbatim(&mut self, name: &str) -> String {
        match self.kind(name) {
            Some(ValueKind::String(text)) => text.clone(),
            _ => String::new(),
        }
    }

    /// Whether anything stands there.
    pub(super) fn is_set(&mut self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// A path, if one is set. `credential:smtp-password` is the file of that name in the folder where systemd puts what
    /// `LoadCredential=` gives the service.
    pub(super) fn path(&mut self, name: &str) -> Option<PathBuf> {
        let text = Some(self.text(name)).filter(|text| !text.is_empty())?;
        match (text.strip_prefix(CREDENTIAL), self.credentials) {
            (None, _) => Some(PathBuf::from(text)),
            (Some(credential), Some(folder)) if is_file_name(credential) => Some(folder.join(credential)),
            (Some(_), Some(_)) => {
                self.fault(name, "must have the name of one file behind \"credential:\"");
                None
            }
            (Some(_), None) => {
                self.fault(name, "can only be a credential where CREDENTIALS_DIRECTORY is set, as systemd does");
                None
            }
        }
    }

    /// What a file holds that is kept apart because it is secret; the line end is not part of it. The fault does not show it.
    pub(super) fn secret(&mut self, name: &str) -> Option<String> {
        let path = self.path(name)?;
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => {
                self.fault(name, format_args!("must name a file that can be read ({error})"));
                None
            }
        }
    }

    /// Anything that reads from a text.
    pub(super) fn parse<T: FromStr>(&mut self, name: &str, otherwise: T, must_be: &str) -> T {
        let text = self.text(name);
        text.parse().unwrap_or_else(|_| {
            self.fault(name, format_args!("must be {must_be}"));
            otherwise
        })
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> T {
        let text = self.text(name);
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return *meaning;
        }
        let all: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        self.fault(name, format_args!("must be {}", all.join(" or ")));
        words[0].1
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.kind(name) {
            Some(ValueKind::Boolean(flag)) => *flag,
            // The environment knows texts only.
            Some(ValueKind::String(text)) if text == "true" => true,
            Some(ValueKind::String(text)) if text == "false" => false,
            _ => {
                self.fault(name, "must be true or false");
                false
            }
        }
    }

    /// A whole number.
    pub(super) fn number(&mut self, name: &str, range: RangeInclusive<u32>) -> u32 {
        let number = match self.kind(name) {
            Some(ValueKind::I64(number)) => u32::try_from(*number).ok(),
            Some(ValueKind::String(text)) => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| range.contains(number)).unwrap_or_else(|| {
            self.fault(name, format_args!("must be a whole number from {} to {}", range.start(), range.end()));
            *range.start()
        })
    }

    /// A share of a whole.
    pub(super) fn ratio(&mut self, name: &str) -> f64 {
        let number = match self.kind(name) {
            Some(ValueKind::Float(number)) => Some(*number),
            Some(ValueKind::I64(0)) => Some(0.0),
            Some(ValueKind::I64(1)) => Some(1.0),
            Some(ValueKind::String(text)) => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| (0.0..=1.0).contains(number)).unwrap_or_else(|| {
            self.fault(name, "must be a number from 0 to 1");
            1.0
        })
    }

    /// A number of seconds.
    pub(super) fn seconds(&mut self, name: &str, range: RangeInclusive<u32>) -> Duration {
        Duration::from_secs(self.number(name, range).into())
    }

    fn kind(&self, name: &str) -> Option<&'a ValueKind> {
        self.layers.get(name).map(|Value { kind, .. }| kind)
    }
}
