//! The rule that Flyball would write from what just happened.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::govern::Right;
use crate::domain::policy::facts::{AuthorKind, UnitFacts};
use crate::domain::policy::file::{
    AuthorIs, Confirm, EvidenceName, Glob, Lesson, LessonSource, Many, Moment, Require, When, Who,
};
use crate::domain::policy::yaml::short;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Somebody refused it, or said `/remember`.
    Refused,
    /// It landed and was taken back.
    RolledBack,
    /// A push voided a confirm.
    PushedAfterConfirm,
    /// These results turned red after a confirm.
    TurnedRed(Vec<String>),
    /// What landed was not what was confirmed.
    LandedOtherwise,
}

/// Who taught what, where.
#[derive(Debug, Clone)]
pub struct Taught<'a> {
    /// What happened.
    pub cause: Cause,
    /// The reason, as it was said: hostile text.
    pub reason: &'a str,
    /// Where it was said.
    pub source: LessonSource,
    /// When it stops to count, if it does.
    pub expires: Option<Moment>,
}

/// The most globs a lesson is given.
const MAX_GLOBS: usize = 5;

/// Draws a lesson from a unit. Its name is made unique among `taken` (in lower case).
///
/// The match: the folders that were touched (at most five; files at the top by name), the packages where it moved some and nothing but
/// manifests, the kind of author where that is not a person. What it requires: the word of whoever taught it, or of a maintainer; after
/// evidence turned red, that evidence.
#[must_use]
pub fn draft(facts: &UnitFacts, taught: Taught<'_>, taken: &BTreeSet<String>) -> Lesson {
    let why = plain(taught.reason, 300);
    let require = match &taught.cause {
        Cause::TurnedRed(names) if !names.is_empty() => Require {
            evidence: Many(names.iter().map(|name| EvidenceName { name: name.clone(), app: None, count: 1 }).collect()),
            ..Require::default()
        },
        Cause::TurnedRed(_)
        | Cause::Refused
        | Cause::RolledBack
        | Cause::PushedAfterConfirm
        | Cause::LandedOtherwise => {
            Require { confirm: Many(vec![by_teacher(&taught.source.person)]), ..Require::default() }
        }
    };
    Lesson {
        name: name(&why, &taught.source.unit, taken),
        why: Some(why).filter(|why| !why.is_empty()),
        when: when(facts),
        require,
        source: taught.source,
        expires: taught.expires,
        ..Lesson::default()
    }
}

fn by_teacher(person: &str) -> Confirm {
    let teacher = format!("@{person}").parse::<Who>().ok();
    let by = teacher.into_iter().chain([Who::Right(Right::Maintain)]).collect();
    Confirm { by: Some(Many(by)), ..Confirm::default() }
}

fn when(facts: &UnitFacts) -> When {
    let author = (facts.author.kind != AuthorKind::Human)
        .then(|| AuthorIs { kind: Some(Many(vec![facts.author.kind])), ..AuthorIs::default() });
    let paths = facts.files.get().map(|files| folders(files.iter().map(|file| file.path()))).unwrap_or_default();
    let paths = Some(Many(paths)).filter(|globs| !globs.0.is_empty());
    let packages: BTreeSet<&str> =
        facts.packages.get().map(|all| all.iter().map(|one| one.name.as_str()).collect()).unwrap_or_default();
    if !packages.is_empty() && packages.len() <= MAX_GLOBS {
        let named: Vec<Glob> = packages.into_iter().filter_map(exactly).collect();
        return When { packages: Some(Many(named)), author, ..When::default() };
    }
    When { paths, author, ..When::default() }
}

/// A glob that matches just this.
fn exactly(name: &str) -> Option<Glob> {
    let escaped: String =
        name.chars().flat_map(|c| if "*?[]{}\\".contains(c) { vec!['[', c, ']'] } else { vec![c] }).collect();
    Glob::try_from(escaped).ok()
}

/// The touched folders, taken together until there are few enough.
fn folders<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Glob> {
    let mut places: BTreeMap<String, bool> = BTreeMap::new();
    for path in paths {
        match path.rsplit_once('/') {
            Some((folder, _)) => places.insert(folder.to_owned(), true),
            None => places.insert(path.to_owned(), false),
        };
    }
    while places.len() > MAX_GLOBS {
        let Some(deepest) =
            places.iter().filter(|(_, folder)| **folder).map(|(path, _)| path.matches('/').count()).max()
        else {
            break;
        };
        if deepest == 0 {
            break;
        }
        let deep = |(path, folder): &(&String, &bool)| **folder && path.matches('/').count() == deepest;
        let gone: Vec<String> = places.iter().filter(deep).map(|(path, _)| path.clone()).collect();
        for path in gone {
            places.remove(&path);
            if let Some((above, _)) = path.rsplit_once('/') {
                places.insert(above.to_owned(), true);
            }
        }
    }
    let globs = places.iter().filter_map(|(path, folder)| {
        let exact = exactly(path)?;
        if *folder { Glob::try_from(format!("{exact}/**")).ok() } else { Some(exact) }
    });
    let mut globs: Vec<Glob> = globs.collect();
    globs.truncate(2 * MAX_GLOBS);
    globs
}

/// One line without control characters, at most so many characters.
fn plain(text: &str, most: usize) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().filter(|c| !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')).take(most).collect()
}

fn name(why: &str, unit: &str, taken: &BTreeSet<String>) -> String {
    let first = why.split(['.', ';', ':']).next().unwrap_or_default().trim();
    let base = if first.is_empty() { format!("Lesson of {unit}") } else { short(first) };
    let free = |name: &String| !taken.contains(&name.to_lowercase());
    let numbered = (2..).map(|number| format!("{base} ({number})"));
    std::iter::once(base.clone()).chain(numbered).find(free).unwrap_or(base)
}
