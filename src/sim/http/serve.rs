//! From a request on the wire to a handler and back, the same way for every route.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use axum::Router;
use axum::extract::{ConnectInfo, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::line::Switch;
use super::{Answer, Call, CallRecord, Caller, Fault, Reply};
use crate::sim::state::State;

/// What a caller must bring.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need {
    Nothing,
    Jwt,
    /// A person's token for the App.
    User,
    /// The App's client id and secret.
    Client,
    /// An installation token with this permission (alternatives separated by `|`) at this level.
    Token(&'static str, Level),
}

/// How far a permission goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Read,
    Write,
}

impl Level {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// One operation of the API.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) method: MethodFilter,
    /// The path as GitHub's `OpenAPI` description writes it.
    pub(crate) template: &'static str,
    pub(crate) need: Need,
    pub(crate) run: fn(&mut State, &Call) -> Reply,
}

pub(crate) type Shared = Arc<Mutex<State>>;

/// The largest body that is read.
const MOST_BODY: usize = 32 * 1024 * 1024;

/// The axum router for a table of routes.
pub(crate) fn router(routes: Vec<Route>, state: &Shared) -> Router {
    let mut router = Router::new();
    for route in routes {
        let shared = state.clone();
        let serve = move |ConnectInfo(switch): ConnectInfo<Switch>, params: RawPathParams, request: Request| {
            let shared = shared.clone();
            let values: Vec<String> = params.iter().map(|(_, value)| value.to_owned()).collect();
            async move { serve(shared, Some(route), values, switch, request).await }
        };
        router = router.route(&pattern(route.template), on(route.method, serve));
        if let Some(rest) = route.template.strip_prefix("/repos/{owner}/{repo}") {
            router = router.route(&pattern(&format!("/repositories/{{id}}{rest}")), by_id(route, state.clone()));
        }
    }
    let shared = state.clone();
    router.fallback(move |ConnectInfo(switch): ConnectInfo<Switch>, request: Request| {
        let shared = shared.clone();
        async move { serve(shared, None, Vec::new(), switch, request).await }
    })
}

/// The same route by the repository's id: redirects of renamed ones lead there.
fn by_id(route: Route, shared: Shared) -> MethodRouter {
    on(route.method, move |ConnectInfo(switch): ConnectInfo<Switch>, params: RawPathParams, request: Request| {
        let mut values: Vec<String> = params.iter().map(|(_, value)| value.to_owned()).collect();
        let id = values.first().and_then(|id| id.parse().ok()).unwrap_or_default();
        let name = lock(&shared).repos.get(&id).map(|repo| [repo.owner.clone(), repo.name.clone()]);
        values.splice(..1, name.unwrap_or_default());
        serve(shared.clone(), Some(route), values, switch, request)
    })
}

/// The template with its parameters numbered: one router position may have only one name, GitHub gives it several.
fn pattern(template: &str) -> String {
    let rest = ["/contents/{path}", "/git/ref/{ref}", "/git/refs/{ref}", "/git/matching-refs/{ref}"];
    let last_is_rest = rest.iter().any(|end| template.ends_with(end));
    let count = template.matches('{').count();
    let mut number = 0;
    let parts = template.split('/').map(|part| {
        if !part.starts_with('{') {
            return part.to_owned();
        }
        number += 1;
        if last_is_rest && number == count { format!("{{*p{number}}}") } else { format!("{{p{number}}}") }
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn serve(
    shared: Shared,
    route: Option<Route>,
    values: Vec<String>,
    switch: Switch,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(raw) = axum::body::to_bytes(body, MOST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let template = route.map_or("", |route| route.template);
    let names = template.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let mut call = Call {
        method: parts.method,
        template,
        path: parts.uri.path().to_owned(),
        params: names.map(Into::into).zip(values).collect(),
        query: serde_urlencoded::from_str::<BTreeMap<String, String>>(&query).unwrap_or_default(),
        headers: parts.headers,
        body: if raw.is_empty() { Value::Null } else { serde_json::from_slice(&raw).unwrap_or(Value::Null) },
        raw,
        caller: Caller::Nobody,
    };
    let began = Instant::now();
    let fault = route.and_then(|_| lock(&shared).faults.take(&call.method, template));
    if let Some(Fault::SlowBy(time)) = &fault {
        tokio::time::sleep(*time).await;
    }
    let (mut answer, hangs) = answer(&shared, route, &mut call, fault.as_ref(), &switch);
    finish(&shared, &call, &mut answer, fault.as_ref(), (&query, began));
    if hangs {
        std::future::pending::<()>().await;
    }
    respond(&answer)
}

/// The answer, and whether it must never arrive.
fn answer(
    shared: &Shared,
    route: Option<Route>,
    call: &mut Call,
    fault: Option<&Fault>,
    switch: &Switch,
) -> (Answer, bool) {
    let silence = Answer::empty(0);
    match fault {
        Some(Fault::Status(status, body)) => {
            let raw = super::answer::Body::Raw(body.clone().into(), "application/json; charset=utf-8");
            return (Answer { status: *status, body: raw, headers: Vec::new() }, false);
        }
        Some(Fault::Message(status, text)) => return (Answer::error(*status, text), false),
        Some(Fault::SecondaryLimit(after)) => return (super::rates::secondary(403, *after), false),
        Some(Fault::TooMany(after)) => return (super::rates::secondary(429, *after), false),
        Some(Fault::Garbage) => {
            let raw = super::answer::Body::Raw("<html>not what you asked for".into(), "text/html");
            return (Answer { status: 200, body: raw, headers: Vec::new() }, false);
        }
        Some(Fault::Hang) => return (silence, true),
        Some(Fault::CutBefore) => {
            switch.cut();
            return (silence, false);
        }
        Some(Fault::StatusAfter(_) | Fault::HangAfter | Fault::CutAfter | Fault::SlowBy(_)) | None => {}
    }
    let done = run(&mut lock(shared), route, call);
    match fault {
        Some(Fault::StatusAfter(status)) => (Answer::error(*status, "Server Error"), false),
        Some(Fault::HangAfter) => (silence, true),
        Some(Fault::CutAfter) => {
            switch.cut();
            (silence, false)
        }
        _ => (done, false),
    }
}

fn run(state: &mut State, route: Option<Route>, call: &mut Call) -> Answer {
    let Some(route) = route else { return super::not_found() };
    let asked = || -> Reply {
        let version = call.headers.get("x-github-api-version");
        if version.is_some_and(|version| version != "2022-11-28" && version != "2026-03-10") {
            return Err(Answer::error(400, "API version not supported"));
        }
        if !call.raw.is_empty() && call.body.is_null() && call.raw.as_ref() != b"null" {
            return Err(Answer::error(400, "Problems parsing JSON"));
        }
        if let Some(new) = moved(state, call) {
            return Err(new);
        }
        call.caller = state.admit(&call.headers, route.need)?;
        if call.method != Method::GET && call.repo(state).is_ok_and(|repo| repo.archived) {
            return Err(Answer::error(403, "Repository was archived so is read-only."));
        }
        state.charge(call.caller, creates_content(&call.method, route.template))?;
        (route.run)(state, call)
    };
    let answer = { asked }();
    let answer = answer.unwrap_or_else(|refused| refused);
    let answer = with_etag(state, call, answer);
    let headers = state.rate_headers(call.caller);
    let answer = headers.into_iter().fold(answer, |answer, (name, value)| answer.header(name, value));
    state.settle();
    answer
}

/// Where a repository went that had the name in the path before (FACTS R8): its address by id; other methods than GET keep theirs.
fn moved(state: &State, call: &Call) -> Option<Answer> {
    let (owner, name) = (call.params.get("owner")?, call.params.get("repo")?);
    if state.repo_named(owner, name).is_some() {
        return None;
    }
    let id = state.repo_once_named(owner, name)?.id;
    let rest = call.path.strip_prefix(&format!("/repos/{owner}/{name}")).unwrap_or_default();
    let query: String = serde_urlencoded::to_string(&call.query).unwrap_or_default();
    let mark = if query.is_empty() { "" } else { "?" };
    let url = format!("{}/repositories/{id}{rest}{mark}{query}", state.url);
    let (status, words) =
        if call.method == Method::GET { (301, "Moved Permanently") } else { (307, "Temporary Redirect") };
    let body = serde_json::json!({"message": words, "url": url, "documentation_url": "https://docs.github.com/rest"});
    Some(Answer::json(status, body).header("Location", url))
}

/// Content creation in GitHub's sense (FACTS R5): comments, reviews, checks, pull requests, merges.
fn creates_content(method: &Method, template: &str) -> bool {
    const ENDS: [&str; 7] =
        ["/comments", "/reviews", "/check-runs", "/pulls", "/merge", "/requested_reviewers", "/statuses/{sha}"];
    (method == Method::POST || method == Method::PUT) && ENDS.iter().any(|end| template.ends_with(end))
}

fn with_etag(state: &mut State, call: &Call, answer: Answer) -> Answer {
    if call.method != Method::GET || answer.status != 200 {
        return answer;
    }
    let etag = format!("W/\"{}\"", hex::encode(&Sha256::digest(answer.bytes().0)[..16]));
    let known = call.headers.get(http::header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == etag)) {
        state.refund(call.caller);
        return Answer::empty(304).header("ETag", etag);
    }
    answer.header("ETag", etag)
}

fn finish(shared: &Shared, call: &Call, answer: &mut Answer, fault: Option<&Fault>, (query, began): (&str, Instant)) {
    let mut state = lock(shared);
    let id = state.next_id();
    answer.headers.push(("X-GitHub-Request-Id", format!("SIM:{id:08X}")));
    answer.headers.push(("X-GitHub-Media-Type", "github.v3; format=json".into()));
    let response = match &answer.body {
        super::answer::Body::Empty => Value::Null,
        super::answer::Body::Json(value) => value.clone(),
        super::answer::Body::Raw(bytes, _) => String::from_utf8_lossy(bytes).into_owned().into(),
    };
    let record = CallRecord {
        at: state.now().to_string(),
        method: call.method.to_string(),
        path: described(call),
        query: query.to_owned(),
        template: (!call.template.is_empty()).then(|| call.template.to_owned()),
        body: call.body.clone(),
        status: answer.status,
        response,
        app: (call.caller == Caller::App).then_some(state.config.app.id),
        installation: if let Caller::Installation(id) = call.caller { Some(id) } else { None },
        fault: fault.map(|fault| format!("{fault:?}")),
        began,
        took: began.elapsed(),
    };
    state.calls.record(record);
}

/// The path as GitHub's description has it, also of a call by the repository's id.
fn described(call: &Call) -> String {
    let rest = call.path.strip_prefix("/repositories/").and_then(|path| path.split_once('/'));
    match rest {
        Some((_, rest)) => format!("/repos/{}/{}/{rest}", call.param("owner"), call.param("repo")),
        None => call.path.clone(),
    }
}

fn respond(answer: &Answer) -> Response {
    let (bytes, kind) = answer.bytes();
    let mut response = Response::new(axum::body::Body::from(bytes));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(kind) = kind {
        response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    for (name, value) in &answer.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().append(*name, value);
        }
    }
    response
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.lock().expect("no code panics while it holds this lock")
}
