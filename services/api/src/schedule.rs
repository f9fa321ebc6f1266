//! What the schedule does by itself, and what people decide about it.

use std::collections::HashMap;

use csp_domain::{
    Scope,
    committee::Committee,
    cycle::{Cycle, CycleState},
    id::PersonId,
    region::Region,
    schedule::{Decision, Entry, Job, JobState},
    text::Line,
};
use csp_proto::v1::{self, schedule_service_server::ScheduleService};
use csp_store::{JobChange, JobDecision};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults},
    names, status,
};

/// A cycle with what its names are made of.
struct Place {
    committee: Committee,
    cycle: Cycle,
}

fn kind_to(job: Job) -> v1::JobKind {
    match job {
        Job::Open => v1::JobKind::Open,
        Job::Remind => v1::JobKind::Remind,
        Job::Close => v1::JobKind::Close,
        Job::Freeze => v1::JobKind::Freeze,
        Job::Release => v1::JobKind::Release,
        Job::Rehearse => v1::JobKind::Rehearse,
    }
}

fn state_to(state: JobState) -> v1::JobState {
    match state {
        JobState::Waiting => v1::JobState::Waiting,
        JobState::Blocked => v1::JobState::Blocked,
        JobState::Due => v1::JobState::Due,
        JobState::Missed => v1::JobState::Missed,
        JobState::Held => v1::JobState::Held,
        JobState::Done => v1::JobState::Done,
        JobState::Skipped => v1::JobState::Skipped,
        JobState::Lapsed => v1::JobState::Lapsed,
    }
}

impl Api {
    async fn job_to_proto(
        &self,
        region: &Region,
        place: &Place,
        entry: &Entry,
        seen: &mut HashMap<PersonId, (String, String)>,
    ) -> Result<v1::Job, Status> {
        let decision = match &entry.decision {
            None => None,
            Some(Decision { by, at, reason }) => {
                let (person, person_display_name) = self.actor_shown(region, *by, seen).await?;
                Some(v1::JobDecision { person, person_display_name, reason: reason.to_string(), time: Some(convert::timestamp(*at)) })
            }
        };
        Ok(v1::Job {
            name: format!("{}/jobs/{}", names::cycle(region, &place.committee, &place.cycle), entry.job.word()),
            kind: kind_to(entry.job).into(),
            state: state_to(entry.state).into(),
            due_time: Some(convert::timestamp(entry.due_at)),
            latest_time: entry.until.map(convert::timestamp),
            done_time: entry.done_at.map(convert::timestamp),
            note: entry.note.unwrap_or_default().to_owned(),
            decision,
            committee_display_name: place.committee.name.to_string(),
            period_label: place.cycle.period.label(),
        })
    }

    /// The cycles that a parent names, and that are not at their end unless one is named itself.
    async fn scheduled(&self, caller: &Caller, parent: &str) -> Result<(Region, Scope, Vec<Place>), Status> {
        if let Some(parts) = names::split(parent, &["regions"]) {
            let region = self.region_named(caller, parts[0]).await?;
            // Of the whole region: for administrators alone.
            let scope = caller.may(About::Person(region.id, PersonId(Uuid::nil())))?;
            let mut places = Vec::new();
            for cycle in self.store.list_current_cycles(scope).await.map_err(|e| self.refuse(e))? {
                let committee = self.store.get_committee(scope, cycle.committee).await.map_err(|e| self.refuse(e))?;
                places.push(Place { committee, cycle });
            }
            return Ok((region, scope, places));
        }
        if names::split(parent, &["regions", "committees"]).is_some() {
            let (region, committee) = self.committee_of(caller, "parent", parent).await?;
            let scope = caller.may(About::Committee(region.id, committee.id))?;
            let current = self.store.list_current_cycles(scope).await.map_err(|e| self.refuse(e))?;
            let own = current.into_iter().filter(|cycle| cycle.committee == committee.id);
            let places = own.map(|cycle| Place { committee: committee.clone(), cycle }).collect();
            return Ok((region, scope, places));
        }
        let (region, committee, cycle) = self.cycle_of(caller, "parent", parent).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        Ok((region, scope, vec![Place { committee, cycle }]))
    }

    async fn decide(&self, caller: &Caller, name: &str, reason: &str, change: JobChange) -> Result<Response<v1::Job>, Status> {
        let parts = names::pattern("name", name, &["regions", "committees", "cycles", "jobs"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let committee = self.committee_in(caller, &region, parts[1]).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let cycle = self.cycle_in(caller, &region, &committee, parts[2]).await?;
        let job = Job::from_word(parts[3]).ok_or_else(|| status::not_found("job"))?;
        let mut faults = Faults::default();
        let reason = faults.line("reason", reason, Line::SENTENCE);
        let reason = faults.all(reason)?;
        let decision = Decision { by: caller.person.id, at: caller.now, reason: reason.clone() };
        let wanted = JobDecision { by: caller.person.id, cycle: cycle.id, job, change, reason };
        let entries = self.store.decide_job(scope, &caller.act(), wanted).await.map_err(|e| self.refuse(e))?;
        // Of several reminders the one that was skipped, or else the next.
        let skipped = entries.iter().rfind(|entry| entry.job == job && entry.state == JobState::Skipped && change == JobChange::Skip);
        let found = skipped.or_else(|| entries.iter().find(|entry| entry.job == job && !entry.state.is_over()));
        let mut entry = found.cloned().ok_or_else(|| status::not_found("job"))?;
        // That it was taken back is a decision too, though none that stands.
        entry.decision = entry.decision.or(Some(decision));
        Ok(Response::new(self.job_to_proto(&region, &Place { committee, cycle }, &entry, &mut HashMap::new()).await?))
    }
}

#[tonic::async_trait]
impl ScheduleService for Api {
    async fn list_jobs(&self, request: Request<v1::ListJobsRequest>) -> Result<Response<v1::ListJobsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListJobsRequest { parent, page_size, page_token } = request.into_inner();
        let (region, scope, places) = self.scheduled(&caller, &parent).await?;
        let page = convert::page(page_size, &page_token)?;
        let mut found = Vec::new();
        for place in &places {
            let entries = self.store.list_jobs(scope, place.cycle.id, caller.now).await.map_err(|e| self.refuse(e))?;
            found.extend(entries.into_iter().map(|entry| (place, entry)));
        }
        let (found, next_page_token) = convert::counted(found, page);
        let (mut jobs, mut seen) = (Vec::new(), HashMap::new());
        for (place, entry) in &found {
            jobs.push(self.job_to_proto(&region, place, entry, &mut seen).await?);
        }
        Ok(Response::new(v1::ListJobsResponse { jobs, next_page_token }))
    }

    async fn run_job(&self, request: Request<v1::RunJobRequest>) -> Result<Response<v1::Job>, Status> {
        let caller = self.caller(&request).await?;
        let v1::RunJobRequest { name, reason } = request.into_inner();
        self.decide(&caller, &name, &reason, JobChange::Run).await
    }

    async fn hold_job(&self, request: Request<v1::HoldJobRequest>) -> Result<Response<v1::Job>, Status> {
        let caller = self.caller(&request).await?;
        let v1::HoldJobRequest { name, reason } = request.into_inner();
        self.decide(&caller, &name, &reason, JobChange::Hold).await
    }

    async fn resume_job(&self, request: Request<v1::ResumeJobRequest>) -> Result<Response<v1::Job>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ResumeJobRequest { name, reason } = request.into_inner();
        self.decide(&caller, &name, &reason, JobChange::Resume).await
    }

    async fn skip_job(&self, request: Request<v1::SkipJobRequest>) -> Result<Response<v1::Job>, Status> {
        let caller = self.caller(&request).await?;
        let v1::SkipJobRequest { name, reason } = request.into_inner();
        self.decide(&caller, &name, &reason, JobChange::Skip).await
    }
}

/// What a duty about a cycle has to say of its schedule: that something of it is held back, or was missed. The latter is for
/// those who edit, approve or decide.
pub(crate) fn undecided(entries: &[Entry], missed: bool) -> Option<String> {
    let said: Vec<String> = entries
        .iter()
        .filter_map(|entry| match (entry.state, &entry.decision) {
            (JobState::Held, Some(held)) => Some(format!("held back: it {} ({})", entry.job.does(), held.reason)),
            (JobState::Missed, _) if missed => Some(format!("missed: it {}", entry.job.does())),
            _ => None,
        })
        .collect();
    if said.is_empty() { None } else { Some(said.join("; ")) }
}

/// Whether a held or skipped opening keeps a cycle shut at a time at which it would be open.
pub(crate) fn is_kept_shut(cycle: &Cycle, entries: &[Entry]) -> bool {
    let shut = |entry: &Entry| entry.job == Job::Open && matches!(entry.state, JobState::Held | JobState::Skipped);
    cycle.state == CycleState::Planned && entries.iter().any(shut)
}
