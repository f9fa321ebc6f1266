//! Committees. Their members and cycles are in modules of their own.

use csp_domain::{
    calendar::Recurrence,
    committee::{Committee, Exemption, NewCommittee, Template},
    id::{CommitteeId, IndicatorId, PartnershipId},
    region::Region,
    text::Line,
};
use csp_proto::v1::{self, committee_service_server::CommitteeService};
use csp_store::CommitteeChange;
use tonic::{Code, Request, Response, Status};

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults, committee as shape},
    names,
};

/// The most partnerships or indicators of one committee.
const MAX_PARTS: usize = 1_000;

impl Api {
    pub(crate) async fn committee_to_proto(&self, region: &Region, committee: &Committee) -> Result<v1::Committee, Status> {
        let scope = csp_domain::Scope::Region(region.id);
        let mut partnerships = Vec::with_capacity(committee.partnerships.len());
        for id in &committee.partnerships {
            let found = self.store.get_partnership(scope, *id).await.map_err(|e| self.refuse(e))?;
            partnerships.push(names::partnership(region, &found));
        }
        let all = self.store.list_indicators(scope, csp_store::Page::all()).await.map_err(|e| self.refuse(e))?.items;
        let indicators =
            committee.indicators.iter().filter_map(|id| all.iter().find(|i| i.id == *id)).map(|i| names::indicator(region, i)).collect();
        Ok(shape::to_proto(region, committee, partnerships, indicators))
    }

    async fn partnerships(
        &self,
        caller: &Caller,
        region: &Region,
        given: &[String],
        faults: &mut Faults,
    ) -> Result<Vec<PartnershipId>, Status> {
        let mut ids = Vec::with_capacity(given.len());
        if given.is_empty() || given.len() > MAX_PARTS {
            faults.add("committee.partnerships", format!("must name between 1 and {MAX_PARTS} partnerships"));
        }
        for (i, name) in given.iter().take(MAX_PARTS).enumerate() {
            let field = format!("committee.partnerships[{i}]");
            match self.partnership_of(caller, &field, name).await {
                Ok((of, found)) if of.id == region.id && !ids.contains(&found.id) => ids.push(found.id),
                Ok((of, found)) if of.id == region.id => faults.add(field, format!("names {} a second time", found.name)),
                Ok(_) => faults.add(field, "must be in the committee's own region"),
                Err(status) => unknown(faults, field, name, &status)?,
            }
        }
        Ok(ids)
    }

    async fn indicators(
        &self,
        caller: &Caller,
        region: &Region,
        given: &[String],
        faults: &mut Faults,
    ) -> Result<Vec<IndicatorId>, Status> {
        let mut ids = Vec::with_capacity(given.len());
        if given.len() > MAX_PARTS {
            faults.add("committee.indicators", format!("must name at most {MAX_PARTS} indicators"));
        }
        for (i, name) in given.iter().take(MAX_PARTS).enumerate() {
            let field = format!("committee.indicators[{i}]");
            match self.indicator_of(caller, &field, name).await {
                Ok((_, found)) if found.owner.is_some() => {
                    faults.add(field, format!("must be of the shared catalogue: {} is one partnership's own", found.name));
                }
                Ok((of, found)) if of.id == region.id && !ids.contains(&found.id) => ids.push(found.id),
                Ok((of, found)) if of.id == region.id => faults.add(field, format!("names {} a second time", found.name)),
                Ok(_) => faults.add(field, "must be in the committee's own region"),
                Err(status) => unknown(faults, field, name, &status)?,
            }
        }
        Ok(ids)
    }
}

impl Api {
    /// What is not asked of whom: of the committee's own lists, as they will be.
    async fn exemptions(
        &self,
        caller: &Caller,
        region: &Region,
        given: &[v1::Exemption],
        (partnerships, indicators): (&[PartnershipId], &[IndicatorId]),
        faults: &mut Faults,
    ) -> Result<Vec<Exemption>, Status> {
        let mut exemptions = Vec::new();
        if given.len() > MAX_PARTS {
            faults.add("committee.exemptions", format!("must name at most {MAX_PARTS} partnerships"));
        }
        for (i, one) in given.iter().take(MAX_PARTS).enumerate() {
            let field = format!("committee.exemptions[{i}]");
            let at = format!("{field}.partnership");
            let partnership = match self.partnership_of(caller, &at, &one.partnership).await {
                Ok((of, found)) if of.id == region.id && partnerships.contains(&found.id) => Some(found.id),
                Ok((of, found)) if of.id == region.id => {
                    faults.add(at, format!("must be a partnership that reports to the committee: {} does not", found.name));
                    None
                }
                Ok(_) => {
                    faults.add(at, "must be in the committee's own region");
                    None
                }
                Err(status) => {
                    unknown(faults, at, &one.partnership, &status)?;
                    None
                }
            };
            let at = format!("{field}.indicators");
            if one.indicators.is_empty() || one.indicators.len() > MAX_PARTS {
                faults.add(at.clone(), format!("must name 1 to {MAX_PARTS} indicators"));
            }
            for (n, name) in one.indicators.iter().take(MAX_PARTS).enumerate() {
                let at = format!("{at}[{n}]");
                match self.indicator_of(caller, &at, name).await {
                    Ok((of, found)) if of.id == region.id && indicators.contains(&found.id) => {
                        let Some(partnership) = partnership else { continue };
                        let exemption = Exemption { partnership, indicator: found.id };
                        if exemptions.contains(&exemption) {
                            faults.add(at, format!("names {} a second time", found.name));
                        } else {
                            exemptions.push(exemption);
                        }
                    }
                    Ok((of, found)) if of.id == region.id => {
                        faults.add(at, format!("must be an indicator that the committee asks for: {} is none", found.name));
                    }
                    Ok(_) => faults.add(at, "must be in the committee's own region"),
                    Err(status) => unknown(faults, at, name, &status)?,
                }
            }
        }
        Ok(exemptions)
    }
}

/// A reference inside a message that names nothing is a fault of its field, told with the others.
pub(crate) fn unknown(faults: &mut Faults, field: String, name: &str, status: &Status) -> Result<(), Status> {
    match status.code() {
        Code::NotFound => {
            faults.add(field, format!("names nothing: {}", name.chars().take(120).collect::<String>()));
            Ok(())
        }
        Code::InvalidArgument => {
            faults.add(field, "must be a full resource name");
            Ok(())
        }
        _ => Err(status.clone()),
    }
}

#[tonic::async_trait]
impl CommitteeService for Api {
    async fn create_committee(&self, request: Request<v1::CreateCommitteeRequest>) -> Result<Response<v1::Committee>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateCommitteeRequest { parent, committee, committee_id, request_id: _ } = message;
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let v1::Committee {
            name: _,
            display_name,
            partnerships,
            indicators,
            recurrence,
            template,
            create_time: _,
            etag: _,
            sign_off,
            warnings: _,
            exemptions,
        } = committee.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let slug = faults.slug("committee_id", &committee_id);
        let name = faults.line("committee.display_name", &display_name, Line::NAME);
        let partnerships = self.partnerships(&caller, &region, &partnerships, &mut faults).await?;
        let indicators = self.indicators(&caller, &region, &indicators, &mut faults).await?;
        let exemptions = self.exemptions(&caller, &region, &exemptions, (&partnerships, &indicators), &mut faults).await?;
        let recurrence: Option<Recurrence> =
            recurrence.and_then(|given| shape::recurrence_from("committee.recurrence", given, &mut faults));
        let template = match template {
            Some(given) => shape::template_from("committee.template", given, &mut faults),
            None => name.as_ref().map(Template::over_partnerships),
        };
        let sign_off = shape::sign_off_from("committee.sign_off", sign_off, &mut faults).unwrap_or_default();
        let (slug, name, template) = faults.all(slug.zip(name).zip(template).map(|((a, b), c)| (a, b, c)))?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let new = NewCommittee {
            id: CommitteeId(self.chance.id(caller.now)),
            slug,
            name,
            partnerships,
            indicators,
            exemptions,
            recurrence,
            template,
            sign_off,
        };
        let made = self.store.create_committee(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.committee_with_warnings(&caller, &region, &made).await?))
    }

    async fn get_committee(&self, request: Request<v1::GetCommitteeRequest>) -> Result<Response<v1::Committee>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetCommitteeRequest { name } = request.into_inner();
        let (region, found) = self.committee_of(&caller, "name", &name).await?;
        caller.may(About::Region(region.id))?;
        Ok(Response::new(self.committee_with_warnings(&caller, &region, &found).await?))
    }

    async fn list_committees(&self, request: Request<v1::ListCommitteesRequest>) -> Result<Response<v1::ListCommitteesResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListCommitteesRequest { parent, page_size, page_token } = request.into_inner();
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_committees(scope, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let mut committees = Vec::with_capacity(listing.items.len());
        for committee in listing.items.iter().filter(|committee| caller.sees_committee(&region, committee)) {
            committees.push(self.committee_to_proto(&region, committee).await?);
        }
        Ok(Response::new(v1::ListCommitteesResponse { committees, next_page_token }))
    }

    async fn update_committee(&self, request: Request<v1::UpdateCommitteeRequest>) -> Result<Response<v1::Committee>, Status> {
        let caller = self.caller(&request).await?;
        let v1::UpdateCommitteeRequest { committee, update_mask } = request.into_inner();
        let v1::Committee {
            name,
            display_name,
            partnerships,
            indicators,
            recurrence,
            template,
            create_time: _,
            etag,
            sign_off,
            warnings: _,
            exemptions,
        } = committee.unwrap_or_default();
        let (region, found) = self.committee_of(&caller, "committee.name", &name).await?;
        let scope = caller.may(About::Region(region.id))?;
        let mask = convert::mask(
            update_mask,
            &["display_name", "partnerships", "indicators", "recurrence", "template", "sign_off", "exemptions"],
        )?;
        let mut faults = Faults::default();
        let mut change = CommitteeChange::default();
        for path in &mask {
            match path.as_str() {
                "display_name" => change.name = faults.line("committee.display_name", &display_name, Line::NAME),
                "partnerships" => change.partnerships = Some(self.partnerships(&caller, &region, &partnerships, &mut faults).await?),
                "indicators" => change.indicators = Some(self.indicators(&caller, &region, &indicators, &mut faults).await?),
                "recurrence" => {
                    let given = recurrence.clone();
                    change.recurrence = Some(given.and_then(|given| shape::recurrence_from("committee.recurrence", given, &mut faults)));
                }
                // Judged when both lists are known.
                "exemptions" => {}
                "sign_off" => change.sign_off = shape::sign_off_from("committee.sign_off", sign_off, &mut faults),
                _ => match template.clone() {
                    Some(given) => change.template = shape::template_from("committee.template", given, &mut faults),
                    None => faults.add("committee.template", "must be set"),
                },
            }
        }
        if mask.iter().any(|path| path == "exemptions") {
            let lists =
                (change.partnerships.as_deref().unwrap_or(&found.partnerships), change.indicators.as_deref().unwrap_or(&found.indicators));
            let exemptions = self.exemptions(&caller, &region, &exemptions, lists, &mut faults).await?;
            change.exemptions = Some(exemptions);
        }
        let revision = faults.etag("committee.etag", &etag);
        faults.check()?;
        let changed = self.store.update_committee(scope, &caller.act(), found.id, change, revision).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.committee_with_warnings(&caller, &region, &changed).await?))
    }

    async fn create_member(&self, request: Request<v1::CreateMemberRequest>) -> Result<Response<v1::Member>, Status> {
        let caller = self.caller(&request).await?;
        self.create_member(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn list_members(&self, request: Request<v1::ListMembersRequest>) -> Result<Response<v1::ListMembersResponse>, Status> {
        let caller = self.caller(&request).await?;
        self.list_members(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn update_member(&self, request: Request<v1::UpdateMemberRequest>) -> Result<Response<v1::Member>, Status> {
        let caller = self.caller(&request).await?;
        self.update_member(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn import_members(&self, request: Request<v1::ImportMembersRequest>) -> Result<Response<v1::ImportMembersResponse>, Status> {
        let caller = self.caller(&request).await?;
        self.import_members(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn create_cycle(&self, request: Request<v1::CreateCycleRequest>) -> Result<Response<v1::Cycle>, Status> {
        let caller = self.caller(&request).await?;
        self.create_cycle(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn get_cycle(&self, request: Request<v1::GetCycleRequest>) -> Result<Response<v1::Cycle>, Status> {
        let caller = self.caller(&request).await?;
        self.get_cycle(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn list_cycles(&self, request: Request<v1::ListCyclesRequest>) -> Result<Response<v1::ListCyclesResponse>, Status> {
        let caller = self.caller(&request).await?;
        self.list_cycles(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn update_cycle(&self, request: Request<v1::UpdateCycleRequest>) -> Result<Response<v1::Cycle>, Status> {
        let caller = self.caller(&request).await?;
        self.update_cycle(&caller, request.into_inner()).await.map(Response::new)
    }

    async fn cancel_cycle(&self, request: Request<v1::CancelCycleRequest>) -> Result<Response<v1::Cycle>, Status> {
        let caller = self.caller(&request).await?;
        self.cancel_cycle(&caller, request.into_inner()).await.map(Response::new)
    }
}
