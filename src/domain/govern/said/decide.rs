//! Turns what people say into decisions: who may, on which head, and what they are answered.

use serde_json::json;

use super::command::Command;
use super::spoken::Speaker;
use crate::domain::govern::owed::{ActionCall, Reaction};
use crate::domain::govern::seen::right::Right;
use crate::domain::govern::settle::Work;
use crate::domain::govern::views::brief::brief_of;
use crate::domain::govern::views::plan::plan;
use crate::domain::ids::PrNumber;
use crate::domain::unit::{Decision, DecisionKind, Source, Void};

/// How a command was answered.
pub(in crate::domain::govern) enum Outcome {
    Granted,
    /// One sentence that says why not.
    Refused(String),
    /// It was asked: this is the answer.
    Asked(String),
}

impl Work<'_> {
    pub(in crate::domain::govern) fn hear(&mut self, number: PrNumber, speaker: &Speaker<'_>, spoken: Vec<Command>) {
        let known = self.state.unit(number).is_none_or(|unit| unit.handled.contains(&speaker.key));
        if known || self.doubts(number, speaker, &spoken) {
            return;
        }
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.handled.insert(speaker.key.clone());
        self.recognise(number, speaker.actor);
        self.touch(number);
        let names: Vec<&str> = spoken.iter().map(name).collect();
        let word = names.first().copied().unwrap_or("that").to_owned();
        let outcomes = spoken.into_iter().map(|command| self.obey(number, speaker, command)).collect();
        self.answer(number, speaker, &word, outcomes);
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "what only asks is answered first")]
    fn obey(&mut self, number: PrNumber, speaker: &Speaker<'_>, command: Command) -> Outcome {
        let word = name(&command);
        match command {
            Command::NearMiss { hint, .. } => return Outcome::Refused(hint),
            Command::Why | Command::Plan | Command::Help => return self.ask(number, &command, &speaker.key),
            _ => {}
        }
        let Some(unit) = self.state.unit(number) else {
            return Outcome::Refused("this pull request is not known".to_owned());
        };
        let verdict = if unit.is_open() {
            self.may(unit, speaker, &command)
        } else {
            self.may_afterwards(unit, speaker, &command)
        };
        if let Err(sentence) = verdict {
            let data = json!({ "command": word, "why": sentence });
            self.record(number, &speaker.actor.login, "command_refused", data);
            return Outcome::Refused(sentence);
        }
        let ended = !unit.is_open();
        match command {
            Command::Revert { .. } if !ended => {
                return Outcome::Refused("it has not landed; `/refuse <reason>` stops it".to_owned());
            }
            Command::Revert { reason } => return self.revert(number, speaker, &reason),
            Command::Confirm { .. } if ended => return self.revert(number, speaker, ""),
            Command::Refuse { reason } if ended => {
                self.record(number, &speaker.actor.login, "acquitted", json!({ "reason": reason }));
                self.acquit(number);
            }
            Command::Confirm { .. } => self.decide_once(number, speaker, DecisionKind::Confirm),
            Command::Refuse { reason } if reason.is_empty() => {
                self.decide(
                    number,
                    speaker,
                    DecisionKind::Hold { until: None, reason: "refused, the reason is still to come".to_owned() },
                );
                return Outcome::Refused("it is stopped; say why with `/refuse <reason>`".to_owned());
            }
            Command::Refuse { reason } => {
                self.decide(number, speaker, DecisionKind::Refuse { reason: reason.clone() });
                self.note_refusal(number, speaker, &reason);
            }
            Command::Hold { until, reason } => self.decide(number, speaker, DecisionKind::Hold { until, reason }),
            Command::Lift => self.lift(number, speaker),
            Command::After(other) => self.depend(number, other, true),
            Command::NotAfter(other) => self.depend(number, other, false),
            Command::Remember(said) => return self.remember(number, speaker, &said),
            Command::Forget(name) => return self.forget(number, speaker, &name),
            Command::Priority(level) => {
                if let Some(unit) = self.state.units.get_mut(&number) {
                    unit.priority = level;
                }
                self.touch(number);
            }
            Command::Retry | Command::Why | Command::Plan | Command::Help | Command::NearMiss { .. } => {
                self.retry(number);
            }
        }
        Outcome::Granted
    }

    fn decide_once(&mut self, number: PrNumber, speaker: &Speaker<'_>, kind: DecisionKind) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let head = unit.head.sha.clone();
        unit.trouble = None;
        let mine = |decision: &&mut Decision| {
            decision.actor.id == speaker.actor.id && decision.kind == kind && decision.confirms(&head)
        };
        if let Some(decision) = unit.decisions.iter_mut().find(mine) {
            if let Ok(right) = speaker.right {
                (decision.right, decision.right_at) = (right, now);
            }
            return;
        }
        self.decide(number, speaker, kind);
    }

    pub(in crate::domain::govern) fn decide(&mut self, number: PrNumber, speaker: &Speaker<'_>, kind: DecisionKind) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let decision = Decision {
            carried_from: None,
            kind,
            actor: speaker.actor.clone(),
            sha: unit.head.sha.clone(),
            at: speaker.at,
            source: speaker.source.clone(),
            right: speaker.right.clone().unwrap_or(Right::None),
            right_at: now,
            void: None,
        };
        let stops = decision.stops(now);
        let same_person = |other: &&mut Decision| other.actor.id == speaker.actor.id && other.void.is_none();
        // Praise for the code lifts no hold: a stop stays until it is lifted (DESIGN, section 5.7).
        let lifts = decision.kind != DecisionKind::Approve;
        let superseded = |other: &&mut Decision| stops || lifts && other.stops(now);
        for other in unit.decisions.iter_mut().filter(same_person).filter(superseded) {
            other.void = Some(Void::Superseded);
        }
        let data = json!({ "decision": decision.word(), "sha": decision.sha, "reason": decision.reason(), "source": decision.source, "right": decision.right });
        unit.decisions.push(decision);
        self.state.repo.deciders.insert(speaker.actor.login.clone(), now);
        while self.state.repo.deciders.len() > 200 {
            let oldest = self.state.repo.deciders.iter().min_by_key(|(_, at)| **at).map(|(login, _)| login.clone());
            self.state.repo.deciders.remove(&oldest.unwrap_or_default());
        }
        self.changes.repo = true;
        self.record(number, &speaker.actor.login, "decided", data);
        self.touch(number);
    }

    fn lift(&mut self, number: PrNumber, speaker: &Speaker<'_>) {
        let now = self.now;
        let lifts = self.state.unit(number).is_some_and(|unit| self.lifts(unit, speaker));
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let by = speaker.actor.login.clone();
        // A `/lift` that is heard late does not lift what was said after it.
        let before =
            |decision: &&mut Decision| decision.stops(now) && decision.was_said_before(&speaker.source, speaker.at);
        for decision in unit.decisions.iter_mut().filter(before) {
            if decision.actor.id == speaker.actor.id || lifts {
                decision.void = Some(Void::Lifted { by: by.clone(), at: now });
            }
        }
        self.decide(number, speaker, DecisionKind::Lift);
    }

    fn depend(&mut self, number: PrNumber, other: PrNumber, needs: bool) {
        if let Some(unit) = self.state.units.get_mut(&number) {
            let (wanted, unwanted) =
                if needs { (&mut unit.after, &mut unit.not_after) } else { (&mut unit.not_after, &mut unit.after) };
            unwanted.remove(&other);
            wanted.insert(other);
            self.state.relations.put(unit);
        }
        self.touch(number);
    }

    fn retry(&mut self, number: PrNumber) {
        if let Some(unit) = self.state.units.get_mut(&number) {
            unit.trouble = None;
            unit.comment.trouble = None;
            unit.label = unit.label.take().filter(|label| !label.given_up);
            let sha = unit.head.sha.clone();
            if let Some(check) = self.state.checks.get_mut(&sha) {
                check.trouble = None;
                check.again = true;
            }
        }
        self.touch(number);
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only three commands ask")]
    fn ask(&mut self, number: PrNumber, command: &Command, key: &str) -> Outcome {
        let Some(unit) = self.state.unit(number) else {
            return Outcome::Refused("this pull request is not known".to_owned());
        };
        let words = self.context.words;
        let brief = brief_of(self.state, self.context, unit, self.now);
        Outcome::Asked(match command {
            Command::Why => words.why(&brief, self.context.pages_url.as_deref(), key),
            Command::Plan => words.plan(&brief, &plan(self.state, self.context, &unit.base.branch, self.now), key),
            _ => words.help(key),
        })
    }

    /// Reactions for comments, and one short reply where something was refused or asked.
    pub(in crate::domain::govern) fn answer(
        &mut self,
        number: PrNumber,
        speaker: &Speaker<'_>,
        word: &str,
        outcomes: Vec<Outcome>,
    ) {
        if speaker.source == Source::Page {
            return self.answer_on_page(number, speaker, word, &outcomes);
        }
        let refused = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Refused(_)));
        let (login, key) = (speaker.actor.login.clone(), &speaker.key);
        if let Source::Comment { id } = speaker.source {
            let last = if refused { Reaction::Confused } else { Reaction::Rocket };
            for reaction in [Reaction::Eyes, last] {
                let order = if reaction == Reaction::Eyes { 0 } else { 1 };
                let call = ActionCall::React { comment: id, reaction };
                self.act(number, format!("{order}:react:{key}"), call, format!("/{word}"), login.clone());
            }
        }
        let texts: Vec<String> = outcomes
            .into_iter()
            .filter_map(|outcome| match outcome {
                Outcome::Granted => None,
                Outcome::Refused(sentence) => Some(self.context.words.refusal(word, &sentence, key)),
                Outcome::Asked(text) => Some(text),
            })
            .collect();
        if !texts.is_empty() {
            let body = texts.join("\n\n");
            self.act(number, format!("2:reply:{key}"), ActionCall::Reply { number, body }, format!("/{word}"), login);
        }
    }
}

const fn name(command: &Command) -> &'static str {
    match command {
        Command::Confirm { .. } => "confirm",
        Command::Refuse { .. } => "refuse",
        Command::Hold { .. } => "hold",
        Command::Lift => "lift",
        Command::Why => "why",
        Command::Plan => "plan",
        Command::Help => "help",
        Command::Retry => "retry",
        Command::After(_) => "after",
        Command::NotAfter(_) => "not-after",
        Command::Priority(_) => "priority",
        Command::Revert { .. } => "revert",
        Command::Remember(_) => "remember",
        Command::Forget(_) => "forget",
        Command::NearMiss { .. } => "command",
    }
}
