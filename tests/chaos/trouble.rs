//! The site, and what befalls it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use flyball::sim::GitHub;

use crate::cluster::Cluster;
use crate::dice::Dice;
use crate::replica::Replica;
use crate::way::Way;

/// Three replicas, their Redis, and the ways between GitHub and them.
pub(crate) struct Site {
    cluster: Cluster,
    pub(crate) replicas: Vec<Replica>,
    /// From GitHub.
    pub(crate) door: Way,
    /// To GitHub.
    out: Way,
    /// What ends when.
    ends: Vec<(Instant, End)>,
    counts: BTreeMap<&'static str, usize>,
}

#[derive(Clone, Copy)]
enum End {
    Replica(usize),
    Node(usize),
    Wakes(u32),
    Out,
}

fn signal(pid: u32, name: &str) {
    // Whoever has died meanwhile is started again anyway.
    let _sent = std::process::Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
}

impl Site {
    pub(crate) async fn start(github: &GitHub) -> Self {
        let cluster = tokio::task::spawn_blocking(Cluster::durable).await.unwrap();
        let mut replicas: Vec<Replica> = (0..3).map(|_| Replica::new()).collect();
        let door = Way::to(replicas.iter().map(|replica| replica.address).collect()).await;
        let out = Way::to(vec![github.url().trim_start_matches("http://").parse().unwrap()]).await;
        for replica in &mut replicas {
            replica.start(&cluster.urls(), &out.url(""));
        }
        let site = Self { cluster, replicas, door, out, ends: Vec::new(), counts: BTreeMap::new() };
        site.is_ready().await;
        site
    }

    async fn is_ready(&self) {
        for replica in &self.replicas {
            let started = Instant::now();
            loop {
                let asked = client().get(replica.url("/readyz")).send().await;
                if asked.is_ok_and(|answer| answer.status() == 200) {
                    break;
                }
                assert!(
                    started.elapsed() < Duration::from_secs(60),
                    "a replica is not ready: {}\n{}",
                    self.nodes(),
                    replica.said()
                );
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// Something ends that is over, and something else may happen.
    pub(crate) fn trouble(&mut self, dice: &mut Dice) {
        let now = Instant::now();
        let over: Vec<End> = self.ends.extract_if(.., |(at, _)| *at <= now).map(|(_, end)| end).collect();
        over.into_iter().for_each(|end| self.end(end));
        if self.ends.len() >= 2 {
            return;
        }
        let (kind, one) = (dice.roll(6), dice.roll(3));
        let (name, end, lasts) = match kind {
            0 if self.replicas[one].kill() => ("replicas killed", End::Replica(one), dice.millis(500, 3_000)),
            1 => {
                let Some(pid) = self.replicas[one].pid() else { return };
                signal(pid, "STOP");
                // Longer than its leases hold, or not.
                ("replicas paused", End::Wakes(pid), dice.millis(2_000, 14_000))
            }
            2 => {
                self.cluster.kill(one);
                ("Redis nodes killed", End::Node(one), dice.millis(300, 2_000))
            }
            3 => {
                let Some(pid) = self.cluster.pid(one) else { return };
                signal(pid, "STOP");
                ("Redis nodes paused", End::Wakes(pid), dice.millis(300, 3_000))
            }
            4 => {
                self.out.set_open(false);
                ("ways to GitHub cut", End::Out, dice.millis(300, 3_000))
            }
            _ => return,
        };
        *self.counts.entry(name).or_default() += 1;
        self.ends.push((now + lasts, end));
    }

    fn end(&mut self, end: End) {
        match end {
            End::Replica(one) => self.replicas[one].start(&self.cluster.urls(), &self.out.url("")),
            End::Node(one) => self.cluster.start_again(one),
            End::Wakes(pid) => signal(pid, "CONT"),
            End::Out => self.out.set_open(true),
        }
    }

    /// All of it ends.
    pub(crate) async fn heal(&mut self) {
        let ends = std::mem::take(&mut self.ends);
        ends.into_iter().for_each(|(_, end)| self.end(end));
        self.is_ready().await;
    }

    /// What the nodes of Redis say of their cluster.
    fn nodes(&self) -> String {
        (0..3).map(|node| self.cluster.cli(node, &["cluster", "nodes"])).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn counted(&self) -> String {
        self.counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    }

    /// What each replica said last, for a failure's message.
    pub(crate) fn said(&self) -> String {
        self.replicas.iter().map(Replica::said).collect::<Vec<_>>().join("\n----\n")
    }
}

pub(crate) fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(10));
    client.build().unwrap()
}
