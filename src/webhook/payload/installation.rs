//! `installation`, `installation_repositories`: one delivery, many repositories, one inbox entry each.

use super::common::{Repository, actor, installation};
use super::{Around, Everywhere, Filed, Ignored, Payload, Reading};
use crate::domain::govern::{Delivered, Event};

pub(super) fn read(mut payload: Payload, around: Around<'_>) -> Reading {
    let event = match payload.action() {
        "created" | "unsuspend" | "new_permissions_accepted" => Event::Installed,
        "deleted" | "suspend" => Event::Removed,
        _ => return Reading::Ignored(Ignored::Unneeded),
    };
    let repositories = payload.repositories.0.take().unwrap_or_default();
    if let (true, true, Some(installation)) =
        (repositories.is_empty(), event == Event::Installed, installation(&payload.installation))
    {
        let (id, sender) = (around.headers.delivery.clone(), actor(payload.sender));
        return Reading::Everywhere(Everywhere { id, installation, sender, received_at: around.received_at });
    }
    each(payload, around, repositories.into_iter().map(|repository| (event.clone(), repository)))
}

pub(super) fn read_repositories(mut payload: Payload, around: Around<'_>) -> Reading {
    if !matches!(payload.action(), "added" | "removed") {
        return Reading::Ignored(Ignored::Unneeded);
    }
    let added = payload
        .repositories_added
        .0
        .take()
        .unwrap_or_default()
        .into_iter()
        .map(|repository| (Event::Installed, repository));
    let removed = payload
        .repositories_removed
        .0
        .take()
        .unwrap_or_default()
        .into_iter()
        .map(|repository| (Event::Removed, repository));
    each(payload, around, removed.chain(added))
}

fn each(payload: Payload, around: Around<'_>, events: impl Iterator<Item = (Event, Repository)>) -> Reading {
    let installation = installation(&payload.installation);
    let sender = actor(payload.sender);
    let filed: Vec<_> = events
        .filter_map(|(event, repository)| {
            let repo = repository.seen()?;
            let id = format!("{}/{}", around.headers.delivery, repo.id);
            let delivered =
                Delivered { installation, repo, sender: sender.clone(), received_at: around.received_at, event };
            Some(Filed { id, delivered })
        })
        .collect();
    // A suspension often lists none; the repositories then show it when GitHub refuses the token.
    if filed.is_empty() { Reading::Ignored(Ignored::Incomplete("repositories")) } else { Reading::Filed(filed) }
}
