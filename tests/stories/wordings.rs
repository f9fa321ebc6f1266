//! The editor would put it otherwise, and the partnership decides: over gRPC, in letters and in the paper.

use csp_proto::v1;
use csp_tests::Bed;
use mail_parser::MessageParser;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::world::{CYCLE, PATIENCE, Who, World, partnership, two_figures};

fn told(status: &Status) -> (String, String, String) {
    let info = status.get_details_error_info().expect("a refusal has its reason");
    let said = |key: &str| info.metadata.get(key).cloned().unwrap_or_default();
    (info.reason.clone(), said("lifted_by"), said("who"))
}

/// News of Gateshead's.
async fn tell(world: &World, headline: &str, body: &str) -> v1::NewsItem {
    let item = v1::NewsItem {
        cycle: CYCLE.into(),
        kind: v1::NewsKind::News.into(),
        headline: headline.into(),
        body: body.into(),
        body_format: v1::BodyFormat::Markdown.into(),
        ..Default::default()
    };
    let create = v1::CreateNewsItemRequest { parent: partnership(0), news_item: Some(item), ..Default::default() };
    world.news().create_news_item(world.officers[0].call(create)).await.unwrap().into_inner()
}

fn wording(item: &v1::NewsItem, headline: &str, body: &str) -> v1::CreateWordingRequest {
    let proposed = v1::WordedText {
        headline: headline.into(),
        body: body.into(),
        body_format: v1::BodyFormat::Markdown.into(),
        statement: String::new(),
    };
    let wording = v1::Wording {
        subject: item.name.clone(),
        subject_etag: item.etag.clone(),
        proposed: Some(proposed),
        note: "Shorter.".into(),
        ..Default::default()
    };
    v1::CreateWordingRequest { parent: partnership(0), wording: Some(wording), ..Default::default() }
}

async fn propose(world: &World, by: &Who, asked: v1::CreateWordingRequest) -> Result<v1::Wording, Status> {
    Ok(world.wordings().create_wording(by.call(asked)).await?.into_inner())
}

async fn accept(world: &World, by: &Who, wording: &v1::Wording) -> Result<v1::Wording, Status> {
    let accept = v1::AcceptWordingRequest { name: wording.name.clone(), etag: wording.etag.clone() };
    Ok(world.wordings().accept_wording(by.call(accept)).await?.into_inner())
}

/// The text of the paper as it would be frozen now.
async fn preview(world: &World, by: &Who) -> String {
    let shown = world.digests().preview_digest(by.call(v1::PreviewDigestRequest { parent: CYCLE.into() })).await.unwrap().into_inner();
    let text = shown.renditions.into_iter().find(|rendition| rendition.kind() == v1::RenditionKind::Text).expect("it has a text");
    String::from_utf8(text.data).unwrap()
}

async fn duty(world: &World, who: &Who) -> Option<v1::Duty> {
    let duties = world.identity().list_duties(who.call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
    duties.into_iter().find(|duty| duty.kind() == v1::DutyKind::Answer)
}

async fn tally(world: &World) -> v1::WordingTally {
    let status = v1::GetCycleStatusRequest { name: CYCLE.into() };
    let status = world.returns().get_cycle_status(world.editor.call(status)).await.unwrap().into_inner();
    status.partnerships[0].wordings.expect("a tally")
}

pub(crate) async fn an_editors_wording_is_printed_once_the_lead_has_accepted_it(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let lead = world.person(&world.administrator, "lead", v1::Role::Lead, &partnership(0)).await.unwrap();
    let sent =
        world.returns().create_return(world.officers[0].call(two_figures(0, CYCLE, "2021-q3", "1", "2"))).await.unwrap().into_inner();
    let item = tell(&world, "Wardens done great", "They *done* a great job in Bensham.").await;
    let answer = world.returns().get_return(lead.call(v1::GetReturnRequest { name: sent.name.clone() })).await.unwrap().into_inner();
    world.returns().sign_return(lead.call(v1::SignReturnRequest { name: sent.name.clone(), etag: answer.etag })).await.unwrap();

    // Tried first, which changes nothing; then proposed, and the same request again is the same wording.
    let asked = wording(&item, "Wardens did well", "They did good work in **Bensham**.");
    let tried = propose(&world, &world.editor, v1::CreateWordingRequest { validate_only: true, ..asked.clone() }).await.unwrap();
    assert_eq!((tried.name.as_str(), duty(&world, &lead).await), ("", None));
    let request_id = "6f1d2c1a-8f1e-4a57-9d2e-0e6b7a8c9d10".to_owned();
    let asked = v1::CreateWordingRequest { request_id, ..asked };
    let made = propose(&world, &world.editor, asked.clone()).await.unwrap();
    assert_eq!(propose(&world, &world.editor, asked).await.unwrap(), made);
    assert_eq!((made.state(), made.subject.as_str(), made.cycle.as_str()), (v1::WordingState::Proposed, item.name.as_str(), CYCLE));
    assert_eq!(made.original.as_ref().unwrap().body, "They *done* a great job in Bensham.");

    // The original is what prints. The lead is told what is due, and by mail the next morning: once.
    assert!(preview(&world, &world.editor).await.contains("Wardens done great"));
    let due = duty(&world, &lead).await.expect("an answer is due");
    assert_eq!(due.state(), v1::DutyState::Due);
    assert!(due.summary.contains("1 other wording by the editor waits for your answer"), "{}", due.summary);
    assert_eq!(tally(&world).await, v1::WordingTally { proposed: 1, ..Default::default() });
    assert_eq!(world.at("2022-01-06T09:00:00Z").await.reminded, 1, "the lead alone has something to do");
    assert_eq!(world.at("2022-01-06T12:00:00Z").await.reminded, 0);
    let mails = tokio::time::timeout(PATIENCE, world.sink.received(1)).await.unwrap();
    let letter = mails.iter().rfind(|mail| mail.to.starts_with("lead@")).expect("the lead was written to");
    let letter = MessageParser::default().parse(&letter.bytes).unwrap();
    insta::assert_snapshot!("reminder_other_wording", letter.body_text(0).unwrap().replace("\r\n", "\n"));

    // Nobody else answers, and the editor not their own.
    let officer = accept(&world, &world.officers[0], &made).await.unwrap_err();
    assert_eq!((officer.code(), told(&officer).0.as_str()), (Code::PermissionDenied, "ROLE_MISSING"));
    let none = v1::RefuseWordingRequest { name: made.name.clone(), ..Default::default() };
    let none = world.wordings().refuse_wording(lead.call(none)).await.unwrap_err();
    assert_eq!(none.get_details_bad_request().unwrap().field_violations[0].field, "reason");
    let accepted = accept(&world, &lead, &made).await.unwrap();
    assert_eq!((accepted.state(), accepted.answerer.as_str()), (v1::WordingState::Accepted, lead.person.as_str()));
    assert_eq!(duty(&world, &lead).await, None);
    let stale = accept(&world, &lead, &made).await.unwrap_err();
    assert_eq!((stale.code(), told(&stale).0.as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let again = accept(&world, &lead, &accepted).await.unwrap_err();
    assert_eq!((again.code(), told(&again).0.as_str()), (Code::FailedPrecondition, "WORDING_STATE"));
    assert_eq!(told(&again).2, "lead,editor");
    let answer = world.returns().get_return(lead.call(v1::GetReturnRequest { name: sent.name.clone() })).await.unwrap().into_inner();
    assert_eq!(answer.state(), v1::ReturnState::Signed, "the signature stays");

    let paper = preview(&world, &world.editor).await;
    assert!(paper.contains("Wardens did well") && paper.contains("good work") && !paper.contains("done"), "{paper}");
    let own = world.news().get_news_item(world.officers[0].call(v1::GetNewsItemRequest { name: item.name.clone() })).await.unwrap();
    assert_eq!(own.into_inner(), item, "what was sent in is as it was");

    world.at("2022-01-12T17:00:01Z").await;
    let refuse = v1::RefuseWordingRequest { name: made.name.clone(), reason: "After all not.".into(), etag: String::new() };
    let late = world.wordings().refuse_wording(lead.call(refuse)).await.unwrap_err();
    assert_eq!((late.code(), told(&late).0.as_str(), told(&late).2.as_str()), (Code::FailedPrecondition, "WORDING_FROZEN", ""));
    let late = propose(&world, &world.editor, wording(&item, "Once more", "Later.")).await.unwrap_err();
    assert_eq!(told(&late).0, "WORDING_FROZEN");
    let get = v1::GetRenditionRequest { name: format!("{CYCLE}/digests/-"), kind: v1::RenditionKind::Text.into() };
    let paper = world.digests().get_rendition(world.editor.call(get)).await.unwrap().into_inner().data;
    assert!(String::from_utf8(paper).unwrap().contains("Wardens did well"));
    let digest = v1::GetDigestRequest { name: format!("{CYCLE}/digests/-") };
    let digest = world.digests().get_digest(world.editor.call(digest)).await.unwrap().into_inner();
    assert!(digest.authors.contains(&world.editor.person), "whoever worded it does not approve it: {:?}", digest.authors);

    // On record: who, when, and both texts.
    let list =
        v1::ListAuditEntriesRequest { parent: crate::world::REGION.into(), subject: "wording".into(), page_size: 50, ..Default::default() };
    let entries = world.audit().list_audit_entries(world.administrator.call(list)).await.unwrap().into_inner().audit_entries;
    let said: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.person.as_str())).collect();
    assert_eq!(said, [("propose", world.editor.person.as_str()), ("accept", lead.person.as_str())]);
}

pub(crate) async fn a_changed_text_lets_its_wording_lapse_and_figures_are_never_worded(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let lead = world.person(&world.administrator, "lead", v1::Role::Lead, &partnership(0)).await.unwrap();
    let item = tell(&world, "Wardens", "On duty.").await;
    let made = propose(&world, &world.editor, wording(&item, "Wardens on duty", "Every evening.")).await.unwrap();
    let changed = v1::NewsItem { body: "On duty again.".into(), body_format: v1::BodyFormat::Markdown.into(), ..item.clone() };
    world
        .news()
        .update_news_item(world.officers[0].call(v1::UpdateNewsItemRequest { news_item: Some(changed), ..Default::default() }))
        .await
        .unwrap();
    let get = v1::GetWordingRequest { name: made.name.clone() };
    let lapsed = world.wordings().get_wording(world.editor.call(get)).await.unwrap().into_inner();
    assert_eq!((lapsed.state(), lapsed.answerer.as_str()), (v1::WordingState::Lapsed, world.officers[0].person.as_str()));
    assert_eq!(lapsed.original.as_ref().unwrap().body, "On duty.", "what it was a wording of is kept");
    assert_eq!(tally(&world).await, v1::WordingTally { lapsed: 1, ..Default::default() });
    let late = accept(&world, &lead, &lapsed).await.unwrap_err();
    assert_eq!((told(&late).0.as_str(), told(&late).2.as_str()), ("WORDING_STATE", "editor"));
    let stale = propose(&world, &world.editor, wording(&item, "Wardens on duty", "Every evening.")).await.unwrap_err();
    assert_eq!((stale.code(), told(&stale).0.as_str()), (Code::Aborted, "ETAG_MISMATCH"), "it was of what stood before");

    // A return with figures has no words; a nil return has, and takes nothing else.
    let figures =
        world.returns().create_return(world.officers[0].call(two_figures(0, CYCLE, "2021-q3", "1", "2"))).await.unwrap().into_inner();
    let of_return = |name: &str, proposed: v1::WordedText| {
        let wording = v1::Wording { subject: name.to_owned(), proposed: Some(proposed), ..Default::default() };
        let parent = name.split("/returns/").next().unwrap().to_owned();
        v1::CreateWordingRequest { parent, wording: Some(wording), ..Default::default() }
    };
    let statement = |text: &str| v1::WordedText { statement: text.into(), ..Default::default() };
    let refused = propose(&world, &world.editor, of_return(&figures.name, statement("139"))).await.unwrap_err();
    assert_eq!((refused.code(), told(&refused).0.as_str()), (Code::FailedPrecondition, "FIGURES_STAND"));
    let nil = v1::r#return::Content::Nil(v1::NilReturn { statement: "Nowt.".into() });
    let answer = v1::Return { cycle: CYCLE.into(), content: Some(nil), ..Default::default() };
    let create = v1::CreateReturnRequest { parent: partnership(1), answer: Some(answer), ..Default::default() };
    let nil = world.returns().create_return(world.officers[1].call(create)).await.unwrap().into_inner();
    let wrong = v1::WordedText { headline: "News".into(), body: "Text".into(), ..statement("") };
    let wrong = propose(&world, &world.editor, of_return(&nil.name, wrong)).await.unwrap_err();
    let fields: Vec<_> = wrong.get_details_bad_request().unwrap().field_violations.iter().map(|v| v.field.clone()).collect();
    assert_eq!(fields, ["wording.proposed.headline", "wording.proposed.body", "wording.proposed.statement"]);
    let same = propose(&world, &world.editor, of_return(&nil.name, statement("Nowt."))).await.unwrap_err();
    assert_eq!(told(&same).0, "SAME_WORDS");
    propose(&world, &world.editor, of_return(&nil.name, statement("Nothing to report."))).await.unwrap();

    // What is hostile in news is hostile here, and all of it is told at once.
    let now = world.news().get_news_item(world.editor.call(v1::GetNewsItemRequest { name: item.name.clone() })).await.unwrap().into_inner();
    let hostile = wording(&now, "Wardens\u{202E}", "Fine.\n\n<script>alert(1)</script>\n\n![x](https://evil.example/p.png)");
    let hostile = propose(&world, &world.editor, hostile).await.unwrap_err();
    let faults = hostile.get_details_bad_request().unwrap().field_violations;
    let told: Vec<_> = faults.iter().map(|v| (v.field.as_str(), v.description.split(':').next().unwrap())).collect();
    assert_eq!(
        (told[0].0, told[1], told[2]),
        ("wording.proposed.headline", ("wording.proposed.body", "line 3"), ("wording.proposed.body", "line 5"))
    );
    let large = propose(&world, &world.editor, wording(&now, "Large", &"x ".repeat(40_000))).await.unwrap_err();
    assert_eq!(large.get_details_bad_request().unwrap().field_violations[0].field, "wording.proposed.body");
    // The editor's own part is theirs to change.
    let national = v1::Wording { subject: format!("{}/newsItems/1", crate::world::COMMITTEE), ..Default::default() };
    let national = v1::CreateWordingRequest { parent: partnership(0), wording: Some(national), ..Default::default() };
    let national = propose(&world, &world.editor, national).await.unwrap_err();
    assert_eq!(national.get_details_bad_request().unwrap().field_violations[0].field, "wording.subject");
}

pub(crate) async fn a_lead_who_edits_does_not_answer_what_they_proposed(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let both = world.person(&world.administrator, "both", v1::Role::Lead, &partnership(0)).await.unwrap();
    let role_grant = v1::RoleGrant { role: v1::Role::Editor.into(), committee: crate::world::COMMITTEE.into(), ..Default::default() };
    let grant = v1::CreateRoleGrantRequest { parent: both.person.clone(), role_grant: Some(role_grant), request_id: String::new() };
    world.persons().create_role_grant(world.administrator.call(grant)).await.unwrap();
    let item = tell(&world, "Wardens", "On duty.").await;
    let made = propose(&world, &both, wording(&item, "Wardens on duty", "Every evening.")).await.unwrap();
    let own = accept(&world, &both, &made).await.unwrap_err();
    assert_eq!(own.code(), Code::PermissionDenied);
    assert_eq!((told(&own).0.as_str(), told(&own).2.as_str()), ("PROPOSER_CANNOT_ANSWER", "lead"));
    assert_eq!(duty(&world, &both).await, None, "nobody is asked for what they cannot do");
    // A deputy is asked in their place, and answers.
    let deputy = world.person(&world.administrator, "deputy", v1::Role::Lead, &partnership(0)).await.unwrap();
    assert!(duty(&world, &deputy).await.is_some());
    let refuse =
        v1::RefuseWordingRequest { name: made.name.clone(), reason: "They asked for their own words.".into(), etag: made.etag.clone() };
    let refused = world.wordings().refuse_wording(deputy.call(refuse)).await.unwrap().into_inner();
    assert_eq!((refused.state(), refused.reason.as_str()), (v1::WordingState::Refused, "They asked for their own words."));
    let withdraw = v1::WithdrawWordingRequest { name: made.name.clone(), etag: String::new() };
    let over = world.wordings().withdraw_wording(world.editor.call(withdraw)).await.unwrap_err();
    assert_eq!(told(&over).0, "WORDING_STATE");
}

pub(crate) async fn an_editor_proposes_and_does_not_rewrite(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let item = tell(&world, "Wardens done great", "They was out all week.").await;
    let rewrite = |who: &Who, headline: &str| {
        let news_item = Some(v1::NewsItem { name: item.name.clone(), headline: headline.into(), ..Default::default() });
        let update_mask = Some(prost_types::FieldMask { paths: vec!["headline".into()] });
        who.call(v1::UpdateNewsItemRequest { news_item, update_mask, validate_only: false })
    };
    let refused = world.news().update_news_item(rewrite(&world.editor, "Wardens did well")).await.unwrap_err();
    let (reason, lifted_by, who) = told(&refused);
    assert_eq!((refused.code(), reason.as_str(), who.as_str()), (Code::FailedPrecondition, "PROPOSE_WORDING", "officer,lead"));
    assert!(lifted_by.contains("csp wording propose"), "{lifted_by}");
    let body = |name: &str| {
        let news_item = v1::NewsItem {
            name: name.into(),
            body: "Otherwise.".into(),
            body_format: v1::BodyFormat::Markdown.into(),
            ..Default::default()
        };
        let update_mask = Some(prost_types::FieldMask { paths: vec!["body".into()] });
        world.editor.call(v1::UpdateNewsItemRequest { news_item: Some(news_item), update_mask, validate_only: false })
    };
    assert_eq!(told(&world.news().update_news_item(body(&item.name)).await.unwrap_err()).0, "PROPOSE_WORDING");
    assert!(preview(&world, &world.editor).await.contains("Wardens done great"));
    // What the editor may change makes it no word of the editor's.
    let filed = v1::NewsItem { name: item.name.clone(), kind: v1::NewsKind::Award.into(), ..Default::default() };
    let update_mask = Some(prost_types::FieldMask { paths: vec!["kind".into()] });
    let file = v1::UpdateNewsItemRequest { news_item: Some(filed), update_mask, validate_only: false };
    let filed = world.news().update_news_item(world.editor.call(file.clone())).await.unwrap().into_inner();
    assert_eq!((filed.kind(), filed.submitter), (v1::NewsKind::Award, item.submitter.clone()));
    assert_eq!(told(&world.news().update_news_item(body(&item.name)).await.unwrap_err()).0, "PROPOSE_WORDING");
    let withdraw = |who: &Who| who.call(v1::WithdrawNewsItemRequest { name: item.name.clone(), ..Default::default() });
    world.news().withdraw_news_item(withdraw(&world.editor)).await.unwrap();
    assert_eq!(told(&world.news().update_news_item(body(&item.name)).await.unwrap_err()).0, "PROPOSE_WORDING");
    let revived = world.news().update_news_item(world.editor.call(file)).await.unwrap_err();
    assert_eq!(told(&revived).0, "ALREADY_WITHDRAWN", "whose news it is may bring it back");
    // What the editor entered for the partnership the editor may mend.
    let by_mail = v1::NewsItem {
        cycle: CYCLE.into(),
        kind: v1::NewsKind::News.into(),
        headline: "By e-mail".into(),
        body: "As it came.".into(),
        body_format: v1::BodyFormat::Markdown.into(),
        ..Default::default()
    };
    let create = v1::CreateNewsItemRequest { parent: partnership(0), news_item: Some(by_mail), ..Default::default() };
    let entered = world.news().create_news_item(world.editor.call(create)).await.unwrap().into_inner();
    world.news().update_news_item(body(&entered.name)).await.unwrap();
    // Whose news it is may say it otherwise.
    world.news().update_news_item(rewrite(&world.officers[0], "Wardens out all week")).await.unwrap();
}
