//! `CODEOWNERS` as GitHub reads it: who owns a path.
//!
//! The last line whose pattern matches wins alone; a line without owners takes ownership away; a line that cannot be read is skipped and
//! reported; a file over 3 MB is ignored whole. Negation (`!`), ranges (`[ ]`) and `\#` do not work there, so they do not work here.
//! Contract: FACTS P13, <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.

mod pattern;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use self::pattern::{Index, Pattern};
use super::facts::TouchedFile;
use super::yaml::short;

/// Where GitHub looks, in this order; the first that exists counts.
pub const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// A larger file is ignored.
pub const MAX_BYTES: usize = 3 * 1024 * 1024;

/// An owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Owner {
    /// A person, by login in lower case.
    User(String),
    /// A team, `organisation/team` in lower case.
    Team(String),
    /// A person by e-mail address: nobody can tell which login that is.
    Email(String),
}

impl JsonSchema for Owner {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Owner".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "`@login`, `@organisation/team`, or an e-mail address." })
    }
}

impl FromStr for Owner {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = |part: &str| {
            let plain = part.strip_suffix("[bot]").unwrap_or(part);
            !plain.is_empty() && plain.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        match text.strip_prefix('@') {
            Some(rest) => match rest.split_once('/') {
                Some((org, team)) if name(org) && name(team) => Ok(Self::Team(rest.to_ascii_lowercase())),
                None if name(rest) => Ok(Self::User(rest.to_ascii_lowercase())),
                Some(_) | None => Err(format!("`{}` is no owner", short(text))),
            },
            None => match text.split_once('@') {
                Some((local, domain)) if !local.is_empty() && domain.contains('.') => Ok(Self::Email(text.to_owned())),
                Some(_) | None => {
                    Err(format!("`{}` is no owner: write `@user`, `@organisation/team` or an address", short(text)))
                }
            },
        }
    }
}

impl TryFrom<String> for Owner {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Owner> for String {
    fn from(owner: Owner) -> Self {
        owner.to_string()
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) | Self::Team(name) => write!(f, "@{name}"),
            Self::Email(address) => f.write_str(address),
        }
    }
}

/// Touched paths that the same owners own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerGroup {
    /// The owners; any one of them speaks for these paths.
    pub owners: Vec<Owner>,
    /// The first few paths.
    #[serde(default)]
    pub paths: Vec<String>,
    /// How many there are.
    #[serde(default)]
    pub count: usize,
}

/// A line that GitHub skips.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// A `CODEOWNERS` file.
#[derive(Debug, Clone, Default)]
pub struct CodeOwners {
    rules: Vec<Vec<Owner>>,
    index: Index,
    bad: Vec<BadLine>,
}

/// The file is larger than GitHub reads: nobody owns anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("CODEOWNERS has {0} bytes: GitHub ignores files over 3 MB")]
pub struct TooLarge(pub usize);

impl CodeOwners {
    /// Reads a file.
    ///
    /// # Errors
    /// [`TooLarge`]: then nobody owns anything.
    pub fn parse(text: &str) -> Result<Self, TooLarge> {
        if text.len() >= MAX_BYTES {
            return Err(TooLarge(text.len()));
        }
        let mut found = Self::default();
        for (at, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
            if let Err(why) = found.line(line) {
                found.bad.push(BadLine { line: at + 1, why });
            }
        }
        Ok(found)
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (pattern, rest) = split_pattern(line);
        let pattern = Pattern::parse(&pattern)?;
        // A comment may follow the owners.
        let words = rest.split_whitespace().take_while(|word| !word.starts_with('#'));
        let mut owners = words.map(str::parse).collect::<Result<Vec<Owner>, String>>()?;
        owners.sort();
        owners.dedup();
        self.index.add(pattern, self.rules.len());
        self.rules.push(owners);
        Ok(())
    }

    /// Lines that are skipped, in order.
    #[must_use]
    pub fn bad_lines(&self) -> &[BadLine] {
        &self.bad
    }

    /// How many lines count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether no line counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The owners of a path; none where no line matches, or the last one that matches names nobody.
    #[must_use]
    pub fn owners(&self, path: &str) -> &[Owner] {
        self.index.last(path).and_then(|rule| self.rules.get(rule)).map_or(&[], Vec::as_slice)
    }

    /// The owned paths among those that are touched, grouped by their owners. A renamed file belongs to the owners of both its paths.
    #[must_use]
    pub fn groups(&self, files: &[TouchedFile]) -> Vec<OwnerGroup> {
        let mut groups: BTreeMap<&[Owner], (Vec<String>, usize)> = BTreeMap::new();
        for path in files.iter().flat_map(|file| std::iter::once(file.path()).chain(file.was())) {
            let owners = self.owners(path);
            if owners.is_empty() {
                continue;
            }
            let group = groups.entry(owners).or_default();
            group.1 += 1;
            if group.0.len() < 3 {
                group.0.push(path.to_owned());
            }
        }
        let group = |(owners, (paths, count)): (&[Owner], _)| OwnerGroup { owners: owners.to_vec(), paths, count };
        groups.into_iter().map(group).collect()
    }
}

/// The pattern, in which `\ ` is a space, and what follows it.
fn split_pattern(line: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut letters = line.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if line[at + 1..].starts_with(' ') => {
                pattern.push(' ');
                letters.next();
            }
            _ if letter.is_whitespace() => return (pattern, &line[at..]),
            _ => pattern.push(letter),
        }
    }
    (pattern, "")
}
