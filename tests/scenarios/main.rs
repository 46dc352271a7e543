//! Stories of pull requests: the real app against a stateful GitHub over HTTP. What is asserted is what people see.
//! Each story is told on the embedded store and on a real Redis.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod access;
mod aftermath;
mod answers;
mod archive;
mod auto_merge;
mod backfill;
mod budget;
mod busy_day;
mod clock;
mod drill;
mod heard;
mod judgment;
#[path = "../support/keep.rs"]
mod keep;
mod killed;
mod missed;
mod moved;
mod ours;
mod outage;
mod pages;
mod policy;
mod queue;
#[path = "../support/redis.rs"]
mod redis;
mod restored;
mod story;
mod trouble;
mod world;
