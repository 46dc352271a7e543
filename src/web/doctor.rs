//! `/doctor`: what `flyball doctor` says, as a page.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use axum::routing::get;
use maud::{Markup, PreEscaped, html};

use super::pages::{layout, prose};
use super::problem::Problem;
use super::stored::{Seen, StoredUnits};
use crate::doctor::{Check, Kept, Latest, Report, Verdict};

/// A page may take a little; then it comes again by itself.
const PATIENCE: Duration = Duration::from_secs(8);

/// The route. It stands behind the same gate as the other pages.
pub(super) fn routes(kept: Arc<Kept>, units: Arc<StoredUnits>) -> Router {
    Router::new().route("/doctor", get(page)).layer(Extension(kept)).with_state(units)
}

/// The report without what is about repositories and accounts that the viewer may not see.
async fn seen_by(units: &StoredUnits, report: &Report) -> Result<Report, Problem> {
    let visible = units.repositories().await?;
    let names = visible.iter().flat_map(|known| {
        let owner = known.full_name.split('/').next().unwrap_or_default();
        [known.full_name.as_str(), owner]
    });
    let names: BTreeSet<String> = names.map(str::to_lowercase).collect();
    let about_all = |check: &Check| {
        check.about.is_none() || check.name == "store" || check.name.starts_with("redis") || units.viewer.is_machine()
    };
    let seen = |check: &&Check| {
        about_all(check) || check.about.as_ref().is_some_and(|about| names.contains(&about.to_lowercase()))
    };
    Ok(Report { checks: report.checks.iter().filter(seen).cloned().collect(), ..report.clone() })
}

async fn page(Extension(kept): Extension<Arc<Kept>>, Seen(units): Seen) -> Result<Markup, Problem> {
    let content = match kept.latest(PATIENCE).await {
        Latest::Report(report) => shown(&seen_by(&units, &report).await?),
        Latest::UnderWay => html! {
            // Browsers take it in the body as well; without it somebody would have to reload by hand.
            (PreEscaped(r#"<meta http-equiv="refresh" content="3">"#))
            h1 { "Doctor" }
            p { "GitHub is being asked. This page comes again by itself." }
        },
    };
    Ok(layout::full("Doctor", &[("Doctor", "/doctor".to_owned())], None, &content))
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
