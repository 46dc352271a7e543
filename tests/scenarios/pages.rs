//! What the pages say over HTTP: hostile words stay words, what is not there is a page too, and a page hears that it is out of date.

use flyball::sim::Files;
use reqwest::Response;

use crate::keep::Keep;
use crate::world::{World, client, line};

async fn get(world: &World, path: &str) -> (u16, String) {
    let answer = client().get(world.url(path)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The next event that is not just a sign of life: its digest.
async fn next_digest(events: &mut Response) -> String {
    let mut heard = String::new();
    while !(heard.contains("data: ") && heard.ends_with("\n\n")) {
        let chunk = events.chunk().await.unwrap().expect("the events go on");
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(heard.contains("event: changed"), "{heard}");
    heard.lines().find_map(|line| line.strip_prefix("data: ")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_strangers_are_words_on_every_page() {
    let world = World::start(Keep::Embedded).await;
    let title = "<script>alert(1)</script>\" onload=\"x";
    let pr = world.github().open_pull(world.repo, "alice", title, line(2, "TWO"));
    let other = world.github().open_pull(world.repo, "bob", title, line(2, "2"));
    world.settle().await;
    world.github().check(pr, "test", "<b>ci</b>", Some("success"));
    world.github().comment(other, "carol", "/refuse <img src=x> `code` #1");
    world.settle().await;
    for path in
        ["/", "/acme/shop", "/acme/shop/1", "/acme/shop/2", "/acme/shop/2/then", "/acme/shop?standing=%22%3E%3Cb%3E"]
    {
        let (status, page) = get(&world, path).await;
        assert_eq!(status, 200, "{path}");
        assert!(page.contains("&lt;script&gt;") || path.contains("standing"), "{path} shows the title");
        for mark in ["<script>", "<img", "\" onload", "<b>ci", "\"><b>"] {
            assert!(!page.contains(mark), "{path} has {mark}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_not_understood_is_said_on_a_page() {
    let world = World::start(Keep::Embedded).await;
    world.opens("alice", line(2, "TWO")).await;
    let cases = [
        ("/acme/nowhere", 404),
        ("/acme/nowhere/lessons", 404),
        ("/acme/shop/99", 404),
        ("/acme/shop/1/then?from=99", 404),
        ("/acme/shop/1/then?from=x", 400),
        ("/acme/shop/one", 400),
        ("/acme/shop?page=-1", 400),
        ("/-/live/acme/nowhere", 404),
        ("/acme/shop?page=99", 200),
        ("/acme/shop/1/then?from=2&to=1", 200),
    ];
    for (path, expected) in cases {
        let (status, page) = get(&world, path).await;
        assert_eq!(status, expected, "{path}: {page}");
        assert_eq!(page.matches("<h1>").count(), usize::from(!path.starts_with("/-/")), "{path}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_of_what_changes_and_of_nothing_else() {
    let world = World::start(Keep::Embedded).await;
    let pr = world.opens("alice", line(2, "TWO")).await;
    let (_, page) = get(&world, "/acme/shop/1").await;
    let seen = page.split("text/event-stream").nth(1).and_then(|rest| rest.split("title=\"").nth(1)).unwrap();
    let seen = seen.split('"').next().unwrap();
    let mut events = client().get(world.url(&format!("/-/live/acme/shop?seen={seen}"))).send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    world.github().comment(pr, "carol", "/hold");
    world.settle().await;
    let changed = next_digest(&mut events).await;
    assert_ne!(changed, seen, "it was silent until something changed");
    // Who comes again with what was seen last hears only what is new.
    let again = client().get(world.url("/-/live/acme/shop?seen=old")).header("last-event-id", &changed);
    let mut again = again.send().await.unwrap();
    world.github().comment(pr, "carol", "/lift");
    world.settle().await;
    let last = next_digest(&mut again).await;
    assert!(last != changed && last != seen);
    let mut front = client().get(world.url("/-/live")).send().await.unwrap();
    next_digest(&mut front).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_listens_is_let_go_in_order_when_the_server_ends() {
    let world = World::start(Keep::Embedded).await;
    world.opens("alice", Files::new().with("a.rs", "one\n")).await;
    let mut events = client().get(world.url("/-/live/acme/shop")).send().await.unwrap();
    next_digest(&mut events).await;
    world.stage.end().await;
    // A connection that is cut in the middle is an error.
    while events.chunk().await.expect("the events end in order").is_some() {}
}
