//! A valid request for every method: what the hostile strings are put into.

mod administration;
mod calendar;
mod committee;
mod digest;
mod figures;
mod joint;
mod schedule;
mod submissions;
mod wordings;

use std::sync::atomic::AtomicU32;

use bytes::Bytes;
use csp_proto::v1;
use csp_tests::Bed;

use crate::world::{COMMITTEE, CYCLE, Who, World, partnership, two_figures};

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
    /// An item that nobody corrects, so that its wordings stay what they are.
    worded: String,
    /// A joint item that the lead's partnership owns, and another sent in.
    joint: String,
    lead: Who,
    member: String,
    grant: String,
    token: String,
    /// How often something was asked for that must not be there already: no two targets are about the same month.
    asked: AtomicU32,
}

fn stamp(seconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds, nanos: 0 }
}

/// 1 January 2030.
const LATER: i64 = 1_893_456_000;
const DAY: i64 = 86_400;

fn row(who: &Who, bytes: Vec<u8>) -> Valid {
    Valid { phase: Phase::Collecting, who: who.clone(), bytes: bytes.into(), last: false }
}

fn last(who: &Who, bytes: Vec<u8>) -> Valid {
    Valid { last: true, ..row(who, bytes) }
}

fn frozen(who: &Who, bytes: Vec<u8>) -> Valid {
    Valid { phase: Phase::Frozen, ..row(who, bytes) }
}

fn released(who: &Who, bytes: Vec<u8>) -> Valid {
    Valid { phase: Phase::Released, ..row(who, bytes) }
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

        let create = v1::CreateNewsItemRequest { parent: partnership(0), news_item: Some(submissions::news_item()), ..Default::default() };
        let news = world.news().create_news_item(officer.call(create)).await.unwrap().into_inner().name;
        let create = v1::CreateNewsItemRequest { parent: partnership(0), news_item: Some(submissions::news_item()), ..Default::default() };
        let worded = world.news().create_news_item(officer.call(create)).await.unwrap().into_inner().name;
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
        let joint = joint::set_up(&world).await;
        calendar::set_up(&world).await;
        Self { world, news, answer, worded, joint, lead, member, grant, token, asked: AtomicU32::default() }
    }

    /// A valid request for the method at `path`, the `n`th of its kind. None for a method that has no row
    /// here yet.
    pub(crate) async fn valid(&self, path: &str, n: u32) -> Option<Valid> {
        let (service, method) = path.strip_prefix("csp.v1.")?.split_once('/')?;
        match service {
            "CommitteeService" => self.of_committees(method, n),
            "CalendarService" => calendar::valid(&self.world, method),
            "IndicatorService" | "HistoryService" => self.of_figures(service, method, n).await,
            "NewsService" | "ReturnService" | "CheckService" => self.of_submissions(service, method).await,
            "WordingService" => self.of_wordings(method).await,
            "JointService" => self.of_joint_items(method).await,
            "DigestService" => self.of_digests(method).await,
            "ScheduleService" | "DiaryService" => self.of_schedule(service, method).await,
            _ => self.of_administration(service, method, n).await,
        }
    }
}
