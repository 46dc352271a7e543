//! One way to ask a Redis or a Redis Cluster: every question has a time limit, a lost connection is dialled again by itself.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, ServerErrorKind};
use tokio::sync::Mutex;

use super::net::Net;
use super::scripts::Script;
use crate::store::StoreError;

/// An attempt to connect ends after this.
pub(super) const CONNECT: Duration = Duration::from_secs(2);
/// A command without an answer counts as failed after this: well within the ten seconds that GitHub waits for the intake.
pub(super) const RESPONSE: Duration = Duration::from_secs(3);
/// With a cluster, redirections and retries included.
pub(super) const OVERALL: Duration = Duration::from_secs(6);
/// After a failed attempt to connect, all fail at once for this long, so that a dead host does not make callers queue.
const PAUSE: Duration = Duration::from_millis(100);
/// Commands that may wait for the socket; they leave in as few packets as they fit in.
const PIPELINE: usize = 1024;

/// A connection that many tasks share.
pub(super) enum Link {
    /// One server, or a primary behind one address.
    Single(Box<Line>),
    /// A cluster.
    Cluster(Arc<Net>),
}

impl Link {
    /// Connects, to a cluster if `cluster` or if there are several URLs.
    pub(super) async fn open(urls: &[String], cluster: bool) -> Result<Self, StoreError> {
        if cluster || urls.len() > 1 {
            return Ok(Self::Cluster(Arc::new(Net::open(urls).await?)));
        }
        let url = urls.first().ok_or_else(|| StoreError::Unavailable("no Redis URL is given".into()))?;
        let line = Line::new(Client::open(url.as_str()).map_err(|error| told(&error))?);
        line.connection().await?;
        Ok(Self::Single(Box::new(line)))
    }

    /// Asks and reads the answer.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        self.attempt(command).await?.map_err(|error| told(&error))
    }

    /// Runs a script: by its digest, and by its text if the server has not met it, as after a restart.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[Vec<u8>],
        args: &[&[u8]],
    ) -> Result<T, StoreError> {
        match self.attempt(&script.by_digest(keys, args)).await? {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.ask(&script.by_text(keys, args)).await
            }
            answer => answer.map_err(|error| told(&error)),
        }
    }

    /// Asks several things of one partition in one round trip.
    pub(super) async fn ask_all<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, StoreError> {
        match self {
            Self::Cluster(net) => {
                let answer = limited(OVERALL, pipeline.query_async(&mut net.connection())).await;
                net.heed(&answer);
                answer?.map_err(|error| told(&error))
            }
            Self::Single(line) => {
                let (number, mut connection) = line.connection().await?;
                let answer = limited(OVERALL, pipeline.query_async(&mut connection)).await;
                line.heed(number, &answer);
                answer?.map_err(|error| told(&error))
            }
        }
    }

    async fn attempt<T: FromRedisValue>(&self, command: &Cmd) -> Result<Result<T, RedisError>, StoreError> {
        match self {
            Self::Cluster(net) => {
                let answer = limited(OVERALL, command.query_async(&mut net.connection())).await;
                net.heed(&answer);
                answer
            }
            Self::Single(line) => {
                let (number, mut connection) = line.connection().await?;
                let answer = limited(OVERALL, command.query_async(&mut connection)).await;
                line.heed(number, &answer);
                answer
            }
        }
    }
}

/// A connection to one server and the way to replace it.
///
/// The crate's connection manager would do, but it keeps a failed attempt for ever if the failure was the server's word, such as
/// "max number of clients reached", and holds callers while it retries; the intake wants to fail at once and try anew.
pub(super) struct Line {
    client: Client,
    settings: AsyncConnectionConfig,
    live: RwLock<Live>,
    dialling: Mutex<Option<(Instant, String)>>,
}

/// The connection in use, if there is one, and how many there have been.
#[derive(Default)]
struct Live {
    number: u64,
    connection: Option<MultiplexedConnection>,
}

impl Line {
    fn new(client: Client) -> Self {
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(RESPONSE))
            .set_pipeline_buffer_size(PIPELINE);
        Self { client, settings, live: RwLock::default(), dialling: Mutex::new(None) }
    }

    fn live(&self) -> Option<(u64, MultiplexedConnection)> {
        let live = self.live.read().unwrap_or_else(PoisonError::into_inner);
        live.connection.clone().map(|connection| (live.number, connection))
    }

    /// The live connection with its number, or a new one. One task dials, the others take what it gets.
    async fn connection(&self) -> Result<(u64, MultiplexedConnection), StoreError> {
        if let Some(live) = self.live() {
            return Ok(live);
        }
        let mut failed = self.dialling.lock().await;
        if let Some(live) = self.live() {
            return Ok(live);
        }
        if let Some((_, why)) = failed.as_ref().filter(|(when, _)| when.elapsed() < PAUSE) {
            return Err(StoreError::Unavailable(why.clone()));
        }
        match limited(CONNECT, self.client.get_multiplexed_async_connection_with_config(&self.settings)).await {
            Ok(Ok(connection)) => {
                *failed = None;
                let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
                live.number += 1;
                live.connection = Some(connection.clone());
                Ok((live.number, connection))
            }
            Ok(Err(error)) => {
                *failed = Some((Instant::now(), error.to_string()));
                Err(told(&error))
            }
            Err(error) => {
                *failed = Some((Instant::now(), "connecting takes too long".into()));
                Err(error)
            }
        }
    }

    /// Drops the connection after an answer that says it is of no use: closed, silent, or to a server that is no primary any more.
    fn heed<T>(&self, number: u64, answer: &Result<Result<T, RedisError>, StoreError>) {
        let lost = match answer {
            Ok(Ok(_)) => false,
            Ok(Err(error)) => {
                error.is_unrecoverable_error()
                    || error.is_io_error()
                    || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
            }
            Err(_) => true,
        };
        if lost {
            let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
            if live.number == number {
                live.connection = None;
            }
        }
    }
}

pub(super) async fn limited<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, StoreError> {
    tokio::time::timeout(limit, work).await.map_err(|_| StoreError::Unavailable("no answer in time".into()))
}

/// What a caller can do about an error of Redis: almost always, try again later.
pub(super) fn told(error: &RedisError) -> StoreError {
    let contradicts = error.kind() == ErrorKind::UnexpectedReturnType || error.code() == Some("WRONGTYPE");
    if contradicts {
        return StoreError::Unreadable { what: "a value".into(), why: error.to_string() };
    }
    StoreError::Unavailable(error.to_string())
}
