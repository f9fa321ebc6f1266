//! From meetings to dates: rules, closed days, planning.

use std::collections::{HashMap, hash_map::Entry};

use csp_domain::{Scope, calendar::ics, committee::Committee, id::CommitteeId, period::uk_date, region::Region, text::Line};
use csp_proto::v1::{self, calendar_service_server::CalendarService};
use csp_store::{Meeting, Replanned};
use tonic::{Request, Response, Status};

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{Faults, calendar as shape},
    names,
};

/// The largest iCalendar file taken in a call.
const MAX_FILE: usize = 256 * 1024;

impl Api {
    async fn calendar(&self, scope: Scope, region: &Region, committee: &Committee) -> Result<v1::Calendar, Status> {
        let office = self.store.get_office(scope, committee.id).await.map_err(|e| self.refuse(e))?;
        let of_region = self.store.closed_days(scope).await.map_err(|e| self.refuse(e))?;
        Ok(shape::calendar_to(region, committee, &office, &of_region))
    }

    async fn replanned(&self, region: &Region, found: &[Replanned]) -> Result<Vec<v1::Replanned>, Status> {
        let mut answers = Vec::with_capacity(found.len());
        let mut committees: HashMap<CommitteeId, Committee> = HashMap::new();
        for one in found {
            let committee = match committees.entry(one.committee) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let read = self.store.get_committee(Scope::Region(region.id), one.committee).await;
                    unknown.insert(read.map_err(|e| self.refuse(e))?)
                }
            };
            answers.push(shape::replanned_to(region, committee, one));
        }
        Ok(answers)
    }

    async fn meetings(
        &self,
        caller: &Caller,
        committee: &Committee,
        given: &[v1::Meeting],
        faults: &mut Faults,
    ) -> Result<Vec<Meeting>, Status> {
        if given.len() > ics::MAX_EVENTS {
            faults.add("meetings", format!("must be at most {}", ics::MAX_EVENTS));
        }
        let mut meetings = Vec::new();
        for (i, meeting) in given.iter().take(ics::MAX_EVENTS).enumerate() {
            let field = format!("meetings[{i}]");
            let read = shape::meeting_from(&field, meeting, faults);
            let mut cycle = None;
            if !meeting.cycle.is_empty() {
                let field = format!("{field}.cycle");
                let (_, of, found) = self.cycle_of(caller, &field, &meeting.cycle).await?;
                if of.id == committee.id {
                    cycle = Some(found.id);
                } else {
                    faults.add(field, "must be a cycle of the committee");
                }
            }
            meetings.extend(read.map(|read| Meeting { cycle, ..read }));
        }
        Ok(meetings)
    }
}

/// The meetings of an iCalendar file; what is wrong with it stands under its line: `ics line 7`.
pub(crate) fn meetings_in(file: &str, region: &Region, faults: &mut Faults) -> Vec<Meeting> {
    if file.len() > MAX_FILE {
        faults.add("ics", format!("must be at most {MAX_FILE} bytes long"));
        return Vec::new();
    }
    match ics::read(file.as_bytes(), region.zone) {
        Ok(sittings) => {
            if sittings.is_empty() {
                faults.add("ics", "has no meetings");
            }
            let meeting = |sitting: ics::Sitting| Meeting {
                day: sitting.day,
                time: sitting.time,
                period: None,
                uid: Some(sitting.uid),
                sequence: Some(sitting.sequence),
                cancelled: sitting.cancelled,
                cycle: None,
            };
            sittings.into_iter().map(meeting).collect()
        }
        Err(found) => {
            for fault in found {
                let field = if fault.field == "file" { "ics".to_owned() } else { format!("ics {}", fault.field) };
                faults.add(field, fault.reason);
            }
            Vec::new()
        }
    }
}

#[tonic::async_trait]
impl CalendarService for Api {
    async fn get_calendar(&self, request: Request<v1::GetCalendarRequest>) -> Result<Response<v1::Calendar>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetCalendarRequest { parent } = request.into_inner();
        let (region, committee) = self.committee_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        self.calendar(scope, &region, &committee).await.map(Response::new)
    }

    async fn set_rules(&self, request: Request<v1::SetRulesRequest>) -> Result<Response<v1::SetRulesResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::SetRulesRequest { parent, rules, validate_only } = request.into_inner();
        let (region, committee) = self.committee_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let mut faults = Faults::default();
        let rules = rules.and_then(|given| shape::rules_from("rules", given, &mut faults));
        faults.check()?;
        let act = caller.create(None, validate_only);
        let (office, found) = self.store.set_rules(scope, &act, committee.id, rules).await.map_err(|e| self.refuse(e))?;
        let of_region = self.store.closed_days(scope).await.map_err(|e| self.refuse(e))?;
        let calendar = Some(shape::calendar_to(&region, &committee, &office, &of_region));
        Ok(Response::new(v1::SetRulesResponse { calendar, replanned: self.replanned(&region, &found).await? }))
    }

    async fn change_closed_days(
        &self,
        request: Request<v1::ChangeClosedDaysRequest>,
    ) -> Result<Response<v1::ChangeClosedDaysResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ChangeClosedDaysRequest { parent, add, remove, validate_only } = request.into_inner();
        let (region, committee, scope) = if names::split(&parent, &["regions"]).is_some() {
            let region = self.region_of(&caller, "parent", &parent).await?;
            let scope = caller.may(About::Region(region.id))?;
            (region, None, scope)
        } else {
            let (region, committee) = self.committee_of(&caller, "parent", &parent).await?;
            let scope = caller.may(About::Committee(region.id, committee.id))?;
            (region, Some(committee.id), scope)
        };
        let mut faults = Faults::default();
        let add = shape::closed_days_from("add", &add, &mut faults);
        let remove = shape::days_from("remove", &remove, &mut faults);
        if let Some(twice) = add.as_ref().and_then(|add| remove.iter().find(|day| add.reason(**day).is_some())) {
            faults.add("remove", format!("must not open a day that is to be closed: {twice}"));
        }
        let add = faults.all(add)?;
        let closed = match committee {
            None => self.store.closed_days(scope).await,
            Some(committee) => self.store.get_office(scope, committee).await.map(|office| office.closed),
        };
        let closed = closed.map_err(|e| self.refuse(e))?;
        let mut faults = Faults::default();
        for (i, day) in remove.iter().enumerate().filter(|(_, day)| closed.reason(**day).is_none()) {
            let whose = if committee.is_some() { "this committee alone" } else { "the whole region" };
            faults
                .add(format!("remove[{i}]"), format!("must be a day on which the offices of {whose} are shut: {} is none", uk_date(*day)));
        }
        faults.check()?;
        let act = caller.create(None, validate_only);
        let (days, found) = self.store.change_closed_days(scope, &act, committee, add, remove).await.map_err(|e| self.refuse(e))?;
        let replanned = self.replanned(&region, &found).await?;
        Ok(Response::new(v1::ChangeClosedDaysResponse { closed_days: shape::closed_days_to(&days), replanned }))
    }

    async fn schedule_meetings(
        &self,
        request: Request<v1::ScheduleMeetingsRequest>,
    ) -> Result<Response<v1::ScheduleMeetingsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ScheduleMeetingsRequest { parent, meetings, ics, validate_only } = request.into_inner();
        let (region, committee) = self.committee_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let mut faults = Faults::default();
        let meetings = match (meetings.is_empty(), ics.is_empty()) {
            (true, true) => {
                faults.add("meetings", "must have at least one meeting, or `ics` a file of them");
                Vec::new()
            }
            (false, false) => {
                faults.add("ics", "must be empty where meetings are given one by one");
                self.meetings(&caller, &committee, &meetings, &mut faults).await?
            }
            (false, true) => self.meetings(&caller, &committee, &meetings, &mut faults).await?,
            (true, false) => meetings_in(&ics, &region, &mut faults),
        };
        faults.check()?;
        let act = caller.create(None, validate_only);
        let found = self.store.schedule_meetings(scope, &act, committee.id, meetings).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(v1::ScheduleMeetingsResponse { meetings: self.replanned(&region, &found).await? }))
    }

    async fn get_cycle_plan(&self, request: Request<v1::GetCyclePlanRequest>) -> Result<Response<v1::CyclePlan>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetCyclePlanRequest { name } = request.into_inner();
        let (region, committee, cycle) = self.cycle_of(&caller, "name", &name).await?;
        let scope = caller.may(About::Region(region.id))?;
        let plan = self.store.get_plan(scope, cycle.id).await.map_err(|e| self.refuse(e))?;
        let changes = self.store.list_moves(scope, cycle.id).await.map_err(|e| self.refuse(e))?;
        let sees = |of| caller.may(About::Submission(region.id, of, committee.id)).is_ok();
        let mut own = Vec::new();
        for (of, extension) in self.store.list_extensions(scope, cycle.id).await.map_err(|e| self.refuse(e))? {
            if sees(of) {
                own.push((self.store.get_partnership(scope, of).await.map_err(|e| self.refuse(e))?, extension));
            }
        }
        Ok(Response::new(shape::plan_to(names::cycle(&region, &committee, &cycle), &cycle, plan.as_ref(), &changes, &own)))
    }

    async fn extend_deadline(&self, request: Request<v1::ExtendDeadlineRequest>) -> Result<Response<v1::Extension>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ExtendDeadlineRequest { cycle, partnership, until_time, reason } = request.into_inner();
        let (region, committee, cycle) = self.cycle_of(&caller, "cycle", &cycle).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let (of, partnership) = self.partnership_of(&caller, "partnership", &partnership).await?;
        let mut faults = Faults::default();
        if of.id != region.id {
            faults.add("partnership", "must be in the committee's own region");
        }
        let until = faults.instant("until_time", until_time);
        let reason = faults.line("reason", &reason, Line::SENTENCE);
        let (until, reason) = faults.all(until.zip(reason))?;
        let act = caller.act();
        let made = self.store.extend(scope, &act, caller.person.id, (cycle.id, partnership.id), until, reason).await;
        let (cycle, extension) = made.map_err(|e| self.refuse(e))?;
        Ok(Response::new(shape::extension_to(&region, &committee, &cycle, &partnership, &extension)))
    }
}
