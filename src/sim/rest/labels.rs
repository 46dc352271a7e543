//! The issue side of a pull request: itself and its labels.

use serde_json::Value;

use super::pulls::find;
use crate::sim::http::{Answer, Call, Reply, ok};
use crate::sim::state::State;

pub(super) fn issue(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "issue_number")?;
    ok(state.issue_json(repo, pull))
}

pub(super) fn list(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "issue_number")?;
    let labels = pull.labels.iter().map(|name| state.label_json(repo, name)).collect::<Value>();
    ok(labels)
}

pub(super) fn add(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "issue_number")?;
    let number = pull.number;
    let actor = call.actor(state);
    for name in call.texts("labels") {
        state.label(repo, number, &name, &actor);
    }
    list(state, call)
}

pub(super) fn remove(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "issue_number")?;
    let number = pull.number;
    let actor = call.actor(state);
    if !state.unlabel(repo, number, call.param("name"), &actor) {
        return Err(Answer::error(404, "Label does not exist"));
    }
    list(state, call)
}
