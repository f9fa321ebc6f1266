//! Nobody chases anybody by hand.

use std::sync::Arc;

use csp_domain::{chance::SeededChance, clock::SharedClock};
use csp_mail::sink::{Act, Script, Step};
use csp_proto::v1;
use csp_tests::{Bed, at};
use mail_parser::MessageParser;

use crate::world::{COMMITTEE, PATIENCE, REGION, Who, World, partnership, scheduler, two_figures};

/// The quarter after the first: it opens on Friday 1 April 2022 and is due at 17:00 on Tuesday 12 April.
pub(crate) const SPRING: &str = "regions/northumbria/committees/citizen-focus/cycles/2021-q4";

/// What was mailed since the last look: to whom, about what. Of rehearsals another story tells.
async fn mailed(world: &World, seen: &mut usize) -> Vec<String> {
    let list = v1::ListMessagesRequest { parent: REGION.into(), page_size: 500, ..Default::default() };
    let sent = world.messages().list_messages(world.system.call(list)).await.unwrap().into_inner().messages;
    let sent = sent.iter().filter(|message| message.state() == v1::MessageState::Accepted).count();
    let mails = tokio::time::timeout(PATIENCE, world.sink.received(sent)).await.unwrap();
    let mut new: Vec<String> = mails[*seen..]
        .iter()
        .map(|mail| {
            let subject = MessageParser::default().parse(&mail.bytes).unwrap().subject().unwrap().to_owned();
            format!("{}: {subject}", mail.to.split('@').next().unwrap())
        })
        .filter(|mail| !mail.contains("REHEARSAL"))
        .collect();
    *seen = mails.len();
    new.sort();
    new
}

fn said(world: &World, to: &str) -> String {
    let mails = world.sink.messages();
    let mail = mails.iter().rfind(|mail| mail.to.starts_with(to)).expect("was written to");
    MessageParser::default().parse(&mail.bytes).unwrap().body_text(0).unwrap().replace("\r\n", "\n")
}

async fn lead_of(world: &World, n: usize) -> Who {
    let slug = format!("lead-{}", crate::world::PARTNERSHIPS[n]);
    world.person(&world.administrator, &slug, v1::Role::Lead, &partnership(n)).await.unwrap()
}

pub(crate) async fn from_the_opening_to_the_approval_whoever_owes_something_is_told_and_nobody_else(bed: Bed) {
    let world = World::on(bed).await;
    let lead = lead_of(&world, 0).await;
    lead_of(&world, 1).await;
    let mut seen = 0;
    world.at("2022-02-01T09:00:00Z").await;
    mailed(&world, &mut seen).await;

    // It opens at nine by the clock on the wall, which is summer's by now.
    world.at("2022-04-01T07:59:59Z").await;
    assert_eq!(mailed(&world, &mut seen).await, [] as [&str; 0]);
    world.at("2022-04-01T08:00:00Z").await;
    assert_eq!(
        mailed(&world, &mut seen).await,
        [
            "officer-gateshead: Gateshead: returns for Q4 2021/22 are open",
            "officer-newcastle: Newcastle upon Tyne: returns for Q4 2021/22 are open",
            "officer-sunderland: Sunderland: returns for Q4 2021/22 are open",
        ]
    );
    insta::assert_snapshot!("reminder_opened", said(&world, "officer-newcastle"));
    // With it, when returns are due and when the committee meets, for their diary.
    let mails = world.sink.messages();
    let letter = MessageParser::default().parse(&mails.last().unwrap().bytes).unwrap();
    let file = letter.attachments().next().expect("dates go with it");
    assert_eq!(mail_parser::MimeHeaders::attachment_name(file), Some("returns-due.ics"));
    let dates = csp_domain::calendar::ics::read(file.contents(), chrono_tz::Europe::London).unwrap();
    assert_eq!(dates.len(), 2, "{}", String::from_utf8_lossy(file.contents()));
    world.at("2022-04-01T13:00:00Z").await;
    world.at("2022-04-04T08:00:00Z").await;
    assert_eq!(mailed(&world, &mut seen).await, [] as [&str; 0], "not every morning");

    // Gateshead is in: its officer is left alone from then on, and its lead has to sign. Newcastle has sent one figure of two.
    let sent =
        world.returns().create_return(world.officers[0].call(two_figures(0, SPRING, "2021-q4", "10", "20"))).await.unwrap().into_inner();
    let mut half = two_figures(1, SPRING, "2021-q4", "10", "20");
    if let Some(v1::r#return::Content::Figures(figures)) = half.answer.as_mut().unwrap().content.as_mut() {
        figures.figures.pop();
    }
    world.returns().create_return(world.officers[1].call(half)).await.unwrap();
    world.at("2022-04-05T08:00:00Z").await;
    assert_eq!(
        mailed(&world, &mut seen).await,
        [
            "lead-gateshead: Gateshead: the return for Q4 2021/22 waits for your signature",
            "lead-newcastle: Newcastle upon Tyne: the return for Q4 2021/22 waits for your signature",
            "officer-newcastle: Newcastle upon Tyne: the return for Q4 2021/22 is due on Tuesday 12 April 2022",
            "officer-sunderland: Sunderland: the return for Q4 2021/22 is due on Tuesday 12 April 2022",
        ]
    );
    // The page names the same figure as the letters.
    let status = v1::GetCycleStatusRequest { name: SPRING.into() };
    let status = world.returns().get_cycle_status(world.editor.call(status)).await.unwrap().into_inner();
    let missing = |n: usize| {
        let one = &status.partnerships[n];
        let names: Vec<_> = one.missing_figures.iter().map(|missing| missing.display_name.as_str()).collect();
        (one.figures_asked, one.figures_missing, names)
    };
    assert_eq!((missing(0), missing(1)), ((2, 0, vec![]), (2, 1, vec!["Vehicle crime"])));
    assert_eq!(missing(2), (2, 0, vec![]), "of what was never sent in no figure is named");
    let text = said(&world, "lead-newcastle").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("1 of 2 figures still to come: Vehicle crime; not signed yet"), "{text}");

    insta::assert_snapshot!("reminder_to_sign", said(&world, "lead-gateshead"));
    world.returns().sign_return(lead.call(v1::SignReturnRequest { name: sent.name, etag: sent.etag })).await.unwrap();

    // One working day before, the editor learns who is missing.
    world.at("2022-04-11T08:00:00Z").await;
    let new = mailed(&world, &mut seen).await;
    assert_eq!(new.len(), 4, "{new:?}");
    assert_eq!(new[0], "editor: Citizen Focus Committee: 2 of 3 returns for Q4 2021/22 are still to come");
    insta::assert_snapshot!("reminder_editor", said(&world, "editor"));

    // Sunderland has nothing to report, and has said so.
    let nil = v1::r#return::Content::Nil(v1::NilReturn { statement: "Nothing was recorded in this quarter.".into() });
    let answer = v1::Return { cycle: SPRING.into(), content: Some(nil), ..Default::default() };
    let create = v1::CreateReturnRequest { parent: partnership(2), answer: Some(answer), ..Default::default() };
    world.returns().create_return(world.officers[2].call(create)).await.unwrap();
    world.at("2022-04-12T08:00:00Z").await;
    assert_eq!(
        mailed(&world, &mut seen).await,
        [
            "editor: Citizen Focus Committee: 1 of 3 returns for Q4 2021/22 is still to come",
            "lead-newcastle: Newcastle upon Tyne: the return for Q4 2021/22 waits for your signature",
            "officer-newcastle: Newcastle upon Tyne: the return for Q4 2021/22 is due today",
        ]
    );

    // After the deadline it is said once, and who approves is told that the paper waits.
    world.at("2022-04-12T16:00:01Z").await;
    world.at("2022-04-13T08:00:00Z").await;
    assert_eq!(
        mailed(&world, &mut seen).await,
        [
            "approver: Citizen Focus Committee: the paper for Q4 2021/22 waits for your approval",
            "editor: Citizen Focus Committee: 1 of 3 returns for Q4 2021/22 was not received whole, and one more",
            "lead-newcastle: Newcastle upon Tyne: the return for Q4 2021/22 waits for your signature",
            "officer-newcastle: Newcastle upon Tyne: the return for Q4 2021/22 is overdue",
        ]
    );
    insta::assert_snapshot!("reminder_approval", said(&world, "approver"));
    insta::assert_snapshot!("reminder_to_sign_late", said(&world, "lead-newcastle"));
    // Two working days before publication on Easter Monday it is the same Wednesday, and so it was said at once.
    let text = said(&world, "editor").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Nobody has approved the paper"), "{text}");
    world.at("2022-04-14T08:00:00Z").await;
    assert_eq!(mailed(&world, &mut seen).await, [] as [&str; 0]);
    world.approve(SPRING).await.unwrap();
    world.at("2022-04-19T08:00:00Z").await;
    let new = mailed(&world, &mut seen).await;
    assert!(new.iter().all(|mail| mail.contains("Community Safety Partnerships update")), "only the paper itself: {new:?}");
}

pub(crate) async fn only_who_may_sign_is_asked_to_and_what_was_recalled_is_called_that(bed: Bed) {
    let world = World::on(bed).await;
    let lead = lead_of(&world, 0).await;
    // A deputy in Gateshead: written to only where the lead cannot act.
    let deputy = world.person(&world.administrator, "deputy-gateshead", v1::Role::Approver, COMMITTEE).await.unwrap();
    let grant = v1::RoleGrant { role: v1::Role::Lead.into(), partnership: partnership(0), deputy: true, ..Default::default() };
    let grant = v1::CreateRoleGrantRequest { parent: deputy.person.clone(), role_grant: Some(grant), request_id: String::new() };
    world.persons().create_role_grant(world.administrator.call(grant)).await.unwrap();
    let mut seen = 0;
    world.at("2022-02-01T09:00:00Z").await;
    world.at("2022-04-01T08:00:00Z").await;
    mailed(&world, &mut seen).await;

    let mut half = two_figures(0, SPRING, "2021-q4", "10", "20");
    if let Some(v1::r#return::Content::Figures(figures)) = half.answer.as_mut().unwrap().content.as_mut() {
        figures.figures.pop();
    }
    world.returns().create_return(world.officers[0].call(half)).await.unwrap();
    world.at("2022-04-04T08:00:00Z").await;
    assert_eq!(mailed(&world, &mut seen).await, [] as [&str; 0]);
    let item = v1::NewsItem {
        cycle: SPRING.into(),
        kind: v1::NewsKind::News.into(),
        headline: "A refuge opens".into(),
        body: "It has eight places.".into(),
        body_format: v1::BodyFormat::PlainText.into(),
        ..Default::default()
    };
    world.news().create_news_item(lead.call(crate::quarter::create_news(partnership(0), item))).await.unwrap();
    let sent =
        world.returns().create_return(world.officers[1].call(two_figures(1, SPRING, "2021-q4", "10", "20"))).await.unwrap().into_inner();
    let recall = v1::RecallReturnRequest { name: sent.name, etag: String::new() };
    world.returns().recall_return(world.officers[1].call(recall)).await.unwrap();
    world.at("2022-04-05T08:00:00Z").await;
    assert_eq!(
        mailed(&world, &mut seen).await,
        [
            "deputy-gateshead: Gateshead: the return for Q4 2021/22 waits for your signature",
            "officer-gateshead: Gateshead: the return for Q4 2021/22 is due on Tuesday 12 April 2022",
            "officer-newcastle: Newcastle upon Tyne: the return for Q4 2021/22 was recalled",
            "officer-sunderland: Sunderland: the return for Q4 2021/22 is due on Tuesday 12 April 2022",
        ]
    );
    let duties = world.identity().list_duties(lead.call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
    let sign = duties.iter().find(|duty| duty.kind() == v1::DutyKind::Sign).expect("a signature is wanted");
    assert!(sign.summary.contains("you wrote news that goes with it"), "{}", sign.summary);
    assert_eq!(sign.state(), v1::DutyState::Upcoming);

    // After the deadline what was recalled may still come.
    world.at("2022-04-12T16:00:01Z").await;
    world.at("2022-04-13T08:00:00Z").await;
    insta::assert_snapshot!("reminder_recalled_late", said(&world, "officer-newcastle"));
    assert!(said(&world, "officer-sunderland").contains("nothing more is taken"));
}

pub(crate) async fn two_servers_that_look_at_once_write_one_letter(bed: Bed) {
    let world = World::on(bed).await;
    let clock: SharedClock = Arc::new(world.bed.clock.clone());
    let store = world.bed.second_store(Arc::new(SeededChance::new(31))).await;
    let other = scheduler(&store, clock, 32, &world.sink);
    let mut seen = 0;
    // The papers of the quarter before have been spoken of.
    world.at("2022-02-01T09:00:00Z").await;
    mailed(&world, &mut seen).await;
    world.bed.clock.set(at("2022-04-01T08:00:00Z"));
    // Opening it is one unit, the round another: both servers do all of it at the same time.
    let (one, two) = tokio::join!(world.scheduler.tick(), other.tick());
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.reminded + two.reminded, 3, "{one:?} {two:?}");
    // Clocks that go back, or a day ahead and back, find the round made.
    for moment in ["2022-03-31T09:00:00Z", "2022-04-01T08:30:00Z", "2022-04-01T07:30:00Z", "2022-04-01T09:00:00Z"] {
        world.bed.clock.set(at(moment));
        assert_eq!(world.scheduler.tick().await.unwrap().reminded + other.tick().await.unwrap().reminded, 0, "{moment}");
    }
    world.scheduler.deliver().await.unwrap();
    assert_eq!(mailed(&world, &mut seen).await.len(), 3);
    store.close().await;
}

pub(crate) async fn a_server_that_slept_sends_one_letter_that_is_true_today(bed: Bed) {
    let world = World::on(bed).await;
    let mut seen = 0;
    world.at("2022-02-01T09:00:00Z").await;
    mailed(&world, &mut seen).await;
    // Down from March to Saturday 9 April; it opens the cycle then, and keeps quiet until Monday morning.
    let tick = world.at("2022-04-09T10:00:00Z").await;
    assert_eq!((tick.opened, tick.reminded), (1, 0));
    world.at("2022-04-11T08:00:00Z").await;
    let new = mailed(&world, &mut seen).await;
    let of_officers: Vec<_> = new.iter().filter(|mail| mail.starts_with("officer")).collect();
    assert_eq!(of_officers.len(), 3, "{new:?}");
    assert!(of_officers.iter().all(|mail| mail.ends_with("is due tomorrow")), "{new:?}");
}

pub(crate) async fn who_answers_for_two_partnerships_gets_one_letter_about_both(bed: Bed) {
    let world = World::on(bed).await;
    // The officer of Gateshead stands in for Newcastle's, who has left, and edits the paper as well.
    let list = v1::ListRoleGrantsRequest { parent: world.officers[1].person.clone(), ..Default::default() };
    let held = world.persons().list_role_grants(world.administrator.call(list)).await.unwrap().into_inner().role_grants.remove(0);
    world.persons().end_role_grant(world.administrator.call(v1::EndRoleGrantRequest { name: held.name })).await.unwrap();
    for grant in [
        v1::RoleGrant { role: v1::Role::Officer.into(), partnership: partnership(1), deputy: true, ..Default::default() },
        v1::RoleGrant { role: v1::Role::Editor.into(), committee: COMMITTEE.into(), ..Default::default() },
    ] {
        let parent = world.officers[0].person.clone();
        let grant = v1::CreateRoleGrantRequest { parent, role_grant: Some(grant), request_id: String::new() };
        world.persons().create_role_grant(world.administrator.call(grant)).await.unwrap();
    }
    let mut seen = 0;
    world.at("2022-02-01T09:00:00Z").await;
    mailed(&world, &mut seen).await;
    world.at("2022-04-11T08:00:00Z").await;
    let new = mailed(&world, &mut seen).await;
    let theirs: Vec<_> = new.iter().filter(|mail| mail.starts_with("officer-gateshead")).collect();
    assert_eq!(theirs, ["officer-gateshead: Gateshead: the return for Q4 2021/22 is due tomorrow, and two more"], "{new:?}");
    insta::assert_snapshot!("reminder_of_three_things", said(&world, "officer-gateshead"));
    assert!(!new.iter().any(|mail| mail.starts_with("officer-newcastle")), "who has left is not written to: {new:?}");
}

pub(crate) async fn a_letter_that_waits_for_the_mail_server_is_taken_back_once_all_is_in(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-02-01T09:00:00Z").await;
    let before = world.sink.messages().len();
    world.sink.set_script(Script::accepting().always(Step::Rcpt, Act::reply("451 4.3.0 try again later")));
    world.at("2022-04-01T08:00:00Z").await;
    let states = async || {
        let list = v1::ListMessagesRequest { parent: REGION.into(), page_size: 500, ..Default::default() };
        let all = world.messages().list_messages(world.system.call(list)).await.unwrap().into_inner().messages;
        let reminders =
            all.into_iter().filter(|message| message.kind() == v1::MessageKind::Reminder && message.state() != v1::MessageState::Accepted);
        reminders.map(|message| (message.email.split('@').next().unwrap().to_owned(), message.state())).collect::<Vec<_>>()
    };
    let waiting = states().await;
    assert!(waiting.len() == 3 && waiting.iter().all(|(_, state)| *state == v1::MessageState::Queued), "{waiting:?}");
    world.returns().create_return(world.officers[0].call(two_figures(0, SPRING, "2021-q4", "10", "20"))).await.unwrap();
    world.at("2022-04-01T08:05:00Z").await;
    let of = |states: &[(String, v1::MessageState)], who: &str| states.iter().find(|(to, _)| to == who).unwrap().1;
    let now = states().await;
    assert_eq!(of(&now, "officer-gateshead"), v1::MessageState::Cancelled);
    assert_eq!(of(&now, "officer-newcastle"), v1::MessageState::Queued);
    // What did not set out on its day does not set out on another.
    world.sink.set_script(Script::accepting());
    world.at("2022-04-02T00:30:00Z").await;
    assert_eq!(of(&states().await, "officer-newcastle"), v1::MessageState::Cancelled);
    assert_eq!(world.sink.messages().len(), before);
}
