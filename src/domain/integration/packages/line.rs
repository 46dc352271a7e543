//! One line of a manifest's patch as a dependency, by its form.

use super::{Manifest, python_requirement};

/// Keys that stand where a dependency could but name none.
const NO_PACKAGES: &[&str] = &[
    "authors",
    "branch",
    "build",
    "categories",
    "default-run",
    "description",
    "documentation",
    "edition",
    "engine",
    "engines",
    "features",
    "git",
    "homepage",
    "include",
    "keywords",
    "license",
    "license-file",
    "links",
    "main",
    "module",
    "name",
    "node",
    "npm",
    "packageManager",
    "package",
    "path",
    "pnpm",
    "private",
    "publish",
    "readme",
    "repository",
    "resolver",
    "rev",
    "rust-version",
    "tag",
    "type",
    "types",
    "version",
    "yarn",
];

/// Package and requirement, where the line has the form of a dependency.
pub(super) fn requirement(kind: Manifest, line: &str) -> Option<(String, String)> {
    let line = line.trim();
    match kind {
        Manifest::CargoToml => toml_line(line),
        Manifest::PackageJson => json_line(line),
        Manifest::GoMod => go_line(line),
        Manifest::PyprojectToml => {
            quoted(line.trim_end_matches(',')).and_then(python_requirement).or_else(|| toml_line(line))
        }
        Manifest::RequirementsTxt => python_requirement(line),
        Manifest::Gemfile => gem_line(line),
        Manifest::PomXml => None,
    }
}

/// The text between the first two equal quotes, where the line begins with one.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split_once(quote).map(|(inner, _)| inner)
}

fn is_version(text: &str) -> bool {
    let bare = text.trim_start_matches(['^', '~', '=', '<', '>', ' ', 'v']);
    bare.starts_with(|c: char| c.is_ascii_digit()) || matches!(text, "*" | "latest" | "next")
}

/// `name = "1.2"`, `name = { version = "1.2", … }`, `name.version = "1.2"`.
fn toml_line(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once('=')?;
    let key = key.trim().trim_matches('"');
    let name = key.strip_suffix(".version").unwrap_or(key);
    if NO_PACKAGES.contains(&name) || name.is_empty() || name.contains([' ', '.']) {
        return None;
    }
    let value = value.trim();
    let version = match value.strip_prefix('{') {
        Some(table) => quoted(table.split_once("version")?.1.trim_start().strip_prefix('=')?.trim_start())?,
        None => quoted(value)?,
    };
    is_version(version).then(|| (name.to_owned(), version.to_owned()))
}

/// `"name": "^1.2",`.
fn json_line(line: &str) -> Option<(String, String)> {
    let name = quoted(line)?;
    let rest = line.get(name.len() + 2..)?.trim_start().strip_prefix(':')?.trim_start();
    let version = quoted(rest)?;
    let reference = ["workspace:", "npm:", "file:", "link:", "git", "http", "catalog:", "patch:"]
        .iter()
        .any(|prefix| version.starts_with(prefix));
    (!NO_PACKAGES.contains(&name) && (is_version(version) || reference)).then(|| (name.to_owned(), version.to_owned()))
}

/// `require module v1.2.3`, or the line of a block.
fn go_line(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("require ").unwrap_or(line).split("//").next()?.trim();
    let (module, version) = line.split_once(char::is_whitespace)?;
    let version = version.trim();
    (module.contains('.') && version.starts_with('v') && is_version(version))
        .then(|| (module.to_owned(), version.to_owned()))
}

/// `gem "name", "~> 1.2", require: false`.
pub(super) fn gem_line(line: &str) -> Option<(String, String)> {
    let rest = line.strip_prefix("gem")?.trim_start_matches([' ', '(']);
    let name = quoted(rest)?;
    let mut versions = Vec::new();
    for part in rest.get(name.len() + 2..)?.split(',').skip(1).map(str::trim) {
        match quoted(part).filter(|text| is_version(text)) {
            Some(version) => versions.push(version),
            None => break,
        }
    }
    let requirement = if versions.is_empty() { "any version".to_owned() } else { versions.join(", ") };
    Some((name.to_owned(), requirement))
}
