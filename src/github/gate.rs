//! The gate of an installation: after a limit no request starts before its time. "Going on while limited may get the App banned"
//! (FACTS R3).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::wire::{Limit, Reply};

/// GitHub counts REST and GraphQL apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bucket {
    /// REST.
    Core,
    /// GraphQL.
    Graphql,
}

/// The wait after a secondary limit that names none; it doubles with every further one.
const UNNAMED_WAIT: u32 = 60;
/// How often it doubles.
const MOST_DOUBLINGS: u32 = 5;

/// When requests may start again.
#[derive(Debug, Default)]
pub(super) struct Gate {
    inner: Mutex<Times>,
}

#[derive(Debug, Default)]
struct Times {
    all: Option<Instant>,
    core: Option<Instant>,
    graphql: Option<Instant>,
    /// Unnamed limits in a row.
    strikes: u32,
}

impl Gate {
    /// Seconds until a request of this kind may start, if it may not now.
    pub(super) fn closed(&self, bucket: Bucket) -> Option<u32> {
        let times = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let own = match bucket {
            Bucket::Core => times.core,
            Bucket::Graphql => times.graphql,
        };
        let until = times.all.max(own)?;
        let rest = until.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero())?;
        Some(whole_seconds(rest))
    }

    /// Learns from a reply. Gives the seconds to wait where the reply is a limit.
    pub(super) fn learn(&self, bucket: Bucket, reply: &Reply) -> Option<u32> {
        let mut times = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = reply.limit();
        let seconds = match limit {
            None => {
                if reply.status.is_success() {
                    times.strikes = 0;
                    // The last request of the hour: the next one would be refused.
                    if let Some(seconds) = reply.used_up() {
                        times.close(bucket, seconds);
                    }
                }
                return None;
            }
            Some(Limit::Bucket { seconds }) => {
                times.close(bucket, seconds);
                seconds
            }
            Some(Limit::All { seconds: Some(seconds) }) => {
                times.all = later(times.all, seconds);
                seconds
            }
            Some(Limit::All { seconds: None }) => {
                let seconds = UNNAMED_WAIT << times.strikes.min(MOST_DOUBLINGS);
                times.strikes = times.strikes.saturating_add(1);
                times.all = later(times.all, seconds);
                seconds
            }
        };
        Some(seconds)
    }

    /// Closes one kind: GraphQL says so within a 200.
    pub(super) fn close(&self, bucket: Bucket, seconds: u32) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).close(bucket, seconds);
    }
}

impl Times {
    fn close(&mut self, bucket: Bucket, seconds: u32) {
        let place = match bucket {
            Bucket::Core => &mut self.core,
            Bucket::Graphql => &mut self.graphql,
        };
        *place = later(*place, seconds);
    }
}

fn later(known: Option<Instant>, seconds: u32) -> Option<Instant> {
    known.max(Some(Instant::now() + Duration::from_secs(u64::from(seconds))))
}

fn whole_seconds(rest: Duration) -> u32 {
    u32::try_from(rest.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}
