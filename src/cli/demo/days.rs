//! Some weeks of work in a third repository, for looking at its flow: `flyball demo --days 21`.

use std::time::Duration;

use flyball::domain::ids::{RepoId, UnitKey};
use flyball::sim::{Files, Protection, Role};
use flyball::stage::Stage;

use super::teller::Teller;

const POLICY: &str = r#"version: 1
agents: { logins: [codebot] }
rules:
  - name: Documentation lands by itself
    when: { only_paths: ["docs/**"], author: { kind: [human, agent] } }
    autonomy: auto
  - name: The till is judged by a maintainer
    when: { paths: ["till/**"] }
    require: { confirm: { by: [maintain] } }
lessons:
  - name: Drawers open once
    why: A drawer that opens twice was refused twice.
    when: { paths: ["till/agent1*"] }
    require: { confirm: { by: [maintain] } }
    source: { unit: "acme/till#9", person: carol, date: "2026-03-04" }
"#;

const WORK: [&str; 7] =
    ["the drawer", "receipts", "the scanner", "discounts", "the printer", "opening hours", "vouchers"];
const HOUR: u64 = 3_600;

/// Plays the weeks, day by day.
pub(super) async fn play(stage: &Stage, teller: &Teller, days: usize) {
    if days == 0 {
        return;
    }
    teller.scene(&format!("{days} days of work in acme/till"));
    let github = &stage.github;
    let repo = github.create_repo(
        "acme/till",
        Files::new().with(".github/flyball.yml", POLICY).with("till/lib.rs", "one\ntwo\nthree\n"),
    );
    for (login, role) in
        [("alice", Role::Write), ("bob", Role::Write), ("carol", Role::Maintain), ("codebot", Role::Write)]
    {
        github.user(repo, login, role);
    }
    github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
    stage.settle().await;
    let weeks = Weeks { stage, repo };
    for day in 0..days {
        weeks.day(day).await;
    }
}

struct Weeks<'a> {
    stage: &'a Stage,
    repo: RepoId,
}

impl Weeks<'_> {
    /// Three changes a day, none at the weekend: one of documentation, one that a person judges, one of an agent's.
    async fn day(&self, day: usize) {
        if day % 7 >= 5 {
            return self.hours(24).await;
        }
        let what = WORK[day % WORK.len()];
        let notes = Files::new().with(&format!("docs/{day}.md"), &format!("# About {what}\n"));
        let guide = self.opens("alice", &format!("Explain {what}"), notes).await;
        let line = if day.is_multiple_of(3) { "till/lib.rs".to_owned() } else { format!("till/part{day}.rs") };
        let change = |text: &str| Files::new().with(&line, &format!("{text} {day}\ntwo\nthree\n"));
        let judged = self.opens("bob", &format!("Rework {what}"), change("one")).await;
        let agents = if day.is_multiple_of(4) {
            change("uno")
        } else {
            Files::new().with(&format!("till/agent{day}.rs"), "fn f() {}\n")
        };
        let agents = self.opens("codebot", &format!("Tidy {what}"), agents).await;
        self.hours(1).await;
        for pr in [guide, judged, agents] {
            self.stage.github.check(
                pr,
                "test",
                "ci",
                Some(if day % 5 == 3 && pr == agents { "failure" } else { "success" }),
            );
        }
        self.hours(2 + day as u64 % 4).await;
        if day % 5 == 1 {
            let again = Files::new().with(&line, &format!("one again {day}\ntwo\nthree\n"));
            self.stage.github.push(judged, again);
            self.stage.settle().await;
            self.stage.github.check(judged, "test", "ci", Some("success"));
            self.hours(1).await;
        }
        self.says(judged, "/confirm").await;
        self.hours(1).await;
        match day % 6 {
            2 => self.says(agents, "/refuse The drawer must open once").await,
            4 => self.says(agents, "/hold until it was tried in the shop").await,
            _ => self.says(agents, "/confirm").await,
        }
        self.hours(16).await;
        self.stage.github.check(agents, "test", "ci", Some("success"));
        self.hours(1).await;
        if day % 6 != 2 {
            self.says(agents, if day % 6 == 4 { "/lift" } else { "/confirm" }).await;
        }
        if !self.stage.github.is_merged(agents) {
            self.stage.github.close(agents, "codebot");
        }
        self.hours(1).await;
    }

    async fn opens(&self, author: &str, title: &str, files: Files) -> UnitKey {
        let pr = self.stage.github.open_pull(self.repo, author, title, files);
        self.stage.settle().await;
        pr
    }

    async fn says(&self, pr: UnitKey, words: &str) {
        self.stage.github.comment(pr, "carol", words);
        self.stage.pass(Duration::from_secs(2)).await;
    }

    async fn hours(&self, hours: u64) {
        self.stage.pass(Duration::from_secs(hours * HOUR)).await;
    }
}
