//! The snapshot: by GraphQL in one request, else the same by REST.

use super::{Failed, Reader, methods};
use crate::domain::govern::{AutoMergeSeen, Mergeable, PullState, ReviewSeen, ReviewState, Snapshot};
use crate::domain::ids::{PrNumber, RepoId, ReviewId};
use crate::github::graphql::{self, Seen};
use crate::github::path::repo;
use crate::github::session::Keep;
use crate::github::shapes::{Commit, Pull, PullCommit, Repo, Review, User, message_end, shortened};

impl Reader<'_> {
    pub(super) async fn snapshot(&self, number: PrNumber) -> Result<Snapshot, Failed> {
        match Box::pin(graphql::snapshot(self.session, self.at, number)).await? {
            Seen::Elsewhere => Box::pin(self.snapshot_by_rest(number)).await,
            Seen::Pull(partly) => {
                let mut snapshot = partly.snapshot;
                if partly.lists_cut {
                    let pull = self.pull(number).await?;
                    (snapshot.labels, snapshot.review_requests) = (pull.labels(), pull.asked());
                }
                if snapshot.checks.is_none() {
                    (snapshot.checks, snapshot.ours) = self.checks(&snapshot.head_sha).await.ok().unzip();
                }
                if snapshot.reviews.is_none() {
                    snapshot.reviews = self.reviews(number).await.ok();
                }
                Ok(snapshot)
            }
        }
    }

    async fn pull(&self, number: PrNumber) -> Result<Pull, Failed> {
        let path = repo(self.at, &format!("/pulls/{number}"));
        Ok(self.session.get(&path, Keep::ByEtag).await?.read()?)
    }

    async fn reviews(&self, number: PrNumber) -> Result<Vec<ReviewSeen>, Failed> {
        let path = repo(self.at, &format!("/pulls/{number}/reviews"));
        let reviews: Vec<Review> = self.session.pages(&path, Keep::ByEtag).await?;
        Ok(reviews.into_iter().filter_map(Review::seen).collect())
    }

    /// The messages of its first 100 commits: without a page asked for, that is how they come.
    async fn messages(&self, number: PrNumber) -> Result<Vec<String>, Failed> {
        let path = repo(self.at, &format!("/pulls/{number}/commits?per_page=100"));
        let commits: Vec<PullCommit> = self.session.get(&path, Keep::ByEtag).await?.read()?;
        Ok(commits.iter().map(|commit| message_end(&commit.commit.message)).collect())
    }

    /// The same snapshot from up to nine requests, most of them answered by 304 the next time.
    async fn snapshot_by_rest(&self, number: PrNumber) -> Result<Snapshot, Failed> {
        let pull = self.pull(number).await?;
        let place = repo(self.at, "");
        let head = repo(self.at, &format!("/commits/{}", pull.head.sha));
        let (commit, messages, checks, reviews, home, queue) = futures::join!(
            self.session.get(&head, Keep::ByEtag),
            self.messages(number),
            self.checks(&pull.head.sha),
            self.reviews(number),
            self.session.get(&place, Keep::ByEtag),
            self.has_queue(&pull.base.branch),
        );
        let home: Option<Repo> = home.ok().and_then(|reply| reply.read().ok());
        let allowed = home.map(|home| {
            let [squash, merge, rebase] = [home.allow_squash_merge, home.allow_merge_commit, home.allow_rebase_merge]
                .map(|may| may == Some(true));
            methods(squash, merge, rebase)
        });
        let mut snapshot = pull.snapshot();
        let commit: Option<Commit> = commit.ok().and_then(|reply| reply.read().ok());
        snapshot.head_parents = commit.into_iter().flat_map(|commit| commit.parents).map(|parent| parent.sha).collect();
        snapshot.messages = messages.ok();
        (snapshot.checks, snapshot.ours) = checks.ok().unzip();
        snapshot.reviews = reviews.ok();
        snapshot.methods = allowed.unwrap_or_default();
        snapshot.queue = queue;
        Ok(snapshot)
    }
}

impl Pull {
    fn labels(&self) -> Vec<String> {
        self.labels.iter().map(|label| label.name.clone()).collect()
    }

    fn asked(&self) -> Vec<String> {
        let logins = self.requested_reviewers.iter().map(|user| user.login.clone());
        logins.chain(self.requested_teams.iter().map(|team| team.slug.clone())).collect()
    }

    /// What the pull request itself says; checks, reviews, methods and queue stand elsewhere.
    fn snapshot(self) -> Snapshot {
        let merged = self.merged || self.merged_at.is_some();
        let state = match (merged, self.state.as_str()) {
            (true, _) => PullState::Merged,
            (false, "open") => PullState::Open,
            (false, _) => PullState::Closed,
        };
        let mergeable = match self.mergeable {
            Some(true) => Mergeable::Clean,
            Some(false) => Mergeable::Conflicting,
            None => Mergeable::Unknown,
        };
        let head_repo = self.head.repo.map(|repo| RepoId(repo.id));
        let (labels, review_requests) = (self.labels(), self.asked());
        Snapshot {
            number: PrNumber(self.number),
            node_id: self.node_id,
            state,
            draft: self.draft,
            title: self.title,
            body: shortened(self.body),
            author: self.user.map(User::actor),
            head_sha: self.head.sha,
            head_parents: Vec::new(),
            head_ref: self.head.branch,
            head_repo,
            cross_repository: head_repo != self.base.repo.map(|repo| RepoId(repo.id)),
            base_ref: self.base.branch,
            base_sha: self.base.sha,
            mergeable,
            labels,
            changed_files: self.changed_files,
            additions: self.additions,
            deletions: self.deletions,
            // Before the merge this is the test merge commit (FACTS P4).
            merge_commit: self.merge_commit_sha.filter(|_| merged),
            merged_by: self.merged_by.map(User::actor),
            created_at: self.created_at,
            closed_at: self.closed_at.or(self.merged_at),
            reopened_at: None,
            checks: None,
            ours: None,
            messages: None,
            reviews: None,
            review_requests,
            methods: Vec::new(),
            queue: false,
            queued: false,
            auto_merge: self.auto_merge.map(|auto| AutoMergeSeen { by: auto.enabled_by.map(|user| user.login) }),
        }
    }
}

impl Review {
    /// `None` for a review that is not submitted yet.
    fn seen(self) -> Option<ReviewSeen> {
        let state = match self.state.as_str() {
            "APPROVED" => ReviewState::Approved,
            "CHANGES_REQUESTED" => ReviewState::ChangesRequested,
            "DISMISSED" => ReviewState::Dismissed,
            "PENDING" => return None,
            _ => ReviewState::Commented,
        };
        Some(ReviewSeen {
            id: ReviewId(self.id),
            author: self.user.map(User::actor),
            state,
            commit: self.commit_id,
            body: shortened(self.body),
            submitted_at: self.submitted_at?,
        })
    }
}
