//! Whether what landed is what was confirmed: the lines it added and removed on the base, against those of the pull request.

use serde_json::json;

use super::edits::edits;
use crate::domain::govern::changes::Tell;
use crate::domain::govern::event::{Event, PullAction, PullState};
use crate::domain::govern::facts::{Fact, Facts, Need};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::{Landing, State};
use crate::domain::ids::CommitSha;
use crate::domain::unit::{Broken, Edits};

/// What must be read to tell, once both the landing and the push that carried it are known: the change between two commits.
pub(in crate::domain::govern) fn need(state: &State, event: &Event) -> Option<Need> {
    if let Event::Push { branch, before: Some(before), after: Some(after), .. } = event {
        let landing = state.repo.landings.iter().rev().find(|landing| landing.commit.as_ref() == Some(after))?;
        let wanted = landing.base == *branch && landing.is_comparable();
        return wanted.then(|| Need::Change { before: before.clone(), after: after.clone() });
    }
    let Event::Pull { action: PullAction::Closed, pull } = event else { return None };
    let after = pull.merge_commit.as_ref().filter(|_| pull.state == PullState::Merged)?;
    let unit = state.unit(pull.number).filter(|unit| unit.head.sha == pull.head_sha)?;
    let before = state.trunks.get(&unit.base.branch)?.before(after)?;
    let known = state.repo.landings.iter().rev().find(|landing| landing.number == pull.number).cloned();
    let landing = known.unwrap_or_else(|| Landing::of(unit, Some(after), pull.updated_at));
    landing.is_comparable().then(|| Need::Change { before: before.clone(), after: after.clone() })
}

impl Landing {
    /// Whether there is something to compare, and nobody did. What a queue landed may stand among others in one push.
    fn is_comparable(&self) -> bool {
        self.edits.is_some() && !self.queued && self.same.is_none()
    }
}

impl Work<'_> {
    /// A change on the base was read: where it is not what was confirmed, that is an alarm.
    pub(in crate::domain::govern) fn compare_landed(&mut self, facts: &Facts) {
        for (need, fact) in facts.iter() {
            if let (Need::Change { after, .. }, Fact::Files(files)) = (need, fact)
                && let Some(landed) = edits(files)
            {
                self.compare_with(after, &landed);
            }
        }
    }

    fn compare_with(&mut self, commit: &CommitSha, landed: &Edits) {
        let here = self.state.id();
        let mut landings = self.state.repo.landings.iter_mut().rev();
        let Some(landing) = landings.find(|landing| landing.commit.as_ref() == Some(commit) && landing.is_comparable())
        else {
            return;
        };
        let same = landing.edits.as_ref().is_none_or(|proposed| proposed.hold(landed));
        landing.same = Some(same);
        if let Some(edits) = &mut landing.edits {
            // They served, and landings are many.
            edits.forget_parts();
        }
        let number = landing.number;
        self.changes.repo = true;
        self.record(number, "flyball", "landed_compared", json!({ "commit": commit, "same": same }));
        if !same {
            let what = Broken::Content { commit: commit.clone() };
            self.changes.tell.push(Tell { repo: here, event: Event::Alarm { number, what } });
        }
    }
}
