//! Receipts that are wanted by mail: as many as were asked for, each of what was sent in.

use csp_domain::{
    Act,
    message::{MessageKind, NewMessage},
    receipt,
    returns::{Manner, NewReturn},
};
use csp_store::{MessageFilter, Page, ReceiptWish, StoreError};
use csp_tests::{Bed, County};

use crate::verdict::{Verdict as _, at_once};

fn wanted() -> Manner {
    Manner { on_behalf: None, mail_receipt: true }
}

/// The letter for a wish, as the scheduler would write it.
fn letter(bed: &Bed, county: &County, wish: ReceiptWish) -> (Vec<u8>, NewMessage) {
    let message = bed.new_message(MessageKind::Receipt, wish.answer.0, &county.officers[0]);
    (Bed::BODY.to_vec(), NewMessage { step: i32::try_from(wish.revision).expect("a small number"), ..message })
}

async fn receipts(bed: &Bed, county: &County) -> Vec<i32> {
    let all = bed.store.list_messages(county.scope(), MessageFilter::default(), Page::all()).await.done().items;
    all.iter().filter(|message| message.kind == MessageKind::Receipt).map(|message| message.step).collect()
}

pub(crate) async fn a_receipt_is_wanted_once_however_often_a_request_is_repeated(bed: &Bed) {
    let county = bed.county("north").await;
    let (officer, own) = (&county.officers[0], county.scope_of(0));
    let act = bed.by(officer).under(Some(bed.request("a return")));
    let new = bed.new_return(&county, 0, vec![county.burglary(12)]);
    let dry = Act { dry_run: true, ..bed.by(officer) };
    bed.store.submit_return(own, &dry, officer.id, new.clone(), wanted()).await.done();
    assert_eq!(bed.store.list_receipt_wishes().await.done(), [], "what is only tried is not received");
    let sent = bed.store.submit_return(own, &act, officer.id, new.clone(), wanted()).await.done();
    // Each call has an identifier in mind of its own.
    let repeated = NewReturn { id: bed.id(), ..new };
    assert_eq!(bed.store.submit_return(own, &act, officer.id, repeated, wanted()).await.done(), sent);
    let wish =
        ReceiptWish { region: county.region.id, answer: sent.id, revision: 1, partnership: county.partnerships[0].id, person: officer.id };
    assert_eq!(bed.store.list_receipt_wishes().await.done(), [wish]);

    // A correction without the wish, and one with it; of what was sent first the receipt stays what it was.
    let corrected = bed.new_return(&county, 0, vec![county.burglary(13)]);
    bed.store.update_return(own, &bed.by(officer), officer.id, corrected, None).await.done();
    let again = bed.new_return(&county, 0, vec![county.burglary(14)]);
    bed.store.correct_return(own, &bed.by(officer), officer.id, again, None, wanted()).await.done();
    let wishes = bed.store.list_receipt_wishes().await.done();
    assert_eq!(wishes, [wish, ReceiptWish { revision: 3, ..wish }]);
    let first = bed.store.return_to_receipt(county.scope(), wish).await.done();
    assert_eq!((first.content.clone(), first.sent, first.submitted_at), (sent.content.clone(), 1, sent.submitted_at));
    assert_eq!(receipt::hash_of(&first), receipt::hash_of(&sent));
    assert_eq!(bed.store.return_to_receipt(county.scope(), wishes[1]).await.done().content.figures(), [county.burglary(14)]);

    for wish in wishes {
        assert!(bed.store.mail_receipt(county.scope(), &bed.by_schedule(), wish, letter(bed, &county, wish)).await.done());
        assert!(!bed.store.mail_receipt(county.scope(), &bed.by_schedule(), wish, letter(bed, &county, wish)).await.done());
    }
    assert_eq!(receipts(bed, &county).await, [1, 3]);
    assert_eq!(bed.store.list_receipt_wishes().await.done(), []);
}

pub(crate) async fn of_two_servers_one_mails_a_receipt(bed: &Bed) {
    let county = bed.county("north").await;
    let (officer, own) = (&county.officers[0], county.scope_of(0));
    let new = bed.new_return(&county, 0, vec![county.burglary(12)]);
    bed.store.submit_return(own, &bed.by(officer), officer.id, new, wanted()).await.done();
    let wish = bed.store.list_receipt_wishes().await.done()[0];
    let tries = (0..6).map(|_| {
        let (store, act, scope, letter) = (bed.store.clone(), bed.by_schedule(), county.scope(), letter(bed, &county, wish));
        let mails: std::pin::Pin<Box<dyn Future<Output = bool> + Send>> =
            Box::pin(async move { store.mail_receipt(scope, &act, wish, letter).await.done() });
        mails
    });
    let answers = at_once(tries.collect()).await;
    assert_eq!(answers.iter().filter(|first| **first).count(), 1, "{answers:?}");
    assert_eq!(receipts(bed, &county).await, [1]);
}

pub(crate) async fn a_receipt_is_not_to_be_had_in_another_region_or_of_another_partnership(bed: &Bed) {
    let (north, south) = (bed.county("north").await, bed.county("south").await);
    let officer = &north.officers[0];
    let new = bed.new_return(&north, 0, vec![north.burglary(12)]);
    bed.store.submit_return(north.scope_of(0), &bed.by(officer), officer.id, new, wanted()).await.done();
    let wish = bed.store.list_receipt_wishes().await.done()[0];
    bed.store.return_to_receipt(south.scope(), wish).await.not_found();
    let misnamed = ReceiptWish { partnership: north.partnerships[1].id, ..wish };
    bed.store.return_to_receipt(north.scope(), misnamed).await.not_found();
    assert!(
        !bed.store.mail_receipt(south.scope(), &bed.by_schedule(), wish, letter(bed, &north, wish)).await.done(),
        "there it is nobody's"
    );
    assert_eq!(bed.store.list_receipt_wishes().await.done(), [wish]);
    // Nobody wants a receipt of somebody else's return.
    let stranger = &south.officers[0];
    let theirs = bed.new_return(&north, 0, vec![north.burglary(1)]);
    let refused = bed.store.submit_return(south.scope_of(0), &bed.by(stranger), stranger.id, theirs, wanted()).await;
    assert!(matches!(refused, Err(StoreError::NotFound(_))), "{refused:?}");
    assert_eq!(bed.store.list_receipt_wishes().await.done().len(), 1);
}
