//! Persons.

use csp_domain::{
    Act, Scope,
    clock::Instant,
    id::{PersonId, Slug},
    person::{EmailAddress, NewPerson, Person},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_PERSON = "INSERT INTO persons (region_id, person_id, slug, name, email, created_at, revision) VALUES ($1, $2, $3, $4, $5, $6, 1)";
    UPDATE_PERSON = "UPDATE persons SET name = $3, email = $4, revision = revision + 1 WHERE region_id = $1 AND person_id = $2 AND revision = $5";
    GET_PERSON = "SELECT person_id, slug, name, email, created_at, revision FROM persons WHERE region_id = $1 AND person_id = $2";
    FIND_PERSON = "SELECT person_id, slug, name, email, created_at, revision FROM persons WHERE region_id = $1 AND slug = $2";
    FIND_PERSON_BY_EMAIL = "SELECT person_id, slug, name, email, created_at, revision FROM persons WHERE region_id = $1 AND email = $2";
    LIST_PERSONS = "SELECT person_id, slug, name, email, created_at, revision FROM persons \
        WHERE region_id = $1 AND person_id > $2 ORDER BY person_id LIMIT $3";
}

#[derive(sqlx::FromRow)]
struct Row {
    person_id: Uuid,
    slug: String,
    name: String,
    email: String,
    created_at: Instant,
    revision: i64,
}

impl TryFrom<Row> for Person {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("persons", column);
        Ok(Self {
            id: PersonId(row.person_id),
            slug: row.slug.parse().map_err(|_| bad("slug"))?,
            name: Line::parse(&row.name, Line::NAME).map_err(|_| bad("name"))?,
            email: row.email.parse().map_err(|_| bad("email"))?,
            created_at: row.created_at,
            revision: row.revision,
        })
    }
}

fn facts(p: &Person) -> Facts {
    Facts::open(json!({})).and_personal(json!({ "slug": p.slug.as_str(), "name": p.name.as_str(), "email": p.email.as_str() }))
}

impl Tx {
    pub(crate) async fn get_person(&mut self, id: PersonId) -> Result<Person, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_PERSON).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("person"))?.try_into()
    }

    pub(crate) async fn find_person(&mut self, slug: &Slug) -> Result<Option<Person>, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(FIND_PERSON).bind(region.0).bind(slug.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    pub(crate) async fn find_person_by_email(&mut self, email: &EmailAddress) -> Result<Option<Person>, StoreError> {
        let region = self.region();
        let row: Option<Row> =
            on!(self, |c| sqlx::query_as(FIND_PERSON_BY_EMAIL).bind(region.0).bind(email.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    pub(crate) async fn insert_person(&mut self, act: &Act, new: &NewPerson) -> Result<Person, StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(INSERT_PERSON)
            .bind(region.0)
            .bind(new.id.0)
            .bind(new.slug.as_str())
            .bind(new.name.as_str())
            .bind(new.email.as_str())
            .bind(act.at)
            .execute(c)
            .await
            .map(|_| ()))
        .map_err(|e| StoreError::from(e).or_exists(|| format!("a person {} or one with the same address", new.slug)))?;
        let made = self.get_person(new.id).await?;
        self.audit(act, "create", "person", new.id.0, None, Some(facts(&made))).await?;
        Ok(made)
    }
}

impl Store {
    /// Enters a person.
    pub async fn create_person(&self, scope: Scope, act: &Act, new: NewPerson) -> Result<Person, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_person(PersonId(id)).await;
                }
                let made = tx.insert_person(&act, &new).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// One person.
    pub async fn get_person(&self, scope: Scope, id: PersonId) -> Result<Person, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_person(id).await })).await
    }

    /// The person with a short name.
    pub async fn find_person(&self, scope: Scope, slug: &Slug) -> Result<Person, StoreError> {
        let slug = slug.clone();
        self.read(scope, move |tx| Box::pin(async move { tx.find_person(&slug).await?.ok_or(StoreError::NotFound("person")) })).await
    }

    /// The persons of the region, in order of creation.
    pub async fn list_persons(&self, scope: Scope, page: Page) -> Result<Listing<Person>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows: Vec<Row> =
                    on!(tx, |c| sqlx::query_as(LIST_PERSONS).bind(region.0).bind(page.after).bind(page.limit()).fetch_all(c).await)?;
                let items = rows.into_iter().map(Person::try_from).collect::<Result<Vec<_>, _>>()?;
                Ok(Listing::cut(items, page, |p| p.id.0))
            })
        })
        .await
    }

    /// Changes a person's name or address. Messages already queued keep the address they have.
    pub async fn update_person(
        &self,
        scope: Scope,
        act: &Act,
        id: PersonId,
        name: Option<Line>,
        email: Option<EmailAddress>,
        revision: Option<i64>,
    ) -> Result<Person, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_person(id).await?;
                error::check_revision("person", revision, old.revision)?;
                let region = tx.region();
                let name = name.unwrap_or_else(|| old.name.clone());
                let email = email.unwrap_or_else(|| old.email.clone());
                let changed = on!(tx, |c| sqlx::query(UPDATE_PERSON)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(name.as_str())
                    .bind(email.as_str())
                    .bind(old.revision)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))
                .map_err(|e| StoreError::from(e).or_exists(|| "a person with this address".to_owned()))?;
                error::check_changed("person", changed)?;
                let new = tx.get_person(id).await?;
                tx.audit(&act, "update", "person", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }
}
