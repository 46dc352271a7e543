//! The handle on a running simulation: what people, CI and the network do, and what can be seen.
//!
//! Methods panic on a repository or pull request that the simulation never made: that is a mistake in the test, not a case of it.

mod checks;
mod files;
mod network;
mod pulls;
mod registration;
mod repos;
mod sign_in;
mod talk;
mod views;
mod within;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use files::Files;
pub use views::{CheckRunView, CommentView, PullView};

use super::config::SimConfig;
use super::http::Listener;
use super::state::State;
use crate::domain::ids::{RepoId, UnitKey};

/// Why GitHub refused what a person wanted: a status of its API and its words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {message}")]
pub struct Refused {
    /// The status that the API would have answered.
    pub status: u16,
    /// GitHub's words.
    pub message: String,
}

impl From<super::act::Refused> for Refused {
    fn from((status, message): super::act::Refused) -> Self {
        Self { status, message }
    }
}

/// Why a simulation did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port on loopback is taken or forbidden.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The client that sends webhooks could not be built.
    #[error("cannot build the client that sends webhooks")]
    Client(#[source] reqwest::Error),
}

/// A running simulation. Clones are handles on the same one; it stops when the last is dropped.
#[derive(Clone)]
pub struct GitHub {
    state: Arc<Mutex<State>>,
    /// Held for its drop: the server and the senders end with the last handle.
    _tasks: Arc<Tasks>,
    router: Router,
    url: String,
}

struct Tasks(Vec<JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

impl GitHub {
    /// Starts a simulation on 127.0.0.1.
    ///
    /// # Errors
    /// [`StartError::Listen`] if the port cannot be had: take another. [`StartError::Client`] if no HTTP client can be built.
    pub async fn start(config: SimConfig) -> Result<Self, StartError> {
        let port = config.port;
        let listen = |source| StartError::Listen { port, source };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().map_err(StartError::Client)?;
        let url = format!("http://{address}");
        let senders = config.webhook_concurrency.max(1);
        let state = Arc::new(Mutex::new(State::new(config, url.clone())));
        let router = super::http::router(super::rest::routes(), &state).merge(super::login::routes(&state));
        let service = router.clone().into_make_service_with_connect_info::<super::http::Switch>();
        let mut tasks = vec![tokio::spawn(async move {
            if let Err(error) = axum::serve(Listener(listener), service).await {
                tracing::error!(%error, "the simulated GitHub stopped");
            }
        })];
        tasks.extend((0..senders).map(|_| tokio::spawn(super::hooks::run(state.clone(), client.clone()))));
        Ok(Self { state, _tasks: Arc::new(Tasks(tasks)), router, url })
    }

    /// The API's base address, for `FLYBALL_GITHUB_API_URL`; GraphQL is below it at `/graphql`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while it holds this lock")
    }

    /// Lets somebody do something, then lets everything that waited for it happen.
    fn act<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let done = act(&mut state);
        state.settle();
        done
    }
}

/// The numbers behind a unit's key.
fn parts(pr: UnitKey) -> (u64, u64) {
    (pr.repo.0, pr.number.0)
}

fn unit(repo: u64, number: u64) -> UnitKey {
    UnitKey { repo: RepoId(repo), number: crate::domain::ids::PrNumber(number) }
}
