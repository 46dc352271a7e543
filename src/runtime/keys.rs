//! Names in the store. Stored data depends on them.
//!
//! | what | where |
//! | --- | --- |
//! | live state of a repository | space `r<repo>` |
//! | its closed units | space `r<repo>:closed` |
//! | what is measured of these | space `r<repo>:flow` |
//! | the names of a partition's repositories | space `names`, field `<repo>` |
//! | a unit's trace | stream `t<repo>:<number>`; packed: space `r<repo>:archive`, field `u:<number>` |
//! | since when a unit has ended | space `r<repo>:ended`, field `u:<number>` |
//! | owed and due | id `<repo>/<OwedKey::id()>`, body the key as JSON |
//! | a timer | id `<repo>/<number>` or `<repo>/repo`, body the number or `null` |
//! | the look through ended units | id `<repo>/archive`, body `"archive"` |

use crate::domain::govern::{OwedKey, Space};
use crate::domain::ids::{PrNumber, RepoId, Timestamp};
use crate::store::{Due, DueKind, Schedule, StoreError};

/// Where a partition keeps the names of its repositories.
pub(super) const NAMES: &str = "names";

/// The store's name of a repository's space.
pub(super) fn space(repo: RepoId, space: Space) -> String {
    match space {
        Space::Live => format!("r{repo}"),
        Space::Closed => format!("r{repo}:closed"),
        Space::Flow => format!("r{repo}:flow"),
    }
}

/// Where packed traces of a repository's ended units are.
pub(super) fn archive(repo: RepoId) -> String {
    format!("r{repo}:archive")
}

/// Where it is noted since when a repository's units have ended.
pub(super) fn ended(repo: RepoId) -> String {
    format!("r{repo}:ended")
}

/// The unit whose field this is.
pub(super) fn number_in(field: &str) -> Option<PrNumber> {
    field.strip_prefix("u:")?.parse().ok().map(PrNumber)
}

/// The field of a closed unit in [`Space::Closed`].
pub(super) fn closed_field(number: PrNumber) -> String {
    format!("u:{number}")
}

/// The store's name of a unit's trace.
pub(super) fn trace(repo: RepoId, number: PrNumber) -> String {
    format!("t{repo}:{number}")
}

/// What falls due for a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// Something owed to GitHub.
    Owed(OwedKey),
    /// A unit's timer, or the repository's.
    Timer(Option<PrNumber>),
    /// The look through the repository's ended units.
    Archive,
}

/// The body of the look's entry.
const ARCHIVE: &str = "archive";

/// What falls due, and for which repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wakeup {
    /// The repository.
    pub(super) repo: RepoId,
    /// What.
    pub(super) what: What,
}

impl Wakeup {
    /// Its kind and its id in the store.
    pub(super) fn id(&self) -> (DueKind, String) {
        let repo = self.repo;
        match &self.what {
            What::Owed(key) => (DueKind::Owed, format!("{repo}/{}", key.id())),
            What::Timer(Some(number)) => (DueKind::Timer, format!("{repo}/{number}")),
            What::Timer(None) => (DueKind::Timer, format!("{repo}/repo")),
            What::Archive => (DueKind::Timer, format!("{repo}/{ARCHIVE}")),
        }
    }

    /// The store's entry for it.
    pub(super) fn schedule(&self, at: Timestamp) -> Schedule {
        let (kind, id) = self.id();
        let body = match &self.what {
            What::Owed(key) => serde_json::to_vec(key),
            What::Timer(number) => serde_json::to_vec(number),
            What::Archive => serde_json::to_vec(ARCHIVE),
        };
        Schedule { kind, id, at, body: body.expect("keys and numbers have a JSON form").into() }
    }

    /// Reads an entry back.
    ///
    /// # Errors
    /// `Unreadable` if another build wrote it.
    pub(super) fn read(due: &Due) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: format!("due entry {}", due.id), why };
        let (repo, which) = due.id.split_once('/').ok_or_else(|| unreadable("no repository in its id".into()))?;
        let repo = RepoId(repo.parse().map_err(|_| unreadable("no repository in its id".into()))?);
        let what = match due.kind {
            DueKind::Owed => serde_json::from_slice(&due.body).map(What::Owed),
            DueKind::Timer if which == ARCHIVE => Ok(What::Archive),
            DueKind::Timer => serde_json::from_slice(&due.body).map(What::Timer),
        };
        Ok(Self { repo, what: what.map_err(|fault| unreadable(fault.to_string()))? })
    }
}
