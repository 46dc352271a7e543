//! The merge queue.

use serde_json::Value;

use super::connection;
use super::kind::{Field, Got, Kind, got};
use crate::sim::json::{node_id, time};
use crate::sim::state::State;

pub(super) fn queue(state: &State, repo: u64, base: &str, name: &str, args: &Value) -> Field {
    let entries = state.repo(repo).queues.get(base).map(Vec::as_slice).unwrap_or_default();
    got(match name {
        "id" => Got::leaf(node_id("MQ", format!("{repo}:{base}"))),
        "repository" => Got::one(Kind::Repo(repo)),
        "nextEntryEstimatedTimeToMerge" => Got::Leaf(Value::Null),
        "resourcePath" | "url" => Got::leaf(format!("{}/queue/{base}", state.repo_page(repo))),
        "configuration" => Got::one(Kind::Plain(
            "MergeQueueConfiguration",
            vec![
                ("checkResponseTimeout", Got::leaf(60)),
                ("maximumEntriesToBuild", Got::leaf(1)),
                ("maximumEntriesToMerge", Got::leaf(1)),
                ("mergeMethod", Got::leaf("SQUASH")),
                ("mergingStrategy", Got::leaf("ALLGREEN")),
                ("minimumEntriesToMerge", Got::leaf(1)),
                ("minimumEntriesToMergeWaitTime", Got::leaf(0)),
            ],
        )),
        "entries" => {
            let nodes = entries.iter().map(|entry| Kind::QueueEntry(repo, base.into(), entry.number)).collect();
            return connection::of("MergeQueueEntryConnection", nodes, args);
        }
        _ => return Ok(None),
    })
}

pub(super) fn entry(state: &State, repo: u64, base: &str, number: u64, name: &str) -> Field {
    let queue = state.repo(repo).queues.get(base).map(Vec::as_slice).unwrap_or_default();
    let Some(at) = queue.iter().position(|entry| entry.number == number) else { return Ok(None) };
    let entry = &queue[at];
    let commit = |sha: Option<&String>| Got::maybe(sha.map(|sha| Kind::Commit(repo, sha.clone())));
    got(match name {
        "id" => Got::leaf(node_id("MQE", format!("{repo}:{number}"))),
        "baseCommit" => commit(entry.group.as_ref().map(|(_, onto)| onto)),
        "headCommit" => commit(entry.group.as_ref().map(|(head, _)| head)),
        "enqueuedAt" => Got::leaf(time(entry.at)),
        "enqueuer" => Got::one(Kind::actor(state, &entry.by)),
        "estimatedTimeToMerge" => Got::Leaf(Value::Null),
        "jump" | "solo" => Got::leaf(false),
        "mergeQueue" => Got::one(Kind::Queue(repo, base.into())),
        "position" => Got::leaf(at + 1),
        "pullRequest" => Got::one(Kind::Pull(repo, number)),
        "state" => Got::leaf(if entry.group.is_some() { "AWAITING_CHECKS" } else { "QUEUED" }),
        _ => return Ok(None),
    })
}
