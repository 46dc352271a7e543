//! The App's manifest asks for exactly what the program needs: no permission too few, none too many, each with its reason.
//!
//! `tests/contract/permissions.json` lists what GitHub asks for each call and event. That the list is whole is seen elsewhere: the
//! contract check refuses recorded calls that are not in it, and here the events are compared with those that `src/webhook` reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// The parts of the manifest that GitHub reads (<https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest>).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "fields are named so that an unknown one is an error")]
struct Manifest {
    name: String,
    description: String,
    url: String,
    hook_attributes: Hook,
    callback_urls: Vec<String>,
    redirect_url: String,
    public: bool,
    request_oauth_on_install: bool,
    default_permissions: BTreeMap<String, Level>,
    default_events: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hook {
    url: String,
    active: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Read,
    Write,
}

type Permissions = BTreeMap<String, Level>;

#[derive(Debug, Deserialize)]
struct Needed {
    calls: BTreeMap<String, Permissions>,
    events: BTreeMap<String, Permissions>,
    unasked: BTreeSet<String>,
}

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest() -> Manifest {
    serde_saphyr::from_str(&text("app-manifest.yml")).unwrap_or_else(|error| panic!("app-manifest.yml: {error}"))
}

fn needed() -> Needed {
    serde_json::from_str(&text("tests/contract/permissions.json")).expect("the table is JSON")
}

#[test]
fn it_asks_for_what_calls_and_events_need_and_for_nothing_else() {
    let needed = needed();
    let mut least = Permissions::new();
    for (name, level) in needed.calls.values().chain(needed.events.values()).flatten() {
        let known = least.entry(name.clone()).or_insert(*level);
        *known = (*known).max(*level);
    }
    assert_eq!(manifest().default_permissions, least);
}

#[test]
fn it_subscribes_to_the_events_that_are_read() {
    let needed = needed();
    let subscribed: BTreeSet<String> = manifest().default_events.into_iter().collect();
    let listed: BTreeSet<String> = needed.events.keys().cloned().collect();
    assert_eq!(subscribed, listed);
    let read = events_read();
    let known: BTreeSet<String> = listed.union(&needed.unasked).cloned().collect();
    assert_eq!(read, known, "src/webhook/payload/mod.rs reads other events than permissions.json lists");
}

/// The event names in the match of `src/webhook/payload/mod.rs` that says which family reads an event.
fn events_read() -> BTreeSet<String> {
    let source = text("src/webhook/payload/mod.rs");
    let table = source.split("match headers.event.as_str()").nth(1).expect("the front door has a table of events");
    let arms = table.lines().map(str::trim).take_while(|line| !line.starts_with('_'));
    let heads = arms.filter_map(|line| line.split_once(" =>")).map(|(head, _)| head.to_owned());
    heads
        .flat_map(|head| head.split('|').map(|name| name.trim().trim_matches('"').to_owned()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn deliveries_come_to_the_route_that_is_served() {
    let manifest = manifest();
    assert!(manifest.hook_attributes.url.ends_with("/webhooks/github"), "{}", manifest.hook_attributes.url);
    assert!(manifest.hook_attributes.active);
    assert!(!manifest.public, "who registers it decides whether others may install it");
}

#[test]
fn every_permission_and_event_says_why() {
    let source = text("app-manifest.yml");
    let lines: Vec<&str> = source.lines().collect();
    let asked = source.find("default_permissions:").expect("the manifest has permissions");
    let start = source[..asked].lines().count();
    let mut reason = false;
    for line in &lines[start..] {
        let trimmed = line.trim();
        // One reason may stand above several of a kind.
        match trimmed {
            "" => reason = false,
            _ if trimmed.starts_with('#') => reason = true,
            _ if !line.starts_with(' ') => reason = false,
            _ => assert!(reason, "`{trimmed}` has no reason above it"),
        }
    }
}

/// `METHOD path` and permissions of each row of the table in docs/GITHUB.md.
fn documented() -> BTreeMap<String, Permissions> {
    let source = text("docs/GITHUB.md");
    let rows = source.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| row.split_once("` | "));
    let level = |named: &str| {
        let (name, level) = named.trim().trim_matches('`').split_once(": ")?;
        Some((name.to_owned(), if level == "write" { Level::Write } else { Level::Read }))
    };
    rows.map(|(call, rest)| {
        let cells: Vec<&str> = rest.split(" | ").collect();
        assert!(
            cells.len() == 4 && cells.iter().all(|cell| !cell.trim_matches([' ', '|']).is_empty()),
            "{call}: {rest}"
        );
        let named = if cells[0].starts_with("none") {
            Permissions::new()
        } else {
            cells[0].split(',').filter_map(level).collect()
        };
        (call.to_owned(), named)
    })
    .collect()
}

#[test]
fn every_call_is_documented_with_its_permission() {
    assert_eq!(documented(), needed().calls);
}
