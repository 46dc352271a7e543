//! What must be read before an event can be judged: only what the payload cannot say, or may say too late.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::context::Context;
use super::said::command::{Command, commands};
use super::said::voices::{is_heard, renewals};
use super::seen::event::{ActorKind, Delivered, Event};
use super::seen::facts::{Fact, Facts, Need};
use super::seen::snapshot::Snapshot;
use super::seen::{MergeGroupAction, PullAction, PullState, ReviewAction, ReviewState};
use super::send::RIGHT_LASTS;
use super::state::{State, subject};
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::policy;
use crate::domain::unit::Unit;

/// How long protection of a branch is believed before it is read again.
const RULES_LAST: SignedDuration = SignedDuration::from_hours(1);

/// What must be read before `delivered` can be judged, given what was read so far. Empty: judge now.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these cost a read of their own; a new event is met in `advance`"
)]
#[must_use]
pub fn needs(state: &State, delivered: &Delivered, facts: &Facts, context: &Context, now: Timestamp) -> BTreeSet<Need> {
    let mut needs = BTreeSet::new();
    if super::advance::is_of_another(state, delivered) {
        return needs;
    }
    if state.repo.gone && !matches!(delivered.event, Event::Installed | Event::Permitted) {
        return needs;
    }
    match &delivered.event {
        Event::Push { branch, policy: true, .. } if default_branch(state, delivered) == Some(branch) => {
            needs.insert(Need::Policy);
        }
        Event::Push { branch, policy: true, .. } if state.wants_policy_of(branch, Timestamp::MAX) => {
            needs.insert(Need::PolicyOf(branch.clone()));
        }
        Event::Installed | Event::Permitted | Event::Reconcile => {
            needs.extend(super::observe::survey::needs(state, &delivered.event));
            needs.extend(super::aftermath::needs_of_bases(state, facts, now));
            if state.wants_policy(now) {
                needs.insert(Need::Policy);
            }
            let guarded = state.repo.rules.iter().filter(|(_, read)| read.rules.merge_queue);
            for (base, _) in guarded {
                queue(&mut needs, state, base, facts, context, now);
            }
        }
        Event::MergeGroup { action: MergeGroupAction::ChecksRequested, base, .. } => {
            rules(&mut needs, state, base, now);
            queue(&mut needs, state, base, facts, context, now);
        }
        Event::Timer { number: None } => {
            needs.extend(super::aftermath::needs(state, now));
            for group in state.groups_due(now) {
                queue(&mut needs, state, &group.base, facts, context, now);
            }
        }
        _ => {}
    }
    if let Some(login) = speaker(state, context, delivered, now) {
        for unit in spoken_of(state, &delivered.event) {
            needs.extend(state.voice_needs(unit, login, context, now));
        }
        needs.insert(Need::Permission(login.to_owned()));
    }
    if let Some(number) = subject(&delivered.event) {
        needs.extend(super::observe::elsewhere::needs(state, number, &delivered.event, facts, now));
        about_unit(&mut needs, state, number, delivered, facts, now);
        about_merges(&mut needs, state, number, facts, context);
        about_policy(&mut needs, state, number, delivered, facts, context, now);
        if let Some(unit) = state.unit(number).filter(|unit| needs_author_right(state, unit, context)) {
            needs.extend(unit.author.as_ref().map(|author| Need::Permission(author.login.clone())));
        }
    }
    needs.extend(super::owed::ours::need(state, delivered, now));
    needs.extend(super::said::hearing::needs(state, delivered, facts, context, now));
    needs.retain(|need| facts.get(need).is_none());
    needs
}

/// The default branch as the payload has it, else as it is known: what installs the App does not name it.
fn default_branch<'a>(state: &'a State, delivered: &'a Delivered) -> Option<&'a String> {
    delivered.repo.default_branch.as_ref().or(state.repo.default_branch.as_ref())
}

fn about_unit(
    needs: &mut BTreeSet<Need>,
    state: &State,
    number: PrNumber,
    delivered: &Delivered,
    facts: &Facts,
    now: Timestamp,
) {
    let unit = state.unit(number);
    if must_read(unit, &delivered.event, now) {
        needs.insert(Need::Snapshot(number));
    }
    let snapshot = snapshot(facts, number);
    if let Some(snapshot) = snapshot.filter(|snapshot| snapshot.state == PullState::Open) {
        let looks = matches!(delivered.event, Event::Look { .. });
        let again = |unit: &Unit| unit.unlisted.as_ref().is_some_and(|again| looks || again.again_at <= now);
        if unit.is_none_or(|unit| unit.footprint_of.as_ref() != Some(&snapshot.head_sha) || again(unit)) {
            let (head, changed_files) = (snapshot.head_sha.clone(), snapshot.changed_files);
            needs.insert(Need::Files { number, head, changed_files });
        }
        rules(needs, state, &snapshot.base_ref, now);
    } else if let Some(unit) = unit.filter(|unit| unit.is_open() && !matches!(delivered.event, Event::Answered { .. }))
    {
        rules(needs, state, &unit.base.branch, now);
    }
}

/// Real merges with those that it may collide with, once its files were read.
fn about_merges(needs: &mut BTreeSet<Need>, state: &State, number: PrNumber, facts: &Facts, context: &Context) {
    let Some(snapshot) = snapshot(facts, number) else { return };
    let files = facts.iter().find_map(|(need, fact)| match (need, fact) {
        (Need::Files { head, .. }, Fact::Files(files)) if *head == snapshot.head_sha => Some((head, files.as_slice())),
        _ => None,
    });
    if let Some(files) = files {
        needs.extend(super::observe::merges::need(state, number, &snapshot.base_ref, files, context));
    }
}

/// The policy itself where it is not known, the people it asks about, and the file that the unit would put in its place.
fn about_policy(
    needs: &mut BTreeSet<Need>,
    state: &State,
    number: PrNumber,
    delivered: &Delivered,
    facts: &Facts,
    context: &Context,
    now: Timestamp,
) {
    if matches!(delivered.event, Event::Answered { .. }) {
        return;
    }
    let read = facts.get(&Need::Policy).is_some();
    if !read && state.wants_policy(now) {
        needs.insert(Need::Policy);
    }
    let base = snapshot(facts, number).map(|snapshot| &snapshot.base_ref);
    if let Some(base) = base.or_else(|| state.unit(number).map(|unit| &unit.base.branch)) {
        own_policy(needs, state, base, delivered, facts, now);
    }
    let files = facts.iter().find_map(|(need, fact)| match (need, fact) {
        (Need::Files { head, .. }, Fact::Files(files)) => Some((head, files)),
        _ => None,
    });
    if let Some((head, _)) = files.filter(|(_, files)| files.iter().any(|file| file.filename == policy::PATH)) {
        needs.insert(Need::PolicyAt(head.clone()));
    }
    let Some(unit) = state.unit(number).filter(|unit| unit.is_open()) else { return };
    if files.is_none() {
        needs.extend(state.policy_file_of(unit).map(Need::PolicyAt));
    }
    needs.extend(state.policy_needs(unit, context, now));
}

/// The policy of a base other than the default branch, where that is protected.
fn own_policy(
    needs: &mut BTreeSet<Need>,
    state: &State,
    base: &str,
    delivered: &Delivered,
    facts: &Facts,
    now: Timestamp,
) {
    let guarded = |fact: &Fact| matches!(fact, Fact::Rules(rules) if rules.protected);
    let just_read = facts.get(&Need::Rules(base.to_owned())).is_some_and(guarded);
    let first = just_read && default_branch(state, delivered).is_some_and(|default| default != base);
    if state.wants_policy_of(base, now) || first && !state.own_policies.contains_key(base) {
        needs.insert(Need::PolicyOf(base.to_owned()));
    }
}

/// Who decides by this event, if somebody does: what they may do here is read at that moment.
#[expect(clippy::wildcard_enum_match_arm, reason = "in no other event does somebody say something")]
fn speaker<'a>(state: &State, context: &Context, delivered: &'a Delivered, now: Timestamp) -> Option<&'a str> {
    let actor = match &delivered.event {
        Event::Comment(comment) if !commands(&comment.body, now).is_empty() => Some(&comment.author),
        Event::Page(said) if !commands(&said.line, now).is_empty() => Some(&said.by),
        Event::Review { action: ReviewAction::Submitted, review, .. } => {
            let counts = review.state == ReviewState::Approved || !commands(&review.body, now).is_empty();
            review.author.as_ref().filter(|_| counts)
        }
        Event::Button { .. } => delivered.sender.as_ref(),
        _ => None,
    };
    actor.filter(|actor| is_heard(state, context, actor)).map(|actor| actor.login.as_str())
}

/// The open units that somebody speaks of.
fn spoken_of<'a>(state: &'a State, event: &'a Event) -> Vec<&'a Unit> {
    let units: Vec<&Unit> = if let Event::Button { sha, .. } = event {
        state.units_at(sha).collect()
    } else {
        subject(event).and_then(|number| state.unit(number)).into_iter().collect()
    };
    units.into_iter().filter(|unit| unit.is_open()).collect()
}

/// The queue, and its members: those that are not known as they were queued, and whether those who confirmed still may.
fn queue(needs: &mut BTreeSet<Need>, state: &State, base: &str, facts: &Facts, context: &Context, now: Timestamp) {
    let need = Need::Queue(base.to_owned());
    if let Some(Fact::Queue(entries)) = facts.get(&need) {
        for entry in entries.iter().filter(|entry| entry.group.is_some()) {
            match state.unit(entry.number).filter(|unit| unit.head.sha == entry.head) {
                None => drop(needs.insert(Need::Snapshot(entry.number))),
                Some(unit) => {
                    needs.extend(renewals(state, unit, context, now, RIGHT_LASTS));
                }
            }
        }
    }
    needs.insert(need);
}

fn rules(needs: &mut BTreeSet<Need>, state: &State, base: &str, now: Timestamp) {
    let fresh = state.repo.rules.get(base).is_some_and(|read| now.duration_since(read.at) < RULES_LAST);
    if !fresh {
        needs.insert(Need::Rules(base.to_owned()));
    }
    needs.extend(super::observe::attributes::need(state, now));
}

/// The snapshot that was read, if it was.
pub(super) fn snapshot(facts: &Facts, number: PrNumber) -> Option<&Snapshot> {
    match facts.get(&Need::Snapshot(number)) {
        Some(Fact::Snapshot(snapshot)) => Some(snapshot),
        Some(_) | None => None,
    }
}

/// Whether the pull request must be read: it is not known yet, or the event says that it changed in a way a payload may tell too late.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others say nothing about a pull request that a payload may tell too late"
)]
fn must_read(unit: Option<&Unit>, event: &Event, now: Timestamp) -> bool {
    match event {
        Event::Pull { action, pull } => match action {
            PullAction::Closed => false,
            PullAction::Labeled | PullAction::Other => {
                unit.is_none_or(|unit| unit.is_open() && unit.head.sha != pull.head_sha)
            }
            PullAction::Edited => {
                unit.is_none_or(|unit| unit.base.branch != pull.base_ref || unit.head.sha != pull.head_sha)
            }
            PullAction::Opened
            | PullAction::Reopened
            | PullAction::Synchronized
            | PullAction::DraftChanged
            | PullAction::Queued
            | PullAction::AutoMerge => true,
        },
        Event::Look { .. } => true,
        Event::Timer { .. } => unit.is_some_and(|unit| is_due(unit, now)),
        Event::Comment(comment) => {
            unit.is_none() && !commands(&comment.body, now).is_empty() || retries(&comment.body, now)
        }
        Event::Page(said) => unit.is_none() || retries(&said.line, now),
        Event::Review { .. } => unit.is_none(),
        _ => false,
    }
}

/// Whether a comment asks to look again.
pub(super) fn retries(body: &str, now: Timestamp) -> bool {
    commands(body, now).contains(&Command::Retry)
}

/// Whether a question to GitHub is to be asked again.
fn is_due(unit: &Unit, now: Timestamp) -> bool {
    unit.unread.as_ref().is_some_and(|unread| unread.again_at <= now)
        || [&unit.recheck, &unit.unlisted].into_iter().flatten().any(|again| again.again_at <= now)
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
