//! Whatever arrives, nothing panics, and only JSON objects are read.

use flyball::webhook::payload::{Reading, read};
use flyball::webhook::{ContentType, Headers, Secrets};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{GUID, fixture, ourselves, received_at};

const EVENTS: [&str; 13] = [
    "pull_request",
    "pull_request_review",
    "check_run",
    "check_suite",
    "status",
    "issue_comment",
    "push",
    "merge_group",
    "repository",
    "repository_ruleset",
    "installation",
    "installation_repositories",
    "unknown",
];

fn read_as(event: &str, json: &str) -> Result<Reading, serde_json::Error> {
    let headers = Headers { event: event.to_owned(), delivery: GUID.to_owned() };
    read(&headers, json, &ourselves(), received_at())
}

/// JSON of any shape, with the names and words that our events look for.
fn arbitrary_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("opened"),
        Just("created"),
        Just("completed"),
        Just("success"),
        Just("open"),
        Just("/confirm"),
        Just("refs/heads/main"),
        Just("0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"),
        Just("2026-03-02T12:00:00Z"),
        Just("confirm"),
        Just("")
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        word.prop_map(Value::from)
    ];
    let name = prop_oneof![
        Just("action"),
        Just("number"),
        Just("pull_request"),
        Just("id"),
        Just("head"),
        Just("base"),
        Just("sha"),
        Just("ref"),
        Just("repository"),
        Just("full_name"),
        Just("sender"),
        Just("login"),
        Just("comment"),
        Just("body"),
        Just("issue"),
        Just("check_run"),
        Just("head_sha"),
        Just("app"),
        Just("repositories"),
        Just("review"),
        Just("installation"),
        Just("other")
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..8).prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>()
            )),
        ]
    })
}

fn fixtures() -> Vec<(&'static str, Value)> {
    [
        ("pull_request", "opened"),
        ("pull_request", "closed.merged"),
        ("pull_request_review", "submitted.approved"),
        ("check_run", "completed.success"),
        ("check_run", "requested_action.confirm"),
        ("status", "success"),
        ("push", "branch"),
        ("issue_comment", "created.confirm"),
        ("merge_group", "destroyed"),
        ("installation", "created"),
        ("repository", "renamed"),
    ]
    .map(|(event, name)| (event, serde_json::from_str(&fixture(&format!("webhooks/{event}/{name}.json"))).unwrap()))
    .to_vec()
}

/// Paths to every value within.
fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, inner)| descend(inner, format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| descend(inner, format!("{at}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn descend(value: &Value, path: String, found: &mut Vec<String>) {
    paths(value, &path, found);
    found.push(path);
}

/// Each value of each fixture, one at a time, replaced by every other type or nothing: always read, never an error.
#[test]
fn no_single_odd_value_makes_a_delivery_malformed() {
    for (event, whole) in fixtures() {
        let mut all = Vec::new();
        paths(&whole, "", &mut all);
        for path in all {
            for odd in [
                Value::Null,
                json!(true),
                json!(-1),
                json!(1.5),
                json!(u64::MAX),
                json!("odd"),
                json!([1, null]),
                json!({"x": {}}),
            ] {
                let mut changed = whole.clone();
                *changed.pointer_mut(&path).unwrap() = odd.clone();
                assert!(read_as(event, &changed.to_string()).is_ok(), "{event}{path} = {odd}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_object_is_read_and_nothing_else_is(json in arbitrary_json(), event in prop::sample::select(&EVENTS[..])) {
        prop_assert_eq!(read_as(event, &json.to_string()).is_ok(), json.is_object());
    }

    #[test]
    fn any_bytes_are_met_calmly(bytes in prop::collection::vec(any::<u8>(), 0..400), event in prop::sample::select(&EVENTS[..])) {
        for content_type in [ContentType::Json, ContentType::Form] {
            if let Ok(text) = content_type.payload(&bytes) {
                drop(read_as(event, &text));
            }
        }
        prop_assert!(Secrets::new(["s"]).verify(&bytes, &bytes).is_err());
    }

    #[test]
    fn a_cut_payload_is_malformed(fixture in prop::sample::select(fixtures()), at in any::<prop::sample::Index>()) {
        let text = fixture.1.to_string();
        let at = (0..=at.index(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        prop_assert!(read_as(fixture.0, &text[..at]).is_err());
    }
}
