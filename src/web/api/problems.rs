//! What every route may answer besides what was asked for, as the document describes it.

use std::collections::BTreeMap;

use http::StatusCode;
use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use crate::web::problem::Problem;
use crate::web::stored::ReadError;

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unknown(what) => Self::new(StatusCode::NOT_FOUND, format!("{what} is not known here")),
            ReadError::Question(wrong) => Self::new(StatusCode::BAD_REQUEST, wrong),
            ReadError::NotNow => Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).retry_after_seconds(10),
            ReadError::Store(error) => {
                tracing::error!(%error, "the store could not be read for the API");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "the store does not answer; try again")
                    .retry_after_seconds(5)
            }
        }
    }
}

/// What may go wrong with any route.
pub(super) struct Problems;

const ANY: [(&str, &str); 5] = [
    ("400", "The request cannot be understood; `detail` says what is expected."),
    ("401", "Nobody is signed in, and the request brings no token that GitHub takes."),
    ("403", "The caller may not see this."),
    ("404", "Nothing of that name is known here."),
    ("503", "The store does not answer, or not in time. `Retry-After` says when to try again."),
];

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        ANY.into_iter().map(|(status, about)| (status.to_owned(), problem(about))).collect()
    }
}

/// What may be wrong with a body.
pub(super) struct BodyProblems;

impl IntoResponses for BodyProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let wrong =
            [("413", "The body is larger than 2 MiB."), ("415", "The body is not declared as `application/json`.")];
        wrong.into_iter().map(|(status, about)| (status.to_owned(), problem(about))).collect()
    }
}

/// What who has it already is answered.
pub(super) struct Unchanged;

impl IntoResponses for Unchanged {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let about = "What `If-None-Match` names is still so. No body.";
        BTreeMap::from([("304".to_owned(), ResponseBuilder::new().description(about).build().into())])
    }
}

fn problem(about: &str) -> RefOr<Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(about).content("application/problem+json", content).build().into()
}
