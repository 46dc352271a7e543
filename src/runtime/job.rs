//! What a repository's turn consists of: jobs, and how they end.

use tracing::field::Empty;

use super::committer::Rejected;
use super::draft::Moves;
use super::observe::Work;
use crate::domain::govern::{Answer, Call, CallClass, OwedKey};
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
    /// Ended units are looked through.
    Archive,
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
            Self::Delivery(Queued::Stub(_)) | Self::Send { .. } | Self::Archive => {}
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
            Self::Archive => Work::Archive,
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

/// What a panic said.
pub(super) fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("it panicked: {}", words.unwrap_or("without words"))
}
