//! Returns: sent in, corrected, withdrawn, read.

use std::{collections::HashMap, sync::Arc};

use csp_domain::{
    Scope, calendar,
    committee::Committee,
    cycle::Cycle,
    id::{CycleId, IndicatorId, PartnershipId, ReturnId},
    indicator::Indicator,
    partnership::Partnership,
    region::Region,
    returns::{Manner, NewReturn, Return, ReturnState},
    signoff::{Deed, Hand},
    text::Line,
};
use csp_proto::v1::{self, return_service_server::ReturnService};
use csp_store::{ReturnFilter, StoreError};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults, returns as shape},
    lifted::Lift,
    names,
    news::Referred,
    signoff::hands,
    status,
};

/// What a return's name spells: whose, and for which cycle.
pub(crate) struct Place {
    pub(crate) region: Region,
    pub(crate) partnership: Partnership,
    pub(crate) committee: Committee,
    pub(crate) cycle: Cycle,
}

impl Place {
    pub(crate) fn about(&self) -> About {
        About::Submission(self.region.id, self.partnership.id, self.committee.id)
    }
}

pub(crate) fn name_of(region: &Region, partnership: &Partnership, committee: &Committee, cycle: &Cycle) -> String {
    format!("{}/returns/{}.{}", names::partnership(region, partnership), committee.slug, cycle.slug)
}

impl Api {
    /// The region's indicators, looked up once for a call.
    pub(crate) async fn catalogue<'r>(
        &self,
        region: &Region,
        referred: &'r mut Referred,
    ) -> Result<&'r HashMap<IndicatorId, Indicator>, Status> {
        if referred.catalogue.is_empty() {
            referred.catalogue = self.store.seen(region.id, referred.sight.as_ref()).catalogue().await.map_err(|e| self.refuse(e))?;
        }
        Ok(&referred.catalogue)
    }

    /// Where what a partnership sent in for a cycle stands.
    pub(crate) async fn place_in(
        &self,
        caller: &Caller,
        region: &Region,
        partnership: Partnership,
        cycle: CycleId,
    ) -> Result<Place, Status> {
        let seen = self.seen(caller, region);
        let cycle = Arc::unwrap_or_clone(seen.cycle_by_id(cycle).await.map_err(|e| self.refuse(e))?);
        let committee = Arc::unwrap_or_clone(seen.committee_by_id(cycle.committee).await.map_err(|e| self.refuse(e))?);
        Ok(Place { region: region.clone(), partnership, committee, cycle })
    }

    /// Whose submissions a list is of, `-` of everybody's, and for which cycle, empty for any; with what its caller may see.
    pub(crate) async fn submissions_of(
        &self,
        caller: &Caller,
        parent: &str,
        cycle: &str,
    ) -> Result<(Region, Scope, Option<PartnershipId>, Option<CycleId>), Status> {
        let cycle = if cycle.is_empty() { None } else { Some(self.cycle_of(caller, "cycle", cycle).await?) };
        let parts = names::pattern("parent", parent, &["regions", "partnerships"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let partnership = if parts[1] == "-" { None } else { Some(self.partnership_in(caller, &region, parts[1]).await?.id) };
        let about = match (partnership, &cycle) {
            (Some(partnership), Some((_, committee, _))) => About::Submission(region.id, partnership, committee.id),
            (Some(partnership), None) => About::Partnership(region.id, partnership),
            (None, Some((_, committee, _))) => About::Committee(region.id, committee.id),
            // The whole region's: for administrators alone.
            (None, None) => About::Partnership(region.id, PartnershipId(Uuid::nil())),
        };
        let scope = caller.may(about)?;
        Ok((region, scope, partnership, cycle.map(|(_, _, cycle)| cycle.id)))
    }

    /// `regions/…/partnerships/…/returns/{committee}.{cycle}`.
    pub(crate) async fn return_place(&self, caller: &Caller, field: &str, name: &str) -> Result<(Place, Scope), Status> {
        let parts = names::pattern(field, name, &["regions", "partnerships", "returns"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let partnership = self.partnership_in(caller, &region, parts[1]).await?;
        let (committee, cycle) = parts[2].split_once('.').ok_or_else(|| status::not_found("return"))?;
        let committee = self.committee_in(caller, &region, committee).await.map_err(status::absent("return"))?;
        let cycle = self.cycle_in(caller, &region, &committee, cycle).await.map_err(status::absent("return"))?;
        let place = Place { region, partnership, committee, cycle };
        let scope = caller.may(place.about()).map_err(status::absent("return"))?;
        Ok((place, scope))
    }

    pub(crate) async fn return_to_proto(&self, place: &Place, answer: &Return, referred: &mut Referred) -> Result<v1::Return, Status> {
        let submitter = self.person_name(&place.region, answer.submitted_by, referred).await?;
        let catalogue = self.catalogue(&place.region, referred).await?;
        let name = name_of(&place.region, &place.partnership, &place.committee, &place.cycle);
        let cycle = names::cycle(&place.region, &place.committee, &place.cycle);
        let mut made = shape::to_proto(&place.region, name, cycle, submitter, answer, catalogue);
        if answer.state == ReturnState::SentBack {
            made.reasons = self.reasons(Scope::Region(place.region.id), answer).await?;
        }
        Ok(made)
    }

    /// What was sent, judged as a whole.
    pub(crate) async fn judge(
        &self,
        place: &Place,
        given: v1::Return,
        referred: &mut Referred,
        scope: Scope,
        faults: &mut Faults,
    ) -> Result<NewReturn, Status> {
        let v1::Return { name: _, cycle: _, content, remark, state: _, submitter: _, submit_time: _, revision: _, etag: _, reasons: _ } =
            given;
        // What another partnership measures for itself is not in anybody else's catalogue.
        let own = self.catalogue(&place.region, referred).await?.values().filter(|known| known.is_for(place.partnership.id));
        let catalogue: HashMap<String, Indicator> = own.map(|i| (names::indicator(&place.region, i), i.clone())).collect();
        let today = calendar::civil_day(self.clock.now(), place.region.zone);
        let remark = faults.optional_line("answer.remark", &remark, Line::SENTENCE);
        let content = shape::content(content, &catalogue, place.cycle.period, today, faults);
        let content = faults.all(content)?;
        self.blocking(place, &content, referred, scope, faults).await?;
        faults.check()?;
        Ok(NewReturn {
            id: ReturnId(self.chance.id(self.clock.now())),
            partnership: place.partnership.id,
            cycle: place.cycle.id,
            content,
            remark,
        })
    }
}

/// How something came that an editor enters for a partnership. Who sends in for their own partnership has nothing to say here.
fn on_behalf_of(caller: &Caller, place: &Place, given: &str, faults: &mut Faults) -> Option<Line> {
    let own = hands(caller, place).iter().any(|hand| matches!(hand, Hand::Officer | Hand::Lead));
    match (own, given.is_empty()) {
        (true, true) => None,
        (true, false) => {
            faults.add("on_behalf", "must be empty: you send in for your own partnership");
            None
        }
        (false, _) => faults.line("on_behalf", given, Line::SENTENCE),
    }
}

impl Api {
    /// Of a return that is there already, how to change it.
    fn refuse_second(&self, error: StoreError) -> Status {
        match error {
            error @ StoreError::AlreadyExists(_) => {
                let by = "Correct the return that is there: csp return correct, or UpdateReturn.";
                status::exists(error.to_string(), Lift::new(by, "officer,lead"))
            }
            other => self.refuse(other),
        }
    }
}

#[tonic::async_trait]
impl ReturnService for Api {
    async fn create_return(&self, request: Request<v1::CreateReturnRequest>) -> Result<Response<v1::Return>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let asked = message.clone();
        let v1::CreateReturnRequest { parent, answer, request_id: _, validate_only, on_behalf, mail_receipt } = message;
        let given = answer.unwrap_or_default();
        let (region, partnership) = self.partnership_of(&caller, "parent", &parent).await?;
        let (of, committee, cycle) = self.cycle_of(&caller, "answer.cycle", &given.cycle).await?;
        let place = Place { region, partnership, committee, cycle };
        let scope = caller.may(place.about())?;
        let mut faults = Faults::default();
        if of.id != place.region.id {
            faults.add("answer.cycle", "must be in the same region");
        }
        let id = faults.request_id(&request_id);
        let on_behalf = on_behalf_of(&caller, &place, &on_behalf, &mut faults);
        let mut referred = Referred::by(&caller, &place.region);
        let new = self.judge(&place, given, &mut referred, scope, &mut faults).await?;
        let act = caller.create(convert::request(id, caller.call.path(), &asked), validate_only);
        let manner = Manner { on_behalf, mail_receipt };
        let made = self
            .store
            .submit_return_to(&place.cycle, scope, &act, caller.person.id, new, manner)
            .await
            .map_err(|e| self.refuse_second(e))?;
        Ok(Response::new(self.return_to_proto(&place, &made, &mut referred).await?))
    }

    async fn get_return(&self, request: Request<v1::GetReturnRequest>) -> Result<Response<v1::Return>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetReturnRequest { name } = request.into_inner();
        let (place, scope) = self.return_place(&caller, "name", &name).await?;
        let found = self.store.find_return(scope, place.partnership.id, place.cycle.id).await.map_err(|e| self.refuse(e))?;
        let found = found.ok_or_else(|| status::not_found("return"))?;
        Ok(Response::new(self.return_to_proto(&place, &found, &mut Referred::by(&caller, &place.region)).await?))
    }

    async fn list_returns(&self, request: Request<v1::ListReturnsRequest>) -> Result<Response<v1::ListReturnsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListReturnsRequest { parent, cycle, page_size, page_token } = request.into_inner();
        let page = convert::page(page_size, &page_token)?;
        let (region, scope, partnership, cycle) = self.submissions_of(&caller, &parent, &cycle).await?;
        let filter = ReturnFilter { partnership, cycle };
        let listing = self.store.list_returns(scope, filter, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let (mut referred, seen) = (Referred::by(&caller, &region), self.seen(&caller, &region));
        let mut returns = Vec::with_capacity(listing.items.len());
        for answer in &listing.items {
            let cycle = Arc::unwrap_or_clone(seen.cycle_by_id(answer.cycle).await.map_err(|e| self.refuse(e))?);
            let committee = Arc::unwrap_or_clone(seen.committee_by_id(cycle.committee).await.map_err(|e| self.refuse(e))?);
            let partnership = Arc::unwrap_or_clone(seen.partnership_by_id(answer.partnership).await.map_err(|e| self.refuse(e))?);
            let place = Place { region: region.clone(), partnership, committee, cycle };
            returns.push(self.return_to_proto(&place, answer, &mut referred).await?);
        }
        Ok(Response::new(v1::ListReturnsResponse { returns, next_page_token }))
    }

    async fn update_return(&self, request: Request<v1::UpdateReturnRequest>) -> Result<Response<v1::Return>, Status> {
        let caller = self.caller(&request).await?;
        let v1::UpdateReturnRequest { answer, validate_only, on_behalf, mail_receipt } = request.into_inner();
        let given = answer.unwrap_or_default();
        let (place, scope) = self.return_place(&caller, "answer.name", &given.name).await?;
        let mut faults = Faults::default();
        let revision = faults.etag("answer.etag", &given.etag);
        let on_behalf = on_behalf_of(&caller, &place, &on_behalf, &mut faults);
        let mut referred = Referred::by(&caller, &place.region);
        let new = self.judge(&place, given, &mut referred, scope, &mut faults).await?;
        let act = caller.create(None, validate_only);
        let manner = Manner { on_behalf, mail_receipt };
        let made = self.store.correct_return(scope, &act, caller.person.id, new, revision, manner).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.return_to_proto(&place, &made, &mut referred).await?))
    }

    async fn withdraw_return(&self, request: Request<v1::WithdrawReturnRequest>) -> Result<Response<v1::Return>, Status> {
        let caller = self.caller(&request).await?;
        let v1::WithdrawReturnRequest { name, etag } = request.into_inner();
        let (place, scope) = self.return_place(&caller, "name", &name).await?;
        let mut faults = Faults::default();
        let revision = faults.etag("etag", &etag);
        faults.check()?;
        let changed = self
            .store
            .withdraw_return(scope, &caller.act(), place.partnership.id, place.cycle.id, revision)
            .await
            .map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.return_to_proto(&place, &changed, &mut Referred::by(&caller, &place.region)).await?))
    }

    async fn sign_return(&self, request: Request<v1::SignReturnRequest>) -> Result<Response<v1::Return>, Status> {
        let caller = self.caller(&request).await?;
        let v1::SignReturnRequest { name, etag } = request.into_inner();
        self.step(&caller, Deed::Sign, &name, &etag, None).await.map(Response::new)
    }

    async fn send_back_return(&self, request: Request<v1::SendBackReturnRequest>) -> Result<Response<v1::Return>, Status> {
        let caller = self.caller(&request).await?;
        let v1::SendBackReturnRequest { name, reasons, etag } = request.into_inner();
        self.step(&caller, Deed::SendBack, &name, &etag, Some(&reasons)).await.map(Response::new)
    }

    async fn accept_return(&self, request: Request<v1::AcceptReturnRequest>) -> Result<Response<v1::Return>, Status> {
        let caller = self.caller(&request).await?;
        let v1::AcceptReturnRequest { name, etag } = request.into_inner();
        self.step(&caller, Deed::Accept, &name, &etag, None).await.map(Response::new)
    }

    async fn recall_return(&self, request: Request<v1::RecallReturnRequest>) -> Result<Response<v1::Return>, Status> {
        let caller = self.caller(&request).await?;
        let v1::RecallReturnRequest { name, etag } = request.into_inner();
        self.step(&caller, Deed::Recall, &name, &etag, None).await.map(Response::new)
    }

    async fn get_receipt(&self, request: Request<v1::GetReceiptRequest>) -> Result<Response<v1::Receipt>, Status> {
        let caller = self.caller(&request).await?;
        self.receipt(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn get_cycle_status(&self, request: Request<v1::GetCycleStatusRequest>) -> Result<Response<v1::CycleStatus>, Status> {
        let caller = self.caller(&request).await?;
        self.cycle_status(&caller, request.into_inner()).await.map(Response::new)
    }
}
