//! `flyball status`, `unit`, `watch`, `completions`, run as people run them against a running server.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::world::World;

struct Ran {
    code: i32,
    out: String,
    error: String,
}

fn flyball(server: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flyball"));
    command.env_clear().env("FLYBALL_SERVER", server).stdin(Stdio::null()).kill_on_drop(true);
    command
}

async fn run(server: &str, args: &[&str], environment: &[(&str, &str)]) -> Ran {
    let ran = flyball(server).args(args).envs(environment.iter().copied()).output().await.unwrap();
    Ran {
        code: ran.status.code().unwrap(),
        out: String::from_utf8(ran.stdout).unwrap(),
        error: String::from_utf8(ran.stderr).unwrap(),
    }
}

#[tokio::test]
async fn status_tells_of_each_open_unit_how_it_stands_and_whose_move_it_is() {
    let world = World::busy().await;
    let server = world.server();
    let one = run(&server, &["status", "acme/shop"], &[]).await;
    assert_eq!((one.code, one.error.as_str()), (0, ""));
    let rows: Vec<&str> = one.out.lines().filter(|line| line.contains("acme/shop#")).collect();
    assert_eq!(rows.len(), 3, "{}", one.out);
    assert!(rows[0].contains("Awaiting judgment") && rows[0].contains("/confirm"), "{}", one.out);
    assert!(rows[2].contains("Blocked") && rows[2].contains("carol refused it"), "{}", one.out);
    for head in ["unit", "standing", "why", "whose move", "since (UTC)"] {
        assert!(one.out.contains(head), "{}", one.out);
    }
    assert_eq!(run(&server, &["status"], &[]).await.out, one.out, "without a name: all repositories");
    let by_flag = run("http://127.0.0.1:1", &["status", "acme/shop", "--server", &server], &[]).await;
    assert_eq!(by_flag.out, one.out, "the flag goes before the environment");
}

#[tokio::test]
async fn the_table_keeps_to_the_width_and_has_colours_only_where_they_are_wanted() {
    let world = World::busy().await;
    let server = world.server();
    for width in [60, 80, 120] {
        let told = run(&server, &["status", "acme/shop", "--width", &width.to_string()], &[]).await;
        let widest = told.out.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width, "{widest} of {width}:\n{}", told.out);
        let unit = run(&server, &["unit", "acme/shop#3", "--width", &width.to_string()], &[]).await;
        assert!(unit.out.lines().all(|line| line.chars().count() <= width), "{width}:\n{}", unit.out);
    }
    let plain = run(&server, &["status", "acme/shop"], &[]).await;
    assert!(!plain.out.contains('\u{1b}'), "into a pipe goes no colour: {:?}", plain.out);
    let forced = run(&server, &["status", "acme/shop"], &[("CLICOLOR_FORCE", "1")]).await;
    assert!(forced.out.contains('\u{1b}'), "{:?}", forced.out);
    let none = run(&server, &["status", "acme/shop"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).await;
    assert!(!none.out.contains("\u{1b}[38"), "{:?}", none.out);
}

#[tokio::test]
async fn unit_tells_the_brief() {
    let world = World::busy().await;
    let server = world.server();
    let told = run(&server, &["unit", "acme/shop#3"], &[]).await;
    assert_eq!(told.code, 0, "{}", told.error);
    for expected in
        ["Blocked", "A third way", "carol refused it: we have two already", "Whose move", "Decisions", "Then"]
    {
        assert!(told.out.contains(expected), "{expected}: {}", told.out);
    }
    let json = run(&server, &["unit", "acme/shop#3", "--json"], &[]).await;
    let ours: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(ours, world.get("/api/v1/repos/acme/shop/units/3").await.json(), "the same as the JSON API");
    let status = run(&server, &["status", "--json"], &[]).await;
    let all: Value = serde_json::from_str(&status.out).unwrap();
    assert_eq!((&all[0]["repository"], all[0]["units"].as_array().unwrap().len()), (&"acme/shop".into(), 3));
}

#[tokio::test]
async fn watch_draws_again_when_something_changed_and_outlives_the_server() {
    let mut world = World::busy().await;
    let server = world.server();
    let mut child =
        flyball(&server).args(["watch", "acme/shop", "--every", "200ms"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut reads = async |expected: &'static str| {
        let reading = async {
            loop {
                let line = lines.next_line().await.unwrap().unwrap_or_else(|| panic!("it ended before `{expected}`"));
                if line.contains(expected) {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reading).await.unwrap_or_else(|_| panic!("never `{expected}`"));
    };
    reads("Awaiting judgment").await;
    world.says(world.unit(1), "carol", "/hold not today").await;
    reads("not today").await;
    world.stage.crash();
    reads("Not up to date: no Flyball server answers").await;
    assert!(child.try_wait().unwrap().is_none(), "it goes on");
    child.kill().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_answered_says_what_to_do() {
    let world = World::busy().await;
    let server = world.server();
    let nowhere = "http://127.0.0.1:1";
    let cases: [(&str, &[&str], &str); 11] = [
        (nowhere, &["status"], "start one with `flyball serve`"),
        (nowhere, &["unit", "acme/shop#1"], "start one with `flyball serve`"),
        (nowhere, &["watch"], "start one with `flyball serve`"),
        ("shop", &["status"], "no address of a server"),
        ("ftp://127.0.0.1", &["status"], "no address of a server"),
        (&server, &["status", "acme/nothing"], "acme/nothing is not known here: look at the spelling"),
        (&server, &["status", "acme"], "owner/repo"),
        (&server, &["unit", "acme/shop#99"], "acme/shop#99 is not known here"),
        (&server, &["unit", "acme/shop#x"], "owner/repo#number"),
        (&server, &["watch", "--every", "1ms"], "at most five times a second"),
        (&server, &["status", "--width", "3"], "3 is not in 40.."),
    ];
    for (server, args, expected) in cases {
        let ran = run(server, args, &[]).await;
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.error);
        assert!(ran.error.contains(expected), "{args:?}: {}", ran.error);
    }
    // Something else than a Flyball server.
    let stranger = wiremock::MockServer::start().await;
    let other = run(&stranger.uri(), &["status", "acme/shop"], &[]).await;
    assert_eq!(other.code, 2, "{}", other.error);
}

#[tokio::test]
async fn a_quiet_repository_is_told_in_a_sentence() {
    let world = World::quiet().await;
    let told = run(&world.server(), &["status", "acme/shop"], &[]).await;
    assert_eq!((told.code, told.out.as_str()), (0, "No pull request is open in acme/shop.\n"));
}

#[tokio::test]
async fn each_shell_gets_its_completions() {
    for (shell, mark) in [("bash", "complete -F"), ("zsh", "#compdef flyball"), ("fish", "complete -c flyball")] {
        let script = run("http://127.0.0.1:1", &["completions", shell], &[]).await;
        assert_eq!(script.code, 0, "{}", script.error);
        assert!(script.out.contains(mark) && script.out.contains("status"), "{shell}: {}", script.out);
    }
    assert_eq!(run("http://127.0.0.1:1", &["completions", "tcsh"], &[]).await.code, 2);
}
