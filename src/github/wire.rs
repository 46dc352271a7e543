//! One request, one deadline, one reply; and what a reply says about limits, clocks and reasons.

use std::error::Error as _;
use std::io;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use octocrab::Octocrab;
use octocrab::secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::GitHubError;
use crate::domain::ids::Timestamp;

/// A larger answer is not GitHub's: a hundred files with their patches stay well below.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
/// The longest text of GitHub's that is passed on, in characters.
const LONGEST_MESSAGE: usize = 500;
/// A clock that is off by more than this makes GitHub refuse our signature (FACTS A1).
const CLOCK_TOLERANCE: i64 = 60;
/// No limit lasts longer; a `reset` beyond is a wrong clock.
const LONGEST_LIMIT: u32 = 3_700;

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// Path and query, never a host: credentials go to the configured one only.
    pub(super) path: String,
    pub(super) etag: Option<HeaderValue>,
    pub(super) body: Option<Value>,
}

impl Asked {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), etag: None, body: None }
    }

    /// A change without a body.
    pub(super) fn bare(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), etag: None, body: None }
    }

    pub(super) fn with(method: Method, path: impl Into<String>, body: Value) -> Self {
        Self { method, path: path.into(), etag: None, body: Some(body) }
    }
}

/// A reply, read whole.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// What kind of limit a reply speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// The hour's quota of REST or of GraphQL is used up.
    Bucket {
        /// Seconds until it is filled again.
        seconds: u32,
    },
    /// A secondary limit: everything waits.
    All {
        /// Seconds, where the reply names them.
        seconds: Option<u32>,
    },
}

/// Whose signature a request carries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signed<'a> {
    /// The App's own; octocrab makes it.
    App,
    /// An installation's token.
    Token(&'a SecretString),
    /// Nobody's: before there is an App.
    Nobody,
}

/// Sends one request and reads its reply before the deadline. Never repeats.
pub(super) async fn send(
    client: &Octocrab,
    asked: Asked,
    signed: Signed<'_>,
    deadline: Instant,
) -> Result<Reply, GitHubError> {
    if Instant::now() >= deadline {
        return Err(GitHubError::Unreachable { because: "no time was left to ask GitHub".to_owned(), sent: false });
    }
    let request = build(&asked, signed)?;
    let exchange = async {
        let response = match signed {
            Signed::App => client.execute(request).await,
            Signed::Token(_) | Signed::Nobody => client.send(request).await,
        };
        let (parts, body) = response.map_err(|error| from_octocrab(&error))?.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(|error| GitHubError::Unreachable {
            because: format!("GitHub's answer broke off: {}", redacted(&error.to_string())),
            sent: true,
        })?;
        Ok(Reply { status: parts.status, headers: parts.headers, body: body.to_bytes() })
    };
    timeout_at(deadline, exchange).await.unwrap_or_else(|_| {
        Err(GitHubError::Unreachable { because: "GitHub did not answer in time".to_owned(), sent: true })
    })
}

fn build(asked: &Asked, signed: Signed<'_>) -> Result<http::Request<octocrab::OctoBody>, GitHubError> {
    let unusable = |what: &str| GitHubError::Settings(format!("a request for {} cannot be made: {what}", asked.path));
    let mut request = http::Request::builder().method(asked.method.clone()).uri(asked.path.as_str());
    if let Signed::Token(token) = signed {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
            .map_err(|_| unusable("the token is no header value"))?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    if let Some(etag) = &asked.etag {
        request = request.header(header::IF_NONE_MATCH, etag);
    }
    let body = match &asked.body {
        Some(body) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            octocrab::OctoBody::from(body.to_string())
        }
        None => octocrab::OctoBody::empty(),
    };
    request.body(body).map_err(|error| unusable(&error.to_string()))
}

/// What octocrab could not do: sign, or reach the network.
fn from_octocrab(error: &octocrab::Error) -> GitHubError {
    let mut last = "the connection failed".to_owned();
    let mut refused = false;
    let mut next: Option<&(dyn std::error::Error + 'static)> = error.source();
    while let Some(cause) = next {
        refused |= cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused);
        last = cause.to_string();
        next = cause.source();
    }
    GitHubError::Unreachable { because: format!("GitHub could not be reached: {}", redacted(&last)), sent: !refused }
}

impl Reply {
    /// The body as JSON of a known shape.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, GitHubError> {
        serde_json::from_slice(&self.body).map_err(|error| GitHubError::Unreadable(error.to_string()))
    }

    /// What a reply without success means.
    pub(super) fn refusal(&self) -> GitHubError {
        if let Some(limit) = self.limit() {
            let (Limit::Bucket { seconds } | Limit::All { seconds: Some(seconds) }) = limit else {
                return GitHubError::Limited { seconds: 60 };
            };
            return GitHubError::Limited { seconds };
        }
        let status = self.status.as_u16();
        let message = self.message();
        if self.status.is_server_error() || self.status == StatusCode::REQUEST_TIMEOUT {
            return GitHubError::Unreachable { because: format!("GitHub answered {status}: {message}"), sent: true };
        }
        GitHubError::Refused { status, message }
    }

    /// As [`Reply::refusal`], for requests that our own signature carries: a 401 may be the clock's fault.
    pub(super) fn refusal_of_app(&self) -> GitHubError {
        let ahead = self.clock_ahead().filter(|ahead| ahead.abs() > CLOCK_TOLERANCE);
        match ahead {
            Some(ahead_seconds) if self.status == StatusCode::UNAUTHORIZED => GitHubError::ClockWrong { ahead_seconds },
            _ => self.refusal(),
        }
    }

    /// How many seconds this machine's clock is ahead of GitHub's, by the `Date` header.
    pub(super) fn clock_ahead(&self) -> Option<i64> {
        seconds(machine_time()).checked_sub(seconds(self.date()?))
    }

    fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.header("date")?).ok()
    }

    /// How long from this reply until a time, by GitHub's own clock where it says it.
    pub(super) fn until(&self, time: Timestamp) -> Duration {
        let rest = time.as_second().saturating_sub(seconds(self.date().unwrap_or_else(machine_time)));
        Duration::from_secs(u64::try_from(rest).unwrap_or(0))
    }

    /// The limit that a refusal speaks of. A 403 without any sign of one is a missing permission (FACTS R3).
    pub(super) fn limit(&self) -> Option<Limit> {
        if !matches!(self.status, StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS) {
            return None;
        }
        if let Some(seconds) = self.header("retry-after").and_then(|text| text.trim().parse::<u32>().ok()) {
            return Some(Limit::All { seconds: Some(seconds.clamp(1, LONGEST_LIMIT)) });
        }
        if let Some(seconds) = self.used_up() {
            return Some(Limit::Bucket { seconds });
        }
        let message = self.message().to_ascii_lowercase();
        let says_so = message.contains("rate limit") || message.contains("abuse detection");
        (says_so || self.status == StatusCode::TOO_MANY_REQUESTS).then_some(Limit::All { seconds: None })
    }

    /// Seconds until the quota is filled again, where this reply says that nothing is left of it.
    pub(super) fn used_up(&self) -> Option<u32> {
        if self.header("x-ratelimit-remaining")?.trim() != "0" {
            return None;
        }
        let reset: i64 = self.header("x-ratelimit-reset")?.trim().parse().ok()?;
        // GitHub's own time where it says it: our clock may be off.
        let rest = reset.saturating_sub(seconds(self.date().unwrap_or_else(machine_time)));
        Some(u32::try_from(rest).unwrap_or(1).clamp(1, LONGEST_LIMIT))
    }

    /// Whether the `Link` header names a next page; `None` without the header.
    pub(super) fn has_next(&self) -> Option<bool> {
        self.header("link").map(|link| link.contains("rel=\"next\""))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// GitHub's own words: `message`, then what `errors` adds (objects or plain strings, FACTS R9).
    pub(super) fn message(&self) -> String {
        let Ok(body) = serde_json::from_slice::<Value>(&self.body) else {
            return self.status.canonical_reason().unwrap_or("an answer that is not JSON").to_owned();
        };
        let mut text = body["message"]
            .as_str()
            .unwrap_or_else(|| self.status.canonical_reason().unwrap_or("no reason"))
            .to_owned();
        let details: Vec<String> = body["errors"].as_array().into_iter().flatten().filter_map(detail).collect();
        if !details.is_empty() {
            text = format!("{text}: {}", details.join("; "));
        }
        redacted(&text)
    }
}

fn detail(error: &Value) -> Option<String> {
    if let Some(text) = error.as_str().or_else(|| error["message"].as_str()) {
        return Some(text.to_owned());
    }
    let field = error["field"].as_str()?;
    Some(format!("{field} {}", error["code"].as_str().unwrap_or("invalid")))
}

/// The text with everything that looks like a token masked, by prefix and not by length (FACTS A4), and cut.
pub(super) fn redacted(text: &str) -> String {
    const PREFIXES: [&str; 7] = ["ghs_", "ghp_", "gho_", "ghu_", "ghr_", "github_pat_", "eyJ"];
    let mut clean = String::with_capacity(text.len().min(LONGEST_MESSAGE));
    let mut rest = text;
    while let Some((at, _)) = PREFIXES.iter().filter_map(|p| rest.find(p).map(|at| (at, p))).min_by_key(|(at, _)| *at) {
        clean.push_str(&rest[..at]);
        clean.push_str("***");
        let secret = &rest[at..];
        let end =
            secret.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(secret.len());
        rest = &secret[end..];
    }
    clean.push_str(rest);
    clean.chars().take(LONGEST_MESSAGE).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "octocrab signs with this machine's clock: it is this clock that is compared with GitHub's, whatever the program's is"
)]
fn machine_time() -> SystemTime {
    SystemTime::now()
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
