//! One repository: what waits for whom and since when, the plan as a picture and in words, what landed.

use maud::{Markup, html};

use super::filters::{self, Asked};
use super::layout::{self, Live, way};
use super::prose::{Names, prose};
use super::{drawing, rows};
use crate::domain::govern::PlanView;
use crate::domain::ids::PrNumber;
use crate::present::picture::{LineKind, Picture};
use crate::web::overview::{Overview, Planned};

/// In words so many of each are told: whoever wants all of a long plan asks the API.
const LISTED: usize = 20;
/// So many units that are related to nothing are named, and so many of a wave.
const CHIPS: usize = 40;
const OF_A_WAVE: usize = 100;
/// So many waves are told.
const WAVES: usize = 60;

/// The page.
pub(super) fn page(overview: &Overview, asked: &Asked, seen: &str) -> Markup {
    let full_name = &overview.full_name;
    let known = overview.open.iter().chain(&overview.landed).map(|brief| brief.number);
    let names = Names::new(full_name, known);
    let content = html! {
        div.title {
            h1 { (full_name) }
            p { a href={ "/" (full_name) "/flow" } { "Flow" } " · " a href={ "/" (full_name) "/lessons" } { "Lessons" } }
        }
        @for (index, planned) in overview.plans.iter().enumerate() { (plan_of(overview, asked, &names, planned, index)) }
        h2 #open { "Open: who waits for whom" }
        (filters::links(asked, &overview.open))
        (rows::open(overview, asked, &names))
        h2 { "Landed" }
        (rows::landed(overview))
    };
    let live = Live { path: format!("/-/live/{full_name}"), seen: seen.to_owned() };
    layout::full(full_name, &[way(full_name)], Some(&live), &content)
}

fn plan_of(overview: &Overview, asked: &Asked, names: &Names, planned: &Planned, index: usize) -> Markup {
    let Planned { plan, picture: drawn } = planned;
    let filter = asked.filter();
    html! {
        section {
            h2 { "Plan for " code { (plan.base) } }
            p { (summary(plan, drawn)) }
            @if !drawn.boxes.is_empty() { (drawing::figure(overview, planned, &filter, index)) }
            @if drawn.left_out > 0 { p.soft { (drawn.left_out) " more are related, too; the picture shows the first in the order." } }
            @if drawn.hidden > 0 { p.soft { (drawn.hidden) " more lines are not drawn." } }
            @if !drawn.alone.is_empty() {
                p.chips {
                    span.soft { "Related to nothing: " }
                    @for number in drawn.alone.iter().take(CHIPS) { (drawing::chip(overview, *number, &filter)) }
                    @if drawn.alone.len() > CHIPS { span.soft { "and " (drawn.alone.len() - CHIPS) " more" } }
                }
            }
            details id={ "words-" (index) } {
                summary { "The plan in words" }
                (in_words(names, plan, drawn))
            }
        }
    }
}

fn summary(plan: &PlanView, drawn: &Picture) -> String {
    let count = |number: usize, one: &str, many: &str| match number {
        0 => format!("no {many}"),
        1 => format!("one {one}"),
        number => format!("{number} {many}"),
    };
    let groups = if plan.groups.is_empty() {
        String::new()
    } else {
        format!(", {}", count(plan.groups.len(), "hot place", "hot places"))
    };
    let free = match (drawn.alone.len(), plan.order.len()) {
        (0, _) => String::new(),
        (free, all) if free == all => " None is related to another: any may land first.".to_owned(),
        (free, _) => format!(" {free} of them {} related to nothing.", if free == 1 { "is" } else { "are" }),
    };
    let lines = |kind: LineKind| drawn.lines.iter().filter(|line| line.kind == kind).count();
    format!(
        "{} in {}: {}, {}{groups}.{free}",
        sentence(&count(plan.order.len(), "unit", "units")),
        count(plan.waves.len(), "wave", "waves"),
        count(lines(LineKind::Collides) + drawn.hidden, "pair that collides", "pairs that collide"),
        count(lines(LineKind::Needs), "dependency", "dependencies"),
    )
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn in_words(names: &Names, plan: &PlanView, drawn: &Picture) -> Markup {
    let list = |wave: &[PrNumber]| {
        let named = wave.iter().take(OF_A_WAVE).map(|number| format!("#{number}")).collect::<Vec<_>>().join(", ");
        let more = wave.len().saturating_sub(OF_A_WAVE);
        if more > 0 { format!("{named} and {more} more") } else { named }
    };
    html! {
        p { "Units of one wave may land in any order or at once, the waves one after the other." }
        ul.plain { @for (at, wave) in plan.waves.iter().enumerate().take(WAVES) { li { strong { "Wave " (at + 1) } ": " (list(wave)) } } }
        @if plan.waves.len() > WAVES { p.soft { "And " (plan.waves.len() - WAVES) " more waves." } }
        @let related = plan.order.iter().filter(|position| !drawn.alone.contains(&position.number)).take(LISTED);
        @let related: Vec<_> = related.collect();
        @if !related.is_empty() {
            h3 { "Why each stands where it stands" }
            ul.plain { @for position in related { li { (names.say(&format!("#{}", position.number))) ": " (prose(&position.reason)) } } }
        }
        @if !plan.dependencies.is_empty() {
            h3 { "Dependencies" }
            ul.plain { @for one in plan.dependencies.iter().take(LISTED) { li { (names.say(&format!("#{} needs {} ({})", one.unit, one.needs, one.why))) } } }
        }
        @if !plan.collisions.is_empty() {
            h3 { "Collisions" }
            ul.plain { @for one in plan.collisions.iter().take(LISTED) { li { (names.say(&format!("#{} and #{} ({}): {}", one.a, one.b, one.kind, one.why))) } } }
        }
        @if [plan.order.len() - drawn.alone.len(), plan.dependencies.len(), plan.collisions.len()].into_iter().any(|all| all > LISTED) {
            p.soft { "Of each the first " (LISTED) "; the API gives all, at " code { "plan/" (plan.base) } "." }
        }
        @if !plan.groups.is_empty() {
            h3 { "Hot places" }
            ul.plain { @for group in &plan.groups { li { code { (group.path) } " (" (group.kind) "): " (group.members.len()) " units" } } }
        }
    }
}
