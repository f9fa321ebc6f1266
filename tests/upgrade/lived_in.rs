//! A service that has been lived in: two regions in the spring of 2022, with something in every table and in every
//! state there is. Done through the store, the schedule and the edition of the day, as people would have done it.
//!
//! This makes fixtures; what is in a fixture stays as it is when this changes.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use csp_domain::{
    Act, Scope,
    calendar::Timetable,
    check::{FindingId, Rule, Strength},
    clock::SharedClock,
    committee::{Exemption, Member, NewCommittee},
    cycle::{Cycle, NewCycle},
    diary::{Diary, LinkSecret, NewDiaryLink},
    digest::{Digest, DigestState},
    history::{NewHistory, Series},
    id::{DiaryLinkId, HistoryImportId, RegionId, WordingId},
    joint::JointDeed,
    message::{ClaimedMessage, Outcome},
    news::{NewNewsItem, NewsOwner},
    observation::{Answer, Figure, QuotedFigure},
    person::{Person, Role, RoleGrant},
    returns::{Content, NewReturn},
    schedule::Job,
    signoff::{Deed, Hand},
    token::NewToken,
    wording::{NewWording, Subject, Words},
};
use csp_mail::sink::{Script, Sink};
use csp_store::{JobChange, JobDecision, JointStep, NewExplanation, NewsChange, Page, ReturnStep};
use csp_tests::{Bed, County, at, day, line, quarter, slug};

use crate::service::scheduler;

/// When the fixture was left: the hour at which the next server starts.
pub(crate) const LEFT_AT: &str = "2022-04-05T10:00:00Z";

/// Tokens in the clear, by what they are good for. They open nothing but these fixtures.
pub(crate) type Tokens = BTreeMap<String, String>;

struct Life<'b> {
    bed: &'b Bed,
    schedule: csp_scheduler::Scheduler,
    tokens: Tokens,
}

/// Lives through three months on `bed`; answers the tokens that were given out.
pub(crate) async fn live(bed: &Bed) -> Tokens {
    let sink = Sink::start(Script::accepting()).await;
    let clock: SharedClock = Arc::new(bed.clock.clone());
    let mut life = Life { bed, schedule: scheduler(&bed.store, clock, 7, &sink), tokens: Tokens::new() };
    life.keeper().await;
    let north = bed.county("northumbria").await;
    let west = bed.county("wessex").await;
    life.people(&north).await;
    let justice = life.second_committee(&north).await;

    life.tick().await;
    life.submissions(&north).await;
    bed.submit(&west, 0, 31).await;
    bed.tell(&west, 0, "A warden for every estate").await;

    // The deadline: both papers are frozen. Northumbria's is made anew and approved, the other waits.
    bed.clock.set(at("2022-01-12T17:00:01Z"));
    life.tick().await;
    let digest = life.refreeze(&north).await;
    bed.approve(&north, &digest).await;
    bed.clock.set(north.cycle.timetable.publication_at);
    life.tick().await;
    life.outcomes().await;

    // Spring: the next quarter collects, another committee's paper waits for its publication, a cycle is called off.
    bed.clock.set(at(LEFT_AT));
    life.tick().await;
    life.spring(&north, &west, &justice).await;
    life.tokens
}

impl Life<'_> {
    async fn tick(&self) {
        let tick = self.schedule.tick().await.expect("the store answers");
        assert_eq!(tick.failed, 0, "nothing that is due fails");
    }

    /// Whoever runs the service.
    async fn keeper(&mut self) {
        let bed = self.bed;
        let scope = Scope::Region(RegionId::SYSTEM);
        let keeper = bed.person(scope, "keeper").await;
        bed.grant(scope, &keeper, Role::SystemAdministrator).await;
        self.token("keeper", scope, &keeper).await;
    }

    async fn token(&mut self, name: &str, scope: Scope, person: &Person) -> csp_domain::token::Token {
        let (token, secret) = self.bed.token(scope, person).await;
        self.tokens.insert(name.to_owned(), secret.reveal());
        token
    }

    /// Members in and out of term, deputies, roles that ended, tokens that do not open.
    async fn people(&mut self, county: &County) {
        let (bed, scope) = (self.bed, county.scope());
        for name in
            ["member-three", "member-four", "member-five", "member-six", "member-seven", "member-eight", "member-nine", "member-ten"]
        {
            let member = bed.person(scope, name).await;
            bed.member(scope, &county.committee, &member).await;
        }
        let person = bed.person(scope, "member-emeritus").await;
        let ended = Member { id: bed.id(), person: person.id, starts_on: day("2020-05-01"), ends_on: Some(day("2021-04-30")), revision: 1 };
        bed.store.create_member(scope, &bed.by(&county.administrator), county.committee.id, ended).await.expect("a term that is over");
        bed.populations(county).await;
        let target = bed.new_target(county, Some(0), 230);
        bed.store.create_target(scope, &bed.by(&county.administrator), target).await.expect("a target can be set");
        let note = bed.new_context_note();
        bed.store.create_context_note(scope, &bed.by(&county.administrator), note).await.expect("a note can be entered");
        let series = Series {
            partnership: county.partnerships[0].id,
            indicator: county.indicators[0].id,
            points: vec![(quarter("2018-q1"), 233.into())],
        };
        let history = NewHistory { id: HistoryImportId(bed.id()), source: line("Police-recorded crime"), series: vec![series] };
        let (act, keeper) = (bed.by(&county.administrator), county.administrator.id);
        bed.store.import_history(scope, &act, keeper, history).await.expect("figures from before");
        let yearly = line("A yearly survey.");
        bed.store.set_check_rule(scope, &act, Rule::Unchanged, Strength::Off, yearly).await.expect("a rule can be switched off");
        let lead = bed.person(scope, "lead").await;
        bed.grant(scope, &lead, Role::Lead(county.partnerships[0].id)).await;
        let role = Role::Officer(county.partnerships[1].id);
        let deputy =
            RoleGrant { id: bed.id(), person: lead.id, role, deputy: true, starts_on: day("2021-09-01"), ends_on: Some(day("2021-12-31")) };
        bed.store.create_role_grant(scope, &bed.by(&county.administrator), deputy).await.expect("a deputy's time");

        self.token("lead", scope, &lead).await;
        self.token("administrator", scope, &county.administrator).await;
        self.token("officer", scope, &county.officers[0]).await;
        self.token("approver", scope, &county.approver).await;
        self.token("editor", scope, &county.editor).await;
        let revoked = self.token("revoked", scope, &county.officers[0]).await;
        bed.store.revoke_token(scope, &bed.by(&county.administrator), revoked.id).await.expect("a token can be taken away");
        let (new, secret) = bed.new_token(&county.officers[0]);
        let new = NewToken { label: line("for one day"), expires_at: bed.now() + TimeDelta::days(1), ..new };
        // Under a request's name, so that this table has a row too.
        let act = bed.by(&county.administrator).under(Some(bed.request("a token for one day")));
        bed.store.create_token(scope, &act, new).await.expect("a token for a day");
        self.tokens.insert("expired".to_owned(), secret.reveal());
    }

    /// A committee whose cycles are set by hand, with one that collects until April.
    async fn second_committee(&self, county: &County) -> Cycle {
        let (bed, scope) = (self.bed, county.scope());
        // It does not ask the second partnership for all that it asks of the first.
        let exemptions = vec![Exemption { partnership: county.partnerships[1].id, indicator: county.indicators[0].id }];
        let new = bed.new_committee("criminal-justice", &county.partnerships[..2], &county.indicators);
        let new = NewCommittee { recurrence: None, exemptions, ..new };
        let committee = bed.store.create_committee(scope, &bed.by(&county.administrator), new).await.expect("a second committee");
        bed.grant(scope, &county.approver, Role::Approver(committee.id)).await;
        bed.member(scope, &committee, &county.members[1]).await;
        let timetable = Timetable::with_one_end(
            at("2022-01-03T09:00:00Z"),
            at("2022-04-01T16:00:00Z"),
            at("2022-05-03T08:00:00Z"),
            at("2022-05-10T09:00:00Z"),
        );
        let cycle = NewCycle { id: bed.id(), committee: committee.id, slug: slug("spring"), period: quarter("2021-fy"), timetable };
        // And one whose dates follow from its meetings, which somebody follows and holds back.
        let (_, planned) = bed.planned_committee(county).await;
        let act = bed.by(&county.administrator);
        let secret = LinkSecret::generate(bed.chance.as_ref());
        let link = NewDiaryLink {
            id: DiaryLinkId(bed.id()),
            public_id: secret.id().to_owned(),
            hash: secret.hash(),
            diary: Diary::Committee(planned.committee),
            by: county.administrator.id,
        };
        bed.store.create_diary_link(scope, &act, link).await.expect("a diary can follow");
        let reason = line("The venue is flooded.");
        let hold = JobDecision { by: county.administrator.id, cycle: planned.id, job: Job::Release, change: JobChange::Hold, reason };
        bed.store.decide_job(scope, &act, hold).await.expect("a release can be held back");
        let (until, reason, editor) = (planned.timetable.closed_to_new_at, line("their system was down"), &county.editor);
        let extended = bed.store.extend(scope, &bed.by(editor), editor.id, (planned.id, county.partnerships[0].id), until, reason).await;
        extended.expect("a partnership can be given more time");
        bed.store.create_cycle(scope, &bed.by(&county.administrator), cycle).await.expect("a cycle set by hand")
    }

    /// Returns with all five answers and quoted figures, corrected; a nil return; one taken back; news of every fate.
    async fn submissions(&self, county: &County) {
        let bed = self.bed;
        let (burglary, costs) = (county.indicators[0].id, county.indicators[1].id);
        let figure =
            |indicator, period: &str, answer| Figure { indicator, period: quarter(period), answer, provisional: false, note: None };
        let value = |text: &str| Answer::Reported { value: text.parse().expect("this is a number") };
        let figures = vec![
            figure(costs, "2021-q3", value("96466.50")),
            Figure { provisional: true, note: Some(line("restrictions in force")), ..figure(burglary, "2021-q3", value("206")) },
            figure(burglary, "2020-q3", value("291")),
            figure(burglary, "2021-10", Answer::Nil),
            figure(burglary, "2021-11", Answer::Late { expected_on: day("2022-02-28") }),
            figure(burglary, "2021-12", Answer::Withheld { reason: line("fewer than five") }),
            figure(burglary, "2021-fy", Answer::NotApplicable),
        ];
        let quoted = vec![QuotedFigure {
            subject: line("Satisfaction"),
            value: line("30%"),
            source: line("Home Office"),
            period: quarter("2021-q2"),
        }];
        let officer = &county.officers[0];
        // A quarter that nobody asked about, which is queried, explained, and left out of the correction.
        let mut told = figures.clone();
        told.push(figure(burglary, "2019-q1", value("210")));
        let sent = NewReturn {
            id: bed.id(),
            partnership: county.partnerships[0].id,
            cycle: county.cycle.id,
            content: Content::Full { figures: told, quoted: quoted.clone() },
            remark: Some(line("The costs are final.")),
        };
        bed.store.create_return(county.scope_of(0), &bed.by(officer), officer.id, sent.clone()).await.expect("a return");
        let note = NewExplanation {
            partnership: county.partnerships[0].id,
            cycle: county.cycle.id,
            finding: FindingId { rule: Rule::OlderPeriod, indicator: None },
            note: line("It was never told."),
            revision: None,
        };
        bed.store.explain(county.scope_of(0), &bed.by(officer), officer.id, note).await.expect("a query is explained");
        bed.clock.advance(TimeDelta::minutes(31));
        let mut corrected = figures;
        corrected[1].answer = value("207");
        let correction = NewReturn { content: Content::Full { figures: corrected, quoted }, remark: None, ..sent };
        bed.store.update_return(county.scope_of(0), &bed.by(officer), officer.id, correction, Some(2)).await.expect("a correction");

        let (second, third) = (&county.officers[1], &county.officers[2]);
        let content = Content::Nil { statement: line("Nothing to report: the team was stood down.") };
        let nil = NewReturn { id: bed.id(), partnership: county.partnerships[1].id, cycle: county.cycle.id, content, remark: None };
        bed.store.create_return(county.scope_of(1), &bed.by(second), second.id, nil).await.expect("a nil return");
        bed.submit(county, 2, 44).await;
        let own = (county.scope_of(2), county.partnerships[2].id);
        bed.store.withdraw_return(own.0, &bed.by(third), own.1, county.cycle.id, None).await.expect("a return taken back");

        let kept = bed.tell(county, 0, "Street wardens on duty all week").await;
        let change = NewsChange { headline: Some(line("Street wardens on duty every evening")), ..NewsChange::default() };
        let changed =
            bed.store.update_news_item(county.scope_of(0), &bed.by(officer), officer.id, kept.owner, kept.id, change, Some(1)).await;
        changed.expect("news can be corrected");
        let proposed = NewWording {
            id: WordingId(bed.id()),
            partnership: county.partnerships[0].id,
            cycle: county.cycle.id,
            subject: Subject::News(kept.id),
            proposed: Words::News { headline: line("Street wardens are out every evening"), body: kept.body.clone() },
            note: Some(line("Shorter.")),
            etag: Some(2),
        };
        let editor = &county.editor;
        bed.store.propose_wording(county.scope(), &bed.by(editor), editor.id, proposed).await.expect("an editor may word it otherwise");
        let wrong = bed.tell(county, 0, "Told by mistake").await;
        let back = bed.store.withdraw_news_item(county.scope_of(0), &bed.by(officer), wrong.owner, wrong.id, None).await;
        back.expect("news can be taken back");
        let lead = bed.store.find_person(county.scope(), &slug("lead")).await.expect("the lead was entered");
        // For a day the lead answers for another partnership, which owns an item too.
        let (role, today) = (Role::Lead(county.partnerships[2].id), bed.today());
        let deputy = RoleGrant { id: bed.id(), person: lead.id, role, deputy: true, starts_on: today, ends_on: Some(today) };
        bed.store.create_role_grant(county.scope(), &bed.by(&county.administrator), deputy).await.expect("a deputy's day");
        let joint = NewNewsItem {
            joint: vec![county.partnerships[2].id],
            ..bed.new_news(county, county.owner(0), "Patrols on both banks of the river")
        };
        let joint = bed.store.create_news_item(county.scope_of(0), &bed.by(officer), officer.id, joint).await.expect("a joint item");
        let (partnership, item, deed) = (county.partnerships[2].id, joint.id, JointDeed::Sign);
        let step = JointStep { partnership, item, deed, hands: vec![Hand::Lead], reason: None, revision: None };
        bed.store.step_joint_item(county.scope(), &bed.by(&lead), lead.id, step).await.expect("another owner signs");
        // Last of the partnership's: news would take the signature away again.
        let sign = ReturnStep {
            partnership: county.partnerships[0].id,
            cycle: county.cycle.id,
            deed: Deed::Sign,
            hands: vec![Hand::Lead],
            reasons: None,
            revision: None,
        };
        bed.store.step_return(county.scope_of(0), &bed.by(&lead), lead.id, sign).await.expect("the lead signs");
        let national = bed.new_news(county, NewsOwner::Committee(county.committee.id), "A new duty to reduce serious violence");
        let editor = &county.editor;
        bed.store.create_news_item(county.scope(), &bed.by(editor), editor.id, national).await.expect("the national part");
    }

    /// The editor has the paper made anew, so that the first version is superseded.
    async fn refreeze(&self, county: &County) -> Digest {
        let (bed, scope) = (self.bed, county.scope());
        let versions = bed.store.list_digests(scope, county.cycle.id).await.expect("the store answers").items;
        assert_eq!(versions.len(), 1, "the schedule froze one");
        csp_edition::freeze(&bed.store, scope, &bed.by(&county.editor), bed.id(), county.cycle.id).await.expect("a second version")
    }

    /// What became of the ten messages: one of each state there is.
    async fn outcomes(&self) {
        let bed = self.bed;
        let claimed = bed.store.claim_messages(bed.now(), bed.now() + TimeDelta::minutes(10), 9).await.expect("the store answers");
        assert_eq!(claimed.len(), 9, "ten members in term, of whom one waits");
        let settle = async |message: &ClaimedMessage, outcome: Outcome| {
            assert!(bed.store.settle(message, &Act::by_system(bed.now()), outcome).await.expect("the store answers"));
        };
        let accepted = || Outcome::Accepted { reply: "250 2.0.0 taken".to_owned() };
        // The first stays in the hands of a worker that was stopped; of the second nobody knows.
        let until = bed.now() + TimeDelta::minutes(15);
        assert!(bed.store.intend(&claimed[1], bed.now(), until).await.expect("the store answers"));
        settle(&claimed[2], accepted()).await;
        settle(&claimed[3], accepted()).await;
        settle(&claimed[4], accepted()).await;
        settle(&claimed[5], Outcome::Refused { reply: "550 5.1.1 no such mailbox (recipient)".to_owned() }).await;
        settle(&claimed[6], Outcome::Objected { reply: "554 5.7.1 refused (end of data)".to_owned() }).await;
        settle(&claimed[7], Outcome::Refused { reply: "550 5.1.1 no such mailbox (recipient)".to_owned() }).await;
        // Reports of delivery are not read yet, nor is anything suppressed or cancelled; the schema knows them already.
        let raw = bed.raw();
        for (n, state) in [(3, "delivered"), (4, "bounced"), (7, "suppressed"), (8, "cancelled")] {
            let id = &claimed[n].message_id;
            let text = format!("UPDATE messages SET state = '{state}' WHERE internet_message_id = '{id}'");
            assert_eq!(raw.execute(&text).await, 1);
        }
    }

    /// April: the next quarter.
    async fn spring(&self, north: &County, west: &County, justice: &Cycle) {
        let bed = self.bed;
        let cycles = bed.store.list_cycles(north.scope(), north.committee.id, Page::all()).await.expect("the store answers").items;
        let next = cycles.iter().find(|cycle| cycle.slug.as_str() == "2021-q4").expect("the schedule planned it");
        let county = County { cycle: next.clone(), ..north.clone() };
        let figures = vec![Figure {
            indicator: north.indicators[0].id,
            period: next.period,
            answer: Answer::Reported { value: 198.into() },
            provisional: false,
            note: None,
        }];
        let new = bed.new_return(&county, 0, figures);
        let officer = &north.officers[0];
        // Whoever sends it in wants a receipt by mail, and no server has looked since.
        let manner = csp_domain::returns::Manner { mail_receipt: true, ..Default::default() };
        let sent = bed.store.submit_return(north.scope_of(0), &bed.by(officer), officer.id, new, manner).await;
        sent.expect("the open cycle takes a return");
        bed.tell(&county, 1, "Bicycles marked at three stations").await;

        let digest = bed.store.list_digests(north.scope(), justice.id).await.expect("the store answers").items.remove(0);
        assert_eq!(digest.state, DigestState::Frozen);
        bed.approve(north, &digest).await;
        let cycles = bed.store.list_cycles(west.scope(), west.committee.id, Page::all()).await.expect("the store answers").items;
        let planned = cycles.last().expect("the schedule planned ahead");
        let act = bed.by(&west.administrator);
        bed.store.cancel_cycle(west.scope(), &act, planned.id, None).await.expect("a cycle can be called off");
    }
}
