//! Results on a base branch that nobody told us of: read with the comparison of the repository.

use jiff::SignedDuration;

use super::trunk::Trunk;
use crate::domain::govern::observe::survey::AWAY;
use crate::domain::govern::seen::Seen;
use crate::domain::govern::seen::facts::{Fact, Facts, Need};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::ids::{CommitSha, Timestamp};

/// For so long after the last landing the head of its base is read.
const WATCHED: SignedDuration = SignedDuration::from_hours(6);
/// How many branches of a repository are read at a time.
const BRANCHES: usize = 5;

/// What a comparison of the repository reads besides: the heads of bases where something landed lately, and what was tested on them.
pub(in crate::domain::govern) fn needs_of_bases(state: &State, facts: &Facts, now: Timestamp) -> Vec<Need> {
    let mut needs = Vec::new();
    for branch in open_ended(state, now) {
        let head = Need::BranchHead(branch.to_owned());
        if let Some(Fact::Head(sha)) = facts.get(&head) {
            needs.push(Need::Checks(sha.clone()));
        }
        needs.push(head);
    }
    needs
}

/// Branches of which we may have missed something.
fn open_ended(state: &State, now: Timestamp) -> impl Iterator<Item = &str> {
    let away = state.repo.survey.at.is_some_and(|at| now.duration_since(at) >= AWAY);
    let watched = move |trunk: &Trunk| {
        let landings = trunk.commits.iter().flat_map(|commit| &commit.landed);
        landings.map(|landed| landed.at).max().is_some_and(|at| now.duration_since(at) < WATCHED)
    };
    let trunks = state.trunks.iter().filter(move |(_, trunk)| watched(trunk) && (away || trunk.is_untold()));
    trunks.map(|(branch, _)| branch.as_str()).take(BRANCHES)
}

impl Trunk {
    /// Whether its newest commit still waits for results.
    fn is_untold(&self) -> bool {
        let newest = self.commits.last();
        newest.is_some_and(|commit| commit.results.iter().all(|tested| tested.state == Seen::Pending))
    }
}

impl Work<'_> {
    /// What was read is taken as if its events had come.
    pub(in crate::domain::govern) fn take_bases(&mut self, facts: &Facts) {
        let heads: Vec<(String, CommitSha)> = facts
            .iter()
            .filter_map(|(need, fact)| match (need, fact) {
                (Need::BranchHead(branch), Fact::Head(sha)) => Some((branch.clone(), sha.clone())),
                _ => None,
            })
            .collect();
        for (branch, sha) in heads {
            let known = |trunk: &Trunk| trunk.commits.iter().any(|commit| commit.sha == sha);
            if !self.state.trunks.get(&branch).is_some_and(known) {
                self.watch_push(&branch, None, &sha);
            }
            if let Some(Fact::Checks(checks)) = facts.get(&Need::Checks(sha)) {
                for check in checks {
                    self.watch_check(check);
                }
            }
        }
    }
}
