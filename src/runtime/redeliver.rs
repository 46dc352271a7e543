//! Finds deliveries that GitHub could not make and asks for them again; where the log does not reach back, every repository is compared.
//!
//! GitHub repeats nothing by itself (FACTS W6, W7). One replica at a time looks: the one that holds partition 0. What it asked for is
//! remembered there before it asks, so that neither a restart nor another replica asks the same again without cause:
//!
//! ```text
//! failed attempts since the last look ──> one entry per GUID ──> minus those taken meanwhile ──> remembered, then asked again, paced
//! ```
//!
//! A GUID is asked for again only once its newest attempt failed after we asked, and [`Settings::times`] times at most. The log is walked
//! page by page within bounds; what lies beyond them is left to the reconcile, which needs no delivery.

mod memory;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use self::memory::{Asked, Memory};
use super::clock::Clock;
use super::notebook::Notebook;
use super::read::Reader;
use super::reconcile;
use crate::domain::ids::Timestamp;
use crate::github::{Attempt, Attempts, DeliveryLog, GitHubError};
use crate::store::{Store, StoreError};

/// The name under which it remembers.
pub const SPACE: &str = "deliveries";
/// An attempt enters the log only once it ended, and clocks differ: so much before the last look is walked again.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// How soon a replica that does not look asks itself whether it should.
const TAKEN_OVER: Duration = Duration::from_secs(30);

/// How missed deliveries are looked for.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How often.
    pub every: Duration,
    /// After not looking for so long, every repository is compared as well: an outage loses more than what GitHub tried to deliver.
    pub away: Duration,
    /// How far the log reaches back: 3 days on github.com, 7 on Enterprise Server (FACTS W8).
    pub reaches: Duration,
    /// How often the same GUID is asked for at most.
    pub times: u32,
    /// How many GUIDs are asked for at one look; where more failed, every repository is compared.
    pub at_once: usize,
    /// How many pages of 100 failed attempts are walked at most.
    pub pages: usize,
    /// The time between two requests to deliver again.
    pub gap: Duration,
}

impl Settings {
    /// A look as often as this, GitHub's figures for the rest.
    #[must_use]
    pub const fn every(every: Duration) -> Self {
        Self {
            every,
            away: every.saturating_mul(3),
            reaches: Duration::from_secs(3 * 24 * 3600),
            times: 3,
            at_once: 1_000,
            pages: 200,
            gap: Duration::from_secs(1),
        }
    }
}

/// Is told what was found.
pub trait Counter: Send + Sync {
    /// A look ended.
    fn looked(&self, looked: &Looked);
}

impl Counter for () {
    fn looked(&self, _: &Looked) {}
}

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    /// GUIDs with a failed attempt and none that was taken.
    pub failed: usize,
    /// Those that were asked for again.
    pub asked: usize,
    /// Those that were not any more: asked for often enough, or too many.
    pub given_up: usize,
    /// Whether every repository is compared because the log cannot tell all.
    pub reconciled: bool,
}

/// Why a look did not come to an end. It is taken up again at the next one, from where the last complete one began.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// Another replica looks.
    #[error("another replica looks for missed deliveries")]
    NotOurs,
    /// GitHub did not answer, or a limit is reached.
    #[error("the delivery log could not be used")]
    GitHub(#[from] GitHubError),
    /// The store did not answer.
    #[error("what was asked before could not be read")]
    Store(#[from] StoreError),
}

/// A delivery of which no attempt was taken, as far as the log was walked.
#[derive(Debug, Clone)]
struct Failure {
    guid: String,
    /// Its newest failed attempt.
    newest: u64,
    /// When its oldest failed attempt was.
    since: Timestamp,
    /// Whether the first attempt is among those that failed.
    original: bool,
    /// Whether only the delivery itself can tell: no read shows it.
    irreplaceable: bool,
}

/// Finds what was missed.
pub struct Redeliverer {
    log: Arc<dyn DeliveryLog>,
    notebook: Notebook,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    counter: Arc<dyn Counter>,
    settings: Settings,
}

impl Redeliverer {
    /// Looks into `log`, and remembers in `notebook`.
    #[must_use]
    pub fn new(
        log: Arc<dyn DeliveryLog>,
        notebook: Notebook,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        counter: Arc<dyn Counter>,
        settings: Settings,
    ) -> Self {
        Self { log, notebook, store, clock, counter, settings }
    }

    /// Looks at once and then again and again.
    pub async fn repeat(&self) {
        loop {
            match self.look().await {
                Ok(looked) if looked.failed > 0 || looked.reconciled => {
                    tracing::info!(
                        looked.failed,
                        looked.asked,
                        looked.given_up,
                        looked.reconciled,
                        "deliveries had failed"
                    );
                }
                Ok(_) | Err(LookError::NotOurs) => {}
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                    tracing::warn!(%error, cause, "missed deliveries are looked for again later");
                }
            }
            // Whoever takes partition 0 over looks soon.
            let wait = if self.notebook.is_ours() { self.settings.every } else { self.settings.every.min(TAKEN_OVER) };
            let at = self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
            self.clock.sleep_until(at).await;
        }
    }

    /// Looks once: finds what failed since the last look and asks for it again.
    ///
    /// # Errors
    /// `NotOurs`: nothing to do here. Others: what was not asked for yet is found at the next look.
    pub async fn look(&self) -> Result<Looked, LookError> {
        if !self.notebook.is_ours() {
            return Err(LookError::NotOurs);
        }
        let began = self.clock.now();
        let reach = SignedDuration::try_from(self.settings.reaches).unwrap_or(SignedDuration::MAX);
        let horizon = began.saturating_sub(reach).unwrap_or(Timestamp::MIN);
        let memory = Memory::read(self.notebook.read().await?);
        let longest = SignedDuration::try_from(self.settings.away).unwrap_or(SignedDuration::MAX).min(reach);
        let was_away = memory.looked.is_some_and(|at| began.duration_since(at) > longest);
        let since = memory.looked.and_then(|at| at.checked_sub(OVERLAP).ok()).map_or(horizon, |at| at.max(horizon));
        let (mut failures, whole) = self.failures(since).await?;
        self.leave_out_taken(&mut failures).await?;
        let mut looked = Looked { failed: failures.len(), reconciled: was_away || !whole, ..Looked::default() };
        let mut due: Vec<Failure> =
            failures.into_values().filter(|failure| memory.is_due(failure, self.settings.times)).collect();
        looked.given_up = looked.failed - due.len();
        due.sort_by_key(|failure| (!failure.irreplaceable, failure.since, failure.newest));
        if due.len() > self.settings.at_once {
            looked.reconciled = true;
            looked.given_up += due.len() - self.settings.at_once;
            due.truncate(self.settings.at_once);
        }
        if looked.reconciled {
            self.compare_all().await?;
        }
        for failure in &due {
            self.ask_again(failure, &memory).await?;
            looked.asked += 1;
        }
        self.remember(memory.closing(began, horizon)).await?;
        self.counter.looked(&looked);
        Ok(looked)
    }

    /// The failed attempts since then, one entry per GUID, and whether that is all of them.
    async fn failures(&self, since: Timestamp) -> Result<(BTreeMap<String, Failure>, bool), LookError> {
        let mut failures = BTreeMap::new();
        let mut from = None;
        for _ in 0..self.settings.pages {
            let page = self.log.page(Attempts::Failed, from.as_deref()).await?;
            let past = page.attempts.last().is_some_and(|attempt| attempt.at < since);
            for attempt in page.attempts.into_iter().filter(|attempt| attempt.at >= since) {
                enter(&mut failures, attempt);
            }
            from = page.next;
            if past || from.is_none() {
                return Ok((failures, true));
            }
        }
        Ok((failures, false))
    }

    /// Leaves out what another attempt brought here. Walked only where something failed, and not beyond the bounds: what is asked for
    /// although it was taken is known by its GUID and changes nothing.
    async fn leave_out_taken(&self, failures: &mut BTreeMap<String, Failure>) -> Result<(), LookError> {
        let Some(since) = failures.values().map(|failure| failure.since).min() else { return Ok(()) };
        let mut from = None;
        for _ in 0..self.settings.pages {
            let page = self.log.page(Attempts::Taken, from.as_deref()).await?;
            let past = page.attempts.last().is_some_and(|attempt| attempt.at < since);
            for attempt in page.attempts {
                failures.remove(&attempt.guid);
            }
            from = page.next;
            if past || from.is_none() || failures.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// Remembers, then asks: who is interrupted in between does not ask twice.
    async fn ask_again(&self, failure: &Failure, memory: &Memory) -> Result<(), LookError> {
        let before = memory.asked.get(&failure.guid).copied();
        let asked =
            Asked { times: before.map_or(0, |asked| asked.times) + 1, newest: failure.newest, at: failure.since };
        self.remember([(failure.guid.clone(), Some(asked))]).await?;
        match self.log.ask_again(failure.newest).await {
            // The log does not reach back to it any more: the reconcile finds what it said.
            Ok(()) | Err(GitHubError::Refused { status: 404 | 410 | 422, .. }) => {}
            Err(error) => {
                self.remember([(failure.guid.clone(), before)]).await?;
                return Err(error.into());
            }
        }
        tokio::time::sleep(self.settings.gap).await;
        Ok(())
    }

    async fn remember<T: serde::Serialize>(
        &self,
        entries: impl IntoIterator<Item = (String, Option<T>)>,
    ) -> Result<(), LookError> {
        let stored = entries.into_iter().map(|(field, value)| {
            (field, value.map(|value| serde_json::to_vec(&value).expect("numbers and times have a JSON form").into()))
        });
        if self.notebook.write(stored).await { Ok(()) } else { Err(LookError::NotOurs) }
    }

    async fn compare_all(&self) -> Result<(), LookError> {
        let reader = Reader::new(Arc::clone(&self.store));
        for repo in reader.repositories().await? {
            reconcile::ask(&*self.store, &repo, self.clock.now()).await?;
        }
        Ok(())
    }
}

fn enter(failures: &mut BTreeMap<String, Failure>, attempt: Attempt) {
    let original = !attempt.again;
    match failures.entry(attempt.guid.clone()) {
        Entry::Occupied(known) => {
            let known = known.into_mut();
            known.newest = known.newest.max(attempt.id);
            known.since = known.since.min(attempt.at);
            known.original |= original;
        }
        Entry::Vacant(place) => drop(place.insert(Failure {
            guid: attempt.guid,
            newest: attempt.id,
            since: attempt.at,
            original,
            irreplaceable: matches!(attempt.action.as_deref(), Some("requested_action"))
                || attempt.event.starts_with("installation"),
        })),
    }
}
