//! One installation: its token, its limits, its turn to write. Shared behind an `Arc` by everything that speaks for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{HeaderValue, StatusCode, header};
use octocrab::secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::GitHubError;
use super::etags::Kept;
use super::gate::{Bucket, Gate};
use super::pace::Pace;
use super::shared::Wire;
use super::turn::{Turnstile, Weight};
use super::wire::{Asked, Reply, Signed, send};
use crate::domain::ids::{InstallationId, Timestamp};

/// A token is not used any more this long before its end: a request takes its time.
const RENEW_BEFORE: Duration = Duration::from_secs(60);
/// The life of a token that names none; GitHub's live an hour.
const SHORTEST_LIFE: Duration = Duration::from_secs(600);
/// No list that we read is longer; one that is must not look complete.
pub(super) const MOST_PAGES: u32 = 200;
/// What GitHub gives at most in one page.
pub(super) const PAGE: usize = 100;

/// Whether an answer may be kept by its `ETag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Asked in full each time.
    No,
    /// Asked with `If-None-Match`; a 304 gives the kept body.
    ByEtag,
}

/// One installation.
#[derive(Debug)]
pub(super) struct Session {
    wire: Arc<Wire>,
    id: InstallationId,
    /// The lock is held while a token is minted: that is what makes it single-flight.
    token: tokio::sync::Mutex<Option<Token>>,
    gate: Gate,
    /// At most one mutation at a time (FACTS R5).
    turn: Turnstile,
    /// How fast they may follow each other; as fast as they can without.
    pace: Option<Pace>,
    gone: AtomicBool,
}

/// A token and when to get the next. `Debug` of the secret shows nothing.
#[derive(Debug)]
struct Token {
    secret: SecretString,
    renew_at: Instant,
}

/// The answer to a request for a token, as far as it is needed; octocrab's own model insists on more than GitHub promises.
#[derive(Deserialize)]
struct Minted {
    token: String,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// A list within an object.
#[derive(Deserialize)]
struct Wrapped<T> {
    total_count: Option<usize>,
    #[serde(alias = "check_runs", alias = "check_suites", alias = "repositories")]
    items: Vec<T>,
}

impl Session {
    pub(super) fn new(wire: Arc<Wire>, id: InstallationId) -> Self {
        let pace = wire.pacing.clone().map(Pace::new);
        Self {
            wire,
            id,
            token: tokio::sync::Mutex::default(),
            gate: Gate::default(),
            turn: Turnstile::default(),
            pace,
            gone: AtomicBool::new(false),
        }
    }

    pub(super) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// The user and password that git fetches with.
    pub(super) async fn git_user(&self) -> Result<String, GitHubError> {
        let token = self.token(None, Instant::now() + self.wire.timeout).await?;
        Ok(format!("x-access-token:{}", token.expose_secret()))
    }

    /// Whether GitHub said that there is no such installation (any more).
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// The token; minted once however many ask. A token equal to `refused` is thrown away first.
    async fn token(&self, refused: Option<&SecretString>, deadline: Instant) -> Result<SecretString, GitHubError> {
        let late = |_| GitHubError::Unreachable { because: "no token came in time".to_owned(), sent: false };
        let mut held = timeout_at(deadline, self.token.lock()).await.map_err(late)?;
        let is_refused = |token: &Token| refused.is_some_and(|r| r.expose_secret() == token.secret.expose_secret());
        if let Some(token) = held.as_ref().filter(|token| Instant::now() < token.renew_at && !is_refused(token)) {
            return Ok(token.secret.clone());
        }
        *held = None;
        let token = self.mint(deadline).await.map_err(|error| self.no_token(error))?;
        let secret = token.secret.clone();
        *held = Some(token);
        Ok(secret)
    }

    async fn mint(&self, deadline: Instant) -> Result<Token, GitHubError> {
        let path = format!("/app/installations/{}/access_tokens", self.id);
        let asked = Asked::with(http::Method::POST, path, serde_json::json!({}));
        let reply = self.wire.exchange_as_app(asked, deadline).await?;
        if !reply.status.is_success() {
            return Err(reply.refusal_of_app());
        }
        let minted: Minted = reply.read()?;
        // Its life by GitHub's own clock, so that a wrong one here neither shortens nor stretches it.
        let life = minted.expires_at.map_or(SHORTEST_LIFE, |expires_at| reply.until(expires_at));
        let renew_at = Instant::now() + life.saturating_sub(RENEW_BEFORE);
        Ok(Token { secret: minted.token.into(), renew_at })
    }

    fn no_token(&self, error: GitHubError) -> GitHubError {
        if error.is_missing() {
            self.gone.store(true, Ordering::Relaxed);
        }
        if let GitHubError::Limited { seconds } = error {
            self.gate.close(Bucket::Core, seconds);
        }
        // Only the token was asked for: what needed it never went out.
        match error.of_installation().unsent() {
            GitHubError::Unreachable { because, sent } => {
                GitHubError::Unreachable { because: format!("no token for the installation: {because}"), sent }
            }
            other => other,
        }
    }

    /// One request with this installation's token. A refused token is replaced, and the request sent anew, once: a 401 means that
    /// nothing was done. Any reply is `Ok`, whatever its status.
    async fn ask(&self, asked: &Asked, bucket: Bucket, deadline: Instant) -> Result<Reply, GitHubError> {
        self.open(bucket)?;
        let token = self.token(None, deadline).await?;
        self.open(bucket)?;
        let mut reply = self.exchange(asked, bucket, &token, deadline).await?;
        if reply.status == StatusCode::UNAUTHORIZED {
            let token = self.token(Some(&token), deadline).await?;
            reply = self.exchange(asked, bucket, &token, deadline).await?;
        }
        Ok(reply)
    }

    async fn exchange(
        &self,
        asked: &Asked,
        bucket: Bucket,
        token: &SecretString,
        deadline: Instant,
    ) -> Result<Reply, GitHubError> {
        let client = match bucket {
            Bucket::Core => &self.wire.app,
            Bucket::Graphql => &self.wire.graphql,
        };
        let mut reply = send(client, asked.clone(), Signed::Token(token), deadline).await?;
        // octocrab follows what it can without a body; a 307 of a renamed repository says that nothing was done yet (FACTS R8).
        if let Some(path) = moved_to(&reply) {
            let there = Asked { path, ..asked.clone() };
            reply = send(client, there, Signed::Token(token), deadline).await?;
        }
        self.gate.learn(bucket, &reply);
        Ok(reply)
    }

    fn open(&self, bucket: Bucket) -> Result<(), GitHubError> {
        self.gate.closed(bucket).map_or(Ok(()), |seconds| Err(GitHubError::Limited { seconds }))
    }

    /// A limit's wait as the gate decided it; else what the reply says.
    fn refusal(&self, reply: &Reply, bucket: Bucket) -> GitHubError {
        match (reply.limit(), self.gate.closed(bucket)) {
            (Some(_), Some(seconds)) => GitHubError::Limited { seconds },
            _ => reply.refusal(),
        }
    }

    /// One read: asked again where it failed in passing; a reply without success is an error.
    pub(super) async fn get(&self, path: &str, keep: Keep) -> Result<Reply, GitHubError> {
        let deadline = Instant::now() + self.wire.timeout;
        let kept = if keep == Keep::ByEtag { self.wire.etags.get(self.id, path) } else { None };
        let asked = Asked { etag: kept.as_ref().map(|kept| kept.etag.clone()), ..Asked::get(path) };
        let reply = self.wire.again(deadline, || self.one_read(&asked, Bucket::Core, deadline)).await?;
        if let (StatusCode::NOT_MODIFIED, Some(kept)) = (reply.status, kept) {
            let mut headers = http::HeaderMap::new();
            headers.extend(kept.link.clone().map(|link| (header::LINK, link)));
            return Ok(Reply { status: StatusCode::OK, headers, body: kept.body.clone() });
        }
        if keep == Keep::ByEtag && reply.status == StatusCode::OK {
            self.keep(path, &reply);
        }
        Ok(reply)
    }

    async fn one_read(&self, asked: &Asked, bucket: Bucket, deadline: Instant) -> Result<Reply, GitHubError> {
        let reply = self.ask(asked, bucket, deadline).await?;
        let unchanged = reply.status == StatusCode::NOT_MODIFIED && asked.etag.is_some();
        if reply.status.is_success() || unchanged { Ok(reply) } else { Err(self.refusal(&reply, bucket)) }
    }

    fn keep(&self, path: &str, reply: &Reply) {
        let find = |name: header::HeaderName| -> Option<HeaderValue> { reply.headers.get(name).cloned() };
        if let Some(etag) = find(header::ETAG) {
            self.wire.etags.keep(self.id, path, Kept { etag, link: find(header::LINK), body: reply.body.clone() });
        }
    }

    /// Every page of a list. Pages are asked for by number: what a `Link` header says is only whether there is one more.
    pub(super) async fn pages<T: DeserializeOwned>(&self, path: &str, keep: Keep) -> Result<Vec<T>, GitHubError> {
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let reply = self.get(&numbered(path, page), keep).await?;
            let items: Vec<T> = reply.read()?;
            let more = reply.has_next().unwrap_or(items.len() >= PAGE);
            all.extend(items);
            if !more {
                return Ok(all);
            }
        }
        Err(GitHubError::Unreadable(format!("a list of more than {} entries", all.len())))
    }

    /// Every page of a list within an object; fewer entries than its `total_count` is an error, never a short list.
    pub(super) async fn wrapped_pages<T: DeserializeOwned>(
        &self,
        path: &str,
        keep: Keep,
    ) -> Result<Vec<T>, GitHubError> {
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let reply = self.get(&numbered(path, page), keep).await?;
            let Wrapped { total_count, items }: Wrapped<T> = reply.read()?;
            let more = reply.has_next().unwrap_or(items.len() >= PAGE) && !items.is_empty();
            all.extend(items);
            if more {
                continue;
            }
            let total = total_count.unwrap_or(0);
            if all.len() < total {
                return Err(GitHubError::Unreadable(format!("{} of {total} entries were listed", all.len())));
            }
            return Ok(all);
        }
        Err(GitHubError::Unreadable(format!("a list of more than {} entries", all.len())))
    }

    /// One GraphQL query; the reply is a 2xx, what its `errors` say is the caller's to read.
    pub(super) async fn query(&self, body: Value) -> Result<Reply, GitHubError> {
        let deadline = Instant::now() + self.wire.timeout;
        let asked = Asked::with(http::Method::POST, self.wire.graphql_path.clone(), body);
        self.wire.again(deadline, || self.one_read(&asked, Bucket::Graphql, deadline)).await
    }

    /// GraphQL says within a 200 that its quota is used up.
    pub(super) fn graphql_limited(&self, reply: &Reply) -> GitHubError {
        let seconds = reply.used_up().unwrap_or(60);
        self.gate.close(Bucket::Graphql, seconds);
        GitHubError::Limited { seconds }
    }

    /// One mutation, once, in its turn; any reply is `Ok`. All of it, the wait for the turn too, takes the time-out at most, so that a
    /// call never starts after the time its caller reckons with.
    pub(super) async fn change(&self, asked: &Asked, weight: Weight) -> Result<Reply, GitHubError> {
        self.in_turn(asked, Bucket::Core, weight).await
    }

    /// The same for a mutation by GraphQL; what its `errors` say is the caller's to read.
    pub(super) async fn mutate(&self, body: Value) -> Result<Reply, GitHubError> {
        let asked = Asked::with(http::Method::POST, self.wire.graphql_path.clone(), body);
        self.in_turn(&asked, Bucket::Graphql, Weight::Pressing).await
    }

    /// How long a write of this weight would have to wait now.
    pub(super) fn wait(&self, weight: Weight) -> Duration {
        // What is only changed counts less; which it will be is not known yet.
        self.pace.as_ref().map_or(Duration::ZERO, |pace| pace.wait(weight, true))
    }

    /// Keeps the pace: a short wait is waited out, a long one is handed back.
    async fn paced(&self, asked: &Asked, weight: Weight, until: Instant) -> Result<(), GitHubError> {
        let Some(pace) = &self.pace else { return Ok(()) };
        let creates = creates(asked);
        while let Err(wait) = pace.take(weight, creates) {
            if wait > pace.patience() || Instant::now() + wait >= until {
                let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
                return Err(GitHubError::Limited { seconds });
            }
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    async fn in_turn(&self, asked: &Asked, bucket: Bucket, weight: Weight) -> Result<Reply, GitHubError> {
        let start = Instant::now();
        // The second half is for the call itself: one that starts late would only end in doubt.
        let half = start + self.wire.timeout / 2;
        let late = || GitHubError::Unreachable {
            because: "other writes of this installation took too long".to_owned(),
            sent: false,
        };
        let _turn = self.turn.enter(weight, half).await.ok_or_else(late)?;
        self.paced(asked, weight, half).await?;
        self.ask(asked, bucket, start + self.wire.timeout).await
    }

    /// The wait that the gate decided on after a reply that was a limit.
    pub(super) fn limit_of(&self, reply: &Reply) -> Option<u32> {
        reply.limit()?;
        self.gate.closed(Bucket::Core).or(Some(1))
    }
}

/// Whether a write creates content in GitHub's sense (FACTS R5): comments, reactions, check runs, pull requests, merges, review requests.
fn creates(asked: &Asked) -> bool {
    matches!(asked.method, http::Method::POST | http::Method::PUT)
}

/// Path and query of a redirect; never its host, since that would carry the token elsewhere.
fn moved_to(reply: &Reply) -> Option<String> {
    let moved = matches!(reply.status.as_u16(), 301 | 302 | 307 | 308);
    let location: http::Uri = reply.header("location").filter(|_| moved)?.parse().ok()?;
    Some(location.path_and_query()?.to_string())
}

pub(super) fn numbered(path: &str, page: u32) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}per_page={PAGE}&page={page}")
}
