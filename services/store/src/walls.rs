//! The two walls between tenants: the predicates of the statements, and row-level security on PostgreSQL.
//!
//! Either alone must keep tenants apart, because a predicate can be forgotten and a policy dropped. A promise like that is
//! worth what its test is: with the feature `one-wall`, which only the tests turn on, the variable `CSP_TEST_ONE_WALL` takes
//! one of the two down, and the whole suite must pass all the same.
//!
//! * `CSP_TEST_ONE_WALL=rows`: the predicates are gone. `region_id = $1` holds for every row, and what Rust itself compares
//!   with the scope is let through.
//! * `CSP_TEST_ONE_WALL=predicates`: row-level security is gone. The tests switch it off in the database, and the check of
//!   the catalogue at the start does not insist on it.
//!
//! Without the feature both stand, and nothing in the environment can change that.

pub(crate) use standing::{as_sent, predicates_stand, rows_stand};

#[cfg(not(feature = "one-wall"))]
mod standing {
    /// Whether the predicates stand.
    pub(crate) const fn predicates_stand() -> bool {
        true
    }

    /// Whether row-level security stands.
    pub(crate) const fn rows_stand() -> bool {
        true
    }

    /// The text of a statement as the engine is given it.
    pub(crate) const fn as_sent(text: &'static str) -> &'static str {
        text
    }
}

#[cfg(feature = "one-wall")]
mod standing {
    use std::{
        collections::HashMap,
        sync::{LazyLock, Mutex, PoisonError},
    };

    /// The wall that alone is to hold.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Wall {
        Predicates,
        Rows,
    }

    static ALONE: LazyLock<Option<Wall>> = LazyLock::new(|| match std::env::var("CSP_TEST_ONE_WALL").as_deref() {
        Ok("predicates") => Some(Wall::Predicates),
        Ok("rows") => Some(Wall::Rows),
        Ok("") | Err(_) => None,
        Ok(_) => panic!("CSP_TEST_ONE_WALL names the wall that stands alone: `predicates` or `rows`"),
    });

    /// Whether the predicates stand.
    pub(crate) fn predicates_stand() -> bool {
        *ALONE != Some(Wall::Rows)
    }

    /// Whether row-level security stands.
    pub(crate) fn rows_stand() -> bool {
        *ALONE != Some(Wall::Predicates)
    }

    /// The text of a statement as the engine is given it.
    pub(crate) fn as_sent(text: &'static str) -> &'static str {
        static SEEN: LazyLock<Mutex<HashMap<&'static str, &'static str>>> = LazyLock::new(Mutex::default);
        if predicates_stand() {
            return text;
        }
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry(text).or_insert_with(|| without_predicates(text).leak())
    }

    /// Lets `region_id = $1` hold for every row, wherever it stands; the parameter keeps its place and its type.
    fn without_predicates(text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 16);
        let mut rest = text;
        while let Some(at) = rest.find("region_id = $") {
            let (before, here) = rest.split_at(at);
            // Qualified names too: `r.region_id`.
            let start = before.rfind([' ', '(']).map_or(0, |space| space + 1);
            let end = here["region_id = $".len()..].find(|c: char| !c.is_ascii_digit()).map_or(here.len(), |n| n + "region_id = $".len());
            out.push_str(&before[..start]);
            out.push('(');
            out.push_str(&before[start..]);
            out.push_str(&here[..end]);
            out.push_str(" OR TRUE)");
            rest = &here[end..];
        }
        out.push_str(rest);
        out
    }

    #[cfg(test)]
    mod tests {
        use super::without_predicates;

        #[test]
        fn a_predicate_holds_for_every_row_and_a_join_stays_a_join() {
            let text = "SELECT 1 FROM a r JOIN b v ON v.region_id = r.region_id WHERE r.region_id = $1 AND x = $2";
            let wanted = "SELECT 1 FROM a r JOIN b v ON v.region_id = r.region_id WHERE (r.region_id = $1 OR TRUE) AND x = $2";
            assert_eq!(without_predicates(text), wanted);
            assert_eq!(without_predicates("DELETE FROM a WHERE region_id = $1"), "DELETE FROM a WHERE (region_id = $1 OR TRUE)");
        }
    }
}
