//! Indicators.

use csp_domain::{
    indicator::{Indicator, Polarity, Unit},
    region::Region,
    text::Refused,
};
use csp_proto::v1;

use crate::names;

pub(crate) fn to_proto(region: &Region, indicator: &Indicator) -> v1::Indicator {
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
    }
}

pub(crate) fn unit(value: i32) -> Result<Unit, Refused> {
    match v1::Unit::try_from(value) {
        Ok(v1::Unit::Count) => Ok(Unit::Count),
        Ok(v1::Unit::Pounds) => Ok(Unit::Pounds),
        Ok(v1::Unit::Days) => Ok(Unit::Days),
        Ok(v1::Unit::Unspecified) | Err(_) => Err(Refused::new("must be one of UNIT_COUNT, UNIT_POUNDS, UNIT_DAYS")),
    }
}

pub(crate) fn polarity(value: i32) -> Result<Polarity, Refused> {
    match v1::Polarity::try_from(value) {
        Ok(v1::Polarity::LowerIsBetter) => Ok(Polarity::LowerIsBetter),
        Ok(v1::Polarity::HigherIsBetter) => Ok(Polarity::HigherIsBetter),
        Ok(v1::Polarity::Neither) => Ok(Polarity::Neither),
        Ok(v1::Polarity::Unspecified) | Err(_) => {
            Err(Refused::new("must be one of POLARITY_LOWER_IS_BETTER, POLARITY_HIGHER_IS_BETTER, POLARITY_NEITHER"))
        }
    }
}
