//! Deterministic simulation: the real server, on virtual time, against the simulated GitHub, where everything goes wrong that may.
//!
//! ```text
//! tale (a seed's story) ─ people, CI ──────> GitHub (src/sim) ──> deliveries ──> replica: front door, worker, redelivery, reconcile
//!        │                                       ^                                  │
//!        └ chance: every choice and fault        └── hand: each call, each use of the store is a step at which chance strikes
//! model: what must hold at GitHub, judged from what people did and GitHub shows
//! ```
//!
//! One thread, one seeded source of choices, time that stands until somebody sleeps: the same seed tells the same story to the letter.
//! `docs/RELIABILITY.md` says what is simulated, and how a seed is told again.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]
#![expect(clippy::print_stdout, reason = "a story is told, and the counts are the result")]

mod chance;
mod hand;
mod link;
mod memory;
mod model;
mod people;
mod replica;
mod tale;
mod teeth;
mod world;

use std::collections::BTreeMap;
use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use flyball::store::conformance::{CASES, Ground};

use crate::memory::Memory;
use crate::tale::tell;
use crate::world::{Counts, Story};

/// Seeds that once failed, each with what was wrong. They are told in every run.
const REGRESSIONS: &[(u64, &str)] = &[
    (225, "one 404 for the policy file, and it was taken for deleted: one confirm was enough where two were asked for"),
    (330, "somebody's right could not be read when they confirmed, and was not asked for again"),
    (426, "a `/lift` that was redelivered after a `/hold` lifted it, though it was written before it"),
    (1325, "one 404 to the question for somebody's right, and their confirm was void"),
    (1373, "a `/refuse` on a pull request that could not be read yet was passed over"),
    (2866, "one 404 to the question for our comment, and a second one was written"),
    (3017, "a success that was owed from before went out ahead of a `/refuse` that had been accepted meanwhile"),
    (
        1559,
        "a lease that we believed lost was ours still: under its old token a batch was taken for one that was kept already",
    ),
    (1811, "a merge under way gave success to a head that was pushed meanwhile"),
    (8092, "who was asked to stop while the store did not answer never slept again, and no time passed any more"),
    (
        9805,
        "one 404 to the creation of the sticky comment, and there was none for half an hour: a confirm found no suggestion",
    ),
];
/// How many further seeds each run of the tests tells.
const ALWAYS: u64 = 6;
/// A story that takes longer than this by the machine's own clock never ends: somebody works in it without ever sleeping.
const ENDLESS: Duration = Duration::from_secs(300);

#[tokio::test]
async fn the_store_in_memory_keeps_the_contract() {
    let store = Memory::default();
    for case in CASES {
        (case.run)(Ground::new(&store, case)).await;
    }
}

#[test]
fn a_seed_tells_the_same_story_to_the_letter() {
    let seed = 7;
    let (once, again) = (tell(seed, false).story, tell(seed, false).story);
    let differs = once.lines.iter().zip(&again.lines).find(|(once, again)| once != again);
    assert_eq!(differs, None, "seed {seed}");
    assert_eq!((once.lines.len(), once.counts), (again.lines.len(), again.counts), "seed {seed}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how many seeds to tell is asked of the test alone")]
fn seeds_hold() {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let asked = number("FLYBALL_SEEDS");
    let first = number("FLYBALL_FIRST_SEED").unwrap_or(1);
    let regressions = REGRESSIONS.iter().map(|(seed, _)| *seed);
    let seeds: Vec<u64> = regressions.chain(first..first + asked.unwrap_or(ALWAYS)).collect();
    let (next, failed, done) = (AtomicU64::new(0), AtomicBool::new(false), AtomicBool::new(false));
    let all = Mutex::new((0_u64, Counts::default()));
    let under_way = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        let tell_on = || {
            while let Some(seed) = seeds.get(usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap()) {
                under_way.lock().unwrap().insert(*seed, Instant::now());
                let (story, violation) = holds(*seed);
                under_way.lock().unwrap().remove(seed);
                let mut all = all.lock().unwrap();
                all.0 += 1;
                all.1.add(&story.counts);
                if let Some(violation) = violation {
                    failed.store(true, Ordering::Relaxed);
                    if asked.is_none_or(|asked| asked == 1) {
                        println!("{}", story.lines.join("\n"));
                    }
                    println!("seed {seed}: {violation}\n  again: make simulate SEEDS=1 FIRST={seed}");
                }
                if all.0.is_multiple_of(1000) {
                    println!("so far: {} seeds, {}", all.0, all.1);
                }
            }
        };
        let tellers = thread::available_parallelism().map_or(1, usize::from);
        let tellers: Vec<_> = (0..tellers).map(|_| scope.spawn(tell_on)).collect();
        let watch = scope.spawn(|| watch(&under_way, &done));
        tellers.into_iter().for_each(|teller| teller.join().unwrap());
        done.store(true, Ordering::Relaxed);
        watch.thread().unpark();
    });
    let (told, counts) = all.into_inner().unwrap();
    println!("simulated: {told} seeds, {counts}");
    assert!(!failed.load(Ordering::Relaxed), "the seeds above fail; add them to REGRESSIONS with what was wrong");
}

/// Ends the run when a story does not end.
#[expect(clippy::exit, reason = "nothing in a story that spins can be stopped from outside")]
fn watch(under_way: &Mutex<BTreeMap<u64, Instant>>, done: &AtomicBool) {
    while !done.load(Ordering::Relaxed) {
        thread::park_timeout(Duration::from_secs(5));
        let endless =
            under_way.lock().unwrap().iter().find(|(_, since)| since.elapsed() > ENDLESS).map(|(seed, _)| *seed);
        if let Some(seed) = endless {
            println!(
                "seed {seed} does not end: somebody works in it without sleeping\n  again: make simulate SEEDS=1 FIRST={seed}"
            );
            std::process::exit(1);
        }
    }
}

/// Tells a seed's story; where it can be compared, also how it goes when nothing goes wrong.
fn holds(seed: u64) -> (Story, Option<String>) {
    let mut told = tell(seed, false);
    let mut violation = told.story.violation.clone();
    if let (None, Some(seen)) = (&violation, &told.seen) {
        let smoothly = tell(seed, true);
        let smooth = smoothly.seen.unwrap_or_default();
        if *seen != smooth {
            told.story.lines.push("\nWithout trouble:".to_owned());
            told.story.lines.extend(smoothly.story.lines);
            violation = Some(format!("people see something else than without trouble:\n{seen}\ninstead of\n{smooth}"));
        }
    }
    (told.story, violation)
}
