//! Everything that the server logs in the scenarios, at the finest level: `tests/secrets` looks through it.

use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, Once};

use tracing_subscriber::EnvFilter;

/// Ours whole, and of the libraries what may touch a secret. The simulated GitHub knows all secrets and is no part of the server.
const HEARD: &str = "info,flyball=trace,flyball::sim=off,octocrab=trace,reqwest=trace,hyper=debug,hyper_util=debug,tower=trace,redis=trace,axum=trace";

static LISTENING: Once = Once::new();

/// From now on this process writes its log to a file beside the traffic.
pub(crate) fn listen() {
    LISTENING.call_once(|| {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/traffic");
        std::fs::create_dir_all(&directory).unwrap();
        let file = File::create(directory.join(format!("{}.log", std::process::id()))).unwrap();
        let log = tracing_subscriber::fmt().with_ansi(false).with_env_filter(EnvFilter::new(HEARD));
        log.with_writer(Mutex::new(file)).init();
    });
}
