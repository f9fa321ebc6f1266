//! The committee's paper: preview, freeze, read, approve.

use csp_domain::{
    Scope,
    act::Actor,
    committee::Committee,
    cycle::Cycle,
    digest::{Digest, DigestState, Rendition, RenditionKind},
    document::Hash,
    id::{DigestId, PartnershipId},
    person::Role,
    region::Region,
    text::Line,
};
use csp_edition::EditionError;
use csp_proto::v1::{self, digest_service_server::DigestService};
use tonic::{Request, Response, Status};

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults},
    names,
    news::Referred,
    status,
};

fn kind_to(kind: RenditionKind) -> v1::RenditionKind {
    match kind {
        RenditionKind::HtmlMail => v1::RenditionKind::HtmlMail,
        RenditionKind::Text => v1::RenditionKind::Text,
    }
}

fn rendition_to_proto(rendition: Rendition) -> v1::Rendition {
    v1::Rendition {
        kind: kind_to(rendition.kind).into(),
        media_type: rendition.kind.media_type().to_owned(),
        sha256: rendition.hash.to_string(),
        data: rendition.bytes,
    }
}

/// A digest's place: its cycle, and how names spell it.
struct Place {
    region: Region,
    committee: Committee,
    cycle: Cycle,
}

impl Api {
    fn refuse_edition(&self, error: EditionError) -> Status {
        match error {
            EditionError::Store(error) => self.refuse(error),
            error => self.internal(&error),
        }
    }

    async fn digest_place(&self, caller: &Caller, field: &str, name: &str) -> Result<Place, Status> {
        let (region, committee, cycle) = self.cycle_of(caller, field, name).await?;
        Ok(Place { region, committee, cycle })
    }

    /// `…/cycles/{cycle}/digests/{version}`; `-` for the newest version.
    async fn digest_of(&self, caller: &Caller, name: &str) -> Result<(Place, Digest, Scope), Status> {
        let parts = names::pattern("name", name, &["regions", "committees", "cycles", "digests"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let committee = self.committee_in(caller, &region, parts[1]).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let cycle = self.cycle_in(caller, &region, &committee, parts[2]).await?;
        let versions = self.store.list_digests(scope, cycle.id).await.map_err(|e| self.refuse(e))?.items;
        let found = if parts[3] == "-" {
            versions.into_iter().next_back()
        } else {
            let version: Option<i64> = parts[3].parse().ok();
            versions.into_iter().find(|digest| Some(digest.version) == version)
        };
        let found = found.ok_or_else(|| status::not_found("digest"))?;
        Ok((Place { region, committee, cycle }, found, scope))
    }

    async fn digest_to_proto(&self, place: &Place, digest: &Digest, referred: &mut Referred) -> Result<v1::Digest, Status> {
        let state = match digest.state {
            DigestState::Frozen => v1::DigestState::Frozen,
            DigestState::Approved => v1::DigestState::Approved,
            DigestState::Released => v1::DigestState::Released,
            DigestState::Superseded => v1::DigestState::Superseded,
        };
        let freezer = match digest.frozen_by {
            Actor::System => String::new(),
            Actor::Person(id) => self.person_name(&place.region, id, referred).await?,
        };
        let approver = match digest.approved_by {
            None => String::new(),
            Some(id) => self.person_name(&place.region, id, referred).await?,
        };
        let mut authors = Vec::with_capacity(digest.authors.len());
        for id in &digest.authors {
            authors.push(self.person_name(&place.region, *id, referred).await?);
        }
        let renditions = digest
            .rendition_hashes
            .iter()
            .map(|(kind, hash)| v1::RenditionInfo {
                kind: kind_to(*kind).into(),
                media_type: kind.media_type().to_owned(),
                sha256: hash.to_string(),
            })
            .collect();
        Ok(v1::Digest {
            name: format!("{}/digests/{}", names::cycle(&place.region, &place.committee, &place.cycle), digest.version),
            version: digest.version,
            state: state.into(),
            subject: digest.subject.clone(),
            document_hash: digest.document_hash.to_string(),
            renditions,
            hashes: digest.hashes().iter().map(ToString::to_string).collect(),
            freezer,
            freeze_time: Some(convert::timestamp(digest.frozen_at)),
            authors,
            approver,
            approve_time: digest.approved_at.map(convert::timestamp),
            release_time: digest.released_at.map(convert::timestamp),
            etag: digest.revision.to_string(),
            cooling_off_end_time: digest.cooling_off.as_ref().map(|kept| convert::timestamp(kept.until)),
            cooling_off_ender: match digest.cooling_off.as_ref().and_then(|kept| kept.ended.as_ref()) {
                None => String::new(),
                Some(ended) => self.person_name(&place.region, ended.by, referred).await?,
            },
            cooling_off_reason: digest
                .cooling_off
                .as_ref()
                .and_then(|kept| kept.ended.as_ref())
                .map(|ended| ended.reason.to_string())
                .unwrap_or_default(),
        })
    }
}

#[tonic::async_trait]
impl DigestService for Api {
    async fn preview_digest(&self, request: Request<v1::PreviewDigestRequest>) -> Result<Response<v1::PreviewDigestResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::PreviewDigestRequest { parent } = request.into_inner();
        let place = self.digest_place(&caller, "parent", &parent).await?;
        // Editors see the whole; an officer or lead their own partnership's part.
        let whole = caller.may(About::Committee(place.region.id, place.committee.id));
        let only = match whole {
            Ok(_) => None,
            Err(refused) => {
                let own = caller.roles().filter_map(|role| match role {
                    Role::Officer(id) | Role::Lead(id) if place.committee.partnerships.contains(&id) => Some(id),
                    _ => None,
                });
                let own: Vec<PartnershipId> = own.collect();
                if own.is_empty() || place.region.id != caller.region.id {
                    return Err(refused);
                }
                Some(own)
            }
        };
        let edition = csp_edition::preview(&self.store, Scope::Region(place.region.id), place.cycle.id, only)
            .await
            .map_err(|e| self.refuse_edition(e))?;
        let renditions = edition.renditions.into_iter().map(rendition_to_proto).collect();
        Ok(Response::new(v1::PreviewDigestResponse { subject: edition.subject, renditions }))
    }

    async fn freeze_digest(&self, request: Request<v1::FreezeDigestRequest>) -> Result<Response<v1::Digest>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let asked = message.clone();
        let v1::FreezeDigestRequest { parent, request_id: _ } = message;
        let place = self.digest_place(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Committee(place.region.id, place.committee.id))?;
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        faults.check()?;
        let act = caller.create(convert::request(id, caller.call.path(), &asked), false);
        let new_id = DigestId(self.chance.id(caller.now));
        let frozen = csp_edition::freeze(&self.store, scope, &act, new_id, place.cycle.id).await.map_err(|e| self.refuse_edition(e))?;
        Ok(Response::new(self.digest_to_proto(&place, &frozen, &mut Referred::default()).await?))
    }

    async fn get_digest(&self, request: Request<v1::GetDigestRequest>) -> Result<Response<v1::Digest>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetDigestRequest { name } = request.into_inner();
        let (place, digest, _) = self.digest_of(&caller, &name).await?;
        Ok(Response::new(self.digest_to_proto(&place, &digest, &mut Referred::default()).await?))
    }

    async fn list_digests(&self, request: Request<v1::ListDigestsRequest>) -> Result<Response<v1::ListDigestsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListDigestsRequest { parent, page_size, page_token } = request.into_inner();
        let place = self.digest_place(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Committee(place.region.id, place.committee.id))?;
        let page = convert::page(page_size, &page_token)?;
        let versions = self.store.list_digests(scope, place.cycle.id).await.map_err(|e| self.refuse(e))?.items;
        let start = versions.iter().position(|digest| digest.id.0 == page.after).map_or(0, |at| at + 1);
        let size = page.size as usize;
        let next_page_token = versions
            .get(start + size)
            .and_then(|_| versions.get(start + size - 1))
            .map(|digest| digest.id.0.simple().to_string())
            .unwrap_or_default();
        let mut referred = Referred::default();
        let mut digests = Vec::new();
        for digest in versions.iter().skip(start).take(size) {
            digests.push(self.digest_to_proto(&place, digest, &mut referred).await?);
        }
        Ok(Response::new(v1::ListDigestsResponse { digests, next_page_token }))
    }

    async fn get_rendition(&self, request: Request<v1::GetRenditionRequest>) -> Result<Response<v1::Rendition>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetRenditionRequest { name, kind } = request.into_inner();
        let (_, digest, scope) = self.digest_of(&caller, &name).await?;
        let mut faults = Faults::default();
        let kind = match v1::RenditionKind::try_from(kind) {
            Ok(v1::RenditionKind::HtmlMail) => Some(RenditionKind::HtmlMail),
            Ok(v1::RenditionKind::Text) => Some(RenditionKind::Text),
            Ok(v1::RenditionKind::Unspecified) | Err(_) => {
                faults.add("kind", "must be the HTML mail or the plain text");
                None
            }
        };
        let kind = faults.all(kind)?;
        let rendition = self.store.get_rendition(scope, digest.id, kind).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(rendition_to_proto(rendition)))
    }

    async fn approve_digest(&self, request: Request<v1::ApproveDigestRequest>) -> Result<Response<v1::Digest>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ApproveDigestRequest { name, hashes } = request.into_inner();
        let (place, digest, scope) = self.digest_of(&caller, &name).await?;
        let mut faults = Faults::default();
        if hashes.is_empty() || hashes.len() > 50 {
            faults.add("hashes", "must name the hashes of what was read: Digest.hashes");
        }
        let mut named = Vec::with_capacity(hashes.len().min(50));
        for (i, text) in hashes.iter().take(50).enumerate() {
            match Hash::parse(text) {
                Some(hash) => named.push(hash),
                None => faults.add(format!("hashes[{i}]"), "must be 64 hexadecimal digits"),
            }
        }
        faults.check()?;
        let approved =
            self.store.approve_digest(scope, &caller.act(), caller.person.id, digest.id, named).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.digest_to_proto(&place, &approved, &mut Referred::default()).await?))
    }

    async fn end_cooling_off(&self, request: Request<v1::EndCoolingOffRequest>) -> Result<Response<v1::Digest>, Status> {
        let caller = self.caller(&request).await?;
        let v1::EndCoolingOffRequest { name, reason, etag } = request.into_inner();
        let (place, digest, scope) = self.digest_of(&caller, &name).await?;
        let mut faults = Faults::default();
        let revision = faults.etag("etag", &etag);
        let reason = faults.line("reason", &reason, Line::SENTENCE);
        let reason = faults.all(reason)?;
        let ended = self
            .store
            .end_cooling_off(scope, &caller.act(), caller.person.id, digest.id, reason, revision)
            .await
            .map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.digest_to_proto(&place, &ended, &mut Referred::default()).await?))
    }
}
