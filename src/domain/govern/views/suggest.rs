//! The one suggestion of a unit: what Flyball would do now, its effect, its undo and who may answer.

use sha2::{Digest, Sha256};

use crate::domain::govern::aftermath;
use crate::domain::govern::context::Context;
use crate::domain::govern::judge::{CHECK_NAME, Judgment};
use crate::domain::govern::owed::auto_merge::{self, Way, way};
use crate::domain::govern::seen::snapshot::MergeMethod;
use crate::domain::govern::state::State;
use crate::domain::policy::file::Who;
use crate::domain::policy::{self, Requirement};
use crate::domain::unit::{ReasonCode, Standing, SuggestionKind, SuggestionView, Unit};

/// The merge method: the policy's where the repository allows it, else the first that it allows of squash, merge, rebase.
pub(in crate::domain::govern) fn method(state: &State, unit: &Unit, context: &Context) -> MergeMethod {
    let wanted = state.policy_of(context, &unit.base.branch).settings(&unit.base.branch).merge.method;
    let ruled = state.repo.rules.get(&unit.base.branch).map_or(&[][..], |read| &read.rules.methods[..]);
    let allowed = |method: &MergeMethod| {
        (unit.methods.is_empty() || unit.methods.contains(method)) && (ruled.is_empty() || ruled.contains(method))
    };
    wanted
        .into_iter()
        .chain([MergeMethod::Squash, MergeMethod::Merge, MergeMethod::Rebase])
        .find(allowed)
        .unwrap_or(MergeMethod::Squash)
}

const fn method_word(method: MergeMethod) -> &'static str {
    match method {
        MergeMethod::Squash => "squash",
        MergeMethod::Merge => "merge",
        MergeMethod::Rebase => "rebase",
    }
}

/// At most one; none where nothing may be done, or somebody stopped the unit.
pub(in crate::domain::govern) fn suggestion(
    state: &State,
    unit: &Unit,
    context: &Context,
    judgment: &Judgment,
) -> Option<SuggestionView> {
    if judgment.standing == Standing::Landed {
        return aftermath::suggestion(unit);
    }
    let has = |code| judgment.reasons.iter().any(|reason| reason.code == code);
    let over =
        matches!(judgment.standing, Standing::Draft | Standing::Landed | Standing::Withdrawn | Standing::RolledBack);
    if over || has(ReasonCode::Refused) || has(ReasonCode::BlockedHold) || has(ReasonCode::BlockedBaseUngoverned) {
        return None;
    }
    let base = &unit.base.branch;
    if has(ReasonCode::BlockedConflictBase) {
        return Some(SuggestionView {
            action: SuggestionKind::Rebase,
            detail: base.clone(),
            reason: format!("It conflicts with `{base}`."),
            effect: "Nothing happens by itself: its author rebases it and pushes.".to_owned(),
            undo: "Not needed.".to_owned(),
            fingerprint: fingerprint(judgment, unit, "rebase", base),
            who: unit.author.iter().map(|author| author.login.clone()).collect(),
            confirmable: false,
        });
    }
    let Landing { action, kind, detail, effect, undo } =
        landing(state, unit, context, has(ReasonCode::WaitsEvidenceStale));
    Some(SuggestionView {
        action,
        reason: reason(judgment),
        effect,
        undo: undo.to_owned(),
        fingerprint: fingerprint(judgment, unit, kind, &detail),
        detail,
        who: who(unit, judgment),
        confirmable: true,
    })
}

/// What a confirm does, by the way that the unit lands.
struct Landing {
    action: SuggestionKind,
    /// The same as a word, for the fingerprint.
    kind: &'static str,
    detail: String,
    effect: String,
    undo: &'static str,
}

fn landing(state: &State, unit: &Unit, context: &Context, stale: bool) -> Landing {
    let (base, head) = (&unit.base.branch, unit.head.sha.short());
    let word = method_word(method(state, unit, context));
    let lands = match word {
        "squash" => format!("Squash-merges {head} into `{base}`"),
        "rebase" => format!("Rebases {head} onto `{base}`"),
        _ => format!("Merges {head} into `{base}`"),
    };
    let first = if stale { format!("Brings the branch up to date with `{base}`. ") } else { String::new() };
    let named = auto_merge::named(unit);
    let holds = "as soon as everything it waits for holds.";
    let way = way(state, unit, context);
    let (action, detail, effect, undo) = match way {
        Way::Queue => (
            SuggestionKind::Enqueue,
            base.as_str(),
            format!("Adds {head} to GitHub's merge queue for `{base}` {holds}"),
            "`/hold` takes it out of the queue; once it landed, a revert pull request takes it back.",
        ),
        Way::AutoMerge => (
            SuggestionKind::AutoMerge,
            word,
            format!(
                "{first}Turns GitHub's auto-merge on {holds} {lands} once GitHub's own rules hold too, or at once where nothing is left.{named}"
            ),
            "`/hold` turns auto-merge off; once it landed, a revert pull request takes it back.",
        ),
        Way::Api | Way::ApiInstead => {
            let instead = format!(
                " The policy asks for auto-merge, but protection of `{base}` does not require `{CHECK_NAME}` from this App: it is merged directly."
            );
            let instead = if way == Way::ApiInstead { instead.as_str() } else { "" };
            let effect = format!("{first}{lands} {holds}{instead}{named}");
            (SuggestionKind::Merge, word, effect, "A revert pull request takes it back.")
        }
    };
    Landing { action, kind: way.word(), detail: detail.to_owned(), effect, undo }
}

fn reason(judgment: &Judgment) -> String {
    let open: Vec<&str> =
        judgment.reasons.iter().filter(|r| r.code != ReasonCode::WaitsConfirm).map(|r| r.text.as_str()).collect();
    if open.is_empty() { "Everything it needs but a person's word is there.".to_owned() } else { open.join(" ") }
}

fn who(unit: &Unit, judgment: &Judgment) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for outcome in judgment.evaluation.iter().flat_map(|evaluation| &evaluation.requirements) {
        let Requirement::Confirm(confirm) = &outcome.requirement else { continue };
        // Who is named and is not the author needs no exception.
        let named = |who: &Who, login: &str| matches!(who, Who::User(named) if !named.eq_ignore_ascii_case(login));
        let others = |login: &str| confirm.by.iter().chain(&confirm.each).all(|who| named(who, login));
        let but = unit.author.as_ref().filter(|author| !confirm.author && !others(&author.login));
        let but = but.map_or_else(String::new, |author| format!(" other than {}", author.login));
        let who = policy::who_words(confirm);
        let who = if who == "somebody with write access" { "anyone with write access".to_owned() } else { who };
        let who = format!("{who}{but}");
        if !all.contains(&who) {
            all.push(who);
        }
    }
    all
}

/// (kind, parameters, head, base, digest of the rules that matched).
fn fingerprint(judgment: &Judgment, unit: &Unit, kind: &str, parameter: &str) -> String {
    let rules = judgment.evaluation.as_ref().map_or("", |evaluation| evaluation.digest.as_str());
    let parts = [kind, parameter, unit.head.sha.as_str(), &unit.base.branch, rules].join("\n");
    hex::encode(&Sha256::digest(parts)[..12])
}
