//! The app, a store, a simulated GitHub, a stopped clock: state in, state out.

use std::time::Duration;

use flyball::domain::ids::{RepoId, UnitKey};
use flyball::sim::{CheckRunView, Files, GitHub, Protection, Role, SimConfig};
use flyball::stage::{SECRET, Stage, StageConfig};
use flyball::webhook::Secrets;
use serde_json::Value;

use crate::keep::{Keep, Kept};

pub(crate) struct World {
    pub(crate) stage: Stage,
    pub(crate) repo: RepoId,
    /// After the stage: the store goes before what it lives in.
    pub(crate) kept: Kept,
}

pub(crate) const LINES: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

/// `LINES` with one line replaced.
pub(crate) fn line(number: usize, text: &str) -> Files {
    let lines: Vec<&str> =
        LINES.lines().enumerate().map(|(index, line)| if index + 1 == number { text } else { line }).collect();
    Files::new().with("src/lib.rs", &format!("{}\n", lines.join("\n")))
}

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A loaded machine is no outage: only what hangs for good is given up.
pub(crate) fn patient() -> StageConfig {
    StageConfig { timeout: PATIENCE, ..StageConfig::default() }
}

impl World {
    /// `main` requires `test` and our own check. alice and bob write, carol maintains, rita reads.
    pub(crate) async fn start(keep: Keep) -> Self {
        Self::with(keep, patient()).await
    }

    /// Where GitHub hangs or the server dies: neither is waited for long.
    pub(crate) async fn hurried(keep: Keep) -> Self {
        Self::with(keep, StageConfig { timeout: Duration::from_secs(2), ..StageConfig::default() }).await
    }

    /// GitHub's clock is ahead of ours by so many seconds.
    pub(crate) async fn ahead(keep: Keep, github_ahead_seconds: i64) -> Self {
        Self::with(keep, StageConfig { github_ahead_seconds, ..patient() }).await
    }

    pub(crate) async fn with(keep: Keep, config: StageConfig) -> Self {
        crate::heard::listen();
        let kept = keep.room();
        let config = StageConfig {
            sim: SimConfig { traffic_log: traffic_file(), ..config.sim },
            store: Some(kept.open().await),
            ..config
        };
        let stage = Stage::set(kept.directory.path(), config).await.unwrap();
        let github = &stage.github;
        let repo = github.create_repo("acme/shop", Files::new().with("src/lib.rs", LINES));
        for (login, role) in
            [("alice", Role::Write), ("bob", Role::Write), ("carol", Role::Maintain), ("rita", Role::Read)]
        {
            github.user(repo, login, role);
        }
        github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
        let world = Self { stage, repo, kept };
        world.settle().await;
        world
    }

    pub(crate) fn github(&self) -> &GitHub {
        &self.stage.github
    }

    pub(crate) async fn settle(&self) {
        let began = std::time::Instant::now();
        self.settled().await;
        if began.elapsed() < PATIENCE {
            return;
        }
        // The machine stood still and calls were given up: what was put off comes due.
        for _ in 0..3 {
            self.stage.clock.advance(Duration::from_secs(30));
            self.settled().await;
        }
    }

    async fn settled(&self) {
        let done = tokio::time::timeout(Duration::from_secs(100), self.stage.settle()).await;
        assert!(done.is_ok(), "something is left owed for ever");
    }

    pub(crate) async fn seconds(&self, seconds: u64) {
        self.stage.clock.advance(Duration::from_secs(seconds));
        self.settle().await;
    }

    pub(crate) async fn opens(&self, author: &str, files: Files) -> UnitKey {
        let pr = self.github().open_pull(self.repo, author, "Change something", files);
        self.settle().await;
        pr
    }

    /// Opens a second pull request with the head of `other`, into a protected branch of this name.
    pub(crate) async fn opens_again(&self, other: UnitKey, base: &str) -> UnitKey {
        self.github().commit(self.repo, base, "carol", Files::new().with("base.txt", "of its own\n"));
        self.github().protect(self.repo, base, Protection::checks(&["test"]).check_from("flyball", 4242));
        let pr = self.github().open_pull_of_same_head(other, base, "bob", "The same, elsewhere");
        self.settle().await;
        pr
    }

    /// Sends a delivery that GitHub never made, signed; gives the status.
    pub(crate) async fn delivers(&self, event: &str, body: &'static str) -> u16 {
        let request = client().post(self.url("/webhooks/github")).body(body);
        let request = request.header("content-type", "application/json").header("x-github-event", event);
        let request = request.header("x-github-delivery", uuid::Uuid::new_v4().to_string());
        request.header("x-hub-signature-256", self.sign(body.as_bytes())).send().await.unwrap().status().as_u16()
    }

    /// Somebody asks for the comparison of the repository with GitHub.
    pub(crate) async fn reconciles(&self) {
        let asked = client().post(self.url("/api/v1/repos/acme/shop/reconcile")).send().await.unwrap();
        assert_eq!(asked.status(), 202);
        self.settle().await;
    }

    #[expect(clippy::unused_self, reason = "the secret is this world's, though all have the same")]
    pub(crate) fn sign(&self, body: &[u8]) -> String {
        Secrets::new([SECRET]).sign(body).unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.stage.address().unwrap())
    }

    /// Waits until the server answers this there.
    pub(crate) async fn answers(&self, path: &str, status: u16) {
        let asking = async {
            while client().get(self.url(path)).send().await.unwrap().status() != status {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), asking)
            .await
            .unwrap_or_else(|_| panic!("{path} is never {status}"));
    }

    /// After trouble: every partition is held again, and what was put off has come due.
    pub(crate) async fn recovers(&self) {
        self.stage.hold_all().await.unwrap();
        for _ in 0..4 {
            self.seconds(30).await;
        }
    }

    pub(crate) async fn green(&self, pr: UnitKey) {
        self.github().check(pr, "test", "ci", Some("success"));
        self.settle().await;
        self.seconds(2).await;
    }

    pub(crate) async fn opens_green(&self, author: &str, files: Files) -> UnitKey {
        let pr = self.opens(author, files).await;
        self.green(pr).await;
        pr
    }

    /// Comments, and gives back the reactions the comment got.
    pub(crate) async fn says(&self, pr: UnitKey, login: &str, text: &str) -> Vec<String> {
        let comment = self.github().comment(pr, login, text);
        self.settle().await;
        let reactions = self.github().reactions(self.repo, comment);
        reactions.iter().map(|reaction| reaction.trim_start_matches("flyball[bot] ").to_owned()).collect()
    }

    pub(crate) fn check(&self, pr: UnitKey) -> CheckRunView {
        self.github().latest_check(pr, "flyball").expect("each head has its check")
    }

    pub(crate) fn conclusion(&self, pr: UnitKey) -> Option<String> {
        self.check(pr).conclusion
    }

    pub(crate) fn is_merged(&self, pr: UnitKey) -> bool {
        self.github().is_merged(pr)
    }

    /// Everything we wrote on a pull request: the sticky comment and the replies.
    pub(crate) fn ours(&self, pr: UnitKey) -> Vec<String> {
        let all = self.github().comments(pr).into_iter();
        all.filter(|comment| comment.author == "flyball[bot]").map(|comment| comment.body).collect()
    }

    pub(crate) fn sticky(&self, pr: UnitKey) -> String {
        let ours: Vec<String> =
            self.ours(pr).into_iter().filter(|body| body.starts_with("<!-- flyball:unit -->")).collect();
        assert_eq!(ours.len(), 1, "one sticky comment: {ours:#?}");
        ours[0].clone()
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = client().get(self.url(&format!("/api/v1/repos/acme/shop{path}"))).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
    }

    pub(crate) async fn codes(&self, pr: UnitKey) -> Vec<String> {
        let (_, unit) = self.get(&format!("/units/{}", pr.number)).await;
        unit["reason_codes"].as_array().into_iter().flatten().map(|code| code.as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn standing(&self, pr: UnitKey) -> String {
        self.get(&format!("/units/{}", pr.number)).await.1["standing"].as_str().unwrap_or("unknown").to_owned()
    }
}

pub(crate) fn client() -> reqwest::Client {
    // Without certificates: reading the machine's takes longer than the call.
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

/// Where the traffic of all scenarios goes, for the contract test: one file a process.
pub(crate) fn traffic_file() -> Option<std::path::PathBuf> {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/traffic");
    std::fs::create_dir_all(&directory).ok()?;
    Some(directory.join(format!("{}-{}.jsonl", std::process::id(), uuid::Uuid::new_v4())))
}
