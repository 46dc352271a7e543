//! Repositories, their units, and a unit's trace.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use super::asked::{Ask, At, ListQuery, RepoPath, UnitPath, Which};
use super::problems::{Problems, Unchanged};
use crate::present::unit_view::{Repositories, Repository, UnitPage, UnitView};
use crate::web::problem::Problem;
use crate::web::stored::Seen;

/// How many units a page of the list holds.
const PAGE: usize = 100;

/// Lists the repositories that are known here.
#[utoipa::path(get, path = "/api/v1/repos", operation_id = "listRepositories", tag = "units", responses(
    (status = 200, description = "The repositories, by name.", body = ref("#/components/schemas/Repositories")),
    Unchanged, Problems,
))]
pub(super) async fn repositories(Seen(units): Seen) -> Result<Json<Repositories>, Problem> {
    let known = units.repositories().await?.into_iter();
    let mut repositories: Vec<Repository> =
        known.map(|known| Repository { full_name: known.full_name, since: known.since }).collect();
    repositories.sort_by(|a, b| a.full_name.cmp(&b.full_name));
    Ok(Json(Repositories { repositories }))
}

/// Lists the units of a repository, by number, a hundred a page. `next` leads to the next page.
#[utoipa::path(get, path = "/api/v1/repos/{owner}/{repo}/units", operation_id = "listUnits", tag = "units",
    params(RepoPath, ListQuery), responses(
    (status = 200, description = "A page of units.", body = ref("#/components/schemas/UnitPage")),
    Unchanged, Problems,
))]
pub(super) async fn list(
    Seen(units): Seen,
    At(path): At<RepoPath>,
    Ask(query): Ask<ListQuery>,
) -> Result<Json<UnitPage>, Problem> {
    let full_name = path.full_name();
    let all = query.state != Some(Which::Open);
    let after = query.after.unwrap_or(0);
    let briefs = units.briefs(&full_name, all).await?;
    let mut page: Vec<UnitView> =
        briefs.iter().filter(|brief| brief.number.0 > after).take(PAGE + 1).map(UnitView::from).collect();
    let more = page.len() > PAGE;
    page.truncate(PAGE);
    let state = match query.state {
        None => "",
        Some(Which::Open) => "&state=open",
        Some(Which::All) => "&state=all",
    };
    let last = page.last().filter(|_| more).map(|unit| unit.number);
    let next = last.map(|last| format!("/api/v1/repos/{full_name}/units?after={last}{state}"));
    Ok(Json(UnitPage { units: page, next }))
}

/// Tells where one unit stands: standing, reasons, suggestion, next move, and the answers to the eight questions.
#[utoipa::path(get, path = "/api/v1/repos/{owner}/{repo}/units/{number}", operation_id = "getUnit", tag = "units",
    params(UnitPath), responses(
    (status = 200, description = "The unit.", body = ref("#/components/schemas/Unit")),
    Unchanged, Problems,
))]
pub(super) async fn one(Seen(units): Seen, At(path): At<UnitPath>) -> Result<Json<UnitView>, Problem> {
    let brief = units.brief(&path.full_name(), path.number()).await?;
    Ok(Json(UnitView::from(&brief)))
}

/// Gives the trace of one unit, oldest first: JSON lines, each bound to the one before by its hash.
///
/// `hash` is the SHA-256 of the entry without `hash` in the form of RFC 8785; the first `prev` is 64 zeros.
#[utoipa::path(get, path = "/api/v1/repos/{owner}/{repo}/units/{number}/trace", operation_id = "getTrace", tag = "units",
    params(UnitPath), responses(
    (status = 200, description = "One entry a line.", content_type = "application/x-ndjson",
        body = ref("#/components/schemas/LinkedEntry")),
    Unchanged, Problems,
))]
pub(super) async fn trace(Seen(units): Seen, At(path): At<UnitPath>) -> Result<Response, Problem> {
    let mut lines = units.trace(&path.full_name(), path.number()).await?.join("\n");
    lines.push('\n');
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], lines).into_response())
}
