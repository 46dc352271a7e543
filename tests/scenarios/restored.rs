//! A backup of the embedded store is put back: what happened since is read from GitHub again (docs/OPERATIONS.md walks through it).

use std::fs;
use std::path::Path;

use flyball::domain::ids::UnitKey;
use flyball::sim::{Files, GitHub, Protection, Role, SimConfig};
use flyball::stage::SECRET;

use crate::keep::Keep;
use crate::killed::{Server, comes};
use crate::world::{client, traffic_file};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn conclusion(github: &GitHub, pr: UnitKey) -> Option<String> {
    github.latest_check(pr, "flyball").and_then(|check| check.conclusion)
}

fn ours(github: &GitHub, pr: UnitKey) -> usize {
    github.comments(pr).iter().filter(|comment| comment.author == "flyball[bot]").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_catches_up_with_what_happened_since() {
    let sim = SimConfig { webhook_secret: SECRET.to_owned(), traffic_log: traffic_file(), ..SimConfig::default() };
    let github = GitHub::start(sim).await.unwrap();
    let repo = github.create_repo("acme/shop", Files::new().with("a.txt", "one\n").with("b.txt", "one\n"));
    for login in ["alice", "bob"] {
        github.user(repo, login, Role::Write);
    }
    github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
    let mut server = Server::start(Keep::Embedded, &github).await;
    let opens = |file: &str| {
        let pr = github.open_pull(repo, "alice", "Change", Files::new().with(file, "two\n"));
        github.check(pr, "test", "ci", Some("success"));
        pr
    };
    let first = opens("a.txt");
    assert!(comes(async || conclusion(&github, first).as_deref() == Some("action_required")).await);
    assert!(comes(async || server.is_quiet().await).await);

    // Stop, copy, start: that is a backup.
    let (data, backup) = (server.kept.directory.path().join("data"), server.kept.directory.path().join("backup"));
    server.kill();
    copy(&data, &backup);
    server.restart().await;
    let second = opens("b.txt");
    github.comment(first, "bob", "/hold a customer called");
    assert!(comes(async || conclusion(&github, first).as_deref() == Some("failure")).await);
    assert!(comes(async || conclusion(&github, second).as_deref() == Some("action_required")).await);
    assert!(comes(async || server.is_quiet().await).await);
    let said = (ours(&github, first), ours(&github, second));

    // The disk is lost, and the backup put back. GitHub repeats nothing of what was taken in between.
    server.kill();
    fs::remove_dir_all(&data).unwrap();
    copy(&backup, &data);
    server.restart().await;
    let asked = client().post(server.url("/api/v1/repos/acme/shop/reconcile")).send().await.unwrap();
    assert_eq!(asked.status(), 202);
    let knows = async |number: u64| {
        let answer = client().get(server.url(&format!("/api/v1/repos/acme/shop/units/{number}"))).send().await.unwrap();
        answer.json::<serde_json::Value>().await.unwrap()["reason_codes"].clone()
    };
    assert!(comes(async || knows(first.number.0).await == serde_json::json!(["blocked.hold"])).await);
    assert!(comes(async || knows(second.number.0).await == serde_json::json!(["waits.confirm"])).await);
    assert!(comes(async || server.is_quiet().await).await);
    assert_eq!(conclusion(&github, first).as_deref(), Some("failure"));
    assert_eq!((ours(&github, first), ours(&github, second)), said, "no comment is written twice");
}
