//! News: sent in, corrected, withdrawn, read.

use std::{collections::HashMap, sync::Arc};

use csp_domain::{
    Scope,
    committee::Committee,
    cycle::Cycle,
    id::{CycleId, NewsItemId, PartnershipId, PersonId},
    joint::{JointDeed, JointRefused, JointState, JointWhy},
    news::{NewNewsItem, NewsItem, NewsKind, NewsOwner},
    partnership::Partnership,
    person::Role,
    region::Region,
    signoff::Hand,
    text::Line,
};
use csp_proto::v1::{self, news_service_server::NewsService};
use csp_store::{Catalogue, NewsChange, NewsFilter, Refusal, Sight, StoreError};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults, news as shape},
    names, status,
};

/// In whose name an item is or will be, as a resource name spells it.
#[expect(clippy::large_enum_variant, reason = "one at a time, on the stack of one call")]
enum Parent {
    Partnership(Region, Partnership),
    Committee(Region, Committee),
}

impl Parent {
    fn region(&self) -> &Region {
        match self {
            Self::Partnership(region, _) | Self::Committee(region, _) => region,
        }
    }

    fn owner(&self) -> NewsOwner {
        match self {
            Self::Partnership(_, partnership) => NewsOwner::Partnership(partnership.id),
            Self::Committee(_, committee) => NewsOwner::Committee(committee.id),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Partnership(region, partnership) => names::partnership(region, partnership),
            Self::Committee(region, committee) => names::committee(region, committee),
        }
    }

    /// What a call about an item of this parent for `committee`'s cycle is about.
    fn about(&self, committee: csp_domain::id::CommitteeId) -> About {
        match self {
            Self::Partnership(region, partnership) => About::Submission(region.id, partnership.id, committee),
            Self::Committee(region, own) => About::Committee(region.id, own.id),
        }
    }
}

/// The names of what items refer to, looked up once for each.
#[derive(Default)]
pub(crate) struct Referred {
    cycles: HashMap<CycleId, String>,
    persons: HashMap<PersonId, String>,
    /// The indicators of the one region a call is about.
    pub(crate) catalogue: Arc<Catalogue>,
    /// The caller's own region, as it stood when they called.
    pub(crate) sight: Option<Sight>,
}

impl Referred {
    /// With the caller known already: most of what people send in and read is their own.
    pub(crate) fn by(caller: &Caller, region: &Region) -> Self {
        let mut referred = Self { sight: Some(caller.sight.clone()), ..Self::default() };
        // Of somebody from elsewhere only the region itself can tell whether it knows them.
        if caller.region.id == region.id {
            referred.persons.insert(caller.person.id, names::person(region, &caller.person));
        }
        referred
    }
}

impl Api {
    async fn news_parent(&self, caller: &Caller, field: &str, name: &str) -> Result<Parent, Status> {
        if names::split(name, &["regions", "committees"]).is_some() {
            let (region, committee) = self.committee_of(caller, field, name).await?;
            return Ok(Parent::Committee(region, committee));
        }
        let (region, partnership) = self.partnership_of(caller, field, name).await?;
        Ok(Parent::Partnership(region, partnership))
    }

    /// `{parent}/newsItems/{id}`.
    async fn news_item_of(&self, caller: &Caller, field: &str, name: &str) -> Result<(Parent, NewsItem, Scope), Status> {
        let (parent, id) = match names::split(name, &["regions", "committees", "newsItems"]) {
            Some(parts) => (format!("regions/{}/committees/{}", parts[0], parts[1]), parts[2]),
            None => {
                let parts = names::pattern(field, name, &["regions", "partnerships", "newsItems"])?;
                (format!("regions/{}/partnerships/{}", parts[0], parts[1]), parts[2])
            }
        };
        let parent = self.news_parent(caller, field, &parent).await?;
        let id = NewsItemId(names::uuid("news item", id)?);
        let region = Scope::Region(parent.region().id);
        let item = self.store.get_news_item(region, parent.owner(), id).await;
        // Whoever may not see the parent's items is told the same for an item that is there and one that is not.
        let committee = match &item {
            Ok(item) => Some(self.store.get_cycle(region, item.cycle).await.map_err(|e| self.refuse(e))?.committee),
            Err(_) => None,
        };
        let scope = match committee {
            Some(committee) => caller.may(parent.about(committee)),
            None => caller.may(parent.about(csp_domain::id::CommitteeId(Uuid::nil()))),
        };
        let scope = scope.map_err(status::absent("news item"))?;
        Ok((parent, item.map_err(|e| self.refuse(e))?, scope))
    }

    pub(crate) async fn cycle_name(&self, region: &Region, id: CycleId, referred: &mut Referred) -> Result<String, Status> {
        if let Some(name) = referred.cycles.get(&id) {
            return Ok(name.clone());
        }
        let seen = self.store.seen(region.id, referred.sight.as_ref());
        let cycle = seen.cycle_by_id(id).await.map_err(|e| self.refuse(e))?;
        let committee = seen.committee_by_id(cycle.committee).await.map_err(|e| self.refuse(e))?;
        let name = names::cycle(region, &committee, &cycle);
        referred.cycles.insert(id, name.clone());
        Ok(name)
    }

    /// A person's name in the region; empty for someone who runs the service and belongs to none.
    pub(crate) async fn person_name(&self, region: &Region, id: PersonId, referred: &mut Referred) -> Result<String, Status> {
        if let Some(name) = referred.persons.get(&id) {
            return Ok(name.clone());
        }
        let name = match self.store.seen(region.id, referred.sight.as_ref()).person(id).await {
            Ok(person) => names::person(region, &person),
            Err(StoreError::NotFound(_)) => String::new(),
            Err(error) => return Err(self.refuse(error)),
        };
        referred.persons.insert(id, name.clone());
        Ok(name)
    }

    /// The other owners of an item, where it is a partnership's.
    async fn owners_of(
        &self,
        caller: &Caller,
        parent: &Parent,
        committee: &Committee,
        given: &[String],
        faults: &mut Faults,
    ) -> Result<Vec<PartnershipId>, Status> {
        match parent {
            Parent::Partnership(region, first) => self.other_owners(caller, (region, first, committee), given, faults).await,
            Parent::Committee(..) => {
                if !given.is_empty() {
                    faults.add("news_item.joint_owners", "must be empty: the national part is the committee's own");
                }
                Ok(Vec::new())
            }
        }
    }

    async fn news_to_proto(&self, region: &Region, owner: &str, item: &NewsItem, referred: &mut Referred) -> Result<v1::NewsItem, Status> {
        let cycle = self.cycle_name(region, item.cycle, referred).await?;
        let submitter = self.person_name(region, item.submitted_by, referred).await?;
        let joint_owners = self.owners_named(region, &item.joint, referred.sight.as_ref()).await?;
        Ok(shape::to_proto(owner, cycle, submitter, joint_owners, item))
    }
}

/// National developments belong to the committee's part, all other kinds to partnerships.
fn check_kind(parent: &Parent, kind: NewsKind, faults: &mut Faults) {
    match (parent, kind) {
        (Parent::Committee(..), NewsKind::NationalDevelopment) => {}
        (Parent::Committee(..), _) => faults.add("news_item.kind", "must be a national development, under a committee"),
        (Parent::Partnership(..), NewsKind::NationalDevelopment) => {
            faults.add(
                "news_item.kind",
                "must not be a national development here: those stand under the committee, written once for all partnerships",
            );
        }
        (Parent::Partnership(..), _) => {}
    }
}

#[tonic::async_trait]
impl NewsService for Api {
    async fn create_news_item(&self, request: Request<v1::CreateNewsItemRequest>) -> Result<Response<v1::NewsItem>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let asked = message.clone();
        let v1::CreateNewsItemRequest { parent, news_item, request_id: _, validate_only } = message;
        let parent = self.news_parent(&caller, "parent", &parent).await?;
        let v1::NewsItem {
            name: _,
            cycle,
            kind,
            headline,
            body,
            body_format,
            happened_on,
            state: _,
            submitter: _,
            submit_time: _,
            revision: _,
            etag: _,
            joint_owners,
        } = news_item.unwrap_or_default();
        let (of, committee, cycle): (Region, Committee, Cycle) = self.cycle_of(&caller, "news_item.cycle", &cycle).await?;
        let scope = caller.may(parent.about(committee.id))?;
        let mut faults = Faults::default();
        if of.id != parent.region().id {
            faults.add("news_item.cycle", "must be in the same region");
        }
        let id = faults.request_id(&request_id);
        let kind = faults.take("news_item.kind", shape::kind(kind));
        if let Some(kind) = kind {
            check_kind(&parent, kind, &mut faults);
        }
        let headline = faults.line("news_item.headline", &headline, Line::SENTENCE);
        let body = shape::body("news_item.body", &body, body_format, &mut faults);
        let happened_on = faults.optional_date("news_item.happened_on", &happened_on);
        let joint = self.owners_of(&caller, &parent, &committee, &joint_owners, &mut faults).await?;
        let new = (|| {
            Some(NewNewsItem {
                id: NewsItemId(self.chance.id(caller.now)),
                owner: parent.owner(),
                cycle: cycle.id,
                kind: kind?,
                headline: headline?,
                body: body?,
                happened_on,
                joint,
            })
        })();
        let new = faults.all(new)?;
        let act = caller.create(convert::request(id, caller.call.path(), &asked), validate_only);
        let made = self.store.create_news_item(scope, &act, caller.person.id, new).await.map_err(|e| self.refuse(e))?;
        let mut shown = self.news_to_proto(parent.region(), &parent.name(), &made, &mut Referred::by(&caller, parent.region())).await?;
        if validate_only {
            shown.name.clear();
        }
        Ok(Response::new(shown))
    }

    async fn get_news_item(&self, request: Request<v1::GetNewsItemRequest>) -> Result<Response<v1::NewsItem>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetNewsItemRequest { name } = request.into_inner();
        let (parent, item, _) = self.news_item_of(&caller, "name", &name).await?;
        Ok(Response::new(self.news_to_proto(parent.region(), &parent.name(), &item, &mut Referred::by(&caller, parent.region())).await?))
    }

    async fn list_news_items(&self, request: Request<v1::ListNewsItemsRequest>) -> Result<Response<v1::ListNewsItemsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListNewsItemsRequest { parent, cycle, page_size, page_token } = request.into_inner();
        let page = convert::page(page_size, &page_token)?;
        let cycle = if cycle.is_empty() { None } else { Some(self.cycle_of(&caller, "cycle", &cycle).await?) };
        let of_all = names::split(&parent, &["regions", "partnerships"]).filter(|parts| parts[1] == "-").map(|parts| parts[0].to_owned());
        let (region, owner, about) = match of_all {
            Some(region) => {
                let region = self.region_named(&caller, &region).await?;
                let about = cycle.as_ref().map_or(About::Service, |(_, committee, _)| About::Committee(region.id, committee.id));
                // Without a cycle the question is about the whole region: for administrators alone.
                let about =
                    if about == About::Service { About::Partnership(region.id, csp_domain::id::PartnershipId(Uuid::nil())) } else { about };
                (region, None, about)
            }
            None => {
                let parent = self.news_parent(&caller, "parent", &parent).await?;
                let about = match (&parent, &cycle) {
                    (Parent::Partnership(region, partnership), None) => About::Partnership(region.id, partnership.id),
                    (parent, Some((_, committee, _))) => parent.about(committee.id),
                    (Parent::Committee(region, committee), None) => About::Committee(region.id, committee.id),
                };
                (parent.region().clone(), Some(parent), about)
            }
        };
        let scope = caller.may(about)?;
        let filter = NewsFilter { owner: owner.as_ref().map(Parent::owner), cycle: cycle.map(|(_, _, cycle)| cycle.id) };
        let listing = self.store.list_news_items(scope, filter, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let mut referred = Referred::default();
        let mut news_items = Vec::with_capacity(listing.items.len());
        for item in &listing.items {
            let owner = match (&owner, item.owner) {
                (Some(parent), _) => parent.name(),
                (None, NewsOwner::Partnership(id)) => {
                    let found = self.store.get_partnership(Scope::Region(region.id), id).await.map_err(|e| self.refuse(e))?;
                    names::partnership(&region, &found)
                }
                (None, NewsOwner::Committee(id)) => {
                    let found = self.store.get_committee(Scope::Region(region.id), id).await.map_err(|e| self.refuse(e))?;
                    names::committee(&region, &found)
                }
            };
            news_items.push(self.news_to_proto(&region, &owner, item, &mut referred).await?);
        }
        Ok(Response::new(v1::ListNewsItemsResponse { news_items, next_page_token }))
    }

    async fn update_news_item(&self, request: Request<v1::UpdateNewsItemRequest>) -> Result<Response<v1::NewsItem>, Status> {
        let caller = self.caller(&request).await?;
        let v1::UpdateNewsItemRequest { news_item, update_mask, validate_only } = request.into_inner();
        let v1::NewsItem {
            name,
            cycle: _,
            kind,
            headline,
            body,
            body_format,
            happened_on,
            state: _,
            submitter: _,
            submit_time: _,
            revision: _,
            etag,
            joint_owners,
        } = news_item.unwrap_or_default();
        let (parent, item, scope) = self.news_item_of(&caller, "news_item.name", &name).await?;
        // Who does not speak of owners does not mean that there are to be none.
        let owners_meant = update_mask.as_ref().is_some_and(|mask| mask.paths.iter().any(|path| path == "joint_owners" || path == "*"));
        let mask = convert::mask(update_mask, &["kind", "headline", "body", "happened_on", "joint_owners"])?;
        let mut faults = Faults::default();
        let mut change = NewsChange::default();
        for path in &mask {
            match path.as_str() {
                "kind" => {
                    change.kind = faults.take("news_item.kind", shape::kind(kind));
                    if let Some(kind) = change.kind {
                        check_kind(&parent, kind, &mut faults);
                    }
                }
                "headline" => change.headline = faults.line("news_item.headline", &headline, Line::SENTENCE),
                "body" => change.body = shape::body("news_item.body", &body, body_format, &mut faults),
                "joint_owners" if !owners_meant => {}
                "joint_owners" => {
                    let seen = self.seen(&caller, parent.region());
                    let cycle = seen.cycle_by_id(item.cycle).await.map_err(|e| self.refuse(e))?;
                    let committee = seen.committee_by_id(cycle.committee).await.map_err(|e| self.refuse(e))?;
                    change.joint = Some(self.owners_of(&caller, &parent, &committee, &joint_owners, &mut faults).await?);
                }
                _ => change.happened_on = Some(faults.optional_date("news_item.happened_on", &happened_on)),
            }
        }
        let mut revision = faults.etag("news_item.etag", &etag);
        faults.check()?;
        // Who entered it for the partnership may mend what they entered; all else is put to the lead.
        if let NewsOwner::Partnership(own) = parent.owner()
            && !caller.roles().any(|role| role == Role::Officer(own) || role == Role::Lead(own))
        {
            if item.submitted_by != caller.person.id {
                change.as_editor = true;
                if change.headline.is_some() || change.body.is_some() {
                    return Err(self.refuse(Refusal::ProposeWording.into()));
                }
                if change.joint.as_ref().is_some_and(|owners| *owners != item.joint) {
                    let (state, why) = (JointState::Waiting, JointWhy::Role(&[Hand::Officer, Hand::Lead]));
                    return Err(self.refuse(Refusal::Joint(JointRefused { deed: JointDeed::Name, state, why }).into()));
                }
            }
            // That was judged by the item as it was read: where another changes it before this is done, it is a conflict.
            if revision.is_some_and(|given| given != item.revision) {
                return Err(self.refuse(StoreError::Changed("news item")));
            }
            revision = Some(item.revision);
        }
        let changed = self
            .store
            .update_news_item(scope, &caller.create(None, validate_only), caller.person.id, parent.owner(), item.id, change, revision)
            .await
            .map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.news_to_proto(parent.region(), &parent.name(), &changed, &mut Referred::by(&caller, parent.region())).await?))
    }

    async fn withdraw_news_item(&self, request: Request<v1::WithdrawNewsItemRequest>) -> Result<Response<v1::NewsItem>, Status> {
        let caller = self.caller(&request).await?;
        let v1::WithdrawNewsItemRequest { name, etag } = request.into_inner();
        let (parent, item, scope) = self.news_item_of(&caller, "name", &name).await?;
        let mut faults = Faults::default();
        let revision = faults.etag("etag", &etag);
        faults.check()?;
        let changed =
            self.store.withdraw_news_item(scope, &caller.act(), parent.owner(), item.id, revision).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.news_to_proto(parent.region(), &parent.name(), &changed, &mut Referred::by(&caller, parent.region())).await?))
    }
}
