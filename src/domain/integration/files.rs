//! GitHub's list of changed files to a footprint.
//!
//! GitHub lists at most 3,000 files of a pull request and leaves `patch` out for binary and large files and pure renames. What is missing
//! is unknown, file by file, or as a whole where the list itself is short.
//! Contract: <https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files>

use super::footprint::{Digest, FileChange, Footprint, Lines, Status};
use super::{packages, patch};

/// The most files that GitHub lists for one pull request.
pub const LISTED_AT_MOST: usize = 3000;

/// An entry of GitHub's file list, as the domain needs it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileEntry<'a> {
    /// The path now.
    pub filename: &'a str,
    /// The path before a rename or copy.
    pub previous_filename: Option<&'a str>,
    /// added, removed, modified, renamed, copied, changed, unchanged.
    pub status: &'a str,
    /// The blob's id after the change, where it is known.
    pub sha: Option<&'a str>,
    /// Unified hunks.
    pub patch: Option<&'a str>,
    /// Lines added.
    pub additions: u32,
    /// Lines deleted.
    pub deletions: u32,
}

/// Makes a footprint from GitHub's file list.
///
/// `changed_files` is the number that the pull request itself states; a list that is shorter, or as long as GitHub lists at most, makes the
/// footprint unknown.
#[must_use]
pub fn footprint<'a>(entries: impl IntoIterator<Item = FileEntry<'a>>, changed_files: Option<usize>) -> Footprint {
    let entries: Vec<_> = entries.into_iter().collect();
    let listed = entries.len();
    let files = entries.iter().filter(|entry| entry.status != "unchanged").map(file_change).collect();
    match changed_files {
        Some(stated) if stated > LISTED_AT_MOST => {
            let because = format!("{stated} files are changed; GitHub lists at most {LISTED_AT_MOST}");
            Footprint::unknown(because, files)
        }
        Some(stated) if stated != listed => {
            Footprint::unknown(format!("{stated} files are changed, but {listed} were listed"), files)
        }
        None if listed >= LISTED_AT_MOST => {
            Footprint::unknown(format!("GitHub lists at most {LISTED_AT_MOST} files, there may be more"), files)
        }
        Some(_) | None => Footprint::known(files),
    }
}

fn file_change(entry: &FileEntry<'_>) -> FileChange {
    let status = status(entry);
    let mut change = FileChange {
        path: entry.filename.to_owned(),
        previous: entry.previous_filename.map(str::to_owned),
        status,
        content: entry.sha.filter(|_| status != Status::Removed).map(|sha| Digest::of(sha.as_bytes())),
        ..FileChange::default()
    };
    read_patch(entry, &mut change);
    change
}

fn status(entry: &FileEntry<'_>) -> Status {
    match entry.status {
        "added" => Status::Added,
        "removed" => Status::Removed,
        "renamed" if entry.previous_filename.is_some() => Status::Renamed,
        "copied" => Status::Copied,
        // A mode change has no lines and no patch.
        "changed" if entry.additions == 0 && entry.deletions == 0 => Status::ModeChanged,
        _ => Status::Modified,
    }
}

fn read_patch(entry: &FileEntry<'_>, change: &mut FileChange) {
    let counted = u64::from(entry.additions) + u64::from(entry.deletions);
    let Some(text) = entry.patch else {
        match change.status {
            // Removing is known without its lines: whatever the other side does to the file collides.
            Status::Removed => {}
            _ if counted > 0 => {
                change.lines = Lines::Unknown("GitHub left out the patch, the file is too large".into());
            }
            // A rename or copy without lines moved the content as it was.
            Status::Renamed | Status::Copied | Status::ModeChanged => {}
            // No line counted and no patch: a binary file, an empty file, or a mode.
            Status::Added | Status::Modified => change.marks.binary = change.status == Status::Modified,
        }
        return;
    };
    match read_checked(text, counted) {
        Ok(read) => {
            if change.status == Status::Modified && is_submodule(&read) {
                change.marks.submodule = true;
            }
            packages::from_patch(change, &read);
            change.lines = Lines::Known(read.hunks);
        }
        Err(error) => change.lines = Lines::Unknown(error.to_string()),
    }
}

fn read_checked(text: &str, counted: u64) -> Result<patch::PatchText<'_>, patch::PatchError> {
    let read = patch::parse(text)?;
    let found = (read.removed.len() + read.added.len()) as u64;
    if found == counted { Ok(read) } else { Err(patch::PatchError::Count { found, counted }) }
}

/// A submodule's patch is its pointer line.
fn is_submodule(read: &patch::PatchText<'_>) -> bool {
    let pointer = |line: &&str| line.strip_prefix("Subproject commit ").is_some_and(|id| id.len() >= 40);
    read.added.len() <= 1
        && read.removed.len() <= 1
        && read.added.iter().chain(&read.removed).all(pointer)
        && !read.hunks.is_empty()
}
