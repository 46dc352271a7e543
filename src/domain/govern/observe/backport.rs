//! The same change on another base: backports of what landed or is open elsewhere.
//!
//! Units on different bases never collide and have plans of their own; this only says that they belong together. Two signs are taken:
//! `(cherry picked from commit …)` in a commit's message, and the same change line by line (the content digest).

use crate::domain::govern::aftermath;
use crate::domain::govern::seen::PullState;
use crate::domain::govern::state::State;
use crate::domain::govern::state::repo::Landing;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::unit::{BackportView, Unit};

impl Landing {
    /// What is remembered of a unit that landed.
    pub(in crate::domain::govern) fn of(unit: &Unit, commit: Option<&CommitSha>, at: Timestamp) -> Self {
        Self {
            number: unit.number,
            base: unit.base.branch.clone(),
            at,
            commit: commit.cloned(),
            head: Some(unit.head.sha.clone()),
            content: unit.content.clone(),
            edits: unit.edits.clone().filter(|_| unit.footprint_of.as_ref() == Some(&unit.head.sha)),
            compared: None,
            queued: unit.queued.is_some(),
            title: Some(aftermath::title_digest(&unit.title)),
        }
    }

    fn is_commit(&self, sha: &CommitSha) -> bool {
        self.commit.as_ref() == Some(sha) || self.head.as_ref() == Some(sha)
    }
}

/// The unit on another base whose change this one carries, if one is known.
pub(in crate::domain::govern) fn backport(state: &State, unit: &Unit) -> Option<BackportView> {
    let said = unit.commits.picked.iter().find_map(|sha| {
        let landed = elsewhere(state, unit).find(|landing| landing.is_commit(sha));
        let landed = landed.map(|landing| (landing.number, landing.base.as_str(), PullState::Merged));
        landed.or_else(|| open(state, unit, state.relations.at_sha(sha)))
    });
    if let Some(found) = said {
        return Some(view(unit, found, "its commits say so"));
    }
    let content = unit.content.as_deref()?;
    let landed = elsewhere(state, unit).find(|landing| landing.content.as_deref() == Some(content));
    let landed = landed.map(|landing| (landing.number, landing.base.as_str(), PullState::Merged));
    // Where both are open, the one that is on the default branch is the original.
    let main = state.repo.default_branch.as_deref();
    let original = || open(state, unit, state.relations.carrying(content)).filter(|(_, base, _)| Some(*base) == main);
    let found = landed.or_else(original)?;
    Some(view(unit, found, "the change is the same line by line"))
}

/// What landed on other bases, newest first.
fn elsewhere<'a>(state: &'a State, unit: &'a Unit) -> impl Iterator<Item = &'a Landing> {
    let all = state.repo.landings.iter().rev();
    all.filter(|landing| landing.base != unit.base.branch && landing.number != unit.number)
}

fn open<'a>(
    state: &'a State,
    unit: &Unit,
    mut numbers: impl Iterator<Item = PrNumber>,
) -> Option<(PrNumber, &'a str, PullState)> {
    numbers.find_map(|number| {
        let other = state.unit(number).filter(|other| other.is_open() && other.base.branch != unit.base.branch)?;
        Some((number, other.base.branch.as_str(), PullState::Open))
    })
}

fn view(unit: &Unit, (number, base, state): (PrNumber, &str, PullState), proof: &str) -> BackportView {
    let landed = state == PullState::Merged;
    let word = if landed { "landed" } else { "open" };
    let how = if landed { "which landed on" } else { "which is open on" };
    let why = format!("It is a backport of #{number}, {how} `{base}`, to `{}`: {proof}.", unit.base.branch);
    BackportView { unit: format!("#{number}"), base: base.to_owned(), state: word.to_owned(), why }
}
