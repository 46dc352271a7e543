//! A trace in one value: a byte that names the layout, then the lines, each ended by a line feed, compressed by zstd.

use std::io::Read;

use bytes::Bytes;

use crate::store::StoreError;

/// The layout that this build writes.
const LAYOUT: u8 = 1;
/// Above this a trace grows little smaller and takes much longer.
const LEVEL: i32 = 9;
/// No trace is larger; what claims to be is broken.
const LARGEST: u64 = 256 << 20;

/// Packs a trace; `None` where an entry is not one line, which no trace entry is.
#[must_use]
pub fn pack(lines: &[Bytes]) -> Option<Bytes> {
    if lines.iter().any(|line| line.contains(&b'\n')) {
        return None;
    }
    let mut text = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    let packed = zstd::bulk::compress(&text, LEVEL).ok()?;
    Some([&[LAYOUT][..], &packed].concat().into())
}

/// The entries of a packed trace, in order. `stream` names it in the error.
///
/// # Errors
/// `Unreadable`: it is damaged, or a newer release packed it.
pub fn unpack(stream: &str, packed: &[u8]) -> Result<Vec<Bytes>, StoreError> {
    let unreadable = |why: String| StoreError::Unreadable { what: format!("the archived trace {stream}"), why };
    let rest = match packed.split_first() {
        Some((&LAYOUT, rest)) => rest,
        Some((newer, _)) => return Err(unreadable(format!("it has layout {newer}, this build knows {LAYOUT}"))),
        None => return Err(unreadable("it is empty".into())),
    };
    let mut text = Vec::new();
    let read = zstd::stream::read::Decoder::new(rest).and_then(|decoder| decoder.take(LARGEST).read_to_end(&mut text));
    read.map_err(|error| unreadable(error.to_string()))?;
    match text.pop() {
        None => return Ok(Vec::new()),
        Some(b'\n') => {}
        Some(_) => return Err(unreadable("its last line is cut off".into())),
    }
    let text = Bytes::from(text);
    Ok(text.split(|byte| *byte == b'\n').map(|line| text.slice_ref(line)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&'static str]) -> Vec<Bytes> {
        texts.iter().map(|text| Bytes::from_static(text.as_bytes())).collect()
    }

    #[test]
    fn what_is_packed_comes_back_line_by_line() {
        for texts in [&[][..], &["{}"], &["", ""], &["{\"seq\":1}", "", "{\"é\":\"\\n\"}"]] {
            let packed = pack(&lines(texts)).unwrap();
            assert_eq!(unpack("t", &packed).unwrap(), lines(texts), "{texts:?}");
        }
        assert_eq!(pack(&lines(&["two\nlines"])), None);
    }

    #[test]
    fn what_is_damaged_is_told_and_never_half_read() {
        let packed = pack(&lines(&["{\"seq\":1}", "{\"seq\":2}"])).unwrap();
        let cut = &packed[..packed.len() - 3];
        let unended = [&[LAYOUT][..], &zstd::bulk::compress(b"no line feed", 1).unwrap()].concat();
        for (case, bytes) in [("empty", &[][..]), ("newer", b"\x02x"), ("cut", cut), ("no end", &unended[..])] {
            let error = unpack("t7:1", bytes).unwrap_err().to_string();
            assert!(error.starts_with("the archived trace t7:1 cannot be read"), "{case}: {error}");
        }
    }
}
