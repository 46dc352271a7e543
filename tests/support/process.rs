//! Spawning servers and asking them.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const HINT: &str =
    "is needed for the store's tests: apt-get install redis-server redis-tools (or the same from your system)";

pub(crate) fn spawn(command: &mut Command, directory: &Path) -> Child {
    let quiet = command.arg("--dir").arg(directory).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.spawn().unwrap_or_else(|error| panic!("redis-server {HINT}: {error}"))
}

pub(crate) fn cli(args: &[&str]) -> String {
    let output = Command::new("redis-cli").args(args).output();
    let output = output.unwrap_or_else(|error| panic!("redis-cli {HINT}: {error}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn answers(place: &[&str]) {
    wait("redis-server", || cli(&[place, &["ping"]].concat()).trim() == "PONG");
}

pub(crate) fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what} does not come up");
        std::thread::sleep(Duration::from_millis(10));
    }
}
