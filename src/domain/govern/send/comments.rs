//! Sends the sticky comment, finds it again after an answer that never came, and deletes a second one.

use crate::domain::govern::owed::ours::{body_digest, may_be_double};
use crate::domain::govern::owed::{Call, OwedKey};
use crate::domain::govern::seen::facts::{Fact, Facts, Need, OurComment};
use crate::domain::govern::settle::Work;
use crate::domain::govern::views::brief::{brief_of, sticky_key};
use crate::domain::ids::PrNumber;
use crate::domain::unit::Flight;

/// The sticky comment begins with this.
pub const STICKY_MARKER: &str = "<!-- flyball:unit -->";

/// What stands for the text of a comment that is deleted.
pub(in crate::domain::govern) const DELETES: &str = "deletes";

impl Work<'_> {
    pub(super) fn begin_comment(&mut self, number: PrNumber, facts: &Facts) -> Option<Call> {
        let now = self.now;
        match facts.get(&Need::OurComments(number)) {
            Some(Fact::OurComments(comments)) => self.adopt_comment(number, comments),
            _ if self
                .state
                .unit(number)
                .is_some_and(|unit| unit.comment.is_unknown() || may_be_double(&unit.comment, now)) =>
            {
                let unit = self.state.units.get_mut(&number)?;
                unit.comment.tries += 1;
                let tries = unit.comment.tries;
                let at = self.later(tries);
                self.changes.owe.push((OwedKey::Comment { number }, at));
                self.changes.units.insert(number);
                return None;
            }
            _ => {}
        }
        let unit = self.state.unit(number)?;
        if unit.comment.flight.is_some()
            || !unit.comment.is_owed()
            || unit.comment.not_before.is_some_and(|at| at > now)
        {
            return None;
        }
        if let Some(call) = self.delete_surplus(number) {
            return Some(call);
        }
        let unit = self.state.unit(number)?;
        let brief = brief_of(self.state, self.context, unit, now);
        let body = self.context.words.sticky(&brief, self.context.pages_url.as_deref());
        let showing = brief.suggestion.as_ref().map(|suggestion| (suggestion.fingerprint.clone(), brief.head.clone()));
        let key = sticky_key(&brief, self.context.words);
        let unit = self.state.units.get_mut(&number)?;
        unit.comment.wanted.clone_from(&key);
        unit.comment.body = Some(body_digest(&body));
        unit.comment.flight = Some(Flight { key, unknown: false, at: now });
        unit.comment.showing = showing;
        self.changes.units.insert(number);
        Some(match unit.comment.id {
            Some(id) => Call::UpdateComment { id, body },
            None => Call::CreateComment { number, body },
        })
    }

    /// Finds our sticky comment after an answer that never came; what it says is not trusted, it is written again. One that came beside
    /// it, as a call of a replica that stood still may, is deleted.
    fn adopt_comment(&mut self, number: PrNumber, comments: &[OurComment]) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let surface = &mut unit.comment;
        let sticky =
            || comments.iter().filter(|comment| comment.body.starts_with(STICKY_MARKER)).map(|comment| comment.id);
        self.changes.units.insert(number);
        if may_be_double(surface, now) {
            surface.doubled = false;
            surface.surplus = sticky().filter(|id| Some(*id) != surface.id).collect();
            return;
        }
        surface.doubled |= surface.id.is_none() && surface.flight.is_some();
        (surface.flight, surface.unsure) = (None, false);
        surface.showing = None;
        surface.sent = None;
        surface.id = sticky().next();
    }

    /// Deletes the first of the comments that are too many.
    fn delete_surplus(&mut self, number: PrNumber) -> Option<Call> {
        let unit = self.state.units.get_mut(&number)?;
        let id = *unit.comment.surplus.first()?;
        unit.comment.flight = Some(Flight { key: DELETES.to_owned(), unknown: false, at: self.now });
        self.changes.units.insert(number);
        Some(Call::DeleteComment { id })
    }
}
