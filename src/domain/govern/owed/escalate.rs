//! Long waits: one mention to whoever can end it, then to the next by the policy; never twice for the same wait.

use super::ActionCall;
use crate::domain::govern::settle::Work;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::policy::escalate::{Mention, Wait, next_mention};
use crate::domain::policy::file::WaitKind;
use crate::domain::unit::{Brief, DecisionKind, ReasonCode, Standing, Unit};

impl Work<'_> {
    /// Keeps the wait of a unit, and owes the mention that is due.
    pub(in crate::domain::govern) fn want_mention(&mut self, number: PrNumber, brief: &Brief) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let before = unit.wait.take();
        unit.wait = wait_of(unit, brief, before.clone(), now);
        if unit.wait != before {
            self.changes.units.insert(number);
        }
        let Some(mention) = self.mention(number).filter(|mention| mention.at <= now) else { return };
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let Some(wait) = unit.wait.as_mut() else { return };
        wait.told.insert(mention.step);
        let (since, step) = (wait.since, mention.step);
        let key = format!("wait:{}:{step}", since.as_second());
        let what = brief.next_move.as_ref().map_or("", |next| next.what.as_str());
        let whom: Vec<String> = mention.whom.iter().filter_map(|name| handle(name)).collect();
        if whom.is_empty() {
            return;
        }
        let body = self.context.words.mention(&whom, brief, what, since, &key);
        let why = format!("it waits since {since}");
        self.act(number, format!("3:{key}"), ActionCall::Reply { number, body }, why, "flyball".to_owned());
    }

    /// The next mention of a unit's wait, due or not.
    pub(in crate::domain::govern) fn mention(&self, number: PrNumber) -> Option<Mention> {
        let unit = self.state.unit(number)?;
        let steps = &self.state.policy(self.context).standard.file.escalation;
        next_mention(unit.wait.as_ref()?, steps, self.now)
    }
}

/// What a unit waits for: the same wait goes on while its kind and its owner do.
fn wait_of(unit: &Unit, brief: &Brief, before: Option<Wait>, now: Timestamp) -> Option<Wait> {
    let next = brief.next_move.as_ref()?;
    let kind = kind(brief)?;
    let snoozed_until = unit
        .decisions
        .iter()
        .filter(|decision| decision.void.is_none())
        .find_map(|decision| if let DecisionKind::Hold { until, .. } = decision.kind { until } else { None });
    let same = before.filter(|wait| wait.kind == kind && wait.owner == next.who);
    let wait = same.unwrap_or_else(|| Wait {
        kind,
        owner: next.who.clone(),
        since: now,
        told: std::collections::BTreeSet::new(),
        snoozed_until: None,
    });
    Some(Wait { snoozed_until: snoozed_until.or(wait.snoozed_until), ..wait })
}

fn kind(brief: &Brief) -> Option<WaitKind> {
    let code = brief.reasons.first().map(|reason| reason.code);
    match brief.standing {
        Standing::Draft | Standing::Landing | Standing::Landed | Standing::Withdrawn | Standing::RolledBack => None,
        Standing::AwaitingJudgment => {
            Some(if code == Some(ReasonCode::WaitsReview) { WaitKind::Review } else { WaitKind::Confirm })
        }
        Standing::Gathering => Some(WaitKind::Evidence),
        Standing::Cleared => Some(WaitKind::Order),
        Standing::Blocked => Some(match code {
            Some(ReasonCode::WaitsReview) => WaitKind::Review,
            Some(ReasonCode::WaitsConfirm) => WaitKind::Confirm,
            Some(ReasonCode::WaitsDependency) => WaitKind::Dependency,
            Some(ReasonCode::WaitsOrder) => WaitKind::Order,
            _ => WaitKind::Author,
        }),
    }
}

/// A login or a team as it may be mentioned; `CI`, `flyball`, `#12` and groups in words are nobody to mention.
pub(in crate::domain::govern) fn handle(name: &str) -> Option<String> {
    let bare = name.trim_start_matches('@');
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let parts: Vec<&str> = bare.split('/').collect();
    let nobody = ["CI", "GitHub", "flyball"].contains(&bare);
    (!nobody && parts.len() <= 2 && parts.iter().all(|part| plain(part))).then(|| format!("@{bare}"))
}
