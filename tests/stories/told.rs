//! What happened to a return is told to whoever has to act on it, once.

use csp_proto::v1;
use csp_tests::Bed;
use mail_parser::MessageParser;
use tonic_types::StatusExt as _;

use crate::world::{CYCLE, REGION, World, partnership, two_figures};

/// Letters to an address, by subject.
fn letters(world: &World, to: &str) -> Vec<(String, String)> {
    let mails = world.sink.messages();
    let to = mails.iter().filter(|mail| mail.to == format!("{to}@example.org"));
    to.map(|mail| {
        let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
        (parsed.subject().unwrap().to_owned(), parsed.body_text(0).unwrap().into_owned())
    })
    .filter(|(subject, _)| subject.contains("was sent back") || subject.contains("after the freeze"))
    .collect()
}

pub(crate) async fn an_officer_hears_at_once_and_once_that_their_return_was_sent_back(bed: Bed) {
    let world = World::on(bed).await;
    let lead = world.person(&world.administrator, "lead-gateshead", v1::Role::Lead, &partnership(0)).await.unwrap();
    world.at("2022-01-05T10:00:00Z").await;
    let sent =
        world.returns().create_return(world.officers[0].call(two_figures(0, CYCLE, "2021-q3", "206", "291"))).await.unwrap().into_inner();
    let back =
        v1::SendBackReturnRequest { name: sent.name.clone(), reasons: "Burglary is that of December alone.".into(), etag: sent.etag };
    let back = world.returns().send_back_return(lead.call(back)).await.unwrap().into_inner();
    // In the evening, long after the morning's round.
    assert_eq!(world.at("2022-01-05T20:00:00Z").await.told, 1);
    assert_eq!(world.at("2022-01-05T20:00:30Z").await.told, 0);
    let told = letters(&world, "officer-gateshead");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "Gateshead: the return for Q3 2021/22 was sent back");
    assert!(told[0].1.contains("Burglary is that of December alone."), "{}", told[0].1);
    // Sent in again and sent back again: that is another thing to be told.
    let again = two_figures(0, CYCLE, "2021-q3", "207", "291");
    let changed = v1::Return { name: back.name, etag: back.etag, ..again.answer.unwrap() };
    let update = v1::UpdateReturnRequest { answer: Some(changed), ..Default::default() };
    let sent = world.returns().update_return(world.officers[0].call(update)).await.unwrap().into_inner();
    let back = v1::SendBackReturnRequest { name: sent.name, reasons: "Still December alone.".into(), etag: sent.etag };
    world.returns().send_back_return(lead.call(back)).await.unwrap();
    world.at("2022-01-05T21:00:00Z").await;
    assert_eq!(letters(&world, "officer-gateshead").len(), 2);
}

pub(crate) async fn an_editor_hears_what_was_signed_when_the_paper_was_frozen_already(bed: Bed) {
    let world = World::on(bed).await;
    let lead = world.person(&world.administrator, "lead-gateshead", v1::Role::Lead, &partnership(0)).await.unwrap();
    world.at("2022-01-05T10:00:00Z").await;
    let sent =
        world.returns().create_return(world.officers[0].call(two_figures(0, CYCLE, "2021-q3", "206", "291"))).await.unwrap().into_inner();
    assert_eq!(world.at("2022-01-12T17:00:01Z").await.frozen, 1);
    assert_eq!(letters(&world, "editor").len(), 0);
    world.bed.clock.set(csp_tests::at("2022-01-12T18:00:00Z"));
    world.returns().sign_return(lead.call(v1::SignReturnRequest { name: sent.name, etag: sent.etag })).await.unwrap();
    assert_eq!(world.at("2022-01-12T18:00:30Z").await.told, 1);
    assert_eq!(world.at("2022-01-12T18:01:00Z").await.told, 0);
    let told = letters(&world, "editor");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "Citizen Focus Committee: Gateshead’s return for Q3 2021/22 was signed after the freeze");
    // They make the paper anew, with it.
    let freeze = v1::FreezeDigestRequest { parent: CYCLE.into(), ..Default::default() };
    world.digests().freeze_digest(world.editor.call(freeze)).await.unwrap();
    assert_eq!(world.at("2022-01-12T18:02:00Z").await.told, 0);
}

/// What failed in the morning is not sent again on another day, by anybody.
pub(crate) async fn a_stale_reminder_is_not_sent_again(bed: Bed) {
    use csp_mail::sink::{Act, Script, Step};
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let refuses = Script::accepting().always_for("officer-gateshead@example.org", Step::Rcpt, Act::reply("550 5.1.1 no such user"));
    world.sink.set_script(refuses);
    assert!(world.at("2022-01-11T09:00:00Z").await.reminded > 0);
    let list = v1::ListMessagesRequest { parent: REGION.into(), state: v1::MessageState::Failed.into(), ..Default::default() };
    let failed = world.messages().list_messages(world.administrator.call(list)).await.unwrap().into_inner().messages;
    assert_eq!(failed.len(), 1);
    let retry = v1::RetryMessageRequest { name: failed[0].name.clone() };
    world.messages().retry_message(world.administrator.call(retry.clone())).await.unwrap();
    world.scheduler.deliver().await.unwrap();
    world.bed.clock.set(csp_tests::at("2022-01-12T08:00:00Z"));
    let refused = world.messages().retry_message(world.administrator.call(retry)).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "STALE_REMINDER");
}
