//! The merge queue: one group at a time, its checks asked for by `merge_group` (FACTS G6).

use serde_json::json;

use super::Refused;
use crate::sim::git::Sha;
use crate::sim::state::State;
use crate::sim::state::repo::QueueEntry;

/// Why an entry left the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removal {
    Manual,
    Merge,
    CiFailure,
    MergeConflict,
}

impl Removal {
    fn word(self) -> &'static str {
        match self {
            Self::Manual => "MANUAL",
            Self::Merge => "MERGE",
            Self::CiFailure => "CI_FAILURE",
            Self::MergeConflict => "MERGE_CONFLICT",
        }
    }
}

impl State {
    /// Puts a pull request into its base's queue.
    pub(crate) fn enqueue(&mut self, repo: u64, number: u64, jump: bool, by: &str) -> Result<(), Refused> {
        let pull = &self.repo(repo).pulls[&number];
        let base = pull.base.clone();
        let rules = self.rules(repo, &base).unwrap_or_default();
        if !rules.merge_queue {
            return Err((422, "The base branch has no merge queue".into()));
        }
        if !pull.open || pull.draft || !self.is_mergeable(repo, pull) {
            return Err((422, "Pull request is not mergeable".into()));
        }
        if let Some(text) = self.unmet(repo, pull, &rules) {
            return Err((422, text));
        }
        let queue = self.repo(repo).queues.get(&base).map(Vec::as_slice).unwrap_or_default();
        if queue.iter().any(|entry| entry.number == number) {
            return Err((422, "Pull request is already in the queue".into()));
        }
        let at = self.now();
        let entry = QueueEntry { number, by: by.into(), at, group: None };
        let queue = self.repo_mut(repo).queues.entry(base).or_default();
        let place = if jump { queue.iter().take_while(|entry| entry.group.is_some()).count() } else { queue.len() };
        queue.insert(place, entry);
        self.emit_pull(repo, number, "enqueued", json!({}), by);
        Ok(())
    }

    /// Takes a pull request out of its queue; `false` if it is in none.
    pub(crate) fn leave_queue(&mut self, repo: u64, number: u64, why: Removal, by: &str) -> bool {
        let base = self.repo(repo).pulls[&number].base.clone();
        let Some(queue) = self.repo_mut(repo).queues.get_mut(&base) else { return false };
        let Some(at) = queue.iter().position(|entry| entry.number == number) else { return false };
        let entry = queue.remove(at);
        self.emit_pull(repo, number, "dequeued", json!({"reason": why.word()}), by);
        if let Some((head, onto)) = entry.group {
            let reason = match why {
                Removal::Merge => "merged",
                Removal::Manual => "dequeued",
                Removal::CiFailure | Removal::MergeConflict => "invalidated",
            };
            let mut about = self.group_json(number, &base, &head, &onto);
            about["reason"] = reason.into();
            self.emit(repo, "merge_group", Some("destroyed"), about, by);
        }
        true
    }

    /// Lets the first of each queue start, land or fail.
    pub(super) fn advance_queues(&mut self) {
        let queues: Vec<(u64, String)> = self
            .repos
            .values()
            .flat_map(|r| r.queues.iter().filter(|(_, q)| !q.is_empty()).map(|(b, _)| (r.id, b.clone())))
            .collect();
        for (repo, base) in queues {
            while self.advance_queue(repo, &base) {}
        }
    }

    /// Whether something happened, so that it is worth looking again.
    fn advance_queue(&mut self, repo: u64, base: &str) -> bool {
        let Some(entry) = self.repo(repo).queues.get(base).and_then(|queue| queue.first()).cloned() else {
            return false;
        };
        let Some((head, onto)) = entry.group else { return self.start_group(repo, base, &entry) };
        let rules = self.rules(repo, base).unwrap_or_default();
        let verdicts: Vec<String> =
            rules.checks.iter().filter_map(|check| self.unmet_check(repo, &head, check)).collect();
        if verdicts.is_empty() {
            self.land(repo, entry.number, &onto, &head, &entry.by);
            return true;
        }
        if verdicts.iter().any(|text| text.ends_with("is failing.")) {
            let bot = "github-merge-queue[bot]";
            self.ensure_user(bot);
            return self.leave_queue(repo, entry.number, Removal::CiFailure, bot);
        }
        false
    }

    fn start_group(&mut self, repo: u64, base: &str, entry: &QueueEntry) -> bool {
        let bot = "github-merge-queue[bot]";
        self.ensure_user(bot);
        let pull = self.repo(repo).pulls[&entry.number].clone();
        let onto = self.repo(repo).branches.get(base).cloned().unwrap_or_default();
        let Some(tree) = self.objects.merge(&onto, &pull.head_sha) else {
            return self.leave_queue(repo, entry.number, Removal::MergeConflict, bot);
        };
        let now = self.now();
        let text = format!("{} (#{})", pull.title, entry.number);
        let head = self.objects.commit(std::slice::from_ref(&onto), tree, &text, &pull.author, now);
        if let Some(first) = self.repo_mut(repo).queues.get_mut(base).and_then(|queue| queue.first_mut()) {
            first.group = Some((head.clone(), onto.clone()));
        }
        let about = self.group_json(entry.number, base, &head, &onto);
        self.emit(repo, "merge_group", Some("checks_requested"), about, bot);
        true
    }

    fn group_json(&self, number: u64, base: &str, head: &Sha, onto: &Sha) -> serde_json::Value {
        let commit = self.objects.get(head).map(|commit| self.simple_commit_json(&commit));
        json!({"merge_group": {
            "head_sha": head,
            "head_ref": format!("refs/heads/gh-readonly-queue/{base}/pr-{number}-{onto}"),
            "base_sha": onto,
            "base_ref": format!("refs/heads/{base}"),
            "head_commit": commit,
        }})
    }
}
