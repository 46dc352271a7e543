//! Turns what people say into decisions: who may, on which head, and what they are answered.

use jiff::SignedDuration;
use serde_json::json;

use super::brief::brief_of;
use super::command::{Command, commands};
use super::event::{Actor, Button, CommentSeen, ReviewAction, ReviewSeen, ReviewState};
use super::facts::{Fact, Facts, Need, Right};
use super::observe::{take_review, void};
use super::owed::{ActionCall, Reaction};
use super::plan::plan;
use super::settle::Work;
use super::voices::{Voices, is_heard};
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::policy::{self, Requirement};
use crate::domain::unit::{Decision, DecisionKind, Source, Unit, Void};

/// Somebody who says something about a unit.
struct Speaker<'a> {
    actor: &'a Actor,
    /// Their right, or why it is not known.
    right: Result<Right, String>,
    at: Timestamp,
    source: Source,
    /// Names what they said, for ids: `comment:1`.
    key: String,
}

/// How a command was answered.
enum Outcome {
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
        let counts = commit == Some(&unit.head.sha)
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

    fn hear(&mut self, number: PrNumber, speaker: &Speaker<'_>, spoken: Vec<Command>) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        if !unit.handled.insert(speaker.key.clone()) {
            return;
        }
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
            Err("it is closed; reopen it first".to_owned())
        };
        if let Err(sentence) = verdict {
            let data = json!({ "command": word, "why": sentence });
            self.record(number, &speaker.actor.login, "command_refused", data);
            return Outcome::Refused(sentence);
        }
        match command {
            Command::Confirm { .. } => self.decide_once(number, speaker, DecisionKind::Confirm),
            Command::Refuse { reason } if reason.is_empty() => {
                self.decide(
                    number,
                    speaker,
                    DecisionKind::Hold { until: None, reason: "refused, the reason is still to come".to_owned() },
                );
                return Outcome::Refused("it is stopped; say why with `/refuse <reason>`".to_owned());
            }
            Command::Refuse { reason } => self.decide(number, speaker, DecisionKind::Refuse { reason }),
            Command::Hold { until, reason } => self.decide(number, speaker, DecisionKind::Hold { until, reason }),
            Command::Lift => self.lift(number, speaker),
            Command::After(other) => self.depend(number, other, true),
            Command::NotAfter(other) => self.depend(number, other, false),
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

    /// Whether this person may give this command on this unit now; else one sentence.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only these ask for more than the right")]
    fn may(&self, unit: &Unit, speaker: &Speaker<'_>, command: &Command) -> Result<(), String> {
        let right = speaker
            .right
            .as_ref()
            .map_err(|because| format!("your permission could not be read ({because}); try again in a moment"))?;
        let is_author = unit.is_author(speaker.actor);
        let own_hold = is_author
            && matches!(command, Command::Hold { .. } | Command::Retry | Command::After(_) | Command::NotAfter(_));
        let own_lift = is_author && *command == Command::Lift;
        let standing = self.confirms_count(unit, speaker, *right);
        if let Command::Confirm { sha } = command {
            standing?;
            return self.may_confirm(unit, speaker, sha.as_deref());
        }
        if *right < Right::Write && standing.is_err() && !own_hold && !own_lift {
            return Err("that takes write access to this repository".to_owned());
        }
        match command {
            Command::Lift => may_lift(unit, speaker, self.lifts(unit, speaker), self.now),
            Command::Priority(Some(level)) => self.known_level(level),
            _ => Ok(()),
        }
    }

    fn known_level(&self, level: &str) -> Result<(), String> {
        let levels = &self.state.policy(self.context).standard.file.priorities;
        if levels.contains_key(level) {
            return Ok(());
        }
        let names: Vec<String> = levels.keys().map(|name| format!("`{name}`")).collect();
        Err(if names.is_empty() {
            "the policy names no `priorities`".to_owned()
        } else {
            format!("the policy names the levels {}", names.join(", "))
        })
    }

    fn lifts(&self, unit: &Unit, speaker: &Speaker<'_>) -> bool {
        Voices::of(self.state, unit, self.context).may_lift(&speaker.actor.login) == policy::Verdict::Met
    }

    /// Whether a confirm of this person would count for anything that the policy asks for; else one sentence.
    fn confirms_count(&self, unit: &Unit, speaker: &Speaker<'_>, right: Right) -> Result<(), String> {
        let evaluation = self.state.evaluate(unit, self.context, self.now);
        let facts = self.state.facts_of(unit, self.context, self.now);
        let asked: Vec<_> = evaluation
            .requirements
            .iter()
            .filter_map(|outcome| match &outcome.requirement {
                Requirement::Confirm(confirm) => Some(confirm),
                _ => None,
            })
            .collect();
        if asked.is_empty() && right >= Right::Write {
            return Ok(());
        }
        let login = &speaker.actor.login;
        let may: Vec<_> = asked.iter().map(|confirm| policy::may_confirm(confirm, login, false, &facts)).collect();
        if may.iter().any(|may| may.verdict == policy::Verdict::Met) {
            return Ok(());
        }
        if may.iter().any(|may| may.verdict == policy::Verdict::Unknown) {
            return Err("whether you may could not be read; try again in a moment".to_owned());
        }
        let authors = asked.iter().all(|confirm| !confirm.author) && facts.is_author(login);
        let plain = |who: &policy::file::Who| matches!(who, policy::file::Who::Right(Right::Write));
        match () {
            () if authors && !asked.is_empty() => Err(
                "authors do not confirm their own change; where you are the only one with write access, a policy with \
                 `confirm: {author: true}` allows it"
                    .to_owned(),
            ),
            () if asked.iter().all(|confirm| confirm.by.iter().chain(&confirm.each).all(plain)) => {
                Err("that takes write access to this repository".to_owned())
            }
            () => Err(may.into_iter().next().map_or_else(String::new, |may| may.why)),
        }
    }

    /// Whether a confirm counts for what was shown: nobody confirms a push they have not seen.
    fn may_confirm(&self, unit: &Unit, speaker: &Speaker<'_>, sha: Option<&str>) -> Result<(), String> {
        if let Some(stop) = unit.stopped_by(self.now) {
            let by = &stop.actor.login;
            return Err(format!("it was stopped by {by} ({}); `/lift` it first", stop.word()));
        }
        if unit.draft {
            return Err("it is a draft; mark it ready for review first".to_owned());
        }
        let head = &unit.head.sha;
        let again = format!("look at {} and confirm it with `/confirm {}`", head.short(), head.twelve());
        if let Some(digits) = sha {
            return named_head(unit, digits).map_err(|why| format!("{why}; {again}"));
        }
        let Some(shown) = unit.shown.as_ref().filter(|shown| shown.sha == *head) else {
            return Err(format!(
                "the head is {} now, and no suggestion for it had been shown when you wrote; {again}",
                head.short()
            ));
        };
        if speaker.at <= shown.at {
            return Err(format!("the suggestion for {} was not shown yet when you wrote; {again}", head.short()));
        }
        let asked = || SignedDuration::from_secs(self.state.evaluate(unit, self.context, self.now).dwell_seconds);
        let dwell = if shown.replaced { asked() } else { SignedDuration::ZERO };
        if speaker.at.duration_since(shown.at) < dwell {
            return Err(format!("the head became {} just before you wrote; {again}", head.short()));
        }
        Ok(())
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

    fn decide(&mut self, number: PrNumber, speaker: &Speaker<'_>, kind: DecisionKind) {
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
        for other in unit.decisions.iter_mut().filter(same_person).filter(|other| stops || other.stops(now)) {
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
        for decision in unit.decisions.iter_mut().filter(|decision| decision.stops(now)) {
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

    /// Everybody's confirm is void.
    pub(super) fn void_confirms(&mut self, number: PrNumber, why: &Void) {
        if let Some(unit) = self.state.units.get_mut(&number) {
            void(unit, why, |kind| matches!(kind, DecisionKind::Confirm | DecisionKind::Approve));
        }
        self.touch(number);
    }
}

fn right(facts: &Facts, login: &str) -> Result<Right, String> {
    match facts.get(&Need::Permission(login.to_owned())) {
        Some(Fact::Permission(permission)) => Ok(permission.right),
        Some(Fact::Unknown(unknown)) => Err(unknown.because.clone()),
        Some(_) | None => Err("it was not read".to_owned()),
    }
}

/// Twelve digits or more that match exactly one of all heads this unit ever had, the current one.
fn named_head(unit: &Unit, digits: &str) -> Result<(), String> {
    if digits.len() < 12 {
        return Err("give at least the first 12 digits of the commit".to_owned());
    }
    let matching: Vec<&CommitSha> =
        unit.heads.iter().map(|head| &head.sha).filter(|sha| sha.as_str().starts_with(digits)).collect();
    match matching.as_slice() {
        [] => Err("that is none of its commits".to_owned()),
        all if all.iter().any(|sha| **sha != unit.head.sha) && all.contains(&&unit.head.sha) => {
            Err("those digits fit more than one of its heads".to_owned())
        }
        all if all.contains(&&unit.head.sha) => Ok(()),
        _ => Err("that head was replaced by a newer one".to_owned()),
    }
}

/// `/lift` is for the person who held or refused, and for whom the policy names (`lift.by`: maintain and admin, unless it says
/// otherwise); never for the author, except of their own hold.
fn may_lift(unit: &Unit, speaker: &Speaker<'_>, lifts: bool, now: Timestamp) -> Result<(), String> {
    let stops: Vec<&Decision> = unit.decisions.iter().filter(|decision| decision.stops(now)).collect();
    let Some(last) = stops.last() else { return Err("nothing holds it".to_owned()) };
    let own = stops.iter().any(|decision| decision.actor.id == speaker.actor.id);
    if unit.is_author(speaker.actor) && !own {
        return Err(format!("authors lift only a hold of their own; ask {}", last.actor.login));
    }
    if own || lifts {
        return Ok(());
    }
    Err(format!("only {} or a maintainer lifts it", last.actor.login))
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
        Command::NearMiss { .. } => "command",
    }
}
