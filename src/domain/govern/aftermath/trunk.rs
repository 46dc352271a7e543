//! The newest commits of a base branch: what landed with each, and what was tested on it.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::domain::govern::seen::{CheckSeen, Seen};
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};

/// How many commits are remembered.
const COMMITS: usize = 60;
/// How many results are kept of each.
const RESULTS: usize = 60;
/// A landing of a merge queue belongs to a push this near to it.
const NEAR: SignedDuration = SignedDuration::from_mins(5);

/// The newest commits of a base branch, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trunk {
    /// Its commits that were pushed or landed.
    pub commits: Vec<TrunkCommit>,
    /// Landings of a merge queue whose push was not heard of yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unplaced: Vec<LandedUnit>,
    /// Failures that a unit was told of and that are not over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raised: Vec<Raised>,
    /// Units that people said are not the cause, by check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acquitted: Vec<(String, PrNumber)>,
    /// When units were told lately.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Timestamp>,
}

/// The head of a base branch after a push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkCommit {
    /// The commit.
    pub sha: CommitSha,
    /// The head before, where the push was heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<CommitSha>,
    /// When we learnt of it.
    pub at: Timestamp,
    /// What reported on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<Tested>,
    /// The units that landed with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub landed: Vec<LandedUnit>,
}

/// A result on such a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// Name of the check or status context.
    pub name: String,
    /// The App that reported it; none for statuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<u64>,
    /// What it says now.
    pub state: Seen,
    /// GitHub's time of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// How often it failed on this commit: a run that is repeated counts again.
    pub failures: u32,
}

/// A unit that landed, as far as its traces on the base need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandedUnit {
    /// Its number.
    pub number: PrNumber,
    /// When it landed.
    pub at: Timestamp,
    /// Paths that it changed, the first of them.
    pub paths: Vec<String>,
    /// How many lines it added and deleted.
    pub lines: u32,
    /// Related units that landed after it was tested: nobody tested it together with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untested_with: Vec<PrNumber>,
    /// Whether it took another unit back: that is never taken back in turn.
    #[serde(default)]
    pub reverts: bool,
}

/// A failure on the base that a unit was told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    /// The check's name.
    pub check: String,
    /// The App that reported it.
    pub app: Option<u64>,
    /// The unit.
    pub unit: PrNumber,
}

impl Trunk {
    /// Takes a push; whether that was news.
    pub fn pushed(&mut self, before: Option<&CommitSha>, after: &CommitSha, now: Timestamp) -> bool {
        let known = self.commits.iter().position(|commit| commit.sha == *after);
        if known.is_some_and(|at| self.commits[at].before.as_ref() == before) {
            return false;
        }
        let mut commit = known.map_or_else(|| TrunkCommit::new(after, now), |at| self.commits.remove(at));
        commit.before = before.cloned();
        // Pushes may be heard of in any order: each has its place behind the one that it names.
        let parent = self.commits.iter().position(|other| Some(&other.sha) == before);
        let at = parent.map_or_else(|| known.unwrap_or(self.commits.len()), |parent| parent + 1);
        let near = |landed: &mut LandedUnit| landed.at.duration_since(commit.at).abs() <= NEAR;
        commit.landed.extend(self.unplaced.extract_if(.., near));
        self.commits.insert(at.min(self.commits.len()), commit);
        self.trim();
        true
    }

    /// Takes a landing. What a merge queue landed may be one of several commits of a push: it goes to the push next to it in time.
    pub fn landed(&mut self, unit: LandedUnit, commit: Option<&CommitSha>, queued: bool, now: Timestamp) {
        let known = commit.and_then(|sha| self.commits.iter().position(|known| known.sha == *sha));
        let near = || self.commits.iter().rposition(|known| known.at.duration_since(unit.at).abs() <= NEAR);
        match (known, commit) {
            (Some(at), _) => self.commits[at].landed.push(unit),
            (None, Some(sha)) if !queued => {
                // Its push may never be heard of.
                let mut commit = TrunkCommit::new(sha, now);
                commit.landed.push(unit);
                self.commits.push(commit);
            }
            _ => match near() {
                Some(at) => self.commits[at].landed.push(unit),
                None => self.unplaced.push(unit),
            },
        }
        self.trim();
    }

    /// Takes a result; whether it changed anything. `None`: no such commit is known here.
    pub fn tested(&mut self, check: &CheckSeen) -> Option<bool> {
        let commit = self.commits.iter_mut().find(|commit| commit.sha == check.sha)?;
        let failures = u32::from(check.state == Seen::Failing);
        let Some(known) = commit.results.iter_mut().find(|known| (&known.name, known.app) == (&check.name, check.app))
        else {
            if commit.results.len() >= RESULTS {
                return Some(false);
            }
            let (name, app) = (check.name.clone(), check.app);
            commit.results.push(Tested { name, app, state: check.state, at: check.at, failures });
            return Some(true);
        };
        let late = known.at > check.at;
        if late || known.state == check.state && known.at == check.at {
            return Some(false);
        }
        known.failures += failures;
        (known.state, known.at) = (check.state, check.at);
        Some(true)
    }

    /// The head before a push that ended with this commit.
    #[must_use]
    pub fn before(&self, sha: &CommitSha) -> Option<&CommitSha> {
        self.commits.iter().find(|commit| commit.sha == *sha)?.before.as_ref()
    }

    fn trim(&mut self) {
        let surplus = self.commits.len().saturating_sub(COMMITS);
        self.commits.drain(..surplus);
        let surplus = self.unplaced.len().saturating_sub(COMMITS);
        self.unplaced.drain(..surplus);
    }
}

impl TrunkCommit {
    fn new(sha: &CommitSha, at: Timestamp) -> Self {
        Self { sha: sha.clone(), before: None, at, results: Vec::new(), landed: Vec::new() }
    }

    /// What a check says of it.
    #[must_use]
    pub fn result(&self, name: &str, app: Option<u64>) -> Option<&Tested> {
        self.results.iter().find(|tested| tested.name == name && tested.app == app)
    }
}
