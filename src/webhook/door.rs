//! Files a verified delivery in the store: durable before it is accepted.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};

use super::body::BodyReader;
use super::payload::{self, Everywhere, Filed, Ignored, Reading};
use super::{ContentType, Counters, Headers, KeysHandle, Ourselves, Outcome, Refusal};
use crate::domain::govern::RepoSeen;
use crate::domain::ids::Timestamp;
use crate::store::{Accepted, NewDelivery, Partition, Store, StoreError};

/// Where the time comes from.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long the store may take: together with reading the body it stays near GitHub's 10 seconds.
const STORE_TIME_LIMIT: Duration = Duration::from_secs(5);

/// How many entries of one delivery are stored at once: an installation may name thousands of repositories.
const ENTRIES_AT_ONCE: usize = 64;

/// The front door. Clones share everything.
#[derive(Clone)]
pub struct FrontDoor {
    store: Arc<dyn Store>,
    keys: KeysHandle,
    counters: Counters,
    now: Now,
    known: Option<Arc<dyn KnownRepositories>>,
    pub(super) bodies: BodyReader,
}

/// The repositories that are governed here: some deliveries are about all of an installation and name none.
#[async_trait]
pub trait KnownRepositories: Send + Sync {
    /// All of them, of whatever installation.
    ///
    /// # Errors
    /// `Unavailable`: the delivery is refused, and GitHub can be asked to repeat it.
    async fn repositories(&self) -> Result<Vec<RepoSeen>, StoreError>;
}

impl FrontDoor {
    /// A front door before this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, keys: KeysHandle, now: Now) -> Self {
        Self { store, keys, counters: Counters::default(), now, known: None, bodies: BodyReader::default() }
    }

    /// The same, with the repositories that are governed here.
    #[must_use]
    pub fn knowing(self, known: Arc<dyn KnownRepositories>) -> Self {
        Self { known: Some(known), ..self }
    }

    /// The keys in force, to change them while it runs.
    #[must_use]
    pub fn keys(&self) -> &KeysHandle {
        &self.keys
    }

    /// What became of deliveries.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Reads the payload of a verified delivery.
    pub(super) fn read(
        &self,
        headers: &Headers,
        content_type: ContentType,
        body: &[u8],
        ourselves: &Ourselves,
    ) -> Result<Reading, Refusal> {
        let json = content_type.payload(body)?;
        payload::read(headers, &json, ourselves, (self.now)()).map_err(|error| {
            // Neither the text nor serde's message, which may quote it: only where it stopped making sense.
            tracing::warn!(
                json.line = error.line(),
                json.column = error.column(),
                "a signed delivery is not valid JSON"
            );
            Refusal::Malformed("the payload is not a JSON object")
        })
    }

    /// Files what was read. It is durable when this returns; a repeated delivery is found out by its id and changes nothing.
    ///
    /// # Errors
    /// [`Refusal::Unstored`]: some of it may not be durable. Delivered again, what is missing is added.
    pub(super) async fn file(&self, reading: Reading) -> Result<Outcome, Refusal> {
        let filed = match reading {
            Reading::Filed(filed) => filed,
            Reading::Everywhere(everywhere) => self.named(&everywhere).await?,
            Reading::Ignored(Ignored::Unneeded) => return Ok(Outcome::Ignored),
            Reading::Ignored(Ignored::Ours) => return Ok(Outcome::Ours),
            Reading::Ignored(Ignored::Incomplete(what)) => {
                tracing::warn!(what, "a delivery lacks what is needed of it and was left out");
                return Ok(Outcome::Incomplete);
            }
        };
        let storing = stream::iter(filed)
            .map(|entry| self.accept(entry))
            .buffer_unordered(ENTRIES_AT_ONCE)
            .try_fold(Outcome::Duplicate, async |whole, one| {
                Ok(if one == Accepted::New { Outcome::Accepted } else { whole })
            });
        match tokio::time::timeout(STORE_TIME_LIMIT, storing).await {
            Ok(stored) => stored.map_err(|error| Refusal::Unstored(error.to_string())),
            Err(_) => Err(Refusal::Unstored("the store did not answer in time".to_owned())),
        }
    }

    /// An entry for each repository that is known.
    async fn named(&self, everywhere: &Everywhere) -> Result<Vec<Filed>, Refusal> {
        let Some(known) = &self.known else { return Ok(Vec::new()) };
        let known = tokio::time::timeout(STORE_TIME_LIMIT, known.repositories()).await;
        let known = known.map_err(|_| Refusal::Unstored("the store did not answer in time".to_owned()))?;
        let known = known.map_err(|error| Refusal::Unstored(error.to_string()))?;
        Ok(known.into_iter().map(|repo| everywhere.at(repo)).collect())
    }

    async fn accept(&self, entry: Filed) -> Result<Accepted, StoreError> {
        let body = serde_json::to_vec(&entry.delivered)
            .map_err(|error| StoreError::Unreadable { what: "a delivery".to_owned(), why: error.to_string() })?;
        let partition = Partition::of(entry.delivered.repo.id);
        self.store.accept(NewDelivery { partition, id: entry.id, body: body.into() }).await
    }
}
