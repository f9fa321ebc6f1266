//! What holds for every call.

use std::collections::BTreeSet;

use csp_api::authorise::Call;
use csp_proto::v1;
use csp_tests::Bed;
use prost::Message as _;
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use crate::world::{COMMITTEE, REGION, World};

#[test]
fn every_method_has_a_row_in_the_table_of_who_may_do_what() {
    let set = prost_types::FileDescriptorSet::decode(csp_proto::DESCRIPTORS).unwrap();
    let mut methods = BTreeSet::new();
    for file in set.file.iter().filter(|file| file.package() == "csp.v1") {
        for service in &file.service {
            for method in &service.method {
                methods.insert(format!("csp.v1.{}/{}", service.name(), method.name()));
            }
        }
    }
    let rows: BTreeSet<String> = Call::ALL.iter().map(|call| call.path().to_owned()).collect();
    assert_eq!(methods, rows);
    assert!(methods.len() > 40);
    for call in Call::ALL {
        assert!(!call.who().is_empty(), "{} is for nobody", call.path());
    }
}

fn partnership(id: &str, code: &str, request_id: &str) -> v1::CreatePartnershipRequest {
    v1::CreatePartnershipRequest {
        parent: REGION.into(),
        partnership: Some(v1::Partnership { display_name: id.to_uppercase(), ons_code: code.into(), ..Default::default() }),
        partnership_id: id.into(),
        request_id: request_id.into(),
    }
}

pub(crate) async fn pages_masks_etags_and_repeated_requests(bed: Bed) {
    let world = World::on(bed).await;
    let administrator = &world.administrator;

    let id = "9f0c1b1e-6f3a-4c52-9a0e-0a4d6a1f7f10";
    let first = world.partnerships().create_partnership(administrator.call(partnership("north-tyneside", "E22000246", id))).await.unwrap();
    let again = world.partnerships().create_partnership(administrator.call(partnership("north-tyneside", "E22000246", id))).await.unwrap();
    assert_eq!(first.into_inner(), again.into_inner(), "the same id answers the same resource");
    let other =
        world.partnerships().create_partnership(administrator.call(partnership("south-tyneside", "E22000247", id))).await.unwrap_err();
    assert_eq!((other.code(), other.get_details_error_info().unwrap().reason.as_str()), (Code::AlreadyExists, "REQUEST_ID_REUSED"));

    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let list = v1::ListPartnershipsRequest { parent: REGION.into(), page_size: 3, page_token };
        let page = world.partnerships().list_partnerships(administrator.call(list)).await.unwrap().into_inner();
        assert!(page.partnerships.len() <= 3);
        names.extend(page.partnerships.into_iter().map(|p| p.display_name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["Gateshead", "Newcastle upon Tyne", "Sunderland", "NORTH-TYNESIDE"]);

    let get = v1::GetCommitteeRequest { name: COMMITTEE.into() };
    let committee = world.committees().get_committee(administrator.call(get)).await.unwrap().into_inner();
    let mut renamed = committee.clone();
    renamed.display_name = "Police and Crime Committee".into();
    renamed.partnerships.clear();
    let mask = |path: &str| Some(prost_types::FieldMask { paths: vec![path.into()] });
    let update = v1::UpdateCommitteeRequest { committee: Some(renamed.clone()), update_mask: mask("display_name") };
    let changed = world.committees().update_committee(administrator.call(update.clone())).await.unwrap().into_inner();
    assert_eq!((changed.display_name.as_str(), changed.partnerships.len()), ("Police and Crime Committee", 3), "only what the mask names");
    let stale = world.committees().update_committee(administrator.call(update)).await.unwrap_err();
    assert_eq!((stale.code(), stale.get_details_error_info().unwrap().reason.as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let unknown = v1::UpdateCommitteeRequest { committee: Some(committee), update_mask: mask("name") };
    assert_eq!(world.committees().update_committee(administrator.call(unknown)).await.unwrap_err().code(), Code::InvalidArgument);

    let token = v1::CreateTokenRequest {
        parent: world.editor.person.clone(),
        token: Some(v1::Token { label: "desk".into(), ..Default::default() }),
        request_id: "0190163d-8694-739b-aea5-966c26f8ad91".into(),
    };
    world.persons().create_token(administrator.call(token.clone())).await.unwrap();
    let replayed = world.persons().create_token(administrator.call(token)).await.unwrap_err();
    assert_eq!(replayed.code(), Code::AlreadyExists, "a secret is shown once");
}

pub(crate) async fn a_token_that_was_revoked_opens_nothing(bed: Bed) {
    let world = World::on(bed).await;
    let officer = &world.officers[0];
    let me = world.identity().who_am_i(officer.call(v1::WhoAmIRequest {})).await.unwrap().into_inner();
    assert_eq!(me.person.unwrap().name, officer.person);
    let name = me.token.unwrap().name;
    world.persons().revoke_token(world.administrator.call(v1::RevokeTokenRequest { name })).await.unwrap();
    let refused = world.identity().who_am_i(officer.call(v1::WhoAmIRequest {})).await.unwrap_err();
    let nobody = world.identity().who_am_i(Request::new(v1::WhoAmIRequest {})).await.unwrap_err();
    let mut guess = Request::new(v1::WhoAmIRequest {});
    guess.metadata_mut().insert("authorization", "Bearer csp_guess".parse().unwrap());
    let guessed = world.identity().who_am_i(guess).await.unwrap_err();
    for status in [&refused, &nobody, &guessed] {
        assert_eq!((status.code(), status.message()), (Code::Unauthenticated, refused.message()), "what was wrong is nobody's business");
    }
}

pub(crate) async fn members_are_imported_all_or_none(bed: Bed) {
    let world = World::on(bed).await;
    let import = |csv: &str, validate_only| v1::ImportMembersRequest {
        parent: COMMITTEE.into(),
        csv: csv.into(),
        validate_only,
        request_id: String::new(),
    };
    let bad = "name,email\nGood One,good@example.org\n,nameless@example.org\nNo Address,nowhere\n";
    let refused = world.committees().import_members(world.administrator.call(import(bad, false))).await.unwrap_err();
    let fields: Vec<String> = refused.get_details_bad_request().unwrap().field_violations.into_iter().map(|v| v.field).collect();
    assert_eq!(fields, ["csv line 3, name", "csv line 4, email"]);
    let count = async || {
        let list = v1::ListMembersRequest { parent: COMMITTEE.into(), ..Default::default() };
        world.committees().list_members(world.administrator.call(list)).await.unwrap().into_inner().members.len()
    };
    assert_eq!(count().await, 3);
    let good = "email,name,start_date,end_date\ngood@example.org,Good One,2022-01-01,2022-12-31\n";
    world.committees().import_members(world.administrator.call(import(good, true))).await.unwrap();
    assert_eq!(count().await, 3, "a rehearsal changes nothing");
    let done = world.committees().import_members(world.administrator.call(import(good, false))).await.unwrap().into_inner();
    assert_eq!((done.members.len(), done.new_persons, count().await), (1, 1, 4));
}

/// Details travel in a header, which clients bound.
pub(crate) async fn very_many_faults_still_arrive(bed: Bed) {
    let world = World::on(bed).await;
    let csv: String = std::iter::once("name,email\n".to_owned()).chain((0..300).map(|n| format!("Member {n},nowhere-{n}\n"))).collect();
    let import = v1::ImportMembersRequest { parent: COMMITTEE.into(), csv, validate_only: false, request_id: String::new() };
    let refused = world.committees().import_members(world.administrator.call(import)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    let told = refused.get_details_bad_request().unwrap().field_violations;
    assert!(told.len() > 30, "{}", told.len());
    assert_eq!(told[0].field, "csv line 2, email");
    assert!(told.last().unwrap().description.contains("more faults"));
}

/// The file holds every address there is.
#[cfg(unix)]
#[tokio::test]
async fn sqlite_keeps_its_file_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let bed = Bed::sqlite().await;
    let file = bed.settings().url.strip_prefix("sqlite://").unwrap().to_owned();
    for name in [file.clone(), format!("{file}-wal")] {
        let mode = std::fs::metadata(&name).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} is {mode:o}");
    }
}
