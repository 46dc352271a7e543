//! What a simulated GitHub is started with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::ids::Timestamp;

/// The clock that all timestamps come from.
pub type ClockFn = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The private key that the App signs its JWT with in a simulation. Public, so it protects nothing.
pub const APP_PRIVATE_KEY: &str = include_str!("keys/simulation-only.pem");

pub(crate) const APP_PUBLIC_KEY: &str = include_str!("keys/simulation-only.pub.pem");

/// How a simulated GitHub behaves from the start.
#[derive(Clone)]
pub struct SimConfig {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The App under test.
    pub app: AppConfig,
    /// Where webhooks are sent; `None` keeps them unsent until [`set_webhook_url`](crate::sim::GitHub::set_webhook_url).
    pub webhook_url: Option<String>,
    /// The webhook secret.
    pub webhook_secret: String,
    /// How many deliveries may be under way at once; 1 keeps their order.
    pub webhook_concurrency: usize,
    /// The clock of GitHub.
    pub clock: ClockFn,
    /// The clock that credentials are judged by: the machine's, where `clock` is set by hand and the App's own is not.
    pub auth_clock: ClockFn,
    /// How far the clock the App's JWT is judged by is ahead of `clock`, in seconds: negative makes the App's clock look fast.
    pub jwt_skew_seconds: i64,
    /// Life of an installation token; an hour on GitHub.
    pub token_life: Duration,
    /// Life of a person's token; eight hours on GitHub.
    pub user_token_life: Duration,
    /// Requests per hour and installation; 5000 on GitHub.
    pub rate_limit: u64,
    /// Content-creating requests (FACTS R5) that are let through; `None` counts but never refuses.
    pub content_limit: Option<ContentLimit>,
    /// Whether `mergeable` is null on the first read after the head or the base moved (FACTS P1).
    pub mergeable_null_first: bool,
    /// Whether each push makes a check suite for the App and sends `check_suite.requested` (FACTS C7).
    pub auto_suites: bool,
    /// Whether calls are kept in full for [`calls`](crate::sim::GitHub::calls); the counters are kept always.
    pub keep_calls: bool,
    /// Where each call is also written as a line of JSON.
    pub traffic_log: Option<PathBuf>,
}

/// The App that a simulation knows from the start.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Its numeric id: what a JWT names as `iss`.
    pub id: u64,
    /// Its slug; its bot is `<slug>[bot]`.
    pub slug: String,
    /// Its client id, which `iss` may also be.
    pub client_id: String,
    /// Its client secret.
    pub client_secret: String,
    /// Where people may be sent back to after a login; empty: anywhere on this machine.
    pub callback_urls: Vec<String>,
    /// Permissions of new installations; a call that needs more gets 403. Empty means everything is allowed.
    pub permissions: BTreeMap<String, String>,
    /// Events that it subscribed to; empty means all.
    pub events: Vec<String>,
}

/// How much content may be created (FACTS R5).
#[derive(Debug, Clone, Copy)]
pub struct ContentLimit {
    /// Within any minute.
    pub per_minute: usize,
    /// Within any hour.
    pub per_hour: usize,
}

impl ContentLimit {
    /// GitHub's own figures.
    pub const GITHUB: Self = Self { per_minute: 80, per_hour: 500 };
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            id: 4242,
            slug: "flyball".into(),
            client_id: "Iv23simulated".into(),
            client_secret: "simulated-client-secret".into(),
            callback_urls: Vec::new(),
            permissions: BTreeMap::new(),
            events: Vec::new(),
        }
    }
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            port: 0,
            app: AppConfig::default(),
            webhook_url: None,
            webhook_secret: "simulated-secret".into(),
            webhook_concurrency: 1,
            clock: Arc::new(real_clock),
            auth_clock: Arc::new(real_clock),
            jwt_skew_seconds: 0,
            token_life: Duration::from_secs(3600),
            user_token_life: Duration::from_secs(8 * 3600),
            rate_limit: 5000,
            content_limit: None,
            mergeable_null_first: false,
            auto_suites: true,
            keep_calls: true,
            traffic_log: None,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the simulation stands for another machine, with a clock of its own")]
fn real_clock() -> Timestamp {
    Timestamp::now()
}
