//! All path globs of a policy, matched against a unit's paths in one go.
//!
//! Each distinct list of globs is kept once. Globs are filed under the folders they write out in full (`crates/billing` of
//! `crates/billing/**`), so that a path is tried only against those that can match it: a thousand rules about a thousand folders cost no
//! more for one path than the few that lie on its way.

use std::collections::BTreeMap;

use globset::{GlobSet, GlobSetBuilder};

use super::facts::TouchedFile;
use super::file::Glob;

/// The number of a list of globs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ListId(usize);

/// Collects the lists.
#[derive(Debug, Default)]
pub(super) struct PathIndexBuilder {
    lists: BTreeMap<Vec<Glob>, usize>,
}

impl PathIndexBuilder {
    /// Takes a list over; the same list gets the same number.
    pub(super) fn add(&mut self, globs: &[Glob]) -> ListId {
        let mut list = globs.to_vec();
        list.sort();
        list.dedup();
        let next = self.lists.len();
        ListId(*self.lists.entry(list).or_insert(next))
    }

    /// Compiles all lists.
    pub(super) fn build(self) -> Result<PathIndex, globset::Error> {
        let mut shelves: BTreeMap<String, BTreeMap<Glob, Vec<u32>>> = BTreeMap::new();
        let mut everything = Vec::new();
        let mut below: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut named: BTreeMap<String, Vec<(u32, bool)>> = BTreeMap::new();
        let lists = self.lists.len();
        for (list, id) in self.lists {
            let id = u32::try_from(id).unwrap_or(u32::MAX);
            for glob in list {
                if glob.is_everything() {
                    everything.push(id);
                } else if let Some((name, below)) = any_depth(glob.as_str()) {
                    named.entry(name.to_owned()).or_default().push((id, below));
                } else if let Some(folder) = all_below(glob.as_str()) {
                    below.entry(folder.to_owned()).or_default().push(id);
                } else {
                    shelves.entry(written_out(glob.as_str())).or_default().entry(glob).or_default().push(id);
                }
            }
        }
        let shelf = |(folder, globs): (String, BTreeMap<Glob, Vec<u32>>)| {
            let mut builder = GlobSetBuilder::new();
            let mut lists = Vec::new();
            for (glob, users) in globs {
                builder.add(glob.compiled()?);
                lists.push(users);
            }
            Ok((folder, Shelf { set: builder.build()?, lists }))
        };
        let shelves = shelves.into_iter().map(shelf).collect::<Result<_, globset::Error>>()?;
        Ok(PathIndex { shelves, below, named, everything, lists })
    }
}

/// The folders at the start of a glob that hold no special character; empty where it has none.
fn written_out(glob: &str) -> String {
    let special = |part: &str| part.contains(['*', '?', '[', ']', '{', '}', '\\']);
    let parts: Vec<&str> = glob.split('/').collect();
    let plain = parts[..parts.len() - 1].iter().take_while(|part| !special(part)).copied().collect::<Vec<_>>();
    // A brace may span slashes: then nothing before its closing is sure, and `take_while` has stopped at its opening.
    plain.join("/")
}

/// The folder in `folder/**`, where nothing in it is special.
fn all_below(glob: &str) -> Option<&str> {
    let folder = glob.strip_suffix("/**")?;
    (!folder.is_empty() && !folder.contains(['*', '?', '[', ']', '{', '}', '\\'])).then_some(folder)
}

/// The name in `**/name` and `**/name/**`, and whether it is what lies below it that matches.
fn any_depth(glob: &str) -> Option<(&str, bool)> {
    let rest = glob.strip_prefix("**/")?;
    let (name, below) = rest.strip_suffix("/**").map_or((rest, false), |name| (name, true));
    let plain = !name.is_empty() && !name.contains(['/', '*', '?', '[', ']', '{', '}', '\\']);
    plain.then_some((name, below))
}

#[derive(Debug)]
struct Shelf {
    set: GlobSet,
    lists: Vec<Vec<u32>>,
}

/// All lists, compiled.
#[derive(Debug, Default)]
pub(super) struct PathIndex {
    shelves: BTreeMap<String, Shelf>,
    /// Everything below a folder.
    below: BTreeMap<String, Vec<u32>>,
    /// By a name at any depth: (list, whether what lies below it matches, else the file itself).
    named: BTreeMap<String, Vec<(u32, bool)>>,
    everything: Vec<u32>,
    lists: usize,
}

/// How a list fared with the paths of a unit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hits {
    /// How many paths match, both names of a renamed file counted.
    pub(super) paths: usize,
    /// The number of the first path that matches.
    pub(super) first: Option<usize>,
    stamp: usize,
}

/// How all lists fared.
#[derive(Debug, Default)]
pub(super) struct PathHits<'a> {
    /// Every path, both names of a renamed file.
    pub(super) paths: Vec<&'a str>,
    hits: Vec<Hits>,
}

impl PathHits<'_> {
    /// How a list fared.
    pub(super) fn of(&self, list: ListId) -> Hits {
        self.hits.get(list.0).copied().unwrap_or_default()
    }

    /// The first path that matches a list.
    pub(super) fn first(&self, list: ListId) -> Option<&str> {
        self.of(list).first.and_then(|at| self.paths.get(at)).copied()
    }
}

impl PathIndex {
    /// Matches the paths of a unit.
    pub(super) fn run<'a>(&self, files: &'a [TouchedFile]) -> PathHits<'a> {
        let paths: Vec<&str> = files.iter().flat_map(|file| std::iter::once(file.path()).chain(file.was())).collect();
        let mut hits = vec![Hits::default(); self.lists];
        for list in &self.everything {
            if let Some(hit) = hits.get_mut(*list as usize) {
                *hit = Hits { paths: paths.len(), first: (!paths.is_empty()).then_some(0), stamp: usize::MAX };
            }
        }
        let mut found = Vec::new();
        for (at, path) in paths.iter().enumerate() {
            let candidate = globset::Candidate::new(path);
            let folders = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at));
            for end in folders {
                let lists = self.below.get(&path[..end]).map(Vec::as_slice).unwrap_or_default();
                lists.iter().for_each(|list| hit(&mut hits, *list, at));
                let Some(shelf) = self.shelves.get(&path[..end]) else { continue };
                shelf.set.matches_candidate_into(&candidate, &mut found);
                found
                    .iter()
                    .filter_map(|glob| shelf.lists.get(*glob))
                    .flatten()
                    .for_each(|list| hit(&mut hits, *list, at));
            }
            if self.named.is_empty() {
                continue;
            }
            let mut parts = path.split('/').peekable();
            while let Some(part) = parts.next() {
                let is_folder = parts.peek().is_some();
                let lists = self.named.get(part).map(Vec::as_slice).unwrap_or_default();
                lists.iter().filter(|(_, below)| *below == is_folder).for_each(|(list, _)| hit(&mut hits, *list, at));
            }
        }
        PathHits { paths, hits }
    }
}

/// Counts a path for a list, once.
fn hit(hits: &mut [Hits], list: u32, at: usize) {
    if let Some(hit) = hits.get_mut(list as usize)
        && hit.stamp <= at
    {
        *hit = Hits { paths: hit.paths + 1, first: hit.first.or(Some(at)), stamp: at + 1 };
    }
}
