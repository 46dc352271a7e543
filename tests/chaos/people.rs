//! What people and CI do meanwhile.

use std::time::{Duration, Instant};

use flyball::domain::ids::{CommitSha, RepoId, Timestamp, UnitKey};
use flyball::runtime::clock::{Clock, SystemClock};
use flyball::sim::{Files, GitHub, Protection, Role};

use crate::dice::Dice;
use crate::trouble::{Site, client};

/// Files that pull requests change: two that change the same one collide.
const FILES: usize = 3;
/// How many pull requests there are at most.
const PULLS: usize = 24;
/// Nobody says it again sooner than this.
const AGAIN: Duration = Duration::from_secs(10);
/// How long all of it may take once nothing is in the way: comments keep GitHub's pace, and one of which nobody knows whether it was
/// written is looked for two minutes later.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) struct People<'a> {
    github: &'a GitHub,
    dice: Dice,
    pub(crate) repos: Vec<RepoId>,
    pub(crate) pulls: Vec<Pull>,
}

pub(crate) struct Pull {
    pub(crate) key: UnitKey,
    /// `owner/repo#number`.
    pub(crate) name: String,
    pub(crate) file: usize,
    /// Heads that bob confirmed: when the comment was written, it was the head.
    pub(crate) confirmed: Vec<CommitSha>,
    /// Every head that it had, with the time from which on it was none any more.
    pub(crate) heads: Vec<(CommitSha, Option<Timestamp>)>,
    /// It was refused for good: nobody ever confirms it.
    pub(crate) refused: bool,
    green: bool,
    /// When it was confirmed last.
    said: Option<Instant>,
}

fn text(file: usize, value: usize) -> Files {
    Files::new().with(&format!("src/{file}.txt"), &format!("value {value}\n"))
}

impl<'a> People<'a> {
    pub(crate) fn new(github: &'a GitHub, dice: Dice) -> Self {
        let all = (0..FILES).fold(Files::new(), |files, file| files.with(&format!("src/{file}.txt"), "value\n"));
        // Of an owner each: what one installation may write in a minute is bounded.
        let repos = ["acme/shop", "bolt/api", "cord/web", "dune/docs", "elm/cli", "fern/site"].map(|name| {
            let repo = github.create_repo(name, all.clone());
            for login in ["alice", "bob"] {
                github.user(repo, login, Role::Write);
            }
            github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
            repo
        });
        Self { github, dice, repos: repos.to_vec(), pulls: Vec::new() }
    }

    /// Somebody does something.
    pub(crate) fn act(&mut self) {
        let choice = self.dice.roll(10);
        if self.pulls.len() < 8 || choice < 2 && self.pulls.len() < PULLS {
            return self.open();
        }
        let at = self.dice.roll(self.pulls.len());
        match choice {
            2..=4 => self.finish_ci(at),
            5..=7 => self.confirm(at),
            8 => self.push(at),
            _ => self.refuse(at),
        }
    }

    fn open(&mut self) {
        let (repo, file) = (self.repos[self.dice.roll(self.repos.len())], self.dice.roll(FILES));
        let title = format!("Change {}", self.pulls.len());
        let key = self.github.open_pull(repo, "alice", &title, text(file, self.pulls.len()));
        let heads = vec![(self.github.pull(key).head_sha, None)];
        self.pulls.push(Pull {
            key,
            name: format!("{}#{}", self.github.full_name(repo), key.number),
            file,
            confirmed: Vec::new(),
            heads,
            refused: false,
            green: false,
            said: None,
        });
    }

    fn is_open(&self, at: usize) -> bool {
        self.github.pull(self.pulls[at].key).open
    }

    fn finish_ci(&mut self, at: usize) {
        if self.is_open(at) && !self.pulls[at].green {
            self.github.check(self.pulls[at].key, "test", "ci", Some("success"));
            self.pulls[at].green = true;
        }
    }

    fn push(&mut self, at: usize) {
        if self.is_open(at) {
            let value = 1000 + self.dice.roll(1000);
            let head = self.github.push(self.pulls[at].key, text(self.pulls[at].file, value));
            let pull = &mut self.pulls[at];
            if let Some((_, until)) = pull.heads.last_mut() {
                *until = Some(SystemClock.now());
            }
            pull.heads.push((head, None));
            pull.green = false;
        }
    }

    fn refuse(&mut self, at: usize) {
        if self.is_open(at) && self.pulls[at].confirmed.is_empty() && !self.pulls[at].refused {
            self.github.comment(self.pulls[at].key, "bob", "/refuse not like this");
            self.pulls[at].refused = true;
        }
    }

    fn confirm(&mut self, at: usize) {
        let key = self.pulls[at].key;
        let asks = self
            .github
            .latest_check(key, "flyball")
            .is_some_and(|check| check.status == "completed" && check.conclusion.as_deref() == Some("action_required"));
        let lately = self.pulls[at].said.is_some_and(|said| said.elapsed() < AGAIN);
        if !asks || lately || !self.is_open(at) || self.pulls[at].refused {
            return;
        }
        self.pulls[at].said = Some(Instant::now());
        self.pulls[at].confirmed.push(self.github.pull(key).head_sha);
        self.github.comment(key, "bob", "/confirm");
    }

    /// CI ends, bob confirms whatever still asks, until everything that can land has landed and the server is at rest.
    pub(crate) async fn finish(&mut self, site: &Site) -> Duration {
        let started = Instant::now();
        loop {
            for at in 0..self.pulls.len() {
                self.finish_ci(at);
                // A bare confirm right after a push does not count: it is said again.
                self.confirm(at);
            }
            tokio::time::sleep(Duration::from_secs(3)).await;
            if self.unfinished().is_empty() && is_at_rest(site).await {
                return started.elapsed();
            }
            assert!(
                started.elapsed() < PATIENCE,
                "it does not come to rest: {:#?}\n{:#?}\n{}",
                self.unfinished(),
                self.talk(),
                site.said()
            );
        }
    }

    /// What was said on pull requests of which something is still to come.
    fn talk(&self) -> Vec<String> {
        let unfinished: Vec<String> = self.unfinished().into_iter().map(|(name, ..)| name).collect();
        let pulls = self.pulls.iter().filter(|pull| unfinished.contains(&pull.name));
        let said = pulls.flat_map(|pull| self.github.comments(pull.key).into_iter().map(move |one| (&pull.name, one)));
        said.map(|(name, one)| format!("{name} {} {}: {}", one.created_at, one.author, one.body)).collect()
    }

    /// Pull requests of which something is still to come.
    fn unfinished(&self) -> Vec<(String, String, Option<String>)> {
        let shown = |pull: &Pull| {
            let check = self.github.latest_check(pull.key, "flyball");
            let view = self.github.pull(pull.key);
            let (title, conclusion) = check.map(|check| (check.title, check.conclusion)).unwrap_or_default();
            // A conflict with what landed, or a refusal, is an end: somebody has to push, or to lift.
            let ended = view.merged || conclusion.as_deref() == Some("failure");
            // Comments keep GitHub's pace, so they may come last.
            let told = self.github.comments(pull.key).iter().any(|comment| comment.author == "flyball[bot]");
            let ended = ended && told;
            (!ended).then_some((pull.name.clone(), title, conclusion))
        };
        self.pulls.iter().filter_map(shown).collect()
    }
}

async fn is_at_rest(site: &Site) -> bool {
    let Ok(answer) = client().get(site.replicas[0].url("/metrics")).send().await else { return false };
    let Ok(metrics) = answer.text().await else { return false };
    ["flyball_inbox_pending 0", "flyball_outbox_due 0"].iter().all(|gauge| metrics.lines().any(|line| line == *gauge))
}
