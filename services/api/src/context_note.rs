//! Context notes.

use csp_domain::{
    context_note::{ContextNote, Matter, NewContextNote},
    id::ContextNoteId,
    indicator::Indicator,
    partnership::Partnership,
    period::Period,
    region::Region,
    text::{Fault, Line},
};
use csp_proto::v1;
use tonic::Status;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults},
    names, status,
};

const PATTERN: [&str; 2] = ["regions", "contextNotes"];

fn to_proto(region: &Region, note: &ContextNote, indicator: Option<&Indicator>, partnership: Option<&Partnership>) -> v1::ContextNote {
    let Matter { indicator: _, partnership: _, days, sentence } = &note.matter;
    v1::ContextNote {
        name: format!("{}/contextNotes/{}", names::region(region), note.id),
        indicator: indicator.map(|indicator| names::indicator(region, indicator)).unwrap_or_default(),
        partnership: partnership.map(|partnership| names::partnership(region, partnership)).unwrap_or_default(),
        start_date: days.start().to_string(),
        end_date: days.end().to_string(),
        sentence: sentence.to_string(),
        remove_reason: note.removed.as_ref().map(|(_, reason)| reason.to_string()).unwrap_or_default(),
        remove_time: note.removed.as_ref().map(|(at, _)| convert::timestamp(*at)),
        create_time: Some(convert::timestamp(note.created_at)),
        etag: note.revision.to_string(),
    }
}

impl Api {
    /// The note with the names of what it is about.
    async fn note_told(&self, caller: &Caller, region: &Region, note: &ContextNote) -> Result<v1::ContextNote, Status> {
        let seen = self.seen(caller, region);
        let catalogue = seen.catalogue().await.map_err(|e| self.refuse(e))?;
        let indicator = match note.matter.indicator {
            Some(id) => Some(catalogue.get(&id).ok_or_else(|| status::not_found("indicator"))?),
            None => None,
        };
        let partnership = match note.matter.partnership {
            Some(id) => Some(seen.partnership_by_id(id).await.map_err(|e| self.refuse(e))?),
            None => None,
        };
        Ok(to_proto(region, note, indicator, partnership.as_deref()))
    }

    pub(crate) async fn create_context_note(
        &self,
        caller: &Caller,
        mut message: v1::CreateContextNoteRequest,
    ) -> Result<v1::ContextNote, Status> {
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateContextNoteRequest { parent, context_note, request_id: _ } = message;
        let region = self.region_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let v1::ContextNote {
            name: _,
            indicator,
            partnership,
            start_date,
            end_date,
            sentence,
            remove_reason: _,
            remove_time: _,
            create_time: _,
            etag: _,
        } = context_note.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let from = faults.date("context_note.start_date", &start_date);
        let to = faults.date("context_note.end_date", &end_date);
        let days = from.zip(to).and_then(|(from, to)| faults.take("context_note.end_date", Period::new(from, to)));
        let sentence = faults.line("context_note.sentence", &sentence, Line::SENTENCE);
        let (days, sentence) = faults.all(days.zip(sentence))?;
        let elsewhere = |field: &str, what: &str| status::invalid(&[Fault::new(field, format!("must be {what} of the same region"))]);
        let indicator = if indicator.is_empty() {
            None
        } else {
            let (found_in, found) = self.indicator_of(caller, "context_note.indicator", &indicator).await?;
            if found_in.id != region.id {
                return Err(elsewhere("context_note.indicator", "an indicator"));
            }
            Some(found.id)
        };
        let partnership = if partnership.is_empty() {
            None
        } else {
            let (found_in, found) = self.partnership_of(caller, "context_note.partnership", &partnership).await?;
            if found_in.id != region.id {
                return Err(elsewhere("context_note.partnership", "a partnership"));
            }
            Some(found.id)
        };
        let new =
            NewContextNote { id: ContextNoteId(self.chance.id(caller.now)), matter: Matter { indicator, partnership, days, sentence } };
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let made = self.store.create_context_note(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        self.note_told(caller, &region, &made).await
    }

    pub(crate) async fn list_context_notes(
        &self,
        caller: &Caller,
        message: v1::ListContextNotesRequest,
    ) -> Result<v1::ListContextNotesResponse, Status> {
        let v1::ListContextNotesRequest { parent, page_size, page_token } = message;
        let region = self.region_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        // Whose district one does not know, what was so there neither.
        let seen = self.partnerships_seen(caller, &region).await?;
        let listing = self.store.list_context_notes(scope, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let sees = |partnership| seen.as_ref().is_none_or(|seen| seen.contains(&partnership));
        let catalogue = self.seen(caller, &region).catalogue().await.map_err(|e| self.refuse(e))?;
        let owner = |note: &ContextNote| catalogue.get(&note.matter.indicator?)?.owner;
        let known = |note: &&ContextNote| note.matter.partnership.into_iter().chain(owner(note)).all(sees);
        let mut context_notes = Vec::with_capacity(listing.items.len());
        for note in listing.items.iter().filter(known) {
            context_notes.push(self.note_told(caller, &region, note).await?);
        }
        Ok(v1::ListContextNotesResponse { context_notes, next_page_token })
    }

    pub(crate) async fn remove_context_note(
        &self,
        caller: &Caller,
        message: v1::RemoveContextNoteRequest,
    ) -> Result<v1::ContextNote, Status> {
        let v1::RemoveContextNoteRequest { name, reason, etag } = message;
        let parts = names::pattern("name", &name, &PATTERN)?;
        let region = self.region_named(caller, parts[0]).await?;
        let scope = caller.may(About::Region(region.id))?;
        let id = ContextNoteId(names::uuid("context note", parts[1])?);
        self.store.get_context_note(scope, id).await.map_err(|e| self.refuse(e))?;
        let mut faults = Faults::default();
        let reason = faults.line("reason", &reason, Line::SENTENCE);
        let revision = faults.etag("etag", &etag);
        let reason = faults.all(reason)?;
        let removed = self.store.remove_context_note(scope, &caller.act(), id, reason, revision).await.map_err(|e| self.refuse(e))?;
        self.note_told(caller, &region, &removed).await
    }
}
