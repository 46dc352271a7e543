//! A server on loopback before a store in memory.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use bytes::Bytes;
use flyball::domain::govern::Delivered;
use flyball::domain::ids::Timestamp;
use flyball::store::{
    Accepted, Batch, BatchId, Due, EntryId, InboxEntry, Lease, NewDelivery, Parked, Partition, Pending, Store,
    StoreError, Token,
};
use flyball::web::metrics::waiting;
use flyball::web::{AppState, Limits, Metrics, router_with, serve};
use flyball::webhook::{FrontDoor, Keys, KeysHandle, Ourselves, Secrets};

pub(crate) const SECRET: &str = "It's a Secret to Everybody";
pub(crate) const OUR_APP: u64 = 31;
pub(crate) const GUID: &str = "0b989ba4-242f-11e5-81e1-c7b6966d2516";

/// Keeps accepted deliveries; can be told to fail. What the front door does not use is not there.
#[derive(Default)]
pub(crate) struct MemoryStore {
    accepted: Mutex<BTreeMap<(Partition, String), Bytes>>,
    pub(crate) down: AtomicBool,
}

impl MemoryStore {
    pub(crate) fn deliveries(&self) -> Vec<(String, Delivered)> {
        let accepted = self.accepted.lock().unwrap();
        accepted.iter().map(|((_, id), body)| (id.clone(), serde_json::from_slice(body).unwrap())).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.accepted.lock().unwrap().len()
    }

    fn up(&self) -> Result<(), StoreError> {
        if self.down.load(Ordering::SeqCst) {
            Err(StoreError::Unavailable("told to be down".to_owned()))
        } else {
            Ok(())
        }
    }
}

fn not_here<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("not in this store".to_owned()))
}

#[async_trait]
impl Store for MemoryStore {
    async fn accept(&self, delivery: NewDelivery) -> Result<Accepted, StoreError> {
        self.up()?;
        assert!(delivery.id.len() <= 200, "the contract of NewDelivery::id");
        let mut accepted = self.accepted.lock().unwrap();
        let before = accepted.insert((delivery.partition, delivery.id), delivery.body);
        Ok(if before.is_some() { Accepted::Duplicate } else { Accepted::New })
    }

    async fn pending(&self, partition: Partition, _: Timestamp) -> Result<Pending, StoreError> {
        self.up()?;
        let inbox = self.accepted.lock().unwrap().keys().filter(|(held, _)| *held == partition).count() as u64;
        Ok(Pending { inbox, ..Pending::default() })
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.up()
    }

    async fn lease(&self, _: Partition, _: &str, _: Duration) -> Result<Option<Lease>, StoreError> {
        not_here()
    }
    async fn release(&self, _: Partition, _: Token) -> Result<(), StoreError> {
        not_here()
    }
    async fn crew(&self, _: &str, _: Duration) -> Result<Vec<(String, Duration)>, StoreError> {
        not_here()
    }
    async fn leave(&self, _: &str) -> Result<(), StoreError> {
        not_here()
    }
    async fn crew_changes(&self, _: Duration) {}
    async fn inbox(&self, _: Partition, _: Option<EntryId>, _: usize) -> Result<Vec<InboxEntry>, StoreError> {
        not_here()
    }
    async fn arrivals(&self, _: &[Partition], _: Duration) -> Vec<Partition> {
        Vec::new()
    }
    async fn load(&self, _: Partition, _: &str) -> Result<Vec<(String, Bytes)>, StoreError> {
        not_here()
    }
    async fn get(&self, _: Partition, _: &str, _: &str) -> Result<Option<Bytes>, StoreError> {
        not_here()
    }
    async fn spaces(&self, _: Partition) -> Result<Vec<String>, StoreError> {
        not_here()
    }
    async fn trace(&self, _: Partition, _: &str, _: u64, _: usize) -> Result<Vec<Bytes>, StoreError> {
        not_here()
    }
    async fn due(&self, _: Partition, _: Timestamp, _: usize) -> Result<Vec<Due>, StoreError> {
        not_here()
    }
    async fn next_due(&self, _: Partition) -> Result<Option<Timestamp>, StoreError> {
        not_here()
    }
    async fn commit(&self, _: Partition, _: Token, _: &BatchId, _: &Batch) -> Result<(), StoreError> {
        not_here()
    }
    async fn parked(&self, _: Partition) -> Result<Vec<Parked>, StoreError> {
        not_here()
    }
    async fn redrive(&self, _: Partition, _: &str) -> Result<bool, StoreError> {
        not_here()
    }
}

/// A running server; it ends with the test's runtime.
pub(crate) struct Server<S: ?Sized = MemoryStore> {
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<S>,
    pub(crate) keys: KeysHandle,
    pub(crate) door: FrontDoor,
    pub(crate) client: reqwest::Client,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Router::new()).await
    }

    pub(crate) async fn start_with(pages: Router) -> Self {
        let store = Arc::new(MemoryStore::default());
        Self::listen(Arc::clone(&store), store, pages).await
    }

    /// One with limits of its own, until `stop`.
    pub(crate) async fn held_to(
        limits: Limits,
        pages: Router,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let store = Arc::new(MemoryStore::default());
        Self::limited(Arc::clone(&store), store, pages, limits, stop).await
    }
}

impl Server<dyn Store> {
    /// One before a real store.
    pub(crate) async fn before(store: Arc<dyn Store>) -> Self {
        Self::listen(Arc::clone(&store), store, Router::new()).await
    }

    /// How many entries wait, over all partitions.
    pub(crate) async fn len(&self) -> u64 {
        waiting(&*self.store, received_at()).await.unwrap().inbox
    }
}

impl<S: ?Sized> Server<S> {
    async fn listen(store: Arc<S>, any: Arc<dyn Store>, pages: Router) -> Self {
        Self::limited(store, any, pages, Limits::default(), std::future::pending()).await
    }

    async fn limited(
        store: Arc<S>,
        any: Arc<dyn Store>,
        pages: Router,
        limits: Limits,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let keys = KeysHandle::new(Keys { secrets: Secrets::new([SECRET]), ourselves: ourselves() });
        let now = Arc::new(received_at);
        let door = FrontDoor::new(Arc::clone(&any), keys.clone(), now.clone());
        let app =
            AppState { store: any, door: door.clone(), metrics: Metrics::default(), now, working: Arc::new(|| true) };
        let router = router_with(app, pages);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, router, limits, stop));
        Self {
            address,
            store,
            keys,
            door,
            client: reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn post(&self, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
        self.client.post(self.url("/webhooks/github")).body(body)
    }

    /// A delivery as GitHub sends it.
    pub(crate) fn signed(&self, event: &str, guid: &str, body: impl Into<Bytes>) -> reqwest::RequestBuilder {
        let body = body.into();
        let signature = sign(&body);
        self.post(body)
            .header("content-type", "application/json")
            .header("x-github-event", event)
            .header("x-github-delivery", guid)
            .header("x-hub-signature-256", signature)
    }

    /// Sends a delivery and gives the status.
    pub(crate) async fn deliver(&self, event: &str, guid: &str, body: impl Into<Bytes>) -> u16 {
        self.signed(event, guid, body).send().await.unwrap().status().as_u16()
    }
}

pub(crate) fn sign(body: &[u8]) -> String {
    Secrets::new([SECRET]).sign(body).unwrap()
}

pub(crate) fn ourselves() -> Ourselves {
    Ourselves { app_id: Some(OUR_APP), bot_login: Some("flyball[bot]".to_owned()) }
}

pub(crate) fn received_at() -> Timestamp {
    "2026-03-02T13:00:00Z".parse().unwrap()
}

pub(crate) fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
