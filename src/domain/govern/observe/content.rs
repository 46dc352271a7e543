//! What a head changes, as one digest: two heads with the same digest carry the same change, whatever their commits and their base.
//!
//! The digest follows `git patch-id --verbatim` (git documentation, "git-patch-id"): line numbers do not count, every added, removed
//! and context line does. A file without a patch counts by the id of its content.

use sha2::{Digest, Sha256};

use crate::domain::govern::seen::facts::FileSeen;

/// The digest of a set of changed files, in hex; `None` where GitHub left something out, so that nothing can be proven.
#[must_use]
pub fn content_digest(files: &[FileSeen]) -> Option<String> {
    let mut sorted: Vec<&FileSeen> = files.iter().collect();
    sorted.sort_by(|a, b| a.filename.cmp(&b.filename));
    let mut hasher = Sha256::new();
    for file in sorted {
        let renamed_from = file.previous_filename.as_deref().unwrap_or_default();
        for field in [&file.filename, &file.status, renamed_from] {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field);
        }
        match (&file.patch, &file.blob) {
            (Some(patch), _) => {
                for line in patch.lines().filter(|line| !line.starts_with("@@")) {
                    hasher.update(line);
                    hasher.update("\n");
                }
            }
            (None, Some(blob)) => hasher.update(blob),
            (None, None) => return None,
        }
    }
    Some(hex::encode(hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(patch: Option<&str>, blob: Option<&str>) -> FileSeen {
        FileSeen {
            filename: "src/lib.rs".into(),
            previous_filename: None,
            status: "modified".into(),
            patch: patch.map(str::to_owned),
            blob: blob.map(str::to_owned),
            additions: 1,
            deletions: 1,
        }
    }

    #[test]
    fn moved_lines_are_the_same_change_and_other_lines_are_not() {
        let base = content_digest(&[file(Some("@@ -1,3 +1,3 @@ fn a\n x\n-one\n+two"), None)]);
        let rows = [
            ("further down", Some("@@ -41,3 +41,3 @@ fn b\n x\n-one\n+two"), true),
            ("another line", Some("@@ -1,3 +1,3 @@ fn a\n x\n-one\n+three"), false),
            ("another context", Some("@@ -1,3 +1,3 @@ fn a\n y\n-one\n+two"), false),
            ("white space", Some("@@ -1,3 +1,3 @@ fn a\n x\n-one\n+ two"), false),
            ("no patch and no content id", None, false),
        ];
        for (case, patch, same) in rows {
            assert_eq!(content_digest(&[file(patch, None)]) == base, same, "{case}");
        }
        assert_eq!(content_digest(&[file(None, None)]), None);
    }

    #[test]
    fn files_without_a_patch_count_by_content_and_the_order_does_not_count() {
        let (a, b) = (file(None, Some("aa")), FileSeen { filename: "logo.png".into(), ..file(None, Some("bb")) });
        assert_eq!(content_digest(&[a.clone(), b.clone()]), content_digest(&[b.clone(), a.clone()]));
        assert_ne!(content_digest(&[a.clone(), b]), content_digest(std::slice::from_ref(&a)));
        assert_ne!(content_digest(&[a]), content_digest(&[file(None, Some("bb"))]));
    }
}
