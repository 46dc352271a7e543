//! Reviews and who is asked for one.

use serde_json::{Value, json};

use super::pulls::find;
use super::refused;
use crate::sim::http::{Answer, Call, Reply, not_found, ok, unprocessable};
use crate::sim::state::State;

pub(super) fn list(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let all = pull.reviews.iter().map(|review| state.review_json(repo, pull, review)).collect();
    Ok(call.page(state, all, None))
}

pub(super) fn show(state: &mut State, call: &Call) -> Reply {
    let id = call.number("review_id")?;
    one(state, call, id)
}

fn one(state: &State, call: &Call, id: u64) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let review = pull.reviews.iter().find(|review| review.id == id).ok_or_else(not_found)?;
    ok(state.review_json(repo, pull, review))
}

pub(super) fn create(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let number = pull.number;
    let word = match call.text("event") {
        Some("APPROVE") => "APPROVED",
        Some("REQUEST_CHANGES") => "CHANGES_REQUESTED",
        Some("COMMENT") => "COMMENTED",
        _ => return Err(unprocessable("", "PullRequestReview", "event", "invalid")),
    };
    let actor = call.actor(state);
    let id = state.review(repo, number, &actor, word, call.text("body").unwrap_or_default()).map_err(refused)?;
    one(state, call, id)
}

pub(super) fn dismiss(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let (number, id) = (pull.number, call.number("review_id")?);
    call.needed("PullRequestReview", "message")?;
    let actor = call.actor(state);
    if !state.dismiss(repo, number, id, &actor) {
        return Err(Answer::error(422, "Can not dismiss a commented pull request review"));
    }
    one(state, call, id)
}

pub(super) fn requested(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let value = state.pull_json(repo, pull);
    ok(json!({"users": value["requested_reviewers"], "teams": value["requested_teams"]}))
}

pub(super) fn request(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let number = pull.number;
    let actor = call.actor(state);
    state
        .request_reviews(repo, number, &call.texts("reviewers"), &call.texts("team_reviewers"), &actor)
        .map_err(refused)?;
    Ok(Answer::json(201, simple(state, repo, number)))
}

pub(super) fn unrequest(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let number = pull.number;
    let actor = call.actor(state);
    state.unrequest_reviews(repo, number, &call.texts("reviewers"), &actor);
    ok(simple(state, repo, number))
}

fn simple(state: &State, repo: u64, number: u64) -> Value {
    state.pull_json(repo, &state.repo(repo).pulls[&number])
}
