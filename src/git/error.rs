//! What can be wrong with a repository, as its owner would put it.

/// Why a question to a repository has no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The folder is no git repository that can be opened. Name another.
    #[error("{path} cannot be opened as a git repository")]
    Open {
        /// The folder.
        path: String,
        /// What was wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The name stands for no commit. Fetch it, or correct it.
    #[error("`{name}` names no commit in this repository")]
    NoSuchRevision {
        /// The name as given.
        name: String,
        /// What was wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The two have no common ancestor, so nothing can be merged.
    #[error("{one} and {two} share no history")]
    Unrelated {
        /// One commit.
        one: String,
        /// The other.
        two: String,
    },
    /// History ends before a common ancestor: the clone is shallow. Fetch more.
    #[error("the clone is shallow: it does not reach back to where {one} and {two} parted")]
    Shallow {
        /// One commit.
        one: String,
        /// The other.
        two: String,
    },
    /// An object is missing or damaged. Run `git fsck`, or fetch again.
    #[error("object {id} cannot be read")]
    Object {
        /// Its id.
        id: String,
        /// What was wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
