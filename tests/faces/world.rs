//! A repository at work: one unit that waits for a person, one that collides with it, one that was refused, one that landed.

use std::time::Duration;

use flyball::domain::ids::{RepoId, UnitKey};
use flyball::sim::{Files, Protection, Role, SimConfig};
use flyball::stage::{Stage, StageConfig};
use reqwest::header::HeaderMap;
use serde_json::Value;
use tempfile::TempDir;

const LINES: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

pub(crate) struct World {
    pub(crate) stage: Stage,
    pub(crate) repo: RepoId,
    _room: TempDir,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

impl World {
    /// An empty repository, `acme/shop`.
    pub(crate) async fn quiet() -> Self {
        Self::set(false).await
    }

    async fn set(login: bool) -> Self {
        let room = tempfile::tempdir().unwrap();
        let config = StageConfig {
            login,
            timeout: Duration::from_secs(20),
            sim: SimConfig { traffic_log: traffic_file(), ..SimConfig::default() },
            ..StageConfig::default()
        };
        let stage = Stage::set(room.path(), config).await.unwrap();
        let github = &stage.github;
        let repo = github.create_repo("acme/shop", Files::new().with("src/lib.rs", LINES));
        for (login, role) in [("alice", Role::Write), ("bob", Role::Write), ("carol", Role::Maintain)] {
            github.user(repo, login, role);
        }
        github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
        let world = Self { stage, repo, _room: room };
        world.stage.settle().await;
        world
    }

    /// `acme/shop` at work: #1 waits for a person, #2 changes the same lines, #3 was refused, #4 landed.
    pub(crate) async fn busy() -> Self {
        Self::quiet().await.at_work().await
    }

    /// The same, where people sign in; beside it `acme/secret`, private, which dave alone may read: #1 waits there.
    pub(crate) async fn private() -> Self {
        let world = Self::set(true).await.at_work().await;
        let github = &world.stage.github;
        let secret = github.create_private_repo("acme/secret", Files::new().with("src/plot.rs", LINES));
        github.user(secret, "dave", Role::Admin);
        github.user(world.repo, "rita", Role::Read);
        let pr = github.open_pull(secret, "dave", "A secret plot", Files::new().with("src/plot.rs", "one\n"));
        world.stage.settle().await;
        github.check(pr, "test", "ci", Some("success"));
        world.stage.pass(Duration::from_secs(2)).await;
        world
    }

    async fn at_work(self) -> Self {
        let world = self;
        let green = |title: &'static str, login: &'static str, files: Files| {
            let world = &world;
            async move {
                let pr = world.stage.github.open_pull(world.repo, login, title, files);
                world.stage.settle().await;
                world.stage.github.check(pr, "test", "ci", Some("success"));
                world.stage.pass(Duration::from_secs(2)).await;
                pr
            }
        };
        green("Say two", "alice", Files::new().with("src/lib.rs", &LINES.replace("two", "2"))).await;
        green("Say it otherwise", "bob", Files::new().with("src/lib.rs", &LINES.replace("two", "zwei"))).await;
        let refused = green("A third way", "bob", Files::new().with("docs/a.md", "third\n")).await;
        world.says(refused, "carol", "/refuse we have two already").await;
        let landed = green("A note", "alice", Files::new().with("docs/b.md", "note\n")).await;
        world.says(landed, "carol", "/confirm").await;
        assert!(world.stage.github.is_merged(landed));
        world
    }

    pub(crate) async fn says(&self, pr: UnitKey, login: &str, text: &str) {
        self.stage.github.comment(pr, login, text);
        self.stage.pass(Duration::from_secs(2)).await;
    }

    pub(crate) fn unit(&self, number: u64) -> UnitKey {
        UnitKey { repo: self.repo, number: flyball::domain::ids::PrNumber(number) }
    }

    /// Where the server is.
    pub(crate) fn server(&self) -> String {
        format!("http://{}", self.stage.address().unwrap())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.asks("GET", path, headers, None).await
    }

    pub(crate) async fn asks(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let mut request = client.request(method.parse().unwrap(), format!("{}{path}", self.server()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, text: answer.text().await.unwrap() }
    }
}

/// Where the traffic with GitHub goes, for the contract test.
fn traffic_file() -> Option<std::path::PathBuf> {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/traffic");
    std::fs::create_dir_all(&directory).ok()?;
    Some(directory.join(format!("{}-{}.jsonl", std::process::id(), uuid::Uuid::new_v4())))
}
