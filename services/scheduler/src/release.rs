//! Release: a delivery for each member in term, written with the digest's and the cycle's new state.

use csp_domain::{
    Act, Instant, Scope, calendar,
    committee::Committee,
    digest::{Digest, RenditionKind},
    id::MessageId,
    message::{MessageKind, NewMessage},
    person::Person,
    region::Region,
};
use csp_mail::compose::{self, Letter, ListId};
use csp_store::{CycleRef, Release};

use crate::{ScheduleError, Scheduler};

impl Scheduler {
    /// Releases an approved version, once: the stored bytes, to everyone in term on the day it goes.
    pub(crate) async fn release(&self, cycle: &CycleRef, digest: &Digest) -> Result<bool, ScheduleError> {
        let scope = Scope::Region(cycle.region);
        let now = self.clock.now();
        let region = self.store.get_region(scope).await?;
        let committee = self.store.get_committee(scope, cycle.committee).await?;
        let html = self.store.get_rendition(scope, digest.id, RenditionKind::HtmlMail).await?;
        let text = self.store.get_rendition(scope, digest.id, RenditionKind::Text).await?;
        let body = self.paper(&region, &committee, &digest.subject, &html.bytes, &text.bytes);
        let members = self.store.members_in_term(scope, committee.id, calendar::civil_day(now, region.zone)).await?;
        if members.is_empty() {
            tracing::warn!(committee = %committee.slug, "a digest is released to nobody: the committee has no member in term");
        }
        let messages: Vec<NewMessage> = members.iter().map(|member| self.delivery(digest, member, &body, now)).collect();
        let count = messages.len();
        let release = Release { digest: digest.id, due_at: cycle.timetable.publication_at, body: body.bytes, messages };
        let done = self.store.release(scope, &Act::by_system(now), release).await?;
        if done {
            tracing::info!(digest = %digest.id, deliveries = count, "released the digest");
        }
        Ok(done)
    }

    /// The part of a paper's mail that all members share.
    pub(crate) fn paper(&self, region: &Region, committee: &Committee, subject: &str, html: &[u8], text: &[u8]) -> compose::Body {
        let list_id = ListId::new(&committee.name, &format!("{}.{}.{}", committee.slug, region.slug, self.post.domain)).ok();
        compose::body(&Letter {
            from_name: &self.post.from_name,
            from: &self.post.from,
            reply_to: self.post.reply_to.as_ref(),
            subject,
            list_id: list_id.as_ref(),
            discourage_auto_replies: true,
            text,
            html,
            attachments: &[],
        })
    }

    fn delivery(&self, digest: &Digest, member: &Person, body: &compose::Body, now: Instant) -> NewMessage {
        let id = MessageId(self.chance.id(now));
        let message_id = compose::message_id(id, &self.post.domain);
        let head = compose::head(&member.name, &member.email, &message_id, now);
        let mime_hash = compose::mime_hash(&head, &body.bytes);
        NewMessage {
            id,
            kind: MessageKind::Digest,
            matter: digest.id.0,
            recipient: member.id,
            step: 0,
            address: member.email.clone(),
            subject: digest.subject.clone(),
            message_id,
            head,
            body: body.hash,
            mime_hash,
            not_before: now,
        }
    }
}
