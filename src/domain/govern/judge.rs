//! Judges one unit: its standing and the conditions it rests on. A pure function of the state, the policy and the time.

use super::auto_merge::{is_armed, sentence};
use super::context::Context;
use super::depends;
use super::grant::Rival;
use super::protection::RequiredCheck;
use super::seen::PullState;
use super::snapshot::Mergeable;
use super::state::State;
use super::voices::counting;
use crate::domain::ids::Timestamp;
use crate::domain::integration::collision::Kind;
use crate::domain::integration::dependency::Fate;
use crate::domain::policy::{self, Evaluation, Requirement, RequirementOutcome};
use crate::domain::unit::{Condition, DecisionKind, Evidence, Reason, ReasonCode, Standing, Unit, Verdict};

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

struct Sheet {
    reasons: Vec<Reason>,
    conditions: Vec<Condition>,
}

impl Sheet {
    fn condition(&mut self, what: String, verdict: Verdict, seen: impl Into<String>, source: &str) {
        self.conditions.push(Condition { what, verdict, seen: seen.into(), source: source.to_owned() });
    }

    fn outcome(&mut self, what: String, outcome: &RequirementOutcome) {
        let verdict = match outcome.verdict {
            policy::Verdict::Met | policy::Verdict::NotApplicable => Verdict::Met,
            policy::Verdict::Unmet => Verdict::Unmet,
            policy::Verdict::Unknown => Verdict::Unknown,
        };
        self.condition(what, verdict, outcome.seen.clone(), &outcome.sources.join(", "));
    }

    fn person(&mut self, code: ReasonCode, text: String) {
        self.reasons.push(Reason { code, text, needs_person: true });
    }

    fn time(&mut self, code: ReasonCode, text: String) {
        self.reasons.push(Reason { code, text, needs_person: false });
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
    let standing = match () {
        () if unit.is_landing() || queued || armed.is_some() => Standing::Landing,
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

fn dependencies(sheet: &mut Sheet, state: &State, unit: &Unit) {
    let needed = depends::dependencies(state, unit);
    if needed.is_empty() {
        return;
    }
    let cycle = depends::cycle(state, unit);
    for dependency in needed {
        let name = short(&dependency.unit, state);
        let caught = |number| cycle.as_ref().is_some_and(|cycle| cycle.members.contains(&number));
        let fate = match dependency.number.filter(|number| caught(*number)) {
            Some(_) => Fate::Itself,
            None => depends::fate_of(state, unit, &dependency),
        };
        let verdict = match fate {
            Fate::Landed => Verdict::Met,
            Fate::Unreadable | Fate::Missing => Verdict::Unknown,
            Fate::Open | Fate::Moved { .. } | Fate::Closed | Fate::Itself => Verdict::Unmet,
        };
        sheet.condition(format!("{name} has landed"), verdict, depends::word(&fate), dependency.why());
        match fate {
            Fate::Landed => {}
            Fate::Open => sheet.time(ReasonCode::WaitsDependency, format!("It needs {name} to land first.")),
            Fate::Moved { base } => sheet.time(
                ReasonCode::WaitsDependency,
                format!("It needs {name} to land first, which wants to land on `{base}`."),
            ),
            Fate::Closed => sheet.person(
                ReasonCode::BlockedDependencyClosed,
                format!(
                    "It needs {name}, which was closed without landing: remove the dependency, or reopen that one."
                ),
            ),
            Fate::Missing => sheet.person(
                ReasonCode::BlockedDependencyUnreadable,
                format!("It needs {name}, and there is no such pull request: check the reference."),
            ),
            Fate::Unreadable => sheet.person(
                ReasonCode::BlockedDependencyUnreadable,
                format!("It needs {name}, which Flyball cannot read: check the reference."),
            ),
            Fate::Itself => {
                let around = cycle.as_ref().map_or_else(|| vec![unit.number], |cycle| cycle.around.clone());
                let names: Vec<String> =
                    around.iter().chain(around.first()).map(|number| format!("#{number}")).collect();
                let text = format!("Dependencies form a cycle: {}. Remove one of them.", names.join(" needs "));
                sheet.person(ReasonCode::BlockedDependencyCycle, text);
            }
        }
    }
}

/// `#12` within the repository, else the whole reference.
pub(super) fn short(unit: &str, state: &State) -> String {
    unit.strip_prefix(state.full_name()).map_or_else(|| unit.to_owned(), str::to_owned)
}

/// Required checks of the base other than our own.
pub(super) fn required<'a>(state: &'a State, unit: &Unit, app_id: u64) -> Vec<&'a RequiredCheck> {
    let Some(read) = state.repo.rules.get(&unit.base.branch) else { return Vec::new() };
    let ours = |check: &&RequiredCheck| check.context == CHECK_NAME && check.app.is_none_or(|app| app == app_id);
    read.rules.required.iter().filter(|check| !ours(check)).collect()
}

/// The evidence for a required check: the newest of that name from the right App.
pub(super) fn evidence_for<'a>(unit: &'a Unit, check: &RequiredCheck) -> Option<&'a Evidence> {
    let fits = |evidence: &&Evidence| {
        let same = evidence.name == check.context
            || evidence.app.is_none() && evidence.name.eq_ignore_ascii_case(&check.context);
        same && check.app.is_none_or(|app| evidence.app == Some(app))
    };
    unit.evidence.iter().filter(fits).max_by_key(|evidence| (evidence.at, std::cmp::Reverse(evidence.state)))
}

/// Whether a required result fails; reasons for what is missing, pending or stale go on the sheet.
fn evidence(sheet: &mut Sheet, evaluation: &Evaluation, unit: &Unit, asked: bool) -> bool {
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
fn reviews(sheet: &mut Sheet, evaluation: &Evaluation) {
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
fn confirms(sheet: &mut Sheet, evaluation: &Evaluation, unit: &Unit) -> bool {
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

/// Whether the order keeps it back; the reason is `waits.order` for a cleared unit, and the kind of collision else.
fn order(sheet: &mut Sheet, state: &State, unit: &Unit, context: &Context, ready: bool) -> bool {
    if unit.grant.as_ref().is_some_and(|grant| grant.sha == unit.head.sha) {
        return false;
    }
    let rivals = super::grant::rivals(state, unit, context);
    let ahead: Vec<_> = rivals.iter().filter(|rival| rival.in_the_way).collect();
    for rival in &ahead {
        let code = if ready { ReasonCode::WaitsOrder } else { collision_code(rival.kind) };
        sheet.time(code, lands_first(rival, ready));
    }
    let what = "no related unit lands before it".to_owned();
    let names: Vec<String> = ahead.iter().map(|rival| format!("#{}", rival.number)).collect();
    let verdict = if ahead.is_empty() { Verdict::Met } else { Verdict::Unmet };
    sheet.condition(what, verdict, names.join(", "), "order");
    if ready && !unit.footprint.state.is_known() && super::grant::others_hold(state, unit) {
        let text = "What it touches is not known, so it waits until no other unit on its base may land.".to_owned();
        sheet.time(ReasonCode::UnknownFootprint, text);
        return true;
    }
    !ahead.is_empty()
}

/// Who lands first, and why. In a hot place nobody is named: each landing there would change every other unit's words.
fn lands_first(rival: &Rival, ready: bool) -> String {
    let number = rival.number;
    match (&rival.crowd, ready) {
        (Some(path), _) => {
            format!("Many open units {} ({path}); they land one by one, and another one is next.", shared(rival.kind))
        }
        (None, true) => format!("#{number} lands first: {}.", rival.why),
        (None, false) => format!("#{number} {} and lands first: {}.", shares(rival.kind), rival.why),
    }
}

const fn shares(kind: Kind) -> &'static str {
    match kind {
        Kind::Textual | Kind::Overlap => "changes the same lines",
        Kind::Package => "moves the same dependency",
        Kind::Lockfile => "regenerates the same lockfile",
        Kind::Sequence => "claims the same number",
        Kind::Symbol => "changes a definition that this one uses",
        Kind::Component => "touches the same exclusive component",
    }
}

const fn shared(kind: Kind) -> &'static str {
    match kind {
        Kind::Textual | Kind::Overlap => "change the same lines",
        Kind::Package => "move the same dependency",
        Kind::Lockfile => "regenerate the same lockfile",
        Kind::Sequence => "claim the same number",
        Kind::Symbol => "change or use the same definition",
        Kind::Component => "touch the same exclusive component",
    }
}

const fn collision_code(kind: Kind) -> ReasonCode {
    match kind {
        Kind::Textual | Kind::Overlap => ReasonCode::BlockedCollisionTextual,
        Kind::Package => ReasonCode::BlockedCollisionPackage,
        Kind::Lockfile => ReasonCode::BlockedCollisionLockfile,
        Kind::Sequence => ReasonCode::BlockedCollisionSequence,
        Kind::Symbol => ReasonCode::BlockedCollisionSymbol,
        Kind::Component => ReasonCode::BlockedCollisionComponent,
    }
}
