//! The sticky comment: one screen that a tired reviewer understands at once, the rest folded away.

use super::check::{digest, fit, page};
use super::text::{Prose, code, defuse};
use super::{details, words};
use crate::domain::unit::{Brief, Standing, SuggestionView};

#[cfg(test)]
mod tests;

/// The hidden marker that the sticky comment begins with.
pub const MARKER: &str = "<!-- flyball:unit -->";

/// GitHub takes 65,536 characters (FACTS K2); some room is left for the frame.
const MAX: usize = 60_000;

/// The sticky comment of a unit.
#[must_use]
pub fn sticky(brief: &Brief, pages_url: Option<&str>) -> String {
    let prose = Prose::of(std::slice::from_ref(brief));
    let mut out = format!("{MARKER}\n### Flyball: {}\n\n", prose.say(&words::title(brief), 140));
    out.push_str(&lead(&prose, brief));
    if let Some(suggestion) = &brief.suggestion {
        out.push_str(&suggested(&prose, suggestion));
    }
    out.push_str(&format!("**Next:** {}\n\n", details::sentence(&prose, &words::next_step(brief))));
    out.push_str(&folded(&prose, brief));
    out.push_str(&footer(brief, pages_url));
    out
}

/// What decides whether the comment is written again: standing, reasons, suggestion, next move (who and what).
#[must_use]
pub fn sticky_key(brief: &Brief) -> String {
    let mut parts = vec!["comment".to_owned(), brief.standing.code().to_owned(), words::title(brief)];
    parts.push(brief.reasons.len().to_string());
    for reason in &brief.reasons {
        parts.extend([reason.code.code().to_owned(), reason.text.clone()]);
    }
    if let Some(suggestion) = &brief.suggestion {
        parts.push("suggestion".to_owned());
        parts.extend([words::act(suggestion).to_owned(), suggestion.fingerprint.clone()]);
        parts.extend(suggestion.who.iter().cloned());
    }
    parts.extend(["next".to_owned(), words::next_step(brief)]);
    digest(parts.iter().map(String::as_str))
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

fn suggested(prose: &Prose, suggestion: &SuggestionView) -> String {
    let mut out =
        format!("**Suggested: {}.** {}\n", words::act(suggestion), details::sentence(prose, &suggestion.reason));
    let mut line = |name: &str, text: &str| {
        if !text.is_empty() {
            out.push_str(&format!("- {name}: {}\n", details::sentence(prose, text)));
        }
    };
    line("Effect", &suggestion.effect);
    line("Undo", &suggestion.undo);
    if suggestion.confirmable {
        line("Who may answer", &suggestion.who.join(", "));
        out.push_str("- Answer with a comment: `/confirm`, or `/refuse <reason>` to stop it\n");
    }
    out.push('\n');
    out
}

/// What it rests on and touches. Written with the rest and not for its own sake, so it tells which head it speaks of.
fn folded(prose: &Prose, brief: &Brief) -> String {
    let body = [
        details::intent(brief),
        details::conditions(prose, brief),
        details::conflicts(prose, brief),
        details::dependencies(prose, brief),
        details::sentences(prose, "What would break if it landed now", &brief.would_break),
        details::sentences(prose, "What changed since it was proposed", &brief.changed),
        details::sentences(prose, "What is not known", &brief.uncertain),
        details::decisions(prose, brief),
    ]
    .concat();
    if body.is_empty() {
        return String::new();
    }
    let summary = format!("Conditions, conflicts and dependencies, as of <code>{}</code>", brief.head.short());
    format!("<details><summary>{summary}</summary>\n\n{}</details>\n\n", fit(&body, MAX - 12_000))
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
    match pages_url.map(|url| page(url, brief)).filter(|url| is_linkable(url)) {
        Some(url) => format!("Judged under {policy}.{ask} [Live state and history]({url})\n"),
        None => format!("Judged under {policy}.{ask}\n"),
    }
}

/// Whether an address of ours can stand in a Markdown link as it is; else it is left out.
fn is_linkable(url: &str) -> bool {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-._~:/%".contains(c);
    (url.starts_with("https://") || url.starts_with("http://")) && url.chars().all(is_safe)
}

/// Foreign words in a reply.
pub(super) fn quoted(text: &str) -> String {
    defuse(text, 300)
}
