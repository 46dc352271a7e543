//! Unified hunks to base line ranges: GitHub's `patch` field of one file.
//!
//! The reader is strict: a hunk whose header does not account for its lines was cut off or altered, and then nothing is claimed about the
//! file. Contract: <https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files> and the format of `git diff`.

use super::footprint::{Digest, Hunk};

/// Why a patch says nothing certain about the lines it touches.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// Text before or between hunks that is no hunk header.
    #[error("line {0} of the patch is not part of any hunk")]
    NoHeader(usize),
    /// A combined diff (of a merge commit) has no single base.
    #[error("the patch is a combined diff")]
    Combined,
    /// A header's line counts do not fit the lines that follow: the patch was cut off.
    #[error("the patch is cut off: the hunk at base line {0} is not complete")]
    Truncated(u32),
    /// Hunks overlap or run backwards.
    #[error("the hunks of the patch are out of order")]
    Order,
    /// The patch has other numbers of lines than GitHub counted.
    #[error("the patch has {found} changed lines, GitHub counted {counted}")]
    Count {
        /// Changed lines in the patch.
        found: u64,
        /// Changed lines by GitHub's count.
        counted: u64,
    },
}

/// The lines of a patch, for those who need the text too (manifests).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatchText<'a> {
    /// The replaced ranges.
    pub hunks: Vec<Hunk>,
    /// Lines removed, in order.
    pub removed: Vec<&'a str>,
    /// Lines added, in order.
    pub added: Vec<&'a str>,
}

/// Reads the hunks of one file.
///
/// # Errors
/// [`PatchError`]: take the lines of the file as unknown.
pub fn parse(patch: &str) -> Result<PatchText<'_>, PatchError> {
    let mut reader = Reader::default();
    for (index, line) in split_lines(patch).enumerate() {
        reader.line(index + 1, line)?;
    }
    reader.finish()
}

/// Splits at `\n` only: a carriage return belongs to the line. A final newline does not open another line.
pub(super) fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    text.strip_suffix('\n').unwrap_or(text).split('\n').filter(move |_| !text.is_empty())
}

/// A hunk that is being read: how many lines of each side are still to come.
#[derive(Debug, Default)]
struct Reader<'a> {
    text: PatchText<'a>,
    old_left: u32,
    new_left: u32,
    position: u32,
    header_at: u32,
    block: Option<(Hunk, Digest)>,
    last_end: Option<u32>,
    last_was_added: bool,
}

impl<'a> Reader<'a> {
    fn line(&mut self, number: usize, line: &'a str) -> Result<(), PatchError> {
        if line.starts_with('\\') {
            return self.no_newline(number);
        }
        if self.old_left == 0 && self.new_left == 0 {
            return self.header(number, line);
        }
        match line.as_bytes().first() {
            // Some tools strip the space of an empty context line.
            Some(b' ') | None => self.context(),
            Some(b'\r') if line.len() == 1 => self.context(),
            Some(b'-') => self.removed(&line[1..]),
            Some(b'+') => self.added(&line[1..]),
            Some(_) => Err(PatchError::Truncated(self.header_at)),
        }
    }

    fn header(&mut self, number: usize, line: &str) -> Result<(), PatchError> {
        if line.starts_with("@@@") {
            return Err(PatchError::Combined);
        }
        let (start, old, new) = header_numbers(line).ok_or(PatchError::NoHeader(number))?;
        self.close_block();
        // With no old lines the header names the line before the insertion, else the first line; both count from 1.
        self.position = if old == 0 { start } else { start.checked_sub(1).ok_or(PatchError::NoHeader(number))? };
        if self.last_end.is_some_and(|end| self.position < end) {
            return Err(PatchError::Order);
        }
        (self.old_left, self.new_left, self.header_at) = (old, new, start);
        Ok(())
    }

    fn context(&mut self) -> Result<(), PatchError> {
        self.close_block();
        self.take_old()?;
        self.take_new()?;
        self.last_was_added = false;
        Ok(())
    }

    fn removed(&mut self, line: &'a str) -> Result<(), PatchError> {
        let at = self.position;
        self.take_old()?;
        self.block_at(at).0.removed += 1;
        self.text.removed.push(line);
        self.last_was_added = false;
        Ok(())
    }

    fn added(&mut self, line: &'a str) -> Result<(), PatchError> {
        let at = self.position;
        self.take_new()?;
        let (hunk, digest) = self.block_at(at);
        hunk.added += 1;
        digest.update(line.as_bytes());
        digest.update(b"\n");
        self.text.added.push(line);
        self.last_was_added = true;
        Ok(())
    }

    /// `\ No newline at end of file` belongs to the line before it.
    fn no_newline(&mut self, number: usize) -> Result<(), PatchError> {
        if self.last_was_added
            && let Some((_, digest)) = &mut self.block
        {
            digest.update(b"\\");
        }
        if self.last_end.is_none() && self.block.is_none() { Err(PatchError::NoHeader(number)) } else { Ok(()) }
    }

    fn block_at(&mut self, at: u32) -> &mut (Hunk, Digest) {
        self.block.get_or_insert_with(|| (Hunk { start: at, removed: 0, added: 0, digest: 0 }, Digest::default()))
    }

    fn close_block(&mut self) {
        if let Some((mut hunk, digest)) = self.block.take() {
            hunk.digest = digest.finish();
            self.text.hunks.push(hunk);
        }
    }

    fn take_old(&mut self) -> Result<(), PatchError> {
        self.old_left = self.old_left.checked_sub(1).ok_or(PatchError::Truncated(self.header_at))?;
        self.position += 1;
        self.last_end = Some(self.position);
        Ok(())
    }

    fn take_new(&mut self) -> Result<(), PatchError> {
        self.new_left = self.new_left.checked_sub(1).ok_or(PatchError::Truncated(self.header_at))?;
        self.last_end = Some(self.position);
        Ok(())
    }

    fn finish(mut self) -> Result<PatchText<'a>, PatchError> {
        if self.old_left != 0 || self.new_left != 0 {
            return Err(PatchError::Truncated(self.header_at));
        }
        self.close_block();
        Ok(self.text)
    }
}

/// Start, old count and new count of `@@ -start,old +start,new @@`.
fn header_numbers(line: &str) -> Option<(u32, u32, u32)> {
    let (ranges, _) = line.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let (old_start, old_count) = range(old)?;
    let (_, new_count) = range(new)?;
    // Line numbers beyond this are no file's; the bound keeps every later sum within 32 bits.
    (old_start < 1 << 30 && old_count < 1 << 30 && new_count < 1 << 30).then_some((old_start, old_count, new_count))
}

fn range(text: &str) -> Option<(u32, u32)> {
    match text.split_once(',') {
        Some((start, count)) => Some((start.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    }
}
