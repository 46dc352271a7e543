//! Three-way merge of text, deciding as git decides.
//!
//! Git merges with the histogram algorithm and without the indent heuristic (`merge-ort`), takes two changes apart only where a base line
//! between them is left alone, and lets two changes of one place pass where both leave the same lines behind (`xdiff`'s zealous level).

use std::ops::Range;

use imara_diff::{InternedInput, Token};

use super::lines::{Change, changes};

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextMerge {
    /// The merged content.
    Clean(Vec<u8>),
    /// The base line ranges at which git would stop.
    Conflict(Vec<Range<u32>>),
}

/// The lines of all three sides as numbers: equal lines are equal numbers.
struct Sides<'a> {
    input: InternedInput<&'a [u8]>,
    ours: Vec<Token>,
    theirs: Vec<Token>,
}

/// Merges `ours` and `theirs`, which both came from `base`.
#[must_use]
pub fn merge_text(base: &[u8], ours: &[u8], theirs: &[u8]) -> TextMerge {
    let mut input = InternedInput::default();
    input.update_before(lines(base));
    input.update_after(lines(ours));
    let our_changes = changes(&input.before, &input.after);
    let ours = std::mem::take(&mut input.after);
    input.update_after(lines(theirs));
    let their_changes = changes(&input.before, &input.after);
    let theirs = std::mem::take(&mut input.after);
    let sides = Sides { input, ours, theirs };
    merge_changes(&sides, &our_changes, &their_changes)
}

/// The ranges in which `new` differs from `base`: (base lines, new lines), as git's merge sees them.
#[must_use]
pub fn changed_ranges(base: &[u8], new: &[u8]) -> Vec<(Range<u32>, Range<u32>)> {
    let mut input = InternedInput::default();
    input.update_before(lines(base));
    input.update_after(lines(new));
    changes(&input.before, &input.after).into_iter().map(|change| (change.base, change.new)).collect()
}

/// Lines with their line ends.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
}

fn merge_changes(sides: &Sides<'_>, ours: &[Change], theirs: &[Change]) -> TextMerge {
    let mut result = Vec::new();
    let mut conflicts = Vec::new();
    let mut written = 0;
    let (mut i, mut j) = (0, 0);
    while i < ours.len() || j < theirs.len() {
        let (our_end, their_end) = region(ours, theirs, i, j);
        let (mine, other) = (&ours[i..our_end], &theirs[j..their_end]);
        let base = hull(mine, other);
        sides.write(&sides.input.before, &(written..base.start), &mut result);
        let ours_here = image(mine, &base);
        let theirs_here = image(other, &base);
        match (mine.is_empty(), other.is_empty()) {
            (false, true) => sides.write_image(&sides.ours, mine, &base, &mut result),
            (true, false) => sides.write_image(&sides.theirs, other, &base, &mut result),
            _ if sides.same(&ours_here, &theirs_here, mine, other, &base) => {
                sides.write_image(&sides.ours, mine, &base, &mut result);
            }
            _ => conflicts.push(base.clone()),
        }
        written = base.end;
        (i, j) = (our_end, their_end);
    }
    if !conflicts.is_empty() {
        return TextMerge::Conflict(conflicts);
    }
    let end = u32::try_from(sides.input.before.len()).unwrap_or(u32::MAX);
    sides.write(&sides.input.before, &(written..end), &mut result);
    TextMerge::Clean(result)
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

impl Sides<'_> {
    fn write(&self, from: &[Token], range: &Range<u32>, into: &mut Vec<u8>) {
        for token in &from[range.start as usize..range.end as usize] {
            into.extend_from_slice(self.input.interner[*token]);
        }
    }

    fn write_image(&self, from: &[Token], changes: &[Change], base: &Range<u32>, into: &mut Vec<u8>) {
        self.write(from, &image(changes, base), into);
    }

    /// Whether both leave the same lines behind; git does not look where one side leaves none, unless the edits are equal.
    fn same(
        &self,
        ours: &Range<u32>,
        theirs: &Range<u32>,
        mine: &[Change],
        other: &[Change],
        base: &Range<u32>,
    ) -> bool {
        let equal = self.ours[ours.start as usize..ours.end as usize]
            == self.theirs[theirs.start as usize..theirs.end as usize];
        let one_edit = |changes: &[Change]| matches!(changes, [only] if only.base == *base);
        equal && (!ours.is_empty() || (one_edit(mine) && one_edit(other)))
    }
}
