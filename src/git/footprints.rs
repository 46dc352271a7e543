//! Footprints from git: what a head changes since it parted from the base.

use std::collections::{BTreeMap, BTreeSet};

use super::crossings::Crossings;
use super::error::GitError;
use super::history::Head;
use super::objects::{Change, Entry, EntryKind, Git, Oid, Path, shown};
use super::renames::{Renames, renames};
use super::texts::Text;
use crate::domain::integration::footprint::{Digest, FileChange, Footprint, Hunk, Lines, Marks, Status};
use crate::domain::integration::packages;

impl Git {
    /// The footprint of the change from one tree to another, in the coordinates of the first.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn footprint(&self, old: Oid, new: Oid) -> Result<Footprint, GitError> {
        self.footprint_about(old, new, &|_| true, &|_| true)
    }

    /// The footprint of a head; lines are read only where it can meet others.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn footprint_among(&self, head: &Head, crossings: &Crossings) -> Result<Footprint, GitError> {
        self.footprint_about(head.ancestor, head.tree, &|_| true, &|change| crossings.meets(change))
    }

    /// The part of what happened on the base, from one tree to another, that a head's change from `old` to `head` can meet.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn footprint_below(&self, old: Oid, new: Oid, head: Oid) -> Result<Footprint, GitError> {
        let touched = self.touched(old, head)?;
        self.footprint_about(old, new, &|change| touched.contains(&change.path), &|_| true)
    }

    /// As [`Git::footprint_below`], from where the head parted; lines are read only where it can meet others.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn footprint_below_among(
        &self,
        head: &Head,
        base_tree: Oid,
        crossings: &Crossings,
    ) -> Result<Footprint, GitError> {
        let touched = self.touched(head.ancestor, head.tree)?;
        let asked = |change: &Change| touched.contains(&change.path);
        self.footprint_about(head.ancestor, base_tree, &asked, &|change| crossings.meets(change))
    }

    fn touched(&self, old: Oid, new: Oid) -> Result<BTreeSet<Path>, GitError> {
        Ok(self.diff(old, new)?.iter().map(|change| change.path.clone()).collect())
    }

    /// What `asked` is true of, or its source; with lines where `by_line` is true of either.
    fn footprint_about(
        &self,
        old: Oid,
        new: Oid,
        asked: &dyn Fn(&Change) -> bool,
        by_line: &dyn Fn(&Change) -> bool,
    ) -> Result<Footprint, GitError> {
        let changes = self.diff(old, new)?;
        let moved = if changes.iter().any(|change| change.new.is_none() && asked(change)) {
            renames(self, &changes, asked)?
        } else {
            Renames::new()
        };
        let gone = changes.iter().filter(|change| moved.contains_key(&change.path));
        let sources: BTreeMap<&Path, &Change> = gone.map(|change| (&change.path, change)).collect();
        let targets: BTreeMap<&Path, &Path> = moved.iter().map(|(from, to)| (to, from)).collect();
        let mut files = Vec::new();
        for change in changes.iter().filter(|change| !moved.contains_key(&change.path)) {
            let source = targets.get(&change.path).and_then(|from| sources.get(from)).copied();
            if asked(change) || source.is_some_and(asked) {
                let lines = by_line(change) || source.is_some_and(by_line);
                files.push(self.file_change(change, source, lines)?);
            }
        }
        Ok(Footprint::known(files))
    }

    fn file_change(&self, change: &Change, source: Option<&Change>, lines: bool) -> Result<FileChange, GitError> {
        let old = source.map_or(change.old, |source| source.old);
        let status = match (old, change.new) {
            _ if source.is_some() => Status::Renamed,
            (None, _) => Status::Added,
            (_, None) => Status::Removed,
            (Some(old), Some(new)) if old.id == new.id => Status::ModeChanged,
            _ => Status::Modified,
        };
        let mut file = FileChange {
            path: shown(&change.path),
            previous: source.map(|source| shown(&source.path)),
            status,
            content: change.new.map(|new| Digest::of(new.id.to_string().as_bytes())),
            marks: marks(old, change.new),
            ..FileChange::default()
        };
        if file.marks.submodule || file.marks.symlink {
            return Ok(file);
        }
        // Packages of one name meet across manifests. Lines that concern nobody are left out.
        if lines || packages::manifest_kind(&file.path).is_some() {
            self.read_lines(old, change.new, &mut file)?;
        }
        Ok(file)
    }

    fn read_lines(&self, old: Option<Entry>, new: Option<Entry>, file: &mut FileChange) -> Result<(), GitError> {
        let id = |entry: Option<Entry>| entry.map_or_else(|| self.empty_blob(), |entry| entry.id);
        let Some(compared) = self.compared(id(old), id(new))? else {
            file.marks.binary = true;
            return Ok(());
        };
        if packages::manifest_kind(&file.path).is_some() {
            let read = |entry: Option<Entry>| entry.map(|entry| self.blob(entry.id)).transpose();
            match packages::compare(&file.path, read(old)?.as_deref(), read(new)?.as_deref()) {
                Ok(found) => file.packages = found,
                Err(error) => file.packages_unknown = Some(error.to_string()),
            }
        }
        file.lines = Lines::Known(compared.changes.iter().map(|change| hunk(change, &compared.new)).collect());
        Ok(())
    }
}

fn marks(old: Option<Entry>, new: Option<Entry>) -> Marks {
    let any = |kind: EntryKind| old.into_iter().chain(new).any(|entry| entry.kind == kind);
    Marks { submodule: any(EntryKind::Submodule), symlink: any(EntryKind::Link), ..Marks::default() }
}

/// A changed range as a hunk, with the same digest as a patch of it would have.
fn hunk(change: &super::lines::Change, new: &Text) -> Hunk {
    let mut digest = Digest::default();
    for line in new.lines(change.new.clone()) {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                digest.update(text);
                digest.update(b"\n");
            }
            None => {
                digest.update(line);
                digest.update(b"\n\\");
            }
        }
    }
    Hunk {
        start: change.base.start,
        removed: change.base.end - change.base.start,
        added: change.new.end - change.new.start,
        digest: digest.finish(),
    }
}
