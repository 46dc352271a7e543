//! One file's unified diff as GitHub's API shows it: hunks only, no file header.

/// Above this a patch is left out, as GitHub does for large files; bytes.
const MOST_PATCH_BYTES: usize = 100_000;

/// A file's diff in text and numbers.
pub(super) struct Patch {
    pub(super) text: Option<String>,
    pub(super) additions: usize,
    pub(super) deletions: usize,
}

/// Compares two texts; binary ones (a NUL inside) have neither text nor counts.
pub(super) fn patch(before: &str, after: &str) -> Patch {
    let none = Patch { text: None, additions: 0, deletions: 0 };
    if before == after || before.contains('\0') || after.contains('\0') {
        return none;
    }
    let patch = diffy::create_patch(before, after);
    let (mut additions, mut deletions) = (0, 0);
    for line in patch.hunks().iter().flat_map(diffy::Hunk::lines) {
        match line {
            diffy::Line::Insert(_) => additions += 1,
            diffy::Line::Delete(_) => deletions += 1,
            diffy::Line::Context(_) => {}
        }
    }
    let whole = patch.to_string();
    let text = whole.split_once("@@").map(|(_, hunks)| format!("@@{}", hunks.trim_end_matches('\n')));
    Patch { text: text.filter(|t| t.len() <= MOST_PATCH_BYTES), additions, deletions }
}

#[cfg(test)]
mod tests {
    use super::patch;

    #[test]
    fn a_patch_has_hunks_and_no_file_header() {
        let made = patch("a\nb\nc\n", "a\nB\nc\n");
        assert_eq!(made.text.as_deref(), Some("@@ -1,3 +1,3 @@\n a\n-b\n+B\n c"));
        assert_eq!((made.additions, made.deletions), (1, 1));
    }

    #[test]
    fn binary_files_have_no_patch() {
        assert!(patch("a\0", "b\0").text.is_none());
    }
}
