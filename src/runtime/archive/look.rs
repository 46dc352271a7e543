//! A look through the ended units of one repository.

use std::time::Duration;

use bytes::Bytes;

use super::export::Export;
use super::{AT_LEAST, Ended, Settings, pack, unpack, whole};
use crate::domain::govern::Space;
use crate::domain::ids::{PrNumber, RepoId, Timestamp, UnitKey};
use crate::domain::unit::verify;
use crate::runtime::draft::Draft;
use crate::runtime::governor::Governor;
use crate::runtime::job::{Done, Loaded, Trouble};
use crate::runtime::keys::{self, NAMES, What};
use crate::runtime::read::name_in;
use crate::runtime::workshop::Workshop;
use crate::store::{Put, TraceForget};

/// What one commit takes: a commit stalls the others of its partition.
const PUTS: usize = 192;
const BYTES: usize = 4 << 20;
/// Where more is due than that, so much later.
const AGAIN: Duration = Duration::from_secs(1);

/// What is due for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Pack,
    Delete,
}

impl Settings {
    /// What is due for a unit by `now`; else when something will be.
    fn step(&self, ended: Ended, now: Timestamp) -> Result<Step, Timestamp> {
        let at = |after: Option<Duration>| {
            after.map_or(Timestamp::MAX, |after| ended.at.saturating_add(after).unwrap_or(Timestamp::MAX))
        };
        let packs = if ended.packed { Timestamp::MAX } else { at(self.pack_after) };
        match (at(self.delete_after), packs) {
            (deletes, _) if deletes <= now => Ok(Step::Delete),
            (_, packs) if packs <= now => Ok(Step::Pack),
            (deletes, packs) => Err(deletes.min(packs)),
        }
    }
}

/// Packs and deletes what is due, as one commit, and says when to look again.
pub(in crate::runtime) async fn look<G: Governor>(
    shop: &Workshop<G>,
    repo: RepoId,
    loaded: Option<Box<Loaded<G::State>>>,
) -> Result<Done<G::State>, Trouble> {
    let now = shop.clock.now();
    let settings = &shop.settings.archive;
    let mut sweep = Sweep { repo, draft: Draft::new(repo), bytes: 0, exports: true };
    let mut next = None;
    let mut left = 0_usize;
    let all = shop.store.load(shop.partition, &keys::ended(repo)).await?;
    let some = !all.is_empty();
    for (field, stored) in all {
        let (Some(number), Ok(ended)) = (keys::number_in(&field), serde_json::from_slice::<Ended>(&stored)) else {
            tracing::error!(repo.id = %repo, field, "an ended unit's note cannot be read and is left where it is");
            continue;
        };
        match settings.step(ended, now) {
            Err(later) => next = Some(next.map_or(later, |next: Timestamp| next.min(later))),
            Ok(_) if sweep.draft.batch.puts.len() >= PUTS || sweep.bytes >= BYTES => left += 1,
            Ok(step) if sweep.take(shop, number, ended, step).await? => {}
            // What is wrong is in the log: tried again at the next look.
            Ok(_) => next = Some(now),
        }
    }
    let touched = !sweep.draft.batch.puts.is_empty();
    let latest = now.saturating_add(AT_LEAST).unwrap_or(Timestamp::MAX);
    let at = match (left, next) {
        (1.., _) => now.saturating_add(AGAIN).unwrap_or(Timestamp::MAX),
        (0, next) => next.unwrap_or(latest).min(latest).max(settings.next_look(repo, now)),
    };
    sweep.draft.set_due(What::Archive, some.then_some(at));
    let (batch, moves) = sweep.draft.finish();
    shop.committer.commit(&batch).await?;
    // A unit that was just put away may be in memory, brought back by an event that changed nothing: as it is stored is how it is.
    Ok(Done { loaded: loaded.filter(|_| !touched), moves, call: None, given_up: false })
}

/// One look, in the making.
struct Sweep {
    repo: RepoId,
    draft: Draft,
    bytes: usize,
    /// Whether the folder for copies took every file so far.
    exports: bool,
}

impl Sweep {
    /// Whether it could be done.
    async fn take<G: Governor>(
        &mut self,
        shop: &Workshop<G>,
        number: PrNumber,
        ended: Ended,
        step: Step,
    ) -> Result<bool, Trouble> {
        let field = keys::closed_field(number);
        if shop.store.get(shop.partition, &keys::space(self.repo, Space::Live), &field).await?.is_some() {
            // Reopened: it is noted again when it ends.
            self.put(keys::ended(self.repo), field, None);
            return Ok(true);
        }
        match step {
            Step::Pack => self.pack(shop, number, ended).await,
            Step::Delete => self.delete(shop, number).await,
        }
    }

    async fn pack<G: Governor>(&mut self, shop: &Workshop<G>, number: PrNumber, ended: Ended) -> Result<bool, Trouble> {
        let stream = keys::trace(self.repo, number);
        let lines = shop.store.trace(shop.partition, &stream, 1, usize::MAX).await?;
        let packed = match pack(&lines) {
            Some(packed) if unpack(&stream, &packed).is_ok_and(|again| again == lines) => packed,
            Some(_) | None => {
                tracing::error!(repo.id = %self.repo, unit.number = number.0, "a trace cannot be packed and stays as it is");
                return Ok(false);
            }
        };
        self.bytes += packed.len();
        let field = keys::closed_field(number);
        if !lines.is_empty() {
            self.put(keys::archive(self.repo), field.clone(), Some(packed));
            self.draft.batch.forget.push(TraceForget { stream, length: lines.len() as u64 });
        }
        self.put(keys::ended(self.repo), field, Some(Ended { packed: true, ..ended }.json()));
        Ok(true)
    }

    async fn delete<G: Governor>(&mut self, shop: &Workshop<G>, number: PrNumber) -> Result<bool, Trouble> {
        let stream = keys::trace(self.repo, number);
        let written = shop.store.trace(shop.partition, &stream, 1, usize::MAX).await?;
        let length = written.len() as u64;
        let lines = match length {
            0 => whole(shop.store.as_ref(), UnitKey { repo: self.repo, number }, 1, usize::MAX).await?,
            _ => written,
        };
        let texts: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line)).collect();
        let head = match verify(texts.iter().map(AsRef::as_ref)) {
            Ok(head) => head,
            Err(broken) => {
                tracing::error!(repo.id = %self.repo, unit.number = number.0, %broken, "a trace that does not verify is not deleted");
                return Ok(false);
            }
        };
        self.bytes += lines.iter().map(Bytes::len).sum::<usize>();
        if !self.export(shop, number, &head.hash, lines).await? {
            return Ok(false);
        }
        let field = keys::closed_field(number);
        for space in [keys::archive(self.repo), keys::ended(self.repo), keys::space(self.repo, Space::Closed)] {
            self.put(space, field.clone(), None);
        }
        if length > 0 {
            self.draft.batch.forget.push(TraceForget { stream, length });
        }
        tracing::info!(repo.id = %self.repo, unit.number = number.0, entries = head.seq, link = head.anchor(), "an ended unit is deleted");
        Ok(true)
    }

    /// Whether the copy that is wanted is on disk. One that cannot be written is tried again at the next look.
    async fn export<G: Governor>(
        &mut self,
        shop: &Workshop<G>,
        number: PrNumber,
        last: &str,
        lines: Vec<Bytes>,
    ) -> Result<bool, Trouble> {
        let Some(folder) = shop.settings.archive.export.clone() else { return Ok(true) };
        if !self.exports {
            return Ok(false);
        }
        let name = shop.store.get(shop.partition, NAMES, &self.repo.to_string()).await?;
        let name = name.as_deref().and_then(name_in).unwrap_or_default();
        let export = Export::new(self.repo.0, &name, number.0, last, lines);
        let place = folder.join(&export.place);
        let wrote = tokio::task::spawn_blocking(move || export.write(&folder)).await;
        if let Err(error) = wrote.map_err(|fault| Trouble::Failed(fault.to_string()))? {
            self.exports = false;
            tracing::error!(place = %place.display(), %error, "a trace cannot be exported: ended units are not deleted until it can");
        }
        Ok(self.exports)
    }

    fn put(&mut self, space: String, field: String, value: Option<Bytes>) {
        self.draft.batch.puts.push(Put { space, field, value });
    }
}
