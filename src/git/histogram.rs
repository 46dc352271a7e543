//! The histogram search: which common region of two parts is kept.

use std::ops::Range;

use imara_diff::Token;

use super::lines::narrow;

/// A line that stands more often than this in the old text is no anchor.
const RARE: u32 = 64;

/// A common region: where it begins on both sides, and its length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common {
    pub(super) old: usize,
    pub(super) new: usize,
    pub(super) length: usize,
}

/// No line.
const NOWHERE: u32 = u32::MAX;

/// Where each line of a part of the old text stands: tables by line number, which are never cleared, so that a part costs its length.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    lines: Vec<Occurrence>,
    /// For each place in the old text the next one with the same line.
    next: Vec<u32>,
    round: u32,
}

/// What is known of one line; of this part only if it is of this round.
#[derive(Debug, Clone, Copy, Default)]
struct Occurrence {
    round: u32,
    count: u32,
    first: u32,
}

impl Occurrences {
    pub(super) fn read(&mut self, old: &[Token], part: Range<usize>) {
        if self.round == u32::MAX {
            self.lines.fill(Occurrence::default());
            self.round = 0;
        }
        self.round += 1;
        if self.next.len() < old.len() {
            self.next.resize(old.len(), NOWHERE);
        }
        // From the end, so that each chain ascends.
        for at in part.rev() {
            let line = old[at].0 as usize;
            if line >= self.lines.len() {
                self.lines.resize(line + 1, Occurrence::default());
            }
            let (count, next) = match self.lines[line] {
                Occurrence { round, count, first } if round == self.round => (count + 1, first),
                _ => (1, NOWHERE),
            };
            self.lines[line] = Occurrence { round: self.round, count, first: narrow(at) };
            self.next[at] = next;
        }
    }

    fn of(&self, line: Token) -> Option<Occurrence> {
        self.lines.get(line.0 as usize).copied().filter(|line| line.round == self.round)
    }

    fn count(&self, line: Token) -> u32 {
        self.of(line).map_or(0, |line| line.count)
    }

    /// The places from one on.
    fn places(&self, first: u32) -> impl Iterator<Item = usize> {
        let place = |place: u32| (place != NOWHERE).then_some(place);
        std::iter::successors(place(first), move |at| place(self.next[*at as usize])).map(|at| at as usize)
    }
}

/// What the search for a region to keep found.
pub(super) enum Found {
    Region(Common),
    /// Nothing in common.
    Nothing,
    /// There are common lines, but none is rare.
    Crowded,
}

/// The search for the region of one part that is kept.
pub(super) struct Search<'a> {
    pub(super) old: &'a [Token],
    pub(super) new: &'a [Token],
    pub(super) old_part: &'a Range<usize>,
    pub(super) new_part: &'a Range<usize>,
    pub(super) occurrences: &'a Occurrences,
}

impl Search<'_> {
    pub(super) fn region(&self) -> Found {
        let mut best: Option<Common> = None;
        let (mut rarest, mut anything) = (RARE + 1, false);
        let mut at = self.new_part.start;
        while at < self.new_part.end {
            let mut next = at + 1;
            let places = self.occurrences.of(self.new[at]);
            anything |= places.is_some();
            // Whether the line is rare enough is asked once; then all of its places are walked.
            let walked = places.filter(|places| places.count <= rarest).map_or(NOWHERE, |places| places.first);
            let mut end = 0;
            for place in self.occurrences.places(walked) {
                if place < end {
                    // Within the region just seen: it would give that again.
                    continue;
                }
                let (common, count) = self.grow(place, at);
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
    fn grow(&self, place: usize, at: usize) -> (Common, u32) {
        let (old, new) = (self.old, self.new);
        let mut count = self.occurrences.count(old[place]);
        let rarer = |count: u32, line: Token| if count > 1 { count.min(self.occurrences.count(line)) } else { count };
        let room = (place - self.old_part.start).min(at - self.new_part.start);
        let mut before = 0;
        while before < room && old[place - before - 1] == new[at - before - 1] {
            before += 1;
            count = rarer(count, old[place - before]);
        }
        let room = (self.old_part.end - place).min(self.new_part.end - at);
        let mut length = 1;
        while length < room && old[place + length] == new[at + length] {
            count = rarer(count, old[place + length]);
            length += 1;
        }
        (Common { old: place - before, new: at - before, length: before + length }, count)
    }
}
