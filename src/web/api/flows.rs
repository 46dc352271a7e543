//! How work flows through a repository.

use axum::Json;

use super::asked::{Ask, At, RepoPath};
use super::problems::{Problems, Unchanged};
use crate::domain::flow::FlowView;
use crate::web::flow::FlowQuery;
use crate::web::problem::Problem;
use crate::web::stored::Seen;

/// Measures the flow of a repository over a window: what was asked of people and given, what units waited for, what was redone or taken
/// back. `docs/MEASURES.md` defines each number.
///
/// `parts` has some of it for each part of the window; their sum is the window's.
#[utoipa::path(get, path = "/api/v1/repos/{owner}/{repo}/flow", operation_id = "getFlow", tag = "flow",
    params(RepoPath, FlowQuery), responses(
    (status = 200, description = "The measures; zero where nothing happened.", body = ref("#/components/schemas/FlowView")),
    Unchanged, Problems,
))]
pub(super) async fn flow(
    Seen(units): Seen,
    At(path): At<RepoPath>,
    Ask(query): Ask<FlowQuery>,
) -> Result<Json<FlowView>, Problem> {
    Ok(Json(units.flow(&path.full_name(), &query).await?))
}
