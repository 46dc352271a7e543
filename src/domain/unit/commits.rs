//! What the commits of a unit say: dependencies, where they were picked from, who wrote along.

use serde::{Deserialize, Serialize};

use crate::domain::ids::CommitSha;
use crate::domain::integration::dependency::{Reference, declared};
use crate::domain::policy::agents::CoAuthor;

/// At most so many of each are kept.
const AT_MOST: usize = 50;
/// Names and addresses are cut here.
const LONGEST: usize = 200;

/// The trailers of the commits that a head brings.
///
/// Contract: <https://git-scm.com/docs/git-interpret-trailers>, the `-x` option of <https://git-scm.com/docs/git-cherry-pick>, and
/// <https://docs.github.com/en/pull-requests/committing-changes-to-your-project/creating-and-editing-commits/creating-a-commit-with-multiple-authors>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commits {
    /// `Depends-On:`, each once, in the order of the commits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Reference>,
    /// `(cherry picked from commit …)`, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub picked: Vec<CommitSha>,
    /// `Co-authored-by:`, each once: hostile text, claimed by whoever wrote the commit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_authors: Vec<CoAuthor>,
}

impl Commits {
    /// Reads messages, oldest first.
    #[must_use]
    pub fn of<'a>(messages: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        for message in messages {
            declared(message).needs.into_iter().for_each(|need| add(&mut all.needs, need));
            message.lines().filter_map(picked_from).for_each(|sha| add(&mut all.picked, sha));
            for CoAuthor { name, email } in CoAuthor::of(message) {
                add(&mut all.co_authors, CoAuthor { name: cut(&name), email: cut(&email) });
            }
        }
        all
    }

    /// Whether they say nothing.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.needs.is_empty() && self.picked.is_empty() && self.co_authors.is_empty()
    }
}

fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if all.len() < AT_MOST && !all.contains(&one) {
        all.push(one);
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

fn picked_from(line: &str) -> Option<CommitSha> {
    line.trim().strip_prefix("(cherry picked from commit ")?.strip_suffix(')')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::PrNumber;

    #[test]
    fn trailers_of_all_commits_count_once() {
        let sha = "a".repeat(40);
        let messages = [
            format!(
                "Fix it\n\nDepends-On: #7\nCo-authored-by: Ann <ann@example.com>\n(cherry picked from commit {sha})"
            ),
            "Again\r\n\r\nDepends-On: acme/lib#3, #7\r\nco-authored-by: Ann <ann@example.com>\r\n".to_owned(),
            "(cherry picked from commit not-a-sha)\n\nNothing: else".to_owned(),
        ];
        let commits = Commits::of(messages.iter().map(String::as_str));
        let needs: Vec<String> = commits.needs.iter().map(ToString::to_string).collect();
        assert_eq!(needs, ["#7", "acme/lib#3"]);
        assert_eq!(commits.picked, [sha.parse().unwrap()]);
        assert_eq!(commits.co_authors, [CoAuthor { name: "Ann".into(), email: "ann@example.com".into() }]);
        assert!(Commits::of(["Fix it", ""]).is_silent());
    }

    #[test]
    fn a_flood_of_trailers_is_bounded() {
        let flood: String =
            (1..=500).map(|at| format!("Depends-On: #{at}\nCo-authored-by: {} <{at}@x>\n", "n".repeat(900))).collect();
        let commits = Commits::of([flood.as_str()]);
        assert_eq!((commits.needs.len(), commits.co_authors.len()), (50, 50));
        assert_eq!(commits.needs[0].number, PrNumber(1));
        assert_eq!(commits.co_authors[0].name.len(), 200);
    }
}
