//! News items.

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    clock::Instant,
    cycle::Sent,
    id::{CommitteeId, CycleId, NewsItemId, PartnershipId, PersonId},
    narrative::Narrative,
    news::{NewNewsItem, NewsItem, NewsKind, NewsOwner, NewsState},
    text::Line,
    wording::Subject,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_NEWS_ITEM = "INSERT INTO news_items (region_id, news_item_id, partnership_id, committee_id, cycle_id, kind, state, headline, body, happened_on, \
        submitted_by, submitted_at, revision) VALUES ($1, $2, $3, $4, $5, $6, 'submitted', $7, $8, $9, $10, $11, 1)";
    UPDATE_NEWS_ITEM = "UPDATE news_items SET kind = $3, state = $4, headline = $5, body = $6, happened_on = $7, submitted_by = $8, submitted_at = $9, \
        revision = revision + 1 WHERE region_id = $1 AND news_item_id = $2 AND revision = $10";
    GET_NEWS_ITEM = "SELECT news_item_id, partnership_id, committee_id, cycle_id, kind, state, headline, body, happened_on, submitted_by, submitted_at, revision \
        FROM news_items WHERE region_id = $1 AND news_item_id = $2";
    LIST_NEWS_OF_PARTNERSHIP = "SELECT news_item_id, partnership_id, committee_id, cycle_id, kind, state, headline, body, happened_on, submitted_by, submitted_at, revision \
        FROM news_items WHERE region_id = $1 AND partnership_id = $2 AND ($3 OR cycle_id = $4) AND news_item_id > $5 ORDER BY news_item_id LIMIT $6";
    LIST_NEWS_OF_COMMITTEE = "SELECT news_item_id, partnership_id, committee_id, cycle_id, kind, state, headline, body, happened_on, submitted_by, submitted_at, revision \
        FROM news_items WHERE region_id = $1 AND committee_id = $2 AND ($3 OR cycle_id = $4) AND news_item_id > $5 ORDER BY news_item_id LIMIT $6";
    LIST_NEWS_OF_ALL = "SELECT news_item_id, partnership_id, committee_id, cycle_id, kind, state, headline, body, happened_on, submitted_by, submitted_at, revision \
        FROM news_items WHERE region_id = $1 AND partnership_id IS NOT NULL AND ($2 OR cycle_id = $3) AND news_item_id > $4 ORDER BY news_item_id LIMIT $5";
    /// What an owner has sent in for a cycle, to be kept within bounds.
    SIZE_OF_NEWS = "SELECT COUNT(*), CAST(COALESCE(SUM(LENGTH(body)), 0) AS BIGINT) FROM news_items \
        WHERE region_id = $1 AND cycle_id = $2 AND (partnership_id = $3 OR committee_id = $3) AND state = 'submitted'";
    /// Everyone who ever had a hand in an item: the row itself knows only the last.
    LIST_WRITERS = "SELECT DISTINCT actor_id FROM audit WHERE region_id = $1 AND subject = 'news_item' AND subject_id = $2 \
        AND action IN ('create', 'update') AND actor_id IS NOT NULL ORDER BY actor_id";
    LIST_WRITERS_OF_CYCLE = "SELECT DISTINCT a.actor_id FROM news_items n JOIN audit a ON a.region_id = n.region_id AND a.subject = 'news_item' \
        AND a.subject_id = n.news_item_id AND a.action IN ('create', 'update') AND a.actor_id IS NOT NULL \
        WHERE n.region_id = $1 AND n.cycle_id = $2 AND n.state = 'submitted' ORDER BY a.actor_id";
    /// In no order: put in order of the key, SQLite would read all of the region's along it.
    LIST_NEWS_OF_CYCLE = "SELECT news_item_id, partnership_id, committee_id, cycle_id, kind, state, headline, body, happened_on, submitted_by, submitted_at, revision \
        FROM news_items WHERE region_id = $1 AND cycle_id = $2 AND state = 'submitted'";
}

#[derive(sqlx::FromRow)]
struct Row {
    news_item_id: Uuid,
    partnership_id: Option<Uuid>,
    committee_id: Option<Uuid>,
    cycle_id: Uuid,
    kind: String,
    state: String,
    headline: String,
    body: String,
    happened_on: Option<NaiveDate>,
    submitted_by: Uuid,
    submitted_at: Instant,
    revision: i64,
}

impl TryFrom<Row> for NewsItem {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("news_items", column);
        let owner = match (row.partnership_id, row.committee_id) {
            (Some(id), None) => NewsOwner::Partnership(PartnershipId(id)),
            (None, Some(id)) => NewsOwner::Committee(CommitteeId(id)),
            _ => return Err(bad("partnership_id")),
        };
        Ok(Self {
            id: NewsItemId(row.news_item_id),
            owner,
            cycle: CycleId(row.cycle_id),
            kind: NewsKind::from_word(&row.kind).ok_or_else(|| bad("kind"))?,
            state: NewsState::from_word(&row.state).ok_or_else(|| bad("state"))?,
            headline: Line::parse(&row.headline, Line::SENTENCE).map_err(|_| bad("headline"))?,
            body: serde_json::from_str(&row.body).map_err(|_| bad("body"))?,
            happened_on: row.happened_on,
            joint: Vec::new(),
            submitted_by: PersonId(row.submitted_by),
            submitted_at: row.submitted_at,
            revision: row.revision,
        })
    }
}

/// The most items that one partnership, or a committee for its national part, may send in for a cycle.
const MAX_ITEMS: i64 = 200;
/// The most they may hold together, in characters of the stored trees, of which the largest single text can
/// have two thirds.
const MAX_SIZE: i64 = 2 * 1024 * 1024;

/// Which items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewsFilter {
    /// In whose name; none: of every partnership.
    pub owner: Option<NewsOwner>,
    /// For which cycle; none: for any.
    pub cycle: Option<CycleId>,
}

/// What may be corrected of an item; none keeps what is.
#[derive(Debug, Clone, Default)]
pub struct NewsChange {
    /// Kind.
    pub kind: Option<NewsKind>,
    /// Headline.
    pub headline: Option<Line>,
    /// Text.
    pub body: Option<Narrative>,
    /// The day it happened; the inner none: on no particular day.
    pub happened_on: Option<Option<NaiveDate>>,
    /// Which partnerships own it besides.
    pub joint: Option<Vec<PartnershipId>>,
    /// Whoever changes it neither owns it nor entered it: it stays the word of who sent it in, and what was taken back stays so.
    pub as_editor: bool,
}

impl NewsChange {
    /// Whether the item would say what it says, and counts.
    fn leaves(&self, old: &NewsItem) -> bool {
        old.state == NewsState::Submitted
            && self.kind.is_none_or(|kind| kind == old.kind)
            && self.headline.as_ref().is_none_or(|headline| *headline == old.headline)
            && self.body.as_ref().is_none_or(|body| *body == old.body)
            && self.happened_on.is_none_or(|day| day == old.happened_on)
            && self.joint.as_ref().is_none_or(|owners| *owners == old.joint)
    }
}

fn facts(n: &NewsItem) -> Facts {
    Facts::open(json!({
        "cycle": n.cycle, "kind": n.kind.word(), "state": n.state.word(), "happened_on": n.happened_on, "joint": n.joint, "revision": n.revision,
    }))
    .and_personal(json!({ "headline": n.headline.as_str(), "body": n.body }))
}

impl Tx {
    /// Refuses what is not the scope's, as if it were not there. The national part is no partnership's.
    fn check_owner(&self, owner: NewsOwner) -> Result<(), StoreError> {
        match owner {
            NewsOwner::Partnership(partnership) => self.check_partnership(partnership),
            NewsOwner::Committee(_) if self.confined_to().is_some() => Err(StoreError::NotFound("committee")),
            NewsOwner::Committee(_) => Ok(()),
        }
    }

    pub(crate) async fn get_news_item(&mut self, owner: NewsOwner, id: NewsItemId) -> Result<NewsItem, StoreError> {
        let region = self.region();
        self.check_owner(owner)?;
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_NEWS_ITEM).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        let mut item: NewsItem = row.ok_or(StoreError::NotFound("news item"))?.try_into()?;
        if item.owner != owner {
            return Err(StoreError::NotFound("news item"));
        }
        self.name_joint(std::slice::from_mut(&mut item)).await?;
        Ok(item)
    }

    /// What will be printed for a cycle.
    pub(crate) async fn news_of_cycle(&mut self, cycle: CycleId) -> Result<Vec<NewsItem>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_NEWS_OF_CYCLE).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        let mut items = rows.into_iter().map(NewsItem::try_from).collect::<Result<Vec<_>, _>>()?;
        items.sort_unstable_by_key(|item| item.id.0);
        self.name_joint(&mut items).await?;
        Ok(items)
    }

    /// Refuses what would make one owner's part too large for a paper that people read, and for a mail.
    async fn check_size(&mut self, owner: NewsOwner, cycle: CycleId) -> Result<(), StoreError> {
        let region = self.region();
        let owner = match owner {
            NewsOwner::Partnership(id) => id.0,
            NewsOwner::Committee(id) => id.0,
        };
        let (items, size): (i64, i64) =
            on!(self, |c| sqlx::query_as(SIZE_OF_NEWS).bind(region.0).bind(cycle.0).bind(owner).fetch_one(c).await)?;
        if items > MAX_ITEMS || size > MAX_SIZE { Err(Refusal::TooMuchNews.into()) } else { Ok(()) }
    }

    /// Everyone who wrote any of an item.
    pub(crate) async fn writers(&mut self, id: NewsItemId) -> Result<Vec<PersonId>, StoreError> {
        let region = self.region();
        let ids: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(LIST_WRITERS).bind(region.0).bind(id.0).fetch_all(c).await)?;
        Ok(ids.into_iter().map(PersonId).collect())
    }

    /// Everyone who wrote any of what counts in a cycle.
    pub(crate) async fn writers_of(&mut self, cycle: CycleId) -> Result<Vec<PersonId>, StoreError> {
        let region = self.region();
        let ids: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(LIST_WRITERS_OF_CYCLE).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        Ok(ids.into_iter().map(PersonId).collect())
    }

    /// `named`: who was made an owner of it with this change.
    async fn store_news_item(
        &mut self,
        act: &Act,
        action: &'static str,
        old: &NewsItem,
        new: &NewsItem,
        named: &[PartnershipId],
    ) -> Result<NewsItem, StoreError> {
        let region = self.region();
        let body = body_json(&new.body)?;
        let changed = on!(self, |c| sqlx::query(UPDATE_NEWS_ITEM)
            .bind(region.0)
            .bind(old.id.0)
            .bind(new.kind.word())
            .bind(new.state.word())
            .bind(new.headline.as_str())
            .bind(&body)
            .bind(new.happened_on)
            .bind(new.submitted_by.0)
            .bind(act.at)
            .bind(old.revision)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        error::check_changed("news item", changed)?;
        let stored = self.get_news_item(old.owner, old.id).await?;
        self.audit(act, action, "news_item", old.id.0, Some(facts(old)), Some(facts(&stored))).await?;
        self.lapse_wordings(act, old.cycle, Subject::News(old.id)).await?;
        self.alter_joint(act, old.id, named).await?;
        Ok(stored)
    }
}

fn body_json(body: &Narrative) -> Result<String, StoreError> {
    serde_json::to_string(body).map_err(|error| StoreError::Failed(Box::new(error)))
}

/// The partnership that must owe the cycle something; nobody owes the national part.
fn debtor(owner: NewsOwner) -> Option<PartnershipId> {
    match owner {
        NewsOwner::Partnership(id) => Some(id),
        NewsOwner::Committee(_) => None,
    }
}

/// The editor's own part of a paper is written until the freeze.
fn sent(owner: NewsOwner) -> Sent {
    match owner {
        NewsOwner::Partnership(_) => Sent::New,
        NewsOwner::Committee(_) => Sent::Correction,
    }
}

impl Store {
    /// Takes in an item, while its cycle accepts submissions.
    pub async fn create_news_item(&self, scope: Scope, act: &Act, by: PersonId, new: NewNewsItem) -> Result<NewsItem, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_news_item(new.owner, NewsItemId(id)).await;
                }
                tx.check_owner(new.owner)?;
                let cycle = tx.cycle_for_submission(new.cycle, debtor(new.owner), sent(new.owner), act.at).await?;
                let (partnership, committee) = match new.owner {
                    NewsOwner::Partnership(id) => (Some(id.0), None),
                    NewsOwner::Committee(id) if id == cycle.committee => (None, Some(id.0)),
                    NewsOwner::Committee(_) => return Err(StoreError::NotFound("cycle")),
                };
                let region = tx.region();
                let body = body_json(&new.body)?;
                on!(tx, |c| sqlx::query(INSERT_NEWS_ITEM)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(partnership)
                    .bind(committee)
                    .bind(new.cycle.0)
                    .bind(new.kind.word())
                    .bind(new.headline.as_str())
                    .bind(&body)
                    .bind(new.happened_on)
                    .bind(by.0)
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                tx.alter_return(&act, debtor(new.owner), new.cycle).await?;
                let mut made = tx.get_news_item(new.owner, new.id).await?;
                made.joint = new.joint;
                tx.check_size(new.owner, new.cycle).await?;
                tx.audit(&act, "create", "news_item", new.id.0, None, Some(facts(&made))).await?;
                if !made.joint.is_empty() {
                    tx.name_owners(&act, &made, &cycle, &made.joint).await?;
                }
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// One item of `owner`.
    pub async fn get_news_item(&self, scope: Scope, owner: NewsOwner, id: NewsItemId) -> Result<NewsItem, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_news_item(owner, id).await })).await
    }

    /// Items, withdrawn ones included, in order of submission.
    pub async fn list_news_items(&self, scope: Scope, filter: NewsFilter, page: Page) -> Result<Listing<NewsItem>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let any_cycle = filter.cycle.is_none();
                let cycle = filter.cycle.map_or_else(Uuid::nil, |id| id.0);
                let rows: Vec<Row> = match filter.owner {
                    Some(owner) => {
                        tx.check_owner(owner)?;
                        let (text, id) = match owner {
                            NewsOwner::Partnership(id) => (LIST_NEWS_OF_PARTNERSHIP, id.0),
                            NewsOwner::Committee(id) => (LIST_NEWS_OF_COMMITTEE, id.0),
                        };
                        on!(tx, |c| sqlx::query_as(text)
                            .bind(region.0)
                            .bind(id)
                            .bind(any_cycle)
                            .bind(cycle)
                            .bind(page.after)
                            .bind(page.limit())
                            .fetch_all(c)
                            .await)?
                    }
                    None if tx.confined_to().is_some() => return Err(StoreError::NotFound("partnership")),
                    None => on!(tx, |c| sqlx::query_as(LIST_NEWS_OF_ALL)
                        .bind(region.0)
                        .bind(any_cycle)
                        .bind(cycle)
                        .bind(page.after)
                        .bind(page.limit())
                        .fetch_all(c)
                        .await)?,
                };
                let mut items = rows.into_iter().map(NewsItem::try_from).collect::<Result<Vec<_>, _>>()?;
                tx.name_joint(&mut items).await?;
                Ok(Listing::cut(items, page, |n| n.id.0))
            })
        })
        .await
    }

    /// Corrects an item, while its cycle accepts submissions. A withdrawn item counts again.
    #[expect(clippy::too_many_arguments, reason = "each is a different thing, and the types keep them apart")]
    pub async fn update_news_item(
        &self,
        scope: Scope,
        act: &Act,
        by: PersonId,
        owner: NewsOwner,
        id: NewsItemId,
        change: NewsChange,
        revision: Option<i64>,
    ) -> Result<NewsItem, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_news_item(owner, id).await?;
                error::check_revision("news item", revision, old.revision)?;
                let cycle = tx.cycle_for_submission(old.cycle, debtor(owner), Sent::Correction, act.at).await?;
                // What changes nothing takes nobody's signature away.
                if change.leaves(&old) {
                    return Ok(old);
                }
                tx.alter_return(&act, debtor(owner), old.cycle).await?;
                let named = match &change.joint {
                    Some(others) => tx.name_owners(&act, &old, &cycle, others).await?,
                    None => Vec::new(),
                };
                if change.as_editor && old.state == NewsState::Withdrawn {
                    return Err(Refusal::AlreadyWithdrawn.into());
                }
                let mut new = old.clone();
                new.state = NewsState::Submitted;
                if !change.as_editor {
                    new.submitted_by = by;
                }
                new.kind = change.kind.unwrap_or(old.kind);
                new.headline = change.headline.unwrap_or_else(|| old.headline.clone());
                new.body = change.body.unwrap_or_else(|| old.body.clone());
                new.happened_on = change.happened_on.unwrap_or(old.happened_on);
                let stored = tx.store_news_item(&act, "update", &old, &new, &named).await?;
                tx.check_size(owner, old.cycle).await?;
                Ok(stored)
            })
        })
        .await
    }

    /// Takes an item back, while its cycle accepts submissions.
    pub async fn withdraw_news_item(
        &self,
        scope: Scope,
        act: &Act,
        owner: NewsOwner,
        id: NewsItemId,
        revision: Option<i64>,
    ) -> Result<NewsItem, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_news_item(owner, id).await?;
                error::check_revision("news item", revision, old.revision)?;
                tx.cycle_for_submission(old.cycle, debtor(owner), Sent::Correction, act.at).await?;
                if old.state == NewsState::Withdrawn {
                    return Err(Refusal::AlreadyWithdrawn.into());
                }
                tx.alter_return(&act, debtor(owner), old.cycle).await?;
                // It stays the word of who sent it in: who takes back what another sent must not come to own it.
                let new = NewsItem { state: NewsState::Withdrawn, ..old.clone() };
                tx.store_news_item(&act, "withdraw", &old, &new, &[]).await
            })
        })
        .await
    }
}
