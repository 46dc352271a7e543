//! The wire between GitHub and the App: webhooks, faults, limits, and the log of calls.

use std::collections::BTreeMap;
use std::time::Duration;

use super::GitHub;
use crate::sim::hooks::{Delivery, Disorder};
use crate::sim::http::{CallRecord, Endpoint, Fault};

impl GitHub {
    /// Sets where webhooks are sent; what has been queued so far is sent there too.
    pub fn set_webhook_url(&self, url: &str) {
        let mut state = self.lock();
        state.hooks.url = Some(url.into());
        state.hooks.changed.notify_waiters();
    }

    /// Sets the webhook secret.
    pub fn set_webhook_secret(&self, secret: &str) {
        self.lock().hooks.secret = secret.into();
    }

    /// Sends a `ping`, as GitHub does when a hook is made.
    pub fn ping(&self) {
        self.lock().emit_ping();
    }

    /// Disturbs deliveries from now on; [`Disorder::default`] ends it.
    pub fn disturb(&self, disorder: Disorder) {
        self.lock().hooks.disorder = disorder;
    }

    /// Keeps deliveries back until they are released.
    pub fn hold_deliveries(&self) {
        self.lock().hooks.held = true;
    }

    /// Sends what was held, in order.
    pub fn release_deliveries(&self) {
        self.release_deliveries_as(|held| held);
    }

    /// Sends what was held as the closure arranges it: reordered, repeated, shortened.
    pub fn release_deliveries_as(&self, arrange: impl FnOnce(Vec<Delivery>) -> Vec<Delivery>) {
        let mut state = self.lock();
        let held = state.hooks.queue.drain(..).collect();
        state.hooks.queue = arrange(held).into();
        state.hooks.held = false;
        state.hooks.changed.notify_waiters();
    }

    /// Deliveries that wait to be sent.
    #[must_use]
    pub fn waiting_deliveries(&self) -> Vec<Delivery> {
        self.lock().hooks.queue.iter().cloned().collect()
    }

    /// The delivery log, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.lock().hooks.log.iter().cloned().collect()
    }

    /// How many deliveries were sent since the start, whatever became of them; the log forgets the oldest.
    #[must_use]
    pub fn deliveries_sent(&self) -> u64 {
        self.lock().hooks.sent
    }

    /// Sends a logged delivery again under its own GUID, as asked for in the App's settings; `false` for one that is not in the log.
    pub fn redeliver(&self, delivery: u64) -> bool {
        self.act(|state| {
            let (new_id, now) = (state.next_id(), state.now());
            state.hooks.redeliver(delivery, new_id, now)
        })
    }

    /// Waits until nothing is left to send; what is held does not count.
    pub async fn deliveries_idle(&self) {
        let changed = self.lock().hooks.changed.clone();
        loop {
            let notified = changed.notified();
            tokio::pin!(notified);
            // Registered before looking, so that what ends in between is not missed.
            notified.as_mut().enable();
            if self.lock().hooks.is_idle() {
                return;
            }
            notified.await;
        }
    }

    /// Makes the next call of this kind fail.
    pub fn fails_next(&self, endpoint: Endpoint, fault: Fault) {
        self.fails_times(endpoint, fault, 1);
    }

    /// Makes the next so many calls of this kind fail.
    pub fn fails_times(&self, endpoint: Endpoint, fault: Fault, times: usize) {
        self.lock().faults.add(endpoint, fault, times);
    }

    /// Forgets all faults that are still due.
    pub fn heal(&self) {
        self.lock().faults.clear();
    }

    /// Uses up the primary rate limit for a while.
    pub fn exhaust_rate_limit(&self, time: Duration) {
        let mut state = self.lock();
        let until = state.now().as_second().saturating_add(i64::try_from(time.as_secs()).unwrap_or(i64::MAX));
        state.rates.exhausted_until = Some(until);
    }

    /// Makes all tokens given out so far invalid, as their expiry would.
    pub fn expire_tokens(&self) {
        self.lock().tokens.clear();
    }

    /// Sets how far GitHub's clock is ahead of the configured one when it judges a JWT, in seconds.
    pub fn set_jwt_skew(&self, seconds: i64) {
        self.lock().config.jwt_skew_seconds = seconds;
    }

    /// Sets whether `mergeable` is null on the first read after a move.
    pub fn set_mergeable_null_first(&self, null_first: bool) {
        self.lock().config.mergeable_null_first = null_first;
    }

    /// All calls so far, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<CallRecord> {
        self.lock().calls.kept.clone()
    }

    /// All calls since the last time, and forgets them.
    #[must_use]
    pub fn take_calls(&self) -> Vec<CallRecord> {
        std::mem::take(&mut self.lock().calls.kept)
    }

    /// How often each `METHOD template` was called since the start.
    #[must_use]
    pub fn call_counts(&self) -> BTreeMap<String, u64> {
        self.lock().calls.counts.clone()
    }
}
