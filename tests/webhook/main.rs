//! The front door from outside: the real router over TCP, and what it hands to the store.
#![expect(clippy::unwrap_used, reason = "these are tests throughout, helpers included")]

mod answers;
mod many;
mod payloads;
mod properties;
mod reading;
mod signatures;
mod support;
mod surface;
