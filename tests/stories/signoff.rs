//! Sign-off as people live through it: the officer sends in, the lead signs or sends back, the editor accepts, and the paper
//! prints what somebody answers for.

use csp_proto::v1;
use csp_tests::Bed;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::world::{COMMITTEE, CYCLE, REGION, World, partnership, two_figures};

/// Why a call was refused, in the machine's words: reason, what would lift it, who can.
fn told(status: &Status) -> (String, String, String) {
    let info = status.get_details_error_info().expect("a refusal has its reason");
    let said = |key: &str| info.metadata.get(key).cloned().unwrap_or_default();
    (info.reason.clone(), said("lifted_by"), said("who"))
}

async fn text(world: &World) -> String {
    let get = v1::GetRenditionRequest { name: format!("{CYCLE}/digests/-"), kind: v1::RenditionKind::Text.into() };
    String::from_utf8(world.digests().get_rendition(world.editor.call(get)).await.unwrap().into_inner().data).unwrap()
}

pub(crate) async fn a_return_is_sent_back_sent_in_again_signed_and_accepted(bed: Bed) {
    use v1::ReturnDeed::{Accept, Freeze, SendBack, Sign, Submit};
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let lead = world.person(&world.administrator, "lead", v1::Role::Lead, &partnership(0)).await.unwrap();
    let officer = &world.officers[0];
    let sent = world.returns().create_return(officer.call(two_figures(0, CYCLE, "2021-q3", "7301", "2"))).await.unwrap().into_inner();

    // The receipt names every item, and its hash can be checked by anybody.
    let receipt = world.returns().get_receipt(officer.call(v1::GetReceiptRequest { name: sent.name.clone() })).await.unwrap().into_inner();
    assert_eq!(receipt.sha256, csp_domain::document::Hash::of(receipt.stored_text.as_bytes()).to_string());
    assert_eq!((receipt.items.len(), receipt.items[0].answer.as_str()), (2, "7,301"));
    assert!(receipt.number.ends_with("/citizen-focus.2021-q3/1"), "{}", receipt.number);
    assert!(receipt.text.contains("7,301") && receipt.text.contains(&receipt.sha256), "{}", receipt.text);

    // It is the lead's turn, and the lead is told so.
    let duties = world.identity().list_duties(lead.call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
    let sign = duties.iter().find(|duty| duty.kind() == v1::DutyKind::Sign).expect("a signature is due");
    assert_eq!(sign.state(), v1::DutyState::Due);
    assert!(sign.summary.contains("waits for your signature"), "{}", sign.summary);

    let accept = || v1::AcceptReturnRequest { name: sent.name.clone(), etag: String::new() };
    let early = world.returns().accept_return(world.editor.call(accept())).await.unwrap_err();
    assert_eq!(early.code(), Code::FailedPrecondition);
    assert_eq!(told(&early), ("RETURN_NOT_SIGNED".into(), "The lead or a deputy signs it.".into(), "lead".into()));
    // An officer is not even asked who they are.
    let sign = |etag: &str| v1::SignReturnRequest { name: sent.name.clone(), etag: etag.to_owned() };
    assert_eq!(world.returns().sign_return(officer.call(sign(""))).await.unwrap_err().code(), Code::PermissionDenied);

    let reasons = "Burglary is that of the whole year.";
    let back = v1::SendBackReturnRequest { name: sent.name.clone(), reasons: reasons.into(), etag: sent.etag.clone() };
    let none = v1::SendBackReturnRequest { reasons: String::new(), ..back.clone() };
    let nothing = world.returns().send_back_return(lead.call(none)).await.unwrap_err();
    assert_eq!(nothing.get_details_bad_request().unwrap().field_violations[0].field, "reasons");
    let back = world.returns().send_back_return(lead.call(back)).await.unwrap().into_inner();
    assert_eq!((back.state(), back.reasons.as_str()), (v1::ReturnState::SentBack, reasons));
    let duties = world.identity().list_duties(officer.call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
    assert!(duties[0].summary.contains(reasons) && duties[0].state() == v1::DutyState::Due, "{:?}", duties[0]);

    let again = world.returns().create_return(officer.call(two_figures(0, CYCLE, "2021-q3", "1206", "2"))).await.unwrap().into_inner();
    assert_eq!((again.state(), again.reasons.as_str()), (v1::ReturnState::Submitted, ""));
    let blind = world.returns().sign_return(lead.call(sign(""))).await.unwrap_err();
    assert_eq!(blind.get_details_bad_request().unwrap().field_violations[0].field, "etag", "nobody signs what they have not read");
    let stale = world.returns().sign_return(lead.call(sign(&sent.etag))).await.unwrap_err();
    assert_eq!((stale.code(), told(&stale).0.as_str()), (Code::Aborted, "ETAG_MISMATCH"), "the lead signs what they read");
    let signed = world.returns().sign_return(lead.call(sign(&again.etag))).await.unwrap().into_inner();
    assert_eq!(signed.state(), v1::ReturnState::Signed);
    let accepted = world.returns().accept_return(world.editor.call(accept())).await.unwrap().into_inner();
    assert_eq!(accepted.state(), v1::ReturnState::Accepted);

    let status = v1::GetCycleStatusRequest { name: CYCLE.into() };
    let status = world.returns().get_cycle_status(world.editor.call(status)).await.unwrap().into_inner();
    assert_eq!((status.received, status.signed, status.accepted, status.unsigned), (1, 1, 1, 0));
    assert_eq!(status.partnerships[0].awaits(), v1::Role::Unspecified);
    assert_eq!(status.partnerships[1].awaits(), v1::Role::Officer);

    world.at("2022-01-12T17:00:01Z").await;
    let paper = text(&world).await;
    assert!(paper.contains("1,206") && !paper.contains("7,301"), "{paper}");
    // In the frozen paper it stays signed and accepted.
    let status = v1::GetCycleStatusRequest { name: CYCLE.into() };
    let status = world.returns().get_cycle_status(world.editor.call(status)).await.unwrap().into_inner();
    assert_eq!(status.partnerships[0].state(), v1::ReturnState::Frozen);
    assert_eq!((status.received, status.signed, status.accepted, status.unsigned), (1, 1, 1, 0));
    let duties = world.identity().list_duties(officer.call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
    let own = |rate: &Option<v1::Rate>| rate.as_ref().map(|rate| (rate.part, rate.whole, rate.cycles, rate.percent));
    assert_eq!((own(&duties[0].complete), own(&duties[0].on_time)), (Some((1, 1, 1, None)), Some((1, 1, 1, None))));
    let receipt = v1::GetReceiptRequest { name: sent.name.clone() };
    let receipt = world.returns().get_receipt(world.editor.call(receipt)).await.unwrap().into_inner();
    let deeds: Vec<_> = receipt.steps.iter().map(v1::ReturnStep::deed).collect();
    assert_eq!(deeds, [Submit, SendBack, Submit, Sign, Accept, Freeze]);
    assert_eq!(receipt.steps[5].person, "", "the schedule froze it");
    let recall = v1::RecallReturnRequest { name: sent.name.clone(), etag: String::new() };
    let frozen = world.returns().recall_return(officer.call(recall)).await.unwrap_err();
    assert_eq!((told(&frozen).0.as_str(), told(&frozen).2.as_str()), ("RETURN_FROZEN", ""));
}

pub(crate) async fn what_no_lead_signed_is_received_and_not_printed(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let lead = world.person(&world.administrator, "lead", v1::Role::Lead, &partnership(0)).await.unwrap();
    for n in 0..2 {
        let value = ["7301", "4407"][n];
        world.returns().create_return(world.officers[n].call(two_figures(n, CYCLE, "2021-q3", value, "2"))).await.unwrap();
    }
    // A lead who sends in needs another to sign.
    let name = format!("{}/returns/citizen-focus.2021-q3", partnership(0));
    let answer = two_figures(0, CYCLE, "2021-q3", "7301", "2").answer.map(|answer| v1::Return { name, ..answer });
    let correct = v1::UpdateReturnRequest { answer, ..Default::default() };
    let own = world.returns().update_return(lead.call(correct)).await.unwrap().into_inner();
    let sign = || v1::SignReturnRequest { name: own.name.clone(), etag: own.etag.clone() };
    let author = world.returns().sign_return(lead.call(sign())).await.unwrap_err();
    let wanted = ("AUTHOR_CANNOT_SIGN", "The lead or a deputy who sent in none of it signs.", "lead");
    let found = told(&author);
    assert_eq!((found.0.as_str(), found.1.as_str(), found.2.as_str()), wanted);

    world.at("2022-01-12T17:00:01Z").await;
    let paper = text(&world).await;
    assert!(!paper.contains("7,301") && paper.contains("4,407"), "{paper}");
    assert!(paper.contains("Received, not signed off"), "{paper}");

    // A deputy signs after the deadline; the editor's next version has it.
    let deputy = world.person(&world.administrator, "deputy", v1::Role::Lead, &partnership(0)).await.unwrap();
    world.returns().sign_return(deputy.call(sign())).await.unwrap();
    world
        .digests()
        .freeze_digest(world.editor.call(v1::FreezeDigestRequest { parent: CYCLE.into(), request_id: String::new() }))
        .await
        .unwrap();
    assert!(text(&world).await.contains("7,301"));
}

pub(crate) async fn an_approved_paper_cools_off_for_a_working_day_unless_somebody_says_why_not(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    world.returns().create_return(world.officers[0].call(two_figures(0, CYCLE, "2021-q3", "1", "2"))).await.unwrap();
    world.at("2022-01-12T17:00:01Z").await;
    // Late: on Monday afternoon, for publication on Tuesday at nine.
    world.at("2022-01-17T15:00:00Z").await;
    let approved = world.approve(CYCLE).await.unwrap();
    let until = approved.cooling_off_end_time.unwrap().seconds;
    assert_eq!(until, csp_tests::at("2022-01-18T15:00:00Z").timestamp());
    assert_eq!(world.at("2022-01-18T09:00:00Z").await.released, 0, "a slip can still be caught");

    let end = |reason: &str| v1::EndCoolingOffRequest { name: approved.name.clone(), reason: reason.into(), etag: String::new() };
    let silent = world.digests().end_cooling_off(world.approver.call(end(""))).await.unwrap_err();
    assert_eq!(silent.get_details_bad_request().unwrap().field_violations[0].field, "reason");
    assert_eq!(world.digests().end_cooling_off(world.editor.call(end("Now."))).await.unwrap_err().code(), Code::PermissionDenied);
    let ended = world.digests().end_cooling_off(world.approver.call(end("Five clear days must be kept."))).await.unwrap().into_inner();
    assert_eq!(
        (ended.cooling_off_ender.as_str(), ended.cooling_off_reason.as_str()),
        (&*world.approver.person, "Five clear days must be kept.")
    );
    let again = world.digests().end_cooling_off(world.approver.call(end("Again."))).await.unwrap_err();
    assert_eq!(told(&again).0, "COOLING_OFF_OVER");
    assert_eq!(world.at("2022-01-18T09:00:01Z").await.released, 1);
}

pub(crate) async fn a_committee_that_nobody_can_approve_for_says_so(bed: Bed) {
    let world = World::on(bed).await;
    let get = || v1::GetCommitteeRequest { name: COMMITTEE.into() };
    let warnings = async || world.committees().get_committee(world.administrator.call(get())).await.unwrap().into_inner().warnings;
    assert_eq!(warnings().await, ["It has one approver: when they are away, or wrote part of the paper, nobody can approve it."]);
    world.person(&world.administrator, "second", v1::Role::Approver, COMMITTEE).await.unwrap();
    assert!(warnings().await.is_empty());
    let committee = v1::Committee { display_name: "Cabinet".into(), partnerships: vec![partnership(0)], ..Default::default() };
    let create = v1::CreateCommitteeRequest {
        parent: REGION.into(),
        committee: Some(committee),
        committee_id: "cabinet".into(),
        request_id: String::new(),
    };
    let made = world.committees().create_committee(world.administrator.call(create)).await.unwrap().into_inner();
    assert_eq!(made.sign_off(), v1::SignOffRule::WhereLed);
    let editor = "It has no editor: nobody writes its own part, accepts returns or is told who is missing.";
    assert_eq!(made.warnings, [editor, "It has no approver: its paper cannot be released."]);
}

/// Nothing that was sent in is lost, and whoever takes a partnership out is told what was.
pub(crate) async fn a_partnership_that_is_taken_out_of_a_committee_in_mid_cycle_is_told_of(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    world.returns().create_return(world.officers[0].call(two_figures(0, CYCLE, "2021-q3", "1206", "2"))).await.unwrap();
    let again = world.returns().create_return(world.officers[0].call(two_figures(0, CYCLE, "2021-q3", "7", "2"))).await.unwrap_err();
    let by = "Correct the return that is there: csp return correct, or UpdateReturn.".to_owned();
    assert_eq!((again.code(), told(&again)), (Code::AlreadyExists, ("ALREADY_EXISTS".to_owned(), by, "officer,lead".to_owned())));
    let reporting = async |partnerships: Vec<String>| {
        let committee = Some(v1::Committee { name: COMMITTEE.into(), partnerships, ..Default::default() });
        let update_mask = Some(prost_types::FieldMask { paths: vec!["partnerships".into()] });
        let update = v1::UpdateCommitteeRequest { committee, update_mask };
        world.committees().update_committee(world.administrator.call(update)).await.unwrap().into_inner().warnings
    };
    let status = async || {
        let status = v1::GetCycleStatusRequest { name: CYCLE.into() };
        let status = world.returns().get_cycle_status(world.editor.call(status)).await.unwrap().into_inner();
        (status.received, status.expected)
    };
    let warnings = reporting(vec![partnership(2)]).await;
    let of = |name: &str| warnings.iter().find(|warning| warning.starts_with(name)).unwrap_or_else(|| panic!("{name}: {warnings:?}"));
    assert!(
        of("Gateshead no longer owes a return for 2021-q3, which is collecting.").contains("Its return had been received: it stays on")
    );
    assert!(of("Newcastle upon Tyne no longer owes").ends_with("Nothing had been received from it."));
    assert_eq!(status().await, (0, 1));
    let warnings = reporting(vec![partnership(0), partnership(1), partnership(2)]).await;
    assert!(!warnings.iter().any(|warning| warning.contains("no longer owes")), "{warnings:?}");
    assert_eq!(status().await, (1, 3), "it is back as it was");
}
