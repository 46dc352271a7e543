//! Hears what was said on a unit without our hearing of it: comments since we last listened, and reviews.
//!
//! Read with every look at a unit. What was worked once is known by its id; a comment that was edited is answered, not obeyed.

use std::collections::BTreeSet;

use super::command::commands;
use super::voices::is_heard;
use crate::domain::govern::context::Context;
use crate::domain::govern::needs::snapshot;
use crate::domain::govern::seen::event::{Delivered, Event};
use crate::domain::govern::seen::facts::{Fact, Facts, Need};
use crate::domain::govern::seen::snapshot::Snapshot;
use crate::domain::govern::seen::{CommentSeen, PullState, ReviewAction, ReviewSeen, ReviewState};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::unit::{DecisionKind, Unit};

/// What a look at one unit reads besides: what was said on it since we last listened, and whether those who spoke may.
pub(in crate::domain::govern) fn needs(
    state: &State,
    delivered: &Delivered,
    facts: &Facts,
    context: &Context,
    now: Timestamp,
) -> BTreeSet<Need> {
    let mut needs = BTreeSet::new();
    let Event::Look { number } = &delivered.event else { return needs };
    let (number, unit) = (*number, state.unit(*number));
    let read = snapshot(facts, number);
    let quietly = state.repo.survey.quiet.contains(&number);
    let Some(since) = listened(unit, read, quietly) else { return needs };
    needs.insert(Need::Comments { number, since });
    let comments = comments(facts, number).filter(|comment| !comment.edited);
    let said = comments.filter(|comment| !commands(&comment.body, now).is_empty()).map(|comment| &comment.author);
    let approved = read
        .into_iter()
        .flat_map(|read| new_reviews(unit, read, since, now))
        .filter_map(|review| review.author.as_ref());
    for actor in said.chain(approved).filter(|actor| is_heard(state, context, actor)) {
        needs.insert(Need::Permission(actor.login.clone()));
        if let Some(unit) = unit {
            needs.extend(state.voice_needs(unit, &actor.login, context, now));
        }
    }
    needs
}

/// Up to when we have heard what was said on a unit; `None` where nothing is to be listened to.
fn listened(unit: Option<&Unit>, read: Option<&Snapshot>, quietly: bool) -> Option<Timestamp> {
    match unit {
        Some(unit) => unit.is_open().then(|| unit.heard_at.unwrap_or(unit.opened_at)),
        // What was said before we came was not said to us.
        None if quietly => None,
        None => read.filter(|read| read.state == PullState::Open).map(|read| read.created_at),
    }
}

fn comments(facts: &Facts, number: PrNumber) -> impl Iterator<Item = &CommentSeen> {
    let read = facts.iter().find_map(|(need, fact)| match (need, fact) {
        (Need::Comments { number: of, .. }, Fact::Comments(comments)) if *of == number => Some(comments),
        _ => None,
    });
    read.into_iter().flatten()
}

/// Reviews that may not have been heard: each person's latest word, and what holds commands.
fn new_reviews<'a>(
    unit: Option<&'a Unit>,
    read: &'a Snapshot,
    since: Timestamp,
    now: Timestamp,
) -> Vec<&'a ReviewSeen> {
    let all: Vec<&ReviewSeen> = read.reviews.iter().flatten().filter(|review| review.author.is_some()).collect();
    let same = |a: &ReviewSeen, b: &ReviewSeen| {
        a.author.as_ref().map(|who| &who.login) == b.author.as_ref().map(|who| &who.login)
    };
    let decided = |review: &ReviewSeen| {
        let by = |login: &str| review.author.as_ref().is_some_and(|author| author.login == login);
        let known = |unit: &Unit| {
            unit.decisions.iter().any(|decision| {
                decision.kind == DecisionKind::Approve
                    && decision.at == review.submitted_at
                    && by(&decision.actor.login)
            })
        };
        unit.is_some_and(known)
    };
    let is_latest = |at: usize| {
        let counts = |review: &&&ReviewSeen| review.state != ReviewState::Commented;
        !all[at + 1..].iter().filter(counts).any(|later| same(later, all[at]))
    };
    let handled =
        |review: &ReviewSeen| unit.is_some_and(|unit| unit.handled.contains(&format!("review:{}", review.id)));
    let wanted = |(at, review): (usize, &&'a ReviewSeen)| {
        let word = review.state != ReviewState::Commented && is_latest(at) && !decided(review);
        let speaks = review.submitted_at >= since && !handled(review) && !commands(&review.body, now).is_empty();
        (word || speaks).then_some(*review)
    };
    all.iter().enumerate().filter_map(wanted).collect()
}

impl Work<'_> {
    /// What was said on a unit without our hearing it.
    pub(in crate::domain::govern) fn take_unheard(
        &mut self,
        number: PrNumber,
        since: Option<Timestamp>,
        facts: &Facts,
    ) {
        let Some(since) = since else { return };
        let read = matches!(facts.get(&Need::Comments { number, since }), Some(Fact::Comments(_)))
            && snapshot(facts, number).is_some();
        if read {
            self.reopen_doubt(number);
        }
        let reviews: Vec<ReviewSeen> = snapshot(facts, number)
            .map(|read| new_reviews(self.state.unit(number), read, since, self.now).into_iter().cloned().collect())
            .unwrap_or_default();
        for review in reviews {
            let dismissed = review.state == ReviewState::Dismissed;
            let action = if dismissed { ReviewAction::Dismissed } else { ReviewAction::Submitted };
            self.take_review_event(number, action, &review, facts);
        }
        let mut heard: Vec<_> = comments(facts, number).cloned().collect();
        heard.sort_by_key(|comment| (comment.created_at, comment.id));
        for comment in &heard {
            let key = format!("comment:{}", comment.id);
            if self.state.unit(number).is_some_and(|unit| unit.handled.contains(&key)) {
                continue;
            }
            self.take_comment(comment, facts);
            if comment.edited
                && let Some(unit) = self.state.units.get_mut(&number)
            {
                // Answered once; its next edits are not heard either.
                unit.handled.insert(key);
            }
        }
        if read {
            self.close_doubt(number);
        }
        let newest = heard.last().map(|comment| comment.created_at);
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        if unit.doubt.is_none() {
            unit.heard_at = unit.heard_at.max(newest).max(Some(since));
        }
        self.touch(number);
    }

    /// From when on a look at this unit listens; asked before the facts are taken.
    pub(in crate::domain::govern) fn listens(&self, event: &Event, facts: &Facts) -> Option<Timestamp> {
        let Event::Look { number } = event else { return None };
        listened(self.state.unit(*number), snapshot(facts, *number), self.quietly == Some(*number))
    }
}
