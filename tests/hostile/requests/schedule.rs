//! Valid requests about scheduled work and diaries.

use csp_proto::v1;
use prost::Message as _;

use super::{Stage, Valid, committee, last, row};
use crate::world::COMMITTEE;

impl Stage {
    /// A valid request for a method; none for one that has no row here yet.
    pub(super) async fn of_schedule(&self, service: &str, method: &str) -> Option<Valid> {
        let world = &self.world;
        let administrator = &world.administrator;
        Some(match (service, method) {
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
                        let create = v1::CreateCycleRequest {
                            parent: COMMITTEE.into(),
                            cycle: Some(committee::cycle(n % 50_000)?),
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
            _ => return None,
        })
    }
}
