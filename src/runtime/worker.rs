//! Starts the worker and stops it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::AbortHandle;

use super::clock::Clock;
use super::directory::Directory;
use super::governor::Governor;
use super::leases::Keeper;
use super::notebook::Notebook;
use super::observe::Observer;
use super::settings::Settings;
use super::workshop::Tools;
use crate::github::GitHub;
use crate::store::{Partition, Store};

/// What the worker works with.
pub struct Deps<G> {
    /// The domain.
    pub governor: G,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where facts come from and calls go to.
    pub github: Arc<dyn GitHub>,
    /// Domain time.
    pub clock: Arc<dyn Clock>,
    /// Who is told what happens; `Arc::new(())` for nobody.
    pub observer: Arc<dyn Observer>,
    /// How it behaves.
    pub settings: Settings,
}

/// Drives the domain for the partitions it holds: inbox, timers, outbox.
#[derive(Debug)]
pub struct Worker;

/// A running worker. Dropping it ends all its work at once, as a crash would: nothing is lost, leases run out by themselves.
pub struct WorkerHandle {
    directory: Arc<Directory>,
    store: Arc<dyn Store>,
    stop: Option<oneshot::Sender<oneshot::Sender<()>>>,
    tasks: [AbortHandle; 2],
}

/// Without a hint for so long, every inbox is looked at once: a hint may have been lost.
const LOOK_ANYWAY: Duration = Duration::from_secs(60);

impl Worker {
    /// Starts working. Returns when every lease was asked for once.
    pub async fn start<G: Governor>(deps: Deps<G>) -> WorkerHandle {
        let Deps { governor, store, github, clock, observer, settings } = deps;
        let directory = Arc::new(Directory::default());
        let (held, watched) = watch::channel(Vec::new());
        let tools = Arc::new(Tools {
            governor,
            store: Arc::clone(&store),
            github,
            clock,
            observer,
            settings: Arc::new(settings),
        });
        let mut keeper = Keeper::new(tools, Arc::clone(&directory), held);
        keeper.pass().await;
        let (stop, stopped) = oneshot::channel();
        let keeping = tokio::spawn(Box::pin(keeper.run(stopped)));
        let listening = tokio::spawn(listen(Arc::clone(&store), Arc::clone(&directory), watched));
        WorkerHandle { directory, store, stop: Some(stop), tasks: [keeping.abort_handle(), listening.abort_handle()] }
    }
}

impl WorkerHandle {
    /// Returns when, in the partitions held here, nothing waits in the inbox, nothing is due by the clock, nothing runs and no call is
    /// out. Dead letters wait for a person and do not count.
    pub async fn settled(&self) {
        self.directory.settled().await;
    }

    /// The partitions held here now.
    #[must_use]
    pub fn held(&self) -> Vec<Partition> {
        self.directory.held()
    }

    /// What the program itself remembers under this name; written through the partitions held here.
    #[must_use]
    pub fn notebook(&self, space: &'static str) -> Notebook {
        Notebook::new(Arc::clone(&self.store), Arc::clone(&self.directory), space)
    }

    /// Says, also after this handle is gone, whether the worker still runs: false after a shutdown, a drop, or should it ever panic.
    pub fn running(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let tasks = self.tasks.clone();
        move || tasks.iter().all(|task| !task.is_finished())
    }

    /// Ends gracefully: nothing new is begun, calls and commits in hand have [`Settings::grace`] to finish, leases are given up.
    pub async fn shutdown(mut self) {
        let (done, finished) = oneshot::channel();
        if self.stop.take().is_some_and(|stop| stop.send(done).is_ok()) {
            // An error here means that the keeper is gone already, and with it all work.
            let _ = finished.await;
        }
    }
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Passes the store's hints on to the partitions. One question for all of them, however many are held.
async fn listen(store: Arc<dyn Store>, directory: Arc<Directory>, mut held: watch::Receiver<Vec<Partition>>) {
    loop {
        let partitions = held.borrow_and_update().clone();
        let hints = async {
            if partitions.is_empty() {
                std::future::pending().await
            } else {
                store.arrivals(&partitions, LOOK_ANYWAY).await
            }
        };
        tokio::select! {
            biased;
            changed = held.changed() => {
                if changed.is_err() {
                    return;
                }
                // The question that was just dropped may have had an answer.
                directory.arrived(&partitions);
            }
            arrived = hints => directory.arrived(if arrived.is_empty() { &partitions } else { &arrived }),
        }
    }
}
