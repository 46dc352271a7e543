//! Which store to use, and how to open it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::embedded::Embedded;
use super::redis::Redis;
use super::{Store, StoreError};

/// How long a delivery id is remembered unless set otherwise: as long as GitHub redelivers.
pub const WINDOW: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Where everything is kept. `window`: how long a delivery id is remembered at least, see [`WINDOW`].
#[derive(Clone, PartialEq, Eq)]
pub enum Settings {
    /// In a directory of this machine, for one process.
    Embedded {
        /// Made if it is missing.
        directory: PathBuf,
        /// See above.
        window: Duration,
    },
    /// In Redis, for any number of replicas.
    Redis {
        /// `redis://`, `rediss://` or `redis+unix://`; several name nodes of one cluster.
        urls: Vec<String>,
        /// Whether a single URL too names a node of a cluster.
        cluster: bool,
        /// See above.
        window: Duration,
    },
}

/// Without the URLs, which may hold a password.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded { directory, window } => {
                f.debug_struct("Embedded").field("directory", directory).field("window", window).finish()
            }
            Self::Redis { urls, cluster, window } => f
                .debug_struct("Redis")
                .field("urls", &urls.len())
                .field("cluster", cluster)
                .field("window", window)
                .finish(),
        }
    }
}

/// Opens the store. With Redis, settings that could lose accepted deliveries are logged as warnings.
///
/// # Errors
/// `Unavailable` if another process has the directory, the disk refuses or nothing answers at the URLs; `Unreadable` if a newer release
/// wrote what is there.
pub async fn open(settings: Settings) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match settings {
        Settings::Embedded { directory, window } => Arc::new(Embedded::open(&directory, window).await?),
        Settings::Redis { urls, cluster, window } => Arc::new(Redis::open(&urls, cluster, window).await?),
    })
}
