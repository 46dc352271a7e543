//! The forms by which somebody who is signed in decides, and the answer to what they said last.

use maud::{Markup, html};

use super::decide::Answer;
use super::prose::Names;
use crate::domain::unit::{Brief, ReasonCode, Standing, SuggestionKind};
use crate::web::login::Viewer;
use crate::web::overview::is_open;
use crate::web::setup::unguessable;

/// Who decides, and what they said.
pub(super) struct Deciding {
    login: String,
    form: String,
    said: Option<Answer>,
}

impl Deciding {
    /// For somebody who is signed in; nothing for others.
    pub(super) fn of(viewer: &Viewer, said: Option<Answer>) -> Option<Self> {
        Some(Self { login: viewer.decider()?.login.clone(), form: viewer.form_token()?, said })
    }
}

/// What may be said of a unit as it stands, and who may say it is for the rules to tell.
pub(super) fn card(brief: &Brief, deciding: &Deciding, names: &Names) -> Markup {
    let open = is_open(brief);
    let landed = matches!(brief.standing, Standing::Landed);
    let stopped = brief.reasons.iter().any(|one| matches!(one.code, ReasonCode::Refused | ReasonCode::BlockedHold));
    let proposes = brief.suggestion.as_ref().filter(|_| !stopped);
    if !open && !landed {
        return html! { @if let Some(said) = &deciding.said { div.card #decide { (answer(said, names)) } } };
    }
    html! {
        div.card.decide #decide {
            h2 { "Decide" }
            @if let Some(said) = &deciding.said { (answer(said, names)) }
            @if let Some(suggestion) = proposes {
                (form(brief, deciding, "confirm", &html! { button { (confirm(suggestion.action)) } }))
            }
            @if open || proposes.is_some() {
                (form(brief, deciding, "refuse", &html! { (reason("Why not?", true)) button { "Refuse" } }))
            }
            details #more {
                summary { "More" }
                @if open {
                    (form(brief, deciding, "hold", &html! {
                        (reason("Hold, because", false))
                        label { "until " input type="date" name="until"; }
                        button { "Hold" }
                    }))
                    @if stopped { (form(brief, deciding, "lift", &html! { button { "Lift what stops it" } })) }
                    (form(brief, deciding, "retry", &html! { button { "Read everything again" } }))
                } @else {
                    (form(brief, deciding, "revert", &html! { (reason("Take it back, because", true)) button { "Propose a revert" } }))
                }
            }
            p.soft { "You are " (deciding.login) ". What you decide is for " code { (brief.head.short()) } ", and judged like the same words in a comment." }
        }
    }
}

fn confirm(action: SuggestionKind) -> &'static str {
    if action == SuggestionKind::Revert { "Confirm the revert" } else { "Confirm" }
}

fn form(brief: &Brief, deciding: &Deciding, command: &str, fields: &Markup) -> Markup {
    html! {
        form.inline method="post" action={ "/" (brief.repo) "/" (brief.number) "/decide" } {
            input type="hidden" name="form" value=(deciding.form);
            input type="hidden" name="once" value=(unguessable());
            input type="hidden" name="command" value=(command);
            input type="hidden" name="sha" value=(brief.head);
            (fields)
        }
    }
}

fn reason(label: &str, required: bool) -> Markup {
    html! { label.wide { (label) " " input type="text" name="reason" maxlength="500" required[required]; } }
}

fn answer(said: &Answer, names: &Names) -> Markup {
    html! {
        p role="status" {
            @match said {
                Answer::Granted { command } => { span.met { "✓ granted" } ": " code { "/" (command) } },
                Answer::Refused { command, why } => { span.unmet { "✕ not granted" } ": " code { "/" (command) } ", since " (names.say(why)) },
                Answer::Waits => { span.unknown { "? not judged yet" } ": it is kept, and the answer appears here." },
            }
        }
    }
}
