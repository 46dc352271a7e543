//! What a real merge says of two units, in place of what their lines say.

use serde::{Deserialize, Serialize};

use super::collision::{Certainty, Finding, Kind, Redo};
use super::footprint::Footprint;
use super::kinds::overlap;

/// Where git would stop, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The path.
    pub path: String,
    /// Why, in one sentence.
    pub why: String,
}

/// Puts git's word in place of what the lines say: no stops, and two changes that looked as if they collide do not; stops, and they do,
/// even where the lines look apart. What lines say about how much there is to redo stays.
#[must_use]
pub fn settle(mut findings: Vec<Finding>, stops: &[Stop], a: &Footprint, b: &Footprint) -> Vec<Finding> {
    let by_lines = findings.iter().position(|finding| finding.kind == Kind::Textual).map(|at| findings.remove(at));
    findings.retain(|finding| finding.kind != Kind::Overlap);
    if let Some(first) = stops.first() {
        let stated = by_lines.filter(|finding| finding.certainty == Certainty::Certain);
        let stated = stated.unwrap_or_else(|| in_words(first));
        findings.insert(0, Finding { paths: paths(stops), ..stated });
    }
    findings.extend(overlap(a, b, &findings));
    findings
}

fn paths(stops: &[Stop]) -> Vec<String> {
    let mut all: Vec<String> = stops.iter().map(|stop| stop.path.clone()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A collision that only the merge knows of.
fn in_words(stop: &Stop) -> Finding {
    Finding {
        kind: Kind::Textual,
        paths: Vec::new(),
        why: stop.why.clone(),
        redo: Redo { who: None, what: format!("resolve {}", stop.path) },
        certainty: Certainty::Certain,
        lines: (1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::integration::collision::between;
    use crate::domain::integration::footprint::{FileChange, Hunk, Lines};

    fn changing(path: &str, start: u32) -> Footprint {
        let lines = Lines::Known(vec![Hunk { start, removed: 3, added: 4, digest: u64::from(start) }]);
        Footprint::known(vec![FileChange { path: path.into(), lines, ..FileChange::default() }])
    }

    fn kinds(findings: &[Finding]) -> Vec<Kind> {
        findings.iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn a_clean_merge_takes_the_textual_finding_away_and_leaves_the_overlap() {
        let (a, b) = (changing("src/tax.rs", 10), changing("src/tax.rs", 11));
        let by_lines = between(&a, &b);
        assert_eq!(kinds(&by_lines), [Kind::Textual]);
        assert_eq!(kinds(&settle(by_lines, &[], &a, &b)), [Kind::Overlap]);
    }

    #[test]
    fn a_stop_is_certain_and_keeps_what_the_lines_say_about_the_work() {
        let (a, b) = (changing("src/tax.rs", 10), changing("src/tax.rs", 11));
        let stop = |path: &str| Stop { path: path.into(), why: format!("Both change {path} in the same place.") };
        let (by_lines, settled) = (between(&a, &b), settle(between(&a, &b), &[stop("src/tax.rs")], &a, &b));
        assert_eq!((kinds(&settled), settled[0].lines), (vec![Kind::Textual], by_lines[0].lines));
        let far = changing("src/tax.rs", 400);
        let settled = settle(between(&a, &far), &[stop("src/rate.rs")], &a, &far);
        assert_eq!(kinds(&settled), [Kind::Textual, Kind::Overlap]);
        assert_eq!(settled[0].why, "Both change src/rate.rs in the same place.");
        assert_eq!(
            (settled[0].certainty, &settled[0].paths[..]),
            (Certainty::Certain, &["src/rate.rs".to_owned()][..])
        );
    }
}
