//! Tools for coding agents, by the Model Context Protocol: an agent asks where a change stands, whose move it is and what it would
//! collide with, before it writes. Nothing here decides or changes anything.
//!
//! There is one set of `Tools` and two ways to it: [`routes`] on the running server, and [`over_stdio`] for programs that start one of
//! their own. Both put their questions to the JSON API, so that whoever may not read something there may not read it here.
//!
//! Contract: <https://modelcontextprotocol.io/specification>

mod inputs;
mod outputs;
mod schemas;
mod tools;
mod within;

use std::sync::Arc;

use axum::Router;
use rmcp::ServiceExt as _;
use rmcp::transport::stdio;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::client::{JsonApi, Remote};
use tools::Tools;

/// Why the tools could not be offered.
#[derive(Debug, thiserror::Error)]
pub enum McpError {
    /// Whoever started us does not speak the protocol.
    #[error("the program that started this one does not speak the Model Context Protocol: {0}")]
    Protocol(String),
}

/// Offers the tools on standard input and output until the other side is done, asking this server.
///
/// # Errors
/// [`McpError::Protocol`] if the other side says something else.
pub async fn over_stdio(server: Remote) -> Result<(), McpError> {
    let api = JsonApi::by(Arc::new(server));
    let wrong = |error: String| McpError::Protocol(error);
    let serving = Tools::asking(api).serve(stdio()).await.map_err(|error| wrong(error.to_string()))?;
    serving.waiting().await.map_err(|error| wrong(error.to_string()))?;
    Ok(())
}

/// The tools at `/mcp` (streamable HTTP), asking these routes of the JSON API. It stands behind the same guard as they do.
///
/// Nothing is kept between requests, so that any replica may answer any of them.
pub fn routes(api: Router) -> Router {
    // The guard of the pages looks at `Host` and `Origin` for all of them.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .disable_allowed_hosts()
        .enforce_origin_validation();
    let service = StreamableHttpService::new(
        move || Ok(Tools::within(api.clone())),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    Router::new().route_service("/mcp", service)
}
