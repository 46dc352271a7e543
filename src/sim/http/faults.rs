//! Faults on demand: what shall go wrong with which call, and how often.

use std::time::Duration;

use http::Method;

/// A kind of call that can be told to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Any call at all.
    Any,
    /// Any call with this method and path template of GitHub's `OpenAPI` description.
    Route(&'static str, &'static str),
    /// A request for an installation token.
    CreateToken,
    /// A new check run.
    CreateCheckRun,
    /// A changed check run.
    UpdateCheckRun,
    /// The check runs of a commit.
    ListCheckRuns,
    /// A new comment.
    CreateComment,
    /// A changed comment.
    UpdateComment,
    /// A conversation's comments.
    ListComments,
    /// A reaction to a comment.
    CreateReaction,
    /// One pull request.
    GetPull,
    /// All pull requests.
    ListPulls,
    /// A pull request's files.
    ListFiles,
    /// A merge.
    Merge,
    /// An update of a head branch.
    UpdateBranch,
    /// A request for review.
    RequestReviewers,
    /// A person's permission.
    GetPermission,
    /// A file.
    GetContents,
    /// GraphQL, queries and mutations.
    GraphQl,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status with this body, and nothing is done.
    Status(u16, String),
    /// This status with a JSON `message`, and nothing is done: what GitHub's own errors look like.
    Message(u16, String),
    /// It is done, but this status is answered: an outcome the caller cannot know.
    StatusAfter(u16),
    /// No answer ever, and nothing is done.
    Hang,
    /// It is done, and no answer ever.
    HangAfter,
    /// 200 with bytes that are no JSON, and nothing is done.
    Garbage,
    /// The connection is cut before anything is done.
    CutBefore,
    /// It is done, then the connection is cut.
    CutAfter,
    /// It is done, but only after this long.
    SlowBy(Duration),
    /// 403 with `retry-after`, as a secondary rate limit answers; nothing is done.
    SecondaryLimit(u64),
}

/// Faults that are still due.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    due: Vec<(Endpoint, Fault, usize)>,
}

impl Faults {
    pub(crate) fn add(&mut self, endpoint: Endpoint, fault: Fault, times: usize) {
        self.due.push((endpoint, fault, times));
    }

    pub(crate) fn clear(&mut self) {
        self.due.clear();
    }

    /// The fault for this call, if one is due; counted down.
    pub(crate) fn take(&mut self, method: &Method, template: &str) -> Option<Fault> {
        let at = self.due.iter().position(|(endpoint, ..)| endpoint.matches(method, template))?;
        let fault = self.due[at].1.clone();
        self.due[at].2 = self.due[at].2.saturating_sub(1);
        if self.due[at].2 == 0 {
            self.due.remove(at);
        }
        Some(fault)
    }
}

impl Endpoint {
    fn matches(self, method: &Method, template: &str) -> bool {
        const REPO: &str = "/repos/{owner}/{repo}";
        let (wanted, path) = match self {
            Self::Any => return true,
            Self::Route(wanted, path) => return method.as_str() == wanted && template == path,
            Self::CreateToken => return template.ends_with("/access_tokens"),
            Self::GraphQl => return template == "/graphql",
            Self::CreateCheckRun => ("POST", "/check-runs"),
            Self::UpdateCheckRun => ("PATCH", "/check-runs/{check_run_id}"),
            Self::ListCheckRuns => ("GET", "/commits/{ref}/check-runs"),
            Self::CreateComment => ("POST", "/issues/{issue_number}/comments"),
            Self::UpdateComment => ("PATCH", "/issues/comments/{comment_id}"),
            Self::ListComments => ("GET", "/issues/{issue_number}/comments"),
            Self::CreateReaction => ("POST", "/issues/comments/{comment_id}/reactions"),
            Self::GetPull => ("GET", "/pulls/{pull_number}"),
            Self::ListPulls => ("GET", "/pulls"),
            Self::ListFiles => ("GET", "/pulls/{pull_number}/files"),
            Self::Merge => ("PUT", "/pulls/{pull_number}/merge"),
            Self::UpdateBranch => ("PUT", "/pulls/{pull_number}/update-branch"),
            Self::RequestReviewers => ("POST", "/pulls/{pull_number}/requested_reviewers"),
            Self::GetPermission => ("GET", "/collaborators/{username}/permission"),
            Self::GetContents => ("GET", "/contents/{path}"),
        };
        method.as_str() == wanted && template.strip_prefix(REPO) == Some(path)
    }
}
