//! One held lease, as this process sees it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::Token;

/// A lease that was taken, and until when it surely holds.
#[derive(Debug)]
pub(super) struct Held {
    /// What each commit shows.
    pub(super) token: Token,
    /// When it was taken by this process.
    pub(super) since: Instant,
    until: Mutex<Instant>,
}

impl Held {
    /// A lease that was asked for at `asked` and granted for `ttl`: counted from the asking, so that our end comes before the store's.
    pub(super) fn new(token: Token, asked: Instant, ttl: Duration) -> Self {
        Self { token, since: Instant::now(), until: Mutex::new(asked + ttl) }
    }

    /// It was renewed.
    pub(super) fn renewed(&self, asked: Instant, ttl: Duration) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = asked + ttl;
    }

    /// When it ends unless it is renewed.
    pub(super) fn until(&self) -> Instant {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long it surely holds from now on.
    pub(super) fn rest(&self) -> Duration {
        self.until().saturating_duration_since(Instant::now())
    }
}
