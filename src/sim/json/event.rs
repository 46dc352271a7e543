//! The envelope of every webhook: the action, what it is about, where, and who.

use serde_json::{Map, Value, json};

use super::node_id;
use crate::sim::state::State;

impl State {
    /// Queues one event about a repository for the App's hook, if the App is installed there and listens to it.
    pub(crate) fn emit(&mut self, repo: u64, event: &str, action: Option<&str>, about: Value, sender: &str) {
        let Some(installation) = self.installation_of(repo).filter(|i| i.suspended.is_none()).map(|i| i.id) else {
            return;
        };
        let mut body = Map::new();
        if let Some(action) = action {
            body.insert("action".into(), action.into());
        }
        if let Value::Object(about) = about {
            body.extend(about);
        }
        body.insert("repository".into(), self.repo_json(repo));
        if let Some(organization) = self.organization_json(&self.repo(repo).owner) {
            body.insert("organization".into(), organization);
        }
        body.insert("sender".into(), self.user_json(sender));
        body.insert("installation".into(), json!({"id": installation, "node_id": node_id("IN", installation)}));
        self.queue_event(event, action, &body.into(), Some(installation), Some(repo));
    }

    /// Queues one event about an installation itself.
    pub(crate) fn emit_installation(&mut self, id: u64, event: &str, action: &str, about: Value, sender: &str) {
        let Some(installation) = self.installations.get(&id) else { return };
        let mut body = Map::new();
        body.insert("action".into(), action.into());
        body.insert("installation".into(), self.installation_json(installation));
        if let Value::Object(about) = about {
            body.extend(about);
        }
        body.insert("sender".into(), self.user_json(sender));
        self.queue_event(event, Some(action), &body.into(), Some(id), None);
    }

    fn queue_event(
        &mut self,
        event: &str,
        action: Option<&str>,
        body: &Value,
        installation: Option<u64>,
        repo: Option<u64>,
    ) {
        const UNASKED: [&str; 6] = [
            "installation",
            "installation_repositories",
            "github_app_authorization",
            "check_run",
            "check_suite",
            "ping",
        ];
        let events = &self.config.app.events;
        if !events.is_empty() && !UNASKED.contains(&event) && !events.iter().any(|known| known == event) {
            return;
        }
        let id = self.next_id();
        let now = self.now();
        self.hooks.queue(id, event, action, body, installation, repo, now);
    }

    /// Queues the `ping` that a new hook gets.
    pub(crate) fn emit_ping(&mut self) {
        let hook = json!({
            "type": "App", "id": 1, "name": "web", "active": true, "events": self.config.app.events, "app_id": self.config.app.id,
            "config": {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": self.hooks.url},
        });
        let body = json!({"zen": "Keep it logically awesome.", "hook_id": 1, "hook": hook});
        self.queue_event("ping", None, &body, None, None);
    }
}
