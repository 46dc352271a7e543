//! The real `flyball serve`, killed by SIGKILL between any two of its calls to GitHub and started again on what it had kept.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use flyball::domain::ids::{RepoId, UnitKey};
use flyball::sim::{APP_PRIVATE_KEY, Files, GitHub, Protection, Role, SimConfig};
use flyball::stage::SECRET;
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::keep::Kept;
use crate::world::{client, traffic_file};

/// After so many calls of one step of the story the server dies; opening takes about as many, a confirm a few more.
const MOMENTS: std::ops::Range<usize> = 0..9;

/// One server process at a fixed address, with what it keeps.
pub(crate) struct Server {
    port: u16,
    github: String,
    pub(crate) kept: Kept,
    process: Option<Child>,
}

impl Server {
    pub(crate) async fn start(keep: Keep, github: &GitHub) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let kept = keep.room();
        std::fs::write(kept.directory.path().join("key.pem"), APP_PRIVATE_KEY).unwrap();
        let mut server = Self { port, github: github.url().to_owned(), kept, process: None };
        github.set_webhook_url(&server.url("/webhooks/github"));
        server.restart().await;
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Beside the traffic: it is looked through for secrets as well.
    fn log(&self) -> PathBuf {
        traffic_file().unwrap().with_file_name(format!("serve-{}-{}.log", std::process::id(), self.port))
    }

    /// Returns when it takes deliveries.
    pub(crate) async fn restart(&mut self) {
        let directory = self.kept.directory.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_flyball"));
        command.arg("serve").env_clear().stdout(Stdio::null());
        command.stderr(std::fs::File::options().create(true).append(true).open(self.log()).unwrap());
        command.env("FLYBALL_LISTEN", format!("127.0.0.1:{}", self.port));
        command.env("FLYBALL_GITHUB_APP_ID", "4242");
        command.env("FLYBALL_GITHUB_PRIVATE_KEY_FILE", directory.join("key.pem"));
        command.env("FLYBALL_WEBHOOK_SECRET", SECRET);
        command.env("FLYBALL_GITHUB_API_URL", &self.github);
        command.env("FLYBALL_GITHUB_TIMEOUT", "2s").env("FLYBALL_RETRY_BASE", "100ms");
        // What gets lost must stay lost: no reconcile within the test.
        command.env("FLYBALL_RECONCILE_INTERVAL", "1h");
        match &self.kept.redis {
            None => command.env("FLYBALL_DATA_DIR", directory.join("data")),
            Some(redis) => command.env("FLYBALL_REDIS_URL", redis.url()),
        };
        self.process = Some(command.spawn().unwrap());
        until("the server is ready", async || {
            client().get(self.url("/readyz")).send().await.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
    }

    /// Whether nothing waits and nothing is due: what was unknown after a kill has been read.
    pub(crate) async fn is_quiet(&self) -> bool {
        let Ok(answer) = client().get(self.url("/metrics")).send().await else { return false };
        let metrics = answer.text().await.unwrap();
        ["flyball_inbox_pending 0", "flyball_outbox_due 0", "flyball_timers_due 0"]
            .iter()
            .all(|gauge| metrics.lines().any(|line| line == *gauge))
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn until(what: &str, done: impl AsyncFnMut() -> bool) {
    assert!(comes(done).await, "it never happens that {what}");
}

pub(crate) async fn comes(mut done: impl AsyncFnMut() -> bool) -> bool {
    let waiting = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), waiting).await.is_ok()
}

struct Story {
    moment: usize,
    github: GitHub,
    repo: RepoId,
    server: Server,
}

impl Story {
    async fn begins(keep: Keep, moment: usize) -> Self {
        let sim = SimConfig { webhook_secret: SECRET.to_owned(), traffic_log: traffic_file(), ..SimConfig::default() };
        let github = GitHub::start(sim).await.unwrap();
        let repo = github.create_repo("acme/shop", Files::new().with("a.txt", "one\n"));
        for login in ["alice", "bob"] {
            github.user(repo, login, Role::Write);
        }
        github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
        let server = Server::start(keep, &github).await;
        Self { moment, github, repo, server }
    }

    /// Something happens, the server is killed after some calls to GitHub (or when it has no more to do) and starts again. What GitHub
    /// could not deliver it delivers again, what was answered 2xx it never does.
    async fn dies_amid(&mut self, happens: impl FnOnce(&GitHub)) {
        let fatal = self.github.calls().len() + self.moment;
        happens(&self.github);
        let reached = async {
            while self.github.calls().len() < fatal || self.github.waiting_deliveries().len() > 1 {
                tokio::time::sleep(Duration::from_micros(500)).await;
            }
        };
        let _fewer_calls = tokio::time::timeout(Duration::from_secs(2), reached).await;
        self.server.kill();
        self.github.deliveries_idle().await;
        let refused: Vec<u64> =
            self.github.deliveries().iter().filter(|sent| !sent.is_ok()).map(|sent| sent.id).collect();
        self.server.restart().await;
        for delivery in refused.into_iter().filter(|id| self.is_missing(*id)) {
            assert!(self.github.redeliver(delivery));
        }
    }

    /// Whether it still has to be delivered: no delivery of that id was taken since.
    fn is_missing(&self, id: u64) -> bool {
        let log = self.github.deliveries();
        let guid = log.iter().find(|sent| sent.id == id).map(|sent| sent.guid.clone());
        !log.iter().any(|sent| Some(&sent.guid) == guid.as_ref() && sent.is_ok())
    }

    fn ours(&self, pr: UnitKey) -> Vec<String> {
        let all = self.github.comments(pr).into_iter();
        all.filter(|comment| comment.author == "flyball[bot]").map(|comment| comment.body).collect()
    }

    /// What can be seen, for a failure's message.
    fn state(&self, pr: UnitKey) -> String {
        let deliveries = self.github.deliveries().into_iter().map(|sent| (sent.event, sent.action, sent.status));
        let calls = self.github.calls().into_iter().map(|call| format!("{} {} {}", call.at, call.kind(), call.status));
        let log = std::fs::read_to_string(self.server.log()).unwrap_or_default();
        let (deliveries, calls): (Vec<_>, Vec<_>) = (deliveries.collect(), calls.collect());
        format!("{:#?}\n{deliveries:?}\n{calls:#?}\n{log}", self.ours(pr))
    }

    async fn tells(mut self) {
        let moment = self.moment;
        let (repo, mut opened) = (self.repo, None);
        self.dies_amid(|github| {
            let pr = github.open_pull(repo, "alice", "Change", Files::new().with("a.txt", "two\n"));
            github.check(pr, "test", "ci", Some("success"));
            opened = Some(pr);
        })
        .await;
        let pr = opened.unwrap();
        let waits = comes(async || {
            let check = self.github.latest_check(pr, "flyball").and_then(|check| check.conclusion);
            let shown = check.as_deref() == Some("action_required") && self.server.is_quiet().await;
            shown && self.ours(pr).iter().any(|body| body.contains("/confirm"))
        });
        assert!(waits.await, "after {moment} calls it does not wait for judgment: {}", self.state(pr));
        // A command counts from the second after the suggestion was shown.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let comment = self.github.comments(pr).len();
        self.dies_amid(|github| {
            github.comment(pr, "bob", "/confirm");
        })
        .await;
        let lands =
            comes(async || self.github.is_merged(pr) && self.ours(pr).iter().any(|body| body.contains("Landed")));
        assert!(lands.await, "after {moment} calls it does not land: {}", self.state(pr));
        assert_eq!(comment, 1, "after {moment} calls: {:#?}", self.ours(pr));
        assert_eq!(self.ours(pr).len(), 1, "after {moment} calls: {:#?}", self.ours(pr));
        let merges = self.github.calls().into_iter().filter(|call| call.path.ends_with("/merge") && call.status == 200);
        assert_eq!(merges.count(), 1, "after {moment} calls");
        let file = self.github.file(repo, "main", "a.txt");
        assert_eq!(file.as_deref(), Some("two\n"), "after {moment} calls");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_no_delivery_and_does_nothing_twice(#[values(Embedded, Redis)] keep: Keep) {
    // Side by side: with Redis each waits for the leases of the dead to run out.
    let stories = MOMENTS.map(|moment| async move { Story::begins(keep, moment).await.tells().await });
    futures::future::join_all(stories.map(Box::pin)).await;
}
