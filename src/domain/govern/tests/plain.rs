//! Wording for the tests of the governor.

use super::super::*;
use crate::domain::ids::PrNumber;
use crate::domain::unit::Brief;

/// Wording for tests: the codes, not the prose.
#[derive(Debug)]
pub(super) struct Plain;

impl Words for Plain {
    fn check(&self, briefs: &[Brief], external_id: &str, conclusion: Option<Conclusion>, _: Option<&str>) -> CheckDoc {
        let line = |brief: &Brief| {
            let codes: Vec<&str> = brief.reasons.iter().map(|reason| reason.code.code()).collect();
            format!("#{} {} {}", brief.number, brief.standing.code(), codes.join(","))
        };
        let title = briefs.iter().map(line).collect::<Vec<_>>().join("; ");
        let sha = briefs[0].head.clone();
        let summary = briefs
            .iter()
            .flat_map(|brief| brief.reasons.iter().map(|reason| reason.text.clone()))
            .collect::<Vec<_>>()
            .join(" ");
        CheckDoc {
            sha,
            external_id: external_id.into(),
            conclusion,
            title,
            summary,
            text: briefs[0].anchor.clone(),
            details_url: None,
            actions: Vec::new(),
        }
    }

    fn group(&self, group: &GroupView, external_id: &str) -> CheckDoc {
        let line =
            |(number, why): &(PrNumber, Option<String>)| format!("#{number} {}", why.as_deref().unwrap_or("yes"));
        CheckDoc {
            sha: group.sha.clone(),
            external_id: external_id.into(),
            conclusion: group.conclusion,
            title: group.members.iter().map(line).collect::<Vec<_>>().join("; "),
            summary: String::new(),
            text: String::new(),
            details_url: None,
            actions: Vec::new(),
        }
    }

    fn introduction(&self) -> (String, String) {
        ("introduction".into(), String::new())
    }

    fn sticky(&self, brief: &Brief, _: Option<&str>) -> String {
        format!("{STICKY_MARKER}\n{} at {}", brief.standing.code(), brief.head.short())
    }

    fn gist(&self, brief: &Brief) -> String {
        let codes: std::collections::BTreeSet<_> = brief.reasons.iter().map(|reason| reason.code.code()).collect();
        codes.into_iter().collect::<Vec<_>>().join(" ")
    }

    fn why(&self, brief: &Brief, _: Option<&str>, id: &str) -> String {
        format!("{}\n<!-- flyball:reply {id} -->", brief.next)
    }

    fn plan(&self, _: &Brief, plan: &PlanView, id: &str) -> String {
        let lines = plan.order.iter().map(|position| format!("#{}: {}", position.number, position.reason));
        format!("{}\n<!-- flyball:reply {id} -->", lines.collect::<Vec<_>>().join("\n"))
    }

    fn help(&self, id: &str) -> String {
        format!("help\n<!-- flyball:reply {id} -->")
    }

    fn lesson(&self, lesson: &crate::domain::policy::file::Lesson, unit: &str, by: &str) -> String {
        format!("{} from {unit} by {by}", lesson.name)
    }

    fn forgotten(&self, name: &str, unit: &str, by: &str) -> String {
        format!("forget {name} from {unit} by {by}")
    }

    fn widened(&self, rule: &crate::domain::policy::file::Rule, why: &str) -> String {
        format!("{}: {why}", rule.name)
    }

    fn revert(&self, unit: &str, why: &str, by: &str) -> String {
        format!("Reverts {unit}\n{why}, {by}")
    }

    fn mention(&self, whom: &[String], _: &Brief, what: &str, _: crate::domain::ids::Timestamp, id: &str) -> String {
        format!("{}: {what}\n<!-- flyball:reply {id} -->", whom.join(" "))
    }

    fn note(&self, sentence: &str, _: &[PrNumber], id: &str) -> String {
        format!("{sentence}\n<!-- flyball:reply {id} -->")
    }

    fn refusal(&self, command: &str, sentence: &str, id: &str) -> String {
        format!("/{command}: {sentence}\n<!-- flyball:reply {id} -->")
    }
}
