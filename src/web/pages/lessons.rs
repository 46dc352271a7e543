//! What a repository was taught: its lessons with who taught them and how often they fired, and what its record suggests.

use maud::{Markup, html};

use super::layout::{self, way};
use super::prose::prose;
use crate::domain::policy::file::Lesson;
use crate::domain::policy::lessons::written;
use crate::domain::policy::record::Suggests;
use crate::web::overview::Lessons;

/// The page.
pub(super) fn page(taught: &Lessons) -> Markup {
    let full_name = &taught.full_name;
    let content = html! {
        h1 { "Lessons of " (full_name) }
        p.soft { "In force: " code { (taught.source) } "." }
        @if let Some(broken) = &taught.broken { div.card role="alert" { p { strong { "The file on the branch is not in force: " } (prose(broken)) } } }
        @if taught.lessons.is_empty() {
            p { "None yet. After a refusal, a rollback or a near miss, " code { "/remember" } " on the pull request opens one that writes a lesson into the policy." }
        }
        @for (lesson, fired) in &taught.lessons { (one(lesson, *fired)) }
        @if !taught.suggestions.is_empty() {
            h2 { "What the record suggests" }
            ul.plain { @for suggestion in &taught.suggestions { li {
                strong { @match suggestion.suggests { Suggests::Widen => "Widen", Suggests::Narrow => "Narrow" } } " "
                code { (suggestion.rule) } ": " (prose(&suggestion.why))
            } } }
        }
    };
    let path = [way(full_name), ("Lessons", format!("/{full_name}/lessons"))];
    layout::full(&format!("Lessons of {full_name}"), &path, None, &content)
}

fn one(lesson: &Lesson, fired: usize) -> Markup {
    let source = &lesson.source;
    // Somebody wrote it into the file: only what a browser opens as a page.
    let comment = source.comment.as_ref().filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    html! {
        section.card {
            h2 { (lesson.name) }
            @if let Some(why) = &lesson.why { p { (prose(why)) } }
            p.soft {
                "Taught by " (source.person) " on " @match comment { Some(url) => a href=(url) { (source.unit) }, None => (source.unit) } ", " (source.date) ". "
                @match fired { 0 => "It has not fired yet.", 1 => "It fired on one unit.", many => { "It fired on " (many) " units." } }
                @if lesson.shadow { " It is tried out: it counts for nothing." }
                @if let Some(retired) = &lesson.retired { " " (retired.by) " retired it on " (retired.date) @if let Some(why) = &retired.why { ": " (why) } "." }
            }
            details { summary { "As the policy has it" } pre tabindex="0" { (written(lesson)) } }
        }
    }
}
