//! A desk: one repository's state, and a GitHub in a few maps that answers every need and every call at once.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::super::*;
use super::plain::Plain;
use crate::domain::ids::*;
use crate::domain::policy::Policy;

/// A call that went out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sent {
    Check(String, Option<Conclusion>, String),
    Comment(u64, String),
    Deleted(u64),
    Action(ActionCall),
}

pub(super) struct Desk {
    pub state: State,
    pub context: Context,
    pub now: Timestamp,
    pub snapshots: BTreeMap<PrNumber, Snapshot>,
    pub files: BTreeMap<PrNumber, Vec<FileSeen>>,
    pub rights: BTreeMap<String, Right>,
    pub rules: BTreeMap<String, BaseRules>,
    pub queue: Vec<QueueSeen>,
    pub policy: PolicySeen,
    /// Policy files of other base branches.
    pub own_policies: BTreeMap<String, PolicySeen>,
    /// What a mirror says of pairs, by the one that asks and the other.
    pub mirror: BTreeMap<(PrNumber, PrNumber), MergeSeen>,
    /// What people wrote.
    pub said: Vec<CommentSeen>,
    /// Whose right cannot be read.
    pub unreadable: Option<String>,
    /// Whether the policy cannot be read.
    pub policy_unread: bool,
    /// Policy files that heads carry.
    pub texts: BTreeMap<CommitSha, String>,
    pub members: BTreeMap<String, Vec<String>>,
    pub checks: BTreeMap<CommitSha, Vec<OurCheck>>,
    pub comments: BTreeMap<PrNumber, Vec<OurComment>>,
    pub sent: Vec<Sent>,
    pub reads: Vec<Need>,
    pub due: BTreeMap<String, (OwedKey, Timestamp)>,
    pub wakes: BTreeMap<Option<PrNumber>, Timestamp>,
    /// Answers to give to the next calls instead of doing them.
    pub faults: Vec<Answer>,
    /// Answers to give to the next merges and updates instead of doing them.
    pub merge_faults: Vec<Answer>,
    /// Answers to give to the next steps of a change of the policy.
    pub proposal_faults: Vec<Answer>,
    /// Answers to give to the next reverts.
    pub revert_faults: Vec<Answer>,
    pub trace: BTreeMap<PrNumber, Vec<String>>,
    /// Pull requests of other repositories, by `owner/repo#n`.
    pub elsewhere: BTreeMap<String, Elsewhere>,
    /// What `.gitattributes` says.
    pub attributes: String,
    /// What other repositories were told.
    pub told: Vec<Tell>,
    /// What differs between a commit and the one before.
    pub changes: BTreeMap<CommitSha, Vec<FileSeen>>,
    /// The head of a base branch as it is read, and what was tested on it.
    pub base_head: CommitSha,
    pub base_checks: Vec<CheckSeen>,
    /// The open reverts, by what they take back.
    pub reverts: BTreeMap<PrNumber, PrNumber>,
    /// Whether the state is written and read back after every step.
    pub restarts: bool,
    ids: u64,
}

pub(super) fn sha(n: u64) -> CommitSha {
    format!("{n:040x}").replace('0', "a").parse().unwrap()
}

pub(super) fn actor(login: &str) -> Actor {
    let id = login.bytes().fold(7_u64, |hash, byte| (hash * 31 + u64::from(byte)) % 1_000_003) % 100_000;
    let kind = if login.ends_with("[bot]") { ActorKind::Bot } else { ActorKind::Human };
    Actor { id: UserId(id), login: login.into(), kind }
}

pub(super) const HERE: RepoId = RepoId(77);

impl Desk {
    /// `main` is the default branch and requires `test`; alice, bob and carol may write, rita may read, mona maintains.
    pub(super) fn new() -> Self {
        let repo = RepoSeen {
            id: HERE,
            full_name: "acme/shop".into(),
            default_branch: Some("main".into()),
            private: Some(false),
        };
        let app = AppIdentity { app_id: 4242, bot_login: "flyball[bot]".into() };
        let context = Context {
            app,
            policy: Policy::default(),
            words: &Plain,
            pages_url: None,
            web_url: "https://github.com".into(),
            mirrors: false,
            retry_base_ms: 1000,
        };
        let writers = ["alice", "bob", "carol"].map(|login| (login.to_owned(), Right::Write));
        let others = [("rita".to_owned(), Right::Read), ("mona".to_owned(), Right::Maintain)];
        let required = vec![
            RequiredCheck { context: "test".into(), app: None },
            RequiredCheck { context: "flyball".into(), app: Some(4242) },
        ];
        let rules = BaseRules { protected: true, required, ..BaseRules::default() };
        Self {
            state: State::new(&repo, Some(InstallationId(1))),
            context,
            now: "2026-03-04T12:00:00Z".parse().unwrap(),
            snapshots: BTreeMap::new(),
            files: BTreeMap::new(),
            rights: writers.into_iter().chain(others).collect(),
            rules: BTreeMap::from([("main".to_owned(), rules)]),
            queue: Vec::new(),
            policy: PolicySeen::default(),
            own_policies: BTreeMap::new(),
            mirror: BTreeMap::new(),
            policy_unread: false,
            texts: BTreeMap::new(),
            members: BTreeMap::new(),
            checks: BTreeMap::new(),
            comments: BTreeMap::new(),
            sent: Vec::new(),
            reads: Vec::new(),
            due: BTreeMap::new(),
            wakes: BTreeMap::new(),
            faults: Vec::new(),
            merge_faults: Vec::new(),
            proposal_faults: Vec::new(),
            revert_faults: Vec::new(),
            trace: BTreeMap::new(),
            restarts: true,
            elsewhere: BTreeMap::new(),
            attributes: String::new(),
            told: Vec::new(),
            changes: BTreeMap::new(),
            said: Vec::new(),
            unreadable: None,
            base_head: sha(1),
            base_checks: Vec::new(),
            reverts: BTreeMap::new(),
            ids: 1000,
        }
    }

    pub(super) fn id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    pub(super) fn delivered(&self, event: Event) -> Delivered {
        let repo = RepoSeen {
            id: HERE,
            full_name: "acme/shop".into(),
            default_branch: Some("main".into()),
            private: Some(false),
        };
        Delivered { installation: Some(InstallationId(1)), repo, sender: None, received_at: self.now, event }
    }

    /// Time passes; what falls due meanwhile happens.
    pub(super) fn passes(&mut self, seconds: i64) {
        let until = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        loop {
            self.drain();
            let wake = self.wakes.iter().map(|(number, at)| (*at, *number)).min().filter(|(at, _)| *at <= until);
            let owed = self.due.values().map(|(_, at)| *at).min().filter(|at| *at <= until);
            match (wake, owed) {
                (Some((at, number)), owed) if owed.is_none_or(|owed| at <= owed) => {
                    self.now = self.now.max(at);
                    self.wakes.remove(&number);
                    self.happens(Event::Timer { number });
                }
                (_, Some(at)) => self.now = self.now.max(at),
                (_, None) => break,
            }
        }
        self.now = until;
    }

    /// Something happens, and everything that follows at once.
    pub(super) fn happens(&mut self, event: Event) {
        let delivered = self.delivered(event);
        self.delivers(&delivered);
        self.drain();
    }

    pub(super) fn delivers(&mut self, delivered: &Delivered) {
        let mut facts = Facts::none();
        for _ in 0..4 {
            let needs = needs(&self.state, delivered, &facts, &self.context, self.now);
            if needs.is_empty() {
                break;
            }
            self.read(needs, &mut facts);
        }
        let changes = advance(&mut self.state, delivered, &facts, &self.context, self.now);
        self.commits(&changes);
    }

    fn commits(&mut self, changes: &Changes) {
        for key in &changes.settle {
            self.due.remove(&key.id());
        }
        for (key, at) in &changes.owe {
            self.due.insert(key.id(), (key.clone(), *at));
        }
        for wake in &changes.wake {
            match wake.at {
                Some(at) => drop(self.wakes.insert(wake.number, at)),
                None => drop(self.wakes.remove(&wake.number)),
            }
        }
        for line in &changes.trace {
            self.trace.entry(line.unit).or_default().push(line.json.clone());
        }
        self.told.extend(changes.tell.iter().cloned());
        if self.restarts {
            self.restart();
        }
        // What it tells itself it hears.
        for tell in changes.tell.iter().filter(|tell| tell.repo == HERE) {
            let told = self.delivered(tell.event.clone());
            self.delivers(&told);
        }
        for number in &changes.look {
            let look = self.delivered(Event::Look { number: *number });
            self.delivers(&look);
        }
    }

    /// What is kept is all that is needed: the state is written and read back after every step.
    pub(super) fn restart(&mut self) {
        let all = Changes {
            repo: true,
            policy: true,
            units: self.state.units.keys().copied().collect(),
            checks: self.state.checks.keys().cloned().collect(),
            early: self.state.early.keys().cloned().collect(),
            trunks: self.state.trunks.keys().cloned().collect(),
            ..Changes::default()
        };
        let writes = self.state.writes(&all).into_iter().filter(|write| write.space == Space::Live);
        let fields: Vec<(String, bytes::Bytes)> =
            writes.filter_map(|write| Some((write.field, bytes::Bytes::from(write.value?)))).collect();
        let closed: Vec<_> = self.state.units.values().filter(|unit| !unit.is_open()).cloned().collect();
        let mut back = State::restore(&fields).unwrap().unwrap();
        back.judged_at = self.state.judged_at;
        for unit in closed {
            back.units.insert(unit.number, unit);
        }
        assert_eq!(back.units, self.state.units);
        assert_eq!(back.checks, self.state.checks);
        assert_eq!(back.trunks, self.state.trunks);
        self.state = back;
    }

    /// Sends everything that is due, revocations first.
    pub(super) fn drain(&mut self) {
        for _ in 0..200 {
            let ready = self.due.values().filter(|(_, at)| *at <= self.now).map(|(key, _)| key.clone());
            let Some(key) = ready.min_by_key(|key| (class(&self.state, key), key.clone())) else { return };
            self.sends(&key);
        }
        panic!("what is owed never settles: {:?}", self.due);
    }

    fn sends(&mut self, key: &OwedKey) {
        let mut facts = Facts::none();
        for _ in 0..4 {
            let needs = begin_needs(&self.state, key, &facts, &self.context, self.now);
            if needs.is_empty() {
                break;
            }
            self.read(needs, &mut facts);
        }
        let begun = begin(&mut self.state, key, &facts, &self.context, self.now);
        self.commits(&begun.changes);
        if let Some(call) = begun.call {
            let answer = self.github_does(&call);
            let delivered = self.delivered(Event::Answered { key: key.clone(), answer });
            self.delivers(&delivered);
        }
    }
}
