//! The sequences of small components and the sums of ties, kept while the same question is asked again.
//!
//! Pure in effect: the same question has the same answer, so it does not show whether it was kept. A judgment asks for the same component
//! several times, and an event rarely changes it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::ids::PrNumber;
use crate::domain::integration::collision::Kind;
use crate::domain::integration::order::{Plan, Question, plan};

/// How many questions are remembered: those of one judgment.
const REMEMBERED: usize = 32;

type Answered = (Question<PrNumber>, Arc<Plan<PrNumber>>);

/// Remembers the answers to the last few questions.
#[derive(Debug, Default)]
pub(in crate::domain::govern) struct Memo(Mutex<VecDeque<Answered>>);

impl Clone for Memo {
    /// A copy begins with nothing remembered.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Memo {
    /// The plan for a question.
    pub(in crate::domain::govern) fn plan(&self, question: Question<PrNumber>) -> Arc<Plan<PrNumber>> {
        let mut answered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plan)) = answered.iter().find(|(asked, _)| *asked == question) {
            return Arc::clone(plan);
        }
        let answer = Arc::new(plan(&question));
        answered.truncate(REMEMBERED - 1);
        answered.push_front((question, Arc::clone(&answer)));
        answer
    }
}

/// What a unit's pairs come to: the lines that others would redo after it less its own, and with how many it is paired.
pub(super) type Sum = (i64, i64);

/// Remembers each unit's sum under the kinds it was last asked for. Comparing the members of a large component asks for the same sums
/// again and again, so that without this each comparison would walk all pairs of a unit.
#[derive(Debug, Default)]
pub(super) struct Sums(Mutex<BTreeMap<PrNumber, (Vec<Kind>, Sum)>>);

impl Clone for Sums {
    /// A copy begins with nothing remembered.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Sums {
    /// The sum of a unit, worked out where it is not remembered.
    pub(in crate::domain::govern) fn of(&self, unit: PrNumber, kinds: &[Kind], work_out: impl FnOnce() -> Sum) -> Sum {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sum)) = known.get(&unit).filter(|(asked, _)| asked == kinds) {
            return *sum;
        }
        let sum = work_out();
        known.insert(unit, (kinds.to_vec(), sum));
        sum
    }

    /// A unit's pairs changed.
    pub(in crate::domain::govern) fn forget(&mut self, unit: PrNumber) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).remove(&unit);
    }
}
