//! Reading and writing the user's files, bounded, and saying what is wrong with one in words that help.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use csp_sheet::text::Decoded;

use crate::{
    error::{Error, Violation},
    terminal::Terminal,
};

/// Texts longer than this are not what they are meant to be.
pub(crate) const LARGEST_TEXT: u64 = 4 * 1024 * 1024;

/// Files longer than this are not what they are meant to be.
const LARGEST_FILE: u64 = csp_sheet::limits::FILE as u64;

/// A file of text, without its byte order mark. `-` reads what is piped in.
pub(crate) fn read_text(file: &str, terminal: &mut Terminal) -> Result<String, Error> {
    let bytes = read_bytes(file, terminal)?;
    if bytes.len() as u64 > LARGEST_TEXT {
        return Err(refuse(file, "is longer than 4 MiB, which is more than is ever read"));
    }
    let decoded = decode(file, bytes)?;
    if decoded.windows_1252 {
        terminal.say(format!("{file} is not in UTF-8; it was read as Windows-1252."));
    }
    Ok(decoded.text)
}

/// A file of any kind. `-` reads what is piped in.
pub(crate) fn read_bytes(file: &str, terminal: &mut Terminal) -> Result<Vec<u8>, Error> {
    read_up_to(file, LARGEST_FILE, terminal)
}

/// The same for files that may be longer, or shorter.
pub(crate) fn read_up_to(file: &str, most: u64, terminal: &mut Terminal) -> Result<Vec<u8>, Error> {
    let cannot = |fault: io::Error| match fault.kind() {
        io::ErrorKind::NotFound => Error::usage(format!("There is no file {file}.")),
        _ => Error::usage(format!("{file} cannot be read: {fault}.")),
    };
    let bytes = if file == "-" {
        read_bounded(&mut terminal.input, most).map_err(cannot)?
    } else {
        read_bounded(&mut fs::File::open(file).map_err(cannot)?, most).map_err(cannot)?
    };
    if bytes.len() as u64 > most {
        return Err(refuse(file, &format!("is longer than {} MiB, which is more than is ever read", most / (1024 * 1024))));
    }
    Ok(bytes)
}

fn read_bounded(source: &mut dyn Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(most + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes text of a file's bytes.
pub(crate) fn decode(file: &str, bytes: Vec<u8>) -> Result<Decoded, Error> {
    csp_sheet::text::decode(bytes)
        .map_err(|fault| Error::refused(format!("{file} cannot be read."), vec![crate::sheet::violation(file, fault)]))
}

fn refuse(file: &str, fault: &str) -> Error {
    Error::refused(format!("{file} cannot be used."), vec![Violation { place: file.to_owned(), fault: fault.to_owned() }])
}

/// Writes `data` into `file`; `-` is the standard output. Says so.
pub(crate) fn write(file: &str, data: &[u8], what: &str, terminal: &mut Terminal) -> Result<(), Error> {
    if file == "-" {
        return if terminal.output_is_terminal {
            let shown = crate::terminal::printable(&String::from_utf8_lossy(data));
            terminal.write(shown.as_bytes())
        } else {
            terminal.write(data)
        };
    }
    fs::write(Path::new(file), data).map_err(|fault| Error::usage(format!("{file} cannot be written: {fault}.")))?;
    terminal.say(format!("{what} is in {file}."));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(decode("f", b"\xef\xbb\xbfindicator".to_vec()).unwrap().text, "indicator");
    }

    #[test]
    fn what_is_no_text_is_named_with_its_line() {
        let error = decode("figures.csv", b"a\nb\nCaf\x81\n".to_vec()).unwrap_err();
        assert_eq!(error.violations[0].place, "figures.csv:3");
        assert!(decode("f.csv", b"\xff\xfea\0".to_vec()).unwrap_err().violations[0].fault.contains("UTF-16"));
        assert!(decode("f.txt", b"PK\x03\x04x".to_vec()).unwrap_err().violations[0].fault.contains("Word"));
    }
}
