//! Judges one unit: its standing and the conditions it rests on. A pure function of the state, the policy and the time.

mod dependencies;
pub(super) mod grant;
mod order;
pub(super) mod precedence;
mod required;
mod sheet;

pub(super) use dependencies::short;
pub(super) use required::{evidence_for, required};

use dependencies::dependencies;
use order::order;
use required::{confirms, evidence, reviews};
use sheet::Sheet;

use super::context::Context;
use super::owed::auto_merge::{is_armed, sentence};
use super::said::voices::counting;
use super::seen::PullState;
use super::seen::snapshot::Mergeable;
use super::state::State;
use crate::domain::ids::Timestamp;
use crate::domain::policy::{self, Evaluation};
use crate::domain::unit::{Condition, DecisionKind, Reason, ReasonCode, Standing, Unit, Verdict};

/// The name of our own check run: it never changes, and is never evidence.
pub const CHECK_NAME: &str = "flyball";

/// What a judgment found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judgment {
    /// The derived state.
    pub standing: Standing,
    /// Why it does not land, the most pressing first.
    pub reasons: Vec<Reason>,
    /// What must be true before it moves.
    pub conditions: Vec<Condition>,
    /// Everything holds but for related units: it may have a grant when they let it.
    pub ready: bool,
    /// As many as are needed, who may, have confirmed the head.
    pub confirmed: bool,
    /// What the policy says; nothing for a draft or a unit that ended.
    pub evaluation: Option<Evaluation>,
}

impl Judgment {
    /// The rules that let it land unasked, where nothing keeps a person in.
    pub(super) fn lands_unasked(&self) -> Option<String> {
        let autonomy = &self.evaluation.as_ref()?.autonomy;
        (autonomy.decided == policy::file::Autonomy::Auto).then(|| autonomy.permitted_by.join(", "))
    }
}

/// Judges a unit.
pub(super) fn judge(state: &State, unit: &Unit, context: &Context, now: Timestamp) -> Judgment {
    match unit.state {
        PullState::Merged if unit.aftermath.rolled_back.is_some() => return ended(Standing::RolledBack),
        PullState::Merged => {
            let reasons = super::aftermath::reasons(unit);
            return Judgment { reasons, ..ended(Standing::Landed) };
        }
        PullState::Closed => return ended(Standing::Withdrawn),
        PullState::Open => {}
    }
    let mut sheet = Sheet { reasons: Vec::new(), conditions: Vec::new() };
    if unit.draft {
        sheet.time(ReasonCode::Draft, "It is a draft: Flyball begins when it is marked ready for review.".to_owned());
        return Judgment {
            standing: Standing::Draft,
            reasons: sheet.reasons,
            conditions: sheet.conditions,
            ready: false,
            confirmed: false,
            evaluation: None,
        };
    }
    stops(&mut sheet, unit, now);
    policy_file(&mut sheet, state, unit);
    base(&mut sheet, state, unit);
    dependencies(&mut sheet, state, unit);
    let blocked = !sheet.reasons.is_empty();
    let evaluation = state.evaluate(unit, context, now);
    let asked = counting(state, unit, context).iter().any(|decision| decision.kind == DecisionKind::Confirm);
    let failing = evidence(&mut sheet, &evaluation, unit, asked);
    let gathering = !failing && sheet.reasons.iter().any(|reason| is_gathering(reason.code));
    reviews(&mut sheet, &evaluation);
    let confirmed = confirms(&mut sheet, &evaluation, unit);
    unknowns(&mut sheet, unit);
    let clean = sheet.reasons.is_empty();
    let order = order(&mut sheet, state, unit, context, confirmed && clean);
    if let Some(trouble) = &unit.trouble {
        sheet.person(ReasonCode::WaitsGithub, trouble.clone());
    }
    let queued = unit.queued.is_some() && confirmed && clean;
    if queued {
        sheet.time(ReasonCode::WaitsQueue, "GitHub's merge queue has it.".to_owned());
    }
    let armed = unit.auto_merge.as_ref().filter(|_| confirmed && clean && is_armed(state, unit, context));
    if let Some(auto) = armed {
        sheet.time(ReasonCode::WaitsAutoMerge, sentence(auto));
    }
    // A merge of which nothing is known yet gives no success to a head that it does not land, nor to one that nobody stands for any more.
    let landing = unit.is_landing_head() && confirmed && unit.stopped_by(now).is_none();
    let standing = match () {
        () if landing || queued || armed.is_some() => Standing::Landing,
        () if blocked || failing => Standing::Blocked,
        () if gathering => Standing::Gathering,
        () if !confirmed && order => Standing::Blocked,
        () if !confirmed => Standing::AwaitingJudgment,
        () => Standing::Cleared,
    };
    if matches!(standing, Standing::Blocked | Standing::Gathering) && !confirmed {
        // Judgment is scarce: while something else is in the way, nobody is asked for it.
        sheet.reasons.retain(|reason| reason.code != ReasonCode::WaitsConfirm);
    }
    let ready = confirmed && clean;
    let (reasons, conditions) = (sheet.reasons, sheet.conditions);
    Judgment { standing, reasons, conditions, ready, confirmed, evaluation: Some(evaluation) }
}

/// The policy itself: nothing lands before it was read, and none that would break it.
fn policy_file(sheet: &mut Sheet, state: &State, unit: &Unit) {
    if !state.knows_policy_of(&unit.base.branch) {
        sheet.condition("the policy is known".to_owned(), Verdict::Unknown, "it was not read yet", "policy");
        let text = "The policy file could not be read yet: until then nothing lands.".to_owned();
        sheet.time(ReasonCode::WaitsGithub, text);
    }
    let read = unit.policy_read.as_ref().filter(|read| read.sha == unit.head.sha);
    let what = "the policy file that it carries can come into force".to_owned();
    match read.map(|read| &read.fault) {
        None if state.policy_file_of(unit).is_some() => {
            sheet.condition(what, Verdict::Unknown, "it was not read yet", "policy");
            let text = "The policy file that it carries was not read yet.".to_owned();
            sheet.time(ReasonCode::WaitsGithub, text);
        }
        Some(Some(fault)) => {
            sheet.condition(what, Verdict::Unmet, fault.clone(), "policy");
            let text = format!("The policy file that it carries has an error: {fault}.");
            sheet.person(ReasonCode::BlockedPolicyInvalid, text);
        }
        Some(None) => sheet.condition(what, Verdict::Met, "", "policy"),
        None => {}
    }
}

fn ended(standing: Standing) -> Judgment {
    Judgment { standing, reasons: Vec::new(), conditions: Vec::new(), ready: false, confirmed: false, evaluation: None }
}

fn is_gathering(code: ReasonCode) -> bool {
    matches!(code, ReasonCode::WaitsEvidence | ReasonCode::WaitsEvidenceStale)
}

fn stops(sheet: &mut Sheet, unit: &Unit, now: Timestamp) {
    let Some(decision) = unit.stopped_by(now) else {
        return sheet.condition("nobody refuses or holds it".to_owned(), Verdict::Met, "", "Flyball");
    };
    let why = decision.reason().map_or_else(String::new, |reason| format!(": {reason}"));
    let by = &decision.actor.login;
    sheet.condition(
        "nobody refuses or holds it".to_owned(),
        Verdict::Unmet,
        format!("{} by {by}", decision.word()),
        "Flyball",
    );
    match &decision.kind {
        DecisionKind::Hold { until: Some(until), .. } => {
            let until = until.strftime("%Y-%m-%d %H:%M UTC");
            sheet.person(ReasonCode::BlockedHold, format!("{by} holds it until {until}{why}."));
        }
        DecisionKind::Hold { until: None, .. } => sheet.person(ReasonCode::BlockedHold, format!("{by} holds it{why}.")),
        DecisionKind::Refuse { .. }
        | DecisionKind::Confirm
        | DecisionKind::Approve
        | DecisionKind::Lift
        | DecisionKind::Revert { .. } => {
            sheet.person(ReasonCode::Refused, format!("{by} refused it{why}."));
        }
    }
}

fn base(sheet: &mut Sheet, state: &State, unit: &Unit) {
    let branch = &unit.base.branch;
    let what = format!("`{branch}` is the default branch or protected");
    match state.governs(branch) {
        Some(true) => sheet.condition(what, Verdict::Met, "", "Flyball"),
        Some(false) => {
            sheet.condition(what, Verdict::Unmet, "neither", "Flyball");
            let text = format!(
                "Its base `{branch}` is neither the default branch nor protected, so Flyball does not govern it."
            );
            sheet.time(ReasonCode::BlockedBaseUngoverned, text);
        }
        None => {
            sheet.condition(what, Verdict::Unknown, "not read yet", "Flyball");
            sheet.time(ReasonCode::WaitsGithub, format!("GitHub has not said yet what protects `{branch}`."));
        }
    }
    if unit.mergeable == Mergeable::Conflicting {
        sheet.condition(format!("it merges into `{branch}`"), Verdict::Unmet, "conflicts", "git");
        let text = format!("It conflicts with `{branch}`: rebase it, or merge `{branch}` into it.");
        sheet.person(ReasonCode::BlockedConflictBase, text);
    }
}

fn unknowns(sheet: &mut Sheet, unit: &Unit) {
    if unit.mergeable == Mergeable::Unknown {
        let what = format!("it merges into `{}`", unit.base.branch);
        sheet.condition(what, Verdict::Unknown, "GitHub is still working it out", "git");
        if !sheet.reasons.iter().any(|reason| reason.code == ReasonCode::WaitsConfirm) {
            let text = format!("GitHub is still working out whether it merges into `{}`.", unit.base.branch);
            sheet.time(ReasonCode::WaitsGithub, text);
        }
    } else if unit.mergeable == Mergeable::Clean {
        sheet.condition(format!("it merges into `{}`", unit.base.branch), Verdict::Met, "", "git");
    }
    if let Some(unread) = &unit.unread {
        sheet.time(ReasonCode::WaitsGithub, format!("GitHub could not be read: {}", unread.because));
    }
    if let Some(doubt) = unit.doubt.as_ref().filter(|doubt| doubt.stops) {
        let because = &doubt.unread.because;
        let text = format!("Somebody wants it stopped, and GitHub did not say yet whether they may: {because}");
        sheet.time(ReasonCode::WaitsGithub, text);
    }
}
