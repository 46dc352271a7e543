//! What pages, the JSON API and the command line read: always from the store, so that any replica can answer for any repository.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::archive;
use super::keys::{self, NAMES};
use crate::domain::flow::Course;
use crate::domain::govern::{Space, State};
use crate::domain::ids::{PrNumber, RepoId, Timestamp, UnitKey};
use crate::store::{Parked, Partition, Pending, Store, StoreError};

/// Partitions that are asked at once.
const SIDE_BY_SIDE: usize = 32;
/// A name that is not found is looked for again in the store at most this often.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A repository that is governed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: RepoId,
    /// `owner/name` as last heard.
    pub full_name: String,
    /// Since when it is known by that name.
    pub since: Timestamp,
}

/// Reads what the worker keeps. Cheap to share.
pub struct Reader {
    store: Arc<dyn Store>,
    names: Mutex<Names>,
}

#[derive(Default)]
struct Names {
    by_name: BTreeMap<String, RepoId>,
    read: Option<Instant>,
}

#[derive(Deserialize)]
struct NameEntry {
    full_name: String,
    since: Timestamp,
}

/// The name in a stored entry of the index.
pub(super) fn name_in(stored: &[u8]) -> Option<String> {
    serde_json::from_slice::<NameEntry>(stored).ok().map(|entry| entry.full_name)
}

impl Reader {
    /// Reads from `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, names: Mutex::default() }
    }

    /// Every repository ever seen, by name.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer.
    pub async fn repositories(&self) -> Result<Vec<Known>, StoreError> {
        let mut known: Vec<Known> = stream::iter(Partition::all())
            .map(|partition| self.store.load(partition, NAMES))
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect::<Vec<_>>()
            .await?
            .into_iter()
            .flatten()
            .filter_map(|(id, stored)| {
                let entry: NameEntry = serde_json::from_slice(&stored).ok()?;
                Some(Known { id: RepoId(id.parse().ok()?), full_name: entry.full_name, since: entry.since })
            })
            .collect();
        known.sort_by(|a, b| (&a.full_name, b.since, a.id).cmp(&(&b.full_name, a.since, b.id)));
        Ok(known)
    }

    /// The repository of this name, upper or lower case. Where two had it, the one that was heard of last under it.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer.
    pub async fn find(&self, full_name: &str) -> Result<Option<RepoId>, StoreError> {
        let wanted = full_name.to_lowercase();
        let mut names = self.names.lock().await;
        if let Some(id) = names.by_name.get(&wanted).copied() {
            // It may have been renamed since, and its name given to another.
            let stored = self.store.get(Partition::of(id), NAMES, &id.to_string()).await?;
            if stored.as_deref().and_then(name_in).is_some_and(|name| name.to_lowercase() == wanted) {
                return Ok(Some(id));
            }
            names.read = None;
        }
        if names.read.is_none_or(|read| read.elapsed() >= LOOK_AGAIN) {
            let mut known = self.repositories().await?;
            known.sort_by_key(|known| known.since);
            names.by_name = known.into_iter().map(|known| (known.full_name.to_lowercase(), known.id)).collect();
            names.read = Some(Instant::now());
        }
        Ok(names.by_name.get(&wanted).copied())
    }

    /// A repository as it is governed now; `None` if it was never seen.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer. `Unreadable`: another build wrote it.
    pub async fn state(&self, repo: RepoId) -> Result<Option<State>, StoreError> {
        Self::restore(&self.live(repo).await?)
    }

    /// The state that these fields hold.
    ///
    /// # Errors
    /// `Unreadable`: another build wrote them.
    pub fn restore(live: &[(String, Bytes)]) -> Result<Option<State>, StoreError> {
        let unreadable =
            |(what, why): (String, serde_json::Error)| StoreError::Unreadable { what, why: why.to_string() };
        State::restore(live).map_err(unreadable)
    }

    /// The fields of a repository's live space.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer.
    pub async fn live(&self, repo: RepoId) -> Result<Vec<(String, Bytes)>, StoreError> {
        self.store.load(Partition::of(repo), &keys::space(repo, Space::Live)).await
    }

    /// A unit that landed or was withdrawn, as stored.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer.
    pub async fn closed_unit(&self, unit: UnitKey) -> Result<Option<Bytes>, StoreError> {
        let space = keys::space(unit.repo, Space::Closed);
        self.store.get(Partition::of(unit.repo), &space, &keys::closed_field(unit.number)).await
    }

    /// Every closed unit of a repository, as stored, by number.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer.
    pub async fn closed_units(&self, repo: RepoId) -> Result<BTreeMap<PrNumber, Bytes>, StoreError> {
        let fields = self.store.load(Partition::of(repo), &keys::space(repo, Space::Closed)).await?;
        Ok(fields.into_iter().filter_map(|(field, stored)| Some((keys::number_in(&field)?, stored))).collect())
    }

    /// What is measured of the closed units of a repository, by number; what this build cannot read is left out.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer.
    pub async fn courses(&self, repo: RepoId) -> Result<BTreeMap<PrNumber, Course>, StoreError> {
        let fields = self.store.load(Partition::of(repo), &keys::space(repo, Space::Flow)).await?;
        let course = |(field, stored): (String, Bytes)| {
            let number = field.strip_prefix("u:")?.parse().ok()?;
            Some((PrNumber(number), serde_json::from_slice(&stored).ok()?))
        };
        Ok(fields.into_iter().filter_map(course).collect())
    }

    /// A unit's trace from entry `from` on (the first is 1), at most `max` entries, each one line of JSON; also of one that is archived.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer. `Unreadable`: what was archived is damaged.
    pub async fn trace(&self, unit: UnitKey, from: u64, max: usize) -> Result<Vec<Bytes>, StoreError> {
        archive::whole(self.store.as_ref(), unit, from, max).await
    }

    /// Every dead letter, with its partition.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer.
    pub async fn dead_letters(&self) -> Result<Vec<(Partition, Parked)>, StoreError> {
        let asked = stream::iter(Partition::all()).map(|partition| async move {
            let parked = self.store.parked(partition).await?;
            Ok::<_, StoreError>(parked.into_iter().map(move |parked| (partition, parked)))
        });
        let parked: Vec<_> = asked.buffered(SIDE_BY_SIDE).try_collect().await?;
        Ok(parked.into_iter().flatten().collect())
    }

    /// Puts a dead letter back into its inbox; false if there is none of that id.
    ///
    /// # Errors
    /// `Unavailable`: the outcome is unknown, look again.
    pub async fn redrive(&self, id: &str) -> Result<bool, StoreError> {
        let found = self.dead_letters().await?.into_iter().find(|(_, parked)| parked.id == id);
        match found {
            Some((partition, _)) => self.store.redrive(partition, id).await,
            None => Ok(false),
        }
    }

    /// How much waits by `now`, in all partitions together.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer.
    pub async fn pending(&self, now: Timestamp) -> Result<Pending, StoreError> {
        stream::iter(Partition::all())
            .map(|partition| self.store.pending(partition, now))
            .buffer_unordered(SIDE_BY_SIDE)
            .try_fold(Pending::default(), |all, one| async move {
                Ok(Pending {
                    inbox: all.inbox + one.inbox,
                    owed: all.owed + one.owed,
                    timers: all.timers + one.timers,
                    parked: all.parked + one.parked,
                })
            })
            .await
    }
}
