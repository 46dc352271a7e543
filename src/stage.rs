//! A whole stage in one process: the real server, the embedded store, and a simulated GitHub, all over real HTTP.
//!
//! The demo plays on it, the scenario tests and the benchmarks run on it. Time on it is set by whoever plays: nothing sleeps.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use crate::app::{Missed, Parts, Running};
use crate::doctor::{Examiner, KeptWhere};
use crate::domain::govern::AppIdentity;
use crate::domain::ids::Timestamp;
use crate::github::manifest::asked;
use crate::github::{ClientKeys, GitHubError, OctocrabGitHub, Pacing, SignInSettings};
use crate::runtime::archive;
use crate::runtime::clock::{Clock, ManualClock};
use crate::runtime::redeliver::{self, LookError, Looked};
use crate::runtime::settings::Settings;
use crate::sim::{self, APP_PRIVATE_KEY, AppConfig, GitHub, SimConfig};
use crate::store::embedded::Embedded;
use crate::store::{Store, StoreError};
use crate::web::{Login, LoginSettings};
use crate::webhook::Secrets;

/// What the simulated GitHub signs with.
pub const SECRET: &str = "simulated-secret";

/// Why a stage could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The simulated GitHub did not start.
    #[error("the simulated GitHub does not start")]
    Sim(#[from] sim::StartError),
    /// The client could not be made.
    #[error("the GitHub client cannot be made")]
    Client(#[from] GitHubError),
    /// The store could not be opened.
    #[error("the store cannot be opened")]
    Store(#[from] StoreError),
    /// Another server holds the store's partitions.
    #[error("another server holds the store's partitions")]
    Leases,
    /// The server could not listen.
    #[error("the server cannot listen")]
    Listen(#[from] std::io::Error),
}

/// How a stage is set up.
pub struct StageConfig {
    /// Where the server listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What time it is in the beginning.
    pub now: Timestamp,
    /// The store; absent: an embedded one in `directory`.
    pub store: Option<Arc<dyn Store>>,
    /// How the simulated GitHub behaves; its clock, address and secret are set here.
    pub sim: SimConfig,
    /// How long a call to GitHub may take.
    pub timeout: Duration,
    /// Whether writes keep GitHub's pace, by the stage's clock; else they go as fast as they can.
    pub paced: bool,
    /// Whether people sign in with GitHub to see pages; else they are for this machine.
    pub login: bool,
    /// How far GitHub's clock is ahead of the server's, in seconds; negative: behind.
    pub github_ahead_seconds: i64,
    /// What becomes of the traces of ended units.
    pub archive: archive::Settings,
}

impl Default for StageConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            now: "2026-03-02T08:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH),
            store: None,
            sim: SimConfig::default(),
            timeout: Duration::from_secs(5),
            paced: false,
            login: false,
            github_ahead_seconds: 0,
            archive: archive::Settings::default(),
        }
    }
}

/// The server and its GitHub.
pub struct Stage {
    /// GitHub: what people do there, and what they see.
    pub github: GitHub,
    /// The time.
    pub clock: Arc<ManualClock>,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    running: Option<Running>,
    timeout: Duration,
    login: bool,
    pacing: Option<Pacing>,
    archive: archive::Settings,
    /// How long taking over every lease may take, and how many there are.
    patience: Duration,
    partitions: usize,
}

impl Stage {
    /// Sets it up; an embedded store lives in `directory`.
    ///
    /// # Errors
    /// [`StageError`]: which part did not start.
    pub async fn set(directory: &Path, config: StageConfig) -> Result<Self, StageError> {
        let clock = Arc::new(ManualClock::at(config.now));
        let ticking = Arc::clone(&clock);
        let ahead = SignedDuration::from_secs(config.github_ahead_seconds);
        let githubs = Arc::new(move || {
            let now = ticking.now();
            now.checked_add(ahead).unwrap_or(now)
        });
        let mut sim = SimConfig { clock: githubs, webhook_secret: SECRET.to_owned(), ..config.sim };
        if sim.app.permissions.is_empty() {
            // As on GitHub: what the manifest does not ask for is refused.
            sim.app.permissions.clone_from(&asked().permissions);
            sim.app.events.clone_from(&asked().events);
        }
        let github = GitHub::start(sim).await?;
        let pacing = config.paced.then(|| {
            let clock = Arc::clone(&clock);
            // That clock stands: a wait is never waited out in place.
            Pacing { patience: Duration::ZERO, ..Pacing::github(Arc::new(move || clock.now())) }
        });
        let store = match config.store {
            Some(store) => store,
            None => Arc::new(Embedded::open(directory, Duration::from_secs(3 * 24 * 3600)).await?),
        };
        let mut stage = Self {
            github,
            clock,
            store,
            running: None,
            timeout: config.timeout,
            login: config.login,
            pacing,
            archive: config.archive,
            patience: Duration::ZERO,
            partitions: 0,
        };
        stage.start(config.listen).await?;
        Ok(stage)
    }

    /// Starts the server, or starts it again after [`Self::crash`]. GitHub sends its webhooks there.
    ///
    /// # Errors
    /// [`StageError`]: which part did not start.
    pub async fn start(&mut self, listen: SocketAddr) -> Result<(), StageError> {
        let client = OctocrabGitHub::new(&crate::github::Settings {
            app_id: 4242,
            private_key_pem: APP_PRIVATE_KEY.to_owned(),
            api_url: self.github.url().to_owned(),
            graphql_url: None,
            timeout: self.timeout,
            retry_base: Duration::from_millis(10),
            pacing: self.pacing.clone(),
        })?;
        let client = Arc::new(client);
        let ticking = Arc::clone(&self.clock);
        let doctor = Examiner {
            client: Ok(Arc::clone(&client)),
            app_id: 4242,
            credentials: None,
            store: KeptWhere::Open(Arc::clone(&self.store)),
            now: Arc::new(move || ticking.now()),
        };
        let log = Arc::clone(&client);
        // Whoever plays says when.
        let looks = redeliver::Settings { gap: Duration::ZERO, ..redeliver::Settings::every(Duration::from_secs(300)) };
        let mut worker = Settings::new("stage", self.timeout);
        worker.lease_ttl = worker.call_deadline * 8 / 5;
        worker.archive = self.archive.clone();
        self.patience = worker.lease_ttl * 4;
        self.partitions = worker.partitions.len();
        let running = Running::start(Parts {
            listen,
            store: Arc::clone(&self.store),
            github: client,
            doctor,
            missed: Some(Missed { log, settings: looks }),
            identity: AppIdentity { app_id: 4242, bot_login: "flyball[bot]".to_owned() },
            secrets: Secrets::new([SECRET]),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            worker,
            retry_base: Duration::from_secs(1),
            reconcile_interval: None,
            pages_url: None,
            web_url: "https://github.com".to_owned(),
            mirrors: false,
            login: self.login.then(|| self.sign_in()).transpose()?,
        })
        .await?;
        // After a crash the leases of the dead server must run out first.
        let address = self.running.insert(running).address();
        self.hold_all().await?;
        self.github.set_webhook_url(&format!("http://{address}/webhooks/github"));
        Ok(())
    }

    /// People sign in at the simulated GitHub.
    fn sign_in(&self) -> Result<Arc<Login>, GitHubError> {
        let app = AppConfig::default();
        let ticking = Arc::clone(&self.clock);
        Login::new(LoginSettings {
            sign_in: SignInSettings {
                app_id: app.id,
                client: ClientKeys { id: app.client_id, secret: app.client_secret },
                api_url: self.github.url().to_owned(),
                web_url: self.github.url().to_owned(),
                timeout: self.timeout,
            },
            cookie_secret: None,
            public_url: None,
            now: Arc::new(move || ticking.now()),
        })
    }

    /// Returns when the server holds every partition: at once, unless the store was away.
    ///
    /// # Errors
    /// [`StageError::Leases`] if it does not come to that.
    pub async fn hold_all(&self) -> Result<(), StageError> {
        let held = async {
            while self.running.as_ref().is_some_and(|running| running.held() < self.partitions) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(self.patience, held).await.map_err(|_| StageError::Leases)
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.running.as_ref().map(Running::address)
    }

    /// Returns when every webhook was delivered and nothing is left to do at this time.
    pub async fn settle(&self) {
        let Some(running) = &self.running else { return };
        // What is done here makes GitHub send webhooks, which make more to do: until neither side has anything left.
        loop {
            self.github.deliveries_idle().await;
            running.settled().await;
            let quiet = self.github.deliveries().len();
            self.github.deliveries_idle().await;
            running.settled().await;
            if self.github.deliveries().len() == quiet {
                return;
            }
        }
    }

    /// Looks into GitHub's delivery log, asks again for what failed, and lets it come.
    ///
    /// # Errors
    /// [`LookError`]: why the look did not come to its end.
    pub async fn look_for_missed(&self) -> Result<Looked, LookError> {
        let Some(running) = &self.running else { return Err(LookError::NotOurs) };
        let looked = running.look_for_missed().await?;
        self.settle().await;
        Ok(looked)
    }

    /// Time passes, second by second where something may fall due, and what falls due happens.
    pub async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.settle().await;
    }

    /// The server dies without a word, as by kill -9: what it had in hand is lost, what it had kept is there.
    pub fn crash(&mut self) {
        self.running = None;
    }

    /// Ends gracefully.
    pub async fn end(mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }
}
