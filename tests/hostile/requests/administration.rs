//! Valid requests about what a region consists of, and what it says of itself.

use csp_proto::v1;
use prost::Message as _;

use super::{Stage, Valid, last, released, row};
use crate::world::{COMMITTEE, CYCLE, REGION, partnership};

fn peers() -> v1::ComparisonGroup {
    v1::ComparisonGroup { display_name: "Most similar group".into(), ons_codes: vec!["E22000245".into(), "E22000263".into()] }
}

impl Stage {
    /// A valid request for a method, the `n`th of its kind; none for one that has no row here yet.
    pub(super) async fn of_administration(&self, service: &str, method: &str, n: u32) -> Option<Valid> {
        let world = &self.world;
        let (system, administrator) = (&world.system, &world.administrator);
        let digest = format!("{CYCLE}/digests/-");
        Some(match (service, method) {
            ("RegionService", "CreateRegion") => {
                let region = v1::Region { display_name: "New".into(), time_zone: "Europe/Jersey".into(), ..Default::default() };
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
                    time_zone: "Europe/Jersey".into(),
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
                // Each a day of its own, long after everything else: nobody holds a role twice.
                let day = (chrono::NaiveDate::from_ymd_opt(2100, 1, 1).unwrap() + chrono::Days::new(n.into())).to_string();
                let role_grant = v1::RoleGrant {
                    role: v1::Role::Approver.into(),
                    committee: COMMITTEE.into(),
                    start_date: day.clone(),
                    end_date: day,
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
            ("MessageService", method) => {
                let state = v1::MessageState::Failed.into();
                let list = v1::ListMessagesRequest { parent: REGION.into(), state, ..Default::default() };
                let found = world.messages().list_messages(administrator.call(list)).await.unwrap().into_inner().messages;
                let name = found.into_iter().next().map(|message| message.name).unwrap_or_default();
                match method {
                    "GetMessage" => released(administrator, v1::GetMessageRequest { name }.encode_to_vec()),
                    "ListMessages" => released(
                        administrator,
                        v1::ListMessagesRequest { parent: REGION.into(), digest, ..Default::default() }.encode_to_vec(),
                    ),
                    "RetryMessage" => Valid { last: true, ..released(administrator, v1::RetryMessageRequest { name }.encode_to_vec()) },
                    _ => return None,
                }
            }
            _ => return None,
        })
    }
}
