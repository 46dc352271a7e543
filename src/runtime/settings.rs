//! What can be set about the worker.

use std::time::Duration;

use super::archive;
use crate::store::Partition;

/// How the worker behaves. Durations are of the machine's monotonic time, except where it says otherwise.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The replica's name. It holds leases as `<owner>/<run>`: whatever is left of an earlier run is fenced off like a stranger.
    pub owner: String,
    /// Names this run in batch ids: never the same twice, else a new batch could pass for one that was already applied.
    pub run: String,
    /// The partitions to work, normally all.
    pub partitions: Vec<Partition>,
    /// How long a lease lasts without renewal; renewed at a third. Two thirds of it must exceed `call_deadline`, or no call could start.
    pub lease_ttl: Duration,
    /// After this a read counts as unknown.
    pub read_deadline: Duration,
    /// After this a call's outcome counts as unknown. At least the GitHub client's own time-out.
    pub call_deadline: Duration,
    /// How often a delivery is tried before it is parked, at least 1.
    pub attempts: u32,
    /// The first wait after a failure of ours or of the store; it doubles, with jitter.
    pub backoff: Duration,
    /// The longest such wait.
    pub backoff_most: Duration,
    /// A repository that had nothing to do for so long is dropped from memory.
    pub idle: Duration,
    /// How long a shutdown waits for work in hand.
    pub grace: Duration,
    /// By how much something owed is put off that could not even be begun. Domain time.
    pub postpone: Duration,
    /// How many bytes of waiting deliveries a partition keeps in memory; those beyond are fetched again when it is their turn.
    pub waiting_bytes: usize,
    /// How many deliveries of one repository in a row may go before a grant or a comment that is due. Revocations and actions wait for none.
    pub coalesce: u32,
    /// What becomes of the traces of ended units.
    pub archive: archive::Settings,
}

impl Settings {
    /// The defaults for a worker of this name and a GitHub client that gives up after `github_timeout`.
    #[must_use]
    pub fn new(owner: impl Into<String>, github_timeout: Duration) -> Self {
        let call_deadline = github_timeout + Duration::from_secs(1);
        Self {
            owner: owner.into(),
            run: uuid::Uuid::new_v4().to_string(),
            partitions: Partition::all().collect(),
            lease_ttl: (call_deadline * 8 / 5).max(Duration::from_secs(10)),
            // A read may be several pages.
            read_deadline: github_timeout * 2,
            call_deadline,
            attempts: 5,
            backoff: Duration::from_millis(50),
            backoff_most: Duration::from_secs(5),
            idle: Duration::from_secs(120),
            grace: Duration::from_millis(800),
            postpone: Duration::from_secs(60),
            waiting_bytes: 4 << 20,
            coalesce: 16,
            archive: archive::Settings::default(),
        }
    }

    /// Who holds the leases.
    pub(super) fn holder(&self) -> String {
        format!("{}/{}", self.owner, self.run)
    }

    /// The wait before try number `tries + 1`: doubled each time, between a half and the whole of that so that replicas do not move in
    /// step. The jitter comes from `salt` rather than from chance: the same run can be repeated.
    pub(super) fn wait_after(&self, tries: u32, salt: u64) -> Duration {
        use std::hash::{DefaultHasher, Hash, Hasher};

        let whole = self.backoff.saturating_mul(1 << tries.min(16)).min(self.backoff_most);
        let mut hasher = DefaultHasher::new();
        (&self.run, tries, salt).hash(&mut hasher);
        let [share, ..] = hasher.finish().to_be_bytes();
        whole / 2 + (whole / 2) * u32::from(share) / 255
    }
}
