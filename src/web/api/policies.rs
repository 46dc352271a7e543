//! The policy in force, and what it says about a unit.

use axum::Json;
use schemars::JsonSchema;
use serde::Serialize;

use super::asked::{At, RepoPath, UnitPath};
use super::problems::{Problems, Unchanged};
use crate::domain::ids::Timestamp;
use crate::domain::policy::facts::UnitFacts;
use crate::domain::policy::record::AutonomySuggestion;
use crate::domain::policy::{Evaluation, PATH};
use crate::web::problem::Problem;
use crate::web::stored::Seen;

/// What the policy says about one unit, and of which facts.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Judged {
    /// The whole tree: rules, predicates, what was seen, verdicts.
    evaluation: Evaluation,
    /// The facts it was made from: what `flyball policy explain` takes.
    facts: UnitFacts,
}

/// The policy in force.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PolicyInForce {
    /// The path of the file, or `defaults`.
    source: &'static str,
    /// The blob that holds it.
    blob: Option<String>,
    /// What it says.
    text: Option<String>,
    /// When the branch was last looked at.
    read_at: Option<Timestamp>,
    /// What keeps the version on the branch from being in force.
    broken: Option<String>,
    /// What the record of the rules suggests.
    suggestions: Vec<AutonomySuggestion>,
}

/// Tells what the policy says about one unit: the whole tree, with the facts it was made from.
#[utoipa::path(get, path = "/api/v1/repos/{owner}/{repo}/units/{number}/policy", operation_id = "getUnitPolicy",
    tag = "policy", params(UnitPath), responses(
    (status = 200, description = "The tree and the facts.", body = ref("#/components/schemas/Judged")),
    Unchanged, Problems,
))]
pub(super) async fn of_unit(Seen(units): Seen, At(path): At<UnitPath>) -> Result<Json<Judged>, Problem> {
    let (evaluation, facts) = units.judged(&path.full_name(), path.number()).await?;
    Ok(Json(Judged { evaluation, facts }))
}

/// Gives the policy in force, what keeps the version on the branch from being it, and what its record suggests.
#[utoipa::path(get, path = "/api/v1/repos/{owner}/{repo}/policy", operation_id = "getPolicy", tag = "policy",
    params(RepoPath), responses(
    (status = 200, description = "The policy.", body = ref("#/components/schemas/PolicyInForce")),
    Unchanged, Problems,
))]
pub(super) async fn in_force(Seen(units): Seen, At(path): At<RepoPath>) -> Result<Json<PolicyInForce>, Problem> {
    let state = units.state(&path.full_name()).await?;
    let kept = state.policy_kept();
    let file = kept.and_then(|kept| kept.in_force.as_ref()).and_then(|seen| seen.file.as_ref());
    Ok(Json(PolicyInForce {
        source: file.map_or("defaults", |_| PATH),
        blob: file.map(|(blob, _)| blob.to_string()),
        text: file.map(|(_, text)| text.to_string()),
        read_at: kept.map(|kept| kept.at),
        broken: kept.and_then(|kept| kept.broken.clone()),
        suggestions: state.repo().records.suggestions(),
    }))
}
