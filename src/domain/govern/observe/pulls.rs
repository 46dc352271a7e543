//! Takes a pull request into its unit as a payload or a snapshot shows it: words, head and base, and what a new one voids.

use serde_json::json;

use crate::domain::govern::owed::ActionCall;
use crate::domain::govern::owed::update::carry_from;
use crate::domain::govern::said::voids::void;
use crate::domain::govern::seen::event::Actor;
use crate::domain::govern::seen::snapshot::Mergeable;
use crate::domain::govern::seen::{PullSeen, PullState};
use crate::domain::govern::settle::{Work, doubt_mergeable};
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::integration::footprint::Footprint;
use crate::domain::unit::{Base, ChainHead, CommentSurface, Commits, DecisionKind, Head, HeadSeen, Size, Unit, Void};

impl Work<'_> {
    /// Takes a pull request in as a payload or a snapshot shows it.
    pub(in crate::domain::govern) fn take_pull(&mut self, pull: &PullSeen) {
        let number = pull.number;
        if !self.state.units.contains_key(&number) {
            let quiet = self.quietly == Some(number);
            let mut unit = new_unit(pull, self.now);
            if quiet {
                (unit.quiet, unit.heard_at) = (true, Some(self.now));
                self.changes.repo |= self.state.repo.survey.quiet.remove(&number);
            }
            self.owe_hearing(number, &mut unit);
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
}

fn login(actor: Option<&Actor>) -> &str {
    actor.map_or("github", |actor| actor.login.as_str())
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
