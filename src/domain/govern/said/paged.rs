//! What a person said on a unit's page: judged as the same words in a comment are, and answered in the trace, from where the page reads it.

use serde_json::json;

use super::command::commands;
use super::decide::Outcome;
use super::spoken::Speaker;
use super::voices::is_heard;
use super::voids::right;
use crate::domain::govern::seen::event::PageSaid;
use crate::domain::govern::seen::facts::Facts;
use crate::domain::govern::settle::Work;
use crate::domain::ids::PrNumber;
use crate::domain::unit::Source;

impl Work<'_> {
    /// Somebody said something on a page of ours.
    pub(in crate::domain::govern) fn take_page(&mut self, said: &PageSaid, facts: &Facts) {
        let spoken = commands(&said.line, self.now);
        if spoken.is_empty() || !is_heard(self.state, self.context, &said.by) {
            return;
        }
        let speaker = Speaker {
            actor: &said.by,
            right: right(facts, &said.by.login),
            at: said.at,
            source: Source::Page,
            key: said.key(),
        };
        self.hear(said.number, &speaker, spoken);
    }

    /// GitHub shows nothing of it that a reaction or a reply could stand on: the answer goes into the trace.
    pub(super) fn answer_on_page(&mut self, number: PrNumber, speaker: &Speaker<'_>, word: &str, all: &[Outcome]) {
        let why: Vec<&str> = all
            .iter()
            .filter_map(|outcome| match outcome {
                Outcome::Granted => None,
                Outcome::Refused(sentence) | Outcome::Asked(sentence) => Some(sentence.as_str()),
            })
            .collect();
        let answer = if why.is_empty() { "granted" } else { "refused" };
        let data = json!({
            "said": speaker.key,
            "by": speaker.actor.id,
            "command": word,
            "answer": answer,
            "why": why.join(" "),
        });
        self.record(number, &speaker.actor.login, "answered_on_page", data);
    }
}
