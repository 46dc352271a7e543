//! `flyball plan` against real pull requests whose collisions git itself has labelled (`shared/conflicts`).
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test panics where it fails, and its figures are for reading"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Where the labelled data is: `FLYBALL_SHARED`, or `../shared` beside the project. Loud where it is missing.
fn shared() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::vars_os().find(|(key, _)| key == "FLYBALL_SHARED").map_or(beside, |(_, value)| value.into());
    let data = folder.join("conflicts");
    assert!(data.join("dev.jsonl").is_file(), "no labelled data in {}: set FLYBALL_SHARED", data.display());
    data
}

fn snapshots() -> Vec<Value> {
    let text = std::fs::read_to_string(shared().join("dev.jsonl")).expect("the labels can be read");
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// Clones the bundle into a folder of its own.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bundle = shared().join("dev.bundle");
    let status = Command::new("git").args(["clone", "--quiet", "--mirror"]).arg(bundle).arg(folder.path()).status();
    assert!(status.expect("git runs").success(), "the bundle can be cloned");
    folder
}

fn plan(repository: &Path, snapshot: &Value, engine: &str) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flyball"));
    command.arg("plan").arg("--repo").arg(repository).args(["--format", "json", "--engine", engine]);
    command.args(["--base", snapshot["base"].as_str().unwrap()]);
    for head in snapshot["heads"].as_array().unwrap() {
        command.arg("--head").arg(format!("{}={}", head["name"].as_str().unwrap(), head["sha"].as_str().unwrap()));
    }
    let output = command.output().expect("flyball runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the answer is JSON")
}

type Pair = (String, String);

fn pair(value: &Value) -> Pair {
    let (a, b) = (value["a"].as_str().unwrap().to_owned(), value["b"].as_str().unwrap().to_owned());
    if a < b { (a, b) } else { (b, a) }
}

fn strings(value: &Value) -> Vec<String> {
    let mut all: Vec<String> =
        value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect();
    all.sort();
    all
}

/// Right, false and missed, with the false and missed in words.
#[derive(Default)]
struct Score {
    right: usize,
    wrong: Vec<String>,
    missed: Vec<String>,
}

impl Score {
    fn count(&mut self, labelled: bool, found: bool, what: String) {
        match (labelled, found) {
            (true, true) => self.right += 1,
            (false, true) => self.wrong.push(what),
            (true, false) => self.missed.push(what),
            (false, false) => {}
        }
    }

    fn precision(&self) -> f64 {
        ratio(self.right, self.wrong.len())
    }

    fn recall(&self) -> f64 {
        ratio(self.right, self.missed.len())
    }
}

fn ratio(right: usize, other: usize) -> f64 {
    f64::from(u32::try_from(right).unwrap()) / f64::from(u32::try_from(right + other).unwrap())
}

/// Scores pairs and conflicts with the base; paths are compared where `paths` says so.
fn score(engine: &str, paths: bool) -> (Score, Score) {
    let repository = repository();
    let (mut pairs, mut alone) = (Score::default(), Score::default());
    for snapshot in snapshots() {
        let answer = plan(repository.path(), &snapshot, engine);
        let labels: BTreeMap<Pair, &Value> =
            snapshot["pairs"].as_array().unwrap().iter().map(|label| (pair(label), label)).collect();
        let found = answer["collisions"].as_array().unwrap().iter().filter(|collision| collision["kind"] == "textual");
        let found: BTreeMap<Pair, &Value> = found.map(|collision| (pair(collision), collision)).collect();
        for (key, label) in &labels {
            if label["kind"] == "blocked" {
                continue;
            }
            pairs.count(
                label["kind"] == "textual",
                found.contains_key(key),
                format!("{} {key:?} {}", snapshot["repo"], label["paths"]),
            );
            if let Some(collision) = found.get(key).filter(|_| paths && label["kind"] == "textual") {
                assert_eq!(strings(&collision["paths"]), strings(&label["paths"]), "{} {key:?}", snapshot["repo"]);
            }
        }
        for (key, collision) in found.iter().filter(|(key, _)| !labels.contains_key(*key)) {
            pairs.count(false, true, format!("{} {key:?} {}", snapshot["repo"], collision["why"]));
        }
        let labelled = strings(&snapshot["alone_conflicts"]);
        for unit in answer["units"].as_array().unwrap() {
            let name = unit["name"].as_str().unwrap().to_owned();
            let stuck = unit["conflicts_with_base"] == true;
            if paths && stuck {
                assert_eq!(strings(&unit["conflict_paths"]), strings(&snapshot["alone_paths"][&name]), "{name}");
            }
            alone.count(labelled.contains(&name), stuck, format!("{} {name}", snapshot["repo"]));
        }
    }
    (pairs, alone)
}

#[test]
fn exact_mode_says_of_every_pair_and_head_what_git_says() {
    let (pairs, alone) = score("exact", true);
    assert_eq!((pairs.wrong, pairs.missed), (vec![], vec![]));
    assert_eq!((alone.wrong, alone.missed), (vec![], vec![]));
    assert!(pairs.right >= 40 && alone.right >= 12, "the labels were looked at: {} and {}", pairs.right, alone.right);
}

#[test]
fn hunk_mode_is_right_about_nearly_every_pair_and_head() {
    let (pairs, alone) = score("hunks", false);
    println!(
        "pairs: precision {:.3}, recall {:.3}; with the base: {:.3}, {:.3}",
        pairs.precision(),
        pairs.recall(),
        alone.precision(),
        alone.recall()
    );
    assert!(pairs.precision() >= 0.92, "false: {:?}", pairs.wrong);
    assert!(pairs.recall() >= 0.97, "missed: {:?}", pairs.missed);
    assert!(alone.precision() >= 0.92 && alone.recall() >= 0.92, "{:?} {:?}", alone.wrong, alone.missed);
}

/// Every head has its place once, after what it needs, and in no wave with what it collides with.
#[test]
fn the_order_and_the_waves_keep_their_word_on_real_heads() {
    let repository = repository();
    for snapshot in snapshots() {
        let answer = plan(repository.path(), &snapshot, "exact");
        let order = answer["order"].as_array().unwrap();
        let place = |name: &Value| order.iter().position(|other| other == name).expect("every head has a place");
        assert_eq!(order.len(), snapshot["heads"].as_array().unwrap().len());
        for need in answer["dependencies"].as_array().unwrap() {
            assert!(place(&need["needs"]) < place(&need["unit"]), "{need}");
        }
        let wave = |name: &Value| {
            answer["waves"].as_array().unwrap().iter().position(|wave| wave.as_array().unwrap().contains(name))
        };
        for collision in
            answer["collisions"].as_array().unwrap().iter().filter(|collision| collision["kind"] == "textual")
        {
            assert_ne!(wave(&collision["a"]), wave(&collision["b"]), "{collision}");
        }
        for stacked in snapshot["stacked"].as_array().unwrap() {
            assert!(place(&stacked[0]) < place(&stacked[1]), "{stacked} of {}", snapshot["repo"]);
        }
        assert_eq!(answer["reasons"].as_object().unwrap().len(), order.len());
    }
}
