//! Paths of requests: every name from outside is percent-encoded as one segment.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::RepoAddress;

/// Unreserved characters of RFC 3986 stay; a slash in a branch name becomes `%2F` (FACTS R10), the brackets of a bot `%5B`, `%5D`.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A name as one path segment or query value. The segments `.` and `..`, which a client would fold away, are escaped too.
pub(super) fn segment(name: &str) -> String {
    match name {
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        _ => utf8_percent_encode(name, SEGMENT).to_string(),
    }
}

/// `/repos/{owner}/{name}` and what follows.
pub(super) fn repo(at: &RepoAddress, rest: &str) -> String {
    let (owner, name) = at.full_name.split_once('/').unwrap_or((&at.full_name, ""));
    format!("/repos/{}/{}{rest}", segment(owner), segment(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RepoId;

    #[test]
    fn a_name_is_one_segment_whatever_it_holds() {
        let cases = [
            ("release/1.x", "release%2F1.x"),
            ("renovate[bot]", "renovate%5Bbot%5D"),
            ("a b?c#d%2F", "a%20b%3Fc%23d%252F"),
            ("..", "%2E%2E"),
            ("müsli", "m%C3%BCsli"),
        ];
        for (name, expected) in cases {
            assert_eq!(segment(name), expected);
        }
    }

    #[test]
    fn a_repository_keeps_its_one_slash() {
        let at = RepoAddress { installation: None, id: RepoId(1), full_name: "acme/a.b/../c".to_owned() };
        assert_eq!(repo(&at, "/pulls"), "/repos/acme/a.b%2F..%2Fc/pulls");
    }
}
