//! Persons, what they may do, and their tokens.

use chrono::TimeDelta;
use csp_domain::{
    Instant, Scope, calendar,
    id::{PersonId, RegionId, RoleGrantId, TokenId},
    person::{NewPerson, Person, Role, RoleGrant},
    region::Region,
    text::Line,
    token::{NewToken, Secret, Token, TokenKind, TokenScope},
};
use csp_proto::v1::{self, person_service_server::PersonService};
use tonic::{Request, Response, Status};

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults},
    names, status,
};

pub(crate) fn to_proto(region: &Region, person: &Person) -> v1::Person {
    v1::Person {
        name: names::person(region, person),
        display_name: person.name.to_string(),
        email: person.email.as_str().to_owned(),
        create_time: Some(convert::timestamp(person.created_at)),
        etag: person.revision.to_string(),
    }
}

fn role_to_proto(role: Role) -> v1::Role {
    match role {
        Role::SystemAdministrator => v1::Role::SystemAdministrator,
        Role::Administrator => v1::Role::Administrator,
        Role::Editor(_) => v1::Role::Editor,
        Role::Approver(_) => v1::Role::Approver,
        Role::Officer(_) => v1::Role::Officer,
        Role::Lead(_) => v1::Role::Lead,
    }
}

/// Reads when a token is to end: a while ahead unless said otherwise.
fn token_end(faults: &mut Faults, field: &str, given: Option<prost_types::Timestamp>, now: Instant) -> Option<Instant> {
    let expires_at = match given {
        None => Some(now + Token::DEFAULT_LIFE),
        stamp @ Some(_) => faults.instant(field, stamp),
    };
    if expires_at.is_some_and(|end| end <= now || end > now + Token::MAX_LIFE) {
        faults.add(field, format!("must lie ahead, by at most {} days", Token::MAX_LIFE.num_days()));
    }
    expires_at
}

/// Reads for how long the secret of before opens doors too.
fn overlap(faults: &mut Faults, given: Option<prost_types::Duration>) -> TimeDelta {
    let Some(given) = given else { return Token::DEFAULT_OVERLAP };
    let read = u32::try_from(given.nanos).ok().and_then(|nanos| TimeDelta::new(given.seconds, nanos));
    match read {
        Some(time) if time <= Token::MAX_OVERLAP && time >= TimeDelta::zero() => time,
        _ => {
            faults.add("overlap", format!("must be between nothing and {} days", Token::MAX_OVERLAP.num_days()));
            Token::DEFAULT_OVERLAP
        }
    }
}

impl Api {
    pub(crate) async fn grant_to_proto(
        &self,
        caller: &Caller,
        region: &Region,
        person: &Person,
        grant: &RoleGrant,
    ) -> Result<v1::RoleGrant, Status> {
        let (committee, partnership) = self.what_for(caller, region, grant.role).await?;
        Ok(v1::RoleGrant {
            name: format!("{}/roleGrants/{}", names::person(region, person), grant.id),
            role: role_to_proto(grant.role).into(),
            committee,
            partnership,
            deputy: grant.deputy,
            start_date: grant.starts_on.to_string(),
            end_date: grant.ends_on.map(|day| day.to_string()).unwrap_or_default(),
        })
    }

    /// The names of the committee and the partnership that a role is for.
    async fn what_for(&self, caller: &Caller, region: &Region, role: Role) -> Result<(String, String), Status> {
        let seen = self.seen(caller, region);
        let committee = match role.committee() {
            Some(id) => names::committee(region, &*seen.committee_by_id(id).await.map_err(|e| self.refuse(e))?),
            None => String::new(),
        };
        let partnership = match role.partnership() {
            Some(id) => names::partnership(region, &*seen.partnership_by_id(id).await.map_err(|e| self.refuse(e))?),
            None => String::new(),
        };
        Ok((committee, partnership))
    }

    pub(crate) async fn token_to_proto(
        &self,
        caller: &Caller,
        region: &Region,
        person: &Person,
        token: &Token,
    ) -> Result<v1::Token, Status> {
        let scope = if token.scope == TokenScope::default() {
            None
        } else {
            let (committee, partnership) = match token.scope.role {
                Some(role) => self.what_for(caller, region, role).await?,
                None => Default::default(),
            };
            let role = token.scope.role.map_or(v1::Role::Unspecified, role_to_proto);
            Some(v1::TokenScope { role: role.into(), committee, partnership, reading: token.scope.reading })
        };
        Ok(v1::Token {
            name: format!("{}/tokens/{}", names::person(region, person), token.id),
            label: token.label.to_string(),
            create_time: Some(convert::timestamp(token.created_at)),
            expire_time: Some(convert::timestamp(token.expires_at)),
            revoke_time: token.revoked_at.map(convert::timestamp),
            last_use_time: token.last_used_at.map(convert::timestamp),
            machine: token.kind == TokenKind::Machine,
            scope,
            previous_secret_expire_time: token.previous_until.map(convert::timestamp),
        })
    }

    /// How much a token is to be allowed, with everything that is wrong with it.
    async fn token_scope(
        &self,
        caller: &Caller,
        region: &Region,
        given: Option<v1::TokenScope>,
        machine: bool,
        faults: &mut Faults,
    ) -> Result<Option<TokenScope>, Status> {
        let v1::TokenScope { role, committee, partnership, reading } = given.unwrap_or_default();
        let role = if role == i32::from(v1::Role::Unspecified) {
            for (field, value) in [("committee", &committee), ("partnership", &partnership)] {
                if !value.is_empty() {
                    faults.add(format!("token.scope.{field}"), "must be empty when no role is named");
                }
            }
            None
        } else {
            match self.role(caller, region, "token.scope", role, &committee, &partnership, faults).await? {
                Some(role) => Some(role),
                None => return Ok(None),
            }
        };
        if machine && !matches!(role, Some(Role::Officer(_))) {
            faults.add("token.scope.role", "must be officer: a machine sends in and reads, people sign");
        }
        Ok(Some(TokenScope { role, reading }))
    }

    /// The role that a grant or a token names, with everything that is wrong with it. `place` is the field it stands in.
    #[expect(clippy::too_many_arguments, reason = "each is a different thing, and most are the fields of one message")]
    async fn role(
        &self,
        caller: &Caller,
        region: &Region,
        place: &str,
        role: i32,
        committee: &str,
        partnership: &str,
        faults: &mut Faults,
    ) -> Result<Option<Role>, Status> {
        let unwanted = |faults: &mut Faults, field: &str, value: &str, role: &str| {
            if !value.is_empty() {
                faults.add(format!("{place}.{field}"), format!("must be empty for {role}"));
            }
        };
        let same_region = |found: RegionId, field: &str, faults: &mut Faults| {
            if found != region.id {
                faults.add(format!("{place}.{field}"), "must be in the person's own region");
            }
        };
        Ok(match v1::Role::try_from(role) {
            Ok(v1::Role::SystemAdministrator) => {
                unwanted(faults, "committee", committee, "a system administrator");
                unwanted(faults, "partnership", partnership, "a system administrator");
                if region.id != RegionId::SYSTEM {
                    faults.add(format!("{place}.role"), "must not be system administrator here: that is held in regions/system alone");
                }
                Some(Role::SystemAdministrator)
            }
            Ok(v1::Role::Administrator) => {
                unwanted(faults, "committee", committee, "an administrator");
                unwanted(faults, "partnership", partnership, "an administrator");
                Some(Role::Administrator)
            }
            Ok(kind @ (v1::Role::Editor | v1::Role::Approver)) => {
                unwanted(faults, "partnership", partnership, "an editor or approver");
                if committee.is_empty() {
                    faults.add(format!("{place}.committee"), "must be set for an editor or approver, like regions/…/committees/…");
                    return Ok(None);
                }
                let (of, found) = self.committee_of(caller, &format!("{place}.committee"), committee).await?;
                same_region(of.id, "committee", faults);
                Some(if kind == v1::Role::Editor { Role::Editor(found.id) } else { Role::Approver(found.id) })
            }
            Ok(kind @ (v1::Role::Officer | v1::Role::Lead)) => {
                unwanted(faults, "committee", committee, "an officer or lead");
                if partnership.is_empty() {
                    faults.add(format!("{place}.partnership"), "must be set for an officer or lead, like regions/…/partnerships/…");
                    return Ok(None);
                }
                let (of, found) = self.partnership_of(caller, &format!("{place}.partnership"), partnership).await?;
                same_region(of.id, "partnership", faults);
                Some(if kind == v1::Role::Officer { Role::Officer(found.id) } else { Role::Lead(found.id) })
            }
            Ok(v1::Role::Unspecified) | Err(_) => {
                faults.add(format!("{place}.role"), "must be administrator, editor, approver, officer or lead");
                None
            }
        })
    }

    /// `regions/…/persons/…/{collection}/{id}`.
    async fn of_person(
        &self,
        caller: &Caller,
        name: &str,
        collection: &str,
        what: &'static str,
    ) -> Result<(Region, Person, uuid::Uuid), Status> {
        let parts = names::pattern("name", name, &["regions", "persons", collection])?;
        let region = self.region_named(caller, parts[0]).await?;
        // Whose it would be is told to nobody who may not see it: a person who is there and one who is not look alike.
        let person = self.person_in(&region, parts[1]).await.map_err(status::absent(what))?;
        Ok((region, person, names::uuid(what, parts[2])?))
    }
}

impl Api {
    /// `regions/…/persons/…/tokens/{id}`, if the caller may do with it what they are about to.
    async fn token_of(&self, caller: &Caller, name: &str) -> Result<(Region, Person, Token, Scope), Status> {
        let (region, person, id) = self.of_person(caller, name, "tokens", "token").await?;
        let scope = caller.may(About::Token(region.id, person.id, TokenId(id)))?;
        let token = self.store.get_token(scope, TokenId(id)).await.map_err(|e| self.refuse(e))?;
        if token.person == person.id { Ok((region, person, token, scope)) } else { Err(status::not_found("token")) }
    }
}

#[tonic::async_trait]
impl PersonService for Api {
    async fn create_person(&self, request: Request<v1::CreatePersonRequest>) -> Result<Response<v1::Person>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreatePersonRequest { parent, person, person_id, request_id: _ } = message;
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let v1::Person { name: _, display_name, email, create_time: _, etag: _ } = person.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let slug = faults.slug("person_id", &person_id);
        let name = faults.line("person.display_name", &display_name, Line::NAME);
        let email = faults.take("person.email", email.parse());
        let (slug, name, email) = faults.all(slug.zip(name).zip(email).map(|((a, b), c)| (a, b, c)))?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let new = NewPerson { id: PersonId(self.chance.id(caller.now)), slug, name, email };
        let made = self.store.create_person(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(to_proto(&region, &made)))
    }

    async fn get_person(&self, request: Request<v1::GetPersonRequest>) -> Result<Response<v1::Person>, Status> {
        let caller = self.caller(&request).await?;
        let v1::GetPersonRequest { name } = request.into_inner();
        let (region, found) = self.person_of(&caller, "name", &name).await?;
        caller.may(About::Person(region.id, found.id))?;
        Ok(Response::new(to_proto(&region, &found)))
    }

    async fn list_persons(&self, request: Request<v1::ListPersonsRequest>) -> Result<Response<v1::ListPersonsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListPersonsRequest { parent, page_size, page_token } = request.into_inner();
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_persons(scope, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let persons = listing.items.iter().map(|found| to_proto(&region, found)).collect();
        Ok(Response::new(v1::ListPersonsResponse { persons, next_page_token }))
    }

    async fn update_person(&self, request: Request<v1::UpdatePersonRequest>) -> Result<Response<v1::Person>, Status> {
        let caller = self.caller(&request).await?;
        let v1::UpdatePersonRequest { person, update_mask } = request.into_inner();
        let v1::Person { name, display_name, email, create_time: _, etag } = person.unwrap_or_default();
        let (region, found) = self.person_of(&caller, "person.name", &name).await?;
        let scope = caller.may(About::Person(region.id, found.id))?;
        let mask = convert::mask(update_mask, &["display_name", "email"])?;
        let mut faults = Faults::default();
        let (mut name, mut address) = (None, None);
        for path in &mask {
            match path.as_str() {
                "display_name" => name = faults.line("person.display_name", &display_name, Line::NAME),
                _ => address = faults.take("person.email", email.parse()),
            }
        }
        let revision = faults.etag("person.etag", &etag);
        faults.check()?;
        let changed =
            self.store.update_person(scope, &caller.act(), found.id, name, address, revision).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(to_proto(&region, &changed)))
    }

    async fn create_role_grant(&self, request: Request<v1::CreateRoleGrantRequest>) -> Result<Response<v1::RoleGrant>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateRoleGrantRequest { parent, role_grant, request_id: _ } = message;
        let (region, person) = self.person_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Person(region.id, person.id))?;
        let v1::RoleGrant { name: _, role, committee, partnership, deputy, start_date, end_date } = role_grant.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let starts_on = faults.optional_date("role_grant.start_date", &start_date);
        let ends_on = faults.optional_date("role_grant.end_date", &end_date);
        let today = calendar::civil_day(caller.now, region.zone);
        let starts_on = starts_on.unwrap_or(today);
        if ends_on.is_some_and(|end| end < starts_on) {
            faults.add("role_grant.end_date", "must not come before the first day");
        }
        let role = self.role(&caller, &region, "role_grant", role, &committee, &partnership, &mut faults).await?;
        let role = faults.all(role)?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let new = RoleGrant { id: RoleGrantId(self.chance.id(caller.now)), person: person.id, role, deputy, starts_on, ends_on };
        let made = self.store.create_role_grant(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.grant_to_proto(&caller, &region, &person, &made).await?))
    }

    async fn list_role_grants(&self, request: Request<v1::ListRoleGrantsRequest>) -> Result<Response<v1::ListRoleGrantsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListRoleGrantsRequest { parent, page_size, page_token } = request.into_inner();
        let (region, person) = self.person_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Person(region.id, person.id))?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_role_grants(scope, person.id, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let mut role_grants = Vec::with_capacity(listing.items.len());
        for grant in &listing.items {
            role_grants.push(self.grant_to_proto(&caller, &region, &person, grant).await?);
        }
        Ok(Response::new(v1::ListRoleGrantsResponse { role_grants, next_page_token }))
    }

    async fn end_role_grant(&self, request: Request<v1::EndRoleGrantRequest>) -> Result<Response<v1::RoleGrant>, Status> {
        let caller = self.caller(&request).await?;
        let v1::EndRoleGrantRequest { name } = request.into_inner();
        let (region, person, id) = self.of_person(&caller, &name, "roleGrants", "role").await?;
        let scope = caller.may(About::Person(region.id, person.id))?;
        let grant = self.store.get_role_grant(scope, RoleGrantId(id)).await.map_err(|e| self.refuse(e))?;
        if grant.person != person.id {
            return Err(status::not_found("role"));
        }
        let today = calendar::civil_day(caller.now, region.zone);
        let ended = self.store.end_role_grant(scope, &caller.act(), grant.id, today).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.grant_to_proto(&caller, &region, &person, &ended).await?))
    }

    async fn create_token(&self, request: Request<v1::CreateTokenRequest>) -> Result<Response<v1::CreateTokenResponse>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateTokenRequest { parent, token, request_id: _ } = message;
        let (region, person) = self.person_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Person(region.id, person.id))?;
        let v1::Token {
            name: _,
            label,
            create_time: _,
            expire_time,
            revoke_time: _,
            last_use_time: _,
            machine,
            scope: narrowed,
            previous_secret_expire_time: _,
        } = token.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let label = faults.line("token.label", &label, Line::NAME);
        let expires_at = token_end(&mut faults, "token.expire_time", expire_time, caller.now);
        let kind = if machine { TokenKind::Machine } else { TokenKind::Person };
        let narrowed = self.token_scope(&caller, &region, narrowed, machine, &mut faults).await?;
        let (label, expires_at, narrowed) = faults.all(label.zip(expires_at).zip(narrowed).map(|((a, b), c)| (a, b, c)))?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let secret = Secret::generate(kind, self.chance.as_ref());
        let new = NewToken {
            id: TokenId(self.chance.id(caller.now)),
            public_id: secret.id().to_owned(),
            hash: secret.hash(),
            kind,
            person: person.id,
            scope: narrowed,
            label,
            expires_at,
        };
        let made = self.store.create_token(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        let token = Some(self.token_to_proto(&caller, &region, &person, &made).await?);
        Ok(Response::new(v1::CreateTokenResponse { token, secret: secret.reveal() }))
    }

    async fn list_tokens(&self, request: Request<v1::ListTokensRequest>) -> Result<Response<v1::ListTokensResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListTokensRequest { parent, page_size, page_token } = request.into_inner();
        let (region, person) = self.person_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Person(region.id, person.id))?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_tokens(scope, person.id, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let mut tokens = Vec::with_capacity(listing.items.len());
        for token in &listing.items {
            tokens.push(self.token_to_proto(&caller, &region, &person, token).await?);
        }
        Ok(Response::new(v1::ListTokensResponse { tokens, next_page_token }))
    }

    async fn rotate_token(&self, request: Request<v1::RotateTokenRequest>) -> Result<Response<v1::RotateTokenResponse>, Status> {
        let caller = self.caller(&request).await?;
        let mut message = request.into_inner();
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::RotateTokenRequest { name, overlap: given, expire_time, request_id: _ } = message;
        let (region, person, token, scope) = self.token_of(&caller, &name).await?;
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let overlap = overlap(&mut faults, given);
        let expires_at = token_end(&mut faults, "expire_time", expire_time, caller.now);
        let expires_at = faults.all(expires_at)?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let secret = Secret::rotate(token.kind, &token.public_id, self.chance.as_ref());
        let rotated = self
            .store
            .rotate_token(scope, &act, token.id, secret.hash(), expires_at, caller.now + overlap)
            .await
            .map_err(|e| self.refuse(e))?;
        let token = Some(self.token_to_proto(&caller, &region, &person, &rotated).await?);
        Ok(Response::new(v1::RotateTokenResponse { token, secret: secret.reveal() }))
    }

    async fn revoke_token(&self, request: Request<v1::RevokeTokenRequest>) -> Result<Response<v1::Token>, Status> {
        let caller = self.caller(&request).await?;
        let v1::RevokeTokenRequest { name } = request.into_inner();
        let (region, person, token, scope) = self.token_of(&caller, &name).await?;
        let revoked = self.store.revoke_token(scope, &caller.act(), token.id).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(self.token_to_proto(&caller, &region, &person, &revoked).await?))
    }
}
