//! Who may give which command on a unit now; where somebody may not, one sentence says why.

use jiff::SignedDuration;

use super::command::Command;
use super::spoken::Speaker;
use super::voices::Voices;
use crate::domain::govern::aftermath;
use crate::domain::govern::seen::PullState;
use crate::domain::govern::seen::right::Right;
use crate::domain::govern::settle::Work;
use crate::domain::ids::{CommitSha, Timestamp};
use crate::domain::policy::{self, Requirement};
use crate::domain::unit::{Decision, Unit};

impl Work<'_> {
    /// Whether this person may give this command on this unit now; else one sentence.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only these ask for more than the right")]
    pub(in crate::domain::govern) fn may(
        &self,
        unit: &Unit,
        speaker: &Speaker<'_>,
        command: &Command,
    ) -> Result<(), String> {
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

    /// Whether this person may give this command on a unit that ended; else one sentence.
    #[expect(clippy::wildcard_enum_match_arm, reason = "whatever else is said of what ended, comes too late")]
    pub(super) fn may_afterwards(&self, unit: &Unit, speaker: &Speaker<'_>, command: &Command) -> Result<(), String> {
        if unit.state != PullState::Merged {
            return Err("it is closed; reopen it first".to_owned());
        }
        let asked = unit.aftermath.live().next().is_some() && unit.aftermath.revert.is_none();
        match command {
            Command::Revert { .. } | Command::Remember(_) | Command::Forget(_) => {}
            Command::Confirm { .. } | Command::Refuse { .. } if asked => {}
            _ => return Err("it has landed; `/revert <reason>` opens a pull request that takes it back".to_owned()),
        }
        let right = speaker
            .right
            .as_ref()
            .map_err(|because| format!("your permission could not be read ({because}); try again in a moment"))?;
        // A pull request that is judged like any other is all that comes of it: its author may ask for it as well.
        if *right < Right::Write && self.confirms_count(unit, speaker, *right).is_err() {
            return Err("that takes write access to this repository".to_owned());
        }
        let Command::Confirm { .. } = command else { return Ok(()) };
        let suggestion = aftermath::suggestion(unit).map(|suggestion| suggestion.fingerprint);
        let shown = unit.shown.as_ref().filter(|shown| Some(&shown.fingerprint) == suggestion.as_ref());
        if shown.is_some_and(|shown| speaker.at > shown.at) {
            return Ok(());
        }
        Err("it had landed, and no revert had been suggested when you wrote; `/revert <reason>` asks for one"
            .to_owned())
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

    pub(super) fn lifts(&self, unit: &Unit, speaker: &Speaker<'_>) -> bool {
        Voices::of(self.state, unit, self.context).may_lift(&speaker.actor.login) == policy::Verdict::Met
    }

    /// Whether a confirm of this person would count for anything that the policy asks for; else one sentence.
    fn confirms_count(&self, unit: &Unit, speaker: &Speaker<'_>, right: Right) -> Result<(), String> {
        let evaluation = self.state.evaluate(unit, self.context, self.now);
        let facts = self.state.facts_of(unit, self.context, self.now);
        let asked: Vec<_> = evaluation
            .requirements
            .iter()
            .filter_map(
                |outcome| if let Requirement::Confirm(confirm) = &outcome.requirement { Some(confirm) } else { None },
            )
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
        if unit.reopened_at.is_some_and(|since| speaker.at < since) {
            return Err(format!("it was closed and reopened since you wrote; {again}"));
        }
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
    let before = |decision: &&Decision| decision.stops(now) && decision.was_said_before(&speaker.source, speaker.at);
    let stops: Vec<&Decision> = unit.decisions.iter().filter(before).collect();
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
