//! The one letter a person gets in a round: what is owed, by when, and how to do it.

use chrono_tz::Tz;
use csp_domain::{
    Instant,
    calendar::{Timetable, civil_day, full, ics, ladder::Rung, number, weekday_and_day},
    cycle::{Cycle, Extension},
    id::Slug,
    person::Person,
    text::Line,
};
use csp_mail::compose::{Attachment, FileName};
use csp_render::letter::Letter;
use csp_store::Gathered;

use super::{Standing, Summary};

/// Which cycle.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The committee's name.
    committee: Line,
    /// As `csp` wants it typed: `citizen-focus/2021-q3`.
    typed: String,
    /// `Q3 2021/22`.
    period: String,
    deadline: Instant,
    /// When nothing is taken any more.
    freeze: Instant,
    /// Until when something new is still taken, late; none where the deadline is the end.
    new_until: Option<Instant>,
    publication: Instant,
    meeting: Instant,
    /// Why the deadline is the partnership's own, where it was given more time.
    more_time: Option<Line>,
    cycle: Cycle,
    zone: Tz,
}

impl Place {
    pub(crate) fn of(gathered: &Gathered) -> Self {
        let timetable = gathered.cycle.timetable;
        Self {
            committee: gathered.committee.name.clone(),
            typed: format!("{}/{}", gathered.committee.slug, gathered.cycle.slug),
            period: gathered.cycle.period.short_label(),
            deadline: timetable.deadline_at,
            freeze: timetable.freeze_at,
            new_until: (timetable.closed_to_new_at > timetable.deadline_at).then_some(timetable.closed_to_new_at),
            publication: timetable.publication_at,
            meeting: timetable.meeting_at,
            more_time: None,
            cycle: gathered.cycle.clone(),
            zone: gathered.region.zone,
        }
    }
}

impl Place {
    /// The same for a partnership with a deadline of its own.
    pub(crate) fn due(&self, more: Option<&Extension>) -> Self {
        let Some(more) = more else { return self.clone() };
        let deadline = more.until;
        let new_until = self.new_until.map(|until| until.max(deadline));
        Self { deadline, new_until, more_time: Some(more.reason.clone()), ..self.clone() }
    }

    /// The same for a diary: when returns are due, and the meeting. Entry for entry as the partnership's own feed has them: a diary
    /// that has both must not see two versions of one date.
    fn diary(&self) -> impl Iterator<Item = ics::Entry> {
        let timetable = Timetable { deadline_at: self.deadline, ..self.cycle.timetable };
        let cycle = Cycle { timetable, ..self.cycle.clone() };
        let entries = ics::entries(&self.committee, &cycle, self.more_time.as_ref(), self.zone);
        entries.into_iter().filter(|entry| ["deadline.", "meeting."].iter().any(|step| entry.uid.starts_with(step)))
    }
}

/// One thing a person is written to about.
#[derive(Debug, Clone)]
pub(crate) enum Matter {
    /// Their partnership's return is not in, or not whole. The first letter about it brings the workbook to fill in.
    Owe { place: Place, partnership: Line, slug: Slug, standing: Standing, rung: Rung, lead: bool, workbook: Option<Attachment> },
    /// Their committee's paper misses returns.
    Missing { place: Place, missing: Vec<(Line, Standing)>, summary: Summary, rung: Rung },
    /// A paper waits for their approval.
    Approve { place: Place, rung: Rung },
    /// Their committee's paper still waits for somebody's approval.
    Unapproved { place: Place, rung: Rung },
    /// The editor proposes to word otherwise what their partnership sent in.
    Answer { place: Place, partnership: Line, slug: Slug, count: usize },
    /// Joint items that another partnership sent in wait for their signature.
    SignJoint { place: Place, partnership: Line, slug: Slug, count: usize, frozen: bool },
    /// Joint items that their partnership sent in were sent back: each headline with the owner and its reason.
    MendJoint { place: Place, partnership: Line, slug: Slug, returned: Vec<(Line, Line, Line)>, lead: bool },
}

/// The dates that go with a letter, for the reader's diary: those of returns that can still be sent in.
pub(crate) fn dates(matters: &[Matter], now: Instant) -> Option<Attachment> {
    let mut entries: Vec<ics::Entry> = Vec::new();
    for matter in matters {
        let Matter::Owe { place, .. } = matter else { continue };
        if place.deadline > now {
            for entry in place.diary() {
                if entries.iter().all(|known| known.uid != entry.uid) {
                    entries.push(entry);
                }
            }
        }
    }
    if entries.is_empty() {
        return None;
    }
    let feed = ics::Feed { name: "CSP Digest".to_owned(), entries };
    let kind = "text/calendar; charset=utf-8; method=PUBLISH";
    Some(Attachment { name: FileName::new("returns-due", &[], "ics"), kind, bytes: feed.write(now).into_bytes() })
}

/// So many workbooks go with one letter: who reports for more makes the rest with `csp start`.
const MOST_WORKBOOKS: usize = 10;

/// The workbooks that go with a letter.
pub(crate) fn workbooks(matters: &[Matter]) -> impl Iterator<Item = &Attachment> {
    all_workbooks(matters).take(MOST_WORKBOOKS)
}

fn all_workbooks(matters: &[Matter]) -> impl Iterator<Item = &Attachment> {
    matters.iter().filter_map(|matter| match matter {
        Matter::Owe { workbook, .. } => workbook.as_ref(),
        Matter::Missing { .. }
        | Matter::Approve { .. }
        | Matter::Unapproved { .. }
        | Matter::Answer { .. }
        | Matter::SignJoint { .. }
        | Matter::MendJoint { .. } => None,
    })
}

/// What is to be done with them.
fn about_workbooks(matters: &[Matter]) -> Option<String> {
    let names: Vec<&str> = workbooks(matters).map(|workbook| workbook.name.as_str()).collect();
    match names.as_slice() {
        [] => None,
        [only] => Some(format!(
            "The workbook to fill in comes with this letter: {only}. It asks for each figure, with what you answered before beside it; \
             its second sheet explains it. Save it, and send it in."
        )),
        many => {
            let left = all_workbooks(matters).count() - many.len();
            let (which, rest) = match left {
                0 => ("one for each return", String::new()),
                left => ("as many as one letter carries", format!(" For {} more, csp start writes them.", number(left))),
            };
            Some(format!(
                "The workbooks to fill in come with this letter, {which}: {}. They ask for each figure, with what you answered before \
                 beside it; their second sheets explain them. Save them, and send them in.{rest}",
                many.join(", ")
            ))
        }
    }
}

/// The letter to one person about all that concerns them this morning.
pub(crate) fn letter(person: &Person, matters: &[Matter], now: Instant, zone: Tz) -> Letter {
    let returns = matters.iter().filter(|matter| matches!(matter, Matter::Owe { .. })).count();
    let words = Words { now, zone, many: returns > 1 };
    let mut title = matters.first().map_or_else(String::new, |matter| words.title(matter));
    if matters.len() > 1 {
        title = format!("{title}, and {} more", number(matters.len() - 1));
    }
    let (mut paragraphs, mut facts, mut commands) = (Vec::new(), Vec::new(), Vec::new());
    for matter in matters {
        let paragraph = words.paragraph(matter);
        if !paragraphs.contains(&paragraph) {
            paragraphs.push(paragraph);
        }
        facts.extend(words.facts(matter));
        for command in words.commands(matter, workbooks(matters)) {
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
    }
    paragraphs.extend(about_workbooks(matters));
    Letter { title, greeting: format!("Dear {},", person.name), paragraphs, facts, commands, why: Words::why(matters) }
}

struct Words {
    now: Instant,
    zone: Tz,
    /// The person reports for more than one partnership, and has to say for which.
    many: bool,
}

impl Words {
    /// Until when a late return is still taken.
    fn late_until(&self, place: &Place, rung: Rung) -> Option<Instant> {
        place.new_until.filter(|&until| rung == Rung::Overdue && self.now <= until)
    }

    /// `today`, `tomorrow`, or `on Wednesday 12 January 2022`.
    fn day(&self, at: Instant) -> String {
        let day = civil_day(at, self.zone);
        match (day - civil_day(self.now, self.zone)).num_days() {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            _ => format!("on {}", weekday_and_day(day)),
        }
    }

    fn title(&self, matter: &Matter) -> String {
        match matter {
            Matter::Owe { place, partnership, standing, lead: true, .. } if standing.unsigned() => {
                format!("{partnership}: the return for {} waits for your signature", place.period)
            }
            Matter::Owe { place, partnership, standing: Standing::SentBack, .. } => {
                format!("{partnership}: the return for {} was sent back", place.period)
            }
            Matter::Owe { place, partnership, standing: Standing::Recalled, .. } => {
                format!("{partnership}: the return for {} was recalled", place.period)
            }
            Matter::Owe { place, partnership, rung, .. } => match rung {
                Rung::Opened => format!("{partnership}: returns for {} are open", place.period),
                Rung::Overdue => format!("{partnership}: the return for {} is overdue", place.period),
                _ => format!("{partnership}: the return for {} is due {}", place.period, self.day(place.deadline)),
            },
            Matter::Missing { place, missing, summary, rung } => {
                let over = *rung == Rung::Overdue && self.late_until(place, *rung).is_none();
                let what = match (over, missing.len()) {
                    (true, 1) => "was not received whole",
                    (true, _) => "were not received whole",
                    (false, 1) => "is still to come",
                    (false, _) => "are still to come",
                };
                format!("{}: {} of {} returns for {} {what}", place.committee, missing.len(), summary.expected(), place.period)
            }
            Matter::Approve { place, rung: Rung::ApprovalOverdue } => {
                format!("{}: the paper for {} has missed its publication and waits for your approval", place.committee, place.period)
            }
            Matter::Approve { place, .. } => format!("{}: the paper for {} waits for your approval", place.committee, place.period),
            Matter::Unapproved { place, .. } => format!("{}: the paper for {} is not approved", place.committee, place.period),
            Matter::Answer { place, partnership, count, .. } => {
                let what = if *count == 1 { "another wording waits" } else { "other wordings wait" };
                format!("{partnership}: {what} for your answer, {}", place.period)
            }
            Matter::SignJoint { place, partnership, count, .. } => {
                let what = if *count == 1 { "a joint item waits" } else { "joint items wait" };
                format!("{partnership}: {what} for your signature, {}", place.period)
            }
            Matter::MendJoint { place, partnership, returned, .. } => {
                let what = if returned.len() == 1 { "a joint item was" } else { "joint items were" };
                format!("{partnership}: {what} sent back, {}", place.period)
            }
        }
    }

    fn paragraph(&self, matter: &Matter) -> String {
        match matter {
            Matter::Owe { standing, rung, lead: true, .. } if standing.unsigned() => {
                let late = if *rung == Rung::Overdue {
                    "The deadline has passed. You can still sign until the paper is out; the editor then has to make it anew."
                } else {
                    "Read it, see how it will print, and sign it or send it back with your reasons."
                };
                format!(
                    "Your partnership's officer has sent in a return. Nothing of it is printed before you, or a deputy, have signed it. {late}"
                )
            }
            Matter::Owe { standing: Standing::SentBack, .. } => {
                "What was sent in was given back with reasons. Until it is sent in again, nothing of it \
                 is printed."
                    .to_owned()
            }
            Matter::Owe { standing: Standing::Recalled, .. } => {
                "It was taken back to be mended, and counts as not received until it is sent in again. That is possible until the paper is \
                 out, after the deadline too."
                    .to_owned()
            }
            Matter::Owe { rung: Rung::Opened, .. } => {
                "Collecting has opened. A return has the quarter's figures, and your news if there is any; \
                 if there is nothing to report, a sentence that says so is a return too."
                    .to_owned()
            }
            Matter::Owe { place, rung, .. } if self.late_until(place, *rung).is_some() => format!(
                "The deadline has passed. What comes until {} is still taken, and counts as late; after that only what is there can \
                 be corrected.",
                full(place.new_until.unwrap_or(place.deadline), self.zone)
            ),
            Matter::Owe { rung: Rung::Overdue, .. } => {
                "The deadline has passed, and nothing more is taken. The paper will say what was not received. If there is a reason that \
                 members should know, tell the committee's editor."
                    .to_owned()
            }
            Matter::Owe { lead: true, .. } => {
                "Your partnership's officer has been reminded as well. You are told because returns are due soon and \
                 something is still outstanding."
                    .to_owned()
            }
            Matter::Owe { .. } => {
                "Something is still outstanding from your partnership. If there is nothing to report, a sentence that says so is a \
                 return too."
                    .to_owned()
            }
            Matter::Missing { rung, place, .. } if self.late_until(place, *rung).is_some() => format!(
                "The deadline for the {} has passed. What comes until {} is still taken, and counts as late. You can give one partnership \
                 more time, until the paper is frozen.",
                place.committee,
                full(place.new_until.unwrap_or(place.deadline), self.zone)
            ),
            Matter::Missing { rung: Rung::Overdue, place, .. } => format!(
                "Collecting for the {} is closed. These partnerships are not, or not wholly, in the paper; it says so in neutral words.",
                place.committee
            ),
            Matter::Missing { place, .. } => {
                format!("These returns for the {} are still outstanding. Their officers and leads have been reminded.", place.committee)
            }
            Matter::Approve { place, rung } => {
                let urgent = match rung {
                    Rung::ApprovalOverdue => "It was to be published and has not been: nothing goes to members before it is approved.",
                    _ => "Nothing goes to members before it is approved.",
                };
                format!(
                    "The paper for the {} is frozen, and a second person must approve exactly what members will get. {urgent} Once approved, it \
                     is kept back for the committee's cooling-off, in which a slip can still be caught.",
                    place.committee
                )
            }
            Matter::Answer { place, .. } => format!(
                "The editor of the {} proposes to word otherwise what your partnership sent in. Your own words are printed unless you, or a \
                 deputy, accept the other ones before the paper is frozen. Figures cannot be changed this way.",
                place.committee
            ),
            Matter::SignJoint { place, .. } => format!(
                "Another partnership has sent in news for the {} that yours owns too. It is printed once, with the names of all owners, when \
                 each has signed it; until then it is held out, and the paper says so. Read it, and sign it or send it back with your \
                 reason.",
                place.committee
            ),
            Matter::MendJoint { .. } => "Another owner has given back what your partnership sent in for both. It is held out until it is \
                 signed: change the text, and it is theirs to sign again; or withdraw it."
                .to_owned(),
            Matter::Unapproved { place, rung } => {
                let urgent = if *rung == Rung::ApprovalOverdue { "was due and has been missed" } else { "is close" };
                format!(
                    "Nobody has approved the paper for the {}, and its publication {urgent}. Approvers have been reminded; nothing goes to members \
                     before one of them has approved it.",
                    place.committee
                )
            }
        }
    }

    fn facts(&self, matter: &Matter) -> Vec<(String, String)> {
        let full = |at| full(at, self.zone);
        match matter {
            Matter::Owe { place, partnership, standing, rung, .. } => {
                let (due, standing) = match rung {
                    Rung::Overdue if self.late_until(place, *rung).is_some() => ("was due", standing.said()),
                    Rung::Overdue => ("was due", standing.said_after_the_deadline()),
                    _ => ("due", standing.said()),
                };
                let more =
                    place.more_time.as_ref().map(|reason| format!("; more time was given: {}", reason.printed())).unwrap_or_default();
                let text = format!("{}, {}: {due} {}; {standing}{more}", place.committee, place.period, full(place.deadline));
                vec![(partnership.to_string(), text)]
            }
            Matter::Missing { place, missing, summary, rung } => {
                let said = |standing: &Standing| match rung {
                    Rung::Overdue if self.late_until(place, *rung).is_none() => standing.said_after_the_deadline(),
                    _ => standing.said(),
                };
                let mut facts: Vec<_> = missing.iter().map(|(name, standing)| (name.to_string(), said(standing))).collect();
                facts.push(("Returns due".to_owned(), full(place.deadline)));
                facts.extend(summary.facts());
                facts
            }
            Matter::Answer { place, partnership, count, .. } => {
                let what = if *count == 1 { "1 wording waits".to_owned() } else { format!("{count} wordings wait") };
                let text =
                    format!("{}, {}: {what} for an answer until the freeze on {}", place.committee, place.period, full(place.freeze));
                vec![(partnership.to_string(), text)]
            }
            Matter::SignJoint { place, partnership, count, frozen, .. } => {
                let what = if *count == 1 { "1 joint item waits".to_owned() } else { format!("{count} joint items wait") };
                let when = if *frozen {
                    "the paper was frozen without, and prints it when the editor freezes it anew".to_owned()
                } else {
                    format!("the freeze is on {}", full(place.freeze))
                };
                let text = format!("{}, {}: {what} for a signature; {when}", place.committee, place.period);
                vec![(partnership.to_string(), text)]
            }
            Matter::MendJoint { returned, .. } => {
                let fact = |(headline, owner, reason): &(Line, Line, Line)| {
                    (owner.to_string(), format!("sent back “{}”: {}", headline.printed(), reason.printed()))
                };
                returned.iter().map(fact).collect()
            }
            Matter::Approve { place, .. } | Matter::Unapproved { place, .. } => vec![
                ("Paper".to_owned(), format!("{}, {}", place.committee, place.period)),
                ("Publication".to_owned(), full(place.publication)),
                ("Meeting".to_owned(), full(place.meeting)),
            ],
        }
    }

    fn commands<'m>(&self, matter: &'m Matter, mut sent: impl Iterator<Item = &'m Attachment>) -> Vec<(String, String)> {
        let line = |purpose: &str, command: String| (purpose.to_owned(), command);
        match matter {
            Matter::Owe { place, slug, standing, lead, .. }
                if (*lead && standing.unsigned()) || matches!(standing, Standing::SentBack | Standing::Recalled) =>
            {
                let whose = if self.many { format!(" --partnership {slug}") } else { String::new() };
                let cycle = &place.typed;
                let (first, last) = match standing {
                    Standing::SentBack => (
                        line("To read the reasons:", format!("csp return receipt --cycle {cycle}{whose}")),
                        line("To send it in again:", format!("csp return correct figures.csv --cycle {cycle}{whose}")),
                    ),
                    Standing::Recalled => (
                        line("To read what it said:", format!("csp return show --cycle {cycle}{whose}")),
                        line("To send it in again:", format!("csp return submit figures.csv --cycle {cycle}{whose}")),
                    ),
                    _ => (
                        line("To read it:", format!("csp return show --cycle {cycle}{whose}")),
                        line("To sign it:", format!("csp return sign --cycle {cycle}{whose}")),
                    ),
                };
                vec![first, line("To see how it will print:", format!("csp digest preview {cycle}")), last]
            }
            Matter::Owe { place, rung: Rung::Overdue, .. } if self.late_until(place, Rung::Overdue).is_none() => {
                vec![line("To see how it will print:", format!("csp digest preview {}", place.typed))]
            }
            Matter::Owe { place, slug, workbook, .. } => {
                let whose = if self.many { format!(" --partnership {slug}") } else { String::new() };
                let cycle = &place.typed;
                let mut lines = Vec::new();
                if let Some(workbook) = workbook.as_ref().filter(|own| sent.any(|one| one == *own)) {
                    let name = &workbook.name;
                    lines.push(line("To look it over before it is sent:", format!("csp return check {name} --cycle {cycle}{whose}")));
                    lines.push(line("To send it in, filled in:", format!("csp return submit {name} --cycle {cycle}{whose}")));
                }
                let folder = if lines.is_empty() {
                    "To make a folder with the workbook to fill in:"
                } else {
                    "Or, with news as well, to make a folder for all of it:"
                };
                lines.push(line(folder, format!("csp start --cycle {cycle}{whose}")));
                lines.push(line("To send in what is in it:", format!("csp submit {slug}-{}", cycle.replace('/', "-"))));
                lines.push(line("To see all that is due:", "csp due".to_owned()));
                lines
            }
            Matter::Missing { place, .. } => {
                vec![line("To see how the paper stands:", format!("csp digest preview {}", place.typed))]
            }
            Matter::Approve { place, .. } => vec![
                line("To read it as members will get it:", format!("csp digest open {}", place.typed)),
                line("To approve exactly what you read:", format!("csp digest approve {}", place.typed)),
            ],
            Matter::Answer { place, slug, .. } => vec![
                line("To see what is proposed:", format!("csp wording list --cycle {} --partnership {slug}", place.typed)),
                line("To read one beside your own words:", "csp wording show WORDING".to_owned()),
                line("To accept it:", "csp wording accept WORDING".to_owned()),
                line("To refuse it:", "csp wording refuse WORDING --reason \"…\"".to_owned()),
            ],
            Matter::SignJoint { place, slug, .. } => vec![
                line("To see what waits:", format!("csp joint list --cycle {} --partnership {slug}", place.typed)),
                line("To read one, and who has signed:", "csp joint show ITEM".to_owned()),
                line("To sign it:", "csp joint sign ITEM".to_owned()),
                line("To send it back:", "csp joint send-back ITEM --reason \"…\"".to_owned()),
            ],
            Matter::MendJoint { place, slug, .. } => vec![
                line("To find it:", format!("csp joint list --cycle {} --partnership {slug}", place.typed)),
                line("To change the text:", "csp news update ITEM --file new.md".to_owned()),
                line("To withdraw it:", "csp news withdraw ITEM".to_owned()),
            ],
            Matter::Unapproved { place, .. } => vec![line("To see where it stands:", format!("csp digest show {}", place.typed))],
        }
    }

    fn why(matters: &[Matter]) -> String {
        let mut roles: Vec<String> = Vec::new();
        for matter in matters {
            let role = match matter {
                Matter::Owe { partnership, lead: false, .. } | Matter::MendJoint { partnership, lead: false, .. } => {
                    format!("you are an officer of {partnership}")
                }
                Matter::Owe { partnership, lead: true, .. }
                | Matter::MendJoint { partnership, lead: true, .. }
                | Matter::Answer { partnership, .. }
                | Matter::SignJoint { partnership, .. } => format!("you lead {partnership}"),
                Matter::Missing { place, .. } | Matter::Unapproved { place, .. } => {
                    format!("you edit the paper of the {}", place.committee)
                }
                Matter::Approve { place, .. } => format!("you approve the paper of the {}", place.committee),
            };
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        format!(
            "You get this because {}. There is at most one such message a day, on working days, and none once nothing is outstanding.",
            roles.join(" and because ")
        )
    }
}
