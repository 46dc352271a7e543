//! `.gitattributes` of a repository: which paths are generated or vendored, so that two changes of them collide as lockfiles do.
//!
//! Read with the first base facts of a repository, then once a day, or when something lands that touches it.

use jiff::SignedDuration;

use crate::domain::govern::seen::facts::{Fact, Need};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::govern::state::repo::AttributesRead;
use crate::domain::ids::Timestamp;
use crate::domain::integration::footprint::Footprint;

/// Where it stands; those of folders below do not count.
const PATH: &str = ".gitattributes";
/// How long it is believed.
const BELIEVED: SignedDuration = SignedDuration::from_hours(24);
/// How soon a read that failed is tried again.
const AGAIN: SignedDuration = SignedDuration::from_mins(15);

/// The read that is due, if it is.
pub(in crate::domain::govern) fn need(state: &State, now: Timestamp) -> Option<Need> {
    let due = state.repo.attributes.as_ref().is_none_or(|read| read.until <= now);
    due.then_some(Need::Attributes)
}

impl Work<'_> {
    /// What it says counts for every footprint; where it could not be read, what was known stands.
    pub(super) fn take_attributes(&mut self, fact: &Fact) {
        let known = self.state.repo.attributes.take().map(|read| read.text);
        let (text, wait) =
            if let Fact::Attributes(text) = fact { (Some(text.clone()), BELIEVED) } else { (known.clone(), AGAIN) };
        let text = text.unwrap_or_default();
        let changed = known.unwrap_or_default() != text;
        if changed {
            self.state.relations.mark_generated(&text);
            for unit in self.state.units.values().filter(|unit| unit.is_open()) {
                self.state.relations.put(unit);
            }
        }
        let until = self.now.checked_add(wait).unwrap_or(self.now);
        self.state.repo.attributes = Some(AttributesRead { text, until });
        self.changes.repo = true;
    }

    /// Something landed: where it touched the file, it is read again before the next unit is judged.
    pub(super) fn doubt_attributes(&mut self, landed: &Footprint) {
        let touched = landed.files.iter().any(|file| file.path == PATH || file.previous.as_deref() == Some(PATH));
        if let Some(read) = self.state.repo.attributes.as_mut().filter(|_| touched) {
            read.until = Timestamp::MIN;
        }
    }
}
