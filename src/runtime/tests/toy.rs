//! A domain that is small enough to say in advance what it will do, and that fails on purpose.
//!
//! `Push` to a branch notes the branch. `Look` at a unit reads its snapshot, notes it, traces it, and owes it a comment. A comment that
//! says `ends` closes its unit; one that says `all` owes one thing of each class; one that says `later` sets a timer for a minute; `Reconcile` looks at units 1 to 3.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::super::governor::Governor;
use crate::domain::govern::{
    ActionCall, Answer, Begin, Call, CallClass, Changes, CheckDoc, Delivered, Event, Fact, Facts, FieldWrite, Need,
    OwedKey, Reaction, RepoSeen, Space, TraceLine, Wake,
};
use crate::domain::ids::{CommentId, InstallationId, PrNumber, RepoId, Timestamp};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Toy {
    pub(super) id: RepoId,
    pub(super) full_name: String,
    pub(super) noted: Vec<String>,
    pub(super) in_flight: BTreeSet<OwedKey>,
    traced: BTreeMap<PrNumber, u64>,
}

/// What goes wrong.
#[derive(Debug, Default)]
pub(super) struct ToyGovernor {
    /// How often judging a branch of this name panics.
    pub(super) panics: Mutex<BTreeMap<String, u32>>,
}

fn note_of(event: &Event, facts: &Facts) -> String {
    match event {
        Event::Push { branch, .. } => branch.clone(),
        Event::Look { number } => match facts.get(&Need::Snapshot(*number)) {
            Some(Fact::Unknown(unknown)) => format!("look {number}: {}", unknown.because),
            _ => format!("look {number}"),
        },
        Event::Timer { number } => format!("timer {}", number.map_or(0, |number| number.0)),
        Event::Answered { key, answer } => match answer {
            Answer::Done { .. } => format!("{} done", key.id()),
            Answer::Refused { .. } => format!("{} refused", key.id()),
            Answer::Unknown { .. } => format!("{} unknown", key.id()),
        },
        Event::Comment(comment) => comment.body.clone(),
        other => format!("{other:?}"),
    }
}

pub(super) fn sha() -> crate::domain::ids::CommitSha {
    "0123456789012345678901234567890123456789".parse().unwrap()
}

fn answered(key: &OwedKey, answer: &Answer, facts: &Facts, now: Timestamp, changes: &mut Changes) {
    let done = match answer {
        Answer::Done { .. } => true,
        Answer::Refused { .. } => false,
        Answer::Unknown { .. } => match key {
            OwedKey::Comment { number } => {
                matches!(facts.get(&Need::OurComments(*number)), Some(Fact::OurComments(ours)) if !ours.is_empty())
            }
            OwedKey::Check { .. } | OwedKey::Action { .. } => true,
        },
    };
    if done { changes.settle.push(key.clone()) } else { changes.owe.push((key.clone(), now)) }
}

impl Governor for ToyGovernor {
    type State = Toy;

    fn drafted(&self, _: &mut Self::State, _: &crate::domain::govern::Changes) {}

    fn fresh(&self, repo: &RepoSeen, _: Option<InstallationId>) -> Toy {
        let full_name = repo.full_name.clone();
        Toy { id: repo.id, full_name, noted: Vec::new(), in_flight: BTreeSet::new(), traced: BTreeMap::new() }
    }

    fn restore(&self, fields: &[(String, Bytes)]) -> Result<Option<Toy>, (String, serde_json::Error)> {
        fields
            .first()
            .map(|(field, stored)| serde_json::from_slice(stored).map_err(|why| (field.clone(), why)))
            .transpose()
    }

    fn wants(&self, _: &Toy, delivered: &Delivered) -> Option<PrNumber> {
        match delivered.event {
            Event::Look { number } if number.0 >= 500 => Some(number),
            _ => None,
        }
    }

    fn bring_back(&self, state: &mut Toy, number: PrNumber, stored: &[u8]) -> Result<(), serde_json::Error> {
        let what: String = serde_json::from_slice(stored)?;
        state.noted.push(format!("{number} back: {what}"));
        Ok(())
    }

    fn in_flight(&self, state: &Toy) -> Vec<OwedKey> {
        state.in_flight.iter().cloned().collect()
    }

    fn address(&self, state: &Toy) -> (RepoId, String, Option<InstallationId>) {
        (state.id, state.full_name.clone(), None)
    }

    fn writes(&self, state: &Toy, changes: &Changes) -> Vec<FieldWrite> {
        let live = FieldWrite { space: Space::Live, field: "repo".into(), value: serde_json::to_vec(state).ok() };
        let ended = changes.units.iter().map(|number| {
            let value = Some(br#""as it ended""#.to_vec());
            FieldWrite { space: Space::Closed, field: format!("u:{number}"), value }
        });
        std::iter::once(live).chain(ended).collect()
    }

    fn needs(&self, _: &Toy, delivered: &Delivered, _: &Facts, _: Timestamp) -> BTreeSet<Need> {
        match &delivered.event {
            Event::Look { number } => [Need::Snapshot(*number)].into(),
            Event::Answered { key: OwedKey::Comment { number }, answer: Answer::Unknown { .. } } => {
                [Need::OurComments(*number)].into()
            }
            _ => BTreeSet::new(),
        }
    }

    fn advance(&self, state: &mut Toy, delivered: &Delivered, facts: &Facts, now: Timestamp) -> Changes {
        let mut changes = Changes { repo: true, ..Changes::default() };
        let note = note_of(&delivered.event, facts);
        state.noted.push(note.clone());
        state.full_name.clone_from(&delivered.repo.full_name);
        if let Some(left) = self.panics.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_mut(&note)
            && *left > 0
        {
            *left -= 1;
            panic!("the toy breaks at {note}");
        }
        match &delivered.event {
            Event::Look { number } => {
                let seq = state.traced.entry(*number).or_default();
                *seq += 1;
                changes.trace.push(TraceLine { unit: *number, seq: *seq, json: format!("{{\"seq\":{seq}}}") });
                changes.owe.push((OwedKey::Comment { number: *number }, now));
            }
            Event::Comment(comment) if comment.body == "all" => {
                let number = comment.number;
                changes.owe.push((OwedKey::Comment { number }, now));
                changes.owe.push((OwedKey::Action { number, id: "a".into() }, now));
                changes.owe.push((OwedKey::Check { sha: sha() }, now));
            }
            Event::Comment(comment) if comment.body == "ends" => drop(changes.units.insert(comment.number)),
            Event::Comment(comment) if comment.body == "later" => {
                let at = now.saturating_add(Duration::from_secs(60)).unwrap();
                changes.wake.push(Wake { number: Some(comment.number), at: Some(at) });
            }
            Event::Reconcile => changes.look.extend([1, 2, 3].map(PrNumber)),
            Event::Answered { key, answer } => {
                state.in_flight.remove(key);
                answered(key, answer, facts, now, &mut changes);
            }
            _ => {}
        }
        changes
    }

    fn begin_needs(&self, _: &Toy, _: &OwedKey, _: &Facts, _: Timestamp) -> BTreeSet<Need> {
        BTreeSet::new()
    }

    fn begin(&self, state: &mut Toy, key: &OwedKey, _: &Facts, _: Timestamp) -> Begin {
        assert!(state.in_flight.insert(key.clone()), "{} is begun while it is in flight", key.id());
        let call = match key {
            OwedKey::Comment { number } => Call::CreateComment { number: *number, body: "hello".into() },
            OwedKey::Action { .. } => {
                Call::Action(ActionCall::React { comment: CommentId(1), reaction: Reaction::Eyes })
            }
            OwedKey::Check { sha } => Call::CreateCheck(CheckDoc {
                sha: sha.clone(),
                external_id: String::new(),
                conclusion: None,
                title: String::new(),
                summary: String::new(),
                text: String::new(),
                details_url: None,
                actions: Vec::new(),
            }),
        };
        Begin { changes: Changes { repo: true, ..Changes::default() }, call: Some(call) }
    }

    fn class(&self, _: &Toy, key: &OwedKey) -> CallClass {
        match key {
            OwedKey::Check { .. } => CallClass::Revocation,
            OwedKey::Action { id, .. } if id == "lands" => CallClass::Landing,
            OwedKey::Action { .. } => CallClass::Action,
            OwedKey::Comment { .. } => CallClass::Comment,
        }
    }
}
