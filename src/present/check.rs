//! The check run: one document for all open units that share a head (DESIGN, section 4; FACTS C3, C4).

use super::details;
use super::text::{Prose, code, defuse, plain};
use super::words::{self, Ask};
use crate::domain::govern::{CheckActionDoc, CheckDoc, Conclusion, conclusion};
use crate::domain::unit::{Brief, Standing};

#[cfg(test)]
mod tests;

/// GitHub takes 65,535 characters each for summary and text (FACTS C3); bytes are never fewer than characters.
const MAX: usize = 65_535;

/// How many units that share a head are told in full; more are named only.
const TOLD: usize = 8;

/// The smaller, the more careful.
const fn care(conclusion: Option<Conclusion>) -> u8 {
    match conclusion {
        Some(Conclusion::Failure) => 0,
        Some(Conclusion::ActionRequired) => 1,
        None => 2,
        Some(Conclusion::Other) => 3,
        Some(Conclusion::Neutral) => 4,
        Some(Conclusion::Success) => 5,
        Some(Conclusion::Cancelled) => 6,
    }
}

/// What the check run on a commit shall say about the units that have it as their head. `None` without any unit.
///
/// `concluded` is the governor's: the most careful of theirs, `neutral` where policy only observes. The governor writes the check when
/// conclusion, title or summary change, so the summary tells reasons, suggestion and next step only.
#[must_use]
pub fn check(
    briefs: &[Brief],
    external_id: &str,
    concluded: Option<Conclusion>,
    pages_url: Option<&str>,
) -> Option<CheckDoc> {
    let mut units: Vec<&Brief> = briefs.iter().collect();
    units.sort_by_key(|brief| (care(conclusion(brief)), brief.number));
    let first = *units.first()?;
    let prose = Prose::of(briefs);
    Some(CheckDoc {
        sha: first.head.clone(),
        external_id: external_id.to_owned(),
        conclusion: concluded,
        title: title(&units),
        summary: summary(&prose, &units, concluded),
        text: text(&prose, &units),
        details_url: pages_url.map(|url| page(url, first)),
        actions: if concluded == Some(Conclusion::ActionRequired) { actions(&units) } else { Vec::new() },
    })
}

/// The page of a unit.
pub(super) fn page(pages_url: &str, brief: &Brief) -> String {
    format!("{}/{}/{}", pages_url.trim_end_matches('/'), brief.repo, brief.number)
}

fn title(units: &[&Brief]) -> String {
    match units {
        [only] => words::title(only),
        [first, ..] => plain(&format!("#{}: {}", first.number, words::title(first)), 130),
        [] => String::new(),
    }
}

fn summary(prose: &Prose, units: &[&Brief], concluded: Option<Conclusion>) -> String {
    let mut out = String::new();
    if concluded == Some(Conclusion::Neutral) {
        out.push_str("Flyball only observes here: this check never blocks.\n\n");
    }
    if units.len() > 1 {
        out.push_str("Several pull requests share this commit; the check shows the most careful of them.\n\n");
    }
    for brief in units.iter().take(TOLD) {
        if units.len() > 1 {
            out.push_str(&format!("### #{} {}\n\n", brief.number, defuse(&brief.title, 120)));
        }
        out.push_str(&told(prose, brief, has_buttons(units)));
    }
    for brief in units.iter().skip(TOLD).take(100) {
        out.push_str(&format!("- #{}: {}\n", brief.number, prose.say(&words::title(brief), 130)));
    }
    fit(&out, MAX)
}

/// What is so, why, and the next step.
fn told(prose: &Prose, brief: &Brief, buttons: bool) -> String {
    let mut out = format!("**{}.**", brief.standing.words());
    for reason in words::why(brief).iter().take(6) {
        out.push_str(&format!(" {}", details::sentence(prose, reason)));
    }
    out.push_str("\n\n");
    if let Some(suggestion) = &brief.suggestion {
        let effect = details::sentence(prose, &suggestion.effect);
        out.push_str(&format!("**Suggested:** {}. {effect}\n\n", words::act(suggestion)));
        if words::ask(brief) == Ask::Now {
            let place = if buttons { "Use a button here, or comment" } else { "Comment on the pull request" };
            let undo = details::sentence(prose, &suggestion.undo);
            out.push_str(&format!("**Undo:** {undo}\n\n{place} `/confirm`, `/refuse <reason>` or `/hold`.\n\n"));
        }
    }
    out.push_str(&format!("**Next:** {}\n\n", details::sentence(prose, &words::next_step(brief))));
    out
}

fn text(prose: &Prose, units: &[&Brief]) -> String {
    let anchors: Vec<String> = units
        .iter()
        .take(100)
        .map(|brief| format!("Trace of #{}: {}\n", brief.number, code(&brief.anchor, 120)))
        .collect();
    let anchors = anchors.concat();
    let mut body = String::new();
    for brief in units.iter().take(TOLD) {
        if units.len() > 1 {
            body.push_str(&format!("### #{}\n\n", brief.number));
        }
        body.push_str(&details::intent(brief));
        body.push_str(&details::conditions(prose, brief));
        body.push_str(&details::evidence(prose, brief));
        body.push_str(&details::conflicts(prose, brief));
        body.push_str(&details::dependencies(prose, brief));
        body.push_str(&details::sentences(prose, "What would break if it landed now", &brief.would_break));
        body.push_str(&details::sentences(prose, "What changed since it was proposed", &brief.changed));
        body.push_str(&details::sentences(prose, "What is not known", &brief.uncertain));
        body.push_str(&details::decisions(prose, brief));
        body.push_str(&format!("Policy: {}\n\n", code(&brief.policy, 200)));
    }
    format!("{}{anchors}", fit(&body, MAX - anchors.len().min(MAX)))
}

/// Cuts Markdown at the end of a line, with a mark, so that it holds at most `max` bytes.
pub(super) fn fit(markdown: &str, max: usize) -> String {
    const CUT: &str = "\nThe rest is on the page.\n\n";
    if markdown.len() <= max {
        return markdown.to_owned();
    }
    let mut end = max.saturating_sub(CUT.len());
    while !markdown.is_char_boundary(end) {
        end -= 1;
    }
    let end = markdown[..end].rfind('\n').map_or(0, |at| at + 1);
    format!("{}{CUT}", &markdown[..end])
}

/// Buttons only where it is clear which unit a click is about.
fn has_buttons(units: &[&Brief]) -> bool {
    let mut waiting = units.iter().filter(|brief| brief.standing == Standing::AwaitingJudgment);
    let first = waiting.next();
    first.is_some_and(|brief| brief.suggestion.as_ref().is_some_and(|suggestion| suggestion.confirmable))
        && waiting.next().is_none()
}

fn actions(units: &[&Brief]) -> Vec<CheckActionDoc> {
    let button = |label: &str, description: &str, identifier: &str| CheckActionDoc {
        label: label.to_owned(),
        description: description.to_owned(),
        identifier: identifier.to_owned(),
    };
    if !has_buttons(units) {
        return Vec::new();
    }
    vec![
        button("Confirm", "Carry out what is suggested", "confirm"),
        button("Refuse", "Stop it now; say why in a comment", "refuse"),
        button("Hold", "Not now; /lift ends the hold", "hold"),
    ]
}
