//! A second region: one council's Cabinet that hears after each meeting of its partnership's board, and whose meeting moves.
//!
//! That it resolved so, and was once told that the board had met twice, stands in its papers. The days and the people are invented.

use csp_proto::v1;
use prost_types::FieldMask;

use super::{
    caller::{Caller, request_id},
    meeting,
    stage::Stage,
    telling::{Telling, instant},
};
use crate::Failure;

const NOTICE: &str = "DEMONSTRATION: the days, the meetings of the board, what it did and the people are invented.";
const REGION: &str = "regions/staffordshire";
pub(super) const PARTNERSHIP: &str = "regions/staffordshire/partnerships/cannock-chase";
pub(super) const CABINET: &str = "regions/staffordshire/committees/cabinet";

/// Whoever has to do with the Cabinet's paper.
pub(super) struct Cast {
    administrator: Caller,
    pub(super) officer: Caller,
    pub(super) lead: Caller,
    pub(super) editor: Caller,
    pub(super) approver: Caller,
}

pub(super) async fn follow_its_board(stage: &Stage, tell: &mut Telling<'_>) -> Result<(), Failure> {
    tell.scene(stage.now(), "Elsewhere a Cabinet follows its partnership's board");
    let cast = found(stage, tell).await?;
    let administrator = &cast.administrator;
    set_rules(administrator, tell).await?;
    let cycle = plan(administrator, tell).await?;
    // Nobody has relied on dates that were not there before: nobody is told of them.
    stage.ring().await?;
    move_meeting(stage, administrator, &cycle, tell).await?;
    meeting::live_through(stage, &cast, &cycle, tell).await
}

async fn found(stage: &Stage, tell: &mut Telling<'_>) -> Result<Cast, Failure> {
    let region = v1::Region { display_name: "Staffordshire".to_owned(), ..Default::default() };
    let create = v1::CreateRegionRequest { region: Some(region), region_id: "staffordshire".to_owned(), request_id: request_id() };
    stage.founder.regions().create_region(create).await?;
    let administrator = enter(stage, &stage.founder, "staffordshire-administrator", "Administrator", v1::Role::Administrator).await?;
    let partnership = v1::Partnership { display_name: "Cannock Chase".to_owned(), ons_code: "E22999001".to_owned(), ..Default::default() };
    let create = v1::CreatePartnershipRequest {
        parent: REGION.to_owned(),
        partnership: Some(partnership),
        partnership_id: "cannock-chase".to_owned(),
        request_id: request_id(),
    };
    administrator.partnerships().create_partnership(create).await?;
    let committee = v1::Committee {
        display_name: "Cabinet of Cannock Chase Council".to_owned(),
        partnerships: vec![PARTNERSHIP.to_owned()],
        ..Default::default()
    };
    let create = v1::CreateCommitteeRequest {
        parent: REGION.to_owned(),
        committee: Some(committee),
        committee_id: "cabinet".to_owned(),
        request_id: request_id(),
    };
    let made = administrator.committees().create_committee(create).await?.into_inner();
    // Its paper says as well what it is.
    let mut template = made.template.unwrap_or_default();
    NOTICE.clone_into(&mut template.notice);
    let changed = v1::Committee { name: made.name, template: Some(template), ..Default::default() };
    let update_mask = Some(FieldMask { paths: vec!["template".to_owned()] });
    let update = v1::UpdateCommitteeRequest { committee: Some(changed), update_mask };
    administrator.committees().update_committee(update).await?;
    let by = &administrator;
    let officer = enter(stage, by, "cannock-officer", "Officer for Cannock Chase", v1::Role::Officer).await?;
    let lead = enter(stage, by, "cannock-lead", "Lead for Cannock Chase", v1::Role::Lead).await?;
    let editor = enter(stage, by, "cabinet-editor", "Editor for the Cabinet", v1::Role::Editor).await?;
    let approver = enter(stage, by, "cabinet-approver", "Approver for the Cabinet", v1::Role::Approver).await?;
    let create = v1::CreatePersonRequest {
        parent: REGION.to_owned(),
        person: Some(v1::Person {
            display_name: "Member of the Cabinet".to_owned(),
            email: "cabinet-member@example.org".to_owned(),
            ..Default::default()
        }),
        person_id: "cabinet-member".to_owned(),
        request_id: request_id(),
    };
    let member = administrator.persons().create_person(create).await?.into_inner().name;
    meeting::seat(&administrator, &member).await?;
    tell.done("A second region, Staffordshire, of which the first knows nothing: one partnership, one Cabinet");
    tell.command("csp admin region create staffordshire --name Staffordshire");
    tell.command("csp admin committee create cabinet --name \"Cabinet of Cannock Chase Council\" …");
    Ok(Cast { administrator, officer, lead, editor, approver })
}

/// Enters a person with a role and a token.
async fn enter(stage: &Stage, by: &Caller, slug: &str, name: &str, role: v1::Role) -> Result<Caller, Failure> {
    let mut client = by.persons();
    let person = v1::Person { display_name: name.to_owned(), email: format!("{slug}@example.org"), ..Default::default() };
    let create =
        v1::CreatePersonRequest { parent: REGION.to_owned(), person: Some(person), person_id: slug.to_owned(), request_id: request_id() };
    let name = client.create_person(create).await?.into_inner().name;
    let mut grant = v1::RoleGrant { role: role.into(), ..Default::default() };
    match role {
        v1::Role::Officer | v1::Role::Lead => PARTNERSHIP.clone_into(&mut grant.partnership),
        v1::Role::Editor | v1::Role::Approver => CABINET.clone_into(&mut grant.committee),
        _ => {}
    }
    let request = v1::CreateRoleGrantRequest { parent: name.clone(), role_grant: Some(grant), request_id: request_id() };
    client.create_role_grant(request).await?;
    let token = v1::Token { label: "demonstration".to_owned(), ..Default::default() };
    let request = v1::CreateTokenRequest { parent: name, token: Some(token), request_id: request_id() };
    let secret = client.create_token(request).await?.into_inner().secret;
    Caller::new(&stage.channel, secret)
}

async fn set_rules(administrator: &Caller, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let board = v1::Board {
        display_name: "Strategic Board".to_owned(),
        last_report_date: "2021-11-24".to_owned(),
        dates: ["2021-12-15", "2022-02-09", "2022-05-11"].map(str::to_owned).to_vec(),
    };
    let rules = v1::MeetingRules {
        nation: v1::Nation::England.into(),
        meeting_time: "16:00".to_owned(),
        reports_on: v1::ReportingCalendar::BoardMeetings.into(),
        board: Some(board),
        ..Default::default()
    };
    let set = v1::SetRulesRequest { parent: CABINET.to_owned(), rules: Some(rules), validate_only: false };
    administrator.calendars().set_rules(set).await?;
    tell.done("It meets by the law of England, and hears what the partnership's board did since its last report");
    tell.command("csp admin committee rules cabinet --nation england --reports-on board-meetings …");
    Ok(())
}

async fn plan(administrator: &Caller, tell: &mut Telling<'_>) -> Result<String, Failure> {
    let found = schedule(administrator, v1::Meeting { date: "2022-03-17".to_owned(), ..Default::default() }).await?;
    let plan = found.plan.unwrap_or_default();
    tell.done("Its meeting of 17 March becomes a cycle, each date with its reason");
    tell.detail(&format!("Reports on {}", plan.reports_on));
    for step in plan.dates.iter().filter(|step| !step.step.starts_with("reminder")) {
        let why = step.reason.split(',').next().unwrap_or_default().split(" on ").next().unwrap_or_default();
        tell.detail(&format!("{:<24}{:<24}{why}", step.title, short(step.time)));
    }
    for note in &plan.notes {
        for line in wrapped(&format!("Note: {note}"), 90) {
            tell.detail(&line);
        }
    }
    tell.command("csp admin cycle schedule cabinet --meeting 2022-03-17");
    Ok(plan.cycle)
}

async fn move_meeting(stage: &Stage, administrator: &Caller, cycle: &str, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let meeting = v1::Meeting { date: "2022-03-24".to_owned(), cycle: cycle.to_owned(), ..Default::default() };
    let found = schedule(administrator, meeting).await?;
    tell.done("The meeting is put off for a week, and everything that hangs on it moves with it");
    for moved in &found.moves {
        let (from, to) = (short(moved.from_time), short(moved.to_time));
        tell.detail(&format!("{:<24}{to:<24}was {from}", moved.title));
    }
    tell.command("csp admin cycle schedule cabinet --moves 2022-03-17 --meeting 2022-03-24");
    tell.command("csp cycle dates cabinet/2022-03-17");
    stage.ring().await?;
    let list = v1::ListMessagesRequest { parent: REGION.to_owned(), page_size: 500, ..Default::default() };
    let letters = administrator.messages().list_messages(list).await?.into_inner().messages;
    let told = letters.iter().filter(|letter| letter.kind() == v1::MessageKind::Notice).count();
    tell.done(&format!("{told} people are told, once each: the officer, the lead, the editor and the approver"));
    tell.command("csp messages");
    Ok(())
}

async fn schedule(administrator: &Caller, meeting: v1::Meeting) -> Result<v1::Replanned, Failure> {
    let schedule = v1::ScheduleMeetingsRequest { parent: CABINET.to_owned(), meetings: vec![meeting], ..Default::default() };
    let found = administrator.calendars().schedule_meetings(schedule).await?.into_inner().meetings;
    let found = found.into_iter().next().ok_or_else(|| Failure::new("the meeting was not answered"))?;
    if found.reason.is_empty() { Ok(found) } else { Err(Failure::new(format!("the meeting could not be planned: {}", found.reason))) }
}

/// `Thu 3 Mar 2022, 17:00`
pub(super) fn short(time: Option<prost_types::Timestamp>) -> String {
    instant(time).with_timezone(&chrono_tz::Europe::London).format("%a %-d %b %Y, %H:%M").to_string()
}

/// Lines of whole words, none longer than `width` where a word is not.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { continue };
        if !line.is_empty() && line.chars().count() + word.chars().count() >= width {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines
}
