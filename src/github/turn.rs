//! Writes of one installation: one at a time, the pressing ones first (FACTS R5).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// What a write is worth: in this order they go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// What somebody decided, and check runs: what protection looks at.
    Pressing,
    /// Comments and reactions.
    Cosmetic,
}

/// The door to writing.
#[derive(Debug, Clone, Default)]
pub(super) struct Turnstile {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    busy: bool,
    next: u64,
    waiting: BTreeMap<(Weight, u64), oneshot::Sender<Turn>>,
}

/// The turn to write; whoever is next gets it when this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    inner: Option<Arc<Mutex<Inner>>>,
}

impl Turnstile {
    /// Waits for the turn; `None` where it did not come in time.
    pub(super) async fn enter(&self, weight: Weight, until: Instant) -> Option<Turn> {
        let (place, turn) = {
            let mut inner = lock(&self.inner);
            if !inner.busy {
                inner.busy = true;
                return Some(Turn { inner: Some(Arc::clone(&self.inner)) });
            }
            let place = (weight, inner.next);
            inner.next += 1;
            let (give, turn) = oneshot::channel();
            inner.waiting.insert(place, give);
            (place, turn)
        };
        let waiting = Waiting { inner: &self.inner, place };
        let turn = timeout_at(until, turn).await;
        drop(waiting);
        turn.ok()?.ok()
    }
}

/// A place in the queue, given up also where the wait is cut short.
struct Waiting<'a> {
    inner: &'a Mutex<Inner>,
    place: (Weight, u64),
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let given_up = lock(self.inner).waiting.remove(&self.place);
        drop(given_up);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(shared) = self.inner.take() else { return };
        loop {
            let next = {
                let mut inner = lock(&shared);
                let next = inner.waiting.pop_first();
                if next.is_none() {
                    inner.busy = false;
                }
                next
            };
            let Some((_, give)) = next else { return };
            match give.send(Self { inner: Some(Arc::clone(&shared)) }) {
                Ok(()) => return,
                // Whoever waited has gone; taken apart, so that its drop does not start this again.
                Err(mut turn) => drop(turn.inner.take()),
            }
        }
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_is_pressing_goes_before_what_waited_longer() {
        let door = Turnstile::default();
        let late = Instant::now() + Duration::from_secs(5);
        let held = door.enter(Weight::Pressing, late).await.unwrap();
        let order = Mutex::new(Vec::new());
        let pass = async |weight: Weight, name: &'static str| {
            let turn = door.enter(weight, late).await;
            order.lock().unwrap().push(name);
            drop(turn);
        };
        let release = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            drop(held);
        };
        tokio::join!(
            pass(Weight::Cosmetic, "a comment"),
            pass(Weight::Cosmetic, "another comment"),
            pass(Weight::Pressing, "a merge"),
            release
        );
        assert_eq!(*order.lock().unwrap(), ["a merge", "a comment", "another comment"]);
    }

    #[tokio::test]
    async fn one_that_gave_up_waiting_holds_nobody_back() {
        let door = Turnstile::default();
        let held = door.enter(Weight::Pressing, Instant::now()).await.unwrap();
        assert!(door.enter(Weight::Pressing, Instant::now() + Duration::from_millis(20)).await.is_none());
        let cut_short = tokio::time::timeout(
            Duration::from_millis(20),
            door.enter(Weight::Pressing, Instant::now() + Duration::from_secs(9)),
        );
        assert!(cut_short.await.is_err());
        drop(held);
        assert!(door.enter(Weight::Cosmetic, Instant::now() + Duration::from_secs(1)).await.is_some());
    }
}
