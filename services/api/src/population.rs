//! Estimates of residents.

use std::collections::HashSet;

use chrono::NaiveDate;
use csp_domain::{
    calendar::civil_day,
    id::EstimateId,
    measure::population::{Estimate, NewEstimate},
    partnership::OnsCode,
    text::Line,
};
use csp_proto::v1;
use tonic::Status;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults},
};

fn to_proto(estimate: &Estimate) -> v1::Population {
    v1::Population {
        ons_code: estimate.ons_code.to_string(),
        mid_year: estimate.mid_year,
        people: i64::try_from(estimate.people).unwrap_or(i64::MAX),
        source: estimate.source.to_string(),
        create_time: Some(convert::timestamp(estimate.entered_at)),
    }
}

/// Reads every estimate and names every bad one: `populations[3].people`.
pub(crate) fn read(
    given: Vec<v1::Population>,
    today: NaiveDate,
    mut id: impl FnMut() -> EstimateId,
    faults: &mut Faults,
) -> Vec<NewEstimate> {
    if given.is_empty() || given.len() > NewEstimate::MOST {
        faults.add("populations", "must be from 1 to 5,000 estimates");
        return Vec::new();
    }
    let mut seen: HashSet<(OnsCode, i32)> = HashSet::new();
    let mut read = Vec::with_capacity(given.len());
    for (n, v1::Population { ons_code, mid_year, people, source, create_time: _ }) in given.into_iter().enumerate() {
        let at = |field: &str| format!("populations[{n}].{field}");
        let ons_code = faults.take(&at("ons_code"), ons_code.parse::<OnsCode>());
        let mid_year = faults.take(&at("mid_year"), NewEstimate::year(mid_year.into(), today));
        let people = faults.take(&at("people"), NewEstimate::residents(people));
        let source = faults.line(&at("source"), &source, Line::SENTENCE);
        let (Some(ons_code), Some(mid_year)) = (ons_code, mid_year) else { continue };
        if !seen.insert((ons_code.clone(), mid_year)) {
            faults.add(at("mid_year"), format!("must not be there twice: an estimate for {ons_code} of mid-{mid_year} stands above"));
        }
        let (Some(people), Some(source)) = (people, source) else { continue };
        read.push(NewEstimate { id: id(), ons_code, mid_year, people, source });
    }
    read
}

impl Api {
    pub(crate) async fn import_populations(
        &self,
        caller: &Caller,
        message: v1::ImportPopulationsRequest,
    ) -> Result<v1::ImportPopulationsResponse, Status> {
        let v1::ImportPopulationsRequest { parent, populations, validate_only } = message;
        let region = self.region_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let mut faults = Faults::default();
        let today = civil_day(caller.now, region.zone);
        let estimates = read(populations, today, || EstimateId(self.chance.id(caller.now)), &mut faults);
        faults.check()?;
        let act = caller.create(None, validate_only);
        let entered = self.store.import_populations(scope, &act, estimates).await.map_err(|e| self.refuse(e))?;
        Ok(v1::ImportPopulationsResponse {
            populations: entered.estimates.iter().map(to_proto).collect(),
            added: i32::try_from(entered.added).unwrap_or(i32::MAX),
            changed: i32::try_from(entered.changed).unwrap_or(i32::MAX),
        })
    }

    pub(crate) async fn list_populations(
        &self,
        caller: &Caller,
        message: v1::ListPopulationsRequest,
    ) -> Result<v1::ListPopulationsResponse, Status> {
        let v1::ListPopulationsRequest { parent, page_size, page_token } = message;
        let region = self.region_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_populations(scope, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        Ok(v1::ListPopulationsResponse { populations: listing.items.iter().map(to_proto).collect(), next_page_token })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(code: &str, mid_year: i32, people: i64) -> v1::Population {
        v1::Population { ons_code: code.into(), mid_year, people, source: "ONS".into(), create_time: None }
    }

    #[test]
    fn every_bad_estimate_is_named_at_once() {
        let mut faults = Faults::default();
        let rows = vec![
            given("E22000244", 2020, 201_950),
            given("E08000037", 2020, 201_950),
            given("E22000245", 2031, 0),
            given("E22000244", 2020, 201_951),
            v1::Population { source: String::new(), ..given("E22000246", 2020, 208_871) },
        ];
        read(rows, "2022-01-05".parse().unwrap(), || EstimateId(uuid::Uuid::nil()), &mut faults);
        let status = faults.check().unwrap_err();
        let told: Vec<String> = tonic_types::StatusExt::get_details_bad_request(&status)
            .unwrap()
            .field_violations
            .into_iter()
            .map(|fault| format!("{}: {}", fault.field, fault.description))
            .collect();
        assert_eq!(told[0], "populations[1].ons_code: must be the partnership's ONS code, such as E22000244");
        assert!(told[1].starts_with("populations[2].mid_year: must be a year from 1990 to 2021"), "{told:?}");
        assert!(told[2].starts_with("populations[2].people"), "{told:?}");
        assert!(told[3].starts_with("populations[3].mid_year: must not be there twice"), "{told:?}");
        assert!(told[4].starts_with("populations[4].source: must not be empty"), "{told:?}");
        assert_eq!(told.len(), 5);
    }
}
