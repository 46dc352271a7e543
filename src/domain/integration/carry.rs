//! Carrying footprints across what lands: the lines of open units move when the base below them moves.
//!
//! Both footprints must be in the coordinates of one base. The result is in the coordinates of that base after `landed`, so that footprints
//! which parted from the base at different times can be compared. Where a unit cannot be carried, it conflicts with the base now.
//!
//! An edit that landed already is kept as an **echo**: it replaces the landed lines by themselves. Alone it does no harm, but whoever else
//! changes those lines, or lines next to them, collides with it, since git still sees the edit from the old merge base.

use super::footprint::{FileChange, Footprint, Hunk, Lines, Status};

/// A footprint in new coordinates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The footprint; in conflicting places as near as can be said.
    pub footprint: Footprint,
    /// The paths, as they were before, at which the change conflicts with what landed; sorted.
    pub conflicts: Vec<String>,
    /// The paths at which it is not known whether it does; sorted.
    pub unknown: Vec<String>,
}

/// Carries an open unit's footprint across one that landed.
#[must_use]
pub fn carry(open: &Footprint, landed: &Footprint) -> Carried {
    let mut conflicts = Vec::new();
    let mut unknown = Vec::new();
    let mut files = Vec::with_capacity(open.files.len());
    for file in &open.files {
        let step = carry_file(file, landed);
        match step.trouble {
            Trouble::None => {}
            Trouble::Conflict => conflicts.push(file.base_path().unwrap_or(&file.path).to_owned()),
            Trouble::Unknown => unknown.push(file.path.clone()),
        }
        files.extend(step.file);
    }
    conflicts.sort();
    unknown.sort();
    let footprint =
        Footprint { state: open.state.clone(), components: open.components.clone(), ..Footprint::known(files) };
    Carried { footprint, conflicts, unknown }
}

/// Whether `landed` has anything to do with the paths of `open`: where not, carrying changes nothing.
#[must_use]
pub fn is_concerned(open: &Footprint, landed: &Footprint) -> bool {
    open.files
        .iter()
        .any(|file| at_base(landed, file.base_path()).is_some() || at_new(landed, file.new_path()).is_some())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    Conflict,
    Unknown,
}

struct Step {
    file: Option<FileChange>,
    trouble: Trouble,
}

fn at_base<'a>(footprint: &'a Footprint, path: Option<&str>) -> Option<&'a FileChange> {
    path.and_then(|path| footprint.files.iter().find(|file| file.base_path() == Some(path)))
}

fn at_new<'a>(footprint: &'a Footprint, path: Option<&str>) -> Option<&'a FileChange> {
    path.and_then(|path| footprint.files.iter().find(|file| file.new_path() == Some(path)))
}

fn carry_file(file: &FileChange, landed: &Footprint) -> Step {
    let mut file = file.clone();
    let mut trouble = Trouble::None;
    if let Some(there) = at_new(landed, file.new_path()) {
        // The same file came to be at both: it is there already, or git would stop.
        if same_result(&file, there) {
            return Step { file: echo_of_file(file), trouble };
        }
        let moved_alike =
            file.status == Status::Renamed && there.base_path().is_some() && there.base_path() == file.base_path();
        if !moved_alike {
            trouble = Trouble::Conflict;
        }
    }
    let Some(below) = at_base(landed, file.base_path()) else { return Step { file: Some(file), trouble } };
    match (below.status, file.status) {
        (Status::Removed, Status::Removed) => return Step { file: None, trouble },
        (Status::Removed, _) => return Step { file: Some(file), trouble: Trouble::Conflict },
        (_, Status::Removed) => return carry_removal(file, below),
        _ => {}
    }
    let settled = same_result(&file, below);
    if below.status == Status::Renamed && !follow(&mut file, below) {
        trouble = Trouble::Conflict;
    }
    let found = carry_lines(&mut file, below);
    if trouble == Trouble::None && !settled {
        trouble = found;
    }
    Step { file: Some(file), trouble }
}

/// A new file that is there already: all of its lines, replaced by themselves.
fn echo_of_file(mut file: FileChange) -> Option<FileChange> {
    let Lines::Known(hunks) = &mut file.lines else { return Some(file) };
    for hunk in hunks {
        hunk.removed = hunk.added;
    }
    file.status = Status::Modified;
    file.previous = None;
    Some(file)
}

fn same_result(file: &FileChange, there: &FileChange) -> bool {
    file.content.is_some() && file.content == there.content && file.path == there.path
}

/// A deletion of what changed below conflicts; of what only moved or changed its mode it does not follow either, git stops.
fn carry_removal(mut file: FileChange, below: &FileChange) -> Step {
    if below.status == Status::Renamed {
        file.path.clone_from(&below.path);
    }
    Step { file: Some(file), trouble: Trouble::Conflict }
}

/// Puts the change where the file is now; false where both moved it apart.
fn follow(file: &mut FileChange, below: &FileChange) -> bool {
    if file.status != Status::Renamed {
        file.path.clone_from(&below.path);
        return true;
    }
    file.previous = Some(below.path.clone());
    if file.path == below.path {
        // Both moved it to one place: only the content is left to merge.
        file.status = Status::Modified;
        file.previous = None;
        return true;
    }
    false
}

fn carry_lines(file: &mut FileChange, below: &FileChange) -> Trouble {
    let touched = |change: &FileChange| !change.lines.is_empty() || change.marks.binary || change.marks.submodule;
    if !touched(file) || !touched(below) {
        return Trouble::None;
    }
    if file.marks.binary || below.marks.binary || file.marks.submodule || below.marks.submodule {
        return Trouble::Conflict;
    }
    match (&mut file.lines, &below.lines) {
        (Lines::Known(hunks), Lines::Known(landed)) => {
            let (carried, clashed) = carry_hunks(hunks, landed);
            *hunks = carried;
            if clashed { Trouble::Conflict } else { Trouble::None }
        }
        (Lines::Unknown(_), _) => Trouble::Unknown,
        (lines @ Lines::Known(_), Lines::Unknown(because)) => {
            *lines = Lines::Unknown(format!("what landed below is not known: {because}"));
            Trouble::Unknown
        }
    }
}

/// Moves hunks by what landed above them; turns those that landed already into echoes; says whether any stands in the way of another edit.
fn carry_hunks(hunks: &[Hunk], landed: &[Hunk]) -> (Vec<Hunk>, bool) {
    let mut carried = Vec::with_capacity(hunks.len());
    let mut clashed = false;
    let (mut at, mut shift) = (0, 0_i64);
    for hunk in hunks {
        while let Some(below) = landed.get(at).filter(|below| below.end() < hunk.start) {
            shift += grown(below);
            at += 1;
        }
        let touching: Vec<&Hunk> = landed[at..]
            .iter()
            .take_while(|below| below.start <= hunk.end())
            .filter(|below| below.touches(hunk))
            .collect();
        if touching == [hunk] {
            carried.push(Hunk { start: moved_by(hunk.start, shift), removed: hunk.added, ..*hunk });
            continue;
        }
        let mut moved = Hunk { start: moved_by(hunk.start, shift), ..*hunk };
        if let (Some(first), Some(last)) = (touching.first(), touching.last()) {
            clashed = true;
            let end =
                moved_by(hunk.end().max(last.end()), shift + touching.iter().map(|below| grown(below)).sum::<i64>());
            moved.start = moved_by(hunk.start.min(first.start), shift);
            moved.removed = end.saturating_sub(moved.start);
        }
        carried.push(moved);
    }
    (carried, clashed)
}

/// By how many lines what follows moves down.
fn grown(hunk: &Hunk) -> i64 {
    i64::from(hunk.added) - i64::from(hunk.removed)
}

fn moved_by(line: u32, shift: i64) -> u32 {
    u32::try_from((i64::from(line) + shift).max(0)).unwrap_or(u32::MAX)
}
