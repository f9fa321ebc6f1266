//! The catalogue of indicators.

use csp_domain::{id::IndicatorId, indicator::NewIndicator, text::Line};
use csp_proto::v1::{self, indicator_service_server::IndicatorService};
use tonic::{Request, Response, Status};

use crate::{
    Api,
    authorise::About,
    convert::{
        self, Faults,
        indicator::{polarity, to_proto, unit},
    },
};

#[tonic::async_trait]
impl IndicatorService for Api {
    async fn create_indicator(&self, request: Request<v1::CreateIndicatorRequest>) -> Result<Response<v1::Indicator>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateIndicatorRequest { parent, indicator, indicator_id, request_id: _ } = message;
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let v1::Indicator { name: _, display_name, unit: u, polarity: p, source, create_time: _, etag: _ } = indicator.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let slug = faults.slug("indicator_id", &indicator_id);
        let name = faults.line("indicator.display_name", &display_name, Line::NAME);
        let unit = faults.take("indicator.unit", unit(u));
        let polarity = faults.take("indicator.polarity", polarity(p));
        let source = faults.line("indicator.source", &source, Line::SENTENCE);
        let new = (|| {
            Some(NewIndicator {
                id: IndicatorId(self.chance.id(caller.now)),
                slug: slug?,
                name: name?,
                unit: unit?,
                polarity: polarity?,
                source: source?,
            })
        })();
        let new = faults.all(new)?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let made = self.store.create_indicator(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(to_proto(&region, &made)))
    }

    async fn get_indicator(&self, request: Request<v1::GetIndicatorRequest>) -> Result<Response<v1::Indicator>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetIndicatorRequest { name } = request.into_inner();
        let (region, found) = self.indicator_of(&caller, "name", &name).await?;
        caller.may(About::Region(region.id))?;
        Ok(Response::new(to_proto(&region, &found)))
    }

    async fn list_indicators(&self, request: Request<v1::ListIndicatorsRequest>) -> Result<Response<v1::ListIndicatorsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListIndicatorsRequest { parent, page_size, page_token } = request.into_inner();
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_indicators(scope, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let indicators = listing.items.iter().map(|found| to_proto(&region, found)).collect();
        Ok(Response::new(v1::ListIndicatorsResponse { indicators, next_page_token }))
    }

    async fn update_indicator(&self, request: Request<v1::UpdateIndicatorRequest>) -> Result<Response<v1::Indicator>, Status> {
        let caller = self.caller(&request).await?;
        let v1::UpdateIndicatorRequest { indicator, update_mask } = request.into_inner();
        let v1::Indicator { name, display_name, unit: _, polarity: p, source, create_time: _, etag } = indicator.unwrap_or_default();
        let (region, found) = self.indicator_of(&caller, "indicator.name", &name).await?;
        let scope = caller.may(About::Region(region.id))?;
        let mask = convert::mask(update_mask, &["display_name", "polarity", "source"])?;
        let mut faults = Faults::default();
        let mut change = (None, None, None);
        for path in &mask {
            match path.as_str() {
                "display_name" => change.0 = faults.line("indicator.display_name", &display_name, Line::NAME),
                "polarity" => change.1 = faults.take("indicator.polarity", polarity(p)),
                _ => change.2 = faults.line("indicator.source", &source, Line::SENTENCE),
            }
        }
        let revision = faults.etag("indicator.etag", &etag);
        faults.check()?;
        let changed = self.store.update_indicator(scope, &caller.act(), found.id, change, revision).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(to_proto(&region, &changed)))
    }
}
