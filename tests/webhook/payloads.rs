//! Every public example payload is accepted, as JSON and as a form.

use std::path::PathBuf;

use crate::support::{Server, sign};

/// The shared payloads: `FLYBALL_SHARED`, or `../shared` beside the project.
fn shared() -> PathBuf {
    let root = std::env::var_os("FLYBALL_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let payloads = root.join("github/payloads");
    assert!(
        payloads.is_dir(),
        "no payloads at {}: set FLYBALL_SHARED to the folder that holds github/payloads",
        payloads.display()
    );
    payloads
}

/// Event name and body of each.
fn examples() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(shared()).unwrap() {
        let folder = folder.unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            let event = folder.file_name().into_string().unwrap();
            let name = format!("{event}/{}", file.file_name().to_string_lossy());
            found.push((event, name, std::fs::read_to_string(file.path()).unwrap()));
        }
    }
    found
}

#[tokio::test]
async fn every_example_is_accepted() {
    let server = Server::start().await;
    let examples = examples();
    assert!(examples.len() >= 81, "only {} examples", examples.len());
    let (mut stored, mut seen) = (0, std::collections::BTreeSet::new());
    for (event, name, body) in &examples {
        let status = server.deliver(event, &name.replace(' ', "-"), body.clone()).await;
        assert!(matches!(status, 200 | 202), "{name}: {status}");
        if status == 202 {
            stored += 1;
            seen.insert(event.as_str());
        }
        let form = format!("payload={}", url::form_urlencoded::byte_serialize(body.as_bytes()).collect::<String>());
        let signature = sign(form.as_bytes());
        let request = server
            .post(form)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-github-event", event);
        let request = request.header("x-github-delivery", name).header("x-hub-signature-256", signature);
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "{name} as a form");
    }
    assert!(server.store.len() >= stored, "what was 202 is stored, installations once per repository");
    // Of check suites and comments the examples hold only what nobody needs: other Apps' and talk.
    let expected = [
        "check_run",
        "installation",
        "installation_repositories",
        "merge_group",
        "pull_request",
        "pull_request_review",
        "push",
        "repository",
        "status",
    ];
    assert_eq!(Vec::from_iter(seen), expected);
}
