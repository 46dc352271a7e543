//! Which files of two footprints have to do with each other.

use std::collections::BTreeMap;

use crate::domain::integration::footprint::{FileChange, Footprint};

/// Two changes that meet in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePair<'a> {
    /// The first side's change.
    pub a: &'a FileChange,
    /// The second side's.
    pub b: &'a FileChange,
    /// How they meet.
    pub by: Meeting,
}

/// How two changes meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meeting {
    /// Both change the content of one file of the base.
    SameBase,
    /// Both bring the same path into being, from different files of the base or from none.
    SameTarget,
    /// One brings a path into being as a file, under which the other brings files into being.
    FileAgainstFolder,
}

impl FilePair<'_> {
    /// The path to show: where the file is in the base, or the path that both claim.
    #[must_use]
    pub fn path(&self) -> &str {
        match self.by {
            Meeting::SameBase => self.a.base_path().unwrap_or(&self.a.path),
            Meeting::SameTarget => &self.a.path,
            Meeting::FileAgainstFolder => {
                if self.a.path.len() < self.b.path.len() {
                    &self.a.path
                } else {
                    &self.b.path
                }
            }
        }
    }
}

/// All pairs of changes that meet, sorted by path. Costs the sum of both footprints, not their product.
#[must_use]
pub fn file_pairs<'a>(a: &'a Footprint, b: &'a Footprint) -> Vec<FilePair<'a>> {
    let of_a = ByPath::new(a);
    let mut pairs = Vec::new();
    for file in &b.files {
        let base = file.base_path().and_then(|path| of_a.base.get(path).copied());
        if let Some(mine) = base {
            pairs.push(FilePair { a: mine, b: file, by: Meeting::SameBase });
        }
        let Some(path) = file.new_path() else { continue };
        if let Some(mine) = of_a.new.get(path).copied()
            && base != Some(mine)
        {
            pairs.push(FilePair { a: mine, b: file, by: Meeting::SameTarget });
        }
        for mine in folders_of(path).filter_map(|folder| of_a.new.get(folder).copied()) {
            pairs.push(FilePair { a: mine, b: file, by: Meeting::FileAgainstFolder });
        }
        for (_, mine) in of_a.new.range(format!("{path}/").as_str()..).take_while(|(other, _)| is_under(other, path)) {
            pairs.push(FilePair { a: mine, b: file, by: Meeting::FileAgainstFolder });
        }
    }
    pairs.sort_by(|x, y| (x.path(), x.by, &x.a.path, &x.b.path).cmp(&(y.path(), y.by, &y.a.path, &y.b.path)));
    pairs
}

fn is_under(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The folders that hold a path, from the innermost out.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('/'), |(folder, _)| folder.rsplit_once('/')).map(|(folder, _)| folder)
}

struct ByPath<'a> {
    base: BTreeMap<&'a str, &'a FileChange>,
    new: BTreeMap<&'a str, &'a FileChange>,
}

impl<'a> ByPath<'a> {
    fn new(footprint: &'a Footprint) -> Self {
        let base = footprint.files.iter().filter_map(|file| Some((file.base_path()?, file))).collect();
        let new = footprint.files.iter().filter_map(|file| Some((file.new_path()?, file))).collect();
        Self { base, new }
    }
}
