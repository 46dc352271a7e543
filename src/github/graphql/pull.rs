//! How the query's answer becomes a snapshot.

use super::Partly;
use super::shape::{Commit, Connection, Pull, Repository, Review, Reviewer, Run, Who};
use crate::domain::govern::{
    Actor, ActorKind, AutoMergeSeen, CHECK_NAME, CheckSeen, MergeMethod, Mergeable, OurCheck, PullState, ReviewSeen,
    ReviewState, Snapshot,
};
use crate::domain::ids::{CheckRunId, CommitSha, PrNumber, RepoId, ReviewId, UserId};
use crate::github::reads::{self, Checks};
use crate::github::shapes::{message_end, shortened};

/// Bots come without the `[bot]` that REST and webhooks give them.
fn bot_login(login: String) -> String {
    if login.ends_with("[bot]") { login } else { format!("{login}[bot]") }
}

impl Who {
    fn actor(self) -> Actor {
        let id = UserId(self.id.unwrap_or(0));
        match self.kind.as_str() {
            "Bot" => Actor { id, login: bot_login(self.login), kind: ActorKind::Bot },
            _ => Actor { id, login: self.login, kind: ActorKind::Human },
        }
    }
}

impl Reviewer {
    fn name(self) -> Option<String> {
        let login = self.login.map(|login| if self.kind == "Bot" { bot_login(login) } else { login });
        login.or(self.slug)
    }
}

impl Pull {
    pub(super) fn partly(self, repository: &Repository, app_id: u64) -> Partly {
        let state = match self.state.as_str() {
            "MERGED" => PullState::Merged,
            "OPEN" => PullState::Open,
            _ => PullState::Closed,
        };
        let mergeable = match self.mergeable.as_str() {
            "MERGEABLE" => Mergeable::Clean,
            "CONFLICTING" => Mergeable::Conflicting,
            _ => Mergeable::Unknown,
        };
        let labels = self.labels.and_then(Connection::whole);
        let requests = self.review_requests.and_then(Connection::whole);
        let lists_cut = labels.is_none() || requests.is_none();
        let reviewers = requests.unwrap_or_default().into_iter().filter_map(|request| request.requested_reviewer);
        let last = self.commits.and_then(|commits| commits.nodes).and_then(|mut nodes| nodes.pop().flatten());
        let head = last.and_then(|last| last.commit).filter(|commit| commit.oid == self.head_ref_oid);
        let reviews = self.reviews.and_then(Connection::whole);
        let reopened = self.reopened.and_then(|events| events.nodes).and_then(|mut nodes| nodes.pop().flatten());
        let told = self.told.and_then(|told| told.nodes);
        let messages = told.map(|nodes| nodes.into_iter().flatten().filter_map(|node| node.commit));
        let head_parents = head.as_ref().map(Commit::parents).unwrap_or_default();
        let (checks, ours) = head.and_then(|commit| commit.checks(app_id)).unzip();
        let snapshot = Snapshot {
            number: PrNumber(self.number),
            node_id: self.id,
            state,
            draft: self.is_draft,
            title: self.title,
            body: shortened(self.body),
            author: self.author.map(Who::actor),
            head_sha: self.head_ref_oid,
            head_parents,
            head_ref: self.head_ref_name,
            head_repo: self.head_repository.and_then(|repo| repo.database_id).map(RepoId),
            cross_repository: self.is_cross_repository,
            base_ref: self.base_ref_name,
            base_sha: self.base_ref_oid,
            mergeable,
            labels: labels.unwrap_or_default().into_iter().map(|label| label.name).collect(),
            changed_files: self.changed_files,
            additions: self.additions,
            deletions: self.deletions,
            merge_commit: self.merge_commit.map(|commit| commit.oid),
            merged_by: self.merged_by.map(Who::actor),
            created_at: self.created_at,
            closed_at: self.closed_at.or(self.merged_at),
            reopened_at: reopened.map(|event| event.created_at),
            checks,
            ours,
            reviews: reviews
                .and_then(|reviews| reviews.into_iter().map(Review::seen).collect::<Option<Vec<_>>>())
                .map(submitted),
            messages: messages.map(|commits| commits.map(|commit| message_end(&commit.message)).collect()),
            review_requests: reviewers.filter_map(Reviewer::name).collect(),
            methods: repository.methods(),
            queue: self.is_merge_queue_enabled,
            queued: self.is_in_merge_queue,
            auto_merge: self
                .auto_merge_request
                .map(|auto| AutoMergeSeen { by: auto.enabled_by.map(|who| who.actor().login) }),
        };
        Partly { snapshot, lists_cut }
    }
}

fn submitted(reviews: Vec<Option<ReviewSeen>>) -> Vec<ReviewSeen> {
    reviews.into_iter().flatten().collect()
}

impl Repository {
    fn methods(&self) -> Vec<MergeMethod> {
        reads::methods(self.squash_merge_allowed, self.merge_commit_allowed, self.rebase_merge_allowed)
    }
}

impl Review {
    /// `None` where it has no id that we can keep; `Some(None)` for one that is not submitted yet.
    #[expect(clippy::option_option, reason = "not readable and not submitted are two answers")]
    fn seen(self) -> Option<Option<ReviewSeen>> {
        let Some(submitted_at) = self.submitted_at else {
            return Some(None);
        };
        // BigInt comes as a number or as text.
        let id = self.full_database_id.as_u64().or_else(|| self.full_database_id.as_str()?.parse().ok())?;
        let state = match self.state.as_str() {
            "APPROVED" => ReviewState::Approved,
            "CHANGES_REQUESTED" => ReviewState::ChangesRequested,
            "DISMISSED" => ReviewState::Dismissed,
            "PENDING" => return Some(None),
            _ => ReviewState::Commented,
        };
        Some(Some(ReviewSeen {
            id: ReviewId(id),
            author: self.author.map(Who::actor),
            state,
            commit: self.commit.map(|commit| commit.oid),
            body: shortened(self.body),
            submitted_at,
        }))
    }
}

impl Commit {
    fn parents(&self) -> Vec<CommitSha> {
        let nodes = self.parents.as_ref().and_then(|parents| parents.nodes.as_ref());
        nodes.into_iter().flatten().flatten().map(|parent| parent.oid.clone()).collect()
    }

    /// Every check but ours, and ours; `None` if any part was cut.
    fn checks(self, app_id: u64) -> Option<(Vec<CheckSeen>, Vec<OurCheck>)> {
        let (mut found, mut ours) = (Checks::default(), Vec::new());
        for suite in self.check_suites?.whole()? {
            let app = suite.app.and_then(|app| app.database_id);
            let runs = suite.check_runs?.whole()?;
            if app == Some(app_id) {
                ours.extend(runs.into_iter().filter_map(Run::ours));
                continue;
            }
            for run in runs {
                let state = reads::run_state(&run.status, run.conclusion.as_deref());
                let seen = CheckSeen {
                    sha: self.oid.clone(),
                    name: run.name,
                    app,
                    state,
                    based_at: Some(suite.created_at),
                    at: run.completed_at.or(run.started_at),
                    url: run.url.or(run.details_url),
                };
                found.add_run(run.database_id.unwrap_or(0), seen);
            }
        }
        for context in self.status.map(|status| status.contexts).unwrap_or_default() {
            found.add_status(CheckSeen {
                sha: self.oid.clone(),
                name: context.context,
                app: None,
                state: reads::status_state(&context.state),
                based_at: Some(context.created_at),
                at: Some(context.created_at),
                url: context.target_url,
            });
        }
        Some((found.all(), ours))
    }
}

impl Run {
    /// `None` where it is not the check that we write, or has no number.
    fn ours(self) -> Option<OurCheck> {
        let id = self.database_id.filter(|_| self.name == CHECK_NAME)?;
        Some(OurCheck {
            id: CheckRunId(id),
            status: reads::check_status(Some(&self.status.to_ascii_lowercase())),
            conclusion: reads::check_conclusion(self.conclusion.map(|word| word.to_ascii_lowercase()).as_deref()),
            title: self.title.unwrap_or_default(),
            external_id: self.external_id.unwrap_or_default(),
        })
    }
}
