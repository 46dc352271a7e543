//! Lists with pages, as GraphQL has them.

use serde_json::Value;

use super::kind::{Field, Got, Kind, got};

/// GitHub's largest page (FACTS Q2).
const MOST: u64 = 100;

/// One page of `nodes` as a connection of this type, with more fields of its own.
pub(super) fn with(kind: &'static str, nodes: &[Kind], args: &Value, more: Vec<(&'static str, Got)>) -> Field {
    let total = nodes.len();
    let place = |name: &str| args[name].as_str().and_then(|cursor| cursor.strip_prefix("sim:")?.parse::<usize>().ok());
    let mut from = place("after").map_or(0, |at| at + 1).min(total);
    let mut to = place("before").unwrap_or(total).clamp(from, total);
    let (first, last) = (args["first"].as_u64(), args["last"].as_u64());
    let Some(size) = first.or(last) else {
        return Err(format!("You must provide a `first` or `last` value to properly paginate the `{kind}`."));
    };
    if size == 0 || size > MOST {
        return Err(format!("Requesting {size} records on the `{kind}` exceeds the `first` limit of {MOST} records."));
    }
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if first.is_some() {
        to = to.min(from.saturating_add(size));
    } else {
        from = from.max(to.saturating_sub(size));
    }
    let cursor = |at: usize| Got::leaf(format!("sim:{at}"));
    let ends = |at: Option<usize>| at.map_or(Got::Leaf(Value::Null), cursor);
    let page = Kind::Plain(
        "PageInfo",
        vec![
            ("hasNextPage", Got::leaf(to < total)),
            ("hasPreviousPage", Got::leaf(from > 0)),
            ("startCursor", ends((from < to).then_some(from))),
            ("endCursor", ends((from < to).then(|| to - 1))),
        ],
    );
    let shown = nodes[from..to].to_vec();
    let edge = match kind {
        "PullRequestConnection" => "PullRequestEdge",
        _ => "PullRequestCommitEdge",
    };
    let edges = shown
        .iter()
        .enumerate()
        .map(|(at, node)| Kind::Plain(edge, vec![("cursor", cursor(from + at)), ("node", Got::one(node.clone()))]));
    let mut fields = vec![
        ("edges", Got::Many(edges.collect())),
        ("nodes", Got::Many(shown)),
        ("pageInfo", Got::one(page)),
        ("totalCount", Got::leaf(total)),
    ];
    fields.extend(more);
    got(Got::one(Kind::Plain(kind, fields)))
}

/// One page of `nodes` as a connection of this type.
#[expect(clippy::needless_pass_by_value, reason = "callers collect the nodes for this call and keep none")]
pub(super) fn of(kind: &'static str, nodes: Vec<Kind>, args: &Value) -> Field {
    with(kind, &nodes, args, Vec::new())
}
