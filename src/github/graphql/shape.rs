//! The shape of the query's answer.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::ids::{CommitSha, Timestamp};

#[derive(Deserialize)]
pub(super) struct Data {
    pub(super) repository: Option<Repository>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repository {
    pub(super) squash_merge_allowed: bool,
    pub(super) merge_commit_allowed: bool,
    pub(super) rebase_merge_allowed: bool,
    pub(super) pull_request: Option<Pull>,
}

/// A connection; whole only if there is no next page and no entry was withheld.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connection<T> {
    pub(super) nodes: Option<Vec<Option<T>>>,
    pub(super) page_info: PageInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
    #[serde(default)]
    pub(super) end_cursor: Option<String>,
}

impl<T> Connection<T> {
    pub(super) fn whole(self) -> Option<Vec<T>> {
        if self.page_info.has_next_page {
            return None;
        }
        self.page().map(|(nodes, _)| nodes)
    }

    /// What this page holds, and where the next one begins; `None` where an entry was withheld, or nothing says where to go on.
    pub(super) fn page(self) -> Option<(Vec<T>, Option<String>)> {
        let next = self.page_info.end_cursor.filter(|_| self.page_info.has_next_page);
        if self.page_info.has_next_page && next.is_none() {
            return None;
        }
        Some((self.nodes?.into_iter().collect::<Option<_>>()?, next))
    }
}

#[derive(Deserialize)]
pub(super) struct Nodes<T> {
    pub(super) nodes: Option<Vec<Option<T>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pull {
    pub(super) id: String,
    pub(super) number: u64,
    pub(super) state: String,
    pub(super) is_draft: bool,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) author: Option<Who>,
    pub(super) head_ref_oid: CommitSha,
    pub(super) head_ref_name: String,
    pub(super) head_repository: Option<Numbered>,
    pub(super) is_cross_repository: bool,
    pub(super) base_ref_name: String,
    pub(super) base_ref_oid: CommitSha,
    pub(super) mergeable: String,
    pub(super) labels: Option<Connection<Label>>,
    pub(super) changed_files: u32,
    pub(super) additions: u32,
    pub(super) deletions: u32,
    pub(super) merge_commit: Option<Oid>,
    pub(super) merged_by: Option<Who>,
    pub(super) created_at: Timestamp,
    pub(super) closed_at: Option<Timestamp>,
    pub(super) merged_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) reopened: Option<Nodes<Happened>>,
    pub(super) is_in_merge_queue: bool,
    pub(super) is_merge_queue_enabled: bool,
    pub(super) auto_merge_request: Option<AutoMerge>,
    pub(super) review_requests: Option<Connection<ReviewRequest>>,
    pub(super) reviews: Option<Connection<Review>>,
    #[serde(default)]
    pub(super) told: Option<Nodes<ToldCommit>>,
    pub(super) commits: Option<Nodes<PullCommit>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AutoMerge {
    pub(super) enabled_by: Option<Who>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Happened {
    pub(super) created_at: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct ToldCommit {
    pub(super) commit: Option<Told>,
}

#[derive(Deserialize)]
pub(super) struct Told {
    pub(super) message: String,
}

#[derive(Deserialize)]
pub(super) struct Who {
    #[serde(rename = "__typename")]
    pub(super) kind: String,
    pub(super) login: String,
    #[serde(rename = "databaseId", default)]
    pub(super) id: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Numbered {
    pub(super) database_id: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct Oid {
    pub(super) oid: CommitSha,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReviewRequest {
    pub(super) requested_reviewer: Option<Reviewer>,
}

#[derive(Deserialize)]
pub(super) struct Reviewer {
    #[serde(rename = "__typename")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) login: Option<String>,
    #[serde(default)]
    pub(super) slug: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Review {
    pub(super) full_database_id: Value,
    pub(super) author: Option<Who>,
    pub(super) state: String,
    pub(super) commit: Option<Oid>,
    pub(super) body: String,
    pub(super) submitted_at: Option<Timestamp>,
}

#[derive(Deserialize)]
pub(super) struct PullCommit {
    pub(super) commit: Option<Commit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Commit {
    pub(super) oid: CommitSha,
    pub(super) parents: Option<Nodes<Oid>>,
    pub(super) check_suites: Option<Connection<Suite>>,
    pub(super) status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Suite {
    pub(super) created_at: Timestamp,
    pub(super) app: Option<Numbered>,
    pub(super) check_runs: Option<Connection<Run>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run {
    pub(super) database_id: Option<u64>,
    #[serde(default)]
    pub(super) external_id: Option<String>,
    #[serde(default)]
    pub(super) title: Option<String>,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) conclusion: Option<String>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) completed_at: Option<Timestamp>,
    pub(super) url: Option<String>,
    pub(super) details_url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) contexts: Vec<Context>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context {
    pub(super) context: String,
    pub(super) state: String,
    pub(super) created_at: Timestamp,
    pub(super) target_url: Option<String>,
}
