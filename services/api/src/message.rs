//! What was sent to whom.

use std::collections::HashMap;

use csp_domain::{
    Scope,
    id::{DigestId, MessageId},
    message::{Message, MessageKind, MessageState},
    region::Region,
};
use csp_proto::v1::{self, message_service_server::MessageService};
use csp_store::MessageFilter;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults},
    names, status,
};

fn state_to(state: MessageState) -> v1::MessageState {
    match state {
        MessageState::Queued => v1::MessageState::Queued,
        MessageState::Claimed => v1::MessageState::Claimed,
        MessageState::InDoubt => v1::MessageState::InDoubt,
        MessageState::Accepted => v1::MessageState::Accepted,
        MessageState::Delivered => v1::MessageState::Delivered,
        MessageState::Bounced => v1::MessageState::Bounced,
        MessageState::Failed => v1::MessageState::Failed,
        MessageState::Suppressed => v1::MessageState::Suppressed,
        MessageState::Cancelled => v1::MessageState::Cancelled,
        MessageState::Held => v1::MessageState::Held,
    }
}

fn state_from(value: i32, faults: &mut Faults) -> Option<MessageState> {
    match v1::MessageState::try_from(value) {
        Ok(v1::MessageState::Unspecified) => None,
        Ok(wanted) => MessageState::ALL.into_iter().find(|state| state_to(*state) == wanted),
        Err(_) => {
            faults.add("state", "must be a state of messages, or not set for all");
            None
        }
    }
}

impl Api {
    async fn message_to_proto(
        &self,
        region: &Region,
        message: &Message,
        digests: &mut HashMap<Uuid, String>,
    ) -> Result<v1::Message, Status> {
        let scope = Scope::Region(region.id);
        let person = self.store.get_person(scope, message.recipient).await.map_err(|e| self.refuse(e))?;
        let digest = match message.kind {
            MessageKind::Digest => match digests.get(&message.matter) {
                Some(name) => name.clone(),
                None => {
                    let digest = self.store.get_digest(scope, DigestId(message.matter)).await.map_err(|e| self.refuse(e))?;
                    let cycle = self.store.get_cycle(scope, digest.cycle).await.map_err(|e| self.refuse(e))?;
                    let committee = self.store.get_committee(scope, cycle.committee).await.map_err(|e| self.refuse(e))?;
                    let name = format!("{}/digests/{}", names::cycle(region, &committee, &cycle), digest.version);
                    digests.insert(message.matter, name.clone());
                    name
                }
            },
            MessageKind::Reminder | MessageKind::Receipt | MessageKind::Notice => String::new(),
        };
        let kind = match message.kind {
            MessageKind::Digest => v1::MessageKind::Digest,
            MessageKind::Reminder => v1::MessageKind::Reminder,
            MessageKind::Receipt => v1::MessageKind::Receipt,
            MessageKind::Notice => v1::MessageKind::Notice,
        };
        let waiting = matches!(message.state, MessageState::Queued | MessageState::InDoubt);
        Ok(v1::Message {
            name: format!("{}/messages/{}", names::region(region), message.id),
            kind: kind.into(),
            recipient: names::person(region, &person),
            recipient_display_name: person.name.to_string(),
            email: message.address.as_str().to_owned(),
            subject: message.subject.clone(),
            message_id: message.message_id.clone(),
            state: state_to(message.state).into(),
            attempts: message.attempts,
            next_attempt_time: waiting.then(|| convert::timestamp(message.next_attempt_at)),
            accept_time: message.accepted_at.map(convert::timestamp),
            last_outcome: message.last_outcome.clone().unwrap_or_default(),
            create_time: Some(convert::timestamp(message.created_at)),
            digest,
        })
    }

    async fn message_of(&self, caller: &Caller, name: &str) -> Result<(Region, MessageId, Scope), Status> {
        let parts = names::pattern("name", name, &["regions", "messages"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let scope = caller.may(About::Region(region.id))?;
        Ok((region, MessageId(names::uuid("message", parts[1])?), scope))
    }

    /// Which digest a filter names.
    async fn filtered_digest(&self, caller: &Caller, name: &str) -> Result<(csp_domain::id::CommitteeId, Uuid), Status> {
        let parts = names::pattern("digest", name, &["regions", "committees", "cycles", "digests"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let committee = self.committee_in(caller, &region, parts[1]).await?;
        let cycle = self.cycle_in(caller, &region, &committee, parts[2]).await?;
        let versions = self.store.list_digests(Scope::Region(region.id), cycle.id).await.map_err(|e| self.refuse(e))?.items;
        let found = versions.into_iter().rev().find(|d| parts[3] == "-" || d.version.to_string() == parts[3]);
        found.map(|digest| (committee.id, digest.id.0)).ok_or_else(|| status::not_found("digest"))
    }
}

#[tonic::async_trait]
impl MessageService for Api {
    async fn get_message(&self, request: Request<v1::GetMessageRequest>) -> Result<Response<v1::Message>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetMessageRequest { name } = request.into_inner();
        let (region, id, scope) = self.message_of(&caller, &name).await?;
        let found = self.store.get_message(scope, id).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.message_to_proto(&region, &found, &mut HashMap::new()).await?))
    }

    async fn list_messages(&self, request: Request<v1::ListMessagesRequest>) -> Result<Response<v1::ListMessagesResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListMessagesRequest { parent, digest, state, page_size, page_token } = request.into_inner();
        let region = self.region_of(&caller, "parent", &parent).await?;
        let (about, matter) = if digest.is_empty() {
            // Of the whole region: for administrators alone.
            (About::Person(region.id, csp_domain::id::PersonId(Uuid::nil())), None)
        } else {
            let (committee, digest) = self.filtered_digest(&caller, &digest).await?;
            (About::Committee(region.id, committee), Some(digest))
        };
        let scope = caller.may(about)?;
        let mut faults = Faults::default();
        let state = state_from(state, &mut faults);
        faults.check()?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_messages(scope, MessageFilter { matter, state }, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let mut digests = HashMap::new();
        let mut messages = Vec::with_capacity(listing.items.len());
        for message in &listing.items {
            messages.push(self.message_to_proto(&region, message, &mut digests).await?);
        }
        Ok(Response::new(v1::ListMessagesResponse { messages, next_page_token }))
    }

    async fn retry_message(&self, request: Request<v1::RetryMessageRequest>) -> Result<Response<v1::Message>, Status> {
        let caller = self.caller(&request).await?;
        let v1::RetryMessageRequest { name } = request.into_inner();
        let (region, id, scope) = self.message_of(&caller, &name).await?;
        let queued = self.store.retry_message(scope, &caller.act(), id).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.message_to_proto(&region, &queued, &mut HashMap::new()).await?))
    }
}
