//! A valid request for every method: what the hostile strings are put into.

use bytes::Bytes;
use csp_proto::v1;
use csp_tests::Bed;
use prost::Message;

use crate::{
    calendars,
    world::{COMMITTEE, CYCLE, REGION, Who, World, partnership, two_figures},
};

/// When a request can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// While partnerships send in.
    Collecting,
    /// When there is a paper to approve.
    Frozen,
    /// When it has gone out, and one member was not reached.
    Released,
}

/// A request and who makes it.
pub(crate) struct Valid {
    pub(crate) phase: Phase,
    pub(crate) who: Who,
    pub(crate) bytes: Bytes,
    /// Takes something away that other requests need, so it is made last of all.
    pub(crate) last: bool,
}

/// What stands in a region that nobody of Northumbria may ever read of.
pub(crate) const ELSEWHERE: &str = "Kt7Q9 of Kent";

/// The world of the stories, and the names of a few things more.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) news: String,
    answer: String,
    lead: Who,
    member: String,
    grant: String,
    token: String,
}

pub(crate) fn stamp(seconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds, nanos: 0 }
}

/// 1 January 2030.
pub(crate) const LATER: i64 = 1_893_456_000;
pub(crate) const DAY: i64 = 86_400;

fn news_item() -> v1::NewsItem {
    v1::NewsItem {
        cycle: CYCLE.into(),
        kind: v1::NewsKind::News.into(),
        headline: "A safer park".into(),
        body: "It went *well*.".into(),
        body_format: v1::BodyFormat::Markdown.into(),
        happened_on: "2021-11-01".into(),
        ..Default::default()
    }
}

/// What a full return holds: figures, one of them for a period that nobody waits for, and a figure that somebody else stated.
fn content(burglary: &str, vehicle: &str) -> Option<v1::r#return::Content> {
    let quoted = v1::QuotedFigure {
        subject: "People who feel safe".into(),
        value: "61%".into(),
        source: "Residents' survey 2021".into(),
        period: "2021-q3".into(),
    };
    match two_figures(0, CYCLE, "2021-q3", burglary, vehicle).answer?.content? {
        v1::r#return::Content::Figures(mut figures) => {
            figures.figures.push(v1::Figure { period: "2019-q4".into(), ..figures.figures[0].clone() });
            Some(v1::r#return::Content::Figures(v1::Figures { quoted_figures: vec![quoted], ..figures }))
        }
        nil @ v1::r#return::Content::Nil(_) => Some(nil),
    }
}

fn template() -> v1::CommitteeTemplate {
    v1::CommitteeTemplate {
        report_of: "Report of the Clerk".into(),
        title: "Update".into(),
        purpose: "To inform members.".into(),
        recommendations: vec!["Members are asked to note the report.".into()],
        implications: vec![v1::Implication { heading: "Financial implications".into(), statement: "None arise.".into() }],
        notice: "A rehearsal".into(),
        comparators: vec![v1::Comparator::Region.into()],
        least_base: 20,
    }
}

fn committee() -> v1::Committee {
    v1::Committee {
        display_name: "Citizen Focus Committee".into(),
        partnerships: (0..3).map(partnership).collect(),
        indicators: vec![format!("{REGION}/indicators/burglary"), format!("{REGION}/indicators/vehicle-crime")],
        recurrence: Some(v1::Recurrence { first_quarter: "2021-q3".into(), ..Default::default() }),
        template: Some(template()),
        ..Default::default()
    }
}

impl Stage {
    /// The world on `bed`, on 5 January 2022, with a neighbour.
    pub(crate) async fn on(bed: Bed) -> Self {
        let world = World::on(bed).await;
        world.at("2022-01-05T10:00:00Z").await;
        let (system, officer) = (&world.system, &world.officers[0]);
        let region = v1::Region { display_name: ELSEWHERE.into(), ..Default::default() };
        let create = v1::CreateRegionRequest { region: Some(region), region_id: "kent".into(), request_id: String::new() };
        world.regions().create_region(system.call(create)).await.unwrap();
        let create = v1::CreatePartnershipRequest {
            parent: "regions/kent".into(),
            partnership: Some(v1::Partnership { display_name: ELSEWHERE.into(), ons_code: "E22000999".into(), ..Default::default() }),
            partnership_id: "gateshead".into(),
            request_id: String::new(),
        };
        world.partnerships().create_partnership(system.call(create)).await.unwrap();
        let create = v1::CreateRegionRequest {
            region: Some(v1::Region { display_name: "Empty".into(), ..Default::default() }),
            region_id: "empty".into(),
            request_id: String::new(),
        };
        world.regions().create_region(system.call(create)).await.unwrap();

        let create = v1::CreateNewsItemRequest { parent: partnership(0), news_item: Some(news_item()), ..Default::default() };
        let news = world.news().create_news_item(officer.call(create)).await.unwrap().into_inner().name;
        let answer =
            world.returns().create_return(officer.call(two_figures(0, CYCLE, "2021-q3", "1", "2"))).await.unwrap().into_inner().name;
        let list = v1::ListMembersRequest { parent: COMMITTEE.into(), ..Default::default() };
        let member = world.committees().list_members(world.administrator.call(list)).await.unwrap().into_inner().members[0].name.clone();
        let role_grant = v1::RoleGrant { role: v1::Role::Approver.into(), committee: COMMITTEE.into(), ..Default::default() };
        let create =
            v1::CreateRoleGrantRequest { parent: world.officers[2].person.clone(), role_grant: Some(role_grant), ..Default::default() };
        let grant = world.persons().create_role_grant(world.administrator.call(create)).await.unwrap().into_inner().name;
        let token = v1::Token { label: "phone".into(), ..Default::default() };
        let create = v1::CreateTokenRequest { parent: world.officers[2].person.clone(), token: Some(token), ..Default::default() };
        let token = world.persons().create_token(world.administrator.call(create)).await.unwrap().into_inner().token.unwrap().name;
        let lead = world.person(&world.administrator, "lead", v1::Role::Lead, &partnership(0)).await.unwrap();
        calendars::set_up(&world).await;
        Self { world, news, answer, lead, member, grant, token }
    }

    /// As an officer would after whatever became of the return; once collecting is over it stays as it is.
    async fn send_in_again(&self) {
        let changed = v1::Return { name: self.answer.clone(), content: content("5", "6"), ..Default::default() };
        let update = v1::UpdateReturnRequest { answer: Some(changed), validate_only: false, on_behalf: String::new() };
        drop(self.world.returns().update_return(self.world.officers[0].call(update)).await);
    }

    /// What is asked about the return: why it tells of 2019.
    fn explaining(&self) -> v1::ExplainFindingRequest {
        let note = "It was never told before.".into();
        v1::ExplainFindingRequest { name: format!("{}/findings/older-period", self.answer), note, ..Default::default() }
    }

    /// The lead's signature under what stands, with the officer's answer to what is asked about it.
    async fn signing(&self) -> v1::SignReturnRequest {
        drop(self.world.checks().explain_finding(self.world.officers[0].call(self.explaining())).await);
        let read = self.world.returns().get_return(self.lead.call(v1::GetReturnRequest { name: self.answer.clone() })).await;
        v1::SignReturnRequest { name: self.answer.clone(), etag: read.unwrap().into_inner().etag }
    }

    /// A target of all together, set anew.
    async fn promise(&self) -> String {
        let create = v1::CreateTargetRequest { parent: REGION.into(), target: Some(target()), request_id: String::new() };
        self.world.indicators().create_target(self.world.administrator.call(create)).await.unwrap().into_inner().name
    }

    /// A valid request for the method at `path`, the `n`th of its kind. None for a method that has no row
    /// here yet.
    pub(crate) async fn valid(&self, path: &str, n: u32) -> Option<Valid> {
        let world = &self.world;
        let (system, administrator) = (&world.system, &world.administrator);
        let row = |who: &Who, bytes: Vec<u8>| Valid { phase: Phase::Collecting, who: who.clone(), bytes: bytes.into(), last: false };
        let last = |who: &Who, bytes: Vec<u8>| Valid { last: true, ..row(who, bytes) };
        let frozen = |who: &Who, bytes: Vec<u8>| Valid { phase: Phase::Frozen, ..row(who, bytes) };
        let released = |bytes: Vec<u8>| Valid { phase: Phase::Released, ..row(administrator, bytes) };
        let digest = format!("{CYCLE}/digests/-");
        let indicator = v1::Indicator {
            name: format!("{REGION}/indicators/burglary"),
            display_name: "Burglary".into(),
            unit: v1::Unit::Count.into(),
            polarity: v1::Polarity::LowerIsBetter.into(),
            source: "Police-recorded crime".into(),
            definition: Some(v1::Definition {
                meaning: "Offences of burglary".into(),
                per: 100,
                denominator: format!("{REGION}/indicators/vehicle-crime"),
                decimals: 1,
                frequency: v1::Frequency::Month.into(),
                sensitive: true,
                crime: true,
                valid_from: "2014-04-01".into(),
                breaks: vec![v1::DefinitionBreak { date: "2016-04-01".into(), description: "attempts are counted apart".into() }],
                stock: false,
            }),
            ..Default::default()
        };
        let cycle = v1::Cycle {
            period: csp_tests::day("2030-01-01").checked_add_days(chrono::Days::new(n.into())).map(|day| format!("{day}..{day}"))?,
            open_time: Some(stamp(LATER)),
            deadline_time: Some(stamp(LATER + DAY)),
            publication_time: Some(stamp(LATER + 2 * DAY)),
            meeting_time: Some(stamp(LATER + 3 * DAY)),
            ..Default::default()
        };
        let (service, method) = path.strip_prefix("csp.v1.")?.split_once('/')?;
        Some(match (service, method) {
            ("RegionService", "CreateRegion") => {
                let region = v1::Region { display_name: "New".into(), time_zone: "Europe/London".into(), ..Default::default() };
                row(
                    system,
                    v1::CreateRegionRequest { region: Some(region), region_id: format!("r-{n}"), ..Default::default() }.encode_to_vec(),
                )
            }
            ("RegionService", "GetRegion") => row(administrator, v1::GetRegionRequest { name: REGION.into() }.encode_to_vec()),
            ("RegionService", "ListRegions") => row(administrator, v1::ListRegionsRequest::default().encode_to_vec()),
            ("RegionService", "UpdateRegion") => {
                let region = v1::Region {
                    name: REGION.into(),
                    display_name: "Northumbria".into(),
                    time_zone: "Europe/London".into(),
                    ..Default::default()
                };
                row(administrator, v1::UpdateRegionRequest { region: Some(region), update_mask: None }.encode_to_vec())
            }
            ("RegionService", "DeleteRegion") => {
                last(system, v1::DeleteRegionRequest { name: "regions/empty".into(), etag: "1".into() }.encode_to_vec())
            }
            ("PartnershipService", "CreatePartnership") => {
                let comparison_group = Some(peers());
                let made =
                    v1::Partnership { display_name: "New".into(), ons_code: format!("E22{n:06}"), comparison_group, ..Default::default() };
                let create = v1::CreatePartnershipRequest {
                    parent: REGION.into(),
                    partnership: Some(made),
                    partnership_id: format!("p-{n}"),
                    ..Default::default()
                };
                row(administrator, create.encode_to_vec())
            }
            ("PartnershipService", "GetPartnership") => {
                row(administrator, v1::GetPartnershipRequest { name: partnership(0) }.encode_to_vec())
            }
            ("PartnershipService", "ListPartnerships") => {
                row(administrator, v1::ListPartnershipsRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("PartnershipService", "UpdatePartnership") => {
                let changed = v1::Partnership {
                    name: partnership(2),
                    display_name: "Sunderland".into(),
                    ons_code: "E22000248".into(),
                    comparison_group: Some(peers()),
                    ..Default::default()
                };
                row(administrator, v1::UpdatePartnershipRequest { partnership: Some(changed), update_mask: None }.encode_to_vec())
            }
            ("PersonService", "CreatePerson") => {
                let person = v1::Person { display_name: "New".into(), email: format!("new-{n}@example.org"), ..Default::default() };
                let create = v1::CreatePersonRequest {
                    parent: REGION.into(),
                    person: Some(person),
                    person_id: format!("new-{n}"),
                    ..Default::default()
                };
                row(administrator, create.encode_to_vec())
            }
            ("PersonService", "GetPerson") => {
                row(administrator, v1::GetPersonRequest { name: world.editor.person.clone() }.encode_to_vec())
            }
            ("PersonService", "ListPersons") => {
                row(administrator, v1::ListPersonsRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("PersonService", "UpdatePerson") => {
                let person = v1::Person {
                    name: world.editor.person.clone(),
                    display_name: "Editor".into(),
                    email: "editor@example.org".into(),
                    ..Default::default()
                };
                row(administrator, v1::UpdatePersonRequest { person: Some(person), update_mask: None }.encode_to_vec())
            }
            ("PersonService", "CreateRoleGrant") => {
                let role_grant = v1::RoleGrant {
                    role: v1::Role::Editor.into(),
                    committee: COMMITTEE.into(),
                    start_date: "2022-01-01".into(),
                    end_date: "2022-12-31".into(),
                    ..Default::default()
                };
                let create =
                    v1::CreateRoleGrantRequest { parent: world.editor.person.clone(), role_grant: Some(role_grant), ..Default::default() };
                row(administrator, create.encode_to_vec())
            }
            ("PersonService", "ListRoleGrants") => {
                row(administrator, v1::ListRoleGrantsRequest { parent: world.editor.person.clone(), ..Default::default() }.encode_to_vec())
            }
            ("PersonService", "EndRoleGrant") => last(administrator, v1::EndRoleGrantRequest { name: self.grant.clone() }.encode_to_vec()),
            ("PersonService", "CreateToken") => {
                let token = v1::Token { label: "laptop".into(), ..Default::default() };
                row(
                    administrator,
                    v1::CreateTokenRequest { parent: world.editor.person.clone(), token: Some(token), ..Default::default() }
                        .encode_to_vec(),
                )
            }
            ("PersonService", "ListTokens") => {
                row(administrator, v1::ListTokensRequest { parent: world.editor.person.clone(), ..Default::default() }.encode_to_vec())
            }
            ("PersonService", "RevokeToken") => last(administrator, v1::RevokeTokenRequest { name: self.token.clone() }.encode_to_vec()),
            ("PersonService", "RotateToken") => {
                let name = self.token.clone();
                row(administrator, v1::RotateTokenRequest { name, ..Default::default() }.encode_to_vec())
            }
            ("IdentityService", "ListPermissions") => row(&world.officers[1], v1::ListPermissionsRequest {}.encode_to_vec()),
            ("AuditService", "ListAuditEntries") => {
                row(administrator, v1::ListAuditEntriesRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("IdentityService", "WhoAmI") => row(&world.officers[1], v1::WhoAmIRequest {}.encode_to_vec()),
            ("IdentityService", "ListDuties") => row(&world.officers[1], v1::ListDutiesRequest::default().encode_to_vec()),
            ("CommitteeService", "CreateCommittee") => {
                let create = v1::CreateCommitteeRequest {
                    parent: REGION.into(),
                    committee: Some(committee()),
                    committee_id: format!("c-{n}"),
                    ..Default::default()
                };
                row(administrator, create.encode_to_vec())
            }
            ("CommitteeService", "GetCommittee") => row(administrator, v1::GetCommitteeRequest { name: COMMITTEE.into() }.encode_to_vec()),
            ("CommitteeService", "ListCommittees") => {
                row(administrator, v1::ListCommitteesRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("CommitteeService", "UpdateCommittee") => {
                let changed = v1::Committee { name: COMMITTEE.into(), ..committee() };
                row(administrator, v1::UpdateCommitteeRequest { committee: Some(changed), update_mask: None }.encode_to_vec())
            }
            ("CommitteeService", "CreateMember") => {
                let member = v1::Member {
                    person: world.editor.person.clone(),
                    start_date: "2030-01-01".into(),
                    end_date: "2030-12-31".into(),
                    ..Default::default()
                };
                row(
                    administrator,
                    v1::CreateMemberRequest { parent: COMMITTEE.into(), member: Some(member), ..Default::default() }.encode_to_vec(),
                )
            }
            ("CommitteeService", "ListMembers") => {
                row(administrator, v1::ListMembersRequest { parent: COMMITTEE.into(), ..Default::default() }.encode_to_vec())
            }
            ("CommitteeService", "UpdateMember") => {
                let member = v1::Member { name: self.member.clone(), start_date: "2022-01-05".into(), ..Default::default() };
                row(administrator, v1::UpdateMemberRequest { member: Some(member), update_mask: None }.encode_to_vec())
            }
            ("CommitteeService", "ImportMembers") => {
                let csv = "name,email\nNew Member,new-member@example.org\n".into();
                row(
                    administrator,
                    v1::ImportMembersRequest { parent: COMMITTEE.into(), csv, validate_only: true, ..Default::default() }.encode_to_vec(),
                )
            }
            ("CommitteeService", "CreateCycle") => {
                let create = v1::CreateCycleRequest {
                    parent: COMMITTEE.into(),
                    cycle: Some(cycle),
                    cycle_id: format!("extra-{n}"),
                    ..Default::default()
                };
                row(administrator, create.encode_to_vec())
            }
            ("CommitteeService", "GetCycle") => row(administrator, v1::GetCycleRequest { name: CYCLE.into() }.encode_to_vec()),
            ("CommitteeService", "ListCycles") => {
                row(administrator, v1::ListCyclesRequest { parent: COMMITTEE.into(), ..Default::default() }.encode_to_vec())
            }
            ("CommitteeService", "UpdateCycle") => {
                let changed = v1::Cycle {
                    name: CYCLE.into(),
                    meeting_time: Some(stamp(csp_tests::at("2022-01-26T10:00:00Z").timestamp())),
                    ..Default::default()
                };
                let mask = prost_types::FieldMask { paths: vec!["meeting_time".into()] };
                row(administrator, v1::UpdateCycleRequest { cycle: Some(changed), update_mask: Some(mask) }.encode_to_vec())
            }
            ("CommitteeService", "CancelCycle") => last(
                administrator,
                v1::CancelCycleRequest { name: format!("{COMMITTEE}/cycles/2021-q4"), ..Default::default() }.encode_to_vec(),
            ),
            ("CalendarService", method) => calendars::valid(world, method)?,
            ("IndicatorService", "CreateIndicator") => {
                let create = v1::CreateIndicatorRequest {
                    parent: REGION.into(),
                    indicator: Some(v1::Indicator { name: String::new(), ..indicator }),
                    indicator_id: format!("i-{n}"),
                    ..Default::default()
                };
                row(administrator, create.encode_to_vec())
            }
            ("IndicatorService", "GetIndicator") => row(administrator, v1::GetIndicatorRequest { name: indicator.name }.encode_to_vec()),
            ("IndicatorService", "ListIndicators") => {
                row(administrator, v1::ListIndicatorsRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("IndicatorService", "UpdateIndicator") => {
                let mask = prost_types::FieldMask { paths: vec!["display_name".into(), "source".into(), "definition".into()] };
                row(administrator, v1::UpdateIndicatorRequest { indicator: Some(indicator), update_mask: Some(mask) }.encode_to_vec())
            }
            ("IndicatorService", "ImportPopulations") => {
                let of = |ons_code: &str| v1::Population {
                    ons_code: ons_code.into(),
                    mid_year: 2020,
                    people: 200_000 + i64::from(n),
                    source: "ONS".into(),
                    create_time: None,
                };
                let populations = vec![of("E22000244"), of("E22000245")];
                row(
                    administrator,
                    v1::ImportPopulationsRequest { parent: REGION.into(), populations, validate_only: false }.encode_to_vec(),
                )
            }
            ("IndicatorService", "ListPopulations") => {
                row(administrator, v1::ListPopulationsRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("IndicatorService", "CreateTarget") => {
                let target = v1::Target { partnership: partnership(0), end_date: "2024-03-31".into(), ..target() };
                let create = v1::CreateTargetRequest { parent: REGION.into(), target: Some(target), request_id: String::new() };
                row(administrator, create.encode_to_vec())
            }
            ("IndicatorService", "GetTarget") => row(administrator, v1::GetTargetRequest { name: self.promise().await }.encode_to_vec()),
            ("IndicatorService", "ListTargets") => {
                row(administrator, v1::ListTargetsRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("IndicatorService", "EndTarget") => {
                let name = self.promise().await;
                let reason = "A new plan was agreed".into();
                row(
                    administrator,
                    v1::EndTargetRequest { name, end_date: "2022-03-31".into(), reason, etag: String::new() }.encode_to_vec(),
                )
            }
            ("HistoryService", "ImportHistory") => {
                let series = v1::Series {
                    partnership: partnership(0),
                    indicator: indicator.name,
                    frequency: v1::Frequency::Month.into(),
                    first_date: "2020-10-01".into(),
                    steps: vec![0, 1],
                    values: vec![90, 94],
                    decimals: 0,
                };
                let import = v1::ImportHistoryRequest {
                    parent: REGION.into(),
                    source: "Police-recorded crime".into(),
                    series: vec![series],
                    validate_only: false,
                };
                row(administrator, import.encode_to_vec())
            }
            ("HistoryService", "ListHistoryImports") => {
                row(administrator, v1::ListHistoryImportsRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("NewsService", "CreateNewsItem") => {
                let create = v1::CreateNewsItemRequest {
                    parent: partnership(1),
                    news_item: Some(news_item()),
                    validate_only: true,
                    ..Default::default()
                };
                row(&world.officers[1], create.encode_to_vec())
            }
            ("NewsService", "GetNewsItem") => row(&world.officers[0], v1::GetNewsItemRequest { name: self.news.clone() }.encode_to_vec()),
            ("NewsService", "ListNewsItems") => row(
                &world.officers[0],
                v1::ListNewsItemsRequest { parent: partnership(0), cycle: CYCLE.into(), ..Default::default() }.encode_to_vec(),
            ),
            ("NewsService", "UpdateNewsItem") => {
                let changed = v1::NewsItem { name: self.news.clone(), ..news_item() };
                row(&world.officers[0], v1::UpdateNewsItemRequest { news_item: Some(changed), ..Default::default() }.encode_to_vec())
            }
            ("NewsService", "WithdrawNewsItem") => {
                last(&world.officers[0], v1::WithdrawNewsItemRequest { name: self.news.clone(), ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "CreateReturn") => {
                let answer = v1::Return { cycle: CYCLE.into(), content: content("3", "4"), ..Default::default() };
                let create =
                    v1::CreateReturnRequest { parent: partnership(1), answer: Some(answer), validate_only: true, ..Default::default() };
                row(&world.officers[1], create.encode_to_vec())
            }
            ("ReturnService", "GetReturn") => row(&world.officers[0], v1::GetReturnRequest { name: self.answer.clone() }.encode_to_vec()),
            ("ReturnService", "ListReturns") => row(
                &world.officers[0],
                v1::ListReturnsRequest { parent: partnership(0), cycle: CYCLE.into(), ..Default::default() }.encode_to_vec(),
            ),
            ("ReturnService", "UpdateReturn") => {
                let changed = v1::Return { name: self.answer.clone(), content: content("5", "6"), ..Default::default() };
                row(
                    &world.officers[0],
                    v1::UpdateReturnRequest { answer: Some(changed), validate_only: false, on_behalf: String::new() }.encode_to_vec(),
                )
            }
            ("ReturnService", "WithdrawReturn") => {
                last(&world.officers[0], v1::WithdrawReturnRequest { name: self.answer.clone(), ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "SignReturn") => {
                self.send_in_again().await;
                row(&self.lead, self.signing().await.encode_to_vec())
            }
            ("ReturnService", "SendBackReturn") => {
                self.send_in_again().await;
                let reasons = "Burglary is that of December alone.".into();
                row(&self.lead, v1::SendBackReturnRequest { name: self.answer.clone(), reasons, ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "AcceptReturn") => {
                self.send_in_again().await;
                let sign = self.signing().await;
                drop(world.returns().sign_return(self.lead.call(sign)).await);
                row(&world.editor, v1::AcceptReturnRequest { name: self.answer.clone(), ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "RecallReturn") => {
                self.send_in_again().await;
                row(&world.officers[0], v1::RecallReturnRequest { name: self.answer.clone(), ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "GetReceipt") => row(&world.officers[0], v1::GetReceiptRequest { name: self.answer.clone() }.encode_to_vec()),
            ("ReturnService", "GetCycleStatus") => row(&world.editor, v1::GetCycleStatusRequest { name: CYCLE.into() }.encode_to_vec()),
            ("CheckService", "CheckReturn") => {
                let answer = v1::Return { cycle: CYCLE.into(), content: content("3", "4"), ..Default::default() };
                row(&world.officers[1], v1::CheckReturnRequest { parent: partnership(1), answer: Some(answer) }.encode_to_vec())
            }
            ("CheckService", "ListFindings") => {
                row(&world.officers[0], v1::ListFindingsRequest { parent: self.answer.clone() }.encode_to_vec())
            }
            ("CheckService", "ExplainFinding") => {
                self.send_in_again().await;
                row(&world.officers[0], self.explaining().encode_to_vec())
            }
            ("CheckService", "ListCheckRules") => {
                row(&world.officers[0], v1::ListCheckRulesRequest { parent: REGION.into() }.encode_to_vec())
            }
            ("CheckService", "UpdateCheckRule") => {
                let (name, strength) = (format!("{REGION}/checkRules/unchanged"), v1::CheckStrength::Query.into());
                let reason = "It is asked about.".into();
                row(administrator, v1::UpdateCheckRuleRequest { name, strength, reason }.encode_to_vec())
            }
            ("DigestService", "EndCoolingOff") => {
                // Of a version that was approved just now; while there is none to be made, of none.
                let freeze = v1::FreezeDigestRequest { parent: CYCLE.into(), ..Default::default() };
                if world.digests().freeze_digest(world.editor.call(freeze)).await.is_ok() {
                    world.approve(CYCLE).await.unwrap();
                }
                let reason = "Five clear days must be kept.".into();
                let end = v1::EndCoolingOffRequest { name: digest.clone(), reason, ..Default::default() };
                Valid { last: true, ..frozen(&world.approver, end.encode_to_vec()) }
            }
            ("DigestService", "PreviewDigest") => row(&world.editor, v1::PreviewDigestRequest { parent: CYCLE.into() }.encode_to_vec()),
            ("DigestService", "FreezeDigest") => {
                frozen(&world.editor, v1::FreezeDigestRequest { parent: CYCLE.into(), ..Default::default() }.encode_to_vec())
            }
            ("DigestService", "GetDigest") => frozen(&world.editor, v1::GetDigestRequest { name: digest }.encode_to_vec()),
            ("DigestService", "ListDigests") => {
                frozen(&world.editor, v1::ListDigestsRequest { parent: CYCLE.into(), ..Default::default() }.encode_to_vec())
            }
            ("DigestService", "GetRendition") => {
                frozen(&world.editor, v1::GetRenditionRequest { name: digest, kind: v1::RenditionKind::Text.into() }.encode_to_vec())
            }
            ("DigestService", "ApproveDigest") => {
                let hashes = match world.digests().get_digest(world.approver.call(v1::GetDigestRequest { name: digest.clone() })).await {
                    Ok(found) => found.into_inner().hashes,
                    Err(_) => Vec::new(),
                };
                Valid { last: true, ..frozen(&world.approver, v1::ApproveDigestRequest { name: digest, hashes }.encode_to_vec()) }
            }
            ("ScheduleService", "ListJobs") => {
                row(&world.editor, v1::ListJobsRequest { parent: COMMITTEE.into(), ..Default::default() }.encode_to_vec())
            }
            ("ScheduleService", method) => {
                // Of a cycle that nobody works with: what is decided there changes nothing that others ask about.
                let (name, reason) = (format!("{COMMITTEE}/cycles/2021-q4/jobs/remind"), "The chair asked.".to_owned());
                match method {
                    "RunJob" => row(administrator, v1::RunJobRequest { name, reason }.encode_to_vec()),
                    "HoldJob" => {
                        let resume = v1::ResumeJobRequest { name: name.clone(), reason: reason.clone() };
                        drop(world.schedule().resume_job(administrator.call(resume)).await);
                        row(administrator, v1::HoldJobRequest { name, reason }.encode_to_vec())
                    }
                    "ResumeJob" => {
                        let hold = v1::HoldJobRequest { name: name.clone(), reason: reason.clone() };
                        drop(world.schedule().hold_job(administrator.call(hold)).await);
                        row(administrator, v1::ResumeJobRequest { name, reason }.encode_to_vec())
                    }
                    // Once and for all, so each time of another cycle.
                    "SkipJob" => {
                        static SKIPPED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
                        let n = SKIPPED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        let id = format!("skipped-{n}");
                        // Of a day that is still in a year people plan for, however high the count.
                        let ahead = chrono::Days::new(n % 50_000);
                        let period = csp_tests::day("2030-01-01").checked_add_days(ahead).map(|day| format!("{day}..{day}"))?;
                        let cycle = v1::Cycle { period, ..cycle };
                        let create = v1::CreateCycleRequest {
                            parent: COMMITTEE.into(),
                            cycle: Some(cycle),
                            cycle_id: id.clone(),
                            ..Default::default()
                        };
                        world.committees().create_cycle(administrator.call(create)).await.unwrap();
                        row(
                            administrator,
                            v1::SkipJobRequest { name: format!("{COMMITTEE}/cycles/{id}/jobs/open"), reason }.encode_to_vec(),
                        )
                    }
                    _ => return None,
                }
            }
            ("DiaryService", "GetDiary") => row(&world.editor, v1::GetDiaryRequest { name: format!("{COMMITTEE}/diary") }.encode_to_vec()),
            ("DiaryService", "CreateDiaryLink") => {
                row(administrator, v1::CreateDiaryLinkRequest { parent: COMMITTEE.into(), ..Default::default() }.encode_to_vec())
            }
            ("DiaryService", "ListDiaryLinks") => {
                row(administrator, v1::ListDiaryLinksRequest { parent: COMMITTEE.into(), ..Default::default() }.encode_to_vec())
            }
            ("DiaryService", "RevokeDiaryLink") => {
                let list = v1::ListDiaryLinksRequest { parent: COMMITTEE.into(), page_size: 500, ..Default::default() };
                let links = world.diary().list_diary_links(administrator.call(list)).await.unwrap().into_inner().diary_links;
                let name = match links.into_iter().find(|link| link.revoke_time.is_none()) {
                    Some(link) => link.name,
                    None => {
                        let create = v1::CreateDiaryLinkRequest { parent: COMMITTEE.into(), ..Default::default() };
                        let made = world.diary().create_diary_link(administrator.call(create)).await.unwrap().into_inner();
                        made.diary_link.unwrap_or_default().name
                    }
                };
                last(administrator, v1::RevokeDiaryLinkRequest { name }.encode_to_vec())
            }
            ("MessageService", method) => {
                let state = v1::MessageState::Failed.into();
                let list = v1::ListMessagesRequest { parent: REGION.into(), state, ..Default::default() };
                let found = world.messages().list_messages(administrator.call(list)).await.unwrap().into_inner().messages;
                let name = found.into_iter().next().map(|message| message.name).unwrap_or_default();
                match method {
                    "GetMessage" => released(v1::GetMessageRequest { name }.encode_to_vec()),
                    "ListMessages" => {
                        released(v1::ListMessagesRequest { parent: REGION.into(), digest, ..Default::default() }.encode_to_vec())
                    }
                    "RetryMessage" => Valid { last: true, ..released(v1::RetryMessageRequest { name }.encode_to_vec()) },
                    _ => return None,
                }
            }
            _ => return None,
        })
    }
}

fn peers() -> v1::ComparisonGroup {
    v1::ComparisonGroup { display_name: "Most similar group".into(), ons_codes: vec!["E22000245".into(), "E22000263".into()] }
}

fn target() -> v1::Target {
    v1::Target {
        indicator: format!("{REGION}/indicators/burglary"),
        aim: v1::Aim::AtMost.into(),
        milestones: vec![v1::Milestone { period: "2021-q1".into(), value: "230".into() }],
        reason: "Community Safety Plan 2021".into(),
        ..Default::default()
    }
}
