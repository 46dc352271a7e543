//! Takes facts into units: snapshots, footprints, checks, reviews, protection.

use jiff::SignedDuration;
use serde_json::json;

use super::content::content_digest;
use super::event::Actor;
use super::facts::{Fact, Facts, FileSeen, Need, Unknown};
use super::owed::ActionCall;
use super::repo::{Early, RulesRead};
use super::right::Right;
use super::seen::{CheckSeen, PullSeen, PullState, ReviewSeen, ReviewState};
use super::settle::{Work, doubt_mergeable};
use super::snapshot::{Mergeable, Snapshot};
use super::update::carry_from;
use super::voids::void;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::integration::files::{FileEntry, footprint};
use crate::domain::integration::footprint::Footprint;
use crate::domain::unit::{
    Base, ChainHead, CommentSurface, Commits, DecisionKind, Evidence, Head, HeadSeen, Recheck, Review, Size, Unit,
    Unread, Void,
};

/// How long at most until files that could not be read are asked for again.
const SELDOM: SignedDuration = SignedDuration::from_hours(3);
/// A pull request that is opened has had no comment of ours, unless its delivery comes so much later.
const YOUNG: SignedDuration = SignedDuration::from_mins(10);

impl Work<'_> {
    /// Takes in everything that was read, in a fixed order.
    pub(super) fn take_facts(&mut self, facts: &Facts) {
        for (need, fact) in facts.iter() {
            match (need, fact) {
                (Need::Rules(branch), Fact::Rules(rules)) => {
                    let read = RulesRead { rules: rules.clone(), at: self.now };
                    let changed = self.state.repo.rules.get(branch).is_none_or(|before| before.rules != read.rules);
                    self.state.repo.rules.insert(branch.clone(), read);
                    self.changes.repo = true;
                    if changed {
                        self.touch_base(branch);
                    }
                }
                (Need::Attributes, fact) => self.take_attributes(fact),
                (Need::Snapshot(number), Fact::Snapshot(snapshot)) => self.take_snapshot(*number, snapshot),
                (Need::Snapshot(number), Fact::Unknown(unknown)) => self.take_unread(*number, unknown),
                (Need::Elsewhere { repo, number }, Fact::Elsewhere(seen)) => self.take_elsewhere(repo, *number, seen),
                _ => {}
            }
        }
        self.take_files_and_people(facts);
        for (need, fact) in facts.iter() {
            if let (Need::Merges { number, head, .. }, Fact::Merges(seen)) = (need, fact) {
                self.take_merged(*number, head, seen);
            }
        }
    }

    fn take_files_and_people(&mut self, facts: &Facts) {
        for (need, fact) in facts.iter() {
            match (need, fact) {
                (Need::Files { number, head, changed_files }, Fact::Files(files)) => {
                    let footprint = footprint_of_files(files, usize::try_from(*changed_files).ok());
                    self.take_footprint(*number, head, footprint, content_digest(files));
                    if let Some(unit) = self.state.units.get_mut(number) {
                        unit.unlisted = None;
                    }
                    self.take_edits(*number, head, files);
                }
                (Need::Files { number, head, .. }, Fact::Unknown(unknown)) => {
                    self.take_footprint(*number, head, Footprint::unknown(unknown.because.clone(), Vec::new()), None);
                    self.read_files_again(*number, unknown);
                }
                (Need::Permission(login), Fact::Permission(_) | Fact::Unknown(_)) => {
                    // What cannot be read gives no right: then the unit holds nobody back.
                    let right = if let Fact::Permission(permission) = fact { permission.right } else { Right::None };
                    let strangers = self.state.units.values_mut().filter(|unit| {
                        unit.author_right.is_none() && unit.author.as_ref().is_some_and(|author| author.login == *login)
                    });
                    for unit in strangers {
                        unit.author_right = Some(right);
                        self.changes.units.insert(unit.number);
                    }
                }
                _ => {}
            }
        }
    }

    /// Every open unit on a base is judged again.
    pub(super) fn touch_base(&mut self, branch: &str) {
        let numbers: Vec<PrNumber> = self.state.relations.on_base(branch).collect();
        for number in numbers {
            self.touch(number);
        }
    }

    fn take_unread(&mut self, number: PrNumber, unknown: &Unknown) {
        let now = self.now;
        let base = i64::try_from(self.context.retry_base_ms).unwrap_or(1000);
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let tries = unit.unread.as_ref().map_or(0, |unread| unread.tries) + 1;
        let wait = SignedDuration::from_millis(base.saturating_mul(1 << tries.min(9)));
        let wait = unknown.retry_after.map_or(wait, |seconds| wait.max(SignedDuration::from_secs(i64::from(seconds))));
        let again_at = now.checked_add(wait).unwrap_or(now);
        unit.unread = Some(Unread { because: unknown.because.clone(), tries, again_at });
        self.touch(number);
    }

    fn take_snapshot(&mut self, number: PrNumber, snapshot: &Snapshot) {
        let pull = seen(snapshot);
        self.take_pull(&pull);
        let known = self.state.unit(number).and_then(|unit| unit.reopened_at);
        if let Some(at) = snapshot.reopened_at.filter(|at| Some(*at) > known) {
            self.reopened(number, at);
        }
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.size =
            Size { files: snapshot.changed_files, additions: snapshot.additions, deletions: snapshot.deletions };
        if unit.head.sha == snapshot.head_sha {
            unit.head.parents.clone_from(&snapshot.head_parents);
            if let Some(messages) = &snapshot.messages {
                unit.commits = Commits::of(messages.iter().map(String::as_str));
            }
        }
        let young = now.duration_since(snapshot.created_at) < YOUNG;
        unit.comment.unsure |= unit.read_at.is_none() && unit.comment.id.is_none() && !(self.opening && young);
        unit.opened_at = snapshot.created_at;
        unit.methods.clone_from(&snapshot.methods);
        unit.review_requests.clone_from(&snapshot.review_requests);
        unit.node_id.clone_from(&snapshot.node_id);
        let left = unit.queued.is_some() && !snapshot.queued && snapshot.state == PullState::Open;
        if left && unit.stopped_by(now).is_none() {
            // Queued again unasked it would go round for ever.
            unit.trouble = Some(
                "GitHub's merge queue took it out: look there why, put it right, then `/retry` queues it again."
                    .to_owned(),
            );
        }
        unit.queued = snapshot.queued.then(|| unit.queued.unwrap_or(now));
        unit.unread = None;
        unit.read_at = Some(now);
        unit.mergeable = snapshot.mergeable;
        unit.recheck = match (snapshot.mergeable, unit.recheck.take()) {
            (Mergeable::Unknown, before) => {
                let tries = before.map_or(0, |recheck| recheck.tries) + 1;
                let wait = SignedDuration::from_secs((1_i64 << tries.min(9)).min(300));
                Some(Recheck { tries, again_at: now.checked_add(wait).unwrap_or(now) })
            }
            (Mergeable::Clean | Mergeable::Conflicting, _) => None,
        };
        for check in snapshot.checks.iter().flatten() {
            take_check(unit, check);
        }
        for review in snapshot.reviews.iter().flatten() {
            take_review(unit, review);
        }
        if unit.is_open() {
            self.state.relations.put(unit);
        }
        self.compare_check(snapshot);
        self.take_auto_merge(number, snapshot.auto_merge.as_ref(), snapshot.state);
        self.carry_confirms(number);
        if snapshot.state != PullState::Open {
            self.end(
                number,
                snapshot.state,
                snapshot.merge_commit.as_ref(),
                snapshot.merged_by.as_ref(),
                snapshot.closed_at,
            );
        }
        self.touch(number);
    }

    /// Takes a pull request in as a payload or a snapshot shows it.
    pub(super) fn take_pull(&mut self, pull: &PullSeen) {
        let number = pull.number;
        if !self.state.units.contains_key(&number) {
            let quiet = self.quietly == Some(number);
            let mut unit = new_unit(pull, self.now);
            if quiet {
                (unit.quiet, unit.heard_at) = (true, Some(self.now));
                self.changes.repo |= self.state.repo.survey.quiet.remove(&number);
            }
            self.state.units.insert(number, unit);
            self.adopt_early(number);
            self.record(
                number,
                login(pull.author.as_ref()),
                "proposed",
                json!({ "title": pull.title, "head": pull.head_sha, "base": pull.base_ref }),
            );
        }
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.title.clone_from(&pull.title);
        unit.body.clone_from(&pull.body);
        unit.draft = pull.draft;
        unit.labels.clone_from(&pull.labels);
        unit.author.clone_from(&pull.author);
        unit.head.branch.clone_from(&pull.head_ref);
        unit.head.repo = pull.head_repo;
        let reopened = pull.state == PullState::Open && !unit.is_open();
        if reopened {
            unit.state = PullState::Open;
            unit.ending = None;
            void(unit, &Void::Reopened, |kind| matches!(kind, DecisionKind::Confirm | DecisionKind::Approve));
            self.state.repo.ended.remove(&number);
            self.changes.repo = true;
            self.record(number, "github", "reopened", json!({}));
            self.tell_those_who_wait(number);
        }
        self.take_head(number, &pull.head_sha);
        self.take_base(number, pull);
        if let Some(unit) = self.state.units.get(&number).filter(|unit| unit.is_open()) {
            self.state.relations.put(unit);
        }
        self.touch(number);
    }

    fn take_head(&mut self, number: PrNumber, sha: &CommitSha) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number).filter(|unit| unit.head.sha != *sha) else { return };
        unit.quiet = false;
        unit.unlisted = None;
        let before = unit.head.sha.clone();
        let update = unit.update.as_ref().is_some_and(|update| update.from == before);
        unit.carry = carry_from(unit, &before);
        unit.head.parents.clear();
        let voided = unit.confirms().count();
        unit.head.sha = sha.clone();
        unit.heads.push(HeadSeen { sha: sha.clone(), at: now, shown: false });
        void(unit, &Void::Pushed, |kind| matches!(kind, DecisionKind::Confirm | DecisionKind::Approve));
        unit.evidence.clear();
        unit.trouble = None;
        doubt_mergeable(unit, now);
        unit.ledger.retain(|_, entry| {
            !(entry.lands() || matches!(entry.call, ActionCall::UpdateBranch { .. }))
                || entry.phase != crate::domain::unit::Phase::Owed
        });
        self.record(
            number,
            "github",
            "pushed",
            json!({ "from": before, "to": sha, "confirms_voided": voided, "update": update }),
        );
        self.adopt_early(number);
    }

    fn take_base(&mut self, number: PrNumber, pull: &PullSeen) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let moved = unit.base.branch != pull.base_ref;
        let before =
            std::mem::replace(&mut unit.base, Base { branch: pull.base_ref.clone(), sha: pull.base_sha.clone() })
                .branch;
        if moved {
            void(unit, &Void::Retargeted, |kind| matches!(kind, DecisionKind::Confirm | DecisionKind::Approve));
            unit.grant = None;
            doubt_mergeable(unit, now);
            unit.footprint_of = None;
            self.record(number, "github", "retargeted", json!({ "from": before, "to": pull.base_ref }));
            self.tell_those_who_wait(number);
        }
    }

    fn take_footprint(&mut self, number: PrNumber, head: &CommitSha, footprint: Footprint, content: Option<String>) {
        let Some(unit) = self.state.units.get_mut(&number).filter(|unit| unit.head.sha == *head) else { return };
        unit.footprint = footprint;
        unit.footprint_of = Some(head.clone());
        unit.content = content;
        if unit.is_open() {
            self.state.relations.put(unit);
        }
        self.carry_confirms(number);
        self.touch(number);
    }

    /// What could not be read once may be read later; what GitHub never shows whole is asked for seldom.
    fn read_files_again(&mut self, number: PrNumber, unknown: &Unknown) {
        let now = self.now;
        let base = i64::try_from(self.context.retry_base_ms).unwrap_or(1000);
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let tries = unit.unlisted.as_ref().map_or(0, |again| again.tries) + 1;
        let wait = SignedDuration::from_millis(base.saturating_mul(1 << tries.min(14))).min(SELDOM);
        let wait = unknown.retry_after.map_or(wait, |seconds| wait.max(SignedDuration::from_secs(i64::from(seconds))));
        unit.unlisted = Some(Recheck { tries, again_at: now.checked_add(wait).unwrap_or(now) });
        self.touch(number);
    }

    fn take_edits(&mut self, number: PrNumber, head: &CommitSha, files: &[FileSeen]) {
        let Some(unit) = self.state.units.get_mut(&number).filter(|unit| unit.head.sha == *head) else { return };
        unit.edits = super::aftermath::edits(files);
        self.note_reverting(number);
    }

    /// A check run or status came in: it belongs to every unit with that head, or waits for one.
    pub(super) fn take_check_event(&mut self, check: &CheckSeen) {
        let units: Vec<PrNumber> = self.state.units_at(&check.sha).map(|unit| unit.number).collect();
        let landed = self.watch_check(check);
        if units.is_empty() && !landed {
            let early = self
                .state
                .early
                .entry(check.sha.clone())
                .or_insert_with(|| Early { since: self.now, checks: Vec::new() });
            early.checks.retain(|other| (&other.name, other.app) != (&check.name, check.app) || other.at > check.at);
            early.checks.push(check.clone());
            early.checks.truncate(200);
            self.changes.early.insert(check.sha.clone());
        }
        for number in units {
            let Some(unit) = self.state.units.get_mut(&number) else { continue };
            if take_check(unit, check) {
                self.record(
                    number,
                    "github",
                    "evidence",
                    json!({ "name": check.name, "state": check.state, "sha": check.sha }),
                );
                self.touch(number);
                self.speak_of(number);
            }
        }
    }

    fn adopt_early(&mut self, number: PrNumber) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let Some(early) = self.state.early.remove(&unit.head.sha) else { return };
        for check in &early.checks {
            take_check(unit, check);
        }
        self.changes.early.insert(unit.head.sha.clone());
    }
}

fn login(actor: Option<&Actor>) -> &str {
    actor.map_or("github", |actor| actor.login.as_str())
}

/// What files touch; `changed` is how many GitHub says there are.
pub(super) fn footprint_of_files(files: &[FileSeen], changed: Option<usize>) -> Footprint {
    footprint(files.iter().map(entry), changed)
}

fn entry(file: &FileSeen) -> FileEntry<'_> {
    FileEntry {
        filename: &file.filename,
        previous_filename: file.previous_filename.as_deref(),
        status: &file.status,
        patch: file.patch.as_deref(),
        additions: file.additions,
        deletions: file.deletions,
        ..FileEntry::default()
    }
}

/// Takes a result on the current head; whether it changed anything.
fn take_check(unit: &mut Unit, check: &CheckSeen) -> bool {
    if check.sha != unit.head.sha {
        return false;
    }
    let same = |evidence: &&mut Evidence| evidence.name == check.name && evidence.app == check.app;
    match unit.evidence.iter_mut().find(same) {
        Some(evidence) => {
            let before = evidence.clone();
            evidence.update(check);
            *evidence != before
        }
        None => {
            unit.evidence.push(Evidence::from(check));
            true
        }
    }
}

/// Only a person's latest approval, request for changes or dismissal counts; a comment does not replace it.
pub(super) fn take_review(unit: &mut Unit, review: &ReviewSeen) {
    let Some(author) = review.author.clone() else { return };
    if review.state == ReviewState::Commented {
        return;
    }
    let newer = |other: &Review| other.author.login == author.login && other.at > review.submitted_at;
    if unit.reviews.iter().any(newer) {
        return;
    }
    unit.reviews.retain(|other| other.author.login != author.login);
    let (state, commit) = (review.state, review.commit.clone());
    unit.reviews.push(Review { id: review.id, author, state, commit, at: review.submitted_at });
}

fn seen(snapshot: &Snapshot) -> PullSeen {
    PullSeen {
        number: snapshot.number,
        state: snapshot.state,
        draft: snapshot.draft,
        title: snapshot.title.clone(),
        body: snapshot.body.clone(),
        author: snapshot.author.clone(),
        head_sha: snapshot.head_sha.clone(),
        head_ref: snapshot.head_ref.clone(),
        head_repo: snapshot.head_repo,
        base_ref: snapshot.base_ref.clone(),
        base_sha: snapshot.base_sha.clone(),
        labels: snapshot.labels.clone(),
        merge_commit: None,
        merged_by: None,
        updated_at: snapshot.created_at,
    }
}

fn new_unit(pull: &PullSeen, now: Timestamp) -> Unit {
    let head =
        Head { sha: pull.head_sha.clone(), branch: pull.head_ref.clone(), repo: pull.head_repo, parents: Vec::new() };
    Unit {
        number: pull.number,
        node_id: String::new(),
        title: String::new(),
        body: String::new(),
        author: None,
        author_right: None,
        state: PullState::Open,
        draft: pull.draft,
        heads: vec![HeadSeen { sha: head.sha.clone(), at: now, shown: false }],
        head,
        base: Base { branch: pull.base_ref.clone(), sha: pull.base_sha.clone() },
        mergeable: Mergeable::Unknown,
        labels: Vec::new(),
        size: Size::default(),
        opened_at: now,
        reopened_at: None,
        ending: None,
        footprint: Footprint::unknown("it was not read yet", Vec::new()),
        footprint_of: None,
        merges: std::collections::BTreeMap::new(),
        content: None,
        edits: None,
        reverts: None,
        aftermath: crate::domain::unit::Aftermath::default(),
        commits: Commits::default(),
        update: None,
        carry: None,
        evidence: Vec::new(),
        reviews: Vec::new(),
        review_requests: Vec::new(),
        methods: Vec::new(),
        decisions: Vec::new(),
        handled: std::collections::BTreeSet::new(),
        shown: None,
        grant: None,
        ready_since: None,
        comment: CommentSurface::default(),
        ledger: std::collections::BTreeMap::new(),
        asked: false,
        people: std::collections::BTreeMap::new(),
        policy_read: None,
        wait: None,
        queued: None,
        stands: None,
        after: std::collections::BTreeSet::new(),
        awaited_by: std::collections::BTreeSet::new(),
        not_after: std::collections::BTreeSet::new(),
        priority: None,
        unread: None,
        recheck: None,
        doubt: None,
        unlisted: None,
        read_at: None,
        auto_merge: None,
        spent: None,
        landed_beside: Vec::new(),
        trouble: None,
        quiet: false,
        heard_at: None,
        label: None,
        course: crate::domain::flow::Course::default(),
        chain: ChainHead::default(),
    }
}
