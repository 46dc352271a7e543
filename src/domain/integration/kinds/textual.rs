//! Textual collisions: where git would stop.

use super::pairing::{FilePair, Meeting, file_pairs};
use crate::domain::integration::collision::{Certainty, CollisionKind, Finding, Kind, Redo, Side};
use crate::domain::integration::footprint::{FileChange, Footprint, Hunk, Lines, Status};

/// Both sides change the same or adjacent base lines, one deletes what the other changes, or both bring the same path into being.
#[derive(Debug, Clone, Copy)]
pub struct Textual;

impl CollisionKind for Textual {
    fn kind(&self) -> Kind {
        Kind::Textual
    }

    fn between(&self, a: &Footprint, b: &Footprint) -> Vec<Finding> {
        let clashes: Vec<_> =
            file_pairs(a, b).into_iter().filter_map(|pair| Some((pair.path().to_owned(), clash(&pair)?))).collect();
        summed(&clashes).into_iter().collect()
    }
}

/// Why git would stop at one pair of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Clash {
    reason: Reason,
    lines: (u32, u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    Lines { first: u32, last: u32 },
    UnknownLines(String),
    Deleted { by: Side, renamed: bool },
    AddedTwice,
    RenamedApart(String, String),
    Whole(&'static str),
    Folder,
}

impl Reason {
    /// The most telling reason stands in the sentence: what is certain before what is possible.
    fn rank(&self) -> u8 {
        match self {
            Self::Deleted { .. } => 0,
            Self::RenamedApart(..) => 1,
            Self::AddedTwice | Self::Folder => 2,
            Self::Lines { .. } => 3,
            Self::Whole(_) => 4,
            Self::UnknownLines(_) => 5,
        }
    }
}

fn clash(pair: &FilePair<'_>) -> Option<Clash> {
    match pair.by {
        Meeting::SameBase => same_base(pair.a, pair.b),
        Meeting::SameTarget => same_target(pair.a, pair.b),
        Meeting::FileAgainstFolder => Some(whole(pair.a, pair.b, Reason::Folder)),
    }
}

fn same_base(a: &FileChange, b: &FileChange) -> Option<Clash> {
    match (a.status == Status::Removed, b.status == Status::Removed) {
        (true, true) => None,
        (true, false) => Some(whole(a, b, Reason::Deleted { by: Side::A, renamed: b.status == Status::Renamed })),
        (false, true) => Some(whole(a, b, Reason::Deleted { by: Side::B, renamed: a.status == Status::Renamed })),
        (false, false) => renamed_apart(a, b).or_else(|| content(a, b)),
    }
}

fn renamed_apart(a: &FileChange, b: &FileChange) -> Option<Clash> {
    let apart = a.status == Status::Renamed && b.status == Status::Renamed && a.path != b.path;
    apart.then(|| whole(a, b, Reason::RenamedApart(a.path.clone(), b.path.clone())))
}

/// Both change the content of one base file.
fn content(a: &FileChange, b: &FileChange) -> Option<Clash> {
    if a.content.is_some() && a.content == b.content {
        return None;
    }
    let touched = |file: &FileChange| !file.lines.is_empty() || file.marks.binary || file.marks.submodule;
    if !touched(a) || !touched(b) {
        return None;
    }
    for (is, what) in [
        (a.marks.submodule || b.marks.submodule, "both move the submodule"),
        (a.marks.binary || b.marks.binary, "both change the binary file"),
        (a.marks.symlink || b.marks.symlink, "both change the symbolic link"),
    ] {
        if is {
            return Some(whole(a, b, Reason::Whole(what)));
        }
    }
    match (&a.lines, &b.lines) {
        (Lines::Known(ours), Lines::Known(theirs)) => hunks(ours, theirs),
        (Lines::Unknown(because), _) | (_, Lines::Unknown(because)) => {
            Some(whole(a, b, Reason::UnknownLines(because.clone())))
        }
    }
}

/// Both bring one path into being.
fn same_target(a: &FileChange, b: &FileChange) -> Option<Clash> {
    let known_equal = a.content.is_some() && a.content == b.content;
    let both_new = a.base_path().is_none() && b.base_path().is_none();
    let same_text = both_new
        && a.content.is_none()
        && !a.lines.is_empty()
        && a.lines == b.lines
        && matches!(a.lines, Lines::Known(_));
    let both_empty = both_new && a.content.is_none() && b.content.is_none() && a.lines.is_empty() && b.lines.is_empty();
    (!known_equal && !same_text && !both_empty).then(|| whole(a, b, Reason::AddedTwice))
}

fn whole(a: &FileChange, b: &FileChange, reason: Reason) -> Clash {
    let lines = |file: &FileChange| {
        file.lines.hunks().iter().fold(0, |sum: u32, hunk| sum.saturating_add(hunk.weight())).max(1)
    };
    Clash { reason, lines: (lines(a), lines(b)) }
}

/// Walks both ascending lists once.
fn hunks(ours: &[Hunk], theirs: &[Hunk]) -> Option<Clash> {
    let mut clash: Option<Clash> = None;
    let (mut i, mut j) = (0, 0);
    let (mut last_ours, mut last_theirs) = (None, None);
    while let (Some(a), Some(b)) = (ours.get(i), theirs.get(j)) {
        if a.clashes_with(b) {
            let found = clash
                .get_or_insert(Clash { reason: Reason::Lines { first: a.start.min(b.start), last: 0 }, lines: (0, 0) });
            if last_ours.replace(i) != Some(i) {
                found.lines.0 = found.lines.0.saturating_add(a.weight());
            }
            if last_theirs.replace(j) != Some(j) {
                found.lines.1 = found.lines.1.saturating_add(b.weight());
            }
            if let Reason::Lines { last, .. } = &mut found.reason {
                *last = (*last).max(a.end()).max(b.end());
            }
        }
        if (a.end(), a.start) <= (b.end(), b.start) { i += 1 } else { j += 1 }
    }
    clash
}

/// One finding for all files, with the most telling reason.
fn summed(clashes: &[(String, Clash)]) -> Option<Finding> {
    let (path, main) = clashes.iter().min_by_key(|(path, clash)| (clash.reason.rank(), path))?;
    let mut paths: Vec<_> = clashes.iter().map(|(path, _)| path.clone()).collect();
    paths.dedup();
    let lines = clashes.iter().fold((0_u32, 0_u32), |sum, (_, clash)| {
        (sum.0.saturating_add(clash.lines.0), sum.1.saturating_add(clash.lines.1))
    });
    let more = match paths.len() {
        1 => String::new(),
        2 => ", and one more file collides".to_owned(),
        n => format!(", and {} more files collide", n - 1),
    };
    let certain = clashes.iter().any(|(_, clash)| !matches!(clash.reason, Reason::UnknownLines(_)));
    Some(Finding {
        kind: Kind::Textual,
        why: format!("{}{more}.", sentence(&main.reason, path)),
        redo: redo(&main.reason, path),
        paths,
        certainty: if certain { Certainty::Certain } else { Certainty::Possible },
        lines,
    })
}

fn sentence(reason: &Reason, path: &str) -> String {
    match reason {
        Reason::Lines { first, last } if *last > first + 1 => {
            format!("Both change {path} at lines {} to {last} of the base", first + 1)
        }
        Reason::Lines { first, .. } => format!("Both change {path} at line {} of the base", first + 1),
        Reason::UnknownLines(because) => format!("Both change {path}, perhaps in the same lines ({because})"),
        Reason::Deleted { renamed: false, .. } => format!("One deletes {path}, the other changes it"),
        Reason::Deleted { renamed: true, .. } => format!("One deletes {path}, the other renames it"),
        Reason::AddedTwice => format!("Both add {path} with different content"),
        Reason::RenamedApart(a, b) => format!("Both rename {path}, one to {a}, the other to {b}"),
        Reason::Whole(what) => format!("{} {path}, which git cannot merge", capital(what)),
        Reason::Folder => format!("One makes {path} a file, the other a folder"),
    }
}

fn redo(reason: &Reason, path: &str) -> Redo {
    match reason {
        Reason::Deleted { by, .. } => {
            let who = Some(match by {
                Side::A => Side::B,
                Side::B => Side::A,
            });
            Redo { who, what: format!("carry its change of {path} to where that code lives now, or drop it") }
        }
        Reason::Whole(_) => Redo { who: None, what: format!("make {path} again on top of the other's") },
        Reason::UnknownLines(_) => Redo { who: None, what: format!("perhaps resolve {path}") },
        Reason::Lines { .. } | Reason::AddedTwice | Reason::RenamedApart(..) | Reason::Folder => {
            Redo { who: None, what: format!("resolve {path}") }
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
