//! A desk: one repository's state, and a GitHub in a few maps that answers every need and every call at once.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::super::*;
use super::plain::Plain;
use crate::domain::ids::*;
use crate::domain::policy::Policy;
use crate::domain::unit::{Brief, Standing};

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

    /// Opens a pull request that replaces `lines` lines of `path` from line `at` on.
    pub(super) fn opens(&mut self, number: u64, author: &str, path: &str, at: u32) -> PrNumber {
        let pr = self.prepare(number, author, path, at);
        self.pull(pr, PullAction::Opened);
        pr
    }

    /// A pull request as GitHub has it, of which no event came yet.
    pub(super) fn prepare(&mut self, number: u64, author: &str, path: &str, at: u32) -> PrNumber {
        let pr = PrNumber(number);
        let snapshot = Snapshot {
            head_parents: Vec::new(),
            messages: Some(Vec::new()),
            number: pr,
            node_id: format!("PR_{number}"),
            state: PullState::Open,
            draft: false,
            title: format!("Change {number}"),
            body: String::new(),
            author: Some(actor(author)),
            head_sha: sha(number * 100),
            head_ref: format!("branch-{number}"),
            head_repo: Some(HERE),
            cross_repository: false,
            base_ref: "main".into(),
            base_sha: sha(1),
            mergeable: Mergeable::Clean,
            labels: Vec::new(),
            changed_files: 1,
            additions: 1,
            deletions: 1,
            merge_commit: None,
            merged_by: None,
            created_at: self.now,
            closed_at: None,
            reopened_at: None,
            checks: Some(Vec::new()),
            ours: None,
            reviews: Some(Vec::new()),
            review_requests: Vec::new(),
            methods: vec![MergeMethod::Merge, MergeMethod::Squash],
            queue: false,
            queued: false,
            auto_merge: None,
        };
        self.snapshots.insert(pr, snapshot);
        self.files.insert(pr, vec![file(path, at, number)]);
        pr
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

    pub(super) fn pull(&mut self, pr: PrNumber, action: PullAction) {
        let pull = self.pull_seen(pr);
        self.happens(Event::Pull { action, pull });
    }

    /// It was closed now, whatever GitHub shows since.
    pub(super) fn closed(&self, pr: PrNumber) -> Event {
        let pull = PullSeen { state: PullState::Closed, ..self.pull_seen(pr) };
        Event::Pull { action: PullAction::Closed, pull }
    }

    fn pull_seen(&self, pr: PrNumber) -> PullSeen {
        let snapshot = &self.snapshots[&pr];
        PullSeen {
            number: pr,
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
            merge_commit: snapshot.merge_commit.clone(),
            merged_by: None,
            updated_at: self.now,
        }
    }

    /// A new head with the same files.
    pub(super) fn pushes(&mut self, pr: PrNumber, to: u64) {
        let snapshot = self.snapshots.get_mut(&pr).unwrap();
        snapshot.head_sha = sha(to);
        snapshot.checks = Some(Vec::new());
        self.pull(pr, PullAction::Synchronized);
    }

    pub(super) fn check(&mut self, pr: PrNumber, name: &str, state: Seen) {
        let check = self.check_seen(pr, name, state);
        self.happens(Event::Check(check));
    }

    pub(super) fn check_seen(&self, pr: PrNumber, name: &str, state: Seen) -> CheckSeen {
        let sha = self.snapshots[&pr].head_sha.clone();
        CheckSeen {
            sha,
            name: name.into(),
            app: Some(15368),
            state,
            based_at: Some(self.now),
            at: Some(self.now),
            url: None,
        }
    }

    pub(super) fn green(&mut self, pr: PrNumber) {
        self.check(pr, "test", Seen::Passing);
    }

    /// Opens a pull request whose evidence is there; a second later its suggestion counts as seen.
    pub(super) fn opens_green(&mut self, number: u64, author: &str, path: &str, at: u32) -> PrNumber {
        let pr = self.opens(number, author, path, at);
        self.green(pr);
        self.passes(2);
        pr
    }

    /// A comment that is written now, and not heard of yet.
    pub(super) fn writes(&mut self, pr: PrNumber, login: &str, body: &str) -> CommentSeen {
        CommentSeen {
            id: CommentId(self.id()),
            number: pr,
            author: actor(login),
            body: body.into(),
            created_at: self.now,
            edited: false,
        }
    }

    pub(super) fn says(&mut self, pr: PrNumber, login: &str, body: &str) {
        self.says_as(pr, &actor(login), login, body);
    }

    /// This person says it, whatever their login is by now.
    pub(super) fn says_as(&mut self, pr: PrNumber, who: &Actor, login: &str, body: &str) {
        let author = Actor { login: login.into(), ..who.clone() };
        let comment = CommentSeen { author, ..self.writes(pr, login, body) };
        self.said.push(comment.clone());
        self.happens(Event::Comment(comment));
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

    pub(super) fn standing(&self, pr: PrNumber) -> Standing {
        self.brief(pr).standing
    }

    pub(super) fn codes(&self, pr: PrNumber) -> Vec<&'static str> {
        self.brief(pr).reasons.iter().map(|reason| reason.code.code()).collect()
    }

    pub(super) fn brief(&self, pr: PrNumber) -> Brief {
        brief(&self.state, &self.context, pr, self.now).unwrap()
    }

    /// What protection sees: the newest run on the head.
    pub(super) fn conclusion(&self, pr: PrNumber) -> Option<Conclusion> {
        self.checks.get(&self.snapshots[&pr].head_sha).and_then(|runs| runs.first()).and_then(|run| run.conclusion)
    }

    pub(super) fn is_merged(&self, pr: PrNumber) -> bool {
        self.snapshots[&pr].state == PullState::Merged
    }

    pub(super) fn merges(&self) -> Vec<u64> {
        let number =
            |sent: &Sent| if let Sent::Action(ActionCall::Merge { number, .. }) = sent { Some(number.0) } else { None };
        self.sent.iter().filter_map(number).collect()
    }

    pub(super) fn replies(&self) -> Vec<String> {
        let body = |sent: &Sent| {
            if let Sent::Action(ActionCall::Reply { body, .. }) = sent {
                body.lines().next().map(str::to_owned)
            } else {
                None
            }
        };
        self.sent.iter().filter_map(body).collect()
    }

    pub(super) fn reactions(&self) -> Vec<Reaction> {
        let one = |sent: &Sent| {
            if let Sent::Action(ActionCall::React { reaction, .. }) = sent { Some(*reaction) } else { None }
        };
        self.sent.iter().filter_map(one).collect()
    }
}

/// One line of a file replaced.
pub(super) fn file(path: &str, at: u32, number: u64) -> FileSeen {
    let patch = format!("@@ -{at},1 +{at},1 @@\n-old\n+new {number}");
    FileSeen {
        blob: Some(format!("{number:040}")),
        filename: path.into(),
        previous_filename: None,
        status: "modified".into(),
        patch: Some(patch),
        additions: 1,
        deletions: 1,
    }
}
