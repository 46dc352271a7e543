//! Patterns of `CODEOWNERS`, and an index that finds the last one that matches a path without trying all of them.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobMatcher};

/// One pattern in the gitignore manner.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// The leading folders that are written out: only paths below them can match.
    prefix: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// Everything below `prefix`, and `prefix` itself unless it must be a folder.
    Below { folder: bool },
    /// Files with this ending anywhere below `prefix`: `*.rs`.
    Ending(String),
    /// A name at any depth, a file or a folder: `apps/`, `Makefile`.
    Named { name: String, folder: bool },
    /// Anything else.
    Glob(Box<GlobMatcher>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why GitHub skips its line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            _ if text.starts_with('!') => return Err("`!` does not work in CODEOWNERS".to_owned()),
            _ if text.contains(['[', ']']) => return Err("ranges in brackets do not work in CODEOWNERS".to_owned()),
            _ if text.contains('\\') => return Err("a backslash escapes nothing but a space in CODEOWNERS".to_owned()),
            "/" => return Err("`/` matches nothing".to_owned()),
            _ => {}
        }
        let folder = text.ends_with('/');
        let body = text.trim_end_matches('/');
        let rooted = body.strip_prefix('/').unwrap_or(body);
        let anchored = body.starts_with('/') || rooted.contains('/');
        let wild = rooted.contains(['*', '?', '{', '}']);
        if !anchored && !wild {
            return Ok(Self::of("", Kind::Named { name: rooted.to_owned(), folder }));
        }
        if let Some(ending) =
            rooted.strip_prefix('*').filter(|rest| !anchored && !folder && !rest.contains(['*', '?', '{', '}']))
        {
            return Ok(Self::of("", Kind::Ending(ending.to_owned())));
        }
        if anchored && !wild {
            return Ok(Self::of(rooted, Kind::Below { folder }));
        }
        if let Some(above) =
            rooted.strip_suffix("/**").filter(|above| anchored && !above.contains(['*', '?', '{', '}']))
        {
            return Ok(Self::of(above, Kind::Below { folder: true }));
        }
        Self::glob(rooted, anchored, folder)
    }

    fn of(prefix: &str, kind: Kind) -> Self {
        Self { prefix: prefix.to_owned(), kind }
    }

    fn glob(rooted: &str, anchored: bool, folder: bool) -> Result<Self, String> {
        // Braces have no meaning in gitignore's patterns: they stand for themselves.
        let plain = rooted.replace('{', "[{]").replace('}', "[}]");
        let deep = if anchored { plain } else { format!("**/{plain}") };
        // `docs/*` stays in its folder; any other pattern also takes what lies below what it matches.
        let stays = rooted.ends_with("/*") || rooted.ends_with("/**");
        let full = match (folder, stays) {
            (true, _) => format!("{deep}/**"),
            (false, true) => deep,
            (false, false) => format!("{{{deep},{deep}/**}}"),
        };
        let glob = GlobBuilder::new(&full).literal_separator(true).build().map_err(|error| error.kind().to_string())?;
        let written = rooted.split('/').take_while(|part| !part.contains(['*', '?', '{', '}']));
        let prefix = if anchored { written.collect::<Vec<_>>().join("/") } else { String::new() };
        Ok(Self { prefix, kind: Kind::Glob(Box::new(glob.compile_matcher())) })
    }

    fn matches(&self, path: &str) -> bool {
        match &self.kind {
            Kind::Below { folder } => !folder || path.len() > self.prefix.len(),
            Kind::Ending(ending) => {
                path.ends_with(ending.as_str()) || path.split('/').any(|part| part.ends_with(ending.as_str()))
            }
            Kind::Named { name, folder } => {
                let depth = path.split('/').count();
                path.split('/').enumerate().any(|(at, part)| part == name && (!folder || at + 1 < depth))
            }
            Kind::Glob(glob) => glob.is_match(path),
        }
    }
}

/// Patterns by what they can match, newest last.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    /// By the folder or file that is written out.
    below: BTreeMap<String, Vec<(usize, Pattern)>>,
    /// By a name at any depth.
    named: BTreeMap<String, Vec<(usize, bool)>>,
    /// By an ending without further dots, as `.rs`.
    endings: BTreeMap<String, usize>,
    /// The rest: tried from the last one on.
    loose: Vec<(usize, Pattern)>,
}

impl Index {
    /// Adds a pattern with the number of its line; later ones have higher numbers.
    pub(super) fn add(&mut self, pattern: Pattern, line: usize) {
        match &pattern.kind {
            Kind::Named { name, folder } => self.named.entry(name.clone()).or_default().push((line, *folder)),
            Kind::Ending(ending) if is_extension(ending) => {
                self.endings.insert(ending.clone(), line);
            }
            Kind::Below { .. } | Kind::Glob(_) if !pattern.prefix.is_empty() => {
                self.below.entry(pattern.prefix.clone()).or_default().push((line, pattern));
            }
            Kind::Below { .. } | Kind::Ending(_) | Kind::Glob(_) => self.loose.push((line, pattern)),
        }
    }

    /// The last line that matches.
    pub(super) fn last(&self, path: &str) -> Option<usize> {
        let mut best: Option<usize> = None;
        let parts: Vec<&str> = path.split('/').collect();
        for (at, part) in parts.iter().enumerate() {
            for (line, folder) in self.named.get(*part).map(Vec::as_slice).unwrap_or_default() {
                if !folder || at + 1 < parts.len() {
                    best = best.max(Some(*line));
                }
            }
            // A folder whose name has the ending counts as well: everything below it matches.
            if let Some(dot) = part.rfind('.') {
                best = best.max(self.endings.get(&part[dot..]).copied());
            }
        }
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let candidates = self.below.get(&path[..end]).map(Vec::as_slice).unwrap_or_default();
            let found = candidates.iter().rev().find(|(line, pattern)| Some(*line) > best && pattern.matches(path));
            best = best.max(found.map(|(line, _)| *line));
        }
        let newer = self.loose.iter().rev().take_while(|(line, _)| Some(*line) > best);
        let loose = newer.filter(|(_, pattern)| pattern.matches(path)).map(|(line, _)| *line).next();
        best.max(loose)
    }
}

/// Whether an ending is one extension, so that it can be looked up: `.rs`, not `.d.ts` and not `_test.go`.
fn is_extension(ending: &str) -> bool {
    ending.strip_prefix('.').is_some_and(|rest| !rest.is_empty() && !rest.contains('.'))
}
