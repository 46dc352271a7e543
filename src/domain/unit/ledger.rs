//! The ledger: each action from intent to done, so that none is lost and none done twice.

use serde::{Deserialize, Serialize};

use crate::domain::govern::ActionCall;
use crate::domain::ids::{CommitSha, Timestamp};

/// One action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What is asked of GitHub, with its guard.
    pub call: ActionCall,
    /// Why: who asked, or which rule.
    pub why: String,
    /// Who asked, by login.
    pub by: String,
    /// When it was decided.
    pub since: Timestamp,
    /// After this it is given up.
    pub expires: Timestamp,
    /// How far it is.
    pub phase: Phase,
    /// How often it was tried.
    pub tries: u32,
}

/// How far an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Decided, not begun; waits for its turn.
    Owed,
    /// The call is out, or was when the process ended.
    InFlight,
    /// Nobody knows whether it was done: it must be read.
    Unknown,
}

/// A surface's call that is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// What was sent, so that the answer can be remembered as sent.
    pub key: String,
    /// Whether its outcome is unknown: it must be read before anything is sent again.
    pub unknown: bool,
    /// When it went out.
    pub at: Timestamp,
}

impl Entry {
    /// Whether it lands the unit and may already be on its way.
    #[must_use]
    pub fn is_landing(&self) -> bool {
        self.lands() && self.phase != Phase::Owed
    }

    /// The head that it lands, where it may already be on its way.
    #[must_use]
    pub fn landing_head(&self) -> Option<&CommitSha> {
        let (ActionCall::Merge { sha, .. } | ActionCall::Enqueue { sha, .. } | ActionCall::EnableAutoMerge { sha, .. }) =
            &self.call
        else {
            return None;
        };
        Some(sha).filter(|_| self.is_landing())
    }

    /// Whether it is meant to land the unit.
    #[must_use]
    pub fn lands(&self) -> bool {
        matches!(self.call, ActionCall::Merge { .. } | ActionCall::Enqueue { .. } | ActionCall::EnableAutoMerge { .. })
    }
}
