//! The App and its installations.

use serde_json::{Value, json};

use super::{node_id, time};
use crate::sim::state::State;
use crate::sim::state::people::{AccountKind, Installation, owner_of};

impl State {
    /// An `integration`: an App as others see it. Null for an unknown id.
    pub(crate) fn app_json(&self, id: u64) -> Value {
        let Some(app) = self.apps.get(&id) else { return Value::Null };
        let own = id == self.config.app.id;
        json!({
            "id": app.id,
            "slug": app.slug,
            "node_id": node_id("A", app.id),
            "client_id": if own { self.config.app.client_id.clone() } else { format!("Iv23app{}", app.id) },
            "owner": self.user_json(&owner_of(&app.slug)),
            "name": app.slug,
            "description": "",
            "external_url": self.url,
            "html_url": format!("{}/apps/{}", self.url, app.slug),
            "created_at": time(app.created_at),
            "updated_at": time(app.created_at),
            "permissions": if own { json!(self.config.app.permissions) } else { json!({"checks": "write"}) },
            "events": if own { json!(self.config.app.events) } else { json!([]) },
        })
    }

    /// An `installation`.
    pub(crate) fn installation_json(&self, installation: &Installation) -> Value {
        let own = format!("{}/app/installations/{}", self.url, installation.id);
        let account = self.user(&installation.account);
        let kind = account.map_or(AccountKind::User, |account| account.kind);
        json!({
            "id": installation.id,
            "account": self.user_json(&installation.account),
            "access_tokens_url": format!("{own}/access_tokens"),
            "repositories_url": format!("{}/installation/repositories", self.url),
            "html_url": format!("{}/settings/installations/{}", self.url, installation.id),
            "app_id": self.config.app.id,
            "client_id": self.config.app.client_id,
            "app_slug": self.config.app.slug,
            "target_id": account.map_or(0, |account| account.id),
            "target_type": kind.as_str(),
            "permissions": installation.permissions,
            "events": self.config.app.events,
            "created_at": time(installation.created_at),
            "updated_at": time(installation.created_at),
            "single_file_name": null,
            "has_multiple_single_files": false,
            "single_file_paths": [],
            "repository_selection": "selected",
            "suspended_at": installation.suspended.map(time),
            "suspended_by": installation.suspended.map(|_| self.user_json(&installation.account)),
        })
    }
}
