//! The sticky comment: one screen that a tired reviewer understands at once, the rest folded away.

use super::check::{fit, page};
use super::details;
use super::text::{Prose, code};
use super::words::{self, Ask};
use crate::domain::govern::STICKY_MARKER;
use crate::domain::unit::{Brief, NextMove, Standing, SuggestionView};

mod graph;
#[cfg(test)]
mod tests;

/// GitHub takes 65,536 characters (FACTS K2); some room is left for the frame.
const MAX: usize = 60_000;

/// The sticky comment of a unit.
#[must_use]
pub fn sticky(brief: &Brief, pages_url: Option<&str>) -> String {
    let prose = Prose::of(std::slice::from_ref(brief));
    let mut out = format!("{STICKY_MARKER}\n### Flyball: {}\n\n", prose.say(&words::title(brief), 140));
    out.push_str(&lead(&prose, brief));
    if let Some(suggestion) = &brief.suggestion {
        out.push_str(&suggested(&prose, suggestion, words::ask(brief), words::told_move(brief)));
    }
    out.push_str(&format!("**Next:** {}\n\n", details::sentence(&prose, &words::next_step(brief))));
    out.push_str(&folded(&prose, brief));
    out.push_str(&footer(brief, pages_url));
    out
}

/// Standing and why: one sentence, further reasons as a list.
fn lead(prose: &Prose, brief: &Brief) -> String {
    let why = words::why(brief);
    let mut sentences = why.iter().map(|text| details::sentence(prose, text));
    let mut out = format!("**{}.** {}\n\n", brief.standing.words(), sentences.next().unwrap_or_default());
    for more in sentences.take(4) {
        out.push_str(&format!("- {more}\n"));
    }
    if why.len() > 1 {
        out.push('\n');
    }
    out
}

/// The suggestion. Its own reason repeats what the lead said unless a person's word is all that is missing; who may answer and how is left
/// out where the next step says it.
fn suggested(prose: &Prose, suggestion: &SuggestionView, ask: Ask, told: Option<&NextMove>) -> String {
    let say = |text: &str| details::sentence(prose, text);
    let act = words::act(suggestion);
    let who = suggestion.who.join(", ");
    let undo = format!("- Undo: {}\n", say(&suggestion.undo));
    let may = format!("- Who may answer: {}\n", say(&who));
    match ask {
        Ask::Now => {
            let asks = told.filter(|step| step.answers);
            let how = "- Answer with a comment: `/confirm`, or `/refuse <reason>` to stop it\n";
            format!(
                "**Suggested: {act}.** {}\n\n- Effect: {}\n{undo}{}{}\n",
                say(&suggestion.reason),
                say(&suggestion.effect),
                if asks.is_some_and(|step| step.who == who) { "" } else { &may },
                if asks.is_some() { "" } else { how },
            )
        }
        Ask::Already => format!(
            "**Suggested: {act}.** {} It need not be answered yet, and may be: `/confirm` or `/refuse <reason>`.\n\n{undo}{may}\n",
            say(&suggestion.effect),
        ),
        Ask::No => format!("**Suggested: {act}.** {}\n\n", say(&suggestion.effect)),
    }
}

/// What it rests on and touches. Written with the rest and not for its own sake, so it tells which head it speaks of.
fn folded(prose: &Prose, brief: &Brief) -> String {
    let body = [
        details::intent(brief),
        details::sentences(
            prose,
            "What it takes back",
            &brief.reverts.map(|number| format!("#{number}, which had landed.")).into_iter().collect::<Vec<_>>(),
        ),
        details::conditions(prose, brief),
        details::conflicts(prose, brief),
        details::dependencies(prose, brief),
        details::sentences(prose, "What would break if it landed now", &brief.would_break),
        details::sentences(prose, "What this policy would change for open pull requests", &brief.policy_changes),
        details::sentences(prose, "What changed since it was proposed", &brief.changed),
        details::sentences(prose, "What is not known", &brief.uncertain),
        details::decisions(prose, brief),
        super::policy::offered(brief.lesson.as_ref()),
    ]
    .concat();
    if body.is_empty() {
        return String::new();
    }
    // Last, and never cut: a mail shows its lines as they are, and a half would swallow what follows.
    let drawn = graph::graph(brief);
    let summary = format!("Conditions, conflicts and dependencies, as of <code>{}</code>", brief.head.short());
    format!("<details><summary>{summary}</summary>\n\n{}{drawn}</details>\n\n", fit(&body, MAX - 16_000))
}

fn footer(brief: &Brief, pages_url: Option<&str>) -> String {
    let policy = code(&brief.policy, 200);
    let ask = match brief.standing {
        Standing::Landed | Standing::Withdrawn | Standing::RolledBack => "",
        Standing::Draft
        | Standing::Gathering
        | Standing::Blocked
        | Standing::AwaitingJudgment
        | Standing::Cleared
        | Standing::Landing => " `/why` tells more, `/help` lists the commands.",
    };
    format!("Judged under {policy}.{ask}{}\n", pages_url.map(|url| page_link(url, brief)).unwrap_or_default())
}

/// A link to the unit's page; nothing where the address could not stand in Markdown as it is.
pub(super) fn page_link(pages_url: &str, brief: &Brief) -> String {
    let url = page(pages_url, brief);
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-._~:/%".contains(c);
    let linkable = (url.starts_with("https://") || url.starts_with("http://")) && url.chars().all(is_safe);
    if linkable { format!(" [Live state and history]({url})") } else { String::new() }
}
