//! What the documents show is run as it stands there: every line of every `sh` block.

use std::path::Path;
use std::process::{Output, Stdio};

use tokio::process::Command;

use crate::book::pages;
use crate::world::World;

/// What comes of a line when a test runs it.
#[derive(Debug, PartialEq)]
enum Run {
    /// It ends well.
    Well,
    /// It ends with one of these codes, having said why.
    With(&'static [i32]),
    /// It goes on until it is ended.
    GoesOn,
    /// Make is asked what it would do: to do it would run this test again, or a release build.
    Planned,
    /// It is not run, because.
    Not(&'static str),
}

/// How a line is run. Whatever is not named here must end well.
fn how(line: &str) -> Run {
    let begins = |words: &str| line.starts_with(words);
    match line {
        _ if begins("make ") => Run::Planned,
        _ if line.contains("cargo test ") => {
            Run::Not("the tests are run as tests; this is one of them with more to do")
        }
        _ if begins("cargo build --release") || begins("cargo run --release") => {
            Run::Not("a release build takes minutes; make runs the same program")
        }
        _ if begins("./target/release/flyball serve") => {
            Run::Not("what the line before builds; tests/onboarding starts the same program the same way")
        }
        // There is no App here: what is wrong and what to do next is what it is for.
        _ if begins("flyball doctor") => Run::With(&[1, 2]),
        // No agent speaks to it here, and it says so; tests/mcp calls each tool by the protocol's own client.
        _ if begins("flyball mcp") => Run::With(&[2]),
        _ if begins("flyball watch") => Run::GoesOn,
        _ => Run::Well,
    }
}

/// Lines of the `sh` blocks of a document, also of those that stand in a list.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.replace("\\\n", " ").lines().map(str::trim) {
        match line {
            "```sh" | "```console" => inside = true,
            _ if line.starts_with("```") => inside = false,
            _ if inside && !line.is_empty() => found.push(line.to_owned()),
            _ => {}
        }
    }
    found
}

/// A folder in which the commands find what they name: a repository with branches, a policy, a unit, a trace; and `flyball` on the path.
async fn room(world: &World) -> tempfile::TempDir {
    let room = tempfile::tempdir().unwrap();
    let at = room.path();
    let trace = world.get("/api/v1/repos/acme/shop/units/1/trace").await.text;
    for (name, text) in [
        ("trace.jsonl", trace.as_str()),
        ("unit.yml", "number: 7\nfiles: [src/lib.rs]\n"),
        (".github/flyball.yml", "version: 1\nmode: observe\n"),
        ("src/lib.rs", "one\ntwo\nthree\n"),
    ] {
        std::fs::create_dir_all(at.join(name).parent().unwrap()).unwrap();
        std::fs::write(at.join(name), text).unwrap();
    }
    std::fs::create_dir(at.join("bin")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_flyball"), at.join("bin/flyball")).unwrap();
    let history = "git init -q -b main && git add . && git commit -qm one
        for name in a b; do git checkout -q -b feature/$name main && echo $name > src/lib.rs && git commit -qam $name; done
        git update-ref refs/pull/1/head feature/a && git checkout -q main";
    let made = shell(history, at, "").await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    room
}

async fn shell(line: &str, at: &Path, server: &str) -> Output {
    let line = format!("PATH=\"$PWD/bin:$PATH\"\n{line}");
    let mut shell = Command::new("sh");
    shell.args(["-ec", &line]).current_dir(at).stdin(Stdio::null()).env("FLYBALL_SERVER", server);
    for name in ["AUTHOR", "COMMITTER"] {
        shell.env(format!("GIT_{name}_NAME"), "a").env(format!("GIT_{name}_EMAIL"), "a@example.com");
    }
    // Proxies of this machine's environment are no way to loopback.
    shell.env("no_proxy", "*").env("NO_PROXY", "*").output().await.unwrap()
}

async fn is_run(line: &str, room: &Path, world: &World) {
    let here = line.replace("http://127.0.0.1:3000", &world.server());
    let ran = match how(line) {
        Run::Not(_) => return,
        Run::GoesOn => shell(&format!("timeout 4 {here}"), room, &world.server()).await,
        Run::Planned => {
            let dry = here.replacen("make ", "make --dry-run ", 1);
            shell(&dry, Path::new(env!("CARGO_MANIFEST_DIR")), "").await
        }
        Run::Well | Run::With(_) => shell(&here, room, &world.server()).await,
    };
    let (out, error) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    let code = ran.status.code();
    match how(line) {
        Run::With(codes) => assert!(code.is_some_and(|code| codes.contains(&code)), "{line}: {code:?} {error}"),
        // That is how `timeout` says that it had to end it.
        Run::GoesOn => assert_eq!(code, Some(124), "{line}: {error}"),
        Run::Well | Run::Planned | Run::Not(_) => assert!(ran.status.success(), "{line}: {code:?} {error}"),
    }
    let silent = line.contains("reconcile");
    assert!(silent || !out.trim().is_empty() || !error.trim().is_empty(), "{line} says nothing");
    assert!(!(line.starts_with("curl") && out.contains("\"detail\"")), "{line}: {out}");
}

#[tokio::test]
async fn every_command_of_the_documents_does_what_they_say() {
    let world = World::busy().await;
    let room = room(&world).await;
    let mut counts = (0, 0);
    for text in pages().values() {
        for line in commands(text) {
            is_run(&line, room.path(), &world).await;
            counts.0 += 1;
            counts.1 += usize::from(matches!(how(&line), Run::Not(_)));
        }
    }
    assert!(counts.0 > 35 && counts.1 < 8, "{counts:?}: is this still how the documents show commands?");
}

#[test]
fn commands_are_found_in_lists_and_over_several_lines_and_other_blocks_are_not() {
    let text = "a\n```sh\none \\\n  two\n\nthree # why\n```\n```json\n{}\n```\n- in a list\n\n  ```sh\n  four\n  ```\n";
    assert_eq!(commands(text), ["one    two", "three # why", "four"]);
    assert_eq!(how("flyball policy check"), Run::Well);
}
