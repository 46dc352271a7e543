//! Pages: repositories, one repository, its flow, one unit, its past, lessons, reason codes. Server-rendered, useful without JavaScript; with a few
//! lines of it they renew themselves when something changes. docs/PAGES.md says what is where.

mod charts;
mod decide;
mod deciding;
mod drawing;
mod filters;
mod flow;
mod front;
pub(super) mod layout;
mod lessons;
mod live;
mod past;
pub(super) mod prose;
mod reasons;
mod repo;
mod rows;
mod rules;
mod unit;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::flow::FlowQuery;
use super::overview::Told;
use super::problem::Problem;
use super::stored::{ReadError, Seen, StoredUnits};
use crate::domain::ids::PrNumber;
use crate::present::past::entries;

type OfUnit = Result<Path<(String, String, u64)>, PathRejection>;

/// The routes of the pages. No owner on GitHub begins with a hyphen, so that `/-/` is free for what is no repository.
pub(super) fn routes() -> Router<Arc<StoredUnits>> {
    Router::new()
        .route("/", get(all))
        .route("/reasons", get(reasons::page))
        .route("/style.css", get(layout::style))
        .route("/live.js", get(layout::script))
        .route("/icon.svg", get(layout::icon))
        .route("/-/live", get(live::front))
        .route("/-/live/{owner}/{repo}", get(live::repository))
        .route("/{owner}/{repo}", get(repository))
        .route("/{owner}/{repo}/flow", get(measured))
        .route("/{owner}/{repo}/lessons", get(taught))
        .route("/{owner}/{repo}/{number}", get(unit_page))
        .route("/{owner}/{repo}/{number}/decide", post(decide::take))
        .route("/{owner}/{repo}/{number}/then", get(then))
}

/// A problem as a page.
struct Trouble(Problem);

impl<T: Into<Problem>> From<T> for Trouble {
    fn from(problem: T) -> Self {
        Self(problem.into())
    }
}

/// A problem as a page, for whoever stands before the pages.
pub(super) fn as_page(problem: Problem) -> Response {
    Trouble(problem).into_response()
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (title, detail) = self.0.words();
        let content = html! { h1 { (title) } p { (prose::prose(detail)) "." } p { a href="/" { "All repositories" } } };
        let mut response = (self.0.status(), layout::full(title, &[], None, &content)).into_response();
        let asked = self.0.into_response();
        if let Some(wait) = asked.headers().get(http::header::RETRY_AFTER) {
            response.headers_mut().insert(http::header::RETRY_AFTER, wait.clone());
        }
        response
    }
}

async fn all(Seen(units): Seen) -> Result<Markup, Trouble> {
    let front = units.front().await?;
    Ok(front::page(&front))
}

async fn repository(
    Seen(units): Seen,
    Path((owner, name)): Path<(String, String)>,
    query: Result<Query<filters::Asked>, QueryRejection>,
) -> Result<Markup, Trouble> {
    let Query(asked) = query?;
    let full_name = format!("{owner}/{name}");
    let (seen, overview) = units.overview(&full_name).await?;
    Ok(repo::page(&overview, &asked, &seen))
}

async fn taught(Seen(units): Seen, Path((owner, name)): Path<(String, String)>) -> Result<Markup, Trouble> {
    Ok(lessons::page(&units.lessons(&format!("{owner}/{name}")).await?))
}

/// What a unit's page may be asked for besides.
#[derive(Debug, Default, Deserialize)]
struct Besides {
    /// Names what the person said here last.
    said: Option<String>,
}

async fn measured(
    Seen(units): Seen,
    Path((owner, name)): Path<(String, String)>,
    query: Result<Query<FlowQuery>, QueryRejection>,
) -> Result<Markup, Trouble> {
    let Query(asked) = query?;
    let flow = units.flow(&format!("{owner}/{name}"), &asked).await?;
    Ok(flow::page(&flow, &asked))
}

async fn unit_page(
    Seen(units): Seen,
    path: OfUnit,
    query: Result<Query<Besides>, QueryRejection>,
) -> Result<Markup, Trouble> {
    let (full_name, number) = named(path)?;
    let Query(besides) = query?;
    let seen = units.digest(&full_name).await?;
    let Told { brief, evaluation, trace, known, now } = units.told(&full_name, number).await?;
    let (on_github, trace) = (units.on_github(&brief), entries(&trace));
    let said = decide::answered(&units.viewer, &trace, besides.said.as_deref());
    let deciding = deciding::Deciding::of(&units.viewer, said);
    let shown = unit::Shown { brief, evaluation, trace, on_github, known, now, deciding };
    Ok(unit::page(&shown, &seen))
}

async fn then(
    Seen(units): Seen,
    path: OfUnit,
    query: Result<Query<past::Between>, QueryRejection>,
) -> Result<Markup, Trouble> {
    let Query(between) = query?;
    let (full_name, number) = named(path)?;
    let told = units.told(&full_name, number).await?;
    past::page(&told, &between).ok_or_else(|| ReadError::Unknown("that entry of the trace".to_owned()).into())
}

fn named(path: OfUnit) -> Result<(String, PrNumber), Trouble> {
    let Path((owner, name, number)) = path?;
    Ok((format!("{owner}/{name}"), PrNumber(number)))
}
