//! Access tokens.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::TimeDelta;
use csp_domain::{
    Act, Scope,
    clock::Instant,
    document::Hash,
    id::{CommitteeId, PartnershipId, PersonId, RegionId, TokenId},
    person::{Person, Role, RoleGrant},
    region::Region,
    text::Line,
    token::{NewToken, Token, TokenKind, TokenScope},
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_TOKEN = "INSERT INTO tokens (region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, kind, reading, role, \
        committee_id, partnership_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    GET_TOKEN = "SELECT region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, revoked_at, last_used_at, kind, reading, role, \
        committee_id, partnership_id, previous_hash, previous_until FROM tokens \
        WHERE region_id = $1 AND token_id = $2";
    /// Before anybody is signed in, in the scope of the system.
    FIND_TOKEN = "SELECT region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, revoked_at, last_used_at, kind, reading, role, \
        committee_id, partnership_id, previous_hash, previous_until FROM tokens \
        WHERE public_id = $1";
    LIST_TOKENS = "SELECT region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, revoked_at, last_used_at, kind, reading, role, \
        committee_id, partnership_id, previous_hash, previous_until FROM tokens \
        WHERE region_id = $1 AND person_id = $2 AND token_id > $3 ORDER BY token_id LIMIT $4";
    REVOKE_TOKEN = "UPDATE tokens SET revoked_at = $3, previous_hash = NULL, previous_until = NULL \
        WHERE region_id = $1 AND token_id = $2 AND revoked_at IS NULL";
    /// Of two who rotate at once, the second finds another secret than the one it read.
    ROTATE_TOKEN = "UPDATE tokens SET previous_hash = secret_hash, previous_until = $5, secret_hash = $4, expires_at = $6 \
        WHERE region_id = $1 AND token_id = $2 AND secret_hash = $3 AND revoked_at IS NULL";
    USE_TOKEN = "UPDATE tokens SET last_used_at = $3 WHERE region_id = $1 AND token_id = $2";
    /// For the tick, over all regions: live tokens that end soon, with the last warning that was queued about each.
    LIST_ENDING = "SELECT t.region_id, t.token_id, t.person_id, t.label, t.expires_at, \
        (SELECT MAX(m.step) FROM messages m WHERE m.region_id = t.region_id AND m.kind = 'notice' AND m.matter_id = t.token_id \
            AND m.recipient_id = t.person_id) AS warned \
        FROM tokens t WHERE t.revoked_at IS NULL AND t.expires_at > $1 AND t.expires_at <= $2 ORDER BY t.expires_at, t.token_id";
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
    kind: String,
    reading: bool,
    role: Option<String>,
    committee_id: Option<Uuid>,
    partnership_id: Option<Uuid>,
    previous_hash: Option<String>,
    previous_until: Option<Instant>,
}

impl Row {
    fn hashes(&self) -> Result<(Hash, Option<Hash>), StoreError> {
        let bad = |column| error::inconsistent("tokens", column);
        let current = Hash::parse(&self.secret_hash).ok_or_else(|| bad("secret_hash"))?;
        let previous = self.previous_hash.as_deref().map(|text| Hash::parse(text).ok_or_else(|| bad("previous_hash"))).transpose()?;
        Ok((current, previous))
    }
}

impl TryFrom<Row> for Token {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("tokens", column);
        let role = match row.role {
            None => None,
            Some(word) => {
                let role = Role::from_parts(&word, row.committee_id.map(CommitteeId), row.partnership_id.map(PartnershipId));
                Some(role.ok_or_else(|| bad("role"))?)
            }
        };
        Ok(Self {
            id: TokenId(row.token_id),
            public_id: row.public_id,
            kind: TokenKind::from_word(&row.kind).ok_or_else(|| bad("kind"))?,
            person: PersonId(row.person_id),
            scope: TokenScope { role, reading: row.reading },
            label: Line::parse(&row.label, Line::NAME).map_err(|_| bad("label"))?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
            previous_until: row.previous_until,
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
    /// Hash of the secret before the last rotation, which may open doors too ([`Token::previous_until`]).
    pub previous: Option<Hash>,
    /// Its owner.
    pub person: Person,
    /// The owner's region.
    pub region: Region,
    /// Every role the owner holds, held or will hold.
    pub grants: Vec<RoleGrant>,
    /// When its use was last noted.
    pub noted: Noted,
}

/// When a token's use was last noted, as far as this server knows. Shared by all who hold the credential.
#[derive(Debug, Clone)]
pub struct Noted(Arc<AtomicI64>);

impl Noted {
    fn at(last: Option<Instant>) -> Self {
        Self(Arc::new(AtomicI64::new(last.map_or(i64::MIN, |at| at.timestamp_micros()))))
    }

    /// When that was.
    pub fn last(&self) -> Option<Instant> {
        Instant::from_timestamp_micros(self.0.load(Ordering::Relaxed))
    }

    /// Whether it is time to note it again. Of several who ask at once one is told to.
    pub fn is_due(&self, now: Instant, every: TimeDelta) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        let now = now.timestamp_micros();
        let due = now.saturating_sub(last) >= every.num_microseconds().unwrap_or(i64::MAX);
        due && self.0.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// A token whose owner is to be told that it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndingToken {
    /// Its region.
    pub region: RegionId,
    /// Which.
    pub token: TokenId,
    /// Whose.
    pub person: PersonId,
    /// What for.
    pub label: Line,
    /// When it ends.
    pub expires_at: Instant,
    /// The step of the last warning about it, if there was one.
    pub warned: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct EndingRow {
    region_id: Uuid,
    token_id: Uuid,
    person_id: Uuid,
    label: String,
    expires_at: Instant,
    warned: Option<i64>,
}

fn facts(t: &Token) -> Facts {
    Facts::open(json!({
        "public_id": t.public_id, "kind": t.kind.word(), "person": t.person, "role": t.scope.role.map(Role::word),
        "committee": t.scope.role.and_then(Role::committee), "partnership": t.scope.role.and_then(Role::partnership),
        "reading": t.scope.reading, "expires_at": t.expires_at, "revoked_at": t.revoked_at, "previous_until": t.previous_until,
    }))
    .and_personal(json!({ "label": t.label.as_str() }))
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
                if let Some(id) = new.scope.role.and_then(Role::committee) {
                    tx.get_committee(id).await?;
                }
                if let Some(id) = new.scope.role.and_then(Role::partnership) {
                    tx.get_partnership(id).await?;
                }
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
                    .bind(new.kind.word())
                    .bind(new.scope.reading)
                    .bind(new.scope.role.map(Role::word))
                    .bind(new.scope.role.and_then(Role::committee).map(|id| id.0))
                    .bind(new.scope.role.and_then(Role::partnership).map(|id| id.0))
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

    /// Whose token this is, as it is read. None for a stranger's.
    pub async fn credential(&self, public_id: &str) -> Result<Option<Credential>, StoreError> {
        Ok(self.credential_at(public_id).await?.map(|(credential, _)| credential))
    }

    /// The same, with the revision of its region in the same view.
    pub(crate) async fn credential_at(&self, public_id: &str) -> Result<Option<(Credential, i64)>, StoreError> {
        let public_id = public_id.to_owned();
        self.read(Scope::System, move |tx| {
            Box::pin(async move {
                let row: Option<Row> = on!(tx, |c| sqlx::query_as(FIND_TOKEN).bind(&public_id).fetch_optional(c).await)?;
                let Some(row) = row else { return Ok(None) };
                let region = RegionId(row.region_id);
                let (hash, previous) = row.hashes()?;
                let token: Token = row.try_into()?;
                tx.narrow(Scope::Region(region)).await?;
                let revision = tx.known_revision().await?.ok_or(StoreError::NotFound("region"))?;
                let region = tx.get_region(region).await?;
                let person = tx.get_person(token.person).await?;
                let grants = tx.role_grants(token.person, Page::all()).await?;
                let noted = Noted::at(token.last_used_at);
                Ok(Some((Credential { token, hash, previous, person, region, grants, noted }, revision)))
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

    /// Gives a token a new secret and a new end. The secret it had opens doors too, until `previous_until`; one that still
    /// did so from the rotation before does no longer. A repeated request is told that it was done: no secret is shown twice.
    pub async fn rotate_token(
        &self,
        scope: Scope,
        act: &Act,
        id: TokenId,
        hash: Hash,
        expires_at: Instant,
        previous_until: Instant,
    ) -> Result<Token, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if tx.replayed(&act).await?.is_some() {
                    return Err(StoreError::AlreadyExists("a secret made by this request; it cannot be shown again".to_owned()));
                }
                let region = tx.region();
                let row: Option<Row> = on!(tx, |c| sqlx::query_as(GET_TOKEN).bind(region.0).bind(id.0).fetch_optional(c).await)?;
                let row = row.ok_or(StoreError::NotFound("token"))?;
                let known = row.secret_hash.clone();
                let old = Token::try_from(row)?;
                if !old.is_live(act.at) {
                    return Err(Refusal::TokenEnded.into());
                }
                let changed = on!(tx, |c| sqlx::query(ROTATE_TOKEN)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(&known)
                    .bind(hash.to_string())
                    .bind(previous_until.min(old.expires_at))
                    .bind(expires_at)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                error::check_changed("token", changed)?;
                let new = tx.get_token(id).await?;
                tx.audit(&act, "rotate", "token", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                tx.remember(&act, id.0).await?;
                Ok(new)
            })
        })
        .await
    }

    /// Live tokens of all regions that end within a time. For the tick.
    pub async fn tokens_ending(&self, after: Instant, until: Instant) -> Result<Vec<EndingToken>, StoreError> {
        self.read(Scope::System, move |tx| {
            Box::pin(async move {
                let rows: Vec<EndingRow> = on!(tx, |c| sqlx::query_as(LIST_ENDING).bind(after).bind(until).fetch_all(c).await)?;
                rows.into_iter()
                    .map(|row| {
                        Ok(EndingToken {
                            region: RegionId(row.region_id),
                            token: TokenId(row.token_id),
                            person: PersonId(row.person_id),
                            label: Line::parse(&row.label, Line::NAME).map_err(|_| error::inconsistent("tokens", "label"))?,
                            expires_at: row.expires_at,
                            warned: row.warned,
                        })
                    })
                    .collect()
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
