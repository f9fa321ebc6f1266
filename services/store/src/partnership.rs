//! Partnerships.

use csp_domain::{
    Act, Scope,
    clock::Instant,
    id::{CommitteeId, PartnershipId, Slug},
    partnership::{NewPartnership, Partnership, Peers},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_PARTNERSHIP = "INSERT INTO partnerships (region_id, partnership_id, slug, ons_code, name, created_at, comparison_group, revision) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 1)";
    UPDATE_PARTNERSHIP = "UPDATE partnerships SET name = $3, comparison_group = $5, revision = revision + 1 \
        WHERE region_id = $1 AND partnership_id = $2 AND revision = $4";
    GET_PARTNERSHIP = "SELECT partnership_id, slug, ons_code, name, comparison_group, created_at, revision FROM partnerships WHERE region_id = $1 AND partnership_id = $2";
    FIND_PARTNERSHIP = "SELECT partnership_id, slug, ons_code, name, comparison_group, created_at, revision FROM partnerships WHERE region_id = $1 AND slug = $2";
    LIST_PARTNERSHIPS = "SELECT partnership_id, slug, ons_code, name, comparison_group, created_at, revision FROM partnerships \
        WHERE region_id = $1 AND partnership_id > $2 ORDER BY partnership_id LIMIT $3";
    LIST_PARTNERSHIPS_OF_COMMITTEE = "SELECT p.partnership_id, p.slug, p.ons_code, p.name, p.comparison_group, p.created_at, p.revision \
        FROM committee_partnerships m JOIN partnerships p ON p.region_id = m.region_id AND p.partnership_id = m.partnership_id \
        WHERE m.region_id = $1 AND m.committee_id = $2 ORDER BY m.position";
}

#[derive(sqlx::FromRow)]
struct Row {
    partnership_id: Uuid,
    slug: String,
    ons_code: String,
    name: String,
    comparison_group: Option<String>,
    created_at: Instant,
    revision: i64,
}

impl TryFrom<Row> for Partnership {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("partnerships", column);
        Ok(Self {
            id: PartnershipId(row.partnership_id),
            slug: row.slug.parse().map_err(|_| bad("slug"))?,
            ons_code: row.ons_code.parse().map_err(|_| bad("ons_code"))?,
            name: Line::parse(&row.name, Line::NAME).map_err(|_| bad("name"))?,
            peers: row.comparison_group.map(|json| serde_json::from_str(&json)).transpose().map_err(|_| bad("comparison_group"))?,
            created_at: row.created_at,
            revision: row.revision,
        })
    }
}

fn facts(p: &Partnership) -> Facts {
    Facts::open(json!({ "slug": p.slug.as_str(), "ons_code": p.ons_code.as_str(), "name": p.name.as_str(), "peers": p.peers }))
}

fn to_json(peers: Option<&Peers>) -> Result<Option<String>, StoreError> {
    peers.map(serde_json::to_string).transpose().map_err(|e| StoreError::Failed(Box::new(e)))
}

/// What may be changed of a partnership; none keeps what is.
#[derive(Debug, Clone, Default)]
pub struct PartnershipChange {
    /// What it is called.
    pub name: Option<Line>,
    /// Whom it is compared with; the inner none: nobody.
    pub peers: Option<Option<Peers>>,
}

impl From<Option<Line>> for PartnershipChange {
    /// A new name and nothing else.
    fn from(name: Option<Line>) -> Self {
        Self { name, peers: None }
    }
}

impl Tx {
    pub(crate) async fn get_partnership(&mut self, id: PartnershipId) -> Result<Partnership, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_PARTNERSHIP).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("partnership"))?.try_into()
    }

    /// The partnerships that report to a committee, in its order.
    pub(crate) async fn partnerships_of(&mut self, committee: CommitteeId) -> Result<Vec<Partnership>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> =
            on!(self, |c| sqlx::query_as(LIST_PARTNERSHIPS_OF_COMMITTEE).bind(region.0).bind(committee.0).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    pub(crate) async fn find_partnership(&mut self, slug: &Slug) -> Result<Partnership, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(FIND_PARTNERSHIP).bind(region.0).bind(slug.as_str()).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("partnership"))?.try_into()
    }
}

impl Store {
    /// Sets up a partnership.
    pub async fn create_partnership(&self, scope: Scope, act: &Act, new: NewPartnership) -> Result<Partnership, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_partnership(PartnershipId(id)).await;
                }
                let region = tx.region();
                let peers = to_json(new.peers.as_ref())?;
                on!(tx, |c| sqlx::query(INSERT_PARTNERSHIP)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(new.slug.as_str())
                    .bind(new.ons_code.as_str())
                    .bind(new.name.as_str())
                    .bind(act.at)
                    .bind(&peers)
                    .execute(c)
                    .await
                    .map(|_| ()))
                .map_err(|e| {
                    StoreError::from(e).or_exists(|| format!("a partnership {} or one with the code {}", new.slug, new.ons_code))
                })?;
                let made = tx.get_partnership(new.id).await?;
                tx.audit(&act, "create", "partnership", new.id.0, None, Some(facts(&made))).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// One partnership.
    pub async fn get_partnership(&self, scope: Scope, id: PartnershipId) -> Result<Partnership, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_partnership(id).await })).await
    }

    /// The partnership with a short name.
    pub async fn find_partnership(&self, scope: Scope, slug: &Slug) -> Result<Partnership, StoreError> {
        let slug = slug.clone();
        self.read(scope, move |tx| Box::pin(async move { tx.find_partnership(&slug).await })).await
    }

    /// The partnerships of the region, in order of creation.
    pub async fn list_partnerships(&self, scope: Scope, page: Page) -> Result<Listing<Partnership>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows: Vec<Row> =
                    on!(tx, |c| sqlx::query_as(LIST_PARTNERSHIPS).bind(region.0).bind(page.after).bind(page.limit()).fetch_all(c).await)?;
                let items = rows.into_iter().map(Partnership::try_from).collect::<Result<Vec<_>, _>>()?;
                Ok(Listing::cut(items, page, |p| p.id.0))
            })
        })
        .await
    }

    /// Changes what a partnership is called, or whom it is compared with.
    pub async fn update_partnership(
        &self,
        scope: Scope,
        act: &Act,
        id: PartnershipId,
        change: impl Into<PartnershipChange>,
        revision: Option<i64>,
    ) -> Result<Partnership, StoreError> {
        let act = act.clone();
        let PartnershipChange { name, peers } = change.into();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_partnership(id).await?;
                error::check_revision("partnership", revision, old.revision)?;
                let region = tx.region();
                let name = name.unwrap_or_else(|| old.name.clone());
                let peers = to_json(peers.as_ref().unwrap_or(&old.peers).as_ref())?;
                let changed = on!(tx, |c| sqlx::query(UPDATE_PARTNERSHIP)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(name.as_str())
                    .bind(old.revision)
                    .bind(&peers)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                error::check_changed("partnership", changed)?;
                let new = tx.get_partnership(id).await?;
                tx.audit(&act, "update", "partnership", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }
}
