//! `flyball policy backtest`: what a changed policy would have judged differently.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use flyball::domain::policy::examples::{Difference, difference, parse_recorded};
use serde::Serialize;

use super::{Format, clean, files, print, print_json};

#[derive(Serialize)]
struct Report {
    units: usize,
    differences: Vec<Difference>,
}

pub(super) fn run(old: &Path, new: &Path, units: &[PathBuf], format: Format) -> anyhow::Result<ExitCode> {
    let (old, new) = (files::standard(old, None)?, files::standard(new, None)?);
    let mut report = Report { units: 0, differences: Vec::new() };
    for path in units {
        for (at, line) in files::text(path)?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |error: String| anyhow!("{}:{}: {error}", path.display(), at + 1);
            let Some(facts) = parse_recorded(line).map_err(wrong)? else { continue };
            report.units += 1;
            report.differences.extend(difference(&old, &new, &facts));
        }
    }
    match format {
        Format::Json => print_json(&report)?,
        Format::Text => print(&text(&report))?,
    }
    Ok(if report.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn text(report: &Report) -> String {
    let mut out = String::new();
    for one in &report.differences {
        let _written = writeln!(out, "#{} {}", one.unit, clean(&one.title));
        for change in &one.changes {
            let (old, new) = (clean(&change.expected), clean(&change.found));
            let _written = writeln!(out, "    {}: {old} → {new}", change.what);
        }
    }
    let (all, changed) = (report.units, report.differences.len());
    let _written = writeln!(out, "{changed} of {all} recorded units would be judged differently");
    out
}
