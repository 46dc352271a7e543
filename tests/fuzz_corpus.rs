//! What the fuzz targets call, over their corpus: with the stable compiler and in every run of the tests, so that no target rots.

#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "fuzz/entries.rs"]
mod entries;

/// What a target calls.
type Entry = fn(&[u8]);

/// Every target with what it calls.
const TARGETS: [(&str, Entry); 9] = [
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

/// Pieces that matter to one reader or another.
const PIECES: [&[u8]; 24] = [
    b"\0",
    b"\n",
    b"\r\n",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"-1",
    b"1e400",
    b"18446744073709551616",
    b"null",
    b"/confirm ",
    b"/hold until ",
    b"@@ -1,2 +3,4 @@\n",
    b"\\u0000",
    b"\xff\xfe",
    b"\xe2\x80\xae",
    b"  ",
    b"*",
    b"#",
];

/// An input made of a seed and others: cut, joined, repeated, with bytes changed and pieces put in.
fn mutated(rng: &mut fastrand::Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = rng.choice(seeds).cloned().unwrap_or_default();
    for _ in 0..rng.usize(1..6) {
        let at = rng.usize(0..=input.len());
        match rng.u8(0..6) {
            0 => input.truncate(at),
            1 => input.splice(at..at, rng.choice(PIECES).unwrap_or_default().iter().copied()).for_each(drop),
            2 => {
                let end = rng.usize(at..=input.len());
                input.drain(at..end);
            }
            3 => {
                let end = rng.usize(at..=input.len().min(at + 64));
                let part = input[at..end].repeat(rng.usize(1..4));
                input.splice(at..at, part);
            }
            4 => {
                let other = rng.choice(seeds).cloned().unwrap_or_default();
                input.extend_from_slice(&other[rng.usize(0..=other.len())..]);
            }
            _ => input.iter_mut().skip(at).take(1).for_each(|byte| *byte = rng.u8(..)),
        }
    }
    input.truncate(16 << 10);
    input
}

/// Random inputs without a guide, for each target as many as `FLYBALL_MUTATIONS` says: `make fuzz` searches better, this needs no
/// other compiler. An input that fails is printed.
#[test]
#[expect(clippy::disallowed_methods, reason = "how many inputs to try is asked of the test alone")]
#[expect(clippy::print_stdout, reason = "the counts are the result")]
fn mutated_seeds_are_met_calmly() {
    let asked = std::env::var("FLYBALL_MUTATIONS").ok();
    let count: u64 = asked.map_or(200, |text| text.parse().expect("FLYBALL_MUTATIONS is a number"));
    for (target, entry) in TARGETS {
        let files = fs::read_dir(home().join("corpus").join(target)).unwrap();
        let mut seeds: Vec<_> = files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
        seeds.sort();
        let mut rng = fastrand::Rng::with_seed(count);
        for number in 0..count {
            let input = mutated(&mut rng, &seeds);
            let met = std::panic::catch_unwind(|| entry(&input));
            assert!(met.is_ok(), "{target}, input {number} of seed {count}: {:?}", input.escape_ascii().to_string());
        }
        println!("{target}: {count} inputs");
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
    let parsed = seeds("patch").into_iter().filter(|seed| {
        let text = String::from_utf8_lossy(seed);
        flyball::domain::integration::patch::parse(&text).is_ok_and(|read| !read.hunks.is_empty())
    });
    assert!(parsed.count() >= 3);
    let loads = seeds("policy").into_iter().filter(|seed| {
        let text = String::from_utf8_lossy(seed);
        flyball::domain::policy::load(&text, flyball::domain::policy::Around::default()).standard.is_some()
    });
    assert!(loads.count() >= 2);
}
