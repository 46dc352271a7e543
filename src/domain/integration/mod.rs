//! What a change touches and what that means for others: footprint, collisions, dependencies, order.
//!
//! [`footprint`] is the fact about one head. [`index`] holds the footprints of all open units of one repository and base, and names a unit's
//! [`collision`]s at the cost of what it touches. [`order`] makes a total order and waves from them.

pub mod breaks;
pub mod carry;
pub mod collision;
pub mod dependency;
pub mod files;
pub mod footprint;
pub mod hunk;
pub mod index;
pub mod kinds;
pub mod layout;
pub mod merged;
pub mod order;
pub mod packages;
pub mod patch;

#[cfg(test)]
mod tests;
