//! Objects out of packs: what an entry holds is inflated once, however many objects are written down as what they change in it.
//!
//! Versions of one file are such objects, and a plan reads many of them. gix keeps the last few results of each thread and inflates what
//! they are built on again for each. Whatever is not found here, or not in order, is left to gix, which knows loose objects, other
//! repositories' packs and what to say about damage.

use std::cell::RefCell;
use std::fmt;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use dashmap::DashMap;
use gix::hash::oid;
use gix::object::Kind;
use gix::odb::pack::data::entry::Header;
use gix::odb::pack::{data, index};
use gix::zlib::Inflate;
use thread_local::ThreadLocal;

use super::hashing::ById;

/// How many bytes of entries are kept for what is built on them.
const KEPT_AT_MOST: usize = 256 << 20;
/// No pack that git writes has a longer chain (`git help pack-objects`, `--depth`).
const LONGEST_CHAIN: usize = 4095;

/// The packs of one repository.
pub(super) struct Packs {
    packs: Vec<Pack>,
    /// What is at a place of a pack, by pack and offset.
    entries: DashMap<(usize, u64), (Kind, Bytes), ById>,
    kept: AtomicUsize,
    inflate: ThreadLocal<RefCell<Inflate>>,
}

/// One pack; its data is opened when it is asked for something.
struct Pack {
    index: index::File,
    data: OnceLock<Option<data::File>>,
}

impl fmt::Debug for Packs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packs").field("packs", &self.packs.len()).finish_non_exhaustive()
    }
}

impl Packs {
    /// The packs in a folder of objects, as far as they can be opened.
    pub(super) fn of(objects: &Path, hash: gix::hash::Kind) -> Self {
        let files = std::fs::read_dir(objects.join("pack")).into_iter().flatten().filter_map(Result::ok);
        let indices =
            files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|ending| ending == "idx"));
        let opened = indices.filter_map(|path| index::File::at(path, hash).ok());
        Self {
            packs: opened.map(|index| Pack { index, data: OnceLock::new() }).collect(),
            entries: DashMap::default(),
            kept: AtomicUsize::new(0),
            inflate: ThreadLocal::new(),
        }
    }

    /// An object, where it is in one of the packs and in order.
    pub(super) fn find(&self, id: &oid) -> Option<(Kind, Bytes)> {
        let found = |pack: &Pack| pack.index.lookup(id).map(|at| pack.index.pack_offset_at_index(at));
        let (at, offset) = self.packs.iter().enumerate().find_map(|(at, pack)| Some((at, found(pack)?)))?;
        self.decode(at, offset)
    }

    fn decode(&self, at: usize, offset: u64) -> Option<(Kind, Bytes)> {
        let pack = &self.packs[at];
        let data = pack
            .data
            .get_or_init(|| data::File::at(pack.index.path().with_extension("pack"), pack.index.object_hash()).ok());
        let data = data.as_ref()?;
        let mut offset = offset;
        // From the object down to what all of it is built on.
        let mut deltas = Vec::new();
        let (kind, mut content) = loop {
            if let Some(known) = self.entries.get(&(at, offset)) {
                break known.clone();
            }
            let entry = data.entry(offset).ok()?;
            let below = match entry.header {
                Header::OfsDelta { base_distance } => entry.checked_base_pack_offset(base_distance)?,
                Header::RefDelta { base_id } => pack.index.pack_offset_at_index(pack.index.lookup(base_id)?),
                Header::Commit | Header::Tree | Header::Blob | Header::Tag => {
                    let whole = (entry.header.as_kind()?, Bytes::from(self.inflate(data, &entry)?));
                    self.keep((at, offset), &whole);
                    break whole;
                }
            };
            deltas.push((offset, entry));
            offset = below;
            if deltas.len() > LONGEST_CHAIN {
                return None;
            }
        };
        for (offset, entry) in deltas.into_iter().rev() {
            content = apply(&content, &self.inflate(data, &entry)?)?.into();
            self.keep((at, offset), &(kind, content.clone()));
        }
        Some((kind, content))
    }

    fn keep(&self, place: (usize, u64), object: &(Kind, Bytes)) {
        if self.kept.fetch_add(object.1.len(), Ordering::Relaxed) < KEPT_AT_MOST {
            self.entries.insert(place, object.clone());
        }
    }

    fn inflate(&self, data: &data::File, entry: &data::Entry) -> Option<Vec<u8>> {
        let size = usize::try_from(entry.decompressed_size).ok()?;
        let mut content = Vec::new();
        // What stands in a damaged pack may be any number.
        content.try_reserve_exact(size).ok()?;
        content.resize(size, 0);
        let mut inflate = self.inflate.get_or_default().borrow_mut();
        data.decompress_entry(entry, &mut inflate, &mut content).ok()?;
        Some(content)
    }
}

/// What a delta makes of a base. Contract: <https://git-scm.com/docs/pack-format>, "Deltified representation".
fn apply(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let mut rest = delta;
    if size(&mut rest)? != base.len() {
        return None;
    }
    let length = size(&mut rest)?;
    let mut content = Vec::new();
    content.try_reserve_exact(length).ok()?;
    while let Some((command, after)) = rest.split_first() {
        rest = after;
        let part = if command & 0x80 == 0 {
            // Zero is reserved: nothing that git writes.
            let (part, after) = rest.split_at_checked(usize::from(*command)).filter(|(part, _)| !part.is_empty())?;
            rest = after;
            part
        } else {
            let from = number(&mut rest, *command, 4)?;
            let length = number(&mut rest, command >> 4, 3)?;
            base.get(from..)?.get(..if length == 0 { 0x1_0000 } else { length })?
        };
        if content.len() + part.len() > length {
            return None;
        }
        content.extend_from_slice(part);
    }
    (content.len() == length).then_some(content)
}

/// A size: seven bits a byte, the lowest first.
fn size(rest: &mut &[u8]) -> Option<usize> {
    let mut size = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        size |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return usize::try_from(size).ok();
        }
    }
    None
}

/// A number of which only those bytes are written that a bit is set for, the lowest first.
fn number(rest: &mut &[u8], bits: u8, bytes: u32) -> Option<usize> {
    let mut number = 0;
    for at in (0..bytes).filter(|at| bits & (1 << at) != 0) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= usize::from(*byte) << (8 * at);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is, base, delta, result.
    type Case<'a> = (&'a str, &'a [u8], &'a [u8], Option<&'a [u8]>);

    #[test]
    fn a_delta_makes_what_it_says_or_nothing() {
        let long = vec![b'x'; 0x1_0000];
        let cases: [Case<'_>; 9] = [
            ("a part of the base, then something new", b"abcdef", b"\x06\x05\x91\x01\x03\x02XY", Some(b"bcdXY")),
            ("no length written: 64 KiB", &long, b"\x80\x80\x04\x80\x80\x04\x80", Some(&long)),
            ("of another base", b"abc", b"\x06\x01\x01X", None),
            ("beyond the base", b"abc", b"\x03\x04\x90\x04", None),
            ("more than promised", b"abc", b"\x03\x01\x02XY", None),
            ("less than promised", b"abc", b"\x03\x03\x02XY", None),
            ("cut off in what is new", b"abc", b"\x03\x03\x03XY", None),
            ("cut off in a number", b"abc", b"\x03\x03\x91\x01", None),
            ("the command that is reserved", b"abc", b"\x03\x01\x00X", None),
        ];
        for (case, base, delta, expected) in cases {
            assert_eq!(apply(base, delta).as_deref(), expected, "{case}");
        }
        assert_eq!(apply(b"", b""), None, "nothing at all");
        assert_eq!(size(&mut &[0xff; 12][..]), None, "a size without an end");
    }
}
