//! What a change touches and what that means for others: footprint, collisions, dependencies, order.

/// Interim (the integration room replaces it).
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Footprint {}
