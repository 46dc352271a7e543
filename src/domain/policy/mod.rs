//! The standard a unit is judged against: defaults, who may confirm, which base branches are governed.
//!
//! Without a policy file the defaults below are in force, so that a fresh install is useful in a minute: the required checks of the base
//! branch as evidence, one confirm by somebody with write access who is not the author, order enforced for textual collisions.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::govern::Right;
use super::integration::collision::Kind;

/// The policy in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Where it came from, as shown: `defaults`, or the file and its blob.
    pub source: String,
    /// Who may confirm, how many, and how.
    pub confirm: ConfirmPolicy,
    /// Which kinds of collision the order keeps apart, and for how long.
    pub order: OrderPolicy,
    /// Whether the first wait for judgment asks one person for a review.
    pub ask_review: bool,
    /// How many actions one unit may cause in an hour: no loop with another bot can run away.
    pub actions_per_hour: u32,
}

/// Who may confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmPolicy {
    /// The least right.
    pub by: Right,
    /// How many people.
    pub count: usize,
    /// Whether the author may.
    pub author: bool,
    /// Whether an approving review clears.
    pub reviews: bool,
    /// How long a bare confirm does not count after a push replaced a head that had been shown, in seconds.
    pub dwell_seconds: i64,
}

/// What the order keeps apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPolicy {
    /// Kinds of collision, by name.
    pub enforce: Vec<String>,
    /// How long a unit waits for related ones ahead of it once it is otherwise ready, in seconds.
    pub patience_seconds: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            source: "defaults".to_owned(),
            confirm: ConfirmPolicy { by: Right::Write, count: 1, author: false, reviews: true, dwell_seconds: 20 },
            order: OrderPolicy { enforce: vec!["textual".to_owned()], patience_seconds: 24 * 3600 },
            ask_review: true,
            actions_per_hour: 60,
        }
    }
}

impl Policy {
    /// A digest of everything it says: verdicts are pinned to it.
    #[must_use]
    pub fn digest(&self) -> String {
        let canonical = serde_json_canonicalizer::to_vec(self).unwrap_or_default();
        hex::encode(&Sha256::digest(canonical)[..8])
    }

    /// How it is named in traces: source and digest.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}@{}", self.source, self.digest())
    }

    /// The kinds of collision by which the order keeps units apart.
    #[must_use]
    pub fn enforced(&self) -> Vec<Kind> {
        self.order
            .enforce
            .iter()
            .filter_map(|name| name.parse().ok())
            .filter(|kind: &Kind| kind.is_collision())
            .collect()
    }

    /// How long a unit waits for related ones.
    #[must_use]
    pub fn patience(&self) -> SignedDuration {
        SignedDuration::from_secs(self.order.patience_seconds)
    }

    /// How long a bare confirm does not count after a push.
    #[must_use]
    pub fn dwell(&self) -> SignedDuration {
        SignedDuration::from_secs(self.confirm.dwell_seconds)
    }
}
