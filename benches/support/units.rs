//! Open units of one repository, drawn with a fixed seed: paths from a Zipf distribution over 20,000 files, a lockfile that a third touch.

use flyball::domain::integration::footprint::{FileChange, Footprint, Hunk, Lines, Marks};
use flyball::domain::integration::index::Index;

const FILES: usize = 20_000;
pub(crate) const SIZES: [u32; 4] = [100, 1_000, 10_000, 100_000];

/// A small generator of its own: the figures must not change with a crate's version.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % below
    }
}

/// Cumulated weights 1/rank of the files.
fn zipf() -> Vec<u64> {
    let mut sum = 0;
    (1..=FILES)
        .map(|rank| {
            sum += 1_000_000 / rank as u64;
            sum
        })
        .collect()
}

fn footprint(dice: &mut Dice, zipf: &[u64]) -> Footprint {
    let total = zipf.last().copied().unwrap_or(1);
    let mut files: Vec<FileChange> = (0..1 + dice.roll(6))
        .map(|_| {
            let at = zipf.partition_point(|sum| *sum <= dice.roll(usize::try_from(total).unwrap_or(1)) as u64);
            FileChange {
                path: format!("crates/part{}/src/module{at}.rs", at % 60),
                lines: lines(dice),
                ..FileChange::default()
            }
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    if dice.roll(3) == 0 {
        let marks = Marks { lockfile: true, ..Marks::default() };
        files.push(FileChange { path: "Cargo.lock".into(), marks, lines: lines(dice), ..FileChange::default() });
    }
    Footprint::known(files)
}

fn lines(dice: &mut Dice) -> Lines {
    let mut start = 0;
    let hunk = |_| {
        start += 1 + u32::try_from(dice.roll(400)).unwrap_or(0);
        let hunk = Hunk { start, removed: 3, added: 4, digest: dice.roll(1 << 30) as u64 };
        start += 4;
        hunk
    };
    Lines::Known((0..3).map(hunk).collect())
}

pub(crate) fn footprints(count: u32) -> Vec<Footprint> {
    let (mut dice, zipf) = (Dice(0x9e37_79b9_7f4a_7c15), zipf());
    (0..count).map(|_| footprint(&mut dice, &zipf)).collect()
}

pub(crate) fn index_of(footprints: &[Footprint]) -> Index<u32> {
    let mut index = Index::new();
    for (unit, footprint) in (0..).zip(footprints) {
        index.insert(unit, footprint.clone());
    }
    index
}
