//! Taking back what landed: suggested after an alarm, asked for by `/revert`, and recognised when somebody else does it.

use sha2::{Digest, Sha256};

use super::edits::title_digest;
use crate::domain::govern::owed::{ActionCall, Fault, Written};
use crate::domain::govern::said::decide::Outcome;
use crate::domain::govern::said::spoken::Speaker;
use crate::domain::govern::seen::PullState;
use crate::domain::govern::seen::event::Event;
use crate::domain::govern::seen::facts::{Fact, Facts, Need};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::govern::state::changes::Tell;
use crate::domain::ids::PrNumber;
use crate::domain::unit::{
    Broken, DecisionKind, Entry, Phase, Reason, ReasonCode, SuggestionKind, SuggestionView, Unit,
};

/// The revert in a unit's ledger: there is one at a time.
const ENTRY: &str = "2:revert";

/// Why a unit that landed needs a look, the newest first.
pub(in crate::domain::govern) fn reasons(unit: &Unit) -> Vec<Reason> {
    let reason = |what: &Broken| match what {
        Broken::Base { check, red, why, others, .. } => {
            let also = match others.as_slice() {
                [] => String::new(),
                [one] => format!(" #{one} landed since as well."),
                [one, ..] => format!(" #{one} and {} more landed since as well.", others.len() - 1),
            };
            let base = &unit.base.branch;
            let text = format!("`{check}` fails on `{base}` from {} on. {why}{also}", red.short());
            Reason { code: ReasonCode::LandedBaseRed, text, needs_person: true }
        }
        Broken::Content { commit } => {
            let text = format!(
                "What landed as {} is not what was proposed: other lines were added or removed.",
                commit.short()
            );
            Reason { code: ReasonCode::LandedOtherwise, text, needs_person: true }
        }
    };
    unit.aftermath.live().map(|alarm| reason(&alarm.what)).collect()
}

/// The units that these sentences name.
pub(in crate::domain::govern) fn named(unit: &Unit) -> Vec<PrNumber> {
    let aftermath = &unit.aftermath;
    let others = aftermath.live().flat_map(|alarm| match &alarm.what {
        Broken::Base { others, .. } => others.as_slice(),
        Broken::Content { .. } => &[],
    });
    aftermath.revert.into_iter().chain(aftermath.rolled_back).chain(others.copied()).collect()
}

/// The suggestion to take back what landed, while something is wrong with it and nobody did.
pub(in crate::domain::govern) fn suggestion(unit: &Unit) -> Option<SuggestionView> {
    let alarm = unit.aftermath.live().next().filter(|_| unit.aftermath.revert.is_none())?;
    let what = match &alarm.what {
        Broken::Base { check, red, .. } => format!("{check}\n{red}"),
        Broken::Content { commit } => commit.to_string(),
    };
    let parts = ["revert", &what, unit.head.sha.as_str(), &unit.base.branch].join("\n");
    Some(SuggestionView {
        action: SuggestionKind::Revert,
        detail: unit.base.branch.clone(),
        reason: "It gives time to find the cause.".to_owned(),
        effect: format!("Opens a pull request that takes #{} back; it is judged like any other.", unit.number),
        undo: "Close that pull request.".to_owned(),
        fingerprint: hex::encode(&Sha256::digest(parts)[..12]),
        who: vec!["anyone with write access".to_owned()],
        confirmable: true,
    })
}

/// What must be read before a revert is asked of GitHub a second time: whether it was opened.
pub(in crate::domain::govern) fn needs_of_revert(number: PrNumber, entry: &Entry) -> Option<Need> {
    (entry.phase == Phase::Unknown).then_some(Need::RevertOf(number))
}

/// The unit that a pull request takes back: named in its body as GitHub words it, by its title, or by what it changes.
fn taken_back(state: &State, unit: &Unit) -> Option<PrNumber> {
    let named = unit.body.lines().find_map(|line| {
        let named = line.trim().strip_prefix("Reverts ")?;
        let number = named.strip_prefix(state.full_name()).unwrap_or(named).strip_prefix('#')?;
        let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok().map(PrNumber)
    });
    let here = || state.repo.landings.iter().rev().filter(|landing| landing.base == unit.base.branch);
    let by_title = || {
        let title = unit.title.trim().strip_prefix("Revert \"")?.strip_suffix('"')?;
        let digest = title_digest(title);
        here().find(|landing| landing.title.as_ref() == Some(&digest)).map(|landing| landing.number)
    };
    let by_content = || {
        let done = &unit.edits.as_ref()?.done;
        here()
            .find(|landing| landing.edits.as_ref().is_some_and(|edits| edits.undone == *done))
            .map(|landing| landing.number)
    };
    named.or_else(by_title).or_else(by_content).filter(|number| *number != unit.number)
}

impl Work<'_> {
    /// Notes whether a unit takes another one back, once; the other one hears of it.
    pub(in crate::domain::govern) fn note_reverting(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number).filter(|unit| unit.is_open() && unit.reverts.is_none()) else {
            return;
        };
        let Some(other) = taken_back(self.state, unit) else { return };
        let stranger = unit.is_fork(self.state.id());
        if let Some(unit) = self.state.units.get_mut(&number) {
            unit.reverts = Some(other);
        }
        self.changes.units.insert(number);
        // A stranger's word would keep those who may from taking it back.
        if !stranger {
            self.tell_reverting(number, PullState::Open);
        }
    }

    /// The unit that this one takes back hears how it goes.
    pub(in crate::domain::govern) fn tell_reverting(&mut self, by: PrNumber, state: PullState) {
        let Some(number) = self.state.unit(by).and_then(|unit| unit.reverts) else { return };
        let landed = self.state.repo.ended.get(&number) == Some(&true) || self.state.unit(number).is_some();
        if landed {
            let event = Event::Reverting { number, by, state };
            self.changes.tell.push(Tell { repo: self.state.id(), event });
        }
    }

    /// Another unit takes this one back, or does not any more.
    pub(in crate::domain::govern) fn take_reverting(&mut self, number: PrNumber, by: PrNumber, state: PullState) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number).filter(|unit| unit.state == PullState::Merged) else {
            return;
        };
        let aftermath = &mut unit.aftermath;
        let before = aftermath.clone();
        match state {
            PullState::Open => aftermath.revert = Some(by),
            PullState::Closed => aftermath.revert = aftermath.revert.filter(|revert| *revert != by),
            PullState::Merged => {
                (aftermath.revert, aftermath.rolled_back) = (None, Some(by));
                for alarm in aftermath.alarms.iter_mut().filter(|alarm| alarm.over.is_none()) {
                    alarm.over = Some(now);
                }
            }
        }
        if *aftermath == before {
            return;
        }
        let opened = unit.ledger.get(ENTRY).is_some_and(|entry| entry.phase == Phase::Unknown);
        self.record(number, "github", "reverting", serde_json::json!({ "by": by, "state": state }));
        if opened && state == PullState::Open {
            self.close(number, ENTRY, "done", "it had been opened");
        }
        self.touch(number);
    }

    /// `/revert <reason>`, or a confirm of the suggested one: the pull request that takes it back is owed.
    pub(in crate::domain::govern) fn revert(&mut self, number: PrNumber, speaker: &Speaker<'_>, said: &str) -> Outcome {
        let Some(unit) = self.state.unit(number) else { return Outcome::Granted };
        if let Some(by) = unit.aftermath.rolled_back {
            return Outcome::Refused(format!("#{by} took it back already"));
        }
        if let Some(by) = unit.aftermath.revert {
            return Outcome::Refused(format!("#{by} takes it back; confirm that one"));
        }
        if unit.ledger.contains_key(ENTRY) {
            return Outcome::Granted;
        }
        let by = speaker.actor.login.clone();
        let title: String = format!("Revert \"{}\"", unit.title).chars().take(250).collect();
        let node = unit.node_id.clone();
        let seen = reasons(unit).into_iter().next().map_or_else(String::new, |reason| reason.text);
        let why = if said.is_empty() { &seen } else { said };
        let body = self.context.words.revert(&format!("{}#{number}", self.state.full_name()), why, &by);
        self.decide(number, speaker, DecisionKind::Revert { reason: said.to_owned() });
        let call = ActionCall::Revert { number, node, title, body };
        if !self.act(number, ENTRY.to_owned(), call, format!("asked for by {by}"), by) {
            return Outcome::Refused("it has used up what it may do in an hour; try again later".to_owned());
        }
        Outcome::Granted
    }

    /// Before a revert is asked for a second time: whether the first time had opened it. Nothing: it must not go out now.
    pub(in crate::domain::govern) fn begin_revert(&mut self, number: PrNumber, id: &str, facts: &Facts) -> Option<()> {
        let unit = self.state.unit(number)?;
        if unit.aftermath.revert.is_some() {
            self.close(number, id, "done", "it is open");
            return None;
        }
        let entry = unit.ledger.get(id)?;
        if entry.phase != Phase::Unknown {
            return Some(());
        }
        match facts.get(&Need::RevertOf(number)) {
            Some(Fact::Opened(None)) => Some(()),
            Some(Fact::Opened(Some(by))) => {
                let by = *by;
                self.revert_opened(number, id, &Written::Opened { number: by });
                None
            }
            _ => {
                self.put_off(number, id);
                None
            }
        }
    }

    /// GitHub opened it: whoever asked for it counts as its author.
    pub(in crate::domain::govern) fn revert_opened(&mut self, number: PrNumber, id: &str, written: &Written) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let Some(entry) = unit.ledger.get(id) else { return };
        if let Written::Opened { number: by } = written {
            unit.aftermath.revert = Some(*by);
            self.state.repo.asked.insert(*by, entry.by.clone());
            self.changes.repo = true;
        }
        let why = entry.why.clone();
        self.close(number, id, "done", &why);
    }

    /// GitHub refused it for good: whoever asked is answered in its words, with the next step.
    pub(in crate::domain::govern) fn revert_refused(
        &mut self,
        number: PrNumber,
        id: &str,
        fault: Fault,
        message: &str,
    ) {
        let next = match fault {
            Fault::Forbidden => "the App needs `contents: write` and `pull_requests: write` here",
            Fault::Gone => "GitHub does not show it to the App any more",
            Fault::NotAllowed | Fault::Invalid | Fault::HeadMoved => {
                "it may conflict with what landed since: revert it by hand with `git revert`"
            }
            Fault::Transient | Fault::Unauthorised | Fault::NothingToWaitFor | Fault::Limited { .. } => {
                "try again in a while"
            }
        };
        let said: String = message.chars().filter(|c| !c.is_control()).take(200).collect();
        let sentence = format!("GitHub refused it: \"{said}\"; {next}");
        let body = self.context.words.refusal("revert", &sentence, id);
        let call = ActionCall::Reply { number, body };
        self.act(number, format!("4:reply:{id}"), call, "/revert".to_owned(), "flyball".to_owned());
    }
}
