//! Three-way merge of text, deciding as git decides.
//!
//! Git merges with the histogram algorithm and without the indent heuristic (`merge-ort`), takes two changes apart only where a base line
//! between them is left alone, and lets two changes of one place pass where both leave the same lines behind (`xdiff`'s zealous level).

use std::ops::Range;

use bytes::Bytes;

use super::lines::Change;
use super::texts::{Table, Text};

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextMerge {
    /// The merged content.
    Clean(Vec<u8>),
    /// The base line ranges at which git would stop.
    Conflict(Vec<Range<u32>>),
}

/// Merges `ours` and `theirs`, which both came from `base`. Each is less than 4 GiB; git itself merges no lines above 1 GiB.
#[must_use]
pub fn merge_text(base: &[u8], ours: &[u8], theirs: &[u8]) -> TextMerge {
    let mut table = Table::default();
    let base = table.read(Bytes::copy_from_slice(base), None);
    let [ours, theirs] = [ours, theirs].map(|side| table.read(Bytes::copy_from_slice(side), Some(&base)));
    let [our_changes, their_changes] = [&ours, &theirs].map(|side| table.changes(&base, side));
    let merge = ThreeWay {
        base: &base,
        ours: Side { text: &ours, changes: &our_changes },
        theirs: Side { text: &theirs, changes: &their_changes },
    };
    let conflicts: Vec<Range<u32>> = merge.conflicts().collect();
    if conflicts.is_empty() { TextMerge::Clean(merge.content()) } else { TextMerge::Conflict(conflicts) }
}

/// The ranges in which `new` differs from `base`: (base lines, new lines), as git's merge sees them. Each is less than 4 GiB.
#[must_use]
pub fn changed_ranges(base: &[u8], new: &[u8]) -> Vec<(Range<u32>, Range<u32>)> {
    let mut table = Table::default();
    let base = table.read(Bytes::copy_from_slice(base), None);
    let new = table.read(Bytes::copy_from_slice(new), Some(&base));
    table.changes(&base, &new).into_iter().map(|change| (change.base, change.new)).collect()
}

/// Three texts of one table, and what each side changes.
pub(super) struct ThreeWay<'a> {
    pub(super) base: &'a Text,
    pub(super) ours: Side<'a>,
    pub(super) theirs: Side<'a>,
}

/// What one side made of the base.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) text: &'a Text,
    pub(super) changes: &'a [Change],
}

/// Changes that hang together, and the base lines they cover.
struct Region<'a> {
    base: Range<u32>,
    ours: &'a [Change],
    theirs: &'a [Change],
}

impl<'a> ThreeWay<'a> {
    /// The base line ranges at which git would stop.
    pub(super) fn conflicts(&self) -> impl Iterator<Item = Range<u32>> {
        let both = |region: &Region<'_>| !region.ours.is_empty() && !region.theirs.is_empty();
        self.regions().filter(move |region| both(region) && !self.same(region)).map(|region| region.base)
    }

    /// The merged content, where git would not stop.
    pub(super) fn content(&self) -> Vec<u8> {
        let mut result = Vec::new();
        let mut written = 0;
        for Region { base, ours, theirs } in self.regions() {
            result.extend_from_slice(self.base.bytes(&(written..base.start)));
            // Where both change something they leave the same behind.
            let (side, changes) = if ours.is_empty() { (self.theirs, theirs) } else { (self.ours, ours) };
            result.extend_from_slice(side.text.bytes(&image(changes, &base)));
            written = base.end;
        }
        result.extend_from_slice(self.base.bytes(&(written..self.base.len())));
        result
    }

    fn regions(&self) -> impl Iterator<Item = Region<'a>> {
        let (ours, theirs) = (self.ours.changes, self.theirs.changes);
        let (mut i, mut j) = (0, 0);
        std::iter::from_fn(move || {
            let (from_ours, from_theirs) = (i, j);
            if i == ours.len() && j == theirs.len() {
                return None;
            }
            (i, j) = region(ours, theirs, i, j);
            let (ours, theirs) = (&ours[from_ours..i], &theirs[from_theirs..j]);
            Some(Region { base: hull(ours, theirs), ours, theirs })
        })
    }

    /// Whether both leave the same lines behind; git does not look where one side leaves none, unless the edits are equal.
    fn same(&self, region: &Region<'_>) -> bool {
        let ours = self.ours.text.tokens(&image(region.ours, &region.base));
        let theirs = self.theirs.text.tokens(&image(region.theirs, &region.base));
        let one_edit = |changes: &[Change]| matches!(changes, [only] if only.base == region.base);
        ours == theirs && (!ours.is_empty() || (one_edit(region.ours) && one_edit(region.theirs)))
    }
}

/// The next changes that hang together: those after the indices returned begin apart from all of these.
///
/// Two changes of one side never touch, so a region grows only by turns.
fn region(ours: &[Change], theirs: &[Change], i: usize, j: usize) -> (usize, usize) {
    // Where only one side changes something, that change is a region by itself.
    let mut end = match (ours.get(i), theirs.get(j)) {
        (Some(a), Some(b)) if a.base.end < b.base.start => return (i + 1, j),
        (Some(a), Some(b)) if b.base.end < a.base.start => return (i, j + 1),
        (Some(a), Some(b)) => a.base.end.max(b.base.end),
        (Some(_), None) => return (i + 1, j),
        (None, _) => return (i, j + 1),
    };
    let (mut our_end, mut their_end) = (i + 1, j + 1);
    loop {
        if let Some(next) = ours.get(our_end).filter(|next| next.base.start <= end) {
            end = end.max(next.base.end);
            our_end += 1;
        } else if let Some(next) = theirs.get(their_end).filter(|next| next.base.start <= end) {
            end = end.max(next.base.end);
            their_end += 1;
        } else {
            return (our_end, their_end);
        }
    }
}

fn hull(ours: &[Change], theirs: &[Change]) -> Range<u32> {
    let all = || ours.iter().chain(theirs);
    let start = all().map(|change| change.base.start).min().unwrap_or(0);
    start..all().map(|change| change.base.end).max().unwrap_or(0)
}

/// Which lines of one side stand in place of a base range.
fn image(changes: &[Change], base: &Range<u32>) -> Range<u32> {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return 0..0 };
    first.new.start - (first.base.start - base.start)..last.new.end + (base.end - last.base.end)
}
