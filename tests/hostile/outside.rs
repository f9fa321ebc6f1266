//! The properties that the fuzz targets drive, on their seeds and on chance.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use csp_tests::properties::{ALL, REQUESTS, try_on};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{RngSeed, TestRunner},
};

use crate::{long, strings, walk::methods};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The names of what lies in a folder, without their endings.
fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

/// What once broke something lies here too, and stays.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = fuzz().join("seeds").join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn every_property_has_a_fuzz_target_and_seeds() {
    let all: BTreeSet<String> = ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names_in(&fuzz().join("fuzz_targets")), all);
    assert_eq!(names_in(&fuzz().join("seeds")), all);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in &all {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is not built");
        assert!(!seeds(name).is_empty(), "{name} has no seeds");
    }
}

#[test]
fn every_request_of_the_contract_is_read() {
    let read: BTreeSet<&str> = REQUESTS.iter().map(|(name, _)| *name).collect();
    let contract: BTreeSet<String> = methods().iter().map(|method| method.input().name().to_owned()).collect();
    assert_eq!(contract, read.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn every_property_holds_of_its_seeds() {
    let mut broken = Vec::new();
    for (name, _) in ALL {
        for (n, seed) in seeds(name).iter().enumerate() {
            // Of several that are broken all are told.
            if std::panic::catch_unwind(|| try_on(name, seed)).is_err() {
                broken.push(format!("{name}, seed {n}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
}

/// Pieces of seeds and hostile strings, cut and joined.
fn spliced(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let strings: Vec<Vec<u8>> = strings::all().into_iter().map(|s| s.text.into_bytes()).filter(|text| text.len() < 2_000).collect();
    let piece = prop_oneof![
        3 => (select(seeds.clone()), any::<proptest::sample::Index>(), any::<proptest::sample::Index>()).prop_map(|(seed, from, to)| {
            let (from, to) = (from.index(seed.len() + 1), to.index(seed.len() + 1));
            seed[from.min(to)..from.max(to)].to_vec()
        }),
        2 => select(strings),
        1 => vec(any::<u8>(), 0..40),
    ];
    let joined = vec(piece, 1..6).prop_map(|pieces| pieces.concat());
    // A whole seed with something put into it gets further than pieces do.
    let altered = (select(seeds), any::<proptest::sample::Index>(), 0usize..4, joined.clone()).prop_map(|(mut seed, at, gone, new)| {
        let at = at.index(seed.len() + 1);
        let end = (at + gone).min(seed.len());
        seed.splice(at..end, new);
        seed
    });
    prop_oneof![joined, altered]
}

#[test]
fn every_property_holds_whatever_comes() {
    let cases = if long() { 100_000 } else { 300 };
    let mut broken = Vec::new();
    for (name, property) in ALL {
        // The gate tries the same cases each time, so that it is never red by chance; by the long form chance looks further.
        let rng_seed = if long() { RngSeed::Random } else { RngSeed::Fixed(7) };
        let config = ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() };
        let outcome = TestRunner::new(config).run(&spliced(seeds(name)), |bytes| {
            property(&bytes);
            Ok(())
        });
        println!("{name}: {cases} cases");
        if let Err(fault) = outcome {
            broken.push(format!("{name}: {fault}"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
