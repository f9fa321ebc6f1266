//! News items.

use csp_domain::{
    narrative::Narrative,
    news::{NewsItem, NewsKind, NewsState},
    text::Refused,
};
use csp_proto::v1;

use super::Faults;

pub(crate) fn kind(value: i32) -> Result<NewsKind, Refused> {
    Ok(match v1::NewsKind::try_from(value) {
        Ok(v1::NewsKind::News) => NewsKind::News,
        Ok(v1::NewsKind::CaseStudy) => NewsKind::CaseStudy,
        Ok(v1::NewsKind::Campaign) => NewsKind::Campaign,
        Ok(v1::NewsKind::Award) => NewsKind::Award,
        Ok(v1::NewsKind::Decision) => NewsKind::Decision,
        Ok(v1::NewsKind::Event) => NewsKind::Event,
        Ok(v1::NewsKind::NationalDevelopment) => NewsKind::NationalDevelopment,
        Ok(v1::NewsKind::Unspecified) | Err(_) => {
            return Err(Refused::new("must be a kind of news item, such as news or an award"));
        }
    })
}

fn kind_to(kind: NewsKind) -> v1::NewsKind {
    match kind {
        NewsKind::News => v1::NewsKind::News,
        NewsKind::CaseStudy => v1::NewsKind::CaseStudy,
        NewsKind::Campaign => v1::NewsKind::Campaign,
        NewsKind::Award => v1::NewsKind::Award,
        NewsKind::Decision => v1::NewsKind::Decision,
        NewsKind::Event => v1::NewsKind::Event,
        NewsKind::NationalDevelopment => v1::NewsKind::NationalDevelopment,
    }
}

/// A body, with every line that cannot be taken.
pub(crate) fn body(field: &str, text: &str, format: i32, faults: &mut Faults) -> Option<Narrative> {
    let parsed = match v1::BodyFormat::try_from(format) {
        Ok(v1::BodyFormat::Markdown) => Narrative::from_markdown(text),
        Ok(v1::BodyFormat::PlainText) => Narrative::from_plain_text(text),
        Ok(v1::BodyFormat::Unspecified) | Err(_) => {
            faults.add(format!("{field}_format"), "must be Markdown or plain text");
            return None;
        }
    };
    match parsed {
        Ok(narrative) => Some(narrative),
        Err(refused) => {
            for fault in refused {
                faults.add(field, fault);
            }
            None
        }
    }
}

pub(crate) fn to_proto(owner: &str, cycle: String, submitter: String, joint_owners: Vec<String>, item: &NewsItem) -> v1::NewsItem {
    let state = match item.state {
        NewsState::Submitted => v1::NewsState::Submitted,
        NewsState::Withdrawn => v1::NewsState::Withdrawn,
    };
    v1::NewsItem {
        name: format!("{owner}/newsItems/{}", item.id),
        cycle,
        kind: kind_to(item.kind).into(),
        headline: item.headline.to_string(),
        body: item.body.to_markdown(),
        body_format: v1::BodyFormat::Markdown.into(),
        happened_on: item.happened_on.map(|day| day.to_string()).unwrap_or_default(),
        state: state.into(),
        submitter,
        submit_time: Some(super::timestamp(item.submitted_at)),
        revision: item.revision,
        etag: item.revision.to_string(),
        joint_owners,
    }
}
