//! One unit: how it stands, whose move it is, the eight answers, evidence, the policy, decisions, the trace.

use maud::{Markup, html};

use super::deciding::{self, Deciding};
use super::layout::{self, Live, way};
use super::prose::Names;
use super::{past, rules};
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::policy::Evaluation;
use crate::domain::unit::{Brief, Condition, Conflict, DependencyView, EvidenceView, Verdict};
use crate::present::past::Entry;

/// What the page shows.
pub(super) struct Shown {
    pub(super) brief: Brief,
    pub(super) evaluation: Evaluation,
    pub(super) trace: Vec<Entry>,
    pub(super) on_github: String,
    /// The units that are known here: what sentences name is a link to them.
    pub(super) known: Vec<PrNumber>,
    pub(super) now: Timestamp,
    /// Absent where nobody is signed in.
    pub(super) deciding: Option<Deciding>,
}

/// The page.
pub(super) fn page(shown: &Shown, seen: &str) -> Markup {
    let brief = &shown.brief;
    let (full_name, name) = (&brief.repo, format!("#{}", brief.number));
    let names = Names::new(full_name, shown.known.iter().copied().filter(|number| *number != brief.number));
    let content = html! {
        h1 { (brief.title) " " span.soft { (name) } }
        (facts(shown))
        (stands(shown, &names))
        @if let Some(deciding) = &shown.deciding { (deciding::card(brief, deciding, &names)) }
        h2 { "The eight questions" }
        (answers(brief, &names))
        h2 { "Evidence" }
        (evidence(brief, &names))
        h2 { "Policy" }
        (rules::tree(brief, &shown.evaluation, &names))
        h2 { "Decisions" }
        (decisions(shown, &names))
        h2 #trace { "Trace" }
        (past::timeline(brief, &shown.trace, &names))
    };
    let live = Live { path: format!("/-/live/{full_name}"), seen: seen.to_owned() };
    let path = [way(full_name), (name.as_str(), format!("/{full_name}/{}", brief.number))];
    layout::full(&format!("{full_name}{name}"), &path, Some(&live), &content)
}

fn facts(shown: &Shown) -> Markup {
    let brief = &shown.brief;
    html! {
        p.facts {
            @if let Some(author) = &brief.author { span { "by " (author) @if brief.author_kind != "human" { " (" (brief.author_kind) ")" } } }
            span { "into " code { (brief.base) } }
            span { "at " code { (brief.head.short()) } }
            @if let Some(sha) = &brief.landed_as { span { "landed as " code { (sha.short()) } } }
            a href=(shown.on_github) { "On GitHub" }
        }
        @if !brief.intent.is_empty() && brief.intent != brief.title { p { (brief.intent) } }
    }
}

fn stands(shown: &Shown, names: &Names) -> Markup {
    let brief = &shown.brief;
    html! {
        div.card {
            p.line { (layout::standing(brief.standing)) span.soft { "for " (layout::since(brief.since, shown.now)) } }
            @if brief.observe { p { "The policy only observes here: nothing is blocked or carried out." } }
            ul.plain { @for reason in &brief.reasons {
                li { (names.say(&reason.text)) " " a.code href={ "/reasons#" (reason.code) } { (reason.code) } }
            } }
            @if let Some(next) = &brief.next_move {
                p { strong { "Next move: " } (next.who) ": " (names.say(&next.what))
                    @if next.since != brief.since { ", for " (layout::since(next.since, shown.now)) }
                    @if let Some(due) = next.due { ", due " (layout::at(due)) } "." }
            }
            @if let Some(suggestion) = &brief.suggestion {
                p { strong { "Suggestion: " } (names.say(&suggestion.effect)) " " (names.say(&suggestion.reason)) }
                p.soft { "Who may answer: " (suggestion.who.join(", ")) ". Undo: " (names.say(&suggestion.undo)) }
            }
        }
    }
}

fn answers(brief: &Brief, names: &Names) -> Markup {
    let list = |lines: Vec<String>| {
        html! { @if lines.is_empty() { span.soft { "Nothing." } } @else { ul.plain { @for line in &lines { li { (names.say(line)) } } } } }
    };
    let dependency = |view: &DependencyView| format!("{} ({}, {})", view.unit, view.why, view.state);
    let conflict = |conflict: &Conflict| {
        let with = conflict.with.map_or_else(|| format!("`{}`", brief.base), |with| format!("#{with}"));
        let kept = if conflict.enforced { "" } else { ", not enforced" };
        format!("{with} ({}{kept}): {}", conflict.kind, conflict.why)
    };
    html! { dl {
        dt { "What does it depend on?" } dd {
            (list(brief.depends_on.iter().map(dependency).collect()))
            @if let Some(backport) = &brief.backport_of { p { (names.say(&backport.why)) } }
        }
        dt { "What depends on it?" } dd { (list(brief.dependents.iter().map(dependency).collect())) }
        dt { "What must be true?" } dd {
            @if brief.conditions.is_empty() { span.soft { "Nothing." } }
            ul.plain.signs { @for condition in &brief.conditions { li { (condition_of(condition, names)) } } }
        }
        dt { "Which conflicts are visible?" } dd { (list(brief.conflicts.iter().map(conflict).collect())) }
        dt { "Which integration does it need?" } dd { (brief.integration.join(", ")) }
        dt { "What changed since?" } dd { (list(brief.changed.clone())) }
        dt { "What would break now?" } dd { (list(brief.would_break.clone())) }
        dt { "What happens next?" } dd { (names.say(&brief.next)) }
        dt { "What is uncertain?" } dd { (list(brief.uncertain.clone())) }
    } }
}

fn condition_of(condition: &Condition, names: &Names) -> Markup {
    let (class, sign) = match condition.verdict {
        Verdict::Met => ("met", "✓"),
        Verdict::Unmet => ("unmet", "✕"),
        Verdict::Unknown => ("unknown", "?"),
    };
    html! {
        span class=(class) { (sign) " " (class) } ": " (names.say(&condition.what))
        @if !condition.seen.is_empty() { ": " (names.say(&condition.seen)) }
        " " span.soft { "(" (condition.source) ")" }
    }
}

fn evidence(brief: &Brief, names: &Names) -> Markup {
    let sign = |state: &str| match state {
        "passing" => "✓",
        "failing" => "✕",
        "stale" => "↻",
        _ => "◔",
    };
    // Somebody else's address: only what a browser opens as a page.
    let page =
        |one: &EvidenceView| one.url.clone().filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    html! {
        @if brief.evidence.is_empty() { p.soft { "None has come in." } } @else { ul.plain.signs { @for one in &brief.evidence {
            li {
                span class=(one.state) { (sign(&one.state)) " " (one.state) } ": "
                @match page(one) { Some(url) => a href=(url) { (one.name) }, None => (one.name) }
                @if one.required { ", required" }
                @if let Some(note) = &one.note { " (" (names.say(note)) ")" }
            }
        } } }
    }
}

fn decisions(shown: &Shown, names: &Names) -> Markup {
    let brief = &shown.brief;
    html! {
        @if brief.decisions.is_empty() { p.soft { "None." } } @else { ul.plain { @for decision in &brief.decisions {
            li {
                strong { (decision.by) } ": " (decision.kind) " on " code { (decision.sha.short()) } (decision.place())
                @if let Some(reason) = &decision.reason { ", “" (names.say(reason)) "”" }
                " " span.soft { (decision.counts) ", " (layout::at(decision.at)) }
            }
        } } }
    }
}
