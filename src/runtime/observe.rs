//! What can be counted and timed about the worker. The shell's metrics implement [`Observer`]; without one nothing is counted.

use std::time::Duration;

use crate::domain::flow::Moved;
use crate::domain::govern::{Answer, CallClass};
use crate::domain::policy::facts::AuthorKind;
use crate::store::Partition;

/// What kind of thing was worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// An inbox entry.
    Delivery,
    /// A timer.
    Timer,
    /// The look through a repository's ended units.
    Archive,
    /// GitHub's answer.
    Answer,
    /// The decision about something that is owed.
    Send,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// Committed.
    Done,
    /// It failed and is tried again.
    Again,
    /// Given up and kept as a dead letter.
    Parked,
}

/// Is told what the worker does. Methods are called on the worker's tasks: they must return at once.
pub trait Observer: Send + Sync + 'static {
    /// A job ended, `took` after it began.
    fn worked(&self, work: Work, ending: Ending, took: Duration) {
        let _ = (work, ending, took);
    }

    /// A delivery is committed, `after` it was received (domain time).
    fn delivered(&self, after: Duration) {
        let _ = after;
    }

    /// A call to GitHub was answered after `took`; it had been due for `waited` (domain time) before it started.
    fn called(&self, class: CallClass, answer: &Answer, waited: Duration, took: Duration) {
        let _ = (class, answer, waited, took);
    }

    /// What was committed says this about flow; each with the kind of the unit's author.
    fn moved(&self, moved: &[(AuthorKind, Moved)]) {
        let _ = moved;
    }

    /// The worker now holds the lease of a partition, or holds it no more.
    fn holds(&self, partition: Partition, held: bool) {
        let _ = (partition, held);
    }

    /// A commit was answered after `took`, with `tries` tries.
    fn committed(&self, tries: u32, took: Duration) {
        let _ = (tries, took);
    }
}

impl Observer for () {}
