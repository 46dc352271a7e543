//! Overlaps: the same file, apart. Context for people, never a reason to wait.

use super::pairing::{Meeting, file_pairs};
use crate::domain::integration::collision::{Certainty, Finding, Kind, Redo};
use crate::domain::integration::footprint::Footprint;

/// The files that both change and that no stronger finding names already.
#[must_use]
pub fn overlap(a: &Footprint, b: &Footprint, stronger: &[Finding]) -> Option<Finding> {
    let named = |path: &str| stronger.iter().any(|finding| finding.paths.iter().any(|known| known == path));
    let mut paths: Vec<String> = file_pairs(a, b)
        .iter()
        .filter(|pair| pair.by == Meeting::SameBase && !named(pair.path()))
        .map(|pair| pair.path().to_owned())
        .collect();
    paths.dedup();
    let why = match paths.as_slice() {
        [] => return None,
        [only] => format!("Both change {only}, apart from each other."),
        [first, rest @ ..] => format!("Both change {first} and {} more, apart from each other.", rest.len()),
    };
    let redo = Redo { who: None, what: "nothing".into() };
    Some(Finding { kind: Kind::Overlap, paths, why, redo, certainty: Certainty::Certain, lines: (0, 0) })
}
