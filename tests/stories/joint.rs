//! Two partnerships did it together: one sends it in, each signs, and it is printed once. Over gRPC, in letters and in the paper.

use csp_proto::v1;
use csp_tests::Bed;
use mail_parser::MessageParser;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::world::{CYCLE, PATIENCE, REGION, Who, World, partnership, two_figures};

fn told(status: &Status) -> (String, String, String) {
    let info = status.get_details_error_info().expect("a refusal has its reason");
    let said = |key: &str| info.metadata.get(key).cloned().unwrap_or_default();
    (info.reason.clone(), said("lifted_by"), said("who"))
}

fn news(headline: &str, others: &[usize]) -> v1::NewsItem {
    v1::NewsItem {
        cycle: CYCLE.into(),
        kind: v1::NewsKind::Event.into(),
        headline: headline.into(),
        body: "Wardens of **both banks** were out on six Fridays.".into(),
        body_format: v1::BodyFormat::Markdown.into(),
        joint_owners: others.iter().map(|n| partnership(*n)).collect(),
        ..Default::default()
    }
}

async fn create(world: &World, by: &Who, item: v1::NewsItem) -> Result<v1::NewsItem, Status> {
    let create = v1::CreateNewsItemRequest { parent: partnership(0), news_item: Some(item), ..Default::default() };
    Ok(world.news().create_news_item(by.call(create)).await?.into_inner())
}

async fn change(world: &World, by: &Who, item: v1::NewsItem, paths: &[&str]) -> Result<v1::NewsItem, Status> {
    let update_mask = Some(prost_types::FieldMask { paths: paths.iter().map(ToString::to_string).collect() });
    let update = v1::UpdateNewsItemRequest { news_item: Some(item), update_mask, validate_only: false };
    Ok(world.news().update_news_item(by.call(update)).await?.into_inner())
}

/// The item as the `n`th partnership calls it.
fn seen_by(n: usize, item: &v1::NewsItem) -> String {
    item.name.replace(&format!("{}/newsItems/", partnership(0)), &format!("{}/jointItems/", partnership(n)))
}

async fn read(world: &World, by: &Who, n: usize, item: &v1::NewsItem) -> Result<v1::JointItem, Status> {
    let get = v1::GetJointItemRequest { name: seen_by(n, item) };
    Ok(world.joint().get_joint_item(by.call(get)).await?.into_inner())
}

async fn sign(world: &World, by: &Who, item: &v1::JointItem) -> Result<v1::JointItem, Status> {
    let sign = v1::SignJointItemRequest { name: item.name.clone(), etag: item.etag.clone() };
    Ok(world.joint().sign_joint_item(by.call(sign)).await?.into_inner())
}

async fn send_back(world: &World, by: &Who, item: &v1::JointItem, reason: &str) -> Result<v1::JointItem, Status> {
    let back = v1::SendBackJointItemRequest { name: item.name.clone(), reason: reason.into(), etag: item.etag.clone() };
    Ok(world.joint().send_back_joint_item(by.call(back)).await?.into_inner())
}

/// The text of the paper as it would be frozen now, or of the caller's own part.
async fn preview(world: &World, by: &Who) -> String {
    let shown = world.digests().preview_digest(by.call(v1::PreviewDigestRequest { parent: CYCLE.into() })).await.unwrap().into_inner();
    let text = shown.renditions.into_iter().find(|rendition| rendition.kind() == v1::RenditionKind::Text).expect("it has a text");
    String::from_utf8(text.data).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn duty(world: &World, who: &Who, kind: v1::DutyKind) -> Option<v1::Duty> {
    let duties = world.identity().list_duties(who.call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
    duties.into_iter().find(|duty| duty.kind() == kind)
}

async fn tallies(world: &World) -> Vec<v1::JointTally> {
    let status = v1::GetCycleStatusRequest { name: CYCLE.into() };
    let status = world.returns().get_cycle_status(world.editor.call(status)).await.unwrap().into_inner();
    status.partnerships.into_iter().map(|partnership| partnership.joint_items.expect("a tally")).collect()
}

/// Where the signatures stand, in the owners' order.
fn states(item: &v1::JointItem) -> Vec<(bool, v1::JointState)> {
    item.owners.iter().map(|owner| (owner.first, owner.state())).collect()
}

pub(crate) async fn a_joint_item_is_printed_once_when_every_owner_has_signed(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let (gateshead, newcastle) = (&world.officers[0], &world.officers[1]);
    let first = world.person(&world.administrator, "lead", v1::Role::Lead, &partnership(0)).await.unwrap();
    let other = world.person(&world.administrator, "neighbour", v1::Role::Lead, &partnership(1)).await.unwrap();
    for n in [0, 1] {
        world.returns().create_return(world.officers[n].call(two_figures(n, CYCLE, "2021-q3", "1", "2"))).await.unwrap();
    }
    let item = create(&world, gateshead, news("Patrols on both banks", &[1])).await.unwrap();
    assert_eq!(item.joint_owners, [partnership(1)]);

    // Until everybody has signed it is held out, and whoever is concerned is told so in neutral words.
    let paper = preview(&world, &world.editor).await;
    assert!(!paper.contains("Patrols on both banks"), "{paper}");
    let due = duty(&world, &other, v1::DutyKind::SignJoint).await.expect("a signature is due");
    assert_eq!((due.state(), due.partnership.as_str()), (v1::DutyState::Due, partnership(1).as_str()));
    assert_eq!(due.summary, "1 joint item waits for your signature; unsigned it is not printed");
    for officer in [gateshead, &first] {
        let due = duty(&world, officer, v1::DutyKind::Submit).await.expect("what is sent in");
        assert!(due.summary.ends_with("; 1 joint item is held out: Newcastle upon Tyne has not signed"), "{}", due.summary);
    }
    let due = duty(&world, &world.editor, v1::DutyKind::Edit).await.expect("what is edited");
    assert!(due.summary.ends_with(", 1 joint item held out"), "{}", due.summary);
    let tally = |held_out, waiting, sent_back| v1::JointTally { held_out, waiting, sent_back };
    assert_eq!(tallies(&world).await, [tally(1, 0, 0), tally(0, 1, 0), tally(0, 0, 0)]);
    assert_eq!(duty(&world, newcastle, v1::DutyKind::SignJoint).await, None, "an officer signs nothing");

    // Each sees in its own part how it will print; the third sees nothing.
    let own = preview(&world, gateshead).await;
    assert!(own.contains("Patrols on both banks") && own.contains("is held out: not signed by Newcastle upon Tyne"), "{own}");
    let own = preview(&world, newcastle).await;
    assert!(own.contains("joint item of Gateshead and Newcastle upon Tyne") && own.contains("six Fridays"), "{own}");
    assert!(own.contains("printed under Gateshead once it is signed by Newcastle upon Tyne."), "{own}");
    assert!(!preview(&world, &world.officers[2]).await.contains("Patrols"));

    // The lead is written to the next morning, with whatever else is due: once.
    world.at("2022-01-06T09:00:00Z").await;
    assert_eq!(world.at("2022-01-06T12:00:00Z").await.reminded, 0);
    let mails = tokio::time::timeout(PATIENCE, world.sink.received(1)).await.unwrap();
    let letters: Vec<_> = mails.iter().filter(|mail| mail.to.starts_with("neighbour@")).collect();
    assert_eq!(letters.len(), 1, "one message a person and day");
    let letter = MessageParser::default().parse(&letters[0].bytes).unwrap();
    insta::assert_snapshot!("reminder_joint_item", letter.body_text(0).unwrap().replace("\r\n", "\n"));

    // Sent back with a reason, mended, and signed as it then stands.
    let waits = read(&world, &other, 1, &item).await.unwrap();
    let (waiting, signed, back) = (v1::JointState::Waiting, v1::JointState::Signed, v1::JointState::SentBack);
    assert_eq!(states(&waits), [(true, waiting), (false, waiting)], "the first owner's signature is that of its return");
    let none = send_back(&world, &other, &waits, "").await.unwrap_err();
    assert_eq!(none.get_details_bad_request().unwrap().field_violations[0].field, "reason");
    let returned = send_back(&world, &other, &waits, "It was seven Fridays.").await.unwrap();
    assert_eq!((states(&returned)[1].1, returned.owners[1].reason.as_str()), (back, "It was seven Fridays."));
    let due = duty(&world, gateshead, v1::DutyKind::MendJoint).await.expect("it is to be mended");
    let said = "Newcastle upon Tyne sent back the joint item “Patrols on both banks”: It was seven Fridays.";
    assert_eq!((due.state(), due.summary.as_str()), (v1::DutyState::Due, said));
    assert_eq!(tallies(&world).await[1], tally(0, 0, 1));
    world.at("2022-01-07T09:00:00Z").await;
    let mails = tokio::time::timeout(PATIENCE, world.sink.received(2)).await.unwrap();
    let letter = mails.iter().rfind(|mail| mail.to.starts_with("officer-gateshead@")).expect("the officer");
    let letter = MessageParser::default().parse(&letter.bytes).unwrap();
    insta::assert_snapshot!("reminder_joint_item_sent_back", letter.body_text(0).unwrap().replace("\r\n", "\n"));
    let mended = v1::NewsItem { body: "Wardens of both banks were out on seven Fridays.".into(), ..item.clone() };
    change(&world, gateshead, mended, &["body"]).await.unwrap();
    assert_eq!(duty(&world, gateshead, v1::DutyKind::MendJoint).await, None);
    let stale = sign(&world, &other, &returned).await.unwrap_err();
    assert_eq!((stale.code(), told(&stale).0.as_str()), (Code::Aborted, "ETAG_MISMATCH"), "nobody signs what they have not read");
    let unread = v1::SignJointItemRequest { name: returned.name.clone(), ..Default::default() };
    let unread = world.joint().sign_joint_item(other.call(unread)).await.unwrap_err();
    assert_eq!(unread.get_details_bad_request().unwrap().field_violations[0].field, "etag");
    let now = read(&world, &other, 1, &item).await.unwrap();
    assert_eq!(states(&sign(&world, &other, &now).await.unwrap())[1].1, signed);
    assert_eq!(duty(&world, &other, v1::DutyKind::SignJoint).await, None);
    let all = read(&world, &world.editor, 1, &item).await.unwrap();
    assert!(!all.signed && all.owners[0].display_name == "Gateshead", "Gateshead's return is not signed yet: {all:?}");

    // The first owner signs it with its return.
    for (n, lead) in [(0, &first), (1, &other)] {
        let name = format!("{}/returns/citizen-focus.2021-q3", partnership(n));
        let answer = world.returns().get_return(lead.call(v1::GetReturnRequest { name: name.clone() })).await.unwrap().into_inner();
        world.returns().sign_return(lead.call(v1::SignReturnRequest { name, etag: answer.etag })).await.unwrap();
    }
    assert!(read(&world, &world.editor, 0, &item).await.unwrap().signed);
    let paper = preview(&world, &world.editor).await;
    assert_eq!(paper.matches("seven Fridays").count(), 1, "printed once: {paper}");
    assert!(paper.contains("joint item of Gateshead and Newcastle upon Tyne") && !paper.contains("held out"), "{paper}");
    assert!(paper.contains("“Patrols on both banks”: printed under Gateshead."), "{paper}");
    assert_eq!(tallies(&world).await, [tally(0, 0, 0); 3]);

    // In the frozen paper it stays as it is.
    world.at("2022-01-12T17:00:01Z").await;
    let frozen = read(&world, &other, 1, &item).await.unwrap();
    assert_eq!(states(&frozen), [(true, v1::JointState::Frozen), (false, v1::JointState::Frozen)]);
    let late = send_back(&world, &other, &frozen, "After all not.").await.unwrap_err();
    assert_eq!((late.code(), told(&late).0.as_str(), told(&late).2.as_str()), (Code::FailedPrecondition, "JOINT_FROZEN", ""));

    // On record: each step, and by whom.
    let list = v1::ListAuditEntriesRequest { parent: REGION.into(), subject: "joint_item".into(), page_size: 50, ..Default::default() };
    let entries = world.audit().list_audit_entries(world.administrator.call(list)).await.unwrap().into_inner().audit_entries;
    let said: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.person.as_str())).collect();
    let (by, lead) = (gateshead.person.as_str(), other.person.as_str());
    assert_eq!(said, [("name", by), ("send_back", lead), ("alter", by), ("sign", lead), ("freeze", "")]);
}

pub(crate) async fn what_one_owner_has_not_signed_at_the_freeze_is_held_out(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let other = world.person(&world.administrator, "neighbour", v1::Role::Lead, &partnership(1)).await.unwrap();
    let item = create(&world, &world.officers[0], news("Patrols on both banks", &[1])).await.unwrap();
    world.at("2022-01-12T17:00:01Z").await;
    let get = v1::GetRenditionRequest { name: format!("{CYCLE}/digests/-"), kind: v1::RenditionKind::Text.into() };
    let frozen = async || {
        let paper = world.digests().get_rendition(world.editor.call(get.clone())).await.unwrap().into_inner().data;
        String::from_utf8(paper).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let paper = frozen().await;
    assert!(!paper.contains("Patrols on both banks"), "{paper}");
    assert!(paper.contains("A joint item with Newcastle upon Tyne is held out: not signed by Newcastle upon Tyne."), "{paper}");
    // Signed later it is in the next version, which the editor makes, who hears of it once.
    let now = read(&world, &other, 1, &item).await.unwrap();
    assert!(now.left_out && !now.signed);
    world.bed.clock.set(csp_tests::at("2022-01-12T18:00:00Z"));
    let signed = sign(&world, &other, &now).await.unwrap();
    assert!(signed.left_out && signed.signed);
    let told = || {
        let mails = world.sink.messages();
        let mails = mails.iter().filter(|mail| mail.to.starts_with("editor@"));
        let letters = mails.map(|mail| {
            let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
            (parsed.subject().unwrap().to_owned(), parsed.body_text(0).unwrap().replace("\r\n", "\n"))
        });
        letters.filter(|(subject, _)| subject.contains("after the freeze")).collect::<Vec<_>>()
    };
    assert_eq!(told(), []);
    assert_eq!(world.at("2022-01-12T18:00:30Z").await.told, 1);
    assert_eq!(world.at("2022-01-12T18:01:00Z").await.told, 0);
    let letters = told();
    assert_eq!(letters.len(), 1);
    insta::assert_snapshot!("joint_item_signed_after_the_freeze", letters[0].1);
    world.digests().freeze_digest(world.editor.call(v1::FreezeDigestRequest { parent: CYCLE.into(), ..Default::default() })).await.unwrap();
    let paper = frozen().await;
    assert!(paper.contains("Patrols on both banks") && !paper.contains("held out"), "{paper}");
    assert!(!read(&world, &other, 1, &item).await.unwrap().left_out);
    assert_eq!(world.at("2022-01-12T18:02:00Z").await.told, 0);
}

pub(crate) async fn who_may_own_an_item_is_told_with_every_fault_at_once(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let officer = &world.officers[0];
    let wrong = v1::NewsItem {
        joint_owners: vec![partnership(0), format!("{REGION}/partnerships/nowhere"), partnership(1), partnership(1)],
        headline: String::new(),
        ..news("", &[])
    };
    let wrong = create(&world, officer, wrong).await.unwrap_err();
    let fields: Vec<_> = wrong.get_details_bad_request().unwrap().field_violations.iter().map(|v| v.field.clone()).collect();
    let owner = |n| format!("news_item.joint_owners[{n}]");
    assert_eq!(fields, ["news_item.headline".to_owned(), owner(0), owner(1), owner(3)]);
    let many = v1::NewsItem { joint_owners: vec![partnership(1); 21], ..news("Patrols", &[]) };
    let many = create(&world, officer, many).await.unwrap_err();
    assert_eq!(many.get_details_bad_request().unwrap().field_violations[0].field, "news_item.joint_owners");

    // Who has nobody to sign cannot own.
    let nobody = create(&world, officer, news("Patrols", &[1, 2])).await.unwrap_err();
    let info = nobody.get_details_error_info().unwrap();
    assert_eq!((nobody.code(), info.reason.as_str()), (Code::FailedPrecondition, "NOBODY_SIGNS"));
    assert_eq!(info.metadata["partnerships"], "Newcastle upon Tyne, Sunderland");
    assert_eq!(told(&nobody).2, "administrator");
    let other = world.person(&world.administrator, "neighbour", v1::Role::Lead, &partnership(1)).await.unwrap();
    let national = v1::NewsItem { kind: v1::NewsKind::NationalDevelopment.into(), ..news("National", &[1]) };
    let national = v1::CreateNewsItemRequest { parent: crate::world::COMMITTEE.into(), news_item: Some(national), ..Default::default() };
    let national = world.news().create_news_item(world.editor.call(national)).await.unwrap_err();
    assert_eq!(national.get_details_bad_request().unwrap().field_violations[0].field, "news_item.joint_owners");

    // Whoever wrote it does not sign it for another owner, and the first owner signs its return.
    let role_grant = v1::RoleGrant { role: v1::Role::Lead.into(), partnership: partnership(1), ..Default::default() };
    let grant = v1::CreateRoleGrantRequest { parent: officer.person.clone(), role_grant: Some(role_grant), request_id: String::new() };
    world.persons().create_role_grant(world.administrator.call(grant)).await.unwrap();
    let first = world.person(&world.administrator, "lead", v1::Role::Lead, &partnership(0)).await.unwrap();
    let item = create(&world, officer, news("Patrols", &[1])).await.unwrap();
    let own = sign(&world, officer, &read(&world, officer, 1, &item).await.unwrap()).await.unwrap_err();
    assert_eq!((own.code(), told(&own).0.as_str(), told(&own).2.as_str()), (Code::PermissionDenied, "AUTHOR_CANNOT_SIGN", "lead"));
    assert_eq!(duty(&world, officer, v1::DutyKind::SignJoint).await, None, "nobody is asked for what they cannot do");
    let theirs = sign(&world, &first, &read(&world, &first, 0, &item).await.unwrap()).await.unwrap_err();
    assert_eq!((theirs.code(), told(&theirs).0.as_str()), (Code::FailedPrecondition, "FIRST_OWNER_SIGNS"));
    assert_eq!(read(&world, &first, 1, &item).await.unwrap_err().code(), Code::NotFound, "under another's name it is another's");
    assert_eq!(read(&world, &world.officers[2], 2, &item).await.unwrap_err().code(), Code::NotFound, "who owns none of it sees none");
    let signed = sign(&world, &other, &read(&world, &other, 1, &item).await.unwrap()).await.unwrap();
    let again = sign(&world, &other, &signed).await.unwrap_err();
    assert_eq!((again.code(), told(&again).0.as_str()), (Code::FailedPrecondition, "JOINT_STATE"));

    // Who owns it is the first owner's to say; who does not speak of owners leaves them as they are.
    let kind = v1::NewsItem { kind: v1::NewsKind::Campaign.into(), joint_owners: Vec::new(), ..item.clone() };
    change(&world, officer, v1::NewsItem { etag: String::new(), ..kind.clone() }, &[]).await.unwrap();
    assert_eq!(read(&world, &other, 1, &item).await.unwrap().owners.len(), 2);
    let alone = v1::NewsItem { etag: String::new(), ..kind };
    let editor = change(&world, &world.editor, alone.clone(), &["joint_owners"]).await.unwrap_err();
    assert_eq!((editor.code(), told(&editor).0.as_str(), told(&editor).2.as_str()), (Code::PermissionDenied, "JOINT_ROLE", "officer,lead"));
    change(&world, officer, alone, &["joint_owners"]).await.unwrap();
    assert_eq!(read(&world, &other, 1, &item).await.unwrap_err().code(), Code::NotFound, "it is no owner any more");

    // Editors see all of them, each once.
    create(&world, officer, news("Patrols again", &[1])).await.unwrap();
    let list = v1::ListJointItemsRequest { parent: partnership(0).replace("gateshead", "-"), cycle: CYCLE.into(), ..Default::default() };
    let listed = world.joint().list_joint_items(world.editor.call(list)).await.unwrap().into_inner().joint_items;
    let named: Vec<_> = listed.iter().map(|item| (item.headline.as_str(), item.name.starts_with(&partnership(0)))).collect();
    assert_eq!(named, [("Patrols again", true)]);
}

/// To the one lead a joint item, to the other a wording.
async fn something_for_each_lead(world: &World) {
    let item = create(world, &world.officers[0], news("Patrols on both banks", &[1])).await.unwrap();
    let proposed = v1::WordedText {
        headline: "Wardens on both banks".into(),
        body: item.body.clone(),
        body_format: v1::BodyFormat::Markdown.into(),
        statement: String::new(),
    };
    let wording = v1::Wording { subject: item.name.clone(), proposed: Some(proposed), ..Default::default() };
    let propose = v1::CreateWordingRequest { parent: partnership(0), wording: Some(wording), ..Default::default() };
    world.wordings().create_wording(world.editor.call(propose)).await.unwrap();
}

async fn two_leads(world: &World) {
    for n in [0, 1] {
        world.person(&world.administrator, &format!("lead-{n}"), v1::Role::Lead, &partnership(n)).await.unwrap();
    }
}

/// How many letters each of them has had.
fn letters_to_leads(world: &World) -> [usize; 2] {
    ["lead-0@", "lead-1@"].map(|to| world.sink.messages().iter().filter(|mail| mail.to.starts_with(to)).count())
}

pub(crate) async fn what_waits_while_reminders_are_held_is_told_once_when_they_go_on(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    two_leads(&world).await;
    crate::held::hold(&world, "remind").await.unwrap();
    something_for_each_lead(&world).await;
    world.at("2022-01-06T09:00:00Z").await;
    assert_eq!(letters_to_leads(&world), [0, 0]);
    crate::held::resume(&world, "remind").await.unwrap();
    world.at("2022-01-07T09:00:00Z").await;
    assert_eq!(letters_to_leads(&world), [1, 1], "what fell into the hold is told the next morning");
    world.at("2022-01-10T09:00:00Z").await;
    assert_eq!(letters_to_leads(&world), [1, 1], "and once, while nothing else is due");
}

/// The mail server is away for a day: a letter of yesterday is not sent, and what only it spoke of is told today.
pub(crate) async fn what_a_letter_said_that_never_set_out_is_said_again(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    two_leads(&world).await;
    something_for_each_lead(&world).await;
    world.bed.clock.set(csp_tests::at("2022-01-06T09:00:00Z"));
    assert_eq!(world.scheduler.tick().await.unwrap().reminded, 2);
    world.at("2022-01-07T07:00:00Z").await;
    assert_eq!(letters_to_leads(&world), [0, 0]);
    assert_eq!(world.at("2022-01-07T09:00:00Z").await.reminded, 2);
    assert_eq!(letters_to_leads(&world), [1, 1]);
    assert_eq!(world.at("2022-01-10T09:00:00Z").await.reminded, 0, "and once");
}
