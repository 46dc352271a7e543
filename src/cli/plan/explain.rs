//! `--explain A B`: what stands between two heads, in full.

use std::io::{self, Write};

use anyhow::bail;
use flyball::domain::integration::collision::{Certainty, Side};

use super::report::{Pair, Report};

/// Keeps of the answer what concerns both heads.
pub(super) fn only(mut report: Report, a: &str, b: &str) -> anyhow::Result<Report> {
    for name in [a, b] {
        if report.units.iter().all(|unit| unit.name != *name) {
            bail!("no head is called {name}; there are {}", names(&report));
        }
    }
    let both = |one: &str, other: &str| (one == a && other == b) || (one == b && other == a);
    report.units.retain(|unit| unit.name == a || unit.name == b);
    report.collisions.retain(|pair| both(&pair.a, &pair.b));
    report.groups.retain(|group| {
        group.members.iter().any(|member| member == a) && group.members.iter().any(|member| member == b)
    });
    report.dependencies.retain(|dependency| both(&dependency.unit, &dependency.needs));
    report.reasons.retain(|name, _| name == a || name == b);
    Ok(report)
}

fn names(report: &Report) -> String {
    report.units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>().join(", ")
}

pub(super) fn write(report: &Report, pair: &[String], out: &mut impl Write) -> io::Result<()> {
    let [a, b] = pair else { return Ok(()) };
    for unit in report.units.iter().filter(|unit| unit.conflicts_with_base) {
        writeln!(out, "{} conflicts with the base at {}.", unit.name, unit.conflict_paths.join(", "))?;
    }
    for dependency in &report.dependencies {
        writeln!(out, "{} needs {} to land first. {}", dependency.unit, dependency.needs, dependency.why)?;
    }
    if report.collisions.is_empty() {
        writeln!(out, "Nothing stands between {a} and {b}: they touch nothing in common.")?;
    }
    for collision in &report.collisions {
        writeln!(out, "{}: {}", collision.kind, collision.why)?;
        for path in &collision.paths {
            writeln!(out, "    {path}")?;
        }
        if collision.kind.is_collision() {
            writeln!(out, "    {}", redo(collision))?;
        }
    }
    let first = report.order.iter().find(|name| *name == a || *name == b);
    if let Some(first) = first.filter(|_| report.collisions.iter().any(|collision| collision.kind.is_collision())) {
        writeln!(out, "{first} should land first. {}", report.reasons.get(first).map_or("", String::as_str))?;
    }
    Ok(())
}

/// Who redoes what, with names.
pub(super) fn redo(collision: &Pair) -> String {
    let may = if collision.certainty == Certainty::Possible { "may have" } else { "has" };
    let who = match collision.redo.who {
        None => "Whoever lands second".to_owned(),
        Some(Side::A) => format!("{}, if it lands second,", collision.a),
        Some(Side::B) => format!("{}, if it lands second,", collision.b),
    };
    format!("{who} {may} to {}.", collision.redo.what)
}
