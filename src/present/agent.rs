//! What agents and people at a terminal read about a unit: plain text, from the shape that the JSON API gives.
//!
//! Text that people wrote is hostile here too: it stands in one line, without control characters, and is never the first thing said.

use std::fmt::Write as _;

use super::text::plain;
use super::unit_view::UnitView;
use crate::domain::govern::{Foreseen, PlanView};
use crate::domain::unit::{DecisionView, NextMove, Standing, Verdict};

#[cfg(test)]
mod tests;

/// How much of a sentence is told.
const SENTENCE: usize = 400;
/// How much of a list is told.
const LINES: usize = 30;

fn told(text: &str) -> String {
    plain(text, SENTENCE)
}

/// A list with its heading; nothing where it is empty.
fn list(out: &mut String, heading: &str, lines: impl IntoIterator<Item = String>) {
    let all: Vec<String> = lines.into_iter().collect();
    if all.is_empty() {
        return;
    }
    let _ = writeln!(out, "{heading}:");
    for line in all.iter().take(LINES) {
        let _ = writeln!(out, "- {line}");
    }
    if all.len() > LINES {
        let _ = writeln!(out, "- and {} more", all.len() - LINES);
    }
}

/// One line: the unit and how it stands.
#[must_use]
pub fn headline(repo: &str, unit: &UnitView) -> String {
    format!("{repo}#{} is {}.", unit.number, unit.standing.words().to_lowercase())
}

/// Whose move it is, in one line.
#[must_use]
pub fn move_of(next: Option<&NextMove>) -> String {
    next.map_or_else(
        || "nobody has to move".to_owned(),
        |next| {
            let due = next.due.map_or_else(String::new, |due| format!(", due {due:.0}"));
            format!("{}: {} (since {:.0}{due})", told(&next.who), told(&next.what), next.since)
        },
    )
}

/// Why it does not land, as sentences; each begins with its code.
pub fn reasons(unit: &UnitView) -> impl Iterator<Item = String> {
    unit.reasons.iter().map(|reason| format!("{}: {}", reason.code, told(&reason.text)))
}

/// Conditions that do not hold, each with what was seen and where it comes from.
pub fn open_conditions(unit: &UnitView) -> impl Iterator<Item = String> {
    let open = unit.brief.conditions.iter().filter(|condition| condition.verdict != Verdict::Met);
    open.map(|condition| {
        let verdict = if condition.verdict == Verdict::Unmet { "not met" } else { "unknown" };
        format!("{}: {verdict}; {} ({})", told(&condition.what), told(&condition.seen), told(&condition.source))
    })
}

fn conflicts(unit: &UnitView) -> impl Iterator<Item = String> {
    unit.brief.conflicts.iter().map(|conflict| {
        let with = conflict.with.map_or_else(|| "the base".to_owned(), |with| format!("#{with}"));
        let held = if conflict.enforced { ", kept apart by the order" } else { "" };
        format!("{with} ({}{held}): {}", told(&conflict.kind), told(&conflict.why))
    })
}

/// A part of a brief: what it answers, and the answer in sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it answers.
    pub heading: &'static str,
    /// The answer; never empty.
    pub lines: Vec<String>,
}

/// The brief of a unit, part by part; parts without an answer are left out.
#[must_use]
pub fn sections(unit: &UnitView) -> Vec<Section> {
    let mut parts = Vec::new();
    let mut part = |heading: &'static str, lines: Vec<String>| {
        let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        if !lines.is_empty() {
            parts.push(Section { heading, lines });
        }
    };
    let say = |texts: &[String]| texts.iter().map(|text| told(text)).collect::<Vec<_>>();
    let units = |views: &[crate::domain::unit::DependencyView]| -> Vec<String> {
        views.iter().map(|view| format!("{} ({}): {}", told(&view.unit), told(&view.state), told(&view.why))).collect()
    };
    let author = unit.author.login.as_deref().unwrap_or("a deleted account");
    part("Title", vec![told(&unit.title)]);
    part("Intent", vec![told(&unit.intent)]);
    part(
        "Change",
        vec![format!(
            "by {} ({}), for {}, head {}",
            told(author),
            told(&unit.author.kind),
            told(&unit.base),
            unit.head.twelve()
        )],
    );
    part("Why it stands so", reasons(unit).collect());
    part("Whose move", vec![move_of(unit.next_move.as_ref())]);
    if let Some(suggestion) = &unit.suggestion {
        part("Suggested", vec![told(&suggestion.effect), format!("Undo: {}", told(&suggestion.undo))]);
        part("Who may answer", say(&suggestion.who));
    }
    part("Depends on", units(&unit.brief.depends_on));
    part("Depended on by", units(&unit.brief.dependents));
    part("Must still become true", open_conditions(unit).collect());
    part("Conflicts", conflicts(unit).collect());
    part("Kind of integration", say(&unit.brief.integration));
    part("Changed since it was proposed", say(&unit.brief.changed));
    part("Would break if it landed now", say(&unit.brief.would_break));
    part("Lessons that apply", say(&unit.brief.lessons));
    part("Decisions", unit.decisions.iter().map(decision).collect());
    part("Not known", say(&unit.uncertain));
    part("Then", vec![told(&unit.brief.next)]);
    parts
}

fn decision(decision: &DecisionView) -> String {
    let reason = decision.reason.as_deref().map_or_else(String::new, |reason| format!(": {}", told(reason)));
    format!(
        "{} by {} at {:.0} on {}{}{reason} ({})",
        told(&decision.kind),
        told(&decision.by),
        decision.at,
        decision.sha.short(),
        decision.place(),
        told(&decision.counts)
    )
}

/// Where a unit stands: the whole brief, shortly.
#[must_use]
pub fn standing(repo: &str, unit: &UnitView) -> String {
    let mut out = format!("{}\n", headline(repo, unit));
    for section in sections(unit) {
        match section.lines.as_slice() {
            [one] => {
                let _ = writeln!(out, "{}: {one}", section.heading);
            }
            several => list(&mut out, section.heading, several.iter().cloned()),
        }
    }
    out
}

/// Why a unit does not land, and what clears it.
#[must_use]
pub fn why_not(repo: &str, unit: &UnitView) -> String {
    let mut out = format!("{}\n", headline(repo, unit));
    let is_stop = |one: &&DecisionView| matches!(one.kind.as_str(), "refuse" | "hold");
    list(&mut out, "Refusals and holds", unit.decisions.iter().filter(is_stop).map(decision));
    list(&mut out, "Why it does not land", reasons(unit));
    list(&mut out, "Must still become true", open_conditions(unit));
    if unit.reasons.is_empty() {
        let nothing = match unit.standing {
            Standing::Landed => "It landed.",
            Standing::RolledBack => "It landed and was taken back.",
            Standing::Withdrawn => "It was closed without landing.",
            Standing::AwaitingJudgment => "Nothing but a decision: nobody confirmed it yet.",
            Standing::Draft | Standing::Gathering | Standing::Blocked | Standing::Cleared | Standing::Landing => {
                "Nothing is in its way."
            }
        };
        let _ = writeln!(out, "{nothing}");
    }
    let _ = writeln!(out, "Whose move: {}", move_of(unit.next_move.as_ref()));
    let _ = writeln!(out, "Then: {}", told(&unit.brief.next));
    out
}

/// The plan of a base.
#[must_use]
pub fn plan(repo: &str, view: &PlanView) -> String {
    let base = told(&view.base);
    if view.order.is_empty() {
        return format!("No unit is open on {base} of {repo}.\n");
    }
    let mut out = format!("Open on {base} of {repo}: {}. Waves: {}.\n", view.order.len(), view.waves.len());
    let places =
        view.order.iter().map(|place| format!("wave {}: #{}: {}", place.wave, place.number, told(&place.reason)));
    list(&mut out, "Order, first to land first", places);
    let pairs = view
        .collisions
        .iter()
        .map(|pair| format!("#{} and #{} ({}): {}", pair.a, pair.b, told(&pair.kind), told(&pair.why)));
    list(&mut out, "Collisions", pairs);
    let groups = view
        .groups
        .iter()
        .map(|group| format!("{} ({}): {} units", told(&group.path), told(&group.kind), group.members.len()));
    list(&mut out, "Hot files", groups);
    let needs = view
        .dependencies
        .iter()
        .map(|needs| format!("#{} needs {}: {}", needs.unit, told(&needs.needs), told(&needs.why)));
    list(&mut out, "Dependencies", needs);
    out
}

/// What a change would collide with.
#[must_use]
pub fn foreseen(repo: &str, base: &str, found: &Foreseen) -> String {
    let base = told(base);
    let is_free = found.collisions.is_empty() && found.groups.is_empty();
    let mut out = if is_free {
        format!("Nothing that is open on {base} of {repo} stands in the way of this change.\n")
    } else {
        String::new()
    };
    let pairs = found.collisions.iter().map(|one| {
        format!("#{} ({}) in {}: {}", one.with, told(&one.kind), told(&one.paths.join(", ")), told(&one.why))
    });
    list(&mut out, &format!("Open units on {base} of {repo} that this change would meet"), pairs);
    list(
        &mut out,
        "Hot places",
        found.groups.iter().map(|group| format!("{} ({}): {}", told(&group.path), told(&group.kind), told(&group.why))),
    );
    list(&mut out, "Rules that would apply", found.rules.iter().map(|rule| told(rule)));
    if is_free {
        return out;
    }
    out.push_str("An overlap is no collision: the same file, apart. For the rest: wait for them, build on their head, or change something else.\n");
    out
}
