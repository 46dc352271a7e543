//! Signing in and out with GitHub, and everything that must not become a session.

use std::time::Duration;

use flyball::sim::{Endpoint, Fault};

use crate::person::{Person, fields};
use crate::world::World;

const UNIT: &str = "/acme/shop/1";

#[tokio::test]
async fn somebody_signs_in_and_comes_to_the_page_they_asked_for() {
    let world = World::private().await;
    let carol = Person::new(&world);
    let asked = carol.get("/acme/shop/1?said=x").await;
    assert_eq!((asked.status, asked.header("location")), (303, "/login?next=%2Facme%2Fshop%2F1%3Fsaid%3Dx"));
    let page = carol.get(asked.header("location")).await;
    assert!(page.text.contains("href=\"/login/github?next=%2Facme%2Fshop%2F1%3Fsaid%3Dx\""), "{}", page.text);
    let address = carol.address("/acme/shop/1?said=x").await;
    let query: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    let named = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap();
    assert_eq!((named("code_challenge_method"), named("code_challenge").len()), ("S256", 43));
    assert!(named("state").len() >= 32, "{query:?}");
    let back = world.stage.github.answers_sign_in(&address, "carol").unwrap();
    let done = carol.get(&format!("{}?{}", back.path(), back.query().unwrap())).await;
    assert_eq!((done.status, done.header("location")), (303, "/acme/shop/1?said=x"));
    let set: Vec<&str> = done.headers.get_all("set-cookie").iter().map(|one| one.to_str().unwrap()).collect();
    let session = set.iter().find(|one| one.starts_with("flyball=")).unwrap();
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(session.contains(flag), "{flag}: {session}");
    }
    assert!(!session.contains("ghu_") && !session.contains("carol"), "it tells nothing: {session}");
    assert!(set.iter().any(|one| one.starts_with("flyball-login=;")), "what was begun counts no more: {set:?}");
    let page = carol.get(UNIT).await;
    assert_eq!(page.status, 200);
    assert!(carol.get("/login").await.text.contains("<strong>carol</strong>"));
}

#[tokio::test]
async fn a_cookie_that_is_forged_cut_swapped_or_old_is_no_session() {
    let world = World::private().await;
    let carol = Person::signed_in(&world, "carol").await;
    let session = carol.cookies.lock().unwrap()["flyball"].clone();
    let (other, begun) = (Person::new(&world), Person::new(&world));
    drop(begun.address("/").await);
    let begun = begun.cookies.lock().unwrap()["flyball-login"].clone();
    let mut flipped = session.clone().into_bytes();
    let middle = flipped.len() / 2;
    flipped[middle] = if flipped[middle] == b'A' { b'B' } else { b'A' };
    let forged = [
        String::from_utf8(flipped).unwrap(),
        session[..session.len() - 8].to_owned(),
        session[8..].to_owned(),
        format!("{session}AAAA"),
        begun,
        "eyJpZCI6IjEiLCJ0b2tlbiI6ImdodV94IiwidW50aWwiOjk5OTk5OTk5OTl9".to_owned(),
        "x".repeat(3000),
        "%00%ff".to_owned(),
    ];
    for cookie in forged {
        other.cookies.lock().unwrap().insert("flyball".to_owned(), cookie.clone());
        for (path, status) in [(UNIT, 303), ("/", 303), ("/api/v1/repos", 401), ("/-/live/acme/shop", 401)] {
            let answer = other.get(path).await;
            assert_eq!(answer.status, status, "{path} with {cookie}: {}", answer.text);
            assert!(!answer.text.contains("Say two"), "{cookie}");
        }
    }
    world.stage.pass(Duration::from_secs(9 * 3600)).await;
    assert_eq!(carol.get(UNIT).await.status, 303, "GitHub takes the token for eight hours");
}

#[tokio::test]
async fn a_login_that_was_not_begun_here_or_not_agreed_to_becomes_no_session() {
    let world = World::private().await;
    let github = &world.stage.github;
    let cases = ["no cookie", "another state", "no state", "no code", "refused", "forged code", "another's code"];
    for case in cases {
        let person = Person::new(&world);
        let back = match case {
            "refused" => person.goes_to_github("", "/").await,
            _ => person.goes_to_github("carol", "/").await,
        };
        let (code, state) = back.split_once("&state=").unwrap();
        let (path, status) = match case {
            "no cookie" => {
                person.cookies.lock().unwrap().clear();
                (back.clone(), 403)
            }
            "another state" => (format!("{code}&state={}", "0".repeat(state.len())), 403),
            "no state" => (code.to_owned(), 403),
            "no code" => (format!("/login/done?state={state}"), 400),
            "forged code" => (format!("/login/done?code=0123456789&state={state}"), 403),
            "another's code" => {
                // Mallory slips the code of a login of their own in: the verifier is not the one it was made for.
                let theirs = Person::new(&world).goes_to_github("dave", "/").await;
                (format!("{}&state={state}", theirs.split_once("&state=").unwrap().0), 403)
            }
            _ => (back.clone(), 403),
        };
        let answer = person.get(&path).await;
        assert_eq!(answer.status, status, "{case}: {}", answer.text);
        assert!(answer.text.contains("Not signed in"), "{case}: {}", answer.text);
        assert!(!person.cookies.lock().unwrap().contains_key("flyball"), "{case}");
        assert_eq!(person.get(UNIT).await.status, 303, "{case}");
    }
    assert_eq!(github.user_tokens(), 0, "nobody was given a token");
}

#[tokio::test]
async fn a_code_counts_once_and_a_begun_login_for_ten_minutes() {
    let world = World::private().await;
    let carol = Person::new(&world);
    let back = carol.goes_to_github("carol", "/").await;
    let begun = carol.cookies.lock().unwrap().clone();
    assert_eq!(carol.get(&back).await.status, 303);
    let again = Person::new(&world);
    *again.cookies.lock().unwrap() = begun;
    let answer = again.get(&back).await;
    assert_eq!((answer.status, answer.text.contains("it was used")), (403, true), "{}", answer.text);
    let late = Person::new(&world);
    let back = late.goes_to_github("carol", "/").await;
    world.stage.pass(Duration::from_secs(601)).await;
    let answer = late.get(&back).await;
    assert_eq!((answer.status, answer.text.contains("ten minutes")), (403, true), "{}", answer.text);
}

#[tokio::test]
async fn a_login_leads_nowhere_else() {
    let world = World::private().await;
    let elsewhere =
        ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "/%0a/evil.test\n", "/login"];
    for next in elsewhere {
        let person = Person::new(&world);
        let to = person.signs_in("carol", next).await;
        assert_eq!(to, "/", "{next:?}");
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let page = Person::new(&world).get(&format!("/login?{query}")).await;
        assert!(page.text.contains("href=\"/login/github?next=%2F\""), "{next:?}: {}", page.text);
    }
    let odd = Person::new(&world).get("//evil.test/..").await;
    assert!(!odd.header("location").starts_with("//"), "{}", odd.header("location"));
}

#[tokio::test]
async fn what_was_allowed_and_is_withdrawn_ends_the_session() {
    let world = World::private().await;
    let carol = Person::signed_in(&world, "carol").await;
    assert_eq!(carol.get(UNIT).await.status, 200);
    world.stage.github.withdraw_user_tokens("carol");
    world.stage.clock.advance(Duration::from_secs(121));
    assert_eq!(carol.get(UNIT).await.status, 303);
    assert_eq!(carol.get("/api/v1/repos").await.status, 401);
}

#[tokio::test]
async fn whoever_loses_a_repository_loses_it_here_within_minutes() {
    let world = World::private().await;
    let dave = Person::signed_in(&world, "dave").await;
    assert_eq!(dave.get("/acme/secret").await.status, 200);
    let installation = world.stage.github.installation(world.repo).unwrap();
    world.stage.github.suspend(installation, true);
    world.stage.clock.advance(Duration::from_secs(121));
    assert_eq!(dave.get("/acme/secret").await.status, 404);
}

#[tokio::test]
async fn who_signs_out_is_out_everywhere() {
    let world = World::private().await;
    let carol = Person::signed_in(&world, "carol").await;
    let stolen = Person::new(&world);
    *stolen.cookies.lock().unwrap() = carol.cookies.lock().unwrap().clone();
    assert_eq!(stolen.get(UNIT).await.status, 200);
    let mut form = fields(&carol.get("/login").await.text);
    let right = form.insert("form".to_owned(), "0".repeat(64)).unwrap();
    assert_eq!(carol.submits("/logout", &form).await.status, 403, "not with a form that somebody else made");
    form.insert("form".to_owned(), right);
    let evil = [("origin", "https://evil.test")];
    assert_eq!(carol.submits_with("/logout", &form, &evil).await.status, 403, "nor from another site");
    assert_eq!(carol.get("/logout").await.status, 405, "nor by a link");
    assert_eq!(carol.get(UNIT).await.status, 200);
    let out = carol.submits("/logout", &form).await;
    assert_eq!((out.status, out.header("location")), (303, "/login"));
    assert_eq!((carol.get(UNIT).await.status, stolen.get(UNIT).await.status), (303, 303));
    assert_eq!(world.stage.github.user_tokens(), 0, "GitHub takes the token from nobody any more");
}

#[tokio::test]
async fn while_github_does_not_say_what_somebody_may_see_nothing_is_shown() {
    let world = World::private().await;
    let carol = Person::signed_in(&world, "carol").await;
    world.stage.clock.advance(Duration::from_secs(121));
    let user = Endpoint::Route("GET", "/user");
    world.stage.github.fails_times(user, Fault::Status(502, String::new()), 3);
    let page = carol.get(UNIT).await;
    assert_eq!((page.status, page.header("content-type")), (503, "text/html; charset=utf-8"));
    assert!(!page.text.contains("Say two"));
    let json = carol.get("/api/v1/repos").await;
    assert_eq!((json.status, json.header("retry-after")), (503, "10"));
    let nobody = Person::new(&world);
    let back = nobody.goes_to_github("carol", "/").await;
    assert_eq!(nobody.get(&back).await.status, 503);
    assert_eq!(carol.get(UNIT).await.status, 200, "the session itself was not lost");
}
