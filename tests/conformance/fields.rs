//! Every field of what an administrator enters comes back as it was put in, on each way back there is: places, people, measures,
//! committees and their cycles. What is sent in, printed and mailed is in `sent_fields`.

use std::slice::from_ref;

use csp_domain::{
    Scope,
    calendar::{Offset, QuarterKey, Recurrence, Timetable},
    committee::{Beside, Committee, Exemption, Implication, Member, NewCommittee, SignOff, Template},
    context_note::{ContextNote, Matter, NewContextNote},
    cycle::{Cycle, CycleState, NewCycle},
    indicator::{Break, Definition, Denominator, Frequency, Indicator, NewIndicator, Polarity, Ratio, Unit},
    measure::{
        population::{Estimate, NewEstimate},
        target::{Aim, Milestone, Trajectory},
    },
    partnership::{NewPartnership, Partnership, Peers},
    period::Quarter,
    person::{NewPerson, Person, Role, RoleGrant},
    region::{NewRegion, Region},
    target::{NewTarget, Target, Terms},
};
use csp_store::{CommitteeChange, Page};
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
    let new = NewPartnership { id: bed.id(), slug: slug("conwy-2"), ons_code, name: line("Conwy a Sir Ddinbych"), peers: None };
    let wanted = Partnership {
        id: new.id,
        slug: new.slug.clone(),
        ons_code: new.ons_code.clone(),
        name: new.name.clone(),
        peers: None,
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

    let codes = ["E22000244", "W14000022"].map(|code| code.parse().expect("this is a code"));
    let peers = Peers { name: line("Most similar group"), codes: codes.into() };
    let compared = csp_store::PartnershipChange { peers: Some(Some(peers.clone())), ..Default::default() };
    let changed = bed.store.update_partnership(scope, &bed.by_schedule(), changed.id, compared, Some(2)).await.done();
    assert_eq!((changed.name.as_str(), changed.peers.as_ref(), changed.revision), ("Conwy", Some(&peers), 3));
    assert_eq!(bed.store.get_partnership(scope, changed.id).await.done(), changed);
    let alone = csp_store::PartnershipChange { peers: Some(None), ..Default::default() };
    assert_eq!(bed.store.update_partnership(scope, &bed.by_schedule(), changed.id, alone, None).await.done().peers, None);
    let new = NewPartnership { id: bed.id(), slug: slug("denbigh"), peers: Some(peers.clone()), ..bed.new_partnership("denbigh") };
    assert_eq!(bed.store.create_partnership(scope, &bed.by_schedule(), new).await.done().peers, Some(peers));
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

pub(crate) async fn an_estimate_of_residents_keeps_every_field(bed: &Bed) {
    let scope = Scope::Region(bed.region("northumbria").await.id);
    let new = |code: &str, mid_year, people| NewEstimate {
        id: bed.id(),
        ons_code: code.parse().expect("this is a code"),
        mid_year,
        people,
        source: line("ONS; Open Government Licence v3.0"),
    };
    let file = vec![new("E22000244", 2019, 202_055), new("E22000244", 2020, 201_950), new("W14000022", 2020, 1)];
    let entered = bed.store.import_populations(scope, &bed.by_schedule(), file.clone()).await.done();
    let wanted: Vec<Estimate> = file
        .iter()
        .map(|new| Estimate {
            id: new.id,
            ons_code: new.ons_code.clone(),
            mid_year: new.mid_year,
            people: new.people,
            source: new.source.clone(),
            entered_at: bed.now(),
            revision: 1,
        })
        .collect();
    assert_eq!((&entered.estimates, entered.added, entered.changed), (&wanted, 3, 0));
    let mut listed = wanted.clone();
    listed.sort_unstable_by_key(|estimate| estimate.id);
    assert_eq!(bed.store.list_populations(scope, Page::all()).await.done().items, listed);

    // The same file once more says nothing new, and one figure that differs takes the place of what was said.
    let before = bed.raw().everything().await;
    let again = bed.store.import_populations(scope, &bed.by_schedule(), file.clone()).await.done();
    assert_eq!((&again.estimates, again.added, again.changed), (&wanted, 0, 0));
    assert_eq!(bed.raw().everything().await, before, "nothing is written, not even that it was tried");
    let corrected = NewEstimate { people: 202_000, id: bed.id(), ..file[1].clone() };
    let entered = bed.store.import_populations(scope, &bed.by_schedule(), vec![file[0].clone(), corrected]).await.done();
    assert_eq!((entered.added, entered.changed), (0, 1));
    let changed = Estimate { people: 202_000, revision: 2, ..wanted[1].clone() };
    assert_eq!(entered.estimates, [wanted[0].clone(), changed.clone()]);
    assert!(bed.store.list_populations(scope, Page::all()).await.done().items.contains(&changed));
}

pub(crate) async fn a_target_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let on = |period: &str, value: &str| Milestone { period: quarter(period), value: value.parse().expect("this is a number") };
    let ways = [
        Trajectory::standing(Aim::AtMost, on("2021-q1", "230")),
        Trajectory::straight(Aim::AtLeast, on("2020-q3", "61.125"), on("2022-q3", "70")).expect("both are quarters"),
        Trajectory::steps(Aim::AtMost, vec![on("2021-10", "80"), on("2022-01", "75"), on("2022-04", "70")]).expect("all are months"),
    ];
    for (n, trajectory) in ways.into_iter().enumerate() {
        let terms = Terms {
            trajectory: Some(trajectory),
            partnership: (n == 1).then_some(county.partnerships[0].id),
            baseline: (n == 2).then(|| quarter("2019-q3")),
            ..bed.new_target(&county, None, 1).terms
        };
        let new = NewTarget { id: bed.id(), terms, ends_on: (n == 0).then(|| day("2024-02-29")) };
        let NewTarget { id, terms, ends_on } = new.clone();
        let wanted = Target { id, terms, ends_on, end_reason: None, created_at: bed.now(), revision: 1 };
        assert_eq!(bed.store.create_target(county.scope(), &bed.by_schedule(), new).await.done(), wanted);
        assert_eq!(bed.store.get_target(county.scope(), id).await.done(), wanted);
        let ended = (day("2022-03-31"), line("A new plan was agreed"));
        let changed = bed.store.end_target(county.scope(), &bed.by_schedule(), id, ended, Some(1)).await.done();
        let end_reason = Some(line("A new plan was agreed"));
        assert_eq!(changed, Target { ends_on: Some(day("2022-03-31")), end_reason, revision: 2, ..wanted });
        bed.store.end_target(county.scope(), &bed.by_schedule(), id, (day("2022-04-30"), line("Too late")), Some(1)).await.changed();
        assert!(bed.store.list_targets(county.scope(), Page::all()).await.done().items.contains(&changed));
    }
    let baseline = Terms { trajectory: None, baseline: Some(quarter("2019-fy")), ..bed.new_target(&county, None, 1).terms };
    let new = NewTarget { id: bed.id(), terms: baseline.clone(), ends_on: None };
    assert_eq!(bed.store.create_target(county.scope(), &bed.by_schedule(), new).await.done().terms, baseline);
}

pub(crate) async fn a_context_note_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, act) = (county.scope(), bed.by_schedule());
    let everywhere = bed.new_context_note();
    let matter = Matter {
        indicator: Some(county.indicators[0].id),
        partnership: Some(county.partnerships[0].id),
        days: quarter("2021-10-04..2021-10-04"),
        sentence: line("Roedd gorsaf yr heddlu ar gau – “llifogydd”"),
    };
    for new in [everywhere, NewContextNote { id: bed.id(), matter }] {
        let wanted = ContextNote { id: new.id, matter: new.matter.clone(), removed: None, created_at: bed.now(), revision: 1 };
        assert_eq!(bed.store.create_context_note(scope, &act, new).await.done(), wanted);
        assert_eq!(bed.store.get_context_note(scope, wanted.id).await.done(), wanted);
        let wrong = line("The dates were wrong");
        bed.store.remove_context_note(scope, &act, wanted.id, wrong.clone(), Some(2)).await.changed();
        let removed = bed.store.remove_context_note(scope, &act, wanted.id, wrong.clone(), Some(1)).await.done();
        assert_eq!(removed, ContextNote { removed: Some((bed.now(), wrong.clone())), revision: 2, ..wanted });
        assert!(bed.store.list_context_notes(scope, Page::all()).await.done().items.contains(&removed));
        let again = bed.store.remove_context_note(scope, &act, removed.id, wrong, None).await;
        assert!(matches!(again, Err(csp_store::StoreError::Refused(csp_store::Refusal::AlreadyRemoved))), "{again:?}");
    }
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
        stock: unit == Unit::Days,
        survey: (unit == Unit::Count).then_some(12),
        valid_from: Some(day("2014-04-01")),
        breaks: vec![Break { on: day("2016-04-01"), what: line("stalking is counted apart") }],
    }
}

pub(crate) async fn an_indicator_keeps_every_field(bed: &Bed) {
    let scope = Scope::Region(bed.region("northumbria").await.id);
    for (unit, polarity) in Unit::ALL.into_iter().zip(Polarity::ALL) {
        let new = NewIndicator {
            id: bed.id(),
            owner: None,
            slug: slug(unit.word()),
            name: line("Troseddau"),
            unit,
            polarity,
            source: line("Heddlu, data.police.uk"),
            definition: definition(unit),
        };
        let wanted = Indicator {
            id: new.id,
            owner: None,
            ends_on: None,
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
            ends_on: None,
        };
        let changed = bed.store.update_indicator(scope, &bed.by_schedule(), wanted.id, change, Some(1)).await.done();
        let (name, source) = (line("Crimes"), line("Police-recorded crime"));
        let definition = Definition::default();
        assert_eq!(changed, Indicator { name, polarity: Polarity::Neither, source, definition, revision: 2, ..wanted });
        assert_eq!(bed.store.find_indicator(scope, &changed.slug).await.done(), changed);
    }
}

pub(crate) async fn a_partnerships_own_indicator_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, act) = (county.scope_of(0), bed.by_schedule());
    let new = NewIndicator { definition: definition(Unit::Count), ..bed.new_own_indicator(&county.partnerships[0], "dog-fouling") };
    let made = bed.store.create_indicator(scope, &act, new.clone()).await.done();
    let wanted = Indicator {
        id: new.id,
        slug: new.slug,
        owner: Some(county.partnerships[0].id),
        name: new.name,
        unit: new.unit,
        polarity: new.polarity,
        source: new.source,
        definition: new.definition,
        ends_on: None,
        created_at: bed.now(),
        revision: 1,
    };
    assert_eq!((&made, made.slug.as_str()), (&wanted, "gateshead.dog-fouling"));
    assert_eq!(bed.store.find_indicator(scope, &wanted.slug).await.done(), wanted);
    for ends_on in [Some(day("2022-03-31")), None] {
        let change = csp_store::IndicatorChange { ends_on: Some(ends_on), ..Default::default() };
        let changed = bed.store.update_indicator(scope, &act, wanted.id, change, None).await.done();
        assert_eq!(changed.ends_on, ends_on);
        assert_eq!(bed.store.find_indicator(county.scope(), &wanted.slug).await.done(), changed);
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
        beside: Beside::ALL.into_iter().rev().collect(),
        least_base: 7,
    };
    let places = |order: [usize; 2]| order.map(|n| county.partnerships[n].id).to_vec();
    let measures = |order: [usize; 2]| order.map(|n| county.indicators[n].id).to_vec();
    let exempt = |n: usize, of: usize| Exemption { partnership: county.partnerships[n].id, indicator: county.indicators[of].id };
    let new = NewCommittee {
        id: bed.id(),
        slug: slug("scrutiny"),
        name: line("Pwyllgor Craffu"),
        partnerships: places([2, 0]),
        indicators: measures([1, 0]),
        exemptions: vec![exempt(0, 0), exempt(2, 1), exempt(2, 0)],
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
        exemptions: vec![exempt(2, 1), exempt(2, 0), exempt(0, 0)],
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
        exemptions: Some(vec![exempt(2, 1)]),
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
        exemptions: vec![exempt(2, 1)],
        recurrence: None,
        template,
        sign_off: SignOff::NotRequired,
        revision: 2,
        ..wanted
    };
    assert_eq!(changed, wanted);
    assert_eq!(bed.store.get_committee(county.scope(), wanted.id).await.done(), wanted);
    assert!(!bed.store.list_recurring().await.done().contains(&(county.region.id, wanted.id)), "its cycles are set by hand now");
    // Of whom it asks nothing at all it is exempt from nothing.
    let fewer = CommitteeChange { partnerships: Some(places([0, 1])), ..CommitteeChange::default() };
    assert_eq!(bed.store.update_committee(county.scope(), &bed.by_schedule(), wanted.id, fewer, Some(2)).await.done().exemptions, []);
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
        closed_to_new_at: at("2022-03-10T17:00:00.1Z"),
        freeze_at: at("2022-03-10T17:00:00.2Z"),
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
    assert_eq!(known.timetable, timetable);

    let moved = Timetable { deadline_at: at("2022-03-09T17:00:00.25Z"), ..timetable };
    let changed = bed.store.update_timetable(county.scope(), &bed.by_schedule(), wanted.id, moved, Some(1)).await.done();
    assert_eq!(changed, Cycle { timetable: moved, revision: 2, ..wanted });
    let cancelled = bed.store.cancel_cycle(county.scope(), &bed.by_schedule(), changed.id, Some(2)).await.done();
    assert_eq!(cancelled, Cycle { state: CycleState::Cancelled, revision: 3, ..changed });
    assert_eq!(bed.store.get_cycle(county.scope(), cancelled.id).await.done(), cancelled);
    assert_eq!(bed.store.list_current_cycles(county.scope()).await.done(), [county.cycle]);
}
