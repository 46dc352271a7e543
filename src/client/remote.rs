//! A server somewhere else, over HTTP.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response};
use url::Url;

use super::{AskError, Carrier};

/// How long an answer may take: the server itself gives up before.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server by its address.
#[derive(Debug, Clone)]
pub struct Remote {
    client: reqwest::Client,
    server: Url,
    /// What is sent as `Authorization`; it never shows.
    token: Option<HeaderValue>,
}

impl Remote {
    /// The server at this address: `http://` or `https://`, a host, perhaps a port.
    ///
    /// # Errors
    /// [`AskError::Address`] if it is no such address.
    pub fn at(address: &str) -> Result<Self, AskError> {
        let wrong = || AskError::Address(address.chars().take(200).collect());
        let server: Url = address.trim().parse().map_err(|_| wrong())?;
        if !matches!(server.scheme(), "http" | "https") || server.host_str().is_none() {
            return Err(wrong());
        }
        let mut client = reqwest::Client::builder().timeout(PATIENCE).user_agent("flyball");
        // The way to a login is no answer, and no token goes anywhere else.
        client = client.redirect(reqwest::redirect::Policy::none());
        if is_loopback(&server) {
            // A proxy of this machine's environment is no way to this machine, and the server refuses what came through one.
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| AskError::Unreachable {
            server: server.to_string(),
            why: format!("no client can be made: {error}"),
        })?;
        Ok(Self { client, server, token: None })
    }

    /// The same, for somebody: with their GitHub user token.
    ///
    /// # Errors
    /// [`AskError::Token`] if no header can hold it.
    pub fn with_token(self, token: &str) -> Result<Self, AskError> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| AskError::Token)?;
        value.set_sensitive(true);
        Ok(Self { token: Some(value), ..self })
    }
}

fn is_loopback(server: &Url) -> bool {
    match server.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[async_trait]
impl Carrier for Remote {
    async fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, AskError> {
        let unreachable = |error: &reqwest::Error| {
            let why = match () {
                () if error.is_timeout() => "no answer in time",
                () if error.is_connect() => "no connection",
                () => "the connection broke",
            };
            AskError::Unreachable { server: self.server.to_string(), why: why.to_owned() }
        };
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        // A server may stand below a path of a proxy.
        let base = self.server.as_str().trim_end_matches('/');
        let url: Url = format!("{base}{path}").parse().map_err(|_| AskError::Malformed)?;
        let mut request = self.client.request(parts.method, url).headers(parts.headers).body(body);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        let answer = request.send().await.map_err(|error| unreachable(&error))?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let body = answer.bytes().await.map_err(|error| unreachable(&error))?;
        response.body(body).map_err(|_| AskError::Malformed)
    }
}
