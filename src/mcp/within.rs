//! The JSON API within this process: a tool's question goes to its routes as what the caller of the tool is.

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, HOST};
use http::request::Parts;
use http::{Request, Response};
use tower::Service as _;

use crate::client::{AskError, Carrier};

/// The routes, and on whose behalf they are asked.
pub(super) struct Within {
    router: Router,
    caller: Option<Parts>,
}

impl Within {
    /// Asks these routes for the caller of this request.
    pub(super) fn for_caller(router: Router, caller: Option<&Parts>) -> Self {
        Self { router, caller: caller.cloned() }
    }
}

#[async_trait]
impl Carrier for Within {
    async fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, AskError> {
        let mut request = request.map(Body::from);
        if let Some(caller) = &self.caller {
            // Whatever a guard found out about the caller, or will look at.
            request.extensions_mut().extend(caller.extensions.clone());
            for name in [HOST, AUTHORIZATION, COOKIE] {
                if let Some(value) = caller.headers.get(&name) {
                    drop(request.headers_mut().insert(name, value.clone()));
                }
            }
        }
        // A router is always ready and never fails.
        let Ok(answer) = self.router.clone().call(request).await;
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.map_err(|_| AskError::Unreachable {
            server: "this server".to_owned(),
            why: "its answer broke off".to_owned(),
        })?;
        Ok(Response::from_parts(parts, body))
    }
}
