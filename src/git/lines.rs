//! Line differences as git's merge sees them: its histogram algorithm, its placing of changes that could stand in several places.
//!
//! The published algorithm (from JGit): the region to keep is one that begins with the line that is rarest in the old text, the longest of
//! those; then both sides of it are treated alike. No crate finds the very same regions, and where the regions differ a merge may stop in
//! one and not in the other; so this is our own, held to git's by property tests. Where a text has no rare line it falls back to Myers.

use std::collections::HashMap;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput, Token};

/// A line that stands more often than this in the old text is no anchor.
const RARE: u32 = 64;

/// A changed range: old lines and the lines that stand there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) base: Range<u32>,
    pub(super) new: Range<u32>,
}

/// The changed ranges between two texts, ascending, each apart from the next by a common line.
pub(super) fn changes(old: &[Token], new: &[Token]) -> Vec<Change> {
    let mut marks = Marks { old: vec![false; old.len()], new: vec![false; new.len()] };
    Histogram { old, new, marks: &mut marks }.run(0..old.len(), 0..new.len());
    compact(old, &mut marks.old, &marks.new);
    compact(new, &mut marks.new, &marks.old);
    marks.changes()
}

/// Which lines of either side are changed.
struct Marks {
    old: Vec<bool>,
    new: Vec<bool>,
}

impl Marks {
    fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        let (mut i, mut j) = (0, 0);
        while i < self.old.len() || j < self.new.len() {
            let (from_old, from_new) = (i, j);
            i = run_end(&self.old, i);
            j = run_end(&self.new, j);
            if (from_old, from_new) == (i, j) {
                (i, j) = (i + 1, j + 1);
            } else {
                changes.push(Change { base: narrow(from_old)..narrow(i), new: narrow(from_new)..narrow(j) });
            }
        }
        changes
    }
}

/// The interner counts lines in 32 bits, so no text has more.
fn narrow(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

fn run_end(marks: &[bool], from: usize) -> usize {
    from + marks[from..].iter().take_while(|changed| **changed).count()
}

/// A common region: where it begins on both sides, and its length.
#[derive(Debug, Clone, Copy)]
struct Common {
    old: usize,
    new: usize,
    length: usize,
}

struct Histogram<'a> {
    old: &'a [Token],
    new: &'a [Token],
    marks: &'a mut Marks,
}

/// Where each line of a part of the old text stands.
struct Occurrences {
    /// For each line its places, ascending.
    places: HashMap<Token, Vec<usize>>,
}

impl Occurrences {
    fn of(old: &[Token], part: Range<usize>) -> Self {
        let mut places: HashMap<Token, Vec<usize>> = HashMap::new();
        for at in part {
            places.entry(old[at]).or_default().push(at);
        }
        Self { places }
    }

    fn at(&self, line: Token) -> &[usize] {
        self.places.get(&line).map(Vec::as_slice).unwrap_or_default()
    }

    fn count(&self, line: Token) -> u32 {
        narrow(self.at(line).len())
    }
}

/// What the search for a region to keep found.
enum Found {
    Region(Common),
    /// Nothing in common.
    Nothing,
    /// There are common lines, but none is rare.
    Crowded,
}

impl Histogram<'_> {
    fn run(&mut self, mut old: Range<usize>, mut new: Range<usize>) {
        loop {
            if old.is_empty() || new.is_empty() {
                self.mark(old, new);
                return;
            }
            match self.region(&old, &new) {
                Found::Nothing => {
                    self.mark(old, new);
                    return;
                }
                Found::Crowded => {
                    self.fall_back(old, new);
                    return;
                }
                Found::Region(common) => {
                    self.run(old.start..common.old, new.start..common.new);
                    old = common.old + common.length..old.end;
                    new = common.new + common.length..new.end;
                }
            }
        }
    }

    fn mark(&mut self, old: Range<usize>, new: Range<usize>) {
        self.marks.old[old].fill(true);
        self.marks.new[new].fill(true);
    }

    fn region(&self, old: &Range<usize>, new: &Range<usize>) -> Found {
        let occurrences = Occurrences::of(self.old, old.clone());
        let mut best: Option<Common> = None;
        let (mut rarest, mut anything) = (RARE + 1, false);
        let mut at = new.start;
        while at < new.end {
            let mut next = at + 1;
            let places = occurrences.at(self.new[at]);
            anything |= !places.is_empty();
            // Whether the line is rare enough is asked once; then all of its places are walked.
            let walked = if narrow(places.len()) <= rarest { places } else { &[] };
            let mut end = 0;
            for place in walked {
                if *place < end {
                    // Within the region just seen: it would give that again.
                    continue;
                }
                let (common, count) = self.grow(*place, at, old, new, &occurrences);
                end = common.old + common.length;
                next = next.max(common.new + common.length);
                if best.is_none_or(|best| best.length < common.length) || count < rarest {
                    best = Some(common);
                    rarest = count;
                }
            }
            at = next;
        }
        match best {
            _ if anything && rarest > RARE => Found::Crowded,
            Some(common) => Found::Region(common),
            None => Found::Nothing,
        }
    }

    /// The common region around two equal lines, and how rare its rarest line is.
    fn grow(
        &self,
        place: usize,
        at: usize,
        old: &Range<usize>,
        new: &Range<usize>,
        occurrences: &Occurrences,
    ) -> (Common, u32) {
        let mut count = occurrences.count(self.old[place]);
        let rarer = |count: u32, line: Token| if count > 1 { count.min(occurrences.count(line)) } else { count };
        let (mut from, mut to) = (place, place + 1);
        let shift = |line: usize| line + at - place;
        while from > old.start && shift(from) > new.start && self.old[from - 1] == self.new[shift(from) - 1] {
            from -= 1;
            count = rarer(count, self.old[from]);
        }
        while to < old.end && shift(to) < new.end && self.old[to] == self.new[shift(to)] {
            count = rarer(count, self.old[to]);
            to += 1;
        }
        (Common { old: from, new: shift(from), length: to - from }, count)
    }

    fn fall_back(&mut self, old: Range<usize>, new: Range<usize>) {
        let mut input: InternedInput<u32> = InternedInput::default();
        input.update_before(self.old[old.clone()].iter().map(|line| line.0));
        input.update_after(self.new[new.clone()].iter().map(|line| line.0));
        for hunk in Diff::compute(Algorithm::Myers, &input).hunks() {
            let range = |part: &Range<usize>, lines: Range<u32>| {
                part.start + lines.start as usize..part.start + lines.end as usize
            };
            self.mark(range(&old, hunk.before), range(&new, hunk.after));
        }
    }
}

/// Runs of changed lines on one side, walked in step with those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    start: usize,
    end: usize,
}

impl Run {
    fn first(marks: &[bool]) -> Self {
        Self { start: 0, end: run_end(marks, 0) }
    }

    fn next(self, marks: &[bool]) -> Option<Self> {
        let start = self.end + 1;
        (self.end < marks.len()).then(|| Self { start, end: run_end(marks, start) })
    }

    fn previous(self, marks: &[bool]) -> Option<Self> {
        let end = self.start.checked_sub(1)?;
        Some(Self { start: end - marks[..end].iter().rev().take_while(|changed| **changed).count(), end })
    }

    fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// One line up, where the line before equals the last; joins the run it bumps into.
    fn slide_up(&mut self, lines: &[Token], marks: &mut [bool]) -> bool {
        if self.start == 0 || lines[self.start - 1] != lines[self.end - 1] {
            return false;
        }
        marks[self.start - 1] = true;
        marks[self.end - 1] = false;
        self.end -= 1;
        self.start -= 1;
        self.start -= marks[..self.start].iter().rev().take_while(|changed| **changed).count();
        true
    }

    /// One line down, where the first line equals the one after.
    fn slide_down(&mut self, lines: &[Token], marks: &mut [bool]) -> bool {
        if self.end == lines.len() || lines[self.start] != lines[self.end] {
            return false;
        }
        marks[self.start] = false;
        marks[self.end] = true;
        self.start += 1;
        self.end = run_end(marks, self.end);
        true
    }
}

/// Moves each run of changed lines that could stand elsewhere as far down as it goes, or to where the other side changes too.
fn compact(lines: &[Token], marks: &mut [bool], others: &[bool]) {
    let (mut run, mut other) = (Run::first(marks), Run::first(others));
    loop {
        if !run.is_empty() {
            place(lines, marks, others, &mut run, &mut other);
        }
        let (Some(next), Some(beside)) = (run.next(marks), other.next(others)) else { return };
        (run, other) = (next, beside);
    }
}

fn place(lines: &[Token], marks: &mut [bool], others: &[bool], run: &mut Run, other: &mut Run) {
    let (mut earliest, mut meets);
    loop {
        let size = run.end - run.start;
        while run.slide_up(lines, marks) {
            *other = other.previous(others).unwrap_or(*other);
        }
        earliest = run.end;
        meets = !other.is_empty();
        while run.slide_down(lines, marks) {
            *other = other.next(others).unwrap_or(*other);
            meets |= !other.is_empty();
        }
        if run.end - run.start == size {
            break;
        }
    }
    if run.end == earliest || !meets {
        return;
    }
    while other.is_empty() && run.slide_up(lines, marks) {
        *other = other.previous(others).unwrap_or(*other);
    }
}
