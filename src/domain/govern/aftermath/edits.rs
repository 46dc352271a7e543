//! The lines that a change adds and removes, as a digest, and the same of the change that takes it back.

use sha2::{Digest, Sha256};

use crate::domain::govern::seen::facts::FileSeen;
use crate::domain::unit::Edits;

/// So many parts are told apart.
const MOST_PARTS: usize = 64;

/// The digests of a set of changed files. What stands around the lines does not count: others may have landed beside them. `None` where
/// GitHub left something out.
pub(in crate::domain::govern) fn edits(files: &[FileSeen]) -> Option<Edits> {
    let mut sorted: Vec<&FileSeen> = files.iter().collect();
    sorted.sort_by(|a, b| path_before(a).cmp(path_before(b)).then_with(|| a.filename.cmp(&b.filename)));
    let mut back = sorted.clone();
    back.sort_by(|a, b| a.filename.cmp(&b.filename).then_with(|| path_before(a).cmp(path_before(b))));
    let runs =
        few(sorted.iter().flat_map(|file| blocks(patch(file)).into_iter().map(|block| part(file, block.lines()))));
    let files = few(sorted.iter().map(|file| part(file, changed_lines(patch(file)))));
    Some(Edits { done: digest(&sorted, false)?, undone: digest(&back, true)?, runs, files })
}

/// A digest of a part of a file.
fn part<'a>(file: &'a FileSeen, lines: impl IntoIterator<Item = &'a str>) -> u32 {
    let mut hasher = Sha256::new();
    for text in [file.filename.as_str()].into_iter().chain(lines) {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    }
    let bytes = hasher.finalize();
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn patch(file: &FileSeen) -> &str {
    file.patch.as_deref().unwrap_or_default()
}

fn changed_lines(patch: &str) -> impl Iterator<Item = &str> {
    patch.lines().filter(|line| line.starts_with(['+', '-']))
}

fn few(parts: impl Iterator<Item = u32>) -> Option<Vec<u32>> {
    let parts: Vec<u32> = parts.take(MOST_PARTS + 1).collect();
    (parts.len() <= MOST_PARTS).then_some(parts)
}

/// The digest by which a title is found again in the one of a revert.
pub(in crate::domain::govern) fn title_digest(title: &str) -> String {
    hex::encode(&Sha256::digest(title.trim())[..8])
}

fn path_before(file: &FileSeen) -> &str {
    file.previous_filename.as_deref().unwrap_or(&file.filename)
}

fn digest(files: &[&FileSeen], back: bool) -> Option<String> {
    let mut hasher = Sha256::new();
    let mut field = |text: &str| {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text);
    };
    for file in files {
        let (from, to) = if back {
            (file.filename.as_str(), path_before(file))
        } else {
            (path_before(file), file.filename.as_str())
        };
        field(from);
        field(to);
        let Some(patch) = &file.patch else {
            // A file whose content is moved as it is needs no patch; of another the content after is known, and not the one before.
            if file.status == "renamed" && file.additions + file.deletions == 0 {
                continue;
            }
            field(file.blob.as_deref().filter(|_| !back)?);
            continue;
        };
        for block in blocks(patch) {
            let (minus, plus) = if back { (&block.plus, &block.minus) } else { (&block.minus, &block.plus) };
            field("-");
            minus.iter().for_each(|line| field(line));
            field("+");
            plus.iter().for_each(|line| field(line));
        }
    }
    Some(hex::encode(&hasher.finalize()[..16]))
}

/// Lines that are replaced by others.
#[derive(Default)]
struct Block<'a> {
    minus: Vec<&'a str>,
    plus: Vec<&'a str>,
}

impl<'a> Block<'a> {
    fn lines(&self) -> Vec<&'a str> {
        ["-"].into_iter().chain(self.minus.iter().copied()).chain(["+"]).chain(self.plus.iter().copied()).collect()
    }

    const fn is_empty(&self) -> bool {
        self.minus.is_empty() && self.plus.is_empty()
    }
}

fn blocks(patch: &str) -> Vec<Block<'_>> {
    let mut all = Vec::new();
    let mut now = Block::default();
    for line in patch.lines() {
        if let Some(line) = line.strip_prefix('-') {
            now.minus.push(line);
        } else if let Some(line) = line.strip_prefix('+') {
            now.plus.push(line);
        } else if !line.starts_with('\\') && !now.is_empty() {
            all.push(std::mem::take(&mut now));
        }
    }
    if !now.is_empty() {
        all.push(now);
    }
    all
}
