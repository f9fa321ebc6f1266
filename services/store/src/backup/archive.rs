//! The file a backup is: an uncompressed tar of `manifest.json`, the data (`csp.db` or `csp.dump`) and `SHA256SUMS`, in
//! this order. Whoever has nothing but a shell can look into it: `tar xf … && sha256sum -c SHA256SUMS`.

use std::{
    fs::File,
    io::{self, BufReader, Read, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use tar::{Archive, Builder, Entry, EntryType, Header};

use super::{
    BackupError, file, folder_of,
    manifest::{Manifest, hex},
};
use crate::Engine;

const MANIFEST: &str = "manifest.json";
const SUMS: &str = "SHA256SUMS";
/// The manifest of many tables has some kilobytes, the sums two lines.
const SMALL: u64 = 1 << 20;

/// What the data is called.
pub(super) fn data_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "csp.db",
        Engine::Postgres => "csp.dump",
    }
}

/// Writes the file whole or not at all, for its owner alone, and through to the disk.
pub(super) fn pack(manifest: &Manifest, data: &Path, out: &Path) -> Result<(), BackupError> {
    let writing = file("writing the backup");
    let name = data_name(manifest.engine);
    let text = serde_json::to_vec_pretty(manifest).map_err(|error| writing(error.into()))?;
    let data_hash = hash_of(data).map_err(&writing)?;
    let sums = format!("{}  {MANIFEST}\n{data_hash}  {name}\n", hex(&Sha256::digest(&text)));
    let time = u64::try_from(manifest.moment.timestamp()).unwrap_or(0);

    let aside = tempfile::Builder::new().prefix(".cspd-backup-").tempfile_in(folder_of(out)).map_err(&writing)?;
    let mut tar = Builder::new(aside);
    let mut opened = File::open(data).map_err(&writing)?;
    let length = opened.metadata().map_err(&writing)?.len();
    tar.append_data(&mut header(text.len() as u64, time), MANIFEST, text.as_slice()).map_err(&writing)?;
    tar.append_data(&mut header(length, time), name, &mut opened).map_err(&writing)?;
    tar.append_data(&mut header(sums.len() as u64, time), SUMS, sums.as_bytes()).map_err(&writing)?;
    let mut aside = tar.into_inner().map_err(&writing)?;
    aside.flush().and_then(|()| aside.as_file().sync_all()).map_err(&writing)?;
    aside.persist_noclobber(out).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::InTheWay(out.to_owned()),
        _ => writing(error.error),
    })?;
    sync_folder(folder_of(out)).map_err(&writing)
}

/// Reads the file, takes the data out into `folder`, and believes nothing until the sums agree.
pub(super) fn unpack(backup: &Path, folder: &Path) -> Result<(Manifest, PathBuf), BackupError> {
    let opened = File::open(backup).map_err(file("opening the backup"))?;
    let mut tar = Archive::new(BufReader::new(opened));
    let mut entries = tar.entries().map_err(unreadable)?;
    let mut next = |name: &str| -> Result<Entry<'_, _>, BackupError> {
        let entry = entries.next().ok_or_else(|| BackupError::Damaged("its end is missing".to_owned()))?.map_err(unreadable)?;
        let path = entry.path_bytes();
        let right = entry.header().entry_type() == EntryType::Regular && path == name.as_bytes();
        if right { Ok(entry) } else { Err(BackupError::Damaged(format!("where {name} belongs is something else"))) }
    };

    let text = small(next(MANIFEST)?)?;
    let manifest = read_manifest(&text)?;
    let name = data_name(manifest.engine);
    let data = folder.join(name);
    let hash = take_out(next(name)?, &data)?;
    let sums = small(next(SUMS)?)?;
    if sums == format!("{}  {MANIFEST}\n{hash}  {name}\n", hex(&Sha256::digest(&text))).into_bytes() {
        Ok((manifest, data))
    } else {
        Err(BackupError::Damaged("its parts are not those that were written".to_owned()))
    }
}

fn read_manifest(text: &[u8]) -> Result<Manifest, BackupError> {
    // The format first: what a later one holds besides is not for this program to judge.
    #[derive(serde::Deserialize)]
    struct Any {
        format: u32,
    }
    let unreadable = |error: serde_json::Error| BackupError::Damaged(format!("its manifest cannot be read: {error}"));
    let Any { format } = serde_json::from_slice(text).map_err(unreadable)?;
    if format != Manifest::FORMAT {
        return Err(BackupError::Format { found: format, known: Manifest::FORMAT });
    }
    serde_json::from_slice(text).map_err(unreadable)
}

fn small(entry: impl Read) -> Result<Vec<u8>, BackupError> {
    let mut text = Vec::new();
    entry.take(SMALL).read_to_end(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// Writes a part into a file and answers its hash.
fn take_out(mut entry: impl Read, path: &Path) -> Result<String, BackupError> {
    let writing = file("taking the data out of the backup");
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut to = options.open(path).map_err(&writing)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = entry.read(&mut buffer).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        to.write_all(&buffer[..read]).map_err(&writing)?;
    }
    to.sync_all().map_err(&writing)?;
    Ok(hex(&hash.finalize()))
}

fn unreadable(error: io::Error) -> BackupError {
    BackupError::Damaged(error.to_string())
}

fn hash_of(path: &Path) -> io::Result<String> {
    let (mut opened, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = opened.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}

fn header(length: u64, time: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(length);
    header.set_mode(0o600);
    header.set_mtime(time);
    header
}

/// A name is on the disk when its folder is.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
