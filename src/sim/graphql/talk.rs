//! Comments, reviews, requests for review, labels.

use serde_json::Value;

use super::kind::{Field, Got, Kind, got};
use crate::sim::json::{node_id, time};
use crate::sim::state::State;

pub(super) fn comment(state: &State, repo: u64, id: u64, name: &str) -> Field {
    let Some(comment) = state.repo(repo).comments.get(&id) else { return Ok(None) };
    let own = comment.user == state.bot();
    got(match name {
        "id" => Got::leaf(node_id("IC", format!("{repo}:{id}"))),
        "databaseId" => Got::leaf(id),
        "fullDatabaseId" => Got::leaf(id.to_string()),
        "author" => Got::one(Kind::actor(state, &comment.user)),
        "authorAssociation" => Got::leaf(state.association(repo, &comment.user)),
        "body" => Got::leaf(comment.body.clone()),
        "createdAt" => Got::leaf(time(comment.created_at)),
        "updatedAt" => Got::leaf(time(comment.updated_at)),
        "isMinimized" => Got::leaf(comment.minimized.is_some()),
        "minimizedReason" => Got::leaf(comment.minimized.clone()),
        "pullRequest" => Got::one(Kind::Pull(repo, comment.issue)),
        "repository" => Got::one(Kind::Repo(repo)),
        "url" => Got::leaf(format!("{}/pull/{}#issuecomment-{id}", state.repo_page(repo), comment.issue)),
        "viewerCanMinimize" => Got::leaf(true),
        "viewerCanUpdate" | "viewerDidAuthor" => Got::leaf(own),
        _ => return Ok(None),
    })
}

pub(super) fn review(state: &State, repo: u64, number: u64, id: u64, name: &str) -> Field {
    let pull = &state.repo(repo).pulls[&number];
    let Some(review) = pull.reviews.iter().find(|review| review.id == id) else { return Ok(None) };
    got(match name {
        "id" => Got::leaf(node_id("PRR", format!("{repo}:{id}"))),
        "databaseId" => Got::leaf(id),
        "fullDatabaseId" => Got::leaf(id.to_string()),
        "author" => Got::one(Kind::actor(state, &review.user)),
        "authorAssociation" => Got::leaf(state.association(repo, &review.user)),
        "authorCanPushToRepository" => Got::leaf(state.may_write(repo, &review.user)),
        "body" => Got::leaf(review.body.clone()),
        "commit" => Got::one(Kind::Commit(repo, review.sha.clone())),
        "createdAt" | "submittedAt" | "updatedAt" => Got::leaf(time(review.at)),
        "isMinimized" => Got::leaf(false),
        "minimizedReason" => Got::Leaf(Value::Null),
        "pullRequest" => Got::one(Kind::Pull(repo, number)),
        "repository" => Got::one(Kind::Repo(repo)),
        "state" => Got::leaf(review.state.clone()),
        "url" => Got::leaf(format!("{}/pull/{number}#pullrequestreview-{id}", state.repo_page(repo))),
        "viewerCanMinimize" => Got::leaf(true),
        _ => return Ok(None),
    })
}

pub(super) fn review_request(state: &State, repo: u64, number: u64, who: &str, name: &str) -> Field {
    got(match name {
        "id" => Got::leaf(node_id("RR", format!("{repo}:{number}:{who}"))),
        "databaseId" => Got::Leaf(Value::Null),
        "asCodeOwner" => Got::leaf(false),
        "pullRequest" => Got::one(Kind::Pull(repo, number)),
        "requestedReviewer" => Got::one(Kind::actor(state, who)),
        _ => return Ok(None),
    })
}

pub(super) fn label(state: &State, repo: u64, label: &str, name: &str) -> Field {
    let id = state.repo(repo).labels.get(label).copied().unwrap_or(0);
    got(match name {
        "id" => Got::leaf(node_id("LA", id)),
        "name" => Got::leaf(label),
        "color" => Got::leaf("ededed"),
        "description" => Got::Leaf(Value::Null),
        _ => return Ok(None),
    })
}
