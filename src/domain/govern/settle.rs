//! Brings what is derived into line after facts changed: grants, standings with their trace, surfaces, actions, timers.

use std::collections::BTreeSet;

use jiff::{SignedDuration, ToSpan};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::auto_merge::{Way, way, words};
use super::brief::{brief_of, conclusion, sticky_key};
use super::changes::{Changes, TraceLine, Wake};
use super::context::Context;
use super::event::ActorKind;
use super::grant::{holds, others_hold, patience_ends, rivals};
use super::judge::judge;
use super::owed::{ActionCall, Conclusion, OwedKey};
use super::snapshot::Mergeable;
use super::state::State;
use super::suggest::method;
use super::update::update_ends;
use super::voices::counting;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::policy::facts::AuthorKind;
use crate::domain::unit::{Brief, CheckKey, CheckSurface, DecisionKind, Entry, Grant, Phase, Standing, Stands, Unit};

/// One judgment in the making: the state, what changed so far, and which units must be looked at.
pub(super) struct Work<'a> {
    pub state: &'a mut State,
    pub context: &'a Context,
    pub now: Timestamp,
    pub changes: Changes,
    /// The unit that this look makes known, if it was there before us.
    pub quietly: Option<PrNumber>,
    /// Whether a pull request is opened right now, so that nobody can have written on it for us before.
    pub opening: bool,
    touched: BTreeSet<PrNumber>,
    groups: BTreeSet<CommitSha>,
}

/// A completed run is renewed before GitHub calls it stale after 14 days; only incomplete ones turn stale.
pub(super) const RENEW_HOURS: i64 = 13 * 24;

/// When a policy that could not be read is asked for again.
const POLICY_AGAIN: SignedDuration = SignedDuration::from_secs(30);

impl<'a> Work<'a> {
    pub(super) fn new(state: &'a mut State, context: &'a Context, now: Timestamp) -> Self {
        state.judged_at = Some(now);
        Self {
            state,
            context,
            now,
            changes: Changes::default(),
            quietly: None,
            opening: false,
            touched: BTreeSet::new(),
            groups: BTreeSet::new(),
        }
    }

    /// Marks a unit as changed: it is written, and judged with everything related to it.
    pub(super) fn touch(&mut self, number: PrNumber) {
        self.touched.insert(number);
        self.changes.units.insert(number);
    }

    /// Marks a group of the merge queue: its answer is worked out again.
    pub(super) fn touch_group(&mut self, sha: &CommitSha) {
        self.groups.insert(sha.clone());
    }

    /// Appends to a unit's history.
    pub(super) fn record(&mut self, number: PrNumber, actor: &str, kind: &str, data: Value) {
        let base = self.state.unit(number).map_or("", |unit| unit.base.branch.as_str());
        let policy = self.state.policy_of(self.context, base).name();
        let now = self.now;
        if let Some(unit) = self.state.units.get_mut(&number) {
            let author = unit.course.author;
            self.changes.moved.extend(unit.course.learn(now, kind, &data).into_iter().map(|moved| (author, moved)));
            let json = unit.chain.append(now, actor, kind, data, &policy);
            self.changes.trace.push(TraceLine { unit: number, seq: unit.chain.seq, json });
            self.changes.units.insert(number);
        }
    }

    /// Everything derived follows. Granting one unit may settle what its rivals wait for, so this goes on until nothing moves.
    pub(super) fn settle(mut self) -> Changes {
        let mut queue = std::mem::take(&mut self.touched);
        queue.extend(self.state.relations.take_disturbed());
        let mut all: BTreeSet<PrNumber> = BTreeSet::new();
        while !queue.is_empty() {
            // Revocations first: what is taken back is known before anything is given.
            for number in &queue {
                self.revoke(*number);
            }
            for number in &queue {
                self.give(*number);
            }
            all.extend(&queue);
            queue = self.ripple(&queue);
        }
        for number in all {
            self.present(number);
            let groups = self.state.groups_of(number);
            self.groups.extend(groups);
        }
        for sha in std::mem::take(&mut self.groups) {
            self.want_group(&sha);
        }
        if self.changes.repo || !self.changes.early.is_empty() || !self.changes.trunks.is_empty() {
            self.wake_repo();
        }
        self.changes
    }

    fn revoke(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number) else { return };
        let ready = judge(self.state, unit, self.context, self.now).ready;
        let stale = unit.grant.as_ref().is_some_and(|grant| grant.sha != unit.head.sha || !ready);
        let landing = unit.is_landing();
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let before = unit.ready_since;
        unit.ready_since = if ready { Some(before.unwrap_or(now)) } else { None };
        if unit.ready_since != before {
            self.changes.units.insert(number);
        }
        if stale && !landing && unit.is_open() {
            let sha = unit.grant.take().map(|grant| grant.sha.to_string());
            self.record(number, "flyball", "grant_revoked", json!({ "sha": sha }));
        }
    }

    fn give(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number) else { return };
        if unit.grant.is_some() || !unit.is_open() || unit.ready_since.is_none() {
            return;
        }
        let free = !rivals(self.state, unit, self.context).iter().any(|rival| rival.in_the_way);
        let known = unit.footprint.state.is_known() || !others_hold(self.state, unit);
        // Another unit with the same head shares the check run: its conclusion is the most careful of theirs.
        if free && known && self.still_alone(unit) {
            let sha = unit.head.sha.clone();
            let now = self.now;
            if let Some(unit) = self.state.units.get_mut(&number) {
                unit.grant = Some(Grant { sha: sha.clone(), since: now });
            }
            self.record(number, "flyball", "grant_given", json!({ "sha": sha }));
        }
    }

    /// A related grant goes out only after GitHub accepted that the other one is taken back.
    fn still_alone(&self, unit: &Unit) -> bool {
        let related = self.state.relations.enforced(unit.number, &self.state.policy(self.context).enforced());
        !related.into_iter().filter_map(|other| self.state.unit(other)).any(|other| holds(self.state, other))
    }

    fn present(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number) else { return };
        let brief = brief_of(self.state, self.context, unit, self.now);
        self.note_standing(number, &brief);
        self.note_lessons(number);
        self.want_check(&brief.head.clone());
        // One that was there before us has a check run and nothing else until something happens on it.
        if !self.state.unit(number).is_some_and(|unit| unit.quiet) {
            self.want_mention(number, &brief);
            self.want_comment(number, &brief);
            self.want_merge(number, &brief);
            self.want_update(number, &brief);
            self.want_dequeue(number);
            self.want_disarm(number);
            self.want_label(number, brief.standing);
            self.want_review(number, &brief);
        }
        self.wake(number);
        self.clear_away(number);
    }

    fn note_standing(&mut self, number: PrNumber, brief: &Brief) {
        let codes: Vec<String> = brief.reasons.iter().map(|reason| reason.code.to_string()).collect();
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let before = unit.stands.as_ref();
        if before.is_some_and(|stands| stands.standing == brief.standing && stands.codes == codes) {
            return;
        }
        let since = before.filter(|stands| stands.standing == brief.standing).map_or(now, |stands| stands.since);
        unit.course.author = AuthorKind::named(&brief.author_kind);
        unit.course.opened.get_or_insert(unit.opened_at.as_second());
        unit.stands = Some(Stands { standing: brief.standing, codes: codes.clone(), since });
        let reasons: Vec<&str> = brief.reasons.iter().map(|reason| reason.text.as_str()).collect();
        let data = json!({ "standing": brief.standing, "codes": codes, "reasons": reasons, "head": brief.head });
        self.record(number, "flyball", "judged", data);
    }

    /// The check run on a commit follows the most careful of the units that share it.
    pub(super) fn want_check(&mut self, sha: &CommitSha) {
        let open: Vec<Brief> = self.briefs_at(sha);
        let ended = || {
            let units = self.state.units().filter(|unit| unit.head.sha == *sha);
            units.map(|unit| brief_of(self.state, self.context, unit, self.now)).collect::<Vec<_>>()
        };
        let briefs = if open.is_empty() { ended() } else { open };
        let Some(first) = briefs.first() else { return };
        let conclusion = most_careful(&briefs);
        let before = self.state.checks.get(sha);
        let passed = before.is_some_and(CheckSurface::may_pass);
        // A unit that ended needs no new document, unless its success is still out there and it did not land.
        if matches!(first.standing, Standing::Landed | Standing::RolledBack)
            || first.standing == Standing::Withdrawn && !passed
        {
            return self.rest_check(sha);
        }
        let doc =
            self.context.words.check(&briefs, &self.external_id(sha), conclusion, self.context.pages_url.as_deref());
        let wanted = check_key(conclusion, &doc.title, &doc.summary);
        let surface =
            self.state.checks.entry(sha.clone()).or_insert_with(|| CheckSurface::new(sha.clone(), wanted.clone()));
        let changed = surface.wanted != wanted;
        surface.wanted = wanted;
        if changed {
            surface.trouble = None;
        }
        self.changes.checks.insert(sha.clone());
        let at = surface.not_before.filter(|at| *at > self.now).unwrap_or(self.now);
        if surface.is_owed() && surface.flight.is_none() && surface.trouble.is_none() {
            self.changes.owe.push((OwedKey::Check { sha: sha.clone() }, at));
        }
    }

    /// Nothing more is to be said on a commit: what was sent stands.
    fn rest_check(&mut self, sha: &CommitSha) {
        let Some(surface) =
            self.state.checks.get_mut(sha).filter(|surface| surface.flight.is_none() && surface.is_owed())
        else {
            return;
        };
        surface.again = false;
        match surface.sent.clone() {
            Some(sent) => surface.wanted = sent,
            None => drop(self.state.checks.remove(sha)),
        }
        self.changes.checks.insert(sha.clone());
        self.changes.settle.push(OwedKey::Check { sha: sha.clone() });
    }

    /// A unit that ended and is owed nothing leaves, and with it the check surfaces of its heads that no other unit has.
    fn clear_away(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number).filter(|unit| self.state.may_retire(unit)) else { return };
        let others = |sha: &CommitSha| {
            self.state.units().any(|other| other.number != number && other.heads.iter().any(|head| head.sha == *sha))
        };
        let left: Vec<CommitSha> = unit.heads.iter().map(|head| head.sha.clone()).filter(|sha| !others(sha)).collect();
        for sha in left {
            if self.state.checks.remove(&sha).is_some() {
                self.changes.settle.push(OwedKey::Check { sha: sha.clone() });
                self.changes.checks.insert(sha);
            }
        }
    }

    pub(super) fn briefs_at(&self, sha: &CommitSha) -> Vec<Brief> {
        self.state.units_at(sha).map(|unit| brief_of(self.state, self.context, unit, self.now)).collect()
    }

    pub(super) fn external_id(&self, sha: &CommitSha) -> String {
        format!("{}:{sha}", self.state.id())
    }

    fn want_comment(&mut self, number: PrNumber, brief: &Brief) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let silent = unit.comment.id.is_none() && unit.comment.flight.is_none();
        let quiet =
            matches!(brief.standing, Standing::Draft | Standing::Landed | Standing::Withdrawn | Standing::RolledBack);
        if silent && quiet && brief.suggestion.is_none() {
            // Nothing was said yet and there is nothing to ask: no noise.
            unit.comment.wanted.clear();
            return;
        }
        let wanted = sticky_key(brief, self.context.words);
        if unit.comment.wanted != wanted {
            unit.comment.wanted = wanted;
            unit.comment.trouble = None;
            self.changes.units.insert(number);
        }
        if unit.comment.is_owed() && unit.comment.flight.is_none() && unit.comment.trouble.is_none() {
            let at = unit.comment.not_before.filter(|at| *at > self.now).unwrap_or(self.now);
            self.changes.owe.push((OwedKey::Comment { number }, at));
        }
    }

    /// A merge is owed once somebody confirmed, the grant is given, and GitHub accepted the success on that head.
    fn want_merge(&mut self, number: PrNumber, brief: &Brief) {
        let Some(unit) = self.state.unit(number) else { return };
        let granted = unit.grant.as_ref().is_some_and(|grant| grant.sha == unit.head.sha);
        let accepted = self.state.checks.get(&unit.head.sha).is_some_and(CheckSurface::is_granted);
        let confirms = counting(self.state, unit, self.context);
        let asked = confirms.iter().find(|decision| decision.kind == DecisionKind::Confirm);
        let clear = brief.standing == Standing::Cleared
            && granted
            && accepted
            && unit.trouble.is_none()
            && !unit.ledger.values().any(Entry::lands);
        let auto = || judge(self.state, unit, self.context, self.now).lands_unasked();
        let by = asked.map(|decision| (decision.actor.login.clone(), "confirmed by ".to_owned()));
        let by =
            by.filter(|_| clear).or_else(|| auto().filter(|_| clear).map(|rule| (rule, "permitted by ".to_owned())));
        let Some((by, how)) = by.filter(|_| !self.state.observes(unit, self.context)) else { return };
        let (sha, node) = (unit.head.sha.clone(), unit.node_id.clone());
        let way = way(self.state, unit, self.context);
        let id = format!("{}:{}", way.word(), sha.twelve());
        let method = method(self.state, unit, self.context);
        let words = words(self.state, unit, self.context, method);
        let call = match way {
            Way::Queue => ActionCall::Enqueue { number, node, sha },
            Way::AutoMerge => ActionCall::EnableAutoMerge { number, node, sha, method, words },
            Way::Api | Way::ApiInstead => ActionCall::Merge { number, sha, method, words },
        };
        self.act(number, id, call, format!("{how}{by}"), by);
    }

    /// Enters an action in the ledger; false where the unit has spent its actions of this hour.
    pub(super) fn act(&mut self, number: PrNumber, id: String, call: ActionCall, why: String, by: String) -> bool {
        let now = self.now;
        let most = self.state.policy(self.context).actions_per_hour;
        let Some(unit) = self.state.units.get_mut(&number) else { return false };
        let (start, spent) = unit
            .spent
            .filter(|(start, _)| now.duration_since(*start) < SignedDuration::from_hours(1))
            .unwrap_or((now, 0));
        if spent >= most {
            return false;
        }
        unit.spent = Some((start, spent + 1));
        let expires = now.checked_add(1.hour()).unwrap_or(now);
        let noted = matches!(
            call,
            ActionCall::Merge { .. }
                | ActionCall::Enqueue { .. }
                | ActionCall::Dequeue { .. }
                | ActionCall::UpdateBranch { .. }
                | ActionCall::RequestReview { .. }
                | ActionCall::Revert { .. }
                | ActionCall::Propose(_)
                | ActionCall::EnableAutoMerge { .. }
                | ActionCall::DisableAutoMerge { .. }
        );
        let data = json!({ "id": id, "call": call, "why": why });
        let key = OwedKey::Action { number, id: id.clone() };
        unit.ledger.insert(id, Entry { call, why, by, since: now, expires, phase: Phase::Owed, tries: 0 });
        self.changes.units.insert(number);
        self.changes.owe.push((key, now));
        if noted {
            self.record(number, "flyball", "action_owed", data);
        }
        true
    }

    /// The first time a unit waits for judgment, the one who decided here last is asked for a review: edits of a comment notify nobody.
    fn want_review(&mut self, number: PrNumber, brief: &Brief) {
        let Some(unit) = self.state.unit(number) else { return };
        let due =
            brief.standing == Standing::AwaitingJudgment && self.state.policy(self.context).ask_review && !unit.asked;
        if !due {
            return;
        }
        let already = !unit.review_requests.is_empty() || !unit.reviews.is_empty();
        let author = unit.author.as_ref().map(|author| author.login.clone());
        let mut known: Vec<_> =
            self.state.repo.deciders.iter().filter(|(login, _)| Some(*login) != author.as_ref()).collect();
        known.sort_by_key(|(login, at)| (std::cmp::Reverse(**at), (*login).clone()));
        let Some(login) = known.first().map(|(login, _)| (*login).clone()).filter(|_| !already) else { return };
        if let Some(unit) = self.state.units.get_mut(&number) {
            unit.asked = true;
        }
        let call = ActionCall::RequestReview { number, login: login.clone() };
        self.act(number, "review".to_owned(), call, "it waits for a confirm".to_owned(), login);
    }

    /// One timer per unit: the next moment at which time alone changes something.
    fn wake(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number) else { return };
        if !unit.is_open() {
            return self.changes.wake.push(Wake { number: Some(number), at: None });
        }
        let hold = unit.stopped_by(self.now).and_then(|decision| match decision.kind {
            DecisionKind::Hold { until, .. } => until,
            DecisionKind::Refuse { .. }
            | DecisionKind::Confirm
            | DecisionKind::Approve
            | DecisionKind::Lift
            | DecisionKind::Revert { .. } => None,
        });
        let unread = unit.unread.iter().chain(unit.doubt.iter().map(|doubt| &doubt.unread));
        let again = unread.map(|unread| unread.again_at).min();
        let recheck = [&unit.recheck, &unit.unlisted].into_iter().flatten().map(|again| again.again_at).min();
        let patience =
            unit.grant.is_none().then(|| patience_ends(unit, self.state.policy(self.context).patience())).flatten();
        let renew = self.state.checks.get(&unit.head.sha).and_then(|check| check.kept.as_ref()).and_then(|kept| {
            (kept.conclusion.is_none()).then(|| kept.at.checked_add(RENEW_HOURS.hours()).ok()).flatten()
        });
        let evaluation = (!unit.draft).then(|| self.state.evaluate(unit, self.context, self.now));
        let wants = needs_author_right(self.state, unit, self.context)
            || evaluation.as_ref().is_some_and(|found| !self.state.unread_of(unit, found, self.now).is_empty());
        let curious = wants.then_some(self.now);
        // What was asked for and could not be read is asked again after a while.
        let unread = !self.state.knows_policy_of(&unit.base.branch) || self.state.policy_file_of(unit).is_some();
        let reread = unread.then(|| self.now.checked_add(POLICY_AGAIN).ok()).flatten();
        let mention = self.mention(number).map(|mention| mention.at);
        let window = evaluation.and_then(|found| found.changes_at);
        let update = update_ends(unit);
        let elsewhere = super::elsewhere::again_at(self.state, unit);
        let times = [hold, again, recheck, patience, renew, update, elsewhere, reread, window, mention];
        let times = times.into_iter().flatten().filter(|at| *at > self.now);
        let at = times.chain(curious).min();
        self.changes.wake.push(Wake { number: Some(number), at });
    }
}

/// Whether the author's right must be read: a stranger's unit holds others back only once it is known.
pub(super) fn needs_author_right(state: &State, unit: &Unit, context: &Context) -> bool {
    unit.is_open()
        && !unit.draft
        && unit.author_right.is_none()
        && unit.is_fork(state.id())
        && unit.author.as_ref().is_some_and(|author| author.kind == ActorKind::Human)
        && !state.relations.enforced(unit.number, &state.policy(context).enforced()).is_empty()
}

/// Marks a unit to be read again: GitHub must say anew whether it merges.
pub(super) fn doubt_mergeable(unit: &mut Unit, now: Timestamp) {
    unit.mergeable = Mergeable::Unknown;
    let again_at = now.checked_add(1.second()).unwrap_or(now);
    unit.recheck = Some(crate::domain::unit::Recheck { tries: 0, again_at });
}

/// The most careful of what the units on one commit ask for.
fn most_careful(briefs: &[Brief]) -> Option<Conclusion> {
    let rank = |conclusion: &Option<Conclusion>| match conclusion {
        Some(Conclusion::Failure) => 0,
        Some(Conclusion::ActionRequired) => 1,
        None => 2,
        Some(Conclusion::Cancelled) => 3,
        Some(Conclusion::Neutral | Conclusion::Other) => 4,
        Some(Conclusion::Success) => 5,
    };
    briefs.iter().map(conclusion).min_by_key(rank).flatten()
}

/// What decides whether a check run is written again.
pub(super) fn check_key(conclusion: Option<Conclusion>, title: &str, summary: &str) -> CheckKey {
    let word = match conclusion {
        Some(Conclusion::Success) => "success",
        _ => "other",
    };
    let digest = hex::encode(&Sha256::digest(format!("{title}\n{summary}"))[..12]);
    CheckKey { conclusion, digest: format!("{word}:{digest}") }
}
