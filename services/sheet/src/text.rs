//! Bytes that should be text.

use crate::Fault;

/// Text, and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// It is not UTF-8 and was read as Windows-1252, the way older British programs write.
    pub windows_1252: bool,
}

/// What the bytes from 0x80 to 0x9F are in Windows-1252; five of them are nothing.
const UPPER: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// Makes text of bytes: UTF-8, with or without a byte order mark, or Windows-1252.
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, Fault> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(Fault::of_file(
            "is a Word, Excel or zip file under another name. Give it its own ending (.docx, .xlsx), or save it as text or CSV",
        ));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Fault::of_file("is written in UTF-16. Save it as UTF-8 (in Excel: “CSV UTF-8”)"));
    }
    let fault = match String::from_utf8(bytes) {
        Ok(text) => {
            let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
            return Ok(Decoded { text, windows_1252: false });
        }
        Err(fault) => fault,
    };
    let line_of = |place: usize, bytes: &[u8]| bytes.iter().take(place).filter(|byte| **byte == b'\n').count() + 1;
    let first_odd = fault.utf8_error().valid_up_to();
    let bytes = fault.into_bytes();
    // Letters that are UTF-8 beside bytes that are not: whichever way it is read, some of it comes out wrong.
    if bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii()) {
        return Err(Fault::at(
            line_of(first_odd, &bytes).to_string(),
            "holds a letter that is not UTF-8, as other letters of the file are. Save the file as UTF-8 (in Excel: “CSV UTF-8”)",
        ));
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for (place, &byte) in bytes.iter().enumerate() {
        let letter = match byte {
            0x80..=0x9f => UPPER[usize::from(byte - 0x80)],
            0x00..=0x1f if !matches!(byte, b'\n' | b'\r' | b'\t') => None,
            0x7f => None,
            _ => Some(char::from(byte)),
        };
        let Some(letter) = letter else {
            return Err(Fault::at(
                line_of(place, &bytes).to_string(),
                "holds a letter that is neither UTF-8 nor Windows-1252. Save the file as UTF-8 (in Excel: “CSV UTF-8”)",
            ));
        };
        text.push(letter);
    }
    Ok(Decoded { text, windows_1252: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf8_or_windows_1252() {
        let read = |bytes: &[u8]| decode(bytes.to_vec()).unwrap();
        assert_eq!(read("\u{feff}Café £5".as_bytes()), Decoded { text: "Café £5".into(), windows_1252: false });
        assert_eq!(read(b"Caf\xe9 \xa35 \x96 \x80"), Decoded { text: "Café £5 – €".into(), windows_1252: true });
    }

    #[test]
    fn what_is_neither_is_named_with_its_line() {
        let place = |bytes: &[u8]| decode(bytes.to_vec()).unwrap_err().place;
        assert_eq!(place(b"a\nb\x81\n"), "2");
        assert_eq!(place(b"a\n\0\xe9"), "2");
        // A file put together of two: the pound sign of one of them would come out as two signs.
        assert_eq!(place("£5\n".bytes().chain(*b"Caf\xe9\n").collect::<Vec<_>>().as_slice()), "2");
        assert!(decode(b"\xff\xfea\0".to_vec()).unwrap_err().words.contains("UTF-16"));
        assert!(decode(b"PK\x03\x04x".to_vec()).unwrap_err().words.contains(".xlsx"));
    }
}
