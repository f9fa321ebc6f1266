//! Regions.

use chrono_tz::Tz;
use csp_domain::{
    Act, Scope,
    clock::Instant,
    id::{RegionId, Slug},
    region::{NewRegion, Region},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Listing, Page, Store, StoreError,
    audit::Facts,
    engine::on,
    error,
    statement::{Statement, statements},
    unit::Tx,
    walls,
};

statements! {
    INSERT_REGION = "INSERT INTO regions (region_id, slug, name, zone, created_at, revision) VALUES ($1, $2, $3, $4, $5, 1)";
    UPDATE_REGION = "UPDATE regions SET name = $2, zone = $3, revision = revision + 1 WHERE region_id = $1 AND revision = $4";
    GET_REGION = "SELECT region_id, slug, name, zone, created_at, revision FROM regions WHERE region_id = $1";
    /// For whoever runs the service: here the identifier is a key, not a wall.
    GET_ANY_REGION = "SELECT region_id, slug, name, zone, created_at, revision FROM regions WHERE $1 = region_id";
    FIND_REGION = "SELECT region_id, slug, name, zone, created_at, revision FROM regions WHERE slug = $1";
    LIST_REGIONS = "SELECT region_id, slug, name, zone, created_at, revision FROM regions WHERE region_id > $1 ORDER BY region_id LIMIT $2";
}

/// The tables that hold a region's rows, in an order in which they can be emptied: whatever refers comes
/// before what it refers to.
macro_rules! forget {
    ($($name:ident $table:literal;)*) => {
        $(const $name: Statement = Statement::new(concat!("DELETE FROM ", $table, " WHERE region_id = $1"));)*
        /// Statements that together leave nothing of a region.
        pub(crate) const FORGET: &[(&str, Statement)] = &[$((stringify!($name), $name)),*];
    };
}
forget! {
    FORGET_AUDIT_PERSONAL "audit_personal";
    FORGET_AUDIT "audit";
    FORGET_REQUESTS "requests";
    FORGET_JOB_RUNS "job_runs";
    FORGET_JOB_ORDERS "job_orders";
    FORGET_DIARY_LINKS "diary_links";
    FORGET_MESSAGES "messages";
    FORGET_MESSAGE_BODIES "message_bodies";
    FORGET_DIGEST_RENDITIONS "digest_renditions";
    FORGET_DIGEST_PUBLIC_DOCUMENTS "digest_public_documents";
    FORGET_DIGESTS "digests";
    FORGET_WORDINGS "wordings";
    FORGET_JOINT_OWNERS "joint_owners";
    FORGET_QUOTED_FIGURES "quoted_figures";
    FORGET_OBSERVATIONS "observations";
    FORGET_RETURN_STEPS "return_steps";
    FORGET_EXPLANATIONS "explanations";
    FORGET_RECEIPT_WISHES "receipt_wishes";
    FORGET_RETURN_REVISIONS "return_revisions";
    FORGET_RETURNS "returns";
    FORGET_NEWS_ITEMS "news_items";
    FORGET_EXTENSIONS "extensions";
    FORGET_CYCLE_MOVES "cycle_moves";
    FORGET_CYCLE_PLANS "cycle_plans";
    FORGET_CYCLES "cycles";
    FORGET_HISTORY "history";
    FORGET_HISTORY_IMPORTS "history_imports";
    FORGET_MEMBERS "members";
    FORGET_ROLE_GRANTS "role_grants";
    FORGET_COMMITTEE_EXEMPTIONS "committee_exemptions";
    FORGET_COMMITTEE_INDICATORS "committee_indicators";
    FORGET_COMMITTEE_PARTNERSHIPS "committee_partnerships";
    FORGET_COMMITTEE_RULES "committee_rules";
    FORGET_COMMITTEES "committees";
    FORGET_CONTEXT_NOTES "context_notes";
    FORGET_TARGETS "targets";
    FORGET_INDICATORS "indicators";
    FORGET_POPULATIONS "populations";
    FORGET_TOKENS "tokens";
    FORGET_PERSONS "persons";
    FORGET_PARTNERSHIPS "partnerships";
    FORGET_CLOSED_DAYS "closed_days";
    FORGET_CHECK_SETTINGS "check_settings";
    FORGET_REGION "regions";
}

#[derive(sqlx::FromRow)]
struct Row {
    region_id: Uuid,
    slug: String,
    name: String,
    zone: String,
    created_at: Instant,
    revision: i64,
}

impl TryFrom<Row> for Region {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("regions", column);
        Ok(Self {
            id: RegionId(row.region_id),
            slug: row.slug.parse().map_err(|_| bad("slug"))?,
            name: Line::parse(&row.name, Line::NAME).map_err(|_| bad("name"))?,
            zone: row.zone.parse().map_err(|_| bad("zone"))?,
            created_at: row.created_at,
            revision: row.revision,
        })
    }
}

fn facts(region: &Region) -> Facts {
    Facts::open(json!({ "slug": region.slug.as_str(), "name": region.name.as_str(), "zone": region.zone.name() }))
}

impl Tx {
    pub(crate) async fn get_region(&mut self, id: RegionId) -> Result<Region, StoreError> {
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_REGION).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("region"))?.try_into()
    }
}

impl Store {
    /// Sets up a region. In the scope of the system.
    pub async fn create_region(&self, act: &Act, new: NewRegion) -> Result<Region, StoreError> {
        let act = act.clone();
        self.apply(Scope::System, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    tx.narrow(Scope::Region(RegionId(id))).await?;
                    return tx.get_region(RegionId(id)).await;
                }
                on!(tx, |c| sqlx::query(INSERT_REGION)
                    .bind(new.id.0)
                    .bind(new.slug.as_str())
                    .bind(new.name.as_str())
                    .bind(new.zone.name())
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|_| ()))
                .map_err(|e| StoreError::from(e).or_exists(|| format!("a region {}", new.slug)))?;
                let region =
                    Region { id: new.id, slug: new.slug.clone(), name: new.name.clone(), zone: new.zone, created_at: act.at, revision: 1 };
                tx.audit(&act, "create", "region", new.id.0, None, Some(facts(&region))).await?;
                tx.remember(&act, new.id.0).await?;
                tx.narrow(Scope::Region(new.id)).await?;
                tx.get_region(new.id).await
            })
        })
        .await
    }

    /// The region with a short name. `scope` decides whether it is seen.
    pub async fn find_region(&self, scope: Scope, slug: &Slug) -> Result<Region, StoreError> {
        let slug = slug.clone();
        self.read(scope, move |tx| {
            Box::pin(async move {
                let row: Option<Row> = on!(tx, |c| sqlx::query_as(FIND_REGION).bind(slug.as_str()).fetch_optional(c).await)?;
                let region: Region = row.ok_or(StoreError::NotFound("region"))?.try_into()?;
                match tx.scope().region() {
                    Some(own) if own != region.id && walls::predicates_stand() => Err(StoreError::NotFound("region")),
                    _ => Ok(region),
                }
            })
        })
        .await
    }

    /// The region of the scope.
    pub async fn get_region(&self, scope: Scope) -> Result<Region, StoreError> {
        self.read(scope, |tx| {
            Box::pin(async move {
                let id = tx.region();
                tx.get_region(id).await
            })
        })
        .await
    }

    /// All regions but `system`, in order of creation.
    pub async fn list_regions(&self, page: Page) -> Result<Listing<Region>, StoreError> {
        self.read(Scope::System, move |tx| {
            Box::pin(async move {
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_REGIONS).bind(page.after).bind(page.limit()).fetch_all(c).await)?;
                let items = rows.into_iter().map(Region::try_from).collect::<Result<Vec<_>, _>>()?;
                Ok(Listing::cut(items, page, |region| region.id.0))
            })
        })
        .await
    }

    /// Changes a region. `revision`, if given, must be the one that was read.
    pub async fn update_region(
        &self,
        scope: Scope,
        act: &Act,
        name: Option<Line>,
        zone: Option<Tz>,
        revision: Option<i64>,
    ) -> Result<Region, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let id = tx.region();
                let old = tx.get_region(id).await?;
                error::check_revision("region", revision, old.revision)?;
                let name = name.unwrap_or_else(|| old.name.clone());
                let zone = zone.unwrap_or(old.zone);
                let changed = on!(tx, |c| sqlx::query(UPDATE_REGION)
                    .bind(id.0)
                    .bind(name.as_str())
                    .bind(zone.name())
                    .bind(old.revision)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                error::check_changed("region", changed)?;
                let new = tx.get_region(id).await?;
                tx.audit(&act, "update", "region", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }

    /// Removes a region and everything in it. What remains is one row in the audit of `system`.
    pub async fn delete_region(&self, act: &Act, id: RegionId, revision: i64) -> Result<(), StoreError> {
        let act = act.clone();
        self.apply(Scope::System, act.dry_run, move |tx| {
            Box::pin(async move {
                if id == RegionId::SYSTEM {
                    return Err(StoreError::NotFound("region"));
                }
                let row: Option<Row> = on!(tx, |c| sqlx::query_as(GET_ANY_REGION).bind(id.0).fetch_optional(c).await)?;
                let old: Region = row.ok_or(StoreError::NotFound("region"))?.try_into()?;
                error::check_revision("region", Some(revision), old.revision)?;
                tx.audit(&act, "delete", "region", id.0, Some(facts(&old)), None).await?;
                // From here on the unit sees nothing but what it may delete.
                tx.narrow(Scope::Region(id)).await?;
                for (_, statement) in FORGET {
                    on!(tx, |c| sqlx::query(*statement).bind(id.0).execute(c).await.map(|_| ()))?;
                }
                Ok(())
            })
        })
        .await
    }
}
