//! What people say: read, heard in time, weighed, and turned into decisions.

pub(super) mod command;
pub(super) mod decide;
mod doubt;
pub(super) mod hearing;
mod may;
mod paged;
pub(super) mod spoken;
pub(super) mod unheard;
pub(super) mod voices;
pub(super) mod voids;
