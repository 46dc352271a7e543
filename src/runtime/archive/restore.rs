//! A packed trace is written back when something happens to its unit.

use super::{Ended, unpack};
use crate::domain::ids::{PrNumber, RepoId};
use crate::runtime::draft::Draft;
use crate::runtime::governor::Governor;
use crate::runtime::job::Trouble;
use crate::runtime::keys::{self, What};
use crate::runtime::workshop::Workshop;
use crate::store::{Put, TraceAppend};

/// Adds to the draft what writes a packed trace back; nothing where it is not packed. Before anything else is traced of the unit.
pub(in crate::runtime) async fn restore<G: Governor>(
    shop: &Workshop<G>,
    repo: RepoId,
    number: PrNumber,
    draft: &mut Draft,
) -> Result<(), Trouble> {
    let (space, field, stream) = (keys::archive(repo), keys::closed_field(number), keys::trace(repo, number));
    let Some(packed) = shop.store.get(shop.partition, &space, &field).await? else { return Ok(()) };
    let lines = unpack(&stream, &packed).map_err(|broken| Trouble::Broken(broken.to_string()))?;
    let append = |(seq, body)| TraceAppend { stream: stream.clone(), seq, body };
    draft.batch.trace.extend((1..).zip(lines).map(append));
    let now = shop.clock.now();
    let ended = Ended { at: now, packed: false }.json();
    draft.batch.puts.push(Put { space, field: field.clone(), value: None });
    draft.batch.puts.push(Put { space: keys::ended(repo), field, value: Some(ended) });
    draft.set_due(What::Archive, Some(shop.settings.archive.next_look(repo, now)));
    Ok(())
}
