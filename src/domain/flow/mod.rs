//! How work flows through a repository: what was asked of people and given by them, what units waited for, what was redone, what had to be
//! taken back (DESIGN, section 11; every definition with a worked example in docs/MEASURES.md).
//!
//! Two steps, both pure. A [`Course`] is what a unit's trace says about its flow, in short: it learns each entry of the trace as it is
//! written, is kept with the unit, and outlives it. [`measure`] counts courses over a [`Window`].
//!
//! ```text
//! trace entry → Course::learn → kept with the unit ─┐
//!                   └→ Moved → counters of /metrics  ├→ measure(courses, lessons, window, now) → Measures
//!                        what lessons came from ─────┘
//! ```
//!
//! Times are whole seconds since 1970, in UTC: half the bytes of a written moment, and no measure needs less.

mod cause;
mod count;
mod course;
mod measures;
#[cfg(test)]
mod tests;
mod view;
mod window;

pub use cause::Cause;
pub use count::{Learnt, Selection, measure};
pub use course::{Course, Ended, Given, Moved};
pub use measures::{
    Collisions, ContextLoss, Decisions, Feedback, Measures, Rework, RuleFlow, Share, Trusted, Waiting, Withdrawals,
};
pub use view::{FlowView, Slice, view};
pub use window::{Window, WindowError};
