//! Tables and properties of integration; the merges themselves are held to git in `tests/merge_property.rs`.

mod carry;
mod dependency;
mod files;
mod index;
mod kinds;
mod order;
mod packages;

use super::footprint::{FileChange, Footprint, Hunk, Lines, Status};

/// A hunk whose content is told apart by `digest`.
fn hunk(start: u32, removed: u32, added: u32, digest: u64) -> Hunk {
    Hunk { start, removed, added, digest }
}

/// A modified text file.
fn modified(path: &str, hunks: &[Hunk]) -> FileChange {
    FileChange { path: path.into(), lines: Lines::Known(hunks.to_vec()), ..FileChange::default() }
}

/// A file with a status of its own.
fn file(path: &str, status: Status) -> FileChange {
    FileChange { path: path.into(), status, ..FileChange::default() }
}

/// A file moved from one path to another, with changes.
fn renamed(from: &str, to: &str, hunks: &[Hunk]) -> FileChange {
    FileChange { previous: Some(from.into()), ..FileChange { status: Status::Renamed, ..modified(to, hunks) } }
}

/// A footprint that is known.
fn touches(files: &[FileChange]) -> Footprint {
    Footprint::known(files.to_vec())
}
