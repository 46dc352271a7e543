//! Asks for a reconcile: each known repository is compared with GitHub, and differences come in as ordinary events.

use std::sync::Arc;
use std::time::Duration;

use super::clock::Clock;
use super::read::{Known, Reader};
use crate::domain::govern::{Delivered, Event, RepoSeen};
use crate::domain::ids::Timestamp;
use crate::store::{Accepted, NewDelivery, Partition, Store, StoreError};

/// Files the wish to look at a whole repository again. The id holds the minute: asking often within one asks once.
///
/// # Errors
/// `Unavailable`: nothing was filed, ask again.
pub async fn ask(store: &dyn Store, repo: &Known, now: Timestamp) -> Result<Accepted, StoreError> {
    let seen = RepoSeen { id: repo.id, full_name: repo.full_name.clone(), default_branch: None, private: None };
    let delivered =
        Delivered { installation: None, repo: seen, sender: None, received_at: now, event: Event::Reconcile };
    let body = serde_json::to_vec(&delivered).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let id = format!("reconcile/{}/{}", repo.id, now.as_second() / 60);
    store.accept(NewDelivery { partition: Partition::of(repo.id), id, body: body.into() }).await
}

/// Asks for every known repository, again and again.
pub async fn repeat(store: Arc<dyn Store>, clock: Arc<dyn Clock>, every: Duration) {
    let reader = Reader::new(Arc::clone(&store));
    loop {
        let at = clock.now().saturating_add(every).unwrap_or(Timestamp::MAX);
        clock.sleep_until(at).await;
        match reader.repositories().await {
            Ok(known) => {
                for repo in known {
                    if let Err(error) = ask(&*store, &repo, clock.now()).await {
                        tracing::warn!(repo.id = %repo.id, %error, "no reconcile could be asked for");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "no reconcile: the repositories cannot be listed"),
        }
    }
}
