//! Line differences as git's merge sees them: its histogram algorithm, its placing of changes that could stand in several places.
//!
//! The published algorithm (from JGit): the region to keep is one that begins with the line that is rarest in the old text, the longest of
//! those; then both sides of it are treated alike. No crate finds the very same regions, and where the regions differ a merge may stop in
//! one and not in the other; so this is our own, held to git's by property tests. Where a text has no rare line it falls back to Myers.

use std::ops::Range;

use gix::bstr::ByteSlice;
use imara_diff::{Algorithm, Diff, InternedInput, Token};

use super::histogram::{Found, Occurrences, Search};
use super::placing::compact;

/// A changed range: old lines and the lines that stand there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) base: Range<u32>,
    pub(super) new: Range<u32>,
}

/// Finds changed ranges, one pair of texts after the other; what it needs meanwhile is kept for the next.
#[derive(Debug, Default)]
pub(super) struct Differ {
    occurrences: Occurrences,
    marks: Marks,
    /// Parts that are still to be looked at: old lines, new lines.
    parts: Vec<(Range<usize>, Range<usize>)>,
}

impl Differ {
    /// The changed ranges between two texts, ascending, each apart from the next by a common line.
    pub(super) fn changes(&mut self, old: &[Token], new: &[Token]) -> Vec<Change> {
        self.marks.clear(old.len(), new.len());
        self.parts.push((0..old.len(), 0..new.len()));
        // Parts do not depend on each other. A stack of our own: hostile texts would exhaust that of a recursion.
        while let Some((old_part, new_part)) = self.parts.pop() {
            self.part(old, new, old_part, new_part);
        }
        compact(old, &mut self.marks.old, &self.marks.new);
        compact(new, &mut self.marks.new, &self.marks.old);
        self.marks.changes()
    }

    fn part(&mut self, old: &[Token], new: &[Token], old_part: Range<usize>, new_part: Range<usize>) {
        if old_part.is_empty() || new_part.is_empty() {
            self.marks.mark(old_part, new_part);
            return;
        }
        self.occurrences.read(old, old_part.clone());
        let search = Search { old, new, old_part: &old_part, new_part: &new_part, occurrences: &self.occurrences };
        match search.region() {
            Found::Nothing => self.marks.mark(old_part, new_part),
            Found::Crowded => self.fall_back(old, new, &old_part, &new_part),
            Found::Region(common) => {
                self.parts.push((old_part.start..common.old, new_part.start..common.new));
                self.parts.push((common.old + common.length..old_part.end, common.new + common.length..new_part.end));
            }
        }
    }

    fn fall_back(&mut self, old: &[Token], new: &[Token], old_part: &Range<usize>, new_part: &Range<usize>) {
        let mut input: InternedInput<u32> = InternedInput::default();
        input.update_before(old[old_part.clone()].iter().map(|line| line.0));
        input.update_after(new[new_part.clone()].iter().map(|line| line.0));
        for hunk in Diff::compute(Algorithm::Myers, &input).hunks() {
            let range = |part: &Range<usize>, lines: Range<u32>| {
                part.start + lines.start as usize..part.start + lines.end as usize
            };
            self.marks.mark(range(old_part, hunk.before), range(new_part, hunk.after));
        }
    }
}

/// A line that is changed, in a row of marks.
pub(super) const CHANGED: u8 = 1;
pub(super) const KEPT: u8 = 0;

/// Which lines of either side are changed.
#[derive(Debug, Default)]
struct Marks {
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Marks {
    fn clear(&mut self, old: usize, new: usize) {
        for (marks, lines) in [(&mut self.old, old), (&mut self.new, new)] {
            marks.clear();
            marks.resize(lines, KEPT);
        }
    }

    fn mark(&mut self, old: Range<usize>, new: Range<usize>) {
        self.old[old].fill(CHANGED);
        self.new[new].fill(CHANGED);
    }

    fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        let (mut i, mut j) = (0, 0);
        loop {
            let kept = kept(&self.old, i).min(kept(&self.new, j));
            let (from_old, from_new) = (i + kept, j + kept);
            i = run_end(&self.old, from_old);
            j = run_end(&self.new, from_new);
            if (from_old, from_new) == (i, j) {
                return changes;
            }
            changes.push(Change { base: narrow(from_old)..narrow(i), new: narrow(from_new)..narrow(j) });
        }
    }
}

/// The interner counts lines in 32 bits, so no text has more.
pub(super) fn narrow(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// How many lines from here on are not changed.
pub(super) fn kept(marks: &[u8], from: usize) -> usize {
    marks[from..].find_byte(CHANGED).unwrap_or(marks.len() - from)
}

pub(super) fn run_end(marks: &[u8], from: usize) -> usize {
    marks[from..].find_byte(KEPT).map_or(marks.len(), |length| from + length)
}

pub(super) fn run_start(marks: &[u8], end: usize) -> usize {
    marks[..end].rfind_byte(KEPT).map_or(0, |before| before + 1)
}
