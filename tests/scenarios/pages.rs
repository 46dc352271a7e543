//! What the pages say over HTTP: hostile words stay words, what is not there is a page too, and a page hears that it is out of date.

use std::collections::BTreeSet;

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

/// Which tags with which attributes a browser reads, without the marks for code in sentences, and every address.
fn parts(page: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut tags, mut addresses) = (BTreeSet::new(), BTreeSet::new());
    for token in html5gum::Tokenizer::new(page) {
        let html5gum::Token::StartTag(tag) = token.unwrap() else { continue };
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let attributes: Vec<_> = tag.attributes.keys().map(|name| String::from_utf8_lossy(name)).collect();
        for (name, value) in &tag.attributes {
            if ["href", "src", "action", "formaction"].contains(&&*String::from_utf8_lossy(name)) {
                let value = String::from_utf8_lossy(&value.value).into_owned();
                addresses.insert(value.split(['?', '#']).next().unwrap_or_default().to_owned());
            }
        }
        if name != "code" {
            tags.insert(format!("{name} {}", attributes.join(" ")));
        }
    }
    (tags, addresses)
}

/// The pages of a repository with a unit for each text, which is called so, as are its check and the reason of its refusal.
async fn pages_called(texts: &[String]) -> Vec<(String, String)> {
    let world = World::start(Keep::Embedded).await;
    let mut pages = vec!["/".to_owned(), "/acme/shop".to_owned()];
    for (at, text) in texts.iter().enumerate() {
        let files = Files::new().with(&format!("docs/{at}.md"), "new\n");
        let pr = world.github().open_pull(world.repo, "alice", text, files);
        world.github().check(pr, text, "ci", Some("failure"));
        let reason = text.replace(char::is_whitespace, " ");
        world.github().comment(pr, "carol", &format!("/refuse because {reason}"));
        pages.extend([format!("/acme/shop/{}", pr.number), format!("/acme/shop/{}/then", pr.number)]);
    }
    world.settle().await;
    let mut read = Vec::new();
    for path in pages {
        let (status, page) = get(&world, &path).await;
        assert_eq!(status, 200, "{path}");
        read.push((path, page));
    }
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_strangers_are_words_on_every_page() {
    let corpus: Vec<String> = serde_json::from_str(include_str!("../../fixtures/hostile.json")).unwrap();
    // A few in one title: short enough that none is cut off.
    let texts: Vec<String> = corpus.chunks(4).map(|some| some.join(" ")).collect();
    let harmless = pages_called(&vec!["word".to_owned(); texts.len()]).await;
    let hurt = pages_called(&texts).await;
    for ((path, page), (_, expected)) in hurt.iter().zip(&harmless) {
        let ((tags, addresses), (expected, allowed)) = (parts(page), parts(expected));
        let odd: Vec<_> = tags.difference(&expected).collect();
        assert!(odd.is_empty(), "{path} has {odd:?}: {page}");
        // Pages of ours, and of the simulated GitHub, whose port and numbers differ from run to run.
        let ours =
            |address: &&String| ["/acme/shop", "http://127.0.0.1:"].iter().any(|begin| address.starts_with(begin));
        let strange: Vec<_> = addresses.difference(&allowed).filter(|address| !ours(address)).collect();
        assert!(strange.is_empty(), "{path} leads to {strange:?}");
    }
    let world = World::start(Keep::Embedded).await;
    let (status, page) = get(&world, "/acme/shop?standing=%22%3E%3Cb%3E").await;
    assert!(status == 200 && !page.contains("\"><b>"), "{page}");
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
