//! A committee's template as a file that people write.

use clap::ValueEnum as _;
use csp_proto::v1;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{error::Error, files, session::Session, words::ComparatorOption};

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
    /// What figures are set beside: `same-period-last-year`, `year-to-date` …
    #[serde(default)]
    comparators: Vec<Beside>,
    /// The least figure of which a percentage is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    least_base: Option<i32>,
    // A table comes last in TOML.
    #[serde(default)]
    implications: Vec<ImplicationEntry>,
}

/// A comparator by the word people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Beside(ComparatorOption);

impl Beside {
    fn of(code: i32) -> Option<Self> {
        ComparatorOption::value_variants().iter().find(|option| option.code() == code).map(|option| Self(*option))
    }

    fn word(self) -> String {
        self.0.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

impl Serialize for Beside {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.word())
    }
}

impl<'de> Deserialize<'de> for Beside {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        ComparatorOption::from_str(&word, true).map(Self).map_err(|_| {
            let known: Vec<String> = ComparatorOption::value_variants().iter().map(|option| Self(*option).word()).collect();
            serde::de::Error::custom(format!("“{word}” is no comparator. Known are: {}", known.join(", ")))
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImplicationEntry {
    heading: String,
    statement: String,
}

impl From<v1::CommitteeTemplate> for TemplateFile {
    fn from(template: v1::CommitteeTemplate) -> Self {
        let v1::CommitteeTemplate { report_of, title, purpose, recommendations, implications, notice, comparators, least_base } = template;
        let entry = |v1::Implication { heading, statement }| ImplicationEntry { heading, statement };
        let notice = Some(notice).filter(|notice| !notice.is_empty());
        Self {
            report_of,
            title,
            purpose,
            notice,
            recommendations,
            comparators: comparators.into_iter().filter_map(Beside::of).collect(),
            least_base: Some(least_base).filter(|least| *least != 0),
            implications: implications.into_iter().map(entry).collect(),
        }
    }
}

impl From<TemplateFile> for v1::CommitteeTemplate {
    fn from(file: TemplateFile) -> Self {
        let TemplateFile { report_of, title, purpose, notice, recommendations, comparators, least_base, implications } = file;
        let implication = |ImplicationEntry { heading, statement }| v1::Implication { heading, statement };
        let implications = implications.into_iter().map(implication).collect();
        let comparators = comparators.into_iter().map(|Beside(option)| option.code()).collect();
        let (notice, least_base) = (notice.unwrap_or_default(), least_base.unwrap_or_default());
        Self { report_of, title, purpose, recommendations, implications, notice, comparators, least_base }
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
            comparators: vec![v1::Comparator::PreviousPeriod.into(), v1::Comparator::Region.into()],
            least_base: 20,
        };
        let text = write(template.clone()).unwrap();
        let again: TemplateFile = toml::from_str(&text).unwrap();
        assert_eq!(v1::CommitteeTemplate::from(again), template);
        assert!(text.contains("\"previous-period\"") && text.contains("least_base = 20"), "{text}");
        let unknown = text.replace("previous-period", "last-week");
        let fault = toml::from_str::<TemplateFile>(&unknown).unwrap_err().to_string();
        assert!(fault.contains("“last-week” is no comparator. Known are: previous-period, same-period-last-year"), "{fault}");
    }
}
