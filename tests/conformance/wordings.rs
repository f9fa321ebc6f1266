//! Wordings: what an editor proposes and a lead answers, on both engines.

use csp_domain::{
    chance::{Chance as _, SeededChance},
    id::WordingId,
    narrative::Narrative,
    news::NewsItem,
    person::{Person, Role},
    returns::{Content, NewReturn, Return},
    signoff::{Deed, Hand},
    wording::{Answerer, Ended, NewWording, Subject, WhyNot, Wording, WordingDeed, WordingState, WordingTally, Words, after},
};
use csp_store::{NewsChange, Page, Refusal, StoreError, WordingFilter, WordingStep};
use csp_tests::{Bed, County, line};

use crate::verdict::{Hidden as _, Verdict as _, at_once};

/// A wording of a news item that says something else.
pub(crate) fn of_news(bed: &Bed, county: &County, n: usize, item: &NewsItem, headline: &str) -> NewWording {
    let body = Narrative::from_markdown("It went **very** well.\n\n- for all").expect("this is Markdown");
    NewWording {
        id: WordingId(bed.id()),
        partnership: county.partnerships[n].id,
        cycle: item.cycle,
        subject: Subject::News(item.id),
        proposed: Words::News { headline: line(headline), body },
        note: Some(line("Shorter – “and” kinder")),
        etag: None,
    }
}

/// The editor proposes it.
pub(crate) async fn propose(bed: &Bed, county: &County, new: NewWording) -> Result<Wording, StoreError> {
    bed.store.propose_wording(county.scope(), &bed.by(&county.editor), county.editor.id, new).await
}

fn step(county: &County, n: usize, id: WordingId, deed: WordingDeed) -> WordingStep {
    WordingStep {
        partnership: county.partnerships[n].id,
        id,
        deed,
        hands: Hand::ALL.to_vec(),
        reason: (deed == WordingDeed::Refuse).then(|| line("They asked for their own words.")),
        revision: None,
    }
}

/// Somebody who may act as anything takes a step.
pub(crate) async fn answer(
    bed: &Bed,
    county: &County,
    n: usize,
    by: &Person,
    id: WordingId,
    deed: WordingDeed,
) -> Result<Wording, StoreError> {
    bed.store.step_wording(county.scope(), &bed.by(by), by.id, step(county, n, id, deed)).await
}

async fn state(bed: &Bed, county: &County, n: usize, id: WordingId) -> WordingState {
    bed.store.get_wording(county.scope_of(n), county.partnerships[n].id, id).await.done().state
}

#[track_caller]
fn why(refused: Result<Wording, StoreError>) -> WhyNot {
    match refused.refused() {
        Refusal::Wording(refused) => refused.why,
        other => panic!("{other:?}"),
    }
}

async fn nil(bed: &Bed, county: &County, n: usize, statement: &str) -> Return {
    let content = Content::Nil { statement: line(statement) };
    let new = NewReturn { content, ..bed.new_return(county, n, Vec::new()) };
    let officer = &county.officers[n];
    bed.store.create_return(county.scope_of(n), &bed.by(officer), officer.id, new).await.done()
}

fn of_nil(bed: &Bed, county: &County, n: usize, answer: &Return, statement: &str) -> NewWording {
    NewWording {
        id: WordingId(bed.id()),
        partnership: county.partnerships[n].id,
        cycle: county.cycle.id,
        subject: Subject::Return(answer.id),
        proposed: Words::Nil { statement: line(statement) },
        note: None,
        etag: None,
    }
}

/// Whether somebody wrote any of the paper as it would be frozen now.
async fn wrote(bed: &Bed, county: &County, who: &Person) -> bool {
    let edition = csp_edition::preview(&bed.store, county.scope(), county.cycle.id, None).await.expect("the paper can be made");
    edition.authors.contains(&who.id)
}

/// The words of the paper as it would be frozen now.
async fn paper(bed: &Bed, county: &County) -> String {
    let edition = csp_edition::preview(&bed.store, county.scope(), county.cycle.id, None).await.expect("the paper can be made");
    String::from_utf8(edition.bytes).expect("the tree is text")
}

pub(crate) async fn a_wording_keeps_every_field(bed: &Bed) {
    let county = bed.county("north").await;
    let item = bed.tell(&county, 0, "Wardens ‘on’ duty").await;
    let returned = nil(bed, &county, 0, "Nothing, really").await;
    let news = of_news(bed, &county, 0, &item, "Newyddion ‘da’ £5");
    let statement = of_nil(bed, &county, 0, &returned, "Nothing to report.");
    let originals = [Words::of_news(&item), Words::of_return(&returned).expect("a nil return has words")];
    let mut wanted = Vec::new();
    for (new, original) in [news, statement].into_iter().zip(originals) {
        let made = Wording {
            id: new.id,
            partnership: new.partnership,
            cycle: new.cycle,
            subject: new.subject,
            of_revision: 1,
            original,
            proposed: new.proposed.clone(),
            note: new.note.clone(),
            state: WordingState::Proposed,
            by: county.editor.id,
            at: bed.now(),
            ended: None,
            revision: 1,
        };
        assert_eq!(propose(bed, &county, new).await.done(), made);
        wanted.push(made);
    }
    bed.clock.advance(chrono::TimeDelta::minutes(7));
    let by = &county.administrator;
    let refused = answer(bed, &county, 0, by, wanted[0].id, WordingDeed::Refuse).await.done();
    let ended = Ended { by: Some(by.id), at: bed.now(), reason: Some(line("They asked for their own words.")) };
    wanted[0] = Wording { state: WordingState::Refused, ended: Some(ended), revision: 2, ..wanted[0].clone() };
    assert_eq!(refused, wanted[0]);
    let accepted = answer(bed, &county, 0, by, wanted[1].id, WordingDeed::Accept).await.done();
    let ended = Ended { by: Some(by.id), at: bed.now(), reason: None };
    wanted[1] = Wording { state: WordingState::Accepted, ended: Some(ended), revision: 2, ..wanted[1].clone() };
    assert_eq!(accepted, wanted[1]);
    for wording in &wanted {
        assert_eq!(&bed.store.get_wording(county.scope_of(0), wording.partnership, wording.id).await.done(), wording);
    }
    for (scope, partnership) in [(county.scope_of(0), Some(county.partnerships[0].id)), (county.scope(), None)] {
        for cycle in [None, Some(county.cycle.id)] {
            let filter = WordingFilter { partnership, cycle };
            assert_eq!(bed.store.list_wordings(scope, filter, Page::all()).await.done().items, wanted);
        }
    }
    let tally = WordingTally { accepted: 1, refused: 1, ..WordingTally::default() };
    let (standings, _) = bed.store.cycle_standing(county.scope(), county.cycle.id).await.done();
    assert_eq!((standings[0].wordings, standings[1].wordings), (tally, WordingTally::default()));
    // What was sent in is as it was; but another text prints, and who has read it reads it again.
    assert_eq!(bed.store.get_news_item(county.scope(), item.owner, item.id).await.done(), item);
    assert_eq!(
        bed.store.find_return(county.scope(), county.partnerships[0].id, county.cycle.id).await.done(),
        Some(Return { revision: 2, ..returned })
    );
}

pub(crate) async fn what_the_lead_accepted_is_printed_and_nothing_before(bed: &Bed) {
    let county = bed.county("north").await;
    let item = bed.tell(&county, 0, "Wardens done great").await;
    let returned = nil(bed, &county, 0, "Nowt this time").await;
    let news = propose(bed, &county, of_news(bed, &county, 0, &item, "Wardens did well")).await.done();
    let said = propose(bed, &county, of_nil(bed, &county, 0, &returned, "Nothing to report.")).await.done();
    let before = paper(bed, &county).await;
    assert!(before.contains("Wardens done great") && before.contains("Nowt this time") && before.contains("It went well."), "{before}");
    assert!(!before.contains("did well") && !before.contains("Nothing to report."), "{before}");
    assert!(!wrote(bed, &county, &county.editor).await, "nothing of the editor's is printed");

    let lead = &county.administrator;
    answer(bed, &county, 0, lead, news.id, WordingDeed::Accept).await.done();
    answer(bed, &county, 0, lead, said.id, WordingDeed::Accept).await.done();
    let after = paper(bed, &county).await;
    assert!(after.contains("Wardens did well") && after.contains("Nothing to report.") && after.contains("for all"), "{after}");
    assert!(!after.contains("done great") && !after.contains("Nowt") && !after.contains("It went well."), "{after}");
    assert!(wrote(bed, &county, &county.editor).await, "whoever worded it wrote a part of the paper");
    // The partnership sees it so before it signs.
    let own = csp_edition::preview(&bed.store, county.scope(), county.cycle.id, Some(vec![county.partnerships[0].id])).await;
    let own = String::from_utf8(own.expect("the part can be made").bytes).expect("the tree is text");
    assert!(own.contains("Wardens did well"), "{own}");

    // A later one waits beside the one that is printed, and takes its place once it is accepted.
    let later = propose(bed, &county, of_news(bed, &county, 0, &item, "Wardens on duty")).await.done();
    assert!(paper(bed, &county).await.contains("Wardens did well"));
    answer(bed, &county, 0, lead, later.id, WordingDeed::Accept).await.done();
    assert!(paper(bed, &county).await.contains("Wardens on duty"));
    assert_eq!(state(bed, &county, 0, news.id).await, WordingState::Replaced);
    answer(bed, &county, 0, lead, later.id, WordingDeed::Refuse).await.done();
    answer(bed, &county, 0, &county.editor, said.id, WordingDeed::Withdraw).await.done();
    assert_eq!(paper(bed, &county).await, before, "what was sent in was never lost");
}

pub(crate) async fn who_worded_what_is_not_printed_wrote_none_of_the_paper(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = bed.person(county.scope(), "lead").await;
    bed.grant(county.scope(), &lead, Role::Lead(county.partnerships[0].id)).await;
    let returned = nil(bed, &county, 0, "Nowt this time").await;
    let item = bed.tell(&county, 0, "Wardens done great").await;
    let news = propose(bed, &county, of_news(bed, &county, 0, &item, "Wardens did well")).await.done();
    answer(bed, &county, 0, &lead, news.id, WordingDeed::Accept).await.done();
    assert!(!wrote(bed, &county, &county.editor).await, "nobody has signed the return, so none of it is printed");
    bed.store.step_return(county.scope(), &bed.by(&lead), lead.id, crate::signoff::step(&county, 0, Deed::Sign)).await.done();
    assert!(wrote(bed, &county, &county.editor).await);

    // What was read is the return; a signature leaves its words what they are.
    let signed = bed.store.find_return(county.scope(), county.partnerships[0].id, county.cycle.id).await.done().expect("it is there");
    assert!(signed.revision > returned.revision);
    let asked = |etag| NewWording { etag: Some(etag), ..of_nil(bed, &county, 0, &returned, "Nothing to report.") };
    propose(bed, &county, asked(returned.revision)).await.changed();
    let made = propose(bed, &county, asked(signed.revision)).await.done();
    assert_eq!(made.of_revision, signed.sent, "it is of the words as they were sent in");
}

pub(crate) async fn a_wording_of_what_stands_no_more_lapses(bed: &Bed) {
    let county = bed.county("north").await;
    let (own, officer) = (county.scope_of(0), &county.officers[0]);
    let item = bed.tell(&county, 0, "Wardens").await;
    let returned = nil(bed, &county, 0, "Nowt").await;
    let first = propose(bed, &county, of_news(bed, &county, 0, &item, "One")).await.done();
    let said = propose(bed, &county, of_nil(bed, &county, 0, &returned, "Nothing to report.")).await.done();
    answer(bed, &county, 0, &county.administrator, said.id, WordingDeed::Accept).await.done();

    let change = NewsChange { headline: Some(line("Wardens again")), ..NewsChange::default() };
    bed.store.update_news_item(own, &bed.by(officer), officer.id, item.owner, item.id, change, None).await.done();
    let lapsed = bed.store.get_wording(own, county.partnerships[0].id, first.id).await.done();
    assert_eq!((lapsed.state, lapsed.ended.as_ref().and_then(|ended| ended.by)), (WordingState::Lapsed, Some(officer.id)));
    assert_eq!(lapsed.original, Words::of_news(&item), "what it was a wording of is kept");
    assert_eq!(why(answer(bed, &county, 0, &county.administrator, first.id, WordingDeed::Accept).await), WhyNot::State);
    assert_eq!(state(bed, &county, 0, said.id).await, WordingState::Accepted, "the return is as it was");

    let again = NewReturn { content: Content::Nil { statement: line("Nowt at all") }, ..bed.new_return(&county, 0, Vec::new()) };
    bed.store.update_return(own, &bed.by(officer), officer.id, again, None).await.done();
    assert_eq!(state(bed, &county, 0, said.id).await, WordingState::Lapsed);
    assert!(paper(bed, &county).await.contains("Nowt at all"));

    // Who read what stood before is told so.
    let stale = NewWording { etag: Some(1), ..of_news(bed, &county, 0, &item, "Two") };
    propose(bed, &county, stale).await.changed();
    let second = propose(bed, &county, of_news(bed, &county, 0, &item, "Two")).await.done();
    assert_eq!(second.of_revision, 2);
    let third = propose(bed, &county, of_news(bed, &county, 0, &item, "Three")).await.done();
    assert_eq!(state(bed, &county, 0, second.id).await, WordingState::Replaced);
    bed.store.withdraw_news_item(own, &bed.by(officer), item.owner, item.id, None).await.done();
    assert_eq!(state(bed, &county, 0, third.id).await, WordingState::Lapsed);
    let gone = propose(bed, &county, of_news(bed, &county, 0, &item, "Four")).await.refused();
    assert_eq!(gone, Refusal::AlreadyWithdrawn);
}

pub(crate) async fn figures_are_not_worded_and_the_same_words_are_none(bed: &Bed) {
    let county = bed.county("north").await;
    let figures = bed.submit(&county, 0, 7).await;
    let before = bed.raw().everything().await;
    assert_eq!(propose(bed, &county, of_nil(bed, &county, 0, &figures, "Nothing")).await.refused(), Refusal::FiguresStand);
    assert_eq!(bed.raw().everything().await, before);
    let returned = nil(bed, &county, 1, "Nothing to report.").await;
    assert_eq!(propose(bed, &county, of_nil(bed, &county, 1, &returned, "Nothing to report.")).await.refused(), Refusal::SameWords);
    // Another partnership's text is not this one's.
    propose(bed, &county, NewWording { partnership: county.partnerships[2].id, ..of_nil(bed, &county, 1, &returned, "Nowt") })
        .await
        .not_found();
    let item = bed.tell(&county, 0, "News").await;
    propose(bed, &county, NewWording { partnership: county.partnerships[2].id, ..of_news(bed, &county, 0, &item, "Nowt") })
        .await
        .not_found();
    assert_eq!(
        why(async {
            let made = propose(bed, &county, of_news(bed, &county, 0, &item, "Otherwise")).await.done();
            answer(bed, &county, 0, &county.editor, made.id, WordingDeed::Accept).await
        }
        .await),
        WhyNot::Proposer,
        "nobody answers what they proposed, whatever they may act as"
    );
}

pub(crate) async fn no_answer_counts_for_what_is_frozen(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = bed.person(county.scope(), "lead").await;
    bed.grant(county.scope(), &lead, Role::Lead(county.partnerships[1].id)).await;
    let printed = bed.tell(&county, 0, "Printed as sent").await;
    let waits = propose(bed, &county, of_news(bed, &county, 0, &printed, "Too late")).await.done();
    // The second partnership's lead has not signed: nothing of it is in the first paper.
    bed.submit(&county, 1, 4_407).await;
    let unsigned = bed.tell(&county, 1, "Unsigned news").await;
    let open = propose(bed, &county, of_news(bed, &county, 1, &unsigned, "Worded after the freeze")).await.done();
    bed.close(&county).await;
    assert_eq!(why(answer(bed, &county, 0, &lead, waits.id, WordingDeed::Accept).await), WhyNot::Frozen, "the bell may ring a moment late");
    let (act, due_at) = (bed.by_schedule(), county.cycle.timetable.deadline_at);
    csp_edition::freeze_first(&bed.store, county.scope(), &act, bed.id(), county.cycle.id, due_at)
        .await
        .expect("it freezes")
        .expect("once");
    let ended = bed.store.get_wording(county.scope(), waits.partnership, waits.id).await.done();
    assert_eq!((ended.state, ended.ended.map(|ended| ended.by)), (WordingState::Unanswered, Some(None)), "the schedule ended it");
    for deed in [WordingDeed::Accept, WordingDeed::Refuse, WordingDeed::Withdraw] {
        assert_eq!(why(answer(bed, &county, 0, &lead, waits.id, deed).await), WhyNot::Frozen);
    }
    assert_eq!(why(propose(bed, &county, of_news(bed, &county, 0, &printed, "Later still")).await), WhyNot::Frozen);

    // What the paper left out goes on until it is in one.
    answer(bed, &county, 1, &lead, open.id, WordingDeed::Accept).await.done();
    let sign = csp_store::ReturnStep {
        partnership: county.partnerships[1].id,
        cycle: county.cycle.id,
        deed: Deed::Sign,
        hands: vec![Hand::Lead],
        reasons: None,
        revision: None,
    };
    bed.store.step_return(county.scope(), &bed.by(&lead), lead.id, sign).await.done();
    let editor = &county.editor;
    let second =
        csp_edition::freeze(&bed.store, county.scope(), &bed.by(editor), bed.id(), county.cycle.id).await.expect("a second version");
    let document = String::from_utf8(bed.store.get_public_document(county.scope(), second.id).await.done()).expect("text");
    assert!(document.contains("Worded after the freeze") && !document.contains("Unsigned news"), "{document}");
    assert!(document.contains("Printed as sent") && !document.contains("Too late"), "{document}");
    assert_eq!(why(answer(bed, &county, 1, &lead, open.id, WordingDeed::Refuse).await), WhyNot::Frozen);
    assert_eq!(state(bed, &county, 1, open.id).await, WordingState::Accepted);
}

pub(crate) async fn what_is_frozen_has_the_wordings_that_were_gathered(bed: &Bed) {
    let county = bed.county("north").await;
    let lead = bed.person(county.scope(), "lead").await;
    bed.grant(county.scope(), &lead, Role::Lead(county.partnerships[0].id)).await;
    bed.submit(&county, 0, 7).await;
    let item = bed.tell(&county, 0, "Unsigned news").await;
    let waits = propose(bed, &county, of_news(bed, &county, 0, &item, "Otherwise")).await.done();
    bed.close(&county).await;
    // Gathered before the lead accepts, frozen after.
    let new = bed.new_digest(&county, "Update");
    answer(bed, &county, 0, &lead, waits.id, WordingDeed::Accept).await.done();
    bed.store.freeze_digest(county.scope(), &bed.by(&county.editor), new.clone()).await.changed();
    let new = csp_domain::digest::NewDigest { worded: vec![waits.id], ..new };
    bed.store.freeze_digest(county.scope(), &bed.by(&county.editor), new).await.done();
}

pub(crate) async fn of_two_who_answer_one_does(bed: &Bed) {
    let county = bed.county("north").await;
    for n in 0..6 {
        let item = bed.tell(&county, 0, &format!("Item {n}")).await;
        let made = propose(bed, &county, of_news(bed, &county, 0, &item, &format!("Other {n}"))).await.done();
        let calls = [(WordingDeed::Accept, &county.administrator), (WordingDeed::Refuse, &county.approver)].map(|(deed, by)| {
            let (store, act, scope, by) = (bed.store.clone(), bed.by(by), county.scope(), by.id);
            let step = WordingStep { revision: Some(1), ..step(&county, 0, made.id, deed) };
            async move { store.step_wording(scope, &act, by, step).await }
        });
        let ended = at_once(calls.into()).await;
        assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
        for lost in ended.into_iter().filter(Result::is_err) {
            lost.changed();
        }
    }
}

pub(crate) async fn a_walk_at_random_with_wordings_goes_where_the_machine_says(bed: &Bed) {
    let county = bed.county("north").await;
    let people = [&county.administrator, &county.approver, &county.editor, &county.officers[0]];
    let chance = SeededChance::new(20_261_130);
    let pick = |most: usize| {
        let mut byte = [0_u8; 2];
        chance.fill(&mut byte);
        usize::from(u16::from_le_bytes(byte)) % most
    };
    let mut item = bed.tell(&county, 0, "Wardens").await;
    let mut known: Vec<(WordingId, WordingState)> = Vec::new();
    let (mut taken, mut refused) = (0, 0);
    for n in 0..300 {
        let living = |known: &[(WordingId, WordingState)]| known.iter().filter(|(_, state)| state.lives()).count();
        match pick(8) {
            0 | 1 => {
                let made = propose(bed, &county, of_news(bed, &county, 0, &item, &format!("Wording {n}"))).await.done();
                for (_, state) in known.iter_mut().filter(|(_, state)| *state == WordingState::Proposed) {
                    *state = WordingState::Replaced;
                }
                known.push((made.id, WordingState::Proposed));
            }
            2 if living(&known) > 0 && pick(3) == 0 => {
                let officer = &county.officers[0];
                let change = NewsChange { headline: Some(line(&format!("Wardens {n}"))), ..NewsChange::default() };
                let changed =
                    bed.store.update_news_item(county.scope_of(0), &bed.by(officer), officer.id, item.owner, item.id, change, None).await;
                item = changed.done();
                for (_, state) in known.iter_mut().filter(|(_, state)| state.lives()) {
                    *state = WordingState::Lapsed;
                }
            }
            _ if known.is_empty() => {}
            _ => {
                // The latest are the ones that anything can become of.
                let at = known.len() - 1 - pick(known.len().min(2));
                let (id, before) = known[at];
                let deed = [WordingDeed::Accept, WordingDeed::Refuse, WordingDeed::Withdraw][pick(3)];
                let by = people[pick(people.len())];
                let hands: Vec<Hand> = Hand::ALL.into_iter().filter(|_| pick(4) > 0).collect();
                let wanted = after(before, deed, &Answerer { hands: hands.clone(), proposer: by.id == county.editor.id, frozen: false });
                let step = WordingStep { hands, ..step(&county, 0, id, deed) };
                let found = bed.store.step_wording(county.scope(), &bed.by(by), by.id, step).await;
                match (found, wanted) {
                    (Ok(made), Ok(state)) => {
                        assert_eq!(made.state, state, "{deed:?} of {before:?}");
                        known[at].1 = state;
                        if state == WordingState::Accepted {
                            for (other, state) in &mut known {
                                if *other != id && state.lives() {
                                    *state = WordingState::Replaced;
                                }
                            }
                        }
                        taken += 1;
                    }
                    (Err(StoreError::Refused(Refusal::Wording(found))), Err(wanted)) => {
                        assert_eq!(found, wanted);
                        refused += 1;
                    }
                    (found, wanted) => panic!("{deed:?} of {before:?}: {found:?}, the machine says {wanted:?}"),
                }
            }
        }
        let printed = known.iter().filter(|(_, state)| *state == WordingState::Accepted).count();
        assert!(printed <= 1 && living(&known) <= 2, "{known:?}");
    }
    let filter = WordingFilter { partnership: Some(county.partnerships[0].id), cycle: None };
    let stored = bed.store.list_wordings(county.scope(), filter, Page::all()).await.done().items;
    assert_eq!(stored.iter().map(|wording| (wording.id, wording.state)).collect::<Vec<_>>(), known);
    assert!(taken > 20 && refused > 100, "{taken} steps taken, {refused} refused");
}

pub(crate) async fn a_strangers_wordings_are_none(bed: &Bed) {
    let (north, south) = (bed.county("north").await, bed.county("south").await);
    let item = bed.tell(&south, 1, "Not yet for others").await;
    let theirs = propose(bed, &south, of_news(bed, &south, 1, &item, "Otherwise")).await.done();
    let before = bed.raw().everything().await;
    let (act, by) = (bed.by(&north.editor), north.editor.id);
    // Another region, whatever name is given.
    for scope in [north.scope(), north.scope_of(1)] {
        bed.store.get_wording(scope, theirs.partnership, theirs.id).await.not_found();
        bed.store.propose_wording(scope, &act, by, of_news(bed, &south, 1, &item, "Ours")).await.not_found();
        let step = step(&south, 1, theirs.id, WordingDeed::Accept);
        bed.store.step_wording(scope, &act, by, step).await.not_found();
        assert_eq!(bed.store.list_waiting_wordings(scope).await.done(), []);
    }
    let filter = WordingFilter { partnership: None, cycle: Some(south.cycle.id) };
    assert_eq!(bed.store.list_wordings(north.scope(), filter, Page::all()).await.done().items, []);
    // The partnership next door.
    let next_door = south.scope_of(0);
    let (act, by) = (bed.by(&south.officers[0]), south.officers[0].id);
    bed.store.get_wording(next_door, theirs.partnership, theirs.id).await.not_found();
    bed.store.get_wording(next_door, south.partnerships[0].id, theirs.id).await.not_found();
    for partnership in [Some(theirs.partnership), None] {
        let listed = bed.store.list_wordings(next_door, WordingFilter { partnership, cycle: None }, Page::all()).await;
        listed.map(|listing| listing.items).hidden(|found| found.id == theirs.id);
    }
    for deed in [WordingDeed::Accept, WordingDeed::Refuse, WordingDeed::Withdraw] {
        bed.store.step_wording(next_door, &act, by, step(&south, 1, theirs.id, deed)).await.not_found();
    }
    assert_eq!(bed.store.list_waiting_wordings(next_door).await.done(), []);
    assert_eq!(bed.raw().everything().await, before);
    let waiting = bed.store.list_waiting_wordings(south.scope_of(1)).await.done();
    assert_eq!((waiting.len(), waiting[0].partnership, waiting[0].by), (1, theirs.partnership, south.editor.id));
}

pub(crate) async fn a_cycle_takes_so_many_wordings_and_no_more(bed: &Bed) {
    let county = bed.county("north").await;
    let item = bed.tell(&county, 0, "Wardens").await;
    for n in 0..400 {
        propose(bed, &county, of_news(bed, &county, 0, &item, &format!("Wording {n}"))).await.done();
    }
    assert_eq!(propose(bed, &county, of_news(bed, &county, 0, &item, "One more")).await.refused(), Refusal::TooManyWordings);
    let other = bed.tell(&county, 1, "Wardens").await;
    propose(bed, &county, of_news(bed, &county, 1, &other, "Another partnership's")).await.done();
}

pub(crate) async fn nothing_waits_when_the_cycle_is_over(bed: &Bed) {
    let county = bed.county("north").await;
    let item = bed.tell(&county, 0, "Wardens done great").await;
    let waits = propose(bed, &county, of_news(bed, &county, 0, &item, "Wardens did well")).await.done();
    assert_eq!(bed.store.list_waiting_wordings(county.scope()).await.done().len(), 1);
    bed.store.cancel_cycle(county.scope(), &bed.by(&county.administrator), county.cycle.id, None).await.done();
    assert_eq!(state(bed, &county, 0, waits.id).await, WordingState::Unanswered);

    // Also where its calendar takes the meeting back.
    let (committee, cycle) = bed.planned_committee(&county).await;
    bed.clock.set(cycle.timetable.opens_at);
    assert!(
        bed.store.advance_cycle(county.scope(), &bed.by_schedule(), cycle.id, csp_store::Job::Open, cycle.timetable.opens_at).await.done()
    );
    let of_it = County { cycle: cycle.clone(), ..county.clone() };
    let item = bed.tell(&of_it, 0, "Wardens done great again").await;
    let waits = propose(bed, &of_it, of_news(bed, &of_it, 0, &item, "Wardens did well again")).await.done();
    let off = csp_store::Meeting { cancelled: true, cycle: Some(cycle.id), ..bed.meeting("2022-04-28") };
    let act = bed.by(&county.administrator);
    bed.store.schedule_meetings(county.scope(), &act, committee.id, vec![off]).await.done();
    assert_eq!(state(bed, &county, 0, waits.id).await, WordingState::Unanswered);
    assert!(bed.store.list_waiting_wordings(county.scope()).await.done().is_empty());
}

pub(crate) async fn what_was_sent_back_was_not_printed_and_may_be_worded_still(bed: &Bed) {
    let county = bed.county("north").await;
    let returned = nil(bed, &county, 0, "Nowt this time").await;
    let waits = propose(bed, &county, of_nil(bed, &county, 0, &returned, "Nothing to report.")).await.done();
    let back = csp_store::ReturnStep {
        partnership: county.partnerships[0].id,
        cycle: county.cycle.id,
        deed: csp_domain::signoff::Deed::SendBack,
        hands: vec![csp_domain::signoff::Hand::Editor],
        reasons: Some(line("Please say why.")),
        revision: None,
    };
    let editor = &county.editor;
    bed.store.step_return(county.scope(), &bed.by(editor), editor.id, back).await.done();
    bed.close(&county).await;
    let due_at = county.cycle.timetable.deadline_at;
    csp_edition::freeze_first(&bed.store, county.scope(), &bed.by_schedule(), bed.id(), county.cycle.id, due_at).await.expect("it freezes");
    assert_eq!(state(bed, &county, 0, waits.id).await, WordingState::Proposed);
}
