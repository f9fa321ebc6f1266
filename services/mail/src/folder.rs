//! A folder of messages, one `.eml` file each, for where no real person may be mailed.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use csp_domain::document::Hash;
use tokio::{
    fs::{self, File, OpenOptions},
    io::AsyncWriteExt as _,
};

use crate::{
    carrier::Refusal,
    reply::clean,
    sent::{Phase, Sent},
};

/// A folder that takes messages. The same message put twice is one file: its name is the message's
/// own identifier.
#[derive(Debug, Clone)]
pub struct Folder {
    dir: PathBuf,
}

impl Folder {
    /// The folder at `dir`; it is made when it is first needed.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    pub(crate) async fn prepare(&self) -> Result<(), Refusal> {
        fs::create_dir_all(&self.dir).await.map_err(|error| self.refusal(&error))
    }

    pub(crate) async fn check(&self) -> Result<String, Refusal> {
        self.prepare().await?;
        let probe = Part::in_folder(&self.dir, "check");
        probe.write(b"").await.map_err(|error| self.refusal(&error))?;
        Ok(format!("messages are put into the folder {}, nobody is mailed", self.dir.display()))
    }

    fn refusal(&self, error: &io::Error) -> Refusal {
        Refusal::passing(Phase::Connect, &format!("the folder {} cannot be written to: {error}", self.dir.display()))
    }

    /// Writes the message beside its place, asks, then moves it there: a reader of the folder never
    /// sees half a message.
    pub(crate) async fn store(&self, bytes: &[u8], before_last_byte: impl AsyncFnOnce() -> bool) -> Sent {
        let name = file_name(bytes);
        let not_now = |error: &io::Error| Sent::RefusedForNow {
            reply: clean(&format!("the message could not be put into the folder: {error}"), None),
            phase: Phase::Content,
        };
        let part = Part::in_folder(&self.dir, &name);
        if let Err(error) = part.write(bytes).await {
            return not_now(&error);
        }
        if !before_last_byte().await {
            return Sent::NotStarted { reason: "called off before the content".into() };
        }
        if let Err(error) = fs::rename(&part.path, self.dir.join(&name)).await {
            return not_now(&error);
        }
        // The file is there; whether it still is after a power cut, only this tells.
        match sync_dir(&self.dir).await {
            Ok(()) => Sent::Accepted { reply: format!("stored as {name}") },
            Err(error) => Sent::InDoubt { reply: clean(&error.to_string(), None) },
        }
    }
}

/// A file being written; gone when dropped, unless it was moved to its place.
struct Part {
    path: PathBuf,
}

impl Part {
    /// Its name is of this process and this moment alone, so that two who write the same message do
    /// not write into each other's file.
    fn in_folder(dir: &Path, name: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut file = OsString::from(".");
        file.push(format!("{name}.{}.{count}.part", std::process::id()));
        Self { path: dir.join(file) }
    }

    async fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // Letters are for their recipients, not for everybody with an account on the machine.
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(&self.path).await?;
        file.write_all(bytes).await?;
        file.flush().await?;
        file.sync_all().await
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Usually it was moved and there is nothing to remove.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
async fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir).await?.sync_all().await
}

/// Elsewhere a folder cannot be opened as a file; the file system keeps its own order.
#[cfg(not(unix))]
async fn sync_dir(_: &Path) -> io::Result<()> {
    Ok(())
}

/// `<uuid>.eml` after the Message-ID, or a name made of its hash when it is not one of ours. Nothing
/// of the message itself gets into the name, so it cannot lead out of the folder.
fn file_name(bytes: &[u8]) -> String {
    let id = message_id(bytes);
    let ours = id.and_then(|id| id.split_once('@')).and_then(|(local, _)| uuid::Uuid::try_parse(local).ok());
    match (ours, id) {
        (Some(id), _) => format!("{id}.eml"),
        (None, Some(id)) => format!("{}.eml", Hash::of(id.as_bytes())),
        (None, None) => format!("{}.eml", Hash::of(bytes)),
    }
}

/// What stands between the angles of the `Message-ID` field.
fn message_id(bytes: &[u8]) -> Option<&str> {
    for line in bytes.split(|&byte| byte == b'\n') {
        let line = std::str::from_utf8(line).ok()?.trim_end();
        if line.is_empty() {
            return None;
        }
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("message-id") => {
                return value.trim().strip_prefix('<')?.strip_suffix('>');
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_message() {
        let id = "00000000-0000-7000-8000-000000000001";
        assert_eq!(file_name(format!("To: a\r\nMessage-ID: <{id}@example.org>\r\n\r\nx").as_bytes()), format!("{id}.eml"));
    }

    #[test]
    fn a_file_name_cannot_leave_the_folder() {
        for bytes in [
            &b"Message-ID: <../../etc/passwd@x>\r\n\r\n"[..],
            b"Message-ID: </etc/passwd>\r\n\r\n",
            b"To: a\r\n\r\nMessage-ID: <00000000-0000-7000-8000-000000000001@x>\r\n",
            b"Message-ID: nonsense\r\n\r\n",
            b"\xff",
            b"",
        ] {
            let name = file_name(bytes);
            assert_eq!(name.len(), 64 + 4, "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'), "{name}");
        }
    }
}
