//! Commits, trees and what git would do with them, in memory and without a git binary.
//!
//! A tree is a map from path to text; a commit id is a 40-digit hash of everything the commit says, so that equal content under equal
//! parents is the same commit. Forks share one object store, as they do on GitHub.

mod diff;
mod merge;
mod objects;
mod patch;

pub(crate) use diff::{DiffSet, FileDiff, FileStatus};
pub(crate) use objects::{Commit, Objects, Tree, blob_sha};

/// A commit, tree or blob id in hex.
pub(crate) type Sha = String;

/// What stands for "no commit" in push events.
pub(crate) const ZERO_SHA: &str = "0000000000000000000000000000000000000000";
