//! `POST /webhooks/github`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use tracing::{Instrument, Span};

use super::body::{self, LARGE};
use super::payload::Reading;
use super::{ContentType, FrontDoor, Headers, Keys, Outcome, Refusal, envelope};

/// The route of the front door.
pub fn routes(door: FrontDoor) -> Router {
    Router::new().route("/webhooks/github", post(receive)).with_state(door)
}

/// Takes one delivery. 202 means durable, or already accepted under this id; 200 means that nobody needs it.
///
/// Contract: <https://docs.github.com/en/webhooks/using-webhooks/handling-webhook-deliveries>
async fn receive(State(door): State<FrontDoor>, request: Request) -> Response {
    let outcome = take(&door, request).await;
    door.counters().add(outcome.as_ref().map_or_else(Outcome::from, |outcome| *outcome));
    match outcome {
        Ok(Outcome::Accepted | Outcome::Duplicate) => StatusCode::ACCEPTED.into_response(),
        Ok(_) => StatusCode::OK.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Size, signature, headers, payload, store: in this order, so that nothing of an unproven body is ever looked at.
async fn take(door: &FrontDoor, request: Request) -> Result<Outcome, Refusal> {
    let (parts, body) = request.into_parts();
    let (claimed, content_type) = match (envelope::claimed(&parts.headers), ContentType::read(&parts.headers)) {
        (Ok(claimed), Ok(content_type)) => (claimed, content_type),
        (claimed, content_type) => {
            body::drain(body).await?;
            let refusal = claimed.err().map(Refusal::from).or(content_type.err());
            return Err(log_unproven(refusal.unwrap_or(Refusal::MediaType)));
        }
    };
    let whole = door.bodies.read(body).await?;
    let keys = door.keys().current();
    let proven = move |door: &FrontDoor, headers: &HeaderMap, bytes: &[u8]| {
        keys.secrets.check(claimed, bytes).map_err(Refusal::from)?;
        read(door, &keys, headers, content_type, bytes)
    };
    let (span, reading) = if whole.bytes.len() > LARGE {
        // Hashing and reading megabytes takes long enough to hold up the others on this thread.
        let door = door.clone();
        tokio::task::spawn_blocking(move || proven(&door, &parts.headers, &whole.bytes))
            .await
            .map_err(|error| Refusal::Unstored(error.to_string()))?
    } else {
        proven(door, &parts.headers, &whole.bytes)
    }
    .map_err(log_unproven)?;
    file(door, reading).instrument(span).await
}

/// Reads a proven body, in the span that names the delivery from here on.
fn read(
    door: &FrontDoor,
    keys: &Arc<Keys>,
    headers: &HeaderMap,
    content_type: ContentType,
    body: &[u8],
) -> Result<(Span, Reading), Refusal> {
    let headers = Headers::read(headers)?;
    let span = tracing::info_span!("delivery", delivery.id = headers.delivery, event = headers.event);
    let reading = span.in_scope(|| door.read(&headers, content_type, body, &keys.ourselves))?;
    Ok((span, reading))
}

async fn file(door: &FrontDoor, reading: Reading) -> Result<Outcome, Refusal> {
    let outcome = door.file(reading).await;
    match &outcome {
        Ok(outcome) => tracing::debug!(?outcome, "delivery taken"),
        Err(Refusal::Unstored(why)) => tracing::error!(why, "delivery not stored"),
        Err(refusal) => tracing::warn!(%refusal, "delivery refused"),
    }
    outcome
}

/// Logs a refusal of what nobody proved, or of what cannot be read: why, and nothing of what was sent.
fn log_unproven(refusal: Refusal) -> Refusal {
    tracing::warn!(%refusal, "delivery refused");
    refusal
}
