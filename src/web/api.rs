//! The JSON API (DESIGN, section 12): what the pages show, for programs and agents. Errors are problem details (RFC 9457).

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::problem::Problem;
use super::stored::{ReadError, StoredUnits};
use crate::domain::govern::Preflight;
use crate::domain::ids::PrNumber;
use crate::domain::unit::Brief;

/// How many units a page of the list holds.
const PAGE: usize = 100;

type Units = State<Arc<StoredUnits>>;

/// The routes under `/api/v1`.
pub(super) fn routes() -> Router<Arc<StoredUnits>> {
    let repo = "/api/v1/repos/{owner}/{repo}";
    Router::new()
        .route(&format!("{repo}/units"), get(list))
        .route(&format!("{repo}/units/{{number}}"), get(one))
        .route(&format!("{repo}/units/{{number}}/trace"), get(trace))
        .route(&format!("{repo}/units/{{number}}/policy"), get(policy))
        .route(&format!("{repo}/policy"), get(standard))
        .route(&format!("{repo}/plan/{{*base}}"), get(plan))
        .route(&format!("{repo}/preflight"), post(preflight))
        .route(&format!("{repo}/reconcile"), post(reconcile))
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unknown(what) => Self::new(StatusCode::NOT_FOUND, format!("{what} is not known here")),
            ReadError::Store(error) => {
                tracing::error!(%error, "the store could not be read for the API");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "the store does not answer; try again")
                    .retry_after_seconds(5)
            }
        }
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "the number of a pull request is expected in the path")
    }
}

#[derive(Debug, Deserialize)]
struct ListQuery {
    after: Option<u64>,
    state: Option<String>,
}

async fn list(
    State(units): Units,
    Path((owner, repo)): Path<(String, String)>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) =
        query.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "`after` is a number, `state` is `open` or `all`"))?;
    let all = match query.state.as_deref() {
        None | Some("all") => true,
        Some("open") => false,
        Some(_) => return Err(Problem::new(StatusCode::BAD_REQUEST, "`state` is `open` or `all`")),
    };
    let after = query.after.unwrap_or(0);
    let briefs = units.briefs(&format!("{owner}/{repo}"), all).await?;
    let mut page: Vec<Value> = briefs.iter().filter(|brief| brief.number.0 > after).take(PAGE + 1).map(shape).collect();
    let more = page.len() > PAGE;
    page.truncate(PAGE);
    let last = page.last().and_then(|unit| unit["number"].as_u64());
    let state = query.state.map_or_else(String::new, |state| format!("&state={state}"));
    let next = last.filter(|_| more).map(|last| format!("/api/v1/repos/{owner}/{repo}/units?after={last}{state}"));
    Ok(Json(json!({ "units": page, "next": next })).into_response())
}

async fn one(
    State(units): Units,
    path: Result<Path<(String, String, u64)>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path((owner, repo, number)) = path?;
    let brief = units.brief(&format!("{owner}/{repo}"), PrNumber(number)).await?;
    Ok(Json(shape(&brief)))
}

async fn trace(
    State(units): Units,
    path: Result<Path<(String, String, u64)>, PathRejection>,
) -> Result<Response, Problem> {
    let Path((owner, repo, number)) = path?;
    let mut lines = units.trace(&format!("{owner}/{repo}"), PrNumber(number)).await?.join("\n");
    lines.push('\n');
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], lines).into_response())
}

/// The whole tree, with the facts it was made from: what `flyball policy explain` takes.
async fn policy(
    State(units): Units,
    path: Result<Path<(String, String, u64)>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path((owner, repo, number)) = path?;
    let (evaluation, facts) = units.judged(&format!("{owner}/{repo}"), PrNumber(number)).await?;
    Ok(Json(json!({ "evaluation": evaluation, "facts": facts })))
}

/// The policy in force, what keeps the version on the branch from being it, and what its record suggests.
async fn standard(State(units): Units, Path((owner, repo)): Path<(String, String)>) -> Result<Json<Value>, Problem> {
    let state = units.state(&format!("{owner}/{repo}")).await?;
    let kept = state.policy_kept();
    let file = kept.and_then(|kept| kept.in_force.as_ref()).and_then(|seen| seen.file.as_ref());
    Ok(Json(json!({
        "source": file.map_or("defaults", |_| crate::domain::policy::PATH),
        "blob": file.map(|(blob, _)| blob),
        "text": file.map(|(_, text)| text),
        "read_at": kept.map(|kept| kept.at),
        "broken": kept.and_then(|kept| kept.broken.as_ref()),
        "suggestions": state.repo().records.suggestions(),
    })))
}

async fn plan(
    State(units): Units,
    Path((owner, repo, base)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    Ok(Json(units.plan(&format!("{owner}/{repo}"), &base).await?).into_response())
}

async fn preflight(
    State(units): Units,
    Path((owner, repo)): Path<(String, String)>,
    ask: Result<Json<Preflight>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(ask) = ask.map_err(|error| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            format!("send `base` and either `diff` or `paths` as JSON: {}", error.body_text()),
        )
    })?;
    if ask.diff.is_some() == ask.paths.is_some() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "send either `diff` (a unified diff) or `paths` (a list), not both",
        ));
    }
    Ok(Json(units.preflight(&format!("{owner}/{repo}"), &ask).await?).into_response())
}

async fn reconcile(State(units): Units, Path((owner, repo)): Path<(String, String)>) -> Result<StatusCode, Problem> {
    units.reconcile(&format!("{owner}/{repo}")).await?;
    Ok(StatusCode::ACCEPTED)
}

#[derive(Serialize)]
struct Answers<'a> {
    depends_on: &'a [crate::domain::unit::DependencyView],
    dependents: &'a [crate::domain::unit::DependencyView],
    backport_of: Option<&'a crate::domain::unit::BackportView>,
    conditions: &'a [crate::domain::unit::Condition],
    conflicts: &'a [crate::domain::unit::Conflict],
    integration: &'a [String],
    changed: &'a [String],
    would_break: &'a [String],
    lessons: &'a [String],
    lesson: Option<&'a crate::domain::unit::LessonOffer>,
    policy_changes: &'a [String],
    next: &'a str,
}

/// A unit as the API shows it: a stable shape.
fn shape(brief: &Brief) -> Value {
    let suggestion = brief.suggestion.as_ref().map(|suggestion| {
        json!({
            "action": suggestion.action, "reason": suggestion.reason, "effect": suggestion.effect, "undo": suggestion.undo,
            "fingerprint": suggestion.fingerprint, "who": suggestion.who,
        })
    });
    let codes: Vec<&str> = brief.reasons.iter().map(|reason| reason.code.code()).collect();
    let (source, digest) = brief.policy.rsplit_once('@').unwrap_or((&brief.policy, ""));
    let answers = Answers {
        depends_on: &brief.depends_on,
        dependents: &brief.dependents,
        backport_of: brief.backport_of.as_ref(),
        conditions: &brief.conditions,
        conflicts: &brief.conflicts,
        integration: &brief.integration,
        changed: &brief.changed,
        would_break: &brief.would_break,
        lessons: &brief.lessons,
        lesson: brief.lesson.as_ref(),
        policy_changes: &brief.policy_changes,
        next: &brief.next,
    };
    json!({
        "number": brief.number,
        "title": brief.title,
        "intent": brief.intent,
        "author": { "login": brief.author, "kind": brief.author_kind },
        "base": brief.base,
        "head": brief.head,
        "standing": brief.standing,
        "since": brief.since,
        "reason_codes": codes,
        "reasons": brief.reasons,
        "granted": brief.granted,
        "suggestion": suggestion,
        "next_move": brief.next_move,
        "brief": answers,
        "evidence": brief.evidence,
        "decisions": brief.decisions,
        "uncertain": brief.uncertain,
        "landed_as": brief.landed_as,
        "policy": { "source": source, "blob": null, "digest": digest, "verdict": brief.conditions },
        "anchor": brief.anchor,
    })
}
