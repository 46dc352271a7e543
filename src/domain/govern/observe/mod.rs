//! Takes facts into units and into the repository: snapshots, footprints, checks, reviews, protection, landings, dependencies elsewhere.

pub(super) mod attributes;
pub(super) mod backport;
pub(super) mod content;
pub(super) mod elsewhere;
mod evidence;
mod files;
mod landing;
pub(super) mod merges;
mod pulls;
mod snapshots;
pub(super) mod survey;

pub(super) use evidence::take_review;
pub(super) use files::footprint_of_files;

use super::seen::facts::{Fact, Facts, Need};
use super::seen::right::Right;
use super::settle::Work;
use super::state::repo::RulesRead;
use crate::domain::ids::PrNumber;
use crate::domain::integration::footprint::Footprint;
use content::content_digest;

impl Work<'_> {
    /// Takes in everything that was read, in a fixed order.
    pub(super) fn take_facts(&mut self, facts: &Facts) {
        for (need, fact) in facts.iter() {
            match (need, fact) {
                (Need::Rules(branch), Fact::Rules(rules)) => {
                    let read = RulesRead { rules: rules.clone(), at: self.now };
                    let changed = self.state.repo.rules.get(branch).is_none_or(|before| before.rules != read.rules);
                    self.state.repo.rules.insert(branch.clone(), read);
                    self.changes.repo = true;
                    if changed {
                        self.touch_base(branch);
                    }
                }
                (Need::Attributes, fact) => self.take_attributes(fact),
                (Need::Snapshot(number), Fact::Snapshot(snapshot)) => self.take_snapshot(*number, snapshot),
                (Need::Snapshot(number), Fact::Unknown(unknown)) => self.take_unread(*number, unknown),
                (Need::Elsewhere { repo, number }, Fact::Elsewhere(seen)) => self.take_elsewhere(repo, *number, seen),
                _ => {}
            }
        }
        self.take_files_and_people(facts);
        for (need, fact) in facts.iter() {
            if let (Need::Merges { number, head, .. }, Fact::Merges(seen)) = (need, fact) {
                self.take_merged(*number, head, seen);
            }
        }
    }

    fn take_files_and_people(&mut self, facts: &Facts) {
        for (need, fact) in facts.iter() {
            match (need, fact) {
                (Need::Files { number, head, changed_files }, Fact::Files(files)) => {
                    let footprint = footprint_of_files(files, usize::try_from(*changed_files).ok());
                    self.take_footprint(*number, head, footprint, content_digest(files));
                    if let Some(unit) = self.state.units.get_mut(number) {
                        unit.unlisted = None;
                    }
                    self.take_edits(*number, head, files);
                }
                (Need::Files { number, head, .. }, Fact::Unknown(unknown)) => {
                    self.take_footprint(*number, head, Footprint::unknown(unknown.because.clone(), Vec::new()), None);
                    self.read_files_again(*number, unknown);
                }
                (Need::Permission(login), Fact::Permission(_) | Fact::Unknown(_)) => {
                    // What cannot be read gives no right: then the unit holds nobody back.
                    let right = if let Fact::Permission(permission) = fact { permission.right } else { Right::None };
                    let strangers = self.state.units.values_mut().filter(|unit| {
                        unit.author_right.is_none() && unit.author.as_ref().is_some_and(|author| author.login == *login)
                    });
                    for unit in strangers {
                        unit.author_right = Some(right);
                        self.changes.units.insert(unit.number);
                    }
                }
                _ => {}
            }
        }
    }

    /// Every open unit on a base is judged again.
    pub(super) fn touch_base(&mut self, branch: &str) {
        let numbers: Vec<PrNumber> = self.state.relations.on_base(branch).collect();
        for number in numbers {
            self.touch(number);
        }
    }
}
