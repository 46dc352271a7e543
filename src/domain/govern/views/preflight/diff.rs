//! A unified diff to a footprint.

use crate::domain::integration::files::{FileEntry, footprint};
use crate::domain::integration::footprint::Footprint;

/// One file's part of a unified diff.
#[derive(Default)]
struct Part<'a> {
    before: Option<&'a str>,
    after: Option<&'a str>,
    patch: String,
    additions: u32,
    deletions: u32,
}

/// The parts of a unified diff as `git diff` writes it.
fn parts(diff: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut in_hunk = false;
    for line in diff.lines() {
        if line.starts_with("diff --git ")
            || (!in_hunk && line.starts_with("--- ") && parts.last().is_none_or(|part| part.before.is_some()))
        {
            parts.push(Part::default());
            in_hunk = false;
        }
        let Some(part) = parts.last_mut() else { continue };
        if line.starts_with("@@") {
            in_hunk = true;
        } else if !in_hunk {
            if let Some(path) = line.strip_prefix("--- ") {
                part.before = Some(path);
            } else if let Some(path) = line.strip_prefix("+++ ") {
                part.after = Some(path);
            }
            continue;
        }
        part.additions += u32::from(line.starts_with('+'));
        part.deletions += u32::from(line.starts_with('-'));
        part.patch.push_str(line);
        part.patch.push('\n');
    }
    parts
}

/// What a unified diff touches.
pub(super) fn footprint_of(diff: &str) -> Footprint {
    let parts = parts(diff);
    let named: Vec<(&Part<'_>, &str, &str)> =
        parts.iter().filter_map(|part| name(part).map(|(path, status)| (part, path, status))).collect();
    let entries = named.iter().map(|(part, filename, status)| FileEntry {
        filename,
        status,
        patch: Some(part.patch.as_str()),
        additions: part.additions,
        deletions: part.deletions,
        ..FileEntry::default()
    });
    footprint(entries, None)
}

/// The path and what happens to it, without git's `a/` and `b/`.
fn name<'a>(part: &Part<'a>) -> Option<(&'a str, &'static str)> {
    let path = |text: &'a str| {
        let text = text.split('\t').next().unwrap_or(text);
        text.strip_prefix("a/").or_else(|| text.strip_prefix("b/")).unwrap_or(text)
    };
    match (part.before.map(path), part.after.map(path)) {
        (Some("/dev/null"), Some(after)) => Some((after, "added")),
        (Some(before), Some("/dev/null")) => Some((before, "removed")),
        (_, Some(after)) => Some((after, "modified")),
        (Some(_) | None, None) => None,
    }
}
