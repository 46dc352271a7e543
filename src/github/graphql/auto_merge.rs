//! GitHub's auto-merge: only GraphQL changes it (FACTS Q4). Both are valid against GitHub's published schema, which a test holds them to.

/// Turns it on, guarded by the head; without words the repository's settings word the commit.
pub(in crate::github) const ENABLE_AUTO_MERGE: &str = "mutation EnableAutoMerge($id: ID!, $head: GitObjectID!, $method: PullRequestMergeMethod!, $title: String, $body: String) { enablePullRequestAutoMerge(input: {pullRequestId: $id, expectedHeadOid: $head, mergeMethod: $method, commitHeadline: $title, commitBody: $body}) { pullRequest { number } } }";
/// Turns it off.
pub(in crate::github) const DISABLE_AUTO_MERGE: &str = "mutation DisableAutoMerge($id: ID!) { disablePullRequestAutoMerge(input: {pullRequestId: $id}) { pullRequest { number } } }";
