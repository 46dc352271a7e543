//! What a change touches, in the line coordinates of the commit it was made against.
//!
//! A footprint is a fact about one head: it is made from GitHub's file list ([`super::files`]), from a unified diff ([`super::patch`]) or
//! from a git object database (`crate::git`), and stored with the unit. What is not known is said, never taken for "nothing".

use serde::{Deserialize, Serialize};

pub use super::hunk::{Digest, Hunk, Lines};

/// What one change touches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footprint {
    /// The changed files, sorted by `path`.
    #[serde(rename = "f", default)]
    pub files: Vec<FileChange>,
    /// Whether this is all of it.
    #[serde(rename = "s", default, skip_serializing_if = "Completeness::is_known")]
    pub state: Completeness,
    /// Exclusive components of the policy that it touches, sorted. Filled by [`super::layout::Layout::mark`].
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
}

/// Whether a footprint lists everything that the change touches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Completeness {
    /// It does; single files may still have unknown lines.
    #[default]
    Known,
    /// It does not: an unknown footprint delays only its own unit.
    Unknown {
        /// Why, in a sentence for people.
        because: String,
    },
}

impl Completeness {
    /// Whether the footprint lists everything.
    #[must_use]
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known)
    }
}

/// What happened to a path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// The path did not exist in the merge base.
    #[serde(rename = "A")]
    Added,
    /// The path is gone.
    #[serde(rename = "D")]
    Removed,
    /// Its content changed.
    #[default]
    #[serde(rename = "M")]
    Modified,
    /// It was moved from `previous`, its content perhaps changed too.
    #[serde(rename = "R")]
    Renamed,
    /// It was copied from `previous`, which itself is untouched by that.
    #[serde(rename = "C")]
    Copied,
    /// Only its mode changed (executable bit).
    #[serde(rename = "T")]
    ModeChanged,
}

/// A change of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// The path after the change (before it, where the file was removed).
    #[serde(rename = "p")]
    pub path: String,
    /// The path before a rename or copy.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// What happened.
    #[serde(rename = "s", default)]
    pub status: Status,
    /// Where in the base.
    #[serde(rename = "l", default, skip_serializing_if = "Lines::is_empty")]
    pub lines: Lines,
    /// A digest of the content after the change (of its blob id), where known: equal means equal content.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub content: Option<u64>,
    /// What sort of file it is.
    #[serde(rename = "m", default, skip_serializing_if = "Marks::is_plain")]
    pub marks: Marks,
    /// Dependencies that this change of a manifest moves.
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<PackageChange>,
    /// Why the packages of this manifest are not known, for a manifest that could not be read on one side.
    #[serde(rename = "ku", default, skip_serializing_if = "Option::is_none")]
    pub packages_unknown: Option<String>,
    /// The number of an ordered series that this new file claims.
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<SequenceClaim>,
}

/// What sort of file it is; all false for ordinary text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u8", into = "u8")]
#[expect(clippy::struct_excessive_bools, reason = "independent marks, each read by another rule; stored as one byte")]
pub struct Marks {
    /// Not text: git cannot merge two changes of it.
    pub binary: bool,
    /// A submodule pointer.
    pub submodule: bool,
    /// A symbolic link, on one side at least.
    pub symlink: bool,
    /// Generated or vendored, by `.gitattributes` or policy: made again rather than merged.
    pub generated: bool,
    /// A lockfile.
    pub lockfile: bool,
}

impl Marks {
    /// Whether it is an ordinary text file.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

impl From<u8> for Marks {
    fn from(bits: u8) -> Self {
        Self {
            binary: bits & 1 != 0,
            submodule: bits & 2 != 0,
            symlink: bits & 4 != 0,
            generated: bits & 8 != 0,
            lockfile: bits & 16 != 0,
        }
    }
}

impl From<Marks> for u8 {
    fn from(marks: Marks) -> Self {
        Self::from(marks.binary)
            | Self::from(marks.submodule) << 1
            | Self::from(marks.symlink) << 2
            | Self::from(marks.generated) << 3
            | Self::from(marks.lockfile) << 4
    }
}

/// A dependency that a manifest moves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PackageChange {
    /// Whose packages: a name is one package only within its ecosystem.
    #[serde(rename = "e")]
    pub ecosystem: Ecosystem,
    /// The package's name in the ecosystem's normal form.
    #[serde(rename = "n")]
    pub name: String,
    /// The requirement before; none where it is new.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The requirement after; none where it is removed.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// A family of packages with one name space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// crates.io, `Cargo.toml`.
    Cargo,
    /// npm, `package.json`.
    Npm,
    /// Go modules, `go.mod`.
    Go,
    /// `PyPI`, `requirements*.txt` and `pyproject.toml`.
    Python,
    /// Maven, `pom.xml`.
    Maven,
    /// `RubyGems`, `Gemfile`.
    Ruby,
}

/// The place in an ordered series that a new file claims: a migration, an ADR.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SequenceClaim {
    /// The series: its folder and pattern.
    #[serde(rename = "s")]
    pub series: String,
    /// The number, as written without leading zeros.
    #[serde(rename = "n")]
    pub number: String,
}

impl Footprint {
    /// A footprint that lists everything, in its normal form.
    #[must_use]
    pub fn known(mut files: Vec<FileChange>) -> Self {
        files.sort_by(|a, b| (&a.path, &a.previous).cmp(&(&b.path, &b.previous)));
        Self { files, ..Self::default() }
    }

    /// A footprint that is not known, with what is known of it nevertheless.
    #[must_use]
    pub fn unknown(because: impl Into<String>, files: Vec<FileChange>) -> Self {
        Self { state: Completeness::Unknown { because: because.into() }, ..Self::known(files) }
    }

    /// How many lines it removes and adds, as far as known.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.files.iter().flat_map(|file| file.lines.hunks()).fold(0, |sum, hunk| sum.saturating_add(hunk.weight()))
    }
}

impl FileChange {
    /// The path in the base whose content this changes; none where it only makes a new file.
    #[must_use]
    pub fn base_path(&self) -> Option<&str> {
        match self.status {
            Status::Added | Status::Copied => None,
            Status::Renamed => Some(self.previous.as_deref().unwrap_or(&self.path)),
            Status::Removed | Status::Modified | Status::ModeChanged => Some(&self.path),
        }
    }

    /// The path that comes into being by this change.
    #[must_use]
    pub fn new_path(&self) -> Option<&str> {
        match self.status {
            Status::Added | Status::Copied | Status::Renamed => Some(&self.path),
            Status::Removed | Status::Modified | Status::ModeChanged => None,
        }
    }

    /// Whether two merges of it would be made again by a tool, not by hand.
    #[must_use]
    pub fn is_regenerated(&self) -> bool {
        self.marks.lockfile || self.marks.generated
    }
}
