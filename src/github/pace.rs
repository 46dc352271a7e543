//! How fast one installation may write: GitHub asks for a second between many changes, and for few creations of content (FACTS R5).

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;

use super::turn::Weight;
use crate::domain::ids::Timestamp;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How writes of one installation are paced.
#[derive(Clone)]
pub struct Pacing {
    /// What time it is.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// So many writes may go at once after a rest.
    pub burst: u32,
    /// From then on so much time lies between two.
    pub gap: Duration,
    /// So much content is created within an hour at most. A quarter of it is kept for what is pressing.
    pub per_hour: usize,
    /// A wait up to this is waited out in place; longer ones are handed back.
    pub patience: Duration,
}

impl Pacing {
    /// GitHub's figures with a margin: at most 75 writes in any minute where it allows 80 creations, 480 creations an hour where it
    /// allows 500.
    #[must_use]
    pub fn github(now: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self { now, burst: 15, gap: Duration::from_secs(1), per_hour: 480, patience: Duration::from_secs(3) }
    }
}

impl fmt::Debug for Pacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pacing")
            .field("burst", &self.burst)
            .field("gap", &self.gap)
            .field("per_hour", &self.per_hour)
            .finish_non_exhaustive()
    }
}

/// The pace of one installation.
#[derive(Debug)]
pub(super) struct Pace {
    pacing: Pacing,
    inner: Mutex<Past>,
}

#[derive(Debug, Default)]
struct Past {
    /// When the writes so far would have been over, had each taken its gap.
    over_at: Option<Timestamp>,
    /// When content was created within the last hour.
    created: VecDeque<Timestamp>,
}

impl Pace {
    pub(super) fn new(pacing: Pacing) -> Self {
        Self { pacing, inner: Mutex::default() }
    }

    pub(super) fn patience(&self) -> Duration {
        self.pacing.patience
    }

    /// How long a write of this weight has to wait now; zero if it may go.
    pub(super) fn wait(&self, weight: Weight, creates: bool) -> Duration {
        let now = (self.pacing.now)();
        let mut past = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        self.wait_of(&mut past, now, weight, creates)
    }

    /// Enters a write; or how long it has to wait.
    pub(super) fn take(&self, weight: Weight, creates: bool) -> Result<(), Duration> {
        let now = (self.pacing.now)();
        let mut past = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self.wait_of(&mut past, now, weight, creates);
        if !wait.is_zero() {
            return Err(wait);
        }
        let from = past.over_at.filter(|at| *at > now).unwrap_or(now);
        past.over_at = from.checked_add(self.pacing.gap).ok();
        if creates {
            past.created.push_back(now);
        }
        Ok(())
    }

    fn wait_of(&self, past: &mut Past, now: Timestamp, weight: Weight, creates: bool) -> Duration {
        let Pacing { burst, gap, per_hour, .. } = &self.pacing;
        let (at_once, hourly) = match weight {
            Weight::Pressing => (*burst, *per_hour),
            Weight::Cosmetic => (burst.div_ceil(2), per_hour - per_hour / 4),
        };
        let lead = *gap * at_once.saturating_sub(1);
        let ahead = past.over_at.map_or(Duration::ZERO, |at| until(now, at));
        let paced = ahead.saturating_sub(lead);
        while past.created.front().is_some_and(|at| now.duration_since(*at) >= HOUR) {
            past.created.pop_front();
        }
        let full = if creates { past.created.len().checked_sub(hourly) } else { None };
        let freed = full.and_then(|over| past.created.get(over)).and_then(|at| at.checked_add(HOUR).ok());
        paced.max(freed.map_or(Duration::ZERO, |at| until(now, at)))
    }
}

fn until(now: Timestamp, at: Timestamp) -> Duration {
    at.duration_since(now).try_into().unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pace whose clock stands at the second in the cell.
    fn pace() -> (Arc<Mutex<i64>>, Pace) {
        let second = Arc::new(Mutex::new(0));
        let clock = Arc::clone(&second);
        let now = Arc::new(move || Timestamp::from_second(*clock.lock().unwrap()).unwrap());
        (second, Pace::new(Pacing::github(now)))
    }

    /// How many go out in this second.
    fn sent(pace: &Pace, weight: Weight, creates: bool) -> usize {
        (0..100).take_while(|_| pace.take(weight, creates).is_ok()).count()
    }

    #[test]
    fn a_burst_goes_at_once_and_then_one_a_second() {
        let (second, pace) = pace();
        assert_eq!(sent(&pace, Weight::Pressing, false), 15);
        assert_eq!(pace.wait(Weight::Pressing, false), Duration::from_secs(1));
        for now in 1..=5 {
            *second.lock().unwrap() = now;
            assert_eq!(sent(&pace, Weight::Pressing, false), 1, "in second {now}");
        }
        *second.lock().unwrap() = 100;
        assert_eq!(sent(&pace, Weight::Pressing, false), 15, "after a rest");
    }

    #[test]
    fn no_minute_and_no_hour_sees_more_than_github_allows() {
        let (second, pace) = pace();
        let mut times: Vec<i64> = Vec::new();
        for now in 0..4 * 3600 {
            *second.lock().unwrap() = now;
            times.extend(std::iter::repeat_n(now, sent(&pace, Weight::Pressing, true)));
        }
        let most = |window: i64| {
            (0..times.len()).map(|at| times[..=at].iter().filter(|time| **time > times[at] - window).count()).max()
        };
        assert!(most(60) <= Some(80), "{:?} within a minute", most(60));
        assert_eq!(most(3600), Some(480));
    }

    #[test]
    fn comments_leave_room_for_what_is_pressing() {
        let (second, pace) = pace();
        assert_eq!(sent(&pace, Weight::Cosmetic, true), 8);
        assert_eq!(sent(&pace, Weight::Pressing, true), 7);
        let mut comments = 8;
        for now in 1..3500 {
            *second.lock().unwrap() = now;
            comments += sent(&pace, Weight::Cosmetic, true);
        }
        assert_eq!(comments + 7, 360, "the hour's quarter is left");
        assert!(pace.wait(Weight::Cosmetic, true) > Duration::from_secs(60));
        assert_eq!(sent(&pace, Weight::Cosmetic, false), 8, "a change of a comment creates nothing");
        *second.lock().unwrap() = 3550;
        assert!(sent(&pace, Weight::Pressing, true) > 0);
    }
}
