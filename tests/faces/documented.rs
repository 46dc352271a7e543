//! What the docs show is run as it stands there.

use std::process::Stdio;

use tokio::process::Command;

use crate::world::World;

/// Lines of the `sh` blocks of a document.
fn commands(document: &str) -> Vec<String> {
    let path = format!("{}/docs/{document}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut found = Vec::new();
    for block in text.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap().replace("\\\n", " ");
        found.extend(block.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
    }
    found
}

#[tokio::test]
async fn each_example_of_the_api_does_what_the_docs_say() {
    let world = World::busy().await;
    let commands = commands("API.md");
    assert!(commands.len() >= 8, "{commands:#?}");
    for command in commands {
        let here = command.replace("http://127.0.0.1:3000", &world.server());
        // Proxies of this machine's environment are no way to loopback.
        let mut shell = Command::new("sh");
        shell.args(["-ec", &here]).env("no_proxy", "*").env("NO_PROXY", "*").stdin(Stdio::null());
        let ran = shell.output().await.unwrap();
        let (out, error) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{command}: {error}");
        assert!(
            !out.contains("\"detail\"") && !out.trim().is_empty() || command.contains("reconcile"),
            "{command}: {out}"
        );
    }
}
