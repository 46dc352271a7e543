//! Half an hour at a steady rate: whether memory stays flat and nothing piles up.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::Asked;
use crate::site::{Keep, Site};
use crate::town::Town;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(60);

#[expect(clippy::print_stdout, reason = "the figures are the output")]
pub(crate) async fn run(asked: Asked) -> Result<()> {
    let mut town = Town::found(asked.repos).await?;
    let site = Site::start(Keep::Redis("everysec"), 1, town.github.url()).await?;
    town.move_in(&site.door.url("/webhooks/github")).await?;
    println!("{} deliveries/s over {} repositories, Redis everysec, one replica", asked.rate, asked.repos);
    println!("minute | deliveries/s | push: p50, p99 ms | CI: p50, p99 ms | unanswered | memory | waiting");
    let began = Instant::now();
    let mut minute = 0;
    while began.elapsed() < asked.time {
        minute += 1;
        let heard = town.live_on(EVERY.min(asked.time), asked.rate).await;
        let waiting: Vec<_> = site.metrics(0).await?.lines().filter(|line| waits(line)).map(str::to_owned).collect();
        println!(
            "{minute} | {:.0} | {:.1}, {:.1} | {:.1}, {:.1} | {} | {} MB | {}",
            heard.rate,
            heard.pushes.quantile(0.5),
            heard.pushes.quantile(0.99),
            heard.results.quantile(0.5),
            heard.results.quantile(0.99),
            heard.unanswered,
            site.megabytes()?,
            waiting.join(", "),
        );
    }
    town.rest().await;
    ensure!(town.answered() == town.len(), "{} of {} have a check run on their head", town.answered(), town.len());
    println!("every pull request has a check run on its head");
    Ok(())
}

fn waits(line: &str) -> bool {
    ["flyball_inbox_pending", "flyball_outbox_due", "flyball_parked"].iter().any(|name| line.starts_with(name))
}
