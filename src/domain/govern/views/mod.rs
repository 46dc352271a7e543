//! What is told of a unit, of a plan and of a change that is not written yet: views that every surface shows.

pub(super) mod brief;
mod course;
mod next;
pub(super) mod plan;
pub(super) mod plan_view;
pub(super) mod preflight;
pub(super) mod suggest;
