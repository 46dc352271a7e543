//! What a unit stands among, as a small Mermaid graph: who lands first, who waits for it, and what it collides with.
//!
//! GitHub draws it ("Creating diagrams", GitHub Docs); where nobody does, as in an e-mail, its lines still read as words. Nothing that
//! somebody wrote stands in it: names of units and words of ours alone.

use std::collections::BTreeMap;

use crate::domain::unit::Brief;

/// More neighbours than this are no help to the eye, and a long way to scroll on a phone; the page draws them all.
const MOST: usize = 8;

/// How a neighbour is tied to the unit.
#[derive(Debug, Default)]
struct Tie {
    before: bool,
    after: bool,
    kinds: Vec<String>,
}

/// The graph; nothing where there is no more than one neighbour, which the lists tell as well.
pub(super) fn graph(brief: &Brief) -> String {
    let ties = ties(brief);
    if ties.len() < 2 {
        return String::new();
    }
    let mut out = "**Among its neighbours**\n\n```mermaid\ngraph LR\n".to_owned();
    out.push_str(&format!("  this([\"#{}, this one\"])\n", brief.number));
    for (at, (unit, tie)) in ties.iter().take(MOST).enumerate() {
        out.push_str(&format!("  n{at}[\"{unit}\"]\n"));
        if tie.before {
            out.push_str(&format!("  n{at} -->|lands first| this\n"));
        }
        if tie.after {
            out.push_str(&format!("  this -->|lands first| n{at}\n"));
        }
        if !tie.kinds.is_empty() {
            out.push_str(&format!("  this -.-|{}| n{at}\n", tie.kinds.join(", ")));
        }
    }
    out.push_str("```\n\n");
    if ties.len() > MOST {
        out.push_str(&format!("And {} more.\n\n", ties.len() - MOST));
    }
    out
}

/// Every neighbour once, in the order in which the lists name them: dependencies, dependents, conflicts.
fn ties(brief: &Brief) -> Vec<(String, Tie)> {
    let mut order: Vec<String> = Vec::new();
    let mut ties: BTreeMap<String, Tie> = BTreeMap::new();
    let mut tie = |unit: &str, with: &dyn Fn(&mut Tie)| {
        if !is_plain(unit) {
            return;
        }
        let known = ties.entry(unit.to_owned()).or_insert_with(|| {
            order.push(unit.to_owned());
            Tie::default()
        });
        with(known);
    };
    for view in &brief.depends_on {
        tie(&view.unit, &|tie| tie.before = true);
    }
    for view in &brief.dependents {
        tie(&view.unit, &|tie| tie.after = true);
    }
    for conflict in &brief.conflicts {
        let Some(with) = conflict.with else { continue };
        let kind = conflict.kind.as_str();
        tie(&format!("#{with}"), &|tie| {
            if is_plain(kind) && !tie.kinds.iter().any(|known| known == kind) {
                tie.kinds.push(kind.to_owned());
            }
        });
    }
    order.into_iter().filter_map(|unit| ties.remove(&unit).map(|tie| (unit, tie))).collect()
}

/// Whether it can stand in a graph as it is: `#12`, `owner/repo#12`, `textual`.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "#/-_.".contains(c))
}
