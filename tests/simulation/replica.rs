//! One server process: front door, worker, reconcile and redelivery, all of them the real ones, on a hand that may fail.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use flyball::domain::govern::{AppIdentity, Context};
use flyball::domain::policy::Policy;
use flyball::github::{Carrier, OctocrabGitHub, Settings as GitHubSettings};
use flyball::present::English;
use flyball::runtime::clock::Clock;
use flyball::runtime::governor::DomainGovernor;
use flyball::runtime::redeliver::{self, Redeliverer};
use flyball::runtime::settings::Settings;
use flyball::runtime::{Deps, Worker, reconcile};
use flyball::sim::{APP_PRIVATE_KEY, Delivery};
use flyball::stage::SECRET;
use flyball::store::{Partition, Store};
use flyball::webhook::{self, FrontDoor, Keys, KeysHandle, Ourselves, Secrets};
use tokio::sync::{mpsc, watch};
use tower::ServiceExt;

use crate::hand::{Hand, Line, Mode};
use crate::link::Linked;
use crate::world::World;

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a lease lasts: some who stand still sleep through it, others do not.
const LEASE: Duration = Duration::from_secs(24);
/// How often the delivery log is looked into.
pub(crate) const LOOKS: Duration = Duration::from_secs(60);

/// A process, as those outside see it.
pub(crate) struct Replica {
    pub(crate) hand: Arc<Hand>,
    door: Router,
    stop: watch::Sender<bool>,
}

/// What everything is judged under.
pub(crate) fn context() -> Context {
    Context {
        app: AppIdentity { app_id: 4242, bot_login: "flyball[bot]".to_owned() },
        policy: Policy::default(),
        words: &English,
        pages_url: None,
        web_url: "https://github.com".to_owned(),
        mirrors: false,
        retry_base_ms: 1_000,
    }
}

impl Replica {
    /// Starts it.
    pub(crate) fn start(world: &Arc<World>, index: usize, run: u32) -> Self {
        let hand = Hand::new(Arc::clone(world), index, run);
        world.tell(&format!("{} starts", hand.name()));
        let store: Arc<dyn Store> = Arc::new(Linked::new(&hand));
        let ticking = Arc::clone(&world.clock);
        let ourselves = Ourselves { app_id: Some(4242), bot_login: Some("flyball[bot]".to_owned()) };
        let keys = KeysHandle::new(Keys { secrets: Secrets::new([SECRET]), ourselves });
        let door = FrontDoor::new(Arc::clone(&store), keys, Arc::new(move || ticking.now()));
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(live(Arc::clone(&hand), store, stopped));
        Self { hand, door: webhook::routes(door), stop }
    }

    /// Asks it to end in good order.
    pub(crate) fn stops(&self) {
        self.stop.send_replace(true);
    }

    /// A delivery comes to its door: the status answered, 0 for none.
    pub(crate) fn takes(&self, delivery: &Delivery) -> impl Future<Output = u16> + Send + use<> {
        let request = http::Request::post("/webhooks/github")
            .header("content-type", "application/json")
            .header("x-github-delivery", &delivery.guid)
            .header("x-github-event", &delivery.event)
            .header("x-github-hook-installation-target-id", "4242")
            .header("x-github-hook-installation-target-type", "integration")
            .header("x-hub-signature-256", Secrets::new([SECRET]).sign(&delivery.body).unwrap())
            .body(Body::from(delivery.body.clone()))
            .unwrap();
        let (door, works) = (self.door.clone(), self.hand.mode() == Mode::Works);
        async move {
            if !works {
                return 0;
            }
            let answer = tokio::time::timeout(Duration::from_secs(10), door.oneshot(request)).await;
            answer.map_or(0, |answer| answer.map_or(0, |answer| answer.status().as_u16()))
        }
    }
}

async fn live(hand: Arc<Hand>, store: Arc<dyn Store>, mut stopped: watch::Receiver<bool>) {
    let work = async {
        let line: Arc<dyn Carrier> = Arc::new(Line(Arc::clone(&hand)));
        let settings = GitHubSettings {
            app_id: 4242,
            private_key_pem: APP_PRIVATE_KEY.to_owned(),
            api_url: "http://github.invalid".to_owned(),
            graphql_url: None,
            timeout: PATIENCE,
            retry_base: Duration::from_millis(200),
            pacing: None,
        };
        let github = Arc::new(OctocrabGitHub::over(&settings, &line).unwrap());
        let clock = Arc::clone(&hand.world.clock) as Arc<dyn Clock>;
        let mut settings = Settings::new(format!("r{}", hand.index), PATIENCE);
        settings.run = format!("run{}", hand.run);
        settings.partitions = vec![Partition::numbered(0), Partition::of(hand.world.repo)];
        settings.partitions.dedup();
        settings.lease_ttl = LEASE;
        // What ended is put away at once: whatever happens to it later must bring it back whole.
        settings.archive.pack_after = Some(Duration::from_secs(20));
        settings.archive.every = Duration::from_secs(17);
        let deps = Deps {
            governor: DomainGovernor::new(context()),
            store: Arc::clone(&store),
            github: Arc::clone(&github) as Arc<dyn flyball::github::GitHub>,
            clock: Arc::clone(&clock),
            observer: Arc::new(()),
            settings,
        };
        let worker = Worker::start(deps).await;
        let every = redeliver::Settings::every(LOOKS);
        let notebook = worker.notebook(redeliver::SPACE);
        let looks = Redeliverer::new(github, notebook, Arc::clone(&store), Arc::clone(&clock), Arc::new(()), every);
        let beside = async {
            tokio::join!(looks.repeat(), reconcile::repeat(store, clock, Duration::from_secs(900)));
        };
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => {}
            () = beside => {}
        }
        worker.shutdown().await;
    };
    tokio::select! {
        biased;
        () = hand.death() => {}
        () = work => hand.ends(),
    }
}

/// Starts again what died, after a while.
pub(crate) async fn keep(world: Arc<World>, mut deaths: mpsc::UnboundedReceiver<usize>) {
    while let Some(index) = deaths.recv().await {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            tokio::time::sleep(world.chance.millis(50, 15_000)).await;
            let run = world.replicas.lock().unwrap()[index].hand.run + 1;
            let next = Replica::start(&world, index, run);
            world.replicas.lock().unwrap()[index] = next;
        });
    }
}

/// Carries GitHub's deliveries to the replicas, for ever.
pub(crate) async fn carry_deliveries(world: Arc<World>) {
    loop {
        let delivery = world.github.next_delivery().await;
        tokio::spawn(deliver(Arc::clone(&world), delivery));
    }
}

async fn deliver(world: Arc<World>, delivery: Delivery) {
    let _under_way = world.sets_out();
    let what = format!("{} {}", delivery.event, delivery.action.as_deref().unwrap_or_default());
    if world.chance.strikes(|odds| odds.lost) {
        world.fault("delivery lost", &what);
        world.github.delivered(delivery, 0);
        return;
    }
    if world.chance.strikes(|odds| odds.twice) {
        world.fault("delivery twice", &what);
        let (world, again) = (Arc::clone(&world), delivery.clone());
        tokio::spawn(async move {
            let _under_way = world.sets_out();
            tokio::time::sleep(world.chance.millis(1, 20_000)).await;
            let taken = some_replica(&world, &again).await;
            world.hears(&again, taken);
        });
    }
    let late = world.chance.strikes(|odds| odds.late);
    if late {
        world.fault("delivery late", &what);
    }
    tokio::time::sleep(if late { world.chance.millis(500, 30_000) } else { world.chance.millis(1, 60) }).await;
    let status = some_replica(&world, &delivery).await;
    if status == 0 || status >= 500 {
        world.fault("delivery refused", &format!("{what}: {status}"));
    } else {
        world.tell(&format!("delivered {what}: {status}"));
    }
    world.story().counts.deliveries += 1;
    world.hears(&delivery, status);
    world.github.delivered(delivery, status);
}

/// A load balancer that tells the dead by their silence, most of the time.
async fn some_replica(world: &World, delivery: &Delivery) -> u16 {
    let taking = {
        let replicas = world.replicas.lock().unwrap();
        let first = world.chance.below(replicas.len());
        let turns = (0..replicas.len()).map(|turn| &replicas[(first + turn) % replicas.len()]);
        let alive = turns.clone().find(|replica| replica.hand.mode() != Mode::Dead);
        alive.or_else(|| turns.clone().next()).map(|replica| replica.takes(delivery))
    };
    match taking {
        Some(taking) => taking.await,
        None => 0,
    }
}
