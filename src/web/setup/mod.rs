//! `/setup`: registers the App from a browser, while the server has no credentials (GitHub's App manifest flow).
//!
//! ```text
//! GET /setup?token  who may: the token that the server printed at start, always
//! POST /setup       organisation and address → a page whose form carries the manifest and a state to GitHub
//! GET /setup/done   GitHub sends the browser back: state checked, code exchanged once, credentials stored, server takes them in
//! ```
//!
//! The token is asked of callers on this machine too: a proxy beside the server makes the whole world look local. No secret is ever
//! shown or logged, and nothing here needs a script.

mod address;
mod desk;
mod pages;
mod states;

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY};
use http::{HeaderMap, StatusCode};
use maud::Markup;
use serde::Deserialize;

use super::pages::layout;
use super::problem::{self, Problem};
use super::{health, limits};
pub(super) use address::of_browser;
pub use desk::{Desk, Handover, SetupSettings};
pub(super) use states::same;
pub use states::unguessable;

/// What every route but the set-up itself answers until there are credentials.
const NOT_YET: &str = "this server has no App credentials yet: open /setup with the link that it printed at start";
/// Seconds after which asking again may make sense: somebody is setting it up.
const PATIENCE_SECONDS: u32 = 60;

/// Form fields of the first page.
#[derive(Debug, Default, Deserialize)]
struct Wish {
    #[serde(default)]
    token: String,
    /// Empty: the person's own account.
    #[serde(default)]
    organization: String,
    #[serde(default)]
    address: String,
}

/// What GitHub sends the browser back with.
#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// The whole server while it has no credentials.
pub fn router(desk: Arc<Desk>) -> Router {
    let setup = Router::new()
        .route("/setup", get(ask).post(confirm))
        .route("/setup/done", get(done))
        .with_state(Arc::clone(&desk))
        .layer(middleware::map_response_with_state(desk, allow_github));
    Router::new()
        .route("/", get(|| async { Redirect::to("/setup") }))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(not_yet))
        .route("/webhooks/github", post(not_yet))
        .route("/style.css", get(layout::style))
        .route("/icon.svg", get(layout::icon))
        .merge(setup)
        .fallback(not_yet)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(middleware::from_fn(limits::answer_in_time))
        .layer(middleware::map_response(limits::secure))
}

/// `/setup` of a server that has its credentials.
pub(super) fn closed() -> Router {
    Router::new().route("/setup", get(pages::closed)).route("/setup/done", get(pages::closed))
}

async fn not_yet() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, NOT_YET).retry_after_seconds(PATIENCE_SECONDS)
}

/// The form of the second page goes to GitHub; nothing else may.
async fn allow_github(State(desk): State<Arc<Desk>>, mut response: Response) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self' {}; frame-ancestors 'none'",
        desk.github_origin()
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    // Our origin and nothing more: without any, browsers send `Origin: null` with the form.
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    response
}

/// `GET /setup`: asks for the token, or with the right one for where to register.
async fn ask(State(desk): State<Arc<Desk>>, headers: HeaderMap, Query(wish): Query<Wish>) -> (StatusCode, Markup) {
    if wish.token.is_empty() {
        return (StatusCode::OK, pages::token(None));
    }
    if !desk.admits(&wish.token) {
        return (StatusCode::FORBIDDEN, pages::token(Some("This is not the token.")));
    }
    (StatusCode::OK, pages::wish(&filled(&desk, &headers, wish), None))
}

/// The form with the address that is most likely right: as it is set, else as the browser came.
fn filled(desk: &Desk, headers: &HeaderMap, wish: Wish) -> Wish {
    let likely = desk.public_url().map(str::to_owned).or_else(|| address::of_browser(headers, None));
    // One that GitHub cannot reach is no help.
    let address = likely.filter(|address| desk.is_reachable(address));
    Wish { address: address.unwrap_or_default(), ..wish }
}

/// `POST /setup`: the page that leads to GitHub.
async fn confirm(State(desk): State<Arc<Desk>>, headers: HeaderMap, Form(wish): Form<Wish>) -> (StatusCode, Markup) {
    if !desk.admits(&wish.token) {
        return (StatusCode::FORBIDDEN, pages::token(Some("This is not the token.")));
    }
    if wish.address.trim().is_empty() {
        // It comes from the page that asks for the token.
        return (StatusCode::OK, pages::wish(&filled(&desk, &headers, wish), None));
    }
    match desk.begin(&headers, wish.organization.trim(), &wish.address).await {
        Ok(begun) => (StatusCode::OK, pages::begun(&begun)),
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, pages::wish(&wish, Some(&why))),
    }
}

/// `GET /setup/done`: GitHub sent the browser back.
async fn done(State(desk): State<Arc<Desk>>, Query(back): Query<Back>) -> Response {
    // A task of its own: a browser that leaves must not lose what GitHub gives only once.
    let finishing = tokio::spawn(async move { desk.finish(&back.code, &back.state).await });
    match finishing.await {
        Ok(Ok(installable)) => pages::finished(&installable).into_response(),
        Ok(Err(trouble)) => {
            tracing::warn!(%trouble, "a registration did not come to its end");
            (trouble.status(), pages::trouble(&trouble)).into_response()
        }
        Err(_) => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the set-up broke off").into_response(),
    }
}
