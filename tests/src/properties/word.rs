//! Names, numbers, dates and tokens: one word or one line that must mean something.

use std::{fmt::Debug, str::FromStr};

use csp_domain::{
    document::Hash,
    id::Slug,
    indicator::Unit,
    observation::{parse_value, print_value},
    partnership::OnsCode,
    period::Period,
    person::EmailAddress,
    region::parse_zone,
    text::{Line, lines, thousands},
    token::Secret,
};

/// What is taken reads back as it is written, and holds nothing that could leave its place.
pub(super) fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    line(&text);
    again::<Slug>(&text, ToString::to_string);
    again::<EmailAddress>(&text, |address| address.as_str().to_owned());
    again::<OnsCode>(&text, ToString::to_string);
    again::<Period>(&text, ToString::to_string);
    if let Ok(address) = text.parse::<EmailAddress>() {
        assert!(address.as_str().bytes().all(|b| b.is_ascii_graphic() && !b"<>()[]\",;:\\ ".contains(&b)), "{}", address.as_str());
        let domain = address.domain();
        assert_eq!(address.as_str().matches('@').count(), 1);
        assert!(!format!("{address:?}").contains(address.as_str()) && !domain.is_empty());
    }
    if let Ok(period) = text.parse::<Period>() {
        assert!(period.start() <= period.end());
        assert!(!period.label().is_empty() && !period.short_label().is_empty() && period.a_year_earlier() < period);
    }
    for unit in [Unit::Count, Unit::Pounds, Unit::Days] {
        if let Ok(value) = parse_value(&text, unit) {
            assert!(!value.is_sign_negative() && value.scale() <= unit.decimals(), "{value}");
            assert_eq!(parse_value(&value.to_string(), unit), Ok(value));
            assert!(!print_value(value, unit).is_empty());
        }
    }
    if let Some(secret) = Secret::parse(&text) {
        assert_eq!(secret.reveal(), text);
    }
    if let Some(hash) = Hash::parse(&text) {
        assert_eq!(hash.to_string(), text.to_lowercase());
    }
    if let Ok(zone) = parse_zone(&text) {
        assert!(text.is_empty() || parse_zone(zone.name()) == Ok(zone));
    }
    if let Some(slug) = Slug::from_name(&text) {
        assert_eq!(slug.as_str().parse(), Ok(slug));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        assert_eq!(thousands(&text).replace(',', ""), text);
    }
}

fn line(text: &str) {
    for max in [Line::NAME, Line::SENTENCE] {
        let Ok(taken) = Line::parse(text, max) else { continue };
        assert_eq!(taken.as_str(), text.trim(), "nothing but the space around it goes");
        assert!(taken.as_str().chars().count() <= max && !taken.as_str().chars().any(char::is_control));
        assert_eq!(Line::parse(taken.as_str(), max), Ok(taken.clone()));
        // What may be a name may be said in a text as well.
        assert_eq!(lines(taken.as_str(), taken.as_str().len()).as_deref(), Ok(taken.as_str()));
    }
    if let Ok(taken) = lines(text, 1 << 20) {
        assert_eq!(taken, text.replace("\r\n", "\n").replace('\r', "\n"));
        assert_eq!(lines(&taken, 1 << 20), Ok(taken.clone()), "what was taken once is taken again");
    }
}

fn again<T: FromStr + PartialEq + Debug>(text: &str, write: fn(&T) -> String) {
    if let Ok(value) = text.parse::<T>() {
        let written = write(&value);
        assert!(written.parse::<T>().is_ok_and(|again| again == value), "{text:?} was written as {written:?}");
    }
}
