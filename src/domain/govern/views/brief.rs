//! Computes the brief of a unit: the one place that answers the eight questions.

use sha2::{Digest, Sha256};

use super::next::{next, next_move};
use super::suggest::suggestion;
use crate::domain::govern::aftermath;
use crate::domain::govern::context::{Context, Words};
use crate::domain::govern::judge::grant;
use crate::domain::govern::judge::{Judgment, judge, short};
use crate::domain::govern::observe::backport::backport;
use crate::domain::govern::observe::elsewhere;
use crate::domain::govern::owed::Conclusion;
use crate::domain::govern::said::voices::counting;
use crate::domain::govern::seen::Seen;
use crate::domain::govern::seen::snapshot::Mergeable;
use crate::domain::govern::standard::learning;
use crate::domain::govern::state::State;
use crate::domain::govern::state::depends;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::integration::collision::{Certainty, Kind};
use crate::domain::integration::index::GroupSeat;
use crate::domain::policy::Requirement;
use crate::domain::unit::{
    Brief, Condition, Conflict, Decision, DecisionKind, DecisionView, DependencyView, EvidenceView, ReasonCode,
    Standing, Unit, Verdict, Void,
};

/// Overlaps are context: so many are enough.
const OVERLAPS: usize = 20;

/// The brief of a live unit, or of one that was brought back.
#[must_use]
pub fn brief(state: &State, context: &Context, number: PrNumber, now: Timestamp) -> Option<Brief> {
    let unit = state.unit(number)?;
    Some(brief_of(state, context, unit, now))
}

/// The brief of a unit that need not be among the live ones: a closed one as it was kept.
#[must_use]
pub fn brief_of(state: &State, context: &Context, unit: &Unit, now: Timestamp) -> Brief {
    let judgment = judge(state, unit, context, now);
    let suggestion = suggestion(state, unit, context, &judgment);
    let conflicts = conflicts(state, unit, context);
    let since =
        unit.stands.as_ref().filter(|stands| stands.standing == judgment.standing).map_or(now, |stands| stands.since);
    Brief {
        repo: state.full_name().to_owned(),
        number: unit.number,
        title: unit.title.clone(),
        intent: intent(&unit.body),
        author: unit.author.as_ref().map(|author| author.login.clone()),
        author_kind: unit
            .author
            .as_ref()
            .map_or("unknown", |_| state.facts_of(unit, context, now).author.kind.word())
            .to_owned(),
        base: unit.base.branch.clone(),
        head: unit.head.sha.clone(),
        standing: judgment.standing,
        since,
        next_move: next_move(unit, &judgment, suggestion.as_ref(), since, now),
        depends_on: depends_on(state, unit),
        dependents: dependents(state, unit),
        backport_of: backport(state, unit),
        reverts: unit.reverts,
        after_landing: aftermath::named(unit),
        would_break: would_break(&judgment, &conflicts, unit),
        conflicts,
        integration: integration(&judgment),
        changed: changed(unit),
        next: next(&judgment, suggestion.as_ref(), unit),
        evidence: evidence(unit, &judgment),
        decisions: unit.decisions.iter().map(|decision| decision_view(decision, state, unit, context, now)).collect(),
        uncertain: uncertain(unit, &judgment),
        granted: unit.grant.as_ref().is_some_and(|grant| grant.sha == unit.head.sha),
        landed_as: unit.ending.as_ref().and_then(|ending| ending.commit.clone()),
        policy: state.policy_of(context, &unit.base.branch).name(),
        observe: state.observes(unit, context),
        policy_changes: unit.policy_read.as_ref().map_or_else(Vec::new, |read| read.changes.clone()),
        lessons: judgment.evaluation.as_ref().map_or_else(Vec::new, |found| learning::lessons(state, found)),
        lesson: if unit.is_open() || taught_after_landing(unit) {
            learning::offer(state, unit, context, now)
        } else {
            None
        },
        anchor: unit.chain.anchor(),
        reasons: judgment.reasons,
        conditions: judgment.conditions,
        suggestion,
    }
}

/// The conclusion that a unit's standing asks for (DESIGN, section 4); `None` is in progress.
#[must_use]
pub fn conclusion(brief: &Brief) -> Option<Conclusion> {
    if brief.observe {
        // Observe mode never blocks: `neutral` passes protection.
        return Some(Conclusion::Neutral);
    }
    match brief.standing {
        Standing::Draft | Standing::Gathering => None,
        Standing::Blocked => brief.reasons.iter().any(|reason| reason.needs_person).then_some(Conclusion::Failure),
        Standing::AwaitingJudgment => Some(Conclusion::ActionRequired),
        Standing::Cleared => brief.granted.then_some(Conclusion::Success),
        Standing::Landing | Standing::Landed | Standing::RolledBack => Some(Conclusion::Success),
        Standing::Withdrawn => Some(Conclusion::Cancelled),
    }
}

fn intent(body: &str) -> String {
    let lines: Vec<&str> = body.lines().map(str::trim).collect();
    let named = lines.iter().find_map(|line| {
        let (key, rest) = line.split_once(':')?;
        (key.eq_ignore_ascii_case("intent") && !rest.trim().is_empty()).then(|| rest.trim().to_owned())
    });
    let section = || {
        let at = lines.iter().position(|line| {
            line.trim_start_matches('#').trim().eq_ignore_ascii_case("intent") && line.starts_with('#')
        })?;
        lines[at + 1..].iter().find(|line| !line.is_empty()).map(|line| (*line).to_owned())
    };
    let first = || {
        lines
            .iter()
            .find(|line| !line.is_empty() && !line.starts_with(['#', '<', '>', '|']))
            .map(|line| (*line).to_owned())
    };
    named.or_else(section).or_else(first).unwrap_or_default().chars().take(300).collect()
}

fn depends_on(state: &State, unit: &Unit) -> Vec<DependencyView> {
    let found = depends::dependencies(state, unit);
    let view = |dependency: &depends::Dependency| DependencyView {
        unit: short(&dependency.unit, state),
        why: dependency.why().to_owned(),
        state: depends::word(&depends::fate_of(state, unit, dependency)).to_owned(),
    };
    found.iter().map(view).collect()
}

fn dependents(state: &State, unit: &Unit) -> Vec<DependencyView> {
    let view = |(number, why): (PrNumber, &str)| DependencyView {
        unit: format!("#{number}"),
        why: why.to_owned(),
        state: "open".to_owned(),
    };
    let elsewhere = elsewhere::waiting(state, unit).map(|unit| DependencyView {
        unit,
        why: "declared".to_owned(),
        state: "open".to_owned(),
    });
    depends::dependents(state, unit.number).into_iter().map(view).chain(elsewhere).collect()
}

fn conflicts(state: &State, unit: &Unit, context: &Context) -> Vec<Conflict> {
    let mut found = Vec::new();
    if unit.mergeable == Mergeable::Conflicting {
        let why = format!("git cannot merge it into `{}`.", unit.base.branch);
        found.push(Conflict { with: None, kind: "base".to_owned(), paths: Vec::new(), why, enforced: true });
    }
    let kinds = state.policy(context).enforced();
    let related = state.relations.of(unit.number);
    for group in related.groups {
        let GroupSeat { path, kind, others } = group;
        let why = format!("At least {others} other open units collide with it in {path}; they land one by one.");
        let enforced = kinds.contains(&kind);
        found.push(Conflict { with: None, kind: kind.to_string(), paths: vec![path], why, enforced });
    }
    let mut overlaps = 0;
    for collision in related.collisions {
        let other = collision.other(unit.number);
        let kind = collision.finding.kind;
        overlaps += usize::from(kind == Kind::Overlap);
        if overlaps > OVERLAPS {
            break;
        }
        let enforced = kinds.contains(&kind) && collision.finding.certainty == Certainty::Certain;
        let paths = collision.finding.paths.iter().take(20).cloned().collect();
        found.push(Conflict {
            with: Some(other),
            kind: kind.to_string(),
            paths,
            why: collision.finding.why.clone(),
            enforced,
        });
    }
    found
}

fn would_break(judgment: &Judgment, conflicts: &[Conflict], unit: &Unit) -> Vec<String> {
    if !unit.is_open() {
        return Vec::new();
    }
    let redo = |conflict: &Conflict| {
        let with = conflict.with.filter(|_| conflict.kind != "overlap")?;
        Some(format!("#{with} would have to be redone ({}): {}", conflict.kind, conflict.why))
    };
    let mut found: Vec<String> = conflicts.iter().filter_map(redo).collect();
    // What people have still to say breaks nothing; what is not tested, or does not merge, may.
    let tested = |condition: &&Condition| matches!(condition.source.as_str(), "branch protection" | "git");
    let unmet = judgment.conditions.iter().filter(|condition| condition.verdict != Verdict::Met).filter(tested);
    found.extend(unmet.map(|condition| format!("Unproven: {} ({}).", condition.what, condition.seen)));
    found
}

fn changed(unit: &Unit) -> Vec<String> {
    let mut all: Vec<(Timestamp, String)> = Vec::new();
    for pair in unit.heads.windows(2) {
        if let [before, after] = pair {
            all.push((after.at, format!("The head moved from {} to {}.", before.sha.short(), after.sha.short())));
        }
    }
    for decision in &unit.decisions {
        let why = decision.reason().map_or_else(String::new, |reason| format!(": {}", reason.trim_end_matches('.')));
        all.push((
            decision.at,
            format!("{} said {} on {}{why}.", decision.actor.login, decision.word(), decision.sha.short()),
        ));
        if let Some(Void::Retargeted) = decision.void {
            all.push((decision.at, format!("The base became `{}` afterwards.", unit.base.branch)));
        }
    }
    all.sort();
    all.into_iter().map(|(_, sentence)| sentence).collect()
}

/// Kinds of integration that the rules name; technical at least.
fn integration(judgment: &Judgment) -> Vec<String> {
    let named = judgment.evaluation.iter().flat_map(|evaluation| &evaluation.integration);
    let all: Vec<String> = named.map(|kind| format!("{kind:?}").to_lowercase()).collect();
    if all.is_empty() { vec!["technical".to_owned()] } else { all }
}

/// Required results first, as the policy sees them, then whatever else reported.
fn evidence(unit: &Unit, judgment: &Judgment) -> Vec<EvidenceView> {
    let mut views: Vec<EvidenceView> = Vec::new();
    for outcome in judgment.evaluation.iter().flat_map(|evaluation| &evaluation.requirements) {
        let Requirement::Evidence { name, .. } = &outcome.requirement else { continue };
        let found = unit.evidence.iter().filter(|evidence| evidence.name.eq_ignore_ascii_case(&name.name));
        let found = found.max_by_key(|evidence| evidence.at);
        let state = match (outcome.code, found) {
            (None, _) => "passing",
            (Some(ReasonCode::WaitsEvidenceStale), _) => "stale",
            (Some(ReasonCode::BlockedEvidence), _) => "failing",
            (Some(_), Some(evidence)) => seen_word(evidence.state),
            (Some(_), None) => "missing",
        };
        let note = (state == "stale").then(|| outcome.seen.trim_start_matches("stale since ").to_owned() + " since");
        views.push(EvidenceView {
            name: name.name.clone(),
            state: state.to_owned(),
            required: true,
            sha: unit.head.sha.clone(),
            url: found.and_then(|evidence| evidence.url.clone()),
            note,
        });
    }
    let required: Vec<String> = views.iter().map(|view| view.name.to_lowercase()).collect();
    let others = unit.evidence.iter().filter(|evidence| !required.contains(&evidence.name.to_lowercase()));
    views.extend(others.map(|evidence| EvidenceView {
        name: evidence.name.clone(),
        state: seen_word(evidence.state).to_owned(),
        required: false,
        sha: unit.head.sha.clone(),
        url: evidence.url.clone(),
        note: None,
    }));
    views
}

const fn seen_word(seen: Seen) -> &'static str {
    match seen {
        Seen::Passing => "passing",
        Seen::Pending => "pending",
        Seen::Failing => "failing",
    }
}

fn decision_view(decision: &Decision, state: &State, unit: &Unit, context: &Context, now: Timestamp) -> DecisionView {
    let counts = match &decision.void {
        Some(Void::Pushed) => "void: a new head replaced it".to_owned(),
        Some(Void::Retargeted) => "void: the base changed".to_owned(),
        Some(Void::Lifted { by, .. }) => format!("lifted by {by}"),
        Some(Void::Reopened) => "void: it was closed and reopened".to_owned(),
        Some(Void::RightLost) => "void: the person may no longer decide".to_owned(),
        Some(Void::Dismissed) => "void: the review was dismissed".to_owned(),
        Some(Void::Superseded) => "void: the same person decided otherwise since".to_owned(),
        None if decision.stops(now) => "it stops the unit".to_owned(),
        None if counting(state, unit, context).contains(&decision) => "counts".to_owned(),
        None => "noted".to_owned(),
    };
    DecisionView {
        kind: decision.word().to_owned(),
        by: decision.actor.login.clone(),
        at: decision.at,
        sha: decision.sha.clone(),
        reason: decision.reason().map(str::to_owned),
        counts,
        source: decision.source.word().to_owned(),
    }
}

fn uncertain(unit: &Unit, judgment: &Judgment) -> Vec<String> {
    let mut all = Vec::new();
    if let crate::domain::integration::footprint::Completeness::Unknown { because } = &unit.footprint.state {
        all.push(format!("What it touches is not known: {because}."));
    }
    let unknown = judgment.conditions.iter().filter(|condition| condition.verdict == Verdict::Unknown);
    all.extend(unknown.map(|condition| format!("Not known: {} ({}).", condition.what, condition.seen)));
    all.extend(unit.unread.iter().map(|unread| format!("GitHub could not be read: {}", unread.because)));
    all
}

/// Whether somebody asked to take back what had landed, or something else had landed.
fn taught_after_landing(unit: &Unit) -> bool {
    let otherwise = unit.aftermath.landed_otherwise();
    otherwise || unit.decisions.iter().any(|decision| matches!(decision.kind, DecisionKind::Revert { .. }))
}

/// What decides whether the sticky comment must be written again: standing, suggestion, and what is said above its fold.
pub(in crate::domain::govern) fn sticky_key(brief: &Brief, words: &dyn Words) -> String {
    let suggestion = brief.suggestion.as_ref().map_or("", |suggestion| suggestion.fingerprint.as_str());
    let parts = [brief.standing.code(), suggestion, &words.gist(brief)].join("\n\n");
    hex::encode(&Sha256::digest(parts)[..12])
}

/// Whether an open unit may land at once now, in the eyes of GitHub.
#[must_use]
pub fn may_land(state: &State, number: PrNumber) -> bool {
    state.unit(number).is_some_and(|unit| grant::holds(state, unit))
}
