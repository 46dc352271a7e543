//! Names of things, each its own type: a number or a string of GitHub's never stands for another by accident.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A point in time, UTC. The domain is handed it; it never asks a clock.
pub type Timestamp = jiff::Timestamp;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id!(
    /// A repository's numeric id: what everything is keyed by, since names change.
    RepoId
);
number_id!(
    /// A pull request's number within its repository.
    PrNumber
);
number_id!(
    /// An installation of the App on an account.
    InstallationId
);
number_id!(
    /// A user's or bot's numeric id: logins change, this does not.
    UserId
);
number_id!(
    /// A check run's id, as GitHub answered when it was created.
    CheckRunId
);
number_id!(
    /// An issue comment's id.
    CommentId
);
number_id!(
    /// A review's id.
    ReviewId
);

/// A governed work unit's key: shown as `owner/repo#number`, stored by the numeric repository id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnitKey {
    /// The repository that holds the pull request.
    pub repo: RepoId,
    /// Its number there.
    pub number: PrNumber,
}

/// A full commit id: 40 (SHA-1) or 64 (SHA-256) lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommitSha(Box<str>);

/// Text that is no commit id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a commit SHA: 40 or 64 hex digits are expected")]
pub struct NotASha(String);

impl CommitSha {
    /// The whole id in hex.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, as people write it.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..7]
    }

    /// The first twelve digits: what `/confirm` asks for.
    #[must_use]
    pub fn twelve(&self) -> &str {
        &self.0[..12]
    }
}

impl JsonSchema for CommitSha {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CommitSha".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A full commit id: 40 (SHA-1) or 64 (SHA-256) lower-case hex digits.",
            "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$",
        })
    }
}

impl FromStr for CommitSha {
    type Err = NotASha;

    fn from_str(text: &str) -> Result<Self, NotASha> {
        let well_formed = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
        if well_formed {
            Ok(Self(text.to_ascii_lowercase().into()))
        } else {
            Err(NotASha(text.chars().take(80).collect()))
        }
    }
}

impl TryFrom<String> for CommitSha {
    type Error = NotASha;

    fn try_from(text: String) -> Result<Self, NotASha> {
        text.parse()
    }
}

impl From<CommitSha> for String {
    fn from(sha: CommitSha) -> Self {
        sha.0.into()
    }
}

impl fmt::Display for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
