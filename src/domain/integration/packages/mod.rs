//! Packages that a change of a manifest moves: from both versions of the file, or, where only a patch is at hand, from its lines.

mod line;
mod manifest;

use std::collections::{BTreeMap, BTreeSet};

use super::footprint::{Ecosystem, FileChange, PackageChange};
use super::patch::PatchText;

/// A manifest's dependencies: package to requirements (several, where several sections name it).
pub type Requirements = BTreeMap<String, BTreeSet<String>>;

/// Why the packages of a manifest are not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} cannot be read {side} the change: {because}")]
pub struct ManifestError {
    path: String,
    side: &'static str,
    because: String,
}

/// Which kind of manifest a path is, by its name.
#[must_use]
pub fn manifest_kind(path: &str) -> Option<Manifest> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(match name {
        "Cargo.toml" => Manifest::CargoToml,
        "package.json" => Manifest::PackageJson,
        "go.mod" => Manifest::GoMod,
        "pyproject.toml" => Manifest::PyprojectToml,
        "pom.xml" => Manifest::PomXml,
        "Gemfile" => Manifest::Gemfile,
        _ if name.starts_with("requirements") && name.ends_with(".txt") => Manifest::RequirementsTxt,
        _ => return None,
    })
}

/// The manifests that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Manifest {
    /// Rust.
    CargoToml,
    /// JavaScript.
    PackageJson,
    /// Go.
    GoMod,
    /// Python, PEP 621 and Poetry.
    PyprojectToml,
    /// Python, pip.
    RequirementsTxt,
    /// Java.
    PomXml,
    /// Ruby.
    Gemfile,
}

impl Manifest {
    /// Whose packages it names.
    #[must_use]
    pub fn ecosystem(self) -> Ecosystem {
        match self {
            Self::CargoToml => Ecosystem::Cargo,
            Self::PackageJson => Ecosystem::Npm,
            Self::GoMod => Ecosystem::Go,
            Self::PyprojectToml | Self::RequirementsTxt => Ecosystem::Python,
            Self::PomXml => Ecosystem::Maven,
            Self::Gemfile => Ecosystem::Ruby,
        }
    }
}

/// What was read of one version of a manifest: its dependencies, or what is wrong with it.
pub type Reading = Result<Requirements, String>;

/// Reads one version of a manifest.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read(kind: Manifest, content: &[u8]) -> Reading {
    manifest::requirements(kind, &String::from_utf8_lossy(content))
}

/// The packages that differ between two versions of a manifest; a side without the file has none.
///
/// # Errors
/// [`ManifestError`] where one side cannot be parsed: the packages are unknown then, not unchanged.
pub fn compare(path: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> Result<Vec<PackageChange>, ManifestError> {
    let Some(kind) = manifest_kind(path) else { return Ok(Vec::new()) };
    let [before, after] = [before, after].map(|content| content.map(|content| read(kind, content)));
    compare_readings(path, kind, before.as_ref(), after.as_ref())
}

/// As [`compare`], for what was read before.
///
/// # Errors
/// [`ManifestError`].
pub fn compare_readings(
    path: &str,
    kind: Manifest,
    before: Option<&Reading>,
    after: Option<&Reading>,
) -> Result<Vec<PackageChange>, ManifestError> {
    let none = Ok(Requirements::new());
    let fault = |side, because: &String| ManifestError { path: path.to_owned(), side, because: because.clone() };
    let before = before.unwrap_or(&none).as_ref().map_err(|because| fault("before", because))?;
    let after = after.unwrap_or(&none).as_ref().map_err(|because| fault("after", because))?;
    Ok(changes(kind.ecosystem(), before, after))
}

/// Reads what can be read from a patch alone into a file's change.
///
/// A line is taken for a dependency by its form; where a manifest's form does not allow that (`pom.xml`) the packages are unknown.
pub fn from_patch(change: &mut FileChange, text: &PatchText<'_>) {
    let Some(kind) = manifest_kind(&change.path) else { return };
    if kind == Manifest::PomXml {
        change.packages_unknown =
            Some("the patch of a pom.xml does not say which dependency a version belongs to".into());
        return;
    }
    let read = |lines: &[&str]| {
        let mut all = Requirements::new();
        for (name, requirement) in lines.iter().filter_map(|line| line::requirement(kind, line)) {
            all.entry(name).or_default().insert(requirement);
        }
        all
    };
    change.packages = changes(kind.ecosystem(), &read(&text.removed), &read(&text.added));
}

fn changes(ecosystem: Ecosystem, before: &Requirements, after: &Requirements) -> Vec<PackageChange> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let joined = |all: Option<&BTreeSet<String>>| all.map(|all| all.iter().cloned().collect::<Vec<_>>().join(" and "));
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| PackageChange {
            ecosystem,
            name: name.clone(),
            old: joined(before.get(name)),
            new: joined(after.get(name)),
        })
        .collect()
}

/// Python's normal form of a name: lower case, runs of `-`, `_` and `.` as one `-` (PEP 503).
fn python_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
        if !normal.is_empty() {
            normal.push('-');
        }
        normal.push_str(&part.to_ascii_lowercase());
    }
    normal
}

/// Name and requirement of a PEP 508 line, such as `requests[socks]>=2.8; python_version < "3"`.
fn python_requirement(text: &str) -> Option<(String, String)> {
    let text = text.split(" #").next().unwrap_or(text).trim();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    rest = rest.trim_start();
    if rest.starts_with('[') {
        rest = rest.split_once(']')?.1;
    }
    let version = rest.split(';').next().unwrap_or("").trim();
    let plausible = version.is_empty() || version.starts_with(['=', '<', '>', '~', '!', '@', '(']);
    plausible
        .then(|| (python_name(name), if version.is_empty() { "any version".to_owned() } else { version.to_owned() }))
}
