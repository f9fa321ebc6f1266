//! What every crate must keep to, asked of `cargo metadata` and of the files themselves.
//!
//! `deny.toml` says some of the same to whoever has cargo-deny; this says it to everybody who runs the tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Which of our crates each of them may depend on. Data flows one way: proto, api, domain, store for what comes in;
/// scheduler, edition, digest, render, mail for what goes out. A crate that is not here has no place in the house yet:
/// give it one, as narrow as it can be.
const DIRECTION: &[(&str, &[&str])] = &[
    ("csp-domain", &[]),
    ("csp-digest", &["csp-domain"]),
    ("csp-render", &["csp-domain"]),
    ("csp-pdf", &["csp-domain", "csp-render"]),
    ("csp-store", &["csp-domain"]),
    ("csp-edition", &["csp-domain", "csp-digest", "csp-render", "csp-pdf", "csp-store"]),
    ("csp-mail", &["csp-domain"]),
    // Letters are rendered where it is decided that they are due.
    ("csp-scheduler", &["csp-domain", "csp-edition", "csp-render", "csp-sheet", "csp-store", "csp-mail"]),
    ("csp-proto", &[]),
    ("csp-api", &["csp-proto", "csp-domain", "csp-store", "csp-edition"]),
    ("csp-web", &["csp-domain", "csp-store", "csp-render"]),
    ("csp-sheet", &[]),
    // All but the client and what only the client needs.
    (
        "cspd",
        &[
            "csp-api",
            "csp-digest",
            "csp-domain",
            "csp-edition",
            "csp-mail",
            "csp-pdf",
            "csp-proto",
            "csp-render",
            "csp-scheduler",
            "csp-store",
            "csp-web",
        ],
    ),
    // The client speaks and stores nothing.
    ("csp", &["csp-proto", "csp-sheet"]),
    // It measures the programs from outside, as their users see them, and what is too much for one call on the store itself.
    ("csp-bench", &["csp-domain", "csp-edition", "csp-proto", "csp-store"]),
];

/// What only one crate may name, besides the tests of the whole.
const KEEPERS: &[(&str, &str)] = &[("sqlx", "csp-store"), ("lettre", "csp-mail"), ("tokio-cron-scheduler", "csp-scheduler")];

/// Those that never see the wire.
const BEHIND_THE_WIRE: &[&str] =
    &["csp-domain", "csp-digest", "csp-render", "csp-pdf", "csp-store", "csp-mail", "csp-scheduler", "csp-edition"];

/// The tests may name everything of ours, and the database, to look at it behind the store's back.
const TESTS: &str = "csp-tests";

/// The benchmark names the database too: the least that a server can be opens one.
const BENCH: &str = "csp-bench";

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests are in the workspace").to_owned()
}

fn house() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().expect("cargo describes the workspace")
}

#[test]
fn dependencies_point_one_way() {
    let house = house();
    let allowed: BTreeMap<&str, &[&str]> = DIRECTION.iter().copied().collect();
    let ours: BTreeSet<&str> = house.packages.iter().map(|package| package.name.as_str()).collect();
    let mut faults = Vec::new();
    for package in house.packages.iter().filter(|package| package.name.as_str() != TESTS) {
        let Some(allowed) = allowed.get(package.name.as_str()) else {
            faults.push(format!("{} has no place in the table of directions", package.name));
            continue;
        };
        // Their tests keep the direction too: a test that needs more is a test of the whole. A crate may ask its own
        // tests for features of itself.
        for name in package.dependencies.iter().map(|dependency| dependency.name.as_str()) {
            if ours.contains(name) && name != package.name.as_str() && !allowed.contains(&name) {
                faults.push(format!("{} may not depend on {name}", package.name));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_database_the_mail_and_the_bell_have_one_keeper_each() {
    let house = house();
    for (name, keeper) in KEEPERS {
        let users: Vec<&str> = house
            .packages
            .iter()
            .filter(|package| package.dependencies.iter().any(|dependency| dependency.name == *name))
            .map(|package| package.name.as_str())
            .filter(|user| ![TESTS, BENCH].contains(user))
            .collect();
        assert_eq!(users, [*keeper], "{name}");
    }
}

#[test]
fn what_is_behind_the_wire_never_sees_it() {
    let mut faults = Vec::new();
    for package in house().packages.iter().filter(|package| BEHIND_THE_WIRE.contains(&package.name.as_str())) {
        for name in package.dependencies.iter().map(|dependency| &dependency.name) {
            if name.starts_with("tonic") || name.starts_with("prost") || name == "csp-proto" {
                faults.push(format!("{} names {name}", package.name));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn deny_toml_says_the_same() {
    let deny = std::fs::read_to_string(root().join("deny.toml")).expect("there is a deny.toml");
    for (name, keeper) in KEEPERS {
        let line = deny.lines().find(|line| line.contains(&format!("crate = \"{name}\""))).unwrap_or_default();
        assert!(line.contains(&format!("\"{keeper}\"")), "deny.toml does not keep {name} to {keeper}: {line}");
    }
}

#[test]
fn every_crate_begins_by_saying_what_it_is_for() {
    let mut faults = Vec::new();
    for package in house().packages {
        for target in package.targets.iter().filter(|target| target.is_lib() || target.is_bin() || target.is_test()) {
            let text = std::fs::read_to_string(&target.src_path).expect("the target has a file");
            if !text.starts_with("//! ") {
                faults.push(format!("{} does not begin with //!", target.src_path));
            }
        }
        if package.description.as_ref().is_none_or(String::is_empty) {
            faults.push(format!("{} has no description", package.name));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The files under version control; without a repository, all there are.
fn files() -> Vec<PathBuf> {
    let root = root();
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(&root).output();
    match listed {
        Ok(listed) if listed.status.success() => {
            let names = String::from_utf8(listed.stdout).expect("our files have plain names");
            names.split('\0').filter(|name| !name.is_empty()).map(|name| root.join(name)).collect()
        }
        _ => walk(&root),
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be read").flatten() {
        let name = entry.file_name();
        if entry.path().is_dir() {
            if name != "target" && name != ".git" && name != "node_modules" {
                found.extend(walk(&entry.path()));
            }
        } else {
            found.push(entry.path());
        }
    }
    found
}

#[test]
fn no_file_points_to_where_it_was_written() {
    // In two pieces, or this file would be the first to be found.
    let elsewhere = [concat!("../sha", "red"), concat!("/wo", "rk/")];
    let mut faults = Vec::new();
    let files = files();
    assert!(files.len() > 100, "{files:?}");
    for file in files {
        // A file that was deleted and is still listed, and what is not text, point nowhere.
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        for (number, line) in text.lines().enumerate() {
            if elsewhere.iter().any(|place| line.contains(place)) {
                faults.push(format!("{}:{}: {line}", file.display(), number + 1));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn both_engines_have_migrations_of_the_same_names() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = root().join("migrations").join(engine);
        std::fs::read_dir(folder)
            .expect("there are migrations")
            .flatten()
            .map(|entry| entry.file_name().into_string().expect("our files have plain names"))
            .collect()
    };
    let sqlite = names("sqlite");
    assert_eq!(sqlite, names("postgres"));
    let numbers: Vec<String> = sqlite.iter().map(|name| name.chars().take(4).collect()).collect();
    let wanted: Vec<String> = (1..=sqlite.len()).map(|number| format!("{number:04}")).collect();
    assert_eq!(numbers, wanted, "numbered without a gap");
}

/// What takes a wall down, or opens a parser, is for the tests: nothing that is shipped turns it on.
#[test]
fn only_the_tests_turn_on_what_is_for_tests() {
    for package in house().workspace_packages() {
        if package.name.as_str() == TESTS || package.name.as_str() == "csp-bench" {
            continue;
        }
        for dependency in package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal) {
            for feature in ["one-wall", "outside", "sink"] {
                assert!(!dependency.features.iter().any(|on| on == feature), "{} turns on {feature} of {}", package.name, dependency.name);
            }
        }
        let by_default = package.features.get("default").into_iter().flatten();
        for feature in by_default {
            assert!(
                !["one-wall", "outside", "sink"].iter().any(|kept| feature.contains(kept)),
                "{}: {feature} is on by default",
                package.name
            );
        }
    }
}
