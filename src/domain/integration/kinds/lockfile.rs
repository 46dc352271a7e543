//! Lockfiles and generated files: made by a tool, so the second to land makes them again, even where git would merge them.

use super::pairing::{Meeting, file_pairs};
use crate::domain::integration::collision::{Certainty, CollisionKind, Finding, Kind, Redo};
use crate::domain::integration::footprint::Footprint;

/// Both make the same lockfile or generated file anew.
#[derive(Debug, Clone, Copy)]
pub struct Lockfile;

impl CollisionKind for Lockfile {
    fn kind(&self) -> Kind {
        Kind::Lockfile
    }

    fn between(&self, a: &Footprint, b: &Footprint) -> Vec<Finding> {
        let mut paths: Vec<String> = file_pairs(a, b)
            .iter()
            .filter(|pair| pair.by != Meeting::FileAgainstFolder && pair.a.is_regenerated() && pair.b.is_regenerated())
            .filter(|pair| pair.a.content.is_none() || pair.a.content != pair.b.content)
            .map(|pair| pair.path().to_owned())
            .collect();
        paths.dedup();
        finding(paths).into_iter().collect()
    }
}

fn finding(paths: Vec<String>) -> Option<Finding> {
    let first = paths.first()?;
    let why = match paths.len() {
        1 => format!("Both make {first} anew; whoever lands second has to make it again."),
        n => format!(
            "Both make {first} and {} more generated files anew; whoever lands second has to make them again.",
            n - 1
        ),
    };
    let redo = Redo { who: None, what: format!("make {first} again") };
    Some(Finding { kind: Kind::Lockfile, paths, why, redo, certainty: Certainty::Certain, lines: (1, 1) })
}
