//! What a committee's meetings are planned by, and how each became a cycle.

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use csp_domain::{
    Act, Scope,
    calendar::{
        BankHolidays, ClosedDays, CommitteeRules, Nation, Reckoning, Timetable, WorkingDays,
        ladder::{self, Rung},
    },
    clock::Instant,
    cycle::Cycle,
    id::{CommitteeId, CycleId, RegionId},
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Store, StoreError, audit::Facts, engine::on, error, statement::statements, unit::Tx};

statements! {
    GET_RULES = "SELECT rules FROM committee_rules WHERE region_id = $1 AND committee_id = $2";
    PUT_RULES = "INSERT INTO committee_rules (region_id, committee_id, rules, revision) VALUES ($1, $2, $3, 1) \
        ON CONFLICT (region_id, committee_id) DO UPDATE SET rules = excluded.rules, revision = committee_rules.revision + 1";
    DELETE_RULES = "DELETE FROM committee_rules WHERE region_id = $1 AND committee_id = $2";
    LIST_RULED = "SELECT region_id, committee_id FROM committee_rules ORDER BY region_id, committee_id";
    LIST_RULED_OF_REGION = "SELECT committee_id FROM committee_rules WHERE region_id = $1 ORDER BY committee_id";
    LIST_CLOSED_DAYS = "SELECT day, reason FROM closed_days WHERE region_id = $1 AND owner_id = $2 ORDER BY day";
    PUT_CLOSED_DAY = "INSERT INTO closed_days (region_id, owner_id, day, reason) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (region_id, owner_id, day) DO UPDATE SET reason = excluded.reason";
    DELETE_CLOSED_DAY = "DELETE FROM closed_days WHERE region_id = $1 AND owner_id = $2 AND day = $3";
    GET_PLAN = "SELECT plan FROM cycle_plans WHERE region_id = $1 AND cycle_id = $2";
    PUT_PLAN = "INSERT INTO cycle_plans (region_id, cycle_id, plan) VALUES ($1, $2, $3) \
        ON CONFLICT (region_id, cycle_id) DO UPDATE SET plan = excluded.plan";
    DELETE_PLAN = "DELETE FROM cycle_plans WHERE region_id = $1 AND cycle_id = $2";
}

/// Whose clock a committee's reminders go by: its nation, its closed days, its ladder.
#[derive(Debug, Clone)]
pub struct Office {
    /// Its rules, if it plans by any.
    pub rules: Option<CommitteeRules>,
    /// Days on which its own offices are shut.
    pub closed: ClosedDays,
    /// Those and the days on which all offices of its region are.
    pub all_closed: ClosedDays,
    holidays: Arc<BankHolidays>,
}

impl Office {
    /// The days on which it is open. Where a committee has no rules, those of England: all that report by this program's
    /// statutes are in England or Wales, which have the same.
    pub fn days(&self) -> WorkingDays<'_> {
        let nation = self.rules.as_ref().map_or(Nation::England, |rules| rules.rules.nation);
        WorkingDays::new(self.holidays.of(nation.division()), &self.all_closed)
    }

    /// So many working days an approved paper is kept back: one, where no rules say otherwise.
    pub fn cooling_off(&self) -> u8 {
        self.rules.as_ref().map_or(1, |rules| rules.rules.cooling_off)
    }

    /// Its rounds of reminders about a cycle with these dates.
    pub fn rungs(&self, timetable: &Timetable, zone: Tz) -> Vec<(Rung, Instant)> {
        let reminders = self.rules.as_ref().map_or_else(|| ladder::REMINDERS.to_vec(), CommitteeRules::reminders);
        ladder::rungs(timetable, self.days(), &reminders, self.cooling_off(), zone)
    }
}

/// Whose closed days: a committee's, or those of all committees of the region.
fn owner(region: RegionId, committee: Option<CommitteeId>) -> Uuid {
    committee.map_or(region.0, |committee| committee.0)
}

fn stored<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Failed(Box::new(error)))
}

impl Tx {
    pub(crate) async fn rules_of(&mut self, committee: CommitteeId) -> Result<Option<CommitteeRules>, StoreError> {
        let region = self.region();
        let text: Option<String> = on!(self, |c| sqlx::query_scalar(GET_RULES).bind(region.0).bind(committee.0).fetch_optional(c).await)?;
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| error::inconsistent("committee_rules", "rules"))
    }

    pub(crate) async fn put_rules(
        &mut self,
        act: &Act,
        committee: CommitteeId,
        old: Option<&CommitteeRules>,
        new: Option<&CommitteeRules>,
    ) -> Result<(), StoreError> {
        let region = self.region();
        match new {
            Some(rules) => {
                let text = stored(rules)?;
                on!(self, |c| sqlx::query(PUT_RULES).bind(region.0).bind(committee.0).bind(&text).execute(c).await.map(|_| ()))?;
            }
            None => on!(self, |c| sqlx::query(DELETE_RULES).bind(region.0).bind(committee.0).execute(c).await.map(|_| ()))?,
        }
        let facts = |rules: Option<&CommitteeRules>| rules.map(|rules| Facts::open(json!({ "rules": rules })));
        self.audit(act, "set_rules", "committee", committee.0, facts(old), facts(new)).await
    }

    pub(crate) async fn closed_days_of(&mut self, committee: Option<CommitteeId>) -> Result<ClosedDays, StoreError> {
        let region = self.region();
        let rows: Vec<(NaiveDate, String)> =
            on!(self, |c| sqlx::query_as(LIST_CLOSED_DAYS).bind(region.0).bind(owner(region, committee)).fetch_all(c).await)?;
        let bad = |_| error::inconsistent("closed_days", "reason");
        let days = rows.into_iter().map(|(day, reason)| Ok((day, Line::parse(&reason, Line::NAME).map_err(bad)?)));
        ClosedDays::new(days.collect::<Result<Vec<_>, StoreError>>()?).map_err(bad)
    }

    pub(crate) async fn put_closed_days(
        &mut self,
        act: &Act,
        committee: Option<CommitteeId>,
        add: &ClosedDays,
        remove: &[NaiveDate],
    ) -> Result<(), StoreError> {
        let region = self.region();
        let owner = owner(region, committee);
        for day in remove {
            on!(self, |c| sqlx::query(DELETE_CLOSED_DAY).bind(region.0).bind(owner).bind(day).execute(c).await.map(|_| ()))?;
        }
        for (day, reason) in add.iter() {
            on!(self, |c| sqlx::query(PUT_CLOSED_DAY)
                .bind(region.0)
                .bind(owner)
                .bind(day)
                .bind(reason.as_str())
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        let added: Vec<_> = add.iter().map(|(day, reason)| json!({ "day": day, "reason": reason.as_str() })).collect();
        let subject = if committee.is_some() { "committee" } else { "region" };
        let facts = Facts::open(json!({ "closed": added, "open_again": remove }));
        self.audit(act, "close_days", subject, owner, None, Some(facts)).await
    }

    pub(crate) async fn office_of(&mut self, committee: CommitteeId, holidays: &Arc<BankHolidays>) -> Result<Office, StoreError> {
        let rules = self.rules_of(committee).await?;
        let closed = self.closed_days_of(Some(committee)).await?;
        let all_closed = closed.and(&self.closed_days_of(None).await?);
        Ok(Office { rules, closed, all_closed, holidays: holidays.clone() })
    }

    pub(crate) async fn plan_of(&mut self, cycle: CycleId) -> Result<Option<Reckoning>, StoreError> {
        let region = self.region();
        let text: Option<String> = on!(self, |c| sqlx::query_scalar(GET_PLAN).bind(region.0).bind(cycle.0).fetch_optional(c).await)?;
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| error::inconsistent("cycle_plans", "plan"))
    }

    pub(crate) async fn put_plan(&mut self, cycle: CycleId, plan: &Reckoning) -> Result<(), StoreError> {
        let region = self.region();
        let text = stored(plan)?;
        on!(self, |c| sqlx::query(PUT_PLAN).bind(region.0).bind(cycle.0).bind(&text).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Its dates do not follow from the rules any more.
    pub(crate) async fn forget_plan(&mut self, cycle: CycleId) -> Result<(), StoreError> {
        let region = self.region();
        on!(self, |c| sqlx::query(DELETE_PLAN).bind(region.0).bind(cycle.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// The committees of the region that plan by rules.
    pub(crate) async fn ruled(&mut self) -> Result<Vec<CommitteeId>, StoreError> {
        let region = self.region();
        let ids: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(LIST_RULED_OF_REGION).bind(region.0).fetch_all(c).await)?;
        Ok(ids.into_iter().map(CommitteeId).collect())
    }
}

impl Store {
    /// What a committee's meetings are planned by, and when its offices are open.
    pub async fn get_office(&self, scope: Scope, committee: CommitteeId) -> Result<Office, StoreError> {
        let holidays = self.holidays.clone();
        self.read(scope, move |tx| Box::pin(async move { tx.office_of(committee, &holidays).await })).await
    }

    /// The days on which all offices of the region are shut.
    pub async fn closed_days(&self, scope: Scope) -> Result<ClosedDays, StoreError> {
        self.read(scope, |tx| Box::pin(async move { tx.closed_days_of(None).await })).await
    }

    /// How a cycle's dates came about; none where they were set by hand or by recurrence.
    pub async fn get_plan(&self, scope: Scope, cycle: CycleId) -> Result<Option<Reckoning>, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.plan_of(cycle).await })).await
    }

    /// Every committee that plans by rules, with its region. For the tick.
    pub async fn list_ruled(&self) -> Result<Vec<(RegionId, CommitteeId)>, StoreError> {
        self.read(Scope::System, |tx| {
            Box::pin(async move {
                let rows: Vec<(Uuid, Uuid)> = on!(tx, |c| sqlx::query_as(LIST_RULED).fetch_all(c).await)?;
                Ok(rows.into_iter().map(|(region, committee)| (RegionId(region), CommitteeId(committee))).collect())
            })
        })
        .await
    }
}

/// Whether a cycle can still be planned anew.
pub(crate) fn unfinished(cycle: &Cycle) -> bool {
    use csp_domain::cycle::CycleState::{Closed, Open, Planned};
    matches!(cycle.state, Planned | Open | Closed)
}
