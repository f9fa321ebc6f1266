//! Gateshead and Newcastle own an item together: one sends it in, and it is printed when the other has signed it. It is invented, and says so.

use csp_proto::v1;

use super::{caller::request_id, data, setup::Cast, telling::Telling};
use crate::Failure;

const FIRST: &str = "gateshead";
const OTHER: &str = "newcastle-upon-tyne";
const HEADLINE: &str = "Joint patrols on the Tyne bridges";
const BODY: &str = "*Invented for the demonstration.* Wardens of both banks patrolled the bridges together on six Friday nights before \
                    Christmas. Each partnership has read this text, and signed it.";

/// The first owner's officer sends it in; until the other has signed, the paper holds it out and says so.
pub(super) async fn send_in(cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let item = v1::NewsItem {
        cycle: data::cycle_name(),
        kind: v1::NewsKind::News.into(),
        headline: HEADLINE.to_owned(),
        body: BODY.to_owned(),
        body_format: v1::BodyFormat::Markdown.into(),
        joint_owners: vec![data::partnership_name(OTHER)],
        ..Default::default()
    };
    let parent = data::partnership_name(FIRST);
    let create = v1::CreateNewsItemRequest { parent, news_item: Some(item), request_id: request_id(), validate_only: false };
    cast.officer(FIRST).news().create_news_item(create).await?;
    let duties = cast.officer(FIRST).identity().list_duties(v1::ListDutiesRequest::default()).await?.into_inner().duties;
    if !duties.iter().any(|duty| duty.summary.contains("1 joint item is held out")) {
        return Err(Failure::new("a joint item waits for another owner, and whoever sent it in is not told"));
    }
    tell.done(&format!("News received that Newcastle owns too: “{HEADLINE}”"));
    tell.detail("held out until Newcastle’s lead has signed it as well");
    tell.command(&format!("csp news submit bridges.md --with {OTHER}"));
    Ok(())
}

/// The other owner's lead is told of it, reads it and signs.
pub(super) async fn sign(cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let lead = cast.lead(OTHER);
    let duties = lead.identity().list_duties(v1::ListDutiesRequest::default()).await?.into_inner().duties;
    if !duties.iter().any(|duty| duty.kind() == v1::DutyKind::SignJoint) {
        return Err(Failure::new("a joint item waits for a lead, who is not told"));
    }
    let parent = data::partnership_name(OTHER);
    let list = v1::ListJointItemsRequest { parent, cycle: data::cycle_name(), page_size: 500, page_token: String::new() };
    let items = lead.joint().list_joint_items(list).await?.into_inner().joint_items;
    let item = items.into_iter().next().ok_or_else(|| Failure::new("Newcastle's lead sees no joint item"))?;
    let sign = v1::SignJointItemRequest { name: item.name, etag: item.etag };
    lead.joint().sign_joint_item(sign).await?;
    tell.done("Its lead signs the joint item that Gateshead sent in: it is printed once, in both names");
    tell.command(&format!("csp joint sign {OTHER}/ID"));
    Ok(())
}
