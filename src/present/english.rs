//! The wording that the governor is handed: plain English.

use super::{check, reply, sticky};
use crate::domain::govern::{CheckDoc, Conclusion, PlanView, Words};
use crate::domain::unit::Brief;

/// Plain English.
#[derive(Debug, Clone, Copy, Default)]
pub struct English;

impl Words for English {
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
