//! After landing: whether the base is still green, whether what landed is what was confirmed, and how it is taken back.
//!
//! A base branch has its newest commits with what was tested on them ([`Trunk`]). A check that fails there since a unit landed is an
//! alarm on that unit: its owner is told once, and a revert is suggested. Reverts are only ever proposed (DESIGN, section 10).

mod blame;
mod edits;
mod landed;
mod missed;
mod revert;
#[cfg(test)]
mod tests;
mod trunk;
mod watch;

pub use blame::{Failure, Suspect};
pub(super) use edits::{edits, title_digest};
pub(super) use landed::{NEWEST, needs, next_at};
pub(super) use missed::needs_of_bases;
pub(super) use revert::{named, needs_of_revert, reasons, suggestion};
pub use trunk::{LandedUnit, Raised, Tested, Trunk, TrunkCommit};
