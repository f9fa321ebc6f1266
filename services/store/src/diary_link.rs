//! Links by which diaries follow the dates of a partnership or a committee, and the dates themselves.

use csp_domain::{
    Act, Scope,
    calendar::ics,
    clock::Instant,
    cycle::{Cycle, CycleState},
    diary::{Diary, DiaryLink, NewDiaryLink},
    document::Hash,
    id::{CommitteeId, DiaryLinkId, PartnershipId, PersonId, RegionId},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_LINK = "INSERT INTO diary_links (region_id, link_id, public_id, secret_hash, partnership_id, committee_id, created_by, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    GET_LINK = "SELECT region_id, link_id, public_id, secret_hash, partnership_id, committee_id, created_by, created_at, revoked_at FROM diary_links \
        WHERE region_id = $1 AND link_id = $2";
    /// Before anybody is known, in the scope of the system.
    FIND_LINK = "SELECT region_id, link_id, public_id, secret_hash, partnership_id, committee_id, created_by, created_at, revoked_at FROM diary_links \
        WHERE public_id = $1";
    /// Of one person, or of all.
    LIST_LINKS = "SELECT region_id, link_id, public_id, secret_hash, partnership_id, committee_id, created_by, created_at, revoked_at FROM diary_links \
        WHERE region_id = $1 AND ($2 OR created_by = $3) AND (partnership_id = $4 OR committee_id = $4) AND link_id > $5 ORDER BY link_id LIMIT $6";
    COUNT_LINKS = "SELECT COUNT(*) FROM diary_links WHERE region_id = $1 AND created_by = $2 AND revoked_at IS NULL";
    REVOKE_LINK = "UPDATE diary_links SET revoked_at = $3 WHERE region_id = $1 AND link_id = $2 AND revoked_at IS NULL";
    COMMITTEES_OF = "SELECT committee_id FROM committee_partnerships WHERE region_id = $1 AND partnership_id = $2 ORDER BY committee_id";
}

/// Meetings stay in a diary so long.
const LOOK_BACK: chrono::TimeDelta = chrono::TimeDelta::days(400);

#[derive(sqlx::FromRow)]
struct Row {
    region_id: Uuid,
    link_id: Uuid,
    public_id: String,
    secret_hash: String,
    partnership_id: Option<Uuid>,
    committee_id: Option<Uuid>,
    created_by: Uuid,
    created_at: Instant,
    revoked_at: Option<Instant>,
}

impl TryFrom<Row> for DiaryLink {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let diary = match (row.partnership_id, row.committee_id) {
            (Some(partnership), None) => Diary::Partnership(PartnershipId(partnership)),
            (None, Some(committee)) => Diary::Committee(CommitteeId(committee)),
            _ => return Err(error::inconsistent("diary_links", "partnership_id")),
        };
        Ok(Self {
            id: DiaryLinkId(row.link_id),
            public_id: row.public_id,
            diary,
            created_by: PersonId(row.created_by),
            created_at: row.created_at,
            revoked_at: row.revoked_at,
        })
    }
}

fn parts(diary: Diary) -> (Option<Uuid>, Option<Uuid>) {
    match diary {
        Diary::Partnership(id) => (Some(id.0), None),
        Diary::Committee(id) => (None, Some(id.0)),
    }
}

/// The dates of a partnership or a committee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiaryDates {
    /// Whose they are, as people call it.
    pub name: Line,
    /// Each cycle with its committee's name, the nearest deadline first; and why that is the partnership's own, where it was given more
    /// time.
    pub cycles: Vec<(Line, Cycle, Option<Line>)>,
    /// The region's clocks.
    pub zone: chrono_tz::Tz,
}

impl DiaryDates {
    /// As a calendar for anybody's diary.
    pub fn feed(&self) -> ics::Feed {
        let entries =
            self.cycles.iter().flat_map(|(committee, cycle, more)| ics::entries(committee, cycle, more.as_ref(), self.zone)).collect();
        ics::Feed { name: format!("CSP Digest: {}", self.name), entries }
    }
}

impl Tx {
    async fn get_link(&mut self, id: DiaryLinkId) -> Result<DiaryLink, StoreError> {
        let region = self.region();
        let row: Option<Row> = on!(self, |c| sqlx::query_as(GET_LINK).bind(region.0).bind(id.0).fetch_optional(c).await)?;
        row.ok_or(StoreError::NotFound("diary link"))?.try_into()
    }

    async fn dates(&mut self, diary: Diary, now: Instant) -> Result<DiaryDates, StoreError> {
        let region = self.region();
        let zone = self.get_region(region).await?.zone;
        let (name, committees) = match diary {
            Diary::Committee(id) => (self.get_committee(id).await?.name, vec![id]),
            Diary::Partnership(id) => {
                self.check_partnership(id)?;
                let name = self.get_partnership(id).await?.name;
                let ids: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(COMMITTEES_OF).bind(region.0).bind(id.0).fetch_all(c).await)?;
                (name, ids.into_iter().map(CommitteeId).collect())
            }
        };
        let mut cycles = Vec::new();
        for id in committees {
            let committee = self.get_committee(id).await?.name;
            let since = now - LOOK_BACK;
            for mut cycle in self.cycles_of(id).await?.into_iter().filter(|cycle| cycle.timetable.meeting_at >= since) {
                let mut more = None;
                if let Diary::Partnership(whose) = diary
                    && let Some(extension) = self.extensions_of(&cycle).await?.remove(&whose)
                {
                    cycle.timetable.deadline_at = extension.until;
                    more = Some(extension.reason);
                }
                // Nobody's diary has a cycle that was called off before it was in any.
                if cycle.state != CycleState::Cancelled || cycle.revision > 1 {
                    cycles.push((committee.clone(), cycle, more));
                }
            }
        }
        cycles.sort_by_key(|(_, cycle, _)| (cycle.timetable.deadline_at, cycle.id));
        Ok(DiaryDates { name, cycles, zone })
    }
}

impl Store {
    /// The dates of a partnership or a committee, from a little more than a year ago on.
    pub async fn diary_dates(&self, scope: Scope, diary: Diary, now: Instant) -> Result<DiaryDates, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.dates(diary, now).await })).await
    }

    /// Makes a link. The secret cannot be shown again, so the repetition of the same request is told that it was made.
    pub async fn create_diary_link(&self, scope: Scope, act: &Act, new: NewDiaryLink) -> Result<DiaryLink, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if tx.replayed(&act).await?.is_some() {
                    return Err(StoreError::AlreadyExists("a link made by this request; its secret cannot be shown again".to_owned()));
                }
                match new.diary {
                    Diary::Partnership(id) => drop(tx.get_partnership(id).await?),
                    Diary::Committee(id) => drop(tx.get_committee(id).await?),
                }
                let region = tx.region();
                let live: i64 = on!(tx, |c| sqlx::query_scalar(COUNT_LINKS).bind(region.0).bind(new.by.0).fetch_one(c).await)?;
                if usize::try_from(live).unwrap_or(usize::MAX) >= DiaryLink::MOST {
                    return Err(Refusal::TooManyLinks.into());
                }
                let (partnership, committee) = parts(new.diary);
                on!(tx, |c| sqlx::query(INSERT_LINK)
                    .bind(region.0)
                    .bind(new.id.0)
                    .bind(&new.public_id)
                    .bind(new.hash.to_string())
                    .bind(partnership)
                    .bind(committee)
                    .bind(new.by.0)
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                let facts = Facts::open(json!({ "partnership": partnership, "committee": committee }));
                tx.audit(&act, "create", "diary_link", new.id.0, None, Some(facts)).await?;
                tx.remember(&act, new.id.0).await?;
                tx.get_link(new.id).await
            })
        })
        .await
    }

    /// The links to one diary: of one person, or of all.
    pub async fn list_diary_links(
        &self,
        scope: Scope,
        diary: Diary,
        of: Option<PersonId>,
        page: Page,
    ) -> Result<Listing<DiaryLink>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let (partnership, committee) = parts(diary);
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_LINKS)
                    .bind(region.0)
                    .bind(of.is_none())
                    .bind(of.map(|person| person.0).unwrap_or_default())
                    .bind(partnership.or(committee).unwrap_or_default())
                    .bind(page.after)
                    .bind(page.limit())
                    .fetch_all(c)
                    .await)?;
                let items = rows.into_iter().map(DiaryLink::try_from).collect::<Result<Vec<_>, _>>()?;
                Ok(Listing::cut(items, page, |link| link.id.0))
            })
        })
        .await
    }

    /// Takes a link away: whoever follows it hears that there is nothing. With `of`, only if it is that person's.
    pub async fn revoke_diary_link(
        &self,
        scope: Scope,
        act: &Act,
        id: DiaryLinkId,
        diary: Diary,
        of: Option<PersonId>,
    ) -> Result<DiaryLink, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_link(id).await?;
                if old.diary != diary || of.is_some_and(|person| person != old.created_by) {
                    return Err(StoreError::NotFound("diary link"));
                }
                let region = tx.region();
                let rows = on!(tx, |c| sqlx::query(REVOKE_LINK)
                    .bind(region.0)
                    .bind(id.0)
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                if rows == 1 {
                    let (old, new) = (Facts::open(json!({ "revoked_at": null })), Facts::open(json!({ "revoked_at": act.at })));
                    tx.audit(&act, "revoke", "diary_link", id.0, Some(old), Some(new)).await?;
                }
                tx.get_link(id).await
            })
        })
        .await
    }

    /// The link that an address names, with the hash of its secret and its region. Whether the secret is right, and whether the link
    /// still stands, is for the caller to judge.
    pub async fn find_diary_link(&self, public_id: &str) -> Result<Option<(RegionId, Hash, DiaryLink)>, StoreError> {
        let public_id = public_id.to_owned();
        self.read(Scope::System, move |tx| {
            Box::pin(async move {
                let row: Option<Row> = on!(tx, |c| sqlx::query_as(FIND_LINK).bind(&public_id).fetch_optional(c).await)?;
                let Some(row) = row else { return Ok(None) };
                let hash = Hash::parse(&row.secret_hash).ok_or_else(|| error::inconsistent("diary_links", "secret_hash"))?;
                Ok(Some((RegionId(row.region_id), hash, row.try_into()?)))
            })
        })
        .await
    }
}
