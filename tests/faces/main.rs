//! What programs, agents and people at a terminal see of a running server: the JSON API with its description, and the commands that ask
//! it. One world for each test: the real server on an embedded store, beside a simulated GitHub.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod book;
mod decisions;
mod described;
mod documented;
mod flow;
mod gate;
mod login;
mod metrics;
mod pages_of_units;
mod people;
mod person;
mod tags;
mod terminal;
mod world;
mod wrong;
