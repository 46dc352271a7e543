//! The `state` that travels to GitHub and back: it proves that the registration was begun here, and once.

use std::sync::{Mutex, PoisonError};

use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::domain::ids::Timestamp;

/// As long as GitHub's code lives (FACTS M3).
const LIFE_SECONDS: i64 = 3600;
/// Whoever begins more often loses the oldest.
const MOST: usize = 32;

/// A value that nobody guesses: 244 random bits.
pub fn unguessable() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Whether two secrets are the same, in a time that says nothing about where they differ.
pub(in crate::web) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[derive(Debug)]
struct Issued {
    value: String,
    until: Timestamp,
}

/// The states that are out. Kept in memory: a restart ends every registration that was begun.
#[derive(Debug, Default)]
pub(super) struct States(Mutex<Vec<Issued>>);

/// A state that was taken; it counts no more unless it is given back.
#[derive(Debug)]
pub(super) struct Taken(Issued);

impl States {
    /// A new one.
    pub(super) fn issue(&self, now: Timestamp) -> String {
        let value = unguessable();
        let until = now.saturating_add(jiff::SignedDuration::from_secs(LIFE_SECONDS)).unwrap_or(Timestamp::MAX);
        let mut issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if issued.len() >= MOST {
            issued.remove(0);
        }
        issued.push(Issued { value: value.clone(), until });
        value
    }

    /// Takes one that is out and not too old. `None` does not say which it was.
    pub(super) fn take(&self, presented: &str, now: Timestamp) -> Option<Taken> {
        let mut issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        issued.retain(|one| now < one.until);
        // All are looked at, so that the time does not tell which was close.
        let found = issued.iter().enumerate().fold(
            None,
            |found, (at, one)| {
                if same(&one.value, presented) { Some(at) } else { found }
            },
        );
        found.map(|at| Taken(issued.remove(at)))
    }

    /// Lets it count again: nothing was asked of GitHub with it.
    pub(super) fn give_back(&self, taken: Taken) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(taken.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_state_counts_once_and_for_an_hour() {
        let states = States::default();
        let (one, two) = (states.issue(at(0)), states.issue(at(10)));
        assert_ne!(one, two);
        assert_eq!(one.len(), 64);
        assert!(states.take("forged", at(11)).is_none());
        assert!(states.take("", at(11)).is_none());
        assert!(states.take(&two[..63], at(11)).is_none());
        assert!(states.take(&one, at(11)).is_some());
        assert!(states.take(&one, at(11)).is_none(), "once");
        assert!(states.take(&two, at(3610)).is_none(), "an hour is over");
    }

    #[test]
    fn one_that_was_given_back_counts_again() {
        let states = States::default();
        let one = states.issue(at(0));
        let taken = states.take(&one, at(1)).unwrap();
        states.give_back(taken);
        assert!(states.take(&one, at(3600)).is_none(), "its hour goes on");
        let two = states.issue(at(0));
        let taken = states.take(&two, at(1)).unwrap();
        states.give_back(taken);
        assert!(states.take(&two, at(2)).is_some());
    }

    #[test]
    fn no_more_are_kept_than_anybody_needs() {
        let states = States::default();
        let first = states.issue(at(0));
        let others: Vec<String> = (0..MOST).map(|_| states.issue(at(0))).collect();
        assert!(states.take(&first, at(1)).is_none());
        assert!(others.iter().all(|one| states.take(one, at(1)).is_some()));
    }
}
