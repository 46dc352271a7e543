//! Whose move it is, and what happens next.

use crate::domain::govern::judge::Judgment;
use crate::domain::govern::owed::auto_merge;
use crate::domain::ids::Timestamp;
use crate::domain::unit::{DecisionKind, NextMove, ReasonCode, Standing, SuggestionView, Unit};

/// Who has to do what now; nobody once the unit ended.
pub(in crate::domain::govern) fn next_move(
    unit: &Unit,
    judgment: &Judgment,
    suggestion: Option<&SuggestionView>,
    since: Timestamp,
    now: Timestamp,
) -> Option<NextMove> {
    let author = || unit.author.as_ref().map_or_else(|| "the author".to_owned(), |author| author.login.clone());
    let step = |who: String, what: &str| to(who, what, since);
    let answer = |who: String, what: &str| step(who, what).map(|step| NextMove { answers: true, ..step });
    match judgment.standing {
        Standing::Landed if suggestion.is_some() => {
            answer(author(), "`/confirm` opens the revert, `/refuse <reason>` says that the cause is another")
        }
        Standing::Landed | Standing::Withdrawn | Standing::RolledBack => None,
        Standing::Draft => step(author(), "mark it ready for review"),
        Standing::Gathering if judgment.reasons.iter().all(|reason| reason.code == ReasonCode::WaitsEvidenceStale) => {
            let asked = !judgment.reasons.iter().any(|reason| reason.needs_person);
            let who = suggestion.and_then(|suggestion| suggestion.who.first().cloned());
            match who.filter(|_| !asked) {
                Some(who) => answer(who, "`/confirm`, and Flyball brings the branch up to date and merges it"),
                None => step("flyball".to_owned(), "bring the branch up to date"),
            }
        }
        Standing::Gathering => step("CI".to_owned(), "report the evidence that is missing"),
        Standing::AwaitingJudgment => {
            let who = suggestion.and_then(|suggestion| suggestion.who.first().cloned());
            answer(
                who.unwrap_or_else(|| "somebody with write access".to_owned()),
                "answer with `/confirm` or `/refuse <reason>`",
            )
        }
        Standing::Landing if is_armed(judgment) => step("GitHub".to_owned(), "merge it once its own rules hold"),
        Standing::Landing => step("flyball".to_owned(), "finish the merge"),
        Standing::Cleared if unit.trouble.is_some() => {
            step("a maintainer".to_owned(), "clear what GitHub refused, then `/retry`")
        }
        Standing::Cleared if judgment.ready && unit.grant.is_some() => {
            let only_approved = !unit.confirms().any(|decision| decision.kind == DecisionKind::Confirm);
            if only_approved {
                answer("anyone with write access".to_owned(), "merge it, or `/confirm`")
            } else {
                step("flyball".to_owned(), "merge it")
            }
        }
        Standing::Cleared | Standing::Blocked => blocked_move(unit, judgment, since, now, author()),
    }
}

fn to(who: String, what: &str, since: Timestamp) -> Option<NextMove> {
    Some(NextMove { who, what: what.to_owned(), answers: false, since, due: None })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else waits, waits for other units")]
fn blocked_move(
    unit: &Unit,
    judgment: &Judgment,
    since: Timestamp,
    now: Timestamp,
    author: String,
) -> Option<NextMove> {
    let first = judgment.reasons.first()?;
    let step = |who: String, what: &str| to(who, what, since);
    match first.code {
        ReasonCode::Refused | ReasonCode::BlockedHold => {
            let stop = unit.stopped_by(now)?;
            step(stop.actor.login.clone(), "`/lift` it, or close the pull request")
        }
        ReasonCode::BlockedConflictBase => step(author, "resolve the conflict with the base and push"),
        ReasonCode::BlockedEvidence => step(author, "make the failing check pass"),
        ReasonCode::BlockedDependencyClosed
        | ReasonCode::BlockedDependencyCycle
        | ReasonCode::BlockedDependencyUnreadable => step(author, "change what it depends on"),
        ReasonCode::WaitsGithub | ReasonCode::WaitsRateLimit => step("GitHub".to_owned(), "answer"),
        ReasonCode::BlockedBaseUngoverned => {
            step("a maintainer".to_owned(), "protect the base branch, or retarget the pull request")
        }
        _ => step("flyball".to_owned(), "go on when the others have landed"),
    }
}

fn is_armed(judgment: &Judgment) -> bool {
    judgment.reasons.iter().any(|reason| reason.code == ReasonCode::WaitsAutoMerge)
}

/// What happens next, and what instead where it cannot land.
pub(in crate::domain::govern) fn next(judgment: &Judgment, suggestion: Option<&SuggestionView>, unit: &Unit) -> String {
    match judgment.standing {
        Standing::Draft => "Nothing until it is ready for review.".to_owned(),
        Standing::Landed => match (unit.aftermath.revert, suggestion) {
            (Some(by), _) => format!("#{by} takes it back once it lands."),
            (None, Some(_)) => "A confirm opens the pull request that takes it back.".to_owned(),
            (None, None) => "Nothing. `/revert <reason>` opens a pull request that takes it back.".to_owned(),
        },
        Standing::Withdrawn => "Nothing. Reopening it begins afresh.".to_owned(),
        Standing::RolledBack => unit
            .aftermath
            .rolled_back
            .map_or_else(|| "Nothing.".to_owned(), |by| format!("Nothing: #{by} took it back.")),
        Standing::Landing if is_armed(judgment) => "GitHub lands it as soon as its own rules hold.".to_owned(),
        Standing::Landing => "GitHub is merging it.".to_owned(),
        Standing::AwaitingJudgment => {
            format!("A confirm merges it; a refusal stops it and says why.{}", auto_merge::named(unit))
        }
        Standing::Gathering | Standing::Blocked | Standing::Cleared => {
            let first = judgment.reasons.first().map(|reason| reason.text.clone());
            let instead = if judgment.standing == Standing::Blocked && first.is_some() {
                " If that cannot be, close it or split it."
            } else {
                ""
            };
            let then = suggestion.filter(|suggestion| suggestion.confirmable).map_or("", |_| {
                if unit.confirms().next().is_some() { " Then it is merged." } else { " Then it asks for a confirm." }
            });
            format!("{}{then}{instead}", first.unwrap_or_else(|| "It is merged.".to_owned()))
        }
    }
}
