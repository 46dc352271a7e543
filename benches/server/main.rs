//! The whole server as its users run it: processes of `flyball serve`, a real store, the simulated GitHub, real HTTP.
//!
//! ```text
//! cargo bench --bench server                       # every store: latency under load, then kill -9 and SIGTERM under load
//! cargo bench --bench server -- 60 200 500         # seconds, deliveries a second, repositories
//! cargo bench --bench server -- soak 30 200 1000   # minutes, deliveries a second, repositories
//! ```
//!
//! Latency is from the moment a delivery leaves GitHub until the call that writes the check run arrives there, without the time that
//! GitHub took for the calls in between. Contract: DESIGN 9.

#[path = "../../tests/support/cluster.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests; nodes live as long as the benchmark")]
mod cluster;
mod latency;
mod site;
mod soak;
mod town;
#[path = "../../tests/chaos/way.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests; this way is never cut")]
mod way;

use std::time::Duration;

use anyhow::{Context, Result};

use latency::Latencies;
use site::{Keep, Site};
use town::Town;

/// Long enough that every lease of a dead replica has run out and what waited is done.
const AFTER: Duration = Duration::from_secs(35);

/// What is asked of one run.
#[derive(Clone, Copy)]
struct Asked {
    time: Duration,
    rate: u64,
    repos: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let soaks = arguments.first().is_some_and(|first| first == "soak");
    let number = |at: usize, otherwise: u64| -> Result<u64> {
        let text = arguments.get(at + usize::from(soaks));
        text.map_or(Ok(otherwise), |text| text.parse().with_context(|| format!("{text} is not a number")))
    };
    let of = |time: Duration, repos: u64| -> Result<Asked> {
        Ok(Asked { time, rate: number(1, 200)?, repos: usize::try_from(number(2, repos)?)? })
    };
    if soaks {
        return soak::run(of(Duration::from_secs(60 * number(0, 30)?), 1000)?).await;
    }
    compare(of(Duration::from_secs(number(0, 30)?), 300)?).await
}

#[expect(clippy::print_stdout, reason = "the figures are the output")]
async fn compare(asked: Asked) -> Result<()> {
    println!("{} deliveries/s over {} repositories, {} s each", asked.rate, asked.repos, asked.time.as_secs());
    println!(
        "store, replicas | deliveries/s | push: p50, p99 ms | CI: p50, p99 ms | longest after kill -9 | after SIGTERM | memory"
    );
    for (keep, replicas) in [
        (Keep::Embedded, 1),
        (Keep::Redis("everysec"), 1),
        (Keep::Redis("always"), 1),
        (Keep::Redis("everysec"), 3),
        (Keep::Cluster, 1),
        (Keep::Cluster, 3),
    ] {
        println!("{}", measure(keep, replicas, asked).await?);
    }
    Ok(())
}

/// One row of the table.
async fn measure(keep: Keep, replicas: usize, asked: Asked) -> Result<String> {
    let mut town = Town::found(asked.repos).await?;
    let mut site = Site::start(keep, replicas, town.github.url()).await?;
    town.move_in(&site.door.url("/webhooks/github")).await?;
    let calm = town.live(asked.time, asked.rate).await;
    let memory = site.megabytes()?;
    // The one that ends is started again at once, as a supervisor does.
    let killed = {
        site.kill(0);
        site.restart(0);
        town.live(AFTER, asked.rate).await
    };
    let ended = {
        site.end(replicas - 1)?;
        site.restart(replicas - 1);
        town.live(AFTER, asked.rate).await
    };
    Ok(format!(
        "{}, {replicas} | {:.0} | {} | {} | {} | {} | {memory} MB",
        keep.name(),
        calm.rate,
        quantiles(&calm.pushes),
        quantiles(&calm.results),
        longest(&killed),
        longest(&ended),
    ))
}

fn quantiles(all: &Latencies) -> String {
    format!("{:.1}, {:.1} ({})", all.quantile(0.5), all.quantile(0.99), all.len())
}

fn longest(all: &latency::Heard) -> String {
    let most = all.pushes.quantile(1.0).max(all.results.quantile(1.0));
    format!("{:.1} s, {} unanswered", most / 1e3, all.unanswered)
}
