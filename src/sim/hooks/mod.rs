//! Webhook deliveries: made by state changes, sent in the background, kept in a log from which they can be asked for again.
//!
//! As on GitHub, a failed delivery is recorded and never repeated by itself (FACTS W6).

mod disorder;
mod sender;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

pub use disorder::Disorder;
pub(crate) use sender::run;

use crate::domain::ids::Timestamp;
use crate::sim::config::SimConfig;

/// How many deliveries the log keeps.
const LOG_LENGTH: usize = 50_000;

/// One delivery, sent or not.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The number by which a redelivery is asked for; not the GUID.
    pub id: u64,
    /// `X-GitHub-Delivery`: the same for a delivery and its repeats.
    pub guid: String,
    /// `X-GitHub-Event`.
    pub event: String,
    /// The body's `action`.
    pub action: Option<String>,
    /// The raw body.
    pub body: Bytes,
    /// When it happened.
    pub at: Timestamp,
    /// Whether somebody asked for it again.
    pub redelivery: bool,
    /// What the receiver answered; `None` until it was sent, 0 if there was no answer.
    pub status: Option<u16>,
    /// When it left, by the machine's clock; `None` until it did.
    pub sent_at: Option<Instant>,
    /// Seconds until the answer.
    pub duration: f64,
    /// The installation it is for.
    pub installation: Option<u64>,
    /// The repository it is about.
    pub repo: Option<u64>,
}

impl Delivery {
    /// Whether the receiver took it.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// The queue, the log and how they are disturbed.
pub(crate) struct Hooks {
    pub(crate) url: Option<String>,
    pub(crate) secret: String,
    pub(crate) held: bool,
    pub(crate) disorder: Disorder,
    pub(crate) queue: VecDeque<Delivery>,
    pub(crate) log: VecDeque<Delivery>,
    /// How many were answered, or not, since the start.
    pub(crate) sent: u64,
    /// Taken from the queue, not yet answered.
    pub(crate) under_way: usize,
    /// Wakes the senders, and those who wait for quiet.
    pub(crate) changed: Arc<tokio::sync::Notify>,
}

impl Hooks {
    pub(crate) fn new(config: &SimConfig) -> Self {
        Self {
            url: config.webhook_url.clone(),
            secret: config.webhook_secret.clone(),
            held: false,
            disorder: Disorder::default(),
            queue: VecDeque::new(),
            log: VecDeque::new(),
            sent: 0,
            under_way: 0,
            changed: Arc::default(),
        }
    }

    /// Queues a new event.
    #[expect(clippy::too_many_arguments, reason = "one field each of what is queued; there is one caller")]
    pub(crate) fn queue(
        &mut self,
        id: u64,
        event: &str,
        action: Option<&str>,
        body: &Value,
        installation: Option<u64>,
        repo: Option<u64>,
        at: Timestamp,
    ) {
        let delivery = Delivery {
            id,
            guid: Uuid::new_v5(&Uuid::NAMESPACE_OID, &id.to_be_bytes()).to_string(),
            event: event.into(),
            action: action.map(Into::into),
            body: body.to_string().into(),
            at,
            redelivery: false,
            status: None,
            sent_at: None,
            duration: 0.0,
            installation,
            repo,
        };
        if self.disorder.loses(&delivery) {
            self.record(Delivery { status: Some(0), ..delivery });
            return;
        }
        if self.disorder.duplicates() {
            self.queue.push_back(delivery.clone());
        }
        self.queue.push_back(delivery);
        self.changed.notify_waiters();
    }

    /// Queues a logged delivery again under its own GUID; `false` for an unknown one.
    pub(crate) fn redeliver(&mut self, id: u64, new_id: u64, at: Timestamp) -> bool {
        let Some(found) = self.log.iter().find(|delivery| delivery.id == id) else { return false };
        let again = Delivery { id: new_id, at, redelivery: true, status: None, sent_at: None, ..found.clone() };
        self.queue.push_back(again);
        self.changed.notify_waiters();
        true
    }

    pub(crate) fn record(&mut self, delivery: Delivery) {
        self.sent += 1;
        if self.log.len() == LOG_LENGTH {
            self.log.pop_front();
        }
        self.log.push_back(delivery);
    }

    /// Takes the next delivery to send, if sending is on.
    pub(crate) fn take(&mut self) -> Option<Delivery> {
        if self.held || self.url.is_none() {
            return None;
        }
        let at = self.disorder.pick(self.queue.len())?;
        let delivery = self.queue.remove(at)?;
        self.under_way += 1;
        Some(delivery)
    }

    /// Whether nothing is left to be sent; what is held does not count.
    pub(crate) fn is_idle(&self) -> bool {
        self.under_way == 0 && (self.queue.is_empty() || self.held || self.url.is_none())
    }
}
