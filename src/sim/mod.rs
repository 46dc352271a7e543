//! A stateful GitHub on loopback: for the demo, the tests and the benchmarks.
//!
//! It speaks real HTTP and answers only what GitHub documents: paths, fields and status codes of the published `OpenAPI` description,
//! behaviour as far as it is known. Behind one lock lives the whole world: repositories with real commits and three-way merges, pull
//! requests, checks, comments, reviews, branch protection that decides. Every change sends the webhooks that GitHub would send.
//!
//! ```text
//! story (what people do) ─┐
//! rest, graphql (the App) ┴─> act (changes and their events) ─> state, git ─> json ─> hooks ─> POST to the App
//! http: who calls, limits, ETags, faults on demand, the log of every call
//! ```
//!
//! A story in a test reads as one:
//!
//! ```
//! # tokio::runtime::Runtime::new().expect("a runtime starts").block_on(async {
//! use flyball::sim::{Files, GitHub, Protection, Role, SimConfig};
//! let github = GitHub::start(SimConfig::default()).await.expect("loopback is free");
//! let repo = github.create_repo("acme/site", Files::new().with("a.txt", "one\n"));
//! github.user(repo, "alice", Role::Write);
//! github.protect(repo, "main", Protection::checks(&["ci"]));
//! let pr = github.open_pull(repo, "alice", "Say two", Files::new().with("a.txt", "two\n"));
//! assert!(github.press_merge(pr, "alice").is_err(), "ci is required");
//! github.check(pr, "ci", "ci-app", Some("success"));
//! github.press_merge(pr, "alice").expect("ci passed");
//! assert_eq!(github.file(repo, "main", "a.txt").as_deref(), Some("two\n"));
//! # });
//! ```

mod act;
mod config;
mod git;
mod graphql;
mod hooks;
mod http;
mod json;
mod login;
mod rest;
mod state;
mod story;

pub use config::{APP_PRIVATE_KEY, AppConfig, ClockFn, ContentLimit, SimConfig};
pub use hooks::{Delivery, Disorder};
pub use http::{CallRecord, Endpoint, Fault};
pub use state::people::Role;
pub use state::protection::{Protection, RequiredCheck};
pub use state::repo::RepoSettings;
pub use story::{CheckRunView, CommentView, Files, GitHub, PullView, Refused, StartError};
