//! Roles held by persons.

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    id::{CommitteeId, PartnershipId, PersonId, RoleGrantId},
    period::uk_date,
    person::{Role, RoleGrant},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Listing, Page, Refusal, Store, StoreError,
    audit::Facts,
    engine::{HOLDERS_FOR_ENDING, on},
    error,
    statement::statements,
    unit::Tx,
};

statements! {
    INSERT_ROLE_GRANT = "INSERT INTO role_grants (region_id, role_grant_id, person_id, role, committee_id, partnership_id, deputy, starts_on, ends_on, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    END_ROLE_GRANT = "UPDATE role_grants SET ends_on = $3 WHERE region_id = $1 AND role_grant_id = $2";
    DELETE_ROLE_GRANT = "DELETE FROM role_grants WHERE region_id = $1 AND role_grant_id = $2";
    GET_ROLE_GRANT = "SELECT role_grant_id, person_id, role, committee_id, partnership_id, deputy, starts_on, ends_on FROM role_grants \
        WHERE region_id = $1 AND role_grant_id = $2";
    LIST_ROLE_GRANTS = "SELECT role_grant_id, person_id, role, committee_id, partnership_id, deputy, starts_on, ends_on FROM role_grants \
        WHERE region_id = $1 AND person_id = $2 AND role_grant_id > $3 ORDER BY role_grant_id LIMIT $4";
    LIST_HOLDERS = "SELECT role_grant_id, person_id, role, committee_id, partnership_id, deputy, starts_on, ends_on FROM role_grants \
        WHERE region_id = $1 AND role = $2 ORDER BY role_grant_id";
}

#[derive(sqlx::FromRow)]
struct Row {
    role_grant_id: Uuid,
    person_id: Uuid,
    role: String,
    committee_id: Option<Uuid>,
    partnership_id: Option<Uuid>,
    deputy: bool,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
}

impl TryFrom<Row> for RoleGrant {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let role = Role::from_parts(&row.role, row.committee_id.map(CommitteeId), row.partnership_id.map(PartnershipId));
        Ok(Self {
            id: RoleGrantId(row.role_grant_id),
            person: PersonId(row.person_id),
            role: role.ok_or_else(|| error::inconsistent("role_grants", "role"))?,
            deputy: row.deputy,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
        })
    }
}

fn facts(g: &RoleGrant) -> Facts {
    Facts::open(json!({
        "person": g.person, "role": g.role.word(), "committee": g.role.committee(), "partnership": g.role.partnership(),
        "deputy": g.deputy, "starts_on": g.starts_on, "ends_on": g.ends_on,
    }))
}

impl Tx {
    async fn get_role_grant(&mut self, id: RoleGrantId) -> Result<RoleGrant, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_ROLE_GRANT).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("role"))?.try_into()
    }

    pub(crate) async fn role_grants(&mut self, person: PersonId, page: Page) -> Result<Vec<RoleGrant>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_ROLE_GRANTS)
            .bind(region.0)
            .bind(person.0)
            .bind(page.after)
            .bind(page.limit())
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Store {
    /// Grants a role, which the person does not hold on any of its days.
    pub async fn create_role_grant(&self, scope: Scope, act: &Act, new: RoleGrant) -> Result<RoleGrant, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_role_grant(RoleGrantId(id)).await;
                }
                if new.ends_on.is_some_and(|end| end < new.starts_on) {
                    return Err(Refusal::EndsBeforeStart.into());
                }
                let region = tx.region();
                tx.get_person(new.person).await?;
                if let Some(id) = new.role.committee() {
                    tx.get_committee(id).await?;
                }
                if let Some(id) = new.role.partnership() {
                    tx.get_partnership(id).await?;
                }
                tx.alone(&format!("roles of {}", new.person)).await?;
                if let Some(held) = tx.role_grants(new.person, Page::all()).await?.into_iter().find(|held| held.doubles(&new)) {
                    let until = held.ends_on.map_or_else(String::new, |end| format!(" to {}", uk_date(end)));
                    return Err(StoreError::AlreadyExists(format!("this role of theirs, from {}{until}", uk_date(held.starts_on))));
                }
                on!(tx, |c| sqlx::query(INSERT_ROLE_GRANT)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(new.person.0)
                    .bind(new.role.word())
                    .bind(new.role.committee().map(|id| id.0))
                    .bind(new.role.partnership().map(|id| id.0))
                    .bind(new.deputy)
                    .bind(new.starts_on)
                    .bind(new.ends_on)
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                tx.audit(&act, "create", "role_grant", new.id.0, None, Some(facts(&new))).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(new)
            })
        })
        .await
    }

    /// One role grant.
    pub async fn get_role_grant(&self, scope: Scope, id: RoleGrantId) -> Result<RoleGrant, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_role_grant(id).await })).await
    }

    /// A person's roles, past and future ones included.
    pub async fn list_role_grants(&self, scope: Scope, person: PersonId, page: Page) -> Result<Listing<RoleGrant>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                tx.get_person(person).await?;
                let items = tx.role_grants(person, page).await?;
                Ok(Listing::cut(items, page, |g| g.id.0))
            })
        })
        .await
    }

    /// Everyone who holds or held a kind of role, in order of granting.
    pub async fn list_holders(&self, scope: Scope, role: Role) -> Result<Vec<RoleGrant>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_HOLDERS).bind(region.0).bind(role.word()).fetch_all(c).await)?;
                let grants: Vec<RoleGrant> = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
                Ok(grants.into_iter().filter(|grant| grant.role == role).collect())
            })
        })
        .await
    }

    /// Ends a role with the day before `today`; one that has not begun is removed. The last
    /// administrator cannot be ended: nobody could let anybody in again.
    pub async fn end_role_grant(&self, scope: Scope, act: &Act, id: RoleGrantId, today: NaiveDate) -> Result<RoleGrant, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let old = tx.get_role_grant(id).await?;
                if matches!(old.role, Role::Administrator | Role::SystemAdministrator) && old.holds_on(today) {
                    let text = HOLDERS_FOR_ENDING.on(&tx.conn);
                    let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(text).bind(region.0).bind(old.role.word()).fetch_all(c).await)?;
                    let others: Vec<RoleGrant> = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
                    if !others.iter().any(|g| g.id != id && g.holds_on(today) && g.ends_on.is_none()) {
                        return Err(Refusal::LastOne.into());
                    }
                }
                let mut new = old.clone();
                new.ends_on = today.pred_opt();
                if old.starts_on >= today {
                    on!(tx, |c| sqlx::query(DELETE_ROLE_GRANT).bind(region.0).bind(id.0).execute(c).await.map(|_| ()))?;
                } else if old.ends_on.is_none_or(|end| end >= today) {
                    on!(tx, |c| sqlx::query(END_ROLE_GRANT).bind(region.0).bind(id.0).bind(new.ends_on).execute(c).await.map(|_| ()))?;
                } else {
                    return Ok(old);
                }
                tx.audit(&act, "end", "role_grant", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }
}
