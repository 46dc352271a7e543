//! Comments and reactions.

use serde_json::{Value, json};

use super::Refused;
use crate::sim::state::State;
use crate::sim::state::pull::{Comment, Reaction};

/// GitHub's limit on a comment's length, in characters (FACTS K2).
const MOST_CHARACTERS: usize = 65_536;

fn check_length(body: &str) -> Result<(), Refused> {
    if body.trim().is_empty() {
        return Err((422, "Body cannot be blank".into()));
    }
    if body.chars().count() > MOST_CHARACTERS {
        return Err((422, format!("Body is too long (maximum is {MOST_CHARACTERS} characters)")));
    }
    Ok(())
}

impl State {
    /// Writes a comment under a pull request.
    pub(crate) fn comment(&mut self, repo: u64, number: u64, by: &str, body: &str) -> Result<u64, Refused> {
        check_length(body)?;
        if self.repo(repo).pulls[&number].locked && !self.may_write(repo, by) {
            return Err((403, "Unable to create comment because issue is locked.".into()));
        }
        let (id, now) = (self.next_id(), self.now());
        self.ensure_user(by);
        let comment = Comment {
            id,
            issue: number,
            user: by.into(),
            body: body.into(),
            created_at: now,
            updated_at: now,
            reactions: Vec::new(),
            minimized: None,
        };
        self.repo_mut(repo).comments.insert(id, comment);
        self.pull_mut(repo, number).comments.push(id);
        self.touch(repo, number);
        self.emit_comment(repo, id, "created", json!({}), by);
        Ok(id)
    }

    /// Changes a comment's text.
    pub(crate) fn edit_comment(&mut self, repo: u64, id: u64, body: &str, by: &str) -> Result<(), Refused> {
        check_length(body)?;
        let now = self.now();
        let comment = self.repo_mut(repo).comments.get_mut(&id).ok_or((404, "Not Found".to_owned()))?;
        let from = std::mem::replace(&mut comment.body, body.into());
        comment.updated_at = now;
        self.emit_comment(repo, id, "edited", json!({"changes": {"body": {"from": from}}}), by);
        Ok(())
    }

    /// Deletes a comment; `false` if there is none.
    pub(crate) fn delete_comment(&mut self, repo: u64, id: u64, by: &str) -> bool {
        if !self.repo(repo).comments.contains_key(&id) {
            return false;
        }
        self.emit_comment(repo, id, "deleted", json!({}), by);
        if let Some(comment) = self.repo_mut(repo).comments.remove(&id) {
            self.pull_mut(repo, comment.issue).comments.retain(|other| *other != id);
        }
        true
    }

    fn emit_comment(&mut self, repo: u64, id: u64, action: &str, extra: Value, by: &str) {
        let held = self.repo(repo);
        let comment = &held.comments[&id];
        let issue = self.issue_json(repo, &held.pulls[&comment.issue]);
        let mut about = json!({"issue": issue, "comment": self.comment_json(repo, comment)});
        if let (Some(about), Value::Object(extra)) = (about.as_object_mut(), extra) {
            about.extend(extra);
        }
        self.emit(repo, "issue_comment", Some(action), about, by);
    }

    /// Reacts to a comment; whether it is new. GitHub sends no event for it.
    pub(crate) fn react(&mut self, repo: u64, comment: u64, by: &str, content: &str) -> Option<(Reaction, bool)> {
        let (id, at) = (self.next_id(), self.now());
        let reactions = &mut self.repo_mut(repo).comments.get_mut(&comment)?.reactions;
        if let Some(known) = reactions.iter().find(|r| r.user == by && r.content == content) {
            return Some((known.clone(), false));
        }
        let reaction = Reaction { id, user: by.into(), content: content.into(), at };
        reactions.push(reaction.clone());
        Some((reaction, true))
    }
}
