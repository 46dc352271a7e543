//! What is served over HTTP: the front door, health, metrics; pages and JSON API behind their own guard.
//!
//! [`router`] is the table of contents. It decides nothing and renders nothing of its own.

mod api;
mod counted;
mod doctor;
mod flow;
mod flow_counts;
mod guard;
mod health;
mod limits;
mod login;
pub mod metrics;
mod missed;
mod overview;
mod pages;
pub mod problem;
mod serve;
pub mod setup;
mod stored;
mod switch;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{any, get};

pub use counted::Counted;
pub use login::{Gate, Login, LoginSettings, Viewer};
pub use metrics::Metrics;
pub use missed::MissedCounts;
pub use serve::{Ending, Limits, serve};
pub use stored::{ReadError, StoredUnits};
pub use switch::Switch;

use crate::doctor::Kept;
use crate::mcp;
use crate::store::Store;
use crate::webhook::{self, FrontDoor, Now};

/// What the routes work with. Clones share everything.
#[derive(Clone)]
pub struct AppState {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What takes the deliveries.
    pub door: FrontDoor,
    /// What is counted; other rooms add theirs before the server starts.
    pub metrics: Metrics,
    /// Where the time comes from.
    pub now: Now,
    /// Whether what was taken is also worked: false once the worker has ended.
    pub working: Working,
}

/// Says whether the worker runs.
pub type Working = Arc<dyn Fn() -> bool + Send + Sync>;

/// The pages, the JSON API, and the tools for agents, which ask the JSON API.
pub fn routes(units: Arc<StoredUnits>, doctor: Arc<Kept>) -> Router {
    let api = api::routes().with_state(Arc::clone(&units));
    let tools = mcp::routes(api.clone());
    // Else the pages would take it for the unit of a repository `api/v1`.
    let nothing = Router::new().route("/api/v1/{*rest}", any(problem::not_found));
    pages::routes()
        .with_state(Arc::clone(&units))
        .merge(api)
        .merge(nothing)
        .merge(doctor::routes(doctor, units))
        .merge(tools)
}

/// The whole server without pages: see [`router_behind`].
pub fn router(state: AppState) -> Router {
    router_with(state, Router::new())
}

/// The whole server without a login: see [`router_behind`].
pub fn router_with(state: AppState, pages: Router) -> Router {
    router_behind(state, pages, &Gate::this_machine())
}

/// The whole server. `pages` (pages, JSON API, tools) stand behind the gate, as does everything unknown; the front door, health,
/// metrics and the closed set-up are reached from outside.
///
/// Serve it with [`serve()`], which tells each request its caller's address: without that, and without a login, the pages refuse
/// everybody.
pub fn router_behind(state: AppState, pages: Router, gate: &Gate) -> Router {
    state.metrics.register(|registry| state.door.counters().register(registry));
    let guarded = pages.merge(login::routes(gate)).fallback(problem::not_found);
    // Before the gate: which methods a path takes is no business of strangers either.
    let guarded = guarded.method_not_allowed_fallback(problem::method_not_allowed);
    let guarded = guarded.layer(from_fn_with_state(gate.clone(), login::pass));
    let limited = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::scrape))
        .with_state(state.clone())
        .merge(setup::closed())
        .merge(guarded)
        .layer(from_fn(limits::answer_in_time));
    // The front door keeps its own time: reading 25 MB takes longer than a page may.
    webhook::routes(state.door)
        .merge(limited)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(map_response(limits::secure))
}
