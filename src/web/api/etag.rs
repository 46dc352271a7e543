//! Entity tags: who asks again with `If-None-Match` and has it still gets 304 and no body.
//!
//! The tag is made from the bytes of the answer, so that it is the same on every replica. It saves the way, not the work: an answer
//! depends on the time too, so it has to be made to be known.
//!
//! Contract: RFC 9110, section 8.8.3 and 13.1.2, <https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3>

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use headers::{ETag, HeaderMapExt, IfNoneMatch};
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use sha2::{Digest, Sha256};

use crate::web::problem::Problem;

/// Caches may keep it for this caller, and ask each time whether it is still so.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Tags a good answer to `GET`, and leaves its body out where the caller has it.
pub(super) async fn tagged(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::GET;
    let has = request.headers().typed_get::<IfNoneMatch>();
    let response = next.run(request).await;
    if !asks || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Our own answer, which is in memory already.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the answer broke off").into_response();
    };
    let digest = hex::encode(Sha256::digest(&bytes));
    let Ok(tag) = format!("\"{}\"", &digest[..32]).parse::<ETag>() else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    parts.headers.insert(CACHE_CONTROL, ASK_AGAIN);
    let is_new = has.is_none_or(|has| has.precondition_passes(&tag));
    parts.headers.typed_insert(tag);
    if is_new {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}
