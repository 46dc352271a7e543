//! Accounts.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::node_id;
use crate::sim::state::State;
use crate::sim::state::people::{AccountKind, User};

impl State {
    /// A `simple-user`; null for a login nobody has.
    pub(crate) fn user_json(&self, login: &str) -> Value {
        self.user(login).map_or(Value::Null, |user| self.account_json(user))
    }

    fn account_json(&self, user: &User) -> Value {
        let login = utf8_percent_encode(&user.login, NON_ALPHANUMERIC).to_string().replace("%2D", "-");
        let api = format!("{}/users/{login}", self.url);
        let home = match user.login.strip_suffix("[bot]") {
            Some(slug) => format!("{}/apps/{slug}", self.url),
            None => format!("{}/{login}", self.url),
        };
        json!({
            "login": user.login,
            "id": user.id,
            "node_id": node_id(if user.kind == AccountKind::Organization { "O" } else { "U" }, user.id),
            "avatar_url": format!("{}/avatars/{}", self.url, user.id),
            "gravatar_id": "",
            "url": api,
            "html_url": home,
            "followers_url": format!("{api}/followers"),
            "following_url": format!("{api}/following{{/other_user}}"),
            "gists_url": format!("{api}/gists{{/gist_id}}"),
            "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"),
            "subscriptions_url": format!("{api}/subscriptions"),
            "organizations_url": format!("{api}/orgs"),
            "repos_url": format!("{api}/repos"),
            "events_url": format!("{api}/events{{/privacy}}"),
            "received_events_url": format!("{api}/received_events"),
            "type": user.kind.as_str(),
            "site_admin": false,
        })
    }

    /// An `organization-simple` as webhooks carry it, for repositories that an organisation owns.
    pub(crate) fn organization_json(&self, login: &str) -> Option<Value> {
        let user = self.user(login).filter(|user| user.kind == AccountKind::Organization)?;
        let api = format!("{}/orgs/{}", self.url, user.login);
        Some(json!({
            "login": user.login,
            "id": user.id,
            "node_id": node_id("O", user.id),
            "url": api,
            "repos_url": format!("{api}/repos"),
            "events_url": format!("{api}/events"),
            "hooks_url": format!("{api}/hooks"),
            "issues_url": format!("{api}/issues"),
            "members_url": format!("{api}/members{{/member}}"),
            "public_members_url": format!("{api}/public_members{{/member}}"),
            "avatar_url": format!("{}/avatars/{}", self.url, user.id),
            "description": "",
        }))
    }

    /// `author_association`, which is no authorisation (FACTS K4).
    pub(crate) fn association(&self, repo: u64, login: &str) -> &'static str {
        use crate::sim::state::people::Role;
        if self.repo(repo).owner.eq_ignore_ascii_case(login) {
            return "OWNER";
        }
        match self.repo(repo).roles.get(&login.to_lowercase()) {
            Some(role) if *role >= Role::Write => "COLLABORATOR",
            _ => "NONE",
        }
    }
}
