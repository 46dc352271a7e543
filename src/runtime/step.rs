//! One job of a repository: from what happened to the commit. Each job is one step: it either commits as a whole or leaves no trace.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use tokio::time::Instant;

use super::archive;
use super::committer::Committed;
use super::draft::Draft;
use super::governor::Governor;
use super::job::{Dispatch, Done, Job, Loaded, Outcome, Queued, Trouble, words_of};
use super::judge;
use super::keys::{self, NAMES, What};
use super::observe::Ending;
use super::park;
use super::send;
use super::workshop::Workshop;
use crate::domain::govern::{Delivered, Event, RepoSeen, Space};
use crate::domain::ids::RepoId;
use crate::store::{EntryId, InboxEntry};

/// Works a job; gives it up where trying again cannot help or was tried often enough.
pub(super) async fn run<G: Governor>(
    shop: Arc<Workshop<G>>,
    repo: RepoId,
    loaded: Option<Box<Loaded<G::State>>>,
    job: Job,
    tries: u32,
) -> (Job, Outcome<G::State>) {
    let began = Instant::now();
    // What a panic leaves half-done is the state alone, and that is dropped with the future.
    let worked = AssertUnwindSafe(work(&shop, repo, loaded, &job)).catch_unwind().await;
    let trouble = match worked.unwrap_or_else(|panic| Err(Trouble::Failed(words_of(panic.as_ref())))) {
        Ok(done) => {
            shop.observer.worked(job.work(), Ending::Done, began.elapsed());
            return (job, Outcome::Done(Box::new(done)));
        }
        Err(trouble) => trouble,
    };
    let outcome = match trouble {
        Trouble::Lost => Outcome::Lost,
        Trouble::Down(why) => Outcome::Down(why),
        Trouble::Failed(why) if tries + 1 < shop.settings.attempts => {
            shop.observer.worked(job.work(), Ending::Again, began.elapsed());
            Outcome::Again(why)
        }
        Trouble::Failed(why) | Trouble::Broken(why) => match park::give_up(&shop, repo, &job, &why).await {
            Ok(done) => {
                shop.observer.worked(job.work(), Ending::Parked, began.elapsed());
                Outcome::Done(Box::new(done))
            }
            Err(Trouble::Lost) => Outcome::Lost,
            Err(Trouble::Down(why) | Trouble::Broken(why) | Trouble::Failed(why)) => Outcome::Down(why),
        },
    };
    (job, outcome)
}

async fn work<G: Governor>(
    shop: &Workshop<G>,
    repo: RepoId,
    loaded: Option<Box<Loaded<G::State>>>,
    job: &Job,
) -> Result<Done<G::State>, Trouble> {
    match job {
        Job::Delivery(queued) => deliver(shop, repo, loaded, queued).await,
        Job::Timer { number, due } => {
            let Some(mut known) = at_hand(shop, repo, loaded).await? else {
                return forget(shop, repo, [What::Timer(*number)]).await;
            };
            let mut draft = Draft::new(repo);
            draft.set_due(What::Timer(*number), None);
            let delivered = internal(shop, &known, Event::Timer { number: *number });
            let cause = format!("timer:{number:?}:{}", due.as_millisecond());
            judge::judge(shop, &mut known, &delivered, &cause, &mut draft).await?;
            commit(shop, known, draft, None).await
        }
        Job::Archive => archive::look(shop, repo, loaded).await,
        Job::Answer { key, answer } => {
            let Some(mut known) = at_hand(shop, repo, loaded).await? else { return Ok(Done::nothing(None)) };
            let delivered = internal(shop, &known, Event::Answered { key: key.clone(), answer: answer.clone() });
            let mut draft = Draft::new(repo);
            let cause = format!("answer:{}:{}", key.id(), delivered.received_at.as_millisecond());
            judge::judge(shop, &mut known, &delivered, &cause, &mut draft).await?;
            commit(shop, known, draft, None).await
        }
        Job::Send { owed } => {
            let Some(known) = at_hand(shop, repo, loaded).await? else {
                return forget(shop, repo, owed.iter().map(|(key, _)| What::Owed(key.clone()))).await;
            };
            send::begin(shop, repo, known, owed).await
        }
    }
}

async fn deliver<G: Governor>(
    shop: &Workshop<G>,
    repo: RepoId,
    loaded: Option<Box<Loaded<G::State>>>,
    queued: &Queued,
) -> Result<Done<G::State>, Trouble> {
    let Some(entry) = fetch(shop, queued).await? else { return Ok(Done::nothing(loaded)) };
    let delivered: Delivered = serde_json::from_slice(&entry.body)
        .map_err(|fault| Trouble::Broken(format!("the delivery cannot be read: {fault}")))?;
    let mut known = match at_hand(shop, repo, loaded).await? {
        Some(known) => known,
        // What another repository says to one that is not governed here is said to nobody.
        None if delivered.repo.full_name.is_empty() => {
            let mut draft = Draft::new(repo);
            draft.batch.ack.push(entry.id);
            let (batch, moves) = draft.finish();
            shop.committer.commit(&batch).await?;
            return Ok(Done { loaded: None, moves, call: None, given_up: false });
        }
        None => Box::new(Loaded {
            state: shop.governor.fresh(&delivered.repo, delivered.installation),
            named: None,
            unsettled: Vec::new(),
        }),
    };
    let mut draft = Draft::new(repo);
    draft.batch.ack.push(entry.id);
    judge::judge(shop, &mut known, &delivered, &entry.delivery, &mut draft).await?;
    let done = commit(shop, known, draft, None).await?;
    shop.observer.delivered(shop.clock.now().duration_since(delivered.received_at).try_into().unwrap_or_default());
    Ok(done)
}

/// The entry itself; `None` if somebody else dealt with it since.
pub(super) async fn fetch<G: Governor>(shop: &Workshop<G>, queued: &Queued) -> Result<Option<InboxEntry>, Trouble> {
    let id = match queued {
        Queued::Held(entry) => return Ok(Some(entry.clone())),
        Queued::Stub(id) => *id,
    };
    let before = match (id.major, id.minor) {
        (0, 0) => None,
        (major, 0) => Some(EntryId { major: major - 1, minor: u64::MAX }),
        (major, minor) => Some(EntryId { major, minor: minor - 1 }),
    };
    let found = shop.store.inbox(shop.partition, before, 1).await?;
    Ok(found.into_iter().find(|entry| entry.id == id))
}

/// The repository: as it is in memory, else as it is in the store; `None` where it never was.
async fn at_hand<G: Governor>(
    shop: &Workshop<G>,
    repo: RepoId,
    loaded: Option<Box<Loaded<G::State>>>,
) -> Result<Option<Box<Loaded<G::State>>>, Trouble> {
    if loaded.is_some() {
        return Ok(loaded);
    }
    let fields = shop.store.load(shop.partition, &keys::space(repo, Space::Live)).await?;
    let name = shop.store.get(shop.partition, NAMES, &repo.to_string()).await?;
    let restored = shop.governor.restore(&fields);
    let restored = restored
        .map_err(|(field, why)| Trouble::Broken(format!("{field} of repository {repo} cannot be read: {why}")))?;
    Ok(restored.map(|state| {
        let unsettled = shop.governor.in_flight(&state);
        let named = name.as_deref().and_then(super::read::name_in);
        Box::new(Loaded { state, named, unsettled })
    }))
}

/// What fell due belongs to no repository that we know: it is taken off.
async fn forget<G: Governor>(
    shop: &Workshop<G>,
    repo: RepoId,
    what: impl IntoIterator<Item = What>,
) -> Result<Done<G::State>, Trouble> {
    let mut draft = Draft::new(repo);
    for what in what {
        draft.set_due(what, None);
    }
    let (batch, moves) = draft.finish();
    shop.committer.commit(&batch).await?;
    Ok(Done { loaded: None, moves, call: None, given_up: false })
}

/// Something that happened here, in the form that the domain is told what happened.
fn internal<G: Governor>(shop: &Workshop<G>, known: &Loaded<G::State>, event: Event) -> Delivered {
    let (id, full_name, installation) = shop.governor.address(&known.state);
    let repo = RepoSeen { id, full_name, default_branch: None, private: None };
    Delivered { installation, repo, sender: None, received_at: shop.clock.now(), event }
}

/// Commits, and says what follows from it.
pub(super) async fn commit<G: Governor>(
    shop: &Workshop<G>,
    known: Box<Loaded<G::State>>,
    mut draft: Draft,
    call: Option<Dispatch>,
) -> Result<Done<G::State>, Trouble> {
    let moved = std::mem::take(&mut draft.moved);
    let (batch, moves) = draft.finish();
    let committed = shop.committer.commit(&batch).await?;
    shop.observer.moved(&moved);
    let loaded = (committed == Committed::AtOnce).then_some(known);
    Ok(Done { loaded, moves, call, given_up: false })
}
