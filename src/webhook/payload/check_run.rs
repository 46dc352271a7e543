//! `check_run`: evidence from others' runs, and what people ask of ours.

use super::common::{Numbered, number};
use super::lenient::object;
use super::{Around, Ignored, Payload};
use crate::domain::govern::{Button, CheckSeen, Event, Seen};
use crate::domain::ids::{CheckRunId, CommitSha, Timestamp};

object! {
    /// A check run.
    CheckRun {
        id: u64,
        head_sha: CommitSha,
        name: String,
        status: String,
        conclusion: String,
        started_at: Timestamp,
        completed_at: Timestamp,
        html_url: String,
        details_url: String,
        app: Numbered,
        check_suite: Suite,
    }
}

object! {
    /// The suite of a run.
    Suite {
        created_at: Timestamp,
    }
}

object! {
    /// The button that was pressed.
    RequestedAction {
        identifier: String,
    }
}

pub(super) fn event(payload: &mut Payload, around: Around<'_>) -> Result<Event, Ignored> {
    let run = payload.check_run.0.take().ok_or(Ignored::Incomplete("check_run"))?;
    let app = number(&run.app);
    match payload.action() {
        // A check run of ours that changed is our own doing. GitHub sends these two for every App's runs (FACTS C9).
        "created" | "completed" if around.ourselves.is_app(app) => Err(Ignored::Ours),
        "created" | "completed" => seen(run, app),
        // These go to the App that owns the run only (FACTS C4, C8).
        "rerequested" | "requested_action" if around.ourselves.is_other_app(app) => Err(Ignored::Unneeded),
        "rerequested" => {
            Ok(Event::Rerequested { sha: run.head_sha.0.ok_or(Ignored::Incomplete("check_run.head_sha"))? })
        }
        "requested_action" => pressed(payload, &run, around),
        _ => Err(Ignored::Unneeded),
    }
}

fn seen(run: CheckRun, app: Option<u64>) -> Result<Event, Ignored> {
    Ok(Event::Check(CheckSeen {
        sha: run.head_sha.0.ok_or(Ignored::Incomplete("check_run.head_sha"))?,
        name: run.name.0.ok_or(Ignored::Incomplete("check_run.name"))?,
        app,
        state: state(run.status.0.as_deref(), run.conclusion.0.as_deref()),
        based_at: run.check_suite.0.and_then(|suite| suite.created_at.0),
        at: run.completed_at.0.or(run.started_at.0),
        url: run.html_url.0.or(run.details_url.0),
    }))
}

/// Only what is known to pass passes, only what is known to be under way is pending (FACTS C2, C13).
fn state(status: Option<&str>, conclusion: Option<&str>) -> Seen {
    match (status, conclusion) {
        (_, Some("success" | "neutral" | "skipped")) => Seen::Passing,
        (Some("queued" | "in_progress" | "waiting" | "requested" | "pending"), None) => Seen::Pending,
        _ => Seen::Failing,
    }
}

fn pressed(payload: &mut Payload, run: &CheckRun, around: Around<'_>) -> Result<Event, Ignored> {
    let identifier = payload.requested_action.0.take().and_then(|action| action.identifier.0);
    let button = match identifier.as_deref() {
        Some("confirm") => Button::Confirm,
        Some("refuse") => Button::Refuse,
        Some("hold") => Button::Hold,
        _ => return Err(Ignored::Unneeded),
    };
    Ok(Event::Button {
        button,
        run: run.id.0.map(CheckRunId).ok_or(Ignored::Incomplete("check_run.id"))?,
        sha: run.head_sha.0.clone().ok_or(Ignored::Incomplete("check_run.head_sha"))?,
        click: around.headers.delivery.clone(),
        started_at: run.started_at.0,
    })
}
