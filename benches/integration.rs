//! What integration costs, from 100 to 100,000 open units of one repository: building the index, bringing one unit up to date, the order.
//!
//! Besides the medians of criterion it prints quantiles of single updates: `cargo bench --bench integration`. What a unit weighs is told by
//! `cargo bench --bench memory`: counting every allocation would slow this one down.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use flyball::domain::integration::collision::Kind;
use flyball::domain::integration::footprint::Footprint;
use flyball::domain::integration::index::Index;
use flyball::domain::integration::order::{Candidate, Clash, Crowd, Pains, Question, plan, sequence_cost};
use mimalloc::MiMalloc;

use units::{Dice, SIZES, footprints, index_of};

#[path = "support/units.rs"]
mod units;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn question(index: &Index<u32>, count: u32) -> Question<u32> {
    let mut question = Question { candidates: (0..count).map(Candidate::new).collect(), ..Question::default() };
    for unit in 0..count {
        let textual = index
            .neighbours(unit)
            .collisions
            .into_iter()
            .filter(|found| found.a == unit && found.finding.kind == Kind::Textual);
        question.clashes.extend(textual.map(|found| Clash {
            a: found.a,
            b: found.b,
            lines_a: found.finding.lines.0,
            lines_b: found.finding.lines.1,
        }));
    }
    let crowds = index.groups().into_iter().filter(|group| group.kind == Kind::Textual);
    question.crowds = crowds
        .map(|group| Crowd { place: group.path, members: group.members.into_iter().map(|unit| (unit, 4)).collect() })
        .collect();
    question
}

fn building(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("integration/build");
    group.sample_size(10);
    for count in SIZES {
        let all = footprints(count);
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| bencher.iter(|| index_of(black_box(&all))));
    }
    group.finish();
}

fn updating(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("integration/update");
    for count in SIZES {
        let all = footprints(count);
        let mut index = index_of(&all);
        quantiles(&mut index, &all, count);
        let mut dice = Dice(7);
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter_batched(
                || dice.roll(all.len()),
                |at| update(&mut index, u32::try_from(at).unwrap_or(0), &all[(at + 1) % all.len()]),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// A new head: the unit's footprint is replaced and its collisions are found again.
fn update(index: &mut Index<u32>, unit: u32, footprint: &Footprint) -> usize {
    index.insert(unit, footprint.clone());
    let found = index.neighbours(unit);
    found.collisions.len() + found.groups.len()
}

fn quantiles(index: &mut Index<u32>, all: &[Footprint], count: u32) {
    let mut dice = Dice(99);
    let mut times: Vec<u128> = (0..5_000)
        .map(|_| {
            let at = dice.roll(all.len());
            let started = Instant::now();
            black_box(update(index, u32::try_from(at).unwrap_or(0), &all[(at + 3) % all.len()]));
            started.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    let at = |share: usize| times[times.len() * share / 1_000] / 1_000;
    println!(
        "{count} units: one update takes {} us at the median, {} us at p99, {} us at p99.9",
        at(500),
        at(990),
        at(999)
    );
}

fn ordering(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("integration/order");
    group.sample_size(10);
    for count in [100, 1_000, 10_000] {
        let question = question(&index_of(&footprints(count)), count);
        let answer = plan(&question);
        println!(
            "{count} units: {} clashes, {} waves, {:?}",
            question.clashes.len(),
            answer.waves.len(),
            answer.effort
        );
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| bencher.iter(|| plan(black_box(&question))));
    }
    group.finish();
}

/// What a component of units that all clash costs to solve, by size: where the exact search ends.
fn solving(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("integration/component");
    group.sample_size(10);
    for count in [8_u32, 12, 16, 17, 20, 40] {
        let mut dice = Dice(u64::from(count) + 11);
        let mut question = Question { candidates: (0..count).map(Candidate::new).collect(), ..Question::default() };
        for a in 0..count {
            for b in a + 1..count {
                let mut lines = || u32::try_from(dice.roll(100)).unwrap_or(0) + 1;
                question.clashes.push(Clash { a, b, lines_a: lines(), lines_b: lines() });
            }
        }
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| bencher.iter(|| plan(black_box(&question))));
    }
    group.finish();
}

/// How far the heuristic is from the proven optimum, on random components of 12 units.
fn gap(_: &mut Criterion) {
    let mut dice = Dice(0x5851_f42d_4c95_7f2d);
    let mut gaps: Vec<u64> = (0..60)
        .map(|_| {
            let mut solved = Question { candidates: (0..12).map(Candidate::new).collect(), ..Question::default() };
            for a in 0..12_u32 {
                for b in a + 1..12 {
                    let mut lines = || u32::try_from(dice.roll(200)).unwrap_or(0) + 1;
                    let clash = Clash { a, b, lines_a: lines(), lines_b: lines() };
                    if dice.roll(10) < 4 {
                        solved.clashes.push(clash);
                    }
                }
            }
            let guessed = Question { pains: Pains { states: 0, ..Pains::default() }, ..solved.clone() };
            let cost = |question: &Question<u32>| {
                let order: Vec<u32> = plan(question).order.iter().map(|position| position.unit).collect();
                sequence_cost(&solved, &order)
            };
            let (best, found) = (cost(&solved), cost(&guessed));
            (found - best) * 1_000 / best.max(1)
        })
        .collect();
    gaps.sort_unstable();
    let mean = gaps.iter().sum::<u64>() / gaps.len() as u64;
    println!(
        "heuristic over the optimum, in tenths of a percent: median {}, mean {mean}, worst {}",
        gaps[gaps.len() / 2],
        gaps[gaps.len() - 1]
    );
}

/// `flyball plan` on real pull requests against `git merge-tree --stdin` in one process, turn by turn.
///
/// Git writes what a merge makes, and finds it written when it is asked again; so each round has a clone that nobody has asked yet, and git
/// is timed on it twice. The plan also says which heads conflict with the base, which all pairs do not tell: git is timed with that asked, too.
fn exact(_: &mut Criterion) {
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::vars_os().find(|(key, _)| key == "FLYBALL_SHARED").map_or(beside, |(_, value)| value.into());
    let Ok(labels) = std::fs::read_to_string(shared.join("conflicts/dev.jsonl")) else {
        println!("exact: no sample of real pull requests beside the project");
        return;
    };
    let bundle = shared.join("conflicts/dev.bundle");
    let snapshots: Vec<serde_json::Value> = labels.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mut rounds: Vec<[u128; 5]> = Vec::new();
    for _ in 0..ROUNDS {
        let (clone, other) = (clone(&bundle), clone(&bundle));
        let timed = |run: fn(&Path, &serde_json::Value), folder: &tempfile::TempDir| {
            let started = Instant::now();
            snapshots.iter().for_each(|snapshot| run(folder.path(), snapshot));
            started.elapsed().as_micros()
        };
        rounds.push([
            timed(ours, &clone),
            timed(pairs, &clone),
            timed(pairs, &clone),
            timed(pairs_and_base, &other),
            timed(pairs_and_base, &other),
        ]);
    }
    let median = |figure: &dyn Fn(&[u128; 5]) -> u128| {
        let mut all: Vec<u128> = rounds.iter().map(figure).collect();
        all.sort_unstable();
        all[ROUNDS / 2]
    };
    println!(
        "{} snapshots, medians of {ROUNDS} in turn: flyball plan {} ms",
        snapshots.len(),
        median(&|all| all[0]) / 1_000
    );
    let asked = ["all pairs", "all pairs again", "all pairs and the base with each", "those again"];
    for (at, asked) in asked.iter().enumerate() {
        let ratio = median(&|all| all[at + 1] * 100 / all[0].max(1));
        let took = median(&|all| all[at + 1]) / 1_000;
        println!("git merge-tree --stdin, {asked}: {took} ms, {}.{:02} times as long", ratio / 100, ratio % 100);
    }
}

const ROUNDS: usize = 9;

fn clone(bundle: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cloned = Command::new("git").args(["clone", "--quiet", "--mirror"]).arg(bundle).arg(folder.path()).status();
    assert!(cloned.is_ok_and(|status| status.success()), "the bundle can be cloned");
    folder
}

fn heads(snapshot: &serde_json::Value) -> Vec<(&str, &str)> {
    let all = snapshot["heads"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(|head| Some((head["name"].as_str()?, head["sha"].as_str()?))).collect()
}

fn ours(folder: &Path, snapshot: &serde_json::Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flyball"));
    command.arg("plan").arg("--repo").arg(folder).args(["--format", "json", "--base"]);
    command.arg(snapshot["base"].as_str().unwrap_or_default());
    for (name, sha) in heads(snapshot) {
        command.arg("--head").arg(format!("{name}={sha}"));
    }
    let output = command.output().expect("flyball runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn pairs(folder: &Path, snapshot: &serde_json::Value) {
    theirs(folder, snapshot, String::new());
}

fn pairs_and_base(folder: &Path, snapshot: &serde_json::Value) {
    let base = snapshot["base"].as_str().unwrap_or_default();
    theirs(folder, snapshot, heads(snapshot).iter().map(|(_, head)| format!("{base} {head}\n")).collect());
}

/// Git, asked for all pairs after these.
fn theirs(folder: &Path, snapshot: &serde_json::Value, mut pairs: String) {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["merge-tree", "--write-tree", "--stdin"]);
    let mut git = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("git runs");
    let heads = heads(snapshot);
    for (at, (_, a)) in heads.iter().enumerate() {
        for (_, b) in &heads[at + 1..] {
            pairs.push_str(&format!("{a} {b}\n"));
        }
    }
    let written = git.stdin.take().map(|mut stdin| stdin.write_all(pairs.as_bytes()));
    assert!(matches!(written, Some(Ok(()))), "git takes the pairs");
    assert!(git.wait().is_ok_and(|status| status.code() == Some(0)), "git answers");
}

criterion_group!(benches, building, updating, ordering, solving, gap, exact);
criterion_main!(benches);
