//! One request as handlers see it.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

use super::{Answer, not_found, unprocessable};
use crate::sim::state::State;
use crate::sim::state::repo::Repo;

/// Who a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Nobody,
    App,
    Installation(u64),
    /// A person, by their numeric id.
    User(u64),
}

/// A request, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) template: &'static str,
    pub(crate) path: String,
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
    pub(crate) body: Value,
    pub(crate) caller: Caller,
}

impl Call {
    /// A part of the path, by its name in the template.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A number in the path; what is no number names nothing.
    pub(crate) fn number(&self, name: &str) -> Result<u64, Answer> {
        self.param(name).parse().map_err(|_| not_found())
    }

    /// A value of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// A text of the body.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// A text that the body must have.
    pub(crate) fn needed(&self, resource: &str, name: &str) -> Result<&str, Answer> {
        self.text(name).ok_or_else(|| unprocessable("", resource, name, "missing_field"))
    }

    /// The texts of a list in the body.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let list = self.body.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(Into::into).collect()
    }

    /// The repository that the path names; 404 unless the caller's installation covers it or it is public.
    pub(crate) fn repo<'s>(&self, state: &'s State) -> Result<&'s Repo, Answer> {
        let repo = state.repo_named(self.param("owner"), self.param("repo")).ok_or_else(not_found)?;
        let covered = match self.caller {
            Caller::Installation(id) => {
                let narrowed = self.token().and_then(|token| state.tokens.get(token)?.repos.as_ref());
                let whole = state.installations.get(&id).map(|installation| &installation.repos);
                narrowed.or(whole).is_some_and(|repos| repos.contains(&repo.id))
            }
            Caller::App | Caller::Nobody => true,
            Caller::User(_) => false,
        };
        let reading = self.method == Method::GET && !repo.private;
        if covered || reading { Ok(repo) } else { Err(not_found()) }
    }

    fn token(&self) -> Option<&str> {
        let header = self.headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
        header.split_once(' ').map(|(_, token)| token.trim())
    }

    /// The id of that repository.
    pub(crate) fn repo_id(&self, state: &State) -> Result<u64, Answer> {
        self.repo(state).map(|repo| repo.id)
    }

    /// Who acts: calls by installation tokens are the App's bot.
    pub(crate) fn actor(&self, state: &State) -> String {
        state.bot()
    }

    /// Cuts a list to the page asked for and links to its neighbours (FACTS R7).
    pub(crate) fn page(&self, state: &State, items: Vec<Value>, wrapped: Option<&str>) -> Answer {
        let number = |name, default: usize| self.query(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let (size, page) = (number("per_page", 30).clamp(1, 100), number("page", 1).max(1));
        let total = items.len();
        let last = total.div_ceil(size).max(1);
        let shown: Vec<Value> = items.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
        let body = match wrapped {
            None => Value::Array(shown),
            Some(name) => serde_json::json!({"total_count": total, name: shown}),
        };
        let link = |page: usize, rel: &str| {
            let mut query = self.query.clone();
            query.insert("page".into(), page.to_string());
            let query = serde_urlencoded::to_string(&query).unwrap_or_default();
            format!("<{}{}?{query}>; rel=\"{rel}\"", state.url, self.path)
        };
        let mut links = Vec::new();
        if page > 1 {
            links.extend([link(page - 1, "prev"), link(1, "first")]);
        }
        if page < last {
            links.extend([link(page + 1, "next"), link(last, "last")]);
        }
        let answer = Answer::json(200, body);
        if links.is_empty() { answer } else { answer.header("Link", links.join(", ")) }
    }
}
