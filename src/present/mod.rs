//! Words for people, from the brief and nothing else: check run, sticky comment, replies, and what the pages show. Pure.
//!
//! The governor derives a [`Brief`](crate::domain::unit::Brief), each surface only renders it. Text that repeats what people wrote is
//! hostile: it goes through [`text`] on its way into Markdown. What would change without a person caring (positions, counts, ages) is
//! in no title, summary or lead.

pub mod agent;
pub mod ages;
pub mod chart;
pub mod check;
pub mod comment;
mod details;
mod english;
mod first;
pub mod group;
#[cfg(test)]
mod hostile;
pub mod mover;
pub mod past;
pub mod picture;
pub mod policy;
pub mod reasons;
pub mod reply;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod unit_view;
pub mod words;

pub use check::check;
pub use comment::sticky;
pub use details::verdict_words;
pub use english::English;
pub use group::group;
