//! Who may do what: every method, called by everybody there is, about things that are there, that are another's, that were never
//! there and that are gone.
//!
//! What is expected comes from the table (`csp_api::authorise`) and from the two short lists below, which say once more, in other
//! words, what everybody of a region shares. A method without a row in the table does not compile; one without a valid request
//! fails here.

use std::collections::BTreeMap;

use bytes::Bytes;
use csp_api::authorise::{Call, Kind};
use csp_proto::v1;
use csp_tests::Bed;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor, Value};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    cells::reach,
    panics,
    raw::call,
    requests::{Phase, Stage, Valid},
    walk::{methods, path_of},
    world::{COMMITTEE, REGION, Who, World, partnership},
};

/// From where somebody looks at the things that the valid requests are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// They are theirs.
    Own,
    /// They are a neighbour's, in the same region.
    NextDoor,
    /// They are another region's.
    Stranger,
    /// Nobody knows them.
    Outside,
}

/// Somebody who calls.
struct Principal {
    called: &'static str,
    who: Who,
    kinds: &'static [Kind],
    place: Place,
    reading: bool,
}

/// What everybody of a region may see of it, whatever their roles are for, if their kind of role may call it at all.
const SHARED: &[&str] = &[
    "GetRegion",
    "ListRegions",
    "ListPartnerships",
    "ListCommittees",
    "GetIndicator",
    "ListIndicators",
    "ListCheckRules",
    "ListPopulations",
    "GetTarget",
    "ListTargets",
    "ListContextNotes",
    "WhoAmI",
    "ListDuties",
    "ListPermissions",
];
/// What is shared besides by those who report to the same committee.
const SHARED_BY_COMMITTEE: &[&str] = &[
    "GetCommittee",
    "GetCycle",
    "GetCyclePlan",
    "ListCycles",
    "PreviewDigest",
    "GetDiary",
    "CreateDiaryLink",
    "ListDiaryLinks",
    "RevokeDiaryLink",
];
/// What people may see of themselves.
const OF_ONESELF: &[&str] = &["GetPerson", "ListRoleGrants", "ListTokens"];
/// What is about nobody but the caller, or about the service.
const ABOUT_NOBODY_ELSE: &[&str] = &["ListRegions", "WhoAmI", "ListDuties", "ListPermissions"];

impl Principal {
    /// Whether the table says they may, and the thing is theirs to see.
    fn may(&self, row: Call, method: &str) -> bool {
        let of_role = self.kinds.iter().any(|kind| *kind != Kind::Oneself && row.who().contains(kind));
        let oneself = row.who().contains(&Kind::Oneself);
        match self.place {
            Place::Own if self.kinds.contains(&Kind::Oneself) && OF_ONESELF.contains(&method) => oneself,
            Place::Own => of_role || (oneself && SHARED.contains(&method)),
            Place::NextDoor => {
                let reports = self.kinds.contains(&Kind::Officer) && SHARED_BY_COMMITTEE.contains(&method);
                (of_role || oneself) && (SHARED.contains(&method) || reports)
            }
            Place::Stranger => oneself && ABOUT_NOBODY_ELSE.contains(&method),
            Place::Outside => false,
        }
    }

    /// Whether the table says that they may never, about anything.
    fn may_never(&self, row: Call) -> bool {
        !row.who().contains(&Kind::Oneself) && !self.kinds.iter().any(|kind| row.who().contains(kind))
    }
}

/// Enters somebody with a role, in any region, and answers them with a token.
async fn enter(world: &World, region: &str, slug: &str, roles: &[(v1::Role, String)]) -> Who {
    let by = &world.system;
    let person = v1::Person { display_name: slug.replace('-', " "), email: format!("{slug}@example.org"), ..Default::default() };
    let create = v1::CreatePersonRequest { parent: region.into(), person: Some(person), person_id: slug.into(), request_id: String::new() };
    let person = world.persons().create_person(by.call(create)).await.unwrap().into_inner().name;
    for (role, of) in roles {
        let committee = if of.contains("/committees/") { of.clone() } else { String::new() };
        let partnership = if of.contains("/partnerships/") { of.clone() } else { String::new() };
        let role_grant = Some(v1::RoleGrant { role: (*role).into(), committee, partnership, ..Default::default() });
        let grant = v1::CreateRoleGrantRequest { parent: person.clone(), role_grant, request_id: String::new() };
        world.persons().create_role_grant(by.call(grant)).await.unwrap();
    }
    let token = issue(world, &person, v1::Token { label: "laptop".into(), ..Default::default() }).await;
    Who { person, token }
}

async fn issue(world: &World, person: &str, token: v1::Token) -> String {
    let create = v1::CreateTokenRequest { parent: person.into(), token: Some(token), request_id: String::new() };
    world.persons().create_token(world.system.call(create)).await.unwrap().into_inner().secret
}

async fn committee(world: &World, region: &str, slug: &str, partnership: &str) -> String {
    let committee = v1::Committee {
        display_name: "Cabinet".into(),
        partnerships: vec![format!("{region}/partnerships/{partnership}")],
        ..Default::default()
    };
    let create = v1::CreateCommitteeRequest {
        parent: region.into(),
        committee: Some(committee),
        committee_id: slug.into(),
        request_id: String::new(),
    };
    world.committees().create_committee(world.system.call(create)).await.unwrap().into_inner().name
}

/// Everybody there is.
async fn principals(world: &World) -> Vec<Principal> {
    use v1::Role::{Administrator, Approver, Editor, Lead, Officer};
    let mut all = Vec::new();
    let mut add =
        |called, who: &Who, kinds: &'static [Kind], place| all.push(Principal { called, who: who.clone(), kinds, place, reading: false });

    add("the administrator of the service", &world.system, &[Kind::SystemAdministrator], Place::Own);
    add("the region's administrator", &world.administrator, &[Kind::Administrator], Place::Own);
    // About whom the requests for persons are.
    add("the committee's editor themself", &world.editor, &[Kind::Editor, Kind::Oneself], Place::Own);
    let editor = enter(world, REGION, "second-editor", &[(Editor, COMMITTEE.to_owned())]).await;
    add("another editor of the committee", &editor, &[Kind::Editor], Place::Own);
    add("the committee's approver", &world.approver, &[Kind::Approver], Place::Own);
    let two = |role| [(role, partnership(0)), (role, partnership(1))];
    let officer = enter(world, REGION, "officer-of-two", &two(Officer)).await;
    add("an officer of the partnership", &officer, &[Kind::Officer], Place::Own);
    let lead = enter(world, REGION, "lead-of-two", &two(Lead)).await;
    add("a lead of the partnership", &lead, &[Kind::Lead], Place::Own);
    let nobody = enter(world, REGION, "member-without-a-role", &[]).await;
    add("somebody without a role", &nobody, &[], Place::NextDoor);

    let cabinet = committee(world, REGION, "sunderland-cabinet", "sunderland").await;
    let editor = enter(world, REGION, "cabinet-editor", &[(Editor, cabinet.clone())]).await;
    add("the editor of another Cabinet", &editor, &[Kind::Editor], Place::NextDoor);
    let approver = enter(world, REGION, "cabinet-approver", &[(Approver, cabinet)]).await;
    add("the approver of another Cabinet", &approver, &[Kind::Approver], Place::NextDoor);
    let officer = enter(world, REGION, "officer-next-door", &[(Officer, partnership(2))]).await;
    add("the officer of the partnership next door", &officer, &[Kind::Officer], Place::NextDoor);

    let kent = "regions/kent";
    let theirs = committee(world, kent, "citizen-focus", "gateshead").await;
    let of = format!("{kent}/partnerships/gateshead");
    let everybody: [(&'static str, v1::Role, String, &'static [Kind]); 5] = [
        ("another region's administrator", Administrator, String::new(), &[Kind::Administrator]),
        ("another region's editor", Editor, theirs.clone(), &[Kind::Editor]),
        ("another region's approver", Approver, theirs, &[Kind::Approver]),
        ("another region's officer", Officer, of.clone(), &[Kind::Officer]),
        ("another region's lead", Lead, of, &[Kind::Lead]),
    ];
    for (called, role, of, kinds) in everybody {
        let who = enter(world, kent, &format!("{role:?}-of-kent").to_lowercase(), &[(role, of)]).await;
        add(called, &who, kinds, Place::Stranger);
    }

    let outside = |token: String| Who { person: String::new(), token };
    add("nobody", &outside(String::new()), &[], Place::Outside);
    add(
        "a stranger's token",
        &outside(csp_domain::token::Secret::generate(csp_domain::token::TokenKind::Person, &*world.bed.chance).reveal()),
        &[],
        Place::Outside,
    );
    let mut slip = world.administrator.token.clone().into_bytes();
    *slip.last_mut().unwrap() ^= 1;
    add("a slip of the pen", &outside(String::from_utf8(slip).unwrap()), &[], Place::Outside);
    let revoked = issue(world, &world.administrator.person, v1::Token { label: "lost".into(), ..Default::default() }).await;
    let list = v1::ListTokensRequest { parent: world.administrator.person.clone(), page_size: 500, page_token: String::new() };
    let tokens = world.persons().list_tokens(world.system.call(list)).await.unwrap().into_inner().tokens;
    let lost = tokens.into_iter().find(|token| token.label == "lost").unwrap().name;
    world.persons().revoke_token(world.system.call(v1::RevokeTokenRequest { name: lost })).await.unwrap();
    add("a token taken away", &outside(revoked), &[], Place::Outside);

    let scope = Some(v1::TokenScope { reading: true, ..Default::default() });
    let reader = issue(world, &world.administrator.person, v1::Token { label: "reader".into(), scope, ..Default::default() }).await;
    let who = Who { person: world.administrator.person.clone(), token: reader };
    all.push(Principal {
        called: "the administrator's token for reading",
        who,
        kinds: &[Kind::Administrator],
        place: Place::Own,
        reading: true,
    });
    all
}

/// A region that was there, with all that the other one has, and is gone.
const GONE: &str = "regions/northumbrid";
/// A region that was never there. As long as the others.
const NEVER: &str = "regions/northumbrix";

async fn come_and_gone(world: &World) {
    let create = v1::CreateRegionRequest {
        region: Some(v1::Region { display_name: "Gone".into(), ..Default::default() }),
        region_id: "northumbrid".into(),
        request_id: String::new(),
    };
    let region = world.regions().create_region(world.system.call(create)).await.unwrap().into_inner();
    let partnership = v1::Partnership { display_name: "Gateshead".into(), ons_code: "E22000244".into(), ..Default::default() };
    let create = v1::CreatePartnershipRequest {
        parent: GONE.into(),
        partnership: Some(partnership),
        partnership_id: "gateshead".into(),
        request_id: String::new(),
    };
    world.partnerships().create_partnership(world.system.call(create)).await.unwrap();
    committee(world, GONE, "citizen-focus", "gateshead").await;
    enter(world, GONE, "editor", &[]).await;
    let delete = v1::DeleteRegionRequest { name: GONE.into(), etag: region.etag };
    world.regions().delete_region(world.system.call(delete)).await.unwrap();
}

/// The request with every resource name in it turned into another.
fn renamed(method: &MethodDescriptor, bytes: &Bytes, rename: &impl Fn(&str) -> String) -> Bytes {
    fn walk(message: &mut DynamicMessage, rename: &impl Fn(&str) -> String) {
        let fields: Vec<_> = message.fields().map(|(field, _)| field).collect();
        for field in fields {
            change(message.get_field_mut(&field), rename);
        }
    }
    fn change(value: &mut Value, rename: &impl Fn(&str) -> String) {
        match value {
            Value::String(text) if text.starts_with("regions/") => *text = rename(text),
            Value::Message(inner) => walk(inner, rename),
            Value::List(list) => list.iter_mut().for_each(|value| change(value, rename)),
            _ => {}
        }
    }
    let mut message = DynamicMessage::decode(method.input(), bytes.clone()).expect("a valid request is of the method's type");
    walk(&mut message, rename);
    Bytes::from(message.encode_to_vec())
}

fn in_region(region: &'static str) -> impl Fn(&str) -> String {
    move |name| {
        let rest = name.split('/').skip(2).collect::<Vec<_>>().join("/");
        if rest.is_empty() { region.to_owned() } else { format!("{region}/{rest}") }
    }
}

/// The same kind of thing under a name as long that nothing has. What the caller knows of keeps its name.
fn absent(name: &str, knows_committee: bool) -> String {
    let mut parts: Vec<String> = name.split('/').map(str::to_owned).collect();
    if knows_committee && parts.get(2).is_some_and(|collection| collection == "committees") {
        return name.to_owned();
    }
    if let Some(id) = parts.get_mut(3) {
        let last = if id.ends_with('0') { '1' } else { '0' };
        id.pop();
        id.push(last);
    }
    parts.join("/")
}

/// What two refusals have in common when they cannot be told apart.
fn face(refused: &Result<Bytes, Status>) -> (Code, String, Vec<u8>) {
    match refused {
        Ok(bytes) => (Code::Ok, String::new(), bytes.to_vec()),
        Err(status) => {
            // The facts beside a reason are sent in any order; of all else every byte counts.
            let mut details = status.get_error_details();
            let info = details.error_info().cloned();
            let facts = info.map(|info| (info.reason, info.domain, info.metadata.into_iter().collect::<BTreeMap<_, _>>()));
            details.set_error_info("", "", []);
            let said = format!("{facts:?} {details:?} {} bytes", status.details().len());
            (status.code(), status.message().to_owned(), said.into_bytes())
        }
    }
}

pub(crate) async fn everybody_may_what_the_table_says_and_no_more(bed: Bed) {
    let engine = format!("{:?}", bed.engine());
    let mut stage = Stage::on(bed).await;
    come_and_gone(&stage.world).await;
    let everybody = principals(&stage.world).await;
    let mut cells: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut n = 1_000_000;
    for phase in [Phase::Collecting, Phase::Frozen, Phase::Released] {
        reach(&mut stage, phase).await;
        let mut allowed = Vec::new();
        for method in methods() {
            let path = path_of(&method);
            n += 1;
            let valid = stage.valid(&path, n).await.unwrap_or_else(|| panic!("{path} has no row among the valid requests"));
            if valid.phase != phase {
                continue;
            }
            let row = *Call::ALL.iter().find(|row| row.path() == path).unwrap_or_else(|| panic!("{path} has no row in the table"));
            for principal in &everybody {
                if principal.may(row, method.name()) && (!principal.reading || row.reads()) {
                    allowed.push((valid.last, path.clone(), principal));
                    continue;
                }
                refused(&stage, &method, row, principal, &valid, &mut cells).await;
            }
        }
        // What changes things comes after all that must find them unchanged, and what takes things away last.
        allowed.sort_by_key(|(last, path, _)| (*last, path.clone()));
        for (last, path, principal) in allowed {
            n += 1;
            let valid = stage.valid(&path, n).await.expect("it had a row before");
            let answer = call(&stage.world.channel, &path, principal.who.call(valid.bytes)).await;
            if let Err(status) = &answer {
                // Others have done it before, or it is not theirs to finish; but it was judged.
                let judged = [Code::AlreadyExists, Code::FailedPrecondition, Code::InvalidArgument, Code::Aborted];
                let taken_before = last && status.code() == Code::NotFound;
                // Whoever wrote any of it is let in, and told that somebody else has to sign or accept it.
                let author = status.get_details_error_info().is_some_and(|info| info.reason == "AUTHOR_CANNOT_SIGN");
                let judged = author || judged.contains(&status.code());
                assert!(taken_before || judged, "{} should be let into {path}: {status:?}", principal.called);
            }
            *cells.entry("let in").or_default() += 1;
        }
    }
    assert_eq!(panics(), 0, "something panicked on the way");
    println!("{engine}: {} cells: {cells:?}", cells.values().sum::<usize>());
    assert!(cells.values().all(|count| *count > 30), "{cells:?}");
}

/// Somebody who may not: what they hear does not depend on what there is.
async fn refused(
    stage: &Stage,
    method: &MethodDescriptor,
    row: Call,
    principal: &Principal,
    valid: &Valid,
    cells: &mut BTreeMap<&'static str, usize>,
) {
    let path = path_of(method);
    let ask = async |bytes: Bytes| call(&stage.world.channel, &path, principal.who.call(bytes)).await;
    let at = |what: &str| format!("{}, {path}, {what}", principal.called);
    let there = ask(valid.bytes.clone()).await;
    let status = there.as_ref().err().unwrap_or_else(|| panic!("{}", at("should be refused and is not")));
    let mut others = vec![
        ("never there", ask(renamed(method, &valid.bytes, &in_region(NEVER))).await),
        ("gone", ask(renamed(method, &valid.bytes, &in_region(GONE))).await),
    ];
    let kind = if principal.place == Place::Outside {
        assert_eq!(status.code(), Code::Unauthenticated, "{}", at("there"));
        "not known"
    } else if principal.reading || principal.may_never(row) {
        assert_eq!(status.code(), Code::PermissionDenied, "{}: {status:?}", at("there"));
        "not allowed"
    } else {
        assert_eq!(status.code(), Code::NotFound, "{}: {status:?}", at("there"));
        if principal.place == Place::NextDoor || principal.place == Place::Own {
            // What is next door looks like what was never there, in the same region.
            let knows_committee = principal.kinds.contains(&Kind::Officer);
            let never = renamed(method, &valid.bytes, &|name| absent(name, knows_committee));
            others = vec![("never there, next door", ask(never).await)];
        }
        "not seen"
    };
    for (what, other) in others {
        assert_eq!(face(&there), face(&other), "{}", at(what));
        *cells.entry(kind).or_default() += 1;
    }
    *cells.entry(kind).or_default() += 1;
}

#[test]
fn every_row_of_the_table_is_a_method_and_every_method_has_a_row() {
    let rows: Vec<&str> = Call::ALL.iter().map(|row| row.path()).collect();
    let contract: Vec<String> = methods().iter().map(path_of).collect();
    let mut sorted = (rows.clone(), contract.clone());
    sorted.0.sort_unstable();
    sorted.1.sort_unstable();
    assert_eq!(sorted.0, sorted.1);
    assert!(COMMITTEE.starts_with(REGION));
}
