//! Looks at a repository as a whole: what was there before we came, and what we did not hear of.
//!
//! The first look (installation, or the first sign of a repository) writes check runs only, newest first and paced, and one neutral run on
//! the default branch, so that the check can be named in branch protection at once. Later looks compare: what differs is looked at as if
//! its event had come.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::domain::govern::owed::want::check_key;
use crate::domain::govern::owed::{CheckDoc, Conclusion, OwedKey};
use crate::domain::govern::seen::event::Event;
use crate::domain::govern::seen::facts::{Fact, Facts, Need, OpenPull};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::{State, subject};
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::unit::{CheckSurface, Unit};

/// So many pull requests that were there before are looked at at once.
const AT_ONCE: usize = 20;
/// Then one each time this has passed: 360 check runs an hour, where GitHub allows 500 creations.
const PACE: SignedDuration = SignedDuration::from_secs(10);
/// GitHub's clock may be behind ours by this much, and what happened while we read may have been missed.
const SKEW: SignedDuration = SignedDuration::from_secs(90);
/// After not comparing for so long, everything that was not read since is looked at.
pub(in crate::domain::govern) const AWAY: SignedDuration = SignedDuration::from_mins(45);
/// A unit that was not read for so long is looked at even if its pull request shows no change: check runs leave none there.
const UNREAD: SignedDuration = SignedDuration::from_hours(6);
/// Of those, so many at a time, the longest unread first.
const UNREAD_AT_ONCE: usize = 50;

/// How far a repository is surveyed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Survey {
    /// Whether a first look was asked for.
    pub asked: bool,
    /// When its open pull requests were last compared.
    pub at: Option<Timestamp>,
    /// Those that were there before us and wait for their turn.
    pub waiting: BTreeSet<PrNumber>,
    /// Those whose turn came, until they are known.
    pub quiet: BTreeSet<PrNumber>,
    /// When the next of them is due.
    pub next_at: Option<Timestamp>,
    /// The commit of the default branch that shows the check.
    pub introduced: Option<CommitSha>,
}

/// What a look at the whole repository reads.
pub(in crate::domain::govern) fn needs(state: &State, event: &Event) -> impl Iterator<Item = Need> {
    let survey = &state.repo.survey;
    let first = survey.introduced.is_none() && (survey.at.is_none() || matches!(event, Event::Installed));
    [Need::OpenPulls].into_iter().chain(first.then_some(Need::DefaultHead))
}

impl Work<'_> {
    /// What an event means for the survey, before it is taken: whether a unit that it makes known is one that was there before us.
    pub(in crate::domain::govern) fn survey_before(&mut self, event: &Event) {
        if self.state.repo.survey.at.is_none() && !self.state.repo.survey.asked {
            let whole = matches!(event, Event::Installed | Event::Permitted | Event::Reconcile | Event::Removed);
            self.state.repo.survey.asked = true;
            self.changes.repo = true;
            self.changes.survey = !whole;
        }
        let Some(number) = subject(event) else { return };
        let survey = &mut self.state.repo.survey;
        let look = matches!(event, Event::Look { .. });
        if look && survey.quiet.contains(&number) {
            self.quietly = Some(number);
        }
        let told = !look && !matches!(event, Event::Timer { .. } | Event::Answered { .. } | Event::Awaited { .. });
        if told {
            let known = survey.waiting.remove(&number) | survey.quiet.remove(&number);
            self.changes.repo |= known;
            self.speak_of(number);
        }
    }

    /// Something happens on a unit: from now on it has its comment.
    pub(in crate::domain::govern) fn speak_of(&mut self, number: PrNumber) {
        if let Some(unit) = self.state.units.get_mut(&number).filter(|unit| unit.quiet) {
            unit.quiet = false;
            self.touch(number);
        }
    }

    /// Compares the open pull requests with what is known.
    pub(in crate::domain::govern) fn take_inventory(&mut self, installed: bool, facts: &Facts) {
        if installed {
            self.state.repo.gone = false;
            self.changes.repo = true;
        }
        self.introduce(facts);
        let Some(Fact::OpenPulls(open)) = facts.get(&Need::OpenPulls) else { return };
        let now = self.now;
        let before = self.state.repo.survey.at.replace(now);
        self.changes.repo = true;
        let first = installed || before.is_none();
        let was_away = before.is_some_and(|at| now.duration_since(at) >= AWAY);
        let mut unread: Vec<(Option<Timestamp>, PrNumber)> = Vec::new();
        for pull in open {
            let number = pull.number;
            match self.state.unit(number) {
                None if first => drop(self.state.repo.survey.waiting.insert(number)),
                None if self.state.repo.survey.waiting.contains(&number) => {}
                Some(unit) if !differs(unit, pull) => {
                    let read = unit.read_at;
                    if was_away && read < before {
                        self.changes.look.push(number);
                    } else if read.is_none_or(|at| now.duration_since(at) >= UNREAD) {
                        unread.push((read, number));
                    }
                }
                None | Some(_) => self.changes.look.push(number),
            }
        }
        unread.sort_unstable();
        self.changes.look.extend(unread.into_iter().take(UNREAD_AT_ONCE).map(|(_, number)| number));
        let listed: BTreeSet<PrNumber> = open.iter().map(|pull| pull.number).collect();
        let vanished = self.state.units().filter(|unit| unit.is_open() && !listed.contains(&unit.number));
        let vanished: Vec<PrNumber> = vanished.map(|unit| unit.number).collect();
        self.changes.look.extend(vanished);
        self.state.repo.survey.waiting.retain(|number| listed.contains(number));
        self.state.repo.survey.quiet.retain(|number| listed.contains(number));
        self.state.repo.unheard.retain(|number, _| listed.contains(number));
        if first {
            self.look_at_next(AT_ONCE);
        }
    }

    /// The next of those that were there before us has its turn, if it is time.
    pub(in crate::domain::govern) fn survey_due(&mut self) {
        if self.state.repo.survey.next_at.is_some_and(|at| at <= self.now) {
            self.look_at_next(1);
        }
    }

    /// The newest first: they are what people work on.
    fn look_at_next(&mut self, count: usize) {
        let survey = &mut self.state.repo.survey;
        for _ in 0..count {
            let Some(number) = survey.waiting.pop_last() else { break };
            survey.quiet.insert(number);
            self.changes.look.push(number);
        }
        survey.next_at = if survey.waiting.is_empty() { None } else { self.now.checked_add(PACE).ok() };
        self.changes.repo = true;
    }

    /// One neutral run on the default branch: a check can be required only once it was seen to complete (FACTS C12).
    fn introduce(&mut self, facts: &Facts) {
        let Some(Fact::Head(sha)) = facts.get(&Need::DefaultHead) else { return };
        // A pull request with that head has its own check, and neutral would let it pass.
        let taken = self.state.checks.contains_key(sha) || self.state.units_at(sha).next().is_some();
        if taken || self.state.repo.survey.introduced.is_some() {
            return;
        }
        self.state.repo.survey.introduced = Some(sha.clone());
        self.changes.repo = true;
        let doc = self.introduction(sha);
        let wanted = check_key(doc.conclusion, &doc.title, &doc.summary);
        self.state.checks.insert(sha.clone(), CheckSurface::new(sha.clone(), wanted));
        self.changes.checks.insert(sha.clone());
        self.changes.owe.push((OwedKey::Check { sha: sha.clone() }, self.now));
    }

    /// What the run on the default branch says.
    fn introduction(&self, sha: &CommitSha) -> CheckDoc {
        let (title, summary) = self.context.words.introduction();
        CheckDoc {
            sha: sha.clone(),
            external_id: self.external_id(sha),
            conclusion: Some(Conclusion::Neutral),
            title,
            summary,
            text: String::new(),
            details_url: self.context.pages_url.clone(),
            actions: Vec::new(),
        }
    }

    /// The same, where this commit is the one that shows the check and no unit has it.
    pub(in crate::domain::govern) fn introduction_on(&self, sha: &CommitSha) -> Option<CheckDoc> {
        (self.state.repo.survey.introduced.as_ref() == Some(sha)).then(|| self.introduction(sha))
    }
}

/// Whether a listed pull request shows that something was missed.
fn differs(unit: &Unit, pull: &OpenPull) -> bool {
    let moved = unit.head.sha != pull.head || !unit.is_open() || unit.unread.is_some();
    let changed = pull
        .updated_at
        .is_some_and(|at| unit.read_at.is_none_or(|read| at.saturating_add(SKEW).unwrap_or(Timestamp::MAX) > read));
    let waits = unit.stands.iter().flat_map(|stands| &stands.codes);
    let evidence = waits.into_iter().any(|code| code.starts_with("waits.evidence") || code == "blocked.evidence");
    moved || changed || evidence
}
