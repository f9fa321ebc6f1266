//! Setting up partnerships.

use std::collections::BTreeSet;

use csp_domain::{
    id::PartnershipId,
    partnership::{NewPartnership, OnsCode, Partnership, Peers},
    region::Region,
    text::Line,
};
use csp_proto::v1::{self, partnership_service_server::PartnershipService};
use csp_store::PartnershipChange;
use tonic::{Request, Response, Status};

use crate::{
    Api,
    authorise::About,
    convert::{self, Faults},
    names,
};

fn to_proto(region: &Region, partnership: &Partnership) -> v1::Partnership {
    v1::Partnership {
        name: names::partnership(region, partnership),
        display_name: partnership.name.to_string(),
        ons_code: partnership.ons_code.to_string(),
        create_time: Some(convert::timestamp(partnership.created_at)),
        etag: partnership.revision.to_string(),
        comparison_group: partnership.peers.as_ref().map(|peers| v1::ComparisonGroup {
            display_name: peers.name.to_string(),
            ons_codes: peers.codes.iter().map(ToString::to_string).collect(),
        }),
    }
}

/// The group that was named; none where none was.
fn peers(given: Option<v1::ComparisonGroup>, faults: &mut Faults) -> Option<Peers> {
    const AT: &str = "partnership.comparison_group";
    let v1::ComparisonGroup { display_name, ons_codes } = given?;
    let name = faults.line(&format!("{AT}.display_name"), &display_name, Line::NAME);
    if ons_codes.is_empty() || ons_codes.len() > Peers::MOST {
        faults.add(format!("{AT}.ons_codes"), format!("must be from 1 to {} codes, such as E22000245", Peers::MOST));
    }
    let mut codes = BTreeSet::new();
    for (n, code) in ons_codes.iter().enumerate().take(Peers::MOST) {
        let field = format!("{AT}.ons_codes[{n}]");
        let Some(code) = faults.take(&field, code.parse::<OnsCode>()) else { continue };
        if !codes.insert(code) {
            faults.add(field, "must not be named twice");
        }
    }
    Some(Peers { name: name?, codes })
}

#[tonic::async_trait]
impl PartnershipService for Api {
    async fn create_partnership(&self, request: Request<v1::CreatePartnershipRequest>) -> Result<Response<v1::Partnership>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreatePartnershipRequest { parent, partnership, partnership_id, request_id: _ } = message;
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let v1::Partnership { name: _, display_name, ons_code, create_time: _, etag: _, comparison_group } =
            partnership.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let slug = faults.slug("partnership_id", &partnership_id);
        let name = faults.line("partnership.display_name", &display_name, Line::NAME);
        let ons_code = faults.take("partnership.ons_code", ons_code.parse());
        let peers = peers(comparison_group, &mut faults);
        let (slug, name, ons_code) = faults.all(slug.zip(name).zip(ons_code).map(|((a, b), c)| (a, b, c)))?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let new = NewPartnership { id: PartnershipId(self.chance.id(caller.now)), slug, ons_code, name, peers };
        let made = self.store.create_partnership(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(to_proto(&region, &made)))
    }

    async fn get_partnership(&self, request: Request<v1::GetPartnershipRequest>) -> Result<Response<v1::Partnership>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetPartnershipRequest { name } = request.into_inner();
        let (region, found) = self.partnership_of(&caller, "name", &name).await?;
        caller.may(About::Region(region.id))?;
        Ok(Response::new(to_proto(&region, &found)))
    }

    async fn list_partnerships(
        &self,
        request: Request<v1::ListPartnershipsRequest>,
    ) -> Result<Response<v1::ListPartnershipsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListPartnershipsRequest { parent, page_size, page_token } = request.into_inner();
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        let seen = self.partnerships_seen(&caller, &region).await?;
        let listing = self.store.list_partnerships(scope, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        // A page may be shorter than asked for, and the next one still hold more (AIP-158).
        let known = listing.items.iter().filter(|found| seen.as_ref().is_none_or(|seen| seen.contains(&found.id)));
        let partnerships = known.map(|found| to_proto(&region, found)).collect();
        Ok(Response::new(v1::ListPartnershipsResponse { partnerships, next_page_token }))
    }

    async fn update_partnership(&self, request: Request<v1::UpdatePartnershipRequest>) -> Result<Response<v1::Partnership>, Status> {
        let caller = self.caller(&request).await?;
        let v1::UpdatePartnershipRequest { partnership, update_mask } = request.into_inner();
        let v1::Partnership { name, display_name, ons_code: _, create_time: _, etag, comparison_group } = partnership.unwrap_or_default();
        let (region, found) = self.partnership_of(&caller, "partnership.name", &name).await?;
        let scope = caller.may(About::Region(region.id))?;
        let mask = convert::mask(update_mask, &["display_name", "comparison_group"])?;
        let mut faults = Faults::default();
        let mut change = PartnershipChange::default();
        for path in &mask {
            match path.as_str() {
                "display_name" => change.name = faults.line("partnership.display_name", &display_name, Line::NAME),
                _ => change.peers = Some(peers(comparison_group.clone(), &mut faults)),
            }
        }
        let revision = faults.etag("partnership.etag", &etag);
        faults.check()?;
        let changed = self.store.update_partnership(scope, &caller.act(), found.id, change, revision).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(to_proto(&region, &changed)))
    }
}
