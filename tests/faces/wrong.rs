//! Bad input for each route: a problem that says what is expected, never a fault of the server.

use serde_json::json;

use crate::described::Document;
use crate::world::World;

const JSON: &str = "application/json";

#[tokio::test]
async fn a_bad_path_or_query_is_a_problem_that_says_what_is_expected() {
    let world = World::busy().await;
    let document = Document::of(&world).await;
    let shop = "/api/v1/repos/acme/shop";
    let mut cases: Vec<(&str, String, u16)> = vec![
        ("/api/v1/repos/{owner}/{repo}/units", format!("{shop}/units?after=x"), 400),
        ("/api/v1/repos/{owner}/{repo}/units", format!("{shop}/units?after=-1"), 400),
        ("/api/v1/repos/{owner}/{repo}/units", format!("{shop}/units?state=closed"), 400),
        ("/api/v1/repos/{owner}/{repo}/units", "/api/v1/repos/acme/nothing/units".to_owned(), 404),
        ("/api/v1/repos/{owner}/{repo}/units", "/api/v1/repos/%2e%2e/%00/units".to_owned(), 404),
        ("/api/v1/repos/{owner}/{repo}/policy", "/api/v1/repos/acme/nothing/policy".to_owned(), 404),
        ("/api/v1/repos/{owner}/{repo}/policy", "/api/v1/repos/%ff/shop/policy".to_owned(), 400),
        ("/api/v1/repos/{owner}/{repo}/plan/{base}", "/api/v1/repos/acme/nothing/plan/main".to_owned(), 404),
        ("/api/v1/repos/{owner}/{repo}/plan/{base}", format!("{shop}/plan/%ff"), 400),
    ];
    for rest in ["", "/trace", "/policy"] {
        let template = match rest {
            "/trace" => "/api/v1/repos/{owner}/{repo}/units/{number}/trace",
            "/policy" => "/api/v1/repos/{owner}/{repo}/units/{number}/policy",
            _ => "/api/v1/repos/{owner}/{repo}/units/{number}",
        };
        for (number, status) in
            [("x", 400), ("-1", 400), ("1.5", 400), ("99999999999999999999", 400), ("0", 404), ("999", 404)]
        {
            cases.push((template, format!("{shop}/units/{number}{rest}"), status));
        }
        cases.push((template, format!("/api/v1/repos/acme/nothing/units/1{rest}"), 404));
    }
    for (template, path, status) in cases {
        let operation = &document.json["paths"][template]["get"];
        assert!(!operation.is_null(), "{template}");
        let answer = world.get(&path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert_eq!(document.wrong_with(operation, &answer), Vec::<String>::new(), "{path}: {}", answer.text);
        assert!(answer.json()["detail"].as_str().unwrap().len() > 10, "{path}: {}", answer.text);
    }
    let nowhere = world.get("/api/v1/nothing").await;
    assert_eq!((nowhere.status, nowhere.header("content-type")), (404, "application/problem+json"));
    let long = world.get(&format!("/api/v1/repos/acme/{}/units", "x".repeat(20_000))).await;
    assert!((400..500).contains(&long.status), "{}", long.status);
    let empty = world.get(&format!("{shop}/plan/no/such/branch")).await;
    assert_eq!((empty.status, empty.json()["order"].clone()), (200, json!([])), "{}", empty.text);
}

#[tokio::test]
async fn a_bad_body_is_a_problem_that_says_what_to_send() {
    let world = World::busy().await;
    let document = Document::of(&world).await;
    let operation = &document.json["paths"]["/api/v1/repos/{owner}/{repo}/preflight"]["post"];
    let shop = "/api/v1/repos/acme/shop/preflight";
    let schema = document.validator(&operation["requestBody"]["content"][JSON]["schema"]);
    let said = |value: serde_json::Value| Some(value.to_string());
    let cases = [
        (shop, JSON, None, 400, "send `base`"),
        (shop, JSON, Some("{".to_owned()), 400, "send `base`"),
        (shop, JSON, said(json!([])), 400, "send `base`"),
        (shop, JSON, said(json!({ "paths": ["a"] })), 400, "missing field `base`"),
        (shop, JSON, said(json!({ "base": 1, "paths": ["a"] })), 400, "expected a string"),
        (shop, JSON, said(json!({ "base": "main", "path": ["a"] })), 400, "unknown field `path`"),
        (shop, JSON, said(json!({ "base": "main" })), 400, "either `diff`"),
        (shop, JSON, said(json!({ "base": "main", "diff": "x", "paths": [] })), 400, "either `diff`"),
        (shop, JSON, said(json!({ "base": " ", "paths": ["a"] })), 400, "name the branch"),
        (shop, JSON, said(json!({ "base": "main", "paths": [] })), 400, "at least one path"),
        (shop, JSON, said(json!({ "base": "main", "paths": ["/etc/passwd"] })), 400, "relative to the root"),
        (shop, JSON, said(json!({ "base": "main", "paths": ["a/../b"] })), 400, "relative to the root"),
        (shop, JSON, said(json!({ "base": "main", "diff": "nothing of the kind" })), 400, "names no file"),
        (shop, "text/plain", said(json!({ "base": "main", "paths": ["a"] })), 415, "send `base`"),
        (shop, JSON, said(json!({ "base": "main", "diff": "x".repeat(3 << 20) })), 413, ""),
        (
            "/api/v1/repos/acme/nothing/preflight",
            JSON,
            said(json!({ "base": "main", "paths": ["a"] })),
            404,
            "not known",
        ),
    ];
    for (path, kind, body, status, detail) in cases {
        // What is refused for what it says, the document does not allow either.
        let told: Option<serde_json::Value> = body.as_deref().and_then(|body| serde_json::from_str(body).ok());
        assert!(status != 400 || told.is_none_or(|told| !schema.is_valid(&told)), "{body:?}");
        let shown: String = body.as_deref().unwrap_or("nothing").chars().take(80).collect();
        let answer = world.asks("POST", path, &[("content-type", kind)], body).await;
        assert_eq!(answer.status, status, "{shown}: {}", answer.text);
        assert_eq!(document.wrong_with(operation, &answer), Vec::<String>::new(), "{shown}: {}", answer.text);
        let said = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(said.contains(detail), "{shown}: {said}");
    }
    let diff = "diff --git a/b c b/b c\n--- a/b c\n+++ b/b c\n@@ -1 +1 @@\n-a\n+b\n";
    let good = [
        json!({ "base": "main", "paths": ["a", ".github/flyball.yml", "a/..b", "...", "b c/d"] }),
        json!({ "base": " a", "paths": null, "diff": diff }),
        json!({ "base": "main", "paths": ["a"], "diff": null }),
        json!({ "base": "main", "diff": diff.split_once('\n').unwrap().1 }),
    ];
    for body in good {
        assert!(schema.is_valid(&body), "{body}");
        let answer = world.asks("POST", shop, &[("content-type", JSON)], said(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let unknown = world.asks("POST", "/api/v1/repos/acme/nothing/reconcile", &[], None).await;
    assert_eq!((unknown.status, unknown.header("content-type")), (404, "application/problem+json"));
}
