//! What a story takes place in: GitHub, the store, the time, chance, and the record of all that happened.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use flyball::domain::ids::{RepoId, Timestamp};
use flyball::runtime::clock::Clock;
use flyball::sim::{GitHub, SimConfig};
use flyball::stage::SECRET;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::chance::Chance;
use crate::memory::Memory;
use crate::model::Model;
use crate::replica::Replica;

/// Domain time on tokio's virtual time: both move together.
pub(crate) struct Virtual {
    start: Timestamp,
    origin: Instant,
}

#[async_trait]
impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        self.start + self.origin.elapsed()
    }

    async fn sleep_until(&self, at: Timestamp) {
        while let Ok(rest) = Duration::try_from(at.duration_since(self.now())) {
            if rest.is_zero() {
                return;
            }
            tokio::time::sleep(rest).await;
        }
    }
}

/// How much happened, for the line of counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) steps: u64,
    pub(crate) deliveries: u64,
    pub(crate) calls: u64,
    pub(crate) merges: u64,
    /// Traces that were packed, and those of them that were written back.
    pub(crate) archived: (u64, u64),
    pub(crate) faults: BTreeMap<&'static str, u64>,
}

impl Counts {
    /// Adds those of another story.
    pub(crate) fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.deliveries += other.deliveries;
        self.calls += other.calls;
        self.merges += other.merges;
        self.archived.0 += other.archived.0;
        self.archived.1 += other.archived.1;
        for (kind, count) in &other.faults {
            *self.faults.entry(kind).or_default() += count;
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { steps, deliveries, calls, merges, archived: (packed, back), faults } = self;
        write!(f, "{steps} steps, {deliveries} deliveries, {calls} calls, {merges} merges, ")?;
        write!(f, "{packed} traces archived, {back} brought back; faults:")?;
        faults.iter().try_for_each(|(kind, count)| write!(f, " {kind} {count},"))?;
        write!(f, " {} in all", faults.values().sum::<u64>())
    }
}

/// What happened, line by line, and what should not have.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) lines: Vec<String>,
    pub(crate) counts: Counts,
    /// The first invariant that did not hold.
    pub(crate) violation: Option<String>,
}

/// Everything that outlives a replica.
pub(crate) struct World {
    pub(crate) github: GitHub,
    pub(crate) repo: RepoId,
    pub(crate) store: Arc<Memory>,
    pub(crate) clock: Arc<Virtual>,
    pub(crate) chance: Chance,
    pub(crate) model: Mutex<Model>,
    pub(crate) replicas: Mutex<Vec<Replica>>,
    pub(crate) deaths: mpsc::UnboundedSender<usize>,
    /// Calls to GitHub and deliveries that are under way.
    pub(crate) under_way: AtomicUsize,
    /// GitHub's clock as the App's JWT and tokens are judged by it: the machine's, which signs, as it was when the story began.
    pub(crate) signed_at: Timestamp,
    /// What GitHub hid last.
    hidden: Mutex<String>,
    story: Mutex<Story>,
}

impl World {
    /// GitHub with one repository, and nobody there yet.
    pub(crate) fn new(
        chance: Chance,
        files: flyball::sim::Files,
        ahead_seconds: i64,
        deaths: mpsc::UnboundedSender<usize>,
    ) -> Arc<Self> {
        let start = "2026-03-02T08:00:00Z".parse().unwrap();
        let clock = Arc::new(Virtual { start, origin: Instant::now() });
        let signed_at = machine_time();
        let ticking = Arc::clone(&clock);
        let ahead = jiff::SignedDuration::from_secs(ahead_seconds);
        let config = SimConfig {
            clock: Arc::new(move || ticking.now() + ahead),
            auth_clock: Arc::new(move || signed_at),
            webhook_secret: SECRET.to_owned(),
            keep_calls: false,
            ..SimConfig::default()
        };
        let github = GitHub::within(config);
        let repo = github.create_repo("acme/shop", files);
        Arc::new(Self {
            github,
            repo,
            store: Arc::default(),
            clock,
            chance,
            model: Mutex::default(),
            replicas: Mutex::default(),
            deaths,
            under_way: AtomicUsize::new(0),
            signed_at,
            hidden: Mutex::default(),
            story: Mutex::default(),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn story(&self) -> MutexGuard<'_, Story> {
        self.story.lock().unwrap()
    }

    /// Hides what is at this path from one question; false where the question before it was told the same.
    pub(crate) fn hid(&self, path: String) -> bool {
        let mut hidden = self.hidden.lock().unwrap();
        let again = *hidden == path;
        *hidden = if again { String::new() } else { path };
        !again
    }

    /// Writes down what happened.
    pub(crate) fn tell(&self, line: &str) {
        let at = self.clock.origin.elapsed().as_millis();
        self.story().lines.push(format!("{at:>9} {line}"));
    }

    /// Writes down and counts something that went wrong on purpose.
    pub(crate) fn fault(&self, kind: &'static str, line: &str) {
        self.tell(&format!("! {kind}: {line}"));
        *self.story().counts.faults.entry(kind).or_default() += 1;
    }

    /// An invariant does not hold.
    pub(crate) fn violated(&self, what: String) {
        self.tell(&format!("VIOLATED: {what}"));
        self.story().violation.get_or_insert(what);
    }

    pub(crate) fn is_violated(&self) -> bool {
        self.story().violation.is_some()
    }

    /// Something is under way until the guard is dropped.
    pub(crate) fn sets_out(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(self))
    }
}

/// Counts as under way while it lives.
pub(crate) struct UnderWay(Arc<World>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "octocrab signs with this machine's clock, and the simulated GitHub checks that"
)]
fn machine_time() -> Timestamp {
    Timestamp::now()
}
