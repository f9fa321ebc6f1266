//! The rehearsal: two weeks before a paper goes, everything that will be done is done, and only administrators hear of it.
//!
//! The paper is assembled of what there is, rendered by the committee's template and composed for each member, by the same code that
//! freezes and releases it. Nothing of it is kept: no version that anybody could approve, no message to a member, no new state. What
//! is kept is that it took place, and one letter to each administrator, in one unit: of two servers one holds it.

mod findings;

use csp_domain::{
    Act, Instant, Scope,
    calendar::{self, civil_day},
    cycle::{Cycle, CycleState},
    id::MessageId,
    message::MessageKind,
    person::Person,
    returns::ReturnState,
    text::Line,
};
use csp_edition::Edition;
use csp_mail::compose::{self, Attachment, FileName};
use csp_render::letter::Letter;
use csp_store::{CycleRef, Gathered, Page, ReturnFilter};

use crate::{ScheduleError, Scheduler, remind::standing};

/// What a rehearsal came to.
struct Rehearsed {
    gathered: Gathered,
    /// The paper as it would be; none, where none could be made.
    edition: Option<Edition>,
    /// Who would get it.
    members: Vec<Person>,
    /// How large the largest of their messages would be, in bytes.
    largest: usize,
    /// What is in, and what is still to come, of each partnership.
    returns: Vec<(Line, String)>,
    /// What somebody should see to, in sentences.
    findings: Vec<String>,
}

impl Scheduler {
    /// Rehearses the release of a cycle's paper, once. Answers whether it took place here.
    pub(crate) async fn rehearse(&self, found: &CycleRef, due_at: Instant) -> Result<bool, ScheduleError> {
        let scope = Scope::Region(found.region);
        let rehearsed = self.go_through(scope, found).await?;
        let region = &rehearsed.gathered.region;
        let administrators = self.administrators(region).await?;
        if administrators.is_empty() {
            tracing::warn!(cycle = %found.cycle, "a release is rehearsed, and there is no administrator to be told");
        }
        let files = rehearsed.files();
        let mut letters = Vec::with_capacity(administrators.len());
        for person in administrators {
            let person = self.store.get_person(scope, person).await?;
            let letter = rehearsed.letter(&person, self.clock.now());
            letters.push(self.message(MessageKind::Notice, found.cycle.0, &person, step(due_at), &letter, &files));
        }
        let act = Act::by_system(self.clock.now());
        let done = self.store.rehearse(scope, &act, found.cycle, due_at, letters).await?;
        if done {
            tracing::info!(cycle = %found.cycle, findings = rehearsed.findings.len(), "rehearsed a release");
        }
        Ok(done)
    }

    /// Does everything but the last step.
    async fn go_through(&self, scope: Scope, found: &CycleRef) -> Result<Rehearsed, ScheduleError> {
        let gathered = self.store.gather(scope, found.cycle).await?;
        let notice = notice(&gathered, self.clock.now());
        let mut findings = Vec::new();
        let edition = match csp_edition::rehearse(gathered.clone(), notice).await {
            Ok(edition) => Some(edition),
            Err(error) => {
                tracing::error!(%error, cycle = %found.cycle, "a rehearsal could not make the paper");
                findings.push(format!(
                    "The paper could not be made: {error}. It will not be made on the day either. Whoever runs the service finds the \
                     cause in the server's log."
                ));
                None
            }
        };
        let day = civil_day(gathered.cycle.timetable.publication_at, gathered.region.zone);
        let members = self.store.members_in_term(scope, gathered.committee.id, day).await?;
        let largest = edition.as_ref().map_or(0, |edition| self.compose_for(&gathered, edition, &members, &mut findings));
        self.look_at_recipients(scope, &gathered, &members, &mut findings).await?;
        self.look_at_roles(scope, &gathered, edition.as_ref(), &mut findings).await?;
        self.look_at_sender(&mut findings);
        let returns = self.what_is_in(scope, &gathered).await?;
        Ok(Rehearsed { gathered, edition, members, largest, returns, findings })
    }

    /// Composes each member's message as for real, and throws it away. Answers how large the largest is.
    fn compose_for(&self, gathered: &Gathered, edition: &Edition, members: &[Person], findings: &mut Vec<String>) -> usize {
        use csp_domain::digest::RenditionKind::{HtmlMail, Text};
        let of = |kind| edition.renditions.iter().find(|rendition| rendition.kind == kind).map_or(&[][..], |found| found.bytes.as_slice());
        let body = self.paper(&gathered.region, &gathered.committee, &edition.subject, of(HtmlMail), of(Text));
        // As for real, but for the number, of which none is used up.
        let message_id = compose::message_id(MessageId(uuid::Uuid::nil()), &self.post.domain);
        let mut largest = 0;
        for member in members {
            let head = compose::head(&member.name, &member.email, &message_id, self.clock.now());
            if !compose::names(&head, &member.email) {
                findings.push(format!("The message to {} would not name their address, and so would not be sent.", member.name));
            }
            largest = largest.max(compose::whole(&head, &body.bytes).len());
        }
        findings.extend(findings::of_size(largest));
        largest
    }

    /// What has come of each partnership so far.
    async fn what_is_in(&self, scope: Scope, gathered: &Gathered) -> Result<Vec<(Line, String)>, ScheduleError> {
        let filter = ReturnFilter { partnership: None, cycle: Some(gathered.cycle.id) };
        let all = self.store.list_returns(scope, filter, Page::all()).await?.items;
        let recalled: Vec<_> = all.iter().filter(|answer| answer.state == ReturnState::Draft).map(|answer| answer.partnership).collect();
        let said = |partnership: &csp_domain::partnership::Partnership| {
            let standing = standing(gathered, &recalled, partnership.id);
            (partnership.name.clone(), standing.map_or_else(|| "all is in".to_owned(), |standing| standing.said()))
        };
        Ok(gathered.partnerships.iter().map(said).collect())
    }
}

impl Rehearsed {
    fn typed(&self) -> String {
        format!("{}/{}", self.gathered.committee.slug, self.gathered.cycle.slug)
    }

    /// The paper as it would print, in each form that there is.
    fn files(&self) -> Vec<Attachment> {
        let slugs = [&self.gathered.committee.slug, &self.gathered.cycle.slug];
        let renditions = self.edition.iter().flat_map(|edition| &edition.renditions);
        renditions
            .map(|rendition| {
                let name = FileName::new("rehearsal", &slugs, rendition.kind.ending());
                Attachment { name, kind: rendition.kind.media_type(), bytes: rendition.bytes.clone() }
            })
            .collect()
    }

    fn letter(&self, person: &Person, now: Instant) -> Letter {
        let Gathered { region, committee, cycle, .. } = &self.gathered;
        let full = |at| calendar::full(at, region.zone);
        let publication = full(cycle.timetable.publication_at);
        let outcome = match self.findings.len() {
            0 => "nothing stands in its way".to_owned(),
            1 => "one thing to see to".to_owned(),
            many => format!("{} things to see to", calendar::number(many)),
        };
        let mut paragraphs = vec![format!(
            "This is a rehearsal of what happens on {publication}, when the paper goes to members. It went to the administrators of {} \
             and to nobody else: no member was written to, and nothing was frozen or approved by it.",
            region.name
        )];
        paragraphs.push(self.said_of_members());
        if self.findings.is_empty() {
            paragraphs.push("Nothing was found that would keep the paper from going, or anybody from getting it.".to_owned());
        } else {
            paragraphs.push(format!(
                "{} should be seen to before then. The list is below.",
                if self.findings.len() == 1 { "One thing was found that" } else { "These things were found that" }
            ));
        }
        let mut facts: Vec<(String, String)> =
            (1..).zip(&self.findings).map(|(n, found)| (format!("To see to, {n}"), found.clone())).collect();
        facts.push(("Paper".to_owned(), format!("{}, {}", committee.name, cycle.period.label())));
        facts.extend(self.edition.iter().map(|edition| ("Subject".to_owned(), edition.subject.clone())));
        facts.push(("Members".to_owned(), self.members.len().to_string()));
        if self.largest > 0 {
            facts.push(("Size of each message".to_owned(), findings::size(self.largest)));
        }
        facts.push(("Freeze".to_owned(), full(cycle.timetable.freeze_at)));
        facts.push(("Publication".to_owned(), publication));
        facts.push(("Meeting".to_owned(), full(cycle.timetable.meeting_at)));
        facts.extend(self.returns.iter().map(|(name, said)| (name.to_string(), said.clone())));
        let typed = self.typed();
        let line = |purpose: &str, command: String| (purpose.to_owned(), command);
        Letter {
            title: format!("REHEARSAL, {}, {}: {outcome}", committee.name, cycle.period.short_label()),
            greeting: format!("Dear {},", person.name),
            paragraphs,
            facts,
            commands: vec![
                line("To see the paper as it stands at any time:", format!("csp digest preview {typed}")),
                line("To see who is missing:", format!("csp cycle status {typed}")),
                line("To see what is done when:", format!("csp admin schedule list {typed}")),
            ],
            why: format!(
                "You get this once for each release, two weeks before it, because you administer {}. It was made of what was there on {}.",
                region.name,
                full(now)
            ),
        }
    }

    fn said_of_members(&self) -> String {
        let members = match self.members.len() {
            0 => "nobody would get it".to_owned(),
            1 => "one member would get it".to_owned(),
            many => format!("{} members would get it", calendar::number(many)),
        };
        match &self.edition {
            Some(_) if self.gathered.cycle.state == CycleState::Closed => format!(
                "If it went as things stand, {members}. The paper is frozen already; how it would print if it were made anew comes with this \
                 letter."
            ),
            Some(_) => format!(
                "If it went as things stand, {members}. How it would print comes with this letter; what partnerships still send in is \
                 still to come into it."
            ),
            None => format!("If it went as things stand, {members}; but it could not be made."),
        }
    }
}

/// What the rehearsed paper says of itself above everything, beside what the committee's template says there in any case.
fn notice(gathered: &Gathered, now: Instant) -> Line {
    let Cycle { timetable, .. } = &gathered.cycle;
    let zone = gathered.region.zone;
    let (today, then) =
        (calendar::weekday_and_day(civil_day(now, zone)), calendar::weekday_and_day(civil_day(timetable.publication_at, zone)));
    let own =
        format!("REHEARSAL of {today}, for administrators only. Not approved, not sent to anybody. The paper itself goes out on {then}.");
    let both = gathered.committee.template.notice.as_ref().map(|notice| format!("{own} {notice}"));
    let lines = both.into_iter().chain([own]).find_map(|text| Line::parse(&text, Line::SENTENCE).ok());
    lines.unwrap_or_else(|| gathered.committee.name.clone())
}

/// Tells one rehearsal's letter from another's, also of the same day: the minute it was due. Minutes are far above what `ask` and
/// `moved` count by, which tell of the same cycle.
fn step(due_at: Instant) -> i32 {
    i32::try_from(due_at.timestamp() / 60).unwrap_or(i32::MAX)
}
