//! The record of deeds.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use csp_proto::v1;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    dates::{Instant, day, instant},
    names::last,
    output::{Page, Show},
};

use super::given;

/// A line of a table holds so many letters of what changed.
const WIDEST: usize = 60;

#[derive(Debug, Serialize)]
pub(crate) struct AuditEntryView {
    name: String,
    time: Option<Instant>,
    person: Option<String>,
    person_display_name: String,
    token: Option<String>,
    origin: Option<String>,
    action: String,
    subject: String,
    subject_id: String,
    old_value: Option<Value>,
    new_value: Option<Value>,
}

impl From<v1::AuditEntry> for AuditEntryView {
    fn from(entry: v1::AuditEntry) -> Self {
        let v1::AuditEntry { name, time, person, person_display_name, token, origin, action, subject, subject_id, old_value, new_value } =
            entry;
        let json = |text: String| given(text).map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)));
        Self {
            name,
            time: instant(time),
            person: given(person),
            person_display_name,
            token: given(token),
            origin: given(origin),
            action,
            subject,
            subject_id,
            old_value: json(old_value),
            new_value: json(new_value),
        }
    }
}

impl AuditEntryView {
    /// What differs, as far as it fits on a line: `state: closed → published`.
    fn change(&self, page: &Page) -> String {
        let fields = |value: &'_ Option<Value>| value.as_ref().map(flat).unwrap_or_default();
        let (old, new) = (fields(&self.old_value), fields(&self.new_value));
        let mut told: Vec<String> = Vec::new();
        for (field, value) in &new {
            let before = old.get(field);
            if before == Some(value) {
                continue;
            }
            let Some(value) = brief(value, page) else {
                told.extend(before.and_then(|old| brief(old, page)).map(|old| format!("{field}: {old} → –")));
                continue;
            };
            told.push(match before.and_then(|old| brief(old, page)) {
                Some(old) => format!("{field}: {old} → {value}"),
                None => format!("{field}: {value}"),
            });
        }
        // What is not there any more.
        for (field, old) in old.iter().filter(|(field, _)| !new.contains_key(*field)) {
            told.extend(brief(old, page).map(|old| format!("{field}: {old} → –")));
        }
        let all = told.join("; ");
        if all.chars().count() <= WIDEST { all } else { all.chars().take(WIDEST - 1).chain(['…']).collect() }
    }
}

/// What is long, and read better where it is printed.
const TEXTS: [&str; 4] = ["body", "content", "original", "proposed"];

/// A value field by field: of rules `nation`, and of what stands deeper with the name of what it is of, `deadline days`.
fn flat(value: &Value) -> BTreeMap<String, Value> {
    fn within(found: &mut BTreeMap<String, Value>, of: Option<&str>, depth: usize, fields: &Map<String, Value>) {
        for (field, value) in fields.iter().filter(|(field, _)| !TEXTS.contains(&field.as_str())) {
            match value {
                Value::Object(deeper) => within(found, Some(field), depth + 1, deeper),
                value => {
                    let name = match of {
                        Some(of) if depth > 1 && of != "rules" => format!("{of} {field}"),
                        _ => field.clone(),
                    };
                    found.insert(name.replace('_', " "), value.clone());
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    if let Value::Object(fields) = value {
        within(&mut found, None, 0, fields);
    }
    found
}

/// So many of a list are named.
const NAMED: usize = 3;

/// A value that fits on a line. Identifiers say nothing to a reader; times are those of the region.
fn brief(value: &Value, page: &Page) -> Option<String> {
    match value {
        Value::String(text) if text.len() == 36 && text.chars().filter(|c| *c == '-').count() == 4 => None,
        Value::String(text) => match text.parse::<DateTime<Utc>>() {
            Ok(moment) => Some(page.when(Some(Instant(moment)))),
            Err(_) => Some(day(text)),
        },
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(items) => {
            let told: Vec<String> = items.iter().filter_map(|item| brief(item, page)).collect();
            let more = told.len().saturating_sub(NAMED);
            let first = told.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
            (!told.is_empty()).then(|| format!("{first}{rest}"))
        }
        Value::Object(fields) => {
            let told: Vec<String> = fields.values().filter_map(|value| brief(value, page)).collect();
            (!told.is_empty()).then(|| told.join(" "))
        }
        Value::Null => None,
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct AuditList {
    pub(crate) audit_entries: Vec<AuditEntryView>,
}

impl Show for AuditList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .audit_entries
            .iter()
            .map(|e| {
                let by = e.token.as_ref().map(|token| format!(" ({})", &last(token)[..last(token).len().min(8)])).unwrap_or_default();
                let what = format!("{} {}", e.action.replace('_', " "), e.subject.replace('_', " "));
                let from = e.origin.clone().unwrap_or_default();
                [page.when(e.time), format!("{}{by}", e.person_display_name), what, e.change(page), from]
            })
            .collect();
        page.table(["When", "Who (by token)", "Did", "What changed", "From"], rows, "Nothing is on record.");
    }
}
