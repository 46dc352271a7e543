//! The same simulation without a network: requests are handed over and answered in the same process, deliveries are fetched.
//!
//! Whoever drives it decides what travels when. Nothing here reads a clock, opens a socket or starts a task.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{GitHub, Tasks};
use crate::sim::config::SimConfig;
use crate::sim::hooks::Delivery;
use crate::sim::http::Switch;
use crate::sim::state::State;

/// The base of its addresses: no host of this name exists.
const URL: &str = "http://github.invalid";

impl GitHub {
    /// A simulation that listens nowhere: it is asked by [`Self::answer`], and its deliveries wait for [`Self::next_delivery`].
    #[must_use]
    pub fn within(config: SimConfig) -> Self {
        let mut state = State::new(config, URL.to_owned());
        state.hooks.url = Some("within".to_owned());
        let state = Arc::new(Mutex::new(state));
        let router = crate::sim::http::router(crate::sim::rest::routes(), &state);
        Self { state, _tasks: Arc::new(Tasks(Vec::new())), router, url: URL.to_owned() }
    }

    /// Answers one request. `None` where a fault cut the connection; one that hangs never returns.
    pub async fn answer(&self, request: http::Request<Bytes>) -> Option<http::Response<Bytes>> {
        let switch = Switch::default();
        let mut request = request.map(Body::from);
        request.extensions_mut().insert(ConnectInfo(switch.clone()));
        let Ok(response) = self.router.clone().oneshot(request).await;
        if switch.is_cut() {
            return None;
        }
        let (parts, body) = response.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(http::Response::from_parts(parts, body))
    }

    /// Takes the next delivery to send; waits until there is one.
    pub async fn next_delivery(&self) -> Delivery {
        let changed = self.lock().hooks.changed.clone();
        loop {
            let notified = changed.notified();
            tokio::pin!(notified);
            // Registered before looking, so that what is queued in between wakes it.
            notified.as_mut().enable();
            if let Some(delivery) = self.lock().hooks.take() {
                return delivery;
            }
            notified.await;
        }
    }

    /// A delivery that was taken was answered with this status; 0 where nobody answered.
    pub fn delivered(&self, delivery: Delivery, status: u16) {
        let mut state = self.lock();
        state.hooks.record(Delivery { status: Some(status), ..delivery });
        state.hooks.under_way -= 1;
        state.hooks.changed.notify_waiters();
    }

    /// Whether no delivery waits or is under way.
    #[must_use]
    pub fn deliveries_are_idle(&self) -> bool {
        self.lock().hooks.is_idle()
    }
}
