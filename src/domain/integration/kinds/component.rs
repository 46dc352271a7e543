//! Components that the policy marks exclusive: one unit at a time.

use crate::domain::integration::collision::{Certainty, CollisionKind, Finding, Kind, Redo};
use crate::domain::integration::footprint::Footprint;

/// Both touch one component that the policy marks `exclusive`.
#[derive(Debug, Clone, Copy)]
pub struct Component;

impl CollisionKind for Component {
    fn kind(&self) -> Kind {
        Kind::Component
    }

    fn between(&self, a: &Footprint, b: &Footprint) -> Vec<Finding> {
        a.components.iter().filter(|name| b.components.contains(name)).map(|name| finding(name)).collect()
    }
}

fn finding(name: &str) -> Finding {
    Finding {
        kind: Kind::Component,
        paths: Vec::new(),
        why: format!("Both touch {name}, which the policy lets only one unit change at a time."),
        redo: Redo { who: None, what: format!("be looked at again with the other's change of {name}") },
        certainty: Certainty::Certain,
        lines: (1, 1),
    }
}
