//! What the program itself has to remember beside its repositories, kept in partition 0 and written by whoever holds that.

use std::sync::Arc;

use bytes::Bytes;

use super::directory::Directory;
use crate::store::{Batch, Partition, Put, Store, StoreError};

/// Where it is kept.
const PLACE: Partition = Partition::numbered(0);

/// Reads and writes one space of partition 0. Only one replica at a time can write.
#[derive(Clone)]
pub struct Notebook {
    store: Arc<dyn Store>,
    directory: Arc<Directory>,
    space: &'static str,
}

impl Notebook {
    pub(super) fn new(store: Arc<dyn Store>, directory: Arc<Directory>, space: &'static str) -> Self {
        Self { store, directory, space }
    }

    /// Whether this replica is the one that writes now.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.directory.holds(PLACE)
    }

    /// Everything in it, in the order of the names.
    ///
    /// # Errors
    /// `Unavailable`: the store does not answer.
    pub async fn read(&self) -> Result<Vec<(String, Bytes)>, StoreError> {
        self.store.load(PLACE, self.space).await
    }

    /// Writes these in one step; `None` deletes. False where it could not be kept: another replica writes now, or this one is stopping.
    pub async fn write(&self, entries: impl IntoIterator<Item = (String, Option<Bytes>)>) -> bool {
        let puts = entries.into_iter().map(|(field, value)| Put { space: self.space.to_owned(), field, value });
        self.directory.keep(PLACE, Batch { puts: puts.collect(), ..Batch::default() }).await
    }
}
