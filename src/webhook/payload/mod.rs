//! Payloads into events: JSON as GitHub sends it, read into what the inbox keeps.
//!
//! One file per event family, each with its own minimal structs; `lenient` is why missing, null, extra and oddly typed values never
//! fail. What an event needs and does not have makes it a plain [`Look`](Event::Look) where at least the number is known: events are hints.
//!
//! Contract: FACTS W16 and W21, <https://docs.github.com/en/webhooks/webhook-events-and-payloads>

mod check_run;
mod check_suite;
mod comment;
mod common;
mod installation;
mod lenient;
mod merge_group;
mod pull_request;
mod push;
mod repository;
mod review;
mod status;

use serde::Deserialize;

use super::{Headers, Ourselves};
use crate::domain::govern::{Actor, Delivered, Event, RepoSeen};
use crate::domain::ids::{CommitSha, InstallationId, PrNumber, Timestamp};
use common::{Numbered, Repository, User, actor, installation as installation_of};
use lenient::{Maybe, Present};

/// One inbox entry to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// What makes it the same entry when it comes again: the delivery's GUID, with `/repository id` where one delivery names several.
    pub id: String,
    /// What happened.
    pub delivered: Delivered,
}

/// What a payload comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// These entries are to be stored; never empty.
    Filed(Vec<Filed>),
    /// Nothing is.
    Ignored(Ignored),
    /// An entry for each repository of an installation, which the delivery does not name.
    Everywhere(Everywhere),
}

/// An installation may do again, or more than before, what it was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Everywhere {
    /// The delivery's GUID.
    pub id: String,
    /// Which installation.
    pub installation: InstallationId,
    /// Who did it.
    pub sender: Option<Actor>,
    /// When our front door took it.
    pub received_at: Timestamp,
}

impl Everywhere {
    /// The entry for one repository that is known; whether it belongs to that installation is known where it is judged.
    #[must_use]
    pub fn at(&self, repo: RepoSeen) -> Filed {
        let id = format!("{}/{}", self.id, repo.id);
        let (installation, sender) = (Some(self.installation), self.sender.clone());
        let delivered =
            Delivered { installation, repo, sender, received_at: self.received_at, event: Event::Permitted };
        Filed { id, delivered }
    }
}

/// Why nothing is stored of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// An event or an action that nobody needs, or that is unknown.
    Unneeded,
    /// Our own doing.
    Ours,
    /// An event that is needed, without this part that is needed of it.
    Incomplete(&'static str),
}

/// Every member that some event of ours uses; which of them are there depends on the event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    action: Maybe<String>,
    installation: Maybe<Numbered>,
    repository: Maybe<Repository>,
    sender: Maybe<User>,
    number: Maybe<u64>,
    pull_request: Maybe<pull_request::Pull>,
    review: Maybe<review::Review>,
    check_run: Maybe<check_run::CheckRun>,
    check_suite: Maybe<check_suite::CheckSuite>,
    requested_action: Maybe<check_run::RequestedAction>,
    issue: Maybe<comment::Issue>,
    comment: Maybe<comment::Comment>,
    merge_group: Maybe<merge_group::MergeGroup>,
    repositories: Maybe<Vec<Repository>>,
    repositories_added: Maybe<Vec<Repository>>,
    repositories_removed: Maybe<Vec<Repository>>,
    changes: Maybe<repository::Changes>,
    // push
    #[serde(rename = "ref")]
    reference: Maybe<String>,
    commits: Maybe<Vec<push::Pushed>>,
    before: Maybe<CommitSha>,
    after: Maybe<CommitSha>,
    // status
    sha: Maybe<CommitSha>,
    state: Maybe<String>,
    context: Maybe<String>,
    target_url: Maybe<String>,
    created_at: Maybe<Timestamp>,
    updated_at: Maybe<Timestamp>,
}

impl Payload {
    fn action(&self) -> &str {
        self.action.0.as_deref().unwrap_or_default()
    }

    /// The pull request's number, from wherever it stands.
    fn pull_number(&self) -> Option<PrNumber> {
        let inner = self.pull_request.0.as_ref().and_then(|pull| pull.number.0);
        inner.or(self.number.0).map(PrNumber)
    }
}

/// What reading an event needs besides its payload.
#[derive(Clone, Copy)]
struct Around<'a> {
    headers: &'a Headers,
    ourselves: &'a Ourselves,
    received_at: Timestamp,
}

/// How a family reads its events: most are about one repository.
type ReadEvent = fn(&mut Payload, Around<'_>) -> Result<Event, Ignored>;

/// Reads the payload of a delivery. Same input, same result.
///
/// # Errors
/// When the text is no JSON object, whatever the event: the delivery is malformed.
pub fn read(
    headers: &Headers,
    json: &str,
    ourselves: &Ourselves,
    received_at: Timestamp,
) -> Result<Reading, serde_json::Error> {
    let around = Around { headers, ourselves, received_at };
    let event: ReadEvent = match headers.event.as_str() {
        "pull_request" => pull_request::event,
        "pull_request_review" => review::event,
        "check_run" => check_run::event,
        "check_suite" => check_suite::event,
        "status" => status::event,
        "issue_comment" => comment::event,
        "push" => push::event,
        "merge_group" => merge_group::event,
        "repository" => repository::event,
        "branch_protection_rule" | "repository_ruleset" => repository::rules_changed,
        "installation" => return Ok(installation::read(object(json)?, around)),
        "installation_repositories" => return Ok(installation::read_repositories(object(json)?, around)),
        _ => {
            let _: NamelessObject = serde_json::from_str(json)?;
            return Ok(Reading::Ignored(Ignored::Unneeded));
        }
    };
    Ok(about_one_repository(object(json)?, around, event))
}

fn about_one_repository(mut payload: Payload, around: Around<'_>, event: ReadEvent) -> Reading {
    let event = match event(&mut payload, around) {
        Ok(event) => event,
        Err(ignored) => return Reading::Ignored(ignored),
    };
    let Some(repo) = payload.repository.0.and_then(Repository::seen) else {
        return Reading::Ignored(Ignored::Incomplete("repository"));
    };
    let delivered = Delivered {
        installation: installation_of(&payload.installation),
        repo,
        sender: actor(payload.sender),
        received_at: around.received_at,
        event,
    };
    Reading::Filed(vec![Filed { id: around.headers.delivery.clone(), delivered }])
}

/// An event that lacks something is still a hint at its pull request, where that is known.
fn look(number: Option<PrNumber>) -> Result<Event, Ignored> {
    number.map(|number| Event::Look { number }).ok_or(Ignored::Incomplete("pull_request.number"))
}

fn object(json: &str) -> Result<Payload, serde_json::Error> {
    // Through a map, for a derived struct would also be read from an array.
    let Maybe(payload) = serde_json::from_str::<Maybe<Payload>>(json)?;
    payload.ok_or_else(|| serde::de::Error::custom("not an object"))
}

/// A JSON object whose members nobody asks for.
struct NamelessObject;

impl<'de> Deserialize<'de> for NamelessObject {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Maybe(found) = Maybe::<Present>::deserialize(deserializer)?;
        found.map(|Present| Self).ok_or_else(|| serde::de::Error::custom("not an object"))
    }
}

impl<'de> lenient::Lenient<'de> for Payload {
    fn object<A: serde::de::MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        Self::deserialize(serde::de::value::MapAccessDeserializer::new(object)).map(Some)
    }
}
