//! Names. People type `gateshead` and `citizen-focus/2021-q3`; the contract says
//! `regions/northumbria/committees/citizen-focus/cycles/2021-q3`. Both are accepted everywhere, and so is anything
//! between (`committees/citizen-focus/cycles/2021-q3`).

use std::borrow::Cow;

use crate::error::Error;

/// Builds full names in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    region: String,
}

impl Names {
    /// `region` as typed: `northumbria` or `regions/northumbria`.
    pub(crate) fn in_region(region: &str) -> Result<Self, Error> {
        Ok(Self { region: region_name(region)? })
    }

    /// `regions/{region}`.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    pub(crate) fn partnership(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a partnership", "gateshead", &["partnerships"])
    }

    pub(crate) fn committee(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a committee", "citizen-focus", &["committees"])
    }

    pub(crate) fn cycle(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a cycle", "citizen-focus/2021-q3", &["committees", "cycles"])
    }

    pub(crate) fn job(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a job", "citizen-focus/2021-q3/release", &["committees", "cycles", "jobs"])
    }

    /// A link to the dates of a committee or, with the words between, of a partnership.
    pub(crate) fn diary_link(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a diary link", "committees/citizen-focus/diaryLinks/ID", &["committees", "diaryLinks"])
    }

    pub(crate) fn member(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a term of a member", "citizen-focus/ID", &["committees", "members"])
    }

    pub(crate) fn indicator(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "an indicator", "burglary", &["indicators"])
    }

    pub(crate) fn target(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a target", "ID", &["targets"])
    }

    pub(crate) fn context_note(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a context note", "ID", &["contextNotes"])
    }

    pub(crate) fn check_rule(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a rule", "unchanged", &["checkRules"])
    }

    pub(crate) fn person(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a person", "jo-brown", &["persons"])
    }

    pub(crate) fn role_grant(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a role", "jo-brown/ID", &["persons", "roleGrants"])
    }

    pub(crate) fn token(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a token", "jo-brown/ID", &["persons", "tokens"])
    }

    pub(crate) fn message(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a message", "ID", &["messages"])
    }

    pub(crate) fn news_item(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a news item", "gateshead/ID", &["partnerships", "newsItems"])
    }

    pub(crate) fn joint_item(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a joint item", "newcastle/ID", &["partnerships", "jointItems"])
    }

    pub(crate) fn wording(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a wording", "gateshead/ID", &["partnerships", "wordings"])
    }

    pub(crate) fn returned(&self, typed: &str) -> Result<String, Error> {
        self.build(typed, "a return", "gateshead/citizen-focus.2021-q3", &["partnerships", "returns"])
    }

    /// A digest; without a version, `-`: the newest.
    pub(crate) fn digest(&self, typed: &str) -> Result<String, Error> {
        let collections = ["committees", "cycles", "digests"];
        match parts(typed).len() {
            // Full names know themselves.
            _ if typed.starts_with("regions/") && !typed.contains("/digests/") => {
                self.build(&format!("{typed}/digests/-"), "", "", &collections)
            }
            2 => self.build(&format!("{typed}/-"), "a digest", "citizen-focus/2021-q3/1", &collections),
            _ => self.build(typed, "a digest", "citizen-focus/2021-q3/1", &collections),
        }
    }

    /// The return of `partnership` for `cycle`, both full names.
    pub(crate) fn return_of(partnership: &str, cycle: &str) -> String {
        let parts: Vec<&str> = cycle.split('/').collect();
        match parts[..] {
            [_, _, _, committee, _, cycle] => format!("{partnership}/returns/{committee}.{cycle}"),
            _ => format!("{partnership}/returns/{}", last(cycle)),
        }
    }

    fn build(&self, typed: &str, what: &str, example: &str, collections: &[&str]) -> Result<String, Error> {
        let parts = parts(typed);
        let sound = |part: &&str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
        let refuse = || Err(Error::usage(format!("“{}” is not the name of {what}. It looks like this: {example}", echo(typed))));
        if parts.is_empty() || !parts.iter().all(sound) {
            return refuse();
        }
        if parts.len() >= 2 && parts[0] == "regions" {
            return if parts.len() == 2 + collections.len() * 2 { Ok(parts.join("/")) } else { refuse() };
        }
        if parts.len() == collections.len() {
            let pairs: Vec<String> = collections.iter().zip(&parts).map(|(c, part)| format!("{c}/{part}")).collect();
            return Ok(format!("{}/{}", self.region, pairs.join("/")));
        }
        // `committees/citizen-focus/cycles/2021-q3`
        if parts.len() == collections.len() * 2 && parts[parts.len() - 2] == *collections.last().unwrap_or(&"") {
            return Ok(format!("{}/{}", self.region, parts.join("/")));
        }
        refuse()
    }
}

/// `regions/{region}` from what was typed.
pub(crate) fn region_name(typed: &str) -> Result<String, Error> {
    let slug = typed.trim().strip_prefix("regions/").unwrap_or(typed.trim());
    if slug.is_empty() || slug.chars().any(|c| c == '/' || c.is_whitespace() || c.is_control()) {
        return Err(Error::usage(format!("“{}” is not the name of a region. It looks like this: northumbria", echo(typed))));
    }
    Ok(format!("regions/{slug}"))
}

/// What was typed, as far as anybody needs it to know it again: whole files have been pasted in the place of a name.
pub(crate) fn echo(typed: &str) -> Cow<'_, str> {
    const SHOWN: usize = 80;
    match typed.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &typed[..end])),
        None => Cow::Borrowed(typed),
    }
}

fn parts(typed: &str) -> Vec<&str> {
    typed.trim().split('/').collect()
}

/// The last part of a name: `gateshead`.
pub(crate) fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A name as people type it: without the region and the words between. What this gives, [`Names`] accepts.
pub(crate) fn short(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').collect();
    match parts[..] {
        // The short form of a news item is that of a partnership's.
        [_, _, "committees", _, "newsItems", _] => parts[2..].join("/"),
        ["regions", _, ..] if parts.len() > 2 => parts[2..].chunks(2).filter_map(|pair| pair.get(1).copied()).collect::<Vec<_>>().join("/"),
        _ => last(name).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn northumbria() -> Names {
        Names::in_region("northumbria").unwrap()
    }

    #[test]
    fn slugs_become_full_names() {
        let names = northumbria();
        assert_eq!(names.partnership("gateshead").unwrap(), "regions/northumbria/partnerships/gateshead");
        assert_eq!(names.cycle("citizen-focus/2021-q3").unwrap(), "regions/northumbria/committees/citizen-focus/cycles/2021-q3");
        assert_eq!(names.digest("citizen-focus/2021-q3").unwrap(), "regions/northumbria/committees/citizen-focus/cycles/2021-q3/digests/-");
        assert_eq!(
            names.digest("citizen-focus/2021-q3/2").unwrap(),
            "regions/northumbria/committees/citizen-focus/cycles/2021-q3/digests/2"
        );
    }

    #[test]
    fn full_names_and_halves_are_accepted_as_they_are() {
        let names = northumbria();
        let cycle = "regions/kent/committees/cabinet/cycles/2021-q3";
        assert_eq!(names.cycle(cycle).unwrap(), cycle);
        assert_eq!(names.digest(cycle).unwrap(), format!("{cycle}/digests/-"));
        assert_eq!(names.cycle("committees/cabinet/cycles/2021-q3").unwrap(), "regions/northumbria/committees/cabinet/cycles/2021-q3");
        assert_eq!(names.news_item("committees/cabinet/newsItems/1").unwrap(), "regions/northumbria/committees/cabinet/newsItems/1");
    }

    #[test]
    fn what_was_typed_is_not_repeated_without_end() {
        let error = northumbria().partnership(&"x ".repeat(50_000)).unwrap_err();
        assert!(error.sentence.starts_with("“x x ") && error.sentence.contains("x …” is not the name of"), "{}", error.sentence);
        assert!(error.sentence.chars().count() < 200, "{}", error.sentence);
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for typed in ["", "a/b/c/d/e", "2021 q3", "citizen-focus/", "regions/kent"] {
            let error = northumbria().cycle(typed).unwrap_err();
            assert!(error.sentence.contains("citizen-focus/2021-q3"), "{typed}: {}", error.sentence);
        }
    }

    #[test]
    fn what_is_shown_can_be_typed_again() {
        let names = northumbria();
        for (name, again) in [
            ("regions/northumbria/committees/cabinet/cycles/2021-q3", Names::cycle as fn(&Names, &str) -> _),
            ("regions/northumbria/committees/cabinet/cycles/2021-q3/digests/4", Names::digest),
            ("regions/northumbria/partnerships/gateshead/newsItems/9", Names::news_item),
            ("regions/northumbria/committees/cabinet/newsItems/9", Names::news_item),
            ("regions/northumbria/partnerships/gateshead/returns/cabinet.2021-q3", Names::returned),
            ("regions/northumbria/partnerships/gateshead/wordings/9", Names::wording),
            ("regions/northumbria/partnerships/gateshead/jointItems/9", Names::joint_item),
            ("regions/northumbria/persons/jo/tokens/7", Names::token),
            ("regions/northumbria/committees/cabinet/cycles/2021-q3/jobs/release", Names::job),
        ] {
            assert_eq!(again(&names, &short(name)).unwrap(), name);
        }
    }

    #[test]
    fn a_return_is_named_after_committee_and_cycle() {
        assert_eq!(
            Names::return_of("regions/n/partnerships/gateshead", "regions/n/committees/citizen-focus/cycles/2021-q3"),
            "regions/n/partnerships/gateshead/returns/citizen-focus.2021-q3"
        );
    }
}
