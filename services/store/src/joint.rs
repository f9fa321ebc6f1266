//! Joint items: which partnerships own an item of news besides the one that sent it in, and their signatures.

use std::collections::{HashMap, hash_map::Entry};

use csp_domain::{
    Act, Scope,
    act::Actor,
    calendar::civil_day,
    clock::Instant,
    cycle::{Cycle, CycleState},
    id::{CycleId, NewsItemId, PartnershipId, PersonId},
    joint::{JointDeed, JointItem, JointOwner, JointState, Signatory, after},
    news::{NewsItem, NewsOwner, NewsState},
    returns::ReturnState,
    signoff::Hand,
    text::Line,
    wording::{Subject, Wording, WordingState, Words},
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

macro_rules! selected {
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT j.news_item_id, j.partnership_id, j.first_id, j.state, j.changed_by, j.changed_at, j.reason, j.revision",
            $more,
            " FROM joint_owners j ",
            $rest
        )
    };
}

// In order of place first, and by item afterwards ([`by_item`]): put in order of the key, SQLite would read all of a region's along it.
statements! {
    INSERT_JOINT_OWNER = "INSERT INTO joint_owners (region_id, news_item_id, partnership_id, first_id, cycle_id, place, state, changed_by, changed_at, revision) \
        VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, 1)";
    UPDATE_JOINT_OWNER = "UPDATE joint_owners SET state = $4, changed_by = $5, changed_at = $6, reason = $7, told_at = NULL, \
        revision = revision + 1 WHERE region_id = $1 AND news_item_id = $2 AND partnership_id = $3 AND revision = $8";
    PLACE_JOINT_OWNER = "UPDATE joint_owners SET place = $4 WHERE region_id = $1 AND news_item_id = $2 AND partnership_id = $3";
    LIST_JOINT_OWNERS = selected!("", "WHERE j.region_id = $1 AND j.news_item_id = $2 ORDER BY j.place, j.partnership_id");
    /// Who owns the items between two.
    LIST_JOINT_NAMES = "SELECT news_item_id, partnership_id FROM joint_owners WHERE region_id = $1 AND news_item_id >= $2 AND news_item_id <= $3 \
        AND state <> 'dropped' ORDER BY news_item_id, place, partnership_id";
    LIST_JOINT_OF_CYCLE = selected!("", "JOIN news_items n ON n.region_id = j.region_id AND n.news_item_id = j.news_item_id AND n.state = 'submitted' \
        WHERE j.region_id = $1 AND j.cycle_id = $2 AND j.state <> 'dropped' ORDER BY j.place, j.news_item_id, j.partnership_id");
    /// Which items one owner has, the first or another; or anybody.
    LIST_JOINT_ITEMS = "SELECT DISTINCT news_item_id FROM joint_owners WHERE region_id = $1 AND ($2 OR partnership_id = $3 OR first_id = $3) \
        AND ($4 OR cycle_id = $5) AND news_item_id > $6 AND state <> 'dropped' ORDER BY news_item_id LIMIT $7";
    /// What waits for somebody in cycles whose paper is not out, where the first owner still reports to the committee. An owner that does not
    /// is not asked, but it is in the way.
    LIST_OPEN_JOINT = selected!(", j.cycle_id, j.told_at, n.headline", "JOIN news_items n ON n.region_id = j.region_id AND n.news_item_id = j.news_item_id AND n.state = 'submitted' \
        JOIN cycles c ON c.region_id = j.region_id AND c.cycle_id = j.cycle_id AND c.state NOT IN ('published', 'cancelled') \
        JOIN committee_partnerships b ON b.region_id = j.region_id AND b.committee_id = c.committee_id AND b.partnership_id = j.first_id \
        WHERE j.region_id = $1 AND j.state IN ('waiting', 'sent_back') \
        ORDER BY j.place, j.news_item_id, j.partnership_id LIMIT 20000");
    /// Who wrote any of what waits for somebody, as it would be printed.
    LIST_OPEN_WRITERS = "SELECT j.news_item_id, a.actor_id FROM joint_owners j \
        JOIN cycles c ON c.region_id = j.region_id AND c.cycle_id = j.cycle_id AND c.state NOT IN ('published', 'cancelled') \
        JOIN audit a ON a.region_id = j.region_id AND a.subject = 'news_item' AND a.subject_id = j.news_item_id \
        AND a.action IN ('create', 'update') AND a.actor_id IS NOT NULL WHERE j.region_id = $1 AND j.state IN ('waiting', 'sent_back') \
        UNION SELECT j.news_item_id, w.proposed_by FROM joint_owners j \
        JOIN cycles c ON c.region_id = j.region_id AND c.cycle_id = j.cycle_id AND c.state NOT IN ('published', 'cancelled') \
        JOIN wordings w ON w.region_id = j.region_id AND w.cycle_id = j.cycle_id AND w.news_item_id = j.news_item_id AND w.state = 'accepted' \
        WHERE j.region_id = $1 AND j.state IN ('waiting', 'sent_back')";
    TELL_JOINT = "UPDATE joint_owners SET told_at = $3 WHERE region_id = $1 AND cycle_id = $2 AND state IN ('waiting', 'sent_back') \
        AND told_at IS NULL AND changed_at < $3";
    UNTELL_JOINT = "UPDATE joint_owners SET told_at = NULL WHERE region_id = $1 AND state IN ('waiting', 'sent_back') AND told_at = $2";
    COUNT_LEADS = "SELECT COUNT(*) FROM role_grants WHERE region_id = $1 AND partnership_id = $2 AND role = 'lead' AND starts_on <= $3 \
        AND (ends_on IS NULL OR ends_on >= $3) AND person_id <> $4";
}

#[derive(sqlx::FromRow)]
struct Row {
    news_item_id: Uuid,
    partnership_id: Uuid,
    first_id: Uuid,
    state: String,
    changed_by: Option<Uuid>,
    changed_at: Instant,
    reason: Option<String>,
    revision: i64,
}

impl TryFrom<Row> for JointOwner {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("joint_owners", column);
        let reason = row.reason.map(|text| Line::parse(&text, Line::SENTENCE)).transpose().map_err(|_| bad("reason"))?;
        Ok(Self {
            item: NewsItemId(row.news_item_id),
            partnership: PartnershipId(row.partnership_id),
            first: PartnershipId(row.first_id),
            state: JointState::from_word(&row.state).ok_or_else(|| bad("state"))?,
            by: row.changed_by.map(PersonId),
            at: row.changed_at,
            reason,
            revision: row.revision,
        })
    }
}

#[derive(sqlx::FromRow)]
struct OpenRow {
    #[sqlx(flatten)]
    owner: Row,
    cycle_id: Uuid,
    told_at: Option<Instant>,
    headline: String,
}

/// A step to be taken with a joint item for one of its owners.
#[derive(Debug, Clone)]
pub struct JointStep {
    /// Which owner; not the first.
    pub partnership: PartnershipId,
    /// Which item.
    pub item: NewsItemId,
    /// What is done.
    pub deed: JointDeed,
    /// As what the person may act.
    pub hands: Vec<Hand>,
    /// Why, where it is sent back.
    pub reason: Option<Line>,
    /// The revision of the owner's signature that was read, if the caller minds: it changes with the text.
    pub revision: Option<i64>,
}

/// A joint item that waits for an owner's signature, or was sent back, in a cycle whose paper is not out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenJoint {
    /// The owner's signature.
    pub owner: JointOwner,
    /// For which cycle.
    pub cycle: CycleId,
    /// Whether a letter has spoken of it as it stands.
    pub told: bool,
    /// What the item is about.
    pub headline: Line,
    /// Who wrote any of it, and so cannot sign it.
    pub writers: Vec<PersonId>,
}

/// A signature of a cycle's joint items, with names as they are printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatheredJoint {
    /// The signature.
    pub owner: JointOwner,
    /// The owner's name.
    pub name: Line,
    /// The first owner's name.
    pub first: Line,
}

/// From order of place to order of items, each item's owners in order of place.
fn by_item(owners: &mut [JointOwner]) {
    owners.sort_by_key(|owner| owner.item.0);
}

fn facts(owner: &JointOwner) -> Facts {
    let told = Facts::open(json!({
        "owner": owner.partnership, "first": owner.first, "state": owner.state.word(), "revision": owner.revision,
    }));
    match &owner.reason {
        Some(reason) => told.and_personal(json!({ "reason": reason.as_str() })),
        None => told,
    }
}

impl Tx {
    /// All partnerships that were ever named as owners of an item besides the first.
    async fn ever_joint(&mut self, item: NewsItemId) -> Result<Vec<JointOwner>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_JOINT_OWNERS).bind(region.0).bind(item.0).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// All owners of an item but the first.
    pub(crate) async fn joint_owners(&mut self, item: NewsItemId) -> Result<Vec<JointOwner>, StoreError> {
        let mut owners = self.ever_joint(item).await?;
        owners.retain(|owner| owner.state != JointState::Dropped);
        Ok(owners)
    }

    /// Who owns items besides their first owners; `items` in the order of their identifiers.
    pub(crate) async fn name_joint(&mut self, items: &mut [NewsItem]) -> Result<(), StoreError> {
        // The national part is the committee's own.
        let mut local = items.iter().filter(|item| matches!(item.owner, NewsOwner::Partnership(_)));
        let Some(first) = local.next().map(|item| item.id.0) else { return Ok(()) };
        let last = local.next_back().map_or(first, |item| item.id.0);
        let region = self.region();
        let rows: Vec<(Uuid, Uuid)> =
            on!(self, |c| sqlx::query_as(LIST_JOINT_NAMES).bind(region.0).bind(first).bind(last).fetch_all(c).await)?;
        for (item, owner) in rows {
            if let Ok(at) = items.binary_search_by_key(&item, |known| known.id.0) {
                items[at].joint.push(PartnershipId(owner));
            }
        }
        Ok(())
    }

    /// The signatures of all items that stand in a cycle.
    pub(crate) async fn joint_of_cycle(&mut self, cycle: CycleId) -> Result<Vec<JointOwner>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_JOINT_OF_CYCLE).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        let mut owners = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<JointOwner>, StoreError>>()?;
        by_item(&mut owners);
        Ok(owners)
    }

    /// The same, with names.
    pub(crate) async fn gather_joint(&mut self, cycle: CycleId) -> Result<Vec<GatheredJoint>, StoreError> {
        let owners = self.joint_of_cycle(cycle).await?;
        let mut names = HashMap::new();
        for id in owners.iter().flat_map(|owner| [owner.partnership, owner.first]) {
            if let Entry::Vacant(name) = names.entry(id) {
                name.insert(self.get_partnership(id).await?.name);
            }
        }
        let named = owners.into_iter().filter_map(|owner| {
            let (name, first) = (names.get(&owner.partnership)?.clone(), names.get(&owner.first)?.clone());
            Some(GatheredJoint { owner, name, first })
        });
        Ok(named.collect())
    }

    /// Makes these the owners of an item besides the first, and no others. Who is new must report to the cycle's committee, and have
    /// somebody who could sign. Answers who is new.
    pub(crate) async fn name_owners(
        &mut self,
        act: &Act,
        item: &NewsItem,
        cycle: &Cycle,
        others: &[PartnershipId],
    ) -> Result<Vec<PartnershipId>, StoreError> {
        let NewsOwner::Partnership(first) = item.owner else { return Ok(Vec::new()) };
        let region = self.region();
        let known = self.ever_joint(item.id).await?;
        let is = |id: PartnershipId| known.iter().find(|owner| owner.partnership == id);
        let named: Vec<PartnershipId> =
            others.iter().copied().filter(|id| is(*id).is_none_or(|owner| owner.state == JointState::Dropped)).collect();
        self.check_can_own(act, cycle, &named).await?;
        for old in known.iter().filter(|owner| owner.state != JointState::Dropped && !others.contains(&owner.partnership)) {
            self.take_joint_step(act, old, JointDeed::Drop, &Signatory::apart(Hand::Officer), None).await?;
        }
        for (place, other) in (1_i64..).zip(others) {
            match is(*other) {
                Some(old) => {
                    on!(self, |c| sqlx::query(PLACE_JOINT_OWNER)
                        .bind(region.0)
                        .bind(item.id.0)
                        .bind(other.0)
                        .bind(place)
                        .execute(c)
                        .await
                        .map(|_| ()))?;
                    if old.state == JointState::Dropped {
                        self.take_joint_step(act, old, JointDeed::Name, &Signatory::apart(Hand::Officer), None).await?;
                    }
                }
                None => {
                    let by = act.actor.person();
                    on!(self, |c| sqlx::query(INSERT_JOINT_OWNER)
                        .bind(region.0)
                        .bind(item.id.0)
                        .bind(other.0)
                        .bind(first.0)
                        .bind(cycle.id.0)
                        .bind(place)
                        .bind(by.map(|id| id.0))
                        .bind(act.at)
                        .execute(c)
                        .await
                        .map(|_| ()))
                    .map_err(|error| match StoreError::from(error) {
                        // Another named it at the same moment.
                        error if error.is_duplicate() => StoreError::Changed("news item"),
                        error => error,
                    })?;
                    let (item, state) = (item.id, JointState::Waiting);
                    let new = JointOwner { item, partnership: *other, first, state, by, at: act.at, reason: None, revision: 1 };
                    self.audit(act, JointDeed::Name.word(), "joint_item", item.0, None, Some(facts(&new))).await?;
                }
            }
        }
        Ok(named)
    }

    /// Refuses owners who could never sign; of several, all are told.
    async fn check_can_own(&mut self, act: &Act, cycle: &Cycle, named: &[PartnershipId]) -> Result<(), StoreError> {
        if named.is_empty() {
            return Ok(());
        }
        let region = self.region();
        let day = civil_day(act.at, self.get_region(region).await?.zone);
        let committee = self.get_committee(cycle.committee).await?;
        let mut led_by_nobody = Vec::new();
        for id in named {
            if !committee.partnerships.contains(id) {
                return Err(Refusal::NotOwed.into());
            }
            let leads: i64 = on!(self, |c| sqlx::query_scalar(COUNT_LEADS)
                .bind(region.0)
                .bind(id.0)
                .bind(day)
                // Who writes it does not sign it.
                .bind(act.actor.person().map_or_else(Uuid::nil, |id| id.0))
                .fetch_one(c)
                .await)?;
            if leads == 0 {
                led_by_nobody.push(self.get_partnership(*id).await?.name);
            }
        }
        if led_by_nobody.is_empty() { Ok(()) } else { Err(Refusal::NobodySigns(led_by_nobody).into()) }
    }

    async fn take_joint_step(
        &mut self,
        act: &Act,
        old: &JointOwner,
        deed: JointDeed,
        who: &Signatory,
        reason: Option<&Line>,
    ) -> Result<(), StoreError> {
        let region = self.region();
        let state = after(old.state, deed, who).map_err(Refusal::Joint)?;
        let by = act.actor.person();
        let changed = on!(self, |c| sqlx::query(UPDATE_JOINT_OWNER)
            .bind(region.0)
            .bind(old.item.0)
            .bind(old.partnership.0)
            .bind(state.word())
            .bind(by.map(|id| id.0))
            .bind(act.at)
            .bind(reason.map(Line::as_str))
            .bind(old.revision)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        error::check_changed("joint item", changed)?;
        let new = JointOwner { state, by, at: act.at, reason: reason.cloned(), revision: old.revision + 1, ..old.clone() };
        self.audit(act, deed.word(), "joint_item", old.item.0, Some(facts(old)), Some(facts(&new))).await
    }

    /// The text is changed: what the other owners signed, or have read and are about to sign, is not what stands. Not of those who
    /// were named with the change.
    pub(crate) async fn alter_joint(&mut self, act: &Act, item: NewsItemId, named: &[PartnershipId]) -> Result<(), StoreError> {
        for old in self.joint_owners(item).await? {
            if !named.contains(&old.partnership) {
                self.take_joint_step(act, &old, JointDeed::Alter, &Signatory::apart(Hand::Officer), None).await?;
            }
        }
        Ok(())
    }

    /// A paper with these joint items has just been frozen. Refuses where the signatures that stand by now are others than were
    /// gathered.
    pub(crate) async fn freeze_joint(
        &mut self,
        act: &Act,
        cycle: CycleId,
        gathered: &[(NewsItemId, PartnershipId, i64)],
        printed: &[NewsItemId],
    ) -> Result<(), StoreError> {
        let owners = self.joint_of_cycle(cycle).await?;
        if !owners.iter().map(|owner| (owner.item, owner.partnership, owner.revision)).eq(gathered.iter().copied()) {
            return Err(StoreError::Changed("joint item"));
        }
        let hand = if matches!(act.actor, Actor::System) { Hand::Schedule } else { Hand::Editor };
        for old in owners.iter().filter(|owner| printed.contains(&owner.item) && owner.state != JointState::Frozen) {
            self.take_joint_step(act, old, JointDeed::Freeze, &Signatory::apart(hand), None).await?;
        }
        Ok(())
    }

    /// The round of `at` has spoken of what waits for owners in a cycle.
    pub(crate) async fn tell_joint(&mut self, cycle: CycleId, at: Instant) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(TELL_JOINT).bind(region.0).bind(cycle.0).bind(at).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// A letter of the round of `at` has not set out: what it spoke of is told by another.
    pub(crate) async fn untell_joint(&mut self, at: Instant) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(UNTELL_JOINT).bind(region.0).bind(at).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// The wording of an item that is printed in place of what was sent in.
    async fn worded_for_print(&mut self, item: &NewsItem) -> Result<Option<Wording>, StoreError> {
        let living = self.living_wordings(item.cycle, Subject::News(item.id)).await?;
        Ok(living.into_iter().find(|wording| wording.state == WordingState::Accepted && wording.of_revision == item.revision))
    }

    /// Everyone who wrote any of an item as it would be printed.
    async fn joint_writers(&mut self, item: &NewsItem) -> Result<Vec<PersonId>, StoreError> {
        let mut writers = self.writers(item.id).await?;
        let living = self.living_wordings(item.cycle, Subject::News(item.id)).await?;
        writers.extend(living.iter().filter(|wording| wording.state == WordingState::Accepted).map(|wording| wording.by));
        Ok(writers)
    }

    /// A joint item as one of its owners sees it, or with no owner named, whoever may see all. To whoever owns none of it, it is not
    /// there.
    async fn joint_item(&mut self, owner: Option<PartnershipId>, id: NewsItemId) -> Result<JointItem, StoreError> {
        let absent = || StoreError::NotFound("joint item");
        if self.scope().partnership().is_some() {
            return Err(absent());
        }
        let owners = self.joint_owners(id).await?;
        let first = owners.first().ok_or_else(absent)?.first;
        if owner.is_some_and(|owner| first != owner && !owners.iter().any(|one| one.partnership == owner)) {
            return Err(absent());
        }
        let mut item = self.get_news_item(NewsOwner::Partnership(first), id).await?;
        if let Some(Wording { proposed: Words::News { headline, body }, .. }) = self.worded_for_print(&item).await? {
            (item.headline, item.body) = (headline, body);
        }
        let cycle = self.get_cycle(item.cycle).await?;
        let signing = self.signing_for(&cycle).await?.contains(&first);
        let first_state = match self.find_return(first, cycle.id).await?.map(|answer| answer.state) {
            Some(ReturnState::Frozen) => JointState::Frozen,
            state if !signing || state.is_some_and(|state| state.prints(signing)) => JointState::Signed,
            _ => JointState::Waiting,
        };
        Ok(JointItem { item, first, first_state, owners })
    }
}

impl Store {
    /// A joint item as one of its owners sees it. Not for a partnership's scope, because the text is in another's name: who calls has
    /// made sure that `owner` is theirs.
    pub async fn get_joint_item(&self, scope: Scope, owner: PartnershipId, id: NewsItemId) -> Result<JointItem, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.joint_item(Some(owner), id).await })).await
    }

    /// The joint items that a partnership owns, as the first or another owner, or all, in order of submission. Scope: as above.
    pub async fn list_joint_items(
        &self,
        scope: Scope,
        owner: Option<PartnershipId>,
        cycle: Option<CycleId>,
        page: Page,
    ) -> Result<Listing<JointItem>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                if tx.scope().partnership().is_some() {
                    return Err(StoreError::NotFound("partnership"));
                }
                let region = tx.region();
                let ids: Vec<Uuid> = on!(tx, |c| sqlx::query_scalar(LIST_JOINT_ITEMS)
                    .bind(region.0)
                    .bind(owner.is_none())
                    .bind(owner.map_or_else(Uuid::nil, |id| id.0))
                    .bind(cycle.is_none())
                    .bind(cycle.map_or_else(Uuid::nil, |id| id.0))
                    .bind(page.after)
                    .bind(page.limit())
                    .fetch_all(c)
                    .await)?;
                let mut items = Vec::with_capacity(ids.len());
                for id in ids {
                    items.push(tx.joint_item(owner, NewsItemId(id)).await?);
                }
                Ok(Listing::cut(items, page, |joint| joint.item.id.0))
            })
        })
        .await
    }

    /// An owner's lead signs a joint item or sends it back, until it is in a frozen paper. Scope: as above.
    pub async fn step_joint_item(&self, scope: Scope, act: &Act, by: PersonId, step: JointStep) -> Result<JointItem, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let found = tx.joint_item(Some(step.partnership), step.item).await?;
                let cycle = tx.cycle_for_signing(found.item.cycle).await?;
                // Read again: nobody else changes it from now on.
                let found = tx.joint_item(Some(step.partnership), step.item).await?;
                match cycle.state {
                    CycleState::Published => return Err(Refusal::AlreadyReleased.into()),
                    CycleState::Cancelled => return Err(Refusal::CycleCancelled.into()),
                    CycleState::Planned | CycleState::Open | CycleState::Closed => {}
                }
                // Who reports to the committee no more has no say; what it signed stays signed.
                tx.check_owed(&cycle, step.partnership).await?;
                if found.item.state == NewsState::Withdrawn {
                    return Err(Refusal::AlreadyWithdrawn.into());
                }
                // The first owner answers for it with its return.
                let old = found.owners.iter().find(|owner| owner.partnership == step.partnership).ok_or(Refusal::FirstOwnerSigns)?;
                error::check_revision("joint item", step.revision, old.revision)?;
                let writer = tx.joint_writers(&found.item).await?.contains(&by);
                let who = Signatory { hands: step.hands, writer };
                tx.take_joint_step(&act, old, step.deed, &who, step.reason.as_ref()).await?;
                tx.joint_item(Some(step.partnership), step.item).await
            })
        })
        .await
    }

    /// What waits for owners' signatures in a region, or was sent back, the oldest first. Scope: as above.
    pub async fn list_open_joint(&self, scope: Scope) -> Result<Vec<OpenJoint>, StoreError> {
        self.read(scope, |tx| {
            Box::pin(async move {
                if tx.scope().partnership().is_some() {
                    return Err(StoreError::NotFound("region"));
                }
                let region = tx.region();
                let rows: Vec<OpenRow> = on!(tx, |c| sqlx::query_as(LIST_OPEN_JOINT).bind(region.0).fetch_all(c).await)?;
                let written: Vec<(Uuid, Uuid)> = match rows.as_slice() {
                    [] => Vec::new(),
                    _ => on!(tx, |c| sqlx::query_as(LIST_OPEN_WRITERS).bind(region.0).fetch_all(c).await)?,
                };
                let mut writers: HashMap<Uuid, Vec<PersonId>> = HashMap::new();
                for (item, writer) in written {
                    writers.entry(item).or_default().push(PersonId(writer));
                }
                let mut open: Vec<OpenJoint> = Vec::with_capacity(rows.len());
                for row in rows {
                    let owner: JointOwner = row.owner.try_into()?;
                    let writers = writers.get(&owner.item.0).cloned().unwrap_or_default();
                    let headline = Line::parse(&row.headline, Line::SENTENCE).map_err(|_| error::inconsistent("news_items", "headline"))?;
                    open.push(OpenJoint { owner, cycle: CycleId(row.cycle_id), told: row.told_at.is_some(), headline, writers });
                }
                open.sort_by_key(|joint| joint.owner.item.0);
                Ok(open)
            })
        })
        .await
    }
}
