//! The plan as a picture: waves are columns, first to land on the left; what relates units are lines; hot places are boxes.
//!
//! [`picture`] says what is drawn and where, in pixels; a page draws it. Units that relate to nothing are not drawn but listed: they may
//! land at any time. The same plan gives the same picture.

mod arrange;
mod relations;

use crate::domain::govern::PlanView;
use crate::domain::ids::PrNumber;
use crate::domain::unit::Brief;

/// More units than this are not drawn: the first in the order are.
pub const MOST: usize = 150;
/// More lines than this are not drawn: first those of dependencies, then those of collisions.
pub const MOST_LINES: usize = 300;
/// More members of a hot place than this are counted, not named.
pub const NAMED: usize = 24;

/// What is drawn. Places are middles, in pixels from the upper left corner.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
    /// Whether a unit's box is wide enough for its title.
    pub titled: bool,
    /// The columns from the left; of each lane, where parts stand in several lanes side by side.
    pub columns: Vec<Column>,
    /// Units, other repositories' units and hot places.
    pub boxes: Vec<Drawn>,
    /// What relates them.
    pub lines: Vec<Line>,
    /// How many lines are not drawn because there are too many.
    pub hidden: usize,
    /// Units that relate to nothing, in the order.
    pub alone: Vec<PrNumber>,
    /// How many related units are not drawn because there are too many.
    pub left_out: usize,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Its middle.
    pub x: f64,
}

/// A box.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What it stands for.
    pub what: Thing,
    /// Its middle.
    pub x: f64,
    /// Its middle.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// What a box stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A hot place: the index of its group in the plan, and the members that relate to nothing else.
    Place {
        /// Which group.
        group: usize,
        /// Its members that have no box of their own.
        inside: Vec<PrNumber>,
    },
    /// A unit that is not in this plan: `owner/repo#n`, or `#n` on another base.
    Elsewhere(String),
    /// A unit of the plan.
    Unit(PrNumber),
}

/// A line between two boxes, from what goes first.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it says.
    pub kind: LineKind,
    /// What a person is told who asks.
    pub words: String,
    /// Where it runs, at least two points.
    pub points: Vec<(f64, f64)>,
}

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// The second needs the first.
    Needs,
    /// The two collide.
    Collides,
    /// The second is a member of a hot place.
    Member,
}

/// The picture of a plan. The briefs are those of its units: what has landed already is no longer waited for.
#[must_use]
pub fn picture(full_name: &str, plan: &PlanView, briefs: &[Brief]) -> Picture {
    arrange::arrange(plan, relations::relations(full_name, plan, briefs))
}

#[cfg(test)]
mod tests;
