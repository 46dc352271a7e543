//! GitHub's auto-merge: turned on after a confirm where the policy says so, off when that no longer stands (DESIGN, section 5.6).
//!
//! What somebody else turned on is theirs: it is named, and the success that is missing holds it back.

use serde_json::json;

use super::queue::is_queue_guarded;
use super::{ActionCall, Fault, MergeWords};
use crate::domain::govern::context::Context;
use crate::domain::govern::judge::{CHECK_NAME, judge};
use crate::domain::govern::seen::PullState;
use crate::domain::govern::seen::snapshot::{AutoMergeSeen, MergeMethod};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::policy::file::{Message, Via};
use crate::domain::unit::{AutoMerge, Entry, Unit};

/// By which way a unit lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain::govern) enum Way {
    /// Flyball merges.
    Api,
    /// The policy asks for auto-merge, and protection does not require our check: Flyball merges.
    ApiInstead,
    /// Flyball turns GitHub's auto-merge on.
    AutoMerge,
    /// Flyball adds it to GitHub's merge queue.
    Queue,
}

impl Way {
    /// Begins the ids of its ledger entries.
    pub(in crate::domain::govern) const fn word(self) -> &'static str {
        match self {
            Self::Api | Self::ApiInstead => "merge",
            Self::AutoMerge => "auto_merge",
            Self::Queue => "enqueue",
        }
    }
}

/// By which way a unit lands now: the policy's, as far as protection lets it. Auto-merge is only held back by what protection requires.
pub(in crate::domain::govern) fn way(state: &State, unit: &Unit, context: &Context) -> Way {
    let base = &unit.base.branch;
    if is_queue_guarded(state, unit) {
        return Way::Queue;
    }
    if state.policy_of(context, base).settings(base).merge.via != Some(Via::AutoMerge) {
        return Way::Api;
    }
    let required = state.repo.rules.get(base).map_or(&[][..], |read| &read.rules.required[..]);
    let ours = required.iter().any(|check| check.context == CHECK_NAME && check.app == Some(context.app.app_id));
    if ours { Way::AutoMerge } else { Way::ApiInstead }
}

/// What the commit of a merge says, where the policy words it; a rebase keeps the commits' own words.
pub(in crate::domain::govern) fn words(
    state: &State,
    unit: &Unit,
    context: &Context,
    method: MergeMethod,
) -> Option<MergeWords> {
    let base = &unit.base.branch;
    let message = state.policy_of(context, base).settings(base).merge.message.unwrap_or_default();
    if message == Message::Github || method == MergeMethod::Rebase {
        return None;
    }
    let body =
        if message == Message::PullRequest { unit.body.replace("\r\n", "\n").trim().to_owned() } else { String::new() };
    Some(MergeWords { title: format!("{} (#{})", unit.title.trim(), unit.number), body })
}

/// Whether GitHub lands a unit by itself from here on: a unit that holds its grant, with auto-merge on.
pub(in crate::domain::govern) fn is_armed(state: &State, unit: &Unit, context: &Context) -> bool {
    let granted = unit.grant.as_ref().is_some_and(|grant| grant.sha == unit.head.sha);
    let on = unit.auto_merge.as_ref().filter(|_| granted);
    on.is_some_and(|auto| auto.ours || way(state, unit, context) == Way::AutoMerge)
}

/// Why it is not there yet, in one sentence.
pub(in crate::domain::govern) fn sentence(auto: &AutoMerge) -> String {
    let by = auto.by.as_ref().filter(|_| !auto.ours).map_or_else(String::new, |by| format!(", turned on by {by}"));
    format!("GitHub's auto-merge is on{by}: GitHub lands it as soon as its own rules hold.")
}

/// What people are told of an auto-merge that somebody else turned on: nothing where there is none.
pub(in crate::domain::govern) fn named(unit: &Unit) -> String {
    let other = unit.auto_merge.as_ref().filter(|auto| !auto.ours);
    let by = other.map(|auto| auto.by.clone().unwrap_or_else(|| "Somebody".to_owned()));
    by.map_or_else(String::new, |by| {
        format!(" {by} turned GitHub's auto-merge on: it lands as soon as the check `{CHECK_NAME}` and what else protection requires pass.")
    })
}

impl Work<'_> {
    /// Takes in whether GitHub's auto-merge is on.
    pub(in crate::domain::govern) fn take_auto_merge(
        &mut self,
        number: PrNumber,
        seen: Option<&AutoMergeSeen>,
        pull: PullState,
    ) {
        let now = self.now;
        let bot = &self.context.app.bot_login;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let before = unit.auto_merge.take();
        let since = before.as_ref().map_or(now, |before| before.since);
        unit.auto_merge =
            seen.map(|seen| AutoMerge { by: seen.by.clone(), ours: seen.by.as_ref() == Some(bot), since });
        let ours = before.as_ref().is_some_and(|before| before.ours);
        let asked = unit.ledger.values().any(|entry| matches!(entry.call, ActionCall::DisableAutoMerge { .. }));
        if ours && seen.is_none() && pull == PullState::Open && !asked && unit.confirms().next().is_some() {
            // Turned on again unasked, it would go against whoever turned it off.
            unit.trouble = Some(
                "Auto-merge was turned off at GitHub: look there why, put it right, then `/retry` turns it on again."
                    .to_owned(),
            );
        }
        let by = seen.map(|seen| seen.by.clone());
        match (before, by) {
            (None, Some(by)) => self.note_auto_merge(number, by.as_deref(), true),
            (Some(_), None) if pull == PullState::Open => self.note_auto_merge(number, None, false),
            (Some(_) | None, _) => {}
        }
    }

    fn note_auto_merge(&mut self, number: PrNumber, by: Option<&str>, on: bool) {
        let kind = if on { "auto_merge_on" } else { "auto_merge_off" };
        self.record(number, by.unwrap_or("github"), kind, json!({}));
    }

    /// A call with the commit's words as they are now: title and description may have changed since it was decided.
    pub(in crate::domain::govern) fn worded(&self, number: PrNumber, mut call: ActionCall) -> ActionCall {
        if let (
            ActionCall::Merge { method, words: said, .. } | ActionCall::EnableAutoMerge { method, words: said, .. },
            Some(unit),
        ) = (&mut call, self.state.unit(number))
        {
            *said = words(self.state, unit, self.context, *method);
        }
        call
    }

    /// GitHub did as we asked.
    pub(super) fn auto_merge_set(&mut self, number: PrNumber, on: bool) {
        let now = self.now;
        let by = self.context.app.bot_login.clone();
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.auto_merge = on.then(|| AutoMerge { by: Some(by.clone()), ours: true, since: now });
        self.note_auto_merge(number, Some(&by), on);
        self.touch(number);
    }

    /// A push, a refusal or a hold turns off what we turned on: without a confirm nothing may land by itself.
    pub(in crate::domain::govern) fn want_disarm(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number).filter(|unit| must_disarm(self.state, unit, self.context, self.now))
        else {
            return;
        };
        let id = "auto_merge_off".to_owned();
        if unit.ledger.contains_key(&id) || unit.node_id.is_empty() || unit.trouble.is_some() {
            return;
        }
        let (by, why) = unit.stopped_by(self.now).map_or_else(
            || ("flyball".to_owned(), "nobody has confirmed this head".to_owned()),
            |stop| (stop.actor.login.clone(), format!("{} by {}", stop.word(), stop.actor.login)),
        );
        let call = ActionCall::DisableAutoMerge { number, node: unit.node_id.clone() };
        self.act(number, id, call, why, by);
    }

    /// Judged again at the moment of sending; `None` where auto-merge is not to be turned off.
    pub(in crate::domain::govern) fn begin_disarm(&mut self, number: PrNumber, id: &str) -> Option<()> {
        let unit = self.state.unit(number)?;
        if must_disarm(self.state, unit, self.context, self.now) {
            return Some(());
        }
        let off = unit.auto_merge.is_none();
        let (how, why) = if off { ("done", "it is off") } else { ("withdrawn", "it may land by itself again") };
        self.close(number, id, how, why);
        None
    }

    /// GitHub has nothing left to wait for: the same confirm merges it at once. Whether it was dealt with.
    pub(super) fn merge_instead(&mut self, number: PrNumber, id: &str, entry: &Entry, fault: Fault) -> bool {
        let (Fault::NothingToWaitFor, ActionCall::EnableAutoMerge { sha, method, words, .. }) = (fault, &entry.call)
        else {
            return false;
        };
        let call = ActionCall::Merge { number, sha: sha.clone(), method: *method, words: words.clone() };
        self.act(number, format!("merge:{}", sha.twelve()), call, entry.why.clone(), entry.by.clone());
        self.close(number, id, "passed_on", "GitHub has nothing left to wait for: it is merged at once");
        true
    }
}

/// Whether what we turned on must be turned off.
fn must_disarm(state: &State, unit: &Unit, context: &Context, now: Timestamp) -> bool {
    let ours = unit.is_open() && unit.auto_merge.as_ref().is_some_and(|auto| auto.ours);
    ours && (unit.stopped_by(now).is_some() || !judge(state, unit, context, now).confirmed)
}

/// The next step after GitHub refused to turn auto-merge on or off, in words that follow its own.
pub(super) fn after_refusal(fault: Fault, message: &str, base: &str) -> Option<String> {
    let text = message.to_ascii_lowercase();
    if fault != Fault::NotAllowed {
        return None;
    }
    Some(if text.contains("not allowed for this repository") {
        "Allow auto-merge in the repository's settings, or set `merge: { via: api }` in the policy, then `/retry`."
            .to_owned()
    } else if text.contains("dirty status") {
        format!("It conflicts with `{base}`: resolve that and push.")
    } else {
        return None;
    })
}
