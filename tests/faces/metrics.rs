//! docs/METRICS.md is the list of what `/metrics` gives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::world::World;

const DOCUMENT: &str = include_str!("../../docs/METRICS.md");

/// What the document says: type and labels by name.
fn documented() -> BTreeMap<&'static str, (&'static str, BTreeSet<&'static str>)> {
    let mut all = BTreeMap::new();
    for line in DOCUMENT.lines().filter(|line| line.starts_with("| `flyball_")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, meaning] = cells[..] else { panic!("four cells: {line}") };
        assert!(!meaning.is_empty(), "{line}");
        let labels = labels.split('`').skip(1).step_by(2).collect();
        assert!(all.insert(name.trim_matches('`'), (kind, labels)).is_none(), "{name} stands there twice");
    }
    all
}

/// The names that the program registers, without what the format adds to them.
fn registered() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = ["web/counted.rs", "web/flow_counts.rs", "web/metrics.rs", "web/missed.rs", "webhook/counters.rs"];
    let mut names = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let quoted = text.split('"').skip(1).step_by(2).filter(|quoted| quoted.starts_with("flyball_"));
        names.extend(quoted.map(str::to_owned));
    }
    names
}

#[test]
fn every_metric_is_documented_and_every_documented_one_is_there() {
    let bare = |name: &str| {
        let name = name.strip_suffix("_total").unwrap_or(name);
        name.strip_suffix("_seconds").unwrap_or(name).to_owned()
    };
    let documented: BTreeSet<String> = documented().keys().map(|name| bare(name)).collect();
    assert_eq!(documented, registered());
}

#[tokio::test]
async fn what_a_server_gives_has_the_type_and_the_labels_that_the_document_says() {
    let world = World::busy().await;
    let text = world.get("/metrics").await.text;
    let documented = documented();
    let mut seen = 0;
    for line in text.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' ')) {
            let full = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
            assert_eq!(documented.get(full.as_str()).map(|(kind, _)| *kind), Some(kind), "{full}");
            seen += 1;
        } else if let Some((name, rest)) = line.split_once('{') {
            let name = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            let (_, labels) = documented.get(name).unwrap_or_else(|| panic!("{line}"));
            let found =
                rest.split("\",").filter_map(|pair| pair.trim_start_matches('{').split_once('=')).map(|(key, _)| key);
            let found: BTreeSet<&str> = found.filter(|key| *key != "le").collect();
            assert!(found.is_subset(labels) && (line.contains("le=\"") || found == *labels), "{line}");
        }
    }
    assert!(seen > 20, "{seen}: {text}");
}
