//! `/doctor`: what `flyball doctor` says, as a page.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use maud::{Markup, PreEscaped, html};

use super::pages::{layout, prose};
use crate::doctor::{Check, Kept, Latest, Report, Verdict};

/// A page may take a little; then it comes again by itself.
const PATIENCE: Duration = Duration::from_secs(8);

/// The route. It stands behind the same guard as the other pages.
pub(super) fn routes(kept: Arc<Kept>) -> Router {
    Router::new().route("/doctor", get(page)).with_state(kept)
}

async fn page(State(kept): State<Arc<Kept>>) -> Markup {
    let content = match kept.latest(PATIENCE).await {
        Latest::Report(report) => shown(&report),
        Latest::UnderWay => html! {
            // Browsers take it in the body as well; without it somebody would have to reload by hand.
            (PreEscaped(r#"<meta http-equiv="refresh" content="3">"#))
            h1 { "Doctor" }
            p { "GitHub is being asked. This page comes again by itself." }
        },
    };
    layout::full("Doctor", &[("Doctor", "/doctor".to_owned())], None, &content)
}

fn shown(report: &Report) -> Markup {
    let worst = [Verdict::Broken, Verdict::Warning, Verdict::Unknown];
    let to_do: Vec<&Check> =
        worst.iter().flat_map(|verdict| report.checks.iter().filter(move |check| check.verdict == *verdict)).collect();
    html! {
        h1 { "Doctor" }
        p { (report.summary()) "." }
        p.soft { "Seen at " (format!("{:.0}", report.at)) "; looked at again after a minute." }
        @if to_do.is_empty() { p.met { "Everything that was looked at is as it has to be." } }
        @for check in to_do { div.card {
            p { (verdict(check.verdict)) " " code { (check.name) } @if let Some(about) = &check.about { " of " strong { (about) } } }
            p { (prose::prose(&check.seen)) }
            @if let Some(next) = &check.next { p { strong { "Next: " } (prose::prose(next)) } }
        } }
        h2 { "In order" }
        ul { @for check in report.checks.iter().filter(|check| check.verdict == Verdict::Ok) {
            li { code { (check.name) } @if let Some(about) = &check.about { " of " (about) } ": " (prose::prose(&check.seen)) }
        } }
    }
}

fn verdict(verdict: Verdict) -> Markup {
    let class = match verdict {
        Verdict::Ok => "met",
        Verdict::Warning | Verdict::Unknown => "unknown",
        Verdict::Broken => "unmet",
    };
    html! { strong class=(class) { (verdict.words()) } }
}
