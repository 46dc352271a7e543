//! Short replies to people who asked, or whose command cannot be granted, each with a hidden marker.

use std::fmt::Write as _;

use super::check::fit;
use super::comment::page_link;
use super::text::{Prose, code};
use super::{details, words};
use crate::domain::govern::PlanView;
use crate::domain::ids::PrNumber;
use crate::domain::unit::{Brief, DependencyView};

#[cfg(test)]
mod tests;

/// How much of a list a reply tells.
const LINES: usize = 10;

/// Longest reply, well below GitHub's limit (FACTS K2): several may share a comment.
const MAX: usize = 15_000;

const HELP: &str = "\
Write a command at the start of a line in a new comment or review; edited comments do not count.

- `/confirm` carries out what is suggested; `/confirm <sha>` binds it to that head
- `/refuse <reason>` stops it at once, until it is lifted
- `/hold`, `/hold until friday`, `/hold for 2d` stop it for a while
- `/lift` ends a hold or a refusal
- `/why` tells how it stands and why, `/plan` what lands before and after it
- `/after #12` and `/not-after #12` set and drop a dependency
- `/priority <level>` gives it a level of the policy's `priorities`
- `/revert <reason>`, once it landed, opens a pull request that takes it back
- `/remember <lesson>` and `/forget <lesson>` open a pull request that changes the policy
- `/retry` reads everything again
";

/// The hidden marker that a reply ends with: it names what was answered, so that a reply whose outcome is unknown is found again.
#[must_use]
pub fn marker(id: &str) -> String {
    let is_safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.' | '-');
    let safe: String = id.chars().filter(is_safe).take(100).collect();
    format!("<!-- flyball:reply {} -->", safe.replace("--", "-"))
}

pub(super) fn sealed(body: &str, id: &str) -> String {
    format!("{}\n\n{}", fit(body, MAX).trim_end(), marker(id))
}

/// Why a command was not obeyed: one line.
#[must_use]
pub fn refusal(command: &str, sentence: &str, id: &str) -> String {
    let command = code(&format!("/{}", command.trim_start_matches('/')), 60);
    sealed(&format!("{command}: {}", Prose::default().say(sentence, 500)), id)
}

/// One line for people, which names these other units.
#[must_use]
pub fn note(sentence: &str, about: &[PrNumber], id: &str) -> String {
    sealed(&Prose::knowing(about.iter().copied()).say(sentence, 500), id)
}

/// `/help`.
#[must_use]
pub fn help(id: &str) -> String {
    sealed(HELP, id)
}

/// `/why`: the eight answers, each in a line or a short list.
#[must_use]
pub fn why(brief: &Brief, pages_url: Option<&str>, id: &str) -> String {
    let prose = Prose::of(std::slice::from_ref(brief));
    let mut out = format!("**{}**\n\n", prose.say(&words::title(brief), 140));
    let mut answer = |question: &str, lines: Vec<String>, nothing: &str| {
        let told = match lines.as_slice() {
            [] => nothing.to_owned(),
            [one] => one.clone(),
            several => several.iter().map(|line| format!("\n  - {line}")).collect(),
        };
        let gap = if told.starts_with('\n') { "" } else { " " };
        let _ = writeln!(out, "- **{question}**{gap}{told}");
    };
    let say = |texts: &[String]| texts.iter().take(LINES).map(|text| details::sentence(&prose, text)).collect();
    let units = |views: &[DependencyView]| {
        let line = |view: &DependencyView| format!("{} ({})", prose.say(&view.unit, 160), prose.say(&view.state, 60));
        views.iter().take(LINES).map(line).collect()
    };
    answer("Why it stands so:", say(&words::why(brief)), "");
    answer("Depends on:", units(&brief.depends_on), "nothing");
    answer("Depended on by:", units(&brief.dependents), "nothing that is open");
    if let Some(backport) = &brief.backport_of {
        answer("On another base:", vec![details::sentence(&prose, &backport.why)], "");
    }
    answer("Must be true first:", open_conditions(&prose, brief), "all of it is");
    answer("Conflicts:", conflicts(&prose, brief), "none visible");
    answer("Kind of integration:", say(&brief.integration), "technical");
    answer("Changed since it was proposed:", say(&brief.changed), "nothing");
    answer("Would break if it landed now:", say(&brief.would_break), "nothing that is known");
    if !brief.lessons.is_empty() {
        answer("Lessons that apply:", say(&brief.lessons), "");
    }
    answer("Not known:", say(&brief.uncertain), "nothing worth a line");
    answer("Next:", say(&next(brief)), "");
    if let Some(url) = pages_url {
        let _ = write!(out, "\n{}", page_link(url, brief).trim_start());
    }
    sealed(&out, id)
}

/// The next step and what comes of it, without the reason, which was told above.
fn next(brief: &Brief) -> Vec<String> {
    let reason = brief.reasons.first().map_or("", |reason| reason.text.as_str());
    let then = brief.next.strip_prefix(reason).unwrap_or(&brief.next).trim();
    let step = words::next_step(brief);
    let then = (!then.is_empty() && then != step).then(|| then.to_owned());
    std::iter::once(step).chain(then).collect()
}

fn open_conditions(prose: &Prose, brief: &Brief) -> Vec<String> {
    let open = brief.conditions.iter().filter(|condition| condition.verdict != crate::domain::unit::Verdict::Met);
    let told = open.take(LINES).map(|condition| {
        let verdict = details::verdict_words(condition.verdict);
        format!(
            "{}: {verdict} ({})",
            details::sentence(prose, &condition.what),
            details::sentence(prose, &condition.source)
        )
    });
    told.collect()
}

fn conflicts(prose: &Prose, brief: &Brief) -> Vec<String> {
    let told = brief.conflicts.iter().take(LINES).map(|conflict| {
        let with = conflict.with.map_or_else(|| code(&brief.base, 160), |with| format!("#{with}"));
        format!("{with} ({}): {}", prose.say(&conflict.kind, 40), details::sentence(prose, &conflict.why))
    });
    told.collect()
}

/// `/plan`: where the unit stands, what lands around it, and what it collides with.
#[must_use]
pub fn plan(view: &PlanView, number: PrNumber, id: &str) -> String {
    let prose = Prose::knowing(view.order.iter().map(|position| position.number));
    let mut out = format!("**Plan for {}**\n\n", code(&view.base, 160));
    let at = view.order.iter().position(|position| position.number == number);
    if at.is_none() {
        let _ = writeln!(out, "#{number} has no place in it.\n");
    }
    let start = at.unwrap_or(0).saturating_sub(LINES / 2);
    if start > 0 {
        out.push_str("Others land before these.\n\n");
    }
    for position in view.order.iter().skip(start).take(LINES) {
        let this = if position.number == number { " (this one)" } else { "" };
        let reason = details::sentence(&prose, &position.reason);
        let _ = writeln!(out, "- wave {}: #{}{this}: {reason}", position.wave, position.number);
    }
    let theirs = view.collisions.iter().filter(|collision| collision.a == number || collision.b == number);
    let collisions: Vec<String> = theirs
        .map(|collision| {
            let other = if collision.a == number { collision.b } else { collision.a };
            format!("#{other} ({}): {}", prose.say(&collision.kind, 40), details::sentence(&prose, &collision.why))
        })
        .collect();
    if !collisions.is_empty() {
        let _ = write!(out, "\n{}", details::bullets("Collides with", &collisions));
    }
    sealed(&out, id)
}
