//! How a dead letter is laid out in one value, the same in both adapters.
//!
//! `seconds` (8 bytes, big endian), `nanoseconds` (4), length of the reason (4), the reason, the body. Lua and Rust both read it.

use bytes::{BufMut, Bytes, BytesMut};

use super::{Parked, StoreError};
use crate::domain::ids::Timestamp;

const HEAD: usize = 16;

/// The value that keeps a dead letter under its id.
pub(super) fn park(letter: &Parked) -> Bytes {
    let reason = letter.reason.as_bytes();
    let length = u32::try_from(reason.len()).expect("a reason is a sentence, far below 4 GiB");
    let mut value = BytesMut::with_capacity(HEAD + reason.len() + letter.body.len());
    value.put_i64(letter.at.as_second());
    value.put_i32(letter.at.subsec_nanosecond());
    value.put_u32(length);
    value.put_slice(reason);
    value.put_slice(&letter.body);
    value.freeze()
}

/// The dead letter that `value` keeps.
///
/// # Errors
/// `Unreadable` if the value is not laid out as above.
pub(super) fn unpark(id: &str, value: &Bytes) -> Result<Parked, StoreError> {
    read(id, value).ok_or_else(|| StoreError::Unreadable {
        what: format!("the dead letter {id}"),
        why: "its value has not the expected layout".into(),
    })
}

fn read(id: &str, value: &Bytes) -> Option<Parked> {
    let seconds = i64::from_be_bytes(value.get(..8)?.try_into().ok()?);
    let nanos = i32::from_be_bytes(value.get(8..12)?.try_into().ok()?);
    let length = u32::from_be_bytes(value.get(12..HEAD)?.try_into().ok()?);
    let end = HEAD.checked_add(usize::try_from(length).ok()?)?;
    Some(Parked {
        id: id.into(),
        reason: std::str::from_utf8(value.get(HEAD..end)?).ok()?.into(),
        body: value.slice(end..),
        at: Timestamp::new(seconds, nanos).ok()?,
    })
}

/// The order in which dead letters are shown.
pub(super) fn oldest_first(letters: &mut [Parked]) {
    letters.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
}
