//! Valid requests about joint items.

use csp_proto::v1;
use prost::Message as _;

use super::{Stage, Valid, row, submissions};
use crate::world::{CYCLE, World, partnership};

/// The second partnership sends in what the first owns too; answers how the first calls it.
pub(super) async fn set_up(world: &World) -> String {
    let item = v1::NewsItem { joint_owners: vec![partnership(0)], ..submissions::news_item() };
    let create = v1::CreateNewsItemRequest { parent: partnership(1), news_item: Some(item), ..Default::default() };
    let made = world.news().create_news_item(world.officers[1].call(create)).await.unwrap().into_inner();
    made.name.replace(&format!("{}/newsItems/", partnership(1)), &format!("{}/jointItems/", partnership(0)))
}

impl Stage {
    /// A valid request for a method; none for one that has no row here yet.
    pub(super) async fn of_joint_items(&self, method: &str) -> Option<Valid> {
        let (lead, name) = (&self.lead, self.joint.clone());
        Some(match method {
            "GetJointItem" => row(lead, v1::GetJointItemRequest { name }.encode_to_vec()),
            "ListJointItems" => {
                row(lead, v1::ListJointItemsRequest { parent: partnership(0), cycle: CYCLE.into(), ..Default::default() }.encode_to_vec())
            }
            "SignJointItem" => {
                let etag = self.unsigned().await;
                row(lead, v1::SignJointItemRequest { name, etag }.encode_to_vec())
            }
            "SendBackJointItem" => {
                self.unsigned().await;
                let reason = "Our wardens were there too.".into();
                row(lead, v1::SendBackJointItemRequest { name, reason, ..Default::default() }.encode_to_vec())
            }
            _ => return None,
        })
    }

    /// Has the item wait again where it was answered: its text is changed. Once collecting is over, it stands as it stands.
    /// Answers what was read of it.
    async fn unsigned(&self) -> String {
        let read = async || {
            let get = v1::GetJointItemRequest { name: self.joint.clone() };
            self.world.joint().get_joint_item(self.lead.call(get)).await.unwrap().into_inner()
        };
        let item = read().await;
        if item.owners.iter().any(|owner| !owner.first && owner.state() == v1::JointState::Waiting) {
            return item.etag;
        }
        let name = self.joint.replace(&format!("{}/jointItems/", partnership(0)), &format!("{}/newsItems/", partnership(1)));
        // Another headline each time: what changes nothing takes no answer away.
        let headline = format!("Patrols {}", self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let news_item = Some(v1::NewsItem { name, headline, ..submissions::news_item() });
        let update_mask = Some(prost_types::FieldMask { paths: vec!["headline".into()] });
        let update = v1::UpdateNewsItemRequest { news_item, update_mask, validate_only: false };
        drop(self.world.news().update_news_item(self.world.officers[1].call(update)).await);
        read().await.etag
    }
}
