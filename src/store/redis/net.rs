//! A connection to a cluster, and the way to replace it.
//!
//! The crate's connection follows nodes that move, die and come back, most of the time: after a node that hung, or several that died one
//! after the other, it may stay silent for good (redis-rs issues 1953 and 2277 tell of the like; our chaos test met it). So an answer that
//! does not come in time is a reason to dial anew, beside the work.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use redis::RedisError;
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use tokio::sync::Mutex;

use super::link::{CONNECT, OVERALL, RESPONSE, limited, told};
use crate::store::StoreError;

/// A node that is away makes many answers late: the connection is replaced no more often than this.
const REST: Duration = Duration::from_secs(5);

/// A connection to a cluster that many tasks share.
pub(super) struct Net {
    client: ClusterClient,
    live: RwLock<ClusterConnection>,
    /// When it was dialled last; held by whoever dials.
    dialled: Mutex<Instant>,
}

impl Net {
    pub(super) async fn open(urls: &[String]) -> Result<Self, StoreError> {
        let client = client(urls).map_err(|error| told(&error))?;
        let live = limited(OVERALL, client.get_async_connection()).await?.map_err(|error| told(&error))?;
        Ok(Self { client, live: RwLock::new(live), dialled: Mutex::new(Instant::now()) })
    }

    pub(super) fn connection(&self) -> ClusterConnection {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the connection after an answer that did not come in time. The caller is not kept: it has waited long enough.
    pub(super) fn heed<T>(self: &Arc<Self>, answer: &Result<Result<T, RedisError>, StoreError>) {
        let late = match answer {
            Ok(Ok(_)) => false,
            Ok(Err(error)) => error.is_timeout() || error.is_io_error(),
            Err(_) => true,
        };
        if late {
            let net = Arc::clone(self);
            tokio::spawn(async move { net.dial_anew().await });
        }
    }

    async fn dial_anew(&self) {
        let Ok(mut dialled) = self.dialled.try_lock() else { return };
        if dialled.elapsed() < REST {
            return;
        }
        if let Ok(Ok(connection)) = limited(OVERALL, self.client.get_async_connection()).await {
            tracing::info!("the connection to the Redis Cluster was silent and is replaced");
            *self.live.write().unwrap_or_else(PoisonError::into_inner) = connection;
        }
        *dialled = Instant::now();
    }
}

fn client(urls: &[String]) -> Result<ClusterClient, RedisError> {
    ClusterClientBuilder::new(urls.iter().map(String::as_str))
        .connection_timeout(CONNECT)
        .response_timeout(RESPONSE)
        .overall_response_timeout(Some(OVERALL))
        .retries(8)
        .min_retry_wait(20)
        .max_retry_wait(500)
        .build()
}
