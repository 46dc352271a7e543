//! What `flyball doctor` and `/doctor` say about worlds that are as they should be, and about worlds that are not.

use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use flyball::doctor::{Examiner, Kept, KeptWhere, Latest, Report, Scope, Verdict};
use flyball::domain::ids::RepoId;
use flyball::github::{OctocrabGitHub, Settings};
use flyball::runtime::clock::{Clock, ManualClock};
use flyball::sim::{APP_PRIVATE_KEY, AppConfig, Endpoint, Fault, Files, GitHub, Protection, Role, SimConfig};
use serde_json::Value;

use crate::world::{Browser, traffic_file};

const APP: Endpoint = Endpoint::Route("GET", "/app");
const HOOK: Endpoint = Endpoint::Route("GET", "/app/hook/config");
const LOG: Endpoint = Endpoint::Route("GET", "/app/hook/deliveries");
const RULES: Endpoint = Endpoint::Route("GET", "/repos/{owner}/{repo}/rules/branches/{branch}");

/// A repository that is governed as it should be: what the manifest asks for is granted, `main` requires `ci` and our check.
struct Clinic {
    github: GitHub,
    repo: RepoId,
    clock: Arc<ManualClock>,
    app_id: u64,
    store: KeptWhere,
}

fn granted() -> AppConfig {
    let asked = flyball::github::manifest::asked();
    AppConfig { permissions: asked.permissions.clone(), events: asked.events.clone(), ..AppConfig::default() }
}

impl Clinic {
    async fn with(app: AppConfig) -> Self {
        let config = SimConfig {
            traffic_log: traffic_file(),
            app,
            webhook_url: Some("https://flyball.acme.test/webhooks/github".into()),
            ..SimConfig::default()
        };
        let github = GitHub::start(config).await.unwrap();
        github.hold_deliveries();
        let repo = github.create_repo("acme/shop", Files::new().with("a.txt", "one\n"));
        for (login, role) in [("alice", Role::Write), ("bob", Role::Write)] {
            github.user(repo, login, role);
        }
        github.protect(repo, "main", Protection::checks(&["ci"]).check_from("flyball", 4242));
        for (author, text) in [("alice", "two\n"), ("bob", "three\n")] {
            let pr = github.open_pull(repo, author, "Change it", Files::new().with("a.txt", text));
            github.check(pr, "ci", "ci-app", Some("success"));
        }
        let clock = Arc::new(ManualClock::at("2026-03-02T08:00:00Z".parse().unwrap()));
        let store = KeptWhere::Elsewhere("not here".into());
        Self { github, repo, clock, app_id: 4242, store }
    }

    async fn start() -> Self {
        Self::with(granted()).await
    }

    fn examiner(&self) -> Examiner {
        let settings = Settings {
            app_id: self.app_id,
            private_key_pem: APP_PRIVATE_KEY.to_owned(),
            api_url: self.github.url().to_owned(),
            graphql_url: None,
            timeout: Duration::from_secs(8),
            retry_base: Duration::from_millis(1),
            pacing: None,
        };
        let ticking = Arc::clone(&self.clock);
        Examiner {
            client: Ok(Arc::new(OctocrabGitHub::new(&settings).unwrap())),
            app_id: self.app_id,
            credentials: None,
            store: self.store.clone(),
            now: Arc::new(move || ticking.now()),
        }
    }

    async fn report(&self) -> Report {
        self.examiner().examine(&Scope::default()).await
    }
}

/// Checks that are not as they should be, as `verdict name: seen`; the store of the clinic left out.
fn troubles(report: &Report) -> Vec<String> {
    let wrong = report.checks.iter().filter(|check| check.verdict != Verdict::Ok && check.name != "store");
    wrong.map(|check| format!("{} {}: {}", check.verdict, check.name, check.seen)).collect()
}

#[tokio::test]
async fn a_world_that_is_as_it_should_be_has_no_trouble() {
    let clinic = Clinic::start().await;
    // Nothing was delivered yet, and that is all that is to be said.
    let report = clinic.report().await;
    assert_eq!(troubles(&report), ["could not be checked deliveries: the App's log has no delivery yet"]);
    assert!(report.reached && !report.is_broken());
    let calls = clinic.github.calls().len();
    assert!(calls <= 30, "one repository costs {calls} requests");
}

/// One row: what is done to the world, and the one sentence that comes of it.
type Row = (&'static str, fn(&mut Clinic), &'static str);

fn fails(clinic: &Clinic, endpoint: Endpoint, status: u16) {
    // Reads are asked again twice.
    for _ in 0..3 {
        clinic.github.fails_next(endpoint, Fault::Message(status, "trouble".into()));
    }
}

/// Puts a file on `main`.
fn adds(clinic: &Clinic, path: &str, text: &str) {
    clinic.github.commit(clinic.repo, "main", "alice", Files::new().with(path, text));
}

fn hook(clinic: &Clinic, config: &str) {
    clinic.github.fails_next(HOOK, Fault::Status(200, config.to_owned()));
}

const WORLDS: [Row; 17] = [
    ("wrong id", |c| c.app_id = 999, "broken credentials: GitHub answered 404"),
    ("refused key", |c| fails(c, APP, 401), "broken credentials: GitHub answered 401: trouble"),
    ("GitHub is away", |c| fails(c, APP, 502), "could not be checked credentials: GitHub answered 502: trouble"),
    ("hook unread", |c| fails(c, HOOK, 500), "could not be checked webhook: GitHub answered 500: trouble"),
    ("log unread", |c| fails(c, LOG, 500), "could not be checked deliveries: GitHub answered 500: trouble"),
    (
        "no secret",
        |c| hook(c, r#"{"url":"https://a.test/webhooks/github","content_type":"json","insecure_ssl":"0"}"#),
        "broken webhook.secret: there is no secret: every delivery is refused",
    ),
    (
        "a form",
        |c| {
            hook(
                c,
                r#"{"url":"https://a.test/webhooks/github","content_type":"form","insecure_ssl":"0","secret":"*"}"#,
            );
        },
        "warning webhook.content_type: the content type is `form`",
    ),
    (
        "no TLS",
        |c| {
            hook(
                c,
                r#"{"url":"https://a.test/webhooks/github","content_type":"json","insecure_ssl":"1","secret":"*"}"#,
            );
        },
        "warning webhook.tls: GitHub does not verify",
    ),
    (
        "elsewhere",
        |c| hook(c, r#"{"url":"https://a.test/","content_type":"json","insecure_ssl":"0","secret":"*"}"#),
        "broken webhook.url: deliveries go to `https://a.test/`",
    ),
    (
        "deliveries fail",
        |c| {
            c.github.fails_next(LOG, Fault::Status(200,
        r#"[{"guid":"1","delivered_at":"2026-03-02T08:00:00Z","status_code":401,"status":"Invalid HTTP Response: 401"}]"#.into()));
        },
        "broken deliveries: 1 of the newest 1 deliveries failed, most with status 401",
    ),
    ("unprotected", |c| c.github.unprotect(c.repo, "main"), "broken repository.check: nothing protects `main`"),
    (
        "not required",
        |c| c.github.protect(c.repo, "main", Protection::checks(&["ci"])),
        "broken repository.check: the protection of `main` does not require `flyball`",
    ),
    (
        "another App's",
        |c| c.github.protect(c.repo, "main", Protection::checks(&["ci"]).check_from("flyball", 1)),
        "broken repository.check: `main` requires `flyball` from App 1, and we are App 4242",
    ),
    (
        "nobody reports",
        |c| c.github.protect(c.repo, "main", Protection::checks(&["old-ci"]).check_from("flyball", 4242)),
        "broken repository.required: nobody reported `old-ci` on the default branch and the newest 2 pull requests",
    ),
    ("rules unread", |c| fails(c, RULES, 500), "could not be checked repository.check: GitHub answered 500: trouble"),
    (
        "a second bot",
        |c| adds(c, ".mergify.yml", "rules: []\n"),
        "warning repository.bots: Mergify (`.mergify.yml`) may merge here too",
    ),
    (
        "invalid policy",
        |c| adds(c, ".github/flyball.yml", "version: 1\nmode: maybe\n"),
        "broken repository.policy: the policy file is invalid and not in force: line 2",
    ),
];

#[tokio::test]
async fn every_broken_world_gets_its_sentence() {
    for (case, breaks, expected) in WORLDS {
        let mut clinic = Clinic::start().await;
        breaks(&mut clinic);
        let report = clinic.report().await;
        let troubles = troubles(&report);
        assert!(troubles.iter().any(|trouble| trouble.starts_with(expected)), "{case}: {troubles:#?}");
        let nameless = report.checks.iter().find(|check| check.verdict == Verdict::Broken && check.next.is_none());
        assert_eq!(nameless, None, "{case}: what is broken has a next step");
    }
}

#[tokio::test]
async fn what_was_not_granted_is_named() {
    let mut app = granted();
    app.permissions.remove("merge_queues");
    app.permissions.insert("checks".into(), "read".into());
    app.events.retain(|event| event != "merge_group");
    let clinic = Clinic::with(app).await;
    let troubles = troubles(&clinic.report().await);
    for expected in
        ["broken permissions: missing: `checks: write`, `merge_queues: write`", "broken events: missing: `merge_group`"]
    {
        assert_eq!(
            troubles.iter().filter(|trouble| *trouble == expected).count(),
            2,
            "App and installation: {troubles:#?}"
        );
    }
}

#[tokio::test]
async fn who_works_alone_hears_how_to_confirm() {
    let clinic = Clinic::start().await;
    clinic.github.create_repo("solo/site", Files::new().with("a.txt", "one\n"));
    let scope = Scope { only: Some("solo/site".into()), ..Scope::default() };
    let report = clinic.examiner().examine(&scope).await;
    let check = report.checks.iter().find(|check| check.name == "repository.people").unwrap();
    assert_eq!(check.verdict, Verdict::Warning);
    assert!(check.seen.contains("only solo has write access"), "{}", check.seen);
    assert!(check.next.as_ref().unwrap().contains("confirm: {author: true}"), "{check:?}");
}

#[tokio::test]
async fn a_repository_is_found_by_name_or_missed() {
    let clinic = Clinic::start().await;
    let of = |name: &str| Scope { only: Some(name.to_owned()), ..Scope::default() };
    let found = clinic.examiner().examine(&of("ACME/shop")).await;
    assert!(found.checks.iter().any(|check| check.name == "repository.check" && check.verdict == Verdict::Ok));
    for name in ["acme/other", "elsewhere/shop"] {
        let missed = clinic.examiner().examine(&of(name)).await;
        let check = missed.checks.iter().find(|check| check.name == "repository").unwrap();
        assert_eq!((check.about.as_deref(), check.verdict), (Some(name), Verdict::Broken));
    }
}

#[tokio::test]
async fn no_more_repositories_are_looked_at_than_allowed() {
    let clinic = Clinic::start().await;
    for number in 0..5 {
        clinic.github.create_repo(&format!("acme/more{number}"), Files::new().with("a.txt", "one\n"));
    }
    let report = clinic.examiner().examine(&Scope { repositories: 2, ..Scope::default() }).await;
    assert_eq!(report.checks.iter().filter(|check| check.name == "repository.check").count(), 2);
}

#[tokio::test]
async fn the_page_asks_github_once_a_minute_however_often_it_is_asked() {
    let clinic = Clinic::start().await;
    let kept = Arc::new(Kept::new(clinic.examiner()));
    let patience = Duration::from_secs(20);
    let many = futures::future::join_all((0..20).map(|_| kept.latest(patience))).await;
    assert!(many.iter().all(|latest| *latest == many[0] && matches!(latest, Latest::Report(_))));
    let asked = || clinic.github.calls().iter().filter(|call| call.path == "/app").count();
    assert_eq!(asked(), 1);
    clinic.clock.advance(Duration::from_secs(59));
    assert_eq!(kept.latest(patience).await, many[0]);
    assert_eq!(asked(), 1);
    clinic.clock.advance(Duration::from_secs(1));
    kept.latest(patience).await;
    assert_eq!(asked(), 2);
    clinic.clock.advance(Duration::from_secs(60));
    assert_eq!(kept.latest(Duration::ZERO).await, Latest::UnderWay, "it does not make its reader wait for ever");
}

#[tokio::test]
async fn the_store_is_looked_at_too() {
    let room = tempfile::tempdir().unwrap();
    let settings =
        flyball::store::Settings::Embedded { directory: room.path().into(), window: Duration::from_secs(60) };
    let mut clinic = Clinic::start().await;
    clinic.store = KeptWhere::Open(flyball::store::open(settings).await.unwrap());
    let of_store = |report: &Report| report.checks.iter().find(|check| check.name == "store").unwrap().verdict;
    assert_eq!(of_store(&clinic.report().await), Verdict::Ok);
    clinic.store = KeptWhere::Closed("no such host".into());
    assert_eq!(of_store(&clinic.report().await), Verdict::Broken);
}

#[tokio::test]
async fn the_page_stands_behind_the_guard_and_runs_no_script() {
    let room = tempfile::tempdir().unwrap();
    let stage = flyball::stage::Stage::set(room.path(), flyball::stage::StageConfig::default()).await.unwrap();
    let browser = Browser::at(format!("http://{}", stage.address().unwrap()));
    let page = browser.get("/doctor").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("is not installed anywhere") && !page.text.contains("<script"), "{}", page.text);
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let forwarded =
        client.get(format!("http://{}/doctor", stage.address().unwrap())).header("x-forwarded-for", "1.2.3.4");
    assert_eq!(forwarded.send().await.unwrap().status(), 403);
    stage.end().await;
}

/// Runs the command; a thread of its own, so that the simulated GitHub can answer.
async fn command(github: &GitHub, arguments: &'static [&'static str], settings: &'static [(&str, &str)]) -> Output {
    let url = github.url().to_owned();
    let run = move || {
        let room = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_flyball"));
        command.arg("doctor").args(arguments).env_clear().env("FLYBALL_GITHUB_API_URL", url);
        command
            .env("FLYBALL_DATA_DIR", room.path().join("none"))
            .env("FLYBALL_RETRY_BASE", "1ms")
            .envs(settings.iter().copied());
        command.output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

const KEYS: &[(&str, &str)] = &[
    ("FLYBALL_GITHUB_APP_ID", "4242"),
    ("FLYBALL_GITHUB_PRIVATE_KEY", APP_PRIVATE_KEY),
    ("FLYBALL_WEBHOOK_SECRET", "simulated-secret"),
];

#[tokio::test]
async fn the_command_says_it_in_text_and_json_and_by_its_exit_code() {
    let clinic = Clinic::start().await;
    let fine = command(&clinic.github, &[], KEYS).await;
    let said = String::from_utf8(fine.stdout).unwrap();
    assert_eq!(fine.status.code(), Some(0), "{said}");
    assert!(said.contains("ok       credentials: GitHub knows us as `flyball`, App 4242"), "{said}");

    clinic.github.unprotect(clinic.repo, "main");
    let broken = command(&clinic.github, &["--format", "json", "--repo", "acme/shop"], KEYS).await;
    assert_eq!(broken.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&broken.stdout).unwrap();
    let check = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "repository.check").unwrap();
    assert_eq!((check["verdict"].as_str(), check["about"].as_str()), (Some("broken"), Some("acme/shop")));
    assert!(check["next"].as_str().unwrap().contains("Require the check"), "{check}");

    let unset = command(&clinic.github, &[], &[]).await;
    assert_eq!(unset.status.code(), Some(1));
    assert!(String::from_utf8(unset.stdout).unwrap().contains("/setup registers the App"));
    fails(&clinic, APP, 502);
    assert_eq!(command(&clinic.github, &["--repositories", "0"], KEYS).await.status.code(), Some(2));
    assert_eq!(command(&clinic.github, &["--repo", "acme"], KEYS).await.status.code(), Some(2));
}
