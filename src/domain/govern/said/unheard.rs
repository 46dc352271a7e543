//! Somebody speaks on a pull request that is not known here, and GitHub does not let it be read: it is asked for again, and their words are
//! heard as soon as it is known. Where they say stop, nothing lands before.

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::doubt::stops;
use crate::domain::govern::settle::Work;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::unit::{Doubt, Unit, Unread};

/// So often GitHub is asked; then nobody waits for it any more.
const TRIES: u32 = 12;

/// Words that nobody could take in yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unheard {
    /// When the first of them were written.
    pub since: Timestamp,
    /// Whether some of them want it stopped.
    pub stops: bool,
    /// How often the pull request was asked for.
    pub tries: u32,
    /// When it is asked for again.
    pub again_at: Timestamp,
}

impl Work<'_> {
    /// Keeps in mind that there are words on a pull request that is not known.
    pub(super) fn keep_unheard(&mut self, number: PrNumber, at: Timestamp, spoken: &[Command]) {
        let first = Unheard { since: at, stops: false, tries: 0, again_at: self.later(1) };
        let unheard = self.state.repo.unheard.entry(number).or_insert(first);
        unheard.since = unheard.since.min(at);
        unheard.stops |= stops(spoken);
        self.changes.repo = true;
    }

    /// It is known now. The next look hears them.
    pub(in crate::domain::govern) fn owe_hearing(&mut self, number: PrNumber, unit: &mut Unit) {
        let Some(Unheard { since, stops, .. }) = self.state.repo.unheard.remove(&number) else { return };
        let because = "the pull request could not be read when they wrote".to_owned();
        unit.doubt = Some(Doubt { unread: Unread { because, tries: 0, again_at: self.later(1) }, stops });
        unit.heard_at = unit.heard_at.map(|at| at.min(since));
        self.changes.repo = true;
    }

    /// Asks again for those whose time has come.
    pub(in crate::domain::govern) fn unheard_due(&mut self) {
        let due = self.state.repo.unheard.iter().filter(|(_, unheard)| unheard.again_at <= self.now);
        let due: Vec<(PrNumber, u32)> = due.map(|(number, unheard)| (*number, unheard.tries + 1)).collect();
        for (number, tries) in due {
            let again_at = self.later(tries + 1);
            if let Some(unheard) = self.state.repo.unheard.get_mut(&number) {
                (unheard.tries, unheard.again_at) = (tries, again_at);
            }
            self.changes.look.push(number);
            self.changes.repo = true;
        }
        self.state.repo.unheard.retain(|_, unheard| unheard.tries < TRIES);
    }

    /// When one of them is asked for next.
    pub(in crate::domain::govern) fn unheard_at(&self) -> Option<Timestamp> {
        self.state.repo.unheard.values().map(|unheard| unheard.again_at).min()
    }
}
