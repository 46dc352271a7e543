//! What can be seen, as plain values.

use super::repos::sha_of;
use crate::domain::ids::{CheckRunId, CommentId, CommitSha, Timestamp};
use crate::sim::state::State;
use crate::sim::state::check::CheckRun;
use crate::sim::state::pull::Comment;

/// A pull request as its page shows it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "they are GitHub's own four states of a pull request")]
pub struct PullView {
    /// Title.
    pub title: String,
    /// Body; empty if there is none.
    pub body: String,
    /// Who opened it.
    pub author: String,
    /// Base branch.
    pub base: String,
    /// Head branch.
    pub head: String,
    /// Newest commit of the head.
    pub head_sha: CommitSha,
    /// Still open.
    pub open: bool,
    /// A draft.
    pub draft: bool,
    /// It landed.
    pub merged: bool,
    /// The commit that the base moved to when it landed.
    pub merge_sha: Option<CommitSha>,
    /// Who merged it.
    pub merged_by: Option<String>,
    /// Auto-merge is on.
    pub auto_merge: bool,
    /// Labels in the order they were put on.
    pub labels: Vec<String>,
    /// Who is asked for a review.
    pub requested_reviewers: Vec<String>,
    /// `mergeable_state`, as the API words it.
    pub mergeable_state: String,
}

impl PullView {
    pub(super) fn of(state: &State, repo: u64, number: u64) -> Self {
        let pull = &state.repo(repo).pulls[&number];
        Self {
            title: pull.title.clone(),
            body: pull.body.clone().unwrap_or_default(),
            author: pull.author.clone(),
            base: pull.base.clone(),
            head: pull.head.clone(),
            head_sha: sha_of(&pull.head_sha),
            open: pull.open,
            draft: pull.draft,
            merged: pull.merged.is_some(),
            merge_sha: pull.merged.as_ref().map(|merged| sha_of(&merged.sha)),
            merged_by: pull.merged.as_ref().map(|merged| merged.by.clone()),
            auto_merge: pull.auto_merge.is_some(),
            labels: pull.labels.clone(),
            requested_reviewers: pull.requested_reviewers.clone(),
            mergeable_state: state.mergeable_state(repo, pull).into(),
        }
    }
}

/// A check run as the checks tab shows it.
#[derive(Debug, Clone)]
pub struct CheckRunView {
    /// Its id.
    pub id: CheckRunId,
    /// Its name.
    pub name: String,
    /// The slug of the App that made it.
    pub app: String,
    /// `queued`, `in_progress` or `completed`.
    pub status: String,
    /// Set once it is completed.
    pub conclusion: Option<String>,
    /// The App's own reference.
    pub external_id: String,
    /// The output's title.
    pub title: String,
    /// The output's summary.
    pub summary: String,
    /// The output's text.
    pub text: String,
    /// Identifiers of its buttons.
    pub actions: Vec<String>,
}

impl CheckRunView {
    pub(super) fn of(state: &State, run: &CheckRun) -> Self {
        Self {
            id: CheckRunId(run.id),
            name: run.name.clone(),
            app: state.apps.get(&run.app).map(|app| app.slug.clone()).unwrap_or_default(),
            status: run.status.clone(),
            conclusion: run.conclusion.clone(),
            external_id: run.external_id.clone(),
            title: run.title.clone().unwrap_or_default(),
            summary: run.summary.clone().unwrap_or_default(),
            text: run.text.clone().unwrap_or_default(),
            actions: run.actions.iter().filter_map(|action| action["identifier"].as_str()).map(Into::into).collect(),
        }
    }
}

/// A comment as the conversation shows it.
#[derive(Debug, Clone)]
pub struct CommentView {
    /// Its id.
    pub id: CommentId,
    /// Who wrote it.
    pub author: String,
    /// Its text now.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Why it is hidden, if it is.
    pub minimized: Option<String>,
}

impl CommentView {
    pub(super) fn of(comment: &Comment) -> Self {
        Self {
            id: CommentId(comment.id),
            author: comment.user.clone(),
            body: comment.body.clone(),
            created_at: comment.created_at,
            updated_at: comment.updated_at,
            minimized: comment.minimized.clone(),
        }
    }
}
