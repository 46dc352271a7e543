//! The front door from outside: the real router over TCP, and what it hands to the store.
#![expect(clippy::unwrap_used, reason = "these are tests throughout, helpers included")]

mod answers;
mod connections;
#[path = "../support/keep.rs"]
mod keep;
mod many;
mod payloads;
mod properties;
mod reading;
#[path = "../support/redis.rs"]
mod redis;
mod signatures;
mod support;
mod surface;
