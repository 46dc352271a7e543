//! What the repository learns from its units: refusals that repeat, lessons that fire, and how far each rule may be trusted.

use super::propose::teaching;
use crate::domain::govern::context::Context;
use crate::domain::govern::owed::ActionCall;
use crate::domain::govern::said::spoken::Speaker;
use crate::domain::govern::seen::PullState;
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::policy::facts::AuthorKind;
use crate::domain::policy::file::LessonSource;
use crate::domain::policy::lessons::{Cause, Refusal, Taught, draft, fired_line, repeated, written};
use crate::domain::policy::record::Ended;
use crate::domain::unit::{Decision, DecisionKind, LessonOffer, Unit, Void};

/// How many bytes of facts a trace keeps of a unit.
const FACTS: usize = 64 * 1024;
/// How many landings are remembered with the rules they landed under, for a revert that names them.
const LANDED: usize = 500;
/// How many refusals are remembered.
const REFUSALS: usize = 200;

/// The rule that `/remember` without words would write for a unit, where something happened that teaches one.
pub(in crate::domain::govern) fn offer(
    state: &State,
    unit: &Unit,
    context: &Context,
    now: Timestamp,
) -> Option<LessonOffer> {
    let (decision, cause) = teaching(unit).filter(|(decision, _)| {
        // What was lifted, or answered again since, teaches nothing any more.
        decision.void.is_none() || decision.void == Some(Void::Pushed) && unit.confirms().next().is_none()
    })?;
    let told = decision.reason().filter(|reason| !reason.is_empty()).map(str::to_owned);
    let reason = &told.or_else(|| near_miss(decision, &cause))?;
    let source = LessonSource {
        unit: format!("{}#{}", state.full_name(), unit.number),
        comment: None,
        person: decision.actor.login.clone(),
        date: decision.at.strftime("%Y-%m-%d").to_string(),
    };
    let facts = state.facts_of(unit, context, now);
    let lesson = draft(&facts, Taught { cause: cause.clone(), reason, source, expires: None }, &state.names(context));
    let because = match cause {
        Cause::PushedAfterConfirm => "a push made a confirm void",
        Cause::TurnedRed(_) => "evidence turned red after a confirm",
        Cause::RolledBack => "it was taken back",
        Cause::LandedOtherwise => "something else landed than was confirmed",
        Cause::Refused => "it was refused",
    };
    (!lesson.when.is_empty()).then(|| LessonOffer { because: because.to_owned(), rule: written(&lesson) })
}

/// What nobody said: the reason of a near miss, in words of ours.
fn near_miss(decision: &Decision, cause: &Cause) -> Option<String> {
    let by = &decision.actor.login;
    match cause {
        Cause::PushedAfterConfirm => Some(format!("It was changed after {by} had confirmed it")),
        Cause::TurnedRed(names) => Some(format!("{} turned red after {by} had confirmed it", names.join(", "))),
        Cause::LandedOtherwise => Some(format!("What landed was not what {by} had confirmed")),
        Cause::Refused | Cause::RolledBack => None,
    }
}

/// The lessons that fire on a unit, a line each.
pub(in crate::domain::govern) fn lessons(state: &State, evaluation: &crate::domain::policy::Evaluation) -> Vec<String> {
    let line = |rule: &crate::domain::policy::RuleOutcome| {
        fired_line(&rule.name, rule.why.as_deref(), &rule.origin, &state.repo.firings)
    };
    evaluation.lessons().filter_map(line).collect()
}

impl State {
    /// The names of rules and lessons, in lower case.
    pub(in crate::domain::govern) fn names(&self, context: &Context) -> std::collections::BTreeSet<String> {
        let file = &self.policy(context).standard.file;
        let rules = file.rules.iter().map(|rule| rule.name.to_lowercase());
        rules.chain(file.lessons.iter().map(|lesson| lesson.name.to_lowercase())).collect()
    }
}

impl Work<'_> {
    /// The facts that a unit was last judged on, for `flyball policy backtest`: what a changed policy would have said of it.
    pub(in crate::domain::govern) fn note_facts(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number) else { return };
        let facts = self.state.facts_of(unit, self.context, self.now);
        let Ok(facts) = serde_json::to_value(facts) else { return };
        let data = if facts.to_string().len() <= FACTS {
            serde_json::json!({ "facts": facts })
        } else {
            serde_json::json!({ "left_out": "they are too many to be kept" })
        };
        self.record(number, "flyball", "facts", data);
    }

    /// A refusal is remembered. The same reason on similar paths for the second time: the lesson is offered unasked, once.
    pub(in crate::domain::govern) fn note_refusal(&mut self, number: PrNumber, speaker: &Speaker<'_>, reason: &str) {
        let Some(unit) = self.state.unit(number) else { return };
        let paths = unit.footprint.files.iter().map(|file| file.path.clone()).take(100).collect();
        let at = self.now;
        let new = Refusal { unit: number.0, reason: reason.chars().take(300).collect(), paths, at, offered: false };
        let before = repeated(&new, &self.state.repo.refusals).map(|old| old.unit);
        self.changes.repo = true;
        self.state.repo.refusals.push(Refusal { offered: before.is_some(), ..new });
        let surplus = self.state.repo.refusals.len().saturating_sub(REFUSALS);
        self.state.repo.refusals.drain(..surplus);
        let Some(before) = before else { return };
        for old in self.state.repo.refusals.iter_mut().filter(|old| old.unit == before) {
            old.offered = true;
        }
        let sentence = format!(
            "#{before} was refused for the same reason. `/remember` opens a pull request that makes a rule of it; what it would say stands in the comment above."
        );
        let key = format!("repeat:{}", speaker.key);
        let body = self.context.words.note(&sentence, &[PrNumber(before)], &key);
        let call = ActionCall::Reply { number, body };
        self.act(number, format!("3:{key}"), call, "the same reason again".to_owned(), "flyball".to_owned());
    }

    /// Lessons that fire on a unit are counted, each once for it.
    pub(in crate::domain::govern) fn note_lessons(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number).filter(|unit| unit.is_open() && !unit.draft) else { return };
        if self.state.policy(self.context).standard.file.lessons.is_empty() {
            return;
        }
        let evaluation = self.state.evaluate(unit, self.context, self.now);
        let new = self.state.repo.firings.note(&evaluation, number.0);
        self.changes.repo |= !new.is_empty();
    }

    /// How a unit ended counts for every rule that applied to it.
    pub(in crate::domain::govern) fn note_record(&mut self, number: PrNumber, state: PullState) {
        let Some(unit) = self.state.unit(number) else { return };
        let refused = unit.decisions.iter().any(|decision| matches!(decision.kind, DecisionKind::Refuse { .. }));
        let reverts = unit.reverts.filter(|_| state == PullState::Merged);
        let ended = match (state, refused) {
            (PullState::Merged, false) => Ended::Confirmed,
            (PullState::Merged, true) => Ended::Reworked,
            (_, true) => Ended::Refused,
            // Closed by its author for a reason of their own: it says nothing about the rule.
            (_, false) => return,
        };
        let evaluation = self.state.evaluate(unit, self.context, self.now);
        let kind = self.state.facts_of(unit, self.context, self.now).author.kind;
        let rules: Vec<String> =
            evaluation.rules.iter().filter(|rule| rule.fires()).map(|rule| rule.name.clone()).collect();
        if let Some((rules, kind)) = reverts.and_then(|number| self.state.repo.landed_under.remove(&number)) {
            // What landed under those rules was taken back.
            self.add_record(number, &rules, kind, Ended::RolledBack);
        }
        if state == PullState::Merged && !rules.is_empty() {
            self.state.repo.landed_under.insert(number, (rules.clone(), kind));
            while self.state.repo.landed_under.len() > LANDED {
                self.state.repo.landed_under.pop_first();
            }
        }
        self.add_record(number, &rules, kind, ended);
    }

    fn add_record(&mut self, number: PrNumber, rules: &[String], kind: AuthorKind, ended: Ended) {
        if !rules.is_empty() {
            self.state.repo.records.add(rules.iter().map(String::as_str), kind, ended);
            self.changes.repo = true;
            let suggestions = self.state.repo.records.suggestions();
            for suggestion in suggestions.iter().filter(|one| rules.contains(&one.rule) && one.author == kind) {
                self.propose_autonomy(number, suggestion);
            }
        }
    }
}
