//! A committee's template as a file that people write.

use csp_proto::v1;
use serde::{Deserialize, Serialize};

use crate::{error::Error, files, session::Session};

/// `template.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateFile {
    report_of: String,
    title: String,
    purpose: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    recommendations: Vec<String>,
    // A table comes last in TOML.
    #[serde(default)]
    implications: Vec<ImplicationEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImplicationEntry {
    heading: String,
    statement: String,
}

impl From<v1::CommitteeTemplate> for TemplateFile {
    fn from(template: v1::CommitteeTemplate) -> Self {
        let v1::CommitteeTemplate { report_of, title, purpose, recommendations, implications, notice } = template;
        let entry = |v1::Implication { heading, statement }| ImplicationEntry { heading, statement };
        let notice = Some(notice).filter(|notice| !notice.is_empty());
        Self { report_of, title, purpose, notice, recommendations, implications: implications.into_iter().map(entry).collect() }
    }
}

impl From<TemplateFile> for v1::CommitteeTemplate {
    fn from(file: TemplateFile) -> Self {
        let TemplateFile { report_of, title, purpose, notice, recommendations, implications } = file;
        let implication = |ImplicationEntry { heading, statement }| v1::Implication { heading, statement };
        let implications = implications.into_iter().map(implication).collect();
        Self { report_of, title, purpose, recommendations, implications, notice: notice.unwrap_or_default() }
    }
}

/// Reads the file; what is wrong with it is named with its line.
pub(super) fn read(file: &str, session: &mut Session<'_>) -> Result<v1::CommitteeTemplate, Error> {
    let text = files::read_text(file, session.terminal)?;
    let template: TemplateFile = toml::from_str(&text).map_err(|fault| {
        let line = fault.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let violation = crate::error::Violation { place: format!("{file}:{line}"), fault: fault.message().to_owned() };
        Error::refused(format!("{file} cannot be used."), vec![violation])
            .hint("See how one is written: csp admin committee template citizen-focus")
    })?;
    Ok(template.into())
}

/// Writes it as the file is written.
pub(super) fn write(template: v1::CommitteeTemplate) -> Result<String, Error> {
    toml::to_string_pretty(&TemplateFile::from(template))
        .map_err(|fault| Error::unexpected(format!("The template cannot be written: {fault}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_is_printed_can_be_read_again() {
        let template = v1::CommitteeTemplate {
            report_of: "Report of the Chief Executive".into(),
            title: "Community safety partnerships".into(),
            purpose: "To inform members.".into(),
            recommendations: vec!["Note the report.".into(), "Decide.".into()],
            implications: vec![v1::Implication { heading: "Equal opportunities".into(), statement: "None, because …".into() }],
            notice: "DEMONSTRATION".into(),
        };
        let text = write(template.clone()).unwrap();
        let again: TemplateFile = toml::from_str(&text).unwrap();
        assert_eq!(v1::CommitteeTemplate::from(again), template);
    }
}
