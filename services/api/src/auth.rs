//! Who calls: from the bearer token in the metadata to a person and the roles they hold today.

use std::{
    future::{Ready, ready},
    net::IpAddr,
    sync::Arc,
};

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    act::Request as RequestId,
    calendar,
    clock::Instant,
    committee::Committee,
    document::Hash,
    person::{Person, Role, RoleGrant},
    region::Region,
    token::{Secret, Token, TokenKind, TokenScope},
};
use csp_store::{Credential, Sight};
use subtle::ConstantTimeEq as _;
use tonic::{Request, Status, codegen::http::HeaderMap};

use crate::{
    Api,
    authorise::{About, Call, Denied, authorise, may_ever},
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
    /// What they call.
    pub call: Call,
    /// The call's moment; one for the whole call.
    pub now: Instant,
    /// Today, in their region.
    pub today: NaiveDate,
    /// Where the call came from.
    pub origin: Option<String>,
    /// Their region as it stood when they called.
    pub sight: Sight,
}

impl Caller {
    /// The roles they hold today.
    pub fn roles(&self) -> impl Iterator<Item = Role> + '_ {
        self.grants_today().map(|grant| grant.role)
    }

    /// The grants that hold today, as far as the token lets them be used.
    pub fn grants_today(&self) -> impl Iterator<Item = &RoleGrant> + '_ {
        self.grants.iter().filter(|grant| grant.holds_on(self.today) && self.token.scope.allows(grant.role))
    }

    /// Whether the token may all that its owner may.
    pub fn is_whole(&self) -> bool {
        self.token.kind == TokenKind::Person && self.token.scope == TokenScope::default()
    }

    /// Their act, now.
    pub(crate) fn act(&self) -> Act {
        Act { origin: self.origin.clone(), token: Some(self.token.id), ..Act::by(self.person.id, self.now) }
    }

    /// Their act, repeatable, or only to see whether it would succeed.
    pub(crate) fn create(&self, request: Option<RequestId>, dry_run: bool) -> Act {
        Act { dry_run, ..self.act().under(request) }
    }

    /// Whether they may make the call about this; which rows it may then see.
    pub(crate) fn may(&self, about: About) -> Result<Scope, Status> {
        authorise(self, self.call, about).map_err(|denied| self.denied(denied, about))
    }

    fn denied(&self, denied: Denied, about: About) -> Status {
        match denied {
            Denied::Unseen => status::unseen(about),
            Denied::Forbidden => status::forbidden(self.call),
            Denied::TokenReads => status::token_reads(self.call),
            Denied::TokenNarrow => status::token_narrow(self.call),
        }
    }

    /// Whether they know of a committee: who runs the region, who edits or approves its paper, whoever reports to it.
    pub(crate) fn sees_committee(&self, region: &Region, committee: &Committee) -> bool {
        self.sees_all(region)
            || self.roles().any(|role| {
                role.committee() == Some(committee.id) || role.partnership().is_some_and(|own| committee.partnerships.contains(&own))
            })
    }

    /// Whether they know of everything in a region.
    pub(crate) fn sees_all(&self, region: &Region) -> bool {
        self.roles().any(|role| role == Role::SystemAdministrator || (role == Role::Administrator && region.id == self.region.id))
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

    /// Finds out who makes a call that their roles allow about something at least. Every refusal of a token reads the same: what
    /// was wrong with it is nobody's business but its owner's. Whoever tries one after another is refused before the store is
    /// asked. Whoever may never make the call hears so before anything is looked up, so that the answer does not depend on what
    /// there is.
    pub(crate) async fn authenticate(&self, headers: &HeaderMap, address: Option<IpAddr>, call: Call) -> Result<Caller, Status> {
        let header = headers.get("authorization").ok_or_else(status::unauthenticated)?;
        let now = self.clock.now();
        let presented = header
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")))
            .and_then(|value| Secret::parse(value.trim()));
        let hash = presented.as_ref().map(Secret::hash);
        self.limiter.may_try(address, hash.as_ref(), now).map_err(status::too_much)?;
        let Some((credential, sight)) = self.credential(presented, now).await? else {
            self.limiter.failed(address, hash.as_ref(), now);
            return Err(status::unauthenticated());
        };
        self.limiter.succeeded(credential.hash, now);
        let token = Token { last_used_at: credential.noted.last(), ..credential.token.clone() };
        if credential.noted.is_due(now, NOTE_USE_EVERY) {
            self.store.token_used(Scope::Region(credential.region.id), credential.token.id, now).await.map_err(|e| self.refuse(e))?;
        }
        let caller = Caller {
            call,
            today: calendar::civil_day(now, credential.region.zone),
            person: credential.person.clone(),
            region: credential.region.clone(),
            grants: credential.grants.clone(),
            token,
            now,
            origin: address.map(|address| address.to_string()),
            sight,
        };
        may_ever(&caller, call).map_err(|denied| caller.denied(denied, About::Service))?;
        Ok(caller)
    }

    /// What is known of a token that opens doors; none for any other.
    async fn credential(&self, presented: Option<Secret>, now: Instant) -> Result<Option<(Arc<Credential>, Sight)>, Status> {
        let Some(presented) = presented else { return Ok(None) };
        let found = self.store.recognise(presented.id()).await.map_err(|e| self.refuse(e))?;
        Ok(found.filter(|(credential, _)| opens(&presented, credential, now)))
    }
}

/// Whether what was presented is this token, or was it until its last rotation a while ago. Compared in constant time.
fn opens(presented: &Secret, credential: &Credential, now: Instant) -> bool {
    let hash = presented.hash().to_string();
    let same = |known: &Hash| -> bool { hash.as_bytes().ct_eq(known.to_string().as_bytes()).into() };
    let current = same(&credential.hash);
    let previous = credential.previous.as_ref().is_some_and(same) && credential.token.previous_until.is_some_and(|until| now < until);
    (current || previous) && presented.kind() == credential.token.kind && credential.token.is_live(now)
}
