//! `docs/checks.md` says what the rules say, and which errors are caught; each by a test that is there.
//!
//! `CSP_WRITE_DOCS=1` writes both tables anew.

use std::path::{Path, PathBuf};

use csp_domain::check::Rule;

/// Errors of the papers that the figures alone give away: the number in our list, what was printed, what catches it, and the test that
/// plays it.
const CAUGHT: &[(u8, &str, &str, &str, &str)] = &[
    (
        1,
        "A fall of 28.9% from 333 to 237, which is 28.8%",
        "`typed-percentage`",
        PAPERS,
        "a_change_that_is_a_tenth_off_is_asked_about_and_a_right_one_is_not",
    ),
    (
        3,
        "71% do *not* feel safe, where 71% do",
        "`far-from-last-year`",
        PAPERS,
        "those_who_feel_safe_taken_for_those_who_do_not_are_far_from_last_year",
    ),
    (
        4,
        "“10% increase” from 70% to 80%, which is ten percentage points",
        "`typed-percentage`",
        PAPERS,
        "ten_percentage_points_that_are_called_ten_percent_are_asked_about",
    ),
    (5, "A target of “??%”", "`not-a-number`", PAPERS, "no_draft_mark_is_a_number"),
    (
        6,
        "Survey waves 10 to 13 set beside 8 to 11, which share respondents",
        "refused by the comparison",
        SURVEY,
        "waves_10_to_13_and_8_to_11_share_respondents",
    ),
    (7, "“A 20.16 reduction”, without a sign", "`not-a-number`: a count is whole", PAPERS, "a_percentage_without_its_sign_is_no_count"),
    (
        8,
        "25.3%, 10.8%, 61.4%, without counts",
        "`not-a-number`: a percentage is worked out from its counts",
        FIGURES,
        "numbers_are_taken_as_people_write_them_and_asked_about_where_they_can_be_two",
    ),
    (9, "Nine months set beside eight", "refused by the comparison", PAPERS, "nine_months_are_not_compared_with_eight"),
    (15, "30 young people, of whom eight are adults", "`part-exceeds-whole`", PAPERS, "adults_counted_among_young_people_exceed_them"),
    (16, "Half of a cost, entered in full", "`typed-percentage`", PAPERS, "half_of_a_cost_that_is_entered_in_full_is_no_half"),
    (
        17,
        "A total for 2012 before 2012 was over",
        "`after-the-cut-off`",
        STORY,
        "a_year_that_is_not_over_and_a_percentage_of_nobody_are_refused_by_name",
    ),
    (
        18,
        "45 referrals and 28 completions, without the rate",
        "the share is worked out and printed",
        PAPERS,
        "completions_are_printed_with_the_rate_they_are",
    ),
    (22, "“£96, 466”", "asked about: it can be two numbers", NOTATION, "a_stray_space_in_an_amount_is_asked_about"),
    (
        33,
        "The same as last quarter, told as new; where it is figures",
        "`unchanged`",
        PAPERS,
        "last_quarters_figures_sent_again_are_unchanged_to_the_digit",
    ),
    (35, "“TBC”, “info awaited”; where a figure belongs", "`not-a-number`", PAPERS, "no_draft_mark_is_a_number"),
    (
        38,
        "“A 30% reduction”, without base, period or source",
        "a quoted figure needs its source and its period",
        STORY,
        "a_year_that_is_not_over_and_a_percentage_of_nobody_are_refused_by_name",
    ),
    (
        39,
        "50% of the community, of an unknown number",
        "`not-a-number`: a percentage is worked out from its counts",
        FIGURES,
        "numbers_are_taken_as_people_write_them_and_asked_about_where_they_can_be_two",
    ),
];

const PAPERS: &str = "services/domain/tests/check/papers.rs";
const SURVEY: &str = "services/domain/src/measure/survey.rs";
const FIGURES: &str = "services/csp/src/commands/figures/tests.rs";
const NOTATION: &str = "services/sheet/src/notation.rs";
const STORY: &str = "tests/stories/checks.rs";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn caught() -> String {
    let mut out = "| | what was printed | what catches it | played by |\n|---|---|---|---|\n".to_owned();
    for (number, what, by, file, test) in CAUGHT {
        out.push_str(&format!("| {number} | {what} | {by} | [`{test}`](../{file}) |\n"));
    }
    out
}

/// Holds the table between two marks of the documentation.
#[track_caller]
fn held(mark: &str, table: &str) {
    let path = root().join("docs/checks.md");
    let docs = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let start = docs.find(&begin).map(|at| at + begin.len()).unwrap();
    let stop = docs.find(&end).unwrap();
    if std::env::var("CSP_WRITE_DOCS").is_ok_and(|value| value == "1") {
        std::fs::write(&path, format!("{}{table}{}", &docs[..start], &docs[stop..])).unwrap();
        return;
    }
    assert_eq!(&docs[start..stop], table, "write it anew with CSP_WRITE_DOCS=1 cargo test -p csp-domain --test check docs");
}

#[test]
fn the_documentation_says_what_the_rules_say_and_what_is_caught() {
    held("rules", &Rule::table());
    held("caught", &caught());
}

#[test]
fn every_error_that_is_caught_is_played_by_a_test_that_is_there() {
    for (number, _, _, file, test) in CAUGHT {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        assert!(text.contains(&format!("fn {test}(")), "{number}: {file} has no test {test}");
    }
    assert!(CAUGHT.is_sorted_by_key(|(number, ..)| *number));
}

#[test]
fn every_rule_has_an_identifier_of_its_own_that_no_mark_can_break() {
    for rule in Rule::ALL {
        assert_eq!(Rule::from_id(rule.id()), Some(rule));
        assert!(rule.id().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.id());
        assert!(!rule.says().ends_with('.') && rule.how().ends_with('.') && !format!("{}{}", rule.says(), rule.how()).contains('|'));
    }
}
