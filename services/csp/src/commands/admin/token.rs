//! `csp admin token`.

use chrono::NaiveTime;
use clap::Subcommand;
use csp_proto::v1;

use super::options;
use crate::{
    dates::{instant, parse_instant},
    error::{Error, Kind},
    names::short,
    session::{Session, all_pages},
    views::person::{NewTokenView, TokenList, TokenView},
};

const WORDS: &[(&str, &str)] = &[("parent", "PERSON"), ("label", "--label"), ("expire_time", "--expires")];

/// Make and take away access tokens
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp admin token create jo-brown --label laptop > jo-brown.token")]
pub(crate) enum Token {
    /// Make a token. Its secret is printed this once, alone, so that it can go into a file
    #[command(after_help = "\
Examples:
  csp admin token create jo-brown --label laptop > jo-brown.token
  csp admin token create jo-brown --label laptop --expires 2022-06-30")]
    Create {
        /// The person's short name
        person: String,
        /// What it is for
        #[arg(long)]
        label: String,
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
            Self::Create { person, label, expires } => {
                let zone = session.zone().await;
                let last_minute = NaiveTime::from_hms_opt(23, 59, 0);
                let expire_time = expires.map(|typed| parse_instant(&typed, last_minute, zone, "--expires")).transpose()?;
                let token = v1::Token { label, expire_time, ..Default::default() };
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
                session.terminal.say("Its owner logs in with it: csp login");
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
