//! Measures of the flow: what is asked for, what cannot be, and what the page and the counters show of it.

use crate::described::Document;
use crate::world::World;

const FLOW: &str = "/api/v1/repos/acme/shop/flow";

#[tokio::test]
async fn a_window_or_selection_that_is_none_is_a_problem_on_the_api_and_on_the_page() {
    let world = World::busy().await;
    let document = Document::of(&world).await;
    let operation = &document.json["paths"]["/api/v1/repos/{owner}/{repo}/flow"]["get"];
    let cases = [
        ("from=yesterday", "`from` is neither a day"),
        ("to=2026-02-30", "`to` is neither a day"),
        ("from=2026-03-02&to=2026-03-02", "`from` must lie before `to`"),
        ("from=2026-03-01&days=3", "not by both"),
        ("days=0", "from 1 to 3660"),
        ("days=many", "from 1 to 3660"),
        ("from=1900-01-01", "at most 3660 days"),
        ("author=robot", "`human`, `agent`, `bot` or `app`"),
        ("days=3&days=4", "cannot be read"),
    ];
    for (query, expected) in cases {
        let answer = world.get(&format!("{FLOW}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
        assert_eq!(document.wrong_with(operation, &answer), Vec::<String>::new(), "{query}: {}", answer.text);
        assert!(answer.json()["detail"].as_str().unwrap().contains(expected), "{query}: {}", answer.text);
        let page = world.get(&format!("/acme/shop/flow?{query}")).await;
        assert!(page.status == 400 && page.header("content-type").starts_with("text/html"), "{query}: {}", page.status);
    }
    for path in ["/api/v1/repos/acme/nothing/flow", "/acme/nothing/flow"] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_repository_with_one_unit_is_measured_and_one_with_none_is_all_zero() {
    let world = World::quiet().await;
    let empty = world.get(FLOW).await;
    assert_eq!(empty.status, 200, "{}", empty.text);
    let (measures, parts) = (&empty.json()["measures"], empty.json()["parts"].clone());
    assert_eq!((measures["landed"].as_u64(), measures["waiting"]["seconds"].as_u64()), (Some(0), Some(0)));
    assert!(measures["trusted"]["per_judgment"].is_null() && measures["held"]["share"].is_null(), "{measures}");
    assert_eq!(parts.as_array().unwrap().len(), 30);
    let page = world.get("/acme/shop/flow").await.text;
    assert!(page.contains("Nothing happened in this window."), "{page}");

    let files = flyball::sim::Files::new().with("docs/a.md", "a\n");
    world.stage.github.open_pull(world.repo, "alice", "One", files);
    world.stage.settle().await;
    world.stage.pass(std::time::Duration::from_secs(600)).await;
    let one = world.get(FLOW).await.json();
    assert_eq!(one["measures"]["proposed"], 1);
    assert_eq!(one["measures"]["waiting"]["by_cause"]["evidence"], 600, "{one}");
}

#[tokio::test]
async fn what_happened_is_in_the_answer_on_the_page_and_in_the_counters() {
    let world = World::busy().await;
    let flow = world.get(FLOW).await.json();
    let measures = &flow["measures"];
    let expected = [
        ("/proposed", 4),
        ("/landed", 1),
        ("/decisions/given", 2),
        ("/decisions/by_kind/confirm", 1),
        ("/decisions/by_kind/refuse", 1),
        ("/interventions/whole", 1),
        ("/trusted/units", 1),
        ("/trusted/provisional", 1),
        ("/feedback/became_rules/whole", 1),
    ];
    for (pointer, value) in expected {
        assert_eq!(measures.pointer(pointer).and_then(serde_json::Value::as_u64), Some(value), "{pointer}: {measures}");
    }
    let landed: u64 = flow["parts"].as_array().unwrap().iter().map(|part| part["landed"].as_u64().unwrap()).sum();
    assert_eq!(landed, 1);
    let nobody = world.get(&format!("{FLOW}?author=agent")).await.json();
    assert_eq!((nobody["measures"]["proposed"].as_u64(), nobody["author"].as_str()), (Some(0), Some("agent")));
    let before = world.get(&format!("{FLOW}?from=2026-01-01&to=2026-03-01&rule=No+such+rule")).await.json();
    assert_eq!((before["measures"]["landed"].as_u64(), before["rule"].as_str()), (Some(0), Some("No such rule")));

    let page = world.get("/acme/shop/flow?days=1&rule=%3Cb%3E").await.text;
    assert!(page.contains("&lt;b&gt;") && !page.contains("<b>"), "{page}");
    let page = world.get("/acme/shop/flow?days=1").await.text;
    for words in [
        "Trusted change per judgment",
        "What units waited for",
        "<svg class=\"chart\"",
        "As a table",
        "Intervention rate",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(
        world.get("/acme/shop").await.text.contains("href=\"/acme/shop/flow\""),
        "the repository's page leads there"
    );

    let metrics = world.get("/metrics").await.text;
    for line in [
        "flyball_flow_decisions_total{author=\"human\",decision=\"confirm\"} 1",
        "flyball_flow_decisions_total{author=\"human\",decision=\"refuse\"} 1",
        "flyball_flow_ended_total{author=\"human\",ending=\"landed\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    let repositories = metrics.lines().filter(|line| line.contains("flyball_flow_") && line.contains("shop")).count();
    assert_eq!(repositories, 0, "no repository is a label");
}
