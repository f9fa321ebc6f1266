//! One quarter, from the opening to the members' mailboxes.

use csp_proto::v1;
use csp_tests::Bed;
use mail_parser::MessageParser;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{COMMITTEE, CYCLE, MEMBERS, REGION, World, partnership, two_figures};

fn news(cycle: &str, kind: v1::NewsKind, headline: &str, body: &str) -> v1::NewsItem {
    v1::NewsItem {
        cycle: cycle.into(),
        kind: kind.into(),
        headline: headline.into(),
        body: body.into(),
        body_format: v1::BodyFormat::Markdown.into(),
        happened_on: "2021-11-24".into(),
        ..Default::default()
    }
}

pub(crate) fn create_news(parent: String, item: v1::NewsItem) -> v1::CreateNewsItemRequest {
    v1::CreateNewsItemRequest { parent, news_item: Some(item), request_id: String::new(), validate_only: false }
}

fn nil(n: usize, statement: &str) -> v1::CreateReturnRequest {
    let content = v1::r#return::Content::Nil(v1::NilReturn { statement: statement.into() });
    let answer = v1::Return { cycle: CYCLE.into(), content: Some(content), ..Default::default() };
    v1::CreateReturnRequest {
        parent: partnership(n),
        answer: Some(answer),
        request_id: String::new(),
        validate_only: false,
        on_behalf: String::new(),
        mail_receipt: false,
    }
}

pub(crate) async fn from_the_opening_to_the_members_mailboxes(bed: Bed) {
    let world = World::on(bed).await;
    let opened = world.at("2022-01-05T10:00:00Z").await;
    assert_eq!((opened.planned, opened.opened), (2, 1), "this quarter's cycle, and the next one planned ahead");

    // Gateshead sends figures and news, Newcastle a nil return; Sunderland is silent.
    let award = news(
        CYCLE,
        v1::NewsKind::Award,
        "An award for volunteers",
        "Volunteers run **sport and art** <after> school.".replace("<after>", "after").as_str(),
    );
    world.news().create_news_item(world.officers[0].call(create_news(partnership(0), award))).await.unwrap();
    let figures = two_figures(0, CYCLE, "2021-q3", "206", "291");
    world.returns().create_return(world.officers[0].call(figures)).await.unwrap();
    world.returns().create_return(world.officers[1].call(nil(1, "Nothing to report this quarter."))).await.unwrap();
    let national = news(CYCLE, v1::NewsKind::NationalDevelopment, "A new duty", "A duty begins on 1 April 2022.");
    world.news().create_news_item(world.editor.call(create_news(COMMITTEE.into(), national))).await.unwrap();

    let duties = world.identity().list_duties(world.officers[2].call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
    assert_eq!(duties[0].state(), v1::DutyState::Due);
    assert_eq!(duties[0].summary, "no return yet, 0 news items");
    let duties = world.identity().list_duties(world.editor.call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
    assert_eq!(duties[0].summary, "2 of 3 returns received, 1 national item");

    // Nothing moves at the deadline's own instant; a moment later collecting is over and the paper frozen.
    assert_eq!(world.at("2022-01-12T17:00:00Z").await.closed, 0);
    let closed = world.at("2022-01-12T17:00:01Z").await;
    assert_eq!((closed.closed, closed.frozen), (1, 1));
    let approved = world.approve(CYCLE).await.unwrap();
    assert_eq!(approved.state(), v1::DigestState::Approved);

    // Approved is not published.
    assert_eq!(world.at("2022-01-18T08:59:59Z").await.released, 0);
    assert!(world.papers().is_empty());
    assert_eq!(world.at("2022-01-18T09:00:00Z").await.released, 1);
    let received = world.papers();
    assert_eq!(received.len(), MEMBERS.len());

    let text = v1::GetRenditionRequest { name: approved.name.clone(), kind: v1::RenditionKind::Text.into() };
    let text = world.digests().get_rendition(world.approver.call(text)).await.unwrap().into_inner();
    let printed = String::from_utf8(text.data).unwrap();
    for expected in
        ["No return received by 17:00 on 12 January", "Nothing to report this quarter.", "An award for volunteers", "A new duty", "206"]
    {
        assert!(printed.contains(expected), "{expected:?} is not in\n{printed}");
    }
    let mut message_ids = Vec::new();
    for member in MEMBERS {
        let mail = received.iter().find(|mail| mail.to == member).expect("one message for each member");
        let parsed = MessageParser::default().parse(&mail.bytes).expect("mail reads as mail");
        assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some(member));
        assert!(parsed.bcc().is_none() && parsed.cc().is_none());
        assert_eq!(parsed.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
        assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), printed.trim_end(), "what was approved is what is sent");
        message_ids.push(parsed.message_id().unwrap().to_owned());
    }
    message_ids.sort_unstable();
    message_ids.dedup();
    assert_eq!(message_ids.len(), MEMBERS.len(), "a Message-ID of its own for each");

    let list = v1::ListMessagesRequest { parent: REGION.into(), digest: approved.name, ..Default::default() };
    let messages = world.messages().list_messages(world.editor.call(list)).await.unwrap().into_inner().messages;
    assert!(messages.iter().all(|message| message.state() == v1::MessageState::Accepted && message.attempts == 1), "{messages:?}");

    // Looking again changes nothing.
    assert_eq!(world.at("2022-01-18T09:05:00Z").await, csp_scheduler::Tick::default());
    assert_eq!(world.papers().len(), MEMBERS.len());
}

pub(crate) async fn everything_wrong_with_a_return_is_told_at_once(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let figure = |indicator: &str, period: &str, answer: Option<v1::figure::Answer>| v1::Figure {
        indicator: format!("{REGION}/indicators/{indicator}"),
        period: period.into(),
        answer,
        ..Default::default()
    };
    let value = |text: &str| Some(v1::figure::Answer::Value(text.into()));
    let late = |day: &str| Some(v1::figure::Answer::Late(v1::Late { expected_date: day.into() }));
    let figures = vec![
        figure("burglary", "2021-q3", value("12")),
        figure("burglary", "2021-q3", value("13")),
        figure("arson", "2021-q3", value("1")),
        figure("vehicle-crime", "2021-q3", value("-4")),
        figure("vehicle-crime", "2021-q4", value("4")),
        figure("vehicle-crime", "2020-q3", late("31 January")),
        figure("vehicle-crime", "2019-q3", None),
        figure("vehicle-crime", "2018-q3", value("1,234")),
    ];
    let mut request = two_figures(0, CYCLE, "2021-q3", "1", "1");
    request.answer.as_mut().unwrap().content = Some(v1::r#return::Content::Figures(v1::Figures { figures, quoted_figures: Vec::new() }));
    let refused = world.returns().create_return(world.officers[0].call(request)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let told: Vec<String> = refused.get_details_bad_request().unwrap().field_violations.into_iter().map(|v| v.field).collect();
    let place = |i: usize, field: &str| format!("answer.figures.figures[{i}]{field}");
    let expected = [
        place(1, ""),
        place(2, ".indicator"),
        place(3, ".value"),
        place(4, ".period"),
        place(5, ".late.expected_date"),
        place(6, ".answer"),
        place(7, ".value"),
    ];
    assert_eq!(told, expected);

    let get = v1::ListReturnsRequest { parent: partnership(0), ..Default::default() };
    assert!(world.returns().list_returns(world.officers[0].call(get)).await.unwrap().into_inner().returns.is_empty(), "nothing was kept");

    let bad = news(CYCLE, v1::NewsKind::Unspecified, "", "Hello <b>you</b>\n\n![x](https://evil.example/x.png)");
    let refused = world.news().create_news_item(world.officers[0].call(create_news(partnership(0), bad))).await.unwrap_err();
    assert_eq!(refused.get_details_bad_request().unwrap().field_violations.len(), 4, "{refused:?}");
}

pub(crate) async fn after_the_deadline_a_submission_is_refused_with_a_reason(bed: Bed) {
    let world = World::on(bed).await;
    // The schedule plans the cycle; an officer who is early is told when it opens.
    world.at("2022-01-05T10:00:00Z").await;
    let early = "regions/northumbria/committees/citizen-focus/cycles/2021-q4";
    let refused = world.returns().create_return(world.officers[0].call(two_figures(0, early, "2021-q4", "1", "2"))).await.unwrap_err();
    assert_eq!((refused.code(), refused.get_details_error_info().unwrap().reason.as_str()), (Code::FailedPrecondition, "CYCLE_NOT_OPEN"));

    // A minute past the deadline, though no tick has closed anything yet.
    world.bed.clock.set(csp_tests::at("2022-01-12T17:01:00Z"));
    let refused = world.returns().create_return(world.officers[2].call(two_figures(2, CYCLE, "2021-q3", "1", "2"))).await.unwrap_err();
    let info = refused.get_details_error_info().unwrap();
    assert_eq!((refused.code(), info.reason.as_str()), (Code::FailedPrecondition, "CYCLE_CLOSED"));
    assert_eq!(info.metadata["deadline_time"], "2022-01-12T17:00:00Z");
}

pub(crate) async fn nobody_approves_what_they_wrote_or_have_not_read(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    // The approver is also an editor, and writes a national item, which the editor then corrects.
    let role_grant = v1::RoleGrant { role: v1::Role::Editor.into(), committee: COMMITTEE.into(), ..Default::default() };
    let grant =
        v1::CreateRoleGrantRequest { parent: world.approver.person.clone(), role_grant: Some(role_grant), request_id: String::new() };
    world.persons().create_role_grant(world.administrator.call(grant)).await.unwrap();
    let item = news(CYCLE, v1::NewsKind::NationalDevelopment, "Funding", "It continues.");
    let written = world.news().create_news_item(world.approver.call(create_news(COMMITTEE.into(), item))).await.unwrap().into_inner();
    let corrected =
        v1::UpdateNewsItemRequest { news_item: Some(v1::NewsItem { headline: "Funding goes on".into(), ..written }), ..Default::default() };
    world.news().update_news_item(world.editor.call(corrected)).await.unwrap();
    world.at("2022-01-12T17:00:01Z").await;
    let refused = world.approve(CYCLE).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "AUTHOR_CANNOT_APPROVE");

    // Somebody else may, but only by naming what is stored.
    let second = world.person(&world.administrator, "second-approver", v1::Role::Approver, COMMITTEE).await.unwrap();
    let get = v1::GetDigestRequest { name: format!("{CYCLE}/digests/1") };
    let digest = world.digests().get_digest(second.call(get)).await.unwrap().into_inner();
    let mut hashes = digest.hashes.clone();
    hashes[1] = "0".repeat(64);
    let refused =
        world.digests().approve_digest(second.call(v1::ApproveDigestRequest { name: digest.name.clone(), hashes })).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "HASHES_DIFFER");

    // An editor is no approver, and freezing anew takes the first version's place.
    let approve = v1::ApproveDigestRequest { name: digest.name.clone(), hashes: digest.hashes.clone() };
    assert_eq!(world.digests().approve_digest(world.editor.call(approve.clone())).await.unwrap_err().code(), Code::PermissionDenied);
    world.digests().approve_digest(second.call(approve.clone())).await.unwrap();
    let freeze = v1::FreezeDigestRequest { parent: CYCLE.into(), request_id: String::new() };
    let again = world.digests().freeze_digest(world.editor.call(freeze)).await.unwrap().into_inner();
    assert_eq!((again.version, again.state()), (2, v1::DigestState::Frozen));
    let refused = world.digests().approve_digest(second.call(approve)).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().metadata["state"], "superseded");
    assert_eq!(world.at("2022-01-18T09:00:00Z").await.released, 0, "what nobody approved does not go");
}

pub(crate) async fn an_officer_sees_their_own_part_and_no_neighbours(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    for n in [0, 1] {
        let item = news(CYCLE, v1::NewsKind::News, &format!("Secret of {n}"), "Text.");
        world.news().create_news_item(world.officers[n].call(create_news(partnership(n), item))).await.unwrap();
    }
    let preview = v1::PreviewDigestRequest { parent: CYCLE.into() };
    let seen = world.digests().preview_digest(world.officers[0].call(preview.clone())).await.unwrap().into_inner();
    for rendition in &seen.renditions {
        let text = String::from_utf8_lossy(&rendition.data);
        assert!(text.contains("Secret of 0") && !text.contains("Secret of 1"));
    }
    let whole = world.digests().preview_digest(world.editor.call(preview)).await.unwrap().into_inner();
    assert!(String::from_utf8_lossy(&whole.renditions[1].data).contains("Secret of 1"));

    // A neighbour's things and things that are not there answer alike.
    let theirs = v1::ListNewsItemsRequest { parent: partnership(1), ..Default::default() };
    let refused = world.news().list_news_items(world.officers[0].call(theirs)).await.unwrap_err();
    let absent = v1::ListNewsItemsRequest { parent: format!("{REGION}/partnerships/nowhere"), ..Default::default() };
    let nothing = world.news().list_news_items(world.officers[0].call(absent)).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (nothing.code(), nothing.message()));
    let item = news(CYCLE, v1::NewsKind::News, "In their name", "Text.");
    let refused = world.news().create_news_item(world.officers[0].call(create_news(partnership(1), item))).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let refused =
        world.persons().list_persons(world.officers[0].call(v1::ListPersonsRequest { parent: REGION.into(), ..Default::default() })).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
}

pub(crate) async fn a_return_is_corrected_withdrawn_and_sent_in_again(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let officer = &world.officers[0];
    let mut rehearsed = two_figures(0, CYCLE, "2021-q3", "206", "291");
    rehearsed.validate_only = true;
    world.returns().create_return(officer.call(rehearsed)).await.unwrap();
    let name = format!("{}/returns/citizen-focus.2021-q3", partnership(0));
    let get = v1::GetReturnRequest { name: name.clone() };
    assert_eq!(
        world.returns().get_return(officer.call(get.clone())).await.unwrap_err().code(),
        Code::NotFound,
        "a rehearsal keeps nothing"
    );

    let made = world.returns().create_return(officer.call(two_figures(0, CYCLE, "2021-q3", "206", "291"))).await.unwrap().into_inner();
    assert_eq!((made.name.as_str(), made.revision), (name.as_str(), 1));
    let twice = world.returns().create_return(officer.call(two_figures(0, CYCLE, "2021-q3", "1", "1"))).await.unwrap_err();
    assert_eq!(twice.code(), Code::AlreadyExists);

    let mut corrected = made.clone();
    corrected.content = two_figures(0, CYCLE, "2021-q3", "207", "291").answer.unwrap().content;
    let update = v1::UpdateReturnRequest { answer: Some(corrected.clone()), ..Default::default() };
    let second = world.returns().update_return(officer.call(update.clone())).await.unwrap().into_inner();
    assert_eq!(second.revision, 2);
    // The same correction again, from the etag of the first: somebody changed it meanwhile.
    assert_eq!(world.returns().update_return(officer.call(update)).await.unwrap_err().code(), Code::Aborted);

    let withdraw = v1::WithdrawReturnRequest { name: name.clone(), etag: second.etag };
    let gone = world.returns().withdraw_return(officer.call(withdraw)).await.unwrap().into_inner();
    assert_eq!(gone.state(), v1::ReturnState::Withdrawn);
    let back = world.returns().create_return(officer.call(two_figures(0, CYCLE, "2021-q3", "208", "291"))).await.unwrap().into_inner();
    assert_eq!((back.state(), back.revision), (v1::ReturnState::Submitted, 4));
    let read = world.returns().get_return(world.editor.call(get)).await.unwrap().into_inner();
    let Some(v1::r#return::Content::Figures(figures)) = read.content else { panic!("it has figures") };
    assert_eq!(figures.figures[0].answer, Some(v1::figure::Answer::Value("208".into())));
}

pub(crate) async fn one_partnership_cannot_fill_the_paper(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let item = news(CYCLE, v1::NewsKind::News, "Long", &"word ".repeat(12_000));
    let mut taken = 0;
    let refused = loop {
        match world.news().create_news_item(world.officers[0].call(create_news(partnership(0), item.clone()))).await {
            Ok(_) => taken += 1,
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused.get_details_error_info().unwrap().reason, "TOO_MUCH_NEWS");
    assert!((20..=40).contains(&taken), "{taken}");
    // A neighbour has room of their own.
    world.news().create_news_item(world.officers[1].call(create_news(partnership(1), item))).await.unwrap();
}
