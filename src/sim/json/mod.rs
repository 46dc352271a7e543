//! State as the documents that GitHub's API and webhooks show. Shapes follow GitHub's `OpenAPI` description, version 2022-11-28.

mod app;
pub(crate) mod check;
mod comment;
mod commit;
mod event;
mod pull;
mod repo;
mod user;

use crate::domain::ids::Timestamp;

/// An opaque id as the `node_id` of REST and the `id` of GraphQL.
pub(crate) fn node_id(kind: &str, id: impl std::fmt::Display) -> String {
    format!("{kind}_kwSim{id}")
}

/// A time as GitHub writes it: seconds, UTC.
pub(crate) fn time(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}
