//! What is counted, in the `OpenMetrics` text format.
//!
//! Counters live where things happen and are registered here. What waits is asked from the store at the moment of the scrape: all
//! three of `flyball_inbox_pending`, `flyball_outbox_due` and `flyball_timers_due` at zero means that nothing more will happen unasked.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, TryStreamExt, stream};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::AppState;
use super::problem::Problem;
use crate::domain::ids::Timestamp;
use crate::store::{Partition, Pending, Store, StoreError};

const CONTENT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How many partitions are asked at once.
const PARTITIONS_AT_ONCE: usize = 32;

/// How long the store may take; scrapers give up after about ten seconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything that is counted. Clones share one registry.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<Registry>>);

impl Metrics {
    /// Adds metrics; names begin with `flyball_`. Adding a name twice shows it twice, so each room adds its own once, at the start.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn encode(&self, text: &mut String) -> fmt::Result {
        encode_registry(text, &self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Asks the store how much waits, over all partitions.
///
/// # Errors
/// The first answer that was none: a part of the sum would look like peace.
pub async fn waiting(store: &dyn Store, now: Timestamp) -> Result<Pending, StoreError> {
    stream::iter(Partition::all())
        .map(|partition| store.pending(partition, now))
        .buffer_unordered(PARTITIONS_AT_ONCE)
        .try_fold(Pending::default(), async |sum, one| {
            Ok(Pending {
                inbox: sum.inbox.saturating_add(one.inbox),
                owed: sum.owed.saturating_add(one.owed),
                timers: sum.timers.saturating_add(one.timers),
                parked: sum.parked.saturating_add(one.parked),
            })
        })
        .await
}

/// `GET /metrics`. Without the store the counters are still there and the gauges of what waits are not: zero would be a lie.
pub(super) async fn scrape(State(app): State<AppState>) -> Response {
    let waiting = tokio::time::timeout(PATIENCE, waiting(&*app.store, (app.now)())).await;
    let waiting = match waiting {
        Ok(Ok(waiting)) => Some(waiting),
        Ok(Err(error)) => {
            tracing::warn!(%error, "metrics without what waits: the store does not answer");
            None
        }
        Err(_) => None,
    };
    match render(&app.metrics, waiting) {
        Ok(text) => ([(CONTENT_TYPE, CONTENT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be encoded");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be encoded").into_response()
        }
    }
}

fn render(metrics: &Metrics, waiting: Option<Pending>) -> Result<String, fmt::Error> {
    let mut text = String::new();
    metrics.encode(&mut text)?;
    encode_registry(&mut text, &gauges(waiting))?;
    encode_eof(&mut text)?;
    Ok(text)
}

fn gauges(waiting: Option<Pending>) -> Registry {
    let mut registry = Registry::default();
    let mut add = |name: &str, help: &str, value: u64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    };
    add("flyball_store_up", "Whether the store answered this scrape", waiting.is_some().into());
    if let Some(waiting) = waiting {
        add("flyball_inbox_pending", "Deliveries that are accepted and not yet worked", waiting.inbox);
        add("flyball_outbox_due", "Calls that are owed to GitHub and due", waiting.owed);
        add("flyball_timers_due", "Waits that are over and not yet looked at", waiting.timers);
        add("flyball_inbox_parked", "Dead letters: deliveries that could not be worked", waiting.parked);
    }
    registry
}
