//! What happens when a change lands on a tree: the three-way merge of whole trees, at the cost of the change.
//!
//! The rules are those of git's `ort` strategy with its defaults: renames on, directory renames stop the merge, no merge drivers.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use gix::bstr::{BStr, ByteSlice};

use super::error::GitError;
use super::objects::{Change, Entry, EntryKind, Git, Oid, Path, shown};
use super::renames::{Renames, renames};
use super::similarity::is_binary;
use super::text::{TextMerge, merge_text};

/// Merges of texts that were made before: (base, one, other) to the merged blob, none where git stops.
pub(super) type Texts = RefCell<HashMap<(Option<Oid>, Oid, Oid), Option<Oid>>>;

/// What is kept between questions.
#[derive(Debug, Default)]
pub(super) struct Caches {
    texts: Texts,
}

/// A tree with edits on top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    /// The tree below.
    pub tree: Oid,
    /// What stands at a path instead; none: nothing.
    pub edits: BTreeMap<Path, Option<Entry>>,
}

/// Why git would stop, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// The path.
    pub path: Path,
    /// What stands against each other.
    pub what: Clash,
}

/// What stands against each other at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clash {
    /// The same lines, or the same file as a whole where it cannot be merged by line.
    Content,
    /// One side deleted what the other changed or renamed.
    Deleted,
    /// Both brought the path into being, with different content.
    BothAdded,
    /// Both renamed the file, to different paths.
    RenamedApart,
    /// A file on one side, a folder on the other.
    FileAgainstFolder,
    /// A file was added to a folder that the other side renamed.
    FolderRenamed,
}

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where git would stop, sorted; empty: it merges cleanly.
    pub conflicts: Vec<Conflict>,
    /// What stands afterwards, as far as it merged.
    pub landed: Landed,
}

impl Conflict {
    /// What happens there, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let path = shown(&self.path);
        match self.what {
            Clash::Content => format!("Both change {path} in the same place."),
            Clash::Deleted => format!("One deletes {path}, the other changes or renames it."),
            Clash::BothAdded => format!("Both add {path} with different content."),
            Clash::RenamedApart => format!("Both rename {path}, to different places."),
            Clash::FileAgainstFolder => format!("One makes {path} a file, the other a folder."),
            Clash::FolderRenamed => format!("One adds {path} to a folder that the other renames."),
        }
    }
}

impl Landed {
    /// A tree as it is.
    #[must_use]
    pub fn plain(tree: Oid) -> Self {
        Self { tree, edits: BTreeMap::new() }
    }

    fn entry(&self, git: &Git, path: &[u8]) -> Result<Option<Entry>, GitError> {
        match self.edits.get(path.as_bstr()) {
            Some(entry) => Ok(*entry),
            None => git.entry(self.tree, path),
        }
    }

    /// The changes between a tree and this.
    fn changes_since(&self, git: &Git, ancestor: Oid) -> Result<Vec<Change>, GitError> {
        let below = git.diff(ancestor, self.tree)?;
        let mut changes: Vec<Change> =
            below.iter().filter(|change| !self.edits.contains_key(&change.path)).cloned().collect();
        for (path, new) in &self.edits {
            let old = git.entry(ancestor, path)?;
            if old != *new {
                changes.push(Change { path: path.clone(), old, new: *new });
            }
        }
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }

    /// Whether any file stands under a folder.
    fn has_folder(&self, git: &Git, folder: &[u8]) -> Result<bool, GitError> {
        let mut prefix = folder.to_vec();
        prefix.push(b'/');
        let under = self
            .edits
            .range::<BStr, _>((Bound::Included(prefix.as_bstr()), Bound::Unbounded))
            .take_while(|(path, _)| path.starts_with(&prefix));
        if under.clone().any(|(_, entry)| entry.is_some()) {
            return Ok(true);
        }
        if !git.has_folder(self.tree, folder)? {
            return Ok(false);
        }
        if under.count() == 0 {
            return Ok(true);
        }
        Ok(git.files_under(self.tree, folder)?.iter().any(|path| !self.edits.contains_key(path)))
    }
}

impl Git {
    /// Merges `theirs` onto `ours`, both grown from `ancestor`.
    ///
    /// # Errors
    /// [`GitError::Object`] where an object that the merge needs cannot be read.
    pub fn merge_onto(&self, ancestor: Oid, ours: &Landed, theirs: Oid) -> Result<Outcome, GitError> {
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
            adds_to: added.flat_map(|change| folders_of(&change.path)).map(ToOwned::to_owned).collect(),
            our_changes: OnceCell::new(),
            our_renames: OnceCell::new(),
        };
        merge.run(&changes)?;
        Ok(Outcome { conflicts: merge.conflicts.into_iter().collect(), landed: merge.result })
    }

    /// Merges three entries that are all there; none where git stops.
    fn merge_entries(&self, base: Option<Entry>, ours: Entry, theirs: Entry) -> Result<Option<Entry>, GitError> {
        if ours == theirs || base == Some(theirs) {
            return Ok(Some(ours));
        }
        if base == Some(ours) {
            return Ok(Some(theirs));
        }
        if ours.kind.sort() != theirs.kind.sort() {
            return Ok(None);
        }
        let Some(kind) = merge_kinds(base.map(|entry| entry.kind), ours.kind, theirs.kind) else { return Ok(None) };
        // Content is looked at apart from the mode, even where the base was of another sort.
        let same = |one: Entry| base.is_some_and(|base| base.id == one.id);
        let id = if ours.id == theirs.id || same(ours) {
            Some(theirs.id)
        } else if same(theirs) {
            Some(ours.id)
        } else if ours.kind.is_file() {
            self.merge_blobs(base.filter(|entry| entry.kind.is_file()).map(|entry| entry.id), ours.id, theirs.id)?
        } else {
            // Links and submodules are taken whole.
            None
        };
        Ok(id.map(|id| Entry { kind, id }))
    }

    fn merge_blobs(&self, base: Option<Oid>, ours: Oid, theirs: Oid) -> Result<Option<Oid>, GitError> {
        if let Some(known) = self.caches.texts.borrow().get(&(base, ours, theirs)) {
            return Ok(*known);
        }
        let before: Arc<[u8]> = match base {
            Some(id) => self.blob(id)?,
            None => Arc::from([]),
        };
        let (one, other) = (self.blob(ours)?, self.blob(theirs)?);
        let merged = if [&before, &one, &other].into_iter().any(|content| is_binary(content)) {
            None
        } else {
            match merge_text(&before, &one, &other) {
                TextMerge::Clean(content) => Some(self.keep_blob(content)?),
                TextMerge::Conflict(_) => None,
            }
        };
        self.caches.texts.borrow_mut().insert((base, ours, theirs), merged);
        Ok(merged)
    }
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
        self.result.edits.insert(path.clone(), entry);
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
            (old, Some(ours), Some(theirs)) => match self.git.merge_entries(old, ours, theirs)? {
                Some(merged) => {
                    self.set(&change.path, Some(merged));
                    Ok(())
                }
                None => {
                    self.stop(&change.path, if old.is_none() { Clash::BothAdded } else { Clash::Content });
                    Ok(())
                }
            },
        }
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
    fn folders_renamed_by_us(&mut self, changes: &[Change]) -> Result<(), GitError> {
        let added: Vec<&Path> =
            changes.iter().filter(|change| change.old.is_none()).map(|change| &change.path).collect();
        for path in added {
            for folder in folders_of(path) {
                let moved = self.git.has_folder(self.ancestor, folder)?
                    && !self.ours.has_folder(self.git, folder)?
                    && is_renamed(self.our_renames()?, folder);
                if moved {
                    self.stop(path, Clash::FolderRenamed);
                    break;
                }
            }
        }
        Ok(())
    }

    /// We added a file to a folder that they moved away as a whole.
    fn folders_renamed_by_them(&mut self, their_renames: &Renames) -> Result<(), GitError> {
        let mut moved = BTreeSet::new();
        for from in their_renames.keys() {
            for folder in folders_of(from) {
                if !self.git.has_folder(self.theirs, folder)? {
                    moved.insert(folder.to_owned());
                }
            }
        }
        if moved.is_empty() {
            return Ok(());
        }
        let added: Vec<Path> = self
            .our_changes()?
            .iter()
            .filter(|change| change.old.is_none())
            .map(|change| change.path.clone())
            .collect();
        for path in added {
            if folders_of(&path).any(|folder| moved.contains(folder) && is_renamed(their_renames, folder)) {
                self.stop(&path, Clash::FolderRenamed);
            }
        }
        Ok(())
    }
}

/// Whether files of a folder were moved to one other folder.
fn is_renamed(renames: &Renames, folder: &BStr) -> bool {
    renames.iter().any(|(from, to)| {
        let under = from.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'/'));
        under && folders_of(from).next() != folders_of(to).next()
    })
}

/// The folders that hold a path, from the innermost out.
pub(super) fn folders_of(path: &[u8]) -> impl Iterator<Item = &BStr> {
    std::iter::successors(path.rsplit_once_str(b"/"), |(folder, _)| folder.rsplit_once_str(b"/"))
        .map(|(folder, _)| folder.as_bstr())
}
