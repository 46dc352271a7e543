//! The plan of a base, what a change would collide with before it is written, and the wish to compare with GitHub.

use axum::Json;
use http::StatusCode;

use super::asked::{At, BasePath, RepoPath, Said};
use super::problems::{BodyProblems, Problems, Unchanged};
use crate::domain::govern::{Foreseen, PlanView, Preflight};
use crate::web::problem::Problem;
use crate::web::stored::Seen;

/// Gives the plan of one base branch: the order with reasons, the waves, collisions, dependencies, hot files.
#[utoipa::path(get, path = "/api/v1/repos/{owner}/{repo}/plan/{*base}", operation_id = "getPlan", tag = "plan",
    params(BasePath), responses(
    (status = 200, description = "The plan; empty where no unit is open on that base.", body = ref("#/components/schemas/PlanView")),
    Unchanged, Problems,
))]
pub(super) async fn plan(Seen(units): Seen, At(path): At<BasePath>) -> Result<Json<PlanView>, Problem> {
    Ok(Json(units.plan(&path.full_name(), &path.base).await?))
}

/// Tells what a change would collide with among the open units, before it is written.
///
/// Send the base branch and either a unified diff against it, or the paths that would change. With paths alone, files in common are all
/// that can be said.
#[utoipa::path(post, path = "/api/v1/repos/{owner}/{repo}/preflight", operation_id = "preflight", tag = "plan",
    params(RepoPath), request_body(content = ref("#/components/schemas/Preflight"), content_type = "application/json"),
    responses(
    (status = 200, description = "What it would collide with; empty lists where nothing stands in its way.",
        body = ref("#/components/schemas/Foreseen")),
    Problems, BodyProblems,
))]
pub(super) async fn preflight(
    Seen(units): Seen,
    At(path): At<RepoPath>,
    Said(ask): Said<Preflight>,
) -> Result<Json<Foreseen>, Problem> {
    ask.check().map_err(|wrong| Problem::new(StatusCode::BAD_REQUEST, wrong.to_string()))?;
    Ok(Json(units.preflight(&path.full_name(), &ask).await?))
}

/// Asks for the repository to be compared with GitHub. It is done in its turn, not before the answer.
#[utoipa::path(post, path = "/api/v1/repos/{owner}/{repo}/reconcile", operation_id = "reconcile", tag = "plan",
    params(RepoPath), responses(
    (status = 202, description = "It is kept, and will be done. No body."),
    Problems,
))]
pub(super) async fn reconcile(Seen(units): Seen, At(path): At<RepoPath>) -> Result<StatusCode, Problem> {
    units.reconcile(&path.full_name()).await?;
    Ok(StatusCode::ACCEPTED)
}
