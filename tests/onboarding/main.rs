//! From nothing to a governing server: the set-up over HTTP against the simulated GitHub, and what `doctor` says about worlds that are
//! not as they should be.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod doctor;
mod doors;
mod server;
mod walk;
mod world;
