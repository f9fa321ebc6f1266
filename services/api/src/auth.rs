//! Who calls: from the bearer token in the metadata to a person and the roles they hold today.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    act::Request as RequestId,
    calendar,
    clock::Instant,
    person::{Person, Role, RoleGrant},
    region::Region,
    token::{Secret, Token},
};
use csp_store::Credential;
use subtle::ConstantTimeEq as _;
use tonic::{Request, Status, codegen::http::HeaderMap};

use crate::{
    Api,
    authorise::{About, Call, Denied, authorise},
    status,
};

/// A person with a token that opens doors.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub person: Person,
    /// Where they belong.
    pub region: Region,
    /// Every role they hold, held or will hold.
    pub grants: Vec<RoleGrant>,
    /// What they presented.
    pub token: Token,
    /// The call's moment; one for the whole call.
    pub now: Instant,
    /// Today, in their region.
    pub today: NaiveDate,
    /// Where the call came from.
    pub origin: Option<String>,
}

impl Caller {
    /// The roles they hold today.
    pub fn roles(&self) -> impl Iterator<Item = Role> + '_ {
        self.grants_today().map(|grant| grant.role)
    }

    /// The grants that hold today.
    pub fn grants_today(&self) -> impl Iterator<Item = &RoleGrant> + '_ {
        self.grants.iter().filter(|grant| grant.holds_on(self.today))
    }

    /// Their act, now.
    pub(crate) fn act(&self) -> Act {
        Act { origin: self.origin.clone(), ..Act::by(self.person.id, self.now) }
    }

    /// Their act, repeatable, or only to see whether it would succeed.
    pub(crate) fn create(&self, request: Option<RequestId>, dry_run: bool) -> Act {
        Act { dry_run, ..self.act().under(request) }
    }

    /// Whether they may make the call; which rows it may then see.
    pub(crate) fn may(&self, call: Call, about: About) -> Result<Scope, Status> {
        authorise(self, call, about).map_err(|denied| match denied {
            Denied::Unseen => status::unseen(about),
            Denied::Forbidden => status::forbidden(call),
        })
    }
}

/// A token's last use is noted at most so often.
const NOTE_USE_EVERY: chrono::TimeDelta = chrono::TimeDelta::minutes(1);

impl Api {
    /// Who calls: whom the gate let in. Already known, and a future only so that a handler may wait for it.
    #[expect(clippy::unused_self, reason = "a handler asks its own service, which must have let the caller in")]
    pub(crate) fn caller<T>(&self, request: &Request<T>) -> Ready<Result<Caller, Status>> {
        ready(request.extensions().get::<Caller>().cloned().ok_or_else(status::unauthenticated))
    }

    /// Finds out who calls. Every refusal reads the same: what was wrong with a token is nobody's business but its
    /// owner's. Whoever tries one after another is refused before the store is asked.
    pub(crate) async fn authenticate(&self, headers: &HeaderMap, address: Option<IpAddr>) -> Result<Caller, Status> {
        let header = headers.get("authorization").ok_or_else(status::unauthenticated)?;
        let now = self.clock.now();
        let presented = header
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")))
            .and_then(|value| Secret::parse(value.trim()));
        let hash = presented.as_ref().map(Secret::hash);
        self.limiter.may_try(address, hash.as_ref(), now).map_err(status::too_much)?;
        let Some(credential) = self.credential(presented, now).await? else {
            self.limiter.failed(address, hash.as_ref(), now);
            return Err(status::unauthenticated());
        };
        self.limiter.succeeded(credential.hash, now);
        if credential.token.last_used_at.is_none_or(|last| now - last >= NOTE_USE_EVERY) {
            self.store.token_used(Scope::Region(credential.region.id), credential.token.id, now).await.map_err(|e| self.refuse(e))?;
        }
        Ok(Caller {
            today: calendar::civil_day(now, credential.region.zone),
            person: credential.person,
            region: credential.region,
            grants: credential.grants,
            token: credential.token,
            now,
            origin: address.map(|address| address.to_string()),
        })
    }

    /// What is known of a token that opens doors; none for any other.
    async fn credential(&self, presented: Option<Secret>, now: Instant) -> Result<Option<Credential>, Status> {
        let Some(presented) = presented else { return Ok(None) };
        let found = self.store.credential(presented.id()).await.map_err(|e| self.refuse(e))?;
        Ok(found.filter(|credential| {
            let same: bool = presented.hash().to_string().as_bytes().ct_eq(credential.hash.to_string().as_bytes()).into();
            same && credential.token.is_live(now)
        }))
    }
}
