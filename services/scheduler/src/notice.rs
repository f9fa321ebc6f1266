//! Notices: short letters about something that somebody has to see to.
//!
//! The row of a message is unique on (kind, matter, recipient, step), so a notice that was queued is not queued again, whoever
//! looks and however often.

use csp_domain::{
    Act, Scope, calendar,
    id::MessageId,
    message::{MessageKind, NewMessage},
    person::Person,
    token::Token,
};
use csp_mail::compose::{self, Attachment, Letter as Envelope};
use csp_render::letter::Letter;
use csp_store::EndingToken;
use uuid::Uuid;

use crate::{ScheduleError, Scheduler};

impl Scheduler {
    /// Tells owners of tokens that end within [`Token::WARN_BEFORE`], each once for each end it is given. Answers how many were
    /// told.
    pub(crate) async fn warn_of_tokens(&self) -> Result<usize, ScheduleError> {
        let now = self.clock.now();
        let mut told = 0;
        for ending in self.store.tokens_ending(now, now + Token::WARN_BEFORE).await? {
            // A token that was rotated has another end, and is warned of anew.
            let step = i32::try_from(ending.expires_at.timestamp() / 86_400).unwrap_or(i32::MAX);
            if ending.warned != Some(i64::from(step)) {
                self.warn_of_token(&ending, step).await?;
                told += 1;
            }
        }
        Ok(told)
    }

    async fn warn_of_token(&self, ending: &EndingToken, step: i32) -> Result<(), ScheduleError> {
        let scope = Scope::Region(ending.region);
        let region = self.store.get_region(scope).await?;
        let person = self.store.get_person(scope, ending.person).await?;
        let today = calendar::civil_day(self.clock.now(), region.zone);
        let days = (calendar::civil_day(ending.expires_at, region.zone) - today).num_days();
        let when = match days {
            ..=0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            days => format!("in {days} days"),
        };
        let letter = Letter {
            title: format!("Your access to CSP Digest ends {when}"),
            greeting: format!("Dear {},", person.name),
            paragraphs: vec![
                format!("The token “{}”, by which csp knows you, ends {when}. After that it lets nobody in.", ending.label),
                "A new secret takes a minute. The old one goes on working for a week, for wherever else you use it.".to_owned(),
            ],
            facts: vec![
                ("Token".to_owned(), ending.label.to_string()),
                ("Ends on".to_owned(), calendar::full(ending.expires_at, region.zone)),
                ("Region".to_owned(), region.name.to_string()),
            ],
            commands: vec![
                ("On the computer where you use it:".to_owned(), "csp token rotate".to_owned()),
                ("To see all your tokens:".to_owned(), "csp token list".to_owned()),
            ],
            why: "You get this once for each token, because it is yours. If you need it no longer, let it end. This message has no secret \
                  in it, and nobody will ask you for one by mail."
                .to_owned(),
        };
        self.send_notice(scope, ending.token.0, &person, step, &letter).await?;
        tracing::info!(token = %ending.token, "told the owner of a token that it ends");
        Ok(())
    }

    /// Queues a letter to one person about `matter`.
    pub(crate) async fn send_notice(
        &self,
        scope: Scope,
        matter: Uuid,
        person: &Person,
        step: i32,
        letter: &Letter,
    ) -> Result<(), ScheduleError> {
        let (body, message) = self.message(MessageKind::Notice, matter, person, step, letter, &[]);
        Ok(self.store.queue_messages(scope, &Act::by_system(self.clock.now()), body, vec![message]).await?)
    }

    /// A letter to one person as it is queued: the bytes of its body, and the message.
    pub(crate) fn message(
        &self,
        kind: MessageKind,
        matter: Uuid,
        person: &Person,
        step: i32,
        letter: &Letter,
        attachments: &[Attachment],
    ) -> (Vec<u8>, NewMessage) {
        let now = self.clock.now();
        let body = compose::body(&Envelope {
            from_name: &self.post.from_name,
            from: &self.post.from,
            reply_to: self.post.reply_to.as_ref(),
            subject: &letter.title,
            list_id: None,
            discourage_auto_replies: true,
            text: letter.text().as_bytes(),
            html: letter.html().as_bytes(),
            attachments,
        });
        let id = MessageId(self.chance.id(now));
        let message_id = compose::message_id(id, &self.post.domain);
        let head = compose::head(&person.name, &person.email, &message_id, now);
        let message = NewMessage {
            id,
            kind,
            matter,
            recipient: person.id,
            step,
            address: person.email.clone(),
            subject: letter.title.clone(),
            message_id,
            mime_hash: compose::mime_hash(&head, &body.bytes),
            head,
            body: body.hash,
            not_before: now,
        };
        (body.bytes, message)
    }
}
