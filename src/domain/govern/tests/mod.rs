//! The governor against a GitHub that answers at once: whole stories, no I/O.

mod aftermath;
mod answers;
mod auto_merge;
mod commands;
mod course;
mod desk;
mod doings;
mod evidence;
mod grants;
mod hub;
mod labels;
mod learning;
mod merges;
mod plain;
mod preflight;
mod properties;
mod queue;
mod related;
mod sights;
mod standard;
mod surfaces;
mod unheard;
mod updates;
