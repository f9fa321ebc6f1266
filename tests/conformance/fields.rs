//! Every field of every noun comes back as it was put in, on each way back there is.

use std::slice::from_ref;

use chrono::TimeDelta;
use csp_domain::{
    Act, Scope,
    act::Actor,
    calendar::{Offset, QuarterKey, Recurrence, Timetable},
    committee::{Committee, Implication, Member, NewCommittee, SignOff, Template},
    cycle::{Cycle, CycleState, NewCycle},
    digest::{CoolingOff, Digest, DigestState, RenditionKind, cooling_off_until},
    document::Hash,
    indicator::{Break, Definition, Denominator, Frequency, Indicator, NewIndicator, Polarity, Ratio, Unit},
    message::{ClaimedMessage, Message, MessageKind, MessageState, Outcome},
    narrative::Narrative,
    news::{NewNewsItem, NewsItem, NewsKind, NewsOwner, NewsState},
    observation::{Answer, Figure, QuotedFigure},
    partnership::{NewPartnership, Partnership},
    period::Quarter,
    person::{NewPerson, Person, Role, RoleGrant},
    region::{NewRegion, Region},
    returns::{Content, NewReturn, Return, ReturnState},
};
use csp_store::{AuditRow, CommitteeChange, MessageFilter, NewsChange, NewsFilter, Page, ReturnFilter};
use csp_tests::{Bed, at, day, line, quarter, slug};

use crate::verdict::Verdict as _;

pub(crate) async fn a_region_keeps_every_field(bed: &Bed) {
    bed.clock.set(at("2022-01-05T10:00:00.123456Z"));
    let new = NewRegion {
        id: bed.id(),
        slug: slug("ynys-mon"),
        name: line("Ynys Môn ‘a’r’ Cyffiniau – 100% “gogledd”"),
        zone: chrono_tz::Europe::Dublin,
    };
    let wanted = Region { id: new.id, slug: new.slug.clone(), name: new.name.clone(), zone: new.zone, created_at: bed.now(), revision: 1 };
    assert_eq!(bed.store.create_region(&bed.by_schedule(), new).await.done(), wanted);
    let scope = Scope::Region(wanted.id);
    assert_eq!(bed.store.get_region(scope).await.done(), wanted);
    assert_eq!(bed.store.find_region(scope, &wanted.slug).await.done(), wanted);
    assert_eq!(bed.store.find_region(Scope::System, &wanted.slug).await.done(), wanted);
    assert_eq!(bed.store.list_regions(Page::all()).await.done().items, from_ref(&wanted));

    let changed =
        bed.store.update_region(scope, &bed.by_schedule(), Some(line("Môn")), Some(chrono_tz::Europe::London), Some(1)).await.done();
    assert_eq!(changed, Region { name: line("Môn"), zone: chrono_tz::Europe::London, revision: 2, ..wanted });
    assert_eq!(bed.store.get_region(scope).await.done(), changed);
}

pub(crate) async fn a_partnership_keeps_every_field(bed: &Bed) {
    let scope = Scope::Region(bed.region("northumbria").await.id);
    let ons_code = "W22000007".parse().expect("this is a code");
    let new = NewPartnership { id: bed.id(), slug: slug("conwy-2"), ons_code, name: line("Conwy a Sir Ddinbych") };
    let wanted = Partnership {
        id: new.id,
        slug: new.slug.clone(),
        ons_code: new.ons_code.clone(),
        name: new.name.clone(),
        created_at: bed.now(),
        revision: 1,
    };
    assert_eq!(bed.store.create_partnership(scope, &bed.by_schedule(), new).await.done(), wanted);
    assert_eq!(bed.store.get_partnership(scope, wanted.id).await.done(), wanted);
    assert_eq!(bed.store.find_partnership(scope, &wanted.slug).await.done(), wanted);
    assert_eq!(bed.store.list_partnerships(scope, Page::all()).await.done().items, from_ref(&wanted));

    let changed = bed.store.update_partnership(scope, &bed.by_schedule(), wanted.id, Some(line("Conwy")), Some(1)).await.done();
    assert_eq!(changed, Partnership { name: line("Conwy"), revision: 2, ..wanted });
    assert_eq!(bed.store.get_partnership(scope, changed.id).await.done(), changed);
}

pub(crate) async fn a_person_keeps_every_field(bed: &Bed) {
    let scope = Scope::Region(bed.region("northumbria").await.id);
    let email = "O'Neill+csp.Zoe@example.org".parse().expect("this is an address");
    let new = NewPerson { id: bed.id(), slug: slug("zoe-oneill"), name: line("Zoë O’Neill 🐝"), email };
    let wanted =
        Person { id: new.id, slug: new.slug.clone(), name: new.name.clone(), email: new.email.clone(), created_at: bed.now(), revision: 1 };
    assert_eq!(bed.store.create_person(scope, &bed.by_schedule(), new).await.done(), wanted);
    assert_eq!(bed.store.get_person(scope, wanted.id).await.done(), wanted);
    assert_eq!(bed.store.find_person(scope, &wanted.slug).await.done(), wanted);
    assert_eq!(bed.store.list_persons(scope, Page::all()).await.done().items, from_ref(&wanted));

    let email: csp_domain::person::EmailAddress = "zoe@example.net".parse().expect("this is an address");
    let (name, address) = (Some(line("Zoë")), Some(email.clone()));
    let changed = bed.store.update_person(scope, &bed.by_schedule(), wanted.id, name, address, Some(1)).await.done();
    assert_eq!(changed, Person { name: line("Zoë"), email, revision: 2, ..wanted });
    assert_eq!(bed.store.get_person(scope, changed.id).await.done(), changed);
}

pub(crate) async fn a_role_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let person = bed.person(county.scope(), "somebody").await;
    let (committee, partnership) = (county.committee.id, county.partnerships[1].id);
    let roles = [
        Role::SystemAdministrator,
        Role::Administrator,
        Role::Editor(committee),
        Role::Approver(committee),
        Role::Officer(partnership),
        Role::Lead(partnership),
    ];
    let mut granted = Vec::new();
    for (role, deputy) in roles.into_iter().zip([false, true].into_iter().cycle()) {
        let ends_on = deputy.then(|| day("2024-02-29"));
        let new = RoleGrant { id: bed.id(), person: person.id, role, deputy, starts_on: day("2022-01-01"), ends_on };
        assert_eq!(bed.store.create_role_grant(county.scope(), &bed.by_schedule(), new.clone()).await.done(), new);
        assert_eq!(bed.store.get_role_grant(county.scope(), new.id).await.done(), new);
        assert!(bed.store.list_holders(county.scope(), role).await.done().contains(&new), "{role:?}");
        granted.push(new);
    }
    granted.sort_unstable_by_key(|grant| grant.id);
    assert_eq!(bed.store.list_role_grants(county.scope(), person.id, Page::all()).await.done().items, granted);

    let officer = granted.iter().find(|grant| grant.role == roles[4]).expect("it was granted").clone();
    let ended = bed.store.end_role_grant(county.scope(), &bed.by_schedule(), officer.id, bed.today()).await.done();
    assert_eq!(ended, RoleGrant { ends_on: Some(day("2022-01-04")), ..officer });
    assert_eq!(bed.store.get_role_grant(county.scope(), ended.id).await.done(), ended);
}

/// A plain amount, a percentage and a rate, with everything that can be said of each.
fn definition(unit: Unit) -> Definition {
    let ratio = |per, of, decimals| Some(Ratio { per, of, decimals });
    Definition {
        meaning: Some(line("Troseddau a gofnodwyd")),
        ratio: match unit {
            Unit::Count => ratio(100, Denominator::Indicator(slug("referrals")), 1),
            Unit::Pounds => ratio(1000, Denominator::Residents, 0),
            Unit::Days => None,
        },
        frequency: Frequency::ALL.into_iter().zip(Unit::ALL).find(|(_, of)| *of == unit).map(|(frequency, _)| frequency),
        sensitive: unit == Unit::Count,
        crime: unit == Unit::Pounds,
        valid_from: Some(day("2014-04-01")),
        breaks: vec![Break { on: day("2016-04-01"), what: line("stalking is counted apart") }],
    }
}

pub(crate) async fn an_indicator_keeps_every_field(bed: &Bed) {
    let scope = Scope::Region(bed.region("northumbria").await.id);
    for (unit, polarity) in Unit::ALL.into_iter().zip(Polarity::ALL) {
        let new = NewIndicator {
            id: bed.id(),
            slug: slug(unit.word()),
            name: line("Troseddau"),
            unit,
            polarity,
            source: line("Heddlu, data.police.uk"),
            definition: definition(unit),
        };
        let wanted = Indicator {
            id: new.id,
            slug: new.slug.clone(),
            name: new.name.clone(),
            unit,
            polarity,
            source: new.source.clone(),
            definition: definition(unit),
            created_at: bed.now(),
            revision: 1,
        };
        assert_eq!(bed.store.create_indicator(scope, &bed.by_schedule(), new).await.done(), wanted);
        assert_eq!(bed.store.find_indicator(scope, &wanted.slug).await.done(), wanted);
        assert!(bed.store.list_indicators(scope, Page::all()).await.done().items.contains(&wanted));

        let change = csp_store::IndicatorChange {
            name: Some(line("Crimes")),
            polarity: Some(Polarity::Neither),
            source: Some(line("Police-recorded crime")),
            definition: Some(Definition::default()),
        };
        let changed = bed.store.update_indicator(scope, &bed.by_schedule(), wanted.id, change, Some(1)).await.done();
        let (name, source) = (line("Crimes"), line("Police-recorded crime"));
        let definition = Definition::default();
        assert_eq!(changed, Indicator { name, polarity: Polarity::Neither, source, definition, revision: 2, ..wanted });
        assert_eq!(bed.store.find_indicator(scope, &changed.slug).await.done(), changed);
    }
}

/// A year that is not the ordinary one.
fn unusual_recurrence() -> Recurrence {
    Recurrence {
        first: QuarterKey(Quarter::new(2019, 4).expect("2019 is a year")),
        opens: Offset { days: 2, at: chrono::NaiveTime::from_hms_opt(8, 30, 15).expect("this is a time") },
        meeting: Offset::new(40, 14),
        deadline: Offset::new(21, 12),
        publication: Offset::new(9, 7),
    }
}

pub(crate) async fn a_committee_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let template = Template {
        report_of: line("Report of the Chief Constable"),
        title: line("Diogelwch cymunedol"),
        purpose: line("To tell members “everything”."),
        recommendations: vec![line("Note it."), line("Agree it.")],
        implications: vec![Implication { heading: line("Human rights"), statement: line("None arise, because nothing is decided.") }],
        notice: Some(line("A REHEARSAL")),
    };
    let places = |order: [usize; 2]| order.map(|n| county.partnerships[n].id).to_vec();
    let measures = |order: [usize; 2]| order.map(|n| county.indicators[n].id).to_vec();
    let new = NewCommittee {
        id: bed.id(),
        slug: slug("scrutiny"),
        name: line("Pwyllgor Craffu"),
        partnerships: places([2, 0]),
        indicators: measures([1, 0]),
        recurrence: Some(unusual_recurrence()),
        template,
        sign_off: SignOff::Required,
    };
    let wanted = Committee {
        id: new.id,
        slug: new.slug.clone(),
        name: new.name.clone(),
        partnerships: new.partnerships.clone(),
        indicators: new.indicators.clone(),
        recurrence: new.recurrence,
        template: new.template.clone(),
        sign_off: new.sign_off,
        created_at: bed.now(),
        revision: 1,
    };
    assert_eq!(bed.store.create_committee(county.scope(), &bed.by_schedule(), new).await.done(), wanted);
    assert_eq!(bed.store.get_committee(county.scope(), wanted.id).await.done(), wanted);
    assert_eq!(bed.store.find_committee(county.scope(), &wanted.slug).await.done(), wanted);
    assert!(bed.store.list_committees(county.scope(), Page::all()).await.done().items.contains(&wanted));
    assert!(bed.store.list_recurring().await.done().contains(&(county.region.id, wanted.id)));

    // The order is turned round, which passes over places that are still taken.
    let template = Template::over_partnerships(&line("Scrutiny"));
    let change = CommitteeChange {
        name: Some(line("Scrutiny")),
        partnerships: Some(places([0, 2])),
        indicators: Some(measures([0, 1])),
        recurrence: Some(None),
        template: Some(template.clone()),
        sign_off: Some(SignOff::NotRequired),
    };
    let changed = bed.store.update_committee(county.scope(), &bed.by_schedule(), wanted.id, change, Some(1)).await.done();
    let (partnerships, indicators) = (places([0, 2]), measures([0, 1]));
    let wanted = Committee {
        name: line("Scrutiny"),
        partnerships,
        indicators,
        recurrence: None,
        template,
        sign_off: SignOff::NotRequired,
        revision: 2,
        ..wanted
    };
    assert_eq!(changed, wanted);
    assert_eq!(bed.store.get_committee(county.scope(), wanted.id).await.done(), wanted);
    assert!(!bed.store.list_recurring().await.done().contains(&(county.region.id, wanted.id)), "its cycles are set by hand now");
}

pub(crate) async fn a_term_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let committee = bed.committee(county.scope(), "scrutiny", &[], &[]).await;
    let person = county.members[0].clone();
    let new = Member { id: bed.id(), person: person.id, starts_on: day("2022-01-01"), ends_on: Some(day("2022-12-31")), revision: 1 };
    assert_eq!(bed.store.create_member(county.scope(), &bed.by_schedule(), committee.id, new.clone()).await.done(), new);
    let listed = bed.store.list_members(county.scope(), committee.id, Page::all()).await.done().items;
    assert_eq!(listed, [(new.clone(), person.clone())]);

    let in_term = async |on: &str| bed.store.members_in_term(county.scope(), committee.id, day(on)).await.done();
    for on in ["2022-01-01", "2022-06-30", "2022-12-31"] {
        assert_eq!(in_term(on).await, from_ref(&person), "{on} is in the term");
    }
    for on in ["2021-12-31", "2023-01-01"] {
        assert_eq!(in_term(on).await, [], "{on} is outside the term");
    }
    let second = Member { id: bed.id(), person: person.id, starts_on: day("2022-06-01"), ends_on: None, revision: 1 };
    bed.store.create_member(county.scope(), &bed.by_schedule(), committee.id, second.clone()).await.done();
    assert_eq!(in_term("2022-06-30").await, from_ref(&person), "two terms that overlap are one recipient");

    let (first, last) = (Some(day("2022-02-01")), Some(None));
    let changed = bed.store.update_member(county.scope(), &bed.by_schedule(), committee.id, new.id, first, last, Some(1)).await.done();
    assert_eq!(changed, (Member { starts_on: day("2022-02-01"), ends_on: None, revision: 2, ..new }, person.clone()));
    let mut terms = vec![changed, (second, person)];
    terms.sort_unstable_by_key(|(member, _)| member.id);
    assert_eq!(bed.store.list_members(county.scope(), committee.id, Page::all()).await.done().items, terms);
}

pub(crate) async fn a_cycle_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let timetable = Timetable {
        opens_at: at("2022-03-01T09:00:00.000001Z"),
        deadline_at: at("2022-03-10T17:00:00Z"),
        publication_at: at("2022-03-10T17:00:00.5Z"),
        meeting_at: at("2022-03-20T10:00:00.123456Z"),
    };
    let new = NewCycle {
        id: bed.id(),
        committee: county.committee.id,
        slug: slug("special"),
        period: quarter("2022-01-15..2022-02-14"),
        timetable,
    };
    let wanted = Cycle {
        id: new.id,
        committee: new.committee,
        slug: new.slug.clone(),
        period: new.period,
        timetable,
        state: CycleState::Planned,
        created_at: bed.now(),
        revision: 1,
    };
    assert_eq!(bed.store.create_cycle(county.scope(), &bed.by_schedule(), new).await.done(), wanted);
    assert_eq!(bed.store.get_cycle(county.scope(), wanted.id).await.done(), wanted);
    assert_eq!(bed.store.find_cycle(county.scope(), wanted.committee, &wanted.slug).await.done(), Some(wanted.clone()));
    assert!(bed.store.list_cycles(county.scope(), wanted.committee, Page::all()).await.done().items.contains(&wanted));
    assert_eq!(
        bed.store.list_current_cycles(county.scope()).await.done(),
        [county.cycle.clone(), wanted.clone()],
        "the nearest deadline first"
    );
    let unfinished = bed.store.list_unfinished().await.done();
    let known = unfinished.iter().find(|cycle| cycle.cycle == wanted.id).expect("it is not at its end");
    assert_eq!((known.region, known.committee, known.state), (county.region.id, wanted.committee, wanted.state));
    assert_eq!(
        (known.opens_at, known.deadline_at, known.publication_at),
        (timetable.opens_at, timetable.deadline_at, timetable.publication_at)
    );

    let moved = Timetable { deadline_at: at("2022-03-09T17:00:00.25Z"), ..timetable };
    let changed = bed.store.update_timetable(county.scope(), &bed.by_schedule(), wanted.id, moved, Some(1)).await.done();
    assert_eq!(changed, Cycle { timetable: moved, revision: 2, ..wanted });
    let cancelled = bed.store.cancel_cycle(county.scope(), &bed.by_schedule(), changed.id, Some(2)).await.done();
    assert_eq!(cancelled, Cycle { state: CycleState::Cancelled, revision: 3, ..changed });
    assert_eq!(bed.store.get_cycle(county.scope(), cancelled.id).await.done(), cancelled);
    assert_eq!(bed.store.list_current_cycles(county.scope()).await.done(), [county.cycle]);
}

const MARKDOWN: &str = "## Beth ddigwyddodd

The *new* scheme **began** in [Gateshead](https://example.org/a?b=c&d=%20e): “all” is well – said Zoë.

- One
  1. and a half
- Two

> A partner said
>
> > that they agree.
";

pub(crate) async fn a_news_item_keeps_every_field_and_its_tree(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let owners = [(county.scope_of(0), county.owner(0)), (county.scope(), NewsOwner::Committee(county.committee.id))];
    for (scope, owner) in owners {
        for kind in NewsKind::ALL {
            let body = Narrative::from_markdown(MARKDOWN).expect("this is Markdown");
            let happened_on = (kind != NewsKind::News).then(|| day("2021-12-24"));
            let new =
                NewNewsItem {
                    id: bed.id(), owner, cycle: county.cycle.id, kind, headline: line("Newyddion ‘da’ £5"), body, happened_on
                };
            let by = &county.officers[0];
            let wanted = NewsItem {
                id: new.id,
                owner,
                cycle: new.cycle,
                kind,
                state: NewsState::Submitted,
                headline: new.headline.clone(),
                body: new.body.clone(),
                happened_on,
                submitted_by: by.id,
                submitted_at: bed.now(),
                revision: 1,
            };
            assert_eq!(bed.store.create_news_item(scope, &bed.by(by), by.id, new).await.done(), wanted);
            assert_eq!(bed.store.get_news_item(scope, owner, wanted.id).await.done(), wanted);
            for cycle in [None, Some(county.cycle.id)] {
                let filter = NewsFilter { owner: Some(owner), cycle };
                assert!(bed.store.list_news_items(scope, filter, Page::all()).await.done().items.contains(&wanted));
            }
            assert!(bed.store.gather(county.scope(), county.cycle.id).await.done().news.contains(&wanted));

            let (body, by) = (Narrative::from_plain_text("It went well.").expect("this is plain text"), &county.editor);
            let change = NewsChange {
                kind: Some(NewsKind::Award),
                headline: Some(line("Good news")),
                body: Some(body.clone()),
                happened_on: Some(None),
            };
            let changed = bed.store.update_news_item(scope, &bed.by(by), by.id, owner, wanted.id, change, Some(1)).await.done();
            let (kind, headline) = (NewsKind::Award, line("Good news"));
            let wanted = NewsItem { kind, headline, body, happened_on: None, submitted_by: by.id, revision: 2, ..wanted };
            assert_eq!(changed, wanted);
            assert_eq!(bed.store.get_news_item(scope, owner, wanted.id).await.done(), wanted);

            let withdrawn = bed.store.withdraw_news_item(scope, &bed.by(by), by.id, owner, wanted.id, Some(2)).await.done();
            let wanted = NewsItem { state: NewsState::Withdrawn, revision: 3, ..wanted };
            assert_eq!(withdrawn, wanted);
            assert_eq!(bed.store.get_news_item(scope, owner, wanted.id).await.done(), wanted);
            assert!(!bed.store.gather(county.scope(), county.cycle.id).await.done().news.contains(&wanted));
        }
    }
    let of_all = NewsFilter { owner: None, cycle: None };
    let listed = bed.store.list_news_items(county.scope(), of_all, Page::all()).await.done().items;
    assert_eq!(listed.len(), NewsKind::ALL.len(), "of every partnership, without the national part");
}

pub(crate) async fn a_return_keeps_all_five_answers_and_its_quoted_figures(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (burglary, costs) = (county.indicators[0].id, county.indicators[1].id);
    let value = |text: &str| Answer::Reported { value: text.parse().expect("this is a number") };
    let figure = |indicator, period: &str, answer| Figure { indicator, period: quarter(period), answer, provisional: false, note: None };
    let figures = vec![
        figure(costs, "2021-q3", value("96466.50")),
        figure(burglary, "2021-q3", value("0")),
        Figure { provisional: true, note: Some(line("cyfyngiadau mewn grym")), ..figure(burglary, "2020-q3", value("1000000000000")) },
        figure(burglary, "2021-10", Answer::Nil),
        figure(burglary, "2021-11", Answer::Late { expected_on: day("2022-02-28") }),
        figure(burglary, "2021-12", Answer::Withheld { reason: line("fewer than “five”") }),
        figure(burglary, "2021-fy", Answer::NotApplicable),
        figure(costs, "2021-10-02..2021-10-03", value("0.01")),
    ];
    let quoted = vec![
        QuotedFigure { subject: line("Satisfaction"), value: line("30%"), source: line("Home Office"), period: quarter("2021-q2") },
        QuotedFigure { subject: line("Satisfaction"), value: line("30%"), source: line("Home Office"), period: quarter("2021-q2") },
    ];
    let new = NewReturn {
        id: bed.id(),
        partnership: county.partnerships[0].id,
        cycle: county.cycle.id,
        content: Content::Full { figures, quoted },
        remark: Some(line("Sorry – late “again”.")),
    };
    let by = &county.officers[0];
    let wanted = Return {
        id: new.id,
        partnership: new.partnership,
        cycle: new.cycle,
        state: ReturnState::Submitted,
        content: new.content.clone(),
        remark: new.remark.clone(),
        submitted_by: by.id,
        submitted_at: bed.now(),
        revision: 1,
        sent: 1,
    };
    assert_eq!(bed.store.create_return(county.scope_of(0), &bed.by(by), by.id, new).await.done(), wanted);
    assert_eq!(bed.store.find_return(county.scope_of(0), wanted.partnership, wanted.cycle).await.done(), Some(wanted.clone()));
    for partnership in [None, Some(wanted.partnership)] {
        for cycle in [None, Some(wanted.cycle)] {
            let listed = bed.store.list_returns(county.scope(), ReturnFilter { partnership, cycle }, Page::all()).await.done();
            assert_eq!(listed.items, from_ref(&wanted));
        }
    }
    assert_eq!(bed.store.gather(county.scope(), wanted.cycle).await.done().returns, [wanted]);
}

pub(crate) async fn a_nil_return_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let content = Content::Nil { statement: line("Dim i’w adrodd.") };
    let new = NewReturn { id: bed.id(), partnership: county.partnerships[2].id, cycle: county.cycle.id, content, remark: None };
    let by = &county.officers[2];
    let made = bed.store.create_return(county.scope_of(2), &bed.by(by), by.id, new.clone()).await.done();
    assert_eq!((made.id, made.content.clone(), made.remark.clone(), made.revision), (new.id, new.content.clone(), None, 1));
    assert_eq!(bed.store.find_return(county.scope_of(2), new.partnership, new.cycle).await.done(), Some(made));

    // A return that had figures after all, and then had none.
    let figures = Content::Full { figures: vec![county.burglary(7)], quoted: Vec::new() };
    for (content, revision) in [(figures, 2), (new.content.clone(), 3)] {
        let corrected = NewReturn { content: content.clone(), ..new.clone() };
        let made = bed.store.update_return(county.scope_of(2), &bed.by(by), by.id, corrected, None).await.done();
        assert_eq!((made.content, made.revision), (content, revision));
    }
}

pub(crate) async fn a_digest_keeps_its_bytes_and_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    bed.close(&county).await;
    bed.clock.set(at("2022-01-13T08:00:00.000007Z"));
    let mut new = bed.new_digest(&county, "Diweddariad – ‘CSP’ update");
    new.authors.push(county.administrator.id);
    let mut wanted = Digest {
        id: new.id,
        cycle: county.cycle.id,
        version: 1,
        state: DigestState::Frozen,
        subject: new.subject.clone(),
        document_hash: Hash::of(&new.document),
        rendition_hashes: new.renditions.iter().map(|rendition| (rendition.kind, rendition.hash)).collect(),
        frozen_by: Actor::Person(county.editor.id),
        frozen_at: bed.now(),
        authors: new.authors.clone(),
        approved_by: None,
        approved_at: None,
        cooling_off: None,
        released_at: None,
        revision: 1,
    };
    assert_eq!(bed.store.freeze_digest(county.scope(), &bed.by(&county.editor), new.clone()).await.done(), wanted);
    assert_eq!(bed.store.get_digest(county.scope(), wanted.id).await.done(), wanted);
    assert_eq!(bed.store.list_digests(county.scope(), wanted.cycle).await.done().items, from_ref(&wanted));
    assert_eq!(bed.store.get_public_document(county.scope(), wanted.id).await.done(), new.document);
    for rendition in &new.renditions {
        assert_eq!(bed.store.get_rendition(county.scope(), wanted.id, rendition.kind).await.done(), *rendition);
    }

    bed.clock.advance(TimeDelta::microseconds(1));
    let kept = Some(CoolingOff { until: cooling_off_until(bed.now(), county.region.zone), ended: None });
    wanted = Digest {
        state: DigestState::Approved,
        approved_by: Some(county.approver.id),
        approved_at: Some(bed.now()),
        cooling_off: kept,
        revision: 2,
        ..wanted
    };
    assert_eq!(bed.approve(&county, &wanted).await, wanted);
    bed.release(&county, &wanted).await;
    wanted = Digest { state: DigestState::Released, released_at: Some(bed.now()), revision: 3, ..wanted };
    assert_eq!(bed.store.get_digest(county.scope(), wanted.id).await.done(), wanted);
    assert_eq!(bed.store.get_rendition(county.scope(), wanted.id, RenditionKind::Text).await.done(), new.renditions[1]);
}

pub(crate) async fn a_digest_frozen_by_schedule_names_nobody(bed: &Bed) {
    let county = bed.county("northumbria").await;
    bed.close(&county).await;
    let mut new = bed.new_digest(&county, "Update");
    new.authors.clear();
    let due_at = county.cycle.timetable.deadline_at;
    let made = bed.store.freeze_first_digest(county.scope(), &bed.by_schedule(), new, due_at).await.done().expect("nobody was faster");
    assert_eq!((made.frozen_by, made.authors.clone(), made.version), (Actor::System, Vec::new(), 1));
    assert_eq!(bed.store.get_digest(county.scope(), made.id).await.done(), made);
}

pub(crate) async fn a_message_keeps_its_bytes_and_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let recipient = &county.members[0];
    let body: Vec<u8> = (0..=255).cycle().take(1000).collect();
    for (step, kind) in (0..).zip(MessageKind::ALL) {
        let mut new = bed.new_message(kind, bed.id(), recipient);
        new.head = vec![0, 10, 13, 255, 128];
        new.body = Hash::of(&body);
        new.mime_hash = Hash::of(b"the whole");
        new.step = step * 1000;
        "Diweddariad – ‘CSP’".clone_into(&mut new.subject);
        new.not_before = at("2022-01-05T09:59:59.999999Z");
        let mut wanted = Message {
            id: new.id,
            kind,
            matter: new.matter,
            recipient: recipient.id,
            step: new.step,
            address: recipient.email.clone(),
            subject: new.subject.clone(),
            message_id: new.message_id.clone(),
            state: MessageState::Queued,
            attempts: 0,
            next_attempt_at: new.not_before,
            accepted_at: None,
            last_outcome: None,
            created_at: bed.now(),
        };
        bed.store.queue_messages(county.scope(), &bed.by_schedule(), body.clone(), vec![new.clone()]).await.done();
        assert_eq!(bed.store.get_message(county.scope(), wanted.id).await.done(), wanted);
        assert_eq!(bed.store.message_body(county.scope(), new.body).await.done(), body);
        let about = MessageFilter { matter: Some(new.matter), state: None };
        assert_eq!(bed.store.list_messages(county.scope(), about, Page::all()).await.done().items, from_ref(&wanted));
        assert_eq!(
            bed.store.tally_messages().await.done().iter().find(|(state, _)| *state == MessageState::Queued),
            Some(&(MessageState::Queued, 1))
        );

        let claimed = bed.store.claim_messages(bed.now(), bed.now() + TimeDelta::minutes(10), 10).await.done();
        let wanted_claim = ClaimedMessage {
            id: new.id,
            region: county.region.id,
            epoch: 1,
            attempts: 1,
            address: new.address,
            message_id: new.message_id,
            head: new.head,
            body: new.body,
            mime_hash: new.mime_hash,
            created_at: bed.now(),
        };
        assert_eq!(claimed, [wanted_claim]);
        let act = Act::by_system(at("2022-01-05T10:00:01.000001Z"));
        assert!(bed.store.settle(&claimed[0], &act, Outcome::Accepted { reply: "250 2.0.0 Iawn ‘ok’".to_owned() }).await.done());
        wanted.state = MessageState::Accepted;
        wanted.attempts = 1;
        wanted.next_attempt_at = act.at;
        wanted.accepted_at = Some(act.at);
        wanted.last_outcome = Some("250 2.0.0 Iawn ‘ok’".to_owned());
        assert_eq!(bed.store.get_message(county.scope(), wanted.id).await.done(), wanted);
        let accepted = MessageFilter { matter: None, state: Some(MessageState::Accepted) };
        assert!(bed.store.list_messages(county.scope(), accepted, Page::all()).await.done().items.contains(&wanted));
    }
}

pub(crate) async fn an_audit_row_keeps_every_field(bed: &Bed) {
    let region = bed.region("northumbria").await;
    let scope = Scope::Region(region.id);
    let administrator = bed.person(scope, "administrator").await;
    bed.clock.set(at("2022-01-05T10:00:00.000009Z"));
    let (token, _) = bed.token(scope, &administrator).await;
    let act = Act { origin: Some("2001:db8::1".to_owned()), token: Some(token.id), ..bed.by(&administrator) };
    let place = bed.partnership(scope, "gateshead").await;
    bed.store.update_partnership(scope, &act, place.id, Some(line("Porth y Gogledd ‘G’")), None).await.done();
    let rows = bed.store.list_audit(scope, csp_store::AuditFilter::default(), Page::all()).await.done().items;
    let row = rows.iter().find(|row| row.action == "update").expect("the change is on record").clone();
    let told = |value: &Option<String>, text: &str| value.as_deref().is_some_and(|json| json.contains(text));
    assert!(told(&row.old_value, "\"gateshead\"") && told(&row.new_value, "Porth y Gogledd ‘G’"), "{row:?}");
    let wanted = AuditRow {
        id: row.id,
        at: bed.now(),
        actor: Some(administrator.id),
        token: Some(token.id),
        origin: act.origin,
        action: "update".to_owned(),
        subject: "partnership".to_owned(),
        subject_id: place.id.0,
        ..row.clone()
    };
    assert_eq!(row, wanted);
    assert!(rows.iter().any(|row| row.actor.is_none() && row.origin.is_none() && row.old_value.is_none()), "the schedule has no name");
}
