//! What a commit changes.

use std::sync::Arc;

use crate::sim::git::Tree;

/// Files to write, remove or rename in one commit.
#[derive(Debug, Clone, Default)]
pub struct Files {
    changes: Vec<Change>,
    message: Option<String>,
}

#[derive(Debug, Clone)]
enum Change {
    Write(String, String),
    Remove(String),
    Rename(String, String),
}

impl Files {
    /// No change yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a file, new or not.
    #[must_use]
    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.changes.push(Change::Write(path.into(), text.into()));
        self
    }

    /// Removes a file.
    #[must_use]
    pub fn without(mut self, path: &str) -> Self {
        self.changes.push(Change::Remove(path.into()));
        self
    }

    /// Renames a file.
    #[must_use]
    pub fn rename(mut self, from: &str, to: &str) -> Self {
        self.changes.push(Change::Rename(from.into(), to.into()));
        self
    }

    /// Words the commit.
    #[must_use]
    pub fn message(mut self, message: &str) -> Self {
        self.message = Some(message.into());
        self
    }

    /// The commit's message; one is made up if none was given.
    pub(super) fn words(&self) -> String {
        self.message.clone().unwrap_or_else(|| match self.changes.first() {
            Some(Change::Write(path, _) | Change::Remove(path) | Change::Rename(_, path)) => format!("Change {path}"),
            None => "Change nothing".into(),
        })
    }

    /// The tree after these changes.
    pub(super) fn onto(&self, tree: &Tree) -> Tree {
        let mut tree = tree.clone();
        for change in &self.changes {
            match change {
                Change::Write(path, text) => {
                    tree.insert(path.as_str().into(), text.as_str().into());
                }
                Change::Remove(path) => {
                    tree.remove(path.as_str());
                }
                Change::Rename(from, to) => {
                    if let Some(text) = tree.remove(from.as_str()) {
                        tree.insert(Arc::from(to.as_str()), text);
                    }
                }
            }
        }
        tree
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Files {
    fn from(files: [(&str, &str); N]) -> Self {
        files.iter().fold(Self::new(), |all, (path, text)| all.with(path, text))
    }
}
