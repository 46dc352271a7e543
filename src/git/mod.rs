//! Git object databases: footprints and real merges, handed to the domain as facts.
//!
//! [`Git`] reads one repository (bare or not) and writes nothing. [`Git::merge_onto`] answers what `git merge-tree` would answer about two
//! sides and their ancestor: it looks only at what the side that lands changes, so a pull request costs what it touches, not what the
//! repository holds. Blobs that a clean merge makes live in memory.
//!
//! [`Mirrors`] are bare copies that the server keeps beside GitHub; they alone are written, by the `git` command.

mod contents;
mod crossings;
mod error;
mod footprints;
mod hashing;
mod histogram;
mod history;
mod landed;
mod lines;
mod merge;
mod mirror;
mod objects;
mod packs;
mod placing;
mod renames;
mod similarity;
mod text;
mod texts;
mod trees;
mod unified;
mod verdicts;

pub use self::crossings::Crossings;
pub use self::error::GitError;
pub use self::history::Head;
pub use self::landed::{Clash, Conflict, Landed, Outcome};
pub use self::mirror::{Limits, MirrorError, Mirrored, Mirrors, Remote};
pub use self::objects::{Entry, EntryKind, Git, Oid, Path, shown};
pub use self::text::{TextMerge, changed_ranges, merge_text};
pub use self::verdicts::{Alone, Verdicts};
