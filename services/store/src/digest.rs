//! Digests: their frozen versions, and their approval.

use csp_domain::{
    Act, Scope,
    act::Actor,
    clock::Instant,
    cycle::CycleState,
    digest::{CoolingOff, Digest, DigestState, EndedEarly, NewDigest, Rendition, RenditionKind, cooling_off_until},
    document::Hash,
    id::{CycleId, DigestId, PersonId},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Job, Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_DIGEST = "INSERT INTO digests (region_id, digest_id, cycle_id, version, state, subject, document_hash, authors, frozen_by, frozen_at, revision) \
        VALUES ($1, $2, $3, $4, 'frozen', $5, $6, $7, $8, $9, 1)";
    INSERT_PUBLIC_DOCUMENT = "INSERT INTO digest_public_documents (region_id, digest_id, bytes) VALUES ($1, $2, $3)";
    INSERT_RENDITION = "INSERT INTO digest_renditions (region_id, digest_id, kind, bytes, hash) VALUES ($1, $2, $3, $4, $5)";
    SUPERSEDE_DIGESTS = "UPDATE digests SET state = 'superseded', revision = revision + 1 \
        WHERE region_id = $1 AND cycle_id = $2 AND state IN ('frozen', 'approved')";
    APPROVE_DIGEST = "UPDATE digests SET state = 'approved', approved_by = $3, approved_at = $4, cooling_off_until = $6, \
        cooling_off_ended_by = NULL, cooling_off_reason = NULL, revision = revision + 1 \
        WHERE region_id = $1 AND digest_id = $2 AND revision = $5";
    END_COOLING_OFF = "UPDATE digests SET cooling_off_until = $3, cooling_off_ended_by = $4, cooling_off_reason = $5, revision = revision + 1 \
        WHERE region_id = $1 AND digest_id = $2 AND revision = $6";
    RELEASE_DIGEST = "UPDATE digests SET state = 'released', released_at = $3, revision = revision + 1 \
        WHERE region_id = $1 AND digest_id = $2 AND revision = $4";
    GET_DIGEST = "SELECT digest_id, cycle_id, version, state, subject, document_hash, authors, frozen_by, frozen_at, approved_by, approved_at, \
        cooling_off_until, cooling_off_ended_by, cooling_off_reason, released_at, revision \
        FROM digests WHERE region_id = $1 AND digest_id = $2";
    LIST_DIGESTS = "SELECT digest_id, cycle_id, version, state, subject, document_hash, authors, frozen_by, frozen_at, approved_by, approved_at, \
        cooling_off_until, cooling_off_ended_by, cooling_off_reason, released_at, revision \
        FROM digests WHERE region_id = $1 AND cycle_id = $2 ORDER BY version";
    LIST_RENDITION_HASHES = "SELECT kind, hash FROM digest_renditions WHERE region_id = $1 AND digest_id = $2";
    GET_RENDITION = "SELECT bytes, hash FROM digest_renditions WHERE region_id = $1 AND digest_id = $2 AND kind = $3";
    GET_PUBLIC_DOCUMENT = "SELECT bytes FROM digest_public_documents WHERE region_id = $1 AND digest_id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    digest_id: Uuid,
    cycle_id: Uuid,
    version: i64,
    state: String,
    subject: String,
    document_hash: String,
    authors: String,
    frozen_by: Option<Uuid>,
    frozen_at: Instant,
    approved_by: Option<Uuid>,
    approved_at: Option<Instant>,
    cooling_off_until: Option<Instant>,
    cooling_off_ended_by: Option<Uuid>,
    cooling_off_reason: Option<String>,
    released_at: Option<Instant>,
    revision: i64,
}

impl Row {
    fn into_digest(self, rendition_hashes: Vec<(RenditionKind, Hash)>) -> Result<Digest, StoreError> {
        let bad = |column| error::inconsistent("digests", column);
        let ended = match (self.cooling_off_ended_by, self.cooling_off_reason) {
            (Some(by), Some(reason)) => {
                let reason = Line::parse(&reason, Line::SENTENCE).map_err(|_| bad("cooling_off_reason"))?;
                Some(EndedEarly { by: PersonId(by), reason })
            }
            _ => None,
        };
        let cooling_off = self.cooling_off_until.map(|until| CoolingOff { until, ended });
        Ok(Digest {
            id: DigestId(self.digest_id),
            cycle: CycleId(self.cycle_id),
            version: self.version,
            state: DigestState::from_word(&self.state).ok_or_else(|| bad("state"))?,
            subject: self.subject,
            document_hash: Hash::parse(&self.document_hash).ok_or_else(|| bad("document_hash"))?,
            rendition_hashes,
            frozen_by: self.frozen_by.map_or(Actor::System, |id| Actor::Person(PersonId(id))),
            frozen_at: self.frozen_at,
            authors: serde_json::from_str(&self.authors).map_err(|_| bad("authors"))?,
            approved_by: self.approved_by.map(PersonId),
            approved_at: self.approved_at,
            cooling_off,
            released_at: self.released_at,
            revision: self.revision,
        })
    }
}

fn facts(d: &Digest) -> Facts {
    Facts::open(json!({
        "cycle": d.cycle, "version": d.version, "state": d.state.word(), "hashes": d.hashes(), "authors": d.authors,
        "approved_by": d.approved_by, "cooling_off_until": d.cooling_off.as_ref().map(|kept| kept.until), "released_at": d.released_at,
    }))
}

impl Tx {
    async fn with_hashes(&mut self, row: Row) -> Result<Digest, StoreError> {
        let region = self.region();
        let rows: Vec<(String, String)> =
            on!(self, |c| sqlx::query_as(LIST_RENDITION_HASHES).bind(region.0).bind(row.digest_id).fetch_all(c).await)?;
        let mut hashes = Vec::with_capacity(rows.len());
        for (kind, hash) in rows {
            let kind = RenditionKind::from_word(&kind).ok_or_else(|| error::inconsistent("digest_renditions", "kind"))?;
            let hash = Hash::parse(&hash).ok_or_else(|| error::inconsistent("digest_renditions", "hash"))?;
            hashes.push((kind, hash));
        }
        hashes.sort_unstable();
        row.into_digest(hashes)
    }

    pub(crate) async fn get_digest(&mut self, id: DigestId) -> Result<Digest, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_DIGEST).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        let row = row.ok_or(StoreError::NotFound("digest"))?;
        self.with_hashes(row).await
    }

    pub(crate) async fn digests(&mut self, cycle: CycleId) -> Result<Vec<Digest>, StoreError> {
        let region = self.region();
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(LIST_DIGESTS).bind(region.0).bind(cycle.0).fetch_all(c).await)?;
        let mut digests = Vec::with_capacity(rows.len());
        for row in rows {
            digests.push(self.with_hashes(row).await?);
        }
        Ok(digests)
    }

    async fn insert_digest(&mut self, act: &Act, new: &NewDigest, version: i64) -> Result<Digest, StoreError> {
        let region = self.region();
        let authors = serde_json::to_string(&new.authors).map_err(|e| StoreError::Failed(Box::new(e)))?;
        on!(self, |c| sqlx::query(INSERT_DIGEST)
            .bind(region.0)
            .bind(new.id.0)
            .bind(new.cycle.0)
            .bind(version)
            .bind(&new.subject)
            .bind(Hash::of(&new.document).to_string())
            .bind(&authors)
            .bind(act.actor.person().map(|id| id.0))
            .bind(act.at)
            .execute(c)
            .await
            .map(|_| ()))
        .map_err(|e| StoreError::from(e).or_exists(|| format!("version {version} of this digest")))?;
        on!(self, |c| sqlx::query(INSERT_PUBLIC_DOCUMENT).bind(region.0).bind(new.id.0).bind(&new.document).execute(c).await.map(|_| ()))?;
        for rendition in &new.renditions {
            on!(self, |c| sqlx::query(INSERT_RENDITION)
                .bind(region.0)
                .bind(new.id.0)
                .bind(rendition.kind.word())
                .bind(&rendition.bytes)
                .bind(rendition.hash.to_string())
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        self.check_worded(new.cycle, &new.worded).await?;
        self.freeze_returns(act, &new.printed).await?;
        self.freeze_joint(act, new.cycle, &new.joint, &new.joint_printed).await?;
        self.expire_wordings(act, new.cycle).await?;
        let made = self.get_digest(new.id).await?;
        self.audit(act, "freeze", "digest", new.id.0, None, Some(facts(&made))).await?;
        Ok(made)
    }

    /// Takes the versions that are not released out of the way, their approval with them.
    pub(crate) async fn supersede_digests(&mut self, cycle: CycleId) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(SUPERSEDE_DIGESTS).bind(region.0).bind(cycle.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Marks a version as gone.
    pub(crate) async fn release_digest(&mut self, act: &Act, old: &Digest) -> Result<(), StoreError> {
        let region = self.region();
        let changed = on!(self, |c| sqlx::query(RELEASE_DIGEST)
            .bind(region.0)
            .bind(old.id.0)
            .bind(act.at)
            .bind(old.revision)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        error::check_changed("digest", changed)?;
        let new = self.get_digest(old.id).await?;
        self.audit(act, "release", "digest", old.id.0, Some(facts(old)), Some(facts(&new))).await
    }
}

impl Store {
    /// Freezes a new version of a closed cycle's digest. Unreleased versions before it are superseded,
    /// their approval with them.
    pub async fn freeze_digest(&self, scope: Scope, act: &Act, new: NewDigest) -> Result<Digest, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_digest(DigestId(id)).await;
                }
                let cycle = tx.standing_cycle(new.cycle).await?;
                match cycle.state {
                    CycleState::Closed if cycle.revision != new.cycle_revision => return Err(StoreError::Changed("cycle")),
                    CycleState::Closed => {}
                    CycleState::Published => return Err(Refusal::AlreadyReleased.into()),
                    CycleState::Cancelled => return Err(Refusal::CycleCancelled.into()),
                    CycleState::Planned | CycleState::Open => {
                        return Err(Refusal::CycleStillOpen { freeze_at: cycle.timetable.freeze_at }.into());
                    }
                }
                let version = tx.digests(cycle.id).await?.last().map_or(1, |d| d.version + 1);
                tx.supersede_digests(cycle.id).await?;
                let made = tx.insert_digest(&act, &new, version).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(made)
            })
        })
        .await
    }

    /// Freezes the first version by schedule, once; or the next, where a moved date has superseded the last.
    /// Answers none when that was done already, or when an editor was faster.
    pub async fn freeze_first_digest(
        &self,
        scope: Scope,
        act: &Act,
        new: NewDigest,
        due_at: Instant,
    ) -> Result<Option<Digest>, StoreError> {
        let act = act.clone();
        let done = self
            .apply(scope, act.dry_run, move |tx| {
                Box::pin(async move {
                    let cycle = tx.cycle_not_held(Job::Freeze, new.cycle, due_at).await?;
                    if cycle.state != CycleState::Closed || cycle.revision != new.cycle_revision {
                        return Err(StoreError::Changed("cycle"));
                    }
                    match tx.digests(cycle.id).await?.last() {
                        None => {
                            tx.run_cycle_job(Job::Freeze, new.cycle, due_at, act.at).await?;
                            tx.insert_digest(&act, &new, 1).await.map(Some)
                        }
                        // A date in it was moved; of two who freeze anew, the version's number lets one.
                        Some(last) if last.state == DigestState::Superseded => {
                            tx.insert_digest(&act, &new, last.version + 1).await.map(Some)
                        }
                        Some(_) => Ok(None),
                    }
                })
            })
            .await;
        match done {
            Err(StoreError::Changed(_) | StoreError::AlreadyExists(_)) => Ok(None),
            done => done,
        }
    }

    /// Approves exactly the bytes whose hashes are named.
    pub async fn approve_digest(
        &self,
        scope: Scope,
        act: &Act,
        by: PersonId,
        id: DigestId,
        hashes: Vec<Hash>,
    ) -> Result<Digest, StoreError> {
        let (act, holidays) = (act.clone(), self.holidays.clone());
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_digest(id).await?;
                if old.state == DigestState::Approved && old.approved_by == Some(by) && old.hashes() == hashes {
                    return Ok(old);
                }
                if old.state != DigestState::Frozen {
                    return Err(Refusal::DigestState(old.state).into());
                }
                let cycle = tx.get_cycle(old.cycle).await?;
                if cycle.state == CycleState::Cancelled {
                    return Err(Refusal::CycleCancelled.into());
                }
                if old.authors.contains(&by) {
                    return Err(Refusal::AuthorCannotApprove.into());
                }
                if old.hashes() != hashes {
                    return Err(Refusal::HashesDiffer.into());
                }
                let region = tx.region();
                let zone = tx.get_region(region).await?.zone;
                let office = tx.office_of(cycle.committee, &holidays).await?;
                let kept_until = cooling_off_until(act.at, zone, office.days(), office.cooling_off());
                let changed = on!(tx, |c| sqlx::query(APPROVE_DIGEST)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(by.0)
                    .bind(act.at)
                    .bind(old.revision)
                    .bind(kept_until)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                error::check_changed("digest", changed)?;
                let new = tx.get_digest(id).await?;
                tx.audit(&act, "approve", "digest", id.0, Some(facts(&old)), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }

    /// Ends the cooling-off of an approved version early.
    pub async fn end_cooling_off(
        &self,
        scope: Scope,
        act: &Act,
        by: PersonId,
        id: DigestId,
        reason: Line,
        revision: Option<i64>,
    ) -> Result<Digest, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_digest(id).await?;
                error::check_revision("digest", revision, old.revision)?;
                if old.state != DigestState::Approved {
                    return Err(Refusal::DigestState(old.state).into());
                }
                if !old.cools_off(act.at) {
                    return Err(Refusal::CoolingOffOver.into());
                }
                // Who may not approve it may not hurry it either.
                if old.authors.contains(&by) {
                    return Err(Refusal::AuthorCannotApprove.into());
                }
                let region = tx.region();
                let changed = on!(tx, |c| sqlx::query(END_COOLING_OFF)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(act.at)
                    .bind(by.0)
                    .bind(reason.as_str())
                    .bind(old.revision)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                error::check_changed("digest", changed)?;
                let new = tx.get_digest(id).await?;
                let told = facts(&new).and_personal(json!({ "cooling_off_reason": reason.as_str() }));
                tx.audit(&act, "end_cooling_off", "digest", id.0, Some(facts(&old)), Some(told)).await?;
                Ok(new)
            })
        })
        .await
    }

    /// The versions of a cycle's digest, the oldest first.
    pub async fn list_digests(&self, scope: Scope, cycle: CycleId) -> Result<Listing<Digest>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let items = tx.digests(cycle).await?;
                Ok(Listing::cut(items, Page::all(), |d| d.id.0))
            })
        })
        .await
    }

    /// One version.
    pub async fn get_digest(&self, scope: Scope, id: DigestId) -> Result<Digest, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.get_digest(id).await })).await
    }

    /// The stored bytes of a rendition.
    pub async fn get_rendition(&self, scope: Scope, id: DigestId, kind: RenditionKind) -> Result<Rendition, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let row: Option<(Vec<u8>, String)> =
                    on!(tx, |c| sqlx::query_as(GET_RENDITION).bind(region.0).bind(id.0).bind(kind.word()).fetch_optional(c).await)?;
                let (bytes, hash) = row.ok_or(StoreError::NotFound("rendition"))?;
                let rendition = Rendition::new(kind, bytes);
                // What was approved is what is sent: bytes that are not what they were are not handed out.
                if rendition.hash.to_string() == hash { Ok(rendition) } else { Err(error::inconsistent("digest_renditions", "bytes")) }
            })
        })
        .await
    }

    /// The stored bytes of the public tree.
    pub async fn get_public_document(&self, scope: Scope, id: DigestId) -> Result<Vec<u8>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let bytes: Option<Vec<u8>> =
                    on!(tx, |c| sqlx::query_scalar(GET_PUBLIC_DOCUMENT).bind(region.0).bind(id.0).fetch_optional(c).await)?;
                bytes.ok_or(StoreError::NotFound("digest"))
            })
        })
        .await
    }
}
