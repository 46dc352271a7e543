//! Who: rights, owners, people and teams as a policy names them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::values::text_schema;
use crate::domain::govern::Right;
use crate::domain::policy::yaml::{nearest, short};

/// Who: a right, `codeowners`, `@user` or `@organisation/team`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Who {
    /// Anyone with at least this right: `write`, `maintain`, `admin`.
    Right(Right),
    /// The owners of the touched paths, by `CODEOWNERS`.
    Codeowners,
    /// One person, by login, in lower case.
    User(String),
    /// The active members of a team and its child teams, as `organisation/team` in lower case.
    Team(String),
}

impl FromStr for Who {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = ["write", "maintain", "admin", "codeowners"];
        let name = |part: &str| {
            !part.is_empty()
                && part.len() <= 100
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        match text {
            "write" => Ok(Self::Right(Right::Write)),
            "maintain" => Ok(Self::Right(Right::Maintain)),
            "admin" => Ok(Self::Right(Right::Admin)),
            "codeowners" => Ok(Self::Codeowners),
            _ => match text.strip_prefix('@').map(|rest| (rest, rest.split_once('/'))) {
                Some((_, Some((org, team)))) if name(org) && name(team) => {
                    Ok(Self::Team(format!("{org}/{team}").to_ascii_lowercase()))
                }
                Some((user, None)) if name(user.strip_suffix("[bot]").unwrap_or(user)) => {
                    Ok(Self::User(user.to_ascii_lowercase()))
                }
                Some(_) => Err(format!("`{}` is neither `@user` nor `@organisation/team`", short(text))),
                None => {
                    let near = nearest(text, known);
                    let hint = near.map_or_else(
                        || {
                            "write `write`, `maintain`, `admin`, `codeowners`, `@user` or `@organisation/team`"
                                .to_owned()
                        },
                        |word| format!("did you mean `{word}`?"),
                    );
                    Err(format!("`{}` names nobody: {hint}", short(text)))
                }
            },
        }
    }
}

impl TryFrom<String> for Who {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Who> for String {
    fn from(who: Who) -> Self {
        who.to_string()
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right(right) => f.write_str(right_word(*right)),
            Self::Codeowners => f.write_str("codeowners"),
            Self::User(login) => write!(f, "@{login}"),
            Self::Team(team) => write!(f, "@{team}"),
        }
    }
}

/// GitHub's word for a right.
#[must_use]
pub const fn right_word(right: Right) -> &'static str {
    match right {
        Right::None => "none",
        Right::Read => "read",
        Right::Triage => "triage",
        Right::Write => "write",
        Right::Maintain => "maintain",
        Right::Admin => "admin",
    }
}

text_schema! {
    Who: r"^(write|maintain|admin|codeowners|@[A-Za-z0-9._-]+(\[bot\])?|@[A-Za-z0-9._-]+/[A-Za-z0-9._-]+)$",
        "A right, the code owners of the touched paths, a person or a team.", ["write", "codeowners", "@alice", "@acme/dba"];
}
