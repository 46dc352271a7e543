//! What people and CI do before the desk: pull requests, pushes, results, comments.

use super::super::*;
use super::desk::{Desk, HERE, actor, sha};
use crate::domain::ids::*;

impl Desk {
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
