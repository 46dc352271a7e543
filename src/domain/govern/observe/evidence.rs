//! Takes results and reviews into units; checks of a commit that no unit has yet are kept until one comes.

use serde_json::json;

use crate::domain::govern::seen::{CheckSeen, ReviewSeen, ReviewState};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::repo::Early;
use crate::domain::ids::PrNumber;
use crate::domain::unit::{Evidence, Review, Unit};

impl Work<'_> {
    /// A check run or status came in: it belongs to every unit with that head, or waits for one.
    pub(in crate::domain::govern) fn take_check_event(&mut self, check: &CheckSeen) {
        let units: Vec<PrNumber> = self.state.units_at(&check.sha).map(|unit| unit.number).collect();
        let landed = self.watch_check(check);
        if units.is_empty() && !landed {
            let early = self
                .state
                .early
                .entry(check.sha.clone())
                .or_insert_with(|| Early { since: self.now, checks: Vec::new() });
            early.checks.retain(|other| (&other.name, other.app) != (&check.name, check.app) || other.at > check.at);
            early.checks.push(check.clone());
            early.checks.truncate(200);
            self.changes.early.insert(check.sha.clone());
        }
        for number in units {
            let Some(unit) = self.state.units.get_mut(&number) else { continue };
            if take_check(unit, check) {
                self.record(
                    number,
                    "github",
                    "evidence",
                    json!({ "name": check.name, "state": check.state, "sha": check.sha }),
                );
                self.touch(number);
                self.speak_of(number);
            }
        }
    }

    pub(super) fn adopt_early(&mut self, number: PrNumber) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let Some(early) = self.state.early.remove(&unit.head.sha) else { return };
        for check in &early.checks {
            take_check(unit, check);
        }
        self.changes.early.insert(unit.head.sha.clone());
    }
}

/// Takes a result on the current head; whether it changed anything.
pub(super) fn take_check(unit: &mut Unit, check: &CheckSeen) -> bool {
    if check.sha != unit.head.sha {
        return false;
    }
    let same = |evidence: &&mut Evidence| evidence.name == check.name && evidence.app == check.app;
    match unit.evidence.iter_mut().find(same) {
        Some(evidence) => {
            let before = evidence.clone();
            evidence.update(check);
            *evidence != before
        }
        None => {
            unit.evidence.push(Evidence::from(check));
            true
        }
    }
}

/// Only a person's latest approval, request for changes or dismissal counts; a comment does not replace it.
pub(in crate::domain::govern) fn take_review(unit: &mut Unit, review: &ReviewSeen) {
    let Some(author) = review.author.clone() else { return };
    if review.state == ReviewState::Commented {
        return;
    }
    let newer = |other: &Review| other.author.login == author.login && other.at > review.submitted_at;
    if unit.reviews.iter().any(newer) {
        return;
    }
    unit.reviews.retain(|other| other.author.login != author.login);
    let (state, commit) = (review.state, review.commit.clone());
    unit.reviews.push(Review { id: review.id, author, state, commit, at: review.submitted_at });
}
