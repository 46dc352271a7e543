//! The sequences of small components, kept while the same question is asked again.
//!
//! Pure in effect: the same question has the same answer, so it does not show whether it was kept. A judgment asks for the same component
//! several times, and an event rarely changes it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::ids::PrNumber;
use crate::domain::integration::order::{Plan, Question, plan};

/// How many questions are remembered: those of one judgment.
const REMEMBERED: usize = 32;

type Answered = (Question<PrNumber>, Arc<Plan<PrNumber>>);

/// Remembers the answers to the last few questions.
#[derive(Debug, Default)]
pub(super) struct Memo(Mutex<VecDeque<Answered>>);

impl Clone for Memo {
    /// A copy begins with nothing remembered.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Memo {
    /// The plan for a question.
    pub(super) fn plan(&self, question: Question<PrNumber>) -> Arc<Plan<PrNumber>> {
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
