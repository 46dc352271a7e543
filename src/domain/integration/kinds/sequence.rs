//! Ordered series: two files that claim one number.

use std::collections::BTreeMap;

use crate::domain::integration::collision::{Certainty, CollisionKind, Finding, Kind, Redo};
use crate::domain::integration::footprint::{Footprint, SequenceClaim};

/// Both claim the same number of a series (migrations, ADRs) with different files.
#[derive(Debug, Clone, Copy)]
pub struct Sequence;

impl CollisionKind for Sequence {
    fn kind(&self) -> Kind {
        Kind::Sequence
    }

    fn between(&self, a: &Footprint, b: &Footprint) -> Vec<Finding> {
        let theirs = claims(b);
        if theirs.is_empty() {
            return Vec::new();
        }
        claims(a).into_iter().filter_map(|(claim, mine)| finding(claim, mine, theirs.get(claim)?)).collect()
    }
}

/// Claims with the files that make them; a number may be claimed by several (`.up.sql` and `.down.sql`).
fn claims(footprint: &Footprint) -> BTreeMap<&SequenceClaim, Vec<&str>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for file in &footprint.files {
        if let Some(claim) = &file.sequence {
            all.entry(claim).or_default().push(file.path.as_str());
        }
    }
    all
}

fn finding(claim: &SequenceClaim, ours: Vec<&str>, theirs: &[&str]) -> Option<Finding> {
    // The same files are one claim made twice: the textual kind has that.
    if ours == theirs {
        return None;
    }
    let why =
        format!("Both claim number {} of {}: {} and {}.", claim.number, claim.series, ours.first()?, theirs.first()?);
    let mut paths: Vec<String> = ours.into_iter().chain(theirs.iter().copied()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    let redo = Redo { who: None, what: format!("take the next free number of {}", claim.series) };
    Some(Finding { kind: Kind::Sequence, paths, why, redo, certainty: Certainty::Certain, lines: (1, 1) })
}
