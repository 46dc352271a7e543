//! The outbox: what is owed and due, decided again, marked as in flight, sent, answered.
//!
//! The in-flight mark is committed before the call starts. Whoever finds it later knows that the call may have been made.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::time::Instant;

use super::draft::Draft;
use super::governor::Governor;
use super::job::{Dispatch, Done, Loaded, Trouble, words_of};
use super::judge;
use super::keys::What;
use super::step;
use super::workshop::Workshop;
use crate::domain::govern::{Answer, Fault, OwedKey};
use crate::domain::ids::{RepoId, Timestamp};

/// Decides about the most pressing of `owed` and commits that decision.
pub(super) async fn begin<G: Governor>(
    shop: &Workshop<G>,
    repo: RepoId,
    mut known: Box<Loaded<G::State>>,
    owed: &[(OwedKey, Timestamp)],
) -> Result<Done<G::State>, Trouble> {
    let governor = &shop.governor;
    if !known.unsettled.is_empty() {
        // It was just read from the store and an earlier call has no known outcome: that comes first.
        return Ok(Done::nothing(Some(known)));
    }
    let pressing = owed.iter().map(|(key, due)| (governor.class(&known.state, key), *due, key)).min();
    let Some((class, due, key)) = pressing else { return Ok(Done::nothing(Some(known))) };
    let address = judge::address(shop, &known);
    let wait = shop.github.wait(&address, class);
    if !wait.is_zero() {
        return put_off(shop, repo, known, owed, wait).await;
    }
    let facts = {
        let state = &known.state;
        judge::gather(shop, &address, |facts| governor.begin_needs(state, key, facts, shop.clock.now())).await
    };
    let now = shop.clock.now();
    let decided = governor.begin(&mut known.state, key, &facts, now);
    let mut draft = Draft::new(repo);
    draft.add(governor, &mut known.state, &decided.changes, (now, shop.settings.archive.next_look(repo, now)));
    let what = What::Owed(key.clone());
    match (&decided.call, draft.due(&what)) {
        // Until its answer is committed it stays due: that is how a crash is noticed.
        (Some(_), Some(None)) => draft.set_due(what, Some(now)),
        // Nothing to send and nothing said about when: not at once again.
        (None, None) => {
            tracing::warn!(repo.id = %repo, owed = %key.id(), "nothing to send and no word about when: put off");
            draft.set_due(what, Some(later(shop, now)));
        }
        (Some(_), _) | (None, Some(_)) => {}
    }
    let call = decided.call.map(|call| Dispatch { key: key.clone(), call, class, address, due });
    step::commit(shop, known, draft, call).await
}

/// GitHub's limits let no write go now: nothing is decided before its time, and nothing but the time is written.
async fn put_off<G: Governor>(
    shop: &Workshop<G>,
    repo: RepoId,
    known: Box<Loaded<G::State>>,
    owed: &[(OwedKey, Timestamp)],
    wait: Duration,
) -> Result<Done<G::State>, Trouble> {
    let at = shop.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
    let mut draft = Draft::new(repo);
    for (key, _) in owed {
        draft.set_due(What::Owed(key.clone()), Some(at));
    }
    step::commit(shop, known, draft, None).await
}

/// When something is tried again that could not be begun.
pub(super) fn later<G: Governor>(shop: &Workshop<G>, now: Timestamp) -> Timestamp {
    now.saturating_add(shop.settings.postpone).unwrap_or(Timestamp::MAX)
}

/// Whether the lease outlasts a call that starts now.
pub(super) fn may_call<G: Governor>(shop: &Workshop<G>) -> bool {
    shop.lease.rest() > shop.settings.call_deadline
}

/// Makes the call, once.
pub(super) async fn call<G: Governor>(shop: Arc<Workshop<G>>, dispatch: Dispatch) -> Answer {
    if !may_call(&shop) {
        // The commit took long. Nothing was sent, and the answer says so.
        return Answer::Refused { fault: Fault::Transient, message: "not sent: the lease was about to run out".into() };
    }
    let began = Instant::now();
    let waited = shop.clock.now().duration_since(dispatch.due).try_into().unwrap_or_default();
    let deadline = shop.settings.call_deadline;
    let calling = AssertUnwindSafe(shop.github.write(&dispatch.address, &dispatch.call)).catch_unwind();
    let answer = match tokio::time::timeout(deadline, calling).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(panic)) => Answer::Unknown { because: words_of(panic.as_ref()) },
        Err(_) => Answer::Unknown { because: format!("GitHub did not answer within {} s", deadline.as_secs()) },
    };
    shop.observer.called(dispatch.class, &answer, waited, began.elapsed());
    answer
}
