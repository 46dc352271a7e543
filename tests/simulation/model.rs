//! What must hold at GitHub, judged from what people did and what GitHub shows, and from nothing that Flyball remembers.

use std::collections::{BTreeMap, BTreeSet};

use flyball::domain::ids::{PrNumber, Timestamp, UnitKey};
use flyball::sim::{CommentView, Delivery};
use jiff::SignedDuration;

use crate::world::World;

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Says {
    /// `/confirm`, perhaps with the beginning of a commit, or the button.
    Confirm(Option<String>),
    /// An approving review.
    Approve,
    /// `/refuse`.
    Refuse,
    /// `/hold`.
    Hold,
    /// `/lift`, which ends both.
    Lift,
}

/// Something said on a pull request.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    pub(crate) pr: u64,
    pub(crate) by: &'static str,
    pub(crate) at: Timestamp,
    /// The head at that time.
    pub(crate) head: String,
    pub(crate) says: Says,
    /// The comment, if it was one.
    pub(crate) comment: Option<u64>,
    /// When Flyball took the delivery.
    pub(crate) taken: Option<Timestamp>,
}

/// A pull request, as those know it who made it.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) author: &'static str,
    /// The lines of the shared file that each head changes.
    pub(crate) lines: BTreeMap<String, BTreeSet<usize>>,
    /// The newest head, and from which head Flyball's updates of the branch came.
    pub(crate) head: String,
    pub(crate) updates: BTreeMap<String, String>,
    pub(crate) depends_on: Option<u64>,
    /// Whether the policy lets it land unasked.
    pub(crate) auto: bool,
    /// Decisions of before do not count.
    pub(crate) reopened: Option<Timestamp>,
    /// When its place among the others changed by something that Flyball must first hear of.
    pub(crate) moved: Option<Timestamp>,
    pub(crate) merged: bool,
    /// The newest check run that was judged, with its conclusion.
    checked: Option<(u64, String)>,
}

impl Made {
    pub(crate) fn new(author: &'static str, head: String, line: Option<usize>) -> Self {
        Self {
            author,
            lines: BTreeMap::from([(head.clone(), line.into_iter().collect())]),
            head,
            updates: BTreeMap::new(),
            depends_on: None,
            auto: false,
            reopened: None,
            moved: None,
            merged: false,
            checked: None,
        }
    }

    /// Somebody pushed: what was changed before stays changed.
    pub(crate) fn pushed(&mut self, before: &str, head: String, line: Option<usize>) {
        let lines = self.changed_by(before).into_iter().chain(line).collect();
        self.lines.insert(head.clone(), lines);
        self.head = head;
    }

    fn changed_by(&self, head: &str) -> BTreeSet<usize> {
        self.lines.get(head).cloned().unwrap_or_default()
    }
}

/// The model.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) made: BTreeMap<u64, Made>,
    pub(crate) voices: Vec<Voice>,
    /// Who may write since when, newest last.
    pub(crate) writers: BTreeMap<&'static str, Vec<(Timestamp, bool)>>,
    /// How many must confirm.
    pub(crate) count: usize,
    /// Commands that Flyball answered with a reply: it said that it does not obey, and why.
    pub(crate) declined: BTreeSet<u64>,
    /// Creations of comments that came late, by pull request: nothing at GitHub can keep them out, so that they must be deleted.
    pub(crate) late: BTreeMap<u64, usize>,
}

/// What GitHub may still have believed when a call was on its way.
const UNDER_WAY: SignedDuration = SignedDuration::from_secs(20);

impl Model {
    /// Whether `login` could write at some time from `from` to `to`.
    fn wrote(&self, login: &str, from: Timestamp, to: Timestamp) -> bool {
        let Some(changes) = self.writers.get(login) else { return false };
        let ends = changes.iter().skip(1).map(|(at, _)| *at).chain([Timestamp::MAX]);
        changes.iter().zip(ends).any(|((since, may), until)| *may && *since <= to && until >= from)
    }

    /// The head and those that it is only an update of.
    fn line_of_heads(made: &Made, head: &str) -> BTreeSet<String> {
        let mut heads = BTreeSet::from([head.to_owned()]);
        let mut now = head;
        while let Some(before) = made.updates.get(now) {
            heads.insert(before.clone());
            now = before;
        }
        heads
    }

    /// Who confirmed this head, so far.
    fn confirmers(&self, pr: u64, head: &str, now: Timestamp, reviews_count: bool) -> BTreeSet<&'static str> {
        let made = &self.made[&pr];
        let heads = Self::line_of_heads(made, head);
        let valid = |voice: &&Voice| {
            let about = match &voice.says {
                Says::Confirm(None) => heads.contains(&voice.head),
                Says::Confirm(Some(named)) => heads.iter().any(|head| head.starts_with(named)),
                Says::Approve => reviews_count && heads.contains(&voice.head),
                Says::Refuse | Says::Hold | Says::Lift => false,
            };
            about
                && voice.pr == pr
                && voice.by != made.author
                && made.reopened.is_none_or(|reopened| voice.at >= reopened)
                && self.wrote(voice.by, now - UNDER_WAY, now)
        };
        self.voices.iter().filter(valid).map(|voice| voice.by).collect()
    }

    /// Why it may not land or be granted, by what was said; `sent` is when the call was made that this is judged for.
    fn objection(&self, pr: u64, head: &str, sent: Timestamp, now: Timestamp, merges: bool) -> Option<String> {
        let made = &self.made[&pr];
        let confirmers = self.confirmers(pr, head, now, true);
        // An approval counts as one of them; what merges is a `/confirm`, before or after.
        let nobody_asked = merges && self.confirmers(pr, head, now, false).is_empty();
        if (confirmers.len() < self.count || nobody_asked) && !made.auto {
            return Some(format!("{head} of #{pr} was confirmed by {confirmers:?} only, of {} needed", self.count));
        }
        let last = |says: &[Says]| self.voices.iter().rposition(|voice| voice.pr == pr && says.contains(&voice.says));
        let stop = last(&[Says::Refuse, Says::Hold])?;
        let lifted = last(&[Says::Lift]).is_some_and(|lift| lift > stop);
        let voice = &self.voices[stop];
        let heard = voice.taken.is_some_and(|taken| taken < sent - UNDER_WAY);
        let counts = voice.says == Says::Hold || voice.by != made.author;
        let declined = voice.comment.is_some_and(|comment| self.declined.contains(&comment));
        (heard && counts && !lifted && !declined && self.always_wrote(voice.by))
            .then(|| format!("#{pr} had been stopped by {} ({:?})", voice.by, voice.says))
    }

    fn always_wrote(&self, login: &str) -> bool {
        self.writers.get(login).is_some_and(|changes| changes.iter().all(|(_, may)| *may))
    }
}

impl World {
    /// A delivery was taken, or not.
    pub(crate) fn hears(&self, delivery: &Delivery, status: u16) {
        if status != 202 || delivery.event != "issue_comment" {
            return;
        }
        let (comment, now) = (delivery.json()["comment"]["id"].as_u64(), self.now());
        let mut model = self.model.lock().unwrap();
        for voice in model.voices.iter_mut().filter(|voice| voice.comment.is_some() && voice.comment == comment) {
            voice.taken.get_or_insert(now);
        }
    }

    /// How many sticky comments Flyball has there.
    pub(crate) fn stickies(&self, pr: UnitKey) -> usize {
        let all = self.github.comments(pr).into_iter();
        let ours = |comment: &CommentView| comment.author == "flyball[bot]";
        all.filter(|comment| ours(comment) && comment.body.starts_with("<!-- flyball:unit -->")).count()
    }

    /// Looks at GitHub after something was written there by a call that was made at `sent`.
    pub(crate) fn judge(&self, sent: Timestamp) {
        let mut broken = Vec::new();
        let mut model = self.model.lock().unwrap();
        for number in model.made.keys().copied().collect::<Vec<_>>() {
            let pr = UnitKey { repo: self.repo, number: PrNumber(number) };
            let pull = self.github.pull(pr);
            let head = pull.head_sha.as_str().to_owned();
            let now = self.now();
            {
                let made = model.made.get_mut(&number).unwrap();
                if made.head != head {
                    // Nobody pushed it: Flyball brought the branch up to date.
                    let before = std::mem::replace(&mut made.head, head.clone());
                    let lines = made.changed_by(&before);
                    made.lines.insert(head.clone(), lines);
                    made.updates.insert(head.clone(), before);
                }
            }
            if pull.merged && !model.made[&number].merged {
                model.made.get_mut(&number).unwrap().merged = true;
                self.story().counts.merges += 1;
                self.tell(&format!("#{number} landed, merged by {:?}", pull.merged_by));
                if pull.merged_by.as_deref() == Some("flyball[bot]") {
                    broken.extend(
                        model.objection(number, &head, sent, now, true).map(|why| format!("merged though {why}")),
                    );
                    let needs = model.made[&number].depends_on.filter(|needs| !model.made[needs].merged);
                    broken.extend(needs.map(|needs| format!("#{number} was merged before #{needs}, which it needs")));
                }
            }
            model.declined.extend(self.declined(pr));
            if self.stickies(pr) > 1 + model.late.get(&number).copied().unwrap_or_default() {
                broken.push(format!("two sticky comments on #{number}"));
            }
            let Some(check) = self.github.latest_check(pr, "flyball") else { continue };
            let checked = (check.id.0, check.conclusion.clone().unwrap_or_default());
            let made = model.made.get_mut(&number).unwrap();
            if made.checked.as_ref() == Some(&checked) {
                continue;
            }
            made.checked = Some(checked);
            if pull.open && check.conclusion.as_deref() == Some("success") {
                broken.extend(
                    model
                        .objection(number, &head, sent, now, false)
                        .map(|why| format!("a success was given though {why}")),
                );
                broken.extend(self.rival(&model, number, &pull.base, now));
            }
        }
        drop(model);
        for what in broken {
            self.violated(what);
        }
    }

    /// The comments on a pull request that Flyball answered with a reply.
    fn declined(&self, pr: UnitKey) -> Vec<u64> {
        let ours = self.github.comments(pr).into_iter().filter(|comment| comment.author == "flyball[bot]");
        let named = |body: &str| body.split("<!-- flyball:reply comment:").nth(1)?.split(' ').next()?.parse().ok();
        ours.filter_map(|comment| named(&comment.body)).collect()
    }

    /// Another open unit on the same line of the same base that also shows success.
    fn rival(&self, model: &Model, number: u64, base: &str, now: Timestamp) -> Option<String> {
        let settled = |made: &Made| made.moved.is_none_or(|moved| now.duration_since(moved).as_secs() > 120);
        let made = &model.made[&number];
        let lines = made.changed_by(&made.head);
        let rival = model.made.iter().find(|(other, rival)| {
            let pr = UnitKey { repo: self.repo, number: PrNumber(**other) };
            let pull = self.github.pull(pr);
            let shows = || {
                self.github
                    .latest_check(pr, "flyball")
                    .is_some_and(|check| check.conclusion.as_deref() == Some("success"))
            };
            **other != number
                && pull.open
                && pull.base == base
                && !rival.changed_by(&rival.head).is_disjoint(&lines)
                && settled(rival)
                && settled(made)
                && shows()
        });
        rival.map(|(other, _)| format!("#{number} and #{other} change the same line and both show success"))
    }
}
