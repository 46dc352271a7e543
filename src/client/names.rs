//! Names as people write them: `owner/repo`, `owner/repo#12`.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::ids::PrNumber;

/// Unreserved characters of RFC 3986 stay as they are.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A name as one segment of a path.
pub(super) fn segment(name: &str) -> String {
    match name {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => utf8_percent_encode(name, SEGMENT).to_string(),
    }
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepoName {
    owner: String,
    name: String,
}

/// Text that names no repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no repository: write it as owner/repo, as in acme/shop")]
pub struct NotARepo(String);

impl RepoName {
    /// Where the JSON API has it.
    pub(super) fn path(&self) -> String {
        format!("/api/v1/repos/{}/{}", segment(&self.owner), segment(&self.name))
    }
}

impl FromStr for RepoName {
    type Err = NotARepo;

    fn from_str(text: &str) -> Result<Self, NotARepo> {
        let wrong = || NotARepo(text.chars().take(120).collect());
        let well_formed = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        let (owner, name) = text.trim().split_once('/').ok_or_else(wrong)?;
        if well_formed(owner) && well_formed(name) {
            Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitName {
    /// Its repository.
    pub repo: RepoName,
    /// Its number there.
    pub number: PrNumber,
}

/// Text that names no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no unit: write it as owner/repo#number, as in acme/shop#12 (in quotes, since # begins a comment in some shells)"
)]
pub struct NotAUnit(String);

impl FromStr for UnitName {
    type Err = NotAUnit;

    fn from_str(text: &str) -> Result<Self, NotAUnit> {
        let wrong = || NotAUnit(text.chars().take(120).collect());
        let (repo, number) = text.trim().split_once('#').ok_or_else(wrong)?;
        let repo: RepoName = repo.parse().map_err(|_| wrong())?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        Ok(Self { repo, number: PrNumber(number) })
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.repo, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_as_github_writes_it_and_nothing_else() {
        for good in ["acme/shop", "acme/shop.js", "a-b/c_d", " acme/shop "] {
            assert_eq!(good.parse::<RepoName>().unwrap().to_string(), good.trim());
        }
        for bad in ["", "acme", "acme/", "/shop", "acme/shop/x", "https://github.com/acme/shop", "acme/sh op", "a/b#1"]
        {
            assert!(bad.parse::<RepoName>().is_err(), "{bad}");
        }
        assert_eq!("acme/shop#12".parse::<UnitName>().unwrap().number, PrNumber(12));
        for bad in ["acme/shop", "acme/shop#", "acme/shop#x", "#12", "acme#12", "acme/shop#-1", "acme/shop#1#2"] {
            let error = bad.parse::<UnitName>().unwrap_err();
            assert!(error.to_string().contains("owner/repo#number"), "{error}");
        }
    }
}
