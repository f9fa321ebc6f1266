//! Indicators.

use csp_domain::{
    id::Slug,
    indicator::{Break, Definition, Denominator, Frequency, Indicator, Polarity, Ratio, Unit},
    partnership::Partnership,
    region::Region,
    text::{Line, Refused},
};
use csp_proto::v1;

use super::Faults;
use crate::names;

/// `owner` is whose it is, where it is not the region's.
pub(crate) fn to_proto(region: &Region, indicator: &Indicator, owner: Option<&Partnership>) -> v1::Indicator {
    let unit = match indicator.unit {
        Unit::Count => v1::Unit::Count,
        Unit::Pounds => v1::Unit::Pounds,
        Unit::Days => v1::Unit::Days,
    };
    let polarity = match indicator.polarity {
        Polarity::LowerIsBetter => v1::Polarity::LowerIsBetter,
        Polarity::HigherIsBetter => v1::Polarity::HigherIsBetter,
        Polarity::Neither => v1::Polarity::Neither,
    };
    v1::Indicator {
        name: names::indicator(region, indicator),
        display_name: indicator.name.to_string(),
        unit: unit.into(),
        polarity: polarity.into(),
        source: indicator.source.to_string(),
        create_time: Some(super::timestamp(indicator.created_at)),
        etag: indicator.revision.to_string(),
        definition: Some(definition_to(region, &indicator.definition)),
        partnership: owner.map(|owner| names::partnership(region, owner)).unwrap_or_default(),
        end_date: indicator.ends_on.map(|day| day.to_string()).unwrap_or_default(),
    }
}

fn definition_to(region: &Region, definition: &Definition) -> v1::Definition {
    let Definition { meaning, ratio, frequency, sensitive, crime, stock, survey, valid_from, breaks } = definition;
    let frequency = match frequency {
        None => v1::Frequency::Unspecified,
        Some(Frequency::Month) => v1::Frequency::Month,
        Some(Frequency::Quarter) => v1::Frequency::Quarter,
        Some(Frequency::Year) => v1::Frequency::Year,
    };
    let denominator = ratio.as_ref().map(|ratio| match &ratio.of {
        Denominator::Residents => ratio.of.to_string(),
        Denominator::Indicator(slug) => names::indicator_called(region, slug),
    });
    v1::Definition {
        meaning: meaning.as_ref().map(ToString::to_string).unwrap_or_default(),
        per: ratio.as_ref().map_or(0, |ratio| i32::try_from(ratio.per).unwrap_or(i32::MAX)),
        denominator: denominator.unwrap_or_default(),
        decimals: ratio.as_ref().map_or(0, |ratio| i32::try_from(ratio.decimals).unwrap_or(i32::MAX)),
        frequency: frequency.into(),
        sensitive: *sensitive,
        crime: *crime,
        valid_from: valid_from.map(|day| day.to_string()).unwrap_or_default(),
        breaks: breaks
            .iter()
            .map(|found| v1::DefinitionBreak { date: found.on.to_string(), description: found.what.to_string() })
            .collect(),
        stock: *stock,
        survey_months: survey.map_or(0, |months| i32::try_from(months).unwrap_or(i32::MAX)),
    }
}

/// What an indicator means, and the name of the indicator that counts the whole, as it was given: whether there is one
/// only the catalogue knows.
pub(crate) fn definition(given: Option<v1::Definition>, unit: Option<Unit>, faults: &mut Faults) -> Option<(Definition, Option<String>)> {
    const AT: &str = "indicator.definition";
    let v1::Definition { meaning, per, denominator, decimals, frequency, sensitive, crime, valid_from, breaks, stock, survey_months } =
        given.unwrap_or_default();
    let meaning = faults.optional_line(&format!("{AT}.meaning"), &meaning, Line::SENTENCE);
    let frequency = match v1::Frequency::try_from(frequency) {
        Ok(v1::Frequency::Unspecified) => Some(None),
        Ok(v1::Frequency::Month) => Some(Some(Frequency::Month)),
        Ok(v1::Frequency::Quarter) => Some(Some(Frequency::Quarter)),
        Ok(v1::Frequency::Year) => Some(Some(Frequency::Year)),
        Err(_) => {
            faults.add(format!("{AT}.frequency"), "must be month, quarter or year, or not said");
            None
        }
    };
    let mut whole = None;
    let ratio = match per {
        0 => {
            for (field, said) in [("denominator", !denominator.is_empty()), ("decimals", decimals != 0)] {
                if said {
                    faults.add(format!("{AT}.{field}"), "must not be said of a plain amount; set per, such as 100 for a percentage");
                }
            }
            None
        }
        per => {
            let per = u32::try_from(per).ok().filter(|per| Ratio::PER.contains(per));
            if per.is_none() {
                faults.add(format!("{AT}.per"), "must be from 1 to 1,000,000, such as 100 for a percentage, or 0 for a plain amount");
            }
            let places = u32::try_from(decimals).ok().filter(|places| *places <= Ratio::MAX_DECIMALS);
            if places.is_none() {
                faults.add(format!("{AT}.decimals"), "must be from 0 to 3");
            }
            if unit.is_some_and(|unit| unit == Unit::Days) {
                faults.add(format!("{AT}.per"), "must not be set of days: a share or a rate is made of two counts or of pounds");
            }
            let of = match denominator.as_str() {
                "" => {
                    faults.add(
                        format!("{AT}.denominator"),
                        "must say of what it is so many: an indicator, such as regions/northumbria/indicators/referrals, or residents",
                    );
                    None
                }
                "residents" => Some(Denominator::Residents),
                _ => {
                    // The name's last part; that it leads to an indicator of this region is looked up.
                    let slug = denominator.rsplit('/').next().and_then(|slug| Slug::plain_or_within(slug).ok());
                    if slug.is_none() {
                        faults.add(
                            format!("{AT}.denominator"),
                            "must be the name of an indicator, such as regions/northumbria/indicators/referrals, or residents",
                        );
                    }
                    whole = Some(denominator);
                    slug.map(Denominator::Indicator)
                }
            };
            (|| Some(Ratio { per: per?, of: of?, decimals: places? }))()
        }
    };
    if sensitive && unit.is_some_and(|unit| unit != Unit::Count) {
        faults.add(format!("{AT}.sensitive"), "must only be set of counts: it is few people who could be recognised, not pounds or days");
    }
    let survey = u32::try_from(survey_months).ok().filter(|months| *months == 0 || Definition::SURVEY_MONTHS.contains(months));
    if survey.is_none() {
        faults.add(format!("{AT}.survey_months"), "must be from 1 to 60, such as 12 for a rolling year, or 0 for what is no survey");
    }
    let survey = survey.filter(|months| *months > 0);
    if survey.is_some() && (stock || ratio.as_ref().is_some_and(|ratio: &Ratio| !ratio.is_percent()) || per == 0) {
        let must = "must only be set of a percentage of those who were asked: per 100, of the indicator that counts them, and no state";
        faults.add(format!("{AT}.survey_months"), must);
    }
    let valid_from = faults.optional_date(&format!("{AT}.valid_from"), &valid_from);
    if breaks.len() > Definition::MAX_BREAKS {
        faults.add(format!("{AT}.breaks"), format!("must be at most {}", Definition::MAX_BREAKS));
    }
    let mut known: Vec<Break> = Vec::new();
    for (n, v1::DefinitionBreak { date, description }) in breaks.into_iter().enumerate().take(Definition::MAX_BREAKS) {
        let on = faults.date(&format!("{AT}.breaks[{n}].date"), &date);
        let what = faults.line(&format!("{AT}.breaks[{n}].description"), &description, Line::SENTENCE);
        let (Some(on), Some(what)) = (on, what) else { continue };
        if known.iter().any(|earlier| earlier.on == on) {
            faults.add(format!("{AT}.breaks[{n}].date"), "must not be named twice");
        }
        known.push(Break { on, what });
    }
    known.sort_by_key(|found| found.on);
    Some((Definition { meaning, ratio, frequency: frequency?, sensitive, crime, stock, survey, valid_from, breaks: known }, whole))
}

pub(crate) fn unit(value: i32) -> Result<Unit, Refused> {
    match v1::Unit::try_from(value) {
        Ok(v1::Unit::Count) => Ok(Unit::Count),
        Ok(v1::Unit::Pounds) => Ok(Unit::Pounds),
        Ok(v1::Unit::Days) => Ok(Unit::Days),
        Ok(v1::Unit::Unspecified) | Err(_) => Err(Refused::new("must be count, pounds or days")),
    }
}

pub(crate) fn polarity(value: i32) -> Result<Polarity, Refused> {
    match v1::Polarity::try_from(value) {
        Ok(v1::Polarity::LowerIsBetter) => Ok(Polarity::LowerIsBetter),
        Ok(v1::Polarity::HigherIsBetter) => Ok(Polarity::HigherIsBetter),
        Ok(v1::Polarity::Neither) => Ok(Polarity::Neither),
        Ok(v1::Polarity::Unspecified) | Err(_) => Err(Refused::new("must be lower is better, higher is better, or neither")),
    }
}
