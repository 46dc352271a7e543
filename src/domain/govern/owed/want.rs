//! What is wanted of GitHub for a unit as it stands: the check run on its head, the sticky comment, the merge, one request for a review.

use sha2::{Digest, Sha256};

use super::auto_merge::{Way, way, words};
use super::{ActionCall, Conclusion, OwedKey};
use crate::domain::govern::judge::judge;
use crate::domain::govern::said::voices::counting;
use crate::domain::govern::settle::Work;
use crate::domain::govern::views::brief::{brief_of, conclusion, sticky_key};
use crate::domain::govern::views::suggest::method;
use crate::domain::ids::{CommitSha, PrNumber};
use crate::domain::unit::{Brief, CheckKey, CheckSurface, DecisionKind, Entry, Standing};

impl Work<'_> {
    /// The check run on a commit follows the most careful of the units that share it.
    pub(in crate::domain::govern) fn want_check(&mut self, sha: &CommitSha) {
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
    pub(in crate::domain::govern) fn clear_away(&mut self, number: PrNumber) {
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

    pub(in crate::domain::govern) fn briefs_at(&self, sha: &CommitSha) -> Vec<Brief> {
        self.state.units_at(sha).map(|unit| brief_of(self.state, self.context, unit, self.now)).collect()
    }

    pub(in crate::domain::govern) fn external_id(&self, sha: &CommitSha) -> String {
        format!("{}:{sha}", self.state.id())
    }

    pub(in crate::domain::govern) fn want_comment(&mut self, number: PrNumber, brief: &Brief) {
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
    pub(in crate::domain::govern) fn want_merge(&mut self, number: PrNumber, brief: &Brief) {
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

    /// The first time a unit waits for judgment, the one who decided here last is asked for a review: edits of a comment notify nobody.
    pub(in crate::domain::govern) fn want_review(&mut self, number: PrNumber, brief: &Brief) {
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
pub(in crate::domain::govern) fn check_key(conclusion: Option<Conclusion>, title: &str, summary: &str) -> CheckKey {
    let word = match conclusion {
        Some(Conclusion::Success) => "success",
        _ => "other",
    };
    let digest = hex::encode(&Sha256::digest(format!("{title}\n{summary}"))[..12]);
    CheckKey { conclusion, digest: format!("{word}:{digest}") }
}
