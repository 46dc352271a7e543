//! The worker: inbox, leases, outbox, timers. It does what the domain decided, in order per repository, and decides nothing itself.
//!
//! ```text
//! Worker ─ Keeper (leases) ─ one PartitionWorker per held partition ─ one Slot per repository with something to do
//!                                     │ hands out one Job at a time per repository, and its calls beside it
//!                  inbox, agenda ─────┘        job → judge (reads, domain) → Draft → Committer → reports back
//! ```
//!
//! - [`clock`]: time as a port; - [`governor`]: the domain as a port; - [`settings`], [`observe`]: what is set and what is counted;
//! - `leases`, `lease`, `directory`, `worker`: which partitions are worked here, from start to shutdown;
//! - `partition`, `slot`, `agenda`: what waits, and what is next;
//! - `job`, `step`, `judge`, `send`, `park`: one step each, from what happened to the commit or to the call;
//! - `draft`, `committer`, `keys`: what a step writes, and how it is named in the store;
//! - [`archive`]: what becomes of the traces of ended units;
//! - [`reconcile`], [`redeliver`]: what was missed is found and asked for; [`notebook`]: what they remember;
//! - [`said`]: what people say on pages, into the same inbox;
//! - [`read`]: the same store, read for pages and API.

pub mod archive;
pub mod clock;
pub mod governor;
pub mod mirrored;
pub mod notebook;
pub mod observe;
pub mod read;
pub mod reconcile;
pub mod redeliver;
pub mod said;
pub mod settings;

mod agenda;
mod committer;
mod crew;
mod directory;
mod draft;
mod job;
mod judge;
mod keys;
mod lease;
mod leases;
mod park;
mod partition;
mod send;
mod slot;
mod step;
mod worker;
mod workshop;

#[cfg(test)]
mod tests;

pub use worker::{Deps, Worker, WorkerHandle};
