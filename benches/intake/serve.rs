//! The two servers.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use flyball::store::Store;
use flyball::store::embedded::Embedded;
use flyball::store::redis::Redis;
use flyball::web::{AppState, Limits, Metrics};
use flyball::webhook::{FrontDoor, Keys, KeysHandle, Ourselves, Secrets};

use crate::bare;
use crate::load::SECRET;

const WINDOW: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Serves until it is ended. One core, so one thread.
pub(crate) fn run(server: &str, store: &str, address: SocketAddr) -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let router = match server {
            "ours" => ours(store).await?,
            "bare" => bare::router(store).await?,
            _ => bail!("no server is called {server}"),
        };
        let listener = tokio::net::TcpListener::bind(address).await?;
        if server == "ours" {
            flyball::web::serve(listener, router, Limits::default(), std::future::pending()).await;
            return Ok(());
        }
        Ok(axum::serve(listener, router).await?)
    })
}

async fn ours(store: &str) -> Result<axum::Router> {
    let store: Arc<dyn Store> = if store.starts_with("redis") {
        let nodes: Vec<String> = store.split(',').map(str::to_owned).collect();
        Arc::new(Redis::open(&nodes, nodes.len() > 1, WINDOW).await?)
    } else {
        Arc::new(Embedded::open(Path::new(store), WINDOW).await?)
    };
    let ourselves = Ourselves { app_id: Some(31), bot_login: Some("flyball[bot]".to_owned()) };
    let keys = KeysHandle::new(Keys { secrets: Secrets::new([SECRET]), ourselves });
    #[expect(clippy::disallowed_methods, reason = "the benchmark measures the real thing, its clock included")]
    let now = Arc::new(jiff::Timestamp::now);
    let door = FrontDoor::new(Arc::clone(&store), keys, now.clone());
    Ok(flyball::web::router(AppState { store, door, metrics: Metrics::default(), now, working: Arc::new(|| true) }))
}
