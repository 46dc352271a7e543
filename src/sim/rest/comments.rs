//! Issue comments and reactions.

use serde_json::Value;

use super::pulls::find;
use crate::domain::ids::Timestamp;
use crate::sim::act::Refused;
use crate::sim::http::{Answer, Call, Reply, not_found, ok, unprocessable};
use crate::sim::state::State;
use crate::sim::state::pull::Comment;

fn refused((status, text): Refused) -> Answer {
    if status == 422 {
        unprocessable(&text, "IssueComment", "body", "unprocessable")
    } else {
        Answer::error(status, text)
    }
}

fn one<'s>(state: &'s State, call: &Call) -> Result<(u64, &'s Comment), Answer> {
    let repo = call.repo(state)?;
    let comment = repo.comments.get(&call.number("comment_id")?).ok_or_else(not_found)?;
    Ok((repo.id, comment))
}

pub(super) fn list(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "issue_number")?;
    let since: Option<Timestamp> = call.query("since").and_then(|text| text.parse().ok());
    let comments = pull.comments.iter().filter_map(|id| state.repo(repo).comments.get(id));
    let shown = comments.filter(|comment| since.is_none_or(|since| comment.updated_at >= since));
    let all = shown.map(|comment| state.comment_json(repo, comment)).collect();
    Ok(call.page(state, all, None))
}

pub(super) fn create(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "issue_number")?;
    let number = pull.number;
    let body = call.needed("IssueComment", "body")?;
    let actor = call.actor(state);
    let id = state.comment(repo, number, &actor, body).map_err(refused)?;
    let value = state.comment_json(repo, &state.repo(repo).comments[&id]);
    let location = value["url"].as_str().unwrap_or_default().to_owned();
    Ok(Answer::json(201, value).header("Location", location))
}

pub(super) fn show(state: &mut State, call: &Call) -> Reply {
    let (repo, comment) = one(state, call)?;
    ok(state.comment_json(repo, comment))
}

pub(super) fn update(state: &mut State, call: &Call) -> Reply {
    let (repo, comment) = one(state, call)?;
    let id = comment.id;
    let body = call.needed("IssueComment", "body")?;
    let actor = call.actor(state);
    state.edit_comment(repo, id, body, &actor).map_err(refused)?;
    show(state, call)
}

pub(super) fn delete(state: &mut State, call: &Call) -> Reply {
    let (repo, comment) = one(state, call)?;
    let id = comment.id;
    let actor = call.actor(state);
    state.delete_comment(repo, id, &actor);
    Ok(Answer::empty(204))
}

pub(super) fn reactions(state: &mut State, call: &Call) -> Reply {
    let (_, comment) = one(state, call)?;
    let wanted = call.query("content");
    let shown = comment.reactions.iter().filter(|reaction| wanted.is_none_or(|content| reaction.content == content));
    let all: Vec<Value> = shown.map(|reaction| state.reaction_json(reaction)).collect();
    Ok(call.page(state, all, None))
}

pub(super) fn react(state: &mut State, call: &Call) -> Reply {
    const KNOWN: [&str; 8] = ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"];
    let (repo, comment) = one(state, call)?;
    let id = comment.id;
    let content = call.needed("Reaction", "content")?;
    if !KNOWN.contains(&content) {
        return Err(unprocessable("", "Reaction", "content", "invalid"));
    }
    let actor = call.actor(state);
    let (reaction, is_new) = state.react(repo, id, &actor, content).ok_or_else(not_found)?;
    Ok(Answer::json(if is_new { 201 } else { 200 }, state.reaction_json(&reaction)))
}

pub(super) fn unreact(state: &mut State, call: &Call) -> Reply {
    let (repo, comment) = one(state, call)?;
    let (id, reaction) = (comment.id, call.number("reaction_id")?);
    if !comment.reactions.iter().any(|known| known.id == reaction) {
        return Err(not_found());
    }
    if let Some(comment) = state.repo_mut(repo).comments.get_mut(&id) {
        comment.reactions.retain(|known| known.id != reaction);
    }
    Ok(Answer::empty(204))
}
