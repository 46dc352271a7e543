//! A simulated GitHub, a desk at which a server is set up, and a browser without scripts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use flyball::app::Onboarding;
use flyball::runtime::clock::{Clock, ManualClock};
use flyball::sim::{GitHub, SimConfig};
use flyball::web::setup::SetupSettings;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const TOKEN: &str = "0123456789abcdef-token";
pub(crate) const PUBLIC: &str = "https://flyball.acme.test";

/// A server that waits to be set up.
pub(crate) struct World {
    pub(crate) github: GitHub,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) room: TempDir,
    pub(crate) onboarding: Option<Onboarding>,
    pub(crate) browser: Browser,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::storing("credentials/app.json").await
    }

    /// Credentials go to this file below the world's folder.
    pub(crate) async fn storing(file: &str) -> Self {
        let github = GitHub::start(SimConfig { traffic_log: traffic_file(), ..SimConfig::default() }).await.unwrap();
        let clock = Arc::new(ManualClock::at("2026-03-02T08:00:00Z".parse().unwrap()));
        let room = tempfile::tempdir().unwrap();
        let ticking = Arc::clone(&clock);
        let settings = SetupSettings {
            api_url: github.url().to_owned(),
            web_url: "https://github.example/".to_owned(),
            public_url: Some(PUBLIC.to_owned()),
            credentials: room.path().join(file),
            token: TOKEN.to_owned(),
            timeout: Duration::from_secs(2),
            now: Arc::new(move || ticking.now()),
        };
        let onboarding = Onboarding::start(([127, 0, 0, 1], 0).into(), settings).await.unwrap();
        let browser = Browser::at(format!("http://{}", onboarding.address()));
        Self { github, clock, room, onboarding: Some(onboarding), browser }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.room.path().join("credentials/app.json")
    }

    /// Fills the form in and gives what its page would send to GitHub.
    pub(crate) async fn begins(&self) -> Form {
        let page = self.browser.post("/setup", &[("token", TOKEN), ("address", PUBLIC), ("organization", "")]).await;
        assert_eq!(page.status, 200, "{}", page.text);
        page.form()
    }

    /// Somebody agrees on GitHub; gives the address to which the browser is sent back.
    pub(crate) fn agrees(&self, form: &Form) -> String {
        let code = self.github.agree_to_register(&form.manifest()).unwrap();
        format!("/setup/done?code={code}&state={}", form.state())
    }

    /// What the folder of the credentials holds.
    pub(crate) fn stored(&self) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(self.room.path().join("credentials")) else { return Vec::new() };
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// Fetches pages as a browser without scripts does.
pub(crate) struct Browser {
    origin: String,
    client: reqwest::Client,
}

/// A page as it came.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

/// A form of a page.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn at(origin: String) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { origin, client }
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        Page::of(self.client.get(format!("{}{path}", self.origin))).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        Page::of(self.client.post(format!("{}{path}", self.origin)).form(fields)).await
    }

    /// Sends a delivery signed with this secret; gives the answer.
    pub(crate) async fn delivers(&self, secret: &str) -> Page {
        let body = r#"{"zen":"Keep it logically awesome.","hook_id":1}"#;
        let signature = flyball::webhook::Secrets::new([secret]).sign(body.as_bytes()).unwrap();
        let request = self.client.post(format!("{}/webhooks/github", self.origin));
        let request = request.header("content-type", "application/json").header("x-github-event", "ping");
        let request = request.header("x-github-delivery", uuid::Uuid::new_v4().to_string());
        Page::of(request.header("x-hub-signature-256", signature).body(body)).await
    }
}

impl Page {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        Self { status: answer.status().as_u16(), headers: answer.headers().clone(), text: answer.text().await.unwrap() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The page's only form.
    pub(crate) fn form(&self) -> Form {
        let (_, form) = self.text.split_once("<form").expect("the page has a form");
        let (form, _) = form.split_once("</form>").expect("the form ends");
        let action = attribute(form, "action").expect("the form goes somewhere");
        let inputs = form.split("<input").skip(1);
        let fields = inputs.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?))).collect();
        Form { action, fields }
    }
}

impl Form {
    pub(crate) fn manifest(&self) -> Value {
        serde_json::from_str(&self.fields["manifest"]).expect("the manifest is JSON")
    }

    pub(crate) fn state(&self) -> &str {
        self.action.split_once("?state=").expect("the form carries a state").1
    }
}

/// An attribute's value, as a browser reads it.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split('>').next()?.split_once(&format!(" {name}=\""))?;
    let value = rest.split('"').next()?;
    Some(value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

/// Where the traffic goes, for the contract test: one file a world.
pub(crate) fn traffic_file() -> Option<PathBuf> {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/traffic");
    std::fs::create_dir_all(&directory).ok()?;
    Some(directory.join(format!("{}-{}.jsonl", std::process::id(), uuid::Uuid::new_v4())))
}
