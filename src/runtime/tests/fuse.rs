//! A power cut between any two steps: the ports burn one step of the fuse before and after they do something.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

#[derive(Debug)]
struct Wire {
    left: AtomicUsize,
    blown: Notify,
}

/// Burns down, then nothing that needs power goes on. Replaceable, as fuses are.
#[derive(Debug, Clone)]
pub(super) struct Fuse(Arc<Mutex<Arc<Wire>>>);

impl Fuse {
    pub(super) fn lasting() -> Self {
        Self(Arc::new(Mutex::new(wire(usize::MAX))))
    }

    /// A new one that blows after so many steps.
    pub(super) fn replace(&self, steps: usize) {
        *self.0.lock().unwrap() = wire(steps);
    }

    /// One step; never returns without power.
    pub(super) async fn step(&self) {
        let wire = Arc::clone(&self.0.lock().unwrap());
        let left = wire.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_err() {
            wire.blown.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Returns when it has blown.
    pub(super) async fn blown(&self) {
        let wire = Arc::clone(&self.0.lock().unwrap());
        wire.blown.notified().await;
    }
}

fn wire(steps: usize) -> Arc<Wire> {
    Arc::new(Wire { left: AtomicUsize::new(steps), blown: Notify::new() })
}
