//! Texts as numbers: the lines of each are told apart once, in all texts of one table alike.

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use bytes::Bytes;
use foldhash::fast::RandomState;
use gix::hashtable::hash_table::{Entry, HashTable};
use imara_diff::Token;
use memchr::memchr_iter;

use super::lines::{Change, Differ, narrow};

/// A text by lines.
#[derive(Debug)]
pub(super) struct Text {
    content: Bytes,
    /// Where each line ends, with its line end.
    ends: Vec<u32>,
    /// Equal lines have equal tokens.
    tokens: Vec<Token>,
}

impl Text {
    /// How many lines it has.
    pub(super) fn len(&self) -> u32 {
        narrow(self.ends.len())
    }

    /// These lines as they stand.
    pub(super) fn bytes(&self, lines: &Range<u32>) -> &[u8] {
        &self.content[self.start(lines.start as usize)..self.start(lines.end as usize)]
    }

    /// These lines, each with its line end.
    pub(super) fn lines(&self, lines: Range<u32>) -> impl Iterator<Item = &[u8]> {
        lines.map(|line| self.bytes(&(line..line + 1)))
    }

    pub(super) fn tokens(&self, lines: &Range<u32>) -> &[Token] {
        &self.tokens[lines.start as usize..lines.end as usize]
    }

    fn start(&self, line: usize) -> usize {
        line.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }
}

/// A line that was seen, and where it stands: in which text, from where to where.
#[derive(Debug, Clone, Copy)]
struct Line {
    hash: u64,
    text: usize,
    from: u32,
    to: u32,
}

/// What tells lines apart, and finds changes between texts that were read by it.
#[derive(Default)]
pub(super) struct Table {
    /// By token.
    lines: Vec<Line>,
    /// Tokens by the hash of their lines.
    tokens: HashTable<u32>,
    /// The texts that the lines stand in.
    texts: Vec<Bytes>,
    /// Seeded by chance, so that nobody can write lines that all look alike to it.
    hashing: RandomState,
    differ: Differ,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("lines", &self.lines.len()).finish_non_exhaustive()
    }
}

impl Table {
    /// Reads a text. Where it begins and ends as `like` does, the lines need not be looked at again.
    pub(super) fn read(&mut self, content: Bytes, like: Option<&Text>) -> Text {
        let (top, bottom) = like.map_or((0, 0), |like| shared_lines(&content, like));
        let known = like.map_or((&[][..], &[][..]), |like| (&like.ends[..], &like.tokens[..]));
        let below = known.0.len() - bottom;
        let mut text = Text { ends: known.0[..top].to_vec(), tokens: known.1[..top].to_vec(), content };
        let below_from = like.filter(|_| bottom > 0).map_or(0, |like| like.content.len() - like.start(below));
        let middle = text.start(top)..text.content.len() - below_from;
        self.read_lines(&mut text, middle);
        if let Some(like) = like.filter(|_| bottom > 0) {
            let shifted = |end: &u32| narrow(text.content.len() - (like.content.len() - *end as usize));
            text.ends.extend(like.ends[below..].iter().map(shifted));
            text.tokens.extend_from_slice(&like.tokens[below..]);
        }
        text
    }

    fn read_lines(&mut self, text: &mut Text, part: Range<usize>) {
        let mut from = part.start;
        let ends = memchr_iter(b'\n', &text.content[part.clone()]).map(|at| part.start + at + 1);
        // The last line of a text may end without a line end.
        for end in ends.chain([part.end]) {
            if from < end {
                text.tokens.push(self.token(&text.content, from..end));
                text.ends.push(narrow(end));
                from = end;
            }
        }
        if self.lines.last().is_some_and(|line| line.text == self.texts.len()) {
            self.texts.push(text.content.clone());
        }
    }

    /// What a line of the text that is read next is called.
    fn token(&mut self, content: &[u8], line: Range<usize>) -> Token {
        let bytes = &content[line.clone()];
        let mut hasher = self.hashing.build_hasher();
        hasher.write(bytes);
        let hash = hasher.finish();
        let (lines, texts) = (&self.lines, &self.texts);
        let equal = |token: &u32| {
            let known = &lines[*token as usize];
            let text = texts.get(known.text).map_or(content, |text| text);
            known.hash == hash && text[known.from as usize..known.to as usize] == *bytes
        };
        let next = narrow(lines.len());
        match self.tokens.entry(hash, equal, |token| lines[*token as usize].hash) {
            Entry::Occupied(known) => Token(*known.get()),
            Entry::Vacant(free) => {
                free.insert(next);
                self.lines.push(Line { hash, text: self.texts.len(), from: narrow(line.start), to: narrow(line.end) });
                Token(next)
            }
        }
    }

    /// The changed ranges between two texts of this table, ascending.
    pub(super) fn changes(&mut self, old: &Text, new: &Text) -> Vec<Change> {
        self.differ.changes(&old.tokens, &new.tokens)
    }
}

/// How many whole lines stand at the top and at the bottom of both; no line counts twice.
fn shared_lines(content: &[u8], like: &Text) -> (usize, usize) {
    let other = &*like.content;
    let shorter = content.len().min(other.len());
    let top = common_prefix(&content[..shorter], &other[..shorter]);
    // Only lines that end: what has no end in one text may go on in the other.
    let mut whole = like.ends.partition_point(|end| *end as usize <= top);
    if whole > 0 && !other[..like.start(whole)].ends_with(b"\n") {
        whole -= 1;
    }
    let room = shorter - like.start(whole);
    let bottom = common_suffix(&content[content.len() - room..], &other[other.len() - room..]);
    // A line begins in both where what stands before it is common too, and so is a line end.
    let from = like.ends.partition_point(|end| other.len() - *end as usize >= bottom) + 1;
    (whole, like.ends.len().saturating_sub(from))
}

/// How much is compared at once.
const STEP: usize = 256;

fn common_prefix(one: &[u8], other: &[u8]) -> usize {
    let equal = one.chunks(STEP).zip(other.chunks(STEP)).take_while(|(one, other)| one == other).count() * STEP;
    let equal = equal.min(one.len());
    equal + one[equal..].iter().zip(&other[equal..]).take_while(|(one, other)| one == other).count()
}

fn common_suffix(one: &[u8], other: &[u8]) -> usize {
    let equal = one.rchunks(STEP).zip(other.rchunks(STEP)).take_while(|(one, other)| one == other).count() * STEP;
    let left = one.len() - equal.min(one.len());
    one.len() - left + one[..left].iter().rev().zip(other[..left].iter().rev()).take_while(|(a, b)| a == b).count()
}
