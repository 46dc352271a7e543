//! The longer part of checks and comments, as Markdown: conditions, evidence, conflicts, dependencies, decisions. Each list is capped.

use super::text::{Prose, cell, code, defuse};
use crate::domain::unit::{Brief, Condition, Conflict, DependencyView, EvidenceView, Verdict};

/// The longest sentence, path and list.
const SENTENCE: usize = 400;
const PATH: usize = 160;
const ROWS: usize = 30;
const PATHS: usize = 5;

/// What stands after a list that was cut.
const MORE: &str = "More are on the page.";

/// A verdict as people read it.
#[must_use]
pub fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Unmet => "not met",
        Verdict::Unknown => "unknown",
    }
}

/// One sentence of ours.
pub(super) fn sentence(prose: &Prose, text: &str) -> String {
    prose.say(text, SENTENCE)
}

/// A bulleted list under a heading; nothing where there is nothing to say.
pub(super) fn bullets(heading: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut out = format!("**{heading}**\n\n");
    for item in items.iter().take(ROWS) {
        out.push_str(&format!("- {item}\n"));
    }
    if items.len() > ROWS {
        out.push_str(&format!("- {MORE}\n"));
    }
    out.push('\n');
    out
}

fn table(heading: &str, columns: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = format!("**{heading}**\n\n| {} |\n|{}\n", columns.join(" | "), " --- |".repeat(columns.len()));
    for row in rows.iter().take(ROWS) {
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    if rows.len() > ROWS {
        out.push_str(&format!("\n{MORE}\n"));
    }
    out.push('\n');
    out
}

/// What the change is for, in its author's words.
pub(super) fn intent(brief: &Brief) -> String {
    if brief.intent.trim().is_empty() {
        return String::new();
    }
    format!("**What it is for:** {}\n\n", defuse(&brief.intent, SENTENCE))
}

/// What must be true before it moves.
pub(super) fn conditions(prose: &Prose, brief: &Brief) -> String {
    let row = |condition: &Condition| {
        vec![
            sentence(prose, &condition.what),
            verdict_words(condition.verdict).to_owned(),
            sentence(prose, &condition.seen),
            sentence(prose, &condition.source),
        ]
    };
    let rows: Vec<_> = brief.conditions.iter().map(row).collect();
    table("What must be true before it lands", &["Condition", "Verdict", "Seen", "Source"], &rows)
}

/// What it rests on.
pub(super) fn evidence(prose: &Prose, brief: &Brief) -> String {
    let row = |evidence: &EvidenceView| {
        vec![
            code(&evidence.name, PATH),
            sentence(prose, &evidence.state),
            if evidence.required { "required" } else { "" }.to_owned(),
            code(evidence.sha.short(), PATH),
            evidence.note.as_deref().map(|note| sentence(prose, note)).unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = brief.evidence.iter().map(row).collect();
    table("Evidence", &["Name", "State", "", "Head", "Note"], &rows)
}

/// What it collides with.
pub(super) fn conflicts(prose: &Prose, brief: &Brief) -> String {
    let items: Vec<String> = brief.conflicts.iter().map(|conflict| conflict_line(prose, brief, conflict)).collect();
    bullets("Conflicts that are already visible", &items)
}

fn conflict_line(prose: &Prose, brief: &Brief, conflict: &Conflict) -> String {
    let with = conflict.with.map_or_else(|| code(&brief.base, PATH), |with| format!("#{with}"));
    let kept = if conflict.enforced { "" } else { ", not enforced" };
    let mut paths: Vec<String> = conflict.paths.iter().take(PATHS).map(|path| code(path, PATH)).collect();
    if conflict.paths.len() > PATHS {
        paths.push("and more".to_owned());
    }
    let place = if paths.is_empty() { String::new() } else { format!(" in {}", paths.join(", ")) };
    format!("with {with} ({}{kept}){place}: {}", sentence(prose, &conflict.kind), sentence(prose, &conflict.why))
}

/// What it needs, and what needs it.
pub(super) fn dependencies(prose: &Prose, brief: &Brief) -> String {
    let line = |view: &DependencyView| {
        let (unit, state) = (prose.say(&view.unit, PATH), sentence(prose, &view.state));
        format!("{unit} ({state}): {}", sentence(prose, &view.why))
    };
    let needs: Vec<String> = brief.depends_on.iter().map(line).collect();
    let needed: Vec<String> = brief.dependents.iter().map(line).collect();
    let backport: Vec<String> = brief.backport_of.iter().map(|backport| sentence(prose, &backport.why)).collect();
    bullets("Depends on", &needs) + &bullets("Depended on by", &needed) + &bullets("On another base", &backport)
}

/// What people decided, oldest first.
pub(super) fn decisions(prose: &Prose, brief: &Brief) -> String {
    let items = brief.decisions.iter().map(|decision| {
        let reason =
            decision.reason.as_deref().map(|reason| format!(": {}", defuse(reason, SENTENCE))).unwrap_or_default();
        let (by, kind) = (defuse(&decision.by, PATH), sentence(prose, &decision.kind));
        let (sha, place) = (decision.sha.short(), decision.place());
        format!("{by}: {kind} on `{sha}`{place} ({}){reason}", sentence(prose, &decision.counts))
    });
    bullets("Decisions", &items.collect::<Vec<_>>())
}

/// Sentences of the brief under a heading.
pub(super) fn sentences(prose: &Prose, heading: &str, texts: &[String]) -> String {
    bullets(heading, &texts.iter().map(|text| sentence(prose, text)).collect::<Vec<_>>())
}
