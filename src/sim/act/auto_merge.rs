//! Auto-merge: merging as soon as protection allows.

use serde_json::json;

use super::{Method, Refused};
use crate::sim::state::State;
use crate::sim::state::pull::AutoMerge;

impl State {
    /// Switches auto-merge on (FACTS Q4).
    pub(crate) fn enable_auto_merge(
        &mut self,
        repo: u64,
        number: u64,
        method: Method,
        words: (Option<String>, Option<String>),
        by: &str,
    ) -> Result<(), Refused> {
        let pull = &self.repo(repo).pulls[&number];
        if !self.repo(repo).settings.allow_auto_merge {
            return Err((422, "Auto merge is not allowed for this repository".into()));
        }
        if !pull.open || pull.draft {
            return Err((422, "Pull request is in draft or closed status".into()));
        }
        match self.mergeable_state(repo, pull) {
            "clean" => return Err((422, "Pull request Pull request is in clean status".into())),
            "unstable" => return Err((422, "Pull request Pull request is in unstable status".into())),
            "dirty" => return Err((422, "Pull request Pull request is in dirty status".into())),
            _ => {}
        }
        let at = self.now();
        let (title, message) = words;
        self.pull_mut(repo, number).auto_merge =
            Some(AutoMerge { by: by.into(), method: method.word().into(), title, message, at });
        self.waiting.insert((repo, number));
        self.emit_pull(repo, number, "auto_merge_enabled", json!({"reason": null}), by);
        Ok(())
    }

    /// Switches auto-merge off; `false` if it was not on.
    pub(crate) fn disable_auto_merge(&mut self, repo: u64, number: u64, by: &str, reason: &str) -> bool {
        if self.pull_mut(repo, number).auto_merge.take().is_none() {
            return false;
        }
        self.waiting.remove(&(repo, number));
        self.emit_pull(repo, number, "auto_merge_disabled", json!({"reason": reason}), by);
        true
    }

    /// Does what waited for something that may have happened: auto-merges and merge queues. Called after every change.
    pub(crate) fn settle(&mut self) {
        for (repo, number) in self.waiting.clone() {
            let pull = &self.repo(repo).pulls[&number];
            let Some(auto) = pull.auto_merge.clone() else { continue };
            let Some(method) = Method::from_word(&auto.method) else { continue };
            if self.may_merge(repo, pull, method, &auto.by).is_ok() {
                // What was checked just now holds still: one lock covers both.
                let done = self.merge_pull(repo, number, method, (auto.title, auto.message), &auto.by);
                tracing::debug!(repo, number, merged = done.is_ok(), "auto-merge");
            }
        }
        self.advance_queues();
    }
}
