//! Where a change stands that could stand in several places: as far down as it goes, or beside a change of the other side.

use imara_diff::Token;

use super::lines::{CHANGED, KEPT, kept, run_end, run_start};

/// Runs of changed lines on one side, walked in step with those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    start: usize,
    end: usize,
}

impl Run {
    fn first(marks: &[u8]) -> Self {
        Self { start: 0, end: run_end(marks, 0) }
    }

    fn next(self, marks: &[u8]) -> Option<Self> {
        self.skip(marks, 1)
    }

    /// The run after so many kept lines, where there are so many.
    fn skip(self, marks: &[u8], kept: usize) -> Option<Self> {
        let start = self.end + kept;
        (start <= marks.len()).then(|| Self { start, end: run_end(marks, start) })
    }

    fn previous(self, marks: &[u8]) -> Option<Self> {
        let end = self.start.checked_sub(1)?;
        Some(Self { start: run_start(marks, end), end })
    }

    fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// One line up, where the line before equals the last; joins the run it bumps into.
    fn slide_up(&mut self, lines: &[Token], marks: &mut [u8]) -> bool {
        if self.start == 0 || lines[self.start - 1] != lines[self.end - 1] {
            return false;
        }
        marks[self.start - 1] = CHANGED;
        marks[self.end - 1] = KEPT;
        self.end -= 1;
        self.start = run_start(marks, self.start - 1);
        true
    }

    /// One line down, where the first line equals the one after.
    fn slide_down(&mut self, lines: &[Token], marks: &mut [u8]) -> bool {
        if self.end == lines.len() || lines[self.start] != lines[self.end] {
            return false;
        }
        marks[self.start] = KEPT;
        marks[self.end] = CHANGED;
        self.start += 1;
        self.end = run_end(marks, self.end);
        true
    }
}

/// Moves each run of changed lines that could stand elsewhere as far down as it goes, or to where the other side changes too.
pub(super) fn compact(lines: &[Token], marks: &mut [u8], others: &[u8]) {
    let (mut run, mut other) = (Run::first(marks), Run::first(others));
    loop {
        if !run.is_empty() {
            place(lines, marks, others, &mut run, &mut other);
        }
        // As many kept lines as both sides have here: between them there is nothing to place.
        let kept = kept(marks, run.end).min(kept(others, other.end)).max(1);
        let (Some(next), Some(beside)) = (run.skip(marks, kept), other.skip(others, kept)) else { return };
        (run, other) = (next, beside);
    }
}

fn place(lines: &[Token], marks: &mut [u8], others: &[u8], run: &mut Run, other: &mut Run) {
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
