//! What happens when a change lands on a tree: the three-way merge of whole trees, at the cost of the change.
//!
//! The rules are those of git's `ort` strategy with its defaults: renames on, directory renames stop the merge, no merge drivers.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use gix::bstr::{BStr, ByteSlice};

use super::error::GitError;
use super::landed::{ByLine, Clash, Conflict, Landed, Outcome};
use super::objects::{Change, Entry, EntryKind, Git, Oid, Path};
use super::renames::{Renames, renames};

impl Git {
    /// Merges `theirs` onto `ours`, both grown from `ancestor`.
    ///
    /// # Errors
    /// [`GitError::Object`] where an object that the merge needs cannot be read.
    pub fn merge_onto(&self, ancestor: Oid, ours: &Landed, theirs: Oid) -> Result<Outcome, GitError> {
        let merge = self.merge_trees(ancestor, ours, theirs)?;
        Ok(Outcome { conflicts: merge.conflicts.into_iter().collect(), landed: merge.result })
    }

    /// Where git would stop on the way to [`Git::merge_onto`].
    pub(super) fn stops_onto(&self, ancestor: Oid, ours: &Landed, theirs: Oid) -> Result<BTreeSet<Conflict>, GitError> {
        Ok(self.merge_trees(ancestor, ours, theirs)?.conflicts)
    }

    fn merge_trees<'a>(&'a self, ancestor: Oid, ours: &'a Landed, theirs: Oid) -> Result<Merge<'a>, GitError> {
        let changes = self.diff(ancestor, theirs)?;
        let added = changes.iter().filter(|change| change.old.is_none());
        let mut merge = Merge {
            git: self,
            ancestor,
            ours,
            result: ours.clone(),
            conflicts: BTreeSet::new(),
            theirs,
            touched: changes.iter().map(|change| change.path.clone()).collect(),
            adds_to: added.filter_map(|change| folders_of(&change.path).next()).map(ToOwned::to_owned).collect(),
            our_changes: OnceCell::new(),
            our_renames: OnceCell::new(),
        };
        merge.run(&changes)?;
        Ok(merge)
    }

    /// Merges three entries that are all there; none where git stops.
    fn merge_entries(&self, base: Option<Entry>, ours: Entry, theirs: Entry) -> Result<Option<Entry>, GitError> {
        match self.settle(base, ours, theirs) {
            Settled::Entry(entry) => Ok(entry),
            Settled::ByLine(lines) => self.merge_lines(lines),
        }
    }

    /// Merges by line; none where git stops.
    pub(super) fn merge_lines(&self, lines: ByLine) -> Result<Option<Entry>, GitError> {
        let merged = self.merge_blobs(lines.base, lines.ours, lines.theirs)?;
        Ok(merged.map(|id| Entry { kind: lines.kind, id }))
    }

    /// Merges three entries as far as their content need not be looked at.
    fn settle(&self, base: Option<Entry>, ours: Entry, theirs: Entry) -> Settled {
        if ours == theirs || base == Some(theirs) {
            return Settled::Entry(Some(ours));
        }
        if base == Some(ours) {
            return Settled::Entry(Some(theirs));
        }
        if ours.kind.sort() != theirs.kind.sort() {
            return Settled::Entry(None);
        }
        let kind = merge_kinds(base.map(|entry| entry.kind), ours.kind, theirs.kind);
        let Some(kind) = kind else { return Settled::Entry(None) };
        // Content is looked at apart from the mode, even where the base was of another sort.
        let same = |one: Entry| base.is_some_and(|base| base.id == one.id);
        if ours.id == theirs.id || same(ours) {
            Settled::Entry(Some(Entry { kind, id: theirs.id }))
        } else if same(theirs) {
            Settled::Entry(Some(Entry { kind, id: ours.id }))
        } else if ours.kind.is_file() {
            let base = base.filter(|entry| entry.kind.is_file()).map_or_else(|| self.empty_blob(), |entry| entry.id);
            Settled::ByLine(ByLine { kind, base, ours: ours.id, theirs: theirs.id })
        } else {
            // Links and submodules are taken whole.
            Settled::Entry(None)
        }
    }
}

/// How far a merge of three entries comes without their content.
enum Settled {
    /// To its end; none: git stops.
    Entry(Option<Entry>),
    /// The lines decide.
    ByLine(ByLine),
}

/// The side that changed the executable bit wins; both can only have changed it alike.
fn merge_kinds(base: Option<EntryKind>, ours: EntryKind, theirs: EntryKind) -> Option<EntryKind> {
    if ours == theirs || base == Some(theirs) {
        Some(ours)
    } else if base == Some(ours) {
        Some(theirs)
    } else {
        None
    }
}

struct Merge<'a> {
    git: &'a Git,
    ancestor: Oid,
    ours: &'a Landed,
    result: Landed,
    conflicts: BTreeSet<Conflict>,
    theirs: Oid,
    /// The paths that they changed.
    touched: BTreeSet<Path>,
    /// The folders in which they made new files.
    adds_to: BTreeSet<Path>,
    our_changes: OnceCell<Vec<Change>>,
    our_renames: OnceCell<Renames>,
}

impl Merge<'_> {
    fn run(&mut self, changes: &[Change]) -> Result<(), GitError> {
        let their_renames = self.their_renames(changes)?;
        let targets: BTreeSet<&Path> = their_renames.values().collect();
        for change in changes {
            if let Some(to) = their_renames.get(&change.path) {
                let Some(new) = changes.iter().find(|other| other.path == *to).and_then(|other| other.new) else {
                    continue;
                };
                self.renamed(change, to, new)?;
            } else if !targets.contains(&change.path) {
                self.changed(change)?;
            }
        }
        self.files_against_folders(changes)?;
        self.folders_renamed_by_us(changes)?;
        self.folders_renamed_by_them(&their_renames)
    }

    fn stop(&mut self, path: &Path, what: Clash) {
        self.conflicts.insert(Conflict { path: path.clone(), what });
    }

    fn set(&mut self, path: &Path, entry: Option<Entry>) {
        self.result.set(path, entry);
    }

    /// A path that they changed, added or deleted without a rename.
    fn changed(&mut self, change: &Change) -> Result<(), GitError> {
        let ours = self.ours.entry(self.git, &change.path)?;
        if ours == change.new && ours.is_some() {
            return Ok(());
        }
        if ours == change.old {
            self.set(&change.path, change.new);
            return Ok(());
        }
        match (change.old, ours, change.new) {
            (Some(old), None, new) => self.gone_on_our_side(change, old, new),
            (Some(_), Some(_), None) => {
                self.stop(&change.path, Clash::Deleted);
                Ok(())
            }
            (None, None, _) | (None, Some(_), None) => Ok(()),
            (old, Some(ours), Some(theirs)) => self.changed_by_both(&change.path, old, ours, theirs),
        }
    }

    fn changed_by_both(&mut self, path: &Path, old: Option<Entry>, ours: Entry, theirs: Entry) -> Result<(), GitError> {
        let merged = match self.git.settle(old, ours, theirs) {
            Settled::ByLine(lines) => {
                if self.git.blobs_merge(lines.base, lines.ours, lines.theirs)? {
                    self.result.set_unmade(path, lines);
                    return Ok(());
                }
                None
            }
            Settled::Entry(entry) => entry,
        };
        match merged {
            Some(merged) => self.set(path, Some(merged)),
            None => self.stop(path, if old.is_none() { Clash::BothAdded } else { Clash::Content }),
        }
        Ok(())
    }

    /// They changed or deleted what we no longer have at its path.
    fn gone_on_our_side(&mut self, change: &Change, old: Entry, new: Option<Entry>) -> Result<(), GitError> {
        let Some(to) = self.our_renames()?.get(&change.path).cloned() else {
            if new.is_some() {
                self.stop(&change.path, Clash::Deleted);
            }
            return Ok(());
        };
        let (Some(ours), Some(theirs)) = (self.result.entry(self.git, &to)?, new) else {
            self.stop(&to, Clash::Deleted);
            return Ok(());
        };
        match self.merge_moved(old, ours, theirs)? {
            Some(merged) => self.set(&to, Some(merged)),
            None => self.stop(&to, Clash::Content),
        }
        Ok(())
    }

    /// Merges where one side moved the file; git does not move what the other side made another sort of thing.
    fn merge_moved(&self, old: Entry, ours: Entry, theirs: Entry) -> Result<Option<Entry>, GitError> {
        if ours.kind.sort() == theirs.kind.sort() { self.git.merge_entries(Some(old), ours, theirs) } else { Ok(None) }
    }

    /// They moved a file from `change.path` to `to`.
    fn renamed(&mut self, change: &Change, to: &Path, theirs: Entry) -> Result<(), GitError> {
        let Some(old) = change.old else { return Ok(()) };
        let at_target = self.ours.entry(self.git, to)?;
        let Some(ours) = self.ours.entry(self.git, &change.path)? else {
            return self.renamed_or_deleted_by_both(change, old, to, theirs);
        };
        self.set(&change.path, None);
        let merged = self.merge_moved(old, ours, theirs)?;
        match (merged, at_target) {
            (None, _) => self.stop(to, Clash::Content),
            (Some(merged), Some(there)) if there != merged => match self.git.merge_entries(None, there, merged)? {
                Some(both) => self.set(to, Some(both)),
                None => self.stop(to, Clash::BothAdded),
            },
            (Some(merged), _) => self.set(to, Some(merged)),
        }
        Ok(())
    }

    fn renamed_or_deleted_by_both(
        &mut self,
        change: &Change,
        old: Entry,
        to: &Path,
        theirs: Entry,
    ) -> Result<(), GitError> {
        match self.our_renames()?.get(&change.path).cloned() {
            None => self.stop(to, Clash::Deleted),
            Some(ours_to) if ours_to != *to => {
                for path in [&change.path, &ours_to, to] {
                    self.stop(path, Clash::RenamedApart);
                }
            }
            Some(_) => {
                let ours = self.ours.entry(self.git, to)?;
                let merged = ours.map_or(Ok(Some(theirs)), |ours| self.git.merge_entries(Some(old), ours, theirs))?;
                match merged {
                    Some(merged) => self.set(to, Some(merged)),
                    None => self.stop(to, Clash::Content),
                }
            }
        }
        Ok(())
    }

    fn their_renames(&self, changes: &[Change]) -> Result<Renames, GitError> {
        let (gone, came) =
            (changes.iter().any(|change| change.new.is_none()), changes.iter().any(|change| change.old.is_none()));
        if !gone || !came {
            return Ok(Renames::new());
        }
        // Of a file that we left alone nothing depends on where it went, unless its whole folder went.
        let relevant = |change: &Change| {
            self.ours.entry(self.git, &change.path).is_ok_and(|ours| ours != change.old)
                || folders_of(&change.path)
                    .any(|folder| self.git.has_folder(self.theirs, folder).is_ok_and(|stays| !stays))
        };
        renames(self.git, changes, &relevant)
    }

    fn our_changes(&self) -> Result<&[Change], GitError> {
        if let Some(known) = self.our_changes.get() {
            return Ok(known);
        }
        let changes = self.ours.changes_since(self.git, self.ancestor)?;
        Ok(self.our_changes.get_or_init(|| changes))
    }

    fn our_renames(&self) -> Result<&Renames, GitError> {
        if let Some(known) = self.our_renames.get() {
            return Ok(known);
        }
        // Only what they touched, or the folders they add to, is asked for.
        let relevant = |change: &Change| {
            self.touched.contains(&change.path)
                || folders_of(&change.path).any(|folder| {
                    self.adds_to.contains(folder) && self.ours.has_folder(self.git, folder).is_ok_and(|stays| !stays)
                })
        };
        let found = renames(self.git, self.our_changes()?, &relevant)?;
        Ok(self.our_renames.get_or_init(|| found))
    }

    /// A file that comes where a folder stays, or under a path that stays a file.
    fn files_against_folders(&mut self, changes: &[Change]) -> Result<(), GitError> {
        for change in changes.iter().filter(|change| change.old.is_none() && change.new.is_some()) {
            let path = &change.path;
            if self.ours.entry(self.git, path)?.is_none() && self.result.has_folder(self.git, path)? {
                self.stop(path, Clash::FileAgainstFolder);
            }
            for folder in folders_of(path) {
                if self.result.entry(self.git, folder)?.is_some() {
                    self.stop(&folder.to_owned(), Clash::FileAgainstFolder);
                }
            }
        }
        Ok(())
    }

    /// They add a file to a folder that we moved away as a whole.
    ///
    /// Git asks this of the folder that holds the new file itself, not of those further out.
    fn folders_renamed_by_us(&mut self, changes: &[Change]) -> Result<(), GitError> {
        for change in changes.iter().filter(|change| change.old.is_none()) {
            let Some(folder) = folders_of(&change.path).next() else { continue };
            let moved = self.git.has_folder(self.ancestor, folder)?
                && !self.ours.has_folder(self.git, folder)?
                && is_renamed(self.our_renames()?, folder);
            if moved {
                self.stop(&change.path, Clash::FolderRenamed);
            }
        }
        Ok(())
    }

    /// We added a file to a folder that they moved away as a whole.
    fn folders_renamed_by_them(&mut self, their_renames: &Renames) -> Result<(), GitError> {
        let mut moved = BTreeSet::new();
        for folder in their_renames.keys().flat_map(|from| folders_of(from)) {
            if !moved.contains(folder)
                && !self.git.has_folder(self.theirs, folder)?
                && is_renamed(their_renames, folder)
            {
                moved.insert(folder.to_owned());
            }
        }
        if moved.is_empty() {
            return Ok(());
        }
        let added = self.our_changes()?.iter().filter(|change| change.old.is_none());
        let stopped: Vec<Path> = added
            .filter(|change| folders_of(&change.path).next().is_some_and(|folder| moved.contains(folder)))
            .map(|change| change.path.clone())
            .collect();
        for path in &stopped {
            self.stop(path, Clash::FolderRenamed);
        }
        Ok(())
    }
}

/// Whether files of a folder were moved to another: from itself, or from a folder in it that is called the same there.
fn is_renamed(renames: &Renames, folder: &BStr) -> bool {
    renames.iter().any(|(from, to)| {
        let (mut olds, mut news) = (folders_of(from), folders_of(to));
        let (mut old, mut new) = (olds.next(), news.next());
        while let Some(here) = old {
            if here == folder {
                return new != Some(folder);
            }
            // Further out only while both folders are called the same.
            if new.is_none_or(|there| last_name(here) != last_name(there)) {
                return false;
            }
            (old, new) = (olds.next(), news.next());
        }
        false
    })
}

fn last_name(path: &BStr) -> &[u8] {
    path.rsplit_once_str(b"/").map_or(path.as_bytes(), |(_, name)| name)
}

/// The folders that hold a path, from the innermost out.
pub(super) fn folders_of(path: &[u8]) -> impl Iterator<Item = &BStr> {
    std::iter::successors(path.rsplit_once_str(b"/"), |(folder, _)| folder.rsplit_once_str(b"/"))
        .map(|(folder, _)| folder.as_bstr())
}
