//! Pull requests, their reviews and comments.

use std::collections::BTreeMap;

use crate::domain::ids::Timestamp;
use crate::sim::git::Sha;

/// One pull request.
#[derive(Debug, Clone)]
pub(crate) struct Pull {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) author: String,
    pub(crate) base: String,
    /// The base as it was when the pull request last moved: GitHub shows this, not the branch's newest commit.
    pub(crate) base_sha: Sha,
    pub(crate) head: String,
    pub(crate) head_repo: u64,
    pub(crate) head_sha: Sha,
    pub(crate) draft: bool,
    pub(crate) open: bool,
    pub(crate) locked: bool,
    pub(crate) labels: Vec<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) closed_at: Option<Timestamp>,
    /// When it was reopened last.
    pub(crate) reopened_at: Option<Timestamp>,
    pub(crate) merged: Option<Merged>,
    pub(crate) auto_merge: Option<AutoMerge>,
    pub(crate) reviews: Vec<Review>,
    pub(crate) requested_reviewers: Vec<String>,
    pub(crate) requested_teams: Vec<String>,
    /// Comment ids, ascending.
    pub(crate) comments: Vec<u64>,
    /// The (base, head) whose mergeability has been asked for before (FACTS P1).
    pub(crate) mergeable_known: Option<(Sha, Sha)>,
}

/// How a pull request landed.
#[derive(Debug, Clone)]
pub(crate) struct Merged {
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    pub(crate) sha: Sha,
    /// The base just before it.
    pub(crate) onto: Sha,
}

/// A request to merge as soon as protection allows.
#[derive(Debug, Clone)]
pub(crate) struct AutoMerge {
    pub(crate) by: String,
    pub(crate) method: String,
    pub(crate) title: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) at: Timestamp,
}

/// One review.
#[derive(Debug, Clone)]
pub(crate) struct Review {
    pub(crate) id: u64,
    pub(crate) user: String,
    /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED` or `DISMISSED`.
    pub(crate) state: String,
    pub(crate) body: String,
    pub(crate) sha: Sha,
    pub(crate) at: Timestamp,
}

/// One comment in a conversation.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) issue: u64,
    pub(crate) user: String,
    pub(crate) body: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) reactions: Vec<Reaction>,
    pub(crate) minimized: Option<String>,
}

/// One reaction.
#[derive(Debug, Clone)]
pub(crate) struct Reaction {
    pub(crate) id: u64,
    pub(crate) user: String,
    pub(crate) content: String,
    pub(crate) at: Timestamp,
}

impl Pull {
    /// Each person's latest opinion; comments do not replace one (FACTS P12).
    pub(crate) fn opinions(&self) -> BTreeMap<String, &Review> {
        let opinions = self.reviews.iter().filter(|review| review.state != "COMMENTED");
        opinions.map(|review| (review.user.to_lowercase(), review)).collect()
    }
}
