//! Files: reading them raw or as JSON, and writing one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::sim::git::{Sha, blob_sha};
use crate::sim::http::{Answer, Call, Reply, not_found, ok, unprocessable};
use crate::sim::state::State;

/// The commit that a ref of any spelling names.
pub(super) fn resolve(state: &State, repo: u64, name: &str) -> Option<Sha> {
    let held = state.repo(repo);
    let short = name.strip_prefix("refs/").unwrap_or(name);
    if let Some(sha) = held.branches.get(short.strip_prefix("heads/").unwrap_or(short)) {
        return Some(sha.clone());
    }
    if let Some(number) = short.strip_prefix("pull/").and_then(|rest| rest.strip_suffix("/head")) {
        return held.pulls.get(&number.parse().ok()?).map(|pull| pull.head_sha.clone());
    }
    if name == "HEAD" {
        return held.branches.get(&held.default_branch).cloned();
    }
    state.objects.get(name).map(|commit| commit.sha.clone())
}

pub(super) fn get(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let wanted = call.query("ref").unwrap_or("HEAD");
    let sha = resolve(state, repo, wanted)
        .ok_or_else(|| Answer::error(404, format!("No commit found for the ref {wanted}")))?;
    let path = call.param("path").trim_matches('/');
    let tree = state.objects.tree(&sha);
    if let Some(text) = tree.get(path) {
        let accept = call.headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if accept.contains("raw") {
            let body =
                crate::sim::http::Body::Raw(text.to_string().into(), "application/vnd.github.raw+json; charset=utf-8");
            return Ok(Answer { status: 200, body, headers: Vec::new() });
        }
        let mut value = file_json(state, repo, path, text, wanted);
        value["encoding"] = "base64".into();
        value["content"] = STANDARD.encode(text.as_bytes()).into();
        return ok(value);
    }
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let mut entries: Vec<Value> = Vec::new();
    let mut last_folder = String::new();
    for (file, text) in tree.iter().filter(|(file, _)| file.starts_with(&prefix)) {
        match file[prefix.len()..].split_once('/') {
            None => entries.push(file_json(state, repo, file, text, wanted)),
            Some((folder, _)) if folder != last_folder => {
                last_folder = folder.into();
                let mut value = file_json(state, repo, &format!("{prefix}{folder}"), "", wanted);
                value["type"] = "dir".into();
                value["download_url"] = Value::Null;
                entries.push(value);
            }
            Some(_) => {}
        }
    }
    if entries.is_empty() { Err(not_found()) } else { ok(entries.into()) }
}

fn file_json(state: &State, repo: u64, path: &str, text: &str, at: &str) -> Value {
    let (api, page) = (state.repo_url(repo), state.repo_page(repo));
    let sha = blob_sha(text);
    let own = format!("{api}/contents/{path}?ref={at}");
    let (git, html) = (format!("{api}/git/blobs/{sha}"), format!("{page}/blob/{at}/{path}"));
    json!({
        "name": path.rsplit('/').next().unwrap_or(path),
        "path": path,
        "sha": sha,
        "size": text.len(),
        "url": own,
        "html_url": html,
        "git_url": git,
        "download_url": format!("{page}/raw/{at}/{path}"),
        "type": "file",
        "_links": {"self": own, "git": git, "html": html},
    })
}

pub(super) fn put(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let path = call.param("path").to_owned();
    let message = call.needed("Content", "message")?.to_owned();
    let encoded: String = call.needed("Content", "content")?.split_whitespace().collect();
    let bytes = STANDARD.decode(encoded).map_err(|_| Answer::error(422, "content is not valid Base64"))?;
    let text = String::from_utf8(bytes).map_err(|_| Answer::error(422, "the simulation keeps text only"))?;
    let branch = call.text("branch").unwrap_or(&state.repo(repo).default_branch).to_owned();
    let head = state
        .repo(repo)
        .branches
        .get(&branch)
        .cloned()
        .ok_or_else(|| Answer::error(404, format!("Branch {branch} not found")))?;
    if state.rules(repo, &branch).is_some() {
        return Err(Answer::error(
            409,
            "Repository rule violations found: changes must be made through a pull request.",
        ));
    }
    let mut tree = (*state.objects.tree(&head)).clone();
    let old = tree.get(path.as_str()).map(|old| blob_sha(old));
    match (old, call.text("sha")) {
        (Some(_), None) => {
            return Err(unprocessable(
                "Invalid request.\n\n\"sha\" wasn't supplied.",
                "Content",
                "sha",
                "missing_field",
            ));
        }
        (Some(old), Some(sha)) if old != sha => return Err(Answer::error(409, format!("{path} does not match {sha}"))),
        (None, Some(sha)) => return Err(Answer::error(409, format!("{path} does not match {sha}"))),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let created = !tree.contains_key(path.as_str());
    tree.insert(path.as_str().into(), text.as_str().into());
    let actor = call.actor(state);
    let sha = state.commit_on(repo, &branch, tree, &message, &actor);
    let commit = state.objects.get(&sha).ok_or_else(not_found)?;
    let mut shown = state.commit_json(repo, &commit)["commit"].clone();
    shown["sha"] = sha.into();
    let content = file_json(state, repo, &path, &text, &branch);
    Ok(Answer::json(if created { 201 } else { 200 }, json!({"content": content, "commit": shown})))
}
