//! The catalogue of indicators.

use csp_domain::{
    id::{IndicatorId, PartnershipId, Slug},
    indicator::{Denominator, Indicator, NewIndicator, Polarity},
    partnership::Partnership,
    region::Region,
    text::{Fault, Line},
};
use csp_proto::v1::{self, indicator_service_server::IndicatorService};
use csp_store::IndicatorChange;
use prost::Message;
use tonic::{Request, Response, Status};

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{
        self, Faults,
        indicator::{definition, polarity, to_proto, unit},
    },
    status,
};

impl Api {
    /// Refuses a percentage of what is not in the catalogue, or not in that of `owner`. `own` is the short name of the indicator itself.
    async fn whole_is_known(
        &self,
        caller: &Caller,
        whole: Option<&str>,
        region: &str,
        (own, owner): (&str, Option<PartnershipId>),
    ) -> Result<(), Status> {
        const FIELD: &str = "indicator.definition.denominator";
        let Some(whole) = whole else { return Ok(()) };
        let (found_in, found) = self.indicator_of(caller, FIELD, whole).await?;
        if found_in.slug.as_str() != region {
            return Err(status::invalid(&[Fault::new(FIELD, "must be an indicator of the same region")]));
        }
        if found.owner.is_some() && found.owner != owner {
            return Err(status::invalid(&[Fault::new(FIELD, "must be of the shared catalogue, or of the same partnership's own")]));
        }
        if owner.is_some() && found.owner.is_none() && found.definition.sensitive {
            let why = "must not be a shared measure of few people: beside its table a share would tell what is hidden in it";
            return Err(status::invalid(&[Fault::new(FIELD, why)]));
        }
        if found.slug.as_str() == own {
            return Err(status::invalid(&[Fault::new(FIELD, "must not be the indicator itself: nothing is a share of itself")]));
        }
        Ok(())
    }

    /// Enters an indicator: the region's, or `owner`'s own.
    async fn enter_indicator(
        &self,
        caller: &Caller,
        (region, owner): (&Region, Option<&Partnership>),
        (indicator, indicator_id, request_id): (Option<v1::Indicator>, String, String),
        body: &impl Message,
    ) -> Result<v1::Indicator, Status> {
        let about = owner.map_or(About::Region(region.id), |owner| About::Partnership(region.id, owner.id));
        let scope = caller.may(about)?;
        let v1::Indicator {
            name: _,
            display_name,
            unit: u,
            polarity: p,
            source,
            create_time: _,
            etag: _,
            definition: d,
            partnership: _,
            end_date: _,
        } = indicator.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let slug = faults.slug("indicator_id", &indicator_id);
        let name = faults.line("indicator.display_name", &display_name, Line::NAME);
        let unit = faults.take("indicator.unit", unit(u));
        let unsaid = slug.as_ref().zip(name.as_ref()).and_then(|(slug, name)| Polarity::unsaid(slug, name));
        let polarity = match unsaid {
            Some(neither) if p == i32::from(v1::Polarity::Unspecified) => Some(neither),
            _ => faults.take("indicator.polarity", polarity(p)),
        };
        let source = faults.line("indicator.source", &source, Line::SENTENCE);
        let defined = definition(d, unit, &mut faults);
        if indicator_id == Denominator::Residents.to_string() {
            faults.add("indicator_id", "must not be residents, which is the word for everybody who lives there");
        }
        let slug = slug.map(|slug| owner.map_or(slug.clone(), |owner| Slug::within(&owner.slug, &slug)));
        let whole = defined.as_ref().and_then(|(_, whole)| whole.clone());
        let new = (|| {
            Some(NewIndicator {
                id: IndicatorId(self.chance.id(caller.now)),
                slug: slug?,
                owner: owner.map(|owner| owner.id),
                name: name?,
                unit: unit?,
                polarity: polarity?,
                source: source?,
                definition: defined?.0,
            })
        })();
        let new = faults.all(new)?;
        self.whole_is_known(caller, whole.as_deref(), region.slug.as_str(), (new.slug.as_str(), new.owner)).await?;
        let act = caller.create(convert::request(id, caller.call.path(), body), false);
        let made = self.store.create_indicator(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        self.indicator_told(caller, region, &made).await
    }

    /// Changes an indicator: the region's, or where `of_partnerships` one partnership's own.
    async fn change_indicator(
        &self,
        caller: &Caller,
        (indicator, update_mask): (Option<v1::Indicator>, Option<prost_types::FieldMask>),
        of_partnerships: bool,
    ) -> Result<v1::Indicator, Status> {
        let v1::Indicator {
            name,
            display_name,
            unit: _,
            polarity: p,
            source,
            create_time: _,
            etag,
            definition: d,
            partnership: _,
            end_date,
        } = indicator.unwrap_or_default();
        let (region, found) = self.indicator_of(caller, "indicator.name", &name).await?;
        let about = match found.owner {
            Some(owner) if of_partnerships => About::Partnership(region.id, owner),
            None if !of_partnerships => About::Region(region.id),
            // One way to each: what is shared is not a partnership's to change, and its own stands under its own row.
            _ => return Err(status::not_found("indicator")),
        };
        let scope = caller.may(about)?;
        let shared = ["display_name", "polarity", "source", "definition"];
        let own = ["display_name", "polarity", "source", "definition", "end_date"];
        let mask = convert::mask(update_mask, if of_partnerships { &own } else { &shared })?;
        let mut faults = Faults::default();
        let mut change = IndicatorChange::default();
        let (mut d, mut whole) = (Some(d), None);
        for path in &mask {
            match path.as_str() {
                "display_name" => change.name = faults.line("indicator.display_name", &display_name, Line::NAME),
                "polarity" => change.polarity = faults.take("indicator.polarity", polarity(p)),
                "source" => change.source = faults.line("indicator.source", &source, Line::SENTENCE),
                "end_date" => change.ends_on = Some(faults.optional_date("indicator.end_date", &end_date)),
                _ => {
                    let defined = definition(d.take().flatten(), Some(found.unit), &mut faults);
                    (change.definition, whole) = defined.map_or((None, None), |(definition, whole)| (Some(definition), whole));
                }
            }
        }
        let revision = faults.etag("indicator.etag", &etag);
        faults.check()?;
        self.whole_is_known(caller, whole.as_deref(), region.slug.as_str(), (found.slug.as_str(), found.owner)).await?;
        let changed = self.store.update_indicator(scope, &caller.act(), found.id, change, revision).await.map_err(|e| self.refuse(e))?;
        self.indicator_told(caller, &region, &changed).await
    }

    /// The indicator with the name of whose it is.
    async fn indicator_told(&self, caller: &Caller, region: &Region, indicator: &Indicator) -> Result<v1::Indicator, Status> {
        let owner = match indicator.owner {
            Some(id) => Some(self.seen(caller, region).partnership_by_id(id).await.map_err(|e| self.refuse(e))?),
            None => None,
        };
        Ok(to_proto(region, indicator, owner.as_deref()))
    }
}

#[tonic::async_trait]
impl IndicatorService for Api {
    async fn create_indicator(&self, request: Request<v1::CreateIndicatorRequest>) -> Result<Response<v1::Indicator>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateIndicatorRequest { parent, indicator, indicator_id, request_id: _ } = message;
        let region = self.region_of(&caller, "parent", &parent).await?;
        self.enter_indicator(&caller, (&region, None), (indicator, indicator_id, request_id), &body).await.map(Response::new)
    }

    async fn create_own_indicator(&self, request: Request<v1::CreateOwnIndicatorRequest>) -> Result<Response<v1::Indicator>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateOwnIndicatorRequest { parent, indicator, indicator_id, request_id: _ } = message;
        let (region, owner) = self.partnership_of(&caller, "parent", &parent).await?;
        self.enter_indicator(&caller, (&region, Some(&owner)), (indicator, indicator_id, request_id), &body).await.map(Response::new)
    }

    async fn get_indicator(&self, request: Request<v1::GetIndicatorRequest>) -> Result<Response<v1::Indicator>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetIndicatorRequest { name } = request.into_inner();
        let (region, found) = self.indicator_of(&caller, "name", &name).await?;
        caller.may(About::Region(region.id))?;
        Ok(Response::new(self.indicator_told(&caller, &region, &found).await?))
    }

    async fn list_indicators(&self, request: Request<v1::ListIndicatorsRequest>) -> Result<Response<v1::ListIndicatorsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListIndicatorsRequest { parent, page_size, page_token } = request.into_inner();
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_indicators(scope, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        // What a partnership measures for itself is seen by whoever knows the partnership.
        let seen = self.partnerships_seen(&caller, &region).await?;
        let known = |found: &&Indicator| found.owner.is_none_or(|owner| seen.as_ref().is_none_or(|seen| seen.contains(&owner)));
        let mut indicators = Vec::with_capacity(listing.items.len());
        for found in listing.items.iter().filter(known) {
            indicators.push(self.indicator_told(&caller, &region, found).await?);
        }
        Ok(Response::new(v1::ListIndicatorsResponse { indicators, next_page_token }))
    }

    async fn update_indicator(&self, request: Request<v1::UpdateIndicatorRequest>) -> Result<Response<v1::Indicator>, Status> {
        let caller = self.caller(&request).await?;
        let v1::UpdateIndicatorRequest { indicator, update_mask } = request.into_inner();
        self.change_indicator(&caller, (indicator, update_mask), false).await.map(Response::new)
    }

    async fn update_own_indicator(&self, request: Request<v1::UpdateOwnIndicatorRequest>) -> Result<Response<v1::Indicator>, Status> {
        let caller = self.caller(&request).await?;
        let v1::UpdateOwnIndicatorRequest { indicator, update_mask } = request.into_inner();
        self.change_indicator(&caller, (indicator, update_mask), true).await.map(Response::new)
    }

    async fn import_populations(
        &self,
        request: Request<v1::ImportPopulationsRequest>,
    ) -> Result<Response<v1::ImportPopulationsResponse>, Status> {
        let caller = self.caller(&request).await?;
        self.import_populations(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn list_populations(
        &self,
        request: Request<v1::ListPopulationsRequest>,
    ) -> Result<Response<v1::ListPopulationsResponse>, Status> {
        let caller = self.caller(&request).await?;
        self.list_populations(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn create_target(&self, request: Request<v1::CreateTargetRequest>) -> Result<Response<v1::Target>, Status> {
        let caller = self.caller(&request).await?;
        self.create_target(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn get_target(&self, request: Request<v1::GetTargetRequest>) -> Result<Response<v1::Target>, Status> {
        let caller = self.caller(&request).await?;
        self.get_target(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn list_targets(&self, request: Request<v1::ListTargetsRequest>) -> Result<Response<v1::ListTargetsResponse>, Status> {
        let caller = self.caller(&request).await?;
        self.list_targets(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn end_target(&self, request: Request<v1::EndTargetRequest>) -> Result<Response<v1::Target>, Status> {
        let caller = self.caller(&request).await?;
        self.end_target(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn create_context_note(&self, request: Request<v1::CreateContextNoteRequest>) -> Result<Response<v1::ContextNote>, Status> {
        let caller = self.caller(&request).await?;
        self.create_context_note(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn list_context_notes(
        &self,
        request: Request<v1::ListContextNotesRequest>,
    ) -> Result<Response<v1::ListContextNotesResponse>, Status> {
        let caller = self.caller(&request).await?;
        self.list_context_notes(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn remove_context_note(&self, request: Request<v1::RemoveContextNoteRequest>) -> Result<Response<v1::ContextNote>, Status> {
        let caller = self.caller(&request).await?;
        self.remove_context_note(&caller, request.into_inner()).await.map(Response::new)
    }
}
