//! The simulated GitHub with many repositories, each of its own owner, and what happens there.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use flyball::domain::ids::UnitKey;
use flyball::sim::{Delivery, Files, GitHub, Protection, Role, SimConfig};

use crate::latency::{self, Heard};

pub(crate) const SECRET: &str = "a secret of the benchmark";

/// Deliveries that GitHub sends at once.
const SIDE_BY_SIDE: usize = 32;
/// How long opening all may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// So soon everything that a delivery leads to has happened, unless a server died.
const REST: Duration = Duration::from_secs(3);

pub(crate) struct Town {
    pub(crate) github: GitHub,
    pulls: Vec<UnitKey>,
    /// What has happened so far; whose turn it is follows from it.
    turns: usize,
}

impl Town {
    /// A pull request in each of so many repositories; nobody hears of them yet.
    pub(crate) async fn found(repos: usize) -> Result<Self> {
        let config =
            SimConfig { webhook_secret: SECRET.into(), webhook_concurrency: SIDE_BY_SIDE, ..SimConfig::default() };
        let github = GitHub::start(config).await?;
        let pulls = (0..repos).map(|number| {
            let repo = github.create_repo(&format!("owner{number}/repo"), Files::new().with("src/lib.txt", "one\n"));
            for login in ["alice", "bob"] {
                github.user(repo, login, Role::Write);
            }
            github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
            github.open_pull(repo, "alice", "Say two", Files::new().with("src/lib.txt", "two\n"))
        });
        let pulls = pulls.collect();
        Ok(Self { github, pulls, turns: 0 })
    }

    /// From now on the server hears; returns when every pull request has its check run.
    pub(crate) async fn move_in(&self, url: &str) -> Result<()> {
        self.github.set_webhook_url(url);
        let began = Instant::now();
        while !self.pulls.iter().all(|pull| self.github.latest_check(*pull, "flyball").is_some()) {
            if began.elapsed() > PATIENCE {
                bail!("the server does not come through with what was opened");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.rest().await;
        Ok(())
    }

    /// Lets deliveries and what they lead to come to an end, as far as that is soon.
    pub(crate) async fn rest(&self) {
        self.github.deliveries_idle().await;
        tokio::time::sleep(REST).await;
    }

    /// People push and CI ends so that `rate` deliveries leave each second; what came of it, to the last.
    pub(crate) async fn live(&mut self, time: Duration, rate: u64) -> Heard {
        drop(self.github.take_calls());
        let began = Instant::now();
        let rate = self.act(time, rate).await;
        self.rest().await;
        Heard { rate, ..self.heard(began, Instant::now()) }
    }

    /// The same without a rest, so that one may follow upon the other: of what left in the first and the last moments it is not told what
    /// came of it, since calls before and after are not in sight.
    pub(crate) async fn live_on(&mut self, time: Duration, rate: u64) -> Heard {
        drop(self.github.take_calls());
        let began = Instant::now();
        let rate = self.act(time, rate).await;
        Heard { rate, ..self.heard(began + REST, Instant::now() - REST) }
    }

    /// How many deliveries left each second.
    async fn act(&mut self, time: Duration, rate: u64) -> f64 {
        let (began, before) = (Instant::now(), self.github.deliveries_sent());
        while began.elapsed() < time {
            let aimed = began.elapsed().as_millis() * u128::from(rate) / 1000;
            if u128::from(self.github.deliveries_sent() - before) < aimed {
                self.happens();
                // The senders' turn, that what was just made counts.
                tokio::time::sleep(Duration::from_millis(1)).await;
            } else {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        let sent = (self.github.deliveries_sent() - before) as f64;
        sent / began.elapsed().as_secs_f64()
    }

    fn heard(&self, began: Instant, ended: Instant) -> Heard {
        let left = |one: &Delivery| one.sent_at.is_some_and(|sent| (began..ended).contains(&sent));
        let deliveries: Vec<_> = self.github.deliveries().into_iter().filter(left).collect();
        latency::heard(&deliveries, &self.github.take_calls())
    }

    /// The next thing: in each round every pull request is pushed to, in the next CI ends everywhere.
    pub(crate) fn happens(&mut self) {
        let pull = self.pulls[self.turns % self.pulls.len()];
        if (self.turns / self.pulls.len()).is_multiple_of(2) {
            self.github.push(pull, Files::new().with("src/lib.txt", &format!("push {}\n", self.turns)));
        } else {
            self.github.check(pull, "test", "ci", Some("success"));
        }
        self.turns += 1;
    }

    /// How many pull requests have a check run of ours on their head.
    pub(crate) fn answered(&self) -> usize {
        self.pulls.iter().filter(|pull| self.github.latest_check(**pull, "flyball").is_some()).count()
    }

    pub(crate) fn len(&self) -> usize {
        self.pulls.len()
    }
}
