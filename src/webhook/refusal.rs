//! Why a delivery was not taken: one variant per answer.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::signature::BadSignature;
use crate::web::problem::Problem;

/// Why a delivery was not taken. GitHub notes it as failed; only the 503 is worth delivering again as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 401: nobody proved that GitHub sent it.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// 400: signed, and not what a delivery looks like.
    #[error("the delivery is malformed: {0}")]
    Malformed(&'static str),
    /// 413: more than [`MAX_BODY`](super::MAX_BODY) bytes.
    #[error("the body is larger than 25 MB")]
    TooLarge,
    /// 415: neither JSON nor a form.
    #[error("the content type is neither application/json nor application/x-www-form-urlencoded")]
    MediaType,
    /// 400: the connection broke while the body was read.
    #[error("the body ended early")]
    Incomplete,
    /// 408: the body did not arrive in time.
    #[error("the body did not arrive in time")]
    Slow,
    /// 503: it may not be durable, so it must be delivered again. The text is for the log, not for the answer.
    #[error("the delivery cannot be stored now")]
    Unstored(String),
    /// 503: too many large bodies are being read at once.
    #[error("too many large deliveries at once")]
    Crowded,
}

impl Refusal {
    /// The HTTP status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Signature(_) => StatusCode::UNAUTHORIZED,
            Self::Malformed(_) | Self::Incomplete => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Unstored(_) | Self::Crowded => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = Problem::new(self.status(), self.to_string());
        match self {
            Self::Unstored(_) | Self::Crowded => problem.retry_after_seconds(RETRY_AFTER).into_response(),
            Self::Signature(_)
            | Self::Malformed(_)
            | Self::TooLarge
            | Self::MediaType
            | Self::Incomplete
            | Self::Slow => problem.into_response(),
        }
    }
}

/// Seconds after which a delivery that could not be stored is worth another try.
const RETRY_AFTER: u32 = 30;
