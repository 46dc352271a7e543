//! What a judgment needs besides the state: who we are, the policy in force, and words for people.

use std::fmt;

use super::owed::queue::GroupView;
use super::owed::{CheckDoc, Conclusion};
use super::views::plan_view::PlanView;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::policy::Policy;
use crate::domain::policy::file::{Lesson, Rule};
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
    /// Where GitHub shows pull requests (`FLYBALL_GITHUB_WEB_URL`), without a trailing slash.
    pub web_url: String,
    /// Whether a mirror can merge two pull requests for real (`FLYBALL_MIRROR`).
    pub mirrors: bool,
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
    /// The check run on a group of GitHub's merge queue.
    fn group(&self, group: &GroupView, external_id: &str) -> CheckDoc;
    /// Title and summary of the neutral run on the default branch, which shows the check to those who set up protection.
    fn introduction(&self) -> (String, String);
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
    /// What a pull request says that writes a lesson into the policy: what it would ask, drawn from which unit, at whose word.
    fn lesson(&self, lesson: &Lesson, unit: &str, by: &str) -> String;
    /// What a pull request says that retires a lesson.
    fn forgotten(&self, name: &str, unit: &str, by: &str) -> String;
    /// What a pull request says that adds a rule which a record suggests.
    fn widened(&self, rule: &Rule, why: &str) -> String;
    /// One mention for a long wait: `whom` are handles, `what` is what they can do.
    fn mention(&self, whom: &[String], brief: &Brief, what: &str, since: Timestamp, id: &str) -> String;
    /// One line for people on a unit, which names these others.
    fn note(&self, sentence: &str, about: &[PrNumber], id: &str) -> String;
    /// What a pull request says that takes `unit` back (`owner/repo#n`).
    fn revert(&self, unit: &str, why: &str, by: &str) -> String;
    /// One line that says why a command was not obeyed.
    fn refusal(&self, command: &str, sentence: &str, id: &str) -> String;
}
