//! From meetings to dates, and what happens when a meeting moves.

use csp_proto::v1;
use csp_tests::Bed;
use mail_parser::MessageParser;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{REGION, Who, World, partnership, two_figures};

pub(crate) const SCRUTINY: &str = "regions/northumbria/committees/scrutiny";

/// A committee of the same partnerships that plans by the rules of England, and its editor.
pub(crate) async fn scrutiny(world: &World) -> Who {
    let committee = v1::Committee {
        display_name: "Scrutiny Committee".into(),
        partnerships: (0..3).map(partnership).collect(),
        indicators: vec![format!("{REGION}/indicators/burglary"), format!("{REGION}/indicators/vehicle-crime")],
        ..Default::default()
    };
    let create = v1::CreateCommitteeRequest {
        parent: REGION.into(),
        committee: Some(committee),
        committee_id: "scrutiny".into(),
        request_id: String::new(),
    };
    world.committees().create_committee(world.administrator.call(create)).await.unwrap();
    let rules = v1::MeetingRules { nation: v1::Nation::England.into(), meeting_time: "14:00".into(), ..Default::default() };
    let set = v1::SetRulesRequest { parent: SCRUTINY.into(), rules: Some(rules), validate_only: false };
    world.calendars().set_rules(world.administrator.call(set)).await.unwrap();
    world.person(&world.administrator, "scrutiny-editor", v1::Role::Editor, SCRUTINY).await.unwrap()
}

/// The meetings of a committee as its clerk's system exports them.
pub(crate) fn calendar_of(meetings: &[(&str, &str)]) -> String {
    let event = |(uid, day): &(&str, &str)| format!("BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;VALUE=DATE:{day}\r\nEND:VEVENT\r\n");
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", meetings.iter().map(event).collect::<String>())
}

pub(crate) async fn schedule(world: &World, ics: String, validate_only: bool) -> Vec<v1::Replanned> {
    let schedule = v1::ScheduleMeetingsRequest { parent: SCRUTINY.into(), ics, validate_only, ..Default::default() };
    world.calendars().schedule_meetings(world.administrator.call(schedule)).await.unwrap().into_inner().meetings
}

/// The notices of moved dates that were mailed: to whom, about what.
pub(crate) fn notices(world: &World) -> Vec<String> {
    let subject = |bytes: &[u8]| MessageParser::default().parse(bytes).unwrap().subject().unwrap().to_owned();
    let mails = world.sink.messages();
    let told = mails.iter().map(|mail| (mail.to.split('@').next().unwrap().to_owned(), subject(&mail.bytes)));
    let mut told: Vec<String> =
        told.filter(|(_, subject)| subject.contains(" now")).map(|(to, subject)| format!("{to}: {subject}")).collect();
    told.sort();
    told
}

pub(crate) async fn a_meeting_is_planned_moved_and_told_of(bed: Bed) {
    let world = World::on(bed).await;
    scrutiny(&world).await;
    world.at("2022-03-01T10:00:00Z").await;
    let file = calendar_of(&[("april@council", "20220428"), ("july@council", "20220728")]);
    let would = schedule(&world, file.clone(), true).await;
    assert_eq!(would.len(), 2);
    let none = v1::ListCyclesRequest { parent: SCRUTINY.into(), ..Default::default() };
    assert!(world.committees().list_cycles(world.administrator.call(none)).await.unwrap().into_inner().cycles.is_empty());
    let planned = schedule(&world, file, false).await;
    let name = planned[0].cycle.as_ref().unwrap().name.clone();
    assert_eq!(
        (planned[0].outcome(), name.as_str()),
        (v1::PlanningOutcome::Planned, "regions/northumbria/committees/scrutiny/cycles/2021-q4")
    );
    world.at("2022-03-01T10:00:15Z").await;
    assert_eq!(notices(&world), [] as [&str; 0], "nobody relied on dates that were not there");

    // Its clerk's next edition has the first meeting a week later.
    let moved = schedule(&world, calendar_of(&[("april@council", "20220505"), ("july@council", "20220728")]), false).await;
    assert_eq!((moved[0].outcome(), moved[1].outcome()), (v1::PlanningOutcome::Moved, v1::PlanningOutcome::Unchanged));
    world.at("2022-03-01T10:00:30Z").await;
    let about = "Scrutiny Committee, Q4 2021/22 (January to March 2022): returns are due on Wednesday 20 April 2022 at 17:00 now";
    let everybody = ["officer-gateshead", "officer-newcastle", "officer-sunderland", "scrutiny-editor"];
    assert_eq!(notices(&world), everybody.map(|to| format!("{to}: {about}")));
    let mails = world.sink.messages();
    let letter = mails.iter().rfind(|mail| mail.to.starts_with("officer-gateshead")).unwrap();
    let text = MessageParser::default().parse(&letter.bytes).unwrap().body_text(0).unwrap().replace("\r\n", "\n");
    insta::assert_snapshot!("dates_moved", text);
    world.at("2022-03-01T10:00:45Z").await;
    assert_eq!(notices(&world).len(), 4, "once each");

    // An officer sees why.
    let plan = world.calendars().get_cycle_plan(world.officers[0].call(v1::GetCyclePlanRequest { name })).await.unwrap().into_inner();
    assert!(plan.by_rules);
    assert_eq!(plan.changes[0].reason, "the meeting moved from Thursday 28 April 2022 to Thursday 5 May 2022");
    let release = plan.dates.iter().find(|date| date.step == "release").unwrap();
    assert_eq!(release.reason, "five clear days before the meeting on Thursday 5 May 2022");
}

pub(crate) async fn a_date_that_is_set_by_hand_is_told_of_as_well(bed: Bed) {
    let world = World::on(bed).await;
    let editor = scrutiny(&world).await;
    world.at("2022-03-01T10:00:00Z").await;
    let planned = schedule(&world, calendar_of(&[("april@council", "20220428")]), false).await;
    let cycle = planned[0].cycle.clone().unwrap();
    let mut cycle = v1::Cycle { etag: String::new(), ..cycle };
    let name = cycle.name.clone();
    world.at("2022-04-01T09:00:00Z").await;
    // Newcastle has more time, until the 14th at eleven, and keeps it.
    let extend = v1::ExtendDeadlineRequest {
        cycle: name.clone(),
        partnership: partnership(1),
        until_time: Some(prost_types::Timestamp { seconds: csp_tests::at("2022-04-14T10:00:00Z").timestamp(), nanos: 0 }),
        reason: "Their system was down on the 11th.".into(),
    };
    world.calendars().extend_deadline(editor.call(extend)).await.unwrap();
    cycle.deadline_time = Some(prost_types::Timestamp { seconds: csp_tests::at("2022-04-08T11:00:00Z").timestamp(), nanos: 0 });
    let update_mask = Some(prost_types::FieldMask { paths: vec!["deadline_time".into()] });
    let update = v1::UpdateCycleRequest { cycle: Some(cycle), update_mask };
    world.committees().update_cycle(world.administrator.call(update)).await.unwrap();
    world.at("2022-04-01T09:00:30Z").await;
    let about = "Scrutiny Committee, Q4 2021/22 (January to March 2022): returns are due on Friday 8 April 2022 at 12:00 now";
    assert_eq!(notices(&world), ["officer-gateshead", "officer-sunderland", "scrutiny-editor"].map(|to| format!("{to}: {about}")));
    let plan = world.calendars().get_cycle_plan(world.officers[0].call(v1::GetCyclePlanRequest { name })).await.unwrap().into_inner();
    assert_eq!(plan.changes[0].reason, "the dates were set by hand");
}

pub(crate) async fn a_late_return_is_taken_until_the_window_closes_to_new_ones(bed: Bed) {
    let world = World::on(bed).await;
    scrutiny(&world).await;
    world.at("2022-03-01T10:00:00Z").await;
    let planned = schedule(&world, calendar_of(&[("april@council", "20220428")]), false).await;
    let cycle = planned[0].cycle.clone().unwrap().name;
    // Collecting is open from 1 April; returns are due on Tuesday 12 April at 17:00, new ones are taken until the next day at 17:00,
    // corrections until the 14th at noon.
    world.at("2022-04-01T09:00:00Z").await;
    let send = async |n: usize| {
        world
            .returns()
            .create_return(world.officers[n].call(two_figures(n, &cycle, "2021-q4", "10", "20")))
            .await
            .map(tonic::Response::into_inner)
    };
    world.at("2022-04-12T16:00:01Z").await;
    let late = send(0).await.unwrap();
    world.at("2022-04-13T16:00:01Z").await;
    let refused = send(1).await.unwrap_err();
    let info = refused.get_details_error_info().unwrap();
    assert_eq!((refused.code(), info.reason.as_str()), (Code::FailedPrecondition, "CYCLE_CLOSED_TO_NEW"));
    assert_eq!(info.metadata["freeze_time"], "2022-04-14T11:00:00Z");
    assert_eq!(info.metadata["who"], "editor");
    let correct = async || {
        let content = two_figures(0, &cycle, "2021-q4", "11", "20").answer.unwrap().content;
        let answer = v1::Return { name: late.name.clone(), content, ..Default::default() };
        let update = v1::UpdateReturnRequest { answer: Some(answer), ..Default::default() };
        world.returns().update_return(world.officers[0].call(update)).await
    };
    correct().await.unwrap();
    world.at("2022-04-14T11:00:01Z").await;
    let refused = correct().await.unwrap_err();
    let info = refused.get_details_error_info().unwrap();
    assert_eq!((refused.code(), info.reason.as_str()), (Code::FailedPrecondition, "CYCLE_CLOSED"));
    assert_eq!(info.metadata["freeze_time"], "2022-04-14T11:00:00Z");
    let digests = v1::ListDigestsRequest { parent: cycle.clone(), ..Default::default() };
    let frozen = world.digests().list_digests(world.system.call(digests)).await.unwrap().into_inner().digests;
    assert_eq!(frozen.len(), 1, "the paper is frozen when the window closes");
}

pub(crate) async fn an_editor_gives_more_time_and_enters_what_came_by_e_mail(bed: Bed) {
    let world = World::on(bed).await;
    let editor = scrutiny(&world).await;
    let lead = world.person(&world.administrator, "lead-gateshead", v1::Role::Lead, &partnership(0)).await.unwrap();
    let newcastle = world.person(&world.administrator, "lead-newcastle", v1::Role::Lead, &partnership(1)).await.unwrap();
    world.at("2022-03-01T10:00:00Z").await;
    let planned = schedule(&world, calendar_of(&[("april@council", "20220428")]), false).await;
    let cycle = planned[0].cycle.clone().unwrap().name;
    world.at("2022-04-01T09:00:00Z").await;

    // Newcastle has until the 14th at eleven; no later, and nobody but the editor says so.
    let extend = |until: &str| v1::ExtendDeadlineRequest {
        cycle: cycle.clone(),
        partnership: partnership(1),
        until_time: Some(prost_types::Timestamp { seconds: csp_tests::at(until).timestamp(), nanos: 0 }),
        reason: "Their system was down on the 11th.".into(),
    };
    let calendars = || world.calendars();
    let refused = calendars().extend_deadline(editor.call(extend("2022-04-14T12:00:00Z"))).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "NO_MORE_TIME");
    let refused = calendars().extend_deadline(world.officers[1].call(extend("2022-04-14T10:00:00Z"))).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    calendars().extend_deadline(editor.call(extend("2022-04-14T10:00:00Z"))).await.unwrap();

    // Newcastle is told until when, and why, wherever it looks; its neighbour is not.
    let why = "Their system was down on the 11th.";
    for (n, given) in [(0, false), (1, true)] {
        let officer = &world.officers[n];
        let duties = world.identity().list_duties(officer.call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
        let duty = duties.into_iter().find(|duty| duty.cycle == cycle && duty.kind() == v1::DutyKind::Submit).expect("a return is due");
        let own = csp_tests::at("2022-04-14T10:00:00Z").timestamp();
        assert_eq!((duty.summary.contains(why), duty.due_time.unwrap().seconds == own), (given, given), "{}", duty.summary);
        let plan = v1::GetCyclePlanRequest { name: cycle.clone() };
        let plan = calendars().get_cycle_plan(officer.call(plan)).await.unwrap().into_inner();
        let dates: Vec<_> = plan.dates.iter().map(|date| date.step.as_str()).collect();
        assert_eq!(dates.contains(&"deadline-newcastle"), given, "{dates:?}");
        assert!(plan.dates.is_sorted_by_key(|date| date.time.unwrap().seconds), "{dates:?}");
        let diary = v1::GetDiaryRequest { name: format!("{}/diary", partnership(n)) };
        let diary = world.diary().get_diary(officer.call(diary)).await.unwrap().into_inner();
        let told: Vec<_> =
            diary.entries.iter().filter(|entry| entry.description.contains(why)).map(|entry| entry.time.unwrap().seconds).collect();
        assert_eq!(told, if given { vec![own] } else { Vec::new() });
        assert_eq!(diary.ics.replace("\r\n ", "").contains("More time was given: Their system was down"), given);
    }
    let plan = calendars().get_cycle_plan(editor.call(v1::GetCyclePlanRequest { name: cycle.clone() })).await.unwrap().into_inner();
    let own = plan.dates.iter().find(|date| date.step == "deadline-newcastle").expect("the editor sees what they gave");
    assert_eq!(own.title, "Returns due from Newcastle upon Tyne");
    assert_eq!(own.reason, format!("more time was given: {why}"));

    // On the 12th everybody else is told that returns are due; Newcastle is told on the 14th.
    let reminded = |who: &str| {
        let subject = |bytes: &[u8]| MessageParser::default().parse(bytes).unwrap().subject().unwrap().to_owned();
        let mails = world.sink.messages();
        let about = "for Q4 2021/22 is due today";
        mails.iter().filter(|mail| mail.to.starts_with(who) && subject(&mail.bytes).contains(about)).count()
    };
    world.at("2022-04-12T08:00:00Z").await;
    // The other committee of the story has its deadline on the same day, and Newcastle owes it a return too.
    let before = reminded("officer-newcastle");
    // Gateshead's came by e-mail. Nobody enters it without saying so, and nobody says so of their own.
    let enter = |on_behalf: &str| {
        let mut create = two_figures(0, &cycle, "2021-q4", "10", "20");
        on_behalf.clone_into(&mut create.on_behalf);
        create
    };
    world.bed.clock.set(csp_tests::at("2022-04-12T10:00:00Z"));
    let refused = world.returns().create_return(editor.call(enter(""))).await.unwrap_err();
    assert_eq!(refused.get_details_bad_request().unwrap().field_violations[0].field, "on_behalf");
    let how = "by e-mail from the officer on 11 April";
    let refused = world.returns().create_return(world.officers[0].call(enter(how))).await.unwrap_err();
    assert_eq!(refused.get_details_bad_request().unwrap().field_violations[0].field, "on_behalf");
    let entered = world.returns().create_return(editor.call(enter(how))).await.unwrap().into_inner();

    // Its lead signs it as any other; whoever entered it takes no part in that.
    let sign = v1::SignReturnRequest { name: entered.name.clone(), etag: entered.etag.clone() };
    assert_eq!(world.returns().sign_return(editor.call(sign.clone())).await.unwrap_err().code(), Code::PermissionDenied);
    world.returns().sign_return(lead.call(sign)).await.unwrap();
    let accept = v1::AcceptReturnRequest { name: entered.name.clone(), etag: String::new() };
    let refused = world.returns().accept_return(editor.call(accept)).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "AUTHOR_CANNOT_SIGN");
    let receipt =
        world.returns().get_receipt(world.officers[0].call(v1::GetReceiptRequest { name: entered.name })).await.unwrap().into_inner();
    assert!(receipt.text.contains(&format!("Entered by the committee's editor on the partnership's behalf: {how}")), "{}", receipt.text);
    assert_eq!(receipt.steps[0].on_behalf, how);

    world.at("2022-04-13T08:00:00Z").await;
    world.at("2022-04-14T08:00:00Z").await;
    assert_eq!(reminded("officer-newcastle"), before + 1, "by its own deadline");
    let mails = world.sink.messages();
    let letter = mails.iter().rfind(|mail| mail.to.starts_with("officer-newcastle")).expect("a letter");
    let parsed = MessageParser::default().parse(&letter.bytes).unwrap();
    // Its dates are those of the partnership's own diary, entry for entry: a diary that has both sees one.
    let entries = |ics: &str| -> Vec<String> {
        let entries = ics.split("BEGIN:VEVENT").skip(1).map(|entry| entry.split("END:VEVENT").next().unwrap_or_default());
        entries.map(|entry| entry.lines().filter(|line| !line.starts_with("DTSTAMP")).collect::<Vec<_>>().join("\n")).collect()
    };
    let file = parsed.attachments().next().expect("dates go with it");
    let with_letter = entries(&String::from_utf8_lossy(file.contents()));
    let diary = v1::GetDiaryRequest { name: format!("{}/diary", partnership(1)) };
    let diary = entries(&world.diary().get_diary(world.officers[1].call(diary)).await.unwrap().into_inner().ics);
    assert_eq!(with_letter.len(), 2, "{with_letter:?}");
    for entry in &with_letter {
        assert!(diary.contains(entry), "{entry}\nis not in\n{}", diary.join("\n"));
    }
    let letter = parsed.body_text(0).unwrap().into_owned();
    let letter = letter.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(letter.contains(&format!("more time was given: {why}")), "{letter}");

    let status =
        world.returns().get_cycle_status(editor.call(v1::GetCycleStatusRequest { name: cycle.clone() })).await.unwrap().into_inner();
    assert_eq!((status.extended, status.partnerships[1].extension_reason.as_str()), (1, "Their system was down on the 11th."));
    world.bed.clock.set(csp_tests::at("2022-04-14T09:59:00Z"));
    world.returns().create_return(world.officers[1].call(two_figures(1, &cycle, "2021-q4", "1", "2"))).await.unwrap();
    // Its lead is asked to sign by the same time, and told why.
    let duties = world.identity().list_duties(newcastle.call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
    let duty =
        duties.into_iter().find(|duty| duty.cycle == cycle && duty.kind() == v1::DutyKind::Sign).expect("a return is there to be signed");
    assert_eq!(duty.due_time.unwrap().seconds, csp_tests::at("2022-04-14T10:00:00Z").timestamp());
    assert!(duty.summary.contains(&format!("more time was given: {why}")), "{}", duty.summary);
    let status =
        world.returns().get_cycle_status(editor.call(v1::GetCycleStatusRequest { name: cycle.clone() })).await.unwrap().into_inner();
    assert_eq!((status.received, status.late), (2, 0), "what comes by its own deadline is in time");
    world.at("2022-04-14T11:00:01Z").await;
    let name = format!("{cycle}/digests/-");
    let text = v1::GetRenditionRequest { name, kind: v1::RenditionKind::Text.into() };
    let paper = world.digests().get_rendition(editor.call(text)).await.unwrap().into_inner();
    let paper = String::from_utf8(paper.data.clone()).unwrap();
    let paper = paper.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(paper.contains("Entered by the committee's editor on the partnership's behalf: Gateshead."), "{paper}");
}

pub(crate) async fn only_a_day_that_is_closed_is_opened_again(bed: Bed) {
    let world = World::on(bed).await;
    let editor = scrutiny(&world).await;
    let change = async |parent: &str, add: &[&str], remove: &[&str]| {
        let add = add.iter().map(|date| v1::ClosedDay { date: (*date).into(), reason: "Offices shut".into() }).collect();
        let remove = remove.iter().map(|date| (*date).to_owned()).collect();
        let change = v1::ChangeClosedDaysRequest { parent: parent.into(), add, remove, validate_only: false };
        world.calendars().change_closed_days(world.administrator.call(change)).await.map(tonic::Response::into_inner)
    };
    change(REGION, &["2022-12-28", "2022-12-29"], &[]).await.unwrap();
    change(SCRUTINY, &["2022-12-30"], &[]).await.unwrap();
    let refused = change(REGION, &[], &["2022-12-29", "2022-12-30", "2022-12-31"]).await.unwrap_err();
    let told: Vec<_> =
        refused.get_details_bad_request().unwrap().field_violations.into_iter().map(|fault| (fault.field, fault.description)).collect();
    let none = |day: &str| format!("must be a day on which the offices of the whole region are shut: {day} December 2022 is none");
    assert_eq!(told, [("remove[1]".to_owned(), none("30")), ("remove[2]".to_owned(), none("31"))]);
    // One that is closed in the whole region is none of the committee's own.
    let refused = change(SCRUTINY, &[], &["2022-12-28"]).await.unwrap_err();
    assert!(refused.message().contains("this committee alone are shut: 28 December 2022 is none"), "{refused:?}");
    let get = v1::GetCalendarRequest { parent: SCRUTINY.into() };
    let calendar = world.calendars().get_calendar(editor.call(get)).await.unwrap().into_inner();
    assert_eq!((calendar.closed_days.len(), calendar.region_closed_days.len()), (1, 2), "nothing of it was done");
    assert_eq!(change(REGION, &[], &["2022-12-29"]).await.unwrap().closed_days.len(), 1);
}

/// A day of July decides whether returns are due in June, when the spring is not over, or in July.
pub(crate) async fn what_is_reported_on_follows_the_dates_until_it_is_time_to_collect_it(bed: Bed) {
    let world = World::on(bed).await;
    scrutiny(&world).await;
    world.at("2022-03-15T10:00:00Z").await;
    let fifth = async |add: bool| {
        let day = v1::ClosedDay { date: "2022-07-05".into(), reason: "Offices shut".into() };
        let (add, remove) = if add { (vec![day], Vec::new()) } else { (Vec::new(), vec![day.date]) };
        let change = v1::ChangeClosedDaysRequest { parent: SCRUTINY.into(), add, remove, validate_only: false };
        world.calendars().change_closed_days(world.administrator.call(change)).await.unwrap().into_inner().replanned
    };
    fifth(true).await;
    let planned = schedule(&world, calendar_of(&[("july@council", "20220715")]), false).await.remove(0);
    let cycle = planned.cycle.unwrap();
    assert_eq!(cycle.period, "2021-q4", "returns are due on 30 June, when April to June is not over");
    let open = fifth(false).await.remove(0);
    let moved = open.period_move.unwrap();
    assert_eq!((moved.from_period.as_str(), moved.to_period.as_str()), ("2021-q4", "2022-q1"));
    world.at("2022-03-15T10:00:30Z").await;
    let mails = world.sink.messages();
    let letter = mails.iter().rfind(|mail| mail.to.starts_with("officer-gateshead")).unwrap();
    let text = MessageParser::default().parse(&letter.bytes).unwrap().body_text(0).unwrap().replace("\r\n", "\n");
    insta::assert_snapshot!("what_is_reported_on_moved", text);
    let get = v1::GetCyclePlanRequest { name: cycle.name.clone() };
    let plan = world.calendars().get_cycle_plan(world.officers[0].call(get)).await.unwrap().into_inner();
    assert_eq!(plan.changes[0].period_move.as_ref().unwrap().to_title, "Q1 2022/23 (April to June 2022)");

    // In June what is collected is what was asked for, whether or not a server has looked since.
    let shut = fifth(true).await.remove(0);
    assert_eq!(shut.period_move.unwrap().to_period, "2021-q4");
    world.bed.clock.set(csp_tests::at("2022-06-29T10:00:00Z"));
    let open = fifth(false).await.remove(0);
    assert_eq!((open.outcome(), open.period_move), (v1::PlanningOutcome::Moved, None));
    assert_eq!(open.cycle.unwrap().period, "2021-q4");
    assert!(open.moves.iter().any(|moved| moved.step == "deadline"), "{:?}", open.moves);
}
