//! The App's own delivery log: which webhooks GitHub could not deliver, and asking for them again.
//!
//! GitHub never repeats a delivery by itself (FACTS W6). The log is read and repeated with the App's own signature.
//! Contract: <https://docs.github.com/en/rest/apps/webhooks>

use async_trait::async_trait;
use http::Method;
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::path::segment;
use super::session::PAGE;
use super::wire::{Asked, Reply};
use super::{GitHubError, OctocrabGitHub};
use crate::domain::ids::Timestamp;

/// Which attempts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempts {
    /// Those that the receiver did not take.
    Failed,
    /// Those that it took.
    Taken,
}

/// One attempt to deliver a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// By which it is asked for again; not the GUID.
    pub id: u64,
    /// What all attempts at one delivery share: `X-GitHub-Delivery`.
    pub guid: String,
    /// When.
    pub at: Timestamp,
    /// Whether somebody had asked for it again.
    pub again: bool,
    /// Whether the receiver took it.
    pub taken: bool,
    /// The event's name.
    pub event: String,
    /// The payload's action.
    pub action: Option<String>,
}

/// A page of the log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogPage {
    /// At most 100.
    pub attempts: Vec<Attempt>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// The App's delivery log.
#[async_trait]
pub trait DeliveryLog: Send + Sync {
    /// One page of it, from the newest attempt on or from where an earlier page ended.
    ///
    /// # Errors
    /// `Limited`: not before that time. `Refused` with 401 or `ClockWrong`: see `AppDirectory::identity`. Others: try again later.
    async fn page(&self, which: Attempts, from: Option<&str>) -> Result<LogPage, GitHubError>;

    /// Asks GitHub to deliver this again. The attempt comes later, under the same GUID.
    ///
    /// # Errors
    /// As [`DeliveryLog::page`]; `Refused` with 404 or 422 where the log does not reach back to it any more.
    async fn ask_again(&self, id: u64) -> Result<(), GitHubError>;
}

#[derive(Deserialize)]
struct Item {
    id: u64,
    guid: String,
    delivered_at: Timestamp,
    #[serde(default)]
    redelivery: bool,
    #[serde(default)]
    status: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    action: Option<String>,
}

impl From<Item> for Attempt {
    fn from(item: Item) -> Self {
        Self {
            id: item.id,
            guid: item.guid,
            at: item.delivered_at,
            again: item.redelivery,
            taken: item.status == "OK",
            event: item.event,
            action: item.action,
        }
    }
}

#[async_trait]
impl DeliveryLog for OctocrabGitHub {
    async fn page(&self, which: Attempts, from: Option<&str>) -> Result<LogPage, GitHubError> {
        let status = match which {
            Attempts::Failed => "failure",
            Attempts::Taken => "success",
        };
        let mut path = format!("/app/hook/deliveries?per_page={PAGE}&status={status}");
        if let Some(from) = from {
            path.push_str("&cursor=");
            path.push_str(&segment(from));
        }
        let reply = self.wire().as_app(&path).await?;
        let items: Vec<Item> = reply.read()?;
        // A host that does not know the filter lists all.
        let wanted = |attempt: &Attempt| attempt.taken == (which == Attempts::Taken);
        let next = if items.is_empty() { None } else { next(&reply) };
        Ok(LogPage { attempts: items.into_iter().map(Attempt::from).filter(wanted).collect(), next })
    }

    async fn ask_again(&self, id: u64) -> Result<(), GitHubError> {
        let wire = self.wire();
        let asked =
            Asked { method: Method::POST, body: None, ..Asked::get(format!("/app/hook/deliveries/{id}/attempts")) };
        let reply = wire.exchange_as_app(asked, Instant::now() + wire.timeout).await?;
        if reply.status.is_success() { Ok(()) } else { Err(reply.refusal_of_app()) }
    }
}

/// The cursor in the `Link` header's next address: the rest of that address is ours, so that no credential follows a foreign host.
fn next(reply: &Reply) -> Option<String> {
    let link = reply.header("link")?;
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let (_, rest) = next.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    // It may be written without a host.
    let base = Url::parse("https://api.github.com").ok()?;
    let url = base.join(address).ok()?;
    url.query_pairs().find(|(key, _)| key == "cursor").map(|(_, value)| value.into_owned())
}
