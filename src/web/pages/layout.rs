//! The frame of every page, and its style.

use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;
use maud::{DOCTYPE, Markup, html};

use crate::domain::unit::Standing;

/// The whole page around its content.
pub(in crate::web) fn page(title: &str, path: &[(&str, String)], content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Flyball" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                header {
                    nav aria-label="Where you are" {
                        a href="/" { "Flyball" }
                        @for (name, href) in path { " / " a href=(href) { (name) } }
                    }
                }
                main { (content) }
            }
        }
    }
}

/// A standing as a coloured word.
pub(super) fn standing(standing: Standing) -> Markup {
    html! { span class={ "standing " (standing.code()) } { (standing.words()) } }
}

/// The style sheet.
pub(in crate::web) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css"))
}
