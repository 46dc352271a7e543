//! GitHub by a script: what was read and written, and what goes wrong.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;

use super::fuse::Fuse;
use crate::domain::govern::{Answer, Call, Fact, Need, OurComment, Written};
use crate::domain::ids::{CommentId, RepoId, Timestamp};
use crate::github::{GitHub, RepoAddress};

/// How a call goes wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slip {
    /// Done, but the answer gets lost.
    AfterIt,
    /// Not done, and the answer gets lost.
    BeforeIt,
    /// Done, and no answer ever comes.
    Hangs,
    /// The client panics.
    Panics,
}

#[derive(Default)]
struct Inner {
    comments: Vec<(RepoId, u64)>,
    calls: Vec<String>,
    hung: BTreeSet<RepoId>,
    slips: VecDeque<Slip>,
    out: BTreeMap<RepoId, usize>,
    most_out: usize,
    reading: usize,
    most_reading: usize,
}

pub(super) struct Script {
    inner: Mutex<Inner>,
    fuse: Fuse,
}

impl Script {
    pub(super) fn new(fuse: Fuse) -> Self {
        Self { inner: Mutex::default(), fuse }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.inner.lock().unwrap())
    }

    /// Reads about this repository never end.
    pub(super) fn hang(&self, repo: RepoId) {
        self.with(|inner| inner.hung.insert(repo));
    }

    pub(super) fn slips_next(&self, slip: Slip) {
        self.with(|inner| inner.slips.push_back(slip));
    }

    /// Comments that exist on a pull request.
    pub(super) fn comments(&self, repo: RepoId, number: u64) -> usize {
        self.with(|inner| inner.comments.iter().filter(|at| **at == (repo, number)).count())
    }

    /// What was called, in order.
    pub(super) fn calls(&self) -> Vec<String> {
        self.with(|inner| inner.calls.clone())
    }

    /// The most calls that were out for one repository at a time.
    pub(super) fn most_out(&self) -> usize {
        self.with(|inner| inner.most_out)
    }

    /// The most reads that went side by side.
    pub(super) fn most_reading(&self) -> usize {
        self.with(|inner| inner.most_reading)
    }

    fn keep(&self, at: &RepoAddress, call: &Call) -> Answer {
        let name = match call {
            Call::CreateCheck(_) | Call::UpdateCheck { .. } => "check",
            Call::Action(_) => "action",
            Call::CreateComment { .. } | Call::UpdateComment { .. } | Call::DeleteComment { .. } => "comment",
        };
        self.with(|inner| {
            inner.calls.push(name.to_owned());
            if let Call::CreateComment { number, .. } = call {
                inner.comments.push((at.id, number.0));
            }
        });
        Answer::Done { written: Written::Done }
    }
}

#[async_trait]
impl GitHub for Script {
    async fn read(&self, at: &RepoAddress, need: &Need) -> Fact {
        self.with(|inner| {
            inner.reading += 1;
            inner.most_reading = inner.most_reading.max(inner.reading);
        });
        self.fuse.step().await;
        if self.with(|inner| inner.hung.contains(&at.id)) {
            std::future::pending::<()>().await;
        }
        // Later deliveries' reads come back sooner than earlier ones', were they let.
        for _ in 0..(at.id.0 % 7) {
            tokio::task::yield_now().await;
        }
        self.with(|inner| inner.reading -= 1);
        match need {
            Need::OurComments(number) => {
                let found = self.comments(at.id, number.0);
                let ours =
                    |id| OurComment { id: CommentId(id), body: String::new(), updated_at: Timestamp::UNIX_EPOCH };
                Fact::OurComments((0..found as u64).map(ours).collect())
            }
            _ => Fact::OpenPulls(Vec::new()),
        }
    }

    async fn write(&self, at: &RepoAddress, call: &Call) -> Answer {
        self.fuse.step().await;
        let slip = self.with(|inner| {
            let out = inner.out.entry(at.id).or_default();
            *out += 1;
            let out = *out;
            inner.most_out = inner.most_out.max(out);
            inner.slips.pop_front()
        });
        tokio::task::yield_now().await;
        let lost = Answer::Unknown { because: "lost".into() };
        let answer = match slip {
            None => self.keep(at, call),
            Some(Slip::AfterIt) => {
                self.keep(at, call);
                lost
            }
            Some(Slip::BeforeIt) => lost,
            Some(Slip::Hangs) => {
                self.keep(at, call);
                self.with(|inner| inner.out.insert(at.id, 0));
                std::future::pending().await
            }
            Some(Slip::Panics) => {
                self.with(|inner| inner.out.insert(at.id, 0));
                panic!("the client breaks")
            }
        };
        self.with(|inner| *inner.out.entry(at.id).or_default() -= 1);
        self.fuse.step().await;
        answer
    }
}
