//! The stores that a test of the whole server runs on: each such test is one case per store.

use std::sync::Arc;

use flyball::store::{Settings, Store, WINDOW};
use tempfile::TempDir;

use super::redis::Server;

/// Which store keeps everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Embedded,
    /// A real server of its own.
    Redis,
}

/// What a store lives in, until it is dropped.
pub(crate) struct Kept {
    pub(crate) directory: TempDir,
    /// None for the embedded store.
    pub(crate) redis: Option<Server>,
}

impl Keep {
    /// Room for a store that outlives a killed server process, and a killed Redis.
    pub(crate) fn room(self) -> Kept {
        let redis = (self == Self::Redis).then(|| Server::start(Some("always")));
        Kept { directory: tempfile::tempdir().unwrap(), redis }
    }
}

impl Kept {
    /// Opens the store.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        let settings = match &self.redis {
            None => Settings::Embedded { directory: self.directory.path().to_owned(), window: WINDOW },
            Some(server) => Settings::Redis { urls: vec![server.url()], cluster: false, window: WINDOW },
        };
        flyball::store::open(settings).await.unwrap()
    }
}
