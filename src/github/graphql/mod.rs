//! The snapshot as one GraphQL query: the standard read of a pull request.
//!
//! What a connection did not give whole is left open (`None`), never shortened; the reader then asks REST for that part.

pub(super) mod auto_merge;
mod pull;
pub(super) mod queue;
pub(super) mod revert;
mod shape;

use serde::Deserialize;
use serde_json::{Value, json};

use super::session::Session;
use super::wire::{Reply, redacted};
use super::{GitHubError, RepoAddress};
use crate::domain::govern::Snapshot;
use crate::domain::ids::PrNumber;
use shape::Data;

/// The query; valid against GitHub's published schema, which a test holds it to.
pub(super) const UNIT_SNAPSHOT: &str = include_str!("unit_snapshot.graphql");

/// What GraphQL gave.
pub(super) enum Seen {
    /// The pull request, with what could not be had whole.
    Pull(Box<Partly>),
    /// GraphQL cannot serve this: ask REST.
    Elsewhere,
}

/// A snapshot; its `checks` and `reviews` are `None` where they are still to be read.
pub(super) struct Partly {
    pub(super) snapshot: Snapshot,
    /// Whether labels or review requests are incomplete.
    pub(super) lists_cut: bool,
}

/// Asks for the snapshot.
pub(super) async fn snapshot(session: &Session, at: &RepoAddress, number: PrNumber) -> Result<Seen, GitHubError> {
    if session.wire().graphql_rests() {
        return Ok(Seen::Elsewhere);
    }
    let (owner, name) = at.full_name.split_once('/').unwrap_or((&at.full_name, ""));
    let variables = json!({ "owner": owner, "name": name, "number": number.0 });
    let body = json!({ "operationName": "UnitSnapshot", "query": UNIT_SNAPSHOT, "variables": variables });
    let reply = match session.query(body).await {
        Err(GitHubError::Refused { status: 404 | 405 | 410 | 501, .. }) => {
            session.wire().rest_graphql();
            return Ok(Seen::Elsewhere);
        }
        Err(GitHubError::Unreachable { because, .. }) if because.starts_with("GitHub answered 501") => {
            session.wire().rest_graphql();
            return Ok(Seen::Elsewhere);
        }
        answered => answered?,
    };
    judge(session, &reply)
}

fn judge(session: &Session, reply: &Reply) -> Result<Seen, GitHubError> {
    let Ok(Envelope { data, errors }) = reply.read::<Envelope>() else {
        return Ok(Seen::Elsewhere);
    };
    if errors.iter().any(|error| error.is("RATE_LIMITED") || error.is("RATE_LIMIT")) {
        return Err(session.graphql_limited(reply));
    }
    for error in errors.iter().filter(|error| error.path.len() <= 2) {
        let status = match error.kind.as_deref() {
            Some("NOT_FOUND") => 404,
            Some("FORBIDDEN") => 403,
            _ => continue,
        };
        return Err(GitHubError::Refused { status, message: redacted(&error.message) });
    }
    if errors.iter().any(GraphqlError::is_unknown_to_host) {
        session.wire().rest_graphql();
        return Ok(Seen::Elsewhere);
    }
    // Errors deeper down leave nulls behind that look like answers. Checks and reviews can be read elsewhere, the rest cannot be told.
    if errors.iter().any(|error| !error.is_about_a_part()) {
        return Ok(Seen::Elsewhere);
    }
    let Some(data) = data else {
        return Ok(Seen::Elsewhere);
    };
    let Some((repository, pull)) = data.repository.and_then(|mut repository| {
        let pull = repository.pull_request.take()?;
        Some((repository, pull))
    }) else {
        return Err(GitHubError::Refused { status: 404, message: "there is no such pull request".to_owned() });
    };
    let mut partly = pull.partly(&repository, session.wire().app_id);
    if !errors.is_empty() {
        partly.snapshot.checks = None;
        partly.snapshot.reviews = None;
        partly.lists_cut = true;
    }
    Ok(Seen::Pull(Box::new(partly)))
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<GraphqlError>,
}

#[derive(Deserialize)]
struct GraphqlError {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    path: Vec<Value>,
    #[serde(default)]
    extensions: Option<Value>,
}

impl GraphqlError {
    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    /// Whether this host's schema lacks something that we ask for: an older GHES.
    fn is_unknown_to_host(&self) -> bool {
        let code = self.extensions.as_ref().and_then(|extensions| extensions["code"].as_str());
        matches!(code, Some("undefinedField" | "undefinedType" | "argumentNotAccepted"))
            || self.message.contains("doesn't exist on type")
    }

    fn is_about_a_part(&self) -> bool {
        let part = self.path.get(2).and_then(Value::as_str);
        matches!(part, Some("commits" | "reviews" | "reviewRequests" | "labels"))
    }
}
