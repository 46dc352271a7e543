//! Footprints from git: what a head changes since it parted from the base.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::crossings::Crossings;
use super::error::GitError;
use super::history::Head;
use super::objects::{Change, Entry, EntryKind, Git, Oid, Path, shown};
use super::renames::{Renames, renames};
use super::texts::Text;
use crate::domain::integration::footprint::{Digest, FileChange, Footprint, Hunk, Lines, Marks, Status};
use crate::domain::integration::packages::{self, Manifest, Reading};

impl Git {
    /// The footprint of the change from one tree to another, in the coordinates of the first.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn footprint(&self, old: Oid, new: Oid) -> Result<Footprint, GitError> {
        self.footprint_about(&self.diff(old, new)?, &|_| true, &|_| true)
    }

    /// The footprint of a head; lines are read only where it can meet others.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn footprint_among(&self, head: &Head, crossings: &Crossings) -> Result<Footprint, GitError> {
        self.footprint_about(&self.diff(head.ancestor, head.tree)?, &|_| true, &|change| crossings.meets(change))
    }

    /// The part of what happened on the base, from one tree to another, that a head's change from `old` to `head` can meet.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn footprint_below(&self, old: Oid, new: Oid, head: Oid) -> Result<Footprint, GitError> {
        self.footprint_of_touched(old, new, head, &|_| true)
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
        self.footprint_of_touched(head.ancestor, base_tree, head.tree, &|change| crossings.meets(change))
    }

    /// What happened from `old` to `new` where the change from `old` to `head` can meet it.
    fn footprint_of_touched(
        &self,
        old: Oid,
        new: Oid,
        head: Oid,
        by_line: &dyn Fn(&Change) -> bool,
    ) -> Result<Footprint, GitError> {
        let touched: BTreeSet<Path> = self.diff(old, head)?.iter().map(|change| change.path.clone()).collect();
        let at_path = |path| self.change_at(old, new, path).transpose();
        let here: Vec<Change> = touched.iter().filter_map(at_path).collect::<Result<_, _>>()?;
        if here.iter().all(|change| change.new.is_some()) {
            return self.footprint_about(&here, &|_| true, by_line);
        }
        // Where something went it may have moved, and then all that came to be is asked for.
        self.footprint_about(&self.diff(old, new)?, &|change| touched.contains(&change.path), by_line)
    }

    /// What `asked` is true of, or its source; with lines where `by_line` is true of either.
    fn footprint_about(
        &self,
        changes: &[Change],
        asked: &dyn Fn(&Change) -> bool,
        by_line: &dyn Fn(&Change) -> bool,
    ) -> Result<Footprint, GitError> {
        let moved = if changes.iter().any(|change| change.new.is_none() && asked(change)) {
            renames(self, changes, asked)?
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
        if let Some(kind) = packages::manifest_kind(&file.path) {
            let read = |entry: Option<Entry>| entry.map(|entry| self.manifest(kind, entry.id)).transpose();
            match packages::compare_readings(&file.path, kind, read(old)?.as_deref(), read(new)?.as_deref()) {
                Ok(found) => file.packages = found,
                Err(error) => file.packages_unknown = Some(error.to_string()),
            }
        }
        file.lines = Lines::Known(compared.changes.iter().map(|change| hunk(change, &compared.new)).collect());
        Ok(())
    }
}

impl Git {
    /// What a manifest says, read once for all heads.
    fn manifest(&self, kind: Manifest, id: Oid) -> Result<Arc<Reading>, GitError> {
        if let Some(known) = self.manifests.get(&(id, kind)) {
            return Ok(known.clone());
        }
        let reading = Arc::new(packages::read(kind, &self.blob(id)?));
        self.manifests.insert((id, kind), reading.clone());
        Ok(reading)
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
