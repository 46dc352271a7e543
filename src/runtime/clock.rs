//! Time as a port: the domain is handed `now`, the worker waits for what falls due, and tests and the demo set both.
//!
//! Only *domain* time goes through here: what is due, when something was received. Deadlines of calls, leases and backoffs are
//! matters between this machine and others whose clocks nobody can set; they run on tokio's monotonic time.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::domain::ids::Timestamp;

/// Tells the time and waits for a time.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// Now, UTC.
    fn now(&self) -> Timestamp;

    /// Returns when [`Clock::now`] has reached `at`; at once if it has.
    async fn sleep_until(&self, at: Timestamp);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// How long the system clock is trusted to run straight: a wall clock may be set while we sleep.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port that everything else takes the time from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep_until(&self, at: Timestamp) {
        // A negative rest does not convert: then it is time.
        while let Ok(rest) = Duration::try_from(at.duration_since(self.now())) {
            if rest.is_zero() {
                return;
            }
            tokio::time::sleep(rest.min(LOOK_AGAIN)).await;
        }
    }
}

/// A clock that stands until it is set.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<Timestamp>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { now: watch::Sender::new(now) }
    }

    /// Sets it and wakes whoever waited for that time.
    pub fn set(&self, now: Timestamp) {
        self.now.send_replace(now);
    }

    /// Moves it forward; stops at the end of time.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now = now.saturating_add(by).unwrap_or(Timestamp::MAX));
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, at: Timestamp) {
        // The sender lives as long as `self`, so waiting cannot fail.
        drop(self.now.subscribe().wait_for(|now| *now >= at).await);
    }
}
