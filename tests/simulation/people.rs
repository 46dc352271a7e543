//! What people and CI do in a story. It depends on the seed and on what GitHub shows, never on luck.

use std::time::Duration;

use fastrand::Rng;
use flyball::domain::ids::UnitKey;
use flyball::sim::{Files, Protection, Role};

use crate::model::{Made, Says, Voice};
use crate::world::World;

const SHARED: &str = "src/lib.rs";
const LINES: usize = 60;
/// Far enough from each other that changes of two of them meet nowhere.
const PLACES: [usize; 2] = [15, 45];
const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// The repository as it is in the beginning.
pub(crate) fn beginning(plot: &mut Rng) -> (Files, usize) {
    let count = if plot.u8(0..4) == 0 { 2 } else { 1 };
    let lines: Vec<String> = (1..=LINES).map(|number| format!("line {number}\n")).collect();
    let mut files = Files::new().with(SHARED, &lines.concat());
    if plot.u8(0..3) > 0 {
        let policy = format!(
            "version: 1\nconfirm: {{ count: {count} }}\nrules:\n  - name: Documentation lands by itself\n    when: {{ only_paths: [\"docs/**\"] }}\n    autonomy: auto\n"
        );
        files = files.with(".github/flyball.yml", &policy);
        (files, count)
    } else {
        (files, 1)
    }
}

/// The shared file with one line replaced.
fn replaced(file: &str, line: usize, words: &str) -> Files {
    let lines = file.lines().enumerate().map(|(at, text)| if at + 1 == line { words } else { text });
    let text: Vec<&str> = lines.collect();
    Files::new().with(SHARED, &format!("{}\n", text.join("\n")))
}

/// A change.
struct Change {
    files: Files,
    /// The line of the shared file, if it changes that.
    line: Option<usize>,
    /// Whether it is documentation alone.
    docs: bool,
}

/// Who does what next.
pub(crate) struct People {
    plot: Rng,
    prs: Vec<UnitKey>,
    has_policy: bool,
    written: usize,
}

impl People {
    pub(crate) fn arrive(world: &World, plot: Rng, count: usize) -> Self {
        let (github, repo) = (&world.github, world.repo);
        let mut model = world.model.lock().unwrap();
        model.count = count;
        for login in PEOPLE {
            github.user(repo, login, if login == "carol" { Role::Maintain } else { Role::Write });
            model.writers.insert(login, vec![(world.now(), true)]);
        }
        drop(model);
        github.user(repo, "rita", Role::Read);
        github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
        github.commit(repo, "next", "carol", Files::new().with("next.txt", "of its own\n"));
        github.protect(repo, "next", Protection::checks(&["test"]).check_from("flyball", 4242));
        let has_policy = github.file(repo, "main", ".github/flyball.yml").is_some();
        Self { plot, prs: Vec::new(), has_policy, written: 0 }
    }

    /// How long until somebody does something again.
    pub(crate) fn pause(&mut self) -> Duration {
        match self.plot.u8(0..10) {
            0..3 => Duration::from_millis(self.plot.u64(0..500)),
            3..8 => Duration::from_millis(self.plot.u64(1_000..15_000)),
            _ => Duration::from_secs(self.plot.u64(20..90)),
        }
    }

    fn somebody(&mut self) -> &'static str {
        PEOPLE[self.plot.usize(0..PEOPLE.len())]
    }

    /// A change to what is on this branch.
    fn some_change(&mut self, world: &World, branch: &str) -> Change {
        self.written += 1;
        let words = format!("written {}", self.written);
        let plain = |path: String| Files::new().with(&path, &words);
        match self.plot.u8(0..10) {
            0..6 => {
                let line = PLACES[self.plot.usize(0..PLACES.len())];
                let file = world.github.file(world.repo, branch, SHARED).unwrap();
                Change { files: replaced(&file, line, &words), line: Some(line), docs: false }
            }
            6..8 => Change { files: plain(format!("docs/{}.md", self.written)), line: None, docs: true },
            _ => Change { files: plain(format!("src/own{}.rs", self.written)), line: None, docs: false },
        }
    }

    pub(crate) fn opens(&mut self, world: &World) {
        let author = self.somebody();
        let Change { files, line, docs } = self.some_change(world, "main");
        let needs = (!self.prs.is_empty() && self.plot.u8(0..4) == 0)
            .then(|| self.prs[self.plot.usize(0..self.prs.len())].number.0);
        let body = needs.map_or_else(String::new, |needs| format!("Depends-On: #{needs}\n"));
        let title = format!("Change number {}", self.written);
        let pr = world.github.open_pull_into(world.repo, "main", author, &title, &body, files);
        let head = world.github.pull(pr).head_sha.as_str().to_owned();
        world.tell(&format!("{author} opens #{} ({line:?}, needs {needs:?}) {head}", pr.number));
        let mut made = Made::new(author, head, line);
        made.depends_on = needs;
        made.auto = self.has_policy && docs;
        world.model.lock().unwrap().made.insert(pr.number.0, made);
        self.prs.push(pr);
        if self.plot.u8(0..10) < 7 {
            self.finishes(world, pr);
        }
    }

    fn finishes(&mut self, world: &World, pr: UnitKey) {
        let conclusion = if self.plot.u8(0..8) == 0 { "failure" } else { "success" };
        world.tell(&format!("ci: test of #{} is a {conclusion}", pr.number));
        world.github.check(pr, "test", "ci", Some(conclusion));
    }

    /// CI passes on every open head: the end of a story.
    pub(crate) fn all_pass(&self, world: &World) {
        for pr in self.prs.iter().filter(|pr| world.github.pull(**pr).open) {
            world.github.check(*pr, "test", "ci", Some("success"));
        }
    }

    /// Two who may confirm what is open.
    pub(crate) fn all_confirm(&self, world: &World) {
        for pr in self.prs.iter().filter(|pr| world.github.pull(**pr).open) {
            for by in ["carol", "bob"] {
                says(world, *pr, by, "/confirm", Some(Says::Confirm(None)));
            }
        }
    }

    pub(crate) fn prs(&self) -> &[UnitKey] {
        &self.prs
    }

    /// Somebody does something. What they do may depend on what GitHub shows, what comes after it does not.
    pub(crate) fn act(&mut self, world: &World) {
        let next = self.plot.fork();
        self.does(world);
        self.plot = next;
    }

    fn does(&mut self, world: &World) {
        if self.prs.len() < 2 || self.prs.len() < 6 && self.plot.u8(0..8) == 0 {
            return self.opens(world);
        }
        let pr = self.prs[self.plot.usize(0..self.prs.len())];
        let (by, what) = (self.somebody(), self.plot.u8(0..100));
        let pull = world.github.pull(pr);
        if !pull.open {
            if !pull.merged && what < 50 && world.github.reopen(pr, by).is_ok() {
                world.tell(&format!("{by} reopens #{}", pr.number));
                world.changes(pr, |made, now| (made.reopened, made.moved) = (Some(now), Some(now)));
            }
            return;
        }
        match what {
            0..32 => says(world, pr, by, "/confirm", Some(Says::Confirm(None))),
            32..36 => {
                let named = pull.head_sha.as_str()[..12].to_owned();
                says(world, pr, by, &format!("/confirm {named}"), Some(Says::Confirm(Some(named))));
            }
            36..40 => says(world, pr, by, "/refuse not now", Some(Says::Refuse)),
            40..43 => says(world, pr, by, "/hold let us wait", Some(Says::Hold)),
            43..49 => says(world, pr, "carol", "/lift", Some(Says::Lift)),
            49..51 => says(world, pr, "rita", "/confirm", None),
            51..53 => says(world, pr, by, "/why", None),
            53..62 => self.pushes(world, pr),
            62..78 => self.finishes(world, pr),
            78..82 => approves(world, pr, by),
            82..84 => presses(world, pr, by),
            84..99 => self.seldom(world, pr, by, what),
            _ => says(world, pr, by, "/retry", None),
        }
    }

    fn seldom(&mut self, world: &World, pr: UnitKey, by: &'static str, what: u8) {
        let (github, pull) = (&world.github, world.github.pull(pr));
        let number = pr.number;
        match what {
            84..86 => {
                world.tell(&format!("{by} closes #{number}"));
                github.close(pr, by);
            }
            86..88 if pull.draft => {
                world.tell(&format!("#{number} is ready"));
                github.ready(pr);
                world.changes(pr, |made, now| made.moved = Some(now));
            }
            86..88 => {
                world.tell(&format!("#{number} becomes a draft"));
                github.draft(pr);
            }
            88..90 => {
                let base = if pull.base == "main" { "next" } else { "main" };
                world.tell(&format!("{by} retargets #{number} to {base}"));
                github.retarget(pr, by, base);
                world.changes(pr, |made, now| made.moved = Some(now));
            }
            90..92 => {
                world.tell(&format!("{by} retitles #{number}"));
                github.retitle(pr, by, &format!("Another name {}", self.plot.u8(..)));
            }
            92..95 => rights(world, if self.plot.bool() { "dave" } else { "alice" }, self.plot.bool()),
            95..97 => {
                let merged = github.press_merge(pr, by).is_ok();
                world.tell(&format!("{by} presses merge on #{number}: {merged}"));
                world.judge(world.now());
            }
            _ => {
                self.written += 1;
                world.tell("carol commits to main");
                let files = Files::new().with(&format!("trunk{}.txt", self.written), "directly\n");
                github.commit(world.repo, "main", "carol", files);
            }
        }
    }

    fn pushes(&mut self, world: &World, pr: UnitKey) {
        let Change { files, line, docs } = self.some_change(world, &world.github.head_branch(pr));
        let before = world.github.pull(pr).head_sha.as_str().to_owned();
        let head = world.github.push(pr, files).as_str().to_owned();
        world.tell(&format!("#{} is pushed: {head} ({line:?})", pr.number));
        world.changes(pr, |made, _| {
            made.auto &= docs;
            made.pushed(&before, head, line);
        });
    }
}

impl World {
    fn changes(&self, pr: UnitKey, change: impl FnOnce(&mut Made, flyball::domain::ids::Timestamp)) {
        let now = self.now();
        change(self.model.lock().unwrap().made.get_mut(&pr.number.0).unwrap(), now);
    }

    fn voice(&self, pr: UnitKey, by: &'static str, says: Says, comment: Option<u64>) {
        let (at, head) = (self.now(), self.github.pull(pr).head_sha.as_str().to_owned());
        let voice = Voice { pr: pr.number.0, by, at, head, says, comment, taken: None };
        self.model.lock().unwrap().voices.push(voice);
    }
}

fn says(world: &World, pr: UnitKey, by: &'static str, text: &str, means: Option<Says>) {
    world.tell(&format!("{by} on #{}: {text}", pr.number));
    let comment = world.github.comment(pr, by, text);
    if let Some(says) = means {
        world.voice(pr, by, says, Some(comment.0));
    }
}

fn approves(world: &World, pr: UnitKey, by: &'static str) {
    if world.github.review(pr, by, "APPROVED", "").is_ok() {
        world.tell(&format!("{by} approves #{}", pr.number));
        world.voice(pr, by, Says::Approve, None);
    }
}

fn presses(world: &World, pr: UnitKey, by: &'static str) {
    let Some(check) = world.github.latest_check(pr, "flyball") else { return };
    if world.github.click(world.repo, check.id, by, "confirm") {
        world.tell(&format!("{by} clicks Confirm on #{}", pr.number));
        world.voice(pr, by, Says::Confirm(None), None);
    }
}

fn rights(world: &World, login: &'static str, may_write: bool) {
    world.tell(&format!("{login} may write: {may_write}"));
    world.github.user(world.repo, login, if may_write { Role::Write } else { Role::Read });
    world.model.lock().unwrap().writers.get_mut(login).unwrap().push((world.now(), may_write));
}
