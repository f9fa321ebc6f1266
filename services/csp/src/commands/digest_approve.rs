//! `csp digest approve`: a second person names the hashes of what they read.

use clap::Args;
use csp_proto::v1::{self, DigestState, RenditionKind};

use super::digest::{Outlets, rendition, stored};
use crate::{
    error::{Error, Kind},
    names::short,
    session::Session,
    terminal::printable,
    views::digest::DigestView,
    words::Coded,
};

/// How many characters of the hash are typed.
const TYPED: usize = 8;

/// Approve exactly the paper you have read; for approvers who wrote none of it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  csp digest approve citizen-focus/2021-q3/1
  csp digest approve citizen-focus/2021-q3/1 --html paper.html
  csp digest approve citizen-focus/2021-q3/1 --hash 3f8a1c20

The stored paper is fetched, checked against its hashes and shown. To approve
it, you type the first eight characters of the document's hash; without a
terminal, --hash says them. --yes alone approves nothing.")]
pub(crate) struct Approve {
    /// committee/cycle/version; the newest version when none is named
    #[arg(value_name = "DIGEST")]
    digest: Option<String>,
    /// Beginning of the document's hash, at least eight characters: approves without asking
    #[arg(long, value_name = "BEGINNING")]
    hash: Option<String>,
    #[command(flatten)]
    outlets: Outlets,
}

impl Approve {
    pub(crate) async fn run(self, session: &mut Session<'_>) -> Result<(), Error> {
        let name = session.digest(self.digest.as_deref()).await?;
        let digest = session.get_digest(v1::GetDigestRequest { name }).await?;
        let state = Coded::<DigestState>::of(digest.state);
        if !state.is(DigestState::Frozen) {
            let fault = format!("Version {} cannot be approved: it is {}.", digest.version, state.words());
            return Err(Error::new(Kind::NotNow, fault).hint(format!("See csp digest list {}", short(parent_of(&digest.name)))));
        }
        let renditions = stored(&digest, session).await?;
        nothing_unseen(&digest, &renditions)?;
        self.outlets.write(&renditions, session)?;

        let typed = if let Some(hash) = &self.hash {
            hash.clone()
        } else {
            if !session.terminal.input_is_terminal {
                return Err(Error::usage("Approval names the hash of what was read. Without a terminal, say its beginning:")
                    .hint(format!("  csp digest show {}", short(&digest.name)))
                    .hint(format!("  csp digest approve {} --hash BEGINNING", short(&digest.name))));
            }
            show_to_read(&digest, &renditions, session)?;
            let question = format!("To approve it, type the first {TYPED} characters of the document's hash:");
            session.terminal.ask(&question)?
        };
        compare(&typed, &digest.document_hash)?;

        let (name, hashes) = (digest.name, digest.hashes);
        let digest = session.approve_digest(v1::ApproveDigestRequest { name, hashes }).await?;
        session.terminal.announce(&format!(
            "Version {} is approved. It goes to members at publication time, and not before its cooling-off is over.",
            digest.version
        ));
        session.show(&DigestView::from(digest)).await
    }
}

fn parent_of(name: &str) -> &str {
    name.split("/digests/").next().unwrap_or(name)
}

/// Every hash that would be named is that of the document, or of a form that was fetched and checked.
fn nothing_unseen(digest: &v1::Digest, renditions: &[v1::Rendition]) -> Result<(), Error> {
    let seen = |hash: &String| *hash == digest.document_hash || renditions.iter().any(|r| r.sha256.eq_ignore_ascii_case(hash));
    if digest.hashes.contains(&digest.document_hash) && digest.hashes.iter().all(seen) {
        return Ok(());
    }
    Err(Error::unexpected("The server asks for approval of something that it does not show. Nothing was approved."))
}

/// The paper and its hashes, for whoever is about to approve them.
fn show_to_read(digest: &v1::Digest, renditions: &[v1::Rendition], session: &mut Session<'_>) -> Result<(), Error> {
    let text = rendition(renditions, RenditionKind::Text)?;
    session.terminal.say(printable(&String::from_utf8_lossy(&text.data)));
    session.terminal.announce(&format!("{}, version {}", digest.subject, digest.version));
    session.terminal.say(format!("  {:<12}  {}", "the document", digest.document_hash));
    for rendition in renditions {
        let kind = Coded::<RenditionKind>::of(rendition.kind).words();
        session.terminal.say(format!("  {kind:<12}  {}", rendition.sha256));
    }
    session.terminal.say(format!("Above is the plain text. As members see it: csp digest open {}", short(&digest.name)));
    Ok(())
}

fn compare(typed: &str, hash: &str) -> Result<(), Error> {
    let typed = typed.trim().to_lowercase();
    if typed.len() < TYPED {
        return Err(Error::usage(format!("At least {TYPED} characters of the document's hash are needed. Nothing was approved.")));
    }
    if !hash.to_lowercase().starts_with(&typed) {
        return Err(Error::new(Kind::Conflict, "That is not how the document's hash begins. Nothing was approved.")
            .hint("Perhaps there is a newer version than the one you read: csp digest list"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_of_this_hash_will_do() {
        let hash = "3f8a1c20deadbeef";
        assert!(compare("3f8a1c20", hash).is_ok());
        assert!(compare(" 3F8A1C20dead ", hash).is_ok());
        assert_eq!(compare("3f8a1c2", hash).unwrap_err().kind, Kind::Usage);
        assert_eq!(compare("", hash).unwrap_err().kind, Kind::Usage);
        assert_eq!(compare("3f8a1c21", hash).unwrap_err().kind, Kind::Conflict);
    }

    #[test]
    fn a_hash_of_something_never_shown_is_not_approved() {
        let shown = v1::Rendition { sha256: "b".into(), ..Default::default() };
        let mut digest = v1::Digest { document_hash: "a".into(), hashes: vec!["a".into(), "b".into()], ..Default::default() };
        assert!(nothing_unseen(&digest, std::slice::from_ref(&shown)).is_ok());
        digest.hashes.push("c".into());
        assert!(nothing_unseen(&digest, &[shown]).is_err());
    }
}
