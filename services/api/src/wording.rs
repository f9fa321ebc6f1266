//! Wordings: proposed by editors, answered by leads.

use std::sync::Arc;

use csp_domain::{
    Scope,
    id::{CommitteeId, NewsItemId, WordingId},
    news::NewsOwner,
    partnership::Partnership,
    region::Region,
    text::Line,
    wording::{NewWording, Subject, Wording, WordingDeed},
};
use csp_proto::v1::{self, wording_service_server::WordingService};
use csp_store::{WordingFilter, WordingStep};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults, wording as shape},
    names,
    news::Referred,
    returns::{Place, name_of},
    signoff::hands,
    status,
};

/// What is to be worded otherwise, found by its name.
struct Found {
    place: Place,
    scope: Scope,
    subject: Subject,
    of: shape::Of,
}

impl Api {
    /// The news item or return that a name says, of `partnership`. What the caller may not see is not there.
    async fn worded(&self, caller: &Caller, region: &Region, partnership: &Partnership, name: &str) -> Result<Found, Status> {
        let field = "wording.subject";
        let own = names::partnership(region, partnership);
        let under = |collection: &str| name.strip_prefix(&format!("{own}/{collection}/")).filter(|rest| !rest.contains('/'));
        if let Some(id) = under("newsItems") {
            let id = NewsItemId(names::uuid("news item", id)?);
            let item = self.store.get_news_item(Scope::Region(region.id), NewsOwner::Partnership(partnership.id), id).await;
            // Whoever may not see the partnership's items is told the same for one that is there and one that is not.
            let nowhere = About::Submission(region.id, partnership.id, CommitteeId(Uuid::nil()));
            let Ok(item) = item else {
                caller.may(nowhere).map_err(status::absent("news item"))?;
                return Err(status::not_found("news item"));
            };
            let place = self.place_in(caller, region, partnership.clone(), item.cycle).await?;
            let scope = caller.may(place.about()).map_err(status::absent("news item"))?;
            return Ok(Found { place, scope, subject: Subject::News(id), of: shape::Of::News });
        }
        if under("returns").is_some() {
            let (place, scope) = self.return_place(caller, field, name).await?;
            let answer = self.store.find_return(scope, place.partnership.id, place.cycle.id).await.map_err(|e| self.refuse(e))?;
            let answer = answer.ok_or_else(|| status::not_found("return"))?;
            return Ok(Found { place, scope, subject: Subject::Return(answer.id), of: shape::Of::Return });
        }
        let mut faults = Faults::default();
        faults.add(field, format!("must name a news item or a return of this partnership, like {own}/newsItems/…"));
        faults.check()?;
        Err(status::not_found("news item"))
    }

    /// `regions/…/partnerships/…/wordings/{id}`.
    async fn wording_of(&self, caller: &Caller, name: &str) -> Result<(Place, Wording, Scope), Status> {
        let parts = names::pattern("name", name, &["regions", "partnerships", "wordings"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let partnership = self.partnership_in(caller, &region, parts[1]).await?;
        let id = WordingId(names::uuid("wording", parts[2])?);
        let found = self.store.get_wording(Scope::Region(region.id), partnership.id, id).await;
        let Ok(found) = found else {
            // Whoever may not see the partnership's wordings is told the same for one that is there and one that is not.
            let nowhere = About::Submission(region.id, partnership.id, CommitteeId(Uuid::nil()));
            caller.may(nowhere).map_err(status::absent("wording"))?;
            return Err(found.map_err(|e| self.refuse(e)).err().unwrap_or_else(|| status::not_found("wording")));
        };
        let place = self.place_in(caller, &region, partnership, found.cycle).await?;
        let scope = caller.may(place.about()).map_err(status::absent("wording"))?;
        Ok((place, found, scope))
    }

    async fn wording_to_proto(&self, place: &Place, wording: &Wording, referred: &mut Referred) -> Result<v1::Wording, Status> {
        let partnership = names::partnership(&place.region, &place.partnership);
        let subject = match wording.subject {
            Subject::News(id) => format!("{partnership}/newsItems/{id}"),
            Subject::Return(_) => name_of(&place.region, &place.partnership, &place.committee, &place.cycle),
        };
        let answerer = match wording.ended.as_ref().and_then(|ended| ended.by) {
            Some(id) => self.person_name(&place.region, id, referred).await?,
            None => String::new(),
        };
        let named = shape::Named {
            subject,
            cycle: names::cycle(&place.region, &place.committee, &place.cycle),
            proposer: self.person_name(&place.region, wording.by, referred).await?,
            answerer,
            partnership,
        };
        Ok(shape::to_proto(named, wording))
    }

    /// One step of a wording.
    async fn step_wording(
        &self,
        caller: &Caller,
        deed: WordingDeed,
        name: &str,
        etag: &str,
        reason: Option<&str>,
    ) -> Result<Response<v1::Wording>, Status> {
        let (place, found, scope) = self.wording_of(caller, name).await?;
        let mut faults = Faults::default();
        let revision = faults.etag("etag", etag);
        let reason = reason.and_then(|given| faults.line("reason", given, Line::SENTENCE));
        faults.check()?;
        let step = WordingStep { partnership: place.partnership.id, id: found.id, deed, hands: hands(caller, &place), reason, revision };
        let made = self.store.step_wording(scope, &caller.act(), caller.person.id, step).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.wording_to_proto(&place, &made, &mut Referred::by(caller, &place.region)).await?))
    }
}

#[tonic::async_trait]
impl WordingService for Api {
    async fn create_wording(&self, request: Request<v1::CreateWordingRequest>) -> Result<Response<v1::Wording>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let asked = message.clone();
        let v1::CreateWordingRequest { parent, wording, request_id: _, validate_only } = message;
        let v1::Wording {
            name: _,
            subject,
            subject_etag,
            proposed,
            original: _,
            note,
            cycle: _,
            state: _,
            proposer: _,
            propose_time: _,
            answerer: _,
            answer_time: _,
            reason: _,
            etag: _,
        } = wording.unwrap_or_default();
        let (region, partnership) = self.partnership_of(&caller, "parent", &parent).await?;
        let found = self.worded(&caller, &region, &partnership, &subject).await?;
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let etag = faults.etag("wording.subject_etag", &subject_etag);
        let note = faults.optional_line("wording.note", &note, Line::SENTENCE);
        let proposed = shape::words("wording.proposed", proposed, found.of, &mut faults);
        let proposed = faults.all(proposed)?;
        let new = NewWording {
            id: WordingId(self.chance.id(caller.now)),
            partnership: partnership.id,
            cycle: found.place.cycle.id,
            subject: found.subject,
            proposed,
            note,
            etag,
        };
        let act = caller.create(convert::request(id, caller.call.path(), &asked), validate_only);
        let made = self.store.propose_wording(found.scope, &act, caller.person.id, new).await.map_err(|e| self.refuse(e))?;
        let mut shown = self.wording_to_proto(&found.place, &made, &mut Referred::by(&caller, &region)).await?;
        if validate_only {
            shown.name.clear();
        }
        Ok(Response::new(shown))
    }

    async fn get_wording(&self, request: Request<v1::GetWordingRequest>) -> Result<Response<v1::Wording>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetWordingRequest { name } = request.into_inner();
        let (place, found, _) = self.wording_of(&caller, &name).await?;
        Ok(Response::new(self.wording_to_proto(&place, &found, &mut Referred::by(&caller, &place.region)).await?))
    }

    async fn list_wordings(&self, request: Request<v1::ListWordingsRequest>) -> Result<Response<v1::ListWordingsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListWordingsRequest { parent, cycle, page_size, page_token } = request.into_inner();
        let page = convert::page(page_size, &page_token)?;
        let (region, scope, partnership, cycle) = self.submissions_of(&caller, &parent, &cycle).await?;
        let filter = WordingFilter { partnership, cycle };
        let listing = self.store.list_wordings(scope, filter, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let (mut referred, seen) = (Referred::by(&caller, &region), self.seen(&caller, &region));
        let mut wordings = Vec::with_capacity(listing.items.len());
        for wording in &listing.items {
            let partnership = Arc::unwrap_or_clone(seen.partnership_by_id(wording.partnership).await.map_err(|e| self.refuse(e))?);
            let place = self.place_in(&caller, &region, partnership, wording.cycle).await?;
            wordings.push(self.wording_to_proto(&place, wording, &mut referred).await?);
        }
        Ok(Response::new(v1::ListWordingsResponse { wordings, next_page_token }))
    }

    async fn accept_wording(&self, request: Request<v1::AcceptWordingRequest>) -> Result<Response<v1::Wording>, Status> {
        let caller = self.caller(&request).await?;
        let v1::AcceptWordingRequest { name, etag } = request.into_inner();
        self.step_wording(&caller, WordingDeed::Accept, &name, &etag, None).await
    }

    async fn refuse_wording(&self, request: Request<v1::RefuseWordingRequest>) -> Result<Response<v1::Wording>, Status> {
        let caller = self.caller(&request).await?;
        let v1::RefuseWordingRequest { name, reason, etag } = request.into_inner();
        self.step_wording(&caller, WordingDeed::Refuse, &name, &etag, Some(&reason)).await
    }

    async fn withdraw_wording(&self, request: Request<v1::WithdrawWordingRequest>) -> Result<Response<v1::Wording>, Status> {
        let caller = self.caller(&request).await?;
        let v1::WithdrawWordingRequest { name, etag } = request.into_inner();
        self.step_wording(&caller, WordingDeed::Withdraw, &name, &etag, None).await
    }
}
