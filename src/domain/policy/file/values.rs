//! The small values of a policy file: spans of time, globs, and lists that may be written as one.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use globset::GlobMatcher;
use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as DeserializeDerive, Serialize};

/// A span of time as it is written: `20s`, `90m`, `24h`, `2d`, `1w`, `1d12h`. At most ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, DeserializeDerive)]
#[serde(try_from = "String", into = "String")]
pub struct Span(i64);

impl Span {
    /// A span of so many seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// How many seconds it is.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0
    }

    /// The same for reckoning with times.
    #[must_use]
    pub const fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(self.0)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{}` is no span of time: write it as `20s`, `90m`, `24h` or `2d`", short(text));
        let mut seconds: i64 = 0;
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
            let number: i64 = rest[..end].parse().map_err(|_| wrong())?;
            let unit = match rest.as_bytes()[end] {
                b's' => 1,
                b'm' => 60,
                b'h' => 3_600,
                b'd' => 86_400,
                b'w' => 604_800,
                _ => return Err(wrong()),
            };
            seconds = number.checked_mul(unit).and_then(|part| seconds.checked_add(part)).ok_or_else(wrong)?;
            rest = &rest[end + 1..];
        }
        if seconds > 10 * 366 * 86_400 { Err(format!("`{text}` is longer than ten years")) } else { Ok(Self(seconds)) }
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
            if rest >= length {
                write!(f, "{}{unit}", rest / length)?;
                rest %= length;
            }
        }
        Ok(())
    }
}

fn short(text: &str) -> String {
    super::super::yaml::short(text)
}

/// A pattern for paths or names: `*` within a folder, `**` across folders, `?`, `[a-z]`, `{a,b}`. Case counts. It was compiled when it was read.
#[derive(Clone, Serialize, DeserializeDerive)]
#[serde(try_from = "String", into = "String")]
pub struct Glob {
    text: String,
    matcher: Arc<OnceLock<Option<GlobMatcher>>>,
}

/// The longest glob, in bytes.
const MAX_GLOB: usize = 512;

impl Glob {
    /// As it is written, without a leading slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a name (a branch, a package) matches; for paths there is a faster way (`globs`).
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let compile = || self.compiled().ok().map(|glob| glob.compile_matcher());
        self.text == name || self.matcher.get_or_init(compile).as_ref().is_some_and(|matcher| matcher.is_match(name))
    }

    /// The pattern for the matcher.
    pub(in crate::domain::policy) fn compiled(&self) -> Result<globset::Glob, globset::Error> {
        globset::GlobBuilder::new(&self.text).literal_separator(true).backslash_escape(true).build()
    }

    /// Whether it matches every path.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(self.text.as_str(), "**" | "**/*" | "**/**")
    }
}

impl TryFrom<String> for Glob {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = text.strip_prefix('/').unwrap_or(&text);
        if plain.is_empty() {
            return Err("an empty glob matches nothing".to_owned());
        }
        if plain.len() > MAX_GLOB {
            return Err(format!("a glob of {} bytes: at most {MAX_GLOB} are allowed", plain.len()));
        }
        let glob = Self { text: plain.to_owned(), matcher: Arc::default() };
        match glob.compiled() {
            Ok(_) => Ok(glob),
            Err(error) => Err(format!("`{}` is no glob: {}", short(plain), error.kind())),
        }
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> Self {
        glob.text
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({:?})", self.text)
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Glob {}

impl PartialOrd for Glob {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Glob {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

/// A list that may be written as its only item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Many<T>(pub Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor(PhantomData))
    }
}

struct ManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = Many<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one item or a list")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(StrDeserializer::new(text)).map(|item| Many(vec![item]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(items)).map(Many)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(|item| Many(vec![item]))
    }
}

impl<T: JsonSchema> JsonSchema for Many<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Many_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// The schema of a value that is written as text.
macro_rules! text_schema {
    ($($name:ident: $pattern:expr, $description:literal, $examples:expr;)+) => {
        $(impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "description": $description, "examples": $examples })
            }
        })+
    };
}

text_schema! {
    Span: r"^\s*([0-9]+[smhdw])+\s*$", "A span of time.", ["20s", "90m", "24h", "2d"];
    Glob: r"^.+$", "A glob: `*` within a folder, `**` across folders.", ["docs/**", "**/*.sql"];
}

pub(super) use text_schema;
