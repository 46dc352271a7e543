//! A unit's trace as a timeline, and what the system believed at two moments of it, side by side.

use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{self, way};
use super::prose::Names;
use crate::domain::unit::Brief;
use crate::present::past::{Belief, Difference, Entry, differences, entries, told};
use crate::web::overview::Told;

/// How many of the newest entries the timeline shows.
const NEWEST: usize = 100;

/// Which two moments.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Between {
    /// The number of the entry of the earlier one; the first if absent.
    from: Option<u64>,
    /// The number of the entry of the later one; the last if absent.
    to: Option<u64>,
}

/// The timeline, newest first.
pub(super) fn timeline(brief: &Brief, trace: &[Entry], names: &Names) -> Markup {
    let place = format!("/{}/{}/then", brief.repo, brief.number);
    let last = trace.last().map_or(0, |entry| entry.seq);
    html! {
        form.inline action=(place) method="get" {
            (choice("What was believed after entry", "from", 1, last))
            (choice("and after", "to", last, last))
            button { "Compare" }
        }
        @if trace.len() > NEWEST { p.soft { "The newest " (NEWEST) " of " (trace.len()) " entries; the API gives all." } }
        ol.timeline reversed { @for entry in trace.iter().rev().take(NEWEST) { (moment(&place, entry, names)) } }
        p.soft { "The chain ends in " code.hash { (brief.anchor) } ", which the check run carries, too." }
    }
}

fn choice(words: &str, name: &str, value: u64, last: u64) -> Markup {
    html! { label { (words) " " input type="number" name=(name) min="1" max=(last) value=(value) required; } }
}

fn moment(place: &str, entry: &Entry, names: &Names) -> Markup {
    html! {
        li value=(entry.seq) {
            div.line.soft { span { "Entry " (entry.seq) } (layout::at(entry.at)) a href={ (place) "?from=" (entry.seq) } { "from then to now" } }
            div { strong { (entry.actor) } " " (names.say(&told(entry))) }
        }
    }
}

/// The page of two moments; nothing where there is no such entry.
pub(super) fn page(told: &Told, between: &Between) -> Option<Markup> {
    let Told { brief, known, .. } = told;
    let trace = &entries(&told.trace);
    let (first, last) = (trace.first()?, trace.last()?);
    let (from, to) = (between.from.unwrap_or(first.seq), between.to.unwrap_or(last.seq));
    let (from, to) = (from.min(to), from.max(to));
    let find = |seq: u64| trace.iter().find(|entry| entry.seq == seq);
    let (earlier, later) = (find(from)?, find(to)?);
    let rows = differences(&Belief::after(trace, from), &Belief::after(trace, to));
    let names = Names::new(&brief.repo, known.iter().copied().filter(|number| *number != brief.number));
    let home = format!("/{}/{}", brief.repo, brief.number);
    let between = trace.iter().filter(|entry| entry.seq > from && entry.seq <= to).take(NEWEST);
    let between: Vec<&Entry> = between.collect();
    let name = format!("#{}", brief.number);
    let content = html! {
        h1 { "What was believed of " (name) ", and when" }
        p { a href=(home) { (brief.title) } }
        form.inline method="get" {
            (choice("After entry", "from", from, last.seq))
            (choice("and after", "to", to, last.seq))
            button { "Compare" }
        }
        table.compact.then {
            thead { tr { td {} (heading(earlier)) (heading(later)) } }
            tbody { @for row in &rows { (difference(row, &names)) } }
        }
        p.soft { "This is what the entries of the trace up to each moment say. The trace keeps facts, decisions and judgments, not the whole brief." }
        h2 { "What happened between" }
        @if between.is_empty() { p.soft { "Nothing." } }
        ol.timeline { @for entry in between { (moment(&format!("{home}/then"), entry, &names)) } }
    };
    let path = [way(&brief.repo), (name.as_str(), home.clone()), ("Then", format!("{home}/then"))];
    Some(layout::full(&format!("{}{name}, then", brief.repo), &path, None, &content))
}

fn heading(entry: &Entry) -> Markup {
    html! { th scope="col" { "After entry " (entry.seq) div.soft { (layout::at(entry.at)) } } }
}

fn difference(row: &Difference, names: &Names) -> Markup {
    let cell = |lines: &[String], others: &[String], removed: bool| {
        html! {
            td {
                @if lines.is_empty() { span.soft { "nothing" } }
                @for line in lines { div {
                    @if others.contains(line) { (names.say(line)) } @else if removed { del { (names.say(line)) } } @else { ins { (names.say(line)) } }
                } }
            }
        }
    };
    html! {
        tr.changed[row.is_change()] {
            th scope="row" { (row.what) @if row.is_change() { " " span.soft { "changed" } } }
            (cell(&row.before, &row.after, true))
            (cell(&row.after, &row.before, false))
        }
    }
}
