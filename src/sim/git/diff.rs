//! What changed between two commits, file by file, as GitHub lists it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::patch::{Patch, patch};
use super::{Objects, Tree};

/// How a file changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileStatus {
    Added,
    Removed,
    Modified,
    Renamed,
}

impl FileStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Modified => "modified",
            Self::Renamed => "renamed",
        }
    }
}

/// One changed file.
#[derive(Debug, Clone)]
pub(crate) struct FileDiff {
    pub(crate) path: Arc<str>,
    pub(crate) previous: Option<Arc<str>>,
    pub(crate) status: FileStatus,
    pub(crate) additions: usize,
    pub(crate) deletions: usize,
    /// The unified diff without its file header; missing for binary and large files and for pure renames.
    pub(crate) patch: Option<String>,
    pub(crate) blob: String,
}

/// All changed files by path.
#[derive(Debug, Default)]
pub(crate) struct DiffSet {
    pub(crate) files: Vec<FileDiff>,
}

impl DiffSet {
    pub(crate) fn additions(&self) -> usize {
        self.files.iter().map(|f| f.additions).sum()
    }

    pub(crate) fn deletions(&self) -> usize {
        self.files.iter().map(|f| f.deletions).sum()
    }
}

impl Objects {
    /// What a pull request shows: the change from the merge base of `base` and `head` to `head`.
    pub(crate) fn pull_diff(&self, base: &str, head: &str) -> Arc<DiffSet> {
        let from = self.merge_base(base, head).unwrap_or_default();
        self.diff(&from, head)
    }

    /// The change between two commits.
    pub(crate) fn diff(&self, from: &str, to: &str) -> Arc<DiffSet> {
        let key = (from.to_owned(), to.to_owned());
        let known = self.diffs.lock().expect("no code panics while it holds this lock").get(&key).cloned();
        if let Some(set) = known {
            return set;
        }
        let set = Arc::new(diff_trees(&self.tree(from), &self.tree(to)));
        self.diffs.lock().expect("no code panics while it holds this lock").insert(key, set.clone());
        set
    }
}

fn diff_trees(old: &Tree, new: &Tree) -> DiffSet {
    let paths: BTreeSet<&Arc<str>> =
        old.keys().chain(new.keys()).filter(|path| old.get(*path) != new.get(*path)).collect();
    let mut removed: Vec<&Arc<str>> = paths.iter().copied().filter(|path| !new.contains_key(*path)).collect();
    let mut files = Vec::new();
    for path in paths {
        match (old.get(path), new.get(path)) {
            (Some(before), Some(after)) => files.push(file(path, None, FileStatus::Modified, before, after)),
            (None, Some(after)) => match take_most_similar(&mut removed, old, after) {
                Some(from) => files.push(file(path, Some(from), FileStatus::Renamed, &old[from], after)),
                None => files.push(file(path, None, FileStatus::Added, "", after)),
            },
            (_, None) => {}
        }
    }
    files.extend(removed.into_iter().map(|path| file(path, None, FileStatus::Removed, &old[path], "")));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    DiffSet { files }
}

fn file(path: &Arc<str>, previous: Option<&Arc<str>>, status: FileStatus, before: &str, after: &str) -> FileDiff {
    let Patch { text, additions, deletions } = patch(before, after);
    let blob = super::blob_sha(if status == FileStatus::Removed { before } else { after });
    FileDiff { path: path.clone(), previous: previous.cloned(), status, additions, deletions, patch: text, blob }
}

/// The removed file that the new one most likely came from: equal, or at least half of it alike, as git's default has it.
fn take_most_similar<'a>(removed: &mut Vec<&'a Arc<str>>, old: &Tree, after: &str) -> Option<&'a Arc<str>> {
    let (at, alike) = removed
        .iter()
        .enumerate()
        .map(|(at, path)| (at, likeness(&old[*path], after)))
        .max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)))?;
    (alike >= 50).then(|| removed.remove(at))
}

/// How much of the larger text both have in common, in percent of bytes in equal lines.
fn likeness(a: &str, b: &str) -> usize {
    if a.is_empty() || b.is_empty() {
        return 0;
    }
    if a == b {
        return 100;
    }
    let mut lines: HashMap<&str, usize> = HashMap::new();
    for line in a.split_inclusive('\n') {
        *lines.entry(line).or_default() += 1;
    }
    let mut common = 0;
    for line in b.split_inclusive('\n') {
        if let Some(left) = lines.get_mut(line).filter(|left| **left > 0) {
            *left -= 1;
            common += line.len();
        }
    }
    // 100 is kept for equal content: a reordering of lines is not the same file.
    (common * 100 / a.len().max(b.len())).min(99)
}
