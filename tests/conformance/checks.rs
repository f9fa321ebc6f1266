//! Checks: the region's decisions, the notes, and what is looked at, on both engines.

#![expect(clippy::unwrap_used, reason = "a finding that is not there should stop the test")]

use csp_domain::{
    check::{Explanation, FindingId, Rule, Setting, Strength},
    committee::{Beside, Template},
    observation::Figure,
    person::Role,
    returns::{Content, ReturnState},
    signoff::Deed,
};
use csp_store::{CommitteeChange, NewExplanation, Refusal};
use csp_tests::{Bed, County, at, line, quarter};

use crate::{
    signoff::step,
    verdict::{Hidden as _, Verdict as _},
};

fn finding(text: &str) -> FindingId {
    text.parse().unwrap()
}

pub(crate) fn note(county: &County, n: usize, of: &str, text: &str) -> NewExplanation {
    NewExplanation {
        partnership: county.partnerships[n].id,
        cycle: county.cycle.id,
        finding: finding(of),
        note: line(text),
        revision: None,
    }
}

/// The `n`th partnership tells of a quarter long ago besides.
async fn submit_older(bed: &Bed, county: &County, n: usize) {
    let older = Figure { period: quarter("2019-q1"), ..county.burglary(3) };
    let (officer, new) = (&county.officers[n], bed.new_return(county, n, vec![county.burglary(4), older]));
    bed.store.create_return(county.scope_of(n), &bed.by(officer), officer.id, new).await.done();
}

pub(crate) async fn a_regions_decision_about_a_rule_keeps_every_field(bed: &Bed) {
    let county = bed.county("north").await;
    let other = bed.county("south").await;
    assert_eq!(bed.store.list_check_settings(county.scope()).await.done(), []);
    let act = bed.by(&county.administrator);
    for (strength, reason) in [(Strength::Off, "Our survey is “yearly”."), (Strength::Error, "Gofynnwch i’r golygydd.")] {
        let set = bed.store.set_check_rule(county.scope(), &act, Rule::Unchanged, strength, line(reason)).await.done();
        let wanted = Setting { rule: Rule::Unchanged, strength, reason: line(reason), by: Some(county.administrator.id), at: bed.now() };
        assert_eq!(set, wanted);
        assert_eq!(bed.store.list_check_settings(county.scope_of(0)).await.done(), [wanted]);
        let strengths = bed.store.seen(county.region.id, None).strengths().await.done();
        assert_eq!(strengths.of(Rule::Unchanged), strength);
    }
    assert_eq!(bed.store.list_check_settings(other.scope()).await.done(), [], "another region decides for itself");
    let dry = csp_domain::Act { dry_run: true, ..act };
    bed.store.set_check_rule(county.scope(), &dry, Rule::Revision, Strength::Off, line("Only to see.")).await.done();
    assert_eq!(bed.store.list_check_settings(county.scope()).await.done().len(), 1);
}

pub(crate) async fn a_note_keeps_every_field_and_takes_a_signature_away(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = bed.person(county.scope(), "lead").await;
    bed.grant(county.scope(), &lead, Role::Lead(county.partnerships[0].id)).await;
    let (own, officer, partnership) = (county.scope_of(0), &county.officers[0], county.partnerships[0].id);
    submit_older(bed, &county, 0).await;
    let open = bed.store.list_findings(own, partnership, county.cycle.id).await.done();
    assert_eq!(
        open.iter().map(|(found, note)| (found.id.to_string(), note.is_some())).collect::<Vec<_>>(),
        [("older-period".to_owned(), false)]
    );

    let sign = async || bed.store.step_return(own, &bed.by(&lead), lead.id, step(&county, 0, Deed::Sign)).await;
    assert!(matches!(sign().await.refused(), Refusal::Unexplained(open) if open.0 == [finding("older-period")]));
    let new = note(&county, 0, "older-period", "A’r hanes – “history” 🐝");
    let stale = NewExplanation { revision: Some(7), ..new.clone() };
    bed.store.explain(own, &bed.by(officer), officer.id, stale).await.changed();
    let (found, kept) = bed.store.explain(own, &bed.by(officer), officer.id, new.clone()).await.done();
    let wanted =
        Explanation { finding: "older-period".to_owned(), about: found.about, note: new.note.clone(), by: officer.id, at: bed.now() };
    assert_eq!(kept, Some(wanted.clone()));
    assert_eq!(bed.store.list_findings(county.scope(), partnership, county.cycle.id).await.done(), [(found, Some(wanted))]);
    let signed = sign().await.done();
    assert_eq!((signed.state, signed.revision), (ReturnState::Signed, 3), "the note counted as a step");

    let again = bed.store.explain(own, &bed.by(officer), officer.id, note(&county, 0, "older-period", "Otherwise.")).await.done();
    assert_eq!(again.1.unwrap().note, line("Otherwise."));
    let stands = bed.store.find_return(own, partnership, county.cycle.id).await.done().unwrap();
    assert_eq!((stands.state, stands.revision), (ReturnState::Submitted, 4));
    assert_eq!(bed.raw().number("SELECT COUNT(*) FROM explanations").await, 1, "it took the place of the one before");
    let steps = bed.store.list_return_steps(own, partnership, county.cycle.id).await.done();
    assert_eq!(steps.iter().map(|step| step.deed).collect::<Vec<_>>(), [Deed::Submit, Deed::Alter, Deed::Sign, Deed::Alter]);
}

pub(crate) async fn what_is_signed_has_its_notes_in_its_hash(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = bed.person(county.scope(), "lead").await;
    bed.grant(county.scope(), &lead, Role::Lead(county.partnerships[0].id)).await;
    let (own, officer, partnership) = (county.scope_of(0), &county.officers[0], county.partnerships[0].id);
    submit_older(bed, &county, 0).await;
    let mut hashes = Vec::new();
    for text in ["One reason.", "Another."] {
        bed.store.explain(own, &bed.by(officer), officer.id, note(&county, 0, "older-period", text)).await.done();
        bed.store.step_return(own, &bed.by(&lead), lead.id, step(&county, 0, Deed::Sign)).await.done();
        hashes.extend(bed.store.list_return_steps(own, partnership, county.cycle.id).await.done().last().unwrap().content_hash);
    }
    assert_eq!(hashes.len(), 2);
    assert_ne!(hashes[0], hashes[1]);
}

pub(crate) async fn where_nobody_signs_whoever_accepts_asks_for_the_answers(bed: &Bed) {
    let county = bed.county("north").await;
    submit_older(bed, &county, 1).await;
    let editor = &county.editor;
    let accept = async || bed.store.step_return(county.scope(), &bed.by(editor), editor.id, step(&county, 1, Deed::Accept)).await;
    assert!(matches!(accept().await.refused(), Refusal::Unexplained(_)));
    let officer = &county.officers[1];
    bed.store.explain(county.scope_of(1), &bed.by(officer), officer.id, note(&county, 1, "older-period", "History.")).await.done();
    assert_eq!(accept().await.done().state, ReturnState::Accepted);
}

pub(crate) async fn the_partnership_next_door_reads_and_answers_no_question(bed: &Bed) {
    let county = bed.county("north").await;
    let foreign = bed.county("south").await;
    submit_older(bed, &county, 0).await;
    let history = crate::history::told(bed, &county, &[(0, &[("2020-q3", 400)])]);
    bed.store.import_history(county.scope(), &bed.by(&county.administrator), county.administrator.id, history).await.done();
    let (partnership, cycle, neighbour) = (county.partnerships[0].id, county.cycle.id, &county.officers[1]);
    let hundred = Content::Full { figures: vec![county.burglary(100)], quoted: Vec::new() };
    let own = bed.store.check_content(county.scope_of(0), partnership, cycle, hundred.clone()).await.done();
    assert_eq!(own.len(), 1, "there is something to tell of it: {own:?}");
    for scope in [county.scope_of(1), foreign.scope(), foreign.scope_of(0)] {
        bed.store.list_findings(scope, partnership, cycle).await.not_found();
        // By rows alone one's own figures are judged, beside nothing of the neighbour's.
        bed.store.check_content(scope, partnership, cycle, hundred.clone()).await.hidden(|_| true);
        bed.store.explain(scope, &bed.by(neighbour), neighbour.id, note(&county, 0, "older-period", "Mine.")).await.not_found();
    }
    assert_eq!(bed.raw().number("SELECT COUNT(*) FROM explanations").await, 0);
}

pub(crate) async fn what_a_published_paper_printed_is_asked_about_when_it_is_told_otherwise(bed: &Bed) {
    let county = bed.county("north").await;
    let year_ago = |value: u32| Figure { period: quarter("2020-q3"), ..county.burglary(value) };
    // The paper of the year before: Gateshead is in it, and it goes out.
    bed.clock.set(at("2021-01-06T10:00:00Z"));
    let before = County { cycle: bed.cycle(county.scope(), &county.committee, "2020-q3").await, ..county.clone() };
    for (n, value) in [(0, 717), (1, 420)] {
        let (officer, new) = (&county.officers[n], bed.new_return(&before, n, vec![year_ago(value)]));
        bed.store.create_return(county.scope_of(n), &bed.by(officer), officer.id, new).await.done();
    }
    bed.close(&before).await;
    let editor = &county.editor;
    let digest = csp_edition::freeze(&bed.store, county.scope(), &bed.by(editor), bed.id(), before.cycle.id).await.unwrap();
    let told = async |n: usize, value: u32| {
        let content = Content::Full { figures: vec![county.burglary(700), year_ago(value)], quoted: Vec::new() };
        let found = bed.store.check_content(county.scope_of(n), county.partnerships[n].id, county.cycle.id, content).await.done();
        found.into_iter().find(|found| found.id.rule == Rule::Revision).map(|found| found.text)
    };
    assert_eq!(told(0, 700).await, None, "what is frozen and not out may be told otherwise");
    bed.approve(&before, &digest).await;
    bed.release(&before, &digest).await;
    assert_eq!(told(0, 700).await.as_deref(), Some("burglary revises what a published paper printed: Q3 2020/21 from 717 to 700."));
    assert_eq!(told(0, 717).await, None);
    assert_eq!(
        told(1, 700).await.as_deref(),
        Some("burglary revises what a published paper printed: Q3 2020/21 from 420 to 700."),
        "each its own"
    );
    assert_eq!(told(2, 700).await, None);
}

pub(crate) async fn what_was_imported_is_looked_at_and_ones_own_word_comes_before_it(bed: &Bed) {
    let county = bed.county("north").await;
    let history = crate::history::told(bed, &county, &[(0, &[("2020-q3", 400)])]);
    bed.store.import_history(county.scope(), &bed.by(&county.administrator), county.administrator.id, history).await.done();
    let asked = async |n: usize| {
        let content = Content::Full { figures: vec![county.burglary(100)], quoted: Vec::new() };
        let found = bed.store.check_content(county.scope_of(n), county.partnerships[n].id, county.cycle.id, content).await.done();
        found.into_iter().map(|found| found.text).collect::<Vec<_>>()
    };
    assert_eq!(asked(0).await, ["burglary for Q3 2021/22 is far from the period it is set beside: 100, a year earlier 400."]);
    assert_eq!(asked(1).await, [""; 0], "of another partnership");

    bed.clock.set(at("2021-10-06T10:00:00Z"));
    let before = County { cycle: bed.cycle(county.scope(), &county.committee, "2021-q2").await, ..county.clone() };
    let own = Figure { period: quarter("2020-q3"), ..county.burglary(110) };
    let (officer, new) = (&county.officers[0], bed.new_return(&before, 0, vec![own]));
    bed.store.create_return(county.scope_of(0), &bed.by(officer), officer.id, new).await.done();
    assert_eq!(asked(0).await, [""; 0], "what it said itself counts");
}

pub(crate) async fn what_is_asked_keeps_to_what_the_committee_prints(bed: &Bed) {
    let county = bed.county("north").await;
    let history = crate::history::told(bed, &county, &[(0, &[("2020-q3", 40), ("2021-q2", 22)])]);
    bed.store.import_history(county.scope(), &bed.by(&county.administrator), county.administrator.id, history).await.done();
    let asked = async |beside: Beside, least_base: u32| {
        let template = Template { beside: vec![beside], least_base, ..county.committee.template.clone() };
        let change = CommitteeChange { template: Some(template), ..CommitteeChange::default() };
        bed.store.update_committee(county.scope(), &bed.by(&county.administrator), county.committee.id, change, None).await.done();
        let content = Content::Full { figures: vec![county.burglary(45)], quoted: Vec::new() };
        let found = bed.store.check_content(county.scope_of(0), county.partnerships[0].id, county.cycle.id, content).await.done();
        found.into_iter().map(|found| found.text).collect::<Vec<_>>()
    };
    assert_eq!(asked(Beside::SamePeriodLastYear, 40).await, [""; 0]);
    assert_eq!(
        asked(Beside::PreviousPeriod, 40).await,
        ["burglary for Q3 2021/22 is far from the period it is set beside: 45, the period before 22."]
    );
    assert_eq!(asked(Beside::PreviousPeriod, 50).await, [""; 0], "of fewer than fifty it prints no percentage");
}

pub(crate) async fn months_that_a_partnership_told_itself_come_before_an_imported_quarter(bed: &Bed) {
    let county = bed.county("north").await;
    let history = crate::history::told(bed, &county, &[(0, &[("2020-q3", 400)])]);
    bed.store.import_history(county.scope(), &bed.by(&county.administrator), county.administrator.id, history).await.done();
    let asked = async || {
        let content = Content::Full { figures: vec![county.burglary(100)], quoted: Vec::new() };
        let found = bed.store.check_content(county.scope_of(0), county.partnerships[0].id, county.cycle.id, content).await.done();
        found.into_iter().map(|found| found.text).collect::<Vec<_>>()
    };
    assert_eq!(asked().await, ["burglary for Q3 2021/22 is far from the period it is set beside: 100, a year earlier 400."]);

    // Its own 110 come in three months.
    bed.clock.set(at("2021-10-06T10:00:00Z"));
    let before = County { cycle: bed.cycle(county.scope(), &county.committee, "2021-q2").await, ..county.clone() };
    let own = [("2020-10", 40), ("2020-11", 40), ("2020-12", 30)];
    let figures = own.map(|(month, value)| Figure { period: quarter(month), ..county.burglary(value) }).to_vec();
    let (officer, new) = (&county.officers[0], bed.new_return(&before, 0, figures));
    bed.store.create_return(county.scope_of(0), &bed.by(officer), officer.id, new).await.done();
    assert_eq!(asked().await, [""; 0]);
}

pub(crate) async fn what_became_an_error_since_it_was_sent_in_is_neither_signed_nor_accepted(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = bed.person(county.scope(), "lead").await;
    bed.grant(county.scope(), &lead, Role::Lead(county.partnerships[0].id)).await;
    submit_older(bed, &county, 0).await;
    submit_older(bed, &county, 1).await;
    let act = bed.by(&county.administrator);
    let reason = line("Nothing older is taken any more.");
    bed.store.set_check_rule(county.scope(), &act, Rule::OlderPeriod, Strength::Error, reason).await.done();
    let open = Refusal::Unexplained(csp_domain::check::Unexplained(vec![finding("older-period")]));
    let signed = bed.store.step_return(county.scope_of(0), &bed.by(&lead), lead.id, step(&county, 0, Deed::Sign)).await;
    assert_eq!(signed.refused(), open);
    let editor = &county.editor;
    let accepted = bed.store.step_return(county.scope(), &bed.by(editor), editor.id, step(&county, 1, Deed::Accept)).await;
    assert_eq!(accepted.refused(), open);
}

pub(crate) async fn a_reason_that_answers_what_stands_is_gathered_and_its_writer_is_an_author(bed: &Bed) {
    let county = bed.county("north").await;
    let (own, officer) = (county.scope_of(0), &county.officers[0]);
    let deputy = bed.person(county.scope(), "deputy").await;
    let month = |n: u32, value: u32| {
        let period = quarter(&format!("{}-{:02}", 2020 + (n + 4) / 12, (n + 4) % 12 + 1));
        Figure { period, ..county.burglary(value) }
    };
    let send = |last: u32| (0..20).map(|n| month(n, if n == 19 { last } else { 70 + (n * 7) % 11 })).collect::<Vec<Figure>>();
    bed.store.create_return(own, &bed.by(officer), officer.id, bed.new_return(&county, 0, send(140))).await.done();
    bed.store.explain(own, &bed.by(&deputy), deputy.id, note(&county, 0, "outside-limits.burglary", "One gang.")).await.done();
    bed.store.explain(own, &bed.by(&deputy), deputy.id, note(&county, 0, "older-period", "History.")).await.done();
    let gathered = bed.store.gather(county.scope(), county.cycle.id).await.done();
    let reasons: Vec<_> = gathered.reasons.iter().map(|reason| (reason.partnership, reason.indicator, reason.note.as_str())).collect();
    assert_eq!(reasons, [(county.partnerships[0].id, county.indicators[0].id, "One gang.")]);
    assert!(gathered.authors.contains(&deputy.id));

    bed.store.update_return(own, &bed.by(officer), officer.id, bed.new_return(&county, 0, send(150)), None).await.done();
    let gathered = bed.store.gather(county.scope(), county.cycle.id).await.done();
    assert_eq!(gathered.reasons, [], "it was said of another figure");
    assert!(!gathered.authors.contains(&deputy.id));
    assert_eq!(bed.raw().number("SELECT COUNT(*) FROM explanations").await, 2, "and stays with the return");
}
