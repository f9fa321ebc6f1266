//! The editor would put a headline otherwise; the partnership's lead decides, and until then the partnership's own is printed.

use csp_proto::v1;

use super::{caller::request_id, data, setup::Cast, telling::Telling};
use crate::Failure;

/// As the editor would put it.
const HEADLINE: &str = "Residents' confidence comes first in the plan for 2010/11";

/// Proposes another headline for one of a partnership's items, and has its lead accept it.
pub(super) async fn propose_and_accept(cast: &Cast, partnership: &str, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let parent = data::partnership_name(partnership);
    let list = v1::ListNewsItemsRequest { parent: parent.clone(), cycle: data::cycle_name(), page_size: 500, page_token: String::new() };
    let items = cast.editor.news().list_news_items(list).await?.into_inner().news_items;
    let item = items.into_iter().next_back().ok_or_else(|| Failure::new("there is no news that could be worded otherwise"))?;
    let proposed =
        v1::WordedText { headline: HEADLINE.to_owned(), body: item.body, body_format: item.body_format, statement: String::new() };
    let wording = v1::Wording {
        subject: item.name,
        subject_etag: item.etag,
        proposed: Some(proposed),
        note: "Whose confidence, members will ask.".to_owned(),
        ..Default::default()
    };
    let create = v1::CreateWordingRequest { parent, wording: Some(wording), request_id: request_id(), validate_only: false };
    let made = cast.editor.wordings().create_wording(create).await?.into_inner();
    tell.done("The editor would word a headline otherwise; until its lead has answered, Gateshead's own stands");
    tell.detail(&format!("as sent in:  “{}”", item.headline));
    tell.detail(&format!("as proposed: “{HEADLINE}”"));
    tell.command(&format!("csp wording propose {partnership}/ID --headline \"…\""));

    let lead = cast.lead(partnership);
    let duties = lead.identity().list_duties(v1::ListDutiesRequest::default()).await?.into_inner().duties;
    if !duties.iter().any(|duty| duty.kind() == v1::DutyKind::Answer) {
        return Err(Failure::new("another wording was proposed, and the lead is not told"));
    }
    let accept = v1::AcceptWordingRequest { name: made.name, etag: made.etag };
    if lead.wordings().accept_wording(accept).await?.into_inner().state() != v1::WordingState::Accepted {
        return Err(Failure::new("another wording was accepted, and does not say so"));
    }
    tell.done("Its lead reads the two side by side, and accepts; no figure could be changed this way");
    tell.command(&format!("csp wording accept {partnership}/ID"));
    Ok(())
}
