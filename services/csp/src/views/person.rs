//! Persons, their roles and their tokens.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    names::short,
    output::{Page, Show},
    words::Coded,
};

use super::{given, term};

#[derive(Debug, Serialize)]
pub(crate) struct PersonView {
    name: String,
    pub(crate) display_name: String,
    email: String,
    create_time: Option<Instant>,
    etag: Option<String>,
}

impl From<v1::Person> for PersonView {
    fn from(person: v1::Person) -> Self {
        let v1::Person { name, display_name, email, create_time, etag } = person;
        Self { name, display_name, email, create_time: instant(create_time), etag: given(etag) }
    }
}

impl Show for PersonView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.display_name);
        let entered = page.when(self.create_time);
        page.facts([("Person", short(&self.name)), ("Address", self.email.clone()), ("Entered", entered)]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct PersonList {
    pub(crate) persons: Vec<PersonView>,
}

impl Show for PersonList {
    fn draw(&self, page: &mut Page) {
        let rows = self.persons.iter().map(|p| [short(&p.name), p.display_name.clone(), p.email.clone()]);
        page.table(["Person", "Called", "Address"], rows, "There are no persons.");
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct RoleGrantView {
    name: String,
    role: Coded<v1::Role>,
    committee: Option<String>,
    partnership: Option<String>,
    deputy: bool,
    start_date: Option<String>,
    end_date: Option<String>,
}

impl From<v1::RoleGrant> for RoleGrantView {
    fn from(grant: v1::RoleGrant) -> Self {
        let v1::RoleGrant { name, role, committee, partnership, deputy, start_date, end_date } = grant;
        Self {
            name,
            role: Coded::of(role),
            committee: given(committee),
            partnership: given(partnership),
            deputy,
            start_date: given(start_date),
            end_date: given(end_date),
        }
    }
}

impl RoleGrantView {
    /// `officer of gateshead (deputy)`.
    pub(crate) fn words(&self) -> String {
        let of = self.partnership.as_ref().or(self.committee.as_ref()).map(|name| format!(" of {}", short(name))).unwrap_or_default();
        format!("{}{of}{}", self.role.words(), if self.deputy { " (deputy)" } else { "" })
    }
}

impl Show for RoleGrantView {
    fn draw(&self, page: &mut Page) {
        page.title(self.words());
        page.facts([("Role", short(&self.name)), ("Term", term(self.start_date.as_deref(), self.end_date.as_deref()))]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct RoleGrantList {
    pub(crate) role_grants: Vec<RoleGrantView>,
}

impl Show for RoleGrantList {
    fn draw(&self, page: &mut Page) {
        let rows = self.role_grants.iter().map(|g| [short(&g.name), g.words(), term(g.start_date.as_deref(), g.end_date.as_deref())]);
        page.table(["Role", "What", "Term"], rows, "No roles are held.");
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct TokenView {
    pub(crate) name: String,
    label: String,
    machine: bool,
    scope: Option<TokenScopeView>,
    create_time: Option<Instant>,
    pub(crate) expire_time: Option<Instant>,
    revoke_time: Option<Instant>,
    last_use_time: Option<Instant>,
    previous_secret_expire_time: Option<Instant>,
}

#[derive(Debug, Serialize)]
pub(crate) struct TokenScopeView {
    role: Coded<v1::Role>,
    committee: Option<String>,
    partnership: Option<String>,
    reading: bool,
}

impl From<v1::TokenScope> for TokenScopeView {
    fn from(scope: v1::TokenScope) -> Self {
        let v1::TokenScope { role, committee, partnership, reading } = scope;
        Self { role: Coded::of(role), committee: given(committee), partnership: given(partnership), reading }
    }
}

impl TokenView {
    /// `all its owner may`, `officer of gateshead, reading only (a machine’s)`.
    fn may(&self) -> String {
        let role = self.scope.as_ref().filter(|scope| !scope.role.is(v1::Role::Unspecified)).map(|scope| {
            let of = scope.partnership.as_ref().or(scope.committee.as_ref()).map(|name| format!(" of {}", short(name))).unwrap_or_default();
            format!("{}{of}", scope.role.words())
        });
        let reading = if self.scope.as_ref().is_some_and(|scope| scope.reading) { ", reading only" } else { "" };
        let machine = if self.machine { " (a machine’s)" } else { "" };
        format!("{}{reading}{machine}", role.unwrap_or_else(|| "all its owner may".to_owned()))
    }
}

impl From<v1::Token> for TokenView {
    fn from(token: v1::Token) -> Self {
        let v1::Token { name, label, create_time, expire_time, revoke_time, last_use_time, machine, scope, previous_secret_expire_time } =
            token;
        Self {
            name,
            label,
            machine,
            scope: scope.map(Into::into),
            create_time: instant(create_time),
            expire_time: instant(expire_time),
            revoke_time: instant(revoke_time),
            last_use_time: instant(last_use_time),
            previous_secret_expire_time: instant(previous_secret_expire_time),
        }
    }
}

impl Show for TokenView {
    fn draw(&self, page: &mut Page) {
        page.title(&self.label);
        let times = [self.create_time, self.expire_time, self.previous_secret_expire_time, self.revoke_time, self.last_use_time];
        let [made, ends, previous, revoked, used] = times.map(|time| page.when(time));
        page.facts([
            ("Token", short(&self.name)),
            ("May", self.may()),
            ("Made", made),
            ("Ends", ends),
            ("Its old secret ends", previous),
            ("Taken away", revoked),
            ("Last used", used),
        ]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct TokenList {
    pub(crate) tokens: Vec<TokenView>,
}

impl Show for TokenList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .tokens
            .iter()
            .map(|t| {
                let stands = t.revoke_time.map_or_else(|| page.when(t.expire_time), |_| "taken away".to_owned());
                [short(&t.name), t.label.clone(), t.may(), page.when(t.create_time), stands, page.when(t.last_use_time)]
            })
            .collect();
        page.table(["Token", "For", "May", "Made", "Ends", "Last used"], rows, "There are no tokens.");
    }
}

/// A new token with its secret: for programs only. People get the secret alone.
#[derive(Debug, Serialize)]
pub(crate) struct NewTokenView {
    pub(crate) token: Option<TokenView>,
    pub(crate) secret: String,
}

impl Show for NewTokenView {
    fn draw(&self, page: &mut Page) {
        page.line(&self.secret);
    }
}
