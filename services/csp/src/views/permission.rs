//! Who may do what.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    output::{Page, Show},
    words::Coded,
};

#[derive(Debug, Serialize)]
struct PermissionView {
    method: String,
    roles: Vec<Coded<v1::Role>>,
    oneself: bool,
    reading: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct PermissionList {
    permissions: Vec<PermissionView>,
}

impl From<v1::ListPermissionsResponse> for PermissionList {
    fn from(answer: v1::ListPermissionsResponse) -> Self {
        let permissions = answer
            .permissions
            .into_iter()
            .map(|permission| {
                let v1::Permission { method, roles, oneself, reading } = permission;
                PermissionView { method, roles: roles.into_iter().map(Coded::of).collect(), oneself, reading }
            })
            .collect();
        Self { permissions }
    }
}

/// The columns, from the widest power to the narrowest.
const ROLES: [v1::Role; 6] =
    [v1::Role::SystemAdministrator, v1::Role::Administrator, v1::Role::Editor, v1::Role::Approver, v1::Role::Officer, v1::Role::Lead];

/// `CreateRoleGrant` as `create role grant`.
fn in_words(method: &str) -> String {
    let mut words = String::new();
    for (at, letter) in method.char_indices() {
        if letter.is_uppercase() && at > 0 {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

impl Show for PermissionList {
    fn draw(&self, page: &mut Page) {
        let rows: Vec<[String; 9]> = self
            .permissions
            .iter()
            .map(|permission| {
                let method = permission.method.rsplit('/').next().unwrap_or_default();
                let mark = |holds: bool| if holds { "yes" } else { "–" }.to_owned();
                let [service, region, editor, approver, officer, lead] =
                    ROLES.map(|role| mark(permission.roles.iter().any(|coded| coded.is(role))));
                let changes = if permission.reading { "reads" } else { "changes" }.to_owned();
                [in_words(method), changes, service, region, editor, approver, officer, lead, mark(permission.oneself)]
            })
            .collect();
        let head = ["Call", "Kind", "Service", "Region", "Editor", "Approver", "Officer", "Lead", "Oneself"];
        page.table(head, rows, "The server names no calls.");
        page.line("Service, Region: administrators of the service, and of the region.");
    }
}
