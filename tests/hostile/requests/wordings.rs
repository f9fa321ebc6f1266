//! Valid requests about the editor's changes of wording.

use csp_proto::v1;
use prost::Message as _;

use super::{Stage, Valid, row};
use crate::world::{CYCLE, partnership};

impl Stage {
    /// A valid request for a method; none for one that has no row here yet.
    pub(super) async fn of_wordings(&self, method: &str) -> Option<Valid> {
        let (editor, lead) = (&self.world.editor, &self.lead);
        let name = self.waiting_wording().await;
        Some(match method {
            "CreateWording" => row(editor, v1::CreateWordingRequest { validate_only: true, ..self.proposal() }.encode_to_vec()),
            "GetWording" => row(lead, v1::GetWordingRequest { name }.encode_to_vec()),
            "ListWordings" => {
                row(lead, v1::ListWordingsRequest { parent: partnership(0), cycle: CYCLE.into(), ..Default::default() }.encode_to_vec())
            }
            "AcceptWording" => row(lead, v1::AcceptWordingRequest { name, ..Default::default() }.encode_to_vec()),
            "RefuseWording" => {
                let reason = "They asked for their own words.".into();
                row(lead, v1::RefuseWordingRequest { name, reason, ..Default::default() }.encode_to_vec())
            }
            "WithdrawWording" => row(editor, v1::WithdrawWordingRequest { name, ..Default::default() }.encode_to_vec()),
            _ => return None,
        })
    }

    fn proposal(&self) -> v1::CreateWordingRequest {
        let proposed = v1::WordedText {
            headline: "A much safer park".into(),
            body: "It went *very* well.".into(),
            body_format: v1::BodyFormat::Markdown.into(),
            statement: String::new(),
        };
        let wording = v1::Wording {
            subject: self.worded.clone(),
            proposed: Some(proposed),
            note: "Kinder to the park.".into(),
            ..Default::default()
        };
        v1::CreateWordingRequest { parent: partnership(0), wording: Some(wording), ..Default::default() }
    }

    /// One that waits for an answer; proposed anew where the last one was answered. Once collecting is over, any there is.
    async fn waiting_wording(&self) -> String {
        let list = v1::ListWordingsRequest { parent: partnership(0), page_size: 500, ..Default::default() };
        let known = self.world.wordings().list_wordings(self.lead.call(list)).await.unwrap().into_inner().wordings;
        if let Some(waits) = known.iter().find(|wording| wording.state() == v1::WordingState::Proposed) {
            return waits.name.clone();
        }
        match self.world.wordings().create_wording(self.world.editor.call(self.proposal())).await {
            Ok(made) => made.into_inner().name,
            Err(_) => known.last().map(|wording| wording.name.clone()).unwrap_or_default(),
        }
    }
}
