//! One examination at a time, its report good for a minute: however often the page is asked for, GitHub is not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

use super::{Examiner, Report, Scope};
use crate::domain::ids::Timestamp;

/// How long a report is shown without looking again, in seconds.
const GOOD_FOR: i64 = 60;

type Examination = Shared<BoxFuture<'static, Option<Arc<Report>>>>;

/// What is known when somebody asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Latest {
    /// The report.
    Report(Arc<Report>),
    /// The examination goes on: ask again in a moment.
    UnderWay,
}

/// Keeps the last report.
pub struct Kept {
    examiner: Arc<Examiner>,
    current: Mutex<Option<Examination>>,
}

impl Kept {
    /// Examines when it is first asked.
    #[must_use]
    pub fn new(examiner: Examiner) -> Self {
        Self { examiner: Arc::new(examiner), current: Mutex::new(None) }
    }

    /// The report, at most a minute old; waits for a running examination as long as `patience`.
    pub async fn latest(&self, patience: Duration) -> Latest {
        let examination = self.examination((self.examiner.now)());
        match tokio::time::timeout(patience, examination.clone()).await {
            Ok(Some(report)) => Latest::Report(report),
            Ok(None) | Err(_) => Latest::UnderWay,
        }
    }

    /// The running one, the last one while it is good, else a new one.
    fn examination(&self, now: Timestamp) -> Examination {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = current.as_ref().filter(|known| is_good(known, now)) {
            return known.clone();
        }
        let examiner = Arc::clone(&self.examiner);
        // A task of its own: it goes on when whoever asked has left.
        let task = tokio::spawn(async move { Arc::new(examiner.examine(&Scope::default()).await) });
        let examination = task.map(Result::ok).boxed().shared();
        current.replace(examination.clone());
        examination
    }
}

/// Whether it still runs or its report is young enough. One that broke off is no good.
fn is_good(known: &Examination, now: Timestamp) -> bool {
    match known.peek() {
        None => true,
        Some(Some(report)) => now.as_second() - report.at.as_second() < GOOD_FOR,
        Some(None) => false,
    }
}
