//! Who is missing: where each partnership stands in a cycle, and how often returns came over the cycles before.

use chrono::NaiveDate;
use csp_domain::{
    Scope,
    calendar::civil_day,
    clock::Instant,
    completeness::{Standing, Tally},
    cycle::{Cycle, Extension},
    id::{CommitteeId, CycleId, PartnershipId, PersonId},
    joint::{JointTally, tally_of},
    wording::WordingTally,
};
use uuid::Uuid;

use crate::{Store, StoreError, engine::on, error, statement::statements, unit::Tx};

statements! {
    /// Closed cycles of a committee up to a deadline, and those that were called off after theirs, the latest first. A partnership that was set up later owed nothing then.
    /// Whom the committee asks for nothing owes no return.
    LIST_TALLIES = "WITH freed AS (SELECT e.partnership_id FROM committee_exemptions e WHERE e.region_id = $1 AND e.committee_id = $2 \
            GROUP BY e.partnership_id HAVING COUNT(*) = (SELECT COUNT(*) FROM committee_indicators i WHERE i.region_id = $1 AND i.committee_id = $2)) \
        SELECT c.cycle_id, c.slug, \
        (SELECT COUNT(*) FROM committee_partnerships p JOIN partnerships q ON q.region_id = p.region_id AND q.partnership_id = p.partnership_id \
            WHERE p.region_id = c.region_id AND p.committee_id = c.committee_id AND q.created_at <= c.deadline_at AND p.partnership_id NOT IN (SELECT x.partnership_id FROM freed x)) AS expected, \
        (SELECT COUNT(*) FROM committee_partnerships p JOIN partnerships q ON q.region_id = p.region_id AND q.partnership_id = p.partnership_id \
            JOIN returns r ON r.region_id = p.region_id AND r.partnership_id = p.partnership_id AND r.cycle_id = c.cycle_id AND r.state NOT IN ('draft', 'withdrawn') \
            WHERE p.region_id = c.region_id AND p.committee_id = c.committee_id AND q.created_at <= c.deadline_at AND p.partnership_id NOT IN (SELECT x.partnership_id FROM freed x)) AS received, \
        (SELECT COUNT(*) FROM committee_partnerships p JOIN partnerships q ON q.region_id = p.region_id AND q.partnership_id = p.partnership_id \
            JOIN returns r ON r.region_id = p.region_id AND r.partnership_id = p.partnership_id AND r.cycle_id = c.cycle_id AND r.state NOT IN ('draft', 'withdrawn') \
            JOIN return_revisions v ON v.region_id = r.region_id AND v.return_id = r.return_id AND v.revision = r.content AND v.submitted_at <= \
                COALESCE((SELECT e.until_at FROM extensions e WHERE e.region_id = c.region_id AND e.cycle_id = c.cycle_id AND e.partnership_id = p.partnership_id AND e.until_at > c.deadline_at), c.deadline_at) \
            WHERE p.region_id = c.region_id AND p.committee_id = c.committee_id AND q.created_at <= c.deadline_at AND p.partnership_id NOT IN (SELECT x.partnership_id FROM freed x)) AS on_time \
        FROM cycles c WHERE c.region_id = $1 AND c.committee_id = $2 AND (c.state IN ('closed', 'published') OR c.state = 'cancelled' AND EXISTS (SELECT 1 FROM cycle_moves m \
            WHERE m.region_id = c.region_id AND m.cycle_id = c.cycle_id AND m.moves = '[]' AND m.period_move IS NULL AND m.moved_at > c.deadline_at)) \
        AND c.deadline_at <= $3 \
        ORDER BY c.deadline_at DESC, c.cycle_id DESC LIMIT 8";
    /// The same cycles, one partnership alone: how many it was there for, in how many its return came, and came in time.
    COUNT_OF_PARTNERSHIP = "SELECT COUNT(*) AS cycles, COUNT(r.return_id) AS received, COUNT(v.revision) AS on_time FROM ( \
            SELECT region_id, cycle_id, deadline_at FROM cycles c WHERE region_id = $1 AND committee_id = $2 AND (c.state IN ('closed', 'published') OR c.state = 'cancelled' AND EXISTS (SELECT 1 FROM cycle_moves m \
            WHERE m.region_id = c.region_id AND m.cycle_id = c.cycle_id AND m.moves = '[]' AND m.period_move IS NULL AND m.moved_at > c.deadline_at)) \
            AND deadline_at <= $3 ORDER BY deadline_at DESC, cycle_id DESC LIMIT 8) c \
        JOIN partnerships q ON q.region_id = c.region_id AND q.partnership_id = $4 AND q.created_at <= c.deadline_at \
        LEFT JOIN returns r ON r.region_id = c.region_id AND r.cycle_id = c.cycle_id AND r.partnership_id = $4 AND r.state NOT IN ('draft', 'withdrawn') \
        LEFT JOIN return_revisions v ON v.region_id = r.region_id AND v.return_id = r.return_id AND v.revision = r.content AND v.submitted_at <= \
            COALESCE((SELECT e.until_at FROM extensions e WHERE e.region_id = c.region_id AND e.cycle_id = c.cycle_id AND e.partnership_id = $4 AND e.until_at > c.deadline_at), c.deadline_at)";
    LIST_PAPER_ROLES = "SELECT DISTINCT person_id, role FROM role_grants WHERE region_id = $1 AND committee_id = $2 AND starts_on <= $3 \
        AND (ends_on IS NULL OR ends_on >= $3) ORDER BY person_id, role";
    COUNT_NEWS = "SELECT COUNT(*) FROM news_items WHERE region_id = $1 AND cycle_id = $2 AND partnership_id = $3 AND state = 'submitted'";
}

#[derive(sqlx::FromRow)]
struct TallyRow {
    cycle_id: Uuid,
    slug: String,
    expected: i64,
    received: i64,
    on_time: i64,
}

fn small(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Tx {
    /// The last closed cycles of a committee whose deadline is not after `until`, the latest first.
    pub(crate) async fn tallies(&mut self, committee: CommitteeId, until: Instant) -> Result<Vec<Tally>, StoreError> {
        let region = self.region();
        let rows: Vec<TallyRow> =
            on!(self, |c| sqlx::query_as(LIST_TALLIES).bind(region.0).bind(committee.0).bind(until).fetch_all(c).await)?;
        let tally = |row: TallyRow| {
            Ok(Tally {
                cycle: CycleId(row.cycle_id),
                slug: row.slug.parse().map_err(|_| error::inconsistent("cycles", "slug"))?,
                expected: small(row.expected),
                received: small(row.received),
                on_time: small(row.on_time),
            })
        };
        rows.into_iter().map(tally).collect()
    }

    async fn standing(
        &mut self,
        cycle: &Cycle,
        id: PartnershipId,
        signing: bool,
        until: Instant,
        extension: Option<Extension>,
    ) -> Result<Standing, StoreError> {
        let region = self.region();
        let answer = self.find_return(id, cycle.id).await?;
        let news: i64 = on!(self, |c| sqlx::query_scalar(COUNT_NEWS).bind(region.0).bind(cycle.id.0).bind(id.0).fetch_one(c).await)?;
        let (cycles, received, on_time): (i64, i64, i64) = on!(self, |c| sqlx::query_as(COUNT_OF_PARTNERSHIP)
            .bind(region.0)
            .bind(cycle.committee.0)
            .bind(until)
            .bind(id.0)
            .fetch_one(c)
            .await)?;
        Ok(Standing {
            partnership: id,
            answer,
            news: small(news),
            signing,
            cycles: small(cycles),
            received: small(received),
            on_time: small(on_time),
            extension,
            wordings: WordingTally::default(),
            joint: JointTally::default(),
        })
    }
}

impl Store {
    /// Who edits and who approves a committee's paper on `day`.
    pub async fn list_editors_and_approvers(
        &self,
        scope: Scope,
        committee: CommitteeId,
        day: NaiveDate,
    ) -> Result<(Vec<PersonId>, Vec<PersonId>), StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let rows: Vec<(Uuid, String)> =
                    on!(tx, |c| sqlx::query_as(LIST_PAPER_ROLES).bind(region.0).bind(committee.0).bind(day).fetch_all(c).await)?;
                let holders = |role: &str| rows.iter().filter(|row| row.1 == role).map(|row| PersonId(row.0)).collect();
                Ok((holders("editor"), holders("approver")))
            })
        })
        .await
    }

    /// Where each partnership of a cycle stands that owes a return or has sent one, in the committee's order, and the tallies of the last closed cycles up to this
    /// one. Not for a partnership's scope: the others' returns are part of it.
    pub async fn cycle_standing(&self, scope: Scope, cycle: CycleId) -> Result<(Vec<Standing>, Vec<Tally>), StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                if tx.scope().partnership().is_some() {
                    return Err(StoreError::NotFound("cycle"));
                }
                let cycle = tx.get_cycle(cycle).await?;
                let committee = tx.get_committee(cycle.committee).await?;
                let region = tx.region();
                let day = civil_day(cycle.timetable.deadline_at, tx.get_region(region).await?.zone);
                let signing = tx.signing(&committee, day).await?;
                let until = cycle.timetable.deadline_at;
                let mut extensions = tx.extensions_of(&cycle).await?;
                let wordings = tx.wording_tallies(cycle.id).await?;
                let joint = tx.joint_of_cycle(cycle.id).await?;
                let mut standings = Vec::with_capacity(committee.partnerships.len());
                for id in &committee.partnerships {
                    let standing = tx.standing(&cycle, *id, signing.contains(id), until, extensions.remove(id)).await?;
                    let wordings =
                        wordings.iter().find(|(partnership, _)| partnership == id).map_or_else(Default::default, |(_, tally)| *tally);
                    // Nobody is missed who owes no return; who sends one all the same is told of.
                    if standing.answer.is_none() && !committee.expects_return(*id) {
                        continue;
                    }
                    standings.push(Standing { wordings, joint: tally_of(&joint, *id), ..standing });
                }
                Ok((standings, tx.tallies(committee.id, until).await?))
            })
        })
        .await
    }
}
