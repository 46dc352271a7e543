//! Giving up, without losing anything and without blocking what comes after.

use super::draft::Draft;
use super::governor::Governor;
use super::job::{Done, Job, Trouble};
use super::keys::What;
use super::send;
use super::step::fetch;
use super::workshop::Workshop;
use crate::domain::ids::RepoId;
use crate::store::{Batch, InboxEntry, Parked};

/// Gives a job up: a delivery becomes a dead letter, what fell due is put off. An answer is dropped: the call keeps its mark as in flight,
/// and is asked about when another run takes the repository up.
pub(super) async fn give_up<G: Governor>(
    shop: &Workshop<G>,
    repo: RepoId,
    job: &Job,
    why: &str,
) -> Result<Done<G::State>, Trouble> {
    tracing::error!(repo.id = %repo, work = ?job.work(), why, "given up");
    let mut draft = Draft::new(repo);
    let later = send::later(shop, shop.clock.now());
    match job {
        Job::Delivery(queued) => {
            if let Some(entry) = fetch(shop, queued).await? {
                draft.batch = dead_letter(shop, entry, why);
            }
        }
        Job::Archive => draft.set_due(What::Archive, Some(later)),
        Job::Timer { number, .. } => draft.set_due(What::Timer(*number), Some(later)),
        Job::Send { owed } => {
            for (key, _) in owed {
                draft.set_due(What::Owed(key.clone()), Some(later));
            }
        }
        Job::Answer { key, .. } => draft.set_due(What::Owed(key.clone()), Some(later)),
    }
    let (batch, moves) = draft.finish();
    shop.committer.commit(&batch).await?;
    Ok(Done { loaded: None, moves, call: None, given_up: true })
}

/// Parks an entry that cannot even be told a repository from.
pub(super) async fn park<G: Governor>(shop: &Workshop<G>, entry: InboxEntry, why: &str) -> Result<(), Trouble> {
    tracing::error!(delivery.id = entry.delivery, why, "a delivery cannot be read and is parked");
    shop.committer.commit(&dead_letter(shop, entry, why)).await?;
    Ok(())
}

fn dead_letter<G: Governor>(shop: &Workshop<G>, entry: InboxEntry, why: &str) -> Batch {
    let parked = Parked { id: entry.delivery, reason: why.to_owned(), body: entry.body, at: shop.clock.now() };
    Batch { ack: vec![entry.id], park: vec![parked], ..Batch::default() }
}
