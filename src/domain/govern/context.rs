//! What a judgment needs besides the state: who we are, the policy in force, and words for people.

use std::fmt;

use super::owed::{CheckDoc, Conclusion};
use super::plan_view::PlanView;
use crate::domain::policy::Policy;
use crate::domain::unit::Brief;

/// Who we are on GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppIdentity {
    /// The App's numeric id.
    pub app_id: u64,
    /// The login of its bot user, `slug[bot]`.
    pub bot_login: String,
}

/// What a judgment needs besides the state.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who we are on GitHub.
    pub app: AppIdentity,
    /// The policy in force.
    pub policy: Policy,
    /// How documents for people are worded.
    pub words: &'static dyn Words,
    /// Where our own pages are reached, without a trailing slash; no links without it.
    pub pages_url: Option<String>,
    /// The first wait before a failed call is tried again (`FLYBALL_RETRY_BASE`), in milliseconds; it doubles.
    pub retry_base_ms: u64,
}

/// Words for people, made from briefs and nothing else. A port, so that the domain need not know how it is worded.
pub trait Words: fmt::Debug + Sync {
    /// The check run on a head that these open units share.
    fn check(
        &self,
        briefs: &[Brief],
        external_id: &str,
        conclusion: Option<Conclusion>,
        pages_url: Option<&str>,
    ) -> CheckDoc;
    /// The sticky comment.
    fn sticky(&self, brief: &Brief, pages_url: Option<&str>) -> String;
    /// What a person would want to be told again when it changes; the sticky comment is written anew when this differs.
    fn gist(&self, brief: &Brief) -> String;
    /// The answer to `/why`. `id` names what was said; the text ends with a hidden marker that holds it.
    fn why(&self, brief: &Brief, pages_url: Option<&str>, id: &str) -> String;
    /// The answer to `/plan`.
    fn plan(&self, brief: &Brief, plan: &PlanView, id: &str) -> String;
    /// The answer to `/help`.
    fn help(&self, id: &str) -> String;
    /// One line that says why a command was not obeyed.
    fn refusal(&self, command: &str, sentence: &str, id: &str) -> String;
}
