//! Draws a plan's picture as SVG: every box a link, every line with its words.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::layout;
use crate::domain::govern::PlanView;
use crate::domain::ids::PrNumber;
use crate::domain::unit::Brief;
use crate::present::mover::Filter;
use crate::present::picture::{Drawn, Line, LineKind, NAMED, Picture, Thing};
use crate::present::text::plain;
use crate::web::overview::{Overview, Planned};

/// The longest title in a box, and the longest path, in characters.
const TITLE: usize = 20;
const PATH: usize = 26;
/// Members of a hot place in a row, and how far they stand apart.
const IN_A_ROW: usize = 4;
const APART: f64 = 46.0;
const ROW: f64 = 20.0;
/// How far a line between two boxes of one column bows out.
const BOW: f64 = 34.0;

/// A unit as a small link.
pub(super) fn chip(overview: &Overview, number: PrNumber, filter: &Filter) -> Markup {
    let brief = overview.brief(number);
    let title = brief.map(|brief| format!("{}: {}", brief.standing.words(), brief.title));
    html! {
        a.chip.dim[is_dim(brief, filter)] href={ "/" (overview.full_name) "/" (number) } title=[title] {
            @if let Some(brief) = brief { span class=(brief.standing.code()) { (layout::sign(brief.standing)) } } "#" (number)
        }
    }
}

/// A unit that the filter does not let through stands back.
fn is_dim(brief: Option<&Brief>, filter: &Filter) -> bool {
    !filter.is_empty() && !brief.is_some_and(|brief| filter.lets(brief))
}

/// The picture with its legend. `index` tells several on one page apart.
pub(super) fn figure(overview: &Overview, planned: &Planned, filter: &Filter, index: usize) -> Markup {
    let Planned { plan, picture } = planned;
    let arrow = format!("arrow-{index}");
    let tip = format!("url(#{arrow})");
    let (width, height) = (format!("{:.0}", picture.width), format!("{:.0}", picture.height));
    let kinds = |kind: LineKind| picture.lines.iter().any(|line| line.kind == kind);
    html! {
        figure.plan {
            div.scroll id={ "plan-" (index) } tabindex="0" role="region" aria-label={ "Picture of the plan for " (plan.base) } {
                svg width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } role="group" aria-label={ "Plan for " (plan.base) ", first to land on the left" } {
                    defs { marker id=(arrow) viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto" { path.tip d="M0 0 8 4 0 8z" {} } }
                    @for column in &picture.columns { text.head x=(format!("{:.0}", column.x)) y="18" { (column.name) } }
                    // What is needed is the first of them: it is drawn over the others.
                    @for line in picture.lines.iter().rev() { (line_of(line, &tip)) }
                    @for drawn in &picture.boxes { (box_of(overview, plan, picture, drawn, filter)) }
                }
            }
            figcaption.soft {
                @if kinds(LineKind::Needs) { span { svg.key width="34" height="10" aria-hidden="true" { path.needs d="M0 5H32" marker-end=(tip) {} } " lands first, is needed" } }
                @if kinds(LineKind::Collides) { span { svg.key width="34" height="10" aria-hidden="true" { path.collides d="M0 5H32" {} } " collide" } }
                @if kinds(LineKind::Member) { span { svg.key width="34" height="10" aria-hidden="true" { path.member d="M0 5H32" {} } " changes the hot place" } }
            }
        }
    }
}

fn line_of(line: &Line, tip: &str) -> Markup {
    let class = match line.kind {
        LineKind::Needs => "needs",
        LineKind::Collides => "collides",
        LineKind::Member => "member",
    };
    let tip = (line.kind == LineKind::Needs).then_some(tip);
    html! { path class=(class) d=(run(&line.points)) marker-end=[tip] { title { (line.words) } } }
}

/// A smooth way through the points, level at each of them.
fn run(points: &[(f64, f64)]) -> String {
    let mut way = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        // Writing to a String cannot fail.
        let _written = match at.checked_sub(1).map(|before| points[before]) {
            None => write!(way, "M{x:.0} {y:.0}"),
            // Level, or within one column.
            Some((_, from_y)) if format!("{from_y:.0}") == format!("{y:.0}") => write!(way, "H{x:.0}"),
            Some((from_x, from_y)) if format!("{from_x:.0}") == format!("{x:.0}") => {
                write!(way, "C{0:.0} {from_y:.0} {0:.0} {y:.0} {x:.0} {y:.0}", x + BOW)
            }
            Some((from_x, from_y)) => {
                let middle = f64::midpoint(from_x, *x);
                write!(way, "C{middle:.0} {from_y:.0} {middle:.0} {y:.0} {x:.0} {y:.0}")
            }
        };
    }
    way
}

fn box_of(overview: &Overview, plan: &PlanView, picture: &Picture, drawn: &Drawn, filter: &Filter) -> Markup {
    let (left, top) = (drawn.x - drawn.width / 2.0, drawn.y - drawn.height / 2.0);
    let frame = html! {
        rect x=(format!("{left:.0}")) y=(format!("{top:.0}")) width=(format!("{:.0}", drawn.width)) height=(format!("{:.0}", drawn.height)) {}
    };
    let (text_x, text_y) = (format!("{:.0}", left + 9.0), format!("{:.0}", top + 18.5));
    match &drawn.what {
        Thing::Elsewhere(name) => html! { g.outside { (frame) text x=(text_x) y=(text_y) { (plain(name, PATH)) } } },
        Thing::Place { group, inside } => place(overview, plan, (*group, inside), (left, top), &frame),
        Thing::Unit(number) => {
            let brief = overview.brief(*number);
            let title = brief.map_or("", |brief| brief.title.as_str());
            let standing = brief.map(|brief| brief.standing);
            let words = format!("#{number} {title}, {}", standing.map_or("", |standing| standing.words()));
            html! {
                a.unit.(standing.map_or("", |standing| standing.code())).dim[is_dim(brief, filter)] href={ "/" (overview.full_name) "/" (number) } {
                    title { (words) }
                    (frame)
                    text x=(text_x) y=(text_y) {
                        @if let Some(standing) = standing { (layout::sign(standing)) " " }
                        "#" (number)
                        @if picture.titled { " " tspan.soft { (plain(title, TITLE)) } }
                    }
                }
            }
        }
    }
}

fn place(
    overview: &Overview,
    plan: &PlanView,
    (group, inside): (usize, &[PrNumber]),
    (left, top): (f64, f64),
    frame: &Markup,
) -> Markup {
    let Some(hot) = plan.groups.get(group) else { return html! {} };
    let chars = hot.path.chars().count();
    // The end of a path says more than its beginning.
    let tail: String = hot.path.chars().skip(chars.saturating_sub(PATH - 1)).collect();
    let name = if chars > PATH { format!("…{tail}") } else { hot.path.clone() };
    let x = |at: usize| format!("{:.0}", left + 9.0 + APART * small(at % IN_A_ROW));
    let y = |at: usize| format!("{:.0}", top + 38.5 + ROW * (1.0 + small(at / IN_A_ROW)));
    let named = inside.len().min(NAMED);
    html! {
        g.place {
            (frame)
            text.sign x=(x(0)) y=(format!("{:.0}", top + 18.5)) { title { (hot.path) } (name) }
            text.soft x=(x(0)) y=(format!("{:.0}", top + 38.5)) { (hot.members.len()) " units, " (hot.kind) }
            @for (at, number) in inside.iter().take(named).enumerate() {
                a href={ "/" (overview.full_name) "/" (number) } { text x=(x(at)) y=(y(at)) { "#" (number) } }
            }
            @if inside.len() > named { text.soft x=(x(0)) y=(y(named)) { "and " (inside.len() - named) " more" } }
        }
    }
}

/// A count of rows or columns, which are few.
fn small(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
