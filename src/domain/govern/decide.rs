//! Turns what people say into decisions: who may, on which head, and what they are answered.

use serde_json::json;

use super::brief::brief_of;
use super::command::{Command, commands};
use super::event::Actor;
use super::facts::{Fact, Facts, Need};
use super::observe::{take_review, void};
use super::owed::{ActionCall, Reaction};
use super::plan::plan;
use super::right::Right;
use super::seen::{Button, CommentSeen, ReviewAction, ReviewSeen, ReviewState};
use super::settle::Work;
use super::voices::{Voices, is_heard};
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::policy;
use crate::domain::unit::{Decision, DecisionKind, Source, Void};

/// Somebody who says something about a unit.
pub(super) struct Speaker<'a> {
    pub(super) actor: &'a Actor,
    /// Their right, or why it is not known.
    pub(super) right: Result<Right, String>,
    pub(super) at: Timestamp,
    pub(super) source: Source,
    /// Names what they said, for ids: `comment:1`.
    pub(super) key: String,
}

/// How a command was answered.
pub(super) enum Outcome {
    Granted,
    /// One sentence that says why not.
    Refused(String),
    /// It was asked: this is the answer.
    Asked(String),
}

impl Work<'_> {
    /// A comment was written on a pull request.
    pub(super) fn take_comment(&mut self, comment: &CommentSeen, facts: &Facts) {
        let spoken = commands(&comment.body, self.now);
        if spoken.is_empty()
            || comment.author.login == self.context.app.bot_login
            || !is_heard(self.state, self.context, &comment.author)
        {
            return;
        }
        let speaker = Speaker {
            actor: &comment.author,
            right: right(facts, &comment.author.login),
            at: comment.created_at,
            source: Source::Comment { id: comment.id },
            key: format!("comment:{}", comment.id),
        };
        if comment.edited {
            let sentence = "an edited comment is not obeyed; write the command as a new comment".to_owned();
            return self.answer(comment.number, &speaker, "that", vec![Outcome::Refused(sentence)]);
        }
        self.hear(comment.number, &speaker, spoken);
    }

    /// A review was submitted or dismissed.
    pub(super) fn take_review_event(
        &mut self,
        number: PrNumber,
        action: ReviewAction,
        review: &ReviewSeen,
        facts: &Facts,
    ) {
        if let Some(author) = &review.author {
            self.recognise(number, author);
        }
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        take_review(unit, review);
        let Some(author) = &review.author else { return };
        let revokes = action == ReviewAction::Dismissed || review.state == ReviewState::ChangesRequested;
        if revokes {
            let mine = unit
                .decisions
                .iter_mut()
                .filter(|decision| decision.actor.login == author.login && decision.void.is_none());
            for decision in mine.filter(|decision| decision.kind == DecisionKind::Approve) {
                decision.void = Some(Void::Dismissed);
            }
        }
        self.touch(number);
        if action != ReviewAction::Submitted || !is_heard(self.state, self.context, author) {
            return;
        }
        let key = format!("review:{}", review.id);
        let speaker = Speaker {
            actor: author,
            right: right(facts, &author.login),
            at: review.submitted_at,
            source: Source::Review,
            key,
        };
        if review.state == ReviewState::Approved {
            self.approve(number, &speaker, review.commit.as_ref());
        }
        let spoken = commands(&review.body, self.now);
        if !spoken.is_empty() {
            self.hear(number, &speaker, spoken);
        }
    }

    fn approve(&mut self, number: PrNumber, speaker: &Speaker<'_>, commit: Option<&CommitSha>) {
        let Some(unit) = self.state.unit(number).filter(|unit| unit.is_open()) else { return };
        let of_this_head = commit == Some(&unit.head.sha) && unit.reopened_at.is_none_or(|since| speaker.at >= since);
        if of_this_head && self.doubt(number, speaker, false) {
            return;
        }
        let Some(unit) = self.state.unit(number) else { return };
        let counts = of_this_head
            && speaker.right.is_ok()
            && !unit.confirms().any(|decision| decision.actor.id == speaker.actor.id)
            && Voices::of(self.state, unit, self.context).may(&speaker.actor.login, true) == policy::Verdict::Met;
        if counts {
            self.decide(number, speaker, DecisionKind::Approve);
        }
    }

    /// A button of our check run was pressed.
    pub(super) fn take_button(
        &mut self,
        button: Button,
        sha: &CommitSha,
        click: &str,
        sender: Option<&Actor>,
        facts: &Facts,
    ) {
        let Some(actor) = sender.filter(|sender| is_heard(self.state, self.context, sender)) else { return };
        let units: Vec<PrNumber> = self.state.units_at(sha).map(|unit| unit.number).collect();
        let several = units.len() > 1;
        for number in units {
            self.speak_of(number);
            self.take_people(number, facts);
            let speaker = Speaker {
                actor,
                right: right(facts, &actor.login),
                at: self.now,
                source: Source::Button,
                key: format!("click:{click}"),
            };
            let command = match button {
                Button::Confirm if several => {
                    let sentence =
                        "several pull requests share this commit; confirm the one you mean by a comment on it"
                            .to_owned();
                    self.answer(number, &speaker, "confirm", vec![Outcome::Refused(sentence)]);
                    continue;
                }
                // A click counts for the suggestion of the run it was made on, so for that commit.
                Button::Confirm => Command::Confirm { sha: Some(sha.to_string()) },
                Button::Refuse => Command::Refuse { reason: String::new() },
                Button::Hold => Command::Hold { until: None, reason: String::new() },
            };
            self.hear(number, &speaker, vec![command]);
        }
    }

    pub(super) fn hear(&mut self, number: PrNumber, speaker: &Speaker<'_>, spoken: Vec<Command>) {
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

    pub(super) fn decide(&mut self, number: PrNumber, speaker: &Speaker<'_>, kind: DecisionKind) {
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
    fn answer(&mut self, number: PrNumber, speaker: &Speaker<'_>, word: &str, outcomes: Vec<Outcome>) {
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

    /// Those who confirmed as they are now: a decision by somebody who may no longer confirm does not count.
    pub(super) fn renew_rights(&mut self, number: PrNumber, facts: &Facts) {
        let now = self.now;
        self.take_people(number, facts);
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        for decision in unit.decisions.iter_mut().filter(|decision| decision.void.is_none()) {
            if let Ok(right) = right(facts, &decision.actor.login) {
                (decision.right, decision.right_at) = (right, now);
            }
        }
        let Some(unit) = self.state.unit(number) else { return };
        let voices = Voices::of(self.state, unit, self.context);
        let gone = |decision: &&Decision| {
            let review = decision.kind == DecisionKind::Approve;
            voices.may(&decision.actor.login, review) == policy::Verdict::Unmet
        };
        let lost: Vec<String> = unit.confirms().filter(gone).map(|decision| decision.actor.login.clone()).collect();
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let confirms = |decision: &&mut Decision| {
            decision.void.is_none() && matches!(decision.kind, DecisionKind::Confirm | DecisionKind::Approve)
        };
        for decision in unit.decisions.iter_mut().filter(confirms) {
            if lost.contains(&decision.actor.login) {
                decision.void = Some(Void::RightLost);
            }
        }
        for login in lost {
            self.record(number, "github", "right_lost", json!({ "login": login }));
        }
        self.touch(number);
    }

    /// It was reopened at `at`, though nobody may have told that it was closed: what was confirmed before does not count, also where it is
    /// heard of only now.
    pub(super) fn reopened(&mut self, number: PrNumber, at: Timestamp) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.reopened_at = unit.reopened_at.max(Some(at));
        let before = |decision: &&mut Decision| decision.void.is_none() && decision.at < at;
        for decision in unit.decisions.iter_mut().filter(before) {
            if matches!(decision.kind, DecisionKind::Confirm | DecisionKind::Approve) {
                decision.void = Some(Void::Reopened);
            }
        }
        self.touch(number);
    }

    /// Everybody's confirm is void.
    pub(super) fn void_confirms(&mut self, number: PrNumber, why: &Void) {
        if let Some(unit) = self.state.units.get_mut(&number) {
            void(unit, why, |kind| matches!(kind, DecisionKind::Confirm | DecisionKind::Approve));
        }
        self.touch(number);
    }
}

pub(super) fn right(facts: &Facts, login: &str) -> Result<Right, String> {
    match facts.get(&Need::Permission(login.to_owned())) {
        Some(Fact::Permission(permission)) => Ok(permission.right),
        Some(Fact::Unknown(unknown)) => Err(unknown.because.clone()),
        Some(_) | None => Err("it was not read".to_owned()),
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
