//! What is on record, and what is left of a region that is gone.

use chrono::TimeDelta;
use csp_domain::{
    Scope,
    committee::Member,
    digest::NewDigest,
    id::RegionId,
    message::Outcome,
    news::NewsOwner,
    observation::QuotedFigure,
    person::Role,
    returns::{Content, NewReturn},
    signoff::Deed,
};
use csp_store::{AuditFilter, CommitteeChange, Job, JobChange, JobDecision, NewsChange, Page};
use csp_tests::{Bed, County, line, quarter, slug};

use crate::{
    jobs::{decision, link},
    verdict::Verdict as _,
};

pub(crate) async fn every_write_has_its_audit_row(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, own, store, owner) = (county.scope(), county.scope_of(0), &bed.store, county.owner(0));
    let (administrator, officer, editor, approver) = (&county.administrator, &county.officers[0], &county.editor, &county.approver);
    let known = std::cell::RefCell::new(0);
    macro_rules! noted {
        ($region:expr, $person:expr, $wanted:expr, |$act:ident| $call:expr) => {{
            *known.borrow_mut() = store.list_audit($region, AuditFilter::default(), Page::all()).await.done().items.len();
            let $act = &csp_domain::Act { origin: Some("192.0.2.1".to_owned()), ..bed.by($person) };
            let made = $call.await.done();
            let rows = store.list_audit($region, AuditFilter::default(), Page::all()).await.done().items.split_off(*known.borrow());
            let said: Vec<(&str, &str)> = rows.iter().map(|row| (row.action.as_str(), row.subject.as_str())).collect();
            assert_eq!(said, $wanted, "{}", stringify!($call));
            for row in &rows {
                assert_eq!(
                    (row.at, row.actor, row.origin.as_ref()),
                    ($act.at, Some($person.id), $act.origin.as_ref()),
                    "{}",
                    stringify!($call)
                );
            }
            made
        }};
        (system, $wanted:expr, |$act:ident| $call:expr) => {
            noted!(Scope::Region(RegionId::SYSTEM), administrator, [$wanted], |$act| $call)
        };
        ($person:expr, $wanted:expr, |$act:ident| $call:expr) => {
            noted!(scope, $person, [$wanted], |$act| $call)
        };
    }
    let renamed = || Some(line("Renamed"));
    let (rules, scrutiny) = (bed.rules(), county.committee.id);
    noted!(administrator, ("set_rules", "committee"), |act| store.set_rules(scope, act, scrutiny, Some(rules)));
    let shut = csp_domain::calendar::ClosedDays::new([(csp_tests::day("2022-07-14"), line("offices shut"))]).expect("one day");
    noted!(administrator, ("close_days", "committee"), |act| store.change_closed_days(
        scope,
        act,
        Some(scrutiny),
        shut.clone(),
        Vec::new()
    ));
    noted!(administrator, ("close_days", "region"), |act| store.change_closed_days(scope, act, None, shut, Vec::new()));
    let meetings = vec![bed.meeting("2022-07-28")];
    noted!(administrator, ("create", "cycle"), |act| store.schedule_meetings(scope, act, scrutiny, meetings.clone()));
    let moved = vec![csp_store::Meeting { time: chrono::NaiveTime::from_hms_opt(14, 0, 0), ..meetings[0].clone() }];
    noted!(administrator, ("update", "cycle"), |act| store.schedule_meetings(scope, act, scrutiny, moved));

    let new = csp_domain::region::NewRegion { id: bed.id(), slug: slug("west"), name: line("West"), zone: chrono_tz::Europe::London };
    let west = noted!(system, ("create", "region"), |act| store.create_region(act, new));
    noted!(system, ("delete", "region"), |act| store.delete_region(act, west.id, 1));
    noted!(administrator, ("update", "region"), |act| store.update_region(scope, act, renamed(), None, None));
    let place =
        noted!(administrator, ("create", "partnership"), |act| store.create_partnership(scope, act, bed.new_partnership("newcastle")));
    noted!(administrator, ("update", "partnership"), |act| store.update_partnership(scope, act, place.id, renamed(), None));
    let person = noted!(administrator, ("create", "person"), |act| store.create_person(scope, act, bed.new_person("newcomer")));
    noted!(administrator, ("update", "person"), |act| store.update_person(scope, act, person.id, renamed(), None, None));
    let grant = csp_domain::person::RoleGrant {
        id: bed.id(),
        person: person.id,
        role: Role::Administrator,
        deputy: false,
        starts_on: bed.today(),
        ends_on: None,
    };
    noted!(administrator, ("create", "role_grant"), |act| store.create_role_grant(scope, act, grant.clone()));
    noted!(administrator, ("end", "role_grant"), |act| store.end_role_grant(scope, act, grant.id, bed.today()));
    let (new, _) = bed.new_token(&person);
    let token = noted!(administrator, ("create", "token"), |act| store.create_token(scope, act, new));
    let (renewed, _) = bed.new_token(&person);
    noted!(administrator, ("rotate", "token"), |act| store.rotate_token(scope, act, token.id, renewed.hash, renewed.expires_at, bed.now()));
    noted!(administrator, ("revoke", "token"), |act| store.revoke_token(scope, act, token.id));
    let new = csp_domain::indicator::NewIndicator {
        id: bed.id(),
        owner: None,
        slug: slug("robbery"),
        name: line("Robbery"),
        unit: csp_domain::indicator::Unit::Count,
        polarity: csp_domain::indicator::Polarity::LowerIsBetter,
        source: line("Police-recorded crime"),
        definition: csp_domain::indicator::Definition::default(),
    };
    let indicator = noted!(administrator, ("create", "indicator"), |act| store.create_indicator(scope, act, new));
    noted!(administrator, ("update", "indicator"), |act| store.update_indicator(
        scope,
        act,
        indicator.id,
        csp_store::IndicatorChange { name: renamed(), ..Default::default() },
        None
    ));
    let estimate = csp_domain::measure::population::NewEstimate {
        id: bed.id(),
        ons_code: "E22000244".parse().expect("this is a code"),
        mid_year: 2020,
        people: 201_950,
        source: line("ONS"),
    };
    noted!(administrator, ("import", "population"), |act| store.import_populations(scope, act, vec![estimate]));
    let new = bed.new_target(&county, None, 700);
    let target = noted!(administrator, ("create", "target"), |act| store.create_target(scope, act, new));
    let ended = (bed.today(), line("A new plan was agreed"));
    noted!(administrator, ("end", "target"), |act| store.end_target(scope, act, target.id, ended, None));
    let note = noted!(administrator, ("create", "context_note"), |act| store.create_context_note(scope, act, bed.new_context_note()));
    let wrong = line("The dates were wrong");
    noted!(administrator, ("remove", "context_note"), |act| store.remove_context_note(scope, act, note.id, wrong, None));
    let committee = noted!(administrator, ("create", "committee"), |act| store.create_committee(
        scope,
        act,
        bed.new_committee("scrutiny", &county.partnerships, &county.indicators)
    ));
    let change = CommitteeChange { name: renamed(), ..CommitteeChange::default() };
    noted!(administrator, ("update", "committee"), |act| store.update_committee(scope, act, committee.id, change, None));
    let term = |person| Member { id: bed.id(), person, starts_on: bed.today(), ends_on: None, revision: 1 };
    let member = noted!(administrator, ("create", "member"), |act| store.create_member(scope, act, committee.id, term(person.id)));
    noted!(administrator, ("update", "member"), |act| store.update_member(
        scope,
        act,
        committee.id,
        member.id,
        None,
        Some(Some(bed.today())),
        None
    ));
    // From tomorrow: today is still covered by the term that was ended.
    let tomorrow = bed.today() + chrono::TimeDelta::days(1);
    let rows = ["ann", "newcomer"].map(|name| (bed.new_person(name), Member { starts_on: tomorrow, ..term(bed.id()) })).to_vec();
    noted!(scope, administrator, [("create", "person"), ("create", "member"), ("create", "member")], |act| store.import_members(
        scope,
        act,
        committee.id,
        rows
    ));
    let cycle = noted!(administrator, ("create", "cycle"), |act| store.create_cycle(scope, act, bed.new_cycle(&committee, "2021-q3")));
    assert!(noted!(administrator, ("create", "cycle"), |act| store.plan_cycle(scope, act, bed.new_cycle(&committee, "2021-q4"))));
    let mut timetable = cycle.timetable;
    timetable.meeting_at += TimeDelta::hours(1);
    noted!(administrator, ("update", "cycle"), |act| store.update_timetable(scope, act, cycle.id, timetable, None));
    for (action, job, change) in [
        ("hold_job", Job::Open, JobChange::Hold),
        ("resume_job", Job::Open, JobChange::Resume),
        ("skip_job", Job::Freeze, JobChange::Skip),
        ("run_job", Job::Remind, JobChange::Run),
    ] {
        noted!(administrator, (action, "cycle"), |act| store.decide_job(scope, act, decision(&county, cycle.id, job, change)));
    }
    let made = noted!(administrator, ("create", "diary_link"), |act| store.create_diary_link(scope, act, link(bed, &county).0));
    noted!(administrator, ("revoke", "diary_link"), |act| store.revoke_diary_link(scope, act, made.id, made.diary, None));
    noted!(administrator, ("cancel", "cycle"), |act| store.cancel_cycle(scope, act, cycle.id, None));

    let id = county.cycle.id;
    noted!(administrator, ("open", "cycle"), |act| store.advance_cycle(scope, act, id, Job::Open, county.cycle.timetable.opens_at));
    let item =
        noted!(officer, ("create", "news_item"), |act| store.create_news_item(own, act, officer.id, bed.new_news(&county, owner, "News")));
    noted!(officer, ("update", "news_item"), |act| store.update_news_item(
        own,
        act,
        officer.id,
        owner,
        item.id,
        NewsChange { headline: renamed(), ..NewsChange::default() },
        None
    ));
    let history = crate::history::told(bed, &county, &[(0, &[("2018-q1", 717)])]);
    noted!(administrator, ("import", "history"), |act| store.import_history(scope, act, administrator.id, history.clone()));
    let wording = noted!(editor, ("propose", "wording"), |act| store.propose_wording(
        scope,
        act,
        editor.id,
        crate::wordings::of_news(bed, &county, 0, &item, "Otherwise")
    ));
    let answered = |deed| csp_store::WordingStep {
        partnership: county.partnerships[0].id,
        id: wording.id,
        deed,
        hands: csp_domain::signoff::Hand::ALL.to_vec(),
        reason: (deed == csp_domain::wording::WordingDeed::Refuse).then(|| line("They asked for their own words.")),
        revision: None,
    };
    let accept = answered(csp_domain::wording::WordingDeed::Accept);
    noted!(administrator, ("accept", "wording"), |act| store.step_wording(own, act, administrator.id, accept));
    let refuse = answered(csp_domain::wording::WordingDeed::Refuse);
    noted!(administrator, ("refuse", "wording"), |act| store.step_wording(own, act, administrator.id, refuse));
    noted!(officer, ("withdraw", "news_item"), |act| store.withdraw_news_item(own, act, owner, item.id, None));
    let lead = bed.person(scope, "lead-1").await;
    bed.grant(scope, &lead, csp_domain::person::Role::Lead(county.partnerships[1].id)).await;
    let shared = noted!(scope, officer, [("create", "news_item"), ("name", "joint_item")], |act| store.create_news_item(
        own,
        act,
        officer.id,
        crate::joint::new_joint(bed, &county, &[1], "Patrols")
    ));
    let joint = |deed| crate::joint::step(&county, 1, shared.id, deed);
    noted!(&lead, ("send_back", "joint_item"), |act| store.step_joint_item(
        scope,
        act,
        lead.id,
        joint(csp_domain::joint::JointDeed::SendBack)
    ));
    noted!(&lead, ("sign", "joint_item"), |act| store.step_joint_item(scope, act, lead.id, joint(csp_domain::joint::JointDeed::Sign)));
    let mended = NewsChange { headline: renamed(), ..NewsChange::default() };
    noted!(scope, officer, [("update", "news_item"), ("alter", "joint_item")], |act| store
        .update_news_item(own, act, officer.id, owner, shared.id, mended, None));
    let alone = NewsChange { joint: Some(Vec::new()), ..NewsChange::default() };
    noted!(scope, officer, [("drop", "joint_item"), ("update", "news_item")], |act| store
        .update_news_item(own, act, officer.id, owner, shared.id, alone, None));
    let new = || bed.new_return(&county, 0, vec![county.burglary(1)]);
    noted!(officer, ("submit", "return"), |act| store.create_return(own, act, officer.id, new()));
    noted!(officer, ("correct", "return"), |act| store.update_return(own, act, officer.id, new(), None));
    let step = |deed| crate::signoff::step(&county, 0, deed);
    let older = csp_domain::observation::Figure { period: quarter("2019-q1"), ..county.burglary(1) };
    let asked = bed.new_return(&county, 0, vec![county.burglary(1), older]);
    noted!(officer, ("correct", "return"), |act| store.update_return(own, act, officer.id, asked, None));
    let note = crate::checks::note(&county, 0, "older-period", "It was never told.");
    noted!(scope, officer, [("alter", "return"), ("explain", "return")], |act| store.explain(own, act, officer.id, note));
    let (rule, off, why) = (csp_domain::check::Rule::Unchanged, csp_domain::check::Strength::Off, line("A yearly survey."));
    noted!(administrator, ("set_check_rule", "region"), |act| store.set_check_rule(scope, act, rule, off, why));
    noted!(administrator, ("sign", "return"), |act| store.step_return(own, act, administrator.id, step(Deed::Sign)));
    noted!(editor, ("accept", "return"), |act| store.step_return(scope, act, editor.id, step(Deed::Accept)));
    noted!(editor, ("send_back", "return"), |act| store.step_return(scope, act, editor.id, step(Deed::SendBack)));
    noted!(officer, ("correct", "return"), |act| store.update_return(own, act, officer.id, new(), None));
    noted!(officer, ("recall", "return"), |act| store.step_return(own, act, officer.id, step(Deed::Recall)));
    noted!(officer, ("withdraw", "return"), |act| store.withdraw_return(own, act, county.partnerships[0].id, id, None));
    noted!(administrator, ("close", "cycle"), |act| store.advance_cycle(scope, act, id, Job::Close, county.cycle.timetable.deadline_at));
    // It was opened and closed, each a revision.
    let new_digest = |title| NewDigest { cycle_revision: county.cycle.revision + 2, ..bed.new_digest(&county, title) };
    noted!(editor, ("freeze", "digest"), |act| store.freeze_first_digest(
        scope,
        act,
        new_digest("First"),
        county.cycle.timetable.deadline_at
    ));
    let digest = noted!(editor, ("freeze", "digest"), |act| store.freeze_digest(scope, act, new_digest("Second")));
    noted!(approver, ("approve", "digest"), |act| store.approve_digest(scope, act, approver.id, digest.id, digest.hashes()));
    let reason = csp_tests::line("Clear days must be kept.");
    noted!(approver, ("end_cooling_off", "digest"), |act| store.end_cooling_off(scope, act, approver.id, digest.id, reason.clone(), None));
    bed.clock.set(county.cycle.timetable.publication_at);
    let release = bed.new_release(&county, &digest);
    known.replace(0);
    let rows = async {
        let before = store.list_audit(scope, AuditFilter::default(), Page::all()).await.done().items.len();
        assert!(store.release(scope, &bed.by(administrator), release).await.done());
        store.list_audit(scope, AuditFilter::default(), Page::all()).await.done().items.split_off(before)
    }
    .await;
    let mut said: Vec<_> = rows.iter().map(|row| (row.action.as_str(), row.subject.as_str())).collect();
    said.sort_unstable();
    assert_eq!(said, [("publish", "cycle"), ("release", "digest")]);

    let claimed = store.claim_messages(bed.now(), bed.now() + TimeDelta::hours(1), 1).await.done().remove(0);
    assert!(noted!(administrator, ("failed", "message"), |act| store.settle(&claimed, act, Outcome::Refused { reply: "550".to_owned() })));
    noted!(administrator, ("retry", "message"), |act| store.retry_message(scope, act, claimed.id));
}

pub(crate) async fn what_was_refused_leaves_no_audit_row(bed: &Bed) {
    let county = bed.county("north").await;
    let before = bed.raw().number("SELECT COUNT(*) FROM audit").await;
    let act = bed.by(&county.administrator);
    bed.store.create_person(county.scope(), &act, bed.new_person("editor")).await.exists_already();
    bed.store.update_person(county.scope(), &act, county.editor.id, None, None, Some(7)).await.changed();
    bed.store.cancel_cycle(county.scope(), &act, bed.id(), None).await.not_found();
    assert_eq!(bed.raw().number("SELECT COUNT(*) FROM audit").await, before);
}

/// A county with at least one row in every table there is.
pub(crate) async fn a_full_county(bed: &Bed, name: &str) -> County {
    bed.clock.set(csp_tests::at("2022-01-05T10:00:00Z"));
    let county = bed.county(name).await;
    let (scope, officer) = (county.scope(), &county.officers[0]);
    bed.token(scope, officer).await;
    let act = bed.by(&county.administrator).under(Some(bed.request("a person")));
    bed.store.create_person(scope, &act, bed.new_person("newcomer")).await.done();
    let quoted =
        QuotedFigure { subject: line("Satisfaction"), value: line("30%"), source: line("Home Office"), period: quarter("2021-q2") };
    let older = csp_domain::observation::Figure { period: quarter("2019-q1"), ..county.burglary(1) };
    let content = Content::Full { figures: vec![county.burglary(1), older], quoted: vec![quoted] };
    let new = NewReturn { content, ..bed.new_return(&county, 0, Vec::new()) };
    let manner = csp_domain::returns::Manner { mail_receipt: true, ..Default::default() };
    bed.store.submit_return(county.scope_of(0), &bed.by(officer), officer.id, new, manner).await.done();
    let note = crate::checks::note(&county, 0, "older-period", "It was never told.");
    bed.store.explain(county.scope_of(0), &bed.by(officer), officer.id, note).await.done();
    let rule = csp_domain::check::Rule::Unchanged;
    bed.store.set_check_rule(scope, &act, rule, csp_domain::check::Strength::Off, line("A yearly survey.")).await.done();
    bed.populations(&county).await;
    let target = bed.new_target(&county, Some(0), 230);
    bed.store.create_target(scope, &bed.by(&county.administrator), target).await.done();
    bed.store.create_context_note(scope, &bed.by(&county.administrator), bed.new_context_note()).await.done();
    let history = crate::history::told(bed, &county, &[(0, &[("2020-q3", 717)])]);
    bed.store.import_history(scope, &bed.by(&county.administrator), county.administrator.id, history).await.done();
    let item = bed.tell(&county, 0, "News").await;
    crate::wordings::propose(bed, &county, crate::wordings::of_news(bed, &county, 0, &item, "Otherwise")).await.done();
    let lead = bed.person(scope, "lead-1").await;
    bed.grant(scope, &lead, csp_domain::person::Role::Lead(county.partnerships[1].id)).await;
    let shared = crate::joint::tell(bed, &county, &[1], "Patrols").await;
    bed.store.withdraw_news_item(county.scope_of(0), &bed.by(officer), shared.owner, shared.id, None).await.done();
    let national = bed.new_news(&county, NewsOwner::Committee(county.committee.id), "National news");
    bed.store.create_news_item(scope, &bed.by(&county.editor), county.editor.id, national).await.done();
    let (scrutiny, planned) = bed.planned_committee(&county).await;
    let exemptions = vec![csp_domain::committee::Exemption { partnership: county.partnerships[0].id, indicator: county.indicators[0].id }];
    let change = csp_store::CommitteeChange { exemptions: Some(exemptions), ..Default::default() };
    bed.store.update_committee(scope, &bed.by(&county.administrator), scrutiny.id, change, None).await.done();
    let (until, reason) = (planned.timetable.closed_to_new_at, line("their system was down"));
    let (editor, partnership) = (&county.editor, county.partnerships[0].id);
    bed.store.extend(scope, &bed.by(editor), editor.id, (planned.id, partnership), until, reason).await.done();
    bed.close(&county).await;
    let digest = bed.freeze(&county, "Update").await;
    let digest = bed.approve(&county, &digest).await;
    bed.release(&county, &digest).await;
    let act = bed.by(&county.administrator);
    let next = bed.store.create_cycle(scope, &act, bed.new_cycle(&county.committee, "2022-q1")).await.done();
    bed.store.decide_job(scope, &act, decision(&county, next.id, Job::Open, JobChange::Hold)).await.done();
    bed.store.create_diary_link(scope, &act, link(bed, &county).0).await.done();
    county
}

pub(crate) async fn deleting_a_region_deletes_everything_of_it_and_nothing_else(bed: &Bed) {
    let (north, south) = (a_full_county(bed, "north").await, a_full_county(bed, "south").await);
    let raw = bed.raw();
    let tables = raw.tables().await;
    assert!(tables.len() >= 29, "{tables:?}");
    for table in &tables {
        assert!(raw.columns(table).await.contains(&"region_id".to_owned()), "{table} is of no region");
        assert!(raw.rows(table, north.region.id).await > 0, "nothing in {table} to be deleted");
    }
    let untouched = raw.everything_of(south.region.id).await;

    let act = bed.by(&north.administrator);
    bed.store.delete_region(&act, north.region.id, 7).await.changed();
    bed.store.delete_region(&act, RegionId::SYSTEM, 1).await.not_found();
    assert!(raw.rows("persons", north.region.id).await > 0, "what was refused deleted nothing");

    bed.store.delete_region(&act, north.region.id, north.region.revision).await.done();
    for table in &tables {
        assert_eq!(raw.rows(table, north.region.id).await, 0, "{table}");
    }
    assert_eq!(raw.everything_of(south.region.id).await, untouched);
    bed.store.get_region(north.scope()).await.not_found();
    bed.store.delete_region(&act, north.region.id, north.region.revision).await.not_found();
    let system = bed.store.list_audit(Scope::Region(RegionId::SYSTEM), AuditFilter::default(), Page::all()).await.done().items;
    assert!(system.iter().any(|row| row.action == "delete" && row.subject_id == north.region.id.0));
    // Its name is free again.
    bed.county("north").await;
}

pub(crate) async fn deeds_are_found_by_who_by_what_and_by_when(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, store) = (county.scope(), &bed.store);
    let (token, _) = bed.token(scope, &county.administrator).await;
    let after = bed.now() + TimeDelta::hours(1);
    bed.clock.set(after);
    let act = csp_domain::Act { token: Some(token.id), ..bed.by(&county.administrator) };
    let place = bed.store.create_partnership(scope, &act, bed.new_partnership("newcastle")).await.done();
    bed.clock.advance(TimeDelta::hours(1));
    store.update_partnership(scope, &bed.by(&county.administrator), place.id, Some(line("Newcastle")), None).await.done();
    bed.submit(&county, 0, 12).await;

    let found = async |filter: AuditFilter| -> Vec<String> {
        let rows = store.list_audit(scope, filter, Page::all()).await.done().items;
        rows.into_iter().map(|row| format!("{} {}", row.action, row.subject)).collect()
    };
    let anything = AuditFilter::default;
    let mine = found(AuditFilter { actor: Some(county.administrator.id), from: Some(after), ..anything() }).await;
    assert_eq!(mine, ["create partnership", "update partnership"]);
    assert_eq!(found(AuditFilter { token: Some(token.id), ..anything() }).await, ["create partnership"]);
    assert_eq!(found(AuditFilter { subject: Some("return".to_owned()), ..anything() }).await, ["submit return"]);
    assert_eq!(found(AuditFilter { subject_id: Some(place.id.0), ..anything() }).await, ["create partnership", "update partnership"]);
    let within = AuditFilter { from: Some(after), until: Some(after + TimeDelta::minutes(1)), ..anything() };
    assert_eq!(found(within).await, ["create partnership"], "the end itself is outside");
}

/// What may have to be erased is nowhere in the record that must stand.
pub(crate) async fn personal_data_stands_apart_from_the_deed(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, store) = (county.scope(), &bed.store);
    let act = csp_domain::Act { origin: Some("192.0.2.77".to_owned()), ..bed.by(&county.administrator) };
    let person = csp_domain::person::NewPerson { name: line("Morgan Ap-Rhys"), ..bed.new_person("morgan-ap-rhys") };
    let person = store.create_person(scope, &act, person).await.done();
    let label = line("the laptop of Morgan");
    store.create_token(scope, &act, csp_domain::token::NewToken { label, ..bed.new_token(&person).0 }).await.done();
    let remark = Some(line("Morgan is on leave"));
    let new = NewReturn { remark, ..bed.new_return(&county, 0, vec![county.burglary(12)]) };
    store.create_return(county.scope_of(0), &bed.by(&county.officers[0]), county.officers[0].id, new).await.done();
    bed.tell(&county, 1, "Morgan was given an award").await;
    let reason = line("Morgan is on leave until then");
    let held = JobDecision { reason, ..decision(&county, county.cycle.id, Job::Release, JobChange::Hold) };
    store.decide_job(scope, &act, held).await.done();

    let (raw, personal) = (bed.raw(), ["Morgan", "morgan", "192.0.2.77"]);
    let open = raw.texts("SELECT COALESCE(old_value, '') || COALESCE(new_value, '') || action || subject FROM audit").await;
    for text in &open {
        assert!(personal.iter().all(|secret| !text.contains(secret)), "{text}");
    }
    let apart = raw.texts("SELECT COALESCE(origin, '') || COALESCE(new_value, '') FROM audit_personal").await.concat();
    for secret in personal {
        assert!(apart.contains(secret), "{secret}");
    }
    // Together they say all that was ever said.
    let filter = AuditFilter { subject: Some("person".to_owned()), subject_id: Some(person.id.0), ..AuditFilter::default() };
    let rows = store.list_audit(scope, filter, Page::all()).await.done().items;
    assert!(rows[0].new_value.as_deref().is_some_and(|json| json.contains("Morgan Ap-Rhys")), "{rows:?}");
    // And the deed stands when what is personal is gone.
    raw.execute("DELETE FROM audit_personal").await;
    let rows = store.list_audit(scope, AuditFilter::default(), Page::all()).await.done().items;
    assert_eq!(rows.len(), usize::try_from(raw.rows("audit", county.region.id).await).expect("not that many"));
}

pub(crate) async fn trying_whether_it_can_be_written_to_leaves_nothing(bed: &Bed) {
    bed.county("north").await;
    let raw = bed.raw();
    let before = raw.everything().await;
    for _ in 0..3 {
        bed.store.probe(bed.now()).await.done();
    }
    assert_eq!(raw.everything().await, before);
    // It does write: where that cannot be done, it says so.
    raw.execute("ALTER TABLE requests RENAME TO mislaid").await;
    assert!(bed.store.probe(bed.now()).await.is_err());
    raw.execute("ALTER TABLE mislaid RENAME TO requests").await;
    bed.store.probe(bed.now()).await.done();
}
