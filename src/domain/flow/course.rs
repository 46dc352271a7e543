//! The course of a unit: what its trace says about flow, in short.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cause::Cause;
use crate::domain::ids::Timestamp;
use crate::domain::policy::facts::AuthorKind;
use crate::domain::unit::{ReasonCode, Standing};

/// The form in which courses are written now. Fields are only ever added, each with a default: older ones stay readable.
const FORMAT: u8 = 1;
/// So many moments of a kind are kept, the newest: a unit that goes to and fro for years must not grow without bound.
const MOST: usize = 400;

/// What a person decided, without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// Land it.
    Confirm,
    /// The change is good.
    Approve,
    /// Do not land it.
    Refuse,
    /// Not now.
    Hold,
    /// A refusal or hold ends.
    Lift,
    /// Take it back.
    Revert,
}

impl Given {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Confirm, Self::Approve, Self::Refuse, Self::Hold, Self::Lift, Self::Revert];

    /// As in traces and metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::Hold => "hold",
            Self::Lift => "lift",
            Self::Revert => "revert",
        }
    }

    /// Whether nobody had asked for it: a person stepped in.
    #[must_use]
    pub const fn is_intervention(self) -> bool {
        match self {
            Self::Refuse | Self::Hold | Self::Lift | Self::Revert => true,
            Self::Confirm | Self::Approve => false,
        }
    }
}

/// How a unit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It landed.
    Landed,
    /// It was closed without landing.
    Withdrawn,
}

/// Something that a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// A person was asked to decide.
    Asked,
    /// A person decided.
    Given(Given),
    /// It waited for this, so many seconds.
    Waited(Cause, u64),
    /// A head was pushed after the first suggestion.
    Reworked,
    /// A unit that it collides with landed first.
    Foreseen,
    /// The collision came true.
    CameTrue,
    /// It ended.
    Ended(Ended),
    /// It landed on evidence that something unrelated had outrun.
    Spared,
    /// It landed with a question of its brief unanswered.
    Unanswered,
    /// It landed, and something went wrong with it since.
    Alarmed,
    /// It was taken back.
    RolledBack,
}

/// What a unit's trace says about flow. Kept with the unit, and on its own when the unit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    #[serde(rename = "v")]
    format: u8,
    /// When it was proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<i64>,
    /// Who opened it.
    #[serde(default)]
    pub author: AuthorKind,
    /// The rules that applied to it when it ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// What it waited for from when on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<(i64, Option<Cause>)>,
    /// When a person was asked, once for a head.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<i64>,
    /// What people decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<(i64, Given)>,
    /// When heads came after the first suggestion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reworked: Vec<i64>,
    /// When a unit that it collides with landed first, once for a head.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreseen: Vec<i64>,
    /// When such a collision came true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub came_true: Vec<i64>,
    /// How it ended, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<(i64, Ended)>,
    /// Questions of the brief that were unanswered when it landed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unanswered: Vec<String>,
    /// Whether something unrelated had landed since its evidence was made, when it landed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spared: bool,
    /// When something first went wrong with it after landing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarmed: Option<i64>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back: Option<i64>,
    /// What is known of the current head.
    #[serde(default, rename = "h", skip_serializing_if = "OfHead::is_new")]
    head: OfHead,
}

/// What happened to the current head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct OfHead {
    #[serde(rename = "a", skip_serializing_if = "std::ops::Not::not")]
    asked: bool,
    #[serde(rename = "f", skip_serializing_if = "std::ops::Not::not")]
    foreseen: bool,
    /// Git could not merge it, or its evidence failed.
    #[serde(rename = "h", skip_serializing_if = "std::ops::Not::not")]
    hurt: bool,
}

impl OfHead {
    fn is_new(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Course {
    fn default() -> Self {
        Self {
            format: FORMAT,
            opened: None,
            author: AuthorKind::default(),
            rules: Vec::new(),
            waits: Vec::new(),
            asked: Vec::new(),
            given: Vec::new(),
            reworked: Vec::new(),
            foreseen: Vec::new(),
            came_true: Vec::new(),
            ended: None,
            unanswered: Vec::new(),
            spared: false,
            alarmed: None,
            rolled_back: None,
            head: OfHead::default(),
        }
    }
}

impl Course {
    /// Whether nothing was learnt yet: the unit is older than what is measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the landing of a unit that it collides with would tell something new of its head.
    #[must_use]
    pub const fn is_untroubled(&self) -> bool {
        self.ended.is_none() && !self.head.foreseen && !self.head.hurt
    }

    /// Takes an entry of the unit's trace in. Entries come in the order of the trace; those that say nothing about flow change nothing.
    pub fn learn(&mut self, at: Timestamp, kind: &str, data: &Value) -> Vec<Moved> {
        let at = at.as_second();
        match kind {
            "proposed" => {
                self.opened.get_or_insert(at);
                Vec::new()
            }
            "judged" => self.judged(at, data),
            "decided" => {
                let Some(given) = word(&data["decision"]) else { return Vec::new() };
                push(&mut self.given, (at, given));
                vec![Moved::Given(given)]
            }
            "pushed" => self.pushed(at, data["update"] == true),
            "landed_beside" => {
                if !self.is_untroubled() {
                    return Vec::new();
                }
                self.head.foreseen = true;
                push(&mut self.foreseen, at);
                vec![Moved::Foreseen]
            }
            "landed" => self.end(at, Ended::Landed, data),
            "withdrawn" => self.end(at, Ended::Withdrawn, data),
            "reopened" => {
                (self.ended, self.head.asked) = (None, false);
                Vec::new()
            }
            "alarm" if self.alarmed.is_none() => {
                self.alarmed = Some(at);
                vec![Moved::Alarmed]
            }
            "reverting" if data["state"] == "merged" && self.rolled_back.is_none() => {
                self.rolled_back = Some(at);
                vec![Moved::RolledBack]
            }
            _ => Vec::new(),
        }
    }

    fn judged(&mut self, at: i64, data: &Value) -> Vec<Moved> {
        let Some(standing) = word::<Standing>(&data["standing"]) else { return Vec::new() };
        let codes: Vec<ReasonCode> = data["codes"].as_array().into_iter().flatten().filter_map(word).collect();
        let mut moved = self.wait(at, Cause::of(standing, &codes));
        if standing == Standing::AwaitingJudgment && !self.head.asked {
            self.head.asked = true;
            push(&mut self.asked, at);
            moved.push(Moved::Asked);
        }
        let hurts = |code: &ReasonCode| matches!(code, ReasonCode::BlockedConflictBase | ReasonCode::BlockedEvidence);
        if self.ended.is_none() && !self.head.hurt && codes.iter().any(hurts) {
            self.head.hurt = true;
            if self.head.foreseen {
                push(&mut self.came_true, at);
                moved.push(Moved::CameTrue);
            }
        }
        moved
    }

    /// From now on it waits for this. What it waited for until now is told.
    fn wait(&mut self, at: i64, cause: Option<Cause>) -> Vec<Moved> {
        let before = self.waits.last().copied();
        if before.map_or(cause.is_none(), |(_, before)| before == cause) {
            return Vec::new();
        }
        push(&mut self.waits, (at, cause));
        let waited = before.and_then(|(since, before)| Some((before?, u64::try_from(at - since).unwrap_or(0))));
        waited.map(|(cause, seconds)| Moved::Waited(cause, seconds)).into_iter().collect()
    }

    fn pushed(&mut self, at: i64, update: bool) -> Vec<Moved> {
        // An update that Flyball asked for carries the same change: what was foreseen for it still is, unless it has come true.
        let foreseen = update && self.head.foreseen && !self.head.hurt;
        self.head = OfHead { asked: update && self.head.asked, foreseen, hurt: false };
        if update || self.asked.is_empty() {
            return Vec::new();
        }
        push(&mut self.reworked, at);
        vec![Moved::Reworked]
    }

    fn end(&mut self, at: i64, ended: Ended, data: &Value) -> Vec<Moved> {
        let mut moved = self.wait(at, None);
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
        };
        self.ended = Some((at, ended));
        self.author = word(&data["author"]).unwrap_or(self.author);
        self.rules = texts(&data["rules"]);
        moved.push(Moved::Ended(ended));
        if ended == Ended::Landed {
            (self.unanswered, self.spared) = (texts(&data["unanswered"]), data["spared"] == true);
            moved.extend((!self.unanswered.is_empty()).then_some(Moved::Unanswered));
            moved.extend(self.spared.then_some(Moved::Spared));
        }
        moved
    }
}

fn push<T>(all: &mut Vec<T>, one: T) {
    all.push(one);
    let surplus = all.len().saturating_sub(MOST);
    all.drain(..surplus);
}

fn word<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}
