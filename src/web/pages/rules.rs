//! What the policy says about a unit, as a tree that unfolds: requirements, rules that apply with what they ask and saw, the others.

use maud::{Markup, html};

use super::prose::Names;
use crate::domain::policy::file::Autonomy;
use crate::domain::policy::{Evaluation, RequirementOutcome, RuleOutcome, Verdict};
use crate::domain::unit::Brief;

/// The tree.
pub(super) fn tree(brief: &Brief, evaluation: &Evaluation, names: &Names) -> Markup {
    let (firing, others): (Vec<&RuleOutcome>, Vec<&RuleOutcome>) =
        evaluation.rules.iter().partition(|rule| rule.fires());
    let list = |what: &str, lines: &[String]| {
        html! { @if !lines.is_empty() { p { (what) } ul.plain { @for line in lines { li { (names.say(line)) } } } } }
    };
    html! {
        p.soft { "Judged under " code { (brief.policy) } "." }
        div.tree {
            details #requirements open {
                summary { (verdict(evaluation.verdict)) " Everything that is required" }
                @if evaluation.requirements.is_empty() { p.soft { "Nothing is." } }
                ul.plain.signs { @for one in &evaluation.requirements { li { (requirement(one, names)) " " span.soft { "(" (one.sources.join(", ")) ")" } } } }
            }
            (autonomy(evaluation, names))
            @for (at, rule) in firing.iter().enumerate() { (applies(at, rule, names)) }
            @if !others.is_empty() {
                details #others {
                    summary { (others.len()) @if others.len() == 1 { " rule does not apply" } @else { " rules do not apply" } }
                    ul.plain { @for rule in &others { li {
                        strong { (rule.name) }
                        @for one in rule.predicates.iter().filter(|one| one.verdict == Verdict::Unmet) { ": " (one.predicate) " is not " code { (one.wants) } " (" (one.seen) ")" }
                    } } }
                }
            }
        }
        (list("Lessons that apply:", &brief.lessons))
        (list("What its policy would change for open pull requests:", &brief.policy_changes))
        @if let Some(offer) = &brief.lesson { p { code { "/remember" } " would write, since " (offer.because) ":" } pre tabindex="0" { (offer.rule) } }
    }
}

fn autonomy(evaluation: &Evaluation, names: &Names) -> Markup {
    let outcome = &evaluation.autonomy;
    let words = match outcome.decided {
        Autonomy::Auto => "It may land unasked",
        Autonomy::Confirm => "A person confirms it",
    };
    html! {
        details #autonomy {
            summary { (words) }
            ul.plain {
                @for rule in &outcome.permitted_by { li { "permitted by " strong { (rule) } } }
                @for why in &outcome.kept_by { li { (names.say(why)) } }
                @if outcome.permitted_by.is_empty() && outcome.kept_by.is_empty() { li { "No rule permits that it lands unasked." } }
                @if !evaluation.reversible { li { "A revert does not take it back." } }
            }
        }
    }
}

fn applies(at: usize, rule: &RuleOutcome, names: &Names) -> Markup {
    let all = Verdict::all(rule.requirements.iter().map(|one| one.verdict));
    html! {
        details id={ "rule-" (at) } {
            summary {
                (verdict(if rule.shadow { Verdict::NotApplicable } else { all })) " " strong { (rule.name) }
                @if rule.shadow { " (shadow: it counts for nothing)" }
                @if rule.applies == Verdict::Unknown { " (it is not known whether it applies)" }
            }
            @if let Some(why) = &rule.why { p { (why) } }
            ul.plain.signs {
                @for one in &rule.predicates { li { (verdict(one.verdict)) " " (one.predicate) " is " code { (one.wants) } ": " (names.say(&one.seen)) } }
                @for one in &rule.requirements { li { "needs " (requirement(one, names)) } }
                @if rule.predicates.is_empty() && rule.requirements.is_empty() { li { "It asks for nothing." } }
            }
        }
    }
}

fn requirement(one: &RequirementOutcome, names: &Names) -> Markup {
    html! { (verdict(one.verdict)) " " (names.say(&one.what)) ": " (names.say(&one.seen)) }
}

fn verdict(verdict: Verdict) -> Markup {
    let (class, words) = match verdict {
        Verdict::Met => ("met", "✓ met"),
        Verdict::Unmet => ("unmet", "✕ unmet"),
        Verdict::Unknown => ("unknown", "? unknown"),
        Verdict::NotApplicable => ("soft", "– not asked"),
    };
    html! { span class=(class) { (words) } }
}
