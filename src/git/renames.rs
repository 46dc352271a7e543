//! Renames, found the way git's merge finds them: equal content, then equal names, then the most alike.

use std::collections::BTreeMap;

use gix::bstr::ByteSlice;

use super::error::GitError;
use super::objects::{Change, Entry, Git, Oid, Path};
use super::similarity::{MIN_BASENAME_SCORE, MIN_SCORE, may_be_alike};

/// How many of the most alike sources git remembers for one new file.
const CANDIDATES: usize = 4;
/// Beyond this many comparisons git looks for equal content only (`merge.renameLimit` of 7,000, squared).
const COMPARED_AT_MOST: usize = 7_000 * 7_000;

/// The renames of one side: old path to new path.
pub(super) type Renames = BTreeMap<Path, Path>;

/// Finds the renames among the changes of one side; of files that are not `relevant` only those with equal content.
pub(super) fn renames(git: &Git, changes: &[Change], relevant: &dyn Fn(&Change) -> bool) -> Result<Renames, GitError> {
    let empty = git.empty_blob();
    let candidate = |entry: &&Entry| entry.id != empty;
    let gone = changes
        .iter()
        .filter(|change| change.new.is_none())
        .filter_map(|change| Some((change, change.old.as_ref().filter(candidate)?)));
    let came = changes
        .iter()
        .filter(|change| change.old.is_none())
        .filter_map(|change| Some((change, change.new.as_ref().filter(candidate)?)));
    let mut search = Search { git, gone: gone.collect(), came: came.collect(), found: Renames::new() };
    search.equal_content();
    search.gone.retain(|(change, entry)| relevant(change) && entry.kind.is_file());
    search.came.retain(|(_, entry)| entry.kind.is_file());
    search.equal_names()?;
    search.most_alike()?;
    Ok(search.found)
}

struct Search<'a> {
    git: &'a Git,
    gone: Vec<(&'a Change, &'a Entry)>,
    came: Vec<(&'a Change, &'a Entry)>,
    found: Renames,
}

fn name(path: &Path) -> &[u8] {
    path.rsplit_once_str(b"/").map_or(path.as_slice(), |(_, name)| name)
}

impl Search<'_> {
    fn equal_content(&mut self) {
        let mut sources: BTreeMap<Oid, Vec<(&Path, &Entry)>> = BTreeMap::new();
        for (change, entry) in &self.gone {
            sources.entry(entry.id).or_default().push((&change.path, entry));
        }
        let mut found = Renames::new();
        for (change, entry) in &self.came {
            let fits = |old: &&(&Path, &Entry)| {
                !found.contains_key(old.0)
                    && (old.1.kind == entry.kind || (old.1.kind.is_file() && entry.kind.is_file()))
            };
            let free: Vec<_> = sources.get(&entry.id).into_iter().flatten().filter(fits).collect();
            let same_name = free.iter().find(|(path, _)| name(path) == name(&change.path));
            if let Some((path, _)) = same_name.or(free.first()) {
                found.insert((*path).clone(), change.path.clone());
            }
        }
        self.found = found;
        self.drop_found();
    }

    /// Takes out what is settled.
    fn drop_found(&mut self) {
        let new: std::collections::BTreeSet<&Path> = self.found.values().collect();
        self.gone.retain(|(change, _)| !self.found.contains_key(&change.path));
        self.came.retain(|(change, _)| !new.contains(&change.path));
    }

    /// Files whose name is the only one of its kind on both sides need not be compared with all others.
    fn equal_names(&mut self) -> Result<(), GitError> {
        let (gone, came) = (only_of_their_name(&self.gone), only_of_their_name(&self.came));
        let pairs: Vec<_> =
            gone.into_iter().filter_map(|(name, old)| Some((self.gone[old], self.came[*came.get(name)?]))).collect();
        for (old, new) in pairs {
            if self.score(old.1.id, new.1.id)? >= MIN_BASENAME_SCORE {
                self.found.insert(old.0.path.clone(), new.0.path.clone());
            }
        }
        self.drop_found();
        Ok(())
    }

    fn most_alike(&mut self) -> Result<(), GitError> {
        if self.gone.is_empty() || self.came.is_empty() || self.gone.len() * self.came.len() > COMPARED_AT_MOST {
            return Ok(());
        }
        let mut pairs = Vec::new();
        for new in 0..self.came.len() {
            let mut best = Vec::new();
            for old in 0..self.gone.len() {
                let score = self.score(self.gone[old].1.id, self.came[new].1.id)?;
                if score >= MIN_SCORE {
                    let same_name = name(&self.gone[old].0.path) == name(&self.came[new].0.path);
                    best.push((std::cmp::Reverse((score, same_name)), old, new));
                }
            }
            best.sort_unstable();
            best.truncate(CANDIDATES);
            pairs.extend(best);
        }
        pairs.sort_by_key(|(rank, old, new)| (*rank, *new, *old));
        let mut taken = std::collections::BTreeSet::new();
        for (_, old, new) in pairs {
            let path = &self.gone[old].0.path;
            if !self.found.contains_key(path) && taken.insert(new) {
                self.found.insert(path.clone(), self.came[new].0.path.clone());
            }
        }
        Ok(())
    }

    fn score(&self, old: Oid, new: Oid) -> Result<u64, GitError> {
        // Most files are told apart by their size, without a look at what is in them.
        let size = |id| self.git.blob(id).map(|content| content.len() as u64);
        if !may_be_alike(size(old)?, size(new)?) {
            return Ok(0);
        }
        Ok(self.git.pieces(old)?.score(&*self.git.pieces(new)?))
    }
}

fn only_of_their_name<'a>(files: &[(&'a Change, &Entry)]) -> BTreeMap<&'a [u8], usize> {
    let mut all: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (at, (change, _)) in files.iter().enumerate() {
        all.entry(name(&change.path)).or_default().push(at);
    }
    all.into_iter().filter_map(|(name, at)| Some((name, *at.first().filter(|_| at.len() == 1)?))).collect()
}
