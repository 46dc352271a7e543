//! Reading JSON whose optional parts may be missing, null, of another type or unknown: then they are absent, and nothing fails.
//!
//! [`Maybe`] takes any JSON value and keeps it where [`Lenient`] says what to make of its type. Only text that is no JSON at all, or names
//! a member twice, is an error.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::ids::{CommitSha, Timestamp};

/// A value that is there in a form we understand, or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Maybe<T>(pub(super) Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// What to make of each JSON type; of those that are not named here, nothing.
pub(super) trait Lenient<'de>: Sized {
    fn text(text: &str) -> Option<Self> {
        let _ = text;
        None
    }

    fn owned_text(text: String) -> Option<Self> {
        Self::text(&text)
    }

    fn number(number: u64) -> Option<Self> {
        let _ = number;
        None
    }

    fn flag(flag: bool) -> Option<Self> {
        let _ = flag;
        None
    }

    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn object<A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl<'de, T: Lenient<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue(PhantomData)).map(Self)
    }
}

struct AnyValue<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for AnyValue<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(T::flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(T::number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(number).ok().and_then(T::number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::text(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(T::owned_text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        T::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        T::object(object)
    }
}

impl Lenient<'_> for String {
    fn text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn owned_text(text: String) -> Option<Self> {
        Some(text)
    }
}

impl Lenient<'_> for u64 {
    fn number(number: u64) -> Option<Self> {
        Some(number)
    }
}

impl Lenient<'_> for bool {
    fn flag(flag: bool) -> Option<Self> {
        Some(flag)
    }
}

impl Lenient<'_> for CommitSha {
    fn text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// RFC 3339; a few members of old events are seconds since 1970.
impl Lenient<'_> for Timestamp {
    fn text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn number(number: u64) -> Option<Self> {
        Self::from_second(i64::try_from(number).ok()?).ok()
    }
}

/// Keeps the entries that are understood.
impl<'de, T: Lenient<'de>> Lenient<'de> for Vec<T> {
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut kept = Self::new();
        while let Some(Maybe(entry)) = list.next_element::<Maybe<T>>()? {
            kept.extend(entry);
        }
        Ok(Some(kept))
    }
}

/// Something that is only asked whether it is there as an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Present;

impl<'de> Lenient<'de> for Present {
    fn object<A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Some(Self))
    }
}

/// A struct of [`Maybe`] members that is read from an object: members we do not name are passed over.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $member:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, serde::Deserialize)]
        #[serde(default)]
        pub(super) struct $name {
            $($(#[$attr])* pub(super) $member: $crate::webhook::payload::lenient::Maybe<$kind>,)*
        }

        impl<'de> $crate::webhook::payload::lenient::Lenient<'de> for $name {
            fn object<A: serde::de::MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
                let members = serde::de::value::MapAccessDeserializer::new(object);
                <Self as serde::Deserialize>::deserialize(members).map(Some)
            }
        }
    };
}
pub(super) use object;

/// Cuts a text to at most `max` bytes, at a character's end.
pub(super) fn cut(mut text: String, max: usize) -> String {
    if text.len() > max {
        let end = (0..=max).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
    }
    text
}
