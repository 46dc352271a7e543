//! Words for people, from the brief and nothing else: check run, sticky comment, replies. Pure.
//!
//! The governor derives a [`Brief`](crate::domain::unit::Brief), each surface only renders it. Text that repeats what people wrote is
//! hostile: it goes through [`text`] on its way into Markdown. What would change without a person caring (positions, counts, ages) is
//! in no title, summary or lead.

pub mod check;
pub mod comment;
mod details;
pub mod reply;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod words;

use crate::domain::govern::{CheckDoc, Conclusion, PlanView, Words};
use crate::domain::unit::Brief;

pub use check::check;
pub use comment::sticky;
pub use details::verdict_words;

/// The wording that is in use, for the governor's port.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainWords;

impl Words for PlainWords {
    fn check(
        &self,
        briefs: &[Brief],
        external_id: &str,
        conclusion: Option<Conclusion>,
        pages_url: Option<&str>,
    ) -> CheckDoc {
        check(briefs, external_id, conclusion, pages_url)
            .expect("the governor words a check only for a commit that is the head of a unit")
    }

    fn sticky(&self, brief: &Brief, pages_url: Option<&str>) -> String {
        sticky(brief, pages_url)
    }

    fn why(&self, brief: &Brief) -> String {
        reply::why(brief)
    }

    fn plan(&self, brief: &Brief, plan: &PlanView) -> String {
        reply::plan(plan, brief.number)
    }

    fn help(&self) -> String {
        reply::help()
    }

    fn refusal(&self, login: &str, command: &str, sentence: &str) -> String {
        reply::refusal(login, command, sentence)
    }
}
