//! The one gate: who is not signed in gets nothing, and nobody sees a repository that GitHub does not let them read.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::person::Person;
use crate::world::{Answer, World};

/// What answers without a login. Whatever else is routed must not.
const OPEN: [&str; 12] = [
    "/healthz",
    "/icon.svg",
    "/live.js",
    "/login",
    "/login/done",
    "/login/github",
    "/metrics",
    "/readyz",
    "/setup",
    "/setup/done",
    "/style.css",
    "/webhooks/github",
];

/// The path of every route in the sources of the server.
fn routes() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders: Vec<_> =
        ["src/web", "src/mcp", "src/webhook"].map(|room| Path::new(env!("CARGO_MANIFEST_DIR")).join(room)).into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for marker in [".route(", ".route_service(", "path =", ".nest(", ".nest_service("] {
                    let after = text.split(marker).skip(1).map(str::trim_start);
                    let quoted = after.filter_map(|rest| rest.strip_prefix('"')?.split('"').next());
                    found.extend(quoted.filter(|path| path.starts_with('/')).map(str::to_owned));
                }
            }
        }
    }
    found
}

/// A route with names in it: those of a repository that is there, or of one that is not.
fn named(route: &str, repo: &str) -> String {
    let (owner, name) = repo.split_once('/').unwrap();
    let filled = route.replace("{owner}", owner).replace("{repo}", name).replace("{number}", "1");
    filled.replace("{*base}", "main").replace("{*rest}", "x")
}

fn tells(answer: &Answer) -> bool {
    ["Say two", "plot", "acme/s", "alice", "src/lib.rs"].iter().any(|word| answer.text.contains(word))
}

#[tokio::test]
async fn no_route_answers_without_a_login_but_those_that_are_named() {
    let world = World::private().await;
    let nobody = Person::new(&world);
    let routes = routes();
    assert!(routes.len() >= 30, "the routes were found: {routes:#?}");
    for open in OPEN {
        assert!(routes.contains(open), "{open} is named here and routed nowhere");
    }
    let bearer = ("authorization", "Bearer ghu_nothing");
    let basic = ("authorization", "Basic YTpi");
    let cookie = ("cookie", "flyball=forged; __Host-flyball=forged");
    for route in routes.iter().filter(|route| !OPEN.contains(&route.as_str())) {
        for (method, header) in [
            ("GET", cookie),
            ("GET", bearer),
            ("GET", basic),
            ("POST", cookie),
            ("POST", bearer),
            ("HEAD", cookie),
            ("PUT", cookie),
            ("OPTIONS", cookie),
        ] {
            for path in [named(route, "acme/shop"), named(route, "acme/nothing")] {
                let headers =
                    [header, ("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
                let answer = nobody.sends(method, &path, &headers, Some("{}".to_owned())).await;
                let shut =
                    answer.status == 401 || answer.status == 303 && answer.header("location").starts_with("/login");
                assert!(shut, "{method} {path} with {header:?}: {} {}", answer.status, answer.text);
                assert!(!tells(&answer), "{method} {path}: {}", answer.text);
            }
        }
    }
    for open in OPEN {
        let answer = nobody.get(open).await;
        assert!(!tells(&answer), "{open}: {}", answer.text);
    }
    for odd in [
        "/nothing",
        "//acme/shop",
        "/login/",
        "/login/../acme/shop",
        "/style.css/",
        "/LOGIN",
        "/%2e%2e/acme/shop",
        "/acme%2fshop",
    ] {
        let answer = nobody.get(odd).await;
        assert!(answer.status == 303 || answer.status == 401, "{odd}: {}", answer.status);
    }
}

/// The same but for the name.
fn alike(known: &Answer, unknown: &Answer) -> bool {
    let plain =
        |answer: &Answer| answer.text.replace("acme/secret", "acme/nothing").replace("acme%2Fsecret", "acme%2Fnothing");
    known.status == unknown.status
        && plain(known) == plain(unknown)
        && known.header("content-type") == unknown.header("content-type")
        && known.header("location").replace("secret", "nothing") == unknown.header("location")
}

#[tokio::test]
async fn what_somebody_may_not_read_is_to_them_what_does_not_exist() {
    let world = World::private().await;
    let carol = Person::signed_in(&world, "carol").await;
    let origin = world.server();
    let token = format!("Bearer {}", world.stage.github.user_token("carol"));
    for route in routes().iter().filter(|route| route.contains("{repo}")) {
        for (method, body) in [("GET", ""), ("POST", r#"{"base":"main","paths":["src/plot.rs"]}"#)] {
            let mut headers = vec![("content-type", "application/json"), ("origin", origin.as_str())];
            for with_token in [false, true] {
                if with_token {
                    headers.push(("authorization", token.as_str()));
                }
                let ask =
                    async |repo: &str| carol.sends(method, &named(route, repo), &headers, Some(body.to_owned())).await;
                let (secret, nothing) = (ask("acme/secret").await, ask("acme/nothing").await);
                assert!(
                    alike(&secret, &nothing),
                    "{method} {route}: {} {} / {} {}",
                    secret.status,
                    secret.text,
                    nothing.status,
                    nothing.text
                );
                assert!((400..500).contains(&secret.status), "{method} {route}: {}", secret.status);
            }
        }
    }
    for path in ["/", "/api/v1/repos", "/doctor", "/login", "/reasons"] {
        let answer = carol.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text.contains("acme/secret") && !answer.text.contains("plot"), "{path}: {}", answer.text);
    }
    let dave = Person::signed_in(&world, "dave").await;
    for path in ["/", "/api/v1/repos", "/doctor", "/acme/secret", "/acme/secret/1", "/api/v1/repos/acme/secret/units/1"]
    {
        let answer = dave.get(path).await;
        assert!(answer.text.contains("secret") && !answer.text.contains("acme/shop"), "{path}: {}", answer.text);
    }
    assert_eq!(dave.get("/acme/shop").await.status, 404);
}

#[tokio::test]
async fn programs_and_agents_come_with_a_token_and_see_what_its_person_may() {
    let world = World::private().await;
    let nobody = Person::new(&world);
    let bearer = |login: &str| format!("Bearer {}", world.stage.github.user_token(login));
    let (carol, dave) = (bearer("carol"), bearer("dave"));
    let unit = "/api/v1/repos/acme/shop/units/1";
    for (token, status) in [(&carol, 200), (&dave, 404)] {
        let answer = nobody.sends("GET", unit, &[("authorization", token)], None).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    assert_eq!(nobody.sends("GET", "/acme/shop/1", &[("authorization", &carol)], None).await.status, 200);
    let tool = |repo: &str| {
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "where_does_it_stand", "arguments": {"repository": repo, "number": 1}}})
    };
    for (repo, token, expected) in [
        ("acme/shop", &carol, "Say two"),
        ("acme/secret", &carol, "acme/secret is not known here"),
        ("acme/secret", &dave, "A secret plot"),
    ] {
        let headers = [
            ("authorization", token.as_str()),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
        ];
        let answer = nobody.sends("POST", "/mcp", &headers, Some(tool(repo).to_string())).await;
        assert!(answer.status == 200 && answer.text.contains(expected), "{repo}: {} {}", answer.status, answer.text);
    }
    let refused = nobody.sends("GET", unit, &[("authorization", "Bearer ghu_forged")], None).await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"));
    let asked = || world.stage.github.calls().iter().filter(|call| call.path == "/user").count();
    let before = asked();
    for other in
        ["Bearer ghu_forged", "Bearer ghs_installation", "Bearer ghp_personal", "Bearer ", "token x", "Bearer \u{e4}"]
    {
        assert_eq!(nobody.sends("GET", unit, &[("authorization", other)], None).await.status, 401, "{other}");
    }
    assert_eq!(asked(), before, "what cannot be good, or was refused just now, costs GitHub no question");
    world.stage.clock.advance(Duration::from_secs(9 * 3600));
    assert_eq!(nobody.sends("GET", unit, &[("authorization", &carol)], None).await.status, 401, "it has expired");
}

#[tokio::test]
async fn live_updates_end_with_the_session() {
    let world = World::private().await;
    let carol = Person::signed_in(&world, "carol").await;
    let cookie = format!("flyball={}", carol.cookies.lock().unwrap()["flyball"]);
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let live = format!("{}/-/live/acme/shop?seen=old", world.server());
    let mut stream = client.get(&live).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let first = stream.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("changed"));
    world.stage.github.withdraw_user_tokens("carol");
    world.stage.clock.advance(Duration::from_secs(121));
    let ended =
        tokio::time::timeout(Duration::from_secs(30), async { while stream.chunk().await.unwrap().is_some() {} });
    assert!(ended.await.is_ok(), "it ends");
    assert_eq!(client.get(&live).header("cookie", &cookie).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn without_a_login_nobody_decides_on_a_page() {
    let world = World::busy().await;
    let unit = world.get("/acme/shop/1").await;
    assert!(!unit.text.contains("/decide\""), "{}", unit.text);
    assert!(world.get("/login").await.text.contains("No login"));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let body = "command=refuse&reason=no&once=a&form=b".to_owned();
    let answer = world.asks("POST", "/acme/shop/1/decide", &headers, Some(body)).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
}
