//! Tells other replicas that something arrived, and hears it from them.
//!
//! Off the hot path: accepts only set a bit, and one task publishes the partitions that were marked, at most once in [`GATHER`]. Plain
//! PUBLISH reaches every subscriber of a cluster by any node. A message that gets lost costs [`LOOK`] at most, since every partition is
//! marked that often without any message.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use redis::{Client, Msg, RedisError};
use tokio::sync::Notify;

use super::link::{CONNECT, Link};
use crate::store::Partition;
use crate::store::wake::Wakes;

const CHANNEL: &str = "flyball:arrivals";
/// Arrivals within this time go into one message.
const GATHER: Duration = Duration::from_millis(5);
/// How often to look without being told, while subscribed and while not.
const LOOK: Duration = Duration::from_secs(5);
const LOOK_DEAF: Duration = Duration::from_millis(500);
/// Ahead of the partitions in each message: who sends it. Without any partition it says that somebody came or went.
const NAME_BYTES: usize = 16;

/// Where it goes what others tell.
pub(super) struct Heard {
    /// Partitions where something arrived.
    pub(super) wakes: Arc<Wakes>,
    /// Rung when somebody may have come or gone.
    pub(super) crew: Arc<Notify>,
    /// By what our own messages are known.
    pub(super) name: uuid::Uuid,
}

/// Tells the others that somebody came or went. One that does not hear it looks by itself before long.
pub(super) async fn tell_crew(link: &Link, name: uuid::Uuid) {
    if let Err(error) = link.ask::<u64>(redis::cmd("PUBLISH").arg(CHANNEL).arg(name.as_bytes())).await {
        tracing::debug!(%error, "the others were not told who is at work; they will look by themselves");
    }
}

/// Publishes what is marked in `arrived` until the task is dropped.
pub(super) async fn publish(link: Arc<Link>, arrived: Arc<Wakes>, name: uuid::Uuid) {
    let all: Vec<_> = Partition::all().collect();
    loop {
        let marked = arrived.wait(&all, Duration::from_secs(3600)).await;
        if marked.is_empty() {
            continue;
        }
        let mut message = name.as_bytes().to_vec();
        message.extend(marked.into_iter().map(Partition::number));
        if let Err(error) = link.ask::<u64>(redis::cmd("PUBLISH").arg(CHANNEL).arg(message)).await {
            tracing::debug!(%error, "arrivals were not published; the others will look by themselves");
        }
        tokio::time::sleep(GATHER).await;
    }
}

/// Passes on what others publish, and marks everything now and then.
pub(super) async fn listen(urls: Vec<String>, to: Heard) {
    // Any node will do, so each attempt takes the next one.
    for url in urls.iter().cycle() {
        if let Err(error) = hear(url, &to).await {
            tracing::debug!(%error, "the subscription to arrivals is lost");
        }
        to.wakes.mark_all();
        to.crew.notify_one();
        tokio::time::sleep(LOOK_DEAF).await;
    }
}

async fn hear(url: &str, to: &Heard) -> Result<(), RedisError> {
    let client = Client::open(url)?;
    let Ok(subscribed) = tokio::time::timeout(CONNECT, async {
        let mut subscription = client.get_async_pubsub().await?;
        subscription.subscribe(CHANNEL).await?;
        Ok::<_, RedisError>(subscription)
    })
    .await
    else {
        return Ok(());
    };
    let (mut sink, mut messages) = subscribed?.split();
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(message) => heard(&message, to),
                None => return Ok(()),
            },
            _ = look.tick() => {
                to.wakes.mark_all();
                // A connection that died without a word answers no ping.
                match tokio::time::timeout(CONNECT, sink.ping::<redis::Value>()).await {
                    Ok(answer) => drop(answer?),
                    Err(_) => return Ok(()),
                }
            }
        }
    }
}

fn heard(message: &Msg, to: &Heard) {
    if let Some((sender, partitions)) = message.get_payload_bytes().split_at_checked(NAME_BYTES)
        && sender != to.name.as_bytes()
    {
        partitions.iter().for_each(|number| to.wakes.mark(Partition::numbered(*number)));
        if partitions.is_empty() {
            to.crew.notify_one();
        }
    }
}
