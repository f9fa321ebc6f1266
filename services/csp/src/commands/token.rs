//! `csp token`: one's own.

use clap::Subcommand;

use crate::{
    commands::admin::token::{OVERLAP, last_minute, rotation, told},
    config::{Home, Secret},
    error::Error,
    session::{Session, all_pages},
    views::person::{TokenList, TokenView},
};

/// See to your own tokens
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp token rotate")]
pub(crate) enum Token {
    /// List your tokens, without their secrets
    #[command(after_help = "Example:\n  csp token list")]
    List {},
    /// Give the token kept on this computer a new secret and a new end, and keep it
    #[command(after_help = "\
Examples:
  csp token rotate
  csp token rotate --overlap 0

The new secret is not shown: it takes the old one's place where csp login kept
it. The old one opens doors too for a week, for wherever else you use it.")]
    Rotate {
        /// For how many days the old secret opens doors too, 30 at most
        #[arg(long, value_name = "DAYS", default_value_t = OVERLAP, value_parser = clap::value_parser!(u16).range(0..=30))]
        overlap: u16,
        /// Last day; 200 days ahead when not given, 400 at most
        #[arg(long, value_name = "DAY")]
        expires: Option<String>,
    },
}

impl Token {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let me = session.me().await?.clone();
        match self {
            Self::List {} => {
                let parent = me.person.map(|person| person.name).unwrap_or_default();
                let tokens = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let answer = session.list_tokens(csp_proto::v1::ListTokensRequest { parent, page_size: 500, page_token }).await?;
                    Ok((answer.tokens, answer.next_page_token))
                })
                .await?;
                session.show(&TokenList { tokens: tokens.into_iter().map(Into::into).collect() }).await
            }
            Self::Rotate { overlap, expires } => {
                let home = Home::find(session.terminal)?;
                if !session.settings.token_is_kept {
                    return Err(Error::usage(
                        "The token in use was given for this run alone, so there is no place to keep its new secret.",
                    )
                    .hint("Log in with it first: csp login")
                    .hint("Or have the secret printed: csp admin token rotate"));
                }
                let zone = session.zone().await;
                let name = me.token.map(|token| token.name).unwrap_or_default();
                let made = session.rotate_token(rotation(name, overlap, last_minute(expires.as_deref(), zone)?)).await?;
                // First kept, then told of: from here on nobody else knows it.
                home.replace_token(&Secret::new(&made.secret, "the server's answer")?)?;
                told(session, made.token.as_ref(), zone);
                session.terminal.say(format!("It is kept in {}.", home.token_file().display()));
                match made.token {
                    Some(token) => session.show(&TokenView::from(token)).await,
                    None => Ok(()),
                }
            }
        }
    }
}
