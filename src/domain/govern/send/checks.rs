//! Sends check runs: the document as it is wanted now, on the run that GitHub has.

use super::rights_for_success;
use crate::domain::govern::owed::want::check_key;
use crate::domain::govern::owed::{Call, CheckDoc, CheckStatus, Conclusion, OwedKey};
use crate::domain::govern::seen::facts::{Fact, Facts, Need, OurCheck};
use crate::domain::govern::settle::Work;
use crate::domain::govern::views::brief::brief_of;
use crate::domain::ids::{CommitSha, PrNumber};
use crate::domain::unit::{Flight, Kept};

impl Work<'_> {
    pub(super) fn begin_check(&mut self, sha: &CommitSha, facts: &Facts) -> Option<Call> {
        let now = self.now;
        if let Some(Fact::OurChecks(kept)) = facts.get(&Need::OurChecks(sha.clone())) {
            self.adopt_check(sha, kept);
        } else if self.state.checks.get(sha)?.flight.as_ref().is_some_and(|flight| flight.unknown) {
            return self.retry_check(sha);
        }
        if !rights_for_success(self.state, sha, self.context, now).is_empty() {
            let units: Vec<PrNumber> = self.state.units_at(sha).map(|unit| unit.number).collect();
            units.into_iter().for_each(|number| self.renew_rights(number, facts));
        }
        let group = self.state.group(sha, self.context, now);
        if group.is_some() {
            self.want_group(sha);
        } else {
            self.want_check(sha);
        }
        let surface = self.state.checks.get(sha)?;
        if surface.flight.is_some() || !surface.is_owed() || surface.not_before.is_some_and(|at| at > now) {
            return None;
        }
        let conclusion = surface.wanted.conclusion;
        let doc = match group {
            Some(view) => self.context.words.group(&view, &self.external_id(sha)),
            None => self.check_of_units(sha, conclusion).or_else(|| self.introduction_on(sha))?,
        };
        let key = check_key(conclusion, &doc.title, &doc.summary);
        let surface = self.state.checks.get_mut(sha)?;
        surface.wanted = key.clone();
        surface.flight = Some(Flight { key: key.digest, unknown: false, at: now });
        self.changes.checks.insert(sha.clone());
        // A completed run is final: only an incomplete one is changed (FACTS C16).
        let open = surface.kept.as_ref().filter(|kept| kept.status != CheckStatus::Completed).map(|kept| kept.run);
        Some(open.map_or_else(|| Call::CreateCheck(doc.clone()), |run| Call::UpdateCheck { run, doc: doc.clone() }))
    }

    /// The document for the units with this head; none for an old one, by which nobody is judged any more.
    fn check_of_units(&self, sha: &CommitSha, conclusion: Option<Conclusion>) -> Option<CheckDoc> {
        let open = self.briefs_at(sha);
        let briefs = if open.is_empty() { self.briefs_of_head(sha) } else { open };
        let pages = self.context.pages_url.as_deref();
        (!briefs.is_empty()).then(|| self.context.words.check(&briefs, &self.external_id(sha), conclusion, pages))
    }

    fn briefs_of_head(&self, sha: &CommitSha) -> Vec<crate::domain::unit::Brief> {
        let units = self.state.units().filter(|unit| unit.head.sha == *sha);
        units.map(|unit| brief_of(self.state, self.context, unit, self.now)).collect()
    }

    /// What GitHub has is what counts: the newest run of ours.
    pub(in crate::domain::govern) fn adopt_check(&mut self, sha: &CommitSha, kept: &[OurCheck]) {
        let now = self.now;
        let external = self.external_id(sha);
        let Some(surface) = self.state.checks.get_mut(sha) else { return };
        let flight = surface.flight.take();
        if let Some(newest) = kept.iter().filter(|run| run.external_id == external).max_by_key(|run| run.id) {
            surface.kept = Some(Kept { run: newest.id, status: newest.status, conclusion: newest.conclusion, at: now });
            let arrived = newest.conclusion == surface.wanted.conclusion
                && flight.is_some_and(|flight| flight.key == surface.wanted.digest);
            surface.sent = arrived.then(|| surface.wanted.clone());
        } else {
            surface.kept = None;
            surface.sent = None;
        }
        self.changes.checks.insert(sha.clone());
        // A success that had arrived is accepted from here on, as if its answer had come: what waited for it goes on.
        let units: Vec<PrNumber> =
            self.state.units().filter(|unit| unit.head.sha == *sha).map(|unit| unit.number).collect();
        for number in units {
            self.touch(number);
        }
    }

    /// The outcome could not be read yet: ask again later, write nothing.
    fn retry_check(&mut self, sha: &CommitSha) -> Option<Call> {
        let tries = self.state.checks.get_mut(sha).map(|surface| {
            surface.tries += 1;
            surface.tries
        })?;
        let at = self.later(tries);
        self.changes.checks.insert(sha.clone());
        self.changes.owe.push((OwedKey::Check { sha: sha.clone() }, at));
        None
    }
}
