//! What most tests begin with: a region in the middle of its year.

use chrono::TimeDelta;
use csp_domain::{
    Scope,
    calendar::{ClosedDays, CommitteeRules, Nation, Recurrence, Rules, reporting::ReportingPeriods},
    committee::{Committee, Member, NewCommittee, SignOff, Template},
    context_note::{Matter, NewContextNote},
    cycle::{Cycle, NewCycle},
    digest::{Digest, NewDigest, Rendition, RenditionKind},
    document::{Hash, HeaderField, PublicDocument},
    id::IndicatorId,
    indicator::{Indicator, NewIndicator, Polarity, Unit},
    measure::{
        population::{Estimate, NewEstimate},
        target::{Aim, Milestone, Trajectory},
    },
    message::{MessageKind, NewMessage},
    narrative::Narrative,
    news::{NewNewsItem, NewsItem, NewsKind, NewsOwner},
    observation::{Answer, Figure},
    partnership::{NewPartnership, Partnership},
    period::{Period, Quarter},
    person::{NewPerson, Person, Role, RoleGrant},
    region::{NewRegion, Region},
    returns::{Content, NewReturn, Return},
    target::{NewTarget, Terms},
    token::{NewToken, Secret, Token, TokenKind},
};
use csp_store::{Job, Meeting, Release};
use uuid::Uuid;

use crate::{
    Bed,
    words::{line, quarter, slug},
};

/// A region with three partnerships that report to one committee, which is collecting.
#[derive(Debug, Clone)]
pub struct County {
    /// The region.
    pub region: Region,
    /// Its three partnerships, in the committee's order.
    pub partnerships: Vec<Partnership>,
    /// The officer of each.
    pub officers: Vec<Person>,
    /// Runs the region.
    pub administrator: Person,
    /// Writes the national part.
    pub editor: Person,
    /// Approves the paper.
    pub approver: Person,
    /// What the committee asks for: `burglary` (a count), `costs` (pounds).
    pub indicators: Vec<Indicator>,
    /// The committee.
    pub committee: Committee,
    /// Its two members in term.
    pub members: Vec<Person>,
    /// The cycle for 2021-q3, which takes submissions from 1 January 2022 at 09:00 to 12 January at 17:00.
    pub cycle: Cycle,
}

impl County {
    /// All of the region.
    pub fn scope(&self) -> Scope {
        Scope::Region(self.region.id)
    }

    /// What the `n`th partnership may see.
    pub fn scope_of(&self, n: usize) -> Scope {
        Scope::Partnership(self.region.id, self.partnerships[n].id)
    }

    /// In whose name the `n`th partnership writes.
    pub fn owner(&self, n: usize) -> NewsOwner {
        NewsOwner::Partnership(self.partnerships[n].id)
    }

    /// A figure for burglary, about what the cycle reports on.
    pub fn burglary(&self, value: u32) -> Figure {
        figure(self.indicators[0].id, self.cycle.period, value)
    }
}

/// A reported value.
fn figure(indicator: IndicatorId, period: Period, value: u32) -> Figure {
    Figure { indicator, period, answer: Answer::Reported { value: value.into() }, provisional: false, note: None }
}

impl Bed {
    /// Sets up a region.
    pub async fn region(&self, name: &str) -> Region {
        let new =
            NewRegion { id: self.id(), slug: slug(name), name: line(&format!("The region of {name}")), zone: chrono_tz::Europe::London };
        self.store.create_region(&self.by_schedule(), new).await.expect("a region can be set up")
    }

    /// Sets up a partnership. Its ONS code follows from its name.
    pub async fn partnership(&self, scope: Scope, name: &str) -> Partnership {
        let new = self.new_partnership(name);
        self.store.create_partnership(scope, &self.by_schedule(), new).await.expect("a partnership can be set up")
    }

    /// A partnership to be set up.
    pub fn new_partnership(&self, name: &str) -> NewPartnership {
        let digits = u32::from_str_radix(&Hash::of(name.as_bytes()).to_string()[..7], 16).unwrap_or(0) % 1_000_000;
        let ons_code = format!("E22{digits:06}").parse().expect("the code has its nine characters");
        NewPartnership { id: self.id(), slug: slug(name), ons_code, name: line(name), peers: None }
    }

    /// Enters a person, reached at `name@example.org`.
    pub async fn person(&self, scope: Scope, name: &str) -> Person {
        self.store.create_person(scope, &self.by_schedule(), self.new_person(name)).await.expect("a person can be entered")
    }

    /// A person to be entered.
    pub fn new_person(&self, name: &str) -> NewPerson {
        let email = format!("{name}@example.org").parse().expect("a short name makes an address");
        NewPerson { id: self.id(), slug: slug(name), name: line(name), email }
    }

    /// Grants a role, from a year ago until further notice.
    pub async fn grant(&self, scope: Scope, person: &Person, role: Role) -> RoleGrant {
        let starts_on = self.today() - TimeDelta::days(365);
        let new = RoleGrant { id: self.id(), person: person.id, role, deputy: false, starts_on, ends_on: None };
        self.store.create_role_grant(scope, &self.by_schedule(), new).await.expect("a role can be granted")
    }

    /// Enters an indicator of which fewer is better.
    pub async fn indicator(&self, scope: Scope, name: &str, unit: Unit) -> Indicator {
        let source = line("Police-recorded crime");
        let definition = csp_domain::indicator::Definition::default();
        let new = NewIndicator {
            id: self.id(),
            slug: slug(name),
            owner: None,
            name: line(name),
            unit,
            polarity: Polarity::LowerIsBetter,
            source,
            definition,
        };
        self.store.create_indicator(scope, &self.by_schedule(), new).await.expect("an indicator can be entered")
    }

    /// An indicator of one partnership alone, to be entered.
    pub fn new_own_indicator(&self, partnership: &Partnership, name: &str) -> NewIndicator {
        NewIndicator {
            id: self.id(),
            slug: csp_domain::id::Slug::within(&partnership.slug, &slug(name)),
            owner: Some(partnership.id),
            name: line(name),
            unit: Unit::Count,
            polarity: Polarity::LowerIsBetter,
            source: line("The council's wardens"),
            definition: csp_domain::indicator::Definition::default(),
        }
    }

    /// Enters how many live in each partnership's area, and answers what was entered.
    pub async fn populations(&self, county: &County) -> Vec<Estimate> {
        let of = |(n, partnership): (u64, &Partnership)| NewEstimate {
            id: self.id(),
            ons_code: partnership.ons_code.clone(),
            mid_year: 2020,
            people: 200_000 + n,
            source: line("ONS mid-year estimates"),
        };
        let new = (1..).zip(&county.partnerships).map(of).collect();
        let act = self.by(&county.administrator);
        self.store.import_populations(county.scope(), &act, new).await.expect("estimates can be entered").estimates
    }

    /// A target for the county's first measure: no more than so many in a quarter.
    pub fn new_target(&self, county: &County, partnership: Option<usize>, at_most: u32) -> NewTarget {
        let from = Milestone { period: quarter("2021-q1"), value: at_most.into() };
        let terms = Terms {
            indicator: county.indicators[0].id,
            partnership: partnership.map(|n| county.partnerships[n].id),
            trajectory: Some(Trajectory::standing(Aim::AtMost, from)),
            baseline: None,
            reason: line("Community Safety Plan 2021"),
        };
        NewTarget { id: self.id(), terms, ends_on: None }
    }

    /// A context note of the whole county and every measure.
    pub fn new_context_note(&self) -> NewContextNote {
        let days = quarter("2020-11-05..2020-12-02");
        let sentence = line("Restrictions on meeting indoors were in force");
        NewContextNote { id: self.id(), matter: Matter { indicator: None, partnership: None, days, sentence } }
    }

    /// A committee to be set up, with a cycle for each quarter from 2021-q1.
    pub fn new_committee(&self, name: &str, partnerships: &[Partnership], indicators: &[Indicator]) -> NewCommittee {
        let first = Quarter::new(2021, 1).expect("2021 is a year");
        NewCommittee {
            id: self.id(),
            slug: slug(name),
            name: line(name),
            partnerships: partnerships.iter().map(|partnership| partnership.id).collect(),
            indicators: indicators.iter().map(|indicator| indicator.id).collect(),
            exemptions: Vec::new(),
            recurrence: Some(Recurrence::from_first(first)),
            template: Template::over_partnerships(&line(name)),
            sign_off: SignOff::WhereLed,
        }
    }

    /// Sets up a committee.
    pub async fn committee(&self, scope: Scope, name: &str, partnerships: &[Partnership], indicators: &[Indicator]) -> Committee {
        let new = self.new_committee(name, partnerships, indicators);
        self.store.create_committee(scope, &self.by_schedule(), new).await.expect("a committee can be set up")
    }

    /// A term on a committee, from a year ago until further notice.
    pub async fn member(&self, scope: Scope, committee: &Committee, person: &Person) -> Member {
        let new = Member { id: self.id(), person: person.id, starts_on: self.today() - TimeDelta::days(365), ends_on: None, revision: 1 };
        self.store.create_member(scope, &self.by_schedule(), committee.id, new).await.expect("a member can be added")
    }

    /// A cycle to be planned for a quarter, by the committee's recurrence.
    pub fn new_cycle(&self, committee: &Committee, name: &str) -> NewCycle {
        let period = quarter(name);
        let recurrence = committee.recurrence.expect("the committee's cycles recur");
        let timetable = recurrence.timetable(Quarter::containing(period.start()), chrono_tz::Europe::London);
        NewCycle { id: self.id(), committee: committee.id, slug: slug(name), period, timetable }
    }

    /// Plans a cycle for a quarter.
    pub async fn cycle(&self, scope: Scope, committee: &Committee, name: &str) -> Cycle {
        let new = self.new_cycle(committee, name);
        self.store.create_cycle(scope, &self.by_schedule(), new).await.expect("a cycle can be planned")
    }

    /// A token to be issued, that may all that its owner may, for as long as tokens usually last.
    pub fn new_token(&self, person: &Person) -> (NewToken, Secret) {
        let secret = Secret::generate(TokenKind::Person, &*self.chance);
        let expires_at = self.now() + Token::DEFAULT_LIFE;
        (NewToken::whole(self.id(), &secret, person.id, line("laptop"), expires_at), secret)
    }

    /// Issues a token.
    pub async fn token(&self, scope: Scope, person: &Person) -> (Token, Secret) {
        let (new, secret) = self.new_token(person);
        let token = self.store.create_token(scope, &self.by_schedule(), new).await.expect("a token can be issued");
        (token, secret)
    }

    /// The rules of England: five clear days, and for the rest what is usual. Meetings at 10:00 about the financial quarter.
    pub fn rules(&self) -> CommitteeRules {
        let rules = Rules::new(Nation::England, None).expect("England has a number of its own");
        let meeting_at = rules.release_at + TimeDelta::hours(1);
        CommitteeRules { rules, meeting_at, reports_on: ReportingPeriods::FinancialQuarters }
    }

    /// A meeting on a day, and no more.
    pub fn meeting(&self, on: &str) -> Meeting {
        Meeting { day: crate::day(on), time: None, period: None, uid: None, sequence: None, cancelled: false, cycle: None }
    }

    /// A second committee that plans by rules, with a meeting on 28 April 2022, which a closed day of its own has moved dates of.
    pub async fn planned_committee(&self, county: &County) -> (Committee, Cycle) {
        let (scope, act) = (county.scope(), self.by(&county.administrator));
        let new = self.new_committee("scrutiny", &county.partnerships, &county.indicators);
        let committee = self.store.create_committee(scope, &act, NewCommittee { recurrence: None, ..new }).await.expect("a committee");
        self.store.set_rules(scope, &act, committee.id, Some(self.rules())).await.expect("rules can be set");
        let meetings = vec![self.meeting("2022-04-28")];
        let planned = self.store.schedule_meetings(scope, &act, committee.id, meetings).await.expect("a meeting can be planned");
        let cycle = planned.into_iter().next().and_then(|one| one.cycle).expect("it became a cycle");
        let closed = ClosedDays::new([(crate::day("2022-04-13"), line("offices shut"))]).expect("one day");
        let moved = self.store.change_closed_days(scope, &act, Some(committee.id), closed, Vec::new()).await.expect("a day is closed");
        let cycle = moved.1.into_iter().next().and_then(|one| one.cycle).unwrap_or(cycle);
        (committee, cycle)
    }

    /// A region in the middle of its year. Names within it do not depend on its own, so that two of
    /// them are as alike as they can be.
    pub async fn county(&self, name: &str) -> County {
        let region = self.region(name).await;
        let scope = Scope::Region(region.id);
        let administrator = self.person(scope, "administrator").await;
        self.grant(scope, &administrator, Role::Administrator).await;
        let (mut partnerships, mut officers, mut members) = (Vec::new(), Vec::new(), Vec::new());
        for place in ["gateshead", "sunderland", "north-tyneside"] {
            let partnership = self.partnership(scope, place).await;
            let officer = self.person(scope, &format!("officer-{place}")).await;
            self.grant(scope, &officer, Role::Officer(partnership.id)).await;
            partnerships.push(partnership);
            officers.push(officer);
        }
        let indicators = vec![self.indicator(scope, "burglary", Unit::Count).await, self.indicator(scope, "costs", Unit::Pounds).await];
        let committee = self.committee(scope, "citizen-focus", &partnerships, &indicators).await;
        let (editor, approver) = (self.person(scope, "editor").await, self.person(scope, "approver").await);
        self.grant(scope, &editor, Role::Editor(committee.id)).await;
        self.grant(scope, &approver, Role::Approver(committee.id)).await;
        for name in ["member-one", "member-two"] {
            let member = self.person(scope, name).await;
            self.member(scope, &committee, &member).await;
            members.push(member);
        }
        let cycle = self.cycle(scope, &committee, "2021-q3").await;
        County { region, partnerships, officers, administrator, editor, approver, indicators, committee, members, cycle }
    }

    /// A return of the `n`th partnership for the county's cycle.
    pub fn new_return(&self, county: &County, n: usize, figures: Vec<Figure>) -> NewReturn {
        let content = Content::Full { figures, quoted: Vec::new() };
        NewReturn { id: self.id(), partnership: county.partnerships[n].id, cycle: county.cycle.id, content, remark: None }
    }

    /// The officer of the `n`th partnership sends in one figure.
    pub async fn submit(&self, county: &County, n: usize, burglary: u32) -> Return {
        let new = self.new_return(county, n, vec![county.burglary(burglary)]);
        let officer = &county.officers[n];
        self.store.create_return(county.scope_of(n), &self.by(officer), officer.id, new).await.expect("the cycle takes a return")
    }

    /// A piece of news for the county's cycle.
    pub fn new_news(&self, county: &County, owner: NewsOwner, headline: &str) -> NewNewsItem {
        let body = Narrative::from_plain_text("It went well.").expect("this is plain text");
        NewNewsItem {
            id: self.id(),
            owner,
            cycle: county.cycle.id,
            kind: NewsKind::News,
            headline: line(headline),
            body,
            happened_on: None,
            joint: Vec::new(),
        }
    }

    /// The officer of the `n`th partnership sends in a piece of news.
    pub async fn tell(&self, county: &County, n: usize, headline: &str) -> NewsItem {
        let new = self.new_news(county, county.owner(n), headline);
        let officer = &county.officers[n];
        self.store.create_news_item(county.scope_of(n), &self.by(officer), officer.id, new).await.expect("the cycle takes news")
    }

    /// Moves the clock past the deadline and closes the county's cycle, as the schedule would.
    pub async fn close(&self, county: &County) {
        let due_at = county.cycle.timetable.deadline_at;
        self.clock.set(due_at + TimeDelta::minutes(1));
        let closed = self.store.advance_cycle(county.scope(), &self.by_schedule(), county.cycle.id, Job::Close, due_at).await;
        assert!(closed.expect("the cycle can be closed"), "the cycle was closed already");
    }

    /// A version of the county's paper to be frozen; the editor wrote some of it.
    pub fn new_digest(&self, county: &County, title: &str) -> NewDigest {
        let document = PublicDocument {
            format: PublicDocument::FORMAT,
            title: title.to_owned(),
            subtitle: "Citizen Focus Committee".to_owned(),
            notice: None,
            header: vec![HeaderField { label: "Meeting".to_owned(), value: "Wednesday 26 January 2022 at 10:00".to_owned() }],
            summary: Vec::new(),
            sections: Vec::new(),
        };
        let rendition = |kind: RenditionKind| Rendition::new(kind, format!("{title} as {}", kind.word()).into_bytes());
        NewDigest {
            id: self.id(),
            cycle: county.cycle.id,
            // Closing it counted once.
            cycle_revision: county.cycle.revision + 1,
            subject: title.to_owned(),
            document: document.to_bytes(),
            renditions: RenditionKind::ALL.map(rendition).to_vec(),
            authors: vec![county.editor.id],
            printed: Vec::new(),
            worded: Vec::new(),
            joint: Vec::new(),
            joint_printed: Vec::new(),
        }
    }

    /// The editor freezes a version of the closed cycle's paper.
    pub async fn freeze(&self, county: &County, title: &str) -> Digest {
        let new = self.new_digest(county, title);
        self.store.freeze_digest(county.scope(), &self.by(&county.editor), new).await.expect("the paper can be frozen")
    }

    /// The approver approves a version.
    pub async fn approve(&self, county: &County, digest: &Digest) -> Digest {
        let approver = &county.approver;
        let approved = self.store.approve_digest(county.scope(), &self.by(approver), approver.id, digest.id, digest.hashes()).await;
        approved.expect("the paper can be approved")
    }

    /// A message with the body that [`Bed::BODY`] is.
    pub fn new_message(&self, kind: MessageKind, matter: Uuid, recipient: &Person) -> NewMessage {
        let id: Uuid = self.id();
        let message_id = format!("<{id}@example.org>");
        let head = format!("To: {}\r\nMessage-ID: {message_id}\r\n", recipient.email.as_str()).into_bytes();
        let mime_hash = Hash::of(&[head.as_slice(), Self::BODY].concat());
        NewMessage {
            id: id.into(),
            kind,
            matter,
            recipient: recipient.id,
            step: 0,
            address: recipient.email.clone(),
            subject: "Community Safety Partnerships update".to_owned(),
            message_id,
            head,
            body: Hash::of(Self::BODY),
            mime_hash,
            not_before: self.now(),
        }
    }

    /// The part that all messages of the bed share.
    pub const BODY: &[u8] = b"MIME-Version: 1.0\r\n\r\nAll is well.\r\n";

    /// What is to go out when a version is released.
    pub fn new_release(&self, county: &County, digest: &Digest) -> Release {
        let messages = county.members.iter().map(|member| self.new_message(MessageKind::Digest, digest.id.0, member)).collect();
        Release { digest: digest.id, due_at: county.cycle.timetable.publication_at, body: Self::BODY.to_vec(), messages }
    }

    /// Moves the clock to the publication time and releases an approved version, as the schedule would.
    pub async fn release(&self, county: &County, digest: &Digest) {
        self.clock.set(county.cycle.timetable.publication_at);
        let release = self.new_release(county, digest);
        let released = self.store.release(county.scope(), &self.by_schedule(), release).await;
        assert!(released.expect("the paper can be released"), "the paper was released already");
    }
}
