//! From what was read to the answer: verdicts about pairs, then the order.

use std::collections::{BTreeMap, BTreeSet};

use flyball::domain::integration::collision::{Certainty, Finding, Kind, Redo};
use flyball::domain::integration::footprint::Completeness;
use flyball::domain::integration::index::Index;
use flyball::domain::integration::kinds::overlap;
use flyball::domain::integration::order::{Candidate, Clash, Need, Pains, Plan, Question, plan};
use flyball::git::{Conflict, Verdicts, shown};

use super::gather::Scene;
use super::report::{Dependency, Group, Pair, Report, Unit};
use super::{Engine, PlanArgs};

/// What was found about the heads.
struct Found {
    /// For each head the paths at which it conflicts with the base.
    alone: Vec<Vec<String>>,
    pairs: BTreeMap<(usize, usize), Vec<Finding>>,
}

pub(super) fn judge(scene: &Scene, args: &PlanArgs) -> anyhow::Result<Report> {
    let mut index = Index::with_threshold(usize::MAX);
    for (at, carried) in scene.carried.iter().enumerate() {
        index.insert(at, carried.footprint.clone());
    }
    let found = match args.engine {
        Engine::Exact => exact(scene, &index)?,
        Engine::Hunks => by_hunks(scene, &index),
    };
    let groups = groups(scene);
    let plan = plan(&question(scene, &found, &args.enforce));
    Ok(report(scene, &found, &plan, groups))
}

fn by_hunks(scene: &Scene, index: &Index<usize>) -> Found {
    let mut pairs = BTreeMap::new();
    for at in 0..scene.heads.len() {
        for collision in index.neighbours(at).collisions.into_iter().filter(|collision| collision.a == at) {
            pairs.entry((collision.a, collision.b)).or_insert_with(Vec::new).push(collision.finding);
        }
    }
    for ((a, b), findings) in &mut pairs {
        // What is built on another carries its changes along: git sees one history, no collision.
        if is_stacked(scene, *a, *b) {
            drop_textual(scene, (*a, *b), findings);
        }
    }
    let alone = scene.carried.iter().map(|carried| carried.conflicts.clone()).collect();
    Found { alone, pairs }
}

fn is_stacked(scene: &Scene, a: usize, b: usize) -> bool {
    let (a, b) = (&scene.heads[a], &scene.heads[b]);
    flyball::git::Git::is_stacked(a, b) || flyball::git::Git::is_stacked(b, a)
}

/// Takes the textual finding out; its files are an overlap then.
fn drop_textual(scene: &Scene, (a, b): (usize, usize), findings: &mut Vec<Finding>) {
    findings.retain(|finding| !matches!(finding.kind, Kind::Textual | Kind::Overlap));
    findings.extend(overlap(&scene.carried[a].footprint, &scene.carried[b].footprint, findings));
}

fn exact(scene: &Scene, index: &Index<usize>) -> anyhow::Result<Found> {
    let mut found = by_hunks(scene, index);
    found.alone = scene.merged.alone.iter().map(|conflicts| paths(conflicts)).collect();
    for (pair, conflicts) in &scene.merged.pairs {
        settle(scene, *pair, conflicts, &mut found);
    }
    // Lines never have the last word, not even about a pair that no merge was made for.
    let left: Vec<(usize, usize)> = found
        .pairs
        .iter()
        .filter(|(pair, findings)| {
            !scene.merged.pairs.contains_key(*pair) && findings.iter().any(|finding| finding.kind == Kind::Textual)
        })
        .map(|(pair, _)| *pair)
        .collect();
    if !left.is_empty() {
        let verdicts = Verdicts::new(&scene.git, &scene.git.base(scene.base)?, scene.heads.clone())?;
        for (a, b) in left {
            settle(scene, (a, b), &verdicts.between(a, b)?, &mut found);
        }
    }
    Ok(found)
}

/// Puts git's word in place of what the lines say.
fn settle(scene: &Scene, pair: (usize, usize), conflicts: &[Conflict], found: &mut Found) {
    let findings = found.pairs.entry(pair).or_default();
    let by_lines = findings.iter().find(|finding| finding.kind == Kind::Textual).cloned();
    if conflicts.is_empty() {
        if by_lines.is_some() {
            drop_textual(scene, pair, findings);
        }
    } else {
        let stated =
            by_lines.filter(|finding| finding.certainty == Certainty::Certain).unwrap_or_else(|| in_words(conflicts));
        findings.retain(|finding| !matches!(finding.kind, Kind::Textual | Kind::Overlap));
        findings.insert(0, Finding { paths: paths(conflicts), ..stated });
        findings.extend(overlap(&scene.carried[pair.0].footprint, &scene.carried[pair.1].footprint, findings));
    }
    if findings.is_empty() {
        found.pairs.remove(&pair);
    }
}

fn paths(conflicts: &[Conflict]) -> Vec<String> {
    let all: BTreeSet<String> = conflicts.iter().map(|conflict| shown(&conflict.path)).collect();
    all.into_iter().collect()
}

/// A conflict that only the merge knows of.
fn in_words(conflicts: &[Conflict]) -> Finding {
    let why = conflicts.first().map(Conflict::sentence).unwrap_or_default();
    let what = conflicts.first().map(|conflict| format!("resolve {}", shown(&conflict.path))).unwrap_or_default();
    Finding {
        kind: Kind::Textual,
        paths: paths(conflicts),
        why,
        redo: Redo { who: None, what },
        certainty: Certainty::Certain,
        lines: (1, 1),
    }
}

fn groups(scene: &Scene) -> Vec<Group> {
    let mut index = Index::new();
    for (at, carried) in scene.carried.iter().enumerate() {
        index.insert(at, carried.footprint.clone());
    }
    let named = |members: Vec<usize>| members.into_iter().map(|at| scene.heads[at].name.clone()).collect();
    index
        .groups()
        .into_iter()
        .map(|group| Group { path: group.path, kind: group.kind, members: named(group.members) })
        .collect()
}

fn question(scene: &Scene, found: &Found, enforced: &[Kind]) -> Question<usize> {
    let outside: BTreeSet<usize> = scene.outside.iter().map(|(unit, ..)| *unit).collect();
    let candidates = (0..scene.heads.len())
        .map(|at| Candidate { live: found.alone[at].is_empty() && !outside.contains(&at), ..Candidate::new(at) })
        .collect();
    let mut clashes = Vec::new();
    for ((a, b), findings) in &found.pairs {
        let counted = findings.iter().filter(|finding| enforced.contains(&finding.kind) && finding.kind.is_collision());
        for finding in counted.filter(|finding| finding.certainty == Certainty::Certain) {
            clashes.push(Clash { a: *a, b: *b, lines_a: finding.lines.0, lines_b: finding.lines.1 });
        }
    }
    let needs = scene.needs.iter().map(|(unit, needs, _)| Need { unit: *unit, needs: *needs }).collect();
    Question { candidates, needs, clashes, crowds: Vec::new(), pains: Pains::default() }
}

fn report(scene: &Scene, found: &Found, plan: &Plan<usize>, groups: Vec<Group>) -> Report {
    let name = |at: usize| scene.heads[at].name.clone();
    let mut reasons = BTreeMap::new();
    for position in &plan.order {
        reasons.insert(name(position.unit), reason(scene, found, plan, position.unit));
    }
    let pair = |(a, b): (usize, usize), finding: &Finding| Pair {
        a: name(a),
        b: name(b),
        kind: finding.kind,
        paths: finding.paths.clone(),
        why: finding.why.clone(),
        redo: finding.redo.clone(),
        certainty: finding.certainty,
    };
    Report {
        base: scene.base.to_string(),
        units: (0..scene.heads.len()).map(|at| unit(scene, found, at)).collect(),
        collisions: found
            .pairs
            .iter()
            .flat_map(|(ab, findings)| findings.iter().map(move |finding| (*ab, finding)))
            .map(|(ab, finding)| pair(ab, finding))
            .collect(),
        groups,
        dependencies: dependencies(scene),
        order: plan.order.iter().map(|position| name(position.unit)).collect(),
        waves: plan.waves.iter().map(|wave| wave.iter().map(|at| name(*at)).collect()).collect(),
        reasons,
    }
}

fn unit(scene: &Scene, found: &Found, at: usize) -> Unit {
    let footprint = &scene.carried[at].footprint;
    let mut uncertain: Vec<String> = footprint.files.iter().filter_map(|file| file.packages_unknown.clone()).collect();
    if let Completeness::Unknown { because } = &footprint.state {
        uncertain.push(because.clone());
    }
    uncertain
        .extend(scene.carried[at].unknown.iter().map(|path| format!("Which lines of {path} it changes is not known.")));
    Unit {
        name: scene.heads[at].name.clone(),
        head: scene.heads[at].commit.to_string(),
        conflicts_with_base: !found.alone[at].is_empty(),
        conflict_paths: found.alone[at].clone(),
        uncertain,
    }
}

fn dependencies(scene: &Scene) -> Vec<Dependency> {
    let name = |at: usize| scene.heads[at].name.clone();
    let inside = scene.needs.iter().map(|(unit, needs, source)| Dependency {
        unit: name(*unit),
        needs: name(*needs),
        why: source.why().into(),
    });
    let outside = scene.outside.iter().map(|(unit, needs, source)| Dependency {
        unit: name(*unit),
        needs: needs.clone(),
        why: source.why().into(),
    });
    inside.chain(outside).collect()
}

fn reason(scene: &Scene, found: &Found, plan: &Plan<usize>, at: usize) -> String {
    let name = |at: usize| scene.heads[at].name.clone();
    if let Some(path) = found.alone[at].first() {
        let more =
            if found.alone[at].len() > 1 { format!(" and {} more", found.alone[at].len() - 1) } else { String::new() };
        return format!("It conflicts with the base at {path}{more}, so it comes last and holds nobody back.");
    }
    if let Some((_, needs, _)) = scene.outside.iter().find(|(unit, ..)| *unit == at) {
        return format!("It waits for {needs}, which is not among these heads.");
    }
    let Some(position) = plan.position(at) else { return String::new() };
    let mut sentence = position.reason.sentence(name);
    if let Some(alternative) = &position.alternative {
        sentence.push(' ');
        sentence.push_str(&alternative.sentence(at, name));
    }
    sentence
}
