//! The wording that the governor is handed: plain English.

use super::{check, first, group, policy, reply, sticky, words};
use crate::domain::govern::{CheckDoc, Conclusion, GroupView, PlanView, Words};
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::policy::file::{Lesson, Rule};
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

    fn group(&self, view: &GroupView, external_id: &str) -> CheckDoc {
        group(view, external_id)
    }

    fn introduction(&self) -> (String, String) {
        first::introduction()
    }

    fn sticky(&self, brief: &Brief, pages_url: Option<&str>) -> String {
        sticky(brief, pages_url)
    }

    fn gist(&self, brief: &Brief) -> String {
        words::gist(brief)
    }

    fn why(&self, brief: &Brief, pages_url: Option<&str>, id: &str) -> String {
        reply::why(brief, pages_url, id)
    }

    fn plan(&self, brief: &Brief, plan: &PlanView, id: &str) -> String {
        reply::plan(plan, brief.number, id)
    }

    fn help(&self, id: &str) -> String {
        reply::help(id)
    }

    fn lesson(&self, lesson: &Lesson, unit: &str, by: &str) -> String {
        policy::lesson(lesson, unit, by)
    }

    fn forgotten(&self, name: &str, unit: &str, by: &str) -> String {
        policy::forgotten(name, unit, by)
    }

    fn widened(&self, rule: &Rule, why: &str) -> String {
        policy::widened(rule, why)
    }

    fn mention(&self, whom: &[String], brief: &Brief, what: &str, since: Timestamp, id: &str) -> String {
        policy::mention(whom, brief, what, since, id)
    }

    fn note(&self, sentence: &str, about: &[PrNumber], id: &str) -> String {
        reply::note(sentence, about, id)
    }

    fn revert(&self, unit: &str, why: &str, by: &str) -> String {
        policy::revert(unit, why, by)
    }

    fn refusal(&self, command: &str, sentence: &str, id: &str) -> String {
        reply::refusal(command, sentence, id)
    }
}
