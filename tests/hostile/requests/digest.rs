//! Valid requests about papers.

use csp_proto::v1;
use prost::Message as _;

use super::{Stage, Valid, frozen, row};
use crate::world::CYCLE;

impl Stage {
    /// A valid request for a method; none for one that has no row here yet.
    pub(super) async fn of_digests(&self, method: &str) -> Option<Valid> {
        let world = &self.world;
        let digest = format!("{CYCLE}/digests/-");
        Some(match method {
            "EndCoolingOff" => {
                // Of a version that was approved just now; while there is none to be made, of none.
                let freeze = v1::FreezeDigestRequest { parent: CYCLE.into(), ..Default::default() };
                if world.digests().freeze_digest(world.editor.call(freeze)).await.is_ok() {
                    world.approve(CYCLE).await.unwrap();
                }
                let reason = "Five clear days must be kept.".into();
                let end = v1::EndCoolingOffRequest { name: digest.clone(), reason, ..Default::default() };
                Valid { last: true, ..frozen(&world.approver, end.encode_to_vec()) }
            }
            "PreviewDigest" => row(&world.editor, v1::PreviewDigestRequest { parent: CYCLE.into() }.encode_to_vec()),
            "FreezeDigest" => frozen(&world.editor, v1::FreezeDigestRequest { parent: CYCLE.into(), ..Default::default() }.encode_to_vec()),
            "GetDigest" => frozen(&world.editor, v1::GetDigestRequest { name: digest }.encode_to_vec()),
            "ListDigests" => frozen(&world.editor, v1::ListDigestsRequest { parent: CYCLE.into(), ..Default::default() }.encode_to_vec()),
            "GetRendition" => {
                frozen(&world.editor, v1::GetRenditionRequest { name: digest, kind: v1::RenditionKind::Text.into() }.encode_to_vec())
            }
            "ApproveDigest" => {
                let hashes = match world.digests().get_digest(world.approver.call(v1::GetDigestRequest { name: digest.clone() })).await {
                    Ok(found) => found.into_inner().hashes,
                    Err(_) => Vec::new(),
                };
                Valid { last: true, ..frozen(&world.approver, v1::ApproveDigestRequest { name: digest, hashes }.encode_to_vec()) }
            }
            _ => return None,
        })
    }
}
