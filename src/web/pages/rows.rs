//! Lists of units: what is open, with whom it waits for, and what landed.

use maud::{Markup, html};

use super::filters::Asked;
use super::layout;
use super::prose::Names;
use crate::domain::unit::Brief;
use crate::present::text::plain;
use crate::web::overview::Overview;

/// How many open units stand on one page of the list.
const PAGE: usize = 40;
/// The longest title and the longest reason in a list, in characters.
const TITLE: usize = 90;
const REASON: usize = 160;

/// The open units that the filter lets through, those that wait longest for people first.
pub(super) fn open(overview: &Overview, asked: &Asked, names: &Names) -> Markup {
    let filter = asked.filter();
    let found: Vec<&Brief> = overview.waiting().into_iter().filter(|brief| filter.lets(brief)).collect();
    let pages = found.len().div_ceil(PAGE);
    let page = asked.page().min(pages.saturating_sub(1));
    let shown = found.iter().skip(page * PAGE).take(PAGE);
    html! {
        @if found.is_empty() {
            p { @if filter.is_empty() { "Nothing is open." } @else { "Nothing matches. " a href="?" { "Show all" } } }
        } @else {
            table.units {
                thead { tr { th scope="col" { "Unit" } th scope="col" { "Standing" } th scope="col" { "Waits for" } th scope="col" { "For" } } }
                tbody { @for brief in shown { (row(overview, brief, names)) } }
            }
            @if pages > 1 { (turn(asked, page, pages)) }
        }
    }
}

fn row(overview: &Overview, brief: &Brief, names: &Names) -> Markup {
    html! {
        tr {
            td { a href={ "/" (overview.full_name) "/" (brief.number) } { "#" (brief.number) } " " (plain(&brief.title, TITLE)) }
            td { (layout::standing(brief.standing)) }
            td {
                @if let Some(next) = &brief.next_move { b { (next.who) } ": " (names.say(&next.what)) }
                @for reason in brief.reasons.iter().take(2) { div.soft { (names.say(&plain(&reason.text, REASON))) } }
            }
            td { @if let Some(next) = &brief.next_move { (layout::since(next.since, overview.now)) } }
        }
    }
}

fn turn(asked: &Asked, page: usize, pages: usize) -> Markup {
    html! {
        nav.turn aria-label="Pages of the list" {
            @if page > 0 { a href=(asked.at_page(page - 1)) rel="prev" { "Earlier" } }
            span { "Page " (page + 1) " of " (pages) }
            @if page + 1 < pages { a href=(asked.at_page(page + 1)) rel="next" { "Later" } }
        }
    }
}

/// What landed lately, newest first.
pub(super) fn landed(overview: &Overview) -> Markup {
    html! {
        @if overview.landed.is_empty() { p.soft { "Nothing yet." } } @else {
            table.units {
                thead { tr { th scope="col" { "Unit" } th scope="col" { "Standing" } th scope="col" { "As" } th scope="col" { "When" } } }
                tbody { @for brief in &overview.landed { tr {
                    td { a href={ "/" (overview.full_name) "/" (brief.number) } { "#" (brief.number) } " " (plain(&brief.title, TITLE)) }
                    td { (layout::standing(brief.standing)) }
                    td { @if let Some(sha) = &brief.landed_as { code { (sha.short()) } " on " code { (brief.base) } } }
                    td { (layout::since(brief.since, overview.now)) }
                } } }
            }
        }
    }
}
