//! The standard a unit is judged against: file model, defaults, matching, who may confirm.

/// The policy in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {}
