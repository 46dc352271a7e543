//! Which requests answer which need. A read that fails is a fact too: *unknown, because*.

mod attributes;
mod change;
mod checks;
mod comments;
mod elsewhere;
mod files;
mod permission;
mod policy;
mod pulls;
mod rules;
mod snapshot;

use http::StatusCode;

use super::graphql;
use super::session::{Keep, Session};
use super::wire::Reply;
use super::{GitHubError, RepoAddress};
use crate::domain::govern::{Fact, MergeMethod, Need, Unknown};

pub(super) use checks::{Checks, check_conclusion, check_status, run_state, status_state};

/// Who asks, where, and who we are there.
pub(super) struct Reader<'a> {
    pub(super) session: &'a Session,
    pub(super) at: &'a RepoAddress,
    /// The App's id.
    pub(super) app_id: u64,
    /// The login of our bot, `slug[bot]`, where it is known.
    pub(super) bot_login: Option<String>,
}

/// Why a read gives no fact.
pub(super) enum Failed {
    /// GitHub could not be asked, or refused.
    GitHub(GitHubError),
    /// What came is not all, or not what was asked about.
    Partial(Unknown),
}

impl From<GitHubError> for Failed {
    fn from(error: GitHubError) -> Self {
        Self::GitHub(error)
    }
}

impl Failed {
    /// An incomplete answer.
    fn partial(because: impl Into<String>, retry_after: Option<u32>) -> Self {
        Self::Partial(Unknown { because: because.into(), missing: false, retry_after })
    }

    fn into_unknown(self) -> Unknown {
        match self {
            Self::GitHub(error) => error.into_unknown(),
            Self::Partial(unknown) => unknown,
        }
    }
}

/// What GitHub answers where nothing is, or nothing is any more.
const GONE: [StatusCode; 2] = [StatusCode::NOT_FOUND, StatusCode::GONE];

impl Reader<'_> {
    /// Answers a need.
    pub(super) async fn read(&self, need: &Need) -> Fact {
        Box::pin(self.answer(need)).await.unwrap_or_else(|failed| Fact::Unknown(failed.into_unknown()))
    }

    async fn answer(&self, need: &Need) -> Result<Fact, Failed> {
        Ok(match need {
            Need::Snapshot(number) => Fact::Snapshot(Box::new(Box::pin(self.snapshot(*number)).await?)),
            Need::Files { number, head, changed_files } => {
                Fact::Files(self.files(*number, head, *changed_files).await?)
            }
            Need::Rules(branch) => Fact::Rules(self.rules(branch).await?),
            Need::Attributes => Fact::Attributes(self.attributes().await?),
            Need::Permission(login) => Fact::Permission(self.permission(login).await?),
            Need::OurChecks(sha) => Fact::OurChecks(self.our_checks(sha).await?),
            Need::OurComments(number) => Fact::OurComments(self.our_comments(*number).await?),
            Need::OurComment(id) => Fact::OurComments(self.our_comment(*id).await?),
            Need::DefaultHead => Fact::Head(self.default_head().await?),
            Need::OpenPulls => Fact::OpenPulls(self.open_pulls().await?),
            Need::Comments { number, since } => Fact::Comments(self.comments(*number, *since).await?),
            Need::BranchHead(branch) => Fact::Head(self.branch_head(branch).await?),
            Need::Merges { .. } => {
                return Err(Failed::partial("GitHub does not merge two pull requests".to_owned(), None));
            }
            Need::Policy => Fact::Policy(Box::new(Box::pin(self.policy(None)).await?)),
            Need::PolicyOf(base) => Fact::Policy(Box::new(Box::pin(self.policy(Some(base))).await?)),
            Need::PolicyAt(sha) => Fact::Text(self.policy_at(sha).await?),
            Need::Member { team, login } => Fact::Member(self.member(team, login).await?),
            Need::Queue(branch) => Fact::Queue(graphql::queue::queue(self.session, self.at, branch).await?),
            Need::Checks(sha) => Fact::Checks(self.checks(sha).await?.0),
            Need::Change { before, after } => Fact::Files(self.change(before, after).await?),
            Need::RevertOf(number) => Fact::Opened(self.revert_of(*number).await?),
            Need::Elsewhere { repo, number } => Fact::Elsewhere(self.elsewhere(repo, *number).await?),
        })
    }

    /// What is there; `None` where GitHub says twice that it is not. Rights, teams, policies and comments of ours rest on such answers, and
    /// a 404 may be a passing one.
    async fn there(&self, path: &str, keep: Keep) -> Result<Option<Reply>, Failed> {
        for _ in 0..2 {
            match self.session.get(path, keep).await {
                Err(GitHubError::Refused { status, .. }) if GONE.iter().any(|gone| gone == &status) => {}
                answered => return Ok(Some(answered?)),
            }
        }
        Ok(None)
    }
}

/// The merge methods that a repository allows.
pub(super) fn methods(squash: bool, merge: bool, rebase: bool) -> Vec<MergeMethod> {
    let all = [(squash, MergeMethod::Squash), (merge, MergeMethod::Merge), (rebase, MergeMethod::Rebase)];
    all.into_iter().filter_map(|(allowed, method)| allowed.then_some(method)).collect()
}
