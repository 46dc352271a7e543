//! Packages: one dependency, two ideas of its version.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::integration::collision::{Certainty, CollisionKind, Finding, Kind, Redo};
use crate::domain::integration::footprint::{Ecosystem, Footprint, PackageChange};

/// Both move one dependency to different versions, or one removes what the other moves, in any manifest of the repository.
#[derive(Debug, Clone, Copy)]
pub struct Package;

impl CollisionKind for Package {
    fn kind(&self) -> Kind {
        Kind::Package
    }

    fn between(&self, a: &Footprint, b: &Footprint) -> Vec<Finding> {
        if b.files.iter().all(|file| file.packages.is_empty()) {
            return Vec::new();
        }
        let (ours, theirs) = (moves(a), moves(b));
        ours.iter().filter_map(|(name, mine)| finding(name.1, mine, theirs.get(name)?)).collect()
    }
}

/// All that one side does to one package.
#[derive(Debug, Default)]
struct Moves<'a> {
    changes: BTreeSet<&'a PackageChange>,
    paths: BTreeSet<&'a str>,
}

fn moves(footprint: &Footprint) -> BTreeMap<(Ecosystem, &str), Moves<'_>> {
    let mut all: BTreeMap<_, Moves<'_>> = BTreeMap::new();
    for file in &footprint.files {
        for change in &file.packages {
            let entry = all.entry((change.ecosystem, change.name.as_str())).or_default();
            entry.changes.insert(change);
            entry.paths.insert(&file.path);
        }
    }
    all
}

fn finding(name: &str, ours: &Moves<'_>, theirs: &Moves<'_>) -> Option<Finding> {
    let (mine, other) = ours
        .changes
        .iter()
        .flat_map(|mine| theirs.changes.iter().map(move |other| (*mine, *other)))
        .find(|(mine, other)| mine.new != other.new)?;
    let paths: BTreeSet<&str> = ours.paths.union(&theirs.paths).copied().collect();
    let why = match (&mine.new, &other.new) {
        (Some(one), Some(two)) => format!("Both move the dependency {name}: one to {one}, the other to {two}."),
        (None, Some(version)) | (Some(version), None) => {
            format!("One removes the dependency {name}, the other moves it to {version}.")
        }
        (None, None) => return None,
    };
    Some(Finding {
        kind: Kind::Package,
        paths: paths.into_iter().map(str::to_owned).collect(),
        why,
        redo: Redo { who: None, what: format!("agree on one version of {name} and test with it") },
        certainty: Certainty::Certain,
        lines: (1, 1),
    })
}
