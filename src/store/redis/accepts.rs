//! Group commit: deliveries that wait together are accepted by one script in one round trip, and answered when Redis has answered.
//!
//! One call of a script costs the client and the server more than one small entry does, so a burst is taken in groups. While a group is
//! under way the next one gathers: alone, a delivery waits for nobody. A script is one step, so each delivery is stored whole or not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;

use super::link::Link;
use super::{keys, read, scripts};
use crate::store::wake::Wakes;
use crate::store::{Accepted, NewDelivery, Partition, StoreError};

/// A group ends at this many deliveries, or bytes of bodies: a script holds the server up, and others wait for it.
const GROUP: usize = 256;
const GROUP_BYTES: usize = 1 << 20;
/// Groups that are under way at once: one on the wire while Redis works the other.
const UNDER_WAY: usize = 2;
/// Deliveries that may wait; more callers wait for their turn.
const WAITING: usize = 4096;

type Answer = oneshot::Sender<Result<Accepted, StoreError>>;

/// Where deliveries wait for their group.
pub(super) struct Accepts(mpsc::Sender<(NewDelivery, Answer)>);

/// What a group needs.
struct Groups {
    link: Arc<Link>,
    /// Half the window of delivery ids, in milliseconds.
    half: u64,
    /// The generation of delivery ids by the server's clock, as it last said.
    generation: AtomicU64,
    /// Who is told of arrivals: those who wait here, and the one who tells the others.
    told: [Arc<Wakes>; 2],
}

impl Accepts {
    /// Starts taking deliveries; the task ends with `tasks`.
    pub(super) fn start(link: Arc<Link>, half: u64, told: [Arc<Wakes>; 2], tasks: &mut JoinSet<()>) -> Self {
        let (waiting, taken) = mpsc::channel(WAITING);
        let groups = Arc::new(Groups { link, half, generation: AtomicU64::new(0), told });
        tasks.spawn(take(groups, taken));
        Self(waiting)
    }

    /// Accepts one with its group.
    pub(super) async fn accept(&self, delivery: NewDelivery) -> Result<Accepted, StoreError> {
        let gone = || StoreError::Unavailable("the store has been closed".into());
        let (answer, answered) = oneshot::channel();
        self.0.send((delivery, answer)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

async fn take(groups: Arc<Groups>, mut waiting: mpsc::Receiver<(NewDelivery, Answer)>) {
    let room = Arc::new(Semaphore::new(UNDER_WAY));
    let mut under_way = JoinSet::new();
    let mut next = None;
    // Room first: what arrives while there is none joins the next group.
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        let Some(first) = (if next.is_some() { next.take() } else { waiting.recv().await }) else { return };
        let mut bytes = first.0.body.len();
        let mut group = vec![first];
        while group.len() < GROUP {
            let Ok(one) = waiting.try_recv() else { break };
            bytes += one.0.body.len();
            if bytes > GROUP_BYTES {
                next = Some(one);
                break;
            }
            group.push(one);
        }
        let groups = Arc::clone(&groups);
        under_way.spawn(async move {
            groups.accept(group).await;
            drop(place);
        });
        while under_way.try_join_next().is_some() {}
    }
}

impl Groups {
    async fn accept(&self, group: Vec<(NewDelivery, Answer)>) {
        let mut parts: BTreeMap<Option<Partition>, Vec<(NewDelivery, Answer)>> = BTreeMap::new();
        for one in group {
            // A cluster takes what is of one slot; a single server takes all at once.
            let part = matches!(*self.link, Link::Cluster(_)).then_some(one.0.partition);
            parts.entry(part).or_default().push(one);
        }
        join_all(parts.into_values().map(|part| self.accept_part(part))).await;
    }

    async fn accept_part(&self, part: Vec<(NewDelivery, Answer)>) {
        let (deliveries, answers): (Vec<_>, Vec<_>) = part.into_iter().unzip();
        let outcome = self.store(&deliveries).await;
        // Whatever came of it: a call without an answer may have been carried out, and a cluster's client may have repeated one.
        for delivery in &deliveries {
            self.told.iter().for_each(|wakes| wakes.mark(delivery.partition));
        }
        for (at, answer) in answers.into_iter().enumerate() {
            let one = match &outcome {
                Ok(accepted) => Ok(accepted[at]),
                Err(StoreError::Unreadable { what, why }) => {
                    Err(StoreError::Unreadable { what: what.clone(), why: why.clone() })
                }
                Err(StoreError::Unavailable(why)) => Err(StoreError::Unavailable(why.clone())),
                Err(error @ StoreError::Fenced { .. }) => Err(StoreError::Unavailable(error.to_string())),
            };
            // The caller may have gone: then nobody needs the answer.
            let _gone = answer.send(one);
        }
    }

    /// One round trip; a second one when the server's clock has gone on to another generation. As many answers as deliveries.
    async fn store(&self, deliveries: &[NewDelivery]) -> Result<Vec<Accepted>, StoreError> {
        let places: BTreeMap<Partition, usize> = deliveries.iter().map(|delivery| (delivery.partition, 0)).collect();
        let places: BTreeMap<Partition, String> =
            places.into_keys().enumerate().map(|(place, partition)| (partition, place.to_string())).collect();
        let marks: Vec<Vec<u8>> = deliveries.iter().map(|delivery| keys::mark(&delivery.id)).collect();
        let half = self.half.to_string();
        for _ in 0..3 {
            let generation = self.generation.load(Ordering::Relaxed);
            let mut keys = Vec::with_capacity(places.len() * 4);
            for partition in places.keys() {
                keys.push(keys::inbox(*partition));
                keys.extend((0..3).map(|back| keys::seen(*partition, generation.saturating_sub(back))));
            }
            let generation = generation.to_string();
            let mut args: Vec<&[u8]> = Vec::with_capacity(2 + deliveries.len() * 4);
            args.extend([generation.as_bytes(), half.as_bytes()]);
            for (delivery, mark) in deliveries.iter().zip(&marks) {
                let place = places[&delivery.partition].as_bytes();
                args.extend([place, mark, delivery.id.as_bytes(), &delivery.body]);
            }
            let answer: Vec<i64> = self.link.run(&scripts::ACCEPT, &keys, &args).await?;
            if let [another @ ..=-1] = answer[..] {
                self.generation.store(another.unsigned_abs(), Ordering::Relaxed);
                continue;
            }
            let accepted = |answer: &i64| if *answer == 1 { Accepted::New } else { Accepted::Duplicate };
            let all: Vec<Accepted> = answer.iter().map(accepted).collect();
            return if all.len() == deliveries.len() {
                Ok(all)
            } else {
                Err(read::unreadable("the answer to accepted deliveries"))
            };
        }
        Err(StoreError::Unavailable("the clocks of the Redis nodes are too far apart".into()))
    }
}
