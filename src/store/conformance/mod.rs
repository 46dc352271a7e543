//! What every adapter must do, as named cases. The integration tests of both adapters run all of them.
//!
//! Each case works in a partition of its own, so that all can share one store and run side by side. A case panics where the adapter
//! breaks the contract of [`Store`]. Cases need no clock but the store's own; the longest wait is a lease that runs out.
//!
//! ```text
//! for case in CASES { (case.run)(Ground::new(&store, case)).await }
//! ```

mod commit;
mod crew;
mod due;
mod inbox;
mod lease;

use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;

use super::{
    Accepted, Batch, BatchId, Due, DueKind, InboxEntry, NewDelivery, Partition, Put, Schedule, Store, StoreError,
    Token, TraceAppend, TraceForget,
};
use crate::domain::ids::Timestamp;

/// One claim about a store.
pub struct Case {
    /// The claim, as a path in this module.
    pub name: &'static str,
    /// Panics if it does not hold.
    pub run: for<'a> fn(Ground<'a>) -> BoxFuture<'a, ()>,
}

macro_rules! cases {
    ($($path:path),* $(,)?) => {
        &[$(Case { name: stringify!($path), run: |ground| Box::pin($path(ground)) }),*]
    };
}

/// All claims.
pub const CASES: &[Case] = cases![
    inbox::a_delivery_is_accepted_once,
    inbox::a_hundred_at_once_with_one_id_are_accepted_once,
    inbox::entries_come_in_order_and_page_on,
    inbox::the_same_id_in_another_partition_is_another_delivery,
    inbox::an_entry_stays_until_it_is_acknowledged_in_any_order,
    inbox::an_acknowledged_id_is_still_a_duplicate,
    inbox::order_goes_on_after_everything_is_acknowledged,
    inbox::an_accept_wakes_the_one_who_waits,
    inbox::a_wait_without_arrivals_ends,
    inbox::bodies_of_any_bytes_and_a_megabyte_come_back,
    crew::who_says_so_is_at_work_until_their_time_runs_out,
    crew::who_leaves_is_gone_at_once,
    crew::who_comes_and_who_leaves_wakes_the_one_who_waits,
    lease::one_owner_at_a_time,
    lease::renewing_keeps_the_token,
    lease::a_lease_that_ran_out_is_taken_over_under_a_greater_token,
    lease::ten_takers_at_once_make_one_holder,
    lease::giving_up_frees_it_at_once_and_tokens_still_grow,
    lease::giving_up_under_an_old_token_changes_nothing,
    lease::without_a_lease_nothing_is_committed,
    lease::an_old_token_commits_nothing_of_its_batch,
    lease::a_lease_that_ran_out_commits_nothing,
    commit::everything_of_a_batch_is_there_afterwards,
    commit::an_empty_batch_is_fine,
    commit::repeating_the_last_batch_changes_nothing,
    commit::puts_apply_in_order_and_none_deletes,
    commit::fields_and_spaces_come_in_order_and_apart,
    commit::a_large_space_loads_whole,
    commit::names_and_values_of_any_script_come_back,
    commit::a_megabyte_in_each_place_comes_back,
    commit::a_large_batch_is_one_step,
    commit::a_trace_pages_from_any_number,
    commit::a_gap_in_the_trace_refuses_the_whole_batch,
    commit::a_forgotten_trace_is_gone_and_can_be_written_anew,
    commit::a_trace_that_grew_since_it_was_read_is_not_forgotten,
    commit::a_dead_letter_is_kept_with_its_reason,
    commit::a_redriven_letter_is_at_the_end_of_the_inbox_once,
    commit::pending_counts_what_waits,
    commit::the_store_answers,
    due::what_is_due_comes_earliest_first,
    due::scheduling_again_moves_it,
    due::what_is_unscheduled_never_falls_due,
    due::one_batch_that_closes_and_schedules_leaves_it_scheduled,
    due::the_next_is_known,
    due::a_time_before_1970_or_far_ahead_keeps_its_place,
];

/// A store and the partition that a case has for itself.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    store: &'a dyn Store,
    partition: Partition,
}

impl<'a> Ground<'a> {
    /// The ground of a case: its partition is its place in [`CASES`].
    ///
    /// # Panics
    /// If `case` is not of [`CASES`].
    #[must_use]
    pub fn new(store: &'a dyn Store, case: &Case) -> Self {
        let place = CASES.iter().position(|other| other.name == case.name).expect("a case of this table");
        let number = u8::try_from(place).expect("fewer cases than half the partitions");
        Self { store, partition: Partition::numbered(number) }
    }

    /// Another partition that no case has.
    fn elsewhere(self) -> Self {
        Self { partition: Partition::numbered(u8::MAX - self.partition.number()), ..self }
    }

    async fn accept(self, id: &str, body: impl Into<Bytes>) -> Accepted {
        let delivery = NewDelivery { partition: self.partition, id: id.into(), body: body.into() };
        self.store.accept(delivery).await.expect("the store accepts")
    }

    async fn inbox(self) -> Vec<InboxEntry> {
        self.store.inbox(self.partition, None, usize::MAX).await.expect("the inbox is read")
    }

    /// The ids of the deliveries that wait.
    async fn waiting(self) -> Vec<String> {
        self.inbox().await.into_iter().map(|entry| entry.delivery).collect()
    }

    /// A lease that lasts as long as the case.
    async fn hold(self) -> Token {
        self.lease("the case", Duration::from_secs(60)).await.expect("nobody else holds it").token
    }

    async fn lease(self, owner: &str, ttl: Duration) -> Option<super::Lease> {
        self.store.lease(self.partition, owner, ttl).await.expect("the store answers")
    }

    async fn try_commit(self, token: Token, id: &str, batch: &Batch) -> Result<(), StoreError> {
        self.store.commit(self.partition, token, &BatchId(id.into()), batch).await
    }

    async fn commit(self, token: Token, id: &str, batch: Batch) {
        self.try_commit(token, id, &batch).await.expect("the batch is applied");
    }

    async fn get(self, space: &str, field: &str) -> Option<Bytes> {
        self.store.get(self.partition, space, field).await.expect("the field is read")
    }

    async fn load(self, space: &str) -> Vec<(String, Bytes)> {
        self.store.load(self.partition, space).await.expect("the space is read")
    }

    async fn trace(self, stream: &str) -> Vec<Bytes> {
        self.store.trace(self.partition, stream, 1, usize::MAX).await.expect("the trace is read")
    }

    async fn due(self, now: i64) -> Vec<Due> {
        self.store.due(self.partition, at(now), usize::MAX).await.expect("what is due is read")
    }
}

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).expect("a time within the calendar")
}

fn put(space: &str, field: &str, value: impl Into<Bytes>) -> Put {
    Put { space: space.into(), field: field.into(), value: Some(value.into()) }
}

fn delete(space: &str, field: &str) -> Put {
    Put { space: space.into(), field: field.into(), value: None }
}

fn entry(stream: &str, seq: u64, body: impl Into<Bytes>) -> TraceAppend {
    TraceAppend { stream: stream.into(), seq, body: body.into() }
}

fn forget(stream: &str, length: u64) -> TraceForget {
    TraceForget { stream: stream.into(), length }
}

fn owed(id: &str, millisecond: i64, body: impl Into<Bytes>) -> Schedule {
    Schedule { kind: DueKind::Owed, id: id.into(), at: at(millisecond), body: body.into() }
}

fn timer(id: &str, millisecond: i64, body: impl Into<Bytes>) -> Schedule {
    Schedule { kind: DueKind::Timer, ..owed(id, millisecond, body) }
}
