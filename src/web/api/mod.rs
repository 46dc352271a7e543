//! The JSON API (DESIGN, section 12): what the pages show, for programs and agents. Errors are problem details (RFC 9457).
//!
//! Every route is registered together with its description: the router and the `OpenAPI` document come from one list, [`described`].
//! Answers to `GET` carry an entity tag and are not sent again to who has them.

mod asked;
mod document;
mod etag;
mod flows;
mod plans;
mod policies;
mod problems;
mod units;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::stored::StoredUnits;

/// The routes under `/api/v1`.
pub(super) fn routes() -> Router<Arc<StoredUnits>> {
    let (router, _) = described().split_for_parts();
    router.layer(from_fn(etag::tagged))
}

/// Each route with its description.
fn described() -> OpenApiRouter<Arc<StoredUnits>> {
    OpenApiRouter::new()
        .routes(routes!(document::openapi))
        .routes(routes!(units::repositories))
        .routes(routes!(units::list))
        .routes(routes!(units::one))
        .routes(routes!(units::trace))
        .routes(routes!(policies::of_unit))
        .routes(routes!(policies::in_force))
        .routes(routes!(flows::flow))
        .routes(routes!(plans::plan))
        .routes(routes!(plans::preflight))
        .routes(routes!(plans::reconcile))
}
