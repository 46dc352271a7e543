//! One judgment: what must be known is read, then the domain decides.

use std::collections::BTreeSet;

use futures::StreamExt;
use futures::future::join_all;
use futures::stream;
use sha2::{Digest, Sha256};

use super::archive;
use super::draft::Draft;
use super::governor::Governor;
use super::job::{Loaded, Trouble};
use super::keys;
use super::workshop::Workshop;
use crate::domain::govern::{Changes, Delivered, Event, Fact, Facts, Need, RepoSeen, Space, Unknown};
use crate::github::RepoAddress;
use crate::store::{NewDelivery, Partition};

/// Rounds of reading before one judgment: what is still missing then stays unread.
const ROUNDS: usize = 4;
/// Deliveries to ourselves that are accepted side by side.
const SIDE_BY_SIDE: usize = 16;

/// Judges `delivered` and adds what changed to the draft. `cause` names it, the same whenever it is judged again.
pub(super) async fn judge<G: Governor>(
    shop: &Workshop<G>,
    known: &mut Loaded<G::State>,
    delivered: &Delivered,
    cause: &str,
    draft: &mut Draft,
) -> Result<(), Trouble> {
    let governor = &shop.governor;
    bring_back(shop, known, delivered, draft).await?;
    let facts = {
        let state = &known.state;
        gather(shop, &address(shop, known), |facts| governor.needs(state, delivered, facts, shop.clock.now())).await
    };
    let now = shop.clock.now();
    let changes = governor.advance(&mut known.state, delivered, &facts, now);
    let look = shop.settings.archive.next_look(delivered.repo.id, now);
    draft.add(governor, &mut known.state, &changes, (now, look));
    let (_, full_name, _) = governor.address(&known.state);
    if !full_name.is_empty() && known.named.as_ref() != Some(&full_name) {
        draft.name(&full_name, delivered.received_at);
        known.named = Some(full_name);
    }
    look_at_others(shop, known, &changes, cause).await
}

/// A closed unit that the event is about comes back before it is judged, and its trace with it.
async fn bring_back<G: Governor>(
    shop: &Workshop<G>,
    known: &mut Loaded<G::State>,
    delivered: &Delivered,
    draft: &mut Draft,
) -> Result<(), Trouble> {
    let Some(number) = shop.governor.wants(&known.state, delivered) else { return Ok(()) };
    let space = keys::space(delivered.repo.id, Space::Closed);
    let Some(stored) = shop.store.get(shop.partition, &space, &keys::closed_field(number)).await? else {
        return Ok(());
    };
    let brought = shop.governor.bring_back(&mut known.state, number, &stored);
    brought.map_err(|why| Trouble::Broken(format!("closed unit #{number} cannot be read: {why}")))?;
    archive::restore(shop, delivered.repo.id, number, draft).await
}

/// Where the repository is reached.
pub(super) fn address<G: Governor>(shop: &Workshop<G>, known: &Loaded<G::State>) -> RepoAddress {
    let (id, full_name, installation) = shop.governor.address(&known.state);
    RepoAddress { installation, id, full_name }
}

/// Reads what is asked for, until nothing more is or the rounds are used up. Each round's reads go side by side.
pub(super) async fn gather<G: Governor>(
    shop: &Workshop<G>,
    at: &RepoAddress,
    ask: impl Fn(&Facts) -> BTreeSet<Need> + Send,
) -> Facts {
    let mut facts = Facts::none();
    for _ in 0..ROUNDS {
        let missing: Vec<Need> = ask(&facts).into_iter().filter(|need| facts.get(need).is_none()).collect();
        if missing.is_empty() {
            break;
        }
        let read = join_all(missing.iter().map(|need| read(shop, at, need))).await;
        for (need, fact) in missing.into_iter().zip(read) {
            facts.insert(need, fact);
        }
    }
    facts
}

async fn read<G: Governor>(shop: &Workshop<G>, at: &RepoAddress, need: &Need) -> Fact {
    let deadline = shop.settings.read_deadline;
    tokio::time::timeout(deadline, shop.github.read(at, need)).await.unwrap_or_else(|_| {
        tracing::warn!(repo.id = %at.id, ?need, "GitHub did not answer a read in time");
        let because = format!("GitHub did not answer within {} s", deadline.as_secs());
        Fact::Unknown(Unknown { because, missing: false, retry_after: Some(30) })
    })
}

/// Puts other units of the repository into its inbox. Before the commit: whoever repeats this step finds them accepted already.
async fn look_at_others<G: Governor>(
    shop: &Workshop<G>,
    known: &Loaded<G::State>,
    changes: &Changes,
    cause: &str,
) -> Result<(), Trouble> {
    let cause = hex::encode(&Sha256::digest(cause)[..8]);
    let RepoAddress { installation, id, full_name } = address(shop, known);
    let deliveries = changes.look.iter().map(|number| {
        let repo = RepoSeen { id, full_name: full_name.clone(), default_branch: None, private: None };
        let event = Event::Look { number: *number };
        let delivered = Delivered { installation, repo, sender: None, received_at: shop.clock.now(), event };
        let body = serde_json::to_vec(&delivered).expect("an event has a JSON form").into();
        NewDelivery { partition: shop.partition, id: format!("look:{id}:{number}:{cause}"), body }
    });
    let told = changes.tell.iter().enumerate().map(|(at, tell)| {
        // Its own name and installation the other repository knows best.
        let repo = RepoSeen { id: tell.repo, full_name: String::new(), default_branch: None, private: None };
        let event = tell.event.clone();
        let delivered = Delivered { installation: None, repo, sender: None, received_at: shop.clock.now(), event };
        let body = serde_json::to_vec(&delivered).expect("an event has a JSON form").into();
        NewDelivery { partition: Partition::of(tell.repo), id: format!("tell:{id}:{at}:{cause}"), body }
    });
    let whole = changes.survey.then(|| {
        let repo = RepoSeen { id, full_name: full_name.clone(), default_branch: None, private: None };
        let received_at = shop.clock.now();
        let delivered = Delivered { installation, repo, sender: None, received_at, event: Event::Reconcile };
        let body = serde_json::to_vec(&delivered).expect("an event has a JSON form").into();
        NewDelivery { partition: shop.partition, id: format!("first/{id}"), body }
    });
    let deliveries: Vec<_> = deliveries.chain(told).chain(whole).collect();
    let mut accepting =
        stream::iter(deliveries.into_iter().map(|delivery| shop.store.accept(delivery))).buffer_unordered(SIDE_BY_SIDE);
    while let Some(accepted) = accepting.next().await {
        accepted?;
    }
    Ok(())
}
