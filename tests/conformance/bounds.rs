//! How much a region keeps of what grows with years: the bound holds, and what lies just below it is taken.

use csp_domain::context_note::ContextNote;
use csp_store::Refusal;
use csp_tests::{Bed, Raw, line};

use crate::{
    verdict::Verdict as _,
    wordings::{of_news, propose},
};

pub(crate) async fn a_region_keeps_so_many_context_notes_and_no_more(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, act) = (county.scope(), bed.by(&county.administrator));
    let kept = bed.store.create_context_note(scope, &act, bed.new_context_note()).await.done();
    let raw = bed.raw();
    let id = match &raw {
        Raw::Sqlite(_) => "randomblob(16)",
        Raw::Postgres(_) => "gen_random_uuid()",
    };
    // All but one of them, behind the store's back: one after the other would take a minute.
    let wanted = u64::try_from(ContextNote::MOST).unwrap_or(u64::MAX) - 1;
    let mut there = 1;
    while there < wanted {
        there += raw
            .execute(&format!(
                "INSERT INTO context_notes (region_id, context_note_id, starts_on, ends_on, sentence, created_at, revision) \
                 SELECT region_id, {id}, starts_on, ends_on, sentence, created_at, revision FROM context_notes LIMIT {}",
                wanted - there
            ))
            .await;
    }
    bed.store.create_context_note(scope, &act, bed.new_context_note()).await.done();
    let before = raw.rows("context_notes", county.region.id).await;
    assert_eq!(bed.store.create_context_note(scope, &act, bed.new_context_note()).await.refused(), Refusal::TooManyContextNotes);
    assert_eq!(raw.rows("context_notes", county.region.id).await, before, "nothing of it stays");
    // What was removed stays on record, and counts.
    bed.store.remove_context_note(scope, &act, kept.id, line("Wrong days"), None).await.done();
    assert_eq!(bed.store.create_context_note(scope, &act, bed.new_context_note()).await.refused(), Refusal::TooManyContextNotes);
    // Another region has its own.
    let south = bed.county("south").await;
    bed.store.create_context_note(south.scope(), &bed.by(&south.administrator), bed.new_context_note()).await.done();
}

pub(crate) async fn the_wordings_of_a_cycle_are_so_long_together_and_no_longer(bed: &Bed) {
    let county = bed.county("north").await;
    let (item, next) = (bed.tell(&county, 0, "Wardens").await, bed.tell(&county, 0, "Alley gates").await);
    propose(bed, &county, of_news(bed, &county, 0, &item, "Wardens go round")).await.done();
    let (raw, most) = (bed.raw(), 8 * 1024 * 1024);
    let long = |letters: usize| match &raw {
        Raw::Sqlite(_) => format!("printf('%.*c', {letters}, 'x')"),
        Raw::Postgres(_) => format!("repeat('x', {letters})"),
    };
    raw.execute(&format!("UPDATE wordings SET original = {}", long(most))).await;
    let before = raw.number("SELECT COUNT(*) FROM wordings").await;
    let refused = propose(bed, &county, of_news(bed, &county, 0, &next, "Gates are shut")).await;
    assert_eq!(refused.refused(), Refusal::TooManyWordings);
    assert_eq!(raw.number("SELECT COUNT(*) FROM wordings").await, before);
    raw.execute(&format!("UPDATE wordings SET original = {}", long(most - 4096))).await;
    propose(bed, &county, of_news(bed, &county, 0, &next, "Gates are shut")).await.done();
    // It is one partnership's bound, and takes no room from others.
    raw.execute(&format!("UPDATE wordings SET original = {}", long(most))).await;
    let theirs = bed.tell(&county, 1, "Wardens").await;
    propose(bed, &county, of_news(bed, &county, 1, &theirs, "Wardens elsewhere")).await.done();
}
