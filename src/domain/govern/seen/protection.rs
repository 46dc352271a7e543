//! What protects a branch, as GitHub says it: the checks it requires, the queue, the ways to land.

use serde::{Deserialize, Serialize};

use super::snapshot::MergeMethod;

/// What protects a branch: classic protection and rulesets together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BaseRules {
    /// Whether anything protects it.
    pub protected: bool,
    /// Required checks, ours among them.
    pub required: Vec<RequiredCheck>,
    /// Whether merges go through GitHub's merge queue.
    pub merge_queue: bool,
    /// Merge methods that rulesets allow; empty where they say nothing.
    pub methods: Vec<MergeMethod>,
    /// What could not be read, in a sentence; the answer is then what is known.
    pub unread: Option<String>,
}

/// A check that protection requires.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequiredCheck {
    /// Its name.
    pub context: String,
    /// The App that must report it, where protection says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<u64>,
}
