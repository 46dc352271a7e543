//! Whether what landed is what was proposed: the lines it added and removed on the base, against those of the pull request.
//!
//! It is read a minute later, when nobody waits for it, once both the landing and the push that carried it are known.

use jiff::SignedDuration;
use serde_json::json;

use super::edits::edits;
use crate::domain::govern::seen::event::Event;
use crate::domain::govern::seen::facts::{Fact, Facts, Need};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::govern::state::changes::Tell;
use crate::domain::govern::state::repo::{Compared, Landing};
use crate::domain::ids::{CommitSha, Timestamp};
use crate::domain::unit::{Broken, Edits};

/// How long after the landing.
const LATER: SignedDuration = SignedDuration::from_mins(1);
/// How many are read at a time.
const AT_A_TIME: usize = 5;
/// Older landings are not compared any more: no push told of them.
pub(in crate::domain::govern) const NEWEST: usize = 20;

/// What must be read now: the changes of the pushes that carried landings.
pub(in crate::domain::govern) fn needs(state: &State, now: Timestamp) -> impl Iterator<Item = Need> {
    waiting(state).filter(move |(due, _)| *due <= now).map(|(_, need)| need).take(AT_A_TIME)
}

/// When the next one is due.
pub(in crate::domain::govern) fn next_at(state: &State, now: Timestamp) -> Option<Timestamp> {
    let soon = now.checked_add(SignedDuration::from_secs(1)).ok()?;
    waiting(state).map(|(due, _)| due.max(soon)).min()
}

fn waiting(state: &State) -> impl Iterator<Item = (Timestamp, Need)> {
    let newest = state.repo.landings.iter().rev().take(NEWEST);
    newest.filter(|landing| landing.is_comparable()).filter_map(|landing| {
        let after = landing.commit.as_ref()?;
        let before = state.trunks.get(&landing.base)?.before(after)?;
        Some((landing.at.checked_add(LATER).ok()?, Need::Change { before: before.clone(), after: after.clone() }))
    })
}

impl Landing {
    /// Whether there is something to compare, and nobody did. What a queue landed may stand among others in one push.
    fn is_comparable(&self) -> bool {
        self.edits.is_some() && !self.queued && self.compared.is_none()
    }
}

impl Work<'_> {
    /// Changes on the base were read: where one is not what was proposed, that is an alarm.
    pub(in crate::domain::govern) fn compare_landed(&mut self, facts: &Facts) {
        for (need, fact) in facts.iter() {
            let Need::Change { after, .. } = need else { continue };
            let landed = if let Fact::Files(files) = fact { edits(files) } else { None };
            self.compare_with(after, landed.as_ref());
        }
    }

    fn compare_with(&mut self, commit: &CommitSha, landed: Option<&Edits>) {
        let here = self.state.id();
        let mut landings = self.state.repo.landings.iter_mut().rev();
        let Some(landing) = landings.find(|landing| landing.commit.as_ref() == Some(commit) && landing.is_comparable())
        else {
            return;
        };
        let compared = match landing.edits.as_ref().zip(landed) {
            None => Compared::Unread,
            Some((proposed, landed)) if proposed.hold(landed) => Compared::Same,
            Some(_) => Compared::Otherwise,
        };
        landing.compared = Some(compared);
        if let Some(edits) = &mut landing.edits {
            // They served, and landings are many.
            edits.forget_parts();
        }
        let number = landing.number;
        self.changes.repo = true;
        self.record(number, "flyball", "landed_compared", json!({ "commit": commit, "compared": compared }));
        if compared == Compared::Otherwise {
            let what = Broken::Content { commit: commit.clone() };
            self.changes.tell.push(Tell { repo: here, event: Event::Alarm { number, what } });
        }
    }
}
