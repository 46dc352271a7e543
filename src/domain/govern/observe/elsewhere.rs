//! Dependencies across repositories, both ways.
//!
//! A unit that needs one of another repository reads it, and says so there; when that one lands, is closed, reopened or retargeted, its
//! repository says so back. Where Flyball does not govern the other repository, nobody answers, and the unit reads it again every quarter
//! of an hour.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::domain::govern::needs::snapshot;
use crate::domain::govern::seen::PullState;
use crate::domain::govern::seen::event::{Awaiting, Event};
use crate::domain::govern::seen::facts::{Elsewhere, Facts, Need};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::govern::state::changes::Tell;
use crate::domain::govern::state::depends;
use crate::domain::govern::state::repo::ElsewhereRead;
use crate::domain::ids::{PrNumber, Timestamp, UnitKey};
use crate::domain::integration::dependency::{Fate, Reference, declared};
use crate::domain::unit::{Commits, Unit};

/// How long what was read is believed.
const BELIEVED: SignedDuration = SignedDuration::from_mins(15);
/// How many are remembered.
const REMEMBERED: usize = 1_000;

fn key(repo: &str, number: PrNumber) -> String {
    format!("{}#{number}", repo.to_lowercase())
}

/// What must be read of other repositories before an event about a unit can be judged.
pub(in crate::domain::govern) fn needs(
    state: &State,
    number: PrNumber,
    event: &Event,
    facts: &Facts,
    now: Timestamp,
) -> impl Iterator<Item = Need> {
    let told = matches!(event, Event::Look { .. });
    let asks = told || matches!(event, Event::Pull { .. } | Event::Timer { .. });
    let named = if asks { named(state, number, facts) } else { Vec::new() };
    let old = |repo: &str, number| {
        let read = state.repo.elsewhere.get(&key(repo, number));
        read.is_none_or(|read| now.duration_since(read.at) >= BELIEVED)
    };
    let wanted = named.into_iter().filter_map(|reference| {
        let Reference { repo, number } = reference.within(state.full_name());
        let repo = repo.filter(|repo| told || old(repo, number))?;
        Some(Need::Elsewhere { repo, number })
    });
    wanted.collect::<Vec<_>>().into_iter()
}

/// What a unit names as its dependencies in its body and its commits, as just read or as known.
fn named(state: &State, number: PrNumber, facts: &Facts) -> Vec<Reference> {
    let (snapshot, unit) = (snapshot(facts, number), state.unit(number));
    let body = snapshot.map(|snapshot| &snapshot.body).or_else(|| unit.map(|unit| &unit.body));
    let mut named = body.map(|body| declared(body).needs).unwrap_or_default();
    match snapshot.and_then(|snapshot| snapshot.messages.as_ref()) {
        Some(messages) => named.extend(Commits::of(messages.iter().map(String::as_str)).needs),
        None => named.extend(unit.into_iter().flat_map(|unit| unit.commits.needs.iter().cloned())),
    }
    named
}

/// What became of a pull request of another repository, as last read.
pub(in crate::domain::govern) fn fate(state: &State, repo: &str, number: PrNumber) -> Fate {
    match state.repo.elsewhere.get(&key(repo, number)).map(|read| &read.seen) {
        Some(Elsewhere::Pull { state: PullState::Open, .. }) => Fate::Open,
        Some(Elsewhere::Pull { state: PullState::Merged, .. }) => Fate::Landed,
        Some(Elsewhere::Pull { state: PullState::Closed, .. }) => Fate::Closed,
        Some(Elsewhere::Missing) => Fate::Missing,
        Some(Elsewhere::Unreadable) | None => Fate::Unreadable,
    }
}

/// When a unit's dependencies in other repositories are to be read again; none where it has none that may still change.
pub(in crate::domain::govern) fn again_at(state: &State, unit: &Unit) -> Option<Timestamp> {
    let needed = depends::dependencies(state, unit).into_iter().filter(|needed| needed.number.is_none());
    let reads = needed.filter_map(|needed| state.repo.elsewhere.get(&needed.unit.to_lowercase()));
    let open = reads.filter(|read| !matches!(read.seen, Elsewhere::Pull { state: PullState::Merged, .. }));
    open.filter_map(|read| read.at.checked_add(BELIEVED).ok()).min()
}

impl Work<'_> {
    /// A pull request of another repository was read: those who need it are judged, and its repository hears of them.
    pub(super) fn take_elsewhere(&mut self, repo: &str, number: PrNumber, seen: &Elsewhere) {
        let read = ElsewhereRead { seen: seen.clone(), at: self.now };
        self.state.repo.elsewhere.insert(key(repo, number), read);
        while self.state.repo.elsewhere.len() > REMEMBERED {
            let oldest = self.state.repo.elsewhere.iter().min_by_key(|(_, read)| read.at).map(|(key, _)| key.clone());
            self.state.repo.elsewhere.remove(&oldest.unwrap_or_default());
        }
        self.changes.repo = true;
        let means = |reference: &Reference| {
            reference.number == number
                && reference.repo.as_deref().is_some_and(|named| named.eq_ignore_ascii_case(repo))
        };
        let relations = &self.state.relations;
        let waiting: Vec<PrNumber> = relations
            .naming(number)
            .filter(|unit| relations.needs(*unit).iter().any(|(reference, _)| means(reference)))
            .collect();
        for unit in waiting {
            self.touch(unit);
            if let Elsewhere::Pull { repo, state: PullState::Open, .. } = seen {
                let by = Awaiting {
                    unit: UnitKey { repo: self.state.id(), number: unit },
                    full_name: self.state.full_name().to_owned(),
                    private: self.state.repo.private,
                };
                self.changes.tell.push(Tell { repo: *repo, event: Event::Awaited { number, by } });
            }
        }
    }

    /// A unit of another repository waits for one of ours. Where ours is over already, it hears so at once.
    pub(in crate::domain::govern) fn take_awaiting(&mut self, number: PrNumber, by: &Awaiting) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let known = unit.awaited_by.iter().any(|known| known.unit == by.unit);
        unit.awaited_by.retain(|known| known.unit != by.unit);
        unit.awaited_by.insert(by.clone());
        let over = !unit.is_open();
        self.changes.units.insert(number);
        // Said once: two repositories that do not agree yet do not go on telling each other.
        if over && !known {
            self.tell_those_who_wait(number);
        }
    }

    /// What happened to a unit concerns those who wait for it in other repositories.
    pub(super) fn tell_those_who_wait(&mut self, number: PrNumber) {
        let Some(unit) = self.state.units.get(&number) else { return };
        let waiting: BTreeSet<UnitKey> = unit.awaited_by.iter().map(|awaiting| awaiting.unit).collect();
        let tell = |unit: UnitKey| Tell { repo: unit.repo, event: Event::Look { number: unit.number } };
        self.changes.tell.extend(waiting.into_iter().map(tell));
    }
}

/// The units of other repositories that wait for this one, as far as they may be shown here: reference and state, and none that is private
/// in a repository that more people see.
pub(in crate::domain::govern) fn waiting<'a>(state: &'a State, unit: &'a Unit) -> impl Iterator<Item = String> + 'a {
    let shown = unit.awaited_by.iter().filter(|by| !by.private || state.repo.private);
    shown.map(|by| format!("{}#{}", by.full_name, by.unit.number))
}
