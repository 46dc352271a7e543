//! Gives boxes and lines their places. Columns follow from the waves; in which row a box stands, so that lines cross little, and how a
//! long line runs between boxes, is worked out by the layout library, one connected part at a time.

use std::collections::BTreeMap;

use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};
use petgraph::unionfind::UnionFind;

use super::relations::Relations;
use super::{Column, Drawn, Line, LineKind, NAMED, Picture, Thing};
use crate::domain::govern::PlanView;

/// Up to so many columns a unit's box is wide enough for its title.
const TITLED: usize = 4;
/// Widths of a box: with title, without, and of a hot place or a unit elsewhere.
const WIDE: f64 = 196.0;
const NARROW: f64 = 74.0;
const FIRST: f64 = 196.0;
/// The height of a box.
const HIGH: f64 = 28.0;
/// How much a hot place grows with each row of members, and how many stand in a row.
const ROW: f64 = 20.0;
const IN_A_ROW: usize = 4;
/// Between columns, between rows, around everything, and what the headings take.
const ACROSS: f64 = 44.0;
const DOWN: f64 = 12.0;
const MARGIN: f64 = 8.0;
const HEADING: f64 = 34.0;
/// A picture that is taller than this stands in lanes, which together are not wider than this.
const TALL: f64 = 560.0;
const WIDEST: f64 = 1130.0;
/// How many bends of lines are worked out at most: the time for it grows faster than their number.
const ROUTED: usize = 400;

/// Where the columns are.
struct Columns {
    /// The column of each wave that is drawn.
    of_wave: BTreeMap<usize, usize>,
    middles: Vec<f64>,
    widths: Vec<f64>,
}

impl Columns {
    fn new(related: &Relations) -> Self {
        let mut waves: Vec<usize> = related.boxes.iter().map(|(_, wave)| *wave).collect();
        waves.sort_unstable();
        waves.dedup();
        let units = if waves.iter().filter(|wave| **wave > 0).count() <= TITLED { WIDE } else { NARROW };
        let widths: Vec<f64> = waves.iter().map(|wave| if *wave == 0 { FIRST } else { units }).collect();
        let mut left = MARGIN;
        let middles = widths.iter().map(|width| {
            let middle = left + width / 2.0;
            left += width + ACROSS;
            middle
        });
        let middles = middles.collect();
        Self { of_wave: waves.into_iter().enumerate().map(|(at, wave)| (wave, at)).collect(), middles, widths }
    }

    fn width(&self) -> f64 {
        let last = self.middles.iter().zip(&self.widths).next_back();
        // A line between two boxes of the last column bows out to the right.
        last.map_or(0.0, |(middle, width)| middle + width / 2.0 + MARGIN + ACROSS / 2.0)
    }

    fn named(&self, related: &Relations) -> Vec<Column> {
        let outside = |thing: &Thing| matches!(thing, Thing::Elsewhere(_));
        let first = match related.boxes.iter().any(|(thing, _)| outside(thing)) {
            true if matches!(related.boxes.first(), Some((Thing::Place { .. }, _))) => "Hot places, elsewhere",
            true => "Elsewhere",
            false => "Hot places",
        };
        let name = |wave: usize| if wave == 0 { first.to_owned() } else { format!("Wave {wave}") };
        self.of_wave.iter().map(|(wave, at)| Column { name: name(*wave), x: self.middles[*at] }).collect()
    }
}

/// Places everything.
pub(super) fn arrange(plan: &PlanView, related: Relations) -> Picture {
    if related.boxes.is_empty() {
        return Picture { alone: related.alone, left_out: related.left_out, ..Picture::default() };
    }
    let columns = Columns::new(&related);
    let column: Vec<usize> = related.boxes.iter().map(|(_, wave)| columns.of_wave[wave]).collect();
    let heights: Vec<f64> = related.boxes.iter().map(|(thing, _)| height(plan, thing)).collect();
    let routed = routed(&related, &column);
    let laid: Vec<Laid> =
        parts(&related, &routed).iter().map(|part| lay_out(part, &routed, &related, &column, &heights)).collect();
    let lanes = Lanes::new(&columns, &laid);
    let mut boxes: Vec<Drawn> = Vec::with_capacity(related.boxes.len());
    for (at, (thing, _)) in related.boxes.iter().enumerate() {
        let (width, height) = (columns.widths[column[at]], heights[at]);
        boxes.push(Drawn { what: thing.clone(), x: columns.middles[column[at]], y: 0.0, width, height });
    }
    for (laid, (left, top)) in laid.iter().zip(&lanes.corners) {
        for (at, y) in &laid.rows {
            boxes[*at].x += left;
            boxes[*at].y = top + y;
        }
    }
    let mut runs: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
    for (laid, (_, top)) in laid.into_iter().zip(&lanes.corners) {
        for (line, run) in laid.between {
            let (from, to, ..) = related.lines[line];
            let (start, end) = (right(&boxes[from]), left(&boxes[to]));
            let step = |(share, y): (f64, f64)| (start.0 + (end.0 - start.0) * share, top + y);
            runs.insert(line, run.into_iter().map(step).collect());
        }
    }
    let lines = related.lines.iter().enumerate().map(|(at, (from, to, kind, words))| {
        // Between boxes of one column a line bows out to the right: it begins and ends there.
        let end = if column[*from] == column[*to] { right(&boxes[*to]) } else { left(&boxes[*to]) };
        let between = runs.remove(&at).unwrap_or_default();
        let points = std::iter::once(right(&boxes[*from])).chain(between).chain(std::iter::once(end)).collect();
        Line { kind: *kind, words: words.clone(), points }
    });
    let lines = lines.collect();
    Picture {
        width: lanes.width,
        height: lanes.height,
        titled: columns.widths.last().is_some_and(|width| *width >= WIDE),
        columns: lanes.named(&columns.named(&related)),
        boxes,
        lines,
        hidden: related.hidden,
        alone: related.alone,
        left_out: related.left_out,
    }
}

/// Where lines leave a box, and where they come to it.
fn right(drawn: &Drawn) -> (f64, f64) {
    (drawn.x + drawn.width / 2.0, drawn.y)
}

fn left(drawn: &Drawn) -> (f64, f64) {
    (drawn.x - drawn.width / 2.0, drawn.y)
}

/// Parts stand below each other; where that makes a tall and narrow picture, in several lanes side by side.
struct Lanes {
    /// The upper left corner of each part.
    corners: Vec<(f64, f64)>,
    /// The left border of each lane.
    lefts: Vec<f64>,
    width: f64,
    height: f64,
}

impl Lanes {
    fn new(columns: &Columns, laid: &[Laid]) -> Self {
        let (wide, tall) = (columns.width(), laid.iter().map(|laid| laid.height + DOWN).sum::<f64>());
        let most = [3.0, 2.0].into_iter().find(|lanes| wide * lanes <= WIDEST).unwrap_or(1.0);
        let lanes = if tall > TALL { most } else { 1.0 };
        let mut all = Self { corners: Vec::new(), lefts: vec![0.0], width: wide * lanes, height: 0.0 };
        let (mut left, mut top) = (0.0, HEADING);
        for part in laid {
            if top - HEADING >= tall / lanes {
                left += wide;
                top = HEADING;
                all.lefts.push(left);
            }
            all.corners.push((left, top));
            top += part.height + DOWN;
            all.height = all.height.max(top + MARGIN);
        }
        all
    }

    fn named(&self, columns: &[Column]) -> Vec<Column> {
        let shifted = |left: &f64| {
            let left = *left;
            columns.iter().map(move |column| Column { name: column.name.clone(), x: column.x + left })
        };
        self.lefts.iter().flat_map(shifted).collect()
    }
}

fn height(plan: &PlanView, thing: &Thing) -> f64 {
    let Thing::Place { group, inside } = thing else { return HIGH };
    let named = inside.len().min(NAMED);
    let rows = named.div_ceil(IN_A_ROW) + usize::from(inside.len() > NAMED);
    // Two lines say what and how many, one more where there is no name to be short of.
    let words = if plan.groups.get(*group).is_some() { 2.0 } else { 1.0 };
    HIGH + ROW * (words - 1.0) + ROW * f64::from(u32::try_from(rows).unwrap_or(u32::MAX))
}

/// The boxes that routed lines connect: first hot places, then the largest part, so that what is simple does not hide below the fold
/// what is not.
fn parts(related: &Relations, routed: &[usize]) -> Vec<Vec<usize>> {
    let mut joined = UnionFind::<usize>::new(related.boxes.len());
    for at in routed {
        let (from, to, ..) = related.lines[*at];
        joined.union(from, to);
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..related.boxes.len() {
        parts.entry(joined.find(at)).or_default().push(at);
    }
    let mut parts: Vec<Vec<usize>> = parts.into_values().collect();
    let is_place = |part: &[usize]| matches!(related.boxes[part[0]].0, Thing::Place { .. });
    parts.sort_by_key(|part| (!is_place(part), std::cmp::Reverse(part.len()), part[0]));
    parts
}

/// The lines that decide where boxes stand, by their indices: those to a later column, short ones first, as many as can be worked out
/// while somebody waits. The others run straight behind the boxes.
fn routed(related: &Relations, column: &[usize]) -> Vec<usize> {
    let span = |at: &usize| column[related.lines[*at].1].saturating_sub(column[related.lines[*at].0]);
    let mut lines: Vec<usize> = (0..related.lines.len()).filter(|at| span(at) > 0).collect();
    lines.sort_by_key(|at| (related.lines[*at].2 == LineKind::Member, span(at), *at));
    let mut cost = 0;
    lines.retain(|at| {
        cost += 2 * span(at) - 1;
        cost <= ROUTED
    });
    lines
}

type Tied = (usize, usize, LineKind, String);

/// A part with its rows.
struct Laid {
    /// Each box's middle.
    rows: Vec<(usize, f64)>,
    /// Where long lines run between their ends: which share of the way, and where then.
    between: Vec<(usize, Vec<(f64, f64)>)>,
    height: f64,
}

/// Every line spans exactly its columns in the answer, since lines as short as they may be are what the library looks for.
fn lay_out(part: &[usize], routed: &[usize], related: &Relations, column: &[usize], heights: &[f64]) -> Laid {
    if let [alone] = part {
        return Laid { rows: vec![(*alone, heights[*alone] / 2.0)], between: Vec::new(), height: heights[*alone] };
    }
    let options = GraphOptions { directed: true, multigraph: true, compound: false };
    let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(options);
    for at in part {
        let node = NodeLabel { width: NARROW, height: heights[*at], ..NodeLabel::default() };
        graph.set_node(at.to_string(), Some(node));
    }
    let here = routed.iter().map(|at| (*at, &related.lines[*at]));
    let lines: Vec<(usize, &Tied)> = here.filter(|(_, (from, ..))| part.binary_search(from).is_ok()).collect();
    for (at, (from, to, ..)) in &lines {
        let span = i32::try_from(column[*to] - column[*from]).unwrap_or(i32::MAX);
        let label = EdgeLabel { minlen: span, ..EdgeLabel::default() };
        graph.set_edge(from.to_string(), to.to_string(), Some(label), Some(&at.to_string()));
    }
    let settings = LayoutOptions {
        rankdir: RankDir::LR,
        nodesep: DOWN,
        edgesep: 8.0,
        ranksep: ACROSS,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut graph, Some(settings));
    let middle = |at: usize| {
        let node = graph.node(&at.to_string());
        node.map_or((0.0, 0.0), |node| (node.x.unwrap_or(0.0), node.y.unwrap_or(0.0)))
    };
    let rows: Vec<(usize, f64)> = part.iter().map(|at| (*at, middle(*at).1)).collect();
    let between =
        lines.iter().filter(|(_, (from, to, ..))| column[*to] - column[*from] > 1).map(|(at, (from, to, ..))| {
            let (start, end) = (middle(*from).0 + NARROW / 2.0, middle(*to).0 - NARROW / 2.0);
            let label = graph.edge(&from.to_string(), &to.to_string(), Some(&at.to_string()));
            let points = label.map(|label| label.points.as_slice()).unwrap_or_default();
            let inner = points.iter().skip(1).take(points.len().saturating_sub(2));
            (*at, inner.map(|point| ((point.x - start) / (end - start), point.y)).collect())
        });
    let between: Vec<(usize, Vec<(f64, f64)>)> = between.collect();
    let ends = rows.iter().map(|(at, y)| (y - heights[*at] / 2.0, y + heights[*at] / 2.0));
    let bends = between.iter().flat_map(|(_, run)| run).map(|(_, y)| (*y, *y));
    let (first, last) = ends.chain(bends).fold((f64::MAX, f64::MIN), |all, one| (all.0.min(one.0), all.1.max(one.1)));
    Laid {
        rows: rows.into_iter().map(|(at, y)| (at, y - first)).collect(),
        between: between
            .into_iter()
            .map(|(at, run)| (at, run.into_iter().map(|(share, y)| (share, y - first)).collect()))
            .collect(),
        height: last - first,
    }
}
