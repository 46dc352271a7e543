//! Writing check runs, with the limits that GitHub checks (FACTS C1 to C5, C16).

use serde_json::Value;

use crate::domain::ids::Timestamp;
use crate::sim::act::RunChange;
use crate::sim::http::{Answer, Call, Reply, not_found, ok, unprocessable};
use crate::sim::state::State;

const MOST_OUTPUT: usize = 65_535;
const MOST_ANNOTATIONS: usize = 50;
const MOST_ACTIONS: usize = 3;
const CONCLUSIONS: [&str; 7] =
    ["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"];

fn invalid(field: &str, code: &str) -> Answer {
    unprocessable("", "CheckRun", field, code)
}

pub(super) fn create(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let name = call.needed("CheckRun", "name")?.to_owned();
    let sha = call.needed("CheckRun", "head_sha")?.to_owned();
    if state.objects.get(&sha).is_none() {
        return Err(unprocessable(&format!("No commit found for SHA: {sha}"), "CheckRun", "head_sha", "custom"));
    }
    let change = change(call)?;
    let app = state.config.app.id;
    let id = state.create_run(repo, app, &sha, &name, change);
    Ok(Answer::json(201, state.run_json(repo, &state.repo(repo).runs[&id])))
}

pub(super) fn update(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let id = call.number("check_run_id")?;
    let run = state.repo(repo).runs.get(&id).ok_or_else(not_found)?;
    if run.app != state.config.app.id {
        let text = format!(
            "Invalid app_id `{}` - check run can only be modified by the GitHub App that created it.",
            state.config.app.id
        );
        return Err(Answer::error(403, text));
    }
    let change = change(call)?;
    state.update_run(repo, id, change);
    ok(state.run_json(repo, &state.repo(repo).runs[&id]))
}

fn change(call: &Call) -> Result<RunChange, Answer> {
    let text = |name: &str| call.text(name).map(str::to_owned);
    let time = |name: &str| match call.text(name) {
        None => Ok(None),
        Some(text) => text.parse::<Timestamp>().map(Some).map_err(|_| invalid(name, "invalid")),
    };
    let (status, conclusion) = (text("status"), text("conclusion"));
    if status.as_deref().is_some_and(|status| !["queued", "in_progress", "completed"].contains(&status)) {
        return Err(invalid("status", "invalid"));
    }
    if conclusion.as_deref().is_some_and(|conclusion| !CONCLUSIONS.contains(&conclusion)) {
        return Err(invalid("conclusion", "invalid"));
    }
    let completed_at = time("completed_at")?;
    if conclusion.is_none() && (status.as_deref() == Some("completed") || completed_at.is_some()) {
        return Err(invalid("conclusion", "missing_field"));
    }
    let output = &call.body["output"];
    let (title, summary, words, annotations) =
        if output.is_object() { check_output(output)? } else { Default::default() };
    Ok(RunChange {
        name: text("name"),
        status,
        conclusion,
        external_id: text("external_id"),
        details_url: text("details_url"),
        started_at: time("started_at")?,
        completed_at,
        title,
        summary,
        text: words,
        annotations,
        actions: call.body["actions"].as_array().map(|actions| check_actions(actions)).transpose()?,
    })
}

type Output = (Option<String>, Option<String>, Option<String>, Vec<Value>);

fn check_output(output: &Value) -> Result<Output, Answer> {
    let text = |name: &str| output[name].as_str().map(str::to_owned);
    for name in ["title", "summary"] {
        if output[name].as_str().is_none() {
            return Err(invalid(&format!("output.{name}"), "missing_field"));
        }
    }
    for name in ["summary", "text"] {
        if output[name].as_str().is_some_and(|text| text.chars().count() > MOST_OUTPUT) {
            return Err(unprocessable(
                "Only 65535 characters are allowed; more were given.",
                "CheckRun",
                name,
                "invalid",
            ));
        }
    }
    let annotations = output["annotations"].as_array().cloned().unwrap_or_default();
    if annotations.len() > MOST_ANNOTATIONS {
        return Err(invalid("output.annotations", "invalid"));
    }
    for annotation in &annotations {
        let has_text = ["path", "annotation_level", "message"].iter().all(|name| annotation[*name].is_string());
        let has_lines = ["start_line", "end_line"].iter().all(|name| annotation[*name].is_u64());
        if !has_text || !has_lines {
            return Err(invalid("output.annotations", "missing_field"));
        }
    }
    Ok((text("title"), text("summary"), text("text"), annotations))
}

fn check_actions(actions: &[Value]) -> Result<Vec<Value>, Answer> {
    if actions.len() > MOST_ACTIONS {
        return Err(invalid("actions", "invalid"));
    }
    for action in actions {
        for (name, most) in [("label", 20), ("description", 40), ("identifier", 20)] {
            let length = action[name].as_str().map(|text| text.chars().count());
            if length.is_none_or(|length| length == 0 || length > most) {
                return Err(invalid(&format!("actions.{name}"), "invalid"));
            }
        }
    }
    Ok(actions.to_vec())
}
