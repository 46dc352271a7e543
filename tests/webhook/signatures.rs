//! The signature: GitHub's own vectors, ours, and everything that must not pass.

use flyball::webhook::Secrets;

use crate::support::{GUID, SECRET, Server, fixture, sign};

const PING: &str = r#"{"zen":"Let it steam.","hook_id":1}"#;

#[derive(serde::Deserialize)]
struct Vector {
    secret: String,
    body: String,
    signature: String,
}

/// The same file is verified with GitHub's own library in `tests/contract`.
#[test]
fn the_vectors_hold() {
    let vectors: Vec<Vector> = serde_json::from_str(&fixture("signatures.json")).unwrap();
    assert!(vectors.len() >= 6);
    for Vector { secret, body, signature } in vectors {
        let secrets = Secrets::new([&secret]);
        assert_eq!(secrets.sign(body.as_bytes()).as_ref(), Some(&signature), "{body}");
        assert_eq!(secrets.verify(signature.as_bytes(), body.as_bytes()), Ok(()), "{body}");
        assert!(secrets.verify(signature.as_bytes(), format!("{body} ").as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn the_vector_of_githubs_documentation_holds() {
    let header = b"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert_eq!(Secrets::new([SECRET]).verify(header, b"Hello, World!"), Ok(()));
}

#[test]
fn empty_secrets_sign_nothing() {
    assert!(Secrets::new(["", ""]).is_empty());
    assert_eq!(Secrets::new([""]).sign(b"x"), None);
}

#[test]
fn secrets_do_not_show() {
    let shown = format!("{:?}", Secrets::new([SECRET]));
    assert_eq!(shown, "Secrets(1 kept from view)");
}

#[tokio::test]
async fn whatever_is_not_signed_right_is_401() {
    let server = Server::start().await;
    let good = sign(PING.as_bytes());
    let cases = [
        ("missing", None),
        ("empty", Some(String::new())),
        ("another body's", Some(sign(b"{}"))),
        ("another secret's", Secrets::new(["other"]).sign(PING.as_bytes())),
        ("truncated", Some(good[..good.len() - 1].to_owned())),
        ("cut to half", Some(good[..39].to_owned())),
        ("longer", Some(format!("{good}00"))),
        ("without its prefix", Some(good["sha256=".len()..].to_owned())),
        ("under SHA-1's prefix", Some(good.replace("sha256=", "sha1="))),
        ("no hex", Some(format!("sha256={}", "z".repeat(64)))),
        ("only the prefix", Some("sha256=".to_owned())),
    ];
    for (case, signature) in cases {
        let mut request = server.post(PING).header("content-type", "application/json").header("x-github-event", "ping");
        request = request.header("x-github-delivery", GUID);
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{case}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{case}");
    }
}

#[tokio::test]
async fn a_sha_1_signature_alone_is_401() {
    let server = Server::start().await;
    // HMAC-SHA1 of the body under the right secret.
    let request =
        server.post("Hello, World!").header("content-type", "application/json").header("x-github-event", "ping");
    let request = request
        .header("x-github-delivery", GUID)
        .header("x-hub-signature", "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59");
    assert_eq!(request.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn an_altered_body_and_a_second_signature_are_401() {
    let server = Server::start().await;
    let altered = server.post(PING.replace("steam", "stean")).header("x-hub-signature-256", sign(PING.as_bytes()));
    let altered = altered
        .header("content-type", "application/json")
        .header("x-github-event", "ping")
        .header("x-github-delivery", GUID);
    assert_eq!(altered.send().await.unwrap().status(), 401);

    let twice = server.signed("ping", GUID, PING).header("x-hub-signature-256", sign(b"other"));
    assert_eq!(twice.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn an_unsigned_body_is_never_parsed() {
    let server = Server::start().await;
    let answer = server.post("{ no json").header("content-type", "application/json").send().await.unwrap();
    assert_eq!(answer.status(), 401, "neither its JSON nor its missing headers are looked at");
}

#[tokio::test]
async fn secrets_rotate_while_it_runs() {
    let server = Server::start().await;
    let signed_by = |secret: &str| {
        let signature = Secrets::new([secret]).sign(PING.as_bytes()).unwrap();
        let request = server.post(PING).header("content-type", "application/json").header("x-github-event", "ping");
        request.header("x-github-delivery", GUID).header("x-hub-signature-256", signature).send()
    };
    assert_eq!(signed_by("next").await.unwrap().status(), 401);
    server.keys.set_secrets(Secrets::new([SECRET, "next"]));
    assert_eq!(signed_by("next").await.unwrap().status(), 200);
    assert_eq!(signed_by(SECRET).await.unwrap().status(), 200);
    server.keys.set_secrets(Secrets::new(["next"]));
    assert_eq!(signed_by(SECRET).await.unwrap().status(), 401);
    server.keys.set_secrets(Secrets::new([""]));
    assert_eq!(signed_by("next").await.unwrap().status(), 401, "no secret, nobody");
}
