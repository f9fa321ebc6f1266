//! A folder for one cycle: what is in it, and what was sent from it.

pub(crate) mod receipt;
pub(crate) mod sent;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Violation},
    files,
    words::NewsKindOption,
};

/// The file that makes a folder one of ours.
pub(crate) const FILE: &str = "csp.json";
/// What explains the folder.
pub(crate) const READ_ME: &str = "READ ME.txt";

/// What a folder is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    pub(crate) format: u32,
    pub(crate) server: String,
    pub(crate) partnership: String,
    pub(crate) cycle: String,
    /// Files as `csp start` wrote them, by the hash of their bytes: what still is as it was written is not filled in.
    pub(crate) templates: BTreeMap<String, String>,
}

/// An opened folder. Nobody else sends from it meanwhile.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) about: About,
    /// Locked as long as it is held.
    _lock: fs::File,
}

/// What is in a folder.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) figures: Option<String>,
    pub(crate) quoted: Option<String>,
    pub(crate) nil: Option<String>,
    pub(crate) news: Vec<NewsFile>,
    /// What is not sent, and why.
    pub(crate) left_alone: Vec<(String, &'static str)>,
}

/// A file of news; its name says what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewsFile {
    pub(crate) file: String,
    pub(crate) kind: NewsKindOption,
    pub(crate) happened_on: String,
}

impl Folder {
    pub(crate) fn open(path: &str) -> Result<Self, Error> {
        let folder = PathBuf::from(path);
        let file = folder.join(FILE);
        let lock = fs::File::open(&file).map_err(|fault| match fault.kind() {
            io::ErrorKind::NotFound => {
                Error::usage(format!("{path} is not a folder of csp: there is no {FILE} in it.")).hint("Make one for a cycle: csp start")
            }
            _ => Error::usage(format!("{} cannot be read: {fault}.", file.display())),
        })?;
        lock.try_lock().map_err(|fault| match fault {
            fs::TryLockError::WouldBlock => {
                Error::usage(format!("Somebody is sending from {path} at this moment. Wait until they are done."))
            }
            fs::TryLockError::Error(fault) => Error::usage(format!("{} cannot be locked: {fault}.", file.display())),
        })?;
        let mut text = String::new();
        io::Read::read_to_string(&mut io::Read::take(&lock, 1024 * 1024), &mut text)
            .map_err(|fault| Error::usage(format!("{} cannot be read: {fault}.", file.display())))?;
        let about: About = serde_json::from_str(&text).map_err(|fault| {
            Error::usage(format!("{} cannot be read: {fault}.", file.display())).hint("Make the folder anew: csp start")
        })?;
        if about.format != 1 {
            return Err(Error::usage(format!("{} was written by a newer csp.", file.display())));
        }
        Ok(Self { path: folder, about, _lock: lock })
    }

    /// A file of the folder, as the user would name it.
    pub(crate) fn shown(&self, file: &str) -> String {
        self.path.join(file).display().to_string()
    }

    /// A file's bytes, bounded.
    pub(crate) fn bytes(&self, file: &str, terminal: &mut crate::terminal::Terminal) -> Result<Vec<u8>, Error> {
        files::read_bytes(&self.shown(file), terminal)
    }

    /// Looks what is there. Every doubt is told.
    pub(crate) fn contents(&self) -> Result<(Contents, Vec<Violation>), Error> {
        let cannot = |fault: io::Error| Error::usage(format!("{} cannot be read: {fault}.", self.path.display()));
        let mut names = Vec::new();
        let mut faults = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let name = entry
                .file_name()
                .into_string()
                .map_err(|name| Error::usage(format!("{} has a name that is no text. Rename it.", self.path.join(name).display())))?;
            // What is passed over by its name need not be there: an editor's lock is a link to nowhere.
            if is_passed_over(&name.to_lowercase()) {
                continue;
            }
            match fs::metadata(entry.path()) {
                Ok(about) if about.is_file() => names.push(name),
                Ok(_) => {}
                Err(fault) => faults.push(Violation { place: self.shown(&name), fault: format!("cannot be read: {fault}") }),
            }
            if names.len() > 500 {
                return Err(Error::usage(format!(
                    "{} holds more than 500 files. Keep what is not to be sent elsewhere.",
                    self.path.display()
                )));
            }
        }
        names.sort();
        let mut contents = Contents::default();
        for name in names {
            let lower = name.to_lowercase();
            let mut take = |place: &mut Option<String>| match place {
                None => *place = Some(name.clone()),
                Some(other) => faults.push(Violation {
                    place: self.shown(&name),
                    fault: format!("is there beside {other}. Which one counts? Keep one of them"),
                }),
            };
            match lower.as_str() {
                "figures.xlsx" | "figures.csv" => take(&mut contents.figures),
                "quoted.xlsx" | "quoted.csv" => take(&mut contents.quoted),
                "nil.txt" => take(&mut contents.nil),
                text if [".docx", ".md", ".txt"].iter().any(|ending| text.ends_with(ending)) => contents.news.push(news_file(&name)),
                other => match kept_as(other) {
                    Some(right) => faults.push(Violation {
                        place: self.shown(&name),
                        fault: format!("is of a kind that is not read. Save it as {right}, or move it to another folder"),
                    }),
                    None => contents.left_alone.push((name, "no .docx, .md or .txt, and not called figures or quoted")),
                },
            }
        }
        let as_written = |name: &str| -> bool {
            let Some(written) = self.about.templates.get(name) else { return false };
            fs::read(self.path.join(name)).is_ok_and(|bytes| sent::hash(&bytes) == *written)
        };
        if let Some(name) = contents.figures.take_if(|name| as_written(name)) {
            contents.left_alone.push((name, "not filled in yet"));
        }
        if let (Some(nil), Some(other)) = (&contents.nil, contents.figures.as_ref().or(contents.quoted.as_ref())) {
            let fault = format!("says that there is nothing to report, and there is {other} as well. Keep one of them");
            faults.push(Violation { place: self.shown(nil), fault });
        }
        Ok((contents, faults))
    }
}

/// What is nobody's news by its name: what csp wrote itself, and what Word, Excel and editors leave while a file is open.
fn is_passed_over(name: &str) -> bool {
    [FILE, sent::FILE, receipt::TEXT, receipt::JSON, "read me.txt", "thumbs.db", "desktop.ini"].contains(&name)
        || name.starts_with(['.', '~'])
}

/// Of figures or news in a file that is not read: as what to save it.
fn kept_as(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "xls" | "xlsm" | "xlsb" | "ods" => Some("figures.xlsx or quoted.xlsx"),
        "doc" | "docm" | "odt" | "rtf" => Some(".docx"),
        _ => None,
    }
}

/// `award 2022-03-23 wardens.docx`: an award, of that day.
fn news_file(name: &str) -> NewsFile {
    let kinds = [
        ("case study", NewsKindOption::CaseStudy),
        ("campaign", NewsKindOption::Campaign),
        ("award", NewsKindOption::Award),
        ("decision", NewsKindOption::Decision),
        ("event", NewsKindOption::Event),
        ("news", NewsKindOption::News),
    ];
    let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let words = stem.to_lowercase().replace(['-', '_'], " ");
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    let found = kinds.iter().find_map(|(word, kind)| words.strip_prefix(word).filter(|rest| ends(rest)).map(|rest| (*kind, rest)));
    let (kind, rest) = found.unwrap_or((NewsKindOption::News, words.as_str()));
    let day: String = rest.trim_start().chars().take(10).map(|c| if c == ' ' { '-' } else { c }).collect();
    let is_day = ends(rest.trim_start().get(10..).unwrap_or("")) && crate::dates::parse_day(&day).is_ok();
    NewsFile { file: name.to_owned(), kind, happened_on: if is_day { day } else { String::new() } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_says_what_news_it_is() {
        for (name, kind, day) in [
            ("wardens.docx", NewsKindOption::News, ""),
            ("award 2022-03-23 wardens.docx", NewsKindOption::Award, "2022-03-23"),
            ("Case-study_one.md", NewsKindOption::CaseStudy, ""),
            ("2022-03-23 wardens.txt", NewsKindOption::News, "2022-03-23"),
            ("awards for all.md", NewsKindOption::News, ""),
            ("event-2022-13-01.md", NewsKindOption::Event, ""),
        ] {
            assert_eq!(news_file(name), NewsFile { file: name.into(), kind, happened_on: day.into() }, "{name}");
        }
    }
}
