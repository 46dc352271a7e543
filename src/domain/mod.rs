//! What Flyball believes and decides, as pure functions: no clock, no I/O, no randomness, no order that comes from a hash.
//!
//! [`mod@unit`] is the governed work unit, [`integration`] what it touches and collides with, [`policy`] the standard it is judged against,
//! [`govern`] puts them together: (state, event, facts, policy, now) → (changes, what is owed to GitHub). [`mod@flow`] measures how it went.
#![warn(clippy::wildcard_enum_match_arm, clippy::iter_over_hash_type)]

pub mod flow;
pub mod govern;
pub mod ids;
pub mod integration;
pub mod policy;
pub mod unit;
