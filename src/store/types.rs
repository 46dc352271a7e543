//! What goes into a store and comes out of it.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Partition;
use crate::domain::ids::Timestamp;

/// A delivery on its way into the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Where it belongs.
    pub partition: Partition,
    /// What makes it the same delivery when it comes again, at most 200 bytes: GitHub's `X-GitHub-Delivery`, or the deterministic id of a
    /// message or a tick.
    pub id: String,
    /// The event in its stored form.
    pub body: Bytes,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Durable now.
    New,
    /// Already accepted under this id; nothing was written.
    Duplicate,
}

/// An inbox entry's place in its partition's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// Major part: in Redis the stream id's milliseconds.
    pub major: u64,
    /// Minor part: in Redis the stream id's sequence.
    pub minor: u64,
}

/// An accepted entry that waits for its acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEntry {
    /// Its place in the order.
    pub id: EntryId,
    /// The delivery's id.
    pub delivery: String,
    /// The event in its stored form.
    pub body: Bytes,
}

/// Grows with every new holder of a partition's lease; a commit under an older one is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Token(pub u64);

/// A held lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// What each commit must show.
    pub token: Token,
    /// Whether this call took it over, rather than renewed it: then what was cached is stale.
    pub fresh: bool,
}

/// Names a batch, so that repeating it after an unknown outcome applies it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchId(pub String);

/// What kind of thing falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueKind {
    /// Something is owed to GitHub.
    Owed,
    /// A wait ends.
    Timer,
}

/// Something that falls due. The id is unique within its partition and kind; scheduling it again moves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Owed or timer.
    pub kind: DueKind,
    /// Its id.
    pub id: String,
    /// When, to the millisecond.
    pub at: Timestamp,
    /// What to do then.
    pub body: Bytes,
}

/// Something that is due.
pub type Due = Schedule;

/// A value to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// A repository's live state, its closed units, ...
    pub space: String,
    /// The name within the space.
    pub field: String,
    /// `None` deletes.
    pub value: Option<Bytes>,
}

/// A trace entry to append. `seq` must be the stream's length plus one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceAppend {
    /// Whose history.
    pub stream: String,
    /// Its number there, from 1.
    pub seq: u64,
    /// The entry.
    pub body: Bytes,
}

/// A trace to forget: what it held is kept elsewhere, or no longer. An entry appended to it later has number 1 again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceForget {
    /// Whose history.
    pub stream: String,
    /// How many entries it must have: another number means that somebody wrote since it was read, and refuses the whole batch.
    pub length: u64,
}

/// A delivery that could not be worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The delivery's id.
    pub id: String,
    /// Why, in a sentence for the operator.
    pub reason: String,
    /// The event in its stored form.
    pub body: Bytes,
    /// When it was given up.
    pub at: Timestamp,
}

/// Everything one atomic step changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// State to keep or delete, in this order.
    pub puts: Vec<Put>,
    /// Traces to forget; before `trace`, so that what a batch forgets it can write anew.
    pub forget: Vec<TraceForget>,
    /// Trace entries to append, in this order.
    pub trace: Vec<TraceAppend>,
    /// What falls due, new or moved; after `unschedule`, so that what a batch names in both stays scheduled.
    pub schedule: Vec<Schedule>,
    /// What is done or no longer needed.
    pub unschedule: Vec<(DueKind, String)>,
    /// Inbox entries that are worked with this step.
    pub ack: Vec<EntryId>,
    /// Dead letters.
    pub park: Vec<Parked>,
}

/// How much waits in a partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pending {
    /// Accepted, not acknowledged.
    pub inbox: u64,
    /// Owed to GitHub and due.
    pub owed: u64,
    /// Timers that are due.
    pub timers: u64,
    /// Dead letters.
    pub parked: u64,
}

/// Why the store could not do what was asked: one variant per thing the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another replica owns the partition now, or the lease ran out; nothing was written. Stop working on it.
    #[error("{partition} is no longer held under token {}", ours.0)]
    Fenced {
        /// The partition that was lost.
        partition: Partition,
        /// The token that no longer counts.
        ours: Token,
    },
    /// No answer, so the write may have happened. Repeat it with the same batch id.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// Bytes this build cannot read, or that contradict each other. Retrying cannot help: tell the operator.
    #[error("{what} cannot be read from the store: {why}")]
    Unreadable {
        /// What was to be read.
        what: String,
        /// What is wrong with it.
        why: String,
    },
}

impl StoreError {
    /// A trace entry that does not follow its stream's last one: two writers, or a lost one.
    pub(super) fn gap(stream: &str, given: u64, next: u64) -> Self {
        Self::Unreadable {
            what: format!("the trace {stream}"),
            why: format!("entry {given} was given where {next} comes next"),
        }
    }

    /// A trace to be forgotten that is not as long as it was read: two writers, or a lost one.
    pub(super) fn grown(stream: &str, given: u64, length: u64) -> Self {
        Self::Unreadable {
            what: format!("the trace {stream}"),
            why: format!("it was to be forgotten with {given} entries and has {length}"),
        }
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.major, self.minor)
    }
}

/// What a store shows of how safely it keeps what it accepted, for `doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreShown {
    /// It keeps on this machine: what it accepted is on its disk.
    Local,
    /// Redis: one per server, or per master of a cluster.
    Redis(Vec<RedisShown>),
}

/// What a Redis server says about itself; absent where it does not say (managed ones hide much).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedisShown {
    /// `redis_version`.
    pub version: Option<String>,
    /// Whether it appends each write to a file.
    pub appends: Option<bool>,
    /// Whether its last write to that file went well.
    pub last_append_went_well: Option<bool>,
    /// `appendfsync`: `always`, `everysec` or `no`.
    pub appendfsync: Option<String>,
    /// `maxmemory-policy`.
    pub maxmemory_policy: Option<String>,
}
