//! The three layers of settings laid over each other: default, file, environment.

use std::{collections::BTreeMap, fmt::Write as _};

use config::{File, FileFormat, Map, Value, ValueKind};
use csp_domain::text::Fault;

use super::{DEFAULT, Faults, Sources};

/// What may only come from the environment, so that nobody writes it into a file that others read.
const ONLY_FROM_ENVIRONMENT: [&str; 1] = ["mail.password"];
/// What stands where a secret would.
const HIDDEN: &str = "***";

/// Every setting by its full name, `section.key`, with where it came from.
#[derive(Clone)]
pub struct Layers {
    values: BTreeMap<String, Value>,
    /// Of keys that nobody knows, or that must not stand where they do.
    pub(super) faults: Vec<Fault>,
}

impl std::fmt::Debug for Layers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Layers").finish_non_exhaustive()
    }
}

impl Layers {
    /// Reads all layers. Only a file that does not read ends here; keys that nobody knows are told together with whatever else
    /// is wrong, when the sections are read.
    pub fn load(sources: &Sources) -> Result<Self, Faults> {
        let known = flat(&build(&Sources::default()).map_err(|reason| Faults(vec![Fault::new("the compiled-in default", reason)]))?);
        let place = sources.file.as_ref().map_or_else(|| "the environment".to_owned(), |file| file.display().to_string());
        let given = flat(&build(sources).map_err(|reason| Faults(vec![Fault::new(place, reason)]))?);

        let mut faults = Vec::new();
        let mut values = known.clone();
        for (name, value) in given {
            if ONLY_FROM_ENVIRONMENT.contains(&name.as_str()) {
                if value.origin() == Some(ENVIRONMENT) {
                    values.insert(name, value);
                } else {
                    faults.push(Fault::new(
                        name,
                        "must not stand in a file that others may read: use mail.password_file, or CSPD_MAIL__PASSWORD",
                    ));
                }
            } else if known.contains_key(&name) {
                values.insert(name, value);
            } else {
                faults.push(Fault::new(&name, format!("is no setting{}{}", nearest(&name, &known), origin(&value))));
            }
        }
        Ok(Self { values, faults })
    }

    /// The value of a setting; nothing for one that has no default and was not given.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// What holds and where it came from, as a file that could be read back but for its secrets.
    pub fn show(&self) -> String {
        let mut out = String::from("# What holds, and where it came from if not from the default. Secrets are hidden.\n");
        let (top, inner): (Vec<_>, Vec<_>) = self.values.iter().partition(|(name, _)| !name.contains('.'));
        let mut section = "";
        for (name, value) in top.into_iter().chain(inner) {
            let (head, key) = name.split_once('.').unwrap_or(("", name));
            if head != section {
                section = head;
                let _ = writeln!(out, "\n[{section}]");
            }
            let note = value.origin().map_or_else(String::new, |origin| format!("  # {origin}"));
            let _ = writeln!(out, "{key} = {}{note}", shown(name, value));
        }
        out
    }
}

const ENVIRONMENT: &str = "the environment";

/// ` (in cspd.toml)`, for the end of a sentence; nothing for a default.
pub(super) fn origin(value: &Value) -> String {
    value.origin().map_or_else(String::new, |origin| format!(" (in {origin})"))
}

fn build(sources: &Sources) -> Result<Map<String, Value>, String> {
    let mut builder = config::Config::builder().add_source(File::from_str(DEFAULT, FileFormat::Toml));
    if let Some(file) = &sources.file {
        // Read here first, because the library goes looking for files of similar names, and its complaint about a slip
        // shows the line, secrets and all.
        let text = std::fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"))?;
        toml::from_str::<toml::Table>(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
            format!("is not TOML: line {line}: {}", error.message().lines().next().unwrap_or_default())
        })?;
        builder = builder.add_source(File::from(file.clone()).format(FileFormat::Toml));
    }
    // The rest of the environment is nobody's business here.
    let ours: Map<String, String> = sources
        .variables
        .iter()
        .filter(|(name, _)| name.starts_with("CSPD_") && *name != "CSPD_CONFIG")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let environment = config::Environment::with_prefix("CSPD").prefix_separator("_").separator("__").source(Some(ours));
    let built = builder.add_source(environment).build().map_err(|error| error.to_string())?;
    built.cache.into_table().map_err(|error| error.to_string())
}

/// Sections and keys as `section.key`. What is nested deeper is nobody's setting and keeps its whole name.
fn flat(root: &Map<String, Value>) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    let mut left: Vec<(String, &Value)> = root.iter().map(|(name, value)| (name.clone(), value)).collect();
    while let Some((name, value)) = left.pop() {
        match &value.kind {
            ValueKind::Table(table) => left.extend(table.iter().map(|(key, value)| (format!("{name}.{key}"), value))),
            _ => {
                out.insert(name, value.clone());
            }
        }
    }
    out
}

/// A known setting of the same key or of a similar name, as a hint.
fn nearest(name: &str, known: &BTreeMap<String, Value>) -> String {
    let key = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let letters = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let same = known.keys().find(|k| letters(k) == letters(name)).or_else(|| known.keys().find(|k| key(k) == key(name)));
    same.map_or_else(|| "; `cspd config` prints all there are".to_owned(), |k| format!("; did you mean {k}?"))
}

/// A value as TOML, secrets hidden.
fn shown(name: &str, value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) if ONLY_FROM_ENVIRONMENT.contains(&name) && !text.is_empty() => format!("\"{HIDDEN}\""),
        ValueKind::String(text) if name.ends_with("url") => format!("{:?}", without_secrets(text)),
        ValueKind::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

/// An address of a database without what may be secret in it: the password, and every parameter behind the question mark.
pub(crate) fn without_secrets(url: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, ""), |(address, _)| (address, "?***"));
    let Some((scheme, rest)) = address.split_once("://") else {
        // Not an address at all; what it is, nobody can tell.
        return if address.is_empty() { String::new() } else { HIDDEN.to_owned() };
    };
    match rest.rsplit_once('@') {
        Some((who, place)) => match who.split_once(':') {
            Some((name, _)) => format!("{scheme}://{name}:{HIDDEN}@{place}{parameters}"),
            None => format!("{scheme}://{who}@{place}{parameters}"),
        },
        None => format!("{scheme}://{rest}{parameters}"),
    }
}
