//! `flyball policy test`: example units with the verdicts they should get.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use flyball::domain::policy::examples::{Mismatch, parse_examples};
use serde::Serialize;

use super::{Format, PolicyFlag, clean, files, print, print_json};

#[derive(Serialize)]
struct Outcome {
    file: String,
    name: String,
    mismatches: Vec<Mismatch>,
}

pub(super) fn run(given: &[PathBuf], policy: &PolicyFlag, format: Format) -> anyhow::Result<ExitCode> {
    let standard = files::standard(&policy.file, policy.extended.file.as_deref())?;
    let beside = [policy.file.with_extension("test.yml")];
    let paths = if given.is_empty() { &beside[..] } else { given };
    let mut outcomes = Vec::new();
    for path in paths {
        let examples = parse_examples(&files::text(path)?).map_err(|error| anyhow!("{}: {error}", path.display()))?;
        let file = path.display().to_string();
        outcomes.extend(examples.into_iter().map(|example| {
            let mismatches = example.run(&standard);
            Outcome { file: file.clone(), name: example.name, mismatches }
        }));
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.mismatches.is_empty()).count();
    match format {
        Format::Json => print_json(&outcomes)?,
        Format::Text => print(&text(&outcomes, failed))?,
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn text(outcomes: &[Outcome], failed: usize) -> String {
    let mut out = String::new();
    for outcome in outcomes {
        let word = if outcome.mismatches.is_empty() { "ok    " } else { "FAILED" };
        let _written = writeln!(out, "{word} {}", clean(&outcome.name));
        for one in &outcome.mismatches {
            let (expected, found) = (clean(&one.expected), clean(&one.found));
            let _written = writeln!(out, "         {}: expected {expected:?}, found {found:?}", one.what);
        }
    }
    let _written = writeln!(out, "{} of {} examples are as expected", outcomes.len() - failed, outcomes.len());
    out
}
