//! The region is set up: partnerships, indicators, people, the committee and its members.

use std::collections::BTreeMap;

use csp_proto::v1;

use super::{
    caller::{Caller, request_id},
    data::{self, Person},
    stage::Stage,
    telling::{Telling, date, instant},
};
use crate::Failure;

/// Everybody who takes part, each with a token of their own.
pub(super) struct Cast {
    pub(super) administrator: Caller,
    pub(super) editor: Caller,
    pub(super) approver: Caller,
    officers: BTreeMap<String, Caller>,
    leads: BTreeMap<String, Caller>,
}

impl Cast {
    /// The officer of a partnership.
    pub(super) fn officer(&self, partnership: &str) -> &Caller {
        &self.officers[partnership]
    }

    /// Whoever answers for a partnership.
    pub(super) fn lead(&self, partnership: &str) -> &Caller {
        &self.leads[partnership]
    }
}

pub(super) async fn set_up(stage: &Stage, tell: &mut Telling<'_>) -> Result<Cast, Failure> {
    tell.scene(stage.now(), "A region is set up");
    tell.done(&format!("A server with an empty database answers at http://{}", stage.address));
    tell.command("cspd init --name 'Service Administrator' --email service@example.org > service.token");
    tell.command("cspd serve");

    let administrator = found_region(stage, tell).await?;
    enter_catalogue(&administrator, tell).await?;
    create_committee(&administrator, tell).await?;
    set_target(&administrator, tell).await?;
    let (editor, approver, officers, leads) = enter_people(stage, &administrator, tell).await?;
    import_members(&administrator, tell).await?;
    plan(stage, &administrator, tell).await?;
    Ok(Cast { administrator, editor, approver, officers, leads })
}

async fn found_region(stage: &Stage, tell: &mut Telling<'_>) -> Result<Caller, Failure> {
    let region = v1::Region { display_name: "Northumbria".to_owned(), ..Default::default() };
    let create = v1::CreateRegionRequest { region: Some(region), region_id: data::REGION.to_owned(), request_id: request_id() };
    let region = stage.founder.regions().create_region(create).await?.into_inner();
    let person = data::person("administrator");
    let administrator = enter(stage, &stage.founder, &person, v1::Role::Administrator).await?;
    tell.done(&format!("Region {}, with an administrator of its own", region.display_name));
    tell.command("csp admin region create northumbria --name Northumbria");
    tell.command(&format!("csp admin role grant {} administrator", person.slug));
    Ok(administrator)
}

async fn enter_catalogue(administrator: &Caller, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let partnerships = data::partnerships();
    let mut client = administrator.partnerships();
    for data::Partnership { slug, name, ons_code } in &partnerships {
        let partnership = v1::Partnership { display_name: name.clone(), ons_code: ons_code.clone(), ..Default::default() };
        let create = v1::CreatePartnershipRequest {
            parent: data::region_name(),
            partnership: Some(partnership),
            partnership_id: slug.clone(),
            request_id: request_id(),
        };
        client.create_partnership(create).await?;
    }
    let names: Vec<_> = partnerships.iter().map(|partnership| partnership.name.as_str()).collect();
    tell.done(&format!("{} partnerships that report to it", names.len()));
    tell.detail(&names.join(", "));
    tell.command("csp admin partnership import partnerships.csv");

    let indicators = data::indicators();
    let mut client = administrator.indicators();
    for indicator in &indicators {
        let entered = v1::Indicator {
            display_name: indicator.name.clone(),
            unit: indicator.unit().into(),
            polarity: indicator.polarity().into(),
            source: indicator.source.clone(),
            definition: Some(v1::Definition { frequency: v1::Frequency::Month.into(), crime: indicator.is_crime(), ..Default::default() }),
            ..Default::default()
        };
        let create = v1::CreateIndicatorRequest {
            parent: data::region_name(),
            indicator: Some(entered),
            indicator_id: indicator.slug.clone(),
            request_id: request_id(),
        };
        client.create_indicator(create).await?;
    }
    tell.done(&format!("{} kinds of incident and offence that can be reported", indicators.len()));
    tell.command("csp admin indicator import indicators.csv");

    let import = v1::ImportPopulationsRequest { parent: data::region_name(), populations: data::populations(), validate_only: false };
    let entered = client.import_populations(import).await?.into_inner();
    tell.done(&format!("{} estimates of residents, by the Office for National Statistics, so that rates can be printed", entered.added));
    tell.command("csp admin population import populations.csv");
    Ok(())
}

async fn create_committee(administrator: &Caller, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let offset = |days: i32, time: &str| Some(v1::Offset { days, time: time.to_owned() });
    let committee = v1::Committee {
        display_name: "Citizen Focus Committee".to_owned(),
        partnerships: data::partnerships().iter().map(|partnership| data::partnership_name(&partnership.slug)).collect(),
        indicators: data::asked_for().iter().map(|indicator| data::indicator_name(indicator)).collect(),
        recurrence: Some(v1::Recurrence {
            first_quarter: data::QUARTER.to_owned(),
            opens: offset(1, "09:00"),
            meeting: offset(26, "10:00"),
            deadline: offset(14, "17:00"),
            publication: offset(8, "09:00"),
        }),
        ..Default::default()
    };
    let create = v1::CreateCommitteeRequest {
        parent: data::region_name(),
        committee: Some(committee),
        committee_id: data::COMMITTEE.to_owned(),
        request_id: request_id(),
    };
    let mut client = administrator.committees();
    let mut committee = client.create_committee(create).await?.into_inner();
    // The usual text of such a paper, and on top of it what this one is.
    let mut template = committee.template.take().unwrap_or_default();
    data::NOTICE.clone_into(&mut template.notice);
    template.comparators =
        [v1::Comparator::SamePeriodLastYear, v1::Comparator::PreviousPeriod, v1::Comparator::YearToDate, v1::Comparator::Region]
            .map(Into::into)
            .into();
    committee.template = Some(template);
    let update_mask = Some(prost_types::FieldMask { paths: vec!["template".to_owned()] });
    let committee = client.update_committee(v1::UpdateCommitteeRequest { committee: Some(committee), update_mask }).await?.into_inner();
    tell.done(&format!(
        "The {}, meeting once a quarter and asking each partnership for {} figures",
        committee.display_name,
        committee.indicators.len()
    ));
    tell.command("csp admin committee create citizen-focus --quarterly-from 2021-q3 --template paper.toml …");
    Ok(())
}

/// What the demonstration wants of Newcastle is invented, and its reason says so.
async fn set_target(administrator: &Caller, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let milestone = |period: &str, value: &str| v1::Milestone { period: period.to_owned(), value: value.to_owned() };
    let target = v1::Target {
        indicator: data::indicator_name("burglary"),
        partnership: data::partnership_name("newcastle-upon-tyne"),
        aim: v1::Aim::AtMost.into(),
        milestones: vec![milestone("2020-q3", "433"), milestone("2022-q3", "360")],
        way: v1::Way::Straight.into(),
        reason: "Invented for the demonstration".to_owned(),
        ..Default::default()
    };
    let create = v1::CreateTargetRequest { parent: data::region_name(), target: Some(target), request_id: request_id() };
    administrator.indicators().create_target(create).await?;
    tell.done("A target for burglary in Newcastle, with the way there; it is invented, and says so");
    tell.command("csp admin target set burglary --partnership newcastle-upon-tyne --at-most --straight …");
    Ok(())
}

type People = (Caller, Caller, BTreeMap<String, Caller>, BTreeMap<String, Caller>);

async fn enter_people(stage: &Stage, administrator: &Caller, tell: &mut Telling<'_>) -> Result<People, Failure> {
    let mut officers = BTreeMap::new();
    for person in data::people("officer") {
        let caller = enter(stage, administrator, &person, v1::Role::Officer).await?;
        officers.insert(person.of.clone(), caller);
    }
    let mut leads = BTreeMap::new();
    for person in data::people("lead") {
        let caller = enter(stage, administrator, &person, v1::Role::Lead).await?;
        leads.insert(person.of.clone(), caller);
    }
    let person = data::person("editor");
    let editor = enter(stage, administrator, &person, v1::Role::Editor).await?;
    // The editor stands in for the approver, as somebody must when people go on leave.
    let deputy = v1::RoleGrant { role: v1::Role::Approver.into(), committee: data::committee_name(), deputy: true, ..Default::default() };
    let parent = format!("{}/persons/{}", data::region_name(), person.slug);
    let grant = v1::CreateRoleGrantRequest { parent, role_grant: Some(deputy), request_id: request_id() };
    administrator.persons().create_role_grant(grant).await?;
    let approver = enter(stage, administrator, &data::person("approver"), v1::Role::Approver).await?;
    tell.done(&format!("{} officers, {} leads, an editor and an approver, each with a token of their own", officers.len(), leads.len()));
    tell.command("csp admin role grant gateshead-officer officer --partnership gateshead");
    tell.command("csp admin role grant gateshead-lead lead --partnership gateshead");
    tell.command("csp admin role grant citizen-focus-editor approver --committee citizen-focus --deputy");
    tell.command("csp admin token create gateshead-officer --label laptop > gateshead-officer.token");
    Ok((editor, approver, officers, leads))
}

/// Enters a person with a role and a token.
async fn enter(stage: &Stage, by: &Caller, person: &Person, role: v1::Role) -> Result<Caller, Failure> {
    let mut client = by.persons();
    let entered = v1::Person { display_name: person.name.clone(), email: person.email.clone(), ..Default::default() };
    let create = v1::CreatePersonRequest {
        parent: data::region_name(),
        person: Some(entered),
        person_id: person.slug.clone(),
        request_id: request_id(),
    };
    let name = client.create_person(create).await?.into_inner().name;
    let mut grant = v1::RoleGrant { role: role.into(), ..Default::default() };
    match role {
        v1::Role::Officer | v1::Role::Lead => grant.partnership = data::partnership_name(&person.of),
        v1::Role::Editor | v1::Role::Approver => grant.committee = data::committee_name(),
        _ => {}
    }
    let request = v1::CreateRoleGrantRequest { parent: name.clone(), role_grant: Some(grant), request_id: request_id() };
    client.create_role_grant(request).await?;
    let token = v1::Token { label: "demonstration".to_owned(), ..Default::default() };
    let request = v1::CreateTokenRequest { parent: name, token: Some(token), request_id: request_id() };
    let secret = client.create_token(request).await?.into_inner().secret;
    Caller::new(&stage.channel, secret)
}

async fn import_members(administrator: &Caller, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let import = v1::ImportMembersRequest {
        parent: data::committee_name(),
        csv: data::MEMBERS_CSV.clone(),
        validate_only: false,
        request_id: request_id(),
    };
    let imported = administrator.committees().import_members(import).await?.into_inner();
    tell.done(&format!("{} members of the committee, from their clerk's list", imported.members.len()));
    tell.command("csp admin member import members.csv --committee citizen-focus");
    Ok(())
}

async fn plan(stage: &Stage, administrator: &Caller, tell: &mut Telling<'_>) -> Result<(), Failure> {
    stage.ring().await?;
    let cycle = administrator.committees().get_cycle(v1::GetCycleRequest { name: data::cycle_name() }).await?.into_inner();
    tell.done(&format!("The schedule plans the first cycle by itself: {}", cycle.period_label));
    for (what, at) in [
        ("collecting opens", cycle.open_time),
        ("returns are due", cycle.deadline_time),
        ("the paper goes out", cycle.publication_time),
        ("the committee meets", cycle.meeting_time),
    ] {
        tell.detail(&format!("{what:<20}{}", date(instant(at))));
    }
    tell.command("csp admin cycle show citizen-focus/2021-q3");
    Ok(())
}
