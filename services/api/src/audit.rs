//! The record of deeds, read.

use std::collections::HashMap;

use csp_domain::{
    Scope,
    id::{PersonId, TokenId},
    region::Region,
};
use csp_proto::v1::{self, audit_service_server::AuditService};
use csp_store::{AUDIT_SUBJECTS, AuditFilter, AuditRow};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    Api,
    authorise::About,
    convert::{self, Faults},
    names,
};

/// A person as a row shows them: the name of the resource, and what people call them.
type Shown = (String, String);

impl Api {
    pub(crate) async fn actor_shown(&self, region: &Region, id: PersonId, seen: &mut HashMap<PersonId, Shown>) -> Result<Shown, Status> {
        if let Some(shown) = seen.get(&id) {
            return Ok(shown.clone());
        }
        let shown = match self.store.get_person(Scope::Region(region.id), id).await {
            Ok(person) => (names::person(region, &person), person.name.to_string()),
            // Their name is their own region's business.
            Err(csp_store::StoreError::NotFound(_)) => (String::new(), "somebody who runs the service".to_owned()),
            Err(error) => return Err(self.refuse(error)),
        };
        seen.insert(id, shown.clone());
        Ok(shown)
    }

    async fn entry_to_proto(&self, region: &Region, row: AuditRow, seen: &mut HashMap<PersonId, Shown>) -> Result<v1::AuditEntry, Status> {
        let (person, person_display_name) = match row.actor {
            None => (String::new(), "the schedule".to_owned()),
            Some(id) => self.actor_shown(region, id, seen).await?,
        };
        let token = match row.token {
            Some(id) if !person.is_empty() => format!("{person}/tokens/{id}"),
            _ => String::new(),
        };
        Ok(v1::AuditEntry {
            name: format!("{}/auditEntries/{}", names::region(region), row.id),
            time: Some(convert::timestamp(row.at)),
            person,
            person_display_name,
            token,
            origin: row.origin.unwrap_or_default(),
            action: row.action,
            subject: row.subject,
            subject_id: row.subject_id.to_string(),
            old_value: row.old_value.unwrap_or_default(),
            new_value: row.new_value.unwrap_or_default(),
        })
    }
}

#[tonic::async_trait]
impl AuditService for Api {
    async fn list_audit_entries(
        &self,
        request: Request<v1::ListAuditEntriesRequest>,
    ) -> Result<Response<v1::ListAuditEntriesResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListAuditEntriesRequest { parent, person, token, subject, subject_id, start_time, end_time, page_size, page_token } =
            request.into_inner();
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        let actor = if person.is_empty() { None } else { Some(self.person_of(&caller, "person", &person).await?.1.id) };
        let token = if token.is_empty() {
            None
        } else {
            let parts = names::pattern("token", &token, &["regions", "persons", "tokens"])?;
            Some(TokenId(names::uuid("token", parts[2])?))
        };
        let mut faults = Faults::default();
        if !subject.is_empty() && !AUDIT_SUBJECTS.contains(&subject.as_str()) {
            faults.add("subject", format!("must be one of {}, or empty", AUDIT_SUBJECTS.join(", ")));
        }
        let subject = Some(subject).filter(|subject| !subject.is_empty());
        let subject_id = if subject_id.is_empty() {
            None
        } else {
            Uuid::parse_str(&subject_id).ok().or_else(|| {
                faults.add("subject_id", "must be an identifier as an entry shows it, or empty");
                None
            })
        };
        let from = start_time.and_then(|stamp| faults.instant("start_time", Some(stamp)));
        let until = end_time.and_then(|stamp| faults.instant("end_time", Some(stamp)));
        faults.check()?;
        let filter = AuditFilter { actor, token, subject, subject_id, from, until };
        let listing = self.store.list_audit(scope, filter, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let mut seen = HashMap::new();
        let mut audit_entries = Vec::with_capacity(listing.items.len());
        for row in listing.items {
            audit_entries.push(self.entry_to_proto(&region, row, &mut seen).await?);
        }
        Ok(Response::new(v1::ListAuditEntriesResponse { audit_entries, next_page_token }))
    }
}
