//! Flyball governs change made at machine speed: pull requests in, governed work units, one check run out.
//!
//! The way of a delivery, one directory per arrow: [`webhook`] accepts it durably into the [`store`], [`runtime`] takes it in order per
//! repository, gathers facts through [`github`] and [`git`], asks [`domain`] what follows, commits changes and what is owed to GitHub
//! in one step, and sends it. [`present`] words what people read, [`web`] serves pages and JSON, [`sim`] is a GitHub on loopback.
//! [`client`] asks a running server, [`mcp`] offers its answers to agents as tools.
//!
//! Dependencies point downward only: [`domain`] and [`present`] are pure, the rest is the shell that does I/O and decides nothing.

pub mod app;
pub mod client;
pub mod credentials;
pub mod doctor;
pub mod domain;
pub mod git;
pub mod github;
pub mod mcp;
pub mod present;
pub mod runtime;
pub mod sim;
pub mod stage;
pub mod store;
pub mod web;
pub mod webhook;
