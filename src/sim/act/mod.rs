//! What can happen on GitHub, whoever does it: each change of state together with the events that tell of it.
//!
//! The REST handlers, GraphQL and the story handle all come here, so that a person's click and an App's call have one meaning.

mod auto_merge;
mod check;
mod comment;
mod install;
mod land;
mod merge;
mod pull;
mod push;
mod queue;
mod repository;
mod review;

pub(crate) use check::RunChange;
pub(crate) use merge::Method;
pub(crate) use pull::NewPull;
pub(crate) use queue::Removal;

/// Why GitHub refused: a status and its words.
pub(crate) type Refused = (u16, String);
