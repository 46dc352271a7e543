//! The client against the simulated GitHub: facts read by GraphQL and by REST agree, calls do what they say and cost what they may.

#[expect(
    dead_code,
    reason = "the requests are held against the contract here, the answers in the tests of the simulation"
)]
#[path = "../support/openapi.rs"]
mod openapi;

mod reads;
mod writes;

use std::collections::BTreeMap;
use std::time::Duration;

use flyball::domain::govern::{Fact, Need, Snapshot};
use flyball::domain::ids::{RepoId, UnitKey};
use flyball::github::{GitHub as _, OctocrabGitHub, RepoAddress, Settings};
use flyball::sim::{APP_PRIVATE_KEY, CallRecord, Files, GitHub, Role, SimConfig};

use crate::openapi::Contract;

/// A simulated GitHub with one repository, and the client under test. Every request is held against GitHub's `OpenAPI` description.
pub(crate) struct World {
    pub(crate) github: GitHub,
    pub(crate) client: OctocrabGitHub,
    pub(crate) repo: RepoId,
    pub(crate) at: RepoAddress,
    contract: Option<Contract>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let github = GitHub::start(SimConfig::default()).await.expect("loopback is free");
        let repo = github.create_repo("acme/site", Files::new().with("a.txt", "one\ntwo\nthree\n"));
        for (login, role) in
            [("alice", Role::Write), ("bob", Role::Write), ("carol", Role::Maintain), ("dora", Role::Triage)]
        {
            github.user(repo, login, role);
        }
        let settings = Settings {
            app_id: 4242,
            private_key_pem: APP_PRIVATE_KEY.to_owned(),
            api_url: github.url().to_owned(),
            graphql_url: None,
            timeout: Duration::from_secs(5),
            retry_base: Duration::from_millis(1),
            pacing: None,
        };
        let client = OctocrabGitHub::new(&settings).expect("the settings work");
        let at = RepoAddress { installation: github.installation(repo), id: repo, full_name: "acme/site".to_owned() };
        Self { github, client, repo, at, contract: Contract::load() }
    }

    pub(crate) fn opens(&self, title: &str) -> UnitKey {
        self.github.open_pull(self.repo, "alice", title, Files::new().with("a.txt", "one\n2\nthree\n"))
    }

    pub(crate) async fn read(&self, need: Need) -> Fact {
        self.client.read(&self.at, &need).await
    }

    pub(crate) async fn snapshot(&self, pr: UnitKey) -> Snapshot {
        match self.read(Need::Snapshot(pr.number)).await {
            Fact::Snapshot(snapshot) => *snapshot,
            other => panic!("no snapshot: {other:?}"),
        }
    }

    /// The calls since the last look that count for a budget: token mints and 304s do not. Each is one that GitHub describes.
    pub(crate) fn calls(&self) -> Vec<CallRecord> {
        let counted = |call: &CallRecord| !call.path.ends_with("/access_tokens") && call.status != 304;
        let calls: Vec<CallRecord> = self.github.take_calls().into_iter().filter(counted).collect();
        for call in calls.iter().filter(|call| call.path != "/graphql") {
            let template = call.template.clone().unwrap_or_else(|| call.path.clone());
            let query: BTreeMap<String, String> = serde_urlencoded::from_str(&call.query).expect("a query");
            let Some(contract) = &self.contract else { continue };
            let wrong = contract.check_request(&call.method, &template, &query, &call.body);
            assert!(wrong.is_empty(), "{} {}: {wrong:?}", call.method, call.path);
        }
        calls
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.calls().iter().map(|call| format!("{} {}", call.method, call.path)).collect()
    }
}
