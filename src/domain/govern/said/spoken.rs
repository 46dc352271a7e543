//! What people say comes in: by comments, reviews and buttons, each as the word of somebody whose right is known or not.

use super::command::{Command, commands};
use super::decide::Outcome;
use super::voices::{Voices, is_heard};
use super::voids::right;
use crate::domain::govern::observe::take_review;
use crate::domain::govern::seen::event::Actor;
use crate::domain::govern::seen::facts::Facts;
use crate::domain::govern::seen::right::Right;
use crate::domain::govern::seen::{Button, CommentSeen, ReviewAction, ReviewSeen, ReviewState};
use crate::domain::govern::settle::Work;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::policy;
use crate::domain::unit::{DecisionKind, Source, Void};

/// Somebody who says something about a unit.
pub(in crate::domain::govern) struct Speaker<'a> {
    pub(in crate::domain::govern) actor: &'a Actor,
    /// Their right, or why it is not known.
    pub(in crate::domain::govern) right: Result<Right, String>,
    pub(in crate::domain::govern) at: Timestamp,
    pub(in crate::domain::govern) source: Source,
    /// Names what they said, for ids: `comment:1`.
    pub(in crate::domain::govern) key: String,
}

impl Work<'_> {
    /// A comment was written on a pull request.
    pub(in crate::domain::govern) fn take_comment(&mut self, comment: &CommentSeen, facts: &Facts) {
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
        if self.state.unit(comment.number).is_none() {
            return self.keep_unheard(comment.number, comment.created_at, &spoken);
        }
        self.hear(comment.number, &speaker, spoken);
    }

    /// A review was submitted or dismissed.
    pub(in crate::domain::govern) fn take_review_event(
        &mut self,
        number: PrNumber,
        action: ReviewAction,
        review: &ReviewSeen,
        facts: &Facts,
    ) {
        if let Some(author) = &review.author {
            self.recognise(number, author);
        }
        let Some(unit) = self.state.units.get_mut(&number) else {
            let spoken = commands(&review.body, self.now);
            if action == ReviewAction::Submitted && !spoken.is_empty() {
                self.keep_unheard(number, review.submitted_at, &spoken);
            }
            return;
        };
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
    pub(in crate::domain::govern) fn take_button(
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
}
