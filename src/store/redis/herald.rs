//! Tells other replicas that something arrived, and hears it from them.
//!
//! Off the hot path: accepts only set a bit, and one task publishes the partitions that were marked, at most once in [`GATHER`]. Plain
//! PUBLISH reaches every subscriber of a cluster by any node. A message that gets lost costs [`LOOK`] at most, since every partition is
//! marked that often without any message.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use redis::{Client, Msg, RedisError};

use super::link::{CONNECT, Link};
use crate::store::Partition;
use crate::store::wake::Wakes;

const CHANNEL: &str = "flyball:arrivals";
/// Arrivals within this time go into one message.
const GATHER: Duration = Duration::from_millis(5);
/// How often to look without being told, while subscribed and while not.
const LOOK: Duration = Duration::from_secs(5);
const LOOK_DEAF: Duration = Duration::from_millis(500);
/// Ahead of the partitions in each message: who sends it.
const NAME_BYTES: usize = 16;

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

/// Marks in `wakes` what others publish, and everything now and then.
pub(super) async fn listen(urls: Vec<String>, wakes: Arc<Wakes>, name: uuid::Uuid) {
    // Any node will do, so each attempt takes the next one.
    for url in urls.iter().cycle() {
        if let Err(error) = hear(url, &wakes, name).await {
            tracing::debug!(%error, "the subscription to arrivals is lost");
        }
        wakes.mark_all();
        tokio::time::sleep(LOOK_DEAF).await;
    }
}

async fn hear(url: &str, wakes: &Wakes, name: uuid::Uuid) -> Result<(), RedisError> {
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
                Some(message) => heard(&message, wakes, name),
                None => return Ok(()),
            },
            _ = look.tick() => {
                wakes.mark_all();
                // A connection that died without a word answers no ping.
                match tokio::time::timeout(CONNECT, sink.ping::<redis::Value>()).await {
                    Ok(answer) => drop(answer?),
                    Err(_) => return Ok(()),
                }
            }
        }
    }
}

fn heard(message: &Msg, wakes: &Wakes, name: uuid::Uuid) {
    if let Some((sender, partitions)) = message.get_payload_bytes().split_at_checked(NAME_BYTES)
        && sender != name.as_bytes()
    {
        partitions.iter().for_each(|number| wakes.mark(Partition::numbered(*number)));
    }
}
