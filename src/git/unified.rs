//! Patches as GitHub lists them: unified hunks with three lines of context.

use std::fmt::Write as _;
use std::ops::Range;

use super::similarity::is_binary;
use super::text::changed_ranges;

/// Lines of context around a change.
const CONTEXT: u32 = 3;

/// The patch from one text to another; none where one of them is no text.
pub(super) fn unified(before: &[u8], after: &[u8]) -> Option<String> {
    if is_binary(before) || is_binary(after) {
        return None;
    }
    let (before_text, after_text) = (std::str::from_utf8(before).ok()?, std::str::from_utf8(after).ok()?);
    let old: Vec<&str> = before_text.split_inclusive('\n').collect();
    let new: Vec<&str> = after_text.split_inclusive('\n').collect();
    let mut patch = String::new();
    for group in grouped(changed_ranges(before, after)) {
        write_hunk(&mut patch, &group, &old, &new)?;
    }
    Some(patch)
}

type Change = (Range<u32>, Range<u32>);

/// Changes so near that their context would overlap share a hunk.
fn grouped(changes: Vec<Change>) -> Vec<Vec<Change>> {
    let mut groups: Vec<Vec<Change>> = Vec::new();
    for change in changes {
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|last| change.0.start - last.0.end <= 2 * CONTEXT) => {
                group.push(change);
            }
            _ => groups.push(vec![change]),
        }
    }
    groups
}

fn write_hunk(patch: &mut String, group: &[Change], old: &[&str], new: &[&str]) -> Option<()> {
    let (first, last) = (group.first()?, group.last()?);
    let lead = first.0.start.min(CONTEXT);
    let trail = (u32::try_from(old.len()).ok()? - last.0.end).min(CONTEXT);
    let (from, to) = (first.0.start - lead, last.0.end + trail);
    let (new_from, new_to) = (first.1.start - lead, last.1.end + trail);
    // An empty side is named by the line before it.
    let side =
        |from: u32, to: u32| if from == to { format!("{from},0") } else { format!("{},{}", from + 1, to - from) };
    writeln!(patch, "@@ -{} +{} @@", side(from, to), side(new_from, new_to)).ok()?;
    let mut at = from;
    for (base, change) in group {
        put(patch, ' ', &old[at as usize..base.start as usize]);
        put(patch, '-', &old[base.start as usize..base.end as usize]);
        put(patch, '+', &new[change.start as usize..change.end as usize]);
        at = base.end;
    }
    put(patch, ' ', &old[at as usize..to as usize]);
    Some(())
}

fn put(patch: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        patch.push(sign);
        patch.push_str(line);
        if !line.ends_with('\n') {
            patch.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::integration::patch::parse;

    #[test]
    fn a_patch_reads_back_as_the_lines_that_changed() {
        let text: String = (1..=40).map(|line| format!("{line}\n")).collect();
        let cases = [
            ("one line", text.replace("\n20\n", "\ntwenty\n"), vec![(19, 1, 1)]),
            (
                "near and far",
                text.replace("\n5\n", "\nfive\n").replace("\n9\n", "\n9\n9b\n").replace("\n30\n", "\n"),
                vec![(4, 1, 1), (9, 0, 1), (29, 1, 0)],
            ),
            ("at both ends", format!("0\n{text}41"), vec![(0, 0, 1), (40, 0, 1)]),
            ("all of it", String::new(), vec![(0, 40, 0)]),
            ("nothing", text.clone(), vec![]),
        ];
        for (case, after, expected) in cases {
            let patch = unified(text.as_bytes(), after.as_bytes()).unwrap();
            let found = if patch.is_empty() { Vec::new() } else { parse(&patch).unwrap().hunks };
            let found: Vec<_> = found.iter().map(|hunk| (hunk.start, hunk.removed, hunk.added)).collect();
            assert_eq!(found, expected, "{case}:\n{patch}");
        }
        assert_eq!(unified(b"a\0b", b"c"), None);
        assert_eq!(unified(b"a\n", b"\xff\n"), None);
        let patch = unified(b"", b"x\ny\n").unwrap();
        let made = parse(&patch).unwrap();
        assert_eq!((made.hunks[0].removed, made.hunks[0].added), (0, 2));
    }
}
