//! Check runs and commit statuses of a commit, and our own runs.

use std::collections::BTreeMap;

use super::{Failed, Reader};
use crate::domain::govern::{CHECK_NAME, CheckSeen, CheckStatus, Conclusion, OurCheck, Seen};
use crate::domain::ids::{CheckRunId, CommitSha, Timestamp};
use crate::github::path::repo;
use crate::github::session::Keep;
use crate::github::shapes::{Run, Status, Suite};

/// Collects checks: of several runs with the same name and App the newest counts, the others were run again.
#[derive(Debug, Default)]
pub(in crate::github) struct Checks {
    runs: BTreeMap<(String, Option<u64>), (u64, CheckSeen)>,
    statuses: BTreeMap<String, CheckSeen>,
}

impl Checks {
    /// Adds a run; GitHub numbers runs upwards.
    pub(in crate::github) fn add_run(&mut self, id: u64, seen: CheckSeen) {
        let key = (seen.name.clone(), seen.app);
        let newest = self.runs.get(&key).is_none_or(|(known, _)| *known <= id);
        if newest {
            self.runs.insert(key, (id, seen));
        }
    }

    /// Adds a status. Contexts do not differ by case alone (FACTS C15). Of several the newest speaks, the oldest says when it was first
    /// reported.
    pub(in crate::github) fn add_status(&mut self, mut seen: CheckSeen) {
        let key = seen.name.to_lowercase();
        if let Some(known) = self.statuses.remove(&key) {
            let first = known.based_at.min(seen.based_at);
            // Lists are newest first: at the same second the one that came earlier stays.
            if known.at >= seen.at {
                seen = known;
            }
            seen.based_at = first;
        }
        self.statuses.insert(key, seen);
    }

    /// Every check, in a stable order: runs by name and App, then statuses by context.
    pub(in crate::github) fn all(self) -> Vec<CheckSeen> {
        self.runs.into_values().map(|(_, seen)| seen).chain(self.statuses.into_values()).collect()
    }
}

/// What a check run says; REST writes it small, GraphQL large.
pub(in crate::github) fn run_state(status: &str, conclusion: Option<&str>) -> Seen {
    match status.to_ascii_lowercase().as_str() {
        "completed" => match conclusion.map(str::to_ascii_lowercase).as_deref() {
            Some("success" | "neutral" | "skipped") => Seen::Passing,
            _ => Seen::Failing,
        },
        "queued" | "in_progress" | "waiting" | "requested" | "pending" => Seen::Pending,
        _ => Seen::Failing,
    }
}

/// What a commit status says.
pub(in crate::github) fn status_state(state: &str) -> Seen {
    match state.to_ascii_lowercase().as_str() {
        "success" => Seen::Passing,
        "pending" | "expected" => Seen::Pending,
        _ => Seen::Failing,
    }
}

/// A check run's status, as we keep it.
pub(in crate::github) fn check_status(status: Option<&str>) -> CheckStatus {
    match status {
        Some("completed") => CheckStatus::Completed,
        Some("in_progress") => CheckStatus::InProgress,
        _ => CheckStatus::Queued,
    }
}

/// A check run's conclusion, as we keep it.
pub(in crate::github) fn check_conclusion(conclusion: Option<&str>) -> Option<Conclusion> {
    Some(match conclusion? {
        "success" => Conclusion::Success,
        "neutral" => Conclusion::Neutral,
        "action_required" => Conclusion::ActionRequired,
        "failure" => Conclusion::Failure,
        "cancelled" => Conclusion::Cancelled,
        _ => Conclusion::Other,
    })
}

impl Reader<'_> {
    /// Every check on a commit but ours, and ours, over REST.
    pub(super) async fn checks(&self, sha: &CommitSha) -> Result<(Vec<CheckSeen>, Vec<OurCheck>), Failed> {
        let commit = repo(self.at, &format!("/commits/{sha}"));
        let runs: Vec<Run> =
            self.session.wrapped_pages(&format!("{commit}/check-runs?filter=latest"), Keep::ByEtag).await?;
        let (ours, theirs): (Vec<Run>, Vec<Run>) =
            runs.into_iter().partition(|run| run.app.map(|app| app.id) == Some(self.app_id));
        let mut created = BTreeMap::<u64, Timestamp>::new();
        if !theirs.is_empty() {
            let suites: Vec<Suite> =
                self.session.wrapped_pages(&format!("{commit}/check-suites"), Keep::ByEtag).await?;
            created.extend(suites.into_iter().filter_map(|suite| Some((suite.id, suite.created_at?))));
        }
        let statuses: Vec<Status> = self.session.pages(&format!("{commit}/statuses"), Keep::ByEtag).await?;
        let mut found = Checks::default();
        for run in theirs {
            let based_at = run.check_suite.and_then(|suite| created.get(&suite.id).copied());
            found.add_run(run.id, run.seen(sha, based_at));
        }
        for status in statuses {
            found.add_status(status.seen(sha));
        }
        Ok((found.all(), ours.into_iter().filter(|run| run.name == CHECK_NAME).map(Run::ours).collect()))
    }

    /// Our own runs on a commit, newest first.
    pub(super) async fn our_checks(&self, sha: &CommitSha) -> Result<Vec<OurCheck>, Failed> {
        let query = format!("/commits/{sha}/check-runs?check_name={CHECK_NAME}&app_id={}&filter=all", self.app_id);
        let runs: Vec<Run> = self.session.wrapped_pages(&repo(self.at, &query), Keep::No).await?;
        // Hosts that do not know `app_id` answer with everybody's.
        let ours =
            runs.into_iter().filter(|run| run.app.map(|app| app.id) == Some(self.app_id) && run.name == CHECK_NAME);
        let mut ours: Vec<OurCheck> = ours.map(Run::ours).collect();
        ours.sort_by_key(|run| std::cmp::Reverse(run.id));
        Ok(ours)
    }
}

impl Run {
    fn seen(self, sha: &CommitSha, based_at: Option<Timestamp>) -> CheckSeen {
        CheckSeen {
            sha: sha.clone(),
            state: run_state(self.status.as_deref().unwrap_or_default(), self.conclusion.as_deref()),
            name: self.name,
            app: self.app.map(|app| app.id),
            based_at,
            at: self.completed_at.or(self.started_at),
            url: self.html_url.or(self.details_url),
        }
    }

    fn ours(self) -> OurCheck {
        OurCheck {
            id: CheckRunId(self.id),
            status: check_status(self.status.as_deref()),
            conclusion: check_conclusion(self.conclusion.as_deref()),
            title: self.output.and_then(|output| output.title).unwrap_or_default(),
            external_id: self.external_id.unwrap_or_default(),
        }
    }
}

impl Status {
    fn seen(self, sha: &CommitSha) -> CheckSeen {
        CheckSeen {
            sha: sha.clone(),
            name: self.context,
            app: None,
            state: status_state(&self.state),
            based_at: Some(self.created_at),
            at: Some(self.updated_at.unwrap_or(self.created_at)),
            url: self.target_url,
        }
    }
}
