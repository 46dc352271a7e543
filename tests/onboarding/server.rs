//! The program itself: from a fresh server to one that governs, in one process.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use flyball::sim::{Files, GitHub, Protection, Role, SimConfig};
use tempfile::TempDir;

use crate::world::{Browser, PUBLIC, traffic_file};

/// The program, on a free port; killed when dropped.
struct Server {
    child: Child,
    said: BufReader<std::process::ChildStderr>,
    heard: String,
    room: TempDir,
}

impl Server {
    fn start(github: &GitHub, settings: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), github, settings)
    }

    fn start_in(room: TempDir, github: &GitHub, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flyball"));
        command
            .arg("serve")
            .env_clear()
            .env("FLYBALL_LISTEN", "127.0.0.1:0")
            .env("FLYBALL_LOG", "info")
            .env("NO_COLOR", "1");
        command.env("FLYBALL_GITHUB_API_URL", github.url()).env("FLYBALL_DATA_DIR", room.path().join("data"));
        command.env("FLYBALL_PAGES_URL", PUBLIC).envs(settings.iter().copied());
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Self { child, said, heard: String::new(), room }
    }

    /// The rest of the first line that has this.
    fn says(&mut self, beginning: &str) -> String {
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            self.heard.push_str(&line);
            if let Some((_, rest)) = line.split_once(beginning) {
                return rest.trim().to_owned();
            }
            line.clear();
        }
        panic!("it never said `{beginning}`");
    }

    /// Ends it; gives everything it ever said, and what it kept.
    fn end(mut self) -> (String, TempDir) {
        self.child.kill().unwrap();
        self.said.read_to_string(&mut self.heard).unwrap();
        let room = std::mem::replace(&mut self.room, tempfile::tempdir().unwrap());
        (std::mem::take(&mut self.heard), room)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn a_fresh_server_governs_after_the_set_up_without_a_restart() {
    let github = GitHub::start(SimConfig { traffic_log: traffic_file(), ..SimConfig::default() }).await.unwrap();
    let mut server = Server::start(&github, &[]);
    let link = server.says("Set this server up: ");
    let (origin, path) = link.split_once("/setup?token=").expect("the link carries a token");
    let browser = Browser::at(origin.to_owned());
    assert_eq!(browser.delivers("anything").await.status, 503);
    assert_eq!(browser.get("/readyz").await.status, 503);

    let first = browser.get(&format!("/setup?token={path}")).await.form();
    let fields: Vec<(&str, &str)> = first.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let form = browser.post("/setup", &fields).await.form();
    let code = github.agree_to_register(&form.manifest()).unwrap();
    let done = browser.get(&format!("/setup/done?code={code}&state={}", form.state())).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(done.text.contains("nothing has to be restarted"), "{}", done.text);

    let file = server.room.path().join("data/credentials/app.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let stored = flyball::credentials::read(&file).unwrap().unwrap();
    assert_eq!(browser.delivers("anything").await.status, 401);
    assert_eq!(browser.delivers(&stored.webhook_secret).await.status, 200);
    assert_eq!(browser.get("/readyz").await.status, 200);
    for path in ["/setup", "/setup?token=x", "/setup/done?code=a&state=b"] {
        let closed = browser.get(path).await;
        assert_eq!(closed.status, 200);
        assert!(closed.text.contains("Already set up") && !closed.text.contains("<form"), "{}", closed.text);
    }
    assert_eq!(browser.post("/setup", &[("token", "x")]).await.status, 405);
    governs(&github, origin).await;

    // The next start finds the file.
    let (said, room) = server.end();
    let key = stored.private_key.lines().nth(1).unwrap();
    for secret in [stored.webhook_secret.as_str(), &stored.client_secret, &code, form.state(), key] {
        assert!(!said.contains(secret), "its log has a secret: {said}");
    }
    let mut again = Server::start_in(room, &github, &[]);
    let address = again.says("listening address=");
    assert_eq!(Browser::at(format!("http://{address}")).delivers(&stored.webhook_secret).await.status, 200);
}

/// A pull request gets its check.
async fn governs(github: &GitHub, origin: &str) {
    github.set_webhook_url(&format!("{origin}/webhooks/github"));
    let repo = github.create_repo("acme/shop", Files::new().with("a.txt", "one\n"));
    github.user(repo, "alice", Role::Write);
    github.protect(repo, "main", Protection::checks(&[]).check_from("flyball", 4242));
    let pr = github.open_pull(repo, "alice", "Say two", Files::new().with("a.txt", "two\n"));
    let seen = async {
        while github.latest_check(pr, "flyball").is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), seen).await.expect("the check comes within seconds");
}

#[tokio::test]
async fn settings_that_cannot_work_end_the_start_with_what_to_set() {
    let github = GitHub::start(SimConfig::default()).await.unwrap();
    let cases = [
        (vec![("FLYBALL_GITHUB_APP_ID", "1")], "FLYBALL_GITHUB_PRIVATE_KEY"),
        (vec![("FLYBALL_GITHUB_PRIVATE_KEY", "x")], "FLYBALL_GITHUB_APP_ID"),
        (vec![("FLYBALL_GITHUB_PRIVATE_KEY", "x"), ("FLYBALL_GITHUB_APP_ID", "1")], "FLYBALL_WEBHOOK_SECRET"),
        (vec![("FLYBALL_WEBHOOK_SECRET", "x")], "neither FLYBALL_GITHUB_APP_ID nor a key"),
        (vec![("FLYBALL_SETUP_TOKEN", "short")], "at least 16 characters"),
    ];
    for (settings, expected) in cases {
        let mut server = Server::start(&github, &settings);
        let error = server.says("flyball: ");
        assert!(error.contains(expected), "{settings:?}: {error}");
        assert_eq!(server.child.wait().unwrap().code(), Some(2), "{settings:?}");
    }
}

#[tokio::test]
async fn a_token_that_was_named_is_not_printed() {
    let github = GitHub::start(SimConfig::default()).await.unwrap();
    let mut server = Server::start(&github, &[("FLYBALL_SETUP_TOKEN", "named-by-the-operator")]);
    let link = server.says("Set this server up: ");
    assert!(link.ends_with("/setup"), "{link}");
    let page = Browser::at(link.trim_end_matches("/setup").to_owned()).get("/setup?token=named-by-the-operator").await;
    assert_eq!(page.form().fields["address"], PUBLIC);
}
