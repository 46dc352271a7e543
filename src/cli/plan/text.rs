//! The answer for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use flyball::domain::integration::collision::Kind;

use super::explain::redo;
use super::gather::Scene;
use super::report::{Pair, Report};

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default();
const GOOD: Style = AnsiColor::Green.on_default();
const CARE: Style = AnsiColor::Yellow.on_default();

/// How many pairs are shown with their overlaps; the rest is counted.
const OVERLAPS_SHOWN: usize = 10;

pub(super) fn write(report: &Report, scene: &Scene, out: &mut impl Write) -> io::Result<()> {
    summary(report, scene, out)?;
    order(report, out)?;
    conflicts(report, out)?;
    dependencies(report, out)?;
    collisions(report, out)?;
    overlaps(report, out)?;
    uncertain(report, out)
}

fn title(text: &str, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{STRONG}{text}{STRONG:#}")
}

fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

fn summary(report: &Report, scene: &Scene, out: &mut impl Write) -> io::Result<()> {
    let base = if report.base.starts_with(&scene.base_name) { String::new() } else { format!("{} ", scene.base_name) };
    let colliding = report.collisions.iter().filter(|pair| pair.kind.is_collision()).count();
    let stuck = report.units.iter().filter(|unit| unit.conflicts_with_base).count();
    writeln!(
        out,
        "{STRONG}Onto {base}{}{STRONG:#}: {}, {}, {}, {} with the base",
        &report.base[..12.min(report.base.len())],
        count(report.units.len(), "head", "heads"),
        count(report.waves.len(), "wave", "waves"),
        count(colliding, "collision", "collisions"),
        count(stuck, "conflict", "conflicts"),
    )
}

fn order(report: &Report, out: &mut impl Write) -> io::Result<()> {
    title("Order", out)?;
    let width = report.order.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (at, wave) in report.waves.iter().enumerate() {
        let at_once = if wave.len() > 1 { ", at once or in any order" } else { "" };
        writeln!(out, "  {FAINT}wave {}{at_once}{FAINT:#}", at + 1)?;
        for name in wave {
            let stuck = report.units.iter().any(|unit| unit.name == *name && unit.conflicts_with_base);
            let style = if stuck { BAD } else { GOOD };
            let pad = " ".repeat(width - name.chars().count());
            writeln!(out, "    {style}{name}{style:#}{pad}  {}", report.reasons.get(name).map_or("", String::as_str))?;
        }
    }
    Ok(())
}

fn conflicts(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let stuck: Vec<_> = report.units.iter().filter(|unit| unit.conflicts_with_base).collect();
    if stuck.is_empty() {
        return Ok(());
    }
    title("Conflicts with the base", out)?;
    for unit in stuck {
        writeln!(out, "  {BAD}{}{BAD:#}  {}", unit.name, unit.conflict_paths.join(", "))?;
    }
    Ok(())
}

fn dependencies(report: &Report, out: &mut impl Write) -> io::Result<()> {
    if report.dependencies.is_empty() {
        return Ok(());
    }
    title("Dependencies", out)?;
    for dependency in &report.dependencies {
        writeln!(out, "  {} ──needs──▶ {}  {FAINT}{}{FAINT:#}", dependency.unit, dependency.needs, dependency.why)?;
    }
    Ok(())
}

fn collisions(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let mut pairs: Vec<&Pair> = report.collisions.iter().filter(|pair| pair.kind.is_collision()).collect();
    if pairs.is_empty() {
        return writeln!(out, "\n{GOOD}Nothing collides.{GOOD:#}");
    }
    pairs.sort_by_key(|pair| pair.kind);
    title("Collisions", out)?;
    for pair in pairs {
        let style = if pair.kind == Kind::Textual { BAD } else { CARE };
        writeln!(out, "  {} ──{style}{}{style:#}── {}  {}", pair.a, pair.kind, pair.b, pair.why)?;
        writeln!(out, "      {FAINT}{}{FAINT:#}", redo(pair))?;
    }
    for group in &report.groups {
        writeln!(
            out,
            "  {CARE}{}{CARE:#} is hot: {} collide there ({})",
            group.path,
            count(group.members.len(), "head", "heads"),
            group.kind
        )?;
    }
    Ok(())
}

fn overlaps(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let pairs: Vec<_> = report.collisions.iter().filter(|pair| !pair.kind.is_collision()).collect();
    if pairs.is_empty() {
        return Ok(());
    }
    title("In common, but apart (no collision)", out)?;
    for pair in pairs.iter().take(OVERLAPS_SHOWN) {
        writeln!(out, "  {FAINT}{} · {}  {}{FAINT:#}", pair.a, pair.b, pair.paths.join(", "))?;
    }
    if pairs.len() > OVERLAPS_SHOWN {
        writeln!(out, "  {FAINT}and {}{FAINT:#}", count(pairs.len() - OVERLAPS_SHOWN, "more pair", "more pairs"))?;
    }
    Ok(())
}

fn uncertain(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let units: Vec<_> = report.units.iter().filter(|unit| !unit.uncertain.is_empty()).collect();
    if units.is_empty() {
        return Ok(());
    }
    title("Not known", out)?;
    for unit in units {
        for sentence in &unit.uncertain {
            writeln!(out, "  {CARE}{}{CARE:#}  {sentence}", unit.name)?;
        }
    }
    Ok(())
}
