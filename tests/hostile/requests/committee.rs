//! Valid requests about committees, their members and cycles.

use csp_proto::v1;
use prost::Message as _;

use super::{DAY, LATER, Stage, Valid, last, row, stamp};
use crate::world::{COMMITTEE, CYCLE, REGION, partnership};

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

/// A cycle that nobody comes near, which reports on the `n`th day of 2030 and after.
pub(super) fn cycle(n: u64) -> Option<v1::Cycle> {
    Some(v1::Cycle {
        period: csp_tests::day("2030-01-01").checked_add_days(chrono::Days::new(n)).map(|day| format!("{day}..{day}"))?,
        open_time: Some(stamp(LATER)),
        deadline_time: Some(stamp(LATER + DAY)),
        publication_time: Some(stamp(LATER + 2 * DAY)),
        meeting_time: Some(stamp(LATER + 3 * DAY)),
        ..Default::default()
    })
}

impl Stage {
    /// A valid request for a method, the `n`th of its kind; none for one that has no row here yet.
    pub(super) fn of_committees(&self, method: &str, n: u32) -> Option<Valid> {
        let world = &self.world;
        let administrator = &world.administrator;
        Some(match method {
            "CreateCommittee" => {
                let create = v1::CreateCommitteeRequest {
                    parent: REGION.into(),
                    committee: Some(committee()),
                    committee_id: format!("c-{n}"),
                    ..Default::default()
                };
                row(administrator, create.encode_to_vec())
            }
            "GetCommittee" => row(administrator, v1::GetCommitteeRequest { name: COMMITTEE.into() }.encode_to_vec()),
            "ListCommittees" => {
                row(administrator, v1::ListCommitteesRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            "UpdateCommittee" => {
                let changed = v1::Committee { name: COMMITTEE.into(), ..committee() };
                row(administrator, v1::UpdateCommitteeRequest { committee: Some(changed), update_mask: None }.encode_to_vec())
            }
            "CreateMember" => {
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
            "ListMembers" => row(administrator, v1::ListMembersRequest { parent: COMMITTEE.into(), ..Default::default() }.encode_to_vec()),
            "UpdateMember" => {
                let member = v1::Member { name: self.member.clone(), start_date: "2022-01-05".into(), ..Default::default() };
                row(administrator, v1::UpdateMemberRequest { member: Some(member), update_mask: None }.encode_to_vec())
            }
            "ImportMembers" => {
                let csv = "name,email\nNew Member,new-member@example.org\n".into();
                row(
                    administrator,
                    v1::ImportMembersRequest { parent: COMMITTEE.into(), csv, validate_only: true, ..Default::default() }.encode_to_vec(),
                )
            }
            "CreateCycle" => {
                let create = v1::CreateCycleRequest {
                    parent: COMMITTEE.into(),
                    cycle: Some(cycle(n.into())?),
                    cycle_id: format!("extra-{n}"),
                    ..Default::default()
                };
                row(administrator, create.encode_to_vec())
            }
            "GetCycle" => row(administrator, v1::GetCycleRequest { name: CYCLE.into() }.encode_to_vec()),
            "ListCycles" => row(administrator, v1::ListCyclesRequest { parent: COMMITTEE.into(), ..Default::default() }.encode_to_vec()),
            "UpdateCycle" => {
                let changed = v1::Cycle {
                    name: CYCLE.into(),
                    meeting_time: Some(stamp(csp_tests::at("2022-01-26T10:00:00Z").timestamp())),
                    ..Default::default()
                };
                let mask = prost_types::FieldMask { paths: vec!["meeting_time".into()] };
                row(administrator, v1::UpdateCycleRequest { cycle: Some(changed), update_mask: Some(mask) }.encode_to_vec())
            }
            "CancelCycle" => last(
                administrator,
                v1::CancelCycleRequest { name: format!("{COMMITTEE}/cycles/2021-q4"), ..Default::default() }.encode_to_vec(),
            ),
            _ => return None,
        })
    }
}
