//! Contents of blobs, compared and merged: each text is read once, each pair compared once, each merge made once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use dashmap::DashMap;
use thread_local::ThreadLocal;

use super::error::GitError;
use super::hashing::ById;
use super::lines::Change;
use super::objects::{Git, Oid};
use super::similarity::is_binary;
use super::text::{Side, ThreeWay};
use super::texts::{Table, Text};

/// Larger files are never merged by line. Contract: `MAX_XDIFF_SIZE` of git 2.47.
const MOST_BYTES: usize = 1023 << 20;

/// What one blob changes in another, by both.
type Scripts = DashMap<(Oid, Oid), Arc<[Change]>, ById>;

/// What is kept between questions.
#[derive(Default)]
pub(super) struct Contents {
    /// Each thread tells lines apart by numbers of its own.
    texts: ThreadLocal<Texts>,
    scripts: Scripts,
    /// By base and both sides, the lesser first: which of them is ours makes no difference to the content.
    clean: DashMap<[Oid; 3], bool, ById>,
    merged: DashMap<[Oid; 3], Option<Oid>, ById>,
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contents").field("scripts", &self.scripts.len()).finish_non_exhaustive()
    }
}

/// What one thread has read.
#[derive(Debug, Default)]
struct Texts {
    table: RefCell<Table>,
    /// None: no text.
    known: RefCell<HashMap<Oid, Option<Arc<Text>>, ById>>,
}

/// A text and what another makes of it.
pub(super) struct Compared {
    pub(super) new: Arc<Text>,
    pub(super) changes: Arc<[Change]>,
}

impl Compared {
    fn side(&self) -> Side<'_> {
        Side { text: &self.new, changes: &self.changes }
    }
}

impl Git {
    /// What `new` changes in `old`; none where one of them is no text.
    pub(super) fn compared(&self, old: Oid, new: Oid) -> Result<Option<Compared>, GitError> {
        let like = self.known_text(new);
        let Some(before) = self.text(old, like.as_deref())? else { return Ok(None) };
        let Some(after) = self.text(new, Some(&before))? else { return Ok(None) };
        let changes = self.script((old, &before), (new, &after));
        Ok(Some(Compared { new: after, changes }))
    }

    /// Whether two changes of one blob merge by line without a stop.
    pub(super) fn blobs_merge(&self, base: Oid, ours: Oid, theirs: Oid) -> Result<bool, GitError> {
        let key = [base, ours.min(theirs), ours.max(theirs)];
        if let Some(known) = self.contents.clean.get(&key) {
            return Ok(*known);
        }
        let clean = self.three_way(base, ours, theirs, |merge| merge.conflicts().next().is_none())?.unwrap_or(false);
        self.contents.clean.insert(key, clean);
        Ok(clean)
    }

    /// Merges two changes of one blob by line, and keeps what comes out; none where git stops.
    pub(super) fn merge_blobs(&self, base: Oid, ours: Oid, theirs: Oid) -> Result<Option<Oid>, GitError> {
        let key = [base, ours.min(theirs), ours.max(theirs)];
        if let Some(known) = self.contents.merged.get(&key) {
            return Ok(*known);
        }
        let merged = if self.blobs_merge(base, ours, theirs)? {
            self.three_way(base, ours, theirs, |merge| merge.content())?
        } else {
            None
        };
        let merged = merged.map(|content| self.keep_blob(content)).transpose()?;
        self.contents.merged.insert(key, merged);
        Ok(merged)
    }

    /// Asks something of a merge; none where one of the blobs is no text.
    fn three_way<T>(
        &self,
        base: Oid,
        ours: Oid,
        theirs: Oid,
        ask: impl FnOnce(&ThreeWay<'_>) -> T,
    ) -> Result<Option<T>, GitError> {
        // One side often is known already, and most of its lines are those of the base.
        let like = self.known_text(ours).or_else(|| self.known_text(theirs));
        let (Some(before), Some(one), Some(other)) =
            (self.text(base, like.as_deref())?, self.compared(base, ours)?, self.compared(base, theirs)?)
        else {
            return Ok(None);
        };
        Ok(Some(ask(&ThreeWay { base: &before, ours: one.side(), theirs: other.side() })))
    }

    /// A text that this thread has read already.
    fn known_text(&self, id: Oid) -> Option<Arc<Text>> {
        self.contents.texts.get_or_default().known.borrow().get(&id).cloned().flatten()
    }

    fn text(&self, id: Oid, like: Option<&Text>) -> Result<Option<Arc<Text>>, GitError> {
        let texts = self.contents.texts.get_or_default();
        if let Some(known) = texts.known.borrow().get(&id) {
            return Ok(known.clone());
        }
        let content = self.blob(id)?;
        let is_text = content.len() <= MOST_BYTES && !is_binary(&content);
        let text = is_text.then(|| Arc::new(texts.table.borrow_mut().read(content, like)));
        texts.known.borrow_mut().insert(id, text.clone());
        Ok(text)
    }

    fn script(&self, (old, before): (Oid, &Text), (new, after): (Oid, &Text)) -> Arc<[Change]> {
        if let Some(known) = self.contents.scripts.get(&(old, new)) {
            return Arc::clone(&known);
        }
        let changes: Arc<[Change]> =
            self.contents.texts.get_or_default().table.borrow_mut().changes(before, after).into();
        self.contents.scripts.insert((old, new), Arc::clone(&changes));
        changes
    }
}
