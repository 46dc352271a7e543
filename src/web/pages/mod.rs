//! Simple pages: repositories, one repository, one unit. Server-rendered, useful without JavaScript.

pub(super) mod layout;
pub(super) mod prose;
mod repo;
mod repos;
mod unit;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::routing::get;
use maud::Markup;

use super::problem::Problem;
use super::stored::StoredUnits;
use crate::domain::ids::PrNumber;

type Units = State<Arc<StoredUnits>>;

/// The routes of the pages.
pub(super) fn routes() -> Router<Arc<StoredUnits>> {
    Router::new()
        .route("/", get(all))
        .route("/style.css", get(layout::style))
        .route("/{owner}/{repo}", get(repository))
        .route("/{owner}/{repo}/{number}", get(unit_page))
}

async fn all(State(units): Units) -> Result<Markup, Problem> {
    Ok(repos::page(&units.repositories().await?))
}

async fn repository(State(units): Units, Path((owner, name)): Path<(String, String)>) -> Result<Markup, Problem> {
    let full_name = format!("{owner}/{name}");
    let briefs = units.briefs(&full_name, true).await?;
    let mut bases: Vec<&str> =
        briefs.iter().filter(|brief| repo::is_open(brief)).map(|brief| brief.base.as_str()).collect();
    bases.sort_unstable();
    bases.dedup();
    let mut plans = Vec::new();
    for base in bases {
        plans.push(units.plan(&full_name, base).await?);
    }
    Ok(repo::page(&full_name, &briefs, &plans))
}

async fn unit_page(
    State(units): Units,
    path: Result<Path<(String, String, u64)>, PathRejection>,
) -> Result<Markup, Problem> {
    let Path((owner, name, number)) = path?;
    let full_name = format!("{owner}/{name}");
    let brief = units.brief(&full_name, PrNumber(number)).await?;
    let trace = units.trace(&full_name, PrNumber(number)).await?;
    let (evaluation, _) = units.judged(&full_name, PrNumber(number)).await?;
    Ok(unit::page(&full_name, &brief, &evaluation, &trace))
}
