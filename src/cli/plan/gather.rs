//! Reads the repository: heads, their footprints, their dependencies.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};
use flyball::domain::integration::carry::{Carried, carry};
use flyball::domain::integration::dependency::{Source, declared};
use flyball::domain::integration::layout::{Layout, generated_globs};
use flyball::git::{Conflict, Git, Head, Oid, Verdicts};
use globset::Glob;

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
struct Wanted {
    name: String,
    revision: String,
    /// Named one by one, so that trouble with it is an error and not a warning.
    by_name: bool,
}

pub(super) fn gather(args: &PlanArgs) -> anyhow::Result<Scene> {
    let git = Git::open(&args.repo)?;
    let base = git.commit(&args.base)?;
    let heads = heads(&git, base, args)?;
    let base_tree = git.tree_of(base)?;
    let layout = layout(&git, base_tree)?;
    let merged = match args.engine {
        Engine::Exact => merge(&git, base, &heads)?,
        Engine::Hunks => Merged::default(),
    };
    let mut carried = Vec::with_capacity(heads.len());
    let mut progress = Progress::new("reading heads", heads.len());
    let among_all = git.crossings(&heads.iter().collect::<Vec<_>>(), base_tree)?;
    for (at, head) in heads.iter().enumerate() {
        let crossings = match args.engine {
            // Git has decided; lines only say how much two heads that collide would redo.
            Engine::Exact => git.crossings_of_heads(&colliding(at, &heads, &merged), base_tree)?,
            Engine::Hunks => among_all.clone(),
        };
        let below = git.footprint_below_among(head, base_tree, &crossings)?;
        let mut step = carry(&git.footprint_among(head, &crossings)?, &below);
        layout.mark(&mut step.footprint);
        carried.push(step);
        progress.step();
    }
    let base_name = args.base.clone();
    let mut scene = Scene { git, base_name, base, heads, carried, needs: Vec::new(), outside: Vec::new(), merged };
    find_needs(&mut scene)?;
    Ok(scene)
}

/// Merges all pairs that can collide.
fn merge(git: &Git, base: Oid, heads: &[Head]) -> anyhow::Result<Merged> {
    let verdicts = Verdicts::new(git, &git.base(base)?, heads.to_vec())?;
    let alone = verdicts.alone().iter().map(|alone| alone.conflicts.clone()).collect();
    let possible = verdicts.possible()?;
    let mut progress = Progress::new("merging pairs", possible.len());
    let mut pairs = BTreeMap::new();
    for (a, b) in possible {
        pairs.insert((a, b), verdicts.between(a, b)?);
        progress.step();
    }
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

fn heads(git: &Git, base: Oid, args: &PlanArgs) -> anyhow::Result<Vec<Head>> {
    let mut heads: Vec<Head> = Vec::new();
    let mut names = BTreeSet::new();
    for wanted in wanted(git, args)? {
        let found = git.commit(&wanted.revision).and_then(|commit| git.head(&wanted.name, commit, base));
        let head = match found {
            Ok(head) => head,
            Err(error) if wanted.by_name => return Err(error).with_context(|| format!("head {}", wanted.name)),
            Err(error) => {
                anstream::eprintln!("flyball: {} is left out: {error}", wanted.name);
                continue;
            }
        };
        if !wanted.by_name && head.is_landed() {
            continue;
        }
        if !names.insert(head.name.clone()) {
            bail!("two heads are called {}; give each its own name with --head NAME=REV", head.name);
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

fn layout(git: &Git, base_tree: Oid) -> anyhow::Result<Layout> {
    let attributes = git.file(base_tree, ".gitattributes")?;
    let globs = attributes.map(|content| generated_globs(&String::from_utf8_lossy(&content))).unwrap_or_default();
    // A pattern that git takes and globset does not marks nothing; the rest still holds.
    let good: Vec<&str> = globs.iter().map(String::as_str).filter(|glob| Glob::new(glob).is_ok()).collect();
    Ok(Layout::new([], good, [])?)
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
