//! What the fuzz targets call, over their corpus: with the stable compiler and in every run of the tests, so that no target rots.

#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "fuzz/entries.rs"]
mod entries;

/// Every target with what it calls.
const TARGETS: [(&str, fn(&[u8])); 9] = [
    ("payload", entries::payload),
    ("signature", entries::signature),
    ("commands", entries::commands),
    ("policy", entries::policy),
    ("patch", entries::patch),
    ("codeowners", entries::codeowners),
    ("packages", entries::packages),
    ("declared", entries::declared),
    ("stored", entries::stored),
];

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(home().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn every_target_is_tried_here_and_has_a_corpus() {
    let here: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("targets"), here);
    assert_eq!(names("corpus"), here);
}

/// Each seed as it is, cut off at every eighth, and with each of some bytes in its middle replaced.
fn shapes(seed: &[u8]) -> Vec<Vec<u8>> {
    let cuts = (0..=8).map(|part| seed[..seed.len() * part / 8].to_vec());
    let swaps = [0, b'"', b'\n', 0xff, b'{', b' '].into_iter().map(|byte| {
        let mut other = seed.to_vec();
        if let Some(middle) = other.get_mut(seed.len() / 2) {
            *middle = byte;
        }
        other
    });
    cuts.chain(swaps).collect()
}

#[test]
fn every_seed_is_met_calmly_whole_cut_and_damaged() {
    for (target, entry) in TARGETS {
        for seed in fs::read_dir(home().join("corpus").join(target)).unwrap() {
            let seed = fs::read(seed.unwrap().path()).unwrap();
            shapes(&seed).iter().for_each(|shape| entry(shape));
        }
    }
}

#[test]
fn the_seeds_reach_what_they_are_for() {
    let seeds = |target: &str| {
        let files = fs::read_dir(home().join("corpus").join(target)).unwrap();
        files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect::<Vec<_>>()
    };
    let events: BTreeSet<_> = seeds("payload").iter().filter_map(|seed| Some(entries::event_of(seed)?.0)).collect();
    assert_eq!(events.len(), 16, "every kind of event has a seed: {events:?}");
    let parsed = seeds("patch").iter().filter(|seed| {
        let text = String::from_utf8_lossy(seed);
        flyball::domain::integration::patch::parse(&text).is_ok_and(|read| !read.hunks.is_empty())
    });
    assert!(parsed.count() >= 3);
    let loads = seeds("policy").iter().filter(|seed| {
        let text = String::from_utf8_lossy(seed);
        flyball::domain::policy::load(&text, flyball::domain::policy::Around::default()).standard.is_some()
    });
    assert!(loads.count() >= 2);
}
