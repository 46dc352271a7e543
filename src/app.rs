//! Puts the rooms together: one process that takes deliveries, works them, and serves what it knows.
//!
//! Without the App's credentials it begins as an [`Onboarding`], and becomes a [`Running`] server without a restart.

mod onboarding;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::doctor::{Examiner, Kept};
use crate::domain::govern::{AppIdentity, Context, RepoSeen};
use crate::domain::policy::Policy;
use crate::github::{DeliveryLog, GitHub};
use crate::present::English;
use crate::runtime::clock::Clock;
use crate::runtime::governor::DomainGovernor;
use crate::runtime::read::{Known, Reader};
use crate::runtime::redeliver::{LookError, Looked, Redeliverer};
use crate::runtime::settings::Settings;
use crate::runtime::{Deps, Worker, WorkerHandle, reconcile, redeliver};
use crate::store::{Store, StoreError};
use crate::web::{self, AppState, Counted, Gate, Limits, Login, Metrics, MissedCounts};
use crate::webhook::{FrontDoor, Keys, KeysHandle, KnownRepositories, Ourselves, Secrets};

pub use onboarding::Onboarding;

/// Everything a server is made of.
pub struct Parts {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// GitHub.
    pub github: Arc<dyn GitHub>,
    /// What looks after the set-up, for the page `/doctor`.
    pub doctor: Examiner,
    /// Who we are on GitHub.
    pub identity: AppIdentity,
    /// What deliveries may be signed with.
    pub secrets: Secrets,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// How the worker behaves.
    pub worker: Settings,
    /// The first wait before a failed call to GitHub is tried again.
    pub retry_base: Duration,
    /// How failed deliveries are found and asked for again; never if absent.
    pub missed: Option<Missed>,
    /// How often open pull requests are compared with the store; never if absent, and then the delivery log is looked into only on demand.
    pub reconcile_interval: Option<Duration>,
    /// Where our own pages are reached from outside, if they are.
    pub pages_url: Option<String>,
    /// Where GitHub shows pull requests, without a trailing slash.
    pub web_url: String,
    /// Whether mirrors stand beside GitHub.
    pub mirrors: bool,
    /// How people sign in; absent: pages are for this machine only.
    pub login: Option<Arc<Login>>,
}

/// How failed deliveries are found.
pub struct Missed {
    /// GitHub's delivery log.
    pub log: Arc<dyn DeliveryLog>,
    /// How it is looked into.
    pub settings: redeliver::Settings,
}

/// A running server.
pub struct Running {
    listening: Listening,
    worker: WorkerHandle,
    redeliverer: Option<Arc<Redeliverer>>,
    /// What goes on beside the serving, for ever.
    beside: Beside,
}

/// Tasks that end with the server, also with one that just dies.
#[derive(Default)]
struct Beside(Vec<JoinHandle<()>>);

impl Drop for Beside {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

/// What serves connections, whatever it answers.
pub(crate) struct Listening {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Listening {
    /// Serves on a listener until it is stopped.
    pub(crate) fn on(listener: TcpListener, router: Router) -> Result<Self, std::io::Error> {
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(web::serve(listener, router, Limits::default(), async {
            // Dropped or sent: either way it ends.
            let _ended = stopped.await;
        }));
        Ok(Self { address, stop, serving })
    }
}

impl Running {
    /// Starts listening and working.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(parts: Parts) -> Result<Self, std::io::Error> {
        let listener = TcpListener::bind(parts.listen).await?;
        let Governing { router, worker, redeliverer, beside } = govern(parts).await;
        Ok(Self { listening: Listening::on(listener, router)?, worker, redeliverer, beside })
    }

    /// Starts working on the connections of a server that was just set up; `parts.listen` does not count.
    pub async fn take_over(onboarding: Onboarding, parts: Parts) -> Self {
        let Governing { router, worker, redeliverer, beside } = govern(parts).await;
        Self { listening: onboarding.serve_from_now_on(router), worker, redeliverer, beside }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.listening.address
    }

    /// How many partitions are held here.
    #[must_use]
    pub fn held(&self) -> usize {
        self.worker.held().len()
    }

    /// Returns when nothing waits, is due or is in flight.
    pub async fn settled(&self) {
        self.worker.settled().await;
    }

    /// Looks into GitHub's delivery log now and asks again for what failed; nothing where the server was not given the log.
    ///
    /// # Errors
    /// As [`Redeliverer::look`].
    pub async fn look_for_missed(&self) -> Result<Looked, LookError> {
        match &self.redeliverer {
            Some(looks) => looks.look().await,
            None => Ok(Looked::default()),
        }
    }

    /// Stops taking requests, finishes what is in hand, gives up the leases.
    pub async fn shutdown(self) {
        drop(self.listening.stop);
        drop(self.beside);
        self.worker.shutdown().await;
        self.listening.serving.abort();
    }
}

#[async_trait]
impl KnownRepositories for Reader {
    async fn repositories(&self) -> Result<Vec<RepoSeen>, StoreError> {
        let known = Self::repositories(self).await?.into_iter();
        let seen =
            |known: Known| RepoSeen { id: known.id, full_name: known.full_name, default_branch: None, private: None };
        Ok(known.map(seen).collect())
    }
}

/// What works, and what answers for it.
struct Governing {
    router: Router,
    worker: WorkerHandle,
    redeliverer: Option<Arc<Redeliverer>>,
    beside: Beside,
}

/// Puts worker and routes together.
async fn govern(parts: Parts) -> Governing {
    let context = Context {
        app: parts.identity.clone(),
        policy: Policy::default(),
        words: &English,
        pages_url: parts.pages_url,
        web_url: parts.web_url,
        mirrors: parts.mirrors,
        retry_base_ms: u64::try_from(parts.retry_base.as_millis()).unwrap_or(u64::MAX),
    };
    let clock = Arc::clone(&parts.clock);
    let now: crate::webhook::Now = Arc::new(move || clock.now());
    let ourselves = Ourselves { app_id: Some(parts.identity.app_id), bot_login: Some(parts.identity.bot_login) };
    let keys = KeysHandle::new(Keys { secrets: parts.secrets, ourselves });
    let door = FrontDoor::new(Arc::clone(&parts.store), keys, Arc::clone(&now))
        .knowing(Arc::new(Reader::new(Arc::clone(&parts.store))));
    let (counted, missed, metrics) = (Counted::default(), MissedCounts::default(), Metrics::default());
    metrics.register(|registry| counted.register(registry));
    metrics.register(|registry| missed.register(registry));
    let units = web::StoredUnits::new(Arc::clone(&parts.store), context.clone(), Arc::clone(&now));
    let (store, now_again) = (Arc::clone(&parts.store), Arc::clone(&parts.clock));
    let worker = Worker::start(Deps {
        governor: DomainGovernor::new(context),
        store: parts.store,
        github: parts.github,
        clock: parts.clock,
        observer: Arc::new(counted),
        settings: parts.worker,
    })
    .await;
    let state = AppState { store: Arc::clone(&store), door, metrics, now, working: Arc::new(worker.running()) };
    let gate = parts.login.map_or_else(Gate::this_machine, Gate::login);
    let router = web::router_behind(state, web::routes(Arc::new(units), Arc::new(Kept::new(parts.doctor))), &gate);
    let redeliverer = parts.missed.map(|Missed { log, settings }| {
        let notebook = worker.notebook(redeliver::SPACE);
        let (store, clock) = (Arc::clone(&store), Arc::clone(&now_again));
        Arc::new(Redeliverer::new(log, notebook, store, clock, Arc::new(missed), settings))
    });
    let mut beside = Beside::default();
    if let Some(every) = parts.reconcile_interval {
        beside.0.push(tokio::spawn(reconcile::repeat(store, now_again, every)));
        let looking = redeliverer.clone().map(|looks| tokio::spawn(async move { looks.repeat().await }));
        beside.0.extend(looking);
    }
    Governing { router, worker, redeliverer, beside }
}
