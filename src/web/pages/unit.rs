//! One unit: the eight answers, evidence, decisions, the trace.

use maud::{Markup, html};
use serde_json::Value;

use super::layout;
use super::prose::prose;
use crate::domain::policy::{Evaluation, RuleOutcome};
use crate::domain::unit::{Brief, Verdict};

/// The page.
pub(super) fn page(full_name: &str, brief: &Brief, evaluation: &Evaluation, trace: &[String]) -> Markup {
    let name = format!("#{}", brief.number);
    let content = html! {
        h1 { (brief.title) " " span.soft { (name) } }
        p { (layout::standing(brief.standing)) " since " time { (brief.since.strftime("%Y-%m-%d %H:%M UTC")) } ", at " code { (brief.head.short()) } }
        @for reason in &brief.reasons { p { (prose(&reason.text)) " " code.soft { (reason.code) } } }
        (move_and_suggestion(brief))
        h2 { "The eight questions" }
        (answers(brief))
        (evidence(brief))
        (rules(brief, evaluation))
        (decisions(brief))
        (history(trace))
    };
    layout::page(
        &format!("{full_name}{name}"),
        &[(full_name, format!("/{full_name}")), (&name, format!("/{full_name}/{}", brief.number))],
        &content,
    )
}

fn move_and_suggestion(brief: &Brief) -> Markup {
    html! {
        @if let Some(next) = &brief.next_move { div.card { strong { "Next move: " } (next.who) ": " (prose(&next.what)) } }
        @if let Some(suggestion) = &brief.suggestion {
            div.card {
                p { strong { "Suggestion: " } (prose(&suggestion.effect)) }
                p.soft { "Undo: " (suggestion.undo) " Who may answer: " (suggestion.who.join(", ")) "." }
            }
        }
    }
}

fn answers(brief: &Brief) -> Markup {
    let list = |lines: Vec<String>| {
        html! {
            @if lines.is_empty() { span.soft { "Nothing." } } @else { ul { @for line in &lines { li { (prose(line)) } } } }
        }
    };
    let dependency =
        |view: &crate::domain::unit::DependencyView| format!("{} ({}, {})", view.unit, view.why, view.state);
    let conflict = |conflict: &crate::domain::unit::Conflict| {
        let with = conflict.with.map_or_else(|| brief.base.clone(), |with| format!("#{with}"));
        format!("{with} ({}): {}", conflict.kind, conflict.why)
    };
    html! { dl {
        dt { "1. What does it depend on?" } dd {
            (list(brief.depends_on.iter().map(dependency).collect()))
            @if let Some(backport) = &brief.backport_of { p { (prose(&backport.why)) } }
        }
        dt { "2. What depends on it?" } dd { (list(brief.dependents.iter().map(dependency).collect())) }
        dt { "3. What must be true?" } dd { ul { @for condition in &brief.conditions {
            li { span class=(verdict(condition.verdict)) { (verdict(condition.verdict)) } ": " (prose(&condition.what))
                @if !condition.seen.is_empty() { " (" (prose(&condition.seen)) ")" } " " span.soft { (condition.source) } }
        } } }
        dt { "4. Which conflicts are visible?" } dd { (list(brief.conflicts.iter().map(conflict).collect())) }
        dt { "5. Which integration does it need?" } dd { (brief.integration.join(", ")) }
        dt { "6. What changed since?" } dd { (list(brief.changed.clone())) }
        dt { "7. What would break now?" } dd { (list(brief.would_break.clone())) }
        dt { "8. What happens next?" } dd { (prose(&brief.next)) }
        dt { "What is uncertain?" } dd { (list(brief.uncertain.clone())) }
    } }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Unmet => "unmet",
        Verdict::Unknown => "unknown",
    }
}

fn evidence(brief: &Brief) -> Markup {
    html! {
        h2 { "Evidence" }
        @if brief.evidence.is_empty() { p.soft { "None." } } @else { ul { @for evidence in &brief.evidence {
            li { span class=(evidence.state) { (evidence.state) } ": " (evidence.name) @if evidence.required { ", required" }
                @if let Some(note) = &evidence.note { " (" (note) ")" } }
        } } }
    }
}

/// Every rule and lesson that has to do with it, with what it asks and what was seen.
fn rules(brief: &Brief, evaluation: &Evaluation) -> Markup {
    let firing: Vec<&RuleOutcome> = evaluation.rules.iter().filter(|rule| rule.fires()).collect();
    let list = |what: &str, lines: &[String]| {
        html! { @if !lines.is_empty() { p { (what) } ul { @for line in lines { li { (prose(line)) } } } } }
    };
    html! {
        h2 { "Policy" }
        p.soft { "Judged under " code { (brief.policy) } "; of " (evaluation.rules.len()) " rules " (firing.len()) " apply." }
        @for rule in &firing { div.card {
            p { strong { (rule.name) } @if rule.shadow { " " span.soft { "(shadow: it counts for nothing)" } }
                @if let Some(why) = &rule.why { ": " (why) } }
            ul {
                @for predicate in &rule.predicates {
                    li { span.soft { (predicate.predicate) " " (predicate.wants) ": " } (predicate.seen) " (" (predicate.verdict.word()) ")" }
                }
                @for outcome in &rule.requirements {
                    li { "needs " (prose(&outcome.what)) ": " (outcome.verdict.word()) " (" (outcome.seen) ")" }
                }
            }
        } }
        (list("Lessons that apply:", &brief.lessons))
        (list("What its policy would change for open pull requests:", &brief.policy_changes))
        @if let Some(offer) = &brief.lesson { p { "As a rule, since " (offer.because) ":" } pre { (offer.rule) } }
    }
}

fn decisions(brief: &Brief) -> Markup {
    html! {
        h2 { "Decisions" }
        @if brief.decisions.is_empty() { p.soft { "None." } } @else { ul { @for decision in &brief.decisions {
            li { (decision.by) ": " (decision.kind) " on " code { (decision.sha.short()) }
                @if let Some(reason) = &decision.reason { ", “" (reason) "”" } " " span.soft { (decision.counts) } }
        } } }
    }
}

fn history(trace: &[String]) -> Markup {
    let entries: Vec<Value> = trace.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    html! {
        h2 { "Trace" }
        div.scroll { table.trace {
            thead { tr { th { "When" } th { "Who" } th { "What" } th { "Data" } } }
            tbody { @for entry in &entries { tr {
                td { (text(&entry["at"])) } td { (text(&entry["actor"])) } td { (text(&entry["kind"])) } td { @if entry["kind"] == "facts" { span.soft { "in the API" } } @else { code { (entry["data"]) } } }
            } } }
        } }
    }
}
