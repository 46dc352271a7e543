//! One job of a repository: from what happened to the commit. Each job is one step: it either commits as a whole or leaves no trace.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use tokio::time::Instant;
use tracing::field::Empty;

use super::committer::{Committed, Rejected};
use super::draft::{Draft, Moves};
use super::governor::Governor;
use super::judge;
use super::keys::{self, NAMES, What};
use super::observe::{Ending, Work};
use super::park;
use super::send;
use super::workshop::Workshop;
use crate::domain::govern::{Answer, Call, CallClass, Delivered, Event, OwedKey, RepoSeen, Space};
use crate::domain::ids::{PrNumber, RepoId, Timestamp};
use crate::github::RepoAddress;
use crate::store::{EntryId, InboxEntry, StoreError};

/// A delivery that waits: with its body, or only its place where too much waits.
#[derive(Debug, Clone)]
pub(super) enum Queued {
    /// The whole entry.
    Held(InboxEntry),
    /// To be fetched when it is its turn.
    Stub(EntryId),
}

/// What to do for a repository.
#[derive(Debug, Clone)]
pub(super) enum Job {
    /// Judge a delivery.
    Delivery(Queued),
    /// A timer ran out.
    Timer {
        /// The unit's, or the repository's.
        number: Option<PrNumber>,
        /// When it ran out.
        due: Timestamp,
    },
    /// GitHub answered a call.
    Answer {
        /// What was owed.
        key: OwedKey,
        /// What came back.
        answer: Answer,
    },
    /// Decide about the most pressing of what is owed and due.
    Send {
        /// With the time from which on each was due.
        owed: Vec<(OwedKey, Timestamp)>,
    },
}

impl Job {
    /// What its log lines are found by.
    pub(super) fn span(&self, repo: RepoId) -> tracing::Span {
        let span =
            tracing::info_span!("work", repo.id = %repo, work = ?self.work(), delivery.id = Empty, unit.number = Empty);
        match self {
            Self::Delivery(Queued::Held(entry)) => drop(span.record("delivery.id", &entry.delivery)),
            Self::Delivery(Queued::Stub(_)) | Self::Send { .. } => {}
            Self::Timer { number, .. } => drop(span.record("unit.number", number.map(|number| number.0))),
            Self::Answer { key, .. } => drop(span.record("delivery.id", key.id())),
        }
        span
    }

    /// For those who count.
    pub(super) const fn work(&self) -> Work {
        match self {
            Self::Delivery(_) => Work::Delivery,
            Self::Timer { .. } => Work::Timer,
            Self::Answer { .. } => Work::Answer,
            Self::Send { .. } => Work::Send,
        }
    }
}

/// A repository in memory.
#[derive(Debug)]
pub(super) struct Loaded<S> {
    /// What is known.
    pub(super) state: S,
    /// The name that those who look it up find.
    pub(super) named: Option<String>,
    /// What was in flight when it was read from the store.
    pub(super) unsettled: Vec<OwedKey>,
}

/// A call that is committed as in flight and may go out.
#[derive(Debug)]
pub(super) struct Dispatch {
    /// What is owed.
    pub(super) key: OwedKey,
    /// The call.
    pub(super) call: Call,
    /// Its class.
    pub(super) class: CallClass,
    /// Where to.
    pub(super) address: RepoAddress,
    /// From when on it was due.
    pub(super) due: Timestamp,
}

/// What a committed job leaves.
pub(super) struct Done<S> {
    /// The repository, unless it must be read anew.
    pub(super) loaded: Option<Box<Loaded<S>>>,
    /// What falls due when.
    pub(super) moves: Moves,
    /// A call to make.
    pub(super) call: Option<Dispatch>,
    /// Whether the job was given up.
    pub(super) given_up: bool,
}

impl<S> Done<S> {
    /// Nothing was to be done.
    pub(super) fn nothing(loaded: Option<Box<Loaded<S>>>) -> Self {
        Self { loaded, moves: Moves::new(), call: None, given_up: false }
    }
}

/// How a job ended.
pub(super) enum Outcome<S> {
    /// Committed.
    Done(Box<Done<S>>),
    /// It failed: try again.
    Again(String),
    /// The store does not answer: try again, as often as it takes.
    Down(String),
    /// The partition is not ours any more.
    Lost,
}

/// Why a job could not be done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The partition is not ours any more.
    Lost,
    /// The store does not answer.
    Down(String),
    /// It cannot be read, now or later.
    Broken(String),
    /// It failed, and might not the next time.
    Failed(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Fenced { .. } => Self::Lost,
            StoreError::Unavailable(why) => Self::Down(why),
            StoreError::Unreadable { .. } => Self::Broken(error.to_string()),
        }
    }
}

impl From<Rejected> for Trouble {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Lost => Self::Lost,
            Rejected::Unreadable(why) => Self::Broken(why),
        }
    }
}

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
    draft: Draft,
    call: Option<Dispatch>,
) -> Result<Done<G::State>, Trouble> {
    let (batch, moves) = draft.finish();
    let committed = shop.committer.commit(&batch).await?;
    let loaded = (committed == Committed::AtOnce).then_some(known);
    Ok(Done { loaded, moves, call, given_up: false })
}

/// What a panic said.
pub(super) fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("it panicked: {}", words.unwrap_or("without words"))
}
