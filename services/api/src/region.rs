//! Setting up regions.

use csp_domain::{
    Scope,
    id::RegionId,
    person::Role,
    region::{NewRegion, Region, parse_zone},
    text::Line,
};
use csp_proto::v1::{self, region_service_server::RegionService};
use tonic::{Request, Response, Status};

use crate::{
    Api,
    authorise::About,
    convert::{self, Faults},
    names,
};

pub(crate) fn to_proto(region: &Region) -> v1::Region {
    v1::Region {
        name: names::region(region),
        display_name: region.name.to_string(),
        time_zone: region.zone.name().to_owned(),
        create_time: Some(convert::timestamp(region.created_at)),
        etag: region.revision.to_string(),
    }
}

#[tonic::async_trait]
impl RegionService for Api {
    async fn create_region(&self, request: Request<v1::CreateRegionRequest>) -> Result<Response<v1::Region>, Status> {
        let caller = self.caller(&request).await?;
        caller.may(About::Service)?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateRegionRequest { region, region_id, request_id: _ } = message;
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let slug = faults.slug("region_id", &region_id);
        let v1::Region { name: _, display_name, time_zone, create_time: _, etag: _ } = region.unwrap_or_default();
        let name = faults.line("region.display_name", &display_name, Line::NAME);
        let zone = faults.take("region.time_zone", parse_zone(&time_zone));
        let (slug, name, zone) = faults.all(slug.zip(name).zip(zone).map(|((a, b), c)| (a, b, c)))?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let new = NewRegion { id: RegionId(self.chance.id(caller.now)), slug, name, zone };
        let made = self.store.create_region(&act, new).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(to_proto(&made)))
    }

    async fn get_region(&self, request: Request<v1::GetRegionRequest>) -> Result<Response<v1::Region>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetRegionRequest { name } = request.into_inner();
        let region = self.region_of(&caller, "name", &name).await?;
        caller.may(About::Region(region.id))?;
        Ok(Response::new(to_proto(&region)))
    }

    async fn list_regions(&self, request: Request<v1::ListRegionsRequest>) -> Result<Response<v1::ListRegionsResponse>, Status> {
        let caller = self.caller(&request).await?;
        caller.may(About::Service)?;
        let v1::ListRegionsRequest { page_size, page_token } = request.into_inner();
        let page = convert::page(page_size, &page_token)?;
        if !caller.roles().any(|role| role == Role::SystemAdministrator) {
            return Ok(Response::new(v1::ListRegionsResponse { regions: vec![to_proto(&caller.region)], next_page_token: String::new() }));
        }
        let listing = self.store.list_regions(page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        Ok(Response::new(v1::ListRegionsResponse { regions: listing.items.iter().map(to_proto).collect(), next_page_token }))
    }

    async fn update_region(&self, request: Request<v1::UpdateRegionRequest>) -> Result<Response<v1::Region>, Status> {
        let caller = self.caller(&request).await?;
        let v1::UpdateRegionRequest { region, update_mask } = request.into_inner();
        let v1::Region { name, display_name, time_zone, create_time: _, etag } = region.unwrap_or_default();
        let found = self.region_of(&caller, "region.name", &name).await?;
        let scope: Scope = caller.may(About::Region(found.id))?;
        let mask = convert::mask(update_mask, &["display_name", "time_zone"])?;
        let mut faults = Faults::default();
        let (mut name, mut zone) = (None, None);
        for path in &mask {
            match path.as_str() {
                "display_name" => name = faults.line("region.display_name", &display_name, Line::NAME),
                _ => zone = faults.take("region.time_zone", parse_zone(&time_zone)),
            }
        }
        let revision = faults.etag("region.etag", &etag);
        faults.check()?;
        let changed = self.store.update_region(scope, &caller.act(), name, zone, revision).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(to_proto(&changed)))
    }

    async fn delete_region(&self, request: Request<v1::DeleteRegionRequest>) -> Result<Response<()>, Status> {
        let caller = self.caller(&request).await?;
        let v1::DeleteRegionRequest { name, etag } = request.into_inner();
        let found = self.region_of(&caller, "name", &name).await?;
        caller.may(About::Region(found.id))?;
        let mut faults = Faults::default();
        let revision = faults.etag("etag", &etag);
        if etag.is_empty() {
            faults.add("etag", "must be the etag of the region as it was read");
        }
        let revision = faults.all(revision)?;
        self.store.delete_region(&caller.act(), found.id, revision).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(()))
    }
}
