//! Terms on committees.

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    committee::Member,
    id::{CommitteeId, MemberId, PersonId},
    person::{NewPerson, Person},
};
use serde_json::json;
use uuid::Uuid;

use crate::{Listing, Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    INSERT_MEMBER = "INSERT INTO members (region_id, member_id, committee_id, person_id, starts_on, ends_on, created_at, revision) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 1)";
    OVERLAPPING_TERMS = "SELECT COUNT(*) FROM members WHERE region_id = $1 AND committee_id = $2 AND person_id = $3 \
        AND (ends_on IS NULL OR ends_on >= $4) AND ($5 OR starts_on <= $6)";
    UPDATE_MEMBER = "UPDATE members SET starts_on = $4, ends_on = $5, revision = revision + 1 WHERE region_id = $1 AND committee_id = $2 AND member_id = $3 AND revision = $6";
    GET_MEMBER = "SELECT member_id, person_id, starts_on, ends_on, revision FROM members WHERE region_id = $1 AND committee_id = $2 AND member_id = $3";
    LIST_MEMBERS = "SELECT member_id, person_id, starts_on, ends_on, revision FROM members \
        WHERE region_id = $1 AND committee_id = $2 AND member_id > $3 ORDER BY member_id LIMIT $4";
    /// A person with two terms that both cover the day is one recipient.
    LIST_IN_TERM = "SELECT DISTINCT person_id FROM members \
        WHERE region_id = $1 AND committee_id = $2 AND starts_on <= $3 AND (ends_on IS NULL OR ends_on >= $3) ORDER BY person_id";
}

#[derive(sqlx::FromRow)]
struct Row {
    member_id: Uuid,
    person_id: Uuid,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
    revision: i64,
}

impl From<Row> for Member {
    fn from(row: Row) -> Self {
        Self {
            id: MemberId(row.member_id),
            person: PersonId(row.person_id),
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            revision: row.revision,
        }
    }
}

fn facts(committee: CommitteeId, m: &Member) -> Facts {
    Facts::open(json!({ "committee": committee, "person": m.person, "starts_on": m.starts_on, "ends_on": m.ends_on }))
}

impl Tx {
    async fn get_member(&mut self, committee: CommitteeId, id: MemberId) -> Result<Member, StoreError> {
        let region = self.region();
        let row: Option<Row> =
            on!(self, |c| sqlx::query_as(GET_MEMBER).bind(region.0).bind(committee.0).bind(id.0).fetch_optional(c).await)?;
        row.map(Into::into).ok_or(StoreError::NotFound("member"))
    }

    /// Refuses a term that covers days another term of the same person covers: a list imported twice would
    /// otherwise leave terms behind that nobody thinks of when a member goes.
    async fn check_overlap(&mut self, committee: CommitteeId, new: &Member) -> Result<(), StoreError> {
        let region = self.region();
        let overlapping: i64 = on!(self, |c| sqlx::query_scalar(OVERLAPPING_TERMS)
            .bind(region.0)
            .bind(committee.0)
            .bind(new.person.0)
            .bind(new.starts_on)
            .bind(new.ends_on.is_none())
            .bind(new.ends_on.unwrap_or(new.starts_on))
            .fetch_one(c)
            .await)?;
        if overlapping > 0 {
            let person = self.get_person(new.person).await?;
            return Err(StoreError::AlreadyExists(format!("a term of {} on this committee that covers some of these days", person.name)));
        }
        Ok(())
    }

    async fn insert_member(&mut self, act: &Act, committee: CommitteeId, new: &Member) -> Result<(), StoreError> {
        if new.ends_on.is_some_and(|end| end < new.starts_on) {
            return Err(Refusal::EndsBeforeStart.into());
        }
        let region = self.region();
        on!(self, |c| sqlx::query(INSERT_MEMBER)
            .bind(region.0)
            .bind(new.id.0)
            .bind(committee.0)
            .bind(new.person.0)
            .bind(new.starts_on)
            .bind(new.ends_on)
            .bind(act.at)
            .execute(c)
            .await
            .map(|_| ()))?;
        self.audit(act, "create", "member", new.id.0, None, Some(facts(committee, new))).await
    }

    /// Everyone in term on `day`.
    pub(crate) async fn in_term(&mut self, committee: CommitteeId, day: NaiveDate) -> Result<Vec<Person>, StoreError> {
        let region = self.region();
        let ids: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(LIST_IN_TERM).bind(region.0).bind(committee.0).bind(day).fetch_all(c).await)?;
        let mut people = Vec::with_capacity(ids.len());
        for id in ids {
            people.push(self.get_person(PersonId(id)).await?);
        }
        Ok(people)
    }
}

impl Store {
    /// Adds a term.
    pub async fn create_member(&self, scope: Scope, act: &Act, committee: CommitteeId, new: Member) -> Result<Member, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if let Some(id) = tx.replayed(&act).await? {
                    return tx.get_member(committee, MemberId(id)).await;
                }
                tx.get_committee(committee).await?;
                tx.get_person(new.person).await?;
                tx.insert_member(&act, committee, &new).await?;
                tx.remember(&act, new.id.0).await?;
                Ok(new)
            })
        })
        .await
    }

    /// Adds many terms at once, entering persons whose address is not known. All or none. Answers the
    /// terms with their persons, and how many persons are new.
    pub async fn import_members(
        &self,
        scope: Scope,
        act: &Act,
        committee: CommitteeId,
        rows: Vec<(NewPerson, Member)>,
    ) -> Result<(Vec<(Member, Person)>, usize), StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                if tx.replayed(&act).await?.is_some() {
                    return Err(StoreError::AlreadyExists("what this request imported".to_owned()));
                }
                tx.get_committee(committee).await?;
                let mut made = Vec::with_capacity(rows.len());
                let mut entered = 0;
                for (new, mut member) in rows {
                    let person = match tx.find_person_by_email(&new.email).await? {
                        Some(known) => known,
                        None => {
                            entered += 1;
                            tx.insert_person(&act, &new).await?
                        }
                    };
                    member.person = person.id;
                    tx.check_overlap(committee, &member).await?;
                    tx.insert_member(&act, committee, &member).await?;
                    made.push((member, person));
                }
                tx.remember(&act, committee.0).await?;
                Ok((made, entered))
            })
        })
        .await
    }

    /// The terms on a committee, each with its person, in order of creation.
    pub async fn list_members(&self, scope: Scope, committee: CommitteeId, page: Page) -> Result<Listing<(Member, Person)>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                tx.get_committee(committee).await?;
                let region = tx.region();
                let rows: Vec<Row> = on!(tx, |c| sqlx::query_as(LIST_MEMBERS)
                    .bind(region.0)
                    .bind(committee.0)
                    .bind(page.after)
                    .bind(page.limit())
                    .fetch_all(c)
                    .await)?;
                let mut items = Vec::with_capacity(rows.len());
                for row in rows {
                    let member: Member = row.into();
                    let person = tx.get_person(member.person).await?;
                    items.push((member, person));
                }
                Ok(Listing::cut(items, page, |(m, _)| m.id.0))
            })
        })
        .await
    }

    /// Who is in term on `day`, each once.
    pub async fn members_in_term(&self, scope: Scope, committee: CommitteeId, day: NaiveDate) -> Result<Vec<Person>, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.in_term(committee, day).await })).await
    }

    /// Changes the days of a term. The inner none of `ends_on`: until further notice.
    #[expect(clippy::too_many_arguments, reason = "each is a different thing, and the types keep them apart")]
    pub async fn update_member(
        &self,
        scope: Scope,
        act: &Act,
        committee: CommitteeId,
        id: MemberId,
        starts_on: Option<NaiveDate>,
        ends_on: Option<Option<NaiveDate>>,
        revision: Option<i64>,
    ) -> Result<(Member, Person), StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let old = tx.get_member(committee, id).await?;
                error::check_revision("member", revision, old.revision)?;
                let mut new = old.clone();
                new.starts_on = starts_on.unwrap_or(old.starts_on);
                new.ends_on = ends_on.unwrap_or(old.ends_on);
                if new.ends_on.is_some_and(|end| end < new.starts_on) {
                    return Err(Refusal::EndsBeforeStart.into());
                }
                let region = tx.region();
                let changed = on!(tx, |c| sqlx::query(UPDATE_MEMBER)
                    .bind(region.0)
                    .bind(committee.0)
                    .bind(id.0)
                    .bind(new.starts_on)
                    .bind(new.ends_on)
                    .bind(old.revision)
                    .execute(c)
                    .await
                    .map(|r| r.rows_affected()))?;
                error::check_changed("member", changed)?;
                new.revision = old.revision + 1;
                tx.audit(&act, "update", "member", id.0, Some(facts(committee, &old)), Some(facts(committee, &new))).await?;
                let person = tx.get_person(new.person).await?;
                Ok((new, person))
            })
        })
        .await
    }
}
