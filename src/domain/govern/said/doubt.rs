//! Somebody says something, and GitHub does not tell whether they may: their words are heard again when it does. Where they say stop,
//! nothing lands until then.

use super::command::Command;
use super::spoken::Speaker;
use crate::domain::govern::settle::Work;
use crate::domain::ids::PrNumber;
use crate::domain::unit::{Doubt, Source, Unread};

/// So often GitHub is asked; then the words are answered as those of somebody without the right.
const TRIES: u32 = 8;

/// Whether somebody wants it stopped.
pub(in crate::domain::govern) fn stops(spoken: &[Command]) -> bool {
    spoken.iter().any(|command| matches!(command, Command::Refuse { .. } | Command::Hold { .. }))
}

impl Work<'_> {
    /// Whether what was said is left for later: it takes a right, and the speaker's could not be read.
    pub(super) fn doubts(&mut self, number: PrNumber, speaker: &Speaker<'_>, spoken: &[Command]) -> bool {
        let asks = |command: &Command| {
            matches!(command, Command::Why | Command::Plan | Command::Help | Command::NearMiss { .. })
        };
        !spoken.iter().all(asks) && self.doubt(number, speaker, stops(spoken))
    }

    /// A click is not heard again, nor what was said on a page: neither can be read later.
    pub(in crate::domain::govern) fn doubt(&mut self, number: PrNumber, speaker: &Speaker<'_>, stops: bool) -> bool {
        let Err(because) = speaker.right.as_ref().map_err(Clone::clone) else { return false };
        let Some(unit) = self.state.unit(number).filter(|unit| unit.is_open()) else { return false };
        // Of several in doubt GitHub is asked together.
        let (tries, others_stop) = unit.doubt.as_ref().map_or((1, false), |doubt| (doubt.unread.tries, doubt.stops));
        if matches!(speaker.source, Source::Button | Source::Page) || tries > TRIES {
            return false;
        }
        let unread = Unread { because, tries, again_at: self.later(tries) };
        let Some(unit) = self.state.units.get_mut(&number) else { return false };
        unit.doubt = Some(Doubt { unread, stops: stops || others_stop });
        unit.heard_at = unit.heard_at.min(Some(speaker.at));
        self.touch(number);
        true
    }

    /// What was in doubt is about to be heard again.
    pub(super) fn reopen_doubt(&mut self, number: PrNumber) {
        let now = self.now;
        let Some(doubt) = self.state.units.get_mut(&number).and_then(|unit| unit.doubt.as_mut()) else { return };
        doubt.unread.tries += 1;
        doubt.unread.again_at = now;
        doubt.stops = false;
    }

    /// It was heard by now, or is not there any more, unless somebody's right is still unknown.
    pub(super) fn close_doubt(&mut self, number: PrNumber) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.doubt.take_if(|doubt| doubt.unread.again_at <= now);
    }

    /// It is time to hear it again.
    pub(in crate::domain::govern) fn doubt_due(&mut self, number: PrNumber) {
        let (now, later) = (self.now, self.later(TRIES));
        let Some(doubt) = self.state.units.get_mut(&number).and_then(|unit| unit.doubt.as_mut()) else { return };
        if doubt.unread.again_at <= now {
            doubt.unread.again_at = later;
            self.changes.look.push(number);
            self.changes.units.insert(number);
        }
    }
}
