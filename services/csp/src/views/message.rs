//! Messages.

use std::collections::BTreeMap;

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    names::short,
    output::{Page, Show, count},
    words::Coded,
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct MessageView {
    name: String,
    kind: Coded<v1::MessageKind>,
    recipient: String,
    recipient_display_name: String,
    email: String,
    subject: String,
    message_id: String,
    state: Coded<v1::MessageState>,
    attempts: i32,
    next_attempt_time: Option<Instant>,
    accept_time: Option<Instant>,
    last_outcome: Option<String>,
    create_time: Option<Instant>,
    digest: Option<String>,
}

impl From<v1::Message> for MessageView {
    fn from(message: v1::Message) -> Self {
        let v1::Message {
            name,
            kind,
            recipient,
            recipient_display_name,
            email,
            subject,
            message_id,
            state,
            attempts,
            next_attempt_time,
            accept_time,
            last_outcome,
            create_time,
            digest,
        } = message;
        Self {
            name,
            kind: Coded::of(kind),
            recipient,
            recipient_display_name,
            email,
            subject,
            message_id,
            state: Coded::of(state),
            attempts,
            next_attempt_time: instant(next_attempt_time),
            accept_time: instant(accept_time),
            last_outcome: given(last_outcome),
            create_time: instant(create_time),
            digest: given(digest),
        }
    }
}

impl Show for MessageView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.subject);
        let [queued, accepted, next] = [self.create_time, self.accept_time, self.next_attempt_time].map(|time| page.when(time));
        page.facts([
            ("Message", short(&self.name)),
            ("To", format!("{} <{}>", self.recipient_display_name, self.email)),
            ("Kind", self.kind.words()),
            ("Digest", self.digest.as_deref().map(short).unwrap_or_default()),
            ("State", self.state.words()),
            ("Queued", queued),
            ("Accepted", accepted),
            ("Tries", self.attempts.to_string()),
            ("Next try", next),
            ("Last outcome", self.last_outcome.clone().unwrap_or_default()),
            ("Message-ID", self.message_id.clone()),
        ]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct MessageList {
    messages: Vec<MessageView>,
    /// How many there are in each state.
    counts: BTreeMap<String, usize>,
}

impl From<Vec<v1::Message>> for MessageList {
    fn from(messages: Vec<v1::Message>) -> Self {
        let messages: Vec<MessageView> = messages.into_iter().map(Into::into).collect();
        let counts = counted(messages.iter().map(|message| message.state.code()));
        Self { messages, counts }
    }
}

fn counted(states: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for state in states {
        *counts.entry(state).or_default() += 1;
    }
    counts
}

impl Show for MessageList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .messages
            .iter()
            .map(|m| {
                let outcome = m.last_outcome.clone().unwrap_or_default();
                [short(&m.name), m.recipient_display_name.clone(), m.state.words(), page.when(m.accept_time), outcome]
            })
            .collect();
        page.table(["Message", "To", "State", "Accepted", "Last outcome"], rows, "There are no messages.");
        if !self.messages.is_empty() {
            let counts = counted(self.messages.iter().map(|message| message.state.words()));
            let counts: Vec<String> = counts.iter().map(|(state, number)| format!("{number} {state}")).collect();
            page.line(format!("{}: {}", count(self.messages.len(), "message", "messages"), counts.join(", ")));
        }
    }
}
