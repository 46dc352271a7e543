//! What protects a branch: classic protection and rulesets apply together, the strictest wins (FACTS G8).

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Failed, Reader};
use crate::domain::govern::{BaseRules, MergeMethod, RequiredCheck};
use crate::github::GitHubError;
use crate::github::path::{repo, segment};
use crate::github::session::Keep;

/// One active rule of any ruleset.
#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(default)]
    required_status_checks: Vec<RulesetCheck>,
    #[serde(default)]
    allowed_merge_methods: Option<Vec<String>>,
    #[serde(default)]
    merge_method: Option<String>,
}

#[derive(Deserialize)]
struct RulesetCheck {
    context: String,
    #[serde(default)]
    integration_id: Option<u64>,
}

/// Classic protection, and the part of it that a branch shows.
#[derive(Deserialize)]
struct Protection {
    #[serde(default)]
    required_status_checks: Option<Checks>,
}

#[derive(Deserialize, Default)]
struct Checks {
    #[serde(default)]
    checks: Vec<ClassicCheck>,
    #[serde(default)]
    contexts: Vec<String>,
}

#[derive(Deserialize)]
struct ClassicCheck {
    context: String,
    /// -1 and null: any App.
    #[serde(default)]
    app_id: Option<i64>,
}

#[derive(Deserialize)]
struct Branch {
    #[serde(default)]
    protected: bool,
    #[serde(default)]
    protection: Option<Protection>,
}

/// Classic protection as far as it may be seen.
#[derive(Default)]
struct Classic {
    protected: bool,
    checks: Checks,
    unread: Option<String>,
}

impl Reader<'_> {
    pub(super) async fn rules(&self, branch: &str) -> Result<BaseRules, Failed> {
        let (rulesets, classic) = futures::join!(self.rulesets(branch), self.classic(branch));
        let (rulesets, ruleset_gap) = rulesets?;
        let classic = classic?;
        let gaps: Vec<String> = ruleset_gap.into_iter().chain(classic.unread).collect();
        let mut required = classic.checks.required();
        for check in
            rulesets.iter().filter_map(|rule| rule.of("required_status_checks")).flat_map(|p| &p.required_status_checks)
        {
            required.insert(RequiredCheck { context: check.context.clone(), app: check.integration_id });
        }
        let merge_queue = rulesets.iter().any(|rule| rule.kind == "merge_queue");
        Ok(BaseRules {
            protected: classic.protected || !rulesets.is_empty(),
            required: strictest(required),
            merge_queue,
            methods: allowed(&rulesets),
            unread: (!gaps.is_empty()).then(|| gaps.join("; ")),
        })
    }

    /// Whether GitHub's own merge queue guards a branch; false where that cannot be read.
    pub(super) async fn has_queue(&self, branch: &str) -> bool {
        self.rulesets(branch).await.is_ok_and(|(rules, _)| rules.iter().any(|rule| rule.kind == "merge_queue"))
    }

    /// All active rules of all levels, and what could not be read.
    async fn rulesets(&self, branch: &str) -> Result<(Vec<Rule>, Option<String>), Failed> {
        let path = repo(self.at, &format!("/rules/branches/{}", segment(branch)));
        match self.session.pages(&path, Keep::ByEtag).await {
            Ok(rules) => Ok((rules, None)),
            Err(GitHubError::Refused { message, .. }) if is_plan(&message) => Ok((Vec::new(), None)),
            Err(GitHubError::Refused { status: status @ (403 | 404), message }) => {
                Ok((Vec::new(), Some(format!("rulesets of `{branch}` could not be read ({status}: {message})"))))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn classic(&self, branch: &str) -> Result<Classic, Failed> {
        let place = repo(self.at, &format!("/branches/{}", segment(branch)));
        let (status, message) = match self.session.get(&format!("{place}/protection"), Keep::ByEtag).await {
            Ok(reply) => {
                let protection: Protection = reply.read()?;
                let checks = protection.required_status_checks.unwrap_or_default();
                return Ok(Classic { protected: true, checks, unread: None });
            }
            Err(GitHubError::Refused { status: status @ (403 | 404), message }) => (status, message),
            Err(error) => return Err(error.into()),
        };
        if is_plan(&message) || message.starts_with("Branch not") {
            return Ok(Classic::default());
        }
        // Without `administration: read` the branch itself still shows whether it is protected, and its required checks.
        let unread = Some(format!("classic protection of `{branch}` could not be read whole ({status}: {message})"));
        match self.session.get(&place, Keep::ByEtag).await {
            Ok(reply) => {
                let branch: Branch = reply.read()?;
                let checks =
                    branch.protection.and_then(|protection| protection.required_status_checks).unwrap_or_default();
                Ok(Classic { protected: branch.protected, checks, unread })
            }
            Err(GitHubError::Refused { .. }) => Ok(Classic { unread, ..Classic::default() }),
            Err(error) => Err(error.into()),
        }
    }
}

/// Plans without branch protection answer 403 "Upgrade to GitHub Pro ...": then nothing protects.
fn is_plan(message: &str) -> bool {
    message.starts_with("Upgrade to GitHub")
}

impl Rule {
    fn of(&self, kind: &str) -> Option<&Parameters> {
        self.parameters.as_ref().filter(|_| self.kind == kind)
    }
}

impl Checks {
    fn required(self) -> BTreeSet<RequiredCheck> {
        let bare = self.contexts.into_iter().map(|context| RequiredCheck { context, app: None });
        let bound = self.checks.into_iter().map(|check| {
            let app = check.app_id.and_then(|id| u64::try_from(id).ok());
            RequiredCheck { context: check.context, app }
        });
        bare.chain(bound).collect()
    }
}

/// A check that is required from one App satisfies the same requirement without one.
fn strictest(required: BTreeSet<RequiredCheck>) -> Vec<RequiredCheck> {
    let bound: BTreeSet<String> = required.iter().filter(|c| c.app.is_some()).map(|c| c.context.clone()).collect();
    required.into_iter().filter(|check| check.app.is_some() || !bound.contains(&check.context)).collect()
}

/// The methods that every rule allows; empty where none says anything.
fn allowed(rules: &[Rule]) -> Vec<MergeMethod> {
    let mut common: Option<Vec<MergeMethod>> = None;
    for rule in rules {
        let named = match (rule.of("pull_request"), rule.of("merge_queue")) {
            (Some(parameters), _) => parameters.allowed_merge_methods.clone(),
            (_, Some(parameters)) => parameters.merge_method.clone().map(|method| vec![method]),
            _ => None,
        };
        let Some(named) = named else { continue };
        let methods: Vec<MergeMethod> = named.iter().filter_map(|name| method(name)).collect();
        common = Some(match common {
            None => methods,
            Some(known) => known.into_iter().filter(|one| methods.contains(one)).collect(),
        });
    }
    common.unwrap_or_default()
}

fn method(name: &str) -> Option<MergeMethod> {
    match name.to_ascii_lowercase().as_str() {
        "squash" => Some(MergeMethod::Squash),
        "merge" => Some(MergeMethod::Merge),
        "rebase" => Some(MergeMethod::Rebase),
        _ => None,
    }
}
