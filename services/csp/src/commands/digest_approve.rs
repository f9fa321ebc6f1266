//! `csp digest approve`: a second person names the hashes of what they read.

use chrono_tz::Tz;
use clap::Args;
use csp_proto::v1::{self, DigestState, JobState, RenditionKind};

use super::digest::{Outlets, rendition, stored};
use crate::{
    dates::{Instant, instant},
    error::{Error, Kind},
    names::short,
    session::Session,
    terminal::printable,
    views::digest::DigestView,
    words::Coded,
};

/// How many characters of the hash are typed.
const TYPED: usize = 8;

/// Approve exactly the paper you have read; for approvers who wrote none of it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp digest approve citizen-focus/2021-q3/1
  csp digest approve citizen-focus/2021-q3/1 --html paper.html
  csp digest approve citizen-focus/2021-q3/1 --hash 3f8a1c20

The stored paper is fetched, checked against its hashes and shown. To approve
it, you type the first eight characters of the document's hash; without a
terminal, --hash says them. --yes alone approves nothing.")]
pub(crate) struct Approve {
    /// committee/cycle/version; the newest version when none is named
    #[arg(value_name = "DIGEST")]
    digest: Option<String>,
    /// Beginning of the document's hash, at least eight characters: approves without asking
    #[arg(long, value_name = "BEGINNING")]
    hash: Option<String>,
    #[command(flatten)]
    outlets: Outlets,
}

impl Approve {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let name = session.digest(self.digest.as_deref()).await?;
        let digest = session.get_digest(v1::GetDigestRequest { name }).await?;
        let state = Coded::<DigestState>::of(digest.state);
        if !state.is(DigestState::Frozen) {
            let fault = format!("Version {} cannot be approved: it is {}.", digest.version, state.words());
            return Err(Error::new(Kind::NotNow, fault).hint(format!("See csp digest list {}", short(parent_of(&digest.name)))));
        }
        let renditions = stored(&digest, session).await?;
        nothing_unseen(&digest, &renditions)?;
        self.outlets.write(&renditions, session)?;

        let typed = if let Some(hash) = &self.hash {
            hash.clone()
        } else {
            if !session.terminal.input_is_terminal {
                return Err(Error::usage("Approval names the hash of what was read. Without a terminal, say its beginning:")
                    .hint(format!("  csp digest show {}", short(&digest.name)))
                    .hint(format!("  csp digest approve {} --hash BEGINNING", short(&digest.name))));
            }
            show_to_read(&digest, &renditions, session)?;
            let question = format!("To approve it, type the first {TYPED} characters of the document's hash:");
            session.terminal.ask(&question)?
        };
        compare(&typed, &digest.document_hash)?;

        let (name, hashes) = (digest.name, digest.hashes);
        let digest = session.approve_digest(v1::ApproveDigestRequest { name, hashes }).await?;
        // It is approved, whether or not we learn when it goes.
        let cycle = parent_of(&digest.name).to_owned();
        let jobs = v1::ListJobsRequest { parent: cycle.clone(), page_size: 500, ..Default::default() };
        let jobs = session.list_jobs(jobs).await.map(|answer| answer.jobs).unwrap_or_default();
        let release = jobs.iter().find(|job| job.kind() == v1::JobKind::Release);
        let plan = session.get_cycle_plan(v1::GetCyclePlanRequest { name: cycle }).await.ok();
        let zone = session.zone().await;
        session.terminal.announce(&what_follows(&digest, release, plan.as_ref(), zone));
        session.show(&DigestView::from(digest)).await
    }
}

fn parent_of(name: &str) -> &str {
    name.split("/digests/").next().unwrap_or(name)
}

/// What becomes of the version that was approved: nobody is to count on a release that does not come, or comes too late to be notice.
fn what_follows(digest: &v1::Digest, release: Option<&v1::Job>, plan: Option<&v1::CyclePlan>, zone: Tz) -> String {
    let (version, cycle) = (digest.version, short(parent_of(&digest.name)));
    let decided = |job: &v1::Job| job.decision.as_ref().map(|decision| format!(" (“{}”)", decision.reason)).unwrap_or_default();
    let leaves = [release.and_then(|job| instant(job.due_time)), instant(digest.cooling_off_end_time), instant(digest.approve_time)];
    let leaves = leaves.into_iter().flatten().max();
    let too_late =
        release.is_some_and(|job| job.state() == JobState::Missed || instant(job.latest_time).is_some_and(|end| leaves >= Some(end)));
    match release {
        Some(job) if job.state() == JobState::Skipped => format!(
            "Version {version} is approved, and does not go to members: its release was skipped{}, and what was skipped is never \
             done.",
            decided(job)
        ),
        Some(job) if job.state() == JobState::Held => format!(
            "Version {version} is approved, and does not go to members by itself: its release is held back{} until an administrator says \
             csp admin schedule resume {cycle}/release --reason \"…\".",
            decided(job)
        ),
        Some(_) if too_late => format!(
            "Version {version} is approved, and does not go to members by itself: they have met by the time it could. Administrators are \
             asked; to send it all the same: csp admin schedule run {cycle}/release --reason \"…\"."
        ),
        _ => {
            let goes =
                format!("Version {version} is approved. It goes to members at publication time, and not before its cooling-off is over.");
            let planned = plan.filter(|plan| plan.by_rules).and_then(|plan| plan.dates.iter().find(|date| date.step == "release"));
            let day = |at: Instant| at.0.with_timezone(&zone).date_naive();
            match (leaves, planned.and_then(|date| instant(date.time))) {
                (Some(leaves), Some(planned)) if day(leaves) > day(planned) => format!(
                    "{goes} That is {} at the earliest, too late to leave the clear days before the meeting: it had to go on {}. To send it \
                     sooner: csp digest end-cooling-off {cycle}/{version} --reason \"…\".",
                    leaves.in_zone(zone),
                    planned.in_zone(zone)
                ),
                _ => goes,
            }
        }
    }
}

/// Every hash that would be named is that of the document, or of a form that was fetched and checked.
fn nothing_unseen(digest: &v1::Digest, renditions: &[v1::Rendition]) -> Result<(), Error> {
    let seen = |hash: &String| *hash == digest.document_hash || renditions.iter().any(|r| r.sha256.eq_ignore_ascii_case(hash));
    if digest.hashes.contains(&digest.document_hash) && digest.hashes.iter().all(seen) {
        return Ok(());
    }
    Err(Error::unexpected("The server asks for approval of something that it does not show. Nothing was approved."))
}

/// The paper and its hashes, for whoever is about to approve them.
fn show_to_read(digest: &v1::Digest, renditions: &[v1::Rendition], session: &mut Session<'_>) -> Result<(), Error> {
    let text = rendition(renditions, RenditionKind::Text)?;
    session.terminal.say(printable(&String::from_utf8_lossy(&text.data)));
    session.terminal.announce(&format!("{}, version {}", digest.subject, digest.version));
    session.terminal.say(format!("  {:<12}  {}", "the document", digest.document_hash));
    for rendition in renditions {
        let kind = Coded::<RenditionKind>::of(rendition.kind).words();
        session.terminal.say(format!("  {kind:<12}  {}", rendition.sha256));
    }
    session.terminal.say(format!("Above is the plain text. As members see it: csp digest open {}", short(&digest.name)));
    Ok(())
}

fn compare(typed: &str, hash: &str) -> Result<(), Error> {
    let typed = typed.trim().to_lowercase();
    if typed.len() < TYPED {
        return Err(Error::usage(format!("At least {TYPED} characters of the document's hash are needed. Nothing was approved.")));
    }
    if !hash.to_lowercase().starts_with(&typed) {
        return Err(Error::new(Kind::Conflict, "That is not how the document's hash begins. Nothing was approved.")
            .hint("Perhaps there is a newer version than the one you read: csp digest list"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_of_this_hash_will_do() {
        let hash = "3f8a1c20deadbeef";
        assert!(compare("3f8a1c20", hash).is_ok());
        assert!(compare(" 3F8A1C20dead ", hash).is_ok());
        assert_eq!(compare("3f8a1c2", hash).unwrap_err().kind, Kind::Usage);
        assert_eq!(compare("", hash).unwrap_err().kind, Kind::Usage);
        assert_eq!(compare("3f8a1c21", hash).unwrap_err().kind, Kind::Conflict);
    }

    fn at(text: &str) -> prost_types::Timestamp {
        let at: chrono::DateTime<chrono::Utc> = text.parse().unwrap();
        prost_types::Timestamp { seconds: at.timestamp(), nanos: 0 }
    }

    /// Approved on 24 February at nine, and kept back for a day, of a paper that was to go on the 23rd for a meeting on 2 March.
    fn approved() -> (v1::Digest, v1::Job, v1::CyclePlan) {
        let digest = v1::Digest {
            name: "regions/northumbria/committees/scrutiny/cycles/2021-q3/digests/1".into(),
            version: 1,
            approve_time: Some(at("2022-02-24T09:00:00Z")),
            cooling_off_end_time: Some(at("2022-02-25T09:00:00Z")),
            ..Default::default()
        };
        let job = v1::Job {
            kind: v1::JobKind::Release.into(),
            state: JobState::Blocked.into(),
            due_time: Some(at("2022-02-22T09:00:00Z")),
            latest_time: Some(at("2022-02-27T09:00:00Z")),
            ..Default::default()
        };
        let release = v1::PlannedDate { step: "release".into(), time: Some(at("2022-02-22T09:00:00Z")), ..Default::default() };
        (digest, job, v1::CyclePlan { by_rules: true, dates: vec![release], ..Default::default() })
    }

    fn follows(digest: &v1::Digest, job: &v1::Job, plan: &v1::CyclePlan) -> String {
        what_follows(digest, Some(job), Some(plan), chrono_tz::Europe::London)
    }

    #[test]
    fn who_approves_in_time_hears_that_it_goes_and_who_is_late_that_the_clear_days_are_lost() {
        let (digest, job, mut plan) = approved();
        let said = follows(&digest, &job, &plan);
        assert!(said.contains("Fri 25 Feb 2022, 09:00 at the earliest, too late to leave the clear days"), "{said}");
        assert!(said.contains("csp digest end-cooling-off scrutiny/2021-q3/1"), "{said}");
        plan.dates[0].time = Some(at("2022-02-25T09:00:00Z"));
        assert!(!follows(&digest, &job, &plan).contains("too late"));
        plan.by_rules = false;
        plan.dates[0].time = Some(at("2022-02-22T09:00:00Z"));
        assert!(!follows(&digest, &job, &plan).contains("too late"), "without rules nobody counts clear days");
    }

    #[test]
    fn who_approves_after_the_meeting_or_what_is_skipped_or_held_is_not_told_that_it_goes() {
        let (digest, mut job, plan) = approved();
        job.latest_time = Some(at("2022-02-24T14:00:00Z"));
        let said = follows(&digest, &job, &plan);
        assert!(
            said.contains("does not go to members by itself: they have met") && said.contains("run scrutiny/2021-q3/release"),
            "{said}"
        );
        let decision = v1::JobDecision { reason: "The meeting was informal.".into(), ..Default::default() };
        for (state, word) in [(JobState::Skipped, "skipped"), (JobState::Held, "held back")] {
            let job = v1::Job { state: state.into(), decision: Some(decision.clone()), ..job.clone() };
            let said = follows(&digest, &job, &plan);
            assert!(said.contains(word) && said.contains("The meeting was informal.") && !said.contains("at publication time"), "{said}");
        }
    }

    #[test]
    fn a_hash_of_something_never_shown_is_not_approved() {
        let shown = v1::Rendition { sha256: "b".into(), ..Default::default() };
        let mut digest = v1::Digest { document_hash: "a".into(), hashes: vec!["a".into(), "b".into()], ..Default::default() };
        assert!(nothing_unseen(&digest, std::slice::from_ref(&shown)).is_ok());
        digest.hashes.push("c".into());
        assert!(nothing_unseen(&digest, &[shown]).is_err());
    }
}
