//! How a repository is laid out: which paths are lockfiles, generated, numbered, or components of the policy.
//!
//! A footprint is marked once, when it is made; the same footprint under another policy is marked again.

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::footprint::{FileChange, Footprint, SequenceClaim};

/// Files that a package manager writes.
const LOCKFILES: [&str; 17] = [
    "Cargo.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "deno.lock",
    "go.sum",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "Pipfile.lock",
    "Gemfile.lock",
    "composer.lock",
    "mix.lock",
    "flake.lock",
    "gradle.lockfile",
];

/// Folders whose numbered files are an ordered series, unless a policy says otherwise.
const SERIES: [&str; 8] = ["migrations", "migration", "migrate", "adr", "adrs", "decisions", "rfcs", "changesets"];

/// More patterns than this are no description of a repository; each costs at every path.
const MOST_PATTERNS: usize = 500;

/// A policy's globs about paths.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    sequences: GlobSet,
    generated: GlobSet,
    components: Vec<(String, GlobSet)>,
}

impl Layout {
    /// The layout of a policy: globs of numbered files, globs of generated and vendored files, and exclusive components with their globs.
    ///
    /// # Errors
    /// The first glob that is none.
    pub fn new<'a>(
        sequences: impl IntoIterator<Item = &'a str>,
        generated: impl IntoIterator<Item = &'a str>,
        components: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>,
    ) -> Result<Self, globset::Error> {
        let components = components.into_iter().map(|(name, globs)| Ok((name.to_owned(), glob_set(globs)?)));
        Ok(Self {
            sequences: glob_set(sequences)?,
            generated: glob_set(generated)?,
            components: components.collect::<Result<_, globset::Error>>()?,
        })
    }

    /// Marks lockfiles, generated files, claims of numbers and components.
    pub fn mark(&self, footprint: &mut Footprint) {
        let mut components = std::collections::BTreeSet::new();
        for file in &mut footprint.files {
            file.marks.lockfile = is_lockfile(&file.path);
            file.marks.generated = self.generated.is_match(&file.path);
            file.sequence = self.claim(file);
            for path in [Some(file.path.as_str()), file.previous.as_deref()].into_iter().flatten() {
                components.extend(
                    self.components.iter().filter(|(_, globs)| globs.is_match(path)).map(|(name, _)| name.clone()),
                );
            }
        }
        footprint.components = components.into_iter().collect();
    }

    fn claim(&self, file: &FileChange) -> Option<SequenceClaim> {
        let path = file.new_path()?;
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let innermost = folder.rsplit('/').next().unwrap_or(folder);
        if !self.sequences.is_match(path) && !SERIES.contains(&innermost) {
            return None;
        }
        let digits = name.trim_start_matches(['V', 'v']);
        let end = digits.find(|c: char| !c.is_ascii_digit())?;
        // Longer numbers are dates: nobody claims the next one.
        let number = Some(&digits[..end]).filter(|number| (1..=8).contains(&number.len()))?;
        let plain = number.trim_start_matches('0');
        let series = if folder.is_empty() { "the top folder".to_owned() } else { folder.to_owned() };
        digits[end..]
            .starts_with(['_', '-', '.'])
            .then(|| SequenceClaim { series, number: if plain.is_empty() { "0" } else { plain }.to_owned() })
    }
}

/// What a repository's `.gitattributes` marks as generated or vendored.
#[derive(Debug, Clone, Default)]
pub struct Generated(GlobSet);

impl Generated {
    /// Reads the file at the top of a repository; an empty text marks nothing.
    #[must_use]
    pub fn of(gitattributes: &str) -> Self {
        let mut builder = GlobSetBuilder::new();
        // A pattern that git takes and globset does not marks nothing; the rest still holds.
        let globs = generated_globs(gitattributes).into_iter().take(MOST_PATTERNS);
        for glob in globs.filter_map(|glob| Glob::new(&glob).ok()) {
            builder.add(glob);
        }
        Self(builder.build().unwrap_or_default())
    }

    /// Marks the files of a footprint, besides those that the policy's layout marked.
    pub fn mark(&self, footprint: &mut Footprint) {
        for file in &mut footprint.files {
            file.marks.generated |= self.0.is_match(&file.path);
        }
    }
}

/// Whether a path is a lockfile, by its name.
#[must_use]
pub fn is_lockfile(path: &str) -> bool {
    LOCKFILES.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// The globs that a `.gitattributes` file at the top of a repository marks as generated or vendored.
///
/// Contract: <https://git-scm.com/docs/gitattributes> and
/// <https://docs.github.com/en/repositories/working-with-files/managing-files/customizing-how-changed-files-appear-on-github>.
#[must_use]
pub fn generated_globs(gitattributes: &str) -> Vec<String> {
    let on = ["linguist-generated", "linguist-generated=true", "linguist-vendored", "linguist-vendored=true"];
    let lines =
        gitattributes.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '"', '[']));
    lines
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let pattern = words.next()?;
            words.any(|word| on.contains(&word)).then(|| as_glob(pattern))
        })
        .collect()
}

/// A pattern without a slash holds in every folder; one with a slash counts from the top.
fn as_glob(pattern: &str) -> String {
    match pattern.strip_prefix('/') {
        Some(from_top) => from_top.to_owned(),
        None if pattern.contains('/') => pattern.to_owned(),
        None => format!("**/{pattern}"),
    }
}

fn glob_set<'a>(globs: impl IntoIterator<Item = &'a str>) -> Result<GlobSet, globset::Error> {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(Glob::new(glob)?);
    }
    builder.build()
}
