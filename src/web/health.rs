//! Whether the server is there, and whether it can do its work.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::AppState;
use super::problem::Problem;

/// Orchestrators ask often and give up soon.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the store answers, so deliveries can be taken. 503 otherwise.
pub(super) async fn ready(State(app): State<AppState>) -> Response {
    let why = match tokio::time::timeout(PATIENCE, app.store.ping()).await {
        Ok(Ok(())) => return "ready\n".into_response(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    tracing::warn!(why, "not ready: the store does not answer");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the store does not answer").retry_after_seconds(5).into_response()
}
