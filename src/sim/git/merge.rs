//! Three-way, line-based merging with git's idea of a conflict: changes that overlap or touch, unless they are the same.

use std::ops::Range;
use std::sync::Arc;

use super::{Objects, Tree};

impl Objects {
    /// The tree of merging `theirs` into `ours`, `None` where git would stop with a conflict.
    pub(crate) fn merge(&self, ours: &str, theirs: &str) -> Option<Arc<Tree>> {
        let key = (ours.to_owned(), theirs.to_owned());
        let known = self.merges.lock().expect("no code panics while it holds this lock").get(&key).cloned();
        if let Some(outcome) = known {
            return outcome;
        }
        let base = self.merge_base(ours, theirs).map(|sha| self.tree(&sha)).unwrap_or_default();
        let outcome = merge_trees(&base, &self.tree(ours), &self.tree(theirs)).map(Arc::new);
        self.merges.lock().expect("no code panics while it holds this lock").insert(key, outcome.clone());
        outcome
    }

    /// Applies the change from `from` to `to` on top of `onto`: how rebase and revert make their trees.
    pub(crate) fn transplant(&self, from: &Tree, to: &Tree, onto: &Tree) -> Option<Tree> {
        merge_trees(from, onto, to)
    }
}

fn merge_trees(base: &Tree, ours: &Tree, theirs: &Tree) -> Option<Tree> {
    let mut merged = ours.clone();
    let paths = base.keys().chain(theirs.keys());
    for path in paths {
        let (b, o, t) = (base.get(path), ours.get(path), theirs.get(path));
        if b == t || o == t {
            continue;
        }
        if b == o {
            match t {
                Some(text) => merged.insert(path.clone(), text.clone()),
                None => merged.remove(path),
            };
            continue;
        }
        let (Some(b), Some(o), Some(t)) = (b, o, t) else { return None };
        merged.insert(path.clone(), merge_text(b, o, t)?.into());
    }
    Some(merged)
}

/// One replaced range of base lines.
#[derive(PartialEq)]
struct Hunk<'a> {
    old: Range<usize>,
    new: &'a [&'a str],
}

fn merge_text(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let (base_lines, our_lines, their_lines) = (lines(base), lines(ours), lines(theirs));
    let a = hunks(base, ours, &our_lines);
    let b = hunks(base, theirs, &their_lines);
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut out = String::new();
    let mut at = 0;
    loop {
        let hunk = match (a.peek(), b.peek()) {
            (None, None) => break,
            (Some(x), Some(y)) if x == y => {
                a.next();
                b.next()
            }
            (Some(x), Some(y)) if x.old.end < y.old.start => a.next(),
            (Some(x), Some(y)) if y.old.end < x.old.start => b.next(),
            (Some(_), Some(_)) => return None,
            (Some(_), None) => a.next(),
            (None, Some(_)) => b.next(),
        }?;
        out.extend(base_lines[at..hunk.old.start].iter().copied());
        out.extend(hunk.new.iter().copied());
        at = hunk.old.end;
    }
    out.extend(base_lines[at..].iter().copied());
    Some(out)
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn hunks<'a>(base: &str, new: &str, new_lines: &'a [&'a str]) -> Vec<Hunk<'a>> {
    let patch = diffy::DiffOptions::new().set_context_len(0).create_patch(base, new);
    let place = |range: diffy::HunkRange| {
        // A unified diff counts lines from 1 and names the line before where a range is empty.
        let start = if range.is_empty() { range.start() } else { range.start() - 1 };
        start..start + range.len()
    };
    patch.hunks().iter().map(|h| Hunk { old: place(h.old_range()), new: &new_lines[place(h.new_range())] }).collect()
}

#[cfg(test)]
mod tests {
    use super::merge_text;

    #[test]
    fn changes_apart_merge_and_changes_that_touch_conflict() {
        let base = "a\nb\nc\nd\ne\n";
        let cases = [
            ("apart", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", Some("A\nb\nc\nd\nE\n")),
            ("one line between", "A\nb\nc\nd\ne\n", "a\nb\nC\nd\ne\n", Some("A\nb\nC\nd\ne\n")),
            ("adjacent", "A\nb\nc\nd\ne\n", "a\nB\nc\nd\ne\n", None),
            ("same line", "A\nb\nc\nd\ne\n", "X\nb\nc\nd\ne\n", None),
            ("same change", "A\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", Some("A\nb\nc\nd\ne\n")),
            ("both append", "a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\ne\ng\n", None),
            ("insert and delete apart", "new\na\nb\nc\nd\ne\n", "a\nb\nc\nd\n", Some("new\na\nb\nc\nd\n")),
            ("no newline at the end", "a\nb\nc\nd\ne", "A\nb\nc\nd\ne\n", Some("A\nb\nc\nd\ne")),
        ];
        for (case, ours, theirs, expected) in cases {
            assert_eq!(merge_text(base, ours, theirs).as_deref(), expected, "{case}");
            assert_eq!(merge_text(base, theirs, ours).as_deref(), expected, "{case}, the other way round");
        }
    }
}
