//! Counts courses over a window.

use std::collections::BTreeMap;

use super::cause::Cause;
use super::course::{Course, Ended, Given};
use super::measures::{Decisions, Feedback, Measures, RuleFlow, Share, Waiting, ratio};
use super::window::Window;
use crate::domain::ids::PrNumber;
use crate::domain::policy::facts::AuthorKind;

/// How long a change must stay to be trusted: seven days.
const TRUST: i64 = 7 * 86_400;

/// A unit that a lesson names as its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Learnt {
    /// The unit.
    pub unit: PrNumber,
    /// Whether the lesson has fired.
    pub fired: bool,
}

/// Which units are counted; what is absent lets all through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Those of this kind of author.
    pub author: Option<AuthorKind>,
    /// Those to which this rule applies.
    pub rule: Option<String>,
}

impl Selection {
    /// Whether a unit of this course is counted.
    #[must_use]
    pub fn lets(&self, course: &Course) -> bool {
        self.author.is_none_or(|author| author == course.author)
            && self.rule.as_ref().is_none_or(|rule| course.rules.contains(rule))
    }
}

/// Measures units over a window. What still goes on is counted up to `now`, in seconds since 1970.
#[must_use]
pub fn measure<'a>(
    units: impl IntoIterator<Item = (PrNumber, &'a Course)>,
    lessons: &[Learnt],
    window: Window,
    now: i64,
) -> Measures {
    let mut tally = Tally::default();
    for (number, course) in units {
        tally.add(number, course, lessons, window, now);
    }
    tally.close()
}

/// Plain counts, from which the shares are made at the end.
#[derive(Default)]
struct Tally {
    all: Measures,
    ended: u64,
    intervened: u64,
    reworked: u64,
    spared: u64,
    rolled_back: u64,
    held: u64,
    lossy: u64,
    taught: [u64; 3],
    rules: BTreeMap<String, RuleFlow>,
    by_kind: BTreeMap<Given, u64>,
    by_cause: BTreeMap<Cause, u64>,
}

impl Tally {
    fn add(&mut self, number: PrNumber, course: &Course, lessons: &[Learnt], window: Window, now: i64) {
        let within = |moments: &[i64]| count(moments.iter().filter(|at| window.holds(**at)));
        self.all.proposed += u64::from(course.opened.is_some_and(|at| window.holds(at)));
        self.all.decisions.asked += within(&course.asked);
        for (_, given) in course.given.iter().filter(|(at, _)| window.holds(*at)) {
            *self.by_kind.entry(*given).or_default() += 1;
        }
        self.all.rework.heads += within(&course.reworked);
        self.all.collisions.foreseen += within(&course.foreseen);
        self.all.collisions.came_true += within(&course.came_true);
        self.wait(course, window, now);
        self.teach(number, course, lessons, window);
        match course.ended.filter(|(at, _)| window.holds(*at)) {
            Some((at, Ended::Landed)) => {
                self.end(course);
                self.land(course, at, now);
            }
            Some((_, Ended::Withdrawn)) => {
                self.end(course);
                self.all.withdrawn.units += 1;
                let refused = course.given.iter().any(|(_, given)| *given == Given::Refuse);
                self.all.withdrawn.refused += u64::from(refused);
            }
            None => {}
        }
    }

    fn wait(&mut self, course: &Course, window: Window, now: i64) {
        for (index, (since, cause)) in course.waits.iter().enumerate() {
            let Some(cause) = cause else { continue };
            let until = course.waits.get(index + 1).map_or(now, |(next, _)| *next);
            *self.by_cause.entry(*cause).or_default() += window.overlap(*since, until);
        }
    }

    /// A refusal or a rollback in the window: whether it became a rule, and whether that fired.
    fn teach(&mut self, number: PrNumber, course: &Course, lessons: &[Learnt], window: Window) {
        let refused = course.given.iter().any(|(at, given)| *given == Given::Refuse && window.holds(*at));
        if !refused && !course.rolled_back.is_some_and(|at| window.holds(at)) {
            return;
        }
        let mut learnt = lessons.iter().filter(|learnt| learnt.unit == number).peekable();
        self.taught[0] += 1;
        self.taught[1] += u64::from(learnt.peek().is_some());
        self.taught[2] += u64::from(learnt.any(|learnt| learnt.fired));
    }

    fn end(&mut self, course: &Course) {
        self.ended += 1;
        self.intervened += u64::from(course.given.iter().any(|(_, given)| given.is_intervention()));
        let landed = u64::from(matches!(course.ended, Some((_, Ended::Landed))));
        for rule in &course.rules {
            let flow = self.rules.entry(rule.clone()).or_default();
            flow.units += 1;
            flow.landed += landed;
            flow.rolled_back += u64::from(course.rolled_back.is_some());
        }
    }

    fn land(&mut self, course: &Course, at: i64, now: i64) {
        self.all.landed += 1;
        self.reworked += u64::from(!course.reworked.is_empty());
        self.spared += u64::from(course.spared);
        self.rolled_back += u64::from(course.rolled_back.is_some());
        self.held += u64::from(course.rolled_back.is_none() && course.alarmed.is_none());
        self.lossy += u64::from(!course.unanswered.is_empty());
        for question in &course.unanswered {
            *self.all.context_loss.by_question.entry(question.clone()).or_default() += 1;
        }
        let until = at.saturating_add(TRUST);
        if course.rolled_back.is_none_or(|back| back > until) {
            self.all.trusted.units += 1;
            self.all.trusted.provisional += u64::from(until > now);
        }
    }

    fn close(self) -> Measures {
        let Self { mut all, ended, taught, .. } = self;
        let landed = all.landed;
        let given = self.by_kind.values().sum();
        all.decisions = Decisions {
            given,
            by_kind: Given::ALL.map(|kind| (kind.code(), get(&self.by_kind, &kind))).into(),
            ..all.decisions
        };
        all.waiting = Waiting {
            seconds: self.by_cause.values().sum(),
            by_cause: Cause::ALL.map(|cause| (cause.code(), get(&self.by_cause, &cause))).into(),
        };
        let for_others = get(&self.by_cause, &Cause::Order) + get(&self.by_cause, &Cause::Dependency);
        all.friction = Share::new(for_others, all.waiting.seconds);
        all.interventions = Share::new(self.intervened, ended);
        all.rework.landed = Share::new(self.reworked, landed);
        all.stale_avoided = Share::new(self.spared, landed);
        all.rolled_back = Share::new(self.rolled_back, landed);
        all.held = Share::new(self.held, landed);
        all.context_loss.landed = Share::new(self.lossy, landed);
        all.feedback =
            Feedback { became_rules: Share::new(taught[1], taught[0]), fired: Share::new(taught[2], taught[1]) };
        all.rules = self.rules.into_iter().map(|(rule, flow)| RuleFlow { rule, ..flow }).collect();
        all.rules.sort_by(|a, b| b.units.cmp(&a.units).then_with(|| a.rule.cmp(&b.rule)));
        all.trusted.judgments = given;
        all.trusted.per_judgment = ratio(all.trusted.units, given);
        all
    }
}

fn get<K: Ord>(counts: &BTreeMap<K, u64>, key: &K) -> u64 {
    counts.get(key).copied().unwrap_or(0)
}

fn count<T>(all: impl Iterator<Item = T>) -> u64 {
    u64::try_from(all.count()).unwrap_or(u64::MAX)
}
