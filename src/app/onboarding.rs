//! A server that waits to be set up: it serves `/setup`, and says everywhere else that it cannot work yet.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::Listening;
use crate::web::Switch;
use crate::web::setup::{self, Desk, Handover, SetupSettings};

/// A server without the App's credentials.
pub struct Onboarding {
    listening: Listening,
    switch: Switch,
    handed: mpsc::Receiver<Handover>,
}

impl Onboarding {
    /// Starts listening.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(listen: SocketAddr, settings: SetupSettings) -> Result<Self, std::io::Error> {
        let listener = TcpListener::bind(listen).await?;
        let (desk, handed) = Desk::new(settings);
        let switch = Switch::new(setup::router(Arc::new(desk)));
        Ok(Self { listening: Listening::on(listener, switch.router())?, switch, handed })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.listening.address
    }

    /// Returns when credentials were stored; somebody waits for what becomes of them ([`Handover::taken`]).
    pub async fn credentials(&mut self) -> Handover {
        match self.handed.recv().await {
            Some(handover) => handover,
            // The desk lives as long as the routes that this serves.
            None => std::future::pending().await,
        }
    }

    /// Lets another router answer, on the same connections.
    pub(super) fn serve_from_now_on(self, router: Router) -> Listening {
        self.switch.set(router);
        self.listening
    }
}
