//! Stories of pull requests: the real app against a stateful GitHub over HTTP. What is asserted is what people see.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod budget;
mod story;
mod trouble;
mod world;
