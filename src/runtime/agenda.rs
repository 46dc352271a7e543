//! What falls due in a partition, as far ahead as was read from the store.
//!
//! The store is asked once per window, not per entry: up to [`Agenda::horizon`] everything is known here, since only the partition's owner
//! schedules in it. An idle partition costs one question per window.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::draft::Moves;
use super::keys::Wakeup;
use crate::domain::ids::Timestamp;

/// How far ahead is read.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// At most so many entries are read at once.
pub(super) const PAGE: usize = 1000;

/// The near future.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    horizon: Option<Timestamp>,
    order: BTreeSet<(Timestamp, Wakeup)>,
    at: BTreeMap<Wakeup, Timestamp>,
}

impl Agenda {
    /// Up to when to ask the store, if it is time to: nothing was read yet or `now` has reached the horizon.
    pub(super) fn ask_until(&self, now: Timestamp) -> Option<Timestamp> {
        let behind = self.horizon.is_none_or(|horizon| horizon <= now);
        (behind && self.order.len() < PAGE / 2).then(|| now.saturating_add(WINDOW).unwrap_or(Timestamp::MAX))
    }

    /// Takes up what the store answered: everything up to `until`.
    pub(super) fn read(&mut self, until: Timestamp, entries: Vec<(Wakeup, Timestamp)>) {
        self.horizon = Some(until);
        for (wakeup, at) in entries {
            self.set(wakeup, Some(at));
        }
    }

    /// Follows a commit.
    pub(super) fn follow(&mut self, moves: &Moves) {
        for (wakeup, at) in moves {
            let known = at.filter(|at| self.horizon.is_some_and(|horizon| *at <= horizon));
            self.set(wakeup.clone(), known);
        }
    }

    fn set(&mut self, wakeup: Wakeup, at: Option<Timestamp>) {
        if let Some(before) = self.at.remove(&wakeup) {
            self.order.remove(&(before, wakeup.clone()));
        }
        if let Some(at) = at {
            self.order.insert((at, wakeup.clone()));
            self.at.insert(wakeup, at);
        }
    }

    /// Takes out what is due, earliest first.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<(Wakeup, Timestamp)> {
        let mut due = Vec::new();
        while let Some((at, _)) = self.order.first()
            && *at <= now
        {
            if let Some((at, wakeup)) = self.order.pop_first() {
                self.at.remove(&wakeup);
                due.push((wakeup, at));
            }
        }
        due
    }

    /// When to look again: the next entry, or the horizon while it lies ahead of `now`.
    pub(super) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let first = self.order.first().map(|(at, _)| *at);
        first.into_iter().chain(self.horizon.filter(|horizon| *horizon > now)).min()
    }
}
