//! The Cabinet's cycle lived through to its meeting: its window has three ends, and everything hangs on the day of the meeting.

use chrono::TimeDelta;
use csp_proto::v1;

use super::{
    cabinet::{CABINET, Cast, PARTNERSHIP, short},
    caller::request_id,
    stage::Stage,
    telling::{Telling, instant},
};
use crate::Failure;

const HEADLINE: &str = "What the Strategic Board did in December and February";
const BODY: &str = "*Invented for the demonstration.* The board met on 15 December and on 9 February. It agreed how wardens and police share \
                    what they know of empty shops, and asked for a report on street lighting.";
const PERIOD: &str = "2021-11-25..2022-02-09";

/// From the opening of the cycle to the meeting, each step at the time that follows from the meeting.
pub(super) async fn live_through(stage: &Stage, cast: &Cast, cycle: &str, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let plan = cast.officer.calendars().get_cycle_plan(v1::GetCyclePlanRequest { name: cycle.to_owned() }).await?.into_inner();
    let when = |step: &str| {
        let date = plan.dates.iter().find(|date| date.step == step).and_then(|date| date.time);
        date.ok_or_else(|| Failure::new(format!("the Cabinet's cycle has no date for {step}")))
    };
    let (opening, deadline, freeze, release, meeting) =
        (when("opening")?, when("deadline")?, when("freeze")?, when("release")?, when("meeting")?);

    stage.move_to(instant(Some(opening))).await?;
    tell.scene(stage.now(), "The Cabinet's partnership is asked");
    tell.detail(&format!("{:<24}{}", "Returns due", short(Some(deadline))));
    tell.detail(&format!("{:<24}{}", "Closed to new returns", short(Some(when("closed-to-new")?))));
    tell.detail(&format!("{:<24}{}", "Paper frozen", short(Some(freeze))));
    send_in(cast, cycle, tell).await?;

    // Two weeks before the release the server rehearses it.
    stage.move_to(instant(Some(release)) - TimeDelta::days(14)).await?;
    // At the stroke of the freeze something could still come in.
    stage.move_to(instant(Some(freeze)) + TimeDelta::minutes(1)).await?;
    tell.scene(stage.now(), "The Cabinet's paper is frozen, and approved");
    let name = format!("{cycle}/digests/-");
    let digest = cast.approver.digests().get_digest(v1::GetDigestRequest { name }).await?.into_inner();
    let approve = v1::ApproveDigestRequest { name: digest.name, hashes: digest.hashes };
    cast.approver.digests().approve_digest(approve).await?;
    tell.done("Frozen by itself, read by a second person, and approved by its hashes");
    tell.command("csp digest approve cabinet/2022-03-17/1");

    stage.move_to(instant(Some(release))).await?;
    tell.scene(stage.now(), "It goes out by itself");
    let found = cast.editor.committees().get_cycle(v1::GetCycleRequest { name: cycle.to_owned() }).await?.into_inner();
    if found.state() != v1::CycleState::Published {
        return Err(Failure::new("the Cabinet's paper was to go out, and its cycle does not say so"));
    }
    tell.done("To the member of the Cabinet, five clear days before it meets");
    tell.command("csp digest show cabinet/2022-03-17/1");
    stage.move_to(instant(Some(meeting))).await?;
    tell.scene(stage.now(), "The Cabinet meets");
    tell.done("The report on both meetings of the board is before it; the next one begins on 10 February");
    tell.command("csp admin cycle schedule cabinet --meeting 2022-06-16");
    Ok(())
}

/// The officer sends in what the board did, and the lead answers for it.
async fn send_in(cast: &Cast, cycle: &str, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let item = v1::NewsItem {
        cycle: cycle.to_owned(),
        kind: v1::NewsKind::News.into(),
        headline: HEADLINE.to_owned(),
        body: BODY.to_owned(),
        body_format: v1::BodyFormat::Markdown.into(),
        ..Default::default()
    };
    let parent = PARTNERSHIP.to_owned();
    let create =
        v1::CreateNewsItemRequest { parent: parent.clone(), news_item: Some(item), request_id: request_id(), validate_only: false };
    cast.officer.news().create_news_item(create).await?;
    let meetings = v1::QuotedFigure {
        subject: "Meetings of the Strategic Board".to_owned(),
        value: "2".to_owned(),
        source: "its minutes, invented for the demonstration".to_owned(),
        period: PERIOD.to_owned(),
    };
    let figures = v1::Figures { figures: Vec::new(), quoted_figures: vec![meetings] };
    let answer = v1::Return { cycle: cycle.to_owned(), content: Some(v1::r#return::Content::Figures(figures)), ..Default::default() };
    let create = v1::CreateReturnRequest { parent, answer: Some(answer), request_id: request_id(), ..Default::default() };
    let sent = cast.officer.returns().create_return(create).await?.into_inner();
    cast.lead.returns().sign_return(v1::SignReturnRequest { name: sent.name, etag: sent.etag }).await?;
    tell.done("Its officer sends in what the board did at both meetings, and its lead signs");
    tell.command("csp return sign cannock-chase/cabinet.2022-03-17");
    Ok(())
}

/// The Cabinet has a member to whom its paper goes.
pub(super) async fn seat(administrator: &super::caller::Caller, person: &str) -> Result<(), Failure> {
    let member = v1::Member { person: person.to_owned(), ..Default::default() };
    let create = v1::CreateMemberRequest { parent: CABINET.to_owned(), member: Some(member), request_id: request_id() };
    administrator.committees().create_member(create).await?;
    Ok(())
}
