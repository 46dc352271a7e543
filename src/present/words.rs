//! The few words that say how a unit stands: its headline, why, and the next step. Checks, comments and pages all begin with these.
//!
//! Nothing here tells a position, a count or an age: they change without a person caring, and each change would be written to GitHub.

use super::text::plain;
use crate::domain::unit::{
    Brief, DecisionView, NextMove, Reason, ReasonCode, Standing, SuggestionKind, SuggestionView,
};

/// The longest headline.
const TITLE: usize = 120;

/// How a unit stands, in one line of plain text; names stand in backticks.
#[must_use]
pub fn title(brief: &Brief) -> String {
    let first = brief.reasons.first();
    let words = match brief.standing {
        Standing::Draft => "Draft: not yet governed".to_owned(),
        Standing::Gathering => first.map_or_else(|| "Gathers evidence".to_owned(), |reason| for_reason(brief, reason)),
        Standing::Blocked => first.map_or_else(|| "Blocked".to_owned(), |reason| for_reason(brief, reason)),
        Standing::AwaitingJudgment => match (&brief.suggestion, first) {
            (Some(suggestion), _) if suggestion.confirmable => format!("Confirm to {}", act(suggestion)),
            (Some(suggestion), _) => format!("Suggested: {}", act(suggestion)),
            (None, Some(reason)) => for_reason(brief, reason),
            (None, None) => "Awaits judgment".to_owned(),
        },
        Standing::Cleared if brief.granted => "Cleared to land".to_owned(),
        Standing::Cleared => "Cleared, waits for its turn".to_owned(),
        Standing::Landing => "Landing".to_owned(),
        Standing::Landed if first.is_some() => first.map_or_else(String::new, |reason| for_reason(brief, reason)),
        Standing::Landed => {
            brief.landed_as.as_ref().map_or_else(|| "Landed".to_owned(), |sha| format!("Landed as {}", sha.short()))
        }
        Standing::Withdrawn => "Withdrawn: closed without landing".to_owned(),
        Standing::RolledBack => "Rolled back".to_owned(),
    };
    plain(&words, TITLE)
}

fn for_reason(brief: &Brief, reason: &Reason) -> String {
    match reason.code {
        ReasonCode::Draft => "Draft: not yet governed".to_owned(),
        ReasonCode::WaitsEvidence => waits_until(&required(brief, |_| true), "Waits for evidence"),
        ReasonCode::WaitsEvidenceStale => {
            with_names("Waits for fresh evidence", &required(brief, |state| state == "stale"))
        }
        ReasonCode::WaitsConfirm => "Waits for a confirm".to_owned(),
        ReasonCode::WaitsReview => "Waits for a review".to_owned(),
        ReasonCode::WaitsDependency => match needed(brief, |state| state != "landed").as_slice() {
            [] => "Waits for a dependency".to_owned(),
            units => format!("Waits for {} to land", list(units)),
        },
        ReasonCode::WaitsOrder => "Cleared, waits for its turn".to_owned(),
        ReasonCode::WaitsQueue => "In GitHub's merge queue".to_owned(),
        ReasonCode::WaitsAutoMerge => "Auto-merge is on".to_owned(),
        ReasonCode::WaitsGithub => "Waits for GitHub".to_owned(),
        ReasonCode::WaitsRateLimit => "Waits for GitHub's rate limit".to_owned(),
        ReasonCode::BlockedEvidence => match required(brief, |state| state == "failing").as_slice() {
            [] => "Blocked: evidence fails".to_owned(),
            [name] => format!("Blocked: {name} fails"),
            names => format!("Blocked: {} fail", list(names)),
        },
        ReasonCode::BlockedConflictBase => format!("Blocked: conflicts with {}", tick(&brief.base)),
        ReasonCode::BlockedCollisionTextual => collides(brief, "textual", "both change the same lines"),
        ReasonCode::BlockedCollisionPackage => collides(brief, "package", "both move the same dependency"),
        ReasonCode::BlockedCollisionLockfile => collides(brief, "lockfile", "both regenerate a lockfile"),
        ReasonCode::BlockedCollisionSequence => collides(brief, "sequence", "both claim the same number"),
        ReasonCode::BlockedCollisionSymbol => collides(brief, "symbol", "it changes what this one uses"),
        ReasonCode::BlockedCollisionComponent => collides(brief, "component", "one at a time in this component"),
        ReasonCode::BlockedDependencyClosed => match needed(brief, |state| state == "closed").as_slice() {
            [] => "Blocked: a dependency was closed".to_owned(),
            [unit] => format!("Blocked: {unit} was closed without landing"),
            units => format!("Blocked: {} were closed without landing", list(units)),
        },
        ReasonCode::BlockedDependencyCycle => "Blocked: dependencies form a cycle".to_owned(),
        ReasonCode::BlockedDependencyUnreadable => "Blocked: a dependency cannot be read".to_owned(),
        ReasonCode::BlockedBaseUngoverned => {
            format!("Not governed: base {} is neither default nor protected", tick(&brief.base))
        }
        ReasonCode::BlockedPolicyInvalid => "Blocked: the policy file has an error".to_owned(),
        ReasonCode::BlockedHold => by("On hold", last(brief, "hold")),
        ReasonCode::Refused => by("Refused", last(brief, "refuse")),
        ReasonCode::UnknownFootprint => "Waits: what it touches is not known".to_owned(),
        ReasonCode::LandedBaseRed => format!("Landed, and {} fails since", tick(&brief.base)),
        ReasonCode::LandedOtherwise => "Landed, and not as it was proposed".to_owned(),
    }
}

/// What a confirm does, as a phrase that follows "confirm to".
#[must_use]
pub fn act(suggestion: &SuggestionView) -> &'static str {
    match (suggestion.action, suggestion.detail.as_str()) {
        (SuggestionKind::Merge, "squash") => "squash-merge",
        (SuggestionKind::Merge, "rebase") => "rebase and merge",
        (SuggestionKind::Merge, _) => "merge",
        (SuggestionKind::Enqueue, _) => "add to the merge queue",
        (SuggestionKind::UpdateBranch, _) => "update the branch",
        (SuggestionKind::Rebase, _) => "rebase",
        (SuggestionKind::Revert, _) => "open a revert",
        (SuggestionKind::AutoMerge, _) => "turn auto-merge on",
    }
}

/// Why it stands so: sentences, the most pressing first. Never empty, so that no state goes unexplained.
///
/// Required evidence that is still to come is one sentence, the same from the first result to the last: each result that comes in
/// would else be written to GitHub. The conditions tell each by itself.
#[must_use]
pub fn why(brief: &Brief) -> Vec<String> {
    let waits = |reason: &&Reason| reason.code == ReasonCode::WaitsEvidence;
    let evidence = brief.reasons.iter().find(waits).map(|_| match required(brief, |_| true).as_slice() {
        [] => "Required evidence has not come in on this head.".to_owned(),
        [name] => format!("{name} has to pass on this head."),
        names => format!("{} have to pass on this head.", list(names)),
    });
    let mut reasons: Vec<String> =
        brief.reasons.iter().filter(|reason| !waits(reason)).map(|reason| reason.text.clone()).collect();
    reasons.extend(evidence);
    match &brief.suggestion {
        _ if !reasons.is_empty() => reasons,
        _ if brief.standing == Standing::Landed => vec![format!("Its change is on {}.", tick(&brief.base))],
        _ if brief.standing == Standing::Withdrawn => vec!["It was closed without landing.".to_owned()],
        _ if brief.standing == Standing::RolledBack => {
            vec![format!("Its change was taken back from {}.", tick(&brief.base))]
        }
        Some(suggestion) if !suggestion.reason.is_empty() => vec![suggestion.reason.clone()],
        Some(_) | None => vec![brief.next.clone()],
    }
}

/// All that a person would want to be told again when it changes: what stands above the fold of the sticky comment.
#[must_use]
pub fn gist(brief: &Brief) -> String {
    let asked = match ask(brief) {
        Ask::Now => "now",
        Ask::Already => "already",
        Ask::No => "",
    };
    [title(brief), why(brief).join("\n"), next_step(brief), asked.to_owned()].join("\n\n")
}

/// Whether an answer to the suggestion is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// It waits for nothing else.
    Now,
    /// It may be answered ahead of what else it waits for.
    Already,
    /// It was answered, or there is nothing to answer.
    No,
}

/// Whether somebody is asked to answer the suggestion. Nobody is, once a confirm counts.
#[must_use]
pub fn ask(brief: &Brief) -> Ask {
    let confirmable = brief.suggestion.as_ref().is_some_and(|suggestion| suggestion.confirmable);
    let confirmed = brief.decisions.iter().any(|decision| decision.kind == "confirm" && decision.counts == "counts");
    match brief.standing {
        _ if !confirmable => Ask::No,
        Standing::AwaitingJudgment | Standing::Landed => Ask::Now,
        Standing::Gathering if brief.is_only_stale() && !confirmed => Ask::Now,
        Standing::Gathering | Standing::Blocked if !confirmed => Ask::Already,
        _ => Ask::No,
    }
}

/// Whether somebody has to do something now; else time, CI or another unit moves it.
#[must_use]
pub fn needs_person(brief: &Brief) -> bool {
    match brief.standing {
        Standing::AwaitingJudgment => true,
        Standing::Landed => brief.suggestion.is_some(),
        Standing::Gathering | Standing::Blocked | Standing::Cleared | Standing::Landing => {
            brief.reasons.iter().any(|reason| reason.needs_person)
        }
        Standing::Draft | Standing::Withdrawn | Standing::RolledBack => false,
    }
}

/// The next step, who and what; where nobody has to act it says so, in words that stay the same while it waits.
#[must_use]
pub fn next_step(brief: &Brief) -> String {
    match (brief.standing, told_move(brief)) {
        (Standing::Draft, _) => "Mark it ready for review, and it is judged.".to_owned(),
        (_, Some(step)) => format!("{}: {}.", step.who, step.what.trim_end_matches('.')),
        (Standing::Landed | Standing::Withdrawn | Standing::RolledBack, None) => brief.next.clone(),
        (_, None) if needs_person(brief) => brief.next.clone(),
        _ => "Nothing to do: this moves on by itself.".to_owned(),
    }
}

/// The move that the next step tells: that of a person, and the merge that is granted.
#[must_use]
pub fn told_move(brief: &Brief) -> Option<&NextMove> {
    let told = match brief.standing {
        Standing::Draft | Standing::Withdrawn | Standing::RolledBack => false,
        Standing::Landed => true,
        Standing::Cleared if brief.granted => true,
        Standing::Gathering
        | Standing::Blocked
        | Standing::AwaitingJudgment
        | Standing::Cleared
        | Standing::Landing => needs_person(brief),
    };
    brief.next_move.as_ref().filter(|_| told)
}

/// Names as people list them; many are cut short without a count.
#[must_use]
pub fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, three, ..] => format!("{one}, {two}, {three} and others"),
    }
}

/// A foreign name in backticks.
fn tick(name: &str) -> String {
    format!("`{}`", plain(name, 60).replace('`', "'"))
}

fn required(brief: &Brief, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let of = brief.evidence.iter().filter(|evidence| evidence.required && wanted(&evidence.state));
    of.map(|evidence| tick(&evidence.name)).collect()
}

/// All that is required is named, also what passes already: so the line stays true, and the same, while one after the other comes in.
fn waits_until(names: &[String], nameless: &str) -> String {
    match names {
        [] => nameless.to_owned(),
        [name] => format!("Waits until {name} passes"),
        names => format!("Waits until {} pass", list(names)),
    }
}

fn with_names(words: &str, names: &[String]) -> String {
    if names.is_empty() { words.to_owned() } else { format!("{words}: {}", list(names)) }
}

fn needed(brief: &Brief, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    brief.depends_on.iter().filter(|view| wanted(&view.state)).map(|view| view.unit.clone()).collect()
}

fn collides(brief: &Brief, kind: &str, words: &str) -> String {
    let ahead = brief.conflicts.iter().filter(|conflict| conflict.enforced && conflict.kind == kind);
    let ahead: Vec<String> = ahead.filter_map(|conflict| conflict.with).map(|with| format!("#{with}")).collect();
    match ahead.as_slice() {
        [] => format!("Blocked: another unit lands first, {words}"),
        [one] => format!("Blocked: {one} lands first, {words}"),
        several => format!("Blocked: {} land first, {words}", list(several)),
    }
}

fn last<'a>(brief: &'a Brief, kind: &str) -> Option<&'a DecisionView> {
    brief.decisions.iter().rev().find(|decision| decision.kind == kind)
}

fn by(words: &str, decision: Option<&DecisionView>) -> String {
    decision.map_or_else(|| words.to_owned(), |decision| format!("{words} by {}", decision.by))
}
