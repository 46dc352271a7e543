//! The front page: what waits for people in all repositories, oldest first; and the repositories.

use maud::{Markup, html};

use super::layout::{self, Live};
use super::prose::prose;
use crate::domain::unit::Brief;
use crate::web::overview::{Front, Row};

/// The page.
pub(super) fn page(front: &Front) -> Markup {
    let content = html! {
        @if front.repositories.is_empty() {
            h1 { "Nothing is governed yet" }
            p { "Install the App on a repository and open a pull request: it appears here." }
        } @else {
            h1 { "Waiting for people" }
            (waiting(front))
            h2 { "Repositories" }
            (repositories(front))
        }
    };
    let live = Live { path: "/-/live".to_owned(), seen: front.digest() };
    layout::full("Waiting for people", &[], Some(&live), &content)
}

fn waiting(front: &Front) -> Markup {
    html! {
        @if front.waiting.is_empty() {
            p { "Nothing waits for anybody." }
        } @else {
            @if front.waiting_in_all > front.waiting.len() {
                p.soft { "The " (front.waiting.len()) " that wait longest, of " (front.waiting_in_all) "." }
            }
            ol.list { @for brief in &front.waiting { (item(front, brief)) } }
        }
    }
}

fn item(front: &Front, brief: &Brief) -> Markup {
    html! {
        @if let Some(next) = &brief.next_move {
            li {
                div.line {
                    a href={ "/" (brief.repo) "/" (brief.number) } { (brief.title) }
                    span.soft { (brief.repo) "#" (brief.number) }
                }
                div.line {
                    (layout::standing(brief.standing))
                    span { strong { (next.who) } ": " (prose(&next.what)) }
                    span.soft { "for " (layout::since(next.since, front.now)) }
                }
            }
        }
    }
}

fn repositories(front: &Front) -> Markup {
    let row = |row: &Row| {
        html! {
            tr {
                td { a href={ "/" (row.full_name) } { (row.full_name) } }
                td.number { (row.open) }
                td.number { (row.for_people) }
                td { @if let Some(oldest) = row.oldest { (layout::since(oldest, front.now)) } }
            }
        }
    };
    html! {
        table.compact {
            thead { tr { th scope="col" { "Repository" } th.number scope="col" { "Open" } th.number scope="col" { "Wait for people" } th scope="col" { "Longest" } } }
            tbody { @for repository in &front.repositories { (row(repository)) } }
        }
        @if front.beyond > 0 { p.soft { (front.beyond) " more repositories are governed and not looked into here." } }
    }
}
