//! The zip that a workbook or a Word document is: opened within bounds, unpacked byte by counted byte.

use std::io::{self, BufReader, Cursor, Read};

use zip::{ZipArchive, read::ZipFile, result::ZipError};

use crate::{Fault, limits};

/// What a file should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Workbook,
    Document,
}

impl Sort {
    fn ending(self) -> &'static str {
        match self {
            Self::Workbook => ".xlsx",
            Self::Document => ".docx",
        }
    }

    fn program(self) -> &'static str {
        match self {
            Self::Workbook => "Excel",
            Self::Document => "Word",
        }
    }
}

/// An opened file.
pub(crate) struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    /// How many bytes may still be unpacked.
    left: u64,
}

/// What makes a file of the older kind, and one with a password.
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

impl<'b> Package<'b> {
    pub(crate) fn open(bytes: &'b [u8], sort: Sort) -> Result<Self, Fault> {
        let (program, ending) = (sort.program(), sort.ending());
        if bytes.is_empty() {
            return Err(Fault::of_file("is empty"));
        }
        if bytes.len() > limits::FILE {
            return Err(Fault::of_file(format!("is larger than 8 MiB, which is more than is ever read. {}", smaller(sort))));
        }
        if bytes.starts_with(COMPOUND) {
            let locked = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
            return Err(Fault::of_file(if bytes.windows(locked.len()).any(|window| window == locked) {
                format!("is locked with a password. Open it in {program}, take the password off, and save it")
            } else {
                format!("is of an older kind than {ending}. Open it in {program} and save it as {ending}")
            }));
        }
        if !bytes.starts_with(b"PK\x03\x04") {
            return Err(Fault::of_file(format!("is not a file of {program}, whatever its name says. Save it as {ending}")));
        }
        // Every entry of the list of parts begins with this mark, so that the list is bounded before it is read.
        let entries = bytes.windows(4).filter(|window| *window == b"PK\x01\x02").count();
        if entries > limits::PARTS {
            return Err(Fault::of_file(format!("consists of more than {} parts, which no such file does", limits::PARTS)));
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| {
            Fault::of_file(format!("is damaged: its end is missing, or it was not copied whole. Save it again from {program}"))
        })?;
        let package = Self { archive, left: limits::UNPACKED };
        package.check_sort(sort)?;
        Ok(package)
    }

    /// Refuses by name what is not `sort`.
    fn check_sort(&self, sort: Sort) -> Result<(), Fault> {
        let (program, ending) = (sort.program(), sort.ending());
        let has = |name: &str| self.archive.index_for_name(name).is_some();
        if has("mimetype") && has("content.xml") {
            return Err(Fault::of_file(format!("is an OpenDocument file. Open it and save it as {ending}")));
        }
        if has("xl/workbook.bin") {
            return Err(Fault::of_file(format!("is a binary workbook (.xlsb). Open it in {program} and save it as {ending}")));
        }
        let ends = |end: &str| self.archive.file_names_raw().any(|name| name.to_ascii_lowercase().ends_with(end.as_bytes()));
        if ends("vbaproject.bin") {
            return Err(Fault::of_file(format!("holds macros, which are never taken. Save it as {ending}, without them")));
        }
        Ok(())
    }

    /// The bytes of a part, as they are unpacked.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<BufReader<Part<'_, 'b>>>, Fault> {
        let Some(index) = self.archive.index_for_name(name) else { return Ok(None) };
        match self.archive.by_index(index) {
            Ok(file) => Ok(Some(BufReader::new(Part { file, left: &mut self.left }))),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                Err(Fault::of_file("is locked with a password. Take the password off, and save it"))
            }
            Err(_) => Err(damaged()),
        }
    }
}

/// A part, counted while it is unpacked.
pub(crate) struct Part<'p, 'b> {
    file: ZipFile<'p, Cursor<&'b [u8]>>,
    left: &'p mut u64,
}

impl Read for Part<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => *self.left = left,
            None => return Err(io::Error::new(io::ErrorKind::FileTooLarge, "more is unpacked than may be")),
        }
        Ok(read)
    }
}

/// What a part that cannot be read says of its file.
pub(crate) fn damaged() -> Fault {
    Fault::of_file("is damaged: a part of it cannot be read. Open it, save it under another name, and send that")
}

/// What a part that goes on and on says of its file.
pub(crate) fn too_large() -> Fault {
    Fault::of_file(
        "unpacks to more than 32 MiB, which is more than is ever read. Is it formatted down to its last row? Copy what counts into a new file",
    )
}

fn smaller(sort: Sort) -> &'static str {
    match sort {
        Sort::Workbook => "Keep the figures in a workbook of their own",
        Sort::Document => "Take the pictures out",
    }
}
