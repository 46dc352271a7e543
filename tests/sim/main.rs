//! The simulated GitHub, seen from outside: over HTTP as the App sees it, and through the story handle.

#![expect(clippy::unwrap_used, reason = "helpers of tests: what goes wrong in them is a failed test")]

#[path = "../support/openapi.rs"]
mod openapi;

mod auth;
mod checks;
mod client;
mod contract;
mod crates;
mod faults;
mod files;
mod graphql;
mod hooks;
mod limits;
mod merges;
mod pulls;
mod queue;
mod talk;
