//! Access tokens.

use csp_domain::{
    Act, Scope,
    clock::Instant,
    document::Hash,
    id::{PersonId, RegionId, TokenId},
    person::{Person, RoleGrant},
    region::Region,
    text::Line,
    token::{NewToken, Token},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Listing, Page, Store, StoreError, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_TOKEN = "INSERT INTO tokens (region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    GET_TOKEN = "SELECT region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, revoked_at, last_used_at FROM tokens \
        WHERE region_id = $1 AND token_id = $2";
    /// Before anybody is signed in, in the scope of the system.
    FIND_TOKEN = "SELECT region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, revoked_at, last_used_at FROM tokens \
        WHERE public_id = $1";
    LIST_TOKENS = "SELECT region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, revoked_at, last_used_at FROM tokens \
        WHERE region_id = $1 AND person_id = $2 AND token_id > $3 ORDER BY token_id LIMIT $4";
    REVOKE_TOKEN = "UPDATE tokens SET revoked_at = $3 WHERE region_id = $1 AND token_id = $2 AND revoked_at IS NULL";
    USE_TOKEN = "UPDATE tokens SET last_used_at = $3 WHERE region_id = $1 AND token_id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    region_id: Uuid,
    token_id: Uuid,
    public_id: String,
    secret_hash: String,
    person_id: Uuid,
    label: String,
    created_at: Instant,
    expires_at: Instant,
    revoked_at: Option<Instant>,
    last_used_at: Option<Instant>,
}

impl TryFrom<Row> for Token {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: TokenId(row.token_id),
            public_id: row.public_id,
            person: PersonId(row.person_id),
            label: Line::parse(&row.label, Line::NAME).map_err(|_| error::inconsistent("tokens", "label"))?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        })
    }
}

/// What is known of a caller from the token they present. Whether its secret is right, and whether it
/// still opens doors, is for the caller of the store to judge.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The token.
    pub token: Token,
    /// Hash of its secret.
    pub hash: Hash,
    /// Its owner.
    pub person: Person,
    /// The owner's region.
    pub region: Region,
    /// Every role the owner holds, held or will hold.
    pub grants: Vec<RoleGrant>,
}

fn facts(t: &Token) -> Value {
    json!({ "public_id": t.public_id, "person": t.person, "label": t.label.as_str(), "expires_at": t.expires_at, "revoked_at": t.revoked_at })
}

impl Tx {
    async fn get_token(&mut self, id: TokenId) -> Result<Token, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_TOKEN).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("token"))?.try_into()
    }
}

impl Store {
    /// Stores a new token. Its secret is shown once, so a repeated request is told that it exists.
    pub async fn create_token(&self, scope: Scope, act: &Act, new: NewToken) -> Result<Token, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if tx.replayed(&act).await?.is_some() {
                    return Err(StoreError::AlreadyExists("a token made by this request; its secret cannot be shown again".to_owned()));
                }
                tx.get_person(new.person).await?;
                let region = tx.region();
                on!(tx, |c| sqlx::query(INSERT_TOKEN)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(&new.public_id)
                    .bind(new.hash.to_string())
                    .bind(new.person.0)
                    .bind(new.label.as_str())
                    .bind(act.at)
                    .bind(new.expires_at)
                    .execute(c)
                    .await
                    .map(|_| ()))
                .map_err(|e| StoreError::from(e).or_exists(|| "a token with this identifier".to_owned()))?;
                let made = tx.get_token(new.id).await?;
                tx.audit(&act, "create", "token", new.id.0, None, Some(facts(&made))).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// Whose token this is. None for a stranger's.
    pub async fn credential(&self, public_id: &str) -> Result<Option<Credential>, StoreError> {
        let public_id = public_id.to_owned();
        self.read(Scope::System, move |tx| {
            Box::pin(async move {
                let row: Option<Row> = on!(tx, |c| sqlx::query_as(FIND_TOKEN).bind(&public_id).fetch_optional(c).await)?;
                let Some(row) = row else { return Ok(None) };
                let region = RegionId(row.region_id);
                let hash = Hash::parse(&row.secret_hash).ok_or_else(|| error::inconsistent("tokens", "secret_hash"))?;
                let token: Token = row.try_into()?;
                let region = tx.get_region(region).await?;
                tx.narrow(Scope::Region(region.id));
                let person = tx.get_person(token.person).await?;
                let grants = tx.role_grants(token.person, Page::all()).await?;
                Ok(Some(Credential { token, hash, person, region, grants }))
            })
        })
        .await
    }

    /// One token.
    pub async fn get_token(&self, scope: Scope, id: TokenId) -> Result<Token, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_token(id).await })).await
    }

    /// A person's tokens, in order of creation.
    pub async fn list_tokens(&self, scope: Scope, person: PersonId, page: Page) -> Result<Listing<Token>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                tx.get_person(person).await?;
                let region = tx.region();
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_TOKENS)
                    .bind(region.0)
                    .bind(person.0)
                    .bind(page.after)
                    .bind(page.limit())
                    .fetch_all(c)
                    .await)?;
                let items = rows.into_iter().map(Token::try_from).collect::<Result<Vec<_>, _>>()?;
                Ok(Listing::cut(items, page, |t| t.id.0))
            })
        })
        .await
    }

    /// Takes a token away, from the next call on. Once taken away it stays so.
    pub async fn revoke_token(&self, scope: Scope, act: &Act, id: TokenId) -> Result<Token, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_token(id).await?;
                if old.revoked_at.is_some() {
                    return Ok(old);
                }
                let region = tx.region();
                on!(tx, |c| sqlx::query(REVOKE_TOKEN).bind(region.0).bind(id.0).bind(act.at).execute(c).await.map(|_| ()))?;
                let new = tx.get_token(id).await?;
                tx.audit(&act, "revoke", "token", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }

    /// Notes that a token was used. Not a deed, so not in the audit.
    pub async fn token_used(&self, scope: Scope, id: TokenId, at: Instant) -> Result<(), StoreError> {
        self.write(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                on!(tx, |c| sqlx::query(USE_TOKEN).bind(region.0).bind(id.0).bind(at).execute(c).await.map(|_| ()))?;
                Ok(())
            })
        })
        .await
    }
}
