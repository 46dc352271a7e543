//! The least that could be called an intake: the signature, and the raw body kept durably under its delivery id.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use flyball::webhook::MAX_BODY;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, StatusCode};
use redb::{Database, TableDefinition};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::cluster_async::ClusterConnection;
use sha2::Sha256;
use tokio::sync::{mpsc, oneshot};

use crate::load::SECRET;

const TABLE: TableDefinition<&str, &[u8]> = TableDefinition::new("bodies");

/// How long Redis may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where bodies go.
#[derive(Clone)]
enum Keep {
    Redis(ConnectionManager),
    Cluster(ClusterConnection),
    Embedded(mpsc::Sender<Job>),
}

struct Job {
    id: String,
    body: Bytes,
    done: oneshot::Sender<()>,
}

pub(crate) async fn router(store: &str) -> Result<Router> {
    let keep = if store.contains(',') {
        let nodes = redis::cluster::ClusterClientBuilder::new(store.split(',')).response_timeout(PATIENCE);
        Keep::Cluster(nodes.build()?.get_async_connection().await?)
    } else if store.starts_with("redis") {
        // As patient as ours: an fsync on a busy disk takes longer than the client waits unasked.
        let settings = ConnectionManagerConfig::new().set_response_timeout(Some(PATIENCE));
        Keep::Redis(ConnectionManager::new_with_config(redis::Client::open(store)?, settings).await?)
    } else {
        let database = Database::create(store)?;
        let (jobs, waiting) = mpsc::channel(4096);
        std::thread::spawn(move || write(&database, waiting));
        Keep::Embedded(jobs)
    };
    let route = post(receive).layer(axum::extract::DefaultBodyLimit::max(MAX_BODY));
    Ok(Router::new().route("/webhooks/github", route).with_state(Arc::new(keep)))
}

async fn receive(State(keep): State<Arc<Keep>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut claimed = [0; 32];
    let well_formed =
        hex::decode_to_slice(text("x-hub-signature-256").trim_start_matches("sha256="), &mut claimed).is_ok();
    let signed = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())
        .is_ok_and(|mac| mac.chain_update(&body).verify_slice(&claimed).is_ok());
    if !(well_formed && signed) {
        return StatusCode::UNAUTHORIZED;
    }
    let id = text("x-github-delivery");
    let kept = match &*keep {
        Keep::Redis(connection) => add(&id, &body).query_async::<String>(&mut connection.clone()).await.is_ok(),
        Keep::Cluster(connection) => add(&id, &body).query_async::<String>(&mut connection.clone()).await.is_ok(),
        Keep::Embedded(jobs) => {
            let (done, written) = oneshot::channel();
            jobs.send(Job { id, body, done }).await.is_ok() && written.await.is_ok()
        }
    };
    if kept { StatusCode::ACCEPTED } else { StatusCode::SERVICE_UNAVAILABLE }
}

fn add(id: &str, body: &[u8]) -> redis::Cmd {
    let mut add = redis::cmd("XADD");
    add.arg("inbox").arg("*").arg("id").arg(id).arg("body").arg(body);
    add
}

/// Group commit: what waits is written and synced together. A failure ends the thread, and then every delivery is 503.
fn write(database: &Database, mut waiting: mpsc::Receiver<Job>) -> Option<()> {
    let mut jobs = Vec::new();
    loop {
        if waiting.blocking_recv_many(&mut jobs, 1024) == 0 {
            return None;
        }
        let transaction = database.begin_write().ok()?;
        {
            let mut table = transaction.open_table(TABLE).ok()?;
            for job in &jobs {
                table.insert(job.id.as_str(), &job.body[..]).ok()?;
            }
        }
        transaction.commit().ok()?;
        for job in jobs.drain(..) {
            job.done.send(()).ok();
        }
    }
}
