//! Which boxes and lines a plan gives, before anything has a place.

use std::collections::{BTreeMap, BTreeSet};

use super::{LineKind, MOST, MOST_LINES, Thing};
use crate::domain::govern::{PlanCollision, PlanDependency, PlanView};
use crate::domain::ids::PrNumber;
use crate::domain::unit::Brief;

/// Boxes with their columns, and lines between them.
#[derive(Debug, Default)]
pub(super) struct Relations {
    /// Each box with its wave; 0 is before all waves. In the order.
    pub boxes: Vec<(Thing, usize)>,
    /// From, to (indices of boxes), what, in words.
    pub lines: Vec<(usize, usize, LineKind, String)>,
    /// How many lines were too many.
    pub hidden: usize,
    /// Units without lines.
    pub alone: Vec<PrNumber>,
    /// How many were too many.
    pub left_out: usize,
}

/// A line between things that are not boxes yet.
struct Tie {
    from: Thing,
    to: Thing,
    kind: LineKind,
    words: String,
}

/// What is drawn of a plan.
pub(super) fn relations(full_name: &str, plan: &PlanView, briefs: &[Brief]) -> Relations {
    let place: BTreeMap<PrNumber, (usize, usize)> =
        plan.order.iter().enumerate().map(|(at, position)| (position.number, (position.wave, at))).collect();
    let mut ties = needs(full_name, plan, briefs, &place);
    ties.extend(collisions(plan, &place));
    let tied: BTreeSet<PrNumber> = ties.iter().flat_map(|tie| [&tie.from, &tie.to]).filter_map(number).collect();
    let (places, inside) = places(plan, &tied, &mut ties);
    let related = |number: &PrNumber| ties.iter().any(|tie| tie.to == Thing::Unit(*number)) || tied.contains(number);
    let (drawn, alone): (Vec<PrNumber>, Vec<PrNumber>) =
        plan.order.iter().map(|position| position.number).partition(related);
    let left_out = drawn.len().saturating_sub(MOST);
    let mut boxes: Vec<(Thing, usize)> = places;
    let outside: BTreeSet<&Thing> =
        ties.iter().map(|tie| &tie.from).filter(|from| matches!(from, Thing::Elsewhere(_))).collect();
    boxes.extend(outside.into_iter().map(|thing| (thing.clone(), 0)));
    boxes.extend(drawn.into_iter().take(MOST).map(|number| (Thing::Unit(number), place[&number].0)));
    let index: BTreeMap<&Thing, usize> = boxes.iter().enumerate().map(|(at, (thing, _))| (thing, at)).collect();
    let lines =
        ties.into_iter().filter_map(|tie| Some((*index.get(&tie.from)?, *index.get(&tie.to)?, tie.kind, tie.words)));
    let mut lines: Vec<_> = lines.collect();
    // What is needed is told before what collides.
    lines.sort_by_key(|(_, _, kind, _)| *kind);
    let hidden = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    let alone = alone.into_iter().filter(|number| !inside.contains(number)).collect();
    Relations { boxes, lines, hidden, alone, left_out }
}

fn number(thing: &Thing) -> Option<PrNumber> {
    match thing {
        Thing::Unit(number) => Some(*number),
        Thing::Place { .. } | Thing::Elsewhere(_) => None,
    }
}

fn needs(full_name: &str, plan: &PlanView, briefs: &[Brief], place: &BTreeMap<PrNumber, (usize, usize)>) -> Vec<Tie> {
    let own = format!("{}#", full_name.to_lowercase());
    let open = plan.dependencies.iter().filter(|dependency| !has_landed(&own, dependency, briefs));
    open.filter(|dependency| place.contains_key(&dependency.unit))
        .map(|dependency| {
            let here = number_here(&own, &dependency.needs);
            let from = match here.filter(|number| place.contains_key(number)) {
                Some(number) => Thing::Unit(number),
                None => Thing::Elsewhere(here.map_or_else(|| dependency.needs.clone(), |number| format!("#{number}"))),
            };
            let name = here.map_or_else(|| dependency.needs.clone(), |number| format!("#{number}"));
            let words = format!("#{} needs {name} ({})", dependency.unit, dependency.why);
            Tie { from, to: Thing::Unit(dependency.unit), kind: LineKind::Needs, words }
        })
        .collect()
}

/// The number in a reference to this repository.
fn number_here(own: &str, reference: &str) -> Option<PrNumber> {
    let reference = reference.to_lowercase();
    let number = reference.strip_prefix(own).or_else(|| reference.strip_prefix('#'))?;
    number.parse().ok().map(PrNumber)
}

fn has_landed(own: &str, dependency: &PlanDependency, briefs: &[Brief]) -> bool {
    let same = |unit: &str| {
        unit.eq_ignore_ascii_case(&dependency.needs)
            || number_here(own, unit).is_some_and(|number| number_here(own, &dependency.needs) == Some(number))
    };
    let brief = briefs.iter().find(|brief| brief.number == dependency.unit);
    brief.is_some_and(|brief| brief.depends_on.iter().any(|view| view.state == "landed" && same(&view.unit)))
}

/// One line for each pair, whatever it collides by, from the one that lands first. What only shares a hot place is no pair: the place
/// says it.
fn collisions(plan: &PlanView, place: &BTreeMap<PrNumber, (usize, usize)>) -> Vec<Tie> {
    let mut pairs: BTreeMap<(PrNumber, PrNumber), BTreeSet<&str>> = BTreeMap::new();
    let members: Vec<(&str, BTreeSet<PrNumber>)> =
        plan.groups.iter().map(|hot| (hot.path.as_str(), hot.members.iter().copied().collect())).collect();
    let is_told = |one: &PlanCollision| {
        let within = |(path, members): &(&str, BTreeSet<PrNumber>)| {
            members.contains(&one.a) && members.contains(&one.b) && one.paths.iter().all(|other| other == path)
        };
        members.iter().any(within)
    };
    for collision in plan.collisions.iter().filter(|one| !is_told(one)) {
        let (Some(a), Some(b)) = (place.get(&collision.a), place.get(&collision.b)) else { continue };
        let pair = if a <= b { (collision.a, collision.b) } else { (collision.b, collision.a) };
        pairs.entry(pair).or_default().insert(&collision.kind);
    }
    let line = |((a, b), kinds): ((PrNumber, PrNumber), BTreeSet<&str>)| {
        let words = format!("#{a} and #{b} collide ({})", kinds.into_iter().collect::<Vec<_>>().join(", "));
        Tie { from: Thing::Unit(a), to: Thing::Unit(b), kind: LineKind::Collides, words }
    };
    pairs.into_iter().map(line).collect()
}

/// A box for each hot place; a member that relates to nothing else stands inside, to the others runs a line.
fn places(
    plan: &PlanView,
    tied: &BTreeSet<PrNumber>,
    ties: &mut Vec<Tie>,
) -> (Vec<(Thing, usize)>, BTreeSet<PrNumber>) {
    let mut times: BTreeMap<PrNumber, usize> = BTreeMap::new();
    for member in plan.groups.iter().flat_map(|group| &group.members) {
        *times.entry(*member).or_default() += 1;
    }
    let mut all = BTreeSet::new();
    let mut boxes = Vec::new();
    for (group, hot) in plan.groups.iter().enumerate() {
        let is_inside = |member: &&PrNumber| !tied.contains(member) && times[*member] == 1;
        let inside: BTreeSet<PrNumber> = hot.members.iter().filter(is_inside).copied().collect();
        let ordered = plan.order.iter().map(|position| position.number).filter(|number| inside.contains(number));
        let from = Thing::Place { group, inside: ordered.collect() };
        for member in hot.members.iter().filter(|member| !inside.contains(member)) {
            let words = format!("#{member} is in the hot place {}", hot.path);
            ties.push(Tie { from: from.clone(), to: Thing::Unit(*member), kind: LineKind::Member, words });
        }
        all.extend(inside);
        boxes.push((from, 0));
    }
    (boxes, all)
}
