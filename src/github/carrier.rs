//! Another way for requests than the network: for simulations, where GitHub stands in the same process.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue, Uri, header};
use http_body_util::{BodyExt, Full};
use octocrab::models::AppId;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder, auth::AppAuth, jsonwebtoken::EncodingKey};
use tower::Service;

use super::GitHubError;
use super::settings::API_VERSION;

/// Takes requests where they belong and brings the answers, in place of a connection.
pub trait Carrier: Send + Sync + 'static {
    /// Carries one request, never twice. It is under way once this was called, even if nobody waits for the answer any more.
    ///
    /// # Errors
    /// The connection failed or broke off: the caller does not know whether the request arrived.
    fn carry(&self, request: http::Request<Bytes>) -> BoxFuture<'static, io::Result<http::Response<Bytes>>>;
}

/// A [`Carrier`] as octocrab wants it.
#[derive(Clone)]
struct Carried(Arc<dyn Carrier>);

impl Service<http::Request<OctoBody>> for Carried {
    type Response = http::Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<OctoBody>) -> Self::Future {
        let carrier = Arc::clone(&self.0);
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
            let answer = carrier.carry(http::Request::from_parts(parts, body)).await?;
            Ok(answer.map(Full::new))
        }
        .boxed()
    }
}

/// An octocrab whose requests go through `carrier`; signs as the App where there is one.
pub(super) fn client(
    carrier: &Arc<dyn Carrier>,
    base: &str,
    app: Option<(u64, EncodingKey)>,
) -> Result<Octocrab, GitHubError> {
    let base: Uri = base.parse().map_err(|error| GitHubError::Settings(format!("`{base}` is no URL: {error}")))?;
    let headers = vec![
        (header::USER_AGENT, HeaderValue::from_static("flyball")),
        (header::ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
        (HeaderName::from_static("x-github-api-version"), HeaderValue::from_static(API_VERSION)),
    ];
    let auth = app.map_or(AuthState::None, |(id, key)| AuthState::App(AppAuth { app_id: AppId(id), key }));
    let built = OctocrabBuilder::new_empty()
        .with_service(Carried(Arc::clone(carrier)))
        .with_layer(&ExtraHeadersLayer::new(Arc::new(headers)))
        .with_layer(&BaseUriLayer::new(base))
        .with_auth(auth)
        .build();
    // It cannot fail: its error has no value.
    built.map_err(|never| match never {})
}
