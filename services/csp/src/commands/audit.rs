//! `csp audit`.

use chrono::NaiveTime;
use clap::Subcommand;
use csp_proto::v1;

use crate::{
    commands::admin::options,
    dates::parse_instant,
    error::Error,
    session::{Session, all_pages},
    views::audit::AuditList,
};

const WORDS: &[(&str, &str)] = &[
    ("person", "--by"),
    ("token", "--token"),
    ("subject", "--what"),
    ("subject_id", "--id"),
    ("start_time", "--from"),
    ("end_time", "--until"),
];

/// See who did what, when and from where
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  csp audit list --by jo-brown --from 2022-01-01")]
pub(crate) enum Audit {
    /// List the deeds of a region, the oldest first
    #[command(after_help = "\
Examples:
  csp audit list --from 2022-01-01 --until 2022-02-01
  csp audit list --by jo-brown --what return
  csp audit list --token jo-brown/0190b0a2-7c1e-7000-8000-000000000001
  csp audit list --output json > audit.json

The table shows what changed in a line; --output json has the old and the new
values whole. Administrators of a region see their own; whoever runs the service
names one: --region northumbria, or --region system for its own.")]
    List {
        /// Only what this person did
        #[arg(long, value_name = "PERSON")]
        by: Option<String>,
        /// Only what was done by this token, as `csp admin token list` lists it
        #[arg(long)]
        token: Option<String>,
        /// Only what was done to this kind of thing: return, news_item, digest, token …
        #[arg(long, value_name = "KIND")]
        what: Option<String>,
        /// Only what was done to this one
        #[arg(long)]
        id: Option<String>,
        /// From this moment on: "2022-01-12 17:00", or a day
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Before this moment
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
    },
}

impl Audit {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let Self::List { by, token, what, id, from, until } = self;
        let names = session.names().await?;
        let zone = session.zone().await;
        let moment =
            |typed: Option<String>, option| typed.map(|typed| parse_instant(&typed, Some(NaiveTime::MIN), zone, option)).transpose();
        let question = v1::ListAuditEntriesRequest {
            parent: names.region().to_owned(),
            person: by.map(|typed| names.person(&typed)).transpose()?.unwrap_or_default(),
            token: token.map(|typed| names.token(&typed)).transpose()?.unwrap_or_default(),
            subject: what.unwrap_or_default(),
            subject_id: id.unwrap_or_default(),
            start_time: moment(from, "--from")?,
            end_time: moment(until, "--until")?,
            page_size: 500,
            page_token: String::new(),
        };
        let entries = all_pages(async |page_token| {
            let question = v1::ListAuditEntriesRequest { page_token, ..question.clone() };
            let answer = session.list_audit_entries(question).await.map_err(|error| options(error, WORDS))?;
            Ok((answer.audit_entries, answer.next_page_token))
        })
        .await?;
        session.show(&AuditList { audit_entries: entries.into_iter().map(Into::into).collect() }).await
    }
}
