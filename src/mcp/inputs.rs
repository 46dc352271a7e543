//! What each tool is asked with. The comments are what an agent reads in the tool's schema.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::govern::Preflight;

/// One pull request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitInput {
    /// The repository as owner/repo, as in acme/shop.
    pub(super) repository: String,
    /// The number of the pull request.
    pub(super) number: u64,
}

/// Whose next step.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepInput {
    /// The repository as owner/repo, as in acme/shop.
    pub(super) repository: String,
    /// The number of a pull request: its next step. Leave it out to see all open ones that concern `login`.
    #[serde(default)]
    pub(super) number: Option<u64>,
    /// The GitHub login on whose behalf you work. Leave it out where `number` is given and it does not matter whose move it is.
    #[serde(default)]
    pub(super) login: Option<String>,
}

/// A base branch.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanInput {
    /// The repository as owner/repo, as in acme/shop.
    pub(super) repository: String,
    /// The base branch, as in main.
    pub(super) base: String,
}

/// A change before it is written, or before it is pushed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreflightInput {
    /// The repository as owner/repo, as in acme/shop.
    pub(super) repository: String,
    /// The branch that the change is for, as in main.
    pub(super) base: String,
    /// A unified diff against that branch, as `git diff` writes it: the precise question. Give this or `paths`.
    #[serde(default)]
    pub(super) diff: Option<String>,
    /// Paths that would change, relative to the root of the repository: the question before anything is written. Give this or `diff`.
    #[serde(default)]
    pub(super) paths: Option<Vec<String>>,
}

impl PreflightInput {
    /// The question as the JSON API takes it.
    pub(super) fn into_question(self) -> Preflight {
        Preflight { base: self.base, diff: self.diff, paths: self.paths }
    }
}
