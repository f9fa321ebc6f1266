//! Deadlines and meetings for anybody's diary, and the links by which diaries follow them.

use std::collections::HashMap;

use csp_domain::{
    Scope,
    calendar::ics::Status as EntryStatus,
    diary::{Diary, DiaryLink, LinkSecret, NewDiaryLink},
    id::{DiaryLinkId, PersonId},
    region::Region,
    text::{Fault, Refused},
};
use csp_proto::v1::{self, diary_service_server::DiaryService};
use tonic::{Request, Response, Status};

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults},
    names, status,
};

/// Whose dates a name is about, as it was spelled.
struct Whose {
    region: Region,
    diary: Diary,
    name: String,
}

impl Api {
    /// `regions/{region}/partnerships/{partnership}` or `regions/{region}/committees/{committee}`.
    async fn diary_of(&self, caller: &Caller, field: &str, name: &str) -> Result<(Whose, Scope), Status> {
        let whose = if names::split(name, &["regions", "partnerships"]).is_some() {
            let (region, partnership) = self.partnership_of(caller, field, name).await?;
            Whose { name: names::partnership(&region, &partnership), diary: Diary::Partnership(partnership.id), region }
        } else if names::split(name, &["regions", "committees"]).is_some() {
            let (region, committee) = self.committee_of(caller, field, name).await?;
            Whose { name: names::committee(&region, &committee), diary: Diary::Committee(committee.id), region }
        } else {
            return Err(misnamed(field));
        };
        // Whoever sees the partnership or committee sees its dates.
        let scope = caller.may(About::Region(whose.region.id))?;
        Ok((whose, scope))
    }

    async fn link_to_proto(
        &self,
        whose: &Whose,
        link: DiaryLink,
        seen: &mut HashMap<PersonId, (String, String)>,
    ) -> Result<v1::DiaryLink, Status> {
        let (person, _) = self.actor_shown(&whose.region, link.created_by, seen).await?;
        Ok(v1::DiaryLink {
            name: format!("{}/diaryLinks/{}", whose.name, link.id),
            person,
            create_time: Some(convert::timestamp(link.created_at)),
            revoke_time: link.revoked_at.map(convert::timestamp),
        })
    }
}

fn misnamed(field: &str) -> Status {
    let shape = "must be a name like regions/…/partnerships/… or regions/…/committees/…";
    status::invalid(&[Fault::new(field, Refused::new(shape))])
}

/// Whose links the caller sees: their own, or an administrator all.
fn of(caller: &Caller, region: &Region) -> Option<PersonId> {
    if caller.sees_all(region) { None } else { Some(caller.person.id) }
}

#[tonic::async_trait]
impl DiaryService for Api {
    async fn get_diary(&self, request: Request<v1::GetDiaryRequest>) -> Result<Response<v1::Diary>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetDiaryRequest { name } = request.into_inner();
        let parent = name.strip_suffix("/diary").ok_or_else(|| misnamed("name"))?;
        let (whose, scope) = self.diary_of(&caller, "name", parent).await?;
        let dates = self.store.diary_dates(scope, whose.diary, caller.now).await.map_err(|e| self.refuse(e))?;
        let feed = dates.feed();
        let entries = feed.entries.iter().map(|entry| v1::DiaryEntry {
            uid: entry.uid.clone(),
            time: Some(convert::timestamp(entry.at)),
            title: entry.title.clone(),
            description: entry.description.clone(),
            cancelled: entry.status == EntryStatus::Cancelled,
        });
        Ok(Response::new(v1::Diary {
            name: format!("{}/diary", whose.name),
            display_name: dates.name.to_string(),
            entries: entries.collect(),
            ics: feed.write(caller.now),
        }))
    }

    async fn create_diary_link(
        &self,
        request: Request<v1::CreateDiaryLinkRequest>,
    ) -> Result<Response<v1::CreateDiaryLinkResponse>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateDiaryLinkRequest { parent, request_id: _ } = message;
        let (whose, scope) = self.diary_of(&caller, "parent", &parent).await?;
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        faults.check()?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let secret = LinkSecret::generate(self.chance.as_ref());
        let new = NewDiaryLink {
            id: DiaryLinkId(self.chance.id(caller.now)),
            public_id: secret.id().to_owned(),
            hash: secret.hash(),
            diary: whose.diary,
            by: caller.person.id,
        };
        let made = self.store.create_diary_link(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        let diary_link = Some(self.link_to_proto(&whose, made, &mut HashMap::new()).await?);
        let path = format!("/diary/{}.ics", secret.reveal());
        let uri = self.web_address.as_ref().map(|address| format!("{address}{path}")).unwrap_or_default();
        Ok(Response::new(v1::CreateDiaryLinkResponse { diary_link, path, uri }))
    }

    async fn list_diary_links(&self, request: Request<v1::ListDiaryLinksRequest>) -> Result<Response<v1::ListDiaryLinksResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListDiaryLinksRequest { parent, page_size, page_token } = request.into_inner();
        let (whose, scope) = self.diary_of(&caller, "parent", &parent).await?;
        let page = convert::page(page_size, &page_token)?;
        let of = of(&caller, &whose.region);
        let listing = self.store.list_diary_links(scope, whose.diary, of, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let (mut diary_links, mut seen) = (Vec::with_capacity(listing.items.len()), HashMap::new());
        for link in listing.items {
            diary_links.push(self.link_to_proto(&whose, link, &mut seen).await?);
        }
        Ok(Response::new(v1::ListDiaryLinksResponse { diary_links, next_page_token }))
    }

    async fn revoke_diary_link(&self, request: Request<v1::RevokeDiaryLinkRequest>) -> Result<Response<v1::DiaryLink>, Status> {
        let caller = self.caller(&request).await?;
        let v1::RevokeDiaryLinkRequest { name } = request.into_inner();
        let (parent, id) = name.split_once("/diaryLinks/").ok_or_else(|| misnamed("name"))?;
        let (whose, scope) = self.diary_of(&caller, "name", parent).await?;
        let id = DiaryLinkId(names::uuid("diary link", id)?);
        let of = of(&caller, &whose.region);
        let gone = self.store.revoke_diary_link(scope, &caller.act(), id, whose.diary, of).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.link_to_proto(&whose, gone, &mut HashMap::new()).await?))
    }
}
