//! What all installations share: the App's own client, the way to GraphQL, kept answers, patience.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use octocrab::Octocrab;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};

use super::GitHubError;
use super::etags::Etags;
use super::gate::{Bucket, Gate};
use super::pace::Pacing;
use super::session::{MOST_PAGES, PAGE, numbered};
use super::wire::{Asked, Limit, Reply, Signed, send};

/// How often a failed read is asked again.
const READ_AGAIN: u32 = 2;
/// How long GraphQL is left alone after this host turned out not to serve it.
const GRAPHQL_REST: Duration = Duration::from_secs(600);

/// What all installations share.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) app_id: u64,
    pub(super) app: Octocrab,
    pub(super) graphql: Octocrab,
    pub(super) graphql_path: String,
    pub(super) timeout: Duration,
    pub(super) retry_base: Duration,
    /// How writes are paced; not at all without.
    pub(super) pacing: Option<Pacing>,
    /// The limits of what carries the App's own signature; installations have their own.
    pub(super) app_gate: Gate,
    pub(super) etags: Etags,
    pub(super) graphql_rests_until: Mutex<Option<Instant>>,
}

impl Wire {
    /// A request with the App's own signature: once more where it failed in passing.
    pub(super) async fn as_app(&self, path: &str) -> Result<Reply, GitHubError> {
        let deadline = Instant::now() + self.timeout;
        self.again(deadline, || async {
            let reply = self.exchange_as_app(Asked::get(path), deadline).await?;
            if reply.status.is_success() { Ok(reply) } else { Err(reply.refusal_of_app()) }
        })
        .await
    }

    /// One request with the App's own signature, not while GitHub has told the App to wait. Any other reply is `Ok`, whatever its
    /// status.
    pub(super) async fn exchange_as_app(&self, asked: Asked, deadline: Instant) -> Result<Reply, GitHubError> {
        if let Some(seconds) = self.app_gate.closed(Bucket::Core) {
            return Err(GitHubError::Limited { seconds });
        }
        let reply = send(&self.app, asked, Signed::App, deadline).await?;
        self.app_gate.learn(Bucket::Core, &reply);
        if matches!(reply.limit(), Some(Limit::All { seconds: None })) {
            // The wait that the gate chose, since GitHub named none.
            return Err(GitHubError::Limited { seconds: self.app_gate.closed(Bucket::Core).unwrap_or(1) });
        }
        Ok(reply)
    }

    /// Every page of a list that only the App itself may see.
    pub(super) async fn pages_as_app<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, GitHubError> {
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let reply = self.as_app(&numbered(path, page)).await?;
            let items: Vec<T> = reply.read()?;
            let more = reply.has_next().unwrap_or(items.len() >= PAGE);
            all.extend(items);
            if !more {
                return Ok(all);
            }
        }
        Err(GitHubError::Unreadable(format!("a list of more than {} entries", all.len())))
    }

    /// Asks a read again, with growing waits, while it fails in passing and time is left.
    pub(super) async fn again<T, F: Future<Output = Result<T, GitHubError>>>(
        &self,
        deadline: Instant,
        ask: impl Fn() -> F,
    ) -> Result<T, GitHubError> {
        let mut wait = self.retry_base;
        for _ in 0..READ_AGAIN {
            match ask().await {
                Err(error) if error.is_passing() && Instant::now() + wait < deadline => sleep(wait).await,
                answered => return answered,
            }
            wait *= 2;
        }
        ask().await
    }

    pub(super) fn graphql_rests(&self) -> bool {
        let until = *self.graphql_rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    pub(super) fn rest_graphql(&self) {
        *self.graphql_rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + GRAPHQL_REST);
    }
}
