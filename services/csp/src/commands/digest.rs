//! `csp digest`.

use std::{env, path::Path, process};

use clap::{Args, Subcommand};
use csp_proto::v1::{self, RenditionKind};
use sha2::{Digest as _, Sha256};

use super::{digest_approve::Approve, digest_cooling_off::EndCoolingOff};
use crate::{
    defaults::Part,
    error::Error,
    files,
    names::{last, short},
    output::Format,
    session::{Session, all_pages},
    views::digest::{DigestList, DigestView, PreviewView},
};

/// Preview, freeze, read and approve a committee's paper
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  csp digest preview
  csp digest approve citizen-focus/2021-q3/1")]
pub(crate) enum Digest {
    Preview(Preview),
    Show(Show),
    /// List the versions of a cycle's paper
    #[command(after_help = "Example:\n  csp digest list citizen-focus/2021-q3")]
    List(OfCycle),
    /// Fix the paper as it is now, as a new version to be approved; for editors, once collecting is closed
    #[command(after_help = "\
Example:
  csp digest freeze citizen-focus/2021-q3

A version that has not gone to members yet is replaced by the new one, and its
approval with it.")]
    Freeze(OfCycle),
    Approve(Approve),
    EndCoolingOff(EndCoolingOff),
    Open(Open),
}

/// A cycle.
#[derive(Debug, Args)]
pub(crate) struct OfCycle {
    /// committee/cycle. Need not be said when you have something to do in one only
    #[arg(value_name = "COMMITTEE/CYCLE")]
    cycle: Option<String>,
}

/// Where renditions are written.
#[derive(Debug, Args)]
pub(crate) struct Outlets {
    /// Write the HTML mail into this file; - prints it
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<String>,
    /// Write the plain text into this file; - prints it
    #[arg(long, value_name = "FILE")]
    pub(crate) text: Option<String>,
}

/// Print the paper as it would be now; nothing is stored
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp digest preview
  csp digest preview citizen-focus/2021-q3 --html preview.html

An officer sees their own partnership's part.")]
pub(crate) struct Preview {
    #[command(flatten)]
    of: OfCycle,
    #[command(flatten)]
    outlets: Outlets,
}

/// Show how a version stands, or print what is stored of it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp digest show citizen-focus/2021-q3
  csp digest show citizen-focus/2021-q3/1 --html paper.html
  csp digest show citizen-focus/2021-q3/1 --text -

What is printed or written is checked against its hash first.")]
pub(crate) struct Show {
    /// committee/cycle/version; the newest version when none is named
    #[arg(value_name = "DIGEST")]
    digest: Option<String>,
    #[command(flatten)]
    outlets: Outlets,
}

/// Open the paper in your web browser, as members will get it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp digest open citizen-focus/2021-q3/1
  csp digest open citizen-focus/2021-q3 --preview

The variable CSP_BROWSER names the program to open it with.")]
pub(crate) struct Open {
    /// committee/cycle/version; the newest version when none is named
    #[arg(value_name = "DIGEST")]
    digest: Option<String>,
    /// The paper as it would be now, instead of what is stored; name the cycle, committee/cycle
    #[arg(long)]
    preview: bool,
}

impl Digest {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        match self {
            Self::Preview(preview) => preview.run(session).await,
            Self::Show(show) => show.run(session).await,
            Self::List(of) => {
                let parent = of.find(session).await?;
                let digests = all_pages(async |page_token| {
                    let parent = parent.clone();
                    let answer = session.list_digests(v1::ListDigestsRequest { parent, page_size: 100, page_token }).await?;
                    Ok((answer.digests, answer.next_page_token))
                })
                .await?;
                session.show(&DigestList { digests: digests.into_iter().map(Into::into).collect() }).await
            }
            Self::Freeze(of) => {
                let parent = of.find(session).await?;
                session.confirm(&format!("This fixes the paper of {} as it is now, to be approved by somebody else.", short(&parent)))?;
                let digest = session.freeze_digest(v1::FreezeDigestRequest { parent, request_id: String::new() }).await?;
                session.terminal.announce(&format!("Frozen as version {}.", digest.version));
                session.terminal.say("A second person reads it and approves it with:");
                session.terminal.say(format!("  csp digest approve {}", short(&digest.name)));
                session.show(&DigestView::from(digest)).await
            }
            Self::Approve(approve) => approve.run(session).await,
            Self::EndCoolingOff(end) => end.run(session).await,
            Self::Open(open) => open.run(session).await,
        }
    }
}

impl OfCycle {
    async fn find(&self, session: &Session<'_>) -> Result<String, Error> {
        session.cycle(self.cycle.as_deref(), Part::Paper, "").await
    }
}

impl Outlets {
    fn any(&self) -> bool {
        self.html.is_some() || self.text.is_some()
    }

    /// The file for a kind of rendition.
    fn of(&self, kind: RenditionKind) -> Option<&str> {
        match kind {
            RenditionKind::HtmlMail => self.html.as_deref(),
            RenditionKind::Text => self.text.as_deref(),
            RenditionKind::Unspecified => None,
        }
    }

    /// Writes what was asked for.
    pub(crate) fn write(&self, renditions: &[v1::Rendition], session: &mut Session<'_>) -> Result<(), Error> {
        for (kind, what) in [(RenditionKind::HtmlMail, "The HTML mail"), (RenditionKind::Text, "The plain text")] {
            if let Some(file) = self.of(kind) {
                files::write(file, &rendition(renditions, kind)?.data, what, session.terminal)?;
            }
        }
        Ok(())
    }
}

/// The rendition of a kind.
pub(crate) fn rendition(renditions: &[v1::Rendition], kind: RenditionKind) -> Result<&v1::Rendition, Error> {
    renditions
        .iter()
        .find(|rendition| rendition.kind == kind as i32)
        .ok_or_else(|| Error::unexpected("The server has no such form of the paper."))
}

/// Refuses bytes that are not those of `sha256`.
fn check(rendition: &v1::Rendition, sha256: &str) -> Result<(), Error> {
    let hash: String = Sha256::digest(&rendition.data).iter().map(|byte| format!("{byte:02x}")).collect();
    if hash.eq_ignore_ascii_case(sha256) && rendition.sha256.eq_ignore_ascii_case(sha256) {
        return Ok(());
    }
    Err(Error::unexpected("What arrived is not what is stored: its hash differs. It is neither shown nor written.")
        .hint(format!("  expected {sha256}"))
        .hint(format!("  received {hash}")))
}

/// What is stored of a digest, in every form, each checked against its hash.
pub(crate) async fn stored(digest: &v1::Digest, session: &Session<'_>) -> Result<Vec<v1::Rendition>, Error> {
    let mut renditions = Vec::new();
    for info in &digest.renditions {
        let rendition = session.get_rendition(v1::GetRenditionRequest { name: digest.name.clone(), kind: info.kind }).await?;
        check(&rendition, &info.sha256)?;
        renditions.push(rendition);
    }
    Ok(renditions)
}

impl Preview {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let parent = self.of.find(session).await?;
        let preview = session.preview_digest(v1::PreviewDigestRequest { parent }).await?;
        for rendition in &preview.renditions {
            check(rendition, &rendition.sha256)?;
        }
        if self.outlets.any() {
            return self.outlets.write(&preview.renditions, session);
        }
        if session.format == Format::Json {
            let renditions = preview.renditions.into_iter().map(Into::into).collect();
            return session.show(&PreviewView { subject: preview.subject, renditions }).await;
        }
        session.terminal.announce(&format!("Preview. Subject of the mail: {}", preview.subject));
        files::write("-", &rendition(&preview.renditions, RenditionKind::Text)?.data, "", session.terminal)
    }
}

impl Show {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let name = session.digest(self.digest.as_deref()).await?;
        let digest = session.get_digest(v1::GetDigestRequest { name }).await?;
        if self.outlets.any() {
            let renditions = stored(&digest, session).await?;
            return self.outlets.write(&renditions, session);
        }
        session.show(&DigestView::from(digest)).await
    }
}

impl Open {
    async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let (what, renditions) = if self.preview {
            let parent = session.cycle(self.digest.as_deref(), Part::Paper, "").await?;
            let what = format!("preview-{}", short(&parent));
            let renditions = session.preview_digest(v1::PreviewDigestRequest { parent }).await?.renditions;
            for rendition in &renditions {
                check(rendition, &rendition.sha256)?;
            }
            (what, renditions)
        } else {
            let name = session.digest(self.digest.as_deref()).await?;
            let digest = session.get_digest(v1::GetDigestRequest { name }).await?;
            (
                format!("{}-version-{}", short(digest.name.trim_end_matches(last(&digest.name))), digest.version),
                stored(&digest, session).await?,
            )
        };
        let safe: String = what.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
        // A folder of one's own: in the common one, somebody else could lay a link under the name.
        let folder = dirs::cache_dir().unwrap_or_else(env::temp_dir).join("csp");
        let folder = session.terminal.variable("CSP_CONFIG_DIR").map_or(folder, |own| Path::new(own).join("cache"));
        std::fs::create_dir_all(&folder).map_err(|fault| Error::unexpected(format!("{} cannot be made: {fault}.", folder.display())))?;
        let file = folder.join(format!("{safe}.html"));
        let html = rendition(&renditions, RenditionKind::HtmlMail)?;
        files::write(&file.display().to_string(), &html.data, "The paper", session.terminal)?;
        let program = session.terminal.variable("CSP_BROWSER").map_or_else(|| opener().to_owned(), str::to_owned);
        process::Command::new(&program)
            .arg(&file)
            .stdout(process::Stdio::null())
            .status()
            .map_err(|fault| {
                Error::unexpected(format!("{program} cannot be started: {fault}.")).hint(format!("Open it yourself: {}", file.display()))
            })
            .map(|_| ())
    }
}

/// The program that opens a file as a double click would.
fn opener() -> &'static str {
    if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    }
}
