//! One repository: what waits for whom, the plan, what landed.

use maud::{Markup, html};

use super::layout;
use super::prose::prose;
use crate::domain::govern::PlanView;
use crate::domain::unit::{Brief, Standing};

/// Whether a unit is still to land.
pub(super) const fn is_open(brief: &Brief) -> bool {
    !matches!(brief.standing, Standing::Landed | Standing::Withdrawn | Standing::RolledBack)
}

/// The page.
pub(super) fn page(full_name: &str, briefs: &[Brief], plans: &[PlanView]) -> Markup {
    let (open, ended): (Vec<&Brief>, Vec<&Brief>) = briefs.iter().partition(|brief| is_open(brief));
    let content = html! {
        h1 { (full_name) }
        h2 { "Open" }
        (table(full_name, &open))
        @for plan in plans { (plan_of(full_name, plan)) }
        h2 { "Ended" }
        (table(full_name, &ended))
    };
    layout::page(full_name, &[(full_name, format!("/{full_name}"))], &content)
}

fn table(full_name: &str, briefs: &[&Brief]) -> Markup {
    html! {
        @if briefs.is_empty() { p.soft { "Nothing." } } @else {
            div.scroll { table {
                thead { tr { th { "Unit" } th { "Standing" } th { "Why" } th { "Next move" } } }
                tbody { @for brief in briefs {
                    tr {
                        td { a href={ "/" (full_name) "/" (brief.number) } { "#" (brief.number) } " " (brief.title) }
                        td { (layout::standing(brief.standing)) }
                        td { @for reason in &brief.reasons { div { (prose(&reason.text)) } } }
                        td { @if let Some(next) = &brief.next_move { (next.who) ": " (next.what) } }
                    }
                } }
            } }
        }
    }
}

fn plan_of(full_name: &str, plan: &PlanView) -> Markup {
    html! {
        h2 { "Plan for " code { (plan.base) } }
        @for (index, wave) in plan.waves.iter().enumerate() {
            div.wave {
                span { "Wave " (index + 1) }
                @for number in wave { a.chip href={ "/" (full_name) "/" (number) } { "#" (number) } }
            }
        }
        div.scroll { table {
            thead { tr { th { "Unit" } th { "Why it stands there" } } }
            tbody { @for position in &plan.order { tr { td { "#" (position.number) } td { (position.reason) } } } }
        } }
        @if !plan.collisions.is_empty() {
            h2 { "Collisions" }
            ul { @for collision in &plan.collisions {
                li { "#" (collision.a) " and #" (collision.b) " (" (collision.kind) "): " (collision.why) }
            } }
        }
    }
}
