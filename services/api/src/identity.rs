//! The caller: who they are and what is due from them.

use csp_domain::{
    Instant, Scope,
    check::FindingId,
    committee::Committee,
    cycle::{Cycle, CycleState, Sent},
    digest::DigestState,
    id::PartnershipId,
    news::{NewsOwner, NewsState},
    person::Role,
    region::Region,
    returns::{Content, Return, ReturnState},
    schedule::{Entry, JobState},
};
use csp_proto::v1::{self, identity_service_server::IdentityService};
use csp_store::{NewsFilter, OpenJoint, Page, ReturnFilter, WaitingWording};
use tonic::{Request, Response, Status};

use crate::{
    Api,
    auth::Caller,
    authorise::{About, Call, Kind},
    convert, names, person, schedule, signoff,
};

/// A window that opens later than this is not shown as upcoming yet.
const LOOK_AHEAD: chrono::TimeDelta = chrono::TimeDelta::days(100);

pub(crate) fn plural(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// `; 2 queries to be explained: outside-limits.burglary, unchanged.robbery`.
fn asked(open: &[FindingId]) -> String {
    const SHOWN: usize = 5;
    let names: Vec<String> = open.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = open.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("; {} to be explained: {}{more}", plural(open.len(), "query", "queries"), names.join(", "))
}

impl Api {
    /// The beginning of what is due from a partnership, by `due`.
    pub(crate) async fn of_partnership(
        &self,
        region: &Region,
        committee: &Committee,
        cycle: &Cycle,
        id: PartnershipId,
        due: Instant,
        caller: &Caller,
    ) -> Result<v1::Duty, Status> {
        let partnership = self.seen(caller, region).partnership_by_id(id).await.map_err(|e| self.refuse(e))?;
        Ok(v1::Duty {
            partnership: names::partnership(region, &partnership),
            partnership_display_name: partnership.name.to_string(),
            due_time: Some(convert::timestamp(due)),
            ..base(region, committee, cycle)
        })
    }

    async fn submission(
        &self,
        region: &Region,
        committee: &Committee,
        cycle: &Cycle,
        id: PartnershipId,
        caller: &Caller,
    ) -> Result<v1::Duty, Status> {
        let scope = Scope::Partnership(region.id, id);
        let answer = self.store.find_return(scope, id, cycle.id).await.map_err(|e| self.refuse(e))?;
        let filter = NewsFilter { owner: Some(NewsOwner::Partnership(id)), cycle: Some(cycle.id) };
        let news = self.store.list_news_items(scope, filter, Page::all()).await.map_err(|e| self.refuse(e))?.items;
        let news = news.iter().filter(|item| item.state == NewsState::Submitted).count();
        let state = answer.as_ref().map(|answer| answer.state);
        let back = matches!(state, Some(ReturnState::SentBack | ReturnState::Draft));
        let counts = state.is_some_and(ReturnState::received) && !back;
        let owed = answer.is_some() || committee.expects_return(id);
        let returned = match &answer {
            Some(answer) if counts => received(answer, &self.signing(region, cycle).await?),
            Some(answer) if answer.state == ReturnState::SentBack => format!("return sent back: {}", self.reasons(scope, answer).await?),
            Some(answer) if answer.state == ReturnState::Draft => "return recalled, to be sent in again".to_owned(),
            Some(_) => "return withdrawn".to_owned(),
            None if !owed => "no return is owed".to_owned(),
            None => "no return yet".to_owned(),
        };
        let sent = if back { Sent::Correction } else { Sent::New };
        let (extended, more) = self.more_time(scope, cycle, id).await?;
        let due = extended.unwrap_or(cycle.timetable.deadline_at);
        let mut duty = self.of_partnership(region, committee, cycle, id, due, caller).await?;
        duty.kind = v1::DutyKind::Submit.into();
        if owed {
            let (complete, on_time) = self.store.own_rates(scope, cycle.id, id).await.map_err(|e| self.refuse(e))?;
            duty.complete = Some(signoff::rate_to(complete));
            duty.on_time = Some(signoff::rate_to(on_time));
        }
        let open = self.store.open_queries(scope, cycle.id, Some(id)).await.map_err(|e| self.refuse(e))?;
        let open = open.get(&id).map(|open| asked(open)).unwrap_or_default();
        duty.summary = format!("{returned}, {}{open}{more}", plural(news, "news item", "news items"));
        let state = if caller.now < cycle.timetable.opens_at {
            v1::DutyState::Upcoming
        } else if counts || !owed {
            v1::DutyState::Done
        } else if cycle.accepts(sent, extended, caller.now).is_ok() || (back && cycle.state == CycleState::Closed) {
            v1::DutyState::Due
        } else {
            v1::DutyState::Missed
        };
        duty.state = state.into();
        Ok(duty)
    }

    async fn signing(&self, region: &Region, cycle: &Cycle) -> Result<Vec<PartnershipId>, Status> {
        self.store.list_signing(Scope::Region(region.id), cycle.id).await.map_err(|e| self.refuse(e))
    }

    /// Until when a partnership was given more time, if it was, and what is said of that.
    async fn more_time(&self, scope: Scope, cycle: &Cycle, id: PartnershipId) -> Result<(Option<Instant>, String), Status> {
        let given = self.store.list_extensions(scope, cycle.id).await.map_err(|e| self.refuse(e))?.remove(&id);
        Ok(given.map_or((None, String::new()), |given| (Some(given.until), format!("; more time was given: {}", given.reason))))
    }

    /// A lead's signature, where a return is there to be signed.
    async fn signature(
        &self,
        region: &Region,
        committee: &Committee,
        cycle: &Cycle,
        id: PartnershipId,
        caller: &Caller,
    ) -> Result<Option<v1::Duty>, Status> {
        let scope = Scope::Partnership(region.id, id);
        let answer = self.store.find_return(scope, id, cycle.id).await.map_err(|e| self.refuse(e))?;
        let Some(answer) = answer.filter(|_| cycle.state != CycleState::Planned) else { return Ok(None) };
        let (state, summary) = match answer.state {
            ReturnState::Signed | ReturnState::Accepted | ReturnState::Frozen => (v1::DutyState::Done, "signed"),
            ReturnState::Submitted if !self.signing(region, cycle).await?.contains(&id) => return Ok(None),
            ReturnState::Submitted if answer.submitted_by == caller.person.id => {
                (v1::DutyState::Upcoming, "needs somebody else’s signature: you sent it in")
            }
            ReturnState::Submitted
                if self.store.list_news_writers(scope, id, cycle.id).await.map_err(|e| self.refuse(e))?.contains(&caller.person.id) =>
            {
                (v1::DutyState::Upcoming, "needs somebody else’s signature: you wrote news that goes with it")
            }
            ReturnState::Submitted => (v1::DutyState::Due, "waits for your signature; unsigned it is not printed"),
            ReturnState::Draft | ReturnState::SentBack | ReturnState::Withdrawn => return Ok(None),
        };
        let (extended, more) = self.more_time(scope, cycle, id).await?;
        let due = extended.unwrap_or(cycle.timetable.deadline_at);
        let mut duty = self.of_partnership(region, committee, cycle, id, due, caller).await?;
        duty.kind = v1::DutyKind::Sign.into();
        duty.state = state.into();
        let open = self.store.open_queries(scope, cycle.id, Some(id)).await.map_err(|e| self.refuse(e))?;
        let open = open.get(&id).map(|open| asked(open)).unwrap_or_default();
        duty.summary = format!("{}, {summary}{open}{more}", holds(&answer));
        Ok(Some(duty))
    }

    /// Wordings that wait for a lead's answer; none of those that the lead proposed as an editor.
    async fn answers(
        &self,
        region: &Region,
        committee: &Committee,
        cycle: &Cycle,
        id: PartnershipId,
        waiting: &[WaitingWording],
        caller: &Caller,
    ) -> Result<Option<v1::Duty>, Status> {
        let here = |wording: &&WaitingWording| wording.partnership == id && wording.cycle == cycle.id && wording.by != caller.person.id;
        let count = waiting.iter().filter(here).count();
        if count == 0 {
            return Ok(None);
        }
        let mut duty = self.of_partnership(region, committee, cycle, id, cycle.timetable.freeze_at, caller).await?;
        duty.kind = v1::DutyKind::Answer.into();
        duty.state = v1::DutyState::Due.into();
        let wait = if count == 1 { "waits" } else { "wait" };
        duty.summary = format!(
            "{} by the editor {wait} for your answer; until then the text prints as sent in",
            plural(count, "other wording", "other wordings")
        );
        Ok(Some(duty))
    }

    async fn edition(
        &self,
        region: &Region,
        committee: &Committee,
        cycle: &Cycle,
        open: &[OpenJoint],
        caller: &Caller,
    ) -> Result<v1::Duty, Status> {
        let scope = Scope::Region(region.id);
        let filter = ReturnFilter { partnership: None, cycle: Some(cycle.id) };
        let returns = self.store.list_returns(scope, filter, Page::all()).await.map_err(|e| self.refuse(e))?.items;
        let received = returns.iter().filter(|answer| answer.state.received()).count();
        let signing = self.signing(region, cycle).await?;
        let unsigned = returns.iter().filter(|a| a.state == ReturnState::Submitted && signing.contains(&a.partnership)).count();
        let unsigned = match unsigned {
            0 => String::new(),
            1 => ", 1 waits for its lead".to_owned(),
            many => format!(", {many} wait for their leads"),
        };
        let filter = NewsFilter { owner: Some(NewsOwner::Committee(committee.id)), cycle: Some(cycle.id) };
        let national = self.store.list_news_items(scope, filter, Page::all()).await.map_err(|e| self.refuse(e))?.items;
        let national = national.iter().filter(|item| item.state == NewsState::Submitted).count();
        let mut duty = base(region, committee, cycle);
        duty.kind = v1::DutyKind::Edit.into();
        duty.due_time = Some(convert::timestamp(cycle.timetable.deadline_at));
        let mut held_out: Vec<_> = open.iter().filter(|joint| joint.cycle == cycle.id).map(|joint| joint.owner.item).collect();
        held_out.dedup();
        let held_out = match held_out.len() {
            0 => String::new(),
            count => format!(", {} held out", plural(count, "joint item", "joint items")),
        };
        duty.summary = format!(
            "{received} of {} received{unsigned}, {}{held_out}",
            plural(committee.partnerships.iter().filter(|id| committee.expects_return(**id)).count(), "return", "returns"),
            plural(national, "national item", "national items")
        );
        let state = if caller.now < cycle.timetable.opens_at {
            v1::DutyState::Upcoming
        } else if cycle.accepts(Sent::Correction, None, caller.now).is_ok() {
            v1::DutyState::Due
        } else {
            v1::DutyState::Done
        };
        duty.state = state.into();
        Ok(duty)
    }

    async fn approval(&self, region: &Region, committee: &Committee, cycle: &Cycle, caller: &Caller) -> Result<v1::Duty, Status> {
        let versions = self.store.list_digests(Scope::Region(region.id), cycle.id).await.map_err(|e| self.refuse(e))?.items;
        let mut duty = base(region, committee, cycle);
        duty.kind = v1::DutyKind::Approve.into();
        duty.open_time = Some(convert::timestamp(cycle.timetable.freeze_at));
        duty.due_time = Some(convert::timestamp(cycle.timetable.publication_at));
        let (state, summary) = match versions.last() {
            None => (v1::DutyState::Upcoming, "nothing to approve yet".to_owned()),
            Some(digest) => {
                duty.digest = format!("{}/digests/{}", names::cycle(region, committee, cycle), digest.version);
                match digest.state {
                    DigestState::Approved | DigestState::Released => {
                        (v1::DutyState::Done, format!("version {} is approved", digest.version))
                    }
                    DigestState::Frozen | DigestState::Superseded if digest.authors.contains(&caller.person.id) => (
                        v1::DutyState::Upcoming,
                        format!("version {} needs somebody else’s approval: you wrote part of it", digest.version),
                    ),
                    DigestState::Frozen | DigestState::Superseded => {
                        (v1::DutyState::Due, format!("version {} waits for approval", digest.version))
                    }
                }
            }
        };
        duty.state = state.into();
        duty.summary = summary;
        Ok(duty)
    }
}

/// `nil return`, `return with 12 figures`.
fn holds(answer: &Return) -> String {
    match &answer.content {
        Content::Nil { .. } => "nil return".to_owned(),
        Content::Full { figures, .. } => format!("return with {}", plural(figures.len(), "figure", "figures")),
    }
}

/// That a return was received, and whose turn it is where its lead must sign.
fn received(answer: &Return, signing: &[PartnershipId]) -> String {
    let received = match &answer.content {
        Content::Nil { .. } => "nil return received".to_owned(),
        Content::Full { figures, .. } => format!("return received with {}", plural(figures.len(), "figure", "figures")),
    };
    let stands = match answer.state {
        ReturnState::Submitted if signing.contains(&answer.partnership) => " and not signed yet",
        ReturnState::Signed => " and signed",
        ReturnState::Accepted => " and accepted",
        _ => "",
    };
    format!("{received}{stands}")
}

fn base(region: &Region, committee: &Committee, cycle: &Cycle) -> v1::Duty {
    v1::Duty {
        cycle: names::cycle(region, committee, cycle),
        committee_display_name: committee.name.to_string(),
        period_label: cycle.period.label(),
        open_time: Some(convert::timestamp(cycle.timetable.opens_at)),
        ..v1::Duty::default()
    }
}

/// What was missed or is held waits for an administrator.
fn decision(region: &Region, committee: &Committee, cycle: &Cycle, entries: &[Entry], summary: String) -> v1::Duty {
    let missed = entries.iter().any(|entry| entry.state == JobState::Missed);
    let due = entries.iter().filter(|entry| entry.state.asks()).map(|entry| entry.due_at).min();
    let mut duty = base(region, committee, cycle);
    duty.kind = v1::DutyKind::Decide.into();
    // What is held, is held on purpose.
    duty.state = if missed { v1::DutyState::Due } else { v1::DutyState::Upcoming }.into();
    duty.due_time = due.map(convert::timestamp);
    duty.open_time = due.map(convert::timestamp);
    duty.summary = summary;
    duty
}

/// The most urgent first: what is due, then what is done and may be corrected, then what comes.
fn urgency(duty: &v1::Duty) -> (u8, i64) {
    let rank = match duty.state() {
        v1::DutyState::Due => 0,
        v1::DutyState::Missed => 1,
        v1::DutyState::Done => 2,
        v1::DutyState::Upcoming | v1::DutyState::Unspecified => 3,
    };
    (rank, duty.due_time.as_ref().map_or(i64::MAX, |at| at.seconds))
}

#[tonic::async_trait]
impl IdentityService for Api {
    async fn who_am_i(&self, request: Request<v1::WhoAmIRequest>) -> Result<Response<v1::WhoAmIResponse>, Status> {
        let caller = self.caller(&request).await?;
        caller.may(About::Service)?;
        let mut role_grants = Vec::new();
        for grant in caller.grants_today() {
            role_grants.push(self.grant_to_proto(&caller, &caller.region, &caller.person, grant).await?);
        }
        Ok(Response::new(v1::WhoAmIResponse {
            person: Some(person::to_proto(&caller.region, &caller.person)),
            region: Some(crate::region::to_proto(&caller.region)),
            role_grants,
            token: Some(self.token_to_proto(&caller, &caller.region, &caller.person, &caller.token).await?),
            server_time: Some(convert::timestamp(caller.now)),
        }))
    }

    async fn list_duties(&self, request: Request<v1::ListDutiesRequest>) -> Result<Response<v1::ListDutiesResponse>, Status> {
        let caller = self.caller(&request).await?;
        caller.may(About::Service)?;
        let v1::ListDutiesRequest { page_size, page_token } = request.into_inner();
        let page = convert::page(page_size, &page_token)?;
        let region = caller.region.clone();
        let scope = Scope::Region(region.id);
        let roles: Vec<Role> = caller.roles().collect();
        let mut own: Vec<PartnershipId> = roles.iter().filter_map(|role| role.partnership()).collect();
        own.sort_unstable();
        own.dedup();
        let leads = roles.iter().any(|role| matches!(role, Role::Lead(_)));
        let waiting = if leads { self.store.list_waiting_wordings(scope).await.map_err(|e| self.refuse(e))? } else { Vec::new() };
        // Of what is held out, owners and editors are told.
        let told = !own.is_empty() || roles.iter().any(|role| matches!(role, Role::Editor(_)));
        let joint = if told { self.store.list_open_joint(scope).await.map_err(|e| self.refuse(e))? } else { Vec::new() };
        let mut duties = Vec::new();
        for cycle in self.store.list_current_cycles(scope).await.map_err(|e| self.refuse(e))? {
            if cycle.state == CycleState::Planned && cycle.timetable.opens_at - caller.now > LOOK_AHEAD {
                continue;
            }
            let committee = self.store.get_committee(scope, cycle.committee).await.map_err(|e| self.refuse(e))?;
            let sends: Vec<PartnershipId> = own.iter().copied().filter(|id| committee.partnerships.contains(id)).collect();
            let others = [Role::Editor(committee.id), Role::Approver(committee.id), Role::Administrator];
            if sends.is_empty() && !others.iter().any(|role| roles.contains(role)) {
                continue;
            }
            let entries = self.store.list_jobs(scope, cycle.id, caller.now).await.map_err(|e| self.refuse(e))?;
            let first = duties.len();
            for partnership in sends {
                let mut submission = self.submission(&region, &committee, &cycle, partnership, &caller).await?;
                submission.summary.push_str(&self.held_out(&region, &cycle, partnership, &joint, &caller).await?);
                duties.push(submission);
                duties.extend(self.joint_mending(&region, &committee, &cycle, partnership, &joint, &caller).await?);
                if roles.contains(&Role::Lead(partnership)) {
                    duties.extend(self.signature(&region, &committee, &cycle, partnership, &caller).await?);
                    duties.extend(self.answers(&region, &committee, &cycle, partnership, &waiting, &caller).await?);
                    duties.extend(self.joint_signatures(&region, &committee, &cycle, partnership, &joint, &caller).await?);
                }
            }
            if roles.contains(&Role::Editor(committee.id)) {
                duties.push(self.edition(&region, &committee, &cycle, &joint, &caller).await?);
            }
            if roles.contains(&Role::Approver(committee.id)) {
                duties.push(self.approval(&region, &committee, &cycle, &caller).await?);
            }
            let shut = schedule::is_kept_shut(&cycle, &entries);
            let (undecided, held) = (schedule::undecided(&entries, true), schedule::undecided(&entries, false));
            for duty in &mut duties[first..] {
                let sends = matches!(
                    duty.kind(),
                    v1::DutyKind::Submit | v1::DutyKind::Sign | v1::DutyKind::Answer | v1::DutyKind::SignJoint | v1::DutyKind::MendJoint
                );
                if let Some(said) = if sends { held.as_ref() } else { undecided.as_ref() } {
                    duty.summary = format!("{}; {said}", duty.summary);
                }
                // What cannot be opened, or was never to be, cannot be sent in.
                if shut && duty.kind() != v1::DutyKind::Approve {
                    duty.state = v1::DutyState::Upcoming.into();
                }
            }
            if let Some(undecided) = undecided
                && roles.contains(&Role::Administrator)
            {
                duties.push(decision(&region, &committee, &cycle, &entries, undecided));
            }
        }
        duties.sort_by_key(urgency);
        let (duties, next_page_token) = convert::counted(duties, page);
        Ok(Response::new(v1::ListDutiesResponse { duties, next_page_token }))
    }

    async fn list_permissions(
        &self,
        request: Request<v1::ListPermissionsRequest>,
    ) -> Result<Response<v1::ListPermissionsResponse>, Status> {
        let caller = self.caller(&request).await?;
        caller.may(About::Service)?;
        let permissions = Call::ALL
            .iter()
            .map(|call| v1::Permission {
                method: call.path().to_owned(),
                roles: call.who().iter().filter_map(|kind| kind.role()).map(Into::into).collect(),
                oneself: call.who().contains(&Kind::Oneself),
                reading: call.reads(),
            })
            .collect();
        Ok(Response::new(v1::ListPermissionsResponse { permissions }))
    }
}
