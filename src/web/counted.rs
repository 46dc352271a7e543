//! What the worker does, as metrics.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use super::flow_counts::FlowCounts;
use crate::domain::flow::Moved;
use crate::domain::govern::{Answer, CallClass};
use crate::domain::policy::facts::AuthorKind;
use crate::runtime::observe::{Ending, Observer, Work};
use crate::store::Partition;

type One = [(&'static str, &'static str); 1];
type Two = [(&'static str, &'static str); 2];

/// Counts and times the worker's doings. Clones count together.
#[derive(Debug, Clone)]
pub struct Counted {
    jobs: Family<Two, Counter>,
    job_seconds: Family<One, Histogram, fn() -> Histogram>,
    delivery_seconds: Histogram,
    calls: Family<Two, Counter>,
    call_seconds: Family<One, Histogram, fn() -> Histogram>,
    call_wait_seconds: Family<One, Histogram, fn() -> Histogram>,
    partitions: Gauge,
    commit_seconds: Histogram,
    commit_retries: Counter,
    flow: FlowCounts,
}

impl Default for Counted {
    fn default() -> Self {
        Self {
            jobs: Family::default(),
            job_seconds: Family::new_with_constructor(short),
            delivery_seconds: long(),
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(short),
            call_wait_seconds: Family::new_with_constructor(long),
            partitions: Gauge::default(),
            commit_seconds: short(),
            commit_retries: Counter::default(),
            flow: FlowCounts::default(),
        }
    }
}

/// Half a millisecond to sixteen seconds.
fn short() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, 16))
}

/// A millisecond to about an hour and a quarter.
fn long() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 4.0, 12))
}

impl Counted {
    /// Makes all of it visible.
    pub fn register(&self, to: &mut Registry) {
        to.register("flyball_jobs", "What the worker worked, by how it ended", self.jobs.clone());
        let mut timed = |name: &str, help: &str, metric: Family<One, Histogram, fn() -> Histogram>| {
            to.register_with_unit(name, help, Unit::Seconds, metric);
        };
        timed("flyball_job", "How long one piece of work took", self.job_seconds.clone());
        timed("flyball_github_call", "How long a writing call to GitHub took", self.call_seconds.clone());
        timed(
            "flyball_github_call_wait",
            "How long a call had been due before it went out",
            self.call_wait_seconds.clone(),
        );
        to.register("flyball_github_calls", "Writing calls to GitHub, by what came back", self.calls.clone());
        to.register_with_unit(
            "flyball_delivery_worked",
            "From receiving a delivery to committing what follows from it",
            Unit::Seconds,
            self.delivery_seconds.clone(),
        );
        to.register("flyball_partitions_held", "Partitions that this process works", self.partitions.clone());
        to.register_with_unit("flyball_commit", "How long a commit took", Unit::Seconds, self.commit_seconds.clone());
        to.register("flyball_commit_retries", "Commits that had to be repeated", self.commit_retries.clone());
        self.flow.register(to);
    }
}

impl Observer for Counted {
    fn worked(&self, work: Work, ending: Ending, took: Duration) {
        let work = ("work", work_name(work));
        self.jobs.get_or_create(&[work, ("ending", ending_name(ending))]).inc();
        self.job_seconds.get_or_create(&[work]).observe(took.as_secs_f64());
    }

    fn delivered(&self, after: Duration) {
        self.delivery_seconds.observe(after.as_secs_f64());
    }

    fn called(&self, class: CallClass, answer: &Answer, waited: Duration, took: Duration) {
        let class = ("class", class_name(class));
        self.calls.get_or_create(&[class, ("answer", answer_name(answer))]).inc();
        self.call_seconds.get_or_create(&[class]).observe(took.as_secs_f64());
        self.call_wait_seconds.get_or_create(&[class]).observe(waited.as_secs_f64());
    }

    fn moved(&self, moved: &[(AuthorKind, Moved)]) {
        self.flow.count(moved);
    }

    fn holds(&self, _: Partition, held: bool) {
        if held {
            self.partitions.inc();
        } else {
            self.partitions.dec();
        }
    }

    fn committed(&self, tries: u32, took: Duration) {
        self.commit_seconds.observe(took.as_secs_f64());
        self.commit_retries.inc_by(u64::from(tries.saturating_sub(1)));
    }
}

const fn work_name(work: Work) -> &'static str {
    match work {
        Work::Delivery => "delivery",
        Work::Timer => "timer",
        Work::Archive => "archive",
        Work::Answer => "answer",
        Work::Send => "send",
    }
}

const fn ending_name(ending: Ending) -> &'static str {
    match ending {
        Ending::Done => "done",
        Ending::Again => "again",
        Ending::Parked => "parked",
    }
}

const fn class_name(class: CallClass) -> &'static str {
    match class {
        CallClass::Revocation => "revocation",
        CallClass::Action => "action",
        CallClass::Landing => "landing",
        CallClass::Grant => "grant",
        CallClass::Comment => "comment",
    }
}

const fn answer_name(answer: &Answer) -> &'static str {
    match answer {
        Answer::Done { .. } => "done",
        Answer::Refused { .. } => "refused",
        Answer::Unknown { .. } => "unknown",
    }
}
