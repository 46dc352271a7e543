//! Files what a person said on a page: through the same inbox as GitHub's deliveries, durable before the page answers.

use crate::domain::govern::{Delivered, Event, PageSaid, RepoSeen};
use crate::domain::ids::RepoId;
use crate::store::{Accepted, NewDelivery, Partition, Store, StoreError};

/// Keeps it until it is worked. Said twice under one id by one person it is said once.
///
/// # Errors
/// `Unavailable`: nobody knows whether it was kept; say it again under the same id.
pub async fn file(store: &dyn Store, repo: RepoId, full_name: &str, said: PageSaid) -> Result<Accepted, StoreError> {
    let seen = RepoSeen { id: repo, full_name: full_name.to_owned(), default_branch: None, private: None };
    // GitHub's own ids are GUIDs, so none of them is this one.
    let id = format!("{}/{repo}/{}", said.key(), said.number);
    let delivered = Delivered {
        installation: None,
        repo: seen,
        sender: Some(said.by.clone()),
        received_at: said.at,
        event: Event::Page(said),
    };
    let body = serde_json::to_vec(&delivered).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    store.accept(NewDelivery { partition: Partition::of(repo), id, body: body.into() }).await
}
