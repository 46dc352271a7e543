//! What can be seen at the desk: where a unit stands, what protection sees, what went out.

use super::super::*;
use super::desk::{Desk, Sent};
use crate::domain::ids::*;
use crate::domain::unit::{Brief, Standing};

impl Desk {
    pub(super) fn standing(&self, pr: PrNumber) -> Standing {
        self.brief(pr).standing
    }

    pub(super) fn codes(&self, pr: PrNumber) -> Vec<&'static str> {
        self.brief(pr).reasons.iter().map(|reason| reason.code.code()).collect()
    }

    pub(super) fn brief(&self, pr: PrNumber) -> Brief {
        brief(&self.state, &self.context, pr, self.now).unwrap()
    }

    /// What protection sees: the newest run on the head.
    pub(super) fn conclusion(&self, pr: PrNumber) -> Option<Conclusion> {
        self.checks.get(&self.snapshots[&pr].head_sha).and_then(|runs| runs.first()).and_then(|run| run.conclusion)
    }

    pub(super) fn is_merged(&self, pr: PrNumber) -> bool {
        self.snapshots[&pr].state == PullState::Merged
    }

    pub(super) fn merges(&self) -> Vec<u64> {
        let number =
            |sent: &Sent| if let Sent::Action(ActionCall::Merge { number, .. }) = sent { Some(number.0) } else { None };
        self.sent.iter().filter_map(number).collect()
    }

    pub(super) fn replies(&self) -> Vec<String> {
        let body = |sent: &Sent| {
            if let Sent::Action(ActionCall::Reply { body, .. }) = sent {
                body.lines().next().map(str::to_owned)
            } else {
                None
            }
        };
        self.sent.iter().filter_map(body).collect()
    }

    pub(super) fn reactions(&self) -> Vec<Reaction> {
        let one = |sent: &Sent| {
            if let Sent::Action(ActionCall::React { reaction, .. }) = sent { Some(*reaction) } else { None }
        };
        self.sent.iter().filter_map(one).collect()
    }
}
