//! A decision from the page of a unit: taken from somebody who is signed in, filed like a delivery of GitHub's, judged like a comment.
//!
//! The gate has seen to it that a page of ours sent it; here the form must be one of this session, and GitHub is asked this moment who
//! the person is and whether they still may read the repository. What they may decide, the domain says.

use std::time::Duration;

use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

use super::{OfUnit, Trouble, named};
use crate::domain::govern::{PageSaid, said_key};
use crate::domain::ids::{CommitSha, PrNumber};
use crate::present::past::{Entry, entries};
use crate::web::login::{Still, Viewer};
use crate::web::problem::Problem;
use crate::web::stored::{ReadError, Seen, StoredUnits};

/// The longest reason, in characters: as in a comment.
const LONGEST: usize = 500;
/// The longest name of one saying.
const LONGEST_NAME: usize = 64;
/// How long the browser waits for the answer before it is shown the page; the answer then comes by itself.
const PATIENCE: Duration = Duration::from_secs(4);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What a form says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    /// The token of the session's forms.
    form: String,
    /// Names this saying: sent twice it is said once.
    once: String,
    /// `confirm`, `refuse`, `hold`, `lift`, `retry`, `revert`.
    command: String,
    /// The commit that the page showed.
    sha: String,
    reason: String,
    /// A day, for a hold.
    until: String,
}

/// How something that was said was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was granted.
    Granted {
        /// The command.
        command: String,
    },
    /// It was not.
    Refused {
        /// The command.
        command: String,
        /// Why, in a sentence.
        why: String,
    },
    /// It is kept, and not judged yet.
    Waits,
}

/// `POST /{owner}/{repo}/{number}/decide`.
pub(super) async fn take(
    Seen(units): Seen,
    Extension(viewer): Extension<Viewer>,
    path: OfUnit,
    said: Result<Form<Said>, FormRejection>,
) -> Result<Response, Trouble> {
    let (full_name, number) = named(path)?;
    // Of what cannot be seen nothing can be said either.
    let brief = units.brief(&full_name, number).await?;
    let wrong = |status: StatusCode, why: &str| Trouble::from(Problem::new(status, why));
    if viewer.decider().is_none() {
        return Err(wrong(StatusCode::FORBIDDEN, "decisions on pages are for people who are signed in"));
    }
    let Form(said) = said.map_err(|_| wrong(StatusCode::BAD_REQUEST, "the form cannot be read"))?;
    if !viewer.sent_this(&said.form) {
        return Err(wrong(StatusCode::FORBIDDEN, "the form is not one of this session: open the page again"));
    }
    let line = said.line().map_err(|why| wrong(StatusCode::BAD_REQUEST, why))?;
    let viewer = match viewer.at_this_moment().await {
        Still::Yes(viewer) => viewer,
        Still::No => return Ok(Redirect::to(&format!("/login?next=/{full_name}/{number}")).into_response()),
        Still::NotKnown => return Err(ReadError::NotNow.into()),
    };
    let Some(person) = viewer.decider().cloned() else { return Err(ReadError::NotNow.into()) };
    let units = units.seen_by(viewer);
    let before = units.trace(&full_name, number).await?.len();
    let saying = PageSaid { number, by: person.actor(), line, id: said.once.clone(), at: (units.now)() };
    let key = saying.key();
    units.say(&full_name, saying).await?;
    wait(&units, &full_name, number, &key, before).await;
    let there = format!("/{}/{number}?said={}#decide", brief.repo, said.once);
    Ok(Redirect::to(&there).into_response())
}

/// Waits until it was answered, or too long.
async fn wait(units: &StoredUnits, full_name: &str, number: PrNumber, key: &str, before: usize) {
    let answered = async {
        loop {
            match units.trace(full_name, number).await {
                Ok(lines) if answer(&entries(lines.get(before..).unwrap_or_default()), key).is_some() => return,
                Ok(_) => tokio::time::sleep(LOOK_AGAIN).await,
                Err(_) => return,
            }
        }
    };
    // Not answered yet is nothing wrong: the page says so.
    let _in_time = tokio::time::timeout(PATIENCE, answered).await;
}

/// The answer to what this viewer said under this name, where they said something.
pub(super) fn answered(viewer: &Viewer, trace: &[Entry], once: Option<&str>) -> Option<Answer> {
    let key = said_key(viewer.decider()?.id, once.filter(|once| is_name(once))?);
    Some(answer(trace, &key).unwrap_or(Answer::Waits))
}

fn answer(trace: &[Entry], key: &str) -> Option<Answer> {
    let mine = |entry: &&Entry| entry.kind == "answered_on_page" && entry.data["said"] == *key;
    let entry = trace.iter().rev().find(mine)?;
    let text = |name: &str| entry.data[name].as_str().unwrap_or_default().to_owned();
    let command = text("command");
    Some(if text("answer") == "granted" {
        Answer::Granted { command }
    } else {
        Answer::Refused { command, why: text("why") }
    })
}

fn is_name(once: &str) -> bool {
    (1..=LONGEST_NAME).contains(&once.len()) && once.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl Said {
    /// The line that says it in a comment: one line, whatever was written.
    fn line(&self) -> Result<String, &'static str> {
        if !is_name(&self.once) {
            return Err("the form has no name for what it says: open the page again");
        }
        let reason: String = self.reason.split_whitespace().collect::<Vec<_>>().join(" ");
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let line = match self.command.as_str() {
            "confirm" => {
                let sha: CommitSha = self.sha.parse().map_err(|_| "a confirm names the commit that was shown")?;
                format!("/confirm {sha}")
            }
            "refuse" if reason.is_empty() => return Err("a refusal says why"),
            "refuse" | "revert" => format!("/{} {reason}", self.command),
            "hold" => match self.until.as_str() {
                "" => format!("/hold {reason}"),
                until => {
                    let day: jiff::civil::Date = until.parse().map_err(|_| "a hold ends on a day, as in 2026-05-01")?;
                    format!("/hold until {day} {reason}")
                }
            },
            "lift" | "retry" => format!("/{}", self.command),
            _ => return Err("there is no such command here"),
        };
        Ok(line.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(command: &str, reason: &str, until: &str) -> Said {
        let sha = "a".repeat(40);
        let text = str::to_owned;
        Said {
            once: "a1".into(),
            command: text(command),
            sha,
            reason: text(reason),
            until: text(until),
            ..Said::default()
        }
    }

    #[test]
    fn a_form_says_one_line_as_a_comment_has_it() {
        let confirm = format!("/confirm {}", "a".repeat(40));
        let cases = [
            (said("confirm", "", ""), confirm.as_str()),
            (said("refuse", "  we have\r\ntwo\n/confirm already ", ""), "/refuse we have two /confirm already"),
            (said("hold", "", ""), "/hold"),
            (said("hold", "freeze", "2026-05-01"), "/hold until 2026-05-01 freeze"),
            (said("lift", "not read", ""), "/lift"),
            (said("retry", "", ""), "/retry"),
            (said("revert", "it broke", ""), "/revert it broke"),
        ];
        for (said, expected) in cases {
            assert_eq!(said.line(), Ok(expected.to_owned()));
            assert_eq!(crate::domain::govern::commands(expected, "2026-03-04T12:00:00Z".parse().unwrap()).len(), 1);
        }
        let long = said("refuse", &"x".repeat(9_000), "").line().unwrap();
        assert_eq!(long.len(), "/refuse ".len() + 500);
    }

    #[test]
    fn a_form_that_makes_no_sense_is_told_so() {
        let nameless = Said { once: String::new(), ..said("lift", "", "") };
        let odd = Said { once: "a b".into(), ..said("lift", "", "") };
        let short = Said { sha: "abc".into(), ..said("confirm", "", "") };
        let all = [
            nameless,
            odd,
            short,
            said("refuse", " \n ", ""),
            said("hold", "", "soon"),
            said("merge", "", ""),
            said("priority", "hotfix", ""),
            said("", "", ""),
        ];
        for said in all {
            assert!(said.line().is_err(), "{said:?}");
        }
    }
}
