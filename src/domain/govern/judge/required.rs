//! What the policy requires of a unit: evidence on its head, reviews, and the confirms of those who must.

use super::CHECK_NAME;
use super::sheet::Sheet;
use crate::domain::govern::seen::protection::RequiredCheck;
use crate::domain::govern::state::State;
use crate::domain::policy::{self, Evaluation, Requirement};
use crate::domain::unit::{Evidence, ReasonCode, Unit};

/// Required checks of the base other than our own.
pub(in crate::domain::govern) fn required<'a>(state: &'a State, unit: &Unit, app_id: u64) -> Vec<&'a RequiredCheck> {
    let Some(read) = state.repo.rules.get(&unit.base.branch) else { return Vec::new() };
    let ours = |check: &&RequiredCheck| check.context == CHECK_NAME && check.app.is_none_or(|app| app == app_id);
    read.rules.required.iter().filter(|check| !ours(check)).collect()
}

/// The evidence for a required check: the newest of that name from the right App.
pub(in crate::domain::govern) fn evidence_for<'a>(unit: &'a Unit, check: &RequiredCheck) -> Option<&'a Evidence> {
    let fits = |evidence: &&Evidence| {
        let same = evidence.name == check.context
            || evidence.app.is_none() && evidence.name.eq_ignore_ascii_case(&check.context);
        same && check.app.is_none_or(|app| evidence.app == Some(app))
    };
    unit.evidence.iter().filter(fits).max_by_key(|evidence| (evidence.at, std::cmp::Reverse(evidence.state)))
}

/// Whether a required result fails; reasons for what is missing, pending or stale go on the sheet.
pub(super) fn evidence(sheet: &mut Sheet, evaluation: &Evaluation, unit: &Unit, asked: bool) -> bool {
    let blocked = !sheet.reasons.is_empty();
    let mut failing = false;
    for outcome in &evaluation.requirements {
        let Requirement::Evidence { name, .. } = &outcome.requirement else { continue };
        let name = &name.name;
        sheet.outcome(format!("{} on {}", outcome.what, unit.head.sha.short()), outcome);
        match outcome.code {
            Some(ReasonCode::BlockedEvidence) => {
                failing = true;
                sheet.person(ReasonCode::BlockedEvidence, format!("`{name}` fails on this head."));
            }
            Some(ReasonCode::WaitsEvidenceStale) => {
                let landed = outcome.seen.trim_start_matches("stale since ").trim_end_matches(" landed");
                let before = format!("`{name}` passed before {landed} landed, which touches what it touches");
                if blocked {
                    sheet.time(ReasonCode::WaitsEvidenceStale, format!("{before}: it must run again."));
                } else if asked {
                    let text = format!("{before}: the branch is brought up to date, and it runs again.");
                    sheet.time(ReasonCode::WaitsEvidenceStale, text);
                } else {
                    let text = format!("{before}: a confirm, or its author, brings the branch up to date.");
                    sheet.person(ReasonCode::WaitsEvidenceStale, text);
                }
            }
            Some(ReasonCode::WaitsEvidence) => {
                let text = match outcome.seen.as_str() {
                    "missing" => format!("`{name}` has not reported on this head yet."),
                    seen if seen.ends_with("pending") => format!("`{name}` is still running."),
                    seen => format!("`{name}` has not passed often enough on this head: {seen}."),
                };
                sheet.time(ReasonCode::WaitsEvidence, text);
            }
            Some(code) => sheet.time(code, format!("`{name}` is not known: {}.", outcome.seen)),
            None => {}
        }
    }
    failing
}

/// Reviews that the policy asks for.
pub(super) fn reviews(sheet: &mut Sheet, evaluation: &Evaluation) {
    for outcome in &evaluation.requirements {
        let wanted = matches!(
            outcome.requirement,
            Requirement::Approvals { .. } | Requirement::CodeOwnerReview | Requirement::Protection
        );
        if !wanted {
            continue;
        }
        sheet.outcome(outcome.what.clone(), outcome);
        match outcome.code {
            Some(ReasonCode::WaitsReview) => {
                sheet.person(ReasonCode::WaitsReview, format!("It needs this: {} ({}).", outcome.what, outcome.seen));
            }
            Some(code) => {
                sheet.time(code, format!("It cannot be told yet whether {}: {}.", outcome.what, outcome.seen));
            }
            None => {}
        }
    }
}

/// Whether those who must have confirmed; nobody must, where a rule lets it land unasked. What is missing is asked in one sentence.
pub(super) fn confirms(sheet: &mut Sheet, evaluation: &Evaluation, unit: &Unit) -> bool {
    let mut missing: Vec<String> = Vec::new();
    let mut unsure = false;
    for outcome in &evaluation.requirements {
        let Requirement::Confirm(confirm) = &outcome.requirement else { continue };
        sheet.outcome(format!("{} {}", outcome.what, unit.head.sha.short()), outcome);
        if outcome.verdict == policy::Verdict::Met {
            continue;
        }
        unsure |= outcome.verdict == policy::Verdict::Unknown && unit.confirms().next().is_some();
        let rules: Vec<&str> =
            outcome.sources.iter().map(String::as_str).filter(|source| *source != "policy").collect();
        let because = if rules.is_empty() { String::new() } else { format!(" ({})", rules.join(", ")) };
        let people = if confirm.each.is_empty() && confirm.count > 1 {
            format!("{} people: ", confirm.count)
        } else {
            String::new()
        };
        missing.push(format!("{people}{}{because}", policy::who_words(confirm)));
    }
    if missing.is_empty() {
        return true;
    }
    let unsure = if unsure { " Who may was not read yet." } else { "" };
    let text = format!("It waits for a confirm by {}.{unsure}", missing.join(", and by "));
    sheet.person(ReasonCode::WaitsConfirm, text);
    false
}
