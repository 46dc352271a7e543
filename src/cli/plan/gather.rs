//! Reads the repository: heads, their footprints, their dependencies.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};
use flyball::domain::integration::carry::{Carried, carry};
use flyball::domain::integration::dependency::{Source, declared};
use flyball::domain::integration::layout::{Generated, Layout};
use flyball::git::{Conflict, Git, GitError, Head, Oid, Verdicts};
use globset::Glob;
use rayon::prelude::*;

use super::progress::Progress;
use super::{Engine, PlanArgs};

/// All that is judged.
pub(super) struct Scene {
    pub(super) git: Git,
    pub(super) base_name: String,
    pub(super) base: Oid,
    pub(super) heads: Vec<Head>,
    /// What each head touches, in the coordinates of the base.
    pub(super) carried: Vec<Carried>,
    /// (unit, what it needs, where that is said).
    pub(super) needs: Vec<(usize, usize, Source)>,
    /// `Depends-On` of something that is no head here.
    pub(super) outside: Vec<(usize, String, Source)>,
    /// What git says, where it was asked.
    pub(super) merged: Merged,
}

/// What came of real merges.
#[derive(Default)]
pub(super) struct Merged {
    /// For each head where it conflicts with the base.
    pub(super) alone: Vec<Vec<Conflict>>,
    /// For each pair that was merged where it stops.
    pub(super) pairs: BTreeMap<(usize, usize), Vec<Conflict>>,
}

/// A head as it was asked for.
#[derive(Debug)]
struct Wanted {
    name: String,
    revision: String,
    /// Named one by one, so that trouble with it is an error and not a warning.
    by_name: bool,
}

pub(super) fn gather(args: &PlanArgs) -> anyhow::Result<Scene> {
    let git = Git::open(&args.repo)?;
    let base = git.commit(&args.base)?;
    let base_tree = git.tree_of(base)?;
    let onto = Onto { git: &git, base };
    let generated = generated(&git, base_tree)?;
    let heads = heads(&onto, args)?;
    let (merged, carried) =
        read(&onto, base_tree, &generated, &heads, args).map_err(|error| onto.whose(&heads, error))?;
    let base_name = args.base.clone();
    let mut scene = Scene { git, base_name, base, heads, carried, needs: Vec::new(), outside: Vec::new(), merged };
    find_needs(&mut scene)?;
    Ok(scene)
}

/// Where the heads want to land.
struct Onto<'a> {
    git: &'a Git,
    base: Oid,
}

impl Onto<'_> {
    /// A head; none for one that was not asked for by name and has landed.
    fn head(&self, wanted: &Wanted) -> Result<Option<Head>, GitError> {
        let head = self.git.head(&wanted.name, self.git.commit(&wanted.revision)?, self.base)?;
        if wanted.by_name {
            return Ok(Some(head));
        }
        if head.is_landed() {
            return Ok(None);
        }
        // Read whole once, so that what is damaged or out of reach shows here and costs only this head.
        self.git.footprint(head.ancestor, head.tree)?;
        Ok(Some(head))
    }

    /// Names the head that something could not be read of.
    fn whose(&self, heads: &[Head], error: anyhow::Error) -> anyhow::Error {
        match heads.iter().find(|head| self.git.footprint(head.ancestor, head.tree).is_err()) {
            Some(head) => error.context(format!("head {}", head.name)),
            None => error,
        }
    }
}

/// What the heads touch, in the coordinates of the base; in exact mode after git's word about every pair.
fn read(
    onto: &Onto<'_>,
    base_tree: Oid,
    generated: &Generated,
    heads: &[Head],
    args: &PlanArgs,
) -> anyhow::Result<(Merged, Vec<Carried>)> {
    let git = onto.git;
    let merged = match args.engine {
        Engine::Exact => merge(git, onto.base, heads)?,
        Engine::Hunks => Merged::default(),
    };
    let among_all = match args.engine {
        Engine::Exact => None,
        Engine::Hunks => Some(git.crossings(&heads.iter().collect::<Vec<_>>(), base_tree)?),
    };
    let progress = Progress::new("reading heads", heads.len());
    let carried = |(at, head): (usize, &Head)| {
        let crossings = match &among_all {
            Some(among_all) => Cow::Borrowed(among_all),
            // Git has decided; lines only say how much two heads that collide would redo.
            None => Cow::Owned(git.crossings_of_heads(&colliding(at, heads, &merged), base_tree)?),
        };
        let below = git.footprint_below_among(head, base_tree, &crossings)?;
        let mut step = carry(&git.footprint_among(head, &crossings)?, &below);
        Layout::default().mark(&mut step.footprint);
        generated.mark(&mut step.footprint);
        progress.step();
        Ok(step)
    };
    let carried = heads.par_iter().enumerate().with_max_len(1).map(carried).collect::<Result<_, GitError>>()?;
    Ok((merged, carried))
}

/// Merges all pairs that can collide.
fn merge(git: &Git, base: Oid, heads: &[Head]) -> anyhow::Result<Merged> {
    let verdicts = Verdicts::new(git, &git.base(base)?, heads.to_vec())?;
    let alone = verdicts.alone().iter().map(|alone| alone.conflicts.clone()).collect();
    let possible = verdicts.possible()?;
    let progress = Progress::new("merging pairs", possible.len());
    let between = |(a, b): (usize, usize)| {
        let conflicts = verdicts.between(a, b)?;
        progress.step();
        Ok(((a, b), conflicts))
    };
    let pairs = possible.into_par_iter().map(between).collect::<Result<_, GitError>>()?;
    Ok(Merged { alone, pairs })
}

/// A head and those it collides with.
fn colliding<'a>(at: usize, heads: &'a [Head], merged: &Merged) -> Vec<&'a Head> {
    let collisions = merged.pairs.iter().filter(|(_, conflicts)| !conflicts.is_empty());
    let others = collisions.filter_map(|((a, b), _)| match at {
        at if at == *a => Some(*b),
        at if at == *b => Some(*a),
        _ => None,
    });
    std::iter::once(at).chain(others).map(|at| &heads[at]).collect()
}

fn heads(onto: &Onto<'_>, args: &PlanArgs) -> anyhow::Result<Vec<Head>> {
    let mut heads: Vec<Head> = Vec::new();
    let mut names = BTreeSet::new();
    let wanted = wanted(onto.git, args)?;
    let progress = Progress::new("reading heads", wanted.len());
    let found: Vec<_> = wanted
        .par_iter()
        .with_max_len(1)
        .map(|wanted| {
            progress.step();
            onto.head(wanted)
        })
        .collect();
    for (wanted, found) in wanted.iter().zip(found) {
        let head = match found {
            Ok(Some(head)) => head,
            Ok(None) => continue,
            Err(error) if wanted.by_name => return Err(error).with_context(|| format!("head {}", wanted.name)),
            Err(error) => {
                // What is damaged or out of reach in one head says nothing about the others.
                anstream::eprintln!("flyball: {} is left out: {error}", wanted.name);
                continue;
            }
        };
        if !names.insert(wanted.name.clone()) {
            bail!("two heads are called {}; give each its own name with --head NAME=REV", wanted.name);
        }
        heads.push(head);
    }
    Ok(heads)
}

fn wanted(git: &Git, args: &PlanArgs) -> anyhow::Result<Vec<Wanted>> {
    let mut all = Vec::new();
    for text in &args.heads {
        let (name, revision) = text.split_once('=').unwrap_or((text, text));
        if name.is_empty() || revision.is_empty() {
            bail!("`--head {text}` should read NAME=REV");
        }
        all.push(Wanted { name: name.into(), revision: revision.into(), by_name: true });
    }
    for glob in &args.branches {
        let matcher = Glob::new(glob).with_context(|| format!("`--branches {glob}`"))?.compile_matcher();
        for (name, revision) in git.branches()? {
            if matcher.is_match(&name) && name != args.base {
                all.push(Wanted { name, revision, by_name: false });
            }
        }
    }
    if args.prs {
        for (number, revision) in git.pull_requests()? {
            all.push(Wanted { name: format!("#{number}"), revision, by_name: false });
        }
    }
    if all.is_empty() {
        bail!("no heads: name some with --head NAME=REV, --branches GLOB or --prs");
    }
    Ok(all)
}

fn generated(git: &Git, base_tree: Oid) -> Result<Generated, GitError> {
    let attributes = git.file(base_tree, ".gitattributes")?;
    Ok(attributes.map(|content| Generated::of(&String::from_utf8_lossy(&content))).unwrap_or_default())
}

fn find_needs(scene: &mut Scene) -> anyhow::Result<()> {
    let mut needs = BTreeSet::new();
    for (unit, head) in scene.heads.iter().enumerate() {
        for (other, below) in scene.heads.iter().enumerate() {
            if unit != other && Git::is_stacked(below, head) {
                needs.insert((unit, other, Source::Stacked));
            }
        }
        for message in scene.git.messages(head)? {
            for reference in declared(&message).needs {
                let number = reference.number.0;
                let named = |other: &Head| reference.repo.is_none() && number_of(&other.name) == Some(number);
                match scene.heads.iter().position(named) {
                    Some(other) if needs.iter().any(|(a, b, _)| (*a, *b) == (unit, other)) => {}
                    Some(other) => drop(needs.insert((unit, other, Source::Trailer))),
                    None => scene.outside.push((unit, reference.to_string(), Source::Trailer)),
                }
            }
        }
    }
    scene.needs = needs.into_iter().collect();
    scene.outside.sort();
    scene.outside.dedup();
    Ok(())
}

/// The number in a name such as `12`, `#12`, `pr-12` or `pull/12`.
fn number_of(name: &str) -> Option<u64> {
    let bare = ["#", "pr-", "pr/", "pull/", "PR-"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    bare.parse().ok()
}
