//! Three real `flyball serve` on a real Redis Cluster of three primaries, before the simulated GitHub. Replicas and Redis nodes are killed
//! and paused, the way to GitHub is cut, all while people open, push, confirm and refuse. Afterwards GitHub's own log has to show that
//! every promise was kept.
//!
//! `FLYBALL_CHAOS_SECONDS` (15) says for how long, `FLYBALL_CHAOS_SEED` (1) which choices are made. The machine adds its own.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

#[path = "../support/cluster.rs"]
#[expect(dead_code, reason = "slots move in the store's test only")]
mod cluster;
mod dice;
mod people;
mod promises;
mod replica;
mod trouble;
mod way;

use std::time::{Duration, Instant};

use flyball::sim::{Disorder, GitHub, SimConfig};

use dice::Dice;
use people::People;
use trouble::Site;

const SECRET: &str = "a secret of this test";

#[expect(clippy::disallowed_methods, reason = "a test has no command line of its own")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "what was tried is for people to read")]
async fn whatever_dies_every_promise_is_kept() {
    let (seconds, seed) = (setting("FLYBALL_CHAOS_SECONDS", 15), setting("FLYBALL_CHAOS_SEED", 1));
    let github = GitHub::start(SimConfig { webhook_secret: SECRET.to_owned(), ..SimConfig::default() }).await.unwrap();
    let mut site = Site::start(&github).await;
    github.set_webhook_url(&site.door.url("/webhooks/github"));
    github.disturb(Disorder { duplicate_percent: 5, reorder_within: 3, seed, ..Disorder::default() });
    let mut people = People::new(&github, Dice::new(seed));
    let mut dice = Dice::new(seed ^ 0x5eed);
    let ends = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < ends {
        site.trouble(&mut dice);
        for _ in 0..3 {
            people.act();
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
    site.heal().await;
    github.disturb(Disorder::default());
    let waited = people.finish(&site).await;
    let kept = promises::hold(&github, &people, &site).await;
    eprintln!("chaos: seed {seed}, {seconds} s, {}; quiet {waited:.1?} after the last; {kept}", site.counted());
}
