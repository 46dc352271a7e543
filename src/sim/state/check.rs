//! Check suites, check runs and commit statuses.

use serde_json::Value;

use crate::domain::ids::Timestamp;
use crate::sim::git::Sha;

/// What one App says about one commit.
#[derive(Debug, Clone)]
pub(crate) struct CheckSuite {
    pub(crate) id: u64,
    pub(crate) app: u64,
    pub(crate) sha: Sha,
    pub(crate) head_branch: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) runs: Vec<u64>,
}

/// One check run.
#[derive(Debug, Clone)]
pub(crate) struct CheckRun {
    pub(crate) id: u64,
    pub(crate) suite: u64,
    pub(crate) app: u64,
    pub(crate) name: String,
    pub(crate) sha: Sha,
    pub(crate) external_id: String,
    pub(crate) details_url: Option<String>,
    pub(crate) status: String,
    pub(crate) conclusion: Option<String>,
    pub(crate) started_at: Timestamp,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) title: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) annotations: Vec<Value>,
    pub(crate) actions: Vec<Value>,
}

impl CheckRun {
    /// Whether protection lets it pass (FACTS C13).
    pub(crate) fn passes(&self) -> bool {
        matches!(self.conclusion.as_deref(), Some("success" | "neutral" | "skipped"))
    }

    /// Whether it is final.
    pub(crate) fn is_completed(&self) -> bool {
        self.status == "completed"
    }
}

/// One commit status.
#[derive(Debug, Clone)]
pub(crate) struct Status {
    pub(crate) id: u64,
    pub(crate) context: String,
    pub(crate) state: String,
    pub(crate) description: Option<String>,
    pub(crate) target_url: Option<String>,
    pub(crate) creator: String,
    pub(crate) at: Timestamp,
}

/// A suite's status and conclusion, from the newest run of each name: the worst one counts.
pub(crate) fn suite_outcome(runs: &[&CheckRun]) -> (&'static str, Option<String>) {
    if runs.is_empty() {
        return ("queued", None);
    }
    if runs.iter().any(|run| !run.is_completed()) {
        let started = runs.iter().any(|run| run.status != "queued");
        return (if started { "in_progress" } else { "queued" }, None);
    }
    const WORST_FIRST: [&str; 7] =
        ["action_required", "timed_out", "failure", "cancelled", "stale", "success", "neutral"];
    let worst = WORST_FIRST.iter().find(|word| runs.iter().any(|run| run.conclusion.as_deref() == Some(**word)));
    ("completed", Some((*worst.unwrap_or(&"skipped")).to_owned()))
}
