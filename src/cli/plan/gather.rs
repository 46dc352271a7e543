//! Reads the repository: heads, their footprints, their dependencies.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use flyball::domain::integration::carry::{Carried, carry};
use flyball::domain::integration::dependency::{Source, declared};
use flyball::domain::integration::layout::{Generated, Layout};
use flyball::git::{Git, GitError, Head, Oid};
use globset::Glob;

use super::PlanArgs;
use super::progress::Progress;

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
    let base_tree = git.tree_of(base)?;
    let onto = Onto { git: &git, base, base_tree, generated: generated(&git, base_tree)? };
    let (heads, carried) = heads(&onto, args)?.into_iter().unzip();
    let mut scene =
        Scene { git, base_name: args.base.clone(), base, heads, carried, needs: Vec::new(), outside: Vec::new() };
    find_needs(&mut scene)?;
    Ok(scene)
}

/// Where the heads want to land.
struct Onto<'a> {
    git: &'a Git,
    base: Oid,
    base_tree: Oid,
    generated: Generated,
}

impl Onto<'_> {
    /// A head with what it touches; none for one that was not asked for by name and has landed.
    fn read(&self, wanted: &Wanted) -> Result<Option<(Head, Carried)>, GitError> {
        let git = self.git;
        let head = git.head(&wanted.name, git.commit(&wanted.revision)?, self.base)?;
        if !wanted.by_name && head.is_landed() {
            return Ok(None);
        }
        let below = git.footprint_below(head.ancestor, self.base_tree, head.tree)?;
        let mut carried = carry(&git.footprint(head.ancestor, head.tree)?, &below);
        Layout::default().mark(&mut carried.footprint);
        self.generated.mark(&mut carried.footprint);
        Ok(Some((head, carried)))
    }
}

fn heads(onto: &Onto<'_>, args: &PlanArgs) -> anyhow::Result<Vec<(Head, Carried)>> {
    let mut heads = Vec::new();
    let mut names = BTreeSet::new();
    let wanted = wanted(onto.git, args)?;
    let mut progress = Progress::new("reading heads", wanted.len());
    for wanted in wanted {
        progress.step();
        let head = match onto.read(&wanted) {
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
