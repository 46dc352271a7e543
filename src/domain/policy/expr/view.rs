//! What an expression sees of a unit.

use serde::Serialize;

use crate::domain::policy::facts::{AuthorKind, PackageTouched, TouchedFile, UnitFacts};

/// The fields of `unit`.
pub(super) const VIEW: [&str; 13] = [
    "number",
    "title",
    "base",
    "draft",
    "from_fork",
    "author",
    "labels",
    "lines",
    "additions",
    "deletions",
    "files",
    "paths",
    "packages",
];
/// The fields of `unit.author`.
pub(super) const AUTHOR: [&str; 3] = ["login", "kind", "name"];

/// What an expression sees.
#[derive(Serialize)]
pub(super) struct View<'a> {
    number: u64,
    title: &'a str,
    base: &'a str,
    draft: bool,
    from_fork: bool,
    author: AuthorView<'a>,
    labels: &'a [String],
    lines: i64,
    additions: i64,
    deletions: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packages: Option<Vec<PackageView<'a>>>,
}

#[derive(Serialize)]
struct AuthorView<'a> {
    login: &'a str,
    kind: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct PackageView<'a> {
    name: &'a str,
    ecosystem: &'a str,
    old: &'a str,
    new: &'a str,
}

/// The unit; with the author as an agent where a co-author line names one, and with its paths where something asks for them.
pub(super) fn view<'a>(facts: &'a UnitFacts, agent: Option<&'a str>, paths: bool) -> View<'a> {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let files = facts.files.get().ok();
    View {
        number: facts.number,
        title: &facts.title,
        base: &facts.base,
        draft: facts.draft,
        from_fork: facts.from_fork,
        author: AuthorView {
            login: &facts.author.login,
            kind: agent.map_or(facts.author.kind, |_| AuthorKind::Agent).word(),
            name: agent.or(facts.author.name.as_deref()).unwrap_or_default(),
        },
        labels: &facts.labels,
        lines: whole(facts.lines()),
        additions: whole(facts.additions),
        deletions: whole(facts.deletions),
        files: files.map(|files| whole(files.len() as u64)),
        paths: files.filter(|_| paths).map(|files| files.iter().map(TouchedFile::path).collect()),
        packages: facts.packages.get().ok().map(|packages| packages.iter().map(package_view).collect()),
    }
}

fn package_view(package: &PackageTouched) -> PackageView<'_> {
    PackageView {
        name: &package.name,
        ecosystem: &package.ecosystem,
        old: package.old.as_deref().unwrap_or_default(),
        new: package.new.as_deref().unwrap_or_default(),
    }
}
