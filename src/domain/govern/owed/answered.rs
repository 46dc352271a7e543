//! Takes GitHub's answers in: what it kept, why it refused, or that nobody knows.

use jiff::SignedDuration;
use serde_json::json;

use super::auto_merge::after_refusal;
use super::ours::LAG;
use super::{ActionCall, Answer, CheckStatus, Fault, OwedKey, Written};
use crate::domain::govern::judge::CHECK_NAME;
use crate::domain::govern::seen::PullState;
use crate::domain::govern::send::DELETES;
use crate::domain::govern::settle::Work;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::unit::{CheckKey, Flight, Kept, Phase, Shown};

/// How often a refusal that may pass is tried again.
const TRIES: u32 = 5;

impl Work<'_> {
    /// An answer to a call came back.
    pub(in crate::domain::govern) fn take_answer(&mut self, key: &OwedKey, answer: &Answer) {
        self.changes.settle.push(key.clone());
        match key {
            OwedKey::Check { sha } => self.check_answered(sha, answer),
            OwedKey::Comment { number } => self.comment_answered(*number, answer),
            OwedKey::Action { number, id } => self.action_answered(*number, id, answer),
        }
    }

    fn check_answered(&mut self, sha: &CommitSha, answer: &Answer) {
        let now = self.now;
        let Some(surface) = self.state.checks.get_mut(sha) else { return };
        let flight = surface.flight.take();
        let mut again = None;
        match answer {
            Answer::Done { written: Written::Check { run, status, conclusion } } => {
                surface.kept = Some(Kept { run: *run, status: *status, conclusion: *conclusion, at: now });
                // What GitHub kept is compared with what was sent: a run that did not take it is replaced by a new one.
                let sent = flight.map(|flight| CheckKey { conclusion: *conclusion, digest: flight.key });
                surface.sent = sent;
                surface.tries = 0;
                surface.again = false;
                surface.not_before = None;
            }
            Answer::Done {
                written: Written::Comment { .. } | Written::Merged { .. } | Written::Opened { .. } | Written::Done,
            }
            | Answer::Unknown { .. } => {
                surface.tries += 1;
                let key = flight.map_or_else(|| surface.wanted.digest.clone(), |flight| flight.key);
                surface.flight = Some(Flight { key, unknown: true, at: now });
                again = Some(surface.tries);
            }
            Answer::Refused { fault, message } => {
                surface.tries += 1;
                let open = surface.kept.as_ref().is_some_and(|kept| kept.status != CheckStatus::Completed);
                match wait(*fault) {
                    // A run that only another App may change, as after a new registration (FACTS C5): a new one is made.
                    Wait::Never if *fault == Fault::Forbidden && open => surface.kept = None,
                    Wait::Never => surface.trouble = Some(message.clone()),
                    Wait::Gone => surface.kept = None,
                    Wait::Seconds(seconds) => {
                        surface.not_before = now.checked_add(SignedDuration::from_secs(seconds)).ok();
                    }
                    Wait::Backoff if surface.tries > TRIES => surface.trouble = Some(message.clone()),
                    Wait::Backoff => {}
                }
                again = surface.trouble.is_none().then_some(surface.tries);
            }
        }
        let not_before = surface.not_before;
        self.changes.checks.insert(sha.clone());
        if let Some(tries) = again {
            let at = self.later(tries).max(not_before.unwrap_or(now));
            self.changes.owe.push((OwedKey::Check { sha: sha.clone() }, at));
            if let Some(surface) = self.state.checks.get_mut(sha) {
                surface.not_before = Some(at);
            }
        }
        let units: Vec<PrNumber> =
            self.state.units().filter(|unit| unit.head.sha == *sha).map(|unit| unit.number).collect();
        for number in units {
            self.touch(number);
        }
    }

    fn comment_answered(&mut self, number: PrNumber, answer: &Answer) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let flight = unit.comment.flight.take();
        if flight.as_ref().is_some_and(|flight| flight.key == DELETES) {
            return self.surplus_answered(number, answer);
        }
        let showing = unit.comment.showing.take();
        let (mut again, mut doubt) = (None, None);
        match answer {
            Answer::Done { written: Written::Comment { id, at } } => {
                unit.comment.id = Some(*id);
                unit.comment.sent = flight.map(|flight| flight.key);
                unit.comment.tries = 0;
                unit.comment.not_before = None;
                unit.comment.written_at = Some(now);
                // By then a call that was out cannot come any more.
                doubt = unit.comment.doubled.then(|| now.saturating_add(LAG).unwrap_or(now));
                let replaced = |sha: &CommitSha| unit.heads.iter().any(|head| head.shown && head.sha != *sha);
                // The same suggestion shown again keeps the time of its first showing.
                let same = unit
                    .shown
                    .as_ref()
                    .zip(showing.as_ref())
                    .is_some_and(|(shown, (print, _))| shown.fingerprint == *print);
                if !same {
                    unit.shown =
                        showing.map(|(fingerprint, sha)| Shown { replaced: replaced(&sha), fingerprint, sha, at: *at });
                }
                if let Some(sha) = unit.shown.as_ref().map(|shown| shown.sha.clone()) {
                    for head in unit.heads.iter_mut().filter(|head| head.sha == sha) {
                        head.shown = true;
                    }
                }
            }
            Answer::Done {
                written: Written::Check { .. } | Written::Merged { .. } | Written::Opened { .. } | Written::Done,
            }
            | Answer::Unknown { .. } => {
                unit.comment.tries += 1;
                unit.comment.flight =
                    Some(Flight { key: flight.map_or_else(String::new, |flight| flight.key), unknown: true, at: now });
                again = Some(unit.comment.tries);
            }
            Answer::Refused { fault, message } => {
                unit.comment.tries += 1;
                match wait(*fault) {
                    Wait::Never => unit.comment.trouble = Some(message.clone()),
                    // Deleted under us, or GitHub stumbled: what is there is read first, then it is changed or written anew. A pull
                    // request that is gone refuses that as well, time and again, and is left alone then.
                    Wait::Gone => {
                        let gone = unit.comment.id.take().is_some();
                        if unit.comment.tries > TRIES {
                            unit.comment.trouble = Some(message.clone());
                        } else if gone {
                            unit.comment.flight = Some(Flight { key: String::new(), unknown: true, at: now });
                        }
                    }
                    Wait::Seconds(seconds) => {
                        unit.comment.not_before = now.checked_add(SignedDuration::from_secs(seconds)).ok();
                    }
                    Wait::Backoff if unit.comment.tries > TRIES => unit.comment.trouble = Some(message.clone()),
                    Wait::Backoff => {}
                }
                again = unit.comment.trouble.is_none().then_some(unit.comment.tries);
            }
        }
        if let Some(tries) = again {
            let at = self.later(tries);
            if let Some(unit) = self.state.units.get_mut(&number) {
                let at = at.max(unit.comment.not_before.unwrap_or(at));
                unit.comment.not_before = Some(at);
                self.changes.owe.push((OwedKey::Comment { number }, at));
            }
        }
        self.changes.owe.extend(doubt.map(|at| (OwedKey::Comment { number }, at)));
        self.touch(number);
    }

    /// What became of deleting a comment that was too many. Where it cannot be deleted it stays, and the other one goes on being written.
    fn surplus_answered(&mut self, number: PrNumber, answer: &Answer) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let surface = &mut unit.comment;
        surface.tries += 1;
        let ends = match answer {
            Answer::Done { .. } => true,
            Answer::Unknown { .. } => surface.tries > TRIES,
            Answer::Refused { fault, .. } => match wait(*fault) {
                Wait::Never | Wait::Gone => true,
                Wait::Seconds(seconds) => {
                    surface.not_before = now.checked_add(SignedDuration::from_secs(seconds)).ok();
                    false
                }
                Wait::Backoff => surface.tries > TRIES,
            },
        };
        if ends {
            surface.surplus = surface.surplus.drain(..).skip(1).collect();
            (surface.tries, surface.not_before) = (0, None);
        }
        let (tries, owed) = (surface.tries, surface.is_owed());
        if owed {
            let at = if tries == 0 { now } else { self.later(tries) };
            self.changes.owe.push((OwedKey::Comment { number }, at));
        }
        self.touch(number);
    }

    fn action_answered(&mut self, number: PrNumber, id: &str, answer: &Answer) {
        let Some(entry) = self.state.unit(number).and_then(|unit| unit.ledger.get(id)).cloned() else { return };
        match answer {
            Answer::Done { written } => {
                if let (ActionCall::Merge { .. }, Written::Merged { sha }) = (&entry.call, written) {
                    self.end(number, PullState::Merged, sha.as_ref(), None, Some(self.now));
                }
                match &entry.call {
                    ActionCall::Enqueue { .. } => self.note_queued(number, true),
                    ActionCall::Dequeue { .. } => self.note_queued(number, false),
                    ActionCall::Label { .. } => self.label_set(number, &entry.call),
                    ActionCall::EnableAutoMerge { .. } => self.auto_merge_set(number, true),
                    ActionCall::DisableAutoMerge { .. } => self.auto_merge_set(number, false),
                    ActionCall::Propose(proposal) => return self.proposal_done(number, id, proposal, written),
                    ActionCall::Revert { .. } => return self.revert_opened(number, id, written),
                    ActionCall::Merge { .. }
                    | ActionCall::UpdateBranch { .. }
                    | ActionCall::RequestReview { .. }
                    | ActionCall::React { .. }
                    | ActionCall::Reply { .. } => {}
                }
                self.close(number, id, "done", &entry.why);
            }
            Answer::Unknown { because } => self.unknown_action(number, id, &entry.call, because),
            Answer::Refused { fault, message } => self.refused_action(number, id, &entry, *fault, message),
        }
    }

    /// Nobody knows whether it was done: it is read before anything is sent again.
    fn unknown_action(&mut self, number: PrNumber, id: &str, call: &ActionCall, because: &str) {
        let Some(entry) = self.state.units.get_mut(&number).and_then(|unit| unit.ledger.get_mut(id)) else { return };
        entry.phase = Phase::Unknown;
        let tries = entry.tries;
        let keeps = entry.lands() || matches!(call, ActionCall::Revert { .. });
        // Asking for a review again would notify somebody twice, and nobody misses it.
        if matches!(call, ActionCall::RequestReview { .. }) || tries > TRIES && !keeps {
            if matches!(call, ActionCall::Label { .. }) {
                self.give_labels_up(number);
            }
            return self.close(number, id, "unknown", because);
        }
        let at = self.later(tries);
        self.changes.owe.push((OwedKey::Action { number, id: id.to_owned() }, at));
        self.record(number, "github", "outcome_unknown", json!({ "id": id, "because": because }));
        self.touch(number);
    }

    fn refused_action(
        &mut self,
        number: PrNumber,
        id: &str,
        entry: &crate::domain::unit::Entry,
        fault: Fault,
        message: &str,
    ) {
        if self.proposal_refused(number, id, entry, fault, message) || self.merge_instead(number, id, entry, fault) {
            return;
        }
        let merge = entry.lands();
        let ours = merge && fault == Fault::NotAllowed && message.contains(CHECK_NAME) && self.just_accepted(number);
        // What was read a moment ago is not gone: it is read again, and tried again while it is there.
        let hidden = fault == Fault::Gone && (merge || cannot_be_missed(&entry.call));
        let wait = if ours || hidden { Wait::Backoff } else { wait(fault) };
        let again = match wait {
            Wait::Backoff if entry.tries < TRIES => Some(self.later(entry.tries)),
            Wait::Seconds(seconds) => self.now.checked_add(SignedDuration::from_secs(seconds)).ok(),
            Wait::Backoff | Wait::Never | Wait::Gone => None,
        };
        self.record(number, "github", "action_refused", json!({ "id": id, "fault": fault, "message": message }));
        if let Some(at) = again {
            if let Some(entry) = self.state.units.get_mut(&number).and_then(|unit| unit.ledger.get_mut(id)) {
                entry.phase = Phase::Owed;
            }
            self.changes.owe.push((OwedKey::Action { number, id: id.to_owned() }, at));
            return self.touch(number);
        }
        if merge {
            self.merge_refused(number, &entry.call, fault, message);
        }
        if matches!(entry.call, ActionCall::Dequeue { .. } | ActionCall::DisableAutoMerge { .. }) {
            self.stop_refused(number, &entry.call, message);
        }
        if matches!(entry.call, ActionCall::Label { .. }) {
            self.give_labels_up(number);
        }
        if matches!(entry.call, ActionCall::Revert { .. }) {
            self.revert_refused(number, id, fault, message);
        }
        if matches!(entry.call, ActionCall::UpdateBranch { .. }) {
            self.update_refused(number, fault, message);
        }
        self.close(number, id, "refused", message);
    }

    /// GitHub's refusals are shown in its words with the next step.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other fault is cleared at its cause")]
    fn merge_refused(&mut self, number: PrNumber, call: &ActionCall, fault: Fault, message: &str) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let next = match fault {
            Fault::HeadMoved => {
                unit.recheck = Some(crate::domain::unit::Recheck { tries: 0, again_at: soon(now) });
                "The head moved: look at it and confirm again."
            }
            Fault::Forbidden if message.contains("workflow") => {
                "The App may not change workflows: somebody with write access merges it, or an owner grants that permission and says `/retry`."
            }
            Fault::Forbidden => {
                "A permission of the App is missing: an owner accepts it in the App's settings, then `/retry`."
            }
            Fault::Gone => "GitHub does not show it to the App any more: check the App's access, then `/retry`.",
            Fault::Invalid => {
                "The merge method or text is not acceptable here: check the repository's settings, then `/retry`."
            }
            _ => "Clear what it names, then `/retry`.",
        };
        let special = after_refusal(fault, message, &unit.base.branch);
        let next = special.as_deref().unwrap_or(next);
        let what = if matches!(call, ActionCall::EnableAutoMerge { .. }) { "auto-merge" } else { "the merge" };
        unit.trouble = Some(format!("GitHub refused {what}: \"{}\" {next}", plain(message)));
        unit.recheck.get_or_insert(crate::domain::unit::Recheck { tries: 0, again_at: soon(now) });
        if fault == Fault::HeadMoved {
            self.void_confirms(number, &crate::domain::unit::Void::Pushed);
        }
    }

    /// GitHub would not take back what is to land by itself: people are told, and it is not asked again and again.
    fn stop_refused(&mut self, number: PrNumber, call: &ActionCall, message: &str) {
        let what = if matches!(call, ActionCall::Dequeue { .. }) {
            "take it out of the merge queue"
        } else {
            "turn auto-merge off"
        };
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.trouble = Some(format!(
            "GitHub did not {what}: \"{}\" Do that by hand, or `/retry` asks again; meanwhile its check does not pass.",
            plain(message)
        ));
    }

    /// Whether the success on the head was accepted within the last 30 seconds: protection may not have seen it yet (FACTS G2).
    fn just_accepted(&self, number: PrNumber) -> bool {
        let kept = self
            .state
            .unit(number)
            .and_then(|unit| self.state.checks.get(&unit.head.sha))
            .and_then(|check| check.kept.as_ref());
        kept.is_some_and(|kept| self.now.duration_since(kept.at) < SignedDuration::from_secs(30))
    }
}

/// Whether somebody would wait for it in vain, were it given up because GitHub stumbled once.
const fn cannot_be_missed(call: &ActionCall) -> bool {
    matches!(
        call,
        ActionCall::Reply { .. }
            | ActionCall::UpdateBranch { .. }
            | ActionCall::Dequeue { .. }
            | ActionCall::DisableAutoMerge { .. }
    )
}

fn soon(now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(1)).unwrap_or(now)
}

fn plain(message: &str) -> String {
    message.chars().filter(|c| !c.is_control()).take(200).collect()
}

enum Wait {
    /// Try again after a growing wait.
    Backoff,
    /// Not before so many seconds.
    Seconds(i64),
    /// It is gone: forget what we knew of it and write anew.
    Gone,
    /// Trying again cannot help.
    Never,
}

const fn wait(fault: Fault) -> Wait {
    match fault {
        Fault::Transient | Fault::Unauthorised => Wait::Backoff,
        Fault::Limited { seconds } => Wait::Seconds(seconds as i64),
        Fault::Gone => Wait::Gone,
        Fault::NotAllowed | Fault::HeadMoved | Fault::Invalid | Fault::Forbidden | Fault::NothingToWaitFor => {
            Wait::Never
        }
    }
}
