//! Joint items: who else owns an item of news, and their signatures.

mod duties;

use std::sync::Arc;

use csp_domain::{
    Scope,
    committee::Committee,
    id::{CommitteeId, NewsItemId, PartnershipId},
    joint::{JointDeed, JointItem, MAX_OWNERS},
    partnership::Partnership,
    region::Region,
    text::Line,
};
use csp_proto::v1::{self, joint_service_server::JointService};
use csp_store::{JointStep, Sight};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults, joint as shape},
    names,
    returns::Place,
    signoff::hands,
    status,
};

impl Api {
    /// The other owners that somebody names for an item of `first`. They need not be known to the caller in any other way: whoever
    /// reports to the same committee may own an item together.
    pub(crate) async fn other_owners(
        &self,
        caller: &Caller,
        (region, first, committee): (&Region, &Partnership, &Committee),
        given: &[String],
        faults: &mut Faults,
    ) -> Result<Vec<PartnershipId>, Status> {
        let field = "news_item.joint_owners";
        if given.len() > MAX_OWNERS {
            faults.add(field, format!("must be at most {MAX_OWNERS} partnerships"));
            return Ok(Vec::new());
        }
        let mut reporting: Vec<Arc<Partnership>> = Vec::new();
        if !given.is_empty() {
            let seen = self.seen(caller, region);
            for id in &committee.partnerships {
                reporting.push(seen.partnership_by_id(*id).await.map_err(|e| self.refuse(e))?);
            }
        }
        let mut owners = Vec::with_capacity(given.len());
        for (n, name) in given.iter().enumerate() {
            let at = format!("{field}[{n}]");
            match reporting.iter().find(|one| names::partnership(region, one) == *name) {
                Some(one) if one.id == first.id => faults.add(at, "must be another partnership than the one whose news it is"),
                Some(one) if owners.contains(&one.id) => faults.add(at, "names an owner a second time"),
                Some(one) => owners.push(one.id),
                None => faults.add(at, "must be a partnership that reports to the same committee, like regions/…/partnerships/…"),
            }
        }
        Ok(owners)
    }

    /// What the owners of an item besides the first are called.
    pub(crate) async fn owners_named(
        &self,
        region: &Region,
        joint: &[PartnershipId],
        sight: Option<&Sight>,
    ) -> Result<Vec<String>, Status> {
        let seen = self.store.seen(region.id, sight);
        let mut named = Vec::with_capacity(joint.len());
        for id in joint {
            let owner = seen.partnership_by_id(*id).await.map_err(|e| self.refuse(e))?;
            named.push(names::partnership(region, &owner));
        }
        Ok(named)
    }

    /// `regions/…/partnerships/…/jointItems/{id}`, seen by that partnership.
    async fn joint_item_of(&self, caller: &Caller, name: &str) -> Result<(Place, JointItem), Status> {
        let parts = names::pattern("name", name, &["regions", "partnerships", "jointItems"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let partnership = self.partnership_in(caller, &region, parts[1]).await?;
        let id = NewsItemId(names::uuid("joint item", parts[2])?);
        let found = self.store.get_joint_item(Scope::Region(region.id), partnership.id, id).await;
        let Ok(found) = found else {
            // Whoever may not see the partnership's joint items is told the same for one that is there and one that is not.
            let nowhere = About::Submission(region.id, partnership.id, CommitteeId(Uuid::nil()));
            caller.may(nowhere).map_err(status::absent("joint item"))?;
            return Err(found.map_err(|e| self.refuse(e)).err().unwrap_or_else(|| status::not_found("joint item")));
        };
        let place = self.place_in(caller, &region, partnership, found.item.cycle).await?;
        caller.may(place.about()).map_err(status::absent("joint item"))?;
        Ok((place, found))
    }

    async fn joint_to_proto(&self, caller: &Caller, place: &Place, joint: &JointItem) -> Result<v1::JointItem, Status> {
        let seen = self.seen(caller, &place.region);
        let first = seen.partnership_by_id(joint.first).await.map_err(|e| self.refuse(e))?;
        let mut owners = vec![shape::first_to(first.name.to_string(), joint.first_state)];
        // Of what was read: every change of the text counts with each owner's signature.
        let mut etag = joint.item.revision;
        for owner in &joint.owners {
            let partnership = seen.partnership_by_id(owner.partnership).await.map_err(|e| self.refuse(e))?;
            if partnership.id == place.partnership.id {
                etag = owner.revision;
            }
            owners.push(shape::owner_to(partnership.name.to_string(), owner));
        }
        let cycle = names::cycle(&place.region, &place.committee, &place.cycle);
        Ok(shape::to_proto(&names::partnership(&place.region, &place.partnership), cycle, place.cycle.state, owners, etag, joint))
    }

    async fn step_joint(
        &self,
        caller: &Caller,
        deed: JointDeed,
        name: &str,
        etag: &str,
        reason: Option<&str>,
    ) -> Result<Response<v1::JointItem>, Status> {
        let (place, found) = self.joint_item_of(caller, name).await?;
        let mut faults = Faults::default();
        // A signature is for what was read, and for nothing that came after.
        if deed == JointDeed::Sign && etag.is_empty() {
            faults.add("etag", "must be set: that of the joint item that was read");
        }
        let revision = faults.etag("etag", etag);
        let reason = reason.and_then(|given| faults.line("reason", given, Line::SENTENCE));
        faults.check()?;
        let partnership = place.partnership.id;
        let step = JointStep { partnership, item: found.item.id, deed, hands: hands(caller, &place), reason, revision };
        let scope = Scope::Region(place.region.id);
        let made = self.store.step_joint_item(scope, &caller.act(), caller.person.id, step).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.joint_to_proto(caller, &place, &made).await?))
    }
}

#[tonic::async_trait]
impl JointService for Api {
    async fn get_joint_item(&self, request: Request<v1::GetJointItemRequest>) -> Result<Response<v1::JointItem>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetJointItemRequest { name } = request.into_inner();
        let (place, found) = self.joint_item_of(&caller, &name).await?;
        Ok(Response::new(self.joint_to_proto(&caller, &place, &found).await?))
    }

    async fn list_joint_items(&self, request: Request<v1::ListJointItemsRequest>) -> Result<Response<v1::ListJointItemsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListJointItemsRequest { parent, cycle, page_size, page_token } = request.into_inner();
        let page = convert::page(page_size, &page_token)?;
        let (region, _, partnership, cycle) = self.submissions_of(&caller, &parent, &cycle).await?;
        let scope = Scope::Region(region.id);
        let listing = self.store.list_joint_items(scope, partnership, cycle, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let seen = self.seen(&caller, &region);
        let mut joint_items = Vec::with_capacity(listing.items.len());
        for joint in &listing.items {
            let of = partnership.unwrap_or(joint.first);
            let partnership = Arc::unwrap_or_clone(seen.partnership_by_id(of).await.map_err(|e| self.refuse(e))?);
            let place = self.place_in(&caller, &region, partnership, joint.item.cycle).await?;
            joint_items.push(self.joint_to_proto(&caller, &place, joint).await?);
        }
        Ok(Response::new(v1::ListJointItemsResponse { joint_items, next_page_token }))
    }

    async fn sign_joint_item(&self, request: Request<v1::SignJointItemRequest>) -> Result<Response<v1::JointItem>, Status> {
        let caller = self.caller(&request).await?;
        let v1::SignJointItemRequest { name, etag } = request.into_inner();
        self.step_joint(&caller, JointDeed::Sign, &name, &etag, None).await
    }

    async fn send_back_joint_item(&self, request: Request<v1::SendBackJointItemRequest>) -> Result<Response<v1::JointItem>, Status> {
        let caller = self.caller(&request).await?;
        let v1::SendBackJointItemRequest { name, reason, etag } = request.into_inner();
        self.step_joint(&caller, JointDeed::SendBack, &name, &etag, Some(&reason)).await
    }
}
