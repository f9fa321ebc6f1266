//! `sent.json`: what was sent from a folder. It is written before anything goes, with the request's own number, so that a stop
//! at any moment sends nothing twice: the same number is used again, and the server knows it.

use std::{fs, io, io::Write as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The file's name.
pub(crate) const FILE: &str = "sent.json";

/// All that was sent from a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    format: u32,
    pub(crate) entries: Vec<Entry>,
}

/// One thing that was sent, or was being sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// The file; of a return the first of its files.
    pub(crate) file: String,
    pub(crate) sort: Sort,
    /// Of the file's bytes; of a return all its files', one after the other.
    pub(crate) sha256: String,
    /// Who sent it, by name.
    pub(crate) by: String,
    /// What it is called at the server, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// When the server took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<String>,
    /// Which version of it, from 1.
    #[serde(default)]
    pub(crate) revision: i64,
    /// What is under way and not known to have arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) under_way: Option<UnderWay>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    Return,
    News,
}

/// A message that was sent, and whose answer has not come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnderWay {
    /// Of a creation: its number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) request_id: String,
    /// Of a creation: the whole message, so that it can be repeated to the letter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    request: String,
    /// Of a correction: the version it corrects.
    #[serde(default)]
    pub(crate) corrects: i64,
    /// Of a correction: the hash of what was sent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) sha256: String,
}

impl UnderWay {
    pub(crate) fn creation(request_id: &str, request: &impl prost::Message) -> Self {
        let request = STANDARD.encode(request.encode_to_vec());
        Self { request_id: request_id.to_owned(), request, corrects: 0, sha256: String::new() }
    }

    pub(crate) fn correction(corrects: i64, sha256: &str) -> Self {
        Self { request_id: String::new(), request: String::new(), corrects, sha256: sha256.to_owned() }
    }

    pub(crate) fn is_creation(&self) -> bool {
        !self.request_id.is_empty()
    }

    /// The message to be repeated.
    pub(crate) fn request<M: prost::Message + Default>(&self) -> Result<M, Error> {
        let bytes = STANDARD.decode(&self.request).ok();
        bytes.and_then(|bytes| M::decode(bytes.as_slice()).ok()).ok_or_else(|| unreadable("a message in it cannot be read"))
    }
}

impl Default for Sent {
    fn default() -> Self {
        Self { format: 1, entries: Vec::new() }
    }
}

/// Larger than any that was ever written.
const LARGEST: u64 = 32 * 1024 * 1024;

impl Sent {
    /// What was sent from `folder`. That there is no such file means that nothing was; that it cannot be read does not.
    pub(crate) fn load(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        match fs::metadata(&path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(fault) => return Err(unreadable(&fault.to_string())),
            Ok(about) if about.len() > LARGEST => return Err(unreadable("it is larger than it can be")),
            Ok(_) => {}
        }
        let text = fs::read_to_string(&path).map_err(|fault| unreadable(&fault.to_string()))?;
        Self::read(&text)
    }

    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        let sent: Self = serde_json::from_str(text).map_err(|fault| unreadable(&fault.to_string()))?;
        if sent.format == 1 { Ok(sent) } else { Err(unreadable("a newer csp wrote it")) }
    }

    /// Keeps it, whole or not at all.
    pub(crate) fn save(&self, folder: &Path) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).map_err(|fault| Error::unexpected(format!("{FILE} cannot be written: {fault}.")))?;
        write_whole(folder, FILE, text.as_bytes())
    }
}

fn unreadable(fault: &str) -> Error {
    Error::usage(format!("{FILE} says what was sent from this folder, and cannot be read: {fault}."))
        .hint("Nothing was sent. Put the file back as it was; see what the server has with: csp return show, csp news list")
}

/// Writes a file so that after a stop at any moment either the old one is there or the new one, whole.
pub(crate) fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let cannot = |fault: io::Error| Error::usage(format!("{name} cannot be written in {}: {fault}.", folder.display()));
    let beside = folder.join(format!(".{name}.new"));
    let mut file = fs::File::create(&beside).map_err(cannot)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(cannot)?;
    drop(file);
    fs::rename(&beside, folder.join(name)).map_err(cannot)?;
    // The name is in the folder, and the folder is a file as well; where it cannot be opened as one, nothing is lost by not trying.
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// SHA-256 in hexadecimal, as `sha256sum` prints it.
pub(crate) fn hash(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use csp_proto::v1;

    use super::*;

    fn entry() -> Entry {
        let request = v1::CreateNewsItemRequest { parent: "p".into(), request_id: "7".into(), ..Default::default() };
        let under_way = Some(UnderWay::creation("7", &request));
        let (file, sha256, by) = ("a.md".into(), hash(b"a"), "jo".into());
        Entry { file, sort: Sort::News, sha256, by, name: None, time: None, revision: 0, under_way }
    }

    #[test]
    fn what_is_kept_reads_back_with_the_message_to_repeat() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Sent::load(folder.path()).unwrap(), Sent::default());
        let sent = Sent { entries: vec![entry()], ..Sent::default() };
        sent.save(folder.path()).unwrap();
        let again = Sent::load(folder.path()).unwrap();
        assert_eq!(again, sent);
        let request: v1::CreateNewsItemRequest = again.entries[0].under_way.as_ref().unwrap().request().unwrap();
        assert_eq!((request.parent.as_str(), request.request_id.as_str()), ("p", "7"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn only_a_missing_file_means_that_nothing_was_sent() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "{", "{\"format\":1}", "{\"format\":2,\"entries\":[]}", "{\"format\":1,\"entries\":[],\"more\":1}"] {
            fs::write(folder.path().join(FILE), text).unwrap();
            let error = Sent::load(folder.path()).unwrap_err();
            assert!(error.sentence.contains("cannot be read"), "{text}: {}", error.sentence);
        }
        fs::remove_file(folder.path().join(FILE)).unwrap();
        fs::create_dir(folder.path().join(FILE)).unwrap();
        assert!(Sent::load(folder.path()).is_err());
    }
}
