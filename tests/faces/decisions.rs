//! Decisions from the page of a unit: judged like comments, in the person's own name, and by nobody else.

use std::collections::BTreeMap;

use flyball::domain::govern::{Actor, ActorKind, Delivered, Event, PageSaid, RepoSeen};
use flyball::domain::ids::{PrNumber, UserId};
use flyball::sim::Files;
use flyball::stage::SECRET;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::person::Person;
use crate::world::World;

const DECIDE: &str = "/acme/shop/1/decide";

async fn trace(world: &World, person: &Person<'_>, number: u64) -> Vec<serde_json::Value> {
    world.stage.settle().await;
    let answer = person.get(&format!("/api/v1/repos/acme/shop/units/{number}/trace")).await;
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_kind<'a>(trace: &'a [serde_json::Value], kind: &str) -> Vec<&'a serde_json::Value> {
    trace.iter().filter(|entry| entry["kind"] == kind).collect()
}

#[tokio::test]
async fn a_confirm_from_the_page_lands_it_and_is_told_like_one_by_comment() {
    let world = World::private().await;
    let carol = Person::signed_in(&world, "carol").await;
    let page = carol.decides(1, "confirm", "").await;
    assert!(page.contains("granted") && !page.contains("not granted"), "{page}");
    assert!(world.stage.github.is_merged(world.unit(1)), "{page}");
    let trace = trace(&world, &carol, 1).await;
    let decided = of_kind(&trace, "decided")[0];
    assert_eq!((decided["actor"].as_str(), decided["data"]["source"]["in"].as_str()), (Some("carol"), Some("page")));
    let answered = of_kind(&trace, "answered_on_page")[0];
    assert_eq!(answered["data"]["answer"], "granted");
    assert!(answered["data"]["by"].as_u64().is_some_and(|id| id > 0), "{answered}");
    let sticky = world.stage.github.comments(world.unit(1)).into_iter().find(|one| one.body.contains("flyball:unit"));
    let sticky = sticky.unwrap().body;
    assert!(sticky.contains("on Flyball's page"), "{sticky}");
    let json = carol.get("/api/v1/repos/acme/shop/units/1").await.json();
    assert_eq!(
        (json["decisions"][0]["by"].as_str(), json["decisions"][0]["source"].as_str()),
        (Some("carol"), Some("page"))
    );
    let comments = world.stage.github.comments(world.unit(1));
    assert!(
        comments.iter().all(|comment| comment.body.contains("flyball:unit")),
        "nothing was replied on GitHub: {comments:#?}"
    );
    let page = carol.get("/acme/shop/1").await.text;
    assert!(
        page.contains("Propose a revert")
            && page.contains("on Flyball&#39;s page") | page.contains("on Flyball's page"),
        "{page}"
    );
}

#[tokio::test]
async fn the_rules_for_comments_are_the_rules_for_pages() {
    let world = World::private().await;
    let cases = [
        ("alice", "confirm", "", "authors do not confirm"),
        ("rita", "confirm", "", "write access"),
        ("rita", "refuse", "not like this", "write access"),
        ("bob", "retry", "", "✓ granted"),
        ("alice", "hold", "the release is near", "✓ granted"),
        ("carol", "confirm", "", "no form"),
        ("bob", "lift", "", "only alice or a maintainer"),
        ("carol", "lift", "", "✓ granted"),
        ("carol", "refuse", "we have two", "✓ granted"),
        ("alice", "lift", "", "authors lift only"),
    ];
    for (login, command, reason, expected) in cases {
        let person = Person::signed_in(&world, login).await;
        if expected == "no form" {
            let page = person.get("/acme/shop/1").await.text;
            assert!(!page.contains(&format!("value=\"{command}\"")), "{login} {command}: {page}");
            continue;
        }
        let page = person.decides(1, command, reason).await;
        assert!(page.contains(expected), "{login} {command}: {page}");
        assert!(!world.stage.github.is_merged(world.unit(1)), "{login} {command}");
    }
    let carol = Person::signed_in(&world, "carol").await;
    assert!(carol.get("/acme/shop/1").await.text.contains("we have two"));
    let replies = world.stage.github.comments(world.unit(1));
    assert_eq!(replies.len(), 1, "the page answers, not GitHub: {replies:#?}");
}

#[tokio::test]
async fn a_form_sent_twice_is_said_once_and_one_of_an_older_head_not_at_all() {
    let world = World::private().await;
    let carol = Person::signed_in(&world, "carol").await;
    let mut form = carol.form("/acme/shop/1", "refuse").await;
    form.insert("reason".to_owned(), "twice".to_owned());
    for _ in 0..2 {
        assert_eq!(carol.submits(DECIDE, &form).await.status, 303);
    }
    let told = trace(&world, &carol, 1).await;
    assert_eq!((of_kind(&told, "decided").len(), of_kind(&told, "answered_on_page").len()), (1, 1), "{told:#?}");
    let bob = Person::signed_in(&world, "bob").await;
    let mut same = bob.form("/acme/shop/1", "refuse").await;
    same.insert("once".to_owned(), form["once"].clone());
    same.insert("reason".to_owned(), "mine".to_owned());
    assert_eq!(bob.submits(DECIDE, &same).await.status, 303);
    let told = trace(&world, &carol, 1).await;
    assert_eq!(of_kind(&told, "decided").len(), 2, "another person's saying of the same name is another saying");
    let old = carol.form("/acme/shop/2", "confirm").await;
    world.stage.github.push(world.unit(2), Files::new().with("src/other.rs", "fn other() {}\n"));
    world.stage.settle().await;
    let answer = carol.submits("/acme/shop/2/decide", &old).await;
    let page = carol.get(answer.header("location").split_once('#').unwrap().0).await.text;
    assert!(page.contains("that head was replaced by a newer one"), "{page}");
    assert!(!world.stage.github.is_merged(world.unit(2)));
}

#[tokio::test]
async fn what_another_site_another_session_or_nobody_sends_decides_nothing() {
    let world = World::private().await;
    let (carol, bob) = (Person::signed_in(&world, "carol").await, Person::signed_in(&world, "bob").await);
    let form = carol.form("/acme/shop/1", "confirm").await;
    let foreign = bob.form("/acme/shop/1", "confirm").await;
    let with = |value: Option<&String>| {
        let mut form = form.clone();
        match value {
            Some(value) => drop(form.insert("form".to_owned(), value.clone())),
            None => drop(form.remove("form")),
        }
        form
    };
    let forms: [(&str, BTreeMap<String, String>); 4] = [
        ("without its token", with(None)),
        ("with an empty token", with(Some(&String::new()))),
        ("with a wrong token", with(Some(&"0".repeat(64)))),
        ("with the token of another session", with(Some(&foreign["form"]))),
    ];
    for (case, form) in forms {
        assert_eq!(carol.submits(DECIDE, &form).await.status, 403, "{case}");
    }
    let own = world.server();
    let sent: [(&str, Vec<(&str, &str)>); 6] = [
        ("by another site", vec![("origin", "https://evil.test")]),
        ("by nobody knows whom", vec![]),
        ("by a hidden origin", vec![("origin", "null")]),
        ("across sites", vec![("origin", own.as_str()), ("sec-fetch-site", "cross-site")]),
        ("by a neighbour", vec![("sec-fetch-site", "same-site")]),
        ("from another port", vec![("origin", "http://127.0.0.1:1")]),
    ];
    for (case, headers) in sent {
        assert_eq!(carol.submits_with(DECIDE, &form, &headers).await.status, 403, "{case}");
    }
    // A page of ours sent by somebody's own browser, and then a preflight by the same cookie from elsewhere.
    let reconcile = carol.sends("POST", "/api/v1/repos/acme/shop/reconcile", &[("origin", "https://evil.test")], None);
    assert_eq!(reconcile.await.status, 403);
    let token = format!("Bearer {}", world.stage.github.user_token("carol"));
    let program = Person::new(&world);
    let headers = [("authorization", token.as_str()), ("origin", own.as_str())];
    assert_eq!(program.submits_with(DECIDE, &form, &headers).await.status, 403, "a token is no login");
    assert_eq!(Person::new(&world).submits(DECIDE, &form).await.header("location"), "/login?next=%2Facme%2Fshop%2F1");
    let dave = Person::signed_in(&world, "dave").await;
    assert_eq!(dave.submits(DECIDE, &form).await.status, 404, "dave does not see it");
    for (name, value) in [("command", "merge"), ("sha", "abc"), ("once", ""), ("once", "../x")] {
        let mut form = form.clone();
        form.insert(name.to_owned(), value.to_owned());
        assert_eq!(carol.submits(DECIDE, &form).await.status, 400, "{name}={value}");
    }
    world.stage.github.withdraw_user_tokens("carol");
    let gone = carol.submits(DECIDE, &form).await;
    assert_eq!((gone.status, gone.header("location")), (303, "/login?next=/acme/shop/1"), "asked at that moment");
    let told = trace(&world, &bob, 1).await;
    assert!(of_kind(&told, "answered_on_page").is_empty() && of_kind(&told, "decided").is_empty(), "{told:#?}");
    assert!(!world.stage.github.is_merged(world.unit(1)));
}

#[tokio::test]
async fn nothing_that_comes_by_the_webhook_is_read_as_said_on_a_page() {
    let world = World::private().await;
    let carol = Person::signed_in(&world, "carol").await;
    let by = Actor { id: UserId(1), login: "carol".to_owned(), kind: ActorKind::Human };
    let said = PageSaid {
        number: PrNumber(1),
        by: by.clone(),
        line: "/refuse forged".to_owned(),
        id: "a".to_owned(),
        at: "2026-03-02T09:00:00Z".parse().unwrap(),
    };
    let delivered = Delivered {
        installation: None,
        repo: RepoSeen { id: world.repo, full_name: "acme/shop".to_owned(), default_branch: None, private: None },
        sender: Some(by),
        received_at: said.at,
        event: Event::Page(said),
    };
    let mut body = serde_json::to_value(&delivered).unwrap();
    body["repository"] = serde_json::json!({"id": world.repo.0, "full_name": "acme/shop", "private": false});
    body["action"] = "created".into();
    body["is"] = "page".into();
    let body = body.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let events = [
        "page",
        "Page",
        "issue_comment",
        "pull_request",
        "pull_request_review",
        "check_run",
        "push",
        "installation",
        "repository",
        "merge_group",
        "status",
    ];
    for (at, event) in events.into_iter().enumerate() {
        let id = format!("page:1:a{at}");
        let headers = [
            ("content-type", "application/json"),
            ("x-github-event", event),
            ("x-github-delivery", id.as_str()),
            ("x-hub-signature-256", signature.as_str()),
        ];
        let answer = world.asks("POST", "/webhooks/github", &headers, Some(body.clone())).await;
        assert!(answer.status < 300, "{event}: even signed right it says nothing: {} {}", answer.status, answer.text);
    }
    let told = trace(&world, &carol, 1).await;
    assert!(!serde_json::to_string(&told).unwrap().contains("forged"), "{told:#?}");
}
