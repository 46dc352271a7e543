//! The frame of every page, its style, its script and its icon.

use axum::response::IntoResponse;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use maud::{DOCTYPE, Markup, html};

use crate::domain::ids::Timestamp;
use crate::domain::unit::Standing;
use crate::present::ages::{age, moment};

/// What may be kept by a browser for a while; all else is asked for each time.
const KEPT: &str = "private, max-age=300";

/// Where a page hears that it is out of date.
pub(in crate::web) struct Live {
    /// The path of the events.
    pub(super) path: String,
    /// The digest of what the page rests on.
    pub(super) seen: String,
}

/// A page that stands alone: no way to others, no script.
pub(in crate::web) fn page(title: &str, path: &[(&str, String)], content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (head(title))
                link rel="stylesheet" href="/style.css";
            }
            body {
                header { (trail(path)) }
                main { (content) }
            }
        }
    }
}

/// A page among others; with `live` it renews itself.
pub(in crate::web) fn full(title: &str, path: &[(&str, String)], live: Option<&Live>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (head(title))
                link rel="stylesheet" href="/style.css";
                @if let Some(live) = live {
                    link rel="alternate" type="text/event-stream" href=(live.path) title=(live.seen);
                    script src="/live.js" defer {}
                }
            }
            body {
                a.skip href="#content" { "To the content" }
                header {
                    (trail(path))
                    nav aria-label="More" { a href="/reasons" { "Reason codes" } a href="/doctor" { "Doctor" } a href="/login" { "Account" } }
                }
                main #content tabindex="-1" { (content) }
                footer { p #live role="status" {} }
            }
        }
    }
}

fn head(title: &str) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        link rel="icon" type="image/svg+xml" href="/icon.svg";
        title { (title) " · Flyball" }
    }
}

fn trail(path: &[(&str, String)]) -> Markup {
    html! {
        nav.trail aria-label="Where you are" {
            a href="/" { "Flyball" }
            @for (name, href) in path { span aria-hidden="true" { "/" } a href=(href) { (name) } }
        }
    }
}

/// The way to a repository, and to a unit of it.
pub(super) fn way(full_name: &str) -> (&str, String) {
    (full_name, format!("/{full_name}"))
}

/// A standing as a coloured word with a sign of its own.
pub(super) fn standing(standing: Standing) -> Markup {
    html! { span.standing.(standing.code()) { (sign(standing)) " " (standing.words()) } }
}

/// A sign for a standing, for those who do not tell colours apart.
pub(super) const fn sign(standing: Standing) -> &'static str {
    match standing {
        Standing::Draft => "○",
        Standing::Gathering => "◔",
        Standing::Blocked => "✕",
        Standing::AwaitingJudgment => "?",
        Standing::Cleared => "✓",
        Standing::Landing => "↓",
        Standing::Landed => "●",
        Standing::Withdrawn => "–",
        Standing::RolledBack => "↩",
    }
}

/// How long ago something was; the moment itself is its title.
pub(super) fn since(at: Timestamp, now: Timestamp) -> Markup {
    html! { span title=(moment(at)) { (age(at, now)) } }
}

/// A moment.
pub(super) fn at(at: Timestamp) -> Markup {
    html! { time datetime=(format!("{at:.0}")) { (moment(at)) } }
}

/// The style sheet.
pub(in crate::web) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, KEPT)], include_str!("style.css"))
}

/// The script.
pub(super) async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, KEPT)], include_str!("live.js"))
}

/// The icon.
pub(in crate::web) async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, KEPT)], include_str!("icon.svg"))
}
