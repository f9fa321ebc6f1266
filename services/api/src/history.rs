//! Figures from before partnerships reported here.

use std::collections::{HashMap, HashSet};

use chrono::{Datelike as _, Months, NaiveDate};
use csp_domain::{
    calendar::civil_day,
    history::{HistoryImport, NewHistory, Series},
    id::{HistoryImportId, IndicatorId, PartnershipId},
    indicator::Indicator,
    observation::parse_value,
    partnership::Partnership,
    period::Period,
    region::Region,
    text::Line,
};
use csp_proto::v1::{self, history_service_server::HistoryService};
use rust_decimal::Decimal;
use tonic::{Code, Request, Response, Status};

use crate::{
    Api,
    authorise::About,
    convert::{self, Faults},
    names,
};

/// Before this there is no figure that anybody would chart.
const EARLIEST: i32 = 1990;

fn to_proto(region: &Region, import: &HistoryImport) -> v1::HistoryImport {
    let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
    v1::HistoryImport {
        name: format!("{}/historyImports/{}", names::region(region), import.id),
        source: import.source.to_string(),
        point_count: number(import.points),
        added_count: number(import.added),
        changed_count: number(import.changed),
        create_time: Some(convert::timestamp(import.imported_at)),
    }
}

/// Nothing where there is no such thing for the caller; a store that does not answer is no answer.
fn unless_unknown<T>(found: Result<T, Status>) -> Result<Option<T>, Status> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument | Code::PermissionDenied) => Ok(None),
        Err(status) => Err(status),
    }
}

/// How many months a period of a series has.
fn months(frequency: i32) -> Option<u32> {
    match v1::Frequency::try_from(frequency).ok()? {
        v1::Frequency::Unspecified => None,
        v1::Frequency::Month => Some(1),
        v1::Frequency::Quarter => Some(3),
        v1::Frequency::Year => Some(12),
    }
}

/// The points of a series. Everything wrong with it is said, each point at its place.
fn points(at: &str, given: &v1::Series, indicator: &Indicator, today: NaiveDate, faults: &mut Faults) -> Option<Vec<(Period, Decimal)>> {
    let v1::Series { frequency, first_date, steps, values, decimals, .. } = given;
    let length = months(*frequency);
    if length.is_none() {
        faults.add(format!("{at}.frequency"), "must be month, quarter or year");
    }
    let first = faults.date(&format!("{at}.first_date"), first_date);
    let whole = first.is_some_and(|first| first.day() == 1 && first.year() >= EARLIEST);
    if first.is_some() && !whole {
        faults.add(format!("{at}.first_date"), format!("must be the first day of a month, not before {EARLIEST}"));
    }
    if values.is_empty() || steps.len() != values.len() {
        faults.add(format!("{at}.values"), "must have at least one, and as many as there are steps");
    }
    let decimals = u32::try_from(*decimals).ok().filter(|decimals| *decimals <= 2);
    if decimals.is_none() {
        faults.add(format!("{at}.decimals"), "must be 0, 1 or 2");
    }
    let (length, first, decimals) = (length?, first.filter(|_| whole)?, decimals?);
    if steps.len() != values.len() {
        return None;
    }
    let whole = match length {
        1 => true,
        3 => first.month0() % 3 == 0,
        _ => first.month() == 4,
    };
    if !whole {
        faults.add(format!("{at}.first_date"), "must be the first day of a quarter, or 1 April of a year");
        return None;
    }
    let mut points = Vec::with_capacity(values.len());
    let (mut at_month, mut sound) = (0_u32, true);
    for (place, (step, value)) in steps.iter().zip(values).enumerate() {
        at_month = at_month.saturating_add(step.saturating_mul(length));
        let start = first.checked_add_months(Months::new(at_month));
        let period = start.zip(start.and_then(|start| start.checked_add_months(Months::new(length))?.pred_opt()));
        let period = period.and_then(|(start, end)| Period::new(start, end).ok());
        let mut wrong = |field: &str, fault: String| {
            faults.add(format!("{at}.{field}[{place}]"), fault);
            sound = false;
        };
        match period {
            // As far ahead as no calendar goes, all that follows is too.
            None => {
                wrong("steps", "must be a period that is over".to_owned());
                return None;
            }
            Some(period) if period.end() >= today => wrong("steps", format!("{} is not over yet", period.months())),
            Some(period) if place > 0 && *step == 0 => wrong("steps", format!("tells {} a second time", period.short_label())),
            Some(_) => {}
        }
        let value = Decimal::try_new(*value, decimals).map_err(|_| "must be a number that can be kept".to_owned());
        match value.and_then(|value| parse_value(&value.to_string(), indicator.unit).map_err(|refused| refused.to_string())) {
            Ok(value) => points.extend(period.map(|period| (period, value))),
            Err(fault) => wrong("values", fault),
        }
    }
    sound.then_some(points)
}

#[tonic::async_trait]
impl HistoryService for Api {
    async fn import_history(&self, request: Request<v1::ImportHistoryRequest>) -> Result<Response<v1::HistoryImport>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ImportHistoryRequest { parent, source, series, validate_only } = request.into_inner();
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let mut faults = Faults::default();
        let source = faults.line("source", &source, Line::SENTENCE);
        let count: usize = series.iter().map(|series| series.values.len()).sum();
        if series.is_empty() || count > NewHistory::MAX_POINTS {
            faults.add("series", format!("must have at least one series, and at most {} points in all", NewHistory::MAX_POINTS));
            faults.check()?;
        }
        let today = civil_day(caller.now, region.zone);
        let mut partnerships: HashMap<String, Option<Partnership>> = HashMap::new();
        let mut indicators: HashMap<String, Option<Indicator>> = HashMap::new();
        let mut told: HashSet<(PartnershipId, IndicatorId, Period)> = HashSet::with_capacity(count);
        let mut judged = Vec::with_capacity(series.len());
        for (place, given) in series.iter().enumerate() {
            let at = format!("series[{place}]");
            if !partnerships.contains_key(&given.partnership) {
                let found = unless_unknown(self.partnership_of(&caller, "series.partnership", &given.partnership).await)?;
                let found = found.filter(|(of, _)| of.id == region.id).map(|(_, found)| found);
                partnerships.insert(given.partnership.clone(), found);
            }
            if !indicators.contains_key(&given.indicator) {
                let found = unless_unknown(self.indicator_of(&caller, "series.indicator", &given.indicator).await)?;
                let found = found.filter(|(of, _)| of.id == region.id).map(|(_, found)| found);
                indicators.insert(given.indicator.clone(), found);
            }
            let partnership = partnerships.get(&given.partnership).and_then(Option::as_ref);
            let indicator = indicators.get(&given.indicator).and_then(Option::as_ref);
            if partnership.is_none() {
                faults.add(format!("{at}.partnership"), "is no partnership of this region");
            }
            if indicator.is_none() {
                faults.add(format!("{at}.indicator"), "is not in the catalogue of this region");
            }
            let (Some(partnership), Some(indicator)) = (partnership, indicator) else { continue };
            if !indicator.is_for(partnership.id) {
                faults.add(format!("{at}.indicator"), format!("is another partnership's own, and not {}'s", partnership.name));
                continue;
            }
            let Some(points) = points(&at, given, indicator, today, &mut faults) else { continue };
            if let Some((period, _)) = points.iter().find(|(period, _)| !told.insert((partnership.id, indicator.id, *period))) {
                faults.add(&at, format!("tells {} of {} for {} a second time", indicator.name, partnership.name, period.short_label()));
            }
            judged.push(Series { partnership: partnership.id, indicator: indicator.id, points });
        }
        let id = HistoryImportId(self.chance.id(caller.now));
        let new = faults.all(source.map(|source| NewHistory { id, source, series: judged }))?;
        let act = caller.create(None, validate_only);
        let made = self.store.import_history(scope, &act, caller.person.id, new).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(to_proto(&region, &made)))
    }

    async fn list_history_imports(
        &self,
        request: Request<v1::ListHistoryImportsRequest>,
    ) -> Result<Response<v1::ListHistoryImportsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListHistoryImportsRequest { parent, page_size, page_token } = request.into_inner();
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_history_imports(scope, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let history_imports = listing.items.iter().map(|import| to_proto(&region, import)).collect();
        Ok(Response::new(v1::ListHistoryImportsResponse { history_imports, next_page_token }))
    }
}

#[cfg(test)]
mod tests {
    use csp_domain::indicator::{Definition, Polarity, Unit};
    use tonic_types::StatusExt as _;

    use super::*;

    fn told(first_date: &str, steps: &[u32], values: &[i64]) -> Result<usize, Vec<String>> {
        let line = |text: &str| Line::parse(text, Line::NAME).expect("this is a line");
        let indicator = Indicator {
            id: IndicatorId(uuid::Uuid::nil()),
            owner: None,
            ends_on: None,
            slug: "burglary".parse().expect("this is a short name"),
            name: line("Burglary"),
            unit: Unit::Count,
            polarity: Polarity::LowerIsBetter,
            source: line("Police"),
            definition: Definition::default(),
            created_at: csp_domain::Instant::UNIX_EPOCH,
            revision: 1,
        };
        let series = v1::Series {
            frequency: v1::Frequency::Month.into(),
            first_date: first_date.to_owned(),
            steps: steps.to_vec(),
            values: values.to_vec(),
            ..Default::default()
        };
        let today = "2022-01-20".parse().expect("this is a day");
        let mut faults = Faults::default();
        let found = points("series[0]", &series, &indicator, today, &mut faults).map(|points| points.len());
        let refused = faults.check();
        refused.map(|()| found.expect("what is sound is told")).map_err(|status| {
            let faults = status.get_details_bad_request().expect("every fault has its place").field_violations;
            faults.into_iter().map(|fault| format!("{}: {}", fault.field, fault.description)).collect()
        })
    }

    #[test]
    fn each_point_that_is_wrong_is_named_at_its_place() {
        assert_eq!(told("2021-10-01", &[0, 1, 1], &[1, 2, 3]), Ok(3));
        assert_eq!(
            told("2021-11-01", &[0, 1, 0, 1, 1], &[1, -2, 3, 4, 5]),
            Err(vec![
                "series[0].values[1]: must not be negative".to_owned(),
                "series[0].steps[2]: tells December 2021 a second time".to_owned(),
                "series[0].steps[3]: January 2022 is not over yet".to_owned(),
                "series[0].steps[4]: February 2022 is not over yet".to_owned(),
            ])
        );
        let far = told("2021-11-01", &[0, u32::MAX], &[1, 2]).expect_err("no calendar goes as far");
        assert_eq!(far, ["series[0].steps[1]: must be a period that is over"]);
    }
}
