//! The server's settings.

use std::{cell::RefCell, collections::BTreeMap, io::Write as _};

use cspd::config::{Config, Sources};
use tempfile::NamedTempFile;

thread_local! {
    /// Settings are read from a file. One will do.
    static FILE: RefCell<NamedTempFile> = RefCell::new(NamedTempFile::new().expect("there is room for a file"));
}

/// A file is read, or refused with a reason for each setting; no reason shows a password.
pub(super) fn holds(bytes: &[u8]) {
    FILE.with_borrow_mut(|file| {
        file.as_file_mut().set_len(0).expect("the file can be emptied");
        std::io::Seek::rewind(file).expect("the file can be rewound");
        file.write_all(bytes).expect("the file can be written");
        let variables = BTreeMap::from([("CSPD_MAIL__PASSWORD".to_owned(), "correct horse".to_owned())]);
        let sources = Sources { file: Some(file.path().to_owned()), variables };
        match Config::load(&sources) {
            Ok(config) => assert!(!format!("{config:?}").contains("correct horse")),
            Err(faults) => {
                let told = faults.to_string();
                assert!(!told.is_empty() && !told.contains("correct horse"), "{told}");
            }
        }
    });
}
