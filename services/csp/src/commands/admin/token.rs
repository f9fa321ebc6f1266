//! `csp admin token`.

use chrono::NaiveTime;
use chrono_tz::Tz;
use clap::Subcommand;
use csp_proto::v1;

use super::options;
use crate::{
    dates::{instant, parse_instant},
    error::{Error, Kind},
    names::short,
    session::{Session, all_pages},
    views::person::{NewTokenView, TokenList, TokenView},
    words::RoleOption,
};

const WORDS: &[(&str, &str)] = &[
    ("parent", "PERSON"),
    ("label", "--label"),
    ("expire_time", "--expires"),
    ("overlap", "--overlap"),
    ("role", "--role"),
    ("committee", "--committee"),
    ("partnership", "--partnership"),
];

/// For so many days an old secret opens doors too.
pub(crate) const OVERLAP: u16 = 7;

/// The last minute of a day as typed.
pub(crate) fn last_minute(typed: Option<&str>, zone: Tz) -> Result<Option<prost_types::Timestamp>, Error> {
    typed.map(|typed| parse_instant(typed, NaiveTime::from_hms_opt(23, 59, 0), zone, "--expires")).transpose()
}

/// Asks for a new secret.
pub(crate) fn rotation(name: String, overlap: u16, expire_time: Option<prost_types::Timestamp>) -> v1::RotateTokenRequest {
    let overlap = Some(prost_types::Duration { seconds: i64::from(overlap) * 24 * 60 * 60, nanos: 0 });
    v1::RotateTokenRequest { name, overlap, expire_time, request_id: String::new() }
}

/// Says when a rotated token ends, and when its old secret does.
pub(crate) fn told(session: &mut Session<'_>, token: Option<&v1::Token>, zone: Tz) {
    let Some(token) = token else { return };
    let ends = instant(token.expire_time).map(|at| format!(" It ends on {}.", at.in_zone(zone))).unwrap_or_default();
    session.terminal.announce(&format!("The token {} has a new secret.{ends}", short(&token.name)));
    if let Some(until) = instant(token.previous_secret_expire_time) {
        session.terminal.say(format!("The old secret opens doors too until {}.", until.in_zone(zone)));
    }
}

/// Make and take away access tokens
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin token create jo-brown --label laptop > jo-brown.token")]
pub(crate) enum Token {
    /// Make a token. Its secret is printed this once, alone, so that it can go into a file
    #[command(after_help = "\
Examples:
  csp admin token create jo-brown --label laptop > jo-brown.token
  csp admin token create jo-brown --label laptop --expires 2022-06-30
  csp admin token create jo-brown --label cases --machine \\
      --role officer --partnership gateshead
  csp admin token create sam-hill --label spreadsheet --reading")]
    Create {
        /// The person's short name
        person: String,
        /// What it is for
        #[arg(long)]
        label: String,
        /// Last day; 200 days ahead when not given, 400 at most
        #[arg(long, value_name = "DAY")]
        expires: Option<String>,
        /// For a system of a partnership's own, in this person's name; needs --role officer and --partnership
        #[arg(long)]
        machine: bool,
        /// Of the person's roles only this one; all of them when not given
        #[arg(long, value_enum)]
        role: Option<RoleOption>,
        /// Of that role, for which committee
        #[arg(long, requires = "role")]
        committee: Option<String>,
        /// Of that role, for which partnership
        #[arg(long, requires = "role")]
        partnership: Option<String>,
        /// Only to read: it changes nothing
        #[arg(long)]
        reading: bool,
    },
    /// Give a token a new secret, printed this once; the old one opens doors too for a while
    #[command(after_help = "\
Examples:
  csp admin token rotate jo-brown/0190b0a2-7c1e-7000-8000-000000000001

One's own token is rotated, and kept, by: csp token rotate")]
    Rotate {
        /// The token, as `csp admin token list` lists it
        token: String,
        /// For how many days the old secret opens doors too, 30 at most
        #[arg(long, value_name = "DAYS", default_value_t = OVERLAP, value_parser = clap::value_parser!(u16).range(0..=30))]
        overlap: u16,
        /// Last day; 200 days ahead when not given, 400 at most
        #[arg(long, value_name = "DAY")]
        expires: Option<String>,
    },
    /// List a person's tokens, without their secrets
    #[command(after_help = "Example:\n  csp admin token list jo-brown")]
    List {
        /// The person's short name
        person: String,
    },
    /// Take a token away, from the next call on
    #[command(after_help = "Example:\n  csp admin token revoke jo-brown/0190b0a2-7c1e-7000-8000-000000000001")]
    Revoke {
        /// The token, as `csp admin token list` lists it
        token: String,
    },
}

impl Token {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let names = session.names().await?;
        match self {
            Self::Create { person, label, expires, machine, role, committee, partnership, reading } => {
                let zone = session.zone().await;
                let expire_time = last_minute(expires.as_deref(), zone)?;
                let scope = v1::TokenScope {
                    role: role.map_or(v1::Role::Unspecified.into(), RoleOption::code),
                    committee: committee.map(|typed| names.committee(&typed)).transpose()?.unwrap_or_default(),
                    partnership: partnership.map(|typed| names.partnership(&typed)).transpose()?.unwrap_or_default(),
                    reading,
                };
                let scope = Some(scope).filter(|scope| *scope != v1::TokenScope::default());
                let token = v1::Token { label, expire_time, machine, scope, ..Default::default() };
                let parent = names.person(&person)?;
                let question = v1::CreateTokenRequest { parent, token: Some(token), request_id: String::new() };
                let made = session.create_token(question).await.map_err(|error| match error.kind {
                    Kind::Conflict => error
                        .hint("If the line broke while the token was made, its secret is lost. Take it away and make another:")
                        .hint(format!("  csp admin token list {person}")),
                    _ => options(error, WORDS),
                })?;
                if let Some(token) = &made.token {
                    let ends = instant(token.expire_time).map(|at| format!(" It ends on {}.", at.in_zone(zone))).unwrap_or_default();
                    session.terminal.announce(&format!("The token {} is made.{ends}", short(&token.name)));
                }
                session.terminal.say("Below is its secret. It cannot be shown again: hand it over safely, never by ordinary mail.");
                if !machine {
                    session.terminal.say("Its owner logs in with it: csp login");
                }
                session.show(&NewTokenView { token: made.token.map(Into::into), secret: made.secret }).await
            }
            Self::List { person } => {
                let parent = names.person(&person)?;
                let tokens = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let answer = session.list_tokens(v1::ListTokensRequest { parent, page_size: 500, page_token }).await?;
                    Ok((answer.tokens, answer.next_page_token))
                })
                .await?;
                session.show(&TokenList { tokens: tokens.into_iter().map(Into::into).collect() }).await
            }
            Self::Rotate { token, overlap, expires } => {
                let zone = session.zone().await;
                let question = rotation(names.token(&token)?, overlap, last_minute(expires.as_deref(), zone)?);
                let made = session.rotate_token(question).await.map_err(|error| options(error, WORDS))?;
                told(session, made.token.as_ref(), zone);
                session.terminal.say("Below is its new secret. It cannot be shown again: hand it over safely, never by ordinary mail.");
                session.show(&NewTokenView { token: made.token.map(Into::into), secret: made.secret }).await
            }
            Self::Revoke { token } => {
                let name = names.token(&token)?;
                session.confirm(&format!("This takes the token {token} away; whoever uses it is shut out."))?;
                let token = session.revoke_token(v1::RevokeTokenRequest { name }).await?;
                session.terminal.announce("The token is taken away.");
                session.show(&TokenView::from(token)).await
            }
        }
    }
}
