//! What became of a unit's change after it landed.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{CommitSha, PrNumber, Timestamp};

/// What is known of a change since it landed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Aftermath {
    /// What went wrong, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alarms: Vec<Alarm>,
    /// The open pull request that takes it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revert: Option<PrNumber>,
    /// The unit that took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back: Option<PrNumber>,
}

/// Something that went wrong with a change after it landed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// What.
    pub what: Broken,
    /// Since when it is known.
    pub at: Timestamp,
    /// Since when it is over: green again, taken back, or said by somebody to have another cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Timestamp>,
}

/// What may go wrong after landing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "broken", rename_all = "snake_case")]
pub enum Broken {
    /// A check fails on the base since it landed.
    Base {
        /// The check's name.
        check: String,
        /// The App that reports it; none for commit statuses.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        app: Option<u64>,
        /// The first commit on which it fails.
        red: CommitSha,
        /// The last one on which it passed.
        green: CommitSha,
        /// Why this unit is the likeliest cause, in one sentence.
        why: String,
        /// The other units that landed since, the likeliest first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        others: Vec<PrNumber>,
    },
    /// What landed is not what was confirmed.
    Content {
        /// The commit it landed as.
        commit: CommitSha,
    },
}

impl Broken {
    /// Whether both tell of the same check on the same commit, or of the same landing.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Base { check, app, red, .. }, Self::Base { check: check_b, app: app_b, red: red_b, .. }) => {
                (check, app, red) == (check_b, app_b, red_b)
            }
            (Self::Content { commit }, Self::Content { commit: other }) => commit == other,
            (Self::Base { .. }, Self::Content { .. }) | (Self::Content { .. }, Self::Base { .. }) => false,
        }
    }
}

impl Aftermath {
    /// Whether nothing happened since it landed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something else landed than was proposed.
    #[must_use]
    pub fn landed_otherwise(&self) -> bool {
        self.alarms.iter().any(|alarm| matches!(alarm.what, Broken::Content { .. }))
    }

    /// What is wrong now, the newest first.
    pub fn live(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.iter().rev().filter(|alarm| alarm.over.is_none())
    }
}

/// Digests of the lines that a change adds and removes, whatever stands around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edits {
    /// Of the change.
    pub done: String,
    /// Of the change that takes it back.
    pub undone: String,
    /// Of each run of lines; nothing where they are too many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<Vec<u32>>,
    /// Of each file; nothing where they are too many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<u32>>,
}

impl Edits {
    /// Whether nothing landed but parts of this change, as far as is known: a part may have been on the base already.
    #[must_use]
    pub fn hold(&self, landed: &Self) -> bool {
        let within = |all: &Option<Vec<u32>>, some: &Option<Vec<u32>>| {
            let (all, some) = all.as_ref().zip(some.as_ref())?;
            Some(some.iter().all(|part| all.contains(part)))
        };
        let parts = within(&self.runs, &landed.runs).or_else(|| within(&self.files, &landed.files));
        self.done == landed.done || parts.unwrap_or(true)
    }

    /// Forgets the parts: what is left tells a revert.
    pub fn forget_parts(&mut self) {
        (self.runs, self.files) = (None, None);
    }
}
