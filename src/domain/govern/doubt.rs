//! Somebody says stop, and GitHub does not tell whether they may: nothing lands until it does, and their words are heard again then.

use super::command::Command;
use super::decide::Speaker;
use super::settle::Work;
use crate::domain::ids::PrNumber;
use crate::domain::unit::{Source, Unread};

/// So often GitHub is asked; then the words are answered as those of somebody without the right.
const TRIES: u32 = 8;

impl Work<'_> {
    /// Whether what was said is left for later: a stop by somebody whose right could not be read. A click is not, nor what was said on a page:
    /// neither can be read again.
    pub(super) fn doubts(&mut self, number: PrNumber, speaker: &Speaker<'_>, spoken: &[Command]) -> bool {
        let stops = spoken.iter().any(|command| matches!(command, Command::Refuse { .. } | Command::Hold { .. }));
        let Err(because) = speaker.right.as_ref().map_err(Clone::clone) else { return false };
        let tries = self.state.unit(number).and_then(|unit| unit.doubt.as_ref()).map_or(0, |doubt| doubt.tries) + 1;
        let again_at = self.later(tries);
        let Some(unit) = self.state.units.get_mut(&number).filter(|unit| unit.is_open()) else { return false };
        if !stops || matches!(speaker.source, Source::Button | Source::Page) || tries > TRIES {
            return false;
        }
        unit.doubt = Some(Unread { because, tries, again_at });
        unit.heard_at = unit.heard_at.min(Some(speaker.at));
        self.touch(number);
        true
    }

    /// It is time to hear it again.
    pub(super) fn doubt_due(&mut self, number: PrNumber) {
        let (now, later) = (self.now, self.later(TRIES));
        let Some(doubt) = self.state.units.get_mut(&number).and_then(|unit| unit.doubt.as_mut()) else { return };
        if doubt.again_at <= now {
            doubt.again_at = later;
            self.changes.look.push(number);
            self.changes.units.insert(number);
        }
    }
}
