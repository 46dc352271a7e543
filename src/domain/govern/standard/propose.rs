//! Pull requests against the policy file: `/remember` writes a lesson, `/forget` retires one. Never on the default branch itself.
//!
//! Each step is one call that may be repeated: the branch is named after what was said, so that a step that was done already shows itself.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::govern::owed::{ActionCall, Fault, OwedKey, Written};
use crate::domain::govern::said::decide::Outcome;
use crate::domain::govern::said::spoken::Speaker;
use crate::domain::govern::seen::Seen;
use crate::domain::govern::seen::facts::{Fact, Facts, Need};
use crate::domain::govern::settle::Work;
use crate::domain::ids::{CommitSha, PrNumber};
use crate::domain::policy::file::{AuthorIs, Autonomy, Lesson, LessonSource, Many, Moment, Retired, Rule, When};
use crate::domain::policy::lessons::{Cause, EditError, Taught, add_lesson, add_rule, draft, retire_lesson};
use crate::domain::policy::record::{AutonomySuggestion, Suggests};
use crate::domain::unit::{Decision, DecisionKind, Entry, Phase, Source, Unit, Void};

/// A change of the policy file that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What to write.
    pub edit: PolicyEdit,
    /// Who asked for it: they count as its author.
    pub by: String,
    /// The unit on which they did.
    pub unit: PrNumber,
    /// The branch that carries it.
    pub branch: String,
    /// The one line that names it.
    pub title: String,
    /// Why, for people: Markdown.
    pub body: String,
    /// What is to be done next.
    pub step: ProposalStep,
}

/// What is written into the policy file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum PolicyEdit {
    /// A new lesson, as the file has it.
    Remember {
        /// The lesson.
        lesson: Value,
    },
    /// A new rule, as the file has it: what the record of another one suggests.
    Rule {
        /// The rule.
        rule: Value,
    },
    /// A lesson no longer counts.
    Forget {
        /// Its name.
        name: String,
        /// Who said so, when, why.
        retired: Retired,
    },
}

/// A step of a proposal. Each but the first is one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ProposalStep {
    /// The file is read and the change worked out.
    Edit,
    /// A branch is made.
    Branch {
        /// Where it begins.
        from: CommitSha,
        /// What comes next.
        file: NewFile,
    },
    /// The file is written there.
    File {
        /// How.
        file: NewFile,
    },
    /// The pull request is opened.
    Pull {
        /// Where it wants to land.
        base: String,
    },
}

/// The policy file as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFile {
    /// Where it wants to land.
    pub base: String,
    /// The blob it replaces; none where there is no such file yet.
    pub blob: Option<String>,
    /// Its text.
    pub text: String,
}

/// A lesson and when it stops to count: `... until 2026-12-31`.
fn until(said: &str) -> (&str, Option<Moment>) {
    let parted = said.rsplit_once("until ").and_then(|(lesson, date)| Some((lesson, moment(date.trim())?)));
    parted.map_or((said, None), |(lesson, moment)| (lesson.trim(), Some(moment)))
}

fn moment(date: &str) -> Option<Moment> {
    Moment::try_from(date.trim_end_matches('.').to_owned()).ok()
}

impl PolicyEdit {
    /// The changed text of the file.
    fn apply(&self, text: &str) -> Result<String, EditError> {
        match self {
            Self::Remember { lesson } => {
                let lesson: Lesson = serde_json::from_value(lesson.clone()).map_err(|_| EditError::Unsafe)?;
                add_lesson(text, &lesson)
            }
            Self::Rule { rule } => {
                let rule: Rule = serde_json::from_value(rule.clone()).map_err(|_| EditError::Unsafe)?;
                add_rule(text, &rule)
            }
            Self::Forget { name, retired } => retire_lesson(text, name, retired),
        }
    }
}

/// What must be read before a proposal can go on.
pub(in crate::domain::govern) fn needs(proposal: &Proposal, default_branch: Option<&String>) -> Vec<Need> {
    match proposal.step {
        ProposalStep::Edit => {
            default_branch.map(|branch| Need::BranchHead(branch.clone())).into_iter().chain([Need::Policy]).collect()
        }
        ProposalStep::Branch { .. } | ProposalStep::File { .. } | ProposalStep::Pull { .. } => Vec::new(),
    }
}

/// The newest decision that teaches something: a refusal, a confirm after which evidence turned red, or one that a push made void.
pub(super) fn teaching(unit: &Unit) -> Option<(&Decision, Cause)> {
    let red = |decision: &Decision| -> Vec<String> {
        let failing = unit.evidence.iter().filter(|evidence| evidence.state == Seen::Failing);
        let later = failing.filter(|evidence| evidence.at.is_some_and(|at| at > decision.at));
        later.map(|evidence| evidence.name.clone()).take(3).collect()
    };
    unit.decisions.iter().rev().find_map(|decision| match (&decision.kind, &decision.void) {
        (DecisionKind::Refuse { .. }, _) => Some((decision, Cause::Refused)),
        (DecisionKind::Revert { .. }, _) => Some((decision, Cause::RolledBack)),
        (DecisionKind::Confirm, Some(Void::Pushed)) => Some((decision, Cause::PushedAfterConfirm)),
        (DecisionKind::Confirm, None) if unit.aftermath.landed_otherwise() => Some((decision, Cause::LandedOtherwise)),
        (DecisionKind::Confirm, None) => {
            let names = red(decision);
            (!names.is_empty()).then_some((decision, Cause::TurnedRed(names)))
        }
        _ => None,
    })
}

impl Work<'_> {
    /// `/remember [lesson]`: without words the reason of the last refusal is the lesson.
    pub(in crate::domain::govern) fn remember(
        &mut self,
        number: PrNumber,
        speaker: &Speaker<'_>,
        said: &str,
    ) -> Outcome {
        let Some(unit) = self.state.unit(number) else { return Outcome::Granted };
        let taught = teaching(unit).map(|(decision, cause)| (decision.reason().unwrap_or_default().to_owned(), cause));
        let (said, expires) = until(said);
        let reason = if said.is_empty() { taught.as_ref().map_or("", |(reason, _)| reason) } else { said }.to_owned();
        if reason.is_empty() {
            return Outcome::Refused("say what to remember: `/remember <lesson>`".to_owned());
        }
        let cause = taught.map_or(Cause::Refused, |(_, cause)| cause);
        let lesson = Lesson { expires, ..self.lesson(unit, speaker, cause, &reason) };
        if lesson.when.is_empty() {
            return Outcome::Refused("what this unit touches is not known yet; try again in a moment".to_owned());
        }
        let Ok(value) = serde_json::to_value(&lesson) else { return Outcome::Granted };
        let title = format!("Policy: remember \"{}\"", lesson.name);
        let body = self.context.words.lesson(&lesson, &format!("#{number}"), &speaker.actor.login);
        self.propose(number, speaker, PolicyEdit::Remember { lesson: value }, "remember", &title, body)
    }

    /// `/forget <lesson>`.
    pub(in crate::domain::govern) fn forget(&mut self, number: PrNumber, speaker: &Speaker<'_>, name: &str) -> Outcome {
        if name.is_empty() {
            return Outcome::Refused("name the lesson: `/forget <lesson>`, as `/why` lists it".to_owned());
        }
        let date = self.now.strftime("%Y-%m-%d").to_string();
        let retired = Retired { by: speaker.actor.login.clone(), date, why: None };
        let body = self.context.words.forgotten(name, &format!("#{number}"), &speaker.actor.login);
        let title = format!("Policy: forget \"{name}\"");
        self.propose(number, speaker, PolicyEdit::Forget { name: name.to_owned(), retired }, "forget", &title, body)
    }

    /// What the record of a rule suggests, as a pull request to the policy: never by itself, and once for each suggestion.
    pub(super) fn propose_autonomy(&mut self, number: PrNumber, suggestion: &AutonomySuggestion) {
        let file = &self.state.policy(self.context).standard.file;
        let Some(rule) = file.rules.iter().find(|rule| rule.name == suggestion.rule) else { return };
        let (kind, autonomy, word) = match suggestion.suggests {
            // A rule that asks for a confirm keeps a person in whatever another one permits.
            Suggests::Widen if !rule.require.confirm.0.is_empty() || rule.autonomy.is_some() => return,
            Suggests::Widen => (suggestion.author.word(), Autonomy::Auto, "lands by itself"),
            Suggests::Narrow => (suggestion.author.word(), Autonomy::Confirm, "is confirmed by a person"),
        };
        let author = Some(AuthorIs {
            kind: Some(Many(vec![suggestion.author])),
            ..rule.when.author.clone().unwrap_or_default()
        });
        let new = Rule {
            name: format!("{}: {kind} {word}", rule.name),
            why: Some(suggestion.why.clone()),
            when: When { author, ..rule.when.clone() },
            autonomy: Some(autonomy),
            ..Rule::default()
        };
        if !self.state.repo.suggested.insert(new.name.clone()) {
            return;
        }
        self.changes.repo = true;
        let Ok(value) = serde_json::to_value(&new) else { return };
        let body = self.context.words.widened(&new, &suggestion.why);
        let key = format!("autonomy-{}", self.state.repo.suggested.len());
        let proposal = Proposal {
            edit: PolicyEdit::Rule { rule: value },
            by: self.context.app.bot_login.clone(),
            unit: number,
            branch: format!("flyball/{key}"),
            title: format!("Policy: {}", new.name).chars().take(200).collect(),
            body,
            step: ProposalStep::Edit,
        };
        let by = self.context.app.bot_login.clone();
        self.act(number, format!("3:{key}"), ActionCall::Propose(Box::new(proposal)), suggestion.why.clone(), by);
    }

    /// The lesson as it would be written.
    fn lesson(&self, unit: &Unit, speaker: &Speaker<'_>, cause: Cause, reason: &str) -> Lesson {
        let place = format!("{}/{}/pull/{}", self.context.web_url, self.state.full_name(), unit.number);
        let comment = match speaker.source {
            Source::Comment { id } => Some(format!("{place}#issuecomment-{id}")),
            Source::Review | Source::Button | Source::Page => None,
        };
        let source = LessonSource {
            unit: format!("{}#{}", self.state.full_name(), unit.number),
            comment,
            person: speaker.actor.login.clone(),
            date: self.now.strftime("%Y-%m-%d").to_string(),
        };
        let facts = self.state.facts_of(unit, self.context, self.now);
        draft(&facts, Taught { cause, reason, source, expires: None }, &self.state.names(self.context))
    }

    fn propose(
        &mut self,
        number: PrNumber,
        speaker: &Speaker<'_>,
        edit: PolicyEdit,
        word: &str,
        title: &str,
        body: String,
    ) -> Outcome {
        let key = speaker.key.replace(':', "-");
        let branch = format!("flyball/{word}-{number}-{key}");
        let by = speaker.actor.login.clone();
        let title = title.chars().take(200).collect();
        let proposal = Proposal { edit, by: by.clone(), unit: number, branch, title, body, step: ProposalStep::Edit };
        self.act(
            number,
            format!("3:{word}:{}", speaker.key),
            ActionCall::Propose(Box::new(proposal)),
            format!("/{word}"),
            by,
        );
        Outcome::Granted
    }

    /// Works the change out on the file as it is now; `None` where the call must not go out.
    pub(in crate::domain::govern) fn begin_proposal(
        &mut self,
        number: PrNumber,
        id: &str,
        facts: &Facts,
    ) -> Option<()> {
        let ActionCall::Propose(proposal) = self.state.unit(number)?.ledger.get(id)?.call.clone() else {
            return Some(());
        };
        if proposal.step != ProposalStep::Edit {
            return Some(());
        }
        let base = self.state.repo.default_branch.clone();
        let head = base.as_ref().and_then(|base| facts.get(&Need::BranchHead(base.clone())));
        let (Some(base), Some(Fact::Head(from)), Some(Fact::Policy(seen))) = (base, head, facts.get(&Need::Policy))
        else {
            self.put_off(number, id);
            return None;
        };
        let (blob, text) =
            seen.file.clone().map_or((None, "version: 1\n".to_owned()), |(blob, text)| (Some(blob), text));
        match proposal.edit.apply(&text) {
            Ok(text) => {
                let file = NewFile { base, blob, text };
                self.go_on(number, id, *proposal, ProposalStep::Branch { from: from.clone(), file });
                Some(())
            }
            Err(error) => {
                self.close(number, id, "refused", "the policy file cannot be changed that way");
                self.answer_proposal(number, id, &proposal, &error.to_string());
                None
            }
        }
    }

    fn go_on(&mut self, number: PrNumber, id: &str, proposal: Proposal, step: ProposalStep) {
        let Some(entry) = self.state.units.get_mut(&number).and_then(|unit| unit.ledger.get_mut(id)) else { return };
        entry.call = ActionCall::Propose(Box::new(Proposal { step, ..proposal }));
        (entry.phase, entry.tries) = (Phase::Owed, 0);
        self.changes.units.insert(number);
    }

    /// A step was done: the next one is owed, or it is open and people are told where.
    pub(in crate::domain::govern) fn proposal_done(
        &mut self,
        number: PrNumber,
        id: &str,
        proposal: &Proposal,
        written: &Written,
    ) {
        let next = match &proposal.step {
            ProposalStep::Edit => None,
            ProposalStep::Branch { file, .. } => Some(ProposalStep::File { file: file.clone() }),
            ProposalStep::File { file } => Some(ProposalStep::Pull { base: file.base.clone() }),
            ProposalStep::Pull { .. } => None,
        };
        if let Some(step) = next {
            self.go_on(number, id, proposal.clone(), step);
            return self.changes.owe.push((OwedKey::Action { number, id: id.to_owned() }, self.now));
        }
        let opened = if let Written::Opened { number } = written { Some(*number) } else { None };
        if let Some(opened) = opened {
            self.state.repo.asked.insert(opened, proposal.by.clone());
            self.changes.repo = true;
            if self.state.unit(opened).is_some() {
                self.touch(opened);
            }
        }
        self.close(number, id, "done", &proposal.title);
        let place = opened.map_or_else(|| format!("the branch `{}`", proposal.branch), |opened| format!("#{opened}"));
        let sentence = format!("{place} changes the policy file; it counts once that is merged.");
        let (key, by) = (id.to_owned(), proposal.by.clone());
        let body = self.context.words.note(&sentence, opened.as_slice(), &key);
        self.act(number, format!("4:reply:{key}"), ActionCall::Reply { number, body }, "answer".to_owned(), by);
    }

    /// GitHub refused a step: that it was done already is as good as done, else people are told in its words. Whether it was dealt with.
    pub(in crate::domain::govern) fn proposal_refused(
        &mut self,
        number: PrNumber,
        id: &str,
        entry: &Entry,
        fault: Fault,
        message: &str,
    ) -> bool {
        let ActionCall::Propose(proposal) = &entry.call else { return false };
        let text = message.to_ascii_lowercase();
        let there = fault == Fault::Invalid && text.contains("already exists");
        let written = matches!(proposal.step, ProposalStep::File { .. })
            && entry.tries > 1
            && (text.contains("does not match") || text.contains("sha"));
        if there || written {
            self.proposal_done(number, id, proposal, &Written::Done);
            return true;
        }
        if matches!(fault, Fault::Transient | Fault::Unauthorised | Fault::Limited { .. }) {
            return false;
        }
        self.close(number, id, "refused", message);
        let said: String = message.chars().filter(|c| !c.is_control()).take(200).collect();
        self.answer_proposal(number, id, proposal, &format!("GitHub refused it: \"{said}\""));
        true
    }

    fn answer_proposal(&mut self, number: PrNumber, id: &str, proposal: &Proposal, sentence: &str) {
        let word = match proposal.edit {
            PolicyEdit::Remember { .. } => "remember",
            PolicyEdit::Forget { .. } => "forget",
            PolicyEdit::Rule { .. } => "policy",
        };
        let body = self.context.words.refusal(word, sentence, id);
        let id = format!("4:reply:{id}");
        self.act(number, id, ActionCall::Reply { number, body }, format!("/{word}"), proposal.by.clone());
        self.record(number, "flyball", "not_proposed", json!({ "why": sentence }));
    }
}
