//! The object store: commits by id, ancestry, merge bases.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::{DiffSet, Sha};
use crate::domain::ids::Timestamp;

/// Path to content of every file.
pub(crate) type Tree = BTreeMap<Arc<str>, Arc<str>>;

/// One commit.
#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) sha: Sha,
    pub(crate) parents: Vec<Sha>,
    pub(crate) tree: Arc<Tree>,
    pub(crate) tree_sha: Sha,
    pub(crate) message: String,
    pub(crate) author: String,
    pub(crate) at: Timestamp,
}

/// The tree of a merge, or `None` for a conflict.
pub(super) type Merge = Option<Arc<Tree>>;

/// All commits of all repositories.
#[derive(Default)]
pub(crate) struct Objects {
    commits: HashMap<Sha, Arc<Commit>>,
    /// Diffs are asked for again and again by reads of one pull request: kept by (from, to).
    pub(super) diffs: Mutex<HashMap<(Sha, Sha), Arc<DiffSet>>>,
    /// Outcomes of three-way merges by (ours, theirs): `None` is a conflict.
    pub(super) merges: Mutex<HashMap<(Sha, Sha), Merge>>,
}

impl Objects {
    /// Writes a commit and returns its id.
    pub(crate) fn commit(
        &mut self,
        parents: &[Sha],
        tree: Arc<Tree>,
        message: &str,
        author: &str,
        at: Timestamp,
    ) -> Sha {
        let tree_sha = tree_sha(&tree);
        let text = format!(
            "tree {tree_sha}\n{}author {author} {at}\n\n{message}",
            parents.iter().map(|p| format!("parent {p}\n")).collect::<String>()
        );
        let sha = hash("commit", text.as_bytes());
        let commit = Commit {
            sha: sha.clone(),
            parents: parents.to_vec(),
            tree,
            tree_sha,
            message: message.into(),
            author: author.into(),
            at,
        };
        self.commits.entry(sha.clone()).or_insert_with(|| Arc::new(commit));
        sha
    }

    /// The commit of this id.
    pub(crate) fn get(&self, sha: &str) -> Option<Arc<Commit>> {
        self.commits.get(sha).cloned()
    }

    /// The tree of a commit; an unknown one has none.
    pub(crate) fn tree(&self, sha: &str) -> Arc<Tree> {
        self.commits.get(sha).map(|c| c.tree.clone()).unwrap_or_default()
    }

    /// Whether `old` can be reached from `new`, itself included.
    pub(crate) fn is_ancestor(&self, old: &str, new: &str) -> bool {
        let mut seen = HashSet::new();
        let mut queue = VecDeque::from([new]);
        while let Some(sha) = queue.pop_front() {
            if sha == old {
                return true;
            }
            if seen.insert(sha) {
                queue.extend(self.commits.get(sha).into_iter().flat_map(|c| c.parents.iter().map(String::as_str)));
            }
        }
        false
    }

    /// The best common ancestor: one that no other common ancestor descends from.
    pub(crate) fn merge_base(&self, a: &str, b: &str) -> Option<Sha> {
        let of_a = self.reachable(a, &HashSet::new());
        let common: Vec<Sha> = self.walk(b, |sha| of_a.contains(sha));
        common.iter().find(|c| !common.iter().any(|d| d != *c && self.is_ancestor(c, d))).cloned()
    }

    /// Commits reachable from `head` and not from `base`, oldest first.
    pub(crate) fn between(&self, base: &str, head: &str) -> Vec<Arc<Commit>> {
        let of_base = self.reachable(base, &HashSet::new());
        let mut found = self.ordered(head, &of_base);
        found.reverse();
        found
    }

    /// Every commit reachable from `head`, newest first, without those in `stop`.
    fn ordered(&self, head: &str, stop: &HashSet<&str>) -> Vec<Arc<Commit>> {
        let within = self.reachable(head, stop);
        let mut children: HashMap<&str, usize> = HashMap::new();
        for sha in &within {
            for parent in &self.commits[*sha].parents {
                *children.entry(parent.as_str()).or_default() += 1;
            }
        }
        let mut ready = vec![head];
        let mut out = Vec::new();
        while let Some(sha) = ready.pop() {
            if !within.contains(sha) {
                continue;
            }
            let commit = self.commits[sha].clone();
            for parent in self.commits[sha].parents.iter().rev() {
                let left = children.entry(parent.as_str()).or_default();
                *left = left.saturating_sub(1);
                if *left == 0 {
                    ready.push(parent);
                }
            }
            out.push(commit);
        }
        out
    }

    fn reachable<'a>(&'a self, from: &'a str, stop: &HashSet<&str>) -> HashSet<&'a str> {
        let mut seen = HashSet::new();
        let mut queue = vec![from];
        while let Some(sha) = queue.pop() {
            let Some((key, commit)) = self.commits.get_key_value(sha) else { continue };
            if !stop.contains(sha) && seen.insert(key.as_str()) {
                queue.extend(commit.parents.iter().map(String::as_str));
            }
        }
        seen
    }

    /// Ancestors of `from` that satisfy `wanted`, nearest first; the search does not go beyond one that does.
    fn walk(&self, from: &str, wanted: impl Fn(&str) -> bool) -> Vec<Sha> {
        let mut seen = HashSet::new();
        let mut queue = VecDeque::from([from.to_owned()]);
        let mut out = Vec::new();
        while let Some(sha) = queue.pop_front() {
            if !seen.insert(sha.clone()) {
                continue;
            }
            if wanted(&sha) {
                out.push(sha);
            } else if let Some(commit) = self.commits.get(&sha) {
                queue.extend(commit.parents.iter().cloned());
            }
        }
        out
    }
}

/// The id of a file's content.
pub(crate) fn blob_sha(content: &str) -> Sha {
    hash("blob", content.as_bytes())
}

/// The id of a whole tree: of all paths and contents in one go, since it is made for every commit.
fn tree_sha(tree: &Tree) -> Sha {
    let mut hasher = Sha256::new();
    for (path, content) in tree {
        hasher.update(format!("{} {} {path}\0", path.len(), content.len()));
        hasher.update(content.as_bytes());
    }
    hex::encode(&hasher.finalize()[..20])
}

fn hash(kind: &str, bytes: &[u8]) -> Sha {
    let mut hasher = Sha256::new();
    hasher.update(format!("{kind} {}\0", bytes.len()));
    hasher.update(bytes);
    hex::encode(&hasher.finalize()[..20])
}
