//! What is asked: paths, queries and bodies. What cannot be understood is a problem that says what is expected.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::PrNumber;
use crate::web::problem::Problem;

/// What the path names.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub(super) struct At<T>(pub(super) T);

/// What the query asks for.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub(super) struct Ask<T>(pub(super) T);

/// What the body says, as JSON.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub(super) struct Said<T>(pub(super) T);

/// A repository.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct RepoPath {
    /// The account that owns the repository.
    #[param(example = "acme")]
    owner: String,
    /// Its name.
    #[param(example = "shop")]
    repo: String,
}

impl RepoPath {
    /// `owner/repo`.
    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.repo)
    }
}

/// A unit.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct UnitPath {
    /// The account that owns the repository.
    #[param(example = "acme")]
    owner: String,
    /// Its name.
    #[param(example = "shop")]
    repo: String,
    /// The number of the pull request.
    #[param(example = 1)]
    number: u64,
}

impl UnitPath {
    /// `owner/repo`.
    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.repo)
    }

    /// Which pull request.
    pub(super) const fn number(&self) -> PrNumber {
        PrNumber(self.number)
    }
}

/// A base branch.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct BasePath {
    /// The account that owns the repository.
    #[param(example = "acme")]
    owner: String,
    /// Its name.
    #[param(example = "shop")]
    repo: String,
    /// The base branch; slashes in it may stand as they are.
    #[param(example = "main")]
    pub(super) base: String,
}

impl BasePath {
    /// `owner/repo`.
    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.repo)
    }
}

/// Which units of a repository.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only units with a greater number: where the page before ended.
    pub(super) after: Option<u64>,
    /// Open units only, or all of them, which is the default.
    #[param(inline)]
    pub(super) state: Option<Which>,
}

/// Which units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Which {
    /// Those that are open.
    Open,
    /// Closed ones too.
    All,
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "the path cannot be read: owner, repository and the number of a pull request are expected, in UTF-8",
        )
    }
}

impl From<QueryRejection> for Problem {
    fn from(_: QueryRejection) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "a value after `?` cannot be read: numbers are expected for pages and entries, `open` or `all` for `state`",
        )
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let status = match rejection.status() {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        Self::new(status, format!("send `base` and either `diff` or `paths` as JSON: {}", rejection.body_text()))
    }
}
