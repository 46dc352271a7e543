//! `flyball serve`: the GitHub App.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use flyball::app::{Missed, Onboarding, Parts, Running};
use flyball::doctor::{Examiner, KeptWhere};
use flyball::domain::govern::AppIdentity;
use flyball::git::{Limits, Mirrors};
use flyball::github::{AppDirectory, ClientKeys, GitHub, GitHubError, GitRemotes, OctocrabGitHub, SignInSettings};
use flyball::runtime::clock::{Clock, SystemClock};
use flyball::runtime::mirrored::MirroredGitHub;
use flyball::runtime::redeliver;
use flyball::runtime::settings::Settings;
use flyball::store::Store;
use flyball::web::setup::SetupSettings;
use flyball::web::{Login, LoginSettings};
use flyball::webhook::Secrets;
use tracing_subscriber::EnvFilter;

use super::settings::{AppKeys, ServeArgs};

/// GitHub's delivery log is looked into at least so often: it costs one request.
const LOOK: Duration = Duration::from_secs(300);

/// How long one fetch of a mirror may take: a first one brings everything.
const FETCH: Duration = Duration::from_secs(600);

/// Runs until it is told to stop.
pub(crate) fn run(args: ServeArgs) -> anyhow::Result<ExitCode> {
    log(&args)?;
    super::runtime()?.block_on(serve(args))?;
    Ok(ExitCode::SUCCESS)
}

fn log(args: &ServeArgs) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(&args.log).with_context(|| format!("FLYBALL_LOG `{}` is not understood", args.log))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if args.log_json {
        logs.json().init();
    } else {
        logs.init();
    }
    Ok(())
}

async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    let keys = args.app.keys(&args.store.data_dir)?;
    // Told before anything is opened, though it is needed only later.
    args.traces.settings()?;
    // Opened first: a store that another server has is no reason to register an App.
    let store = args.store.open().await?;
    let running = match keys {
        Some(keys) => {
            let parts = parts(&args, keys, store).await?;
            Running::start(parts).await.with_context(|| format!("cannot listen on {}", args.listen))?
        }
        None => match set_up(&args, store).await? {
            Some(running) => running,
            None => return Ok(()),
        },
    };
    tracing::info!(address = %running.address(), "listening");
    stopped().await;
    tracing::info!("stopping: finishing what is in hand");
    running.shutdown().await;
    Ok(())
}

/// Waits for somebody to register the App at `/setup`, then governs on the same connections; `None` where it was stopped before.
async fn set_up(args: &ServeArgs, store: Arc<dyn Store>) -> anyhow::Result<Option<Running>> {
    let token = args.setup_token()?;
    let clock = SystemClock;
    let settings = SetupSettings {
        api_url: args.github.github_api_url.clone(),
        web_url: args.github.github_web_url.clone(),
        public_url: args.pages_url.clone(),
        credentials: args.app.file(&args.store.data_dir),
        token: token.clone(),
        timeout: args.github.github_timeout,
        now: Arc::new(move || clock.now()),
    };
    let onboarding = Onboarding::start(args.listen, settings).await;
    let mut onboarding = onboarding.with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = onboarding.address();
    tracing::warn!(%address, "there are no App credentials yet: deliveries are refused until the App is registered at /setup");
    // For the person at the terminal. It is no part of the log, which may go elsewhere.
    anstream::eprintln!(
        "\nSet this server up: {}\n",
        set_up_link(address, args.setup_token.is_none().then_some(&token))
    );
    loop {
        let handover = tokio::select! {
            handover = onboarding.credentials() => handover,
            () = stopped() => return Ok(None),
        };
        match parts(args, handover.credentials.into(), Arc::clone(&store)).await {
            Ok(parts) => {
                let running = Running::take_over(onboarding, parts).await;
                // Whoever waited may have gone.
                drop(handover.taken.send(Ok(())));
                return Ok(Some(running));
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the stored credentials do not work");
                drop(handover.taken.send(Err("the stored credentials do not work".to_owned())));
            }
        }
    }
}

/// The set-up's page, with the token that was made for it. One that the person named is theirs to type.
fn set_up_link(mut address: SocketAddr, token: Option<&String>) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let token = token.map_or_else(String::new, |token| format!("?token={token}"));
    format!("http://{address}/setup{token}")
}

/// Everything a governing server is made of.
async fn parts(args: &ServeArgs, keys: AppKeys, store: Arc<dyn Store>) -> anyhow::Result<Parts> {
    let client = Arc::new(args.github.client(keys.app_id, &keys.private_key)?);
    let identity = identity(&client, keys.app_id).await?;
    let clock = SystemClock;
    let doctor = Examiner {
        client: Ok(Arc::clone(&client)),
        app_id: keys.app_id,
        credentials: args.app.github_app_id.is_none().then(|| args.app.file(&args.store.data_dir)),
        store: KeptWhere::Open(Arc::clone(&store)),
        now: Arc::new(move || clock.now()),
    };
    let log = Arc::clone(&client);
    let login = keys.client.map(|client| login(args, keys.app_id, client)).transpose()?;
    Ok(Parts {
        listen: args.listen,
        store,
        github: with_mirrors(args, client),
        missed: Some(Missed { log, settings: redeliver::Settings::every(args.reconcile_interval.min(LOOK)) }),
        doctor,
        identity,
        secrets: Secrets::new(&keys.secrets),
        clock: Arc::new(SystemClock),
        worker: Settings { archive: args.traces.settings()?, ..Settings::new(owner(), args.github.github_timeout) },
        retry_base: args.github.retry_base,
        reconcile_interval: Some(args.reconcile_interval),
        pages_url: args.pages_url.clone(),
        web_url: args.github.github_web_url.trim_end_matches('/').to_owned(),
        mirrors: args.mirror.folder.is_some(),
        login,
    })
}

/// How people sign in.
fn login(args: &ServeArgs, app_id: u64, client: ClientKeys) -> anyhow::Result<Arc<Login>> {
    let clock = SystemClock;
    let login = Login::new(LoginSettings {
        sign_in: SignInSettings {
            app_id,
            client,
            api_url: args.github.github_api_url.clone(),
            web_url: args.github.github_web_url.clone(),
            timeout: args.github.github_timeout,
        },
        cookie_secret: args.app.sealing()?,
        public_url: args.pages_url.as_ref().map(|url| url.trim_end_matches('/').to_owned()),
        now: Arc::new(move || clock.now()),
    })?;
    tracing::info!("people sign in with GitHub to see pages");
    Ok(login)
}

/// GitHub, with mirrors beside it where a folder for them is named.
fn with_mirrors(args: &ServeArgs, client: Arc<OctocrabGitHub>) -> Arc<dyn GitHub> {
    let Some(folder) = args.mirror.folder.clone() else { return client };
    let limits = Limits { bytes: args.mirror.bytes, idle: args.mirror.idle, fetch: FETCH };
    let remotes = Arc::new(GitRemotes::new(Arc::clone(&client), &args.github.github_web_url));
    let mirrors = Arc::new(Mirrors::new(folder, limits));
    // A read has twice the time-out of a call: what GitHub says first, and half of it for git.
    Arc::new(MirroredGitHub::new(client, remotes, mirrors, Arc::new(SystemClock), args.github.github_timeout / 2))
}

/// Who holds the leases: this process on this machine.
fn owner() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}-{}", host.trim(), std::process::id())
}

/// Who we are on GitHub. Without an answer the server starts all the same: deliveries are accepted, and worked once GitHub answers.
async fn identity(client: &OctocrabGitHub, app_id: u64) -> anyhow::Result<AppIdentity> {
    match tokio::time::timeout(Duration::from_secs(20), client.identity()).await {
        Ok(Ok(identity)) => Ok(identity),
        Ok(Err(error @ (GitHubError::Settings(_) | GitHubError::ClockWrong { .. }))) => Err(error.into()),
        Ok(Err(error)) => {
            tracing::warn!(%error, "GitHub did not say who we are; going on by the App id alone");
            Ok(AppIdentity { app_id, bot_login: String::new() })
        }
        Err(_) => {
            tracing::warn!("GitHub did not answer in time who we are; going on by the App id alone");
            Ok(AppIdentity { app_id, bot_login: String::new() })
        }
    }
}

async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => drop(interrupted.await),
    }
}
