//! What people do with an old service on the day after the upgrade.

use std::sync::Arc;

use chrono::TimeDelta;
use csp_domain::{chance::SeededChance, clock::SharedClock};
use csp_mail::sink::{Script, Sink};
use csp_proto::v1;
use csp_store::Store;
use csp_tests::{Bed, Ground, at};
use tonic::{Code, transport::Channel};

use crate::{
    fixture::{Facts, Fixture, rows},
    service::{call, channel, scheduler},
};

const NORTH: &str = "regions/northumbria/committees/citizen-focus";
const WEST: &str = "regions/wessex/committees/citizen-focus";

/// Everything that was true is true after migrating, and the quarter that was under way ends as it should.
pub(crate) async fn an_old_service_is_brought_up_to_date_and_goes_on(fixture: &Fixture, ground: Ground) {
    let facts = fixture.facts();
    fixture.lay_out(&ground).await;
    let before = rows(&ground.raw()).await;
    assert_eq!(before, facts.rows, "the fixture is what it says");
    Store::migrate(ground.settings()).await.unwrap();
    let after = rows(&ground.raw()).await;
    for (table, count) in &before {
        assert_eq!(after.get(table), Some(count), "{table}");
    }
    let bed = Bed::on(ground).await;
    assert_eq!(crate::readings::read(&bed.store).await, facts.readings);

    if facts.schema < 5 {
        sign_off_begins_with_what_was_there(&bed).await;
    }

    let waiting = "SELECT COUNT(*) FROM messages WHERE state IN ('queued', 'claimed', 'in_doubt') AND kind <> 'reminder' \
        AND subject NOT LIKE 'REHEARSAL%'";
    let waiting = usize::try_from(bed.raw().number(waiting).await).unwrap();
    assert!(waiting >= 3, "one of each");
    // In every region: each has its rehearsals.
    let accepted = async || bed.raw().number("SELECT COUNT(*) FROM messages WHERE state = 'accepted'").await;
    let accepted_before = accepted().await;
    let wished = usize::try_from(bed.raw().number("SELECT COUNT(*) FROM receipt_wishes").await).unwrap();

    bed.clock.set(facts.left_at + TimeDelta::hours(1));
    let clock: SharedClock = Arc::new(bed.clock.clone());
    let chance = Arc::new(SeededChance::new(facts.schema.unsigned_abs() + 1000));
    let store = bed.second_store(chance.clone()).await;
    let channel = channel(&store, clock.clone(), chance).await;
    sign_in(&channel, &facts).await;
    submit_and_correct(&channel, &facts).await;
    // Since then there are leads, without whom nothing of theirs is printed.
    if let Some(lead) = facts.tokens.get("lead") {
        sign(&channel, lead).await;
    }

    // The deadline of the quarter that was under way, then approval, then publication.
    let sink = Sink::start(Script::accepting()).await;
    let schedule = scheduler(&store, clock, 11, &sink);
    let old_mail = v1::ListMessagesRequest { parent: "regions/northumbria".into(), page_size: 1000, ..Default::default() };
    let administrator = &facts.tokens["administrator"];
    bed.clock.set(at("2022-04-20T12:00:00Z"));
    let tick = schedule.tick().await.unwrap();
    // Since meetings are planned by rules, there is a cycle of a third committee, whose release somebody holds back.
    let due = if facts.schema < 7 { 2 } else { 3 };
    assert_eq!((tick.closed, tick.frozen, tick.failed), (due, due, 0));
    approve(&channel, &facts, &format!("{NORTH}/cycles/2021-q4")).await;
    // The quarter's paper once it has cooled off, and the one that was approved already.
    for published in ["2022-04-22T12:00:00Z", "2022-05-04T12:00:00Z"] {
        bed.clock.set(at(published));
        let tick = schedule.tick().await.unwrap();
        assert_eq!((tick.released, tick.failed), (1, 0), "{published}");
    }
    schedule.deliver().await.unwrap();

    let mut client = v1::message_service_client::MessageServiceClient::new(channel).max_decoding_message_size(32 << 20);
    let messages = client.list_messages(call(administrator, old_mail)).await.unwrap().into_inner().messages;
    // Reminders of April that nobody carried until May are taken back.
    let in_state = |state: v1::MessageState| {
        messages.iter().filter(|message| message.state() == state && message.last_outcome != "it was for another day").count()
    };
    assert_eq!(in_state(v1::MessageState::Queued) + in_state(v1::MessageState::Claimed) + in_state(v1::MessageState::InDoubt), 0);
    // What was queued, in the hands of a worker or in doubt, and the receipts that were wished for; then ten members of one committee and one
    // of the other.
    let rehearsal = |mail: &csp_mail::sink::Received| String::from_utf8_lossy(&mail.bytes).contains("Subject: REHEARSAL");
    assert_eq!(sink.messages().iter().filter(|mail| !rehearsal(mail)).count(), waiting + wished + 10 + 1);
    assert_eq!(accepted().await, accepted_before + i64::try_from(sink.messages().len()).unwrap());
    let held = [v1::MessageState::Held, v1::MessageState::Failed, v1::MessageState::Suppressed, v1::MessageState::Cancelled].map(in_state);
    assert_eq!(held, [1, 1, 1, 1], "what waits for a person still waits");
    store.close().await;
}

/// Before there was sign-off: what is in a frozen paper is frozen, what was sent in otherwise waits as it did, every revision has
/// its step, and no committee asks for signatures that nobody was told of.
async fn sign_off_begins_with_what_was_there(bed: &Bed) {
    let raw = bed.raw();
    let in_paper = "EXISTS (SELECT 1 FROM digests d WHERE d.cycle_id = r.cycle_id AND d.state <> 'superseded')";
    let count = async |which: &str| raw.number(&format!("SELECT COUNT(*) FROM returns r WHERE {which}")).await;
    assert_eq!(count(&format!("r.state = 'frozen' AND NOT {in_paper}")).await, 0);
    assert_eq!(count(&format!("r.state = 'submitted' AND {in_paper}")).await, 0);
    assert!(count("r.state = 'frozen'").await >= 2 && count("r.state = 'submitted'").await >= 1);
    assert_eq!(count("r.state = 'withdrawn'").await, 1);
    let missing = "SELECT COUNT(*) FROM return_revisions v WHERE NOT EXISTS (SELECT 1 FROM return_steps s WHERE s.return_id = v.return_id \
        AND s.revision = v.revision AND s.done_by = v.submitted_by AND s.done_at = v.submitted_at)";
    assert_eq!(raw.number(missing).await, 0);
    assert_eq!(raw.number("SELECT COUNT(*) FROM committees WHERE sign_off <> 'not_required'").await, 0);
}

/// The live token opens, the others do not, and what it opens shows what was there.
async fn sign_in(channel: &Channel, facts: &Facts) {
    let mut identity = v1::identity_service_client::IdentityServiceClient::new(channel.clone());
    let me = identity.who_am_i(call(&facts.tokens["officer"], v1::WhoAmIRequest {})).await.unwrap().into_inner();
    assert_eq!(me.person.unwrap().name, "regions/northumbria/persons/officer-gateshead");
    for shut in ["revoked", "expired"] {
        let refused = identity.who_am_i(call(&facts.tokens[shut], v1::WhoAmIRequest {})).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{shut}");
    }
    let mut committees = v1::committee_service_client::CommitteeServiceClient::new(channel.clone());
    let keeper = &facts.tokens["keeper"];
    for parent in [NORTH, WEST] {
        let list = v1::ListCyclesRequest { parent: parent.into(), page_size: 100, page_token: String::new() };
        let cycles = committees.list_cycles(call(keeper, list)).await.unwrap().into_inner().cycles;
        assert!(cycles.iter().any(|cycle| cycle.state() == v1::CycleState::Open), "{cycles:?}");
    }
}

/// The officer corrects what was sent in before, and sends in news.
async fn submit_and_correct(channel: &Channel, facts: &Facts) {
    let officer = &facts.tokens["officer"];
    let parent = "regions/northumbria/partnerships/gateshead";
    let cycle = format!("{NORTH}/cycles/2021-q4");
    let mut returns = v1::return_service_client::ReturnServiceClient::new(channel.clone());
    let list = v1::ListReturnsRequest { parent: parent.into(), cycle: cycle.clone(), page_size: 10, page_token: String::new() };
    let mut answer = returns.list_returns(call(officer, list)).await.unwrap().into_inner().returns.remove(0);
    let Some(v1::r#return::Content::Figures(figures)) = &mut answer.content else { panic!("a return with figures: {answer:?}") };
    figures.figures[0].answer = Some(v1::figure::Answer::Value("199".into()));
    let corrected = returns.update_return(call(officer, v1::UpdateReturnRequest { answer: Some(answer), ..Default::default() })).await;
    let corrected = corrected.unwrap().into_inner();
    assert!(format!("{corrected:?}").contains("\"199\""), "{corrected:?}");
    let mut news = v1::news_service_client::NewsServiceClient::new(channel.clone());
    let item = v1::NewsItem {
        cycle,
        kind: v1::NewsKind::News.into(),
        headline: "Lights along the riverside path".into(),
        body: "They are on from dusk.".into(),
        body_format: v1::BodyFormat::PlainText.into(),
        ..Default::default()
    };
    let create = v1::CreateNewsItemRequest { parent: parent.into(), news_item: Some(item), ..Default::default() };
    news.create_news_item(call(officer, create)).await.unwrap();
}

/// The lead reads what stands and signs it.
async fn sign(channel: &Channel, lead: &str) {
    let mut returns = v1::return_service_client::ReturnServiceClient::new(channel.clone());
    let list = v1::ListReturnsRequest {
        parent: "regions/northumbria/partnerships/gateshead".into(),
        cycle: format!("{NORTH}/cycles/2021-q4"),
        ..Default::default()
    };
    let answer = returns.list_returns(call(lead, list)).await.unwrap().into_inner().returns.remove(0);
    returns.sign_return(call(lead, v1::SignReturnRequest { name: answer.name, etag: answer.etag })).await.unwrap();
}

/// The approver reads the newest version and approves exactly what was read.
async fn approve(channel: &Channel, facts: &Facts, cycle: &str) {
    let approver = &facts.tokens["approver"];
    let mut digests = v1::digest_service_client::DigestServiceClient::new(channel.clone()).max_decoding_message_size(32 << 20);
    let get = v1::GetDigestRequest { name: format!("{cycle}/digests/-") };
    let digest = digests.get_digest(call(approver, get)).await.unwrap().into_inner();
    let text = v1::GetRenditionRequest { name: digest.name.clone(), kind: v1::RenditionKind::Text.into() };
    let text = String::from_utf8(digests.get_rendition(call(approver, text)).await.unwrap().into_inner().data).unwrap();
    assert!(text.contains("199") && text.contains("riverside"), "what was sent in yesterday and today is printed: {text}");
    let approve = v1::ApproveDigestRequest { name: digest.name, hashes: digest.hashes };
    digests.approve_digest(call(approver, approve)).await.unwrap();
}
