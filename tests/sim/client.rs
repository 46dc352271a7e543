//! A small client that signs in as the App does, and a receiver for webhooks.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use flyball::domain::ids::{RepoId, UnitKey};
use flyball::sim::{APP_PRIVATE_KEY, Files, GitHub, Role, SimConfig};
use http::{HeaderMap, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// A simulation with one repository, its people, and the App signed in.
pub(crate) struct World {
    pub(crate) github: GitHub,
    pub(crate) repo: RepoId,
    pub(crate) client: reqwest::Client,
    pub(crate) token: String,
}

/// An answer in parts.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

pub(crate) const BASE: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(SimConfig::default()).await
    }

    pub(crate) async fn with(config: SimConfig) -> Self {
        let github = GitHub::start(config).await.unwrap();
        let repo = github.create_repo("acme/site", [("src/a.txt", BASE), ("README.md", "# Site\n")]);
        github.user(repo, "alice", Role::Write);
        github.user(repo, "carol", Role::Maintain);
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).user_agent("tests").build().unwrap();
        let mut world = Self { github, repo, client, token: String::new() };
        world.sign_in().await;
        world
    }

    pub(crate) async fn sign_in(&mut self) {
        let id = self.github.installation(self.repo).unwrap();
        let made = self.as_app("POST", &format!("/app/installations/{id}/access_tokens")).await;
        assert_eq!(made.status, 201, "{}", made.body);
        self.token = made.body["token"].as_str().unwrap().to_owned();
    }

    pub(crate) fn now(&self) -> i64 {
        std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().cast_signed()
    }

    pub(crate) fn jwt(&self, iat: i64, exp: i64) -> String {
        let key = EncodingKey::from_rsa_pem(APP_PRIVATE_KEY.as_bytes()).unwrap();
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &json!({"iat": iat, "exp": exp, "iss": "4242"}), &key)
            .unwrap()
    }

    pub(crate) async fn as_app(&self, method: &str, path: &str) -> Answered {
        let now = self.now();
        let jwt = self.jwt(now - 60, now + 540);
        self.send(method, path, &jwt, None, &[]).await.unwrap()
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Result<Answered, reqwest::Error> {
        let mut request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.github.url()));
        if !token.is_empty() {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answered { status, headers, body })
    }

    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.send("GET", &self.below(path), &self.token, None, &[]).await.unwrap()
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answered {
        let body = if body.is_null() { None } else { Some(body) };
        self.send(method, &self.below(path), &self.token, body, &[]).await.unwrap()
    }

    /// Paths without a leading slash are below the repository.
    fn below(&self, path: &str) -> String {
        if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/repos/acme/site/{path}").trim_end_matches('/').to_owned()
        }
    }

    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Value {
        self.call("POST", "/graphql", json!({"query": query, "variables": variables})).await.body
    }

    pub(crate) fn opens(&self, title: &str, files: impl Into<Files>) -> UnitKey {
        self.github.open_pull(self.repo, "alice", title, files)
    }
}

/// What a receiver got: headers and body of each delivery.
#[derive(Clone, Default)]
pub(crate) struct Inbox(Arc<Mutex<Vec<Taken>>>, Arc<Mutex<u16>>);

/// One delivery as it came in.
pub(crate) type Taken = (HeaderMap, Vec<u8>);

impl Inbox {
    /// Listens on loopback; returns its address and the inbox.
    pub(crate) async fn listen() -> (String, Self) {
        let inbox = Self::default();
        *inbox.1.lock().unwrap() = 202;
        let app = Router::new().route("/webhooks/github", post(receive)).with_state(inbox.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/github", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (url, inbox)
    }

    pub(crate) fn answers(&self, status: u16) {
        *self.1.lock().unwrap() = status;
    }

    pub(crate) fn take(&self) -> Vec<Taken> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// `event.action` of everything since the last time.
    pub(crate) fn events(&self) -> Vec<String> {
        let taken = self.take();
        let name = |(headers, body): Taken| {
            let event = headers["x-github-event"].to_str().unwrap().to_owned();
            let body: Value = serde_json::from_slice(&body).unwrap();
            body["action"].as_str().map_or_else(|| event.clone(), |action| format!("{event}.{action}"))
        };
        taken.into_iter().map(name).collect()
    }
}

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: axum::body::Bytes) -> StatusCode {
    inbox.0.lock().unwrap().push((headers, body.to_vec()));
    StatusCode::from_u16(*inbox.1.lock().unwrap()).unwrap()
}
