//! A second person approves exactly what was frozen; at publication it goes to every member.

use std::time::Duration;

use csp_domain::document::Hash;
use csp_proto::v1::{self, RenditionKind};

use super::{
    caller::Refusal,
    collecting::at,
    data,
    setup::Cast,
    stage::{Folder, Stage, write},
    telling::Telling,
};
use crate::Failure;

/// Longer than the courier takes with ten letters into a folder.
const PATIENCE: Duration = Duration::from_secs(30);

/// Four eyes: whoever wrote any of it cannot approve it.
pub(super) async fn approve(stage: &Stage, cast: &Cast, folder: &Folder, tell: &mut Telling<'_>) -> Result<v1::Digest, Failure> {
    stage.move_to(at("2022-01-14T10:00:00Z")).await?;
    tell.scene(stage.now(), "A second person reads and approves");
    let name = format!("{}/digests/-", data::cycle_name());
    let digest = cast.approver.digests().get_digest(v1::GetDigestRequest { name }).await?.into_inner();
    let approve = || v1::ApproveDigestRequest { name: digest.name.clone(), hashes: digest.hashes.clone() };
    match cast.editor.digests().approve_digest(approve()).await {
        Ok(_) => return Err(Failure::new("an editor approved what they wrote")),
        Err(status) => {
            let refusal = Refusal::from(&status);
            if refusal.reason != "AUTHOR_CANNOT_APPROVE" {
                return Err(status.into());
            }
            tell.refused("The editor, who may stand in for the approver, is refused:");
            tell.detail(&refusal.sentence);
        }
    }

    let mut client = cast.approver.digests();
    for (kind, path) in [(RenditionKind::HtmlMail, folder.html()), (RenditionKind::Text, folder.text())] {
        let get = v1::GetRenditionRequest { name: digest.name.clone(), kind: kind.into() };
        let rendition = client.get_rendition(get).await?.into_inner();
        let promised = digest.renditions.iter().find(|info| info.kind == rendition.kind).map(|info| info.sha256.as_str());
        if promised != Some(Hash::of(&rendition.data).to_string().as_str()) {
            return Err(Failure::new("what can be read is not what was frozen"));
        }
        write(&path, &rendition.data)?;
    }
    tell.done("The approver reads the paper, as HTML and as text; each is byte for byte what was frozen");
    tell.command("csp digest show citizen-focus/2021-q3/1 --html digest.html");

    let approved = client.approve_digest(approve()).await?.into_inner();
    let hash: String = approved.document_hash.chars().take(8).collect();
    tell.done(&format!("Approved by naming its hashes (the document's begins {hash}): only these bytes can go out"));
    tell.command("csp digest approve citizen-focus/2021-q3/1");
    Ok(approved)
}

/// At publication the paper goes out by itself. Answers the messages, as the administrator sees them.
pub(super) async fn publish(
    stage: &Stage,
    cast: &Cast,
    digest: &v1::Digest,
    folder: &Folder,
    tell: &mut Telling<'_>,
) -> Result<Vec<v1::Message>, Failure> {
    stage.move_to(at("2022-01-18T09:00:00Z")).await?;
    tell.scene(stage.now(), "The paper goes out by itself");
    let list = || v1::ListMessagesRequest {
        parent: data::region_name(),
        digest: digest.name.clone(),
        state: 0,
        page_size: 500,
        page_token: String::new(),
    };
    let mut client = cast.administrator.messages();
    let carried = tokio::time::timeout(PATIENCE, async {
        loop {
            let messages = client.list_messages(list()).await?.into_inner().messages;
            if !messages.is_empty() && messages.iter().all(|message| message.state() == v1::MessageState::Accepted) {
                return Ok::<_, Failure>(messages);
            }
            // Some are in the hands of the server's own courier.
            tokio::time::sleep(Duration::from_millis(20)).await;
            stage.ring().await?;
        }
    });
    let messages = carried.await.map_err(|_| Failure::new("the mail did not leave in time"))??;
    tell.done(&format!("{} letters for {} members, each to one person, in {}", messages.len(), messages.len(), folder.mail().display()));
    tell.command("csp messages --digest citizen-focus/2021-q3/1");

    let cycle = cast.editor.committees().get_cycle(v1::GetCycleRequest { name: data::cycle_name() }).await?.into_inner();
    if cycle.state() != v1::CycleState::Published {
        return Err(Failure::new("the paper went out, and the cycle does not say so"));
    }
    tell.done("The cycle is published, five clear days before the meeting on 26 January");
    stage.move_to(at("2022-01-26T10:00:00Z")).await?;
    tell.scene(stage.now(), "The committee meets");
    tell.done("The paper is before it; the next quarter's dates stand already");
    tell.command("csp cycle list");
    Ok(messages)
}
