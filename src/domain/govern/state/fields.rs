//! The fields that a state is stored in: written after a judgment, read back by whoever takes the repository over.

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::State;
use super::changes::{Changes, FieldWrite, Space};
use super::repo::Repo;
use crate::domain::govern::standard::{InForce, PolicyKept};
use crate::domain::ids::PrNumber;
use crate::domain::unit::{CheckSurface, Unit};

impl State {
    /// Reads a repository back from the fields of its live space; `None` where it was never written.
    ///
    /// # Errors
    /// The name of the first field that this build cannot read, and why.
    pub fn restore(fields: &[(String, Bytes)]) -> Result<Option<Self>, (String, serde_json::Error)> {
        let Some((_, record)) = fields.iter().find(|(field, _)| field == "repo") else { return Ok(None) };
        let repo: Repo = read("repo", record)?;
        let mut state = Self::of(repo);
        for (field, value) in fields {
            match field.split_once(':') {
                _ if field == "policy" => {
                    state.policy_kept = Some(read(field, value)?);
                    state.in_force = InForce::of(state.policy_kept.as_ref());
                }
                Some(("p", base)) => {
                    let kept: PolicyKept = read(field, value)?;
                    let in_force = InForce::of(Some(&kept));
                    state.own_policies.insert(base.to_owned(), (kept, in_force));
                }
                Some(("t", base)) => drop(state.trunks.insert(base.to_owned(), read(field, value)?)),
                Some(("u", _)) => {
                    let unit: Unit = read(field, value)?;
                    state.units.insert(unit.number, unit);
                }
                Some(("c", _)) => {
                    let check: CheckSurface = read(field, value)?;
                    state.checks.insert(check.sha.clone(), check);
                }
                Some(("e", sha)) => {
                    if let Ok(sha) = sha.parse() {
                        state.early.insert(sha, read(field, value)?);
                    }
                }
                Some(_) | None => {}
            }
        }
        state.relations.lay_out(state.in_force.layout());
        if let Some(read) = &state.repo.attributes {
            state.relations.mark_generated(&read.text);
        }
        for unit in state.units.values().filter(|unit| unit.is_open()) {
            state.relations.put(unit);
        }
        state.relations.take_disturbed();
        Ok(Some(state))
    }

    /// Takes a closed unit back among the live ones; bytes that this build cannot read are an error.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn bring_back(&mut self, number: PrNumber, bytes: &[u8]) -> Result<(), serde_json::Error> {
        let unit: Unit = serde_json::from_slice(bytes)?;
        self.units.insert(number, unit);
        Ok(())
    }

    /// The fields that these changes write. A closed unit to which nothing is owed any more moves to the closed space: call
    /// [`Self::retire`] then.
    #[must_use]
    pub fn writes(&self, changes: &Changes) -> Vec<FieldWrite> {
        let mut writes = Vec::new();
        let mut write = |space, field: String, value| writes.push(FieldWrite { space, field, value });
        if changes.repo {
            write(Space::Live, "repo".to_owned(), json(&self.repo));
        }
        if changes.policy {
            write(Space::Live, "policy".to_owned(), self.policy_kept.as_ref().and_then(json));
            for (base, (kept, _)) in &self.own_policies {
                write(Space::Live, format!("p:{base}"), json(kept));
            }
        }
        for base in &changes.trunks {
            write(Space::Live, format!("t:{base}"), self.trunks.get(base).and_then(json));
        }
        for number in &changes.units {
            let field = format!("u:{number}");
            match self.units.get(number) {
                Some(unit) if self.may_retire(unit) => {
                    write(Space::Closed, field.clone(), json(unit));
                    write(Space::Flow, field.clone(), json(&unit.course));
                    write(Space::Live, field, None);
                }
                unit => write(Space::Live, field, unit.and_then(json)),
            }
        }
        for sha in &changes.checks {
            write(Space::Live, format!("c:{sha}"), self.checks.get(sha).and_then(json));
        }
        for sha in &changes.early {
            write(Space::Live, format!("e:{sha}"), self.early.get(sha).and_then(json));
        }
        writes
    }

    /// Forgets closed units to which nothing is owed: they were written to the closed space.
    pub fn retire(&mut self, changes: &Changes) {
        for number in &changes.units {
            if self.units.get(number).is_some_and(|unit| self.may_retire(unit)) {
                self.units.remove(number);
            }
        }
    }

    /// Whether a unit is closed and owed nothing: what GitHub refused for good is not owed.
    pub(in crate::domain::govern) fn may_retire(&self, unit: &Unit) -> bool {
        let check = self.checks.get(&unit.head.sha).is_none_or(|check| !check.is_owed() || check.trouble.is_some());
        let comment = !unit.comment.is_owed() || unit.comment.trouble.is_some();
        !unit.is_open() && unit.ledger.is_empty() && comment && check
    }
}

fn read<T: DeserializeOwned>(field: &str, value: &[u8]) -> Result<T, (String, serde_json::Error)> {
    serde_json::from_slice(value).map_err(|error| (field.to_owned(), error))
}

fn json<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    Some(serde_json::to_vec(value).expect("state is plain data with string keys"))
}
