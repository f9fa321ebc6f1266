//! Receipts by mail, for whoever asked for one as they sent something in: at the next look, once, and not as anybody's reminder.

use csp_domain::{
    Act, Scope, calendar,
    message::MessageKind,
    news::{NewsOwner, NewsState},
    receipt::{Place, Receipt},
};
use csp_mail::compose::{Attachment, FileName};
use csp_render::letter::Letter;
use csp_store::{NewsFilter, Page, ReceiptWish};
use tracing::Instrument as _;

use crate::{ScheduleError, Scheduler};

impl Scheduler {
    /// Mails the receipts that are wanted. Answers how many were queued, and of how many it failed.
    pub(crate) async fn mail_receipts(&self) -> Result<(usize, usize), ScheduleError> {
        let (mut mailed, mut failed) = (0, 0);
        for wish in self.store.list_receipt_wishes().await? {
            let span = tracing::info_span!("job", job = "receipt", answer = %wish.answer);
            match self.mail_receipt(wish).instrument(span.clone()).await {
                Ok(first) => mailed += usize::from(first),
                Err(error) => {
                    failed += 1;
                    span.in_scope(|| tracing::error!(%error, "mailing a receipt failed and stays due"));
                }
            }
        }
        Ok((mailed, failed))
    }

    async fn mail_receipt(&self, wish: ReceiptWish) -> Result<bool, ScheduleError> {
        let scope = Scope::Region(wish.region);
        let answer = self.store.return_to_receipt(scope, wish).await?;
        let region = self.store.get_region(scope).await?;
        let partnership = self.store.get_partnership(scope, wish.partnership).await?;
        let cycle = self.store.get_cycle(scope, answer.cycle).await?;
        let committee = self.store.get_committee(scope, cycle.committee).await?;
        let person = self.store.get_person(scope, wish.person).await?;
        let steps = self.store.list_return_steps(scope, partnership.id, cycle.id).await?;
        let on_behalf = steps.into_iter().find(|step| step.revision == wish.revision).and_then(|step| step.on_behalf);
        let catalogue = self.store.list_indicators(scope, Page::all()).await?.items;
        let place = Place { partnership: &partnership, committee: &committee, cycle: &cycle };
        let receipt = Receipt::of(place, &answer, on_behalf, |id| catalogue.iter().find(|indicator| indicator.id == id));

        let mut facts = vec![
            ("Receipt".to_owned(), receipt.number.clone()),
            ("Received".to_owned(), calendar::full(receipt.received_at, region.zone)),
            ("SHA-256".to_owned(), receipt.sha256.to_string()),
        ];
        facts.extend(receipt.items.iter().map(|item| {
            let about = item.about();
            (if about.is_empty() { "Return".to_owned() } else { about }, item.answer.clone())
        }));
        // News is sent in apart from figures, before them or after.
        let filter = NewsFilter { owner: Some(NewsOwner::Partnership(partnership.id)), cycle: Some(cycle.id) };
        let news = self.store.list_news_items(scope, filter, Page::all()).await?.items;
        let standing = news.iter().filter(|item| item.state == NewsState::Submitted);
        facts.extend(standing.map(|item| ("News".to_owned(), item.headline.to_string())));
        let slugs = [&partnership.slug, &committee.slug, &cycle.slug];
        let file = |ending, kind, bytes| Attachment { name: FileName::new("receipt", &slugs, ending), kind, bytes };
        let files = [
            file("txt", "text/plain; charset=utf-8", receipt.stored_text.clone().into_bytes()),
            file("json", "application/json", receipt.json()),
        ];
        let letter = Letter {
            title: format!("{}: the return for {} was received", partnership.name, cycle.period.short_label()),
            greeting: format!("Dear {},", person.name),
            paragraphs: vec![
                format!("Your return to the {} was received. This is what it says, item by item, as it is stored.", committee.name),
                format!(
                    "What is stored comes with this letter as {}, and all of it for programs as {}. The SHA-256 is that of the first file: by \
                     it anybody can find out later whether something is what you sent in.",
                    files[0].name, files[1].name
                ),
            ],
            facts,
            commands: vec![(
                "To see what becomes of it:".to_owned(),
                format!("csp return receipt --cycle {}/{} --partnership {}", committee.slug, cycle.slug, partnership.slug),
            )],
            why: "You get this once, because it was asked for as this was sent in. It is no reminder, and takes the place of none."
                .to_owned(),
        };
        let step = i32::try_from(wish.revision).unwrap_or(i32::MAX);
        let letter = self.message(MessageKind::Receipt, wish.answer.0, &person, step, &letter, &files);
        Ok(self.store.mail_receipt(scope, &Act::by_system(self.clock.now()), wish, letter).await?)
    }
}
