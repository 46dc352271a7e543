//! From what the domain changed to the batch that the store commits.

use std::collections::BTreeMap;

use super::archive::Ended;
use super::governor::Governor;
use super::keys::{self, NAMES, Wakeup, What};
use crate::domain::flow::Moved;
use crate::domain::govern::{Changes, Space};
use crate::domain::ids::{RepoId, Timestamp};
use crate::domain::policy::facts::AuthorKind;
use crate::store::{Batch, Put, TraceAppend};

/// When each thing falls due after a commit; `None`: not any more.
pub(super) type Moves = BTreeMap<Wakeup, Option<Timestamp>>;

/// A batch in the making.
#[derive(Debug)]
pub(super) struct Draft {
    repo: RepoId,
    /// What goes in beside the domain's changes: acknowledgements, dead letters.
    pub(super) batch: Batch,
    /// What the domain's changes say about flow.
    pub(super) moved: Vec<(AuthorKind, Moved)>,
    moves: Moves,
}

impl Draft {
    /// An empty one for a repository.
    pub(super) fn new(repo: RepoId) -> Self {
        Self { repo, batch: Batch::default(), moved: Vec::new(), moves: Moves::new() }
    }

    /// Sets when something falls due, or that it does not. The last word counts.
    pub(super) fn set_due(&mut self, what: What, at: Option<Timestamp>) {
        self.moves.insert(Wakeup { repo: self.repo, what }, at);
    }

    /// Whether it was said when this falls due, or that it does not.
    pub(super) fn due(&self, what: &What) -> Option<Option<Timestamp>> {
        self.moves.get(&Wakeup { repo: self.repo, what: what.clone() }).copied()
    }

    /// Adds what the domain changed. Something that is settled and owed in one step is owed.
    /// `look` is when ended units are looked through next.
    pub(super) fn add<G: Governor>(
        &mut self,
        governor: &G,
        state: &mut G::State,
        changes: &Changes,
        (now, look): (Timestamp, Timestamp),
    ) {
        for write in governor.writes(state, changes) {
            if write.space == Space::Closed && write.value.is_some() {
                let ended = Ended { at: now, packed: false }.json();
                let space = keys::ended(self.repo);
                self.batch.puts.push(Put { space, field: write.field.clone(), value: Some(ended) });
                self.set_due(What::Archive, Some(look));
            }
            let value = write.value.map(Into::into);
            self.batch.puts.push(Put { space: keys::space(self.repo, write.space), field: write.field, value });
        }
        governor.drafted(state, changes);
        self.moved.extend(&changes.moved);
        for line in &changes.trace {
            let stream = keys::trace(self.repo, line.unit);
            self.batch.trace.push(TraceAppend { stream, seq: line.seq, body: line.json.clone().into() });
        }
        for key in &changes.settle {
            self.set_due(What::Owed(key.clone()), None);
        }
        for (key, at) in &changes.owe {
            self.set_due(What::Owed(key.clone()), Some(*at));
        }
        for wake in &changes.wake {
            self.set_due(What::Timer(wake.number), wake.at);
        }
    }

    /// Notes the repository's name for those who look it up.
    pub(super) fn name(&mut self, full_name: &str, since: Timestamp) {
        let value = serde_json::json!({ "full_name": full_name, "since": since }).to_string();
        self.batch.puts.push(Put { space: NAMES.into(), field: self.repo.to_string(), value: Some(value.into()) });
    }

    /// The batch, and when things fall due once it is committed.
    pub(super) fn finish(mut self) -> (Batch, Moves) {
        for (wakeup, at) in &self.moves {
            match at {
                Some(at) => self.batch.schedule.push(wakeup.schedule(*at)),
                None => self.batch.unschedule.push(wakeup.id()),
            }
        }
        (self.batch, self.moves)
    }
}
